/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: the structs of a run, its asks, and each worker's hub; shape.c has the events.
 */
#ifndef TDH_RUN_INTERNAL_H
#define TDH_RUN_INTERNAL_H

#include <pthread.h>

#include "base/buf.h"
#include "run/pins.h"
#include "run/purse.h"
#include "run/rows.h"
#include "run/run.h"

#define TDH_RUN_LOG "runs"
#define TDH_RUN_SPACE "run"   /* one record per run */
#define TDH_LIVE_SPACE "live" /* one record per run that has not ended */
#define TDH_DEF_SPACE "def"   /* definitions by hash */
#define TDH_MAIL_SPACE "mail" /* messages by run; see mail.c */
#define TDH_LEFT_SPACE "left" /* owners that ended as they were told to; see left.c */
#define TDH_SNAP_SPACE "snap" /* at most one record per run that has not ended; see snapshot.c */

enum { TDH_ROW_EVENTS = 1, TDH_ROW_START, TDH_ROW_SNAPSHOT, TDH_ROW_END };
enum { TDH_KNOWN = 16 }; /* definitions a worker keeps, so that many runs are resumed with one */
#define TDH_UNDO ".compensate" /* how the paths of steps end that undo others */
enum { TDH_PATH_INLINE = 40, TDH_RESUMES_MAX = 3 };

enum tdh_ask_kind { TDH_ASK_CALL, TDH_ASK_TIMER, TDH_ASK_WAIT, TDH_ASK_RUN };
enum tdh_ask_state {
    TDH_ASK_OPEN,
    TDH_ASK_HELD,
    TDH_ASK_QUEUED,
    TDH_ASK_RUNNING,
    TDH_ASK_BACKOFF,
    TDH_ASK_DOUBT,
    TDH_ASK_PAUSED, /* not begun: its run is paused */
    TDH_ASK_GONE
};

/* Something a reducer asked for and has not been told of yet.
 * Owned by its run; a running one also by its coroutine. */
struct tdh_ask_entry {
    struct tdh_ask_entry *next, *before; /* of the run */
    struct tdh_ask_entry *hash_next;
    struct tdh_ask_entry *queue_next; /* of the hub's queue, or the run's held list */
    struct tdh_run *run;
    uint32_t number;
    enum tdh_ask_kind kind;
    enum tdh_ask_state state;
    unsigned attempt, counted; /* begun so far; of them in the purse */
    unsigned before_stand_in;  /* of them by others than who acts now */
    uint64_t tag;
    uint64_t mark; /* events that must be durable before an effect */
    /* Of a timer or back-off. What is due in this process is so by the clock that never steps. */
    int64_t due_us;                       /* time of day, for a later process */
    int64_t queued_us;                    /* of a call that waits for an executor */
    int64_t delay_us;                     /* how long it was to be */
    uint64_t due_ns;                      /* 0: not known, as the process that asked has ended */
    struct tdh_target *target, *stand_in; /* stand_in acts instead; NULL: nobody does */
    char *rule;                           /* of the target, by which that is so; owned */
    struct td_policy policy;
    json_t *input, *config;
    char *name; /* of a wait's signal or a run's definition; owned. A question has none */
    enum td_target run_target;
    struct tdh_run *child;
    char child_id[TDH_ID_SIZE];
    const struct tdh_meters *used; /* by the attempt under way; with the call */
    struct tdh_meters *child_used; /* by a child run that has ended; owned */
    struct tdh_timer timer;
    struct tdh_co *co;
    bool is_reconciling;
    bool is_reserved;           /* in the purse, as it is under way */
    bool is_stopped;            /* no further attempt is wanted */
    bool may_have_begun;        /* in another process, whose end left it in doubt */
    bool is_untold;             /* a wait that watchers hear of when it is durable */
    enum tdh_decision decision; /* after a resume: what is known of its outcome, or was decided */
    json_t *decided;            /* with it: output, or error */
    char *key;                  /* of a retried run: that of the old one; NULL: its own */
    char *path;                 /* path_inline or owned */
    char path_inline[TDH_PATH_INLINE];
};

struct tdh_result { /* an output in the journal, for references from snapshots */
    json_t *value;  /* held */
    uint64_t seq;   /* of its row; 0: not durable yet */
    uint32_t place; /* of the event in the row */
};

