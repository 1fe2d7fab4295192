/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep: keeps the states of named agents in the store, for the files of this folder.
 *
 * There is one struct tdh_keep for each name, and at any time one template of it serves: that one's
 * state is loaded when it is made, and saved as its policy says. Who takes its place (another
 * version of the plugin, another file, a newer state) closes the gate for calls, waits for those
 * that are under way, has the old one save, loads, and opens the gate: what waited there goes on
 * with the new one. If it cannot load, the old one goes on serving. What the old one still comes to
 * know afterwards, in runs that are pinned to it, is saved aside and told.
 *
 * keep.c       the life of it, policies, the gate
 * keep_load.c  an instance that was made gets its state
 * keep_save.c  saving, when it is due
 * keep_call.c  calls of agents whose state is kept
 */
#ifndef TDH_AGENT_KEEP_H
#define TDH_AGENT_KEEP_H

#include <pthread.h>

#include "agent/internal.h"

enum {
    TDH_KEEP_DRAIN_MS = 2000, /* longest wait for calls that are under way, then it goes on */
    TDH_KEEP_SLICE_MS = 5000, /* how often who waits to save looks whether it still serves */
    TDH_KEEP_TRIES = 8        /* of a commit that others come before */
};

/* A coroutine of any worker that waits; on its stack. */
struct tdh_keep_wait {
    struct tdh_task task;
    struct tdh_keep_wait *next;
    struct tdh_worker *worker;
    struct tdh_co *co;
    bool is_woken; /* by the task, on its worker */
    bool is_taken; /* out of the list; under the lock */
};

/* Of one name. Made when the first template of it is, lives as long as the agents. */
struct tdh_keep {
    pthread_mutex_t lock; /* of all below */
    struct tdh_agents *agents;
    char *name;
    struct tdh_agent_template *serving; /* NULL: none */
    struct tdh_agent_template *next;    /* takes its place as soon as it has loaded; NULL: none */
    bool is_closed;                     /* the gate */
    bool is_at_work;                    /* one saves or loads, one at a time */
    struct tdh_keep_wait *at_gate, *at_work;
};

/* --- keep.c --- */
void tdh_keep_free(void *keep);
/** Reads `state` of an agent's file. where: in front of an error; file: for its place, NULL: not
 * known. Without one, or without `state`, the policy is the default one. err TD_E_CONFIG */
int tdh_keep_read(const json_t *text, const char *where, const struct tdh_yaml *file,
                  struct tdh_keep_policy *ret_policy, struct td_err *err);
/** Gives a named agent's template its keep, if its plugin has a state and there is a store. */
int tdh_keep_attach(struct tdh_agent_template *template, struct td_err *err);
/** Before the template ends: it serves no more, and whoever waits for it goes on. */
void tdh_keep_detach(struct tdh_agent_template *template);
/** Closes the gate: calls wait until tdh_keep_open(). One at a time. */
TD_YIELDS void tdh_keep_close(struct tdh_keep *keep);
void tdh_keep_open(struct tdh_keep *keep);
/** Waits, a bounded time, until no call is under way. The gate is closed. */
TD_YIELDS void tdh_keep_drain(struct tdh_keep *keep);
/** One saves or loads at a time. */
TD_YIELDS void tdh_keep_begin_work(struct tdh_keep *keep);
void tdh_keep_end_work(struct tdh_keep *keep);
/** Waits at the gate. err TD_E_CANCELLED, TD_E_TIMEOUT. The lock is held, also afterwards. */
TD_YIELDS int tdh_keep_pass(struct tdh_keep *keep, uint64_t until_ns, struct td_err *err);
bool tdh_keep_serves(const struct tdh_agent_template *template);
/** From now on the template is the one whose state counts; opens the gate. NULL keep is fine. */
void tdh_keep_serve(struct tdh_agent_template *template);

/* Runs fn in the plugin, with a context of the template's own instance, where actions run. */
typedef int tdh_keep_fn(struct tdh_ctx *ctx, void *arg, struct td_err *err);
TD_YIELDS int tdh_keep_enter(struct tdh_agent_template *template, tdh_keep_fn *fn, void *arg,
                             struct td_err *err);
/** Tells what happened, on the bus; data: take. */
void tdh_keep_tell(const char *event, json_t *data);

/* --- keep_load.c --- */
/** Loads the newest state into the template's instance, which is as init made it; of an isolated
 * plugin when its process makes it. is_first: none serves, and this one will. err also TD_E_CORRUPT
 */
TD_YIELDS int tdh_keep_load(struct tdh_agent_template *template, bool is_first, struct td_err *err);
/** The template is to take the place of the one that serves: closes the gate, has that one save,
 * and loads. After a failure the gate is open. NULL keep is fine. */
TD_YIELDS int tdh_keep_take_over(struct tdh_agent_template *template, struct td_err *err);
/** Puts another in the template's place, as a newer state is in the store. */
TD_YIELDS int tdh_keep_renew(struct tdh_agent_template *template, struct td_err *err);
/** The one that serves saves, and serves no more. */
TD_YIELDS void tdh_keep_leave(struct tdh_agent_template *template);
tdh_fresh_fn tdh_keep_fresh;

/* --- keep_save.c --- */
/** Saves the template's state if it is another than what was saved. note: a person's; it makes a
 * version also of the same state; NULL: none. err TD_E_CONFLICT: another was saved meanwhile; this
 * one is kept aside */
TD_YIELDS int tdh_keep_save(struct tdh_agent_template *template, const char *note,
                            struct td_err *err);
/** A call has ended: saves when the policy says so. */
TD_YIELDS int tdh_keep_after_call(struct tdh_agent_template *template, struct td_err *err);

/* --- keep_call.c --- */
/** As tdh_agent_dispatch, for one whose state is kept. */
TD_YIELDS int tdh_keep_call(struct tdh_call *call, struct tdh_agent_template *template,
                            struct td_err *err);

/* dispatch.c */
/** Has an action of that instance done, whatever the call's target. */
TD_YIELDS int tdh_agent_do(struct tdh_call *call, struct tdh_cell_agent *cell,
                           const struct td_action *action, enum td_reconciled *answer,
                           struct td_err *err);
/* exchange.c */
void tdh_agent_swap(struct tdh_agents *agents, const char *name,
                    struct tdh_agent_template *template);

#endif
