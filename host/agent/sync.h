/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync: makes two stores know the same newest state of an agent. A part of agent.h, which includes
 * it.
 *
 * All versions of a store that became its newest, one after the other, are what its newest comes
 * from. So when the newest of one store is among those of the other, that other has gone on, and
 * the versions in between are copied (forward). When neither is, both went on from a common one: a
 * conflict. What it comes to is a version of its own ("merged"), which comes from both, so no store
 * that sees it has the same conflict again; the state that lost is kept aside with it.
 *
 * A store is changed by one commit, guarded by its list; so a synchronisation that is cut ends
 * between two commits, and one that is repeated goes on from there. Each list notes what both
 * stores had in common last (`peers`), and that version is not taken away: without it nothing would
 * tell, after many saves, that the other store is behind.
 */
#ifndef TDH_AGENT_SYNC_H
#define TDH_AGENT_SYNC_H

#include "agent/states.h"

enum {
    TDH_SYNC_BYTES = 64 << 20, /* of states that one synchronisation copies; older ones stay away */
    TDH_SYNC_PEERS = 8,        /* stores whose last common version is noted; the oldest goes */
    TDH_SYNC_PATHS = 100,      /* places of a state that are told as changed by both */
    TDH_SYNC_TRIES = 8         /* when others save meanwhile */
};

enum tdh_sync_way { TDH_SYNC_BOTH, TDH_SYNC_PUSH, TDH_SYNC_PULL };
/* What a conflict comes to. ASK: to nothing, it is told. MERGE: field by field. */
enum tdh_sync_choice {
    TDH_SYNC_ASK,
    TDH_SYNC_NEWEST,
    TDH_SYNC_OURS,
    TDH_SYNC_THEIRS,
    TDH_SYNC_MERGE
};

struct tdh_sync {
    enum tdh_sync_way way; /* PUSH: nothing becomes the newest here; PULL: nothing there */
    enum tdh_sync_choice conflict;
    enum tdh_sync_choice
        tie;       /* of MERGE, where both changed one place: NEWEST, OURS, THEIRS, ASK */
    bool is_dry;   /* nothing is written */
    unsigned keep; /* as in struct tdh_state_new, on both sides */
    int64_t ttl_ms;
    /* What is about to become the newest here; -1 with err: it must not. NULL: anything may. */
    int (*try)(void *arg, const json_t *note, const json_t *state, struct td_err *err);
    void *arg;
};

/**
 * Synchronises one agent's state.
 *
 * ret_report  new: {agent, relation, here, there, common, newest, choice, aside, pushed, pulled,
 *             damaged, both_changed, dry_run}. relation: none, same, ahead (this store is), behind,
 *             conflict, as it was found. here, there, common: numbers, or null. newest: what it
 *             came to, null if that is yet to be made. choice, aside: of a conflict, else null.
 * pushed, pulled: versions copied. damaged: versions that were not copied, as they are.
 * both_changed: [JSON Pointer] err         TD_E_CONFLICT: a conflict that is to be asked about, the
 * text says of what; TD_E_UNAVAILABLE: others saved all the time; TD_E_CORRUPT; what `try` says.
 *             After a failure each store is as it was, or done.
 */
TD_YIELDS int tdh_states_sync(struct tdh_store *here, struct tdh_store *there, const char *agent,
                              const struct tdh_sync *sync, json_t **ret_report, struct td_err *err);

/**
 * What two states come to that came from `base`: each place as the one that changed it has it.
 * Members of objects are places; other values, and arrays, are one place as a whole.
 *
 * tie_ours     of a place that both changed: it is as in ours, else as in theirs
 * both_changed appended: [JSON Pointer] of those places, the first TDH_SYNC_PATHS
 * Returns new; NULL without memory.
 */
json_t *tdh_state_merge(const json_t *base, const json_t *ours, const json_t *theirs, bool tie_ours,
                        json_t *both_changed);

#endif