struct tdh_values {
    const json_t **list;
    size_t count, room;
};

struct tdh_note { /* a notice on its way to the store, as it is published */
    struct tdh_note *next;
    int64_t time_us;
    struct tdh_buf text;
};

struct tdh_waiter {
    struct tdh_waiter *next;
    struct tdh_co *co;
};

struct tdh_line {
    struct tdh_ask_entry *first, *last;
};

struct tdh_run {
    struct td_asks asks; /* first: what the reducer gets */
    struct tdh_engine *engine;
    struct tdh_hub *hub;
    struct tdh_run *next, *before; /* of the hub's runs */
    struct tdh_run *dirty_next;
    struct tdh_definition *definition;
    void *state;
    char id[TDH_ID_SIZE];
    uint64_t key;
    enum tdh_run_status status;
    struct td_err why;
    json_t *output;
    int64_t created_us, now_us; /* now: the time of the event that is folded */
    unsigned holds;
    bool is_dirty, is_journalled, is_ended, is_end_durable, is_folding, is_cancel_asked,
        is_record_due, is_broken, is_started, is_paused, has_untold, has_row,
        is_further,        /* since its last owner, in the events being gathered */
        is_further_flying, /* same, in those being written */
        is_loose,          /* while replaying: what is asked for is not held against the journal */
        is_unpinned;       /* same: of its agents those that serve are taken */
    unsigned tries;
    enum tdh_priority priority;

    struct tdh_pins pins;
    struct tdh_purse purse;
    _Atomic uint64_t cpu_ns; /* in plugins' code for it, in this process: of its own, and of
                                attempts that have ended */
    struct tdh_meters *lost; /* by what was cut off, and stands in no event yet; NULL: nothing */
    struct tdh_ask_entry *first, *last; /* open asks, in order */
    struct tdh_ask_entry **buckets;
    size_t bucket_count, ask_count;
    uint32_t next_ask;
    struct tdh_ask_entry *fresh, *fresh_last; /* of the fold under way, by queue_next */
    struct tdh_ask_entry *held, *held_last;   /* wait for the disk */
    struct tdh_line line;                     /* wait for others of the run; see crowd.c */
    uint32_t calls;                           /* under way */
    bool is_finish_asked;
    enum tdh_run_status finish_status;

    struct tdh_run *parent;
    struct tdh_ask_entry *parent_ask;
    char parent_id[TDH_ID_SIZE];
    uint32_t parent_number;
    char origin_id[TDH_ID_SIZE]; /* the run it was made from, after so many of its events; "": none
                                  */
    uint32_t origin_at;
    json_t *tags; /* texts; NULL: none */
    char *tenant; /* on whose account it is; NULL: nobody's. Then: */
    struct tdh_ledger_line *account;
    uint64_t charged_ns; /* of cpu_ns, what stands on the account already */
    json_t *was;         /* hashes of the definitions it followed before; NULL: none */
    json_t *moved; /* the nodes of a change of definition that is not written yet; NULL: none */
    bool has_stop_ms;
    uint32_t stop_ms; /* patience with its calls once they are stopped; else the engine's */
    bool is_resuming; /* nothing of it has been set to work yet */
    unsigned hops;    /* starts by triggers that led to it */
    unsigned notices; /* which are told of it: TDH_NOTICE_BIT()s */
    struct tdh_note *notes, *notes_last, *flying_notes; /* being gathered; being written */
    unsigned note_count;                                /* in `notes` */

    struct tdh_buf events, flying; /* being gathered; being written */
    uint32_t event_count;          /* in `events` */
    uint64_t marks, durable_marks; /* events ever appended; of these durable */
    uint64_t flying_marks;
    uint64_t effect_marks;             /* with the newest event that tells how an effect ended */
    uint64_t head;                     /* newest row */
    size_t tail_bytes, snapshot_bytes; /* behind the newest snapshot that is durable; its own */
    struct tdh_snapshot *snapshot;     /* on its way; NULL: none */
    bool has_snapshot;                 /* there may be a record of one */
    struct tdh_result *results;        /* by pointer, open addressing */
    size_t result_room, result_count;
    struct tdh_values fresh_results, flying_results; /* without a row yet */
    struct tdh_buf base; /* a snapshot that is a row, while it is written */
    struct tdh_buf record, live;
    /* a message that became an event, or the cause of the start, to be removed with it; "": none */
    char mail[TDH_MAIL_KEY];
    const char *mail_space;
    bool is_mail_flying;
    struct td_op *events_op; /* of the write under way; NULL: none */
    unsigned depth;          /* of child runs */

