/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: durable executions. A run is a journal of events and a reducer that says what to do next;
 * what is not in the journal did not happen.
 *
 * A run lives on the worker that started it. Its events are kept until the worker's turn ends, then
 * all runs that have some are written in one commit. An effect leaves the process only when
 * everything it rests on is durable; a pure step may run ahead, up to a bound. Every run has an
 * owner, alive as long as its process holds a lock on a file; a run whose owner is gone is orphaned
 * and may be resumed by another.
 */
#ifndef TDH_RUN_RUN_H
#define TDH_RUN_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <tdev/reducer.h>

#include "base/id.h"
#include "base/meter.h"
#include "call/call.h"
#include "store/store.h"

struct tdh_buf;
struct tdh_engine;
struct tdh_run;

struct tdh_engine_options {
    struct tdh_runtime *runtime;
    struct tdh_store *store; /* NULL: runs live in memory and are encoded nowhere */
    const char *state_dir;   /* for the owners' lock files; may be NULL without a store */
    /* of one run's events that are not durable yet, before pure steps wait; 0: 64 KiB */
    size_t run_ahead_bytes;
    size_t snapshot_bytes; /* least size of the tail that makes a snapshot worth while; 0: 64 KiB */
    unsigned calls_max;    /* calls of runs at once, per worker; 0: 4096 */
    /* how long a call that can be undone may go on once its run is cancelled or has failed */
    uint32_t stop_ms;   /* 0: 30 s */
    size_t input_bytes; /* largest input of a run that is started, as JSON; 0: any */
    unsigned notices;   /* which are told of workflows that do not say: TDH_NOTICE_BIT()s */
};

/** Makes the engine and takes the owner's lock. err TD_E_IO. new; tdh_engine_free(). */
struct tdh_engine *tdh_engine_new(const struct tdh_engine_options *options, struct td_err *err);
/**
 * Begins no further step, so that the runtime can end: a call that is stopped by that stays open,
 * for a resume. The journal of all workers' runs is still written; who waits for a run is told.
 * From any worker.
 */
void tdh_engine_stop(struct tdh_engine *engine);
/** Takes over the limits of those options: run_ahead_bytes, snapshot_bytes, stop_ms, input_bytes;
 * for what comes. On the worker of the runs. */
void tdh_engine_limit(struct tdh_engine *engine, const struct tdh_engine_options *limits);
/** Before tdh_engine_stop, in a process that was told to end: that runs are left behind does not
 * count as their fault. */
TD_YIELDS void tdh_engine_leave(struct tdh_engine *engine);
void tdh_engine_free(struct tdh_engine *engine);

/*
 * A definition that runs follow: reducer, plan and the text it was made from. Counted; immutable.
 * Made by the kinds (workflow, pattern), kept as long as a run follows it.
 */
/* Whose calls come first when there are more than a worker can make. */
enum tdh_priority { TDH_CRITICAL, TDH_HIGH, TDH_NORMAL, TDH_LOW, TDH_PRIORITIES };
const char *tdh_priority_name(enum tdh_priority priority);
/** False: that is no name of one. */
bool tdh_priority_parse(const char *name, enum tdh_priority *ret_priority);

struct tdh_definition {
    const char *kind; /* "workflow", "pattern"; static */
    char *name, *version;
    const struct td_reducer *reducer;
    void *plan;
    json_t *text; /* what the kind needs to make it again; stored by hash */
    char hash[TDH_SHA256_HEX];
    struct tdh_plugin *plugin; /* whose reducer it is; NULL: the host's */
    /* of what the kind keeps behind it; may be NULL */
    void (*free)(struct tdh_definition *definition);
    enum tdh_priority priority; /* of its runs; `priority` of its text */
    int64_t deadline_us;        /* from a run's begin; `deadline` of its text; 0: none */
    uint32_t max_parallel;      /* calls of a run at once; `max_parallel` of its text; 0: any */
    unsigned notices;           /* told of its runs; `announce` of its text: TDH_NOTICE_BIT()s */
    bool has_notices;           /* its text says which; else it is the engine's to say */
    struct tdh_meters *limits;  /* of its runs; `budget` of its text; NULL: none */
    bool is_pausing;            /* when one is used up: the run pauses; else the step fails */
    unsigned stored; /* its text is in the store since that many sweeps of definitions; 0: not */
    int holds;
};
/** Reads {cost: 2.5, on_exhausted: pause}. False: the fault says why. */
bool tdh_budget_read(const json_t *text, struct tdh_meters *ret_limits, bool *ret_is_pausing,
                     struct tdh_meter_fault *ret_fault);
