/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: one attempt, or a few, to have an action done. Every call of tdev goes down this one path;
 * nothing else retries, caches, limits, times out or counts.
 *
 * The path is an array of stages, made when a target is readied: a stage that has nothing to do for
 * that target is not in it. A stage gets the call and goes on with tdh_call_next; what it does
 * after that returns is its way back.
 *
 *     account, authorise, validate input, deadline, cache,
 *     fallback { retry { gate, breaker, limit, trace, dispatch, validate output } }
 *
 * Inside a run (is_single) the path makes one attempt: the engine journals attempts, retry times
 * and who stands in, with the same policy functions.
 */
#ifndef TDH_CALL_CALL_H
#define TDH_CALL_CALL_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <tdev/reducer.h>

#include "base/ledger.h"
#include "base/meter.h"
#include "plugin/plugin.h"
#include "runtime/runtime.h"
#include "schema/schema.h"

#define TDH_CALL_DEPTH 16
#define TDH_TRACERS 4

struct tdh_call;
struct tdh_target;
struct tdh_cache;
struct tdh_cel;
struct tdh_rule;
struct tdh_breaker;
struct tdh_policies;

typedef int tdh_stage_fn(struct tdh_call *call, unsigned next, struct td_err *err);
typedef int tdh_dispatch_fn(struct tdh_call *call, struct td_err *err);
typedef int tdh_reconcile_fn(struct tdh_call *call, enum td_reconciled *ret_answer,
                             struct td_err *err);

/* Where a provisional piece of output goes. */
typedef int tdh_emit_fn(void *arg, const json_t *chunk, struct td_err *err);

/* May calls come in? */
enum tdh_limiter_gate {
    TDH_GATE_OPEN,
    TDH_GATE_HOLD,   /* they wait in the queue until it is open again, or their time is over */
    TDH_GATE_PAUSED, /* they are refused, and so are those that wait */
    TDH_GATE_STOPPED /* the same, in other words */
};

/*
 * At most `max` calls at once; the others wait in order, at most `max_waiting`. The count is an
 * atomic; the queue lives on the home worker and is touched only when the limit is reached.
 *
 * One that is governed may be closed by whoever owns it, and what runs may be cut; it counts calls
 * also without a limit.
 */
struct tdh_limiter {
    unsigned max; /* 0: no limit */
    unsigned max_waiting;
    struct tdh_worker *home;
    bool is_governed;
    struct tdh_limit_entry **entries; /* calls that run, by worker; NULL: none can be cut */
    atomic_uint gate;
    atomic_uint in_use, waiting;
    struct tdh_limit_wait *first, *last;
    struct tdh_task look; /* on its way to the home worker while is_looking */
    atomic_bool is_looking;
};

struct tdh_account {
    _Atomic uint64_t calls, failures, retries, cache_hits;
};

/** Opens or closes it. Who runs goes on. In any thread. */
void tdh_limiter_set(struct tdh_limiter *limiter, enum tdh_limiter_gate gate);
/**
 * Cuts what runs: its waits end, as if its coroutine were cancelled, until it has left; who called
 * it is told TD_E_UNAVAILABLE and goes on. What does not wait cannot be cut. In a coroutine, with
 * the gate not open.
 */
TD_YIELDS void tdh_limiter_cut(struct tdh_limiter *limiter, struct tdh_runtime *runtime);

enum { TDH_STAGES = 14 };

/*
 * What a target is an action of: one agent, with its plugin as it was loaded. When the plugin or
 * the agent's file is exchanged, there is a new one, and the old one lasts as long as it is used.
 */
struct tdh_edition {
    const char *agent;
    const char *id; /* of the build of its plugin, and the same in every process */
    atomic_uint users;
    /** An action of this very edition; not held. err TD_E_NOTFOUND. */
    struct tdh_target *(*find)(struct tdh_edition *edition, const char *action, struct td_err *err);
};
static inline void tdh_edition_hold(struct tdh_edition *edition)
{
    if (edition != NULL)
        atomic_fetch_add_explicit(&edition->users, 1, memory_order_relaxed);
}
static inline void tdh_edition_release(struct tdh_edition *edition)
{
    if (edition != NULL)
        atomic_fetch_sub_explicit(&edition->users, 1, memory_order_release);
}

