/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runtime: all waiting happens here. Workers, coroutines, timers, hops between threads, and the
 * blocking pool.
 *
 * A worker is a thread with an event loop, a heap of timers and a queue of coroutines that are
 * ready. What lives on a worker is touched by that worker only, so it needs no locks. A coroutine
 * is a call or a request in flight: it starts, waits and ends on one worker. Blocking work goes to
 * one of two pools of threads: the host's own, where work is short and waits for nobody, and that
 * of plugins, which may take their time and call each other.
 *
 * The law of yielding: after any function marked TD_YIELDS, other coroutines of this worker have
 * run.
 */
#ifndef TDH_RUNTIME_RUNTIME_H
#define TDH_RUNTIME_RUNTIME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/ctx.h>
#include <tdev/err.h>

struct event_base;
struct tdh_runtime;
struct tdh_worker;
struct tdh_co;

#define TDH_NEVER UINT64_MAX

struct tdh_runtime_options {
    unsigned workers;          /* 0: one per core */
    unsigned blocking_threads; /* most threads of the plugins' pool; started when needed */
    unsigned coroutines_max;   /* of all workers; at most 16000, since each stack is two mappings */
    size_t stack_bytes;        /* of a coroutine; 0: 256 KiB, 1 MiB under sanitizers */
    bool is_watched;           /* a thread that names who holds a worker for over a second */
};

typedef void tdh_co_fn(void *arg);

/** err: TD_E_NOMEM, TD_E_IO, TD_E_INVAL. new; tdh_runtime_free(). */
struct tdh_runtime *tdh_runtime_new(const struct tdh_runtime_options *options, struct td_err *err);
/**
 * Runs `fn(arg)` as the first coroutine of worker 0, which is the calling thread; the other workers
 * are threads. Returns when fn has returned and every worker has stopped; coroutines still there
 * are cancelled and waited for.
 */
int tdh_runtime_run(struct tdh_runtime *runtime, tdh_co_fn *fn, void *arg, struct td_err *err);
void tdh_runtime_free(struct tdh_runtime *runtime);

unsigned tdh_runtime_workers(const struct tdh_runtime *runtime);
struct tdh_worker *tdh_runtime_worker(struct tdh_runtime *runtime, unsigned index);

/** The worker of this thread;
 * NULL in the blocking pool and in threads that are not the runtime's. */
struct tdh_worker *tdh_worker_self(void);
unsigned tdh_worker_index(const struct tdh_worker *worker);
/** Its event loop, for what libevent does by itself; used on the worker only. */
struct event_base *tdh_worker_events(const struct tdh_worker *worker);

/* Something to do on a worker's own stack.
 * Owned by the sender until it has run; it must not wait. */
struct tdh_task {
    struct tdh_task *next;
    void (*run)(struct tdh_task *task);
};
/** Has a worker run a task soon; from any thread, never waits. Tasks of one sender run in order. */
void tdh_worker_post(struct tdh_worker *worker, struct tdh_task *task);
/** As tdh_worker_post to this worker, without the way through the channel:
 * it runs after what is ready now. */
void tdh_worker_defer(struct tdh_task *task);

/**
 * Names the plugin whose code this thread, or the running coroutine, enters, for the watchdog and
 * for tdh_holder(); NULL: the host's own.
 * Borrowed until the next change. Returns the name before, to be set again when the code is left.
 */
const char *tdh_hold(const char *name);

/*
 * Whom the processor's time of a thread is charged to, in nanoseconds, while it is in a plugin's
 * code. Waits of a coroutine are nobody's. Zeroed: nobody. The cells outlive the stay.
 */
struct tdh_charge {
    _Atomic uint64_t *to, *also; /* also: NULL, or a second one that gets the same */
};
/* Who held a thread. */
struct tdh_held {
    const char *name;
    struct tdh_charge charge;
};
/**
 * As tdh_hold, and from now on the time is charged to another. Returns who held the thread before.
 *
 * ret_now_ns  the time on the clock of tdh_clock_mono_ns; may be NULL
 */
struct tdh_held tdh_hold_for(const char *name, const struct tdh_charge *charge,
                             uint64_t *ret_now_ns);
/** Back to who held it before; the time, when ret_now_ns is not NULL. */
void tdh_hold_again(const struct tdh_held *before, uint64_t *ret_now_ns);
/** The plugin at work in this thread; NULL: none. May be called in a signal's handler. */
const char *tdh_holder(void);
/** The plugin that was entered last, in any thread; it may have been left since. NULL: none yet. */
const char *tdh_holder_last(void);
/** The name is about to be freed. */
void tdh_holder_forget(const char *name);

/* --- coroutines: of the calling worker only --- */

/** Starts `fn(arg)` as a coroutine of this worker;
 * it first runs after the caller gives way. err: TD_E_NOMEM, TD_E_LIMIT. */
int tdh_co_spawn(tdh_co_fn *fn, void *arg, struct tdh_co **ret_co, struct td_err *err);
/** The running coroutine; NULL on a worker's main stack and in other threads. */
struct tdh_co *tdh_co_self(void);
/** Lets the others run. */
TD_YIELDS void tdh_co_yield(void);
/** True when others are ready: so that a long loop gives way only then. */
bool tdh_co_is_crowded(void);

enum tdh_woken { TDH_WOKEN, TDH_WAIT_TIMEOUT, TDH_WAIT_CANCELLED };
/**
 * Waits for tdh_co_wake. A wake that came since the last wait counts and is used up.
 * until_ns  on the clock of tdh_clock_mono_ns; TDH_NEVER
 */