/** new: takes text, copies the names; makes plan and hash. err: what prepare says. */
struct tdh_definition *tdh_definition_new(const char *kind, const char *name, const char *version,
                                          const struct td_reducer *reducer, json_t *text,
                                          const json_t *config, struct td_err *err);
struct tdh_definition *tdh_definition_hold(struct tdh_definition *definition);
void tdh_definition_release(struct tdh_definition *definition);

/* A kind of definition. `find` by name for a child run,
 * `remake` from the stored text for a resume. At start-up. */
struct tdh_run_kind {
    const char *kind;
    enum td_target target;
    /* new reference. config: of the ask, may be NULL */
    int (*find)(void *arg, const char *name, const json_t *config,
                struct tdh_definition **ret_definition, struct td_err *err);
    int (*remake)(void *arg, const json_t *text, const char *edition,
                  struct tdh_definition **ret_definition, struct td_err *err);
    void *arg;
};
int tdh_run_register(struct tdh_engine *engine, const struct tdh_run_kind *kind,
                     struct td_err *err);

/* How the error begins of a run that would be more than TDH_CALL_DEPTH below the first; it goes on
 * with which runs began which. */
#define TDH_RUN_TOO_DEEP "runs nest more than "

enum tdh_run_status {
    TDH_RUN_RUNNING,
    TDH_RUN_DONE,
    TDH_RUN_FAILED,
    TDH_RUN_CANCELLED,
    TDH_RUN_PARKED,   /* cannot go on by itself: the reason says what to do */
    TDH_RUN_IN_DOUBT, /* waits for a person to say what became of an external effect */
    TDH_RUN_ORPHANED, /* only in lists: its owner is gone */
    TDH_RUN_PAUSED,   /* nothing new begins until somebody lets it go on */
};
const char *tdh_run_status_name(enum tdh_run_status status);
/** Is that the name of a status in which a run has ended: done, failed, cancelled? */
bool tdh_run_is_end(const char *status_name);

/**
 * What runs in this process's memory have used, those of each worker that used most: [{id, name,
 * status, tenant, created_us, cpu_ns, spent: {calls, METER: number}}]. `cpu_ns` is of the processor
 * in plugins' code, in this process, of attempts that have ended. new; NULL: without memory.
 *
 * max  of each worker
 */
TD_YIELDS json_t *tdh_runs_used(struct tdh_engine *engine, unsigned max);

/* Watches a run: told of every event, on its worker.
 * Provisional chunks come with `name` "chunk". */
typedef void tdh_run_watch_fn(void *arg, struct tdh_run *run, const char *name, const char *path,
                              const json_t *data, const struct td_err *error);

enum { TDH_TENANT_SIZE = 65 /* of the name of a tenant, with its end */ };
/** May a tenant be called that: letters, digits, "_" and "-"? */
bool tdh_run_is_tenant(const char *name);