    json_t *expected; /* while replaying: asks the journal has for this event */
    size_t expected_at;
    bool is_replaying;
    json_t *signals; /* came, not taken: [[name, payload] ...] */

    struct tdh_waiter *waiters;
    tdh_run_watch_fn *watch;
    void *watch_arg;
};

struct tdh_text { /* of a definition that a run under way to the journal follows */
    struct tdh_definition *definition;
    char *bytes;
    unsigned sweeps; /* when it was put into the write */
};

/* What belongs to one worker. */
struct tdh_hub {
    struct tdh_engine *engine;
    struct tdh_worker *worker;
    struct tdh_run *runs;
    struct tdh_run *dirty, *dirty_last;
    struct tdh_task flush;
    bool is_flush_due, is_writing;
    pthread_mutex_t
        building;           /* held from the look at what is stored until the write is handed in */
    struct tdh_text *texts; /* definitions being written */
    size_t text_count, text_room;
    struct tdh_definition *known[TDH_KNOWN]; /* made again from their texts, the newest first */
    struct tdh_ahead *ahead;                 /* tails that were read ahead, by run */
    size_t ahead_count;
    struct tdh_timer mail; /* the next look for messages */
    bool is_reading_mail;
    bool is_mail_left;      /* some run had not done with one message when there was a next */
    struct tdh_timer again; /* without a coroutine for the queue: looks again */
    struct tdh_task stop;
    struct tdh_run **flying;
    size_t flying_count, flying_room;
    struct tdh_write write;
    struct td_op *op_cells, **ops;
    size_t op_count, op_room;
    unsigned note_count;                   /* in the write under way */
    struct tdh_line lines[TDH_PRIORITIES]; /* of calls that wait for an executor; see queue.c */
    size_t queue_count;
    char left_owner[TDH_ID_SIZE]; /* the last that was asked about in left.c, and the answer */
    bool left_answer;
    unsigned executors;
    bool has_spare;
    bool is_looping; /* an executor is between two calls and will look at the queue */
};

enum { TDH_RUN_KINDS = 4 };

struct tdh_engine {
    struct tdh_engine_options options;
    char owner[TDH_ID_SIZE];
    char *owners_dir;
    int owner_fd;
    struct tdh_hub *hubs;
    atomic_bool is_stopping;
    atomic_uint open_runs; /* that are journalled, and whose end is not */
    atomic_uint sweeps;    /* of definitions, by this process; from 1 on. See garbage.c */
    bool is_listed;        /* the list of runs that have ended is complete */
    struct tdh_run_kind kinds[TDH_RUN_KINDS];
    unsigned kind_count;
    struct tdh_notice_port port; /* print is NULL: nobody hears notices */
};

/* run.c */
struct tdh_run *tdh_run_new(struct tdh_engine *engine, struct tdh_definition *definition,
                            const char *id, struct td_err *err);
void tdh_run_free(struct tdh_run *run);
/* The reducer's plugin holds the thread, until tdh_hold_again(). */
struct tdh_held tdh_run_enter(const struct tdh_run *run);
/* Wakes who waits for the run. */
void tdh_run_wake(struct tdh_run *run);
/* The run has ended: its parent hears of it in the same turn, so both are written together. */
void tdh_run_finished(struct tdh_run *run);
void tdh_run_begin(struct tdh_run *run, json_t *input);
/* It has begun, or was taken over: counts until its end is durable. */
void tdh_run_count(struct tdh_run *run);
/* The run in this worker's memory with that id; NULL: none that can go on. */
struct tdh_run *tdh_run_here(struct tdh_engine *engine, const char *id);
/* Why a run that has ended, or stopped, is not done. */
void tdh_run_say_why(const struct tdh_run *run, struct td_err *ret_err);
/* child.c: the child lives as long as its ask; begins the run that an ask is for. */
void tdh_child_begin(struct tdh_ask_entry *ask);
/* Is it one that goes on by itself? What is told of it, new. */
bool tdh_child_is_async(const struct tdh_ask_entry *ask);
json_t *tdh_child_told(const struct tdh_ask_entry *ask);
void tdh_run_adopt(struct tdh_run *parent, struct tdh_ask_entry *ask, struct tdh_run *child);
void tdh_run_tell(struct tdh_run *run, const char *name, const char *path, const json_t *data,
                  const struct td_err *error);