TD_YIELDS enum tdh_woken tdh_co_wait(uint64_t until_ns);
/**
 * As tdh_co_wait; it also ends when the descriptor can be read, as one woken. Who calls looks which
 * it was, without blocking.
 */
TD_YIELDS enum tdh_woken tdh_co_wait_readable(int fd, uint64_t until_ns);
/** As tdh_co_wait(TDH_NEVER), but cancellation does not end it:
 * for waits whose other side uses memory of this stack. */
TD_YIELDS void tdh_co_park(void);
/** Ends the wait of a coroutine of this worker, or its next one. */
void tdh_co_wake(struct tdh_co *co);
/** Marks a coroutine of this worker as cancelled:
 * its waits end at once, now and later. Idempotent. */
void tdh_co_cancel(struct tdh_co *co);
bool tdh_co_is_cancelled(const struct tdh_co *co);
/** As tdh_co_cancel, but only until it is mended: for work that is to end while who had it done
 * goes on. One that is cancelled stays so. */
void tdh_co_cut(struct tdh_co *co);
/** It may wait again, unless it was cancelled besides. Returns whether it was cut, and only that.
 */
bool tdh_co_mend(struct tdh_co *co);
/** Asserts that no coroutine switch happens between the two: around foreign callbacks. */
void tdh_co_forbid(void);
void tdh_co_allow(void);

/* --- timers: of the calling worker only --- */

/* Embedded where it is needed; zeroed is valid. Set and ended by its worker. */
struct tdh_timer {
    uint64_t at_ns;
    size_t place; /* in the heap, from 1; 0: not set */
    void (*fire)(struct tdh_timer *timer);
};
/** (Re)sets a timer. err: TD_E_NOMEM when the heap cannot grow. */
int tdh_timer_set(struct tdh_timer *timer, uint64_t at_ns, void (*fire)(struct tdh_timer *timer),
                  struct td_err *err);
/** Stops it; one that is not set is fine. */
void tdh_timer_stop(struct tdh_timer *timer);

/* --- descriptors and other processes: of the calling worker only --- */

/*
 * A descriptor that is watched as long as the watch lives: `ready` runs on the worker's own stack
 * whenever it can be read, as long as it can, and must not wait.
 */
struct tdh_fd_watch;
/** fd is borrowed. new; tdh_fd_watch_free() on the same worker, also from within `ready`, or when
 * tdh_runtime_run has returned. err TD_E_NOMEM */
struct tdh_fd_watch *tdh_fd_watch_new(int fd, void (*ready)(void *arg), void *arg,
                                      struct td_err *err);
/** As tdh_fd_watch_new, when there is room to write. */
struct tdh_fd_watch *tdh_fd_watch_room(int fd, void (*ready)(void *arg), void *arg,
                                       struct td_err *err);
void tdh_fd_watch_free(struct tdh_fd_watch *watch);

/*
 * Memory that another process writes to: who waits for it may look a while before the worker sleeps
 * (TDH_LOOK_NS), since to be woken takes several times as long. Only with more than one core.
 */
struct tdh_lookout {
    struct tdh_lookout *next; /* private, as worker */
    struct tdh_worker *worker;
    bool is_hopeful; /* set by its owner: something may come soon. Cleared when nothing did */
    /*
     * Is there something? Then it is seen to, without waiting. is_last: the worker sleeps after
     * this; from now on the other side has to wake it through a descriptor. Every look is
     * followed by a last one.
     */
    bool (*look)(struct tdh_lookout *lookout, bool is_last);
};
#define TDH_LOOK_NS 30000
/** Embedded where it is needed, zeroed; lives until it is removed, as a watch is freed. One that
 * was not added may be removed. */
void tdh_lookout_add(struct tdh_lookout *lookout);
void tdh_lookout_remove(struct tdh_lookout *lookout);

/* --- across threads --- */

/**
 * Runs `fn(arg)` as a coroutine of another worker and waits until it has returned. From a coroutine
 * the wait gives way; from a thread of the blocking pool it blocks. Cancelling the waiting
 * coroutine cancels the other. On the worker itself, from a coroutine: a plain call.
 */
TD_YIELDS int tdh_hop(struct tdh_worker *worker, tdh_co_fn *fn, void *arg, struct td_err *err);

/** Runs `fn(arg, err)` in the host's blocking pool and waits;
 * in a thread of a pool: a plain call. Returns what fn returns. */
TD_YIELDS int tdh_blocking(struct tdh_runtime *runtime, td_blocking_fn *fn, void *arg,
                           struct td_err *err);
/**
 * The same in the plugins' pool. As long as no thread has begun it, cancelling the coroutine ends
 * it, and so does the time `until_ns` (on the clock of tdh_clock_mono_ns; TDH_NEVER).
 *
 * err  what fn says; TD_E_CANCELLED, TD_E_TIMEOUT: it was not begun
 */
TD_YIELDS int tdh_blocking_plugin(struct tdh_runtime *runtime, uint64_t until_ns,
                                  td_blocking_fn *fn, void *arg, struct td_err *err);
/* A job that nobody waits for in a coroutine: run() in the host's pool, then done() as a task of
 * `worker`. Owned by the sender until done. */
struct tdh_job {
    struct tdh_task task; /* private, until done */
    struct tdh_worker *worker;
    void (*run)(struct tdh_job *job);
    void (*done)(struct tdh_job *job);
};
void tdh_blocking_submit(struct tdh_runtime *runtime, struct tdh_job *job);
/** The same in the plugins' pool: for what may take seconds, as looking up a name. */
void tdh_blocking_submit_plugin(struct tdh_runtime *runtime, struct tdh_job *job);

#endif
