/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_write: a chain being written out as nodes.
 *
 * Nodes are added one behind another: a node depends on the tail, and is the tail afterwards.
 * Values go along as CEL: what the next link gets is `value`, "nodes.ID.output" mostly, so that
 * names and types are checked as in any workflow.
 */
#ifndef TDH_FLOW_CHAIN_WRITE_H
#define TDH_FLOW_CHAIN_WRITE_H

#include "flow/chain.h"

enum { TDH_CHAIN_NODE = 65 };

struct tdh_chain_writer {
    struct tdh_chain *chain;
    struct tdh_yaml *made;
    json_t *nodes;             /* borrowed: of the workflow, or of a body */
    const char *base;          /* their pointer */
    json_t *tail;              /* owned: `depends_on` of the next node */
    char last[TDH_CHAIN_NODE]; /* the node added last */
    char *value;               /* owned: CEL of what the next link gets */
};

/* What the names of a chain stand for in one template. */
struct tdh_chain_scope {
    const struct tdh_chain *chain;
    const struct tdh_chain_link *link; /* what `link` is; NULL: no such name */
    const char *value;                 /* `prev`, and `value` in a hook */
    const char *result, *error;        /* NULL: stay as they are */
    const char *values;                /* of a merge; NULL: no such name */
};

/* chain_name.c: a template or a bare expression with names put in; `pointer` is its place in the
 * chain. new. */
json_t *tdh_chain_fill(const struct tdh_chain_scope *scope, const json_t *value,
                       const char *pointer, struct td_err *err);
json_t *tdh_chain_fill_bare(const struct tdh_chain_scope *scope, const json_t *value,
                            const char *pointer, struct td_err *err);

/* Adds a node; `from` is its place in the chain. Borrowed, until the next; NULL: err. */
json_t *tdh_chain_add(struct tdh_chain_writer *writer, const char *id, const char *type,
                      const char *from, struct td_err *err);
/* A node of type set: what it gives is the value from now on.
 * output is taken; `output_from` is its place, NULL: it has none of its own. */
int tdh_chain_add_set(struct tdh_chain_writer *writer, const char *id, json_t *output,
                      const char *from, const char *output_from, struct td_err *err);
/* A node that calls what `text` names; what it gives is the value from now on. */
json_t *tdh_chain_add_call(struct tdh_chain_writer *writer, const char *id, const json_t *text,
                           const char *from, const struct tdh_chain_scope *scope,
                           struct td_err *err);
/* The member of the node added last is made of `from`. */
int tdh_chain_place(struct tdh_chain_writer *writer, const char *member, const char *from,
                    struct td_err *err);
int tdh_chain_set_value(struct tdh_chain_writer *writer, struct td_err *err, const char *fmt, ...)
    TD_PRINTF(3, 4);

/* chain_link.c: a link with its condition, its hooks, and what becomes of its failure. `fallback`
 * is the value when it is passed over; NULL: that from before. */
int tdh_chain_add_link(struct tdh_chain_writer *writer, struct tdh_chain_link *link,
                       const char *fallback, struct td_err *err);
int tdh_chain_add_hooks(struct tdh_chain_writer *writer, enum tdh_chain_hook which,
                        const struct tdh_chain_link *link, struct td_err *err);

/* chain_group.c */
int tdh_chain_add_group(struct tdh_chain_writer *writer, struct tdh_chain_step *step,
                        struct td_err *err);

/* Is it in a group of which only the first counts? */
bool tdh_chain_is_rival(const struct tdh_chain *chain, const struct tdh_chain_link *link);

/* chain_report.c: what became of each link, as a template, and whether all went well. new. */
json_t *tdh_chain_report(const struct tdh_chain *chain);
char *tdh_chain_success(const struct tdh_chain *chain);

/* Can a run go on past this link without its own value? */
bool tdh_chain_is_skipped(const struct tdh_chain *chain, const struct tdh_chain_link *link);

#endif