struct tdh_run_start {
    struct tdh_definition *definition; /* borrow: the run holds it */
    json_t *input;                     /* borrow */
    const char *id;                    /* NULL: a new one */
    const json_t *tags;                /* besides those of the definition; NULL: none */
    const char *priority;              /* its name; NULL: that of the definition */
    const char *tenant;                /* on whose account; NULL: `tenant` of its text, if any */
    unsigned hops; /* starts by triggers that led to this one, itself counted; 0: none */
    const struct tdh_meters *budget; /* limits, no larger than those of the definition; or NULL
                                      */
    tdh_run_watch_fn *watch;
    void *watch_arg;
    /*
     * A record of the store that is the run's cause: it is removed in the commit that writes the
     * run's start, so of the two there is always one. The space is static; NULL: none. Only where
     * runs are journalled: tdh_runs_last().
     */
    const char *cause_space, *cause;
};
/*
 * Notices: what of a run's life is told to others, as an event of the store. A notice is written in
 * the commit of what it tells, so a crash leaves both or none. It costs nothing where nobody asked
 * for it. Runs that are not journalled give none, nor do runs of patterns.
 */
enum tdh_notice_kind {
    TDH_NOTICE_STARTED,
    TDH_NOTICE_COMPLETED,
    TDH_NOTICE_FAILED,
    TDH_NOTICE_CANCELLED,
    TDH_NOTICE_WAITING, /* people were asked something; one for each question */
    TDH_NOTICES
};
#define TDH_NOTICE_BIT(kind) (1U << (kind))
#define TDH_NOTICE_ALL (TDH_NOTICE_BIT(TDH_NOTICES) - 1)
enum { TDH_NOTICE_BYTES = 16384 }; /* of an output or question in a notice; larger: how large */
/** "started", "completed", ... */
const char *tdh_notice_name(enum tdh_notice_kind kind);
/** False: that is no name of one. */
bool tdh_notice_parse(const char *name, enum tdh_notice_kind *ret_kind);
/** The bits of what a setting says: "failed", "ended" (however), "all"; else none. */
unsigned tdh_notices_named(const char *choice);

struct tdh_notice {
    enum tdh_notice_kind kind;
    const char *run;    /* its id */
    unsigned hops;      /* of the run */
    int64_t time_us;    /* when it happened */
    const json_t *data; /* {run, workflow, version, status, tags, started, ...} */
};
/* Who makes events of notices. `print` appends what is published in the topic; `told` hears how
 * many have become durable: on the main stack of a worker, so it must not wait. */
struct tdh_notice_port {
    const char *topic; /* static */
    void (*print)(void *arg, const struct tdh_notice *notice, struct tdh_buf *buf);
    void (*told)(void *arg, unsigned count);
    void *arg;
};
/** At start-up, before any run; NULL, at the end: nobody does any more. */
void tdh_run_announce(struct tdh_engine *engine, const struct tdh_notice_port *port);

enum { TDH_TAGS_MAX = 16, TDH_TAG_BYTES = 64 };
/** One word: at most TDH_TAG_BYTES of UTF-8, without spaces and control characters. */
bool tdh_run_is_tag(const char *tag);
/** Starts a run on this worker. Returns before anything of it is durable.
 * The run is held for the caller: tdh_run_release(). */
TD_YIELDS int tdh_run_start(struct tdh_engine *engine, const struct tdh_run_start *start,
                            struct tdh_run **ret_run, struct td_err *err);
/** Waits until the run's start is durable, whatever ends meanwhile. err: why it will not be. */
TD_YIELDS int tdh_run_wait_begun(struct tdh_run *run, struct td_err *err);
/**
 * Runs on this worker that have not ended and are no part of another: who has begun them does not
 * wait for their end. Returns how many; ids: of the first `room` of them.
 *
 * except  the id of one that does not count; NULL: all do
 */
size_t tdh_runs_here(const struct tdh_engine *engine, const char *except, char (*ids)[TDH_ID_SIZE],
                     size_t room);
/** Are runs journalled, so that they outlast the process? */
bool tdh_runs_last(const struct tdh_engine *engine);
/**
 * Waits until the run has ended and its end is durable, or it is parked or in doubt.
 * ret_output  new; NULL unless it is done
 * err         set when it is not done: why
 */
TD_YIELDS enum tdh_run_status tdh_run_wait(struct tdh_run *run, json_t **ret_output,
                                           struct td_err *err);
