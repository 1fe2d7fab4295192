/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl: the text notation of workflows (*.flow, docs/workflow-dsl.md), in three steps.
 *
 * dsl_lex.c knows words, values and expressions within a line; dsl_line.c makes statements of the
 * lines, nested by indentation, and dsl_edge.c finds where edges belong; dsl_read.c and dsl_out.c
 * say them as the document that YAML would give. What a statement means to a workflow only read.c
 * knows.
 */
#ifndef TDH_FLOW_DSL_H
#define TDH_FLOW_DSL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/yaml.h"

enum { TDH_DSL_LEVELS = 10 }; /* of indentation: the workflow, eight bodies, a node's own keys */

/* A piece of the text. */
struct tdh_dsl_span {
    const char *text;
    size_t length;
    struct tdh_place place;
};

/* What is left of a line or of some lines. */
struct tdh_dsl_cursor {
    const char *name; /* of the file */
    const char *at, *end;
    struct tdh_place place; /* of `at` */
};

enum tdh_dsl_value {
    TDH_DSL_WORD, /* without quotes */
    TDH_DSL_TEXT, /* what stood between quotes, nothing of it escaped */
    TDH_DSL_YAML, /* of YAML, to be read as that */
};

enum tdh_dsl_kind {
    TDH_DSL_KEYS,    /* members of a YAML map, whole lines */
    TDH_DSL_EXPR,    /* a key whose value is an expression */
    TDH_DSL_TRIGGER, /* trigger: NAME(VALUE) */
    TDH_DSL_NODE,    /* ID -> ... */
    TDH_DSL_EDGE,    /* ID => ID ... */
};

struct tdh_dsl_line {
    enum tdh_dsl_kind kind;
    unsigned level;
    struct tdh_dsl_cursor text; /* from its first word on; of TDH_DSL_KEYS from the line's begin */
    size_t after;               /* the statement behind it and all that is within it */
    size_t first_edge, last_edge; /* of a node; TDH_DSL_NONE */
};

struct tdh_dsl_edge {
    struct tdh_dsl_span to;
    enum { TDH_DSL_ALWAYS, TDH_DSL_WHEN, TDH_DSL_OTHERWISE } kind;
    struct tdh_dsl_span key;    /* "when" or "otherwise" */
    struct tdh_dsl_span soft;   /* length 0: it is not */
    struct tdh_dsl_cursor when; /* behind "when:" */
    size_t next;                /* of the same node; TDH_DSL_NONE */
};

#define TDH_DSL_NONE SIZE_MAX

/* A text as statements; spans and cursors point into the text, which outlives it. */
struct tdh_dsl {
    struct tdh_place place; /* of "workflow" */
    struct tdh_dsl_span id, version;
    struct tdh_dsl_line *lines;
    size_t count, room;
    struct tdh_dsl_edge *edges;
    size_t edge_count, edge_room;
    struct tdh_arena arena;
};

/* dsl_lex.c */
int tdh_dsl_fail(const struct tdh_dsl_cursor *cursor, struct tdh_place place, struct td_err *err,
                 const char *fmt, ...) TD_PRINTF(4, 5);
/* "expected WHAT, found ..." at the cursor; near: may be NULL. Returns -1. */
int tdh_dsl_expected(const struct tdh_dsl_cursor *cursor, const char *what, const char *near,
                     struct td_err *err);
/* UTF-8 without control characters. */
int tdh_dsl_check(const char *name, const char *text, size_t length, struct td_err *err);
void tdh_dsl_advance(struct tdh_dsl_cursor *cursor, size_t bytes);
void tdh_dsl_skip_space(struct tdh_dsl_cursor *cursor);
/* Nothing more but space and a comment; not for the very first character of a text. */
bool tdh_dsl_is_over(struct tdh_dsl_cursor *cursor);
int tdh_dsl_need_end(struct tdh_dsl_cursor *cursor, struct td_err *err);
/* Takes these bytes when they come next. */
bool tdh_dsl_take(struct tdh_dsl_cursor *cursor, const char *bytes);
/* Letters, digits, "_", "-" that come next; none of them: length 0. */
struct tdh_dsl_span tdh_dsl_word(struct tdh_dsl_cursor *cursor);
/* One value; `stop`: a character that ends a word besides space, or NUL. */
int tdh_dsl_value(struct tdh_dsl_cursor *cursor, char stop, enum tdh_dsl_value *ret_kind,
                  struct tdh_dsl_span *ret_span, struct td_err *err);
/* The end of the quoted text that begins at `at`, behind its quote; NULL: there is none. */
const char *tdh_dsl_quoted_end(const char *at, const char *end);
/* The end of the expression in a line: without space and comment. */
const char *tdh_dsl_expression_end(const char *at, const char *end);

/* dsl_line.c, dsl_edge.c. Ended by tdh_dsl_free, also when they fail. */
int tdh_dsl_lines(struct tdh_dsl *dsl, const char *name, const char *text, size_t length,
                  struct td_err *err);
int tdh_dsl_edges(struct tdh_dsl *dsl, struct td_err *err);
void tdh_dsl_free(struct tdh_dsl *dsl);
/* A node's id: the first word of its line. */
struct tdh_dsl_span tdh_dsl_id(const struct tdh_dsl_line *line);

/* dsl_imply.c: a start that leads nowhere leads to all that nothing leads to; an end that nothing
 * leads to follows all that lead nowhere. */
int tdh_dsl_imply(json_t *workflow, struct td_err *err);

#endif
