/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parser: reads an expression and emits its program as it goes.
 *
 * Recursion follows nesting only, and `depth` bounds it; chains of operators, members and branches
 * are loops. Every parsing function begins at the current token, leaves the token behind what it
 * read as the current one, emits code that pushes one value, and tells the shape of that value.
 * They return 0, or -1 with err filled.
 *
 * Where is_unchecked is set, what the checks would refuse becomes a fault of the run.
 */
#ifndef TDH_CEL_PARSER_H
#define TDH_CEL_PARSER_H

#include "cel/cel.h"
#include "cel/function.h"
#include "cel/lexer.h"
#include "cel/program.h"
#include "cel/run.h"
#include "cel/shape.h"

/*
 * What tells an error, or looks ahead, needs room for texts. Were such a function inlined, every
 * level of the recursion would carry that room, and a deep expression would not fit the stack of a
 * coroutine.
 */
#define CEL_APART __attribute__((noinline))

/* A variable of a macro, in scope while the macro's body is parsed. */
struct cel_local {
    const char *name;
    size_t length;
    uint32_t place; /* in the stack of the run */
    struct cel_shape shape;
    const struct cel_local *outer;
};

struct cel_parser {
    struct cel_lexer lexer;
    struct tdh_cel *cel; /* what is being made */
    const struct tdh_cel_options *options;
    struct td_err *err;
    const struct cel_local *locals; /* the innermost first */
    struct tdh_arena scratch;       /* of no use to the program: variables, shapes of elements */
    struct cel_run build;           /* makes constant lists and maps in the program's arena */
    uint32_t *interned;             /* constant + 1 by hash */
    uint32_t interned_size, op_capacity, const_capacity, pattern_capacity;
    uint32_t stack;       /* values on the stack here */
    uint32_t last_select; /* op_count behind a selection that is all of what was parsed last */
    unsigned depth;
    unsigned root_parts; /* most parts a root's name has: 3 for "a.b.c" */
    bool has_no_memory;  /* checked once, at the end */
};

/* A name in the text. */
struct cel_word {
    const char *text;
    size_t length;
    size_t place;
};

bool cel_word_is(struct cel_word word, const char *text);

/* emit.c */

/**
 * Appends an instruction and tells the stack; returns its index. Without memory has_no_memory is
 * set.
 */
uint32_t cel_emit(struct cel_parser *parser, struct cel_op op, size_t place);
uint32_t cel_emit_const(struct cel_parser *parser, struct cel_value value, size_t place);
/** The index of a constant string. */
uint32_t cel_intern(struct cel_parser *parser, struct cel_value value);
/** Lets the jump at `op` lead to the next instruction. */
void cel_patch(struct cel_parser *parser, uint32_t op);
/**
 * Emits a list of `count` elements or a map of `count` entries; what is all constant since op
 * `begin` is made now.
 */
void cel_emit_collection(struct cel_parser *parser, enum cel_code code, uint32_t begin,
                         uint32_t count, size_t place);
/** The constant that the code since op `begin` is, or NULL when it is more. */
const struct cel_value *cel_emitted_const(const struct cel_parser *parser, uint32_t begin);
/** Takes the last instruction, a constant, back. */
void cel_unemit_const(struct cel_parser *parser);
/** Keeps a compiled pattern (take) with the program; returns its index. */
uint32_t cel_keep_pattern(struct cel_parser *parser, struct cel_pattern *pattern);

/* parse.c */

int cel_parse_expression(struct cel_parser *parser, struct cel_shape *ret_shape);
int cel_next_token(struct cel_parser *parser);
/** Skips the token that has to stand here. */
int cel_expect(struct cel_parser *parser, enum cel_token token);
/** The current token as a name; err when it is none. Skips it. */
int cel_parse_word(struct cel_parser *parser, struct cel_word *ret_word);
/** Fails with the line and column of `place`. Returns -1. */
#define cel_parse_fail(parser, place, ...)                                                         \
    cel_lexer_fail(&(parser)->lexer, (place), (parser)->err, __VA_ARGS__)
/** `"name" cannot be applied to int and string`. Returns -1. */
int cel_parse_misfit(struct cel_parser *parser, size_t place, const char *name,
                     const uint32_t *types, size_t count);
/** What `left op right` gives; err when it can never work. right: 0 for `!` and `-`. */
int cel_check_operator(struct cel_parser *parser, enum cel_code code, size_t place, uint32_t left,
                       uint32_t right, struct cel_shape *ret_shape);
/** Whether what the checks find is refused. */
bool cel_is_checked(const struct cel_parser *parser);

/* member.c */

/** Only a primary and its members, calls and indexes: no operators outside of parentheses. */
int cel_parse_member(struct cel_parser *parser, bool is_negative, struct cel_shape *ret_shape);

/* name.c: the current token is a name that begins a primary. */

int cel_parse_name(struct cel_parser *parser, bool is_absolute, struct cel_shape *ret_shape);
/** `, did you mean "..."` for the nearest of the names, or nothing. */
void cel_near(struct cel_word word, const char *const *names, size_t count, char *out, size_t size);

/** The same for the roots. */
void cel_near_root(const struct cel_parser *parser, struct cel_word word, char *near, size_t size);

/* call.c: the current token is the one behind "(". */

/** A function; is_member: its first argument is on the stack, with shape *shape. */
int cel_parse_call(struct cel_parser *parser, struct cel_word name, bool is_member,
                   struct cel_shape *shape);

/* macro.c: the current token is the one behind "(". ret_found: whether the name is a macro. */

int cel_parse_macro(struct cel_parser *parser, struct cel_word name, struct cel_shape *shape,
                    bool *ret_found);
int cel_parse_has(struct cel_parser *parser, struct cel_shape *ret_shape);
int cel_parse_bind(struct cel_parser *parser, struct cel_shape *ret_shape);
size_t cel_macro_names(const char **names, size_t room);

#endif