void tdh_run_release(struct tdh_run *run);
const char *tdh_run_id(const struct tdh_run *run);
/** Asks the run to end; it does when its reducer has finished what it must. */
void tdh_run_cancel(struct tdh_run *run);
/** Gives the run a signal; payload is borrowed, may be NULL. */
int tdh_run_signal(struct tdh_run *run, const char *signal, json_t *payload, struct td_err *err);
/** Answers a question of the run; payload is borrowed. One that is not open any more, or no
 * question, takes no answer: nothing happens. */
void tdh_run_answer(struct tdh_run *run, uint32_t ask, json_t *payload);
/** What is under way ends, timers and signals count, but no call and no run begins, here and in the
 * run's children, until tdh_run_go_on(); also when another process takes the run over. */
void tdh_run_pause(struct tdh_run *run);
void tdh_run_go_on(struct tdh_run *run);

/* What a run can be told from any process: as the functions above. */
enum tdh_message_kind {
    TDH_MESSAGE_SIGNAL,
    TDH_MESSAGE_ANSWER,
    TDH_MESSAGE_CANCEL, /* payload: NULL, or {within_ms: patience with calls under way} */
    TDH_MESSAGE_PAUSE,
    TDH_MESSAGE_GO_ON, /* payload: NULL, or {budget: {meter: number}}: new limits */
    TDH_MESSAGE_MOVE   /* payload: {kind, definition: its text, nodes: as of tdh_switch} */
};
struct tdh_message {
    enum tdh_message_kind kind;
    const char *signal;    /* of a signal */
    uint32_t ask;          /* of an answer */
    const json_t *payload; /* of both; NULL: null */
};
/* The key of a message: run, "/", its own id. */
#define TDH_MAIL_KEY (2 * TDH_ID_SIZE)
/**
 * Sends a run a message, whoever owns it; durable when this returns. The run's owner takes it
 * within a second; a run that has none takes it when it is resumed.
 *
 * ret_key  of the message
 */
TD_YIELDS int tdh_run_mail(struct tdh_engine *engine, const char *id,
                           const struct tdh_message *message, char ret_key[static TDH_MAIL_KEY],
                           struct td_err *err);
/** Has the run taken it, and is that durable? */
TD_YIELDS int tdh_run_mail_is_taken(struct tdh_engine *engine, const char *key, bool *ret_taken,
                                    struct td_err *err);
/** Takes it back, when nobody will take it any more. */
TD_YIELDS int tdh_run_mail_take_back(struct tdh_engine *engine, const char *key,
                                     struct td_err *err);

enum tdh_decision { TDH_DECIDE_NONE, TDH_DECIDE_RETRY, TDH_DECIDE_DONE, TDH_DECIDE_FAIL };
struct tdh_resume {
    enum tdh_decision decision;      /* for steps in doubt */
    json_t *output;                  /* with TDH_DECIDE_DONE: borrow */
    bool is_forced;                  /* also a parked run */
    bool is_wanted;                  /* by name: one that was paused goes on */
    const struct tdh_meters *budget; /* new limits of the run; NULL: as they are */
    tdh_run_watch_fn *watch;
    void *watch_arg;
};
/**
 * Takes over a run whose owner is gone, rebuilds it from its journal, and lets it go on.
 * err  TD_E_NOTFOUND; TD_E_CONFLICT: its owner lives; TD_E_EXISTS: it has ended; TD_E_CORRUPT
 */
TD_YIELDS int tdh_run_resume(struct tdh_engine *engine, const char *id,
                             const struct tdh_resume *resume, struct tdh_run **ret_run,
                             struct td_err *err);

/**
 * Reads the journals of all runs whose process is gone, in one pass: for who resumes many of them,
 * on this worker, next. Without it each is read by itself.
 */
TD_YIELDS void tdh_runs_preload(struct tdh_engine *engine);