const struct tdh_run_kind *tdh_run_kind_of(struct tdh_engine *engine, const char *kind,
                                           enum td_target target);

/* resume.c: the run in memory as it was, with its children; nothing of it is under way yet. */
int tdh_run_rebuild(struct tdh_engine *engine, const char *id, const struct tdh_resume *resume,
                    struct tdh_run **ret_run, struct td_err *err);

int tdh_definition_hash(const json_t *text, char ret_hash[static TDH_SHA256_HEX],
                        struct td_err *err);
/* is_newest: with the plugin that serves, whatever the facts say */
int tdh_definition_find(struct tdh_engine *engine, const json_t *facts, bool is_newest,
                        struct tdh_definition **ret_definition, struct td_err *err);

/* preload.c: what was read ahead of a run, each once: its live record, new; its tail, when it was
 * read for that version of the live record (rows->rc and err as after a reading); and whether
 * somebody may have sent it something. */
bool tdh_preload_live(struct tdh_hub *hub, const char *id, json_t **ret_live,
                      uint64_t *ret_version);
bool tdh_preload_take(struct tdh_hub *hub, const char *id, uint64_t version, struct tdh_rows *rows);
bool tdh_preload_has_mail(struct tdh_hub *hub, const char *id);
void tdh_preload_free(struct tdh_hub *hub);
/* The row the index leads to. */
TD_YIELDS int tdh_rows_last(struct tdh_store *store, struct tdh_rows *rows, struct td_err *err);
void tdh_rows_free(struct tdh_rows *rows);
/* A snapshot with its references replaced by the results they lead to; new.
 * Those count as known results of the run. after: the row it stands behind. */
TD_YIELDS json_t *tdh_rows_resolve(struct tdh_run *run, json_t *snapshot, uint64_t after,
                                   struct td_err *err);
enum { TDH_RESULT_PLACE = 4 }; /* of the output in a "d" or "g" event */

/* chain.c: a run's record and its rows [{seq, type, value}], oldest first; both new. */
TD_YIELDS int tdh_chain_read(struct tdh_engine *engine, const char *id, json_t **ret_record,
                             json_t **ret_rows, struct td_err *err);

/* fold.c: events in, asks out */
void tdh_fold_done(struct tdh_ask_entry *ask, json_t *output);
void tdh_fold_failed(struct tdh_ask_entry *ask, const struct td_err *error);
void tdh_fold_attempt(struct tdh_ask_entry *ask, const struct td_err *error);
void tdh_fold_begin(struct tdh_ask_entry *ask);
/* The payload of the oldest signal of that name that was kept; NULL: none. */
json_t *tdh_signal_kept(const struct tdh_run *run, const char *signal);
void tdh_fold_signal(struct tdh_run *run, struct tdh_ask_entry *ask, const char *signal,
                     json_t *payload);
void tdh_fold_start(struct tdh_run *run, json_t *input);
void tdh_fold_cancel(struct tdh_run *run);
/* Paused: for run->why, when that is set. Asks that are not work under way never began. */
void tdh_fold_pause(struct tdh_run *run, bool is_paused);
/* It follows another definition from now on, than that of the hash `from`. */
void tdh_fold_moved(struct tdh_run *run, const char *from, const json_t *nodes);
void tdh_fold_end(struct tdh_run *run, enum tdh_run_status status, json_t *output,
                  const struct td_err *error);
/* wish.c: what a reducer may ask for; a letter for each kind, as the journal has it */
extern const struct td_asks_ops tdh_ask_ops;
extern const char *const tdh_ask_letters[];

/* tenant.c */
/** err TD_E_INVAL: that is no name of one; TD_E_NOMEM */
int tdh_tenant_set(struct tdh_run *run, const char *name, struct td_err *err);
/** A run that another begins is on the account of that one. */
void tdh_tenant_inherit(struct tdh_run *child, const struct tdh_run *parent);
/** Puts the processor's time of the run on its tenant's account, as far as it is not. */
void tdh_tenant_charge(struct tdh_run *run);

