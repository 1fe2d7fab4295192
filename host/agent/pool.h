/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: several instances of one named agent, so that each of its calls at once has one of its own.
 *
 * A call takes the instance that was used last, or has one made as long as there are fewer than
 * `max`; the limit stage sees to it that no more calls come. Afterwards the instance is reset, or,
 * when its plugin cannot do that, ended; and it is thrown away when its call failed by an internal
 * error. Those that are not used for `idle` are ended, but for `min`.
 */
#ifndef TDH_AGENT_POOL_H
#define TDH_AGENT_POOL_H

#include "agent/internal.h"
#include "agent/life.h"

struct tdh_pool;

/** err TD_E_NOMEM. new, as the template's */
int tdh_pool_new(struct tdh_agent_template *template, const struct tdh_life_settings *settings,
                 struct td_err *err);
/** Without its instances, which are the template's. NULL is fine. */
void tdh_pool_free(struct tdh_agent_template *template);
/** Takes the agent's own instance, and makes others until there are `min`. On the home worker. No
 * pool is fine. err: what init says */
TD_YIELDS int tdh_pool_warm(struct tdh_agent_template *template, struct td_err *err);
/**
 * An instance for the call; made when there is none. When there cannot be another, as the call is
 * within one that has an instance, it is that one.
 *
 * ret_is_taken  it is to be given back
 */
TD_YIELDS int tdh_pool_take(struct tdh_agent_template *template, const struct tdh_call *call,
                            struct tdh_cell_agent **ret_cell, bool *ret_is_taken,
                            struct td_err *err);
/** Gives it back. error: how the call failed, NULL: it did not. */
TD_YIELDS void tdh_pool_give(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                             const struct td_err *error);
/** Ends what is idle for too long, and makes what is missing to `min`. On the home worker. */
TD_YIELDS void tdh_pool_tend(struct tdh_agent_template *template);
/** Ends all that are idle; those that are given back end then. On the home worker. */
TD_YIELDS void tdh_pool_close(struct tdh_agent_template *template);
/** {min, max, instances, idle, busy, most, made, reused, resets, shrunk, thrown}. new; NULL: none
 */
json_t *tdh_pool_status(const struct tdh_agent_template *template);

#endif