/* Which runs are listed; what is NULL or 0 says nothing. */
struct tdh_run_filter {
    const char *status;
    const char *name; /* of the workflow or pattern */
    const char *tag;
    const char *before; /* a run's whole id: only older ones, for the next page */
    int64_t since_us;   /* begun then or later */
    bool is_open;       /* only those that have not ended: costs nothing for those that have */
    uint32_t limit;
};
/**
 * Records of runs, newest first: [{id, kind, name, status, created, ended, ...}]. new.
 * `orphan` is true when it has not ended and its process is gone; `waits` are the signals and the
 * answers it waits for: [{ask, step, signal or about}], of many the first.
 */
TD_YIELDS int tdh_runs_list(struct tdh_engine *engine, const struct tdh_run_filter *filter,
                            json_t **ret_list, struct td_err *err);
/** Ids of runs whose owner is gone and that can go on by themselves, no child among them; at most
 * `limit`. [id]. new. */
TD_YIELDS int tdh_runs_orphaned(struct tdh_engine *engine, uint32_t limit, json_t **ret_ids,
                                struct td_err *err);
/** One run's record, with its events read from the journal under "events".
 * id may be a unique beginning. new. */
TD_YIELDS int tdh_runs_show(struct tdh_engine *engine, const char *id, json_t **ret_run,
                            struct td_err *err);

/** A run as it was after its first `at` events, as tdh_runs_show numbers them: {run, at, time,
 * open:
 * [{ask, step, kind, attempts}], state: as its reducer saves it}. new. */
TD_YIELDS int tdh_runs_at(struct tdh_engine *engine, const char *id, uint32_t at,
                          json_t **ret_state, struct td_err *err);
/**
 * Makes a new run that goes on from there, with what was open then begun anew under keys of its
 * own. It is written, and waits to be resumed.
 */
TD_YIELDS int tdh_run_fork(struct tdh_engine *engine, const char *id, uint32_t at,
                           char ret_id[static TDH_ID_SIZE], struct td_err *err);
/**
 * Makes a new run out of one that has ended, that does a step again and goes on from there. How
 * other steps ended is taken over, also of those that ended later; steps keep their idempotency
 * keys, and an effect that may have been under way at the end is in doubt.
 *
 * from  path of the step; NULL: the one whose failure was the last
 * err   TD_E_CONFLICT: it has not ended, or what it did was undone
 */
TD_YIELDS int tdh_run_retry(struct tdh_engine *engine, const char *id, const char *from,
                            char ret_id[static TDH_ID_SIZE], struct td_err *err);

/* Another definition for a run. Nodes go by path without rounds: "each.pay". */
struct tdh_switch {
    struct tdh_definition *definition;
    const json_t *nodes; /* {old: new, or null: what it did is let go of}; others keep their name */
};
/**
 * Can the run go over to it? {run, from, to: versions, done: [step] that it takes over, under_way:
 * [step] that go on, begins: [step]}. new. The run does so when it is sent TDH_MESSAGE_MOVE.
 *
 * err  TD_E_CONFLICT: a step that is done or under way has no place in it, and how to say what
 *      becomes of it; nothing would be left; it is being cancelled. TD_E_UNSUPPORTED: it was made
 *      from another run. TD_E_EXISTS: it follows that already
 */
TD_YIELDS int tdh_run_switch_check(struct tdh_engine *engine, const char *id,
                                   const struct tdh_switch *to, json_t **ret_report,
                                   struct td_err *err);

/** A run that has ended, or whose process is gone, with its children, as one value; move.c has its
 * shape. new. err TD_E_CONFLICT: its process lives. */
TD_YIELDS int tdh_run_export(struct tdh_engine *engine, const char *id, json_t **ret_run,
                             struct td_err *err);
/** Puts it into this store, in one commit; run is borrowed. err TD_E_EXISTS, TD_E_INVAL. */
TD_YIELDS int tdh_run_import(struct tdh_engine *engine, const json_t *run,
                             char ret_id[static TDH_ID_SIZE], struct td_err *err);