/*
 * What can be called: one action of an agent instance. Made by whoever owns the kind (host/agent),
 * readied once, then read-only but for limiter, account and cache. Lives as long as its owner says.
 */
struct tdh_target {
    const char *kind, *name, *action; /* "agent", the instance's name, the action's */
    const char *plugin;               /* the plugin's behind it; NULL: none */
    struct tdh_edition *edition;      /* NULL: there is but one, as long as the host lives */
    enum tdh_effects effects;
    const struct tdh_meters *uses; /* most of one attempt, which a run reserves; NULL: none */
    bool has_reconcile;
    const struct tdh_schema *input_schema, *output_schema; /* NULL: anything */
    const json_t *permissions;     /* of the plugin behind it: what it may do in its own calls */
    const json_t *required;        /* what a caller must hold; NULL: nothing */
    bool is_relay;                 /* it passes calls on: who called it counts as their caller */
    int64_t estimate_ms;           /* how long it usually takes; 0: not told */
    atomic_bool is_short_told;     /* that a call got less time than that */
    struct td_policy policy;       /* from manifest and configuration; size 0 fields: none */
    bool says_retry;               /* the agent's own file does, so no policies file counts */
    const struct tdh_rule **rules; /* those for it, in order, then NULL; NULL: none. Owned */
    struct tdh_breaker *breaker;   /* NULL: none. Owned */
    void *watch;                   /* of who counts for alerts, under its lock; NULL: not yet */
    int64_t cache_ttl_ms;          /* 0: no cache; only with effects none */
    unsigned cache_entries;
    struct tdh_limiter *limiter; /* NULL: none; may be shared by the actions of an instance */
    struct tdh_cache *cache;
    struct tdh_account account;
    struct tdh_ledger_line *line; /* of the agent, all its editions; NULL: nobody counts */
    tdh_dispatch_fn *dispatch;
    tdh_reconcile_fn *reconcile;
    void *owner;                    /* for dispatch */
    tdh_stage_fn *path[TDH_STAGES]; /* ends with dispatch */
};

/* One call. Zeroed and filled by the caller; on the stack of whoever waits for it. */
struct tdh_call {
    struct tdh_target *target;
    const json_t *input;
    json_t *output;                 /* new, when the call succeeds */
    const struct td_policy *policy; /* what goes before the target's own; NULL: none */
    struct tdh_call *parent;        /* the call within which it is made; NULL: from outside */
    void *subject;                  /* which of the target's instances; NULL: the target's own */
    struct tdh_worker *worker;      /* where it is dispatched; set on the way */
    const char *key;                /* idempotency key; NULL outside of runs */
    struct tdh_meters *used;        /* of the outermost call: what was spent within it; NULL: not
                                       wanted */
    _Atomic uint64_t *cpu_ns;       /* of the outermost call: gets the processor's time in plugins'
                                       code that is spent within it; NULL: not wanted */
    struct tdh_ledger_line *tenant; /* of the outermost call: on whose account it is; NULL: nobody's
                                     */
    uint64_t deadline_ns;           /* TDH_NEVER or 0: none; never later than the parent's */
    uint64_t outer_ns;              /* the same, before policies shortened it; set on the way */
    uint64_t begun_ns;              /* of the attempt, when somebody listens */
    unsigned depth;
    unsigned hops;     /* of the run it is made by: starts by triggers that led to that */
    unsigned attempt;  /* from 1 */
    bool is_single;    /* one attempt only: a run's engine counts */
    bool has_emitted;  /* after the first chunk: no retry, no cache */
    bool is_slot_held; /* an ancestor holds a slot of the same limiter */
    bool is_stand_in;  /* for another agent that failed: of its own, only policies of retry count */
    bool is_in_role;   /* the callee has a role of the caller's: who gave it that, allows it */
    bool is_made_up;   /* the output is not the target's own: no cache */
    tdh_emit_fn *emit;
    void *emit_arg;
};

