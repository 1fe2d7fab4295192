/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recover: what becomes of an attempt that failed, and who acts instead of the agent that was asked
 * for.
 */
#ifndef TDH_RUN_RECOVER_H
#define TDH_RUN_RECOVER_H

#include "run/internal.h"

/* An attempt has failed. _look finds out what is next, before anything of the ask
 * changes: it may give way, and err may become what keeps others from standing in. _act does it. */
struct tdh_recovery {
    const struct tdh_rule *rule; /* NULL: none */
    struct td_policy policy;     /* of the next attempt */
    bool is_retry;
    struct tdh_target *stand_in; /* NULL: nobody */
};
TD_YIELDS void tdh_recover_look(const struct tdh_ask_entry *ask, struct tdh_recovery *next,
                                struct td_err *err);
void tdh_recover_act(struct tdh_ask_entry *ask, const struct tdh_recovery *next,
                     struct td_err *err);
/* While replaying: that agent acts from now on; edition NULL or "": not known. One that is gone
 * does not. */
void tdh_recover_again(struct tdh_ask_entry *ask, const char *agent, const char *edition,
                       const char *rule);
/* Whose code is called. */
struct tdh_target *tdh_ask_acting(const struct tdh_ask_entry *ask);

#endif