/** The text of the definition with that hash, which some run follows. err TD_E_NOTFOUND. new. */
TD_YIELDS int tdh_runs_definition(struct tdh_engine *engine, const char *hash, json_t **ret_text,
                                  struct td_err *err);
/** One run's record, as tdh_runs_list gives it. new. */
TD_YIELDS int tdh_runs_record(struct tdh_engine *engine, const char *id, json_t **ret_record,
                              struct td_err *err);

/* --- taking away what has ended; docs/run.md says who does when --- */

/* Which runs that have ended are taken away by name of a person. */
struct tdh_prune {
    int64_t older_ms;   /* ended so long ago */
    uint32_t keep;      /* but for so many of them, the newest */
    const char *status; /* "done", "failed", "cancelled"; NULL: all */
    bool is_dry;        /* only count */
};
/** Takes away journals and records of runs; those that a run under way asked for stay. Reads the
 * records of all runs. */
TD_YIELDS int tdh_runs_prune(struct tdh_engine *engine, const struct tdh_prune *prune,
                             uint32_t *ret_count, struct td_err *err);

/* How long runs that have ended are kept. The workflow that a run began with may say otherwise of
 * its own, with `retention`; a run with the tag stays whatever is said. */
enum { TDH_RUN_ENDS = 3, TDH_RETENTION_KEYS, TDH_RETENTION_KEEP_MAX = 1000 };
#define TDH_RETENTION_MS_MAX (INT64_C(36500) * 86400 * 1000) /* and that is for ever */
#define TDH_TAG_KEEP "keep"
struct tdh_retention {
    int64_t age_ms[TDH_RUN_ENDS]; /* since the end: of done, failed, cancelled ones */
    uint32_t keep; /* so many of each workflow, the newest, stay whatever their age */
};
/* In that order, then "keep": the keys of `retention`. */
extern const char *const tdh_retention_keys[TDH_RETENTION_KEYS];
/** One of its ages. err TD_E_INVAL. */
int tdh_retention_age(const json_t *value, int64_t *ret_ms, struct td_err *err);

/* Applies a retention, a portion at a time; lives on one worker. new; tdh_keeper_free(). */
struct tdh_keeper;
/** is_dry: nothing is taken away, only counted. */
struct tdh_keeper *tdh_keeper_new(struct tdh_engine *engine, bool is_dry, struct td_err *err);
void tdh_keeper_free(struct tdh_keeper *keeper);
/**
 * One portion: at most 200 runs. Reads what is due, and of each definition one run that is not.
 * The retention counts from the next pass on: one ends when *ret_more is false. Definitions that no
 * run refers to any more go at its end, unless another process could begin a run with one.
 */
TD_YIELDS int tdh_keeper_step(struct tdh_keeper *keeper, const struct tdh_retention *retention,
                              bool *ret_more, struct td_err *err);
/* What went in this pass, or would have: {workflow: {status: count}}, and definitions; borrowed. */
struct tdh_kept {
    const json_t *runs;
    uint32_t run_count, definition_count;
};
struct tdh_kept tdh_keeper_told(const struct tdh_keeper *keeper);

/** Takes away all definitions that no run refers to, unless another process lives on this store. */
TD_YIELDS int tdh_definitions_sweep(struct tdh_engine *engine, uint32_t *ret_count,
                                    struct td_err *err);

/**
 * Parks all runs of a store that have not ended, each with the way out: the store comes from a
 * backup, and what they did since is not in it. Nobody else has the store open.
 */
TD_YIELDS int tdh_runs_hold(struct tdh_store *store, uint32_t *ret_count, struct td_err *err);

/** The full id of the one run whose id begins so. err TD_E_NOTFOUND: none, or several. */
TD_YIELDS int tdh_runs_find(struct tdh_engine *engine, const char *beginning,
                            char id[static TDH_ID_SIZE], struct td_err *err);

#endif
