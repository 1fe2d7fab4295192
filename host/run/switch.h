/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switch: what a run would be under another definition. Nothing of it gives way once the past is
 * read, so a run that lives stands still meanwhile.
 */
#ifndef TDH_RUN_SWITCH_H
#define TDH_RUN_SWITCH_H

#include "base/map.h"
#include "run/history.h"

/* Something that has ended, or a signal. */
struct tdh_outcome {
    const json_t *event;
    char *path;               /* in the new definition */
    struct tdh_outcome *next; /* of the same path, that came later */
    bool is_work, is_used;
};

struct tdh_switching {
    struct tdh_history past;
    const json_t *nodes;
    struct tdh_run *run; /* that follows the new definition, in memory only */
    struct tdh_outcome *outcomes;
    size_t count;
    struct tdh_map waiting; /* path -> the oldest outcome that nothing has asked for yet */
    struct tdh_map open;    /* path -> number of an ask of the new run, which may be gone */
    uint32_t seen;          /* asks up to this one are in `open` */
    json_t *kept;           /* paths of what is done */
    json_t *goes_on;        /* by path: what is under way */
};

/*
 * Walks the definition with what switching->past holds; `past` and `nodes` are there, the rest is
 * zeroed. run: as it is now. err TD_E_CONFLICT: why it cannot go over. tdh_switching_end() in any
 * case.
 */
int tdh_switching_walk(struct tdh_switching *switching, const struct tdh_run *run,
                       struct tdh_definition *definition, struct td_err *err);
void tdh_switching_end(struct tdh_switching *switching);

/* Has it begun, as far as is known, so that it is not to begin anew? */
bool tdh_switching_has_begun(const struct tdh_ask_entry *ask);
/* The ask of the new run that is the same step; NULL: none. */
struct tdh_ask_entry *tdh_switching_heir(const struct tdh_switching *switching,
                                         const struct tdh_ask_entry *ask, bool *ret_dropped);

/* graft.c: what a message said: {definition: text, kind, nodes}. Gives way while it reads. 1: the
 * run has gone over, or cannot, which is told in the log; 0: not now, it is too busy. */
TD_YIELDS int tdh_run_graft(struct tdh_run *run, const json_t *order, const char *mail);

#endif