/* facts.c: members of an object; the record and the live record, in their buffers */
int tdh_facts_tag(struct tdh_run *run, const json_t *tags, struct td_err *err);
void tdh_facts_write(const struct tdh_run *run, struct tdh_buf *buf);
void tdh_facts_read(struct tdh_run *run, const json_t *facts);
void tdh_facts_record(struct tdh_run *run);
void tdh_facts_live(struct tdh_run *run, const char *owner);

/*
 * shape.c: types has a letter for each member of an array: i number from 0, n one of 32 bits, r any
 * number, s text, S text or null, o object, a array, u amounts by meter, * anything.
 */
bool tdh_row_fits(const json_t *array, const char *types);
/* The parts of a run's facts that count. */
bool tdh_facts_fit(const json_t *facts);
/* Of a known letter, with members as stands above; an "e" is none that is replayed. */
bool tdh_event_fits(const json_t *event);

/* replay.c: one event of the journal; err TD_E_CORRUPT names what differs. */
int tdh_fold_replay(struct tdh_run *run, const json_t *event, struct td_err *err);

/* ask.c: the table of open asks */
struct tdh_ask_entry *tdh_ask_add(struct tdh_run *run, enum tdh_ask_kind kind, const char *path,
                                  uint64_t tag, struct td_err *err);
struct tdh_ask_entry *tdh_ask_find(struct tdh_run *run, uint32_t number);
void tdh_ask_remove(struct tdh_ask_entry *ask);
/* Takes the number, tag, path and place of another run's ask, which ends. */
int tdh_ask_succeed(struct tdh_ask_entry *ask, struct tdh_ask_entry *heir);
/* One that runs becomes nobody's; what takes its place is returned, NULL: without memory. */
struct tdh_ask_entry *tdh_ask_abandon(struct tdh_ask_entry *ask);
/* All asks of one run become those of another, which has none. */
void tdh_ask_move(struct tdh_run *from, struct tdh_run *to);
/* Does something begin with it? */
static inline bool tdh_ask_is_work(const struct tdh_ask_entry *ask)
{
    return ask->kind == TDH_ASK_CALL || ask->kind == TDH_ASK_RUN;
}
/* Stops what is under way for it and takes it out. */
void tdh_ask_drop(struct tdh_ask_entry *ask);

/* queue.c: the calls that wait for an executor */
void tdh_queue_put(struct tdh_hub *hub, struct tdh_ask_entry *ask);
struct tdh_ask_entry *tdh_queue_take(struct tdh_hub *hub); /* NULL: none */
/* crowd.c: calls of a run at once, of which there may be so many */
bool tdh_crowd_is_full(const struct tdh_run *run);
void tdh_crowd_wait(struct tdh_ask_entry *ask);
void tdh_crowd_leave(struct tdh_run *run); /* a call has come back */
void tdh_crowd_next(struct tdh_run *run);  /* one that was let go makes no call after all */
void tdh_crowd_free(struct tdh_run *run);

/* hold.c: what waits for the disk */
bool tdh_ask_must_wait(const struct tdh_ask_entry *ask);
void tdh_ask_hold(struct tdh_ask_entry *ask);
void tdh_ask_tell_wait(struct tdh_ask_entry *ask);
/* execute.c: asks become calls, timers, child runs */
void tdh_execute(struct tdh_ask_entry *ask);
void tdh_execute_held(struct tdh_run *run);
/* The run was paused, and goes on. */
void tdh_execute_paused(struct tdh_run *run);
/* No more than what is under way for it; its event still comes. */
void tdh_execute_stop(struct tdh_ask_entry *ask);
void tdh_execute_resumed(struct tdh_ask_entry *ask, const struct tdh_resume *resume);
/* Was under way, and a person is to say what became of it. */
bool tdh_doubt_is_asked(const struct tdh_ask_entry *ask, const struct tdh_resume *resume);

/* stop.c: a call under way of which no further attempt is wanted, is given up after some time.
 * _within: of this run and its children, from now on so long after. */
