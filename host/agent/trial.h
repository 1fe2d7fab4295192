/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial: two builds of one plugin that serve side by side: the one that serves, and the one that is
 * tried. All agents of the plugin have both; each call that nobody has pinned goes to one of them.
 *
 * What is tried is judged by what it does: calls of both sides are counted where they go into the
 * plugin, with what came of them and how long they took.
 */
#ifndef TDH_AGENT_TRIAL_H
#define TDH_AGENT_TRIAL_H

#include <pthread.h>

#include "agent/internal.h"
#include "base/significance.h"

enum { TDH_SHARE_ALL = 10000, TDH_PHASES_MAX = 20, TDH_EXAMPLES_MAX = 10, TDH_MIRRORED_MAX = 32 };

enum tdh_strategy { TDH_ALL_AT_ONCE, TDH_ROLLING, TDH_CANARY, TDH_BLUE_GREEN, TDH_SHADOW };

/* How a new build comes to serve: in phases of growing shares, each watched. Of the calls; of the
 * agents when it is rolling. */
struct tdh_rollout_plan {
    enum tdh_strategy strategy;
    unsigned shares[TDH_PHASES_MAX]; /* of TDH_SHARE_ALL; the last is all */
    size_t count;
    int64_t watch_ms; /* of each phase */
    int64_t keep_ms;  /* of the last one */
    uint64_t min_calls;
    double errors;       /* so much more of its calls may fail, as a share */
    double latency;      /* so many times as long its calls may take */
    double significance; /* the chance that is taken of a rollback without cause */
    uint64_t in_row;     /* failures; 0: any number */
    double differences;  /* share of mirrored calls that may come to something else */
    bool is_manual;      /* a phase, but for the last, ends when somebody says so */
};

/* What a side has done. Counted in any thread. */
struct tdh_side {
    _Atomic uint64_t calls, failures, in_row;
    _Atomic uint64_t spread[TDH_SPREAD_BUCKETS];
};
struct tdh_side_sum {
    uint64_t calls, failures, in_row;
    uint64_t spread[TDH_SPREAD_BUCKETS];
};
struct tdh_mirror_sum {
    uint64_t same, different, skipped;
};

enum tdh_opinion { TDH_WELL, TDH_UNSURE, TDH_ILL };
/**
 * Is the one that is tried worse than the other? By Fisher's exact test of failures, and the test
 * of Mann and Whitney of how long calls took; both must differ by more than the plan lets pass,
 * too.
 *
 * chance  what may be taken of a wrong TDH_ILL
 * why     of what is not TDH_WELL
 */
enum tdh_opinion tdh_trial_judge(const struct tdh_rollout_plan *plan,
                                 const struct tdh_side_sum *serving,
                                 const struct tdh_side_sum *tried,
                                 const struct tdh_mirror_sum *mirror, double chance,
                                 char why[static TD_ERR_TEXT]);

enum { TDH_SIDE_SERVING, TDH_SIDE_TRIED };

/* Of a plugin; kept as long as the agents, and used again. */
struct tdh_trial {
    char *plugin;
    struct tdh_plugin *after; /* held; NULL: none is on */
    atomic_bool is_on;
    unsigned share, agents; /* under the agents' lock, as what follows */
    uint64_t picks;
    bool is_by_agent;
    atomic_bool is_mirrored;
    struct tdh_side sides[2];
    _Atomic uint64_t same, different, skipped;
    atomic_uint mirroring;
    pthread_mutex_t lock;   /* of what follows */
    json_t *examples;       /* of calls that came to something else */
    char last[TD_ERR_TEXT]; /* failure of what is tried */
};

/* trial.c; all under the agents' lock. */
/** Makes all agents of the plugin once more, of `after`, which gets nothing yet. err: one of them
 * cannot be; nothing has changed then. */
int tdh_trial_begin(struct tdh_agents *agents, const struct tdh_plugin *serving,
                    struct tdh_plugin *after, struct tdh_trial **ret_trial, struct td_err *err);
/** Makes those that have only what serves; err: one of them cannot be. */
int tdh_trial_join_all(struct tdh_agents *agents, struct tdh_trial *trial,
                       const struct tdh_plugin *serving, struct td_err *err);
/** An agent was made of what serves: while there is a trial it is made of the other, too. */
void tdh_trial_join(struct tdh_agents *agents, struct tdh_agent_template *template);
/** Who gets the next call to the agent. */
struct tdh_agent_template *tdh_trial_pick(struct tdh_agent_template *template);
/** What was tried serves no more, or, is_taken: alone. */
void tdh_trial_end(struct tdh_agents *agents, struct tdh_trial *trial, bool is_taken);
void tdh_trials_free(struct tdh_agents *agents);

/* trial_count.c */
void tdh_side_read(const struct tdh_side *side, struct tdh_side_sum *ret_sum);
void tdh_trial_reset(struct tdh_trial *trial);
/** Goes on with the call, and counts it. */
TD_YIELDS int tdh_trial_dispatch(struct tdh_agent_template *template, struct tdh_call *call,
                                 tdh_dispatch_fn *dispatch, struct td_err *err);
/** {calls, failures, failing, p50_ns, p95_ns} new */
json_t *tdh_side_json(const struct tdh_side *side);
/* mirror.c */
/** Has a call that is done, and has no effects, done by the other side, too, by and by. */
void tdh_trial_mirror(struct tdh_trial *trial, struct tdh_agent_template *serving,
                      const struct tdh_call *call);
/** Waits until no mirrored call is under way. */
TD_YIELDS void tdh_trial_rest(const struct tdh_trial *trial);
/** {same, different, skipped, examples: [{agent, action, at, was, is}]} new */
json_t *tdh_mirror_json(struct tdh_trial *trial);

#endif
