/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reducer: what makes a run durable. A reducer is told what happened, one event at a time, and says
 * what to do next.
 *
 * It does no I/O, reads no clock, draws no random numbers: the same events always give the same
 * asks, so a run can be rebuilt from its journal on another machine. Its state is a C struct of its
 * own; save and load turn it into JSON.
 */
#ifndef TDEV_REDUCER_H
#define TDEV_REDUCER_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

#ifdef __cplusplus
extern "C" {
#endif

enum td_event_kind {
    TD_EVENT_DONE = 1, /* the call, child or timer `ask` is done; output: its result, or null */
    TD_EVENT_FAILED,   /* the call or child `ask` failed for good, attempts used up; see error */
    TD_EVENT_SIGNAL,   /* the wait `ask` got its signal; output is the signal's payload */
    TD_EVENT_CANCEL,   /* the run is to end: cancel what is under way, then finish */
};

/* One event. Borrowed during fold;
 * json_incref the output to keep it (results are never written again: do not change it). */
struct td_event {
    uint32_t size;
    enum td_event_kind kind;
    uint32_t ask;      /* number of the ask this answers */
    uint32_t attempts; /* how many it took */
    uint64_t tag;      /* as given with the ask */
    int64_t time_us;   /* when it happened, as journalled: the only clock a reducer has */
    json_t *output;
    const struct td_err *error;
    uint64_t reserved[4];
};

enum td_backoff {
    TD_BACKOFF_FIXED,
    TD_BACKOFF_LINEAR,
    TD_BACKOFF_EXPONENTIAL,
    TD_BACKOFF_FIBONACCI
};
enum td_in_doubt {
    TD_DOUBT_DEFAULT,
    TD_DOUBT_RETRY,
    TD_DOUBT_RECONCILE,
    TD_DOUBT_ASK,
    TD_DOUBT_FAIL
};

/* How a call is tried. Zero in every field: the target's manifest and the configuration decide. */
struct td_policy {
    uint32_t size;
    uint32_t timeout_ms;   /* of one attempt */
    uint32_t max_attempts; /* 1: no retry */
    enum td_backoff backoff;
    uint32_t initial_ms, max_ms;
    double jitter; /* 0..1: share of the delay that is drawn */
    enum td_in_doubt in_doubt;
    uint32_t reserved_flags;
    uint64_t reserved[4];
};

enum td_target { TD_TARGET_AGENT = 1, TD_TARGET_PATTERN, TD_TARGET_WORKFLOW };

/*
 * One piece of work asked for. Borrowed during the ask, except `input`, which is taken, also on
 * failure. `policy` must live as long as the plan. name, path, input, and action of an agent must
 * be there: TD_E_INVAL.
 */
struct td_ask {
    uint32_t size;
    enum td_target target;
    const char *name;   /* of the agent instance, pattern or workflow */
    const char *action; /* of the agent; NULL else */
    /* where in the run this stands, e.g. "pay" or "each[3].pay": part of the idempotency key */
    const char *path;
    uint64_t tag; /* comes back with the event */
    json_t *input;
    /* of a pattern; of a workflow: {version: range it must be in, async: true: it is answered at
     * once, with {run: id}, and goes on by itself}. May be NULL */
    const json_t *config;
    const struct td_policy *policy;
    uint64_t reserved[4];
};

struct td_asks;
/* What the host offers to a fold; append-only. Each returns -1 with err;
 * *ret_ask gets the ask's number (from 1, never reused); ret_ask may be NULL. A fold that asks for
 * nothing, with nothing open, and does not finish fails the run. */
struct td_asks_ops {
    uint32_t size;
    int (*call)(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                struct td_err *err);
    int (*timer)(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                 uint32_t *ret_ask, struct td_err *err);
    int (*wait)(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                uint32_t *ret_ask, struct td_err *err);
    int (*cancel)(struct td_asks *asks, uint32_t ask, struct td_err *err);
    int (*finish)(struct td_asks *asks, json_t *output, struct td_err *err);
    int (*fail)(struct td_asks *asks, const struct td_err *error, struct td_err *err);
    const char *(*run_id)(struct td_asks *asks);
    int (*stop)(struct td_asks *asks, uint32_t ask, struct td_err *err);
    int (*question)(struct td_asks *asks, const char *path, uint64_t tag, const json_t *about,
                    uint32_t *ret_ask, struct td_err *err);
};
struct td_asks {
    const struct td_asks_ops *ops;
};

/** Asks for a call of an agent, or a child run of a pattern or workflow. */
static inline int td_ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                              struct td_err *err)
{
    return asks->ops->call(asks, ask, ret_ask, err);
}
/** Asks to be told after `delay_ms`; survives restarts. */
static inline int td_ask_timer(struct td_asks *asks, const char *path, uint64_t tag,
                               uint64_t delay_ms, uint32_t *ret_ask, struct td_err *err)
{
    return asks->ops->timer(asks, path, tag, delay_ms, ret_ask, err);
}
/** Asks to be told when the run gets the signal of that name;
 * one that came earlier and was not taken counts. */