void tdh_stop_arm(struct tdh_ask_entry *ask);
void tdh_stop_within(struct tdh_run *run, uint32_t ms);

/* due.c: sets the timer of a timer, or of a call that is to be tried again, for its due time.
 * Without memory it is due at once. */
void tdh_due_arm(struct tdh_ask_entry *ask);

/* late.c: answers an ask in a turn of its own:
 * with output (borrow), or with the error when that is NULL. */
void tdh_answer_late(struct tdh_ask_entry *ask, json_t *output, const struct td_err *error);

/* Gives a wait the signal that was kept for it,
 * if no other wait took it until then; in a turn of its own. */
void tdh_answer_signal(struct tdh_ask_entry *ask);

/* mail.c: looks for messages from now on, as long as the worker has runs */
void tdh_mail_watch(struct tdh_hub *hub);
/* A message was taken, for good: looks at once when others wait behind it. */
void tdh_mail_next(struct tdh_hub *hub);
/* What was sent to a run that nobody owned; it takes the most urgent of it, the rest is found as
 * always. ret_list: new; NULL: nothing. */
TD_YIELDS int tdh_mail_read(struct tdh_engine *engine, const char *run, json_t **ret_list,
                            struct td_err *err);
void tdh_mail_take(struct tdh_run *run, const json_t *list);
/* An order among them to follow another definition is carried out first; the run is being resumed.
 */
TD_YIELDS void tdh_mail_graft(struct tdh_run *run, const json_t *list);
/* The message goes away with the next commit of the run. */
void tdh_mail_note(struct tdh_run *run, const char *key);
/* Removes what was sent to a run that takes nothing any more. */
TD_YIELDS int tdh_mail_remove(struct tdh_engine *engine, const char *run, struct td_err *err);

/* journal.c */
void tdh_journal_touch(struct tdh_run *run);
/* Stops a run in memory where its journal stands, and with it its parent and children. */
void tdh_run_break(struct tdh_run *run, const char *why);
void tdh_journal_begin(struct tdh_run *run);
void tdh_journal_end(struct tdh_run *run);
void tdh_journal_result(struct tdh_run *run, json_t *value, size_t bytes);
/* A result that stands in the journal already: it was read from there. */
void tdh_journal_known(struct tdh_run *run, json_t *value, uint64_t seq, uint32_t place);

/* notice.c: what a run is to tell, by itself or its engine; and what it tells now */
unsigned tdh_notices_of(const struct tdh_engine *engine, const struct tdh_definition *definition);
void tdh_notices_read(struct tdh_definition *definition);
static inline bool tdh_notice_is_wanted(const struct tdh_run *run, enum tdh_notice_kind kind)
{
    return (run->notices & TDH_NOTICE_BIT(kind)) != 0 && !run->is_replaying;
}
void tdh_notice_start(struct tdh_run *run);
/* An ask that begins: a question is told. */
void tdh_notice_ask(struct tdh_run *run, const struct tdh_ask_entry *ask);
void tdh_notice_end(struct tdh_run *run, json_t *output, const struct td_err *error);
/* What is told of a run that is made out of another, of which it takes what is open. */
void tdh_notices_begin(struct tdh_run *run);
/* One commit of some operations, with all that is gathered. */
TD_YIELDS int tdh_notes_commit(struct tdh_run *run, const struct td_op *ops, size_t count,
                               struct td_err *err);
/* All that is gathered goes into a write; the list is the run's until tdh_notes_free(). */
struct tdh_note *tdh_notes_fly(struct tdh_run *run);
struct td_op tdh_note_op(const struct tdh_run *run, const struct tdh_note *note);
void tdh_notes_free(struct tdh_note *notes);

/* event.c */
void tdh_event_error(struct tdh_buf *buf, const struct td_err *error);

/* owner.c */
int tdh_owner_take(struct tdh_engine *engine, struct td_err *err);
void tdh_owner_leave(struct tdh_engine *engine);
bool tdh_owner_is_alive(struct tdh_engine *engine, const char *owner);
/* left.c: did it end because it was told to? */
TD_YIELDS bool tdh_owner_has_left(struct tdh_engine *engine, const char *owner);
/* No other process lives that could begin runs, as far as can be seen. */
bool tdh_owner_is_alone(struct tdh_engine *engine);

#endif
