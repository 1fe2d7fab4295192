/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_tune: a chain as the rules of `tdev workflow optimize` see it: its steps, who reads whom,
 * what has effects, and how long each takes. Private to chain_tune*.c.
 */
#ifndef TDH_FLOW_CHAIN_TUNE_H
#define TDH_FLOW_CHAIN_TUNE_H

#include "flow/chain_write.h"

/* One element of `links`, while it is being changed. */
struct tdh_tune_item {
    char id[TDH_CHAIN_NODE]; /* as long as those of nodes */
    json_t *text;            /* held, and exchanged as a whole; of a group too */
    bool is_movable;         /* a call without effects that nothing binds to its place */
    bool is_group;
    bool reads_prev;
    bool has_effects; /* or may have */
    bool is_gone;     /* taken out */
    double ms;
    size_t level; /* within its segment */
};

struct tdh_tune {
    const struct tdh_chain *chain;
    const struct tdh_chain_facts *facts;
    struct tdh_tune_item *items;
    size_t count;
    json_t *output; /* of the chain; own copy, or NULL */
    json_t *proposals;
    bool has_link_hooks; /* middleware that goes around links */
    bool names_link;     /* and reads `link` */
    /* Items in front of this place guard effects: when one of them fails, those do not happen. So
     * none of them is taken out. */
    size_t guarded;
    bool is_changed;
    unsigned unknown; /* links of which no time is known */
    bool has_history, has_estimate;
};

/* chain_tune_read.c */
int tdh_tune_read(struct tdh_tune *tune, struct td_err *err);
void tdh_tune_end(struct tdh_tune *tune);
/* Does a text (of an item, or a template) read `links.ID` or `nodes.ID`? */
bool tdh_tune_mentions(const json_t *text, const char *id);
bool tdh_tune_names_node(const json_t *text, const char *id); /* only `nodes.ID` */
/* Puts other words for `links.ID`, `nodes.ID.output` and, with them, `prev`: what is NULL stays.
 * Returns a new text; NULL: err. */
struct tdh_tune_words {
    const char *id;          /* whose names are exchanged; NULL: none */
    const char *link, *node; /* for links.ID, nodes.ID */
    const char *prev;        /* for prev */
};
json_t *tdh_tune_exchange(const json_t *text, const struct tdh_tune_words *words,
                          struct td_err *err);

/* May it be taken out? Not in front of effects, nor when a hook that stays reads it. */
bool tdh_tune_is_removable(const struct tdh_tune *tune, size_t place);

/* The item behind, and the one in front, of those that are still there; NULL: none. */
struct tdh_tune_item *tdh_tune_next(const struct tdh_tune *tune, size_t place);
struct tdh_tune_item *tdh_tune_before(const struct tdh_tune *tune, size_t place);

/* Notes a proposal; links is taken. */
int tdh_tune_propose(struct tdh_tune *tune, const char *rule, json_t *links, double before_ms,
                     double after_ms, struct td_err *err, const char *fmt, ...) TD_PRINTF(7, 8);

/* chain_tune_rule.c: in this order. */
int tdh_tune_reuse(struct tdh_tune *tune, struct td_err *err);
int tdh_tune_remove(struct tdh_tune *tune, struct td_err *err);
/* chain_tune_group.c: puts steps side by side; the links of the new chain. new. */
json_t *tdh_tune_group(struct tdh_tune *tune, double *ret_ms, struct td_err *err);

/* The same for nodes of a workflow: only gives levels, and proposes. */
int tdh_tune_level(struct tdh_tune *tune, bool is_first_alone, bool is_last_alone,
                   size_t *ret_levels, double *ret_ms, struct td_err *err);
/* How long a call takes that is called `id`; -1: not known. Notes what it is known from. */
double tdh_tune_time(struct tdh_tune *tune, const char *id, int64_t estimate_ms);
bool tdh_tune_is_pure(const struct tdh_tune *tune, const json_t *call, int64_t *ret_ms);
void tdh_tune_fill_times(struct tdh_tune *tune);
const char *tdh_tune_basis(const struct tdh_tune *tune);

/* chain_tune_flow.c: a plain workflow. */
int tdh_tune_flow(const struct tdh_yaml *yaml, const struct tdh_chain_facts *facts,
                  json_t **ret_result, struct td_err *err);

#endif