static inline int td_ask_wait(struct td_asks *asks, const char *path, uint64_t tag,
                              const char *signal, uint32_t *ret_ask, struct td_err *err)
{
    return asks->ops->wait(asks, path, tag, signal, ret_ask, err);
}
/**
 * Asks people. The answer comes as TD_EVENT_SIGNAL, one for this very ask: what is said when it is
 * gone counts for no other. Whether an answer is good is for the reducer to say: it may ask again.
 *
 * about  what people are shown, an object; borrowed, and never written again
 */
static inline int td_ask_question(struct td_asks *asks, const char *path, uint64_t tag,
                                  const json_t *about, uint32_t *ret_ask, struct td_err *err)
{
    return asks->ops->question(asks, path, tag, about, ret_ask, err);
}
/** Takes an ask back: no event will come for it. A call under way is told to stop. */
static inline int td_ask_cancel(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    return asks->ops->cancel(asks, ask, err);
}
/** Asks for no more than what is under way: a call begins no further attempt, a child run is
 * cancelled. The event of the ask still comes, and says how it ended; a call that has no timeout
 * may take its time. */
static inline int td_ask_stop(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    return asks->ops->stop(asks, ask, err);
}
/** Ends the run with this result; output is taken. Asks still open are cancelled. */
static inline int td_ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    return asks->ops->finish(asks, output, err);
}
/** Ends the run as failed. */
static inline int td_ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    return (asks->ops->fail)(asks, error, err); /* cmocka has a macro of that name */
}

/** The run's id: the same whenever its events are folded. Borrowed. */
static inline const char *td_ask_run_id(struct td_asks *asks)
{
    return asks->ops->run_id(asks);
}

/*
 * The table of a reducer. prepare and release may be NULL: then plan is NULL. A plan is made once
 * per configuration and shared by all runs and threads: it must not change after prepare. state is
 * zeroed before start and load. A failing start or fold ends the run as failed with that error; an
 * error of load parks it.
 */
struct td_reducer {
    uint32_t size;
    uint32_t state_version; /* of what save writes */
    size_t state_size;
    int (*prepare)(const json_t *config, void **ret_plan, struct td_err *err);
    void (*release)(void *plan);
    int (*start)(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err);
    int (*fold)(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
                struct td_err *err);
    /* new; event outputs may be put in as they are (shared, not copied):
     * the host stores them by reference */
    json_t *(*save)(const void *state, const void *plan, struct td_err *err);
    int (*load)(void *state, const void *plan, const json_t *saved, uint32_t version,
                struct td_err *err);
    void (*drop)(void *state, const void *plan);
    /* --- since 1.1 --- */
    uint32_t flags; /* TD_REDUCER_... */
    uint32_t reserved;
};
enum {
    /*
     * What save gave is never written again: not the event outputs in it, and no array or object
     * that the state goes on with (it is copied before it changes). Then the host reads a large one
     * in another thread while events go on; without this flag it holds the worker up meanwhile.
     */
    TD_REDUCER_SHARES = 1
};

#ifdef __cplusplus
}
#endif
#endif
