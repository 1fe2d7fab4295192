/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain: a short spelling of a workflow: links one after another, each getting what the one before
 * gave. Read and checked by its shape here, written out as a workflow by chain_write.c, and then
 * checked as any workflow is.
 *
 * Everything borrows from the document that is read, which outlives the chain.
 */
#ifndef TDH_FLOW_CHAIN_H
#define TDH_FLOW_CHAIN_H

#include "flow/flow.h"

enum { TDH_CHAIN_ID = 41, TDH_CHAIN_POINTER = 64 };

enum tdh_chain_strategy {
    CHAIN_SEQUENTIAL,
    CHAIN_PARALLEL,
    CHAIN_CONDITIONAL,
    CHAIN_PIPELINE,
};

/* What becomes of a link that fails and does not say so itself. */
enum tdh_chain_recovery {
    RECOVERY_COMPENSATE,
    RECOVERY_RETRY,
    RECOVERY_SKIP,
    RECOVERY_RESTART,
};

struct tdh_chain_link {
    const json_t *text;
    char pointer[TDH_CHAIN_POINTER];
    char id[TDH_CHAIN_ID];
    size_t number; /* from 0, in the order of the text */
    char *value;   /* chain_write.c: CEL of what it gave; NULL: not yet */
};

/* One element of `links`: a link, or several at the same time. */
struct tdh_chain_step {
    const json_t *text;
    char pointer[TDH_CHAIN_POINTER];
    bool is_group;
    char id[TDH_CHAIN_ID]; /* of a group */
    char *value;           /* of a group, as of a link */
    size_t first, count;   /* links */
};

struct tdh_chain {
    const struct tdh_yaml *yaml;
    const json_t *text;
    enum tdh_chain_strategy strategy;
    enum tdh_chain_recovery recovery;
    unsigned restarts; /* most, with RECOVERY_RESTART */
    struct tdh_chain_link *links;
    size_t link_count;
    struct tdh_chain_step *steps;
    size_t step_count;
};

enum tdh_chain_hook { HOOK_BEFORE_CHAIN, HOOK_BEFORE_LINK, HOOK_AFTER_LINK, HOOK_AFTER_CHAIN };
extern const char *const tdh_chain_hooks[4]; /* their keys */

/** Reads a chain and checks its shape. err TD_E_CONFIG with FILE:LINE:COLUMN, TD_E_NOMEM. */
int tdh_chain_parse(const struct tdh_yaml *yaml, struct tdh_chain *ret_chain, struct td_err *err);
void tdh_chain_end(struct tdh_chain *chain);

/** What `merge` says of a group: "object", "list", "first", "last", or a template. */
const json_t *tdh_chain_merge(const struct tdh_chain_step *step);

#endif