/** Lays the path and makes the cache. Once, before the first call. err TD_E_NOMEM. */
int tdh_target_ready(struct tdh_target *target, struct td_err *err);
void tdh_target_end(struct tdh_target *target);

/** Sends a call down the path and waits. err: what the target or a stage says.
 * Gives way only where something waits. */
TD_YIELDS int tdh_call_run(struct tdh_call *call, struct td_err *err);
/** For stages: the rest of the path. */
TD_YIELDS int tdh_call_next(struct tdh_call *call, unsigned next, struct td_err *err);

/** Does an output from elsewhere fit what the action promises? err: TD_E_INVAL, TD_E_EXEC */
int tdh_call_check_output(const struct tdh_target *target, const json_t *output,
                          struct td_err *err);

/**
 * The call has used so much of a meter: it counts for the outermost call. In the thread that the
 * call is in. err: TD_E_INVAL: no such meter, no such amount; TD_E_LIMIT: too many meters.
 */
int tdh_call_spend(struct tdh_call *call, const char *meter, double amount, struct td_err *err);

/* --- policy functions: pure; also used by the engine of runs --- */

/**
 * Milliseconds to wait before attempt `next` (2 is the first retry). Retry-After of the error is a
 * lower bound.
 *
 * draw  0..1: where in the jitter; the caller draws it, and the engine of runs journals the outcome
 */
uint64_t tdh_backoff_ms(const struct td_policy *policy, unsigned next, const struct td_err *error,
                        double draw);
/** What the call is tried with: `over` where it says something, else `base`. */
struct td_policy tdh_policy_merge(const struct td_policy *over, const struct td_policy *base);
/** Reads `{timeout: 5s, retry: {max_attempts, backoff, initial, max, jitter}, in_doubt: ...}`
 * of a YAML text. where: stands in front of an error; may be NULL. err TD_E_CONFIG. */
int tdh_policy_read(const json_t *text, const char *where, struct td_policy *ret_policy,
                    struct td_err *err);

/* --- policies files: what becomes of failures; see docs/policies.md --- */

#define TDH_POLICY_FILES 64                        /* most files */
#define TDH_POLICY_MS_MAX (30 * INT64_C(86400000)) /* longest duration in them */

/**
 * Reads FOLDER/NAME.yaml of all folders; one that is not there is fine.
 *
 * folders      ends with NULL; a file hides one of its name in a later folder
 * schema_path  of policy.json; read when there is a file
 * err          TD_E_CONFIG with FILE:LINE:COLUMN
 * Returns new; read-only from then on.
 */
struct tdh_policies *tdh_policies_read(const char *const *folders, const char *schema_path,
                                       struct td_err *err);
void tdh_policies_free(struct tdh_policies *policies);
/** What targets that are readied from now on go by; NULL: nothing. At start-up and at the end:
 * outlives all targets. */
void tdh_call_policies(const struct tdh_policies *policies);
/** The files, for what folders above read in them. Borrowed. */
size_t tdh_policies_count(const struct tdh_policies *policies);
const struct tdh_yaml *tdh_policies_file(const struct tdh_policies *policies, size_t place);
/** Reads a duration, 1ms to 30d, where there is one, at pointer/key. err TD_E_CONFIG */
int tdh_policies_ms(const struct tdh_yaml *yaml, const char *pointer, const json_t *object,
                    const char *key, int64_t *ms, struct td_err *err);

/* What a rule is for. Made by tdh_match_read, ended by tdh_match_free. */
struct tdh_match {
    json_t *agents, *actions, *plugins; /* patterns of names; NULL: any */
    uint32_t codes;                     /* a bit for each */
    struct tdh_cel *text, *when;        /* NULL: any */
};
/** err TD_E_CONFIG with FILE:LINE:COLUMN. text may be NULL: it matches everything. */
int tdh_match_read(const struct tdh_yaml *yaml, const char *pointer, const json_t *text,
                   struct tdh_match *ret_match, struct td_err *err);
void tdh_match_free(struct tdh_match *match);
bool tdh_match_target(const struct tdh_match *match, const struct tdh_target *target);
/** Of a target that matches. */
bool tdh_match_failure(const struct tdh_match *match, const struct tdh_target *target,
                       const struct td_err *error, unsigned attempt);

/** The rule for a failure of the target, borrowed; NULL: none. attempt: of this agent, from 1 */
const struct tdh_rule *tdh_recover_rule(const struct tdh_target *target, const struct td_err *error,
                                        unsigned attempt);
/** The target's rule of that name; NULL: it has none now. */
const struct tdh_rule *tdh_recover_named(const struct tdh_target *target, const char *name);
const char *tdh_rule_name(const struct tdh_rule *rule);
/** Is there to be another attempt, and by which policy? rule NULL: none; over as in tdh_call. */
bool tdh_recover_retry(const struct tdh_rule *rule, const struct tdh_target *target,
                       const struct td_policy *over, const struct td_err *error, unsigned attempt,
                       struct td_policy *ret_policy);
/** The agent that stands in next, after that one (NULL: the target itself); NULL: none. */
const char *tdh_recover_next(const struct tdh_rule *rule, const char *after);
/** May that target of the agent stand in? found NULL: err says why it could not be had. err
 * TD_E_CONFIG: its effects are stronger. */
int tdh_recover_stand_in(const struct tdh_target *target, const char *agent,
                         const struct tdh_target *found, struct td_err *err);
/**
 * All else has failed. Tells others when the rule says so. Returns 0 with the output that is to
 * count, new, or -1 with err, which may have become another. rule NULL: as it is. hops: as in
 * tdh_call.
 */
int tdh_recover_end(const struct tdh_rule *rule, const struct tdh_target *target, unsigned hops,
                    json_t **ret_output, struct td_err *err);

/** All breakers there are: [{agent, action, plugin, state: closed|open|half_open, since, why,
 * retry_after_ms} ...]. new. */
json_t *tdh_breakers_list(void);

/* --- finding targets: each kind registers how --- */

/**
 * Finds what is to be called.
 *
 * edition     id of the one that is wanted; NULL: that which serves now. One that is not to be had
 *             any more is replaced by that which serves, with a word in the log
 * ret_target  its edition is held: tdh_edition_release() when it is not used any more
 * err         TD_E_NOTFOUND with the nearest name
 */
typedef int tdh_resolve_fn(void *arg, const char *name, const char *action, const char *edition,
                           struct tdh_target **ret_target, struct td_err *err);
/* Of the host alone, beside those of the SDK: nobody asks a run for a model by itself. */
#define TDH_TARGET_MODEL ((enum td_target)(TD_TARGET_WORKFLOW + 1))
/* At start-up, one per kind. */
void tdh_call_register(enum td_target kind, tdh_resolve_fn *fn, void *arg);
/**
 * A target of the host itself, found as an agent by its name, which has a ":", as no agent's has.
 * It is readied, and outlasts its registration. At start-up, and at the end.
 */
void tdh_call_provide(struct tdh_target *target);
void tdh_call_withdraw(const struct tdh_target *target);
TD_YIELDS int tdh_call_resolve(enum td_target kind, const char *name, const char *action,
                               const char *edition, struct tdh_target **ret_target,
                               struct td_err *err);

/* Told of every attempt's begin and end. At start-up, at most TDH_TRACERS, before the targets are
 * readied; and at the end. */
typedef void tdh_trace_fn(void *arg, const struct tdh_call *call, bool is_end,
                          const struct td_err *error);
void tdh_call_trace(tdh_trace_fn *fn, void *arg);
void tdh_call_untrace(tdh_trace_fn *fn, void *arg);

#endif
