/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what the units of runtime share: the structs of a worker, a coroutine and the channel
 * between threads.
 */
#ifndef TDH_RUNTIME_INTERNAL_H
#define TDH_RUNTIME_INTERNAL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "runtime/charge.h"
#include "runtime/runtime.h"

/*
 * A channel: many senders, one receiver. Senders push onto a stack with one exchange and never
 * wait; the receiver takes all of it and turns it round, so the tasks of one sender stay in order.
 */
struct tdh_channel {
    _Atomic(struct tdh_task *) newest;
};
/* Returns true when the channel was empty before. */
bool tdh_channel_push(struct tdh_channel *channel, struct tdh_task *task);
/* All tasks, oldest first. */
struct tdh_task *tdh_channel_take(struct tdh_channel *channel);

/* A stack with a guard page below it. */
struct tdh_stack {
    void *base;   /* of the mapping; the guard is its first page */
    size_t bytes; /* of the mapping */
    unsigned valgrind_id;
};
int tdh_stack_map(struct tdh_stack *stack, size_t usable_bytes, struct td_err *err);
void tdh_stack_unmap(struct tdh_stack *stack);
/* A handler of signals in this thread runs on a stack of its own: so a coroutine that runs out of
 * stack can still be told. */
void tdh_stack_for_signals(void);

struct tdh_context; /* where a suspended coroutine goes on; private to switch.c */

enum tdh_co_state { TDH_CO_FREE, TDH_CO_READY, TDH_CO_RUNNING, TDH_CO_WAITING };

/*
 * Made when none is free, then kept and used again: its stack holds a loop that runs one function
 * after another. Free ones wait in their worker's pool.
 */
struct tdh_co {
    struct tdh_co *next; /* in the ready queue, or in the pool */
    struct tdh_worker *worker;
    struct tdh_context *context;
    tdh_co_fn *fn;
    void *arg;
    const char *label;
    struct tdh_charge charge;
    struct tdh_timer timer; /* of a wait with a time limit */
    enum tdh_co_state state;
    bool is_woken, is_cancelled, is_cut, is_timed_out;
    struct tdh_co *live_next, *live_before; /* among those in use, to be cancelled at the end */
    struct tdh_helper *helper; /* who waits for what it does, in a thread of the pool; or NULL */
};

/*
 * A thread of the pool that waits in a hop, and does meanwhile what the coroutine it waits for
 * wants done in a blocking way. So plugins that block may call each other as deep as calls go,
 * however few threads there are. Lives on that thread's stack until the hop is done.
 */
struct tdh_helper {
    struct tdh_channel inbox;
    sem_t ready; /* a post per job, and one without a job: the end */
};

struct tdh_queue {
    struct tdh_co *first, *last;
};

struct tdh_worker {
    struct tdh_runtime *runtime;
    unsigned index;
    pthread_t thread;
    struct event_base *base;
    struct event *wake_event, *timer_event;
    int wake_fd;
    struct tdh_channel inbox;
    atomic_bool is_asleep;
    atomic_bool is_stopping;
    struct tdh_queue ready;
    struct tdh_task *deferred_first, *deferred_last;
    struct tdh_co *current;
    struct tdh_co *pool;
    unsigned pool_count;
    struct tdh_co *live;
    unsigned live_count;
    struct tdh_context *main_context;
    unsigned forbidden;
    struct tdh_timer **heap; /* from 1 */
    size_t heap_count, heap_room;
    /*
     * Odd while the worker is told to stop and has nothing left to do; each change adds one, so
     * that an observer who reads all of them twice knows that nothing happened in between.
     */
    _Atomic uint64_t drained;
    _Atomic uint64_t turns; /* for the watchdog: grows with every switch */
    _Atomic(const char *) holder;
    struct tdh_stint stint;
    struct tdh_lookout *lookouts;
};

struct tdh_pool {
    struct tdh_runtime *runtime;
    struct tdh_channel inbox;
    sem_t ready;            /* one post per job */
    pthread_mutex_t lock;   /* among the pool's threads only; no worker takes it */
    struct tdh_task *taken; /* in order, under lock */
    pthread_t *threads;
    unsigned threads_max;
    atomic_uint threads_started;
    atomic_uint jobs;         /* sent, and not done yet */
    atomic_uint idle, queued; /* threads that wait; posts that have woken none yet */
    atomic_bool is_stopping;
};

struct tdh_runtime {
    struct tdh_worker **workers;
    unsigned worker_count;
    struct tdh_pool plugin_pool;
    struct tdh_pool host_pool; /* short work of the store that waits for nobody */
    size_t stack_bytes;
    unsigned coroutines_max;
    atomic_uint coroutines;
    tdh_co_fn *main_fn;
    void *main_arg;
    bool is_alone; /* one core: while this process looks, no other gets on */
    bool is_watched;
    pthread_t watchdog;
    int watchdog_fd; /* readable: the watchdog is to end */
};

/* switch.c: the only unit that knows how a stack is changed. */
struct tdh_context *tdh_context_new(size_t stack_bytes, void (*entry)(void *arg), void *arg,
                                    struct td_err *err);
struct tdh_context *tdh_context_main(struct td_err *err);
void tdh_context_free(struct tdh_context *context);
/* Goes on in `to`; returns when somebody switches back to `from`. */
void tdh_context_switch(struct tdh_context *from, struct tdh_context *to);

/* co.c */
void tdh_co_run(struct tdh_co *co);
void tdh_co_free_pool(struct tdh_worker *worker);
void tdh_co_cancel_all(struct tdh_worker *worker);

/* timer.c */
void tdh_timer_fire_due(struct tdh_worker *worker, uint64_t now_ns);

/* worker.c */
int tdh_worker_init(struct tdh_worker *worker, struct td_err *err);
void tdh_worker_end(struct tdh_worker *worker);
void tdh_worker_loop(struct tdh_worker *worker);
void tdh_worker_set_self(struct tdh_worker *worker);
/* Ends its sleep in the system. */
void tdh_worker_poke(struct tdh_worker *worker);

/* lookout.c */
/* Looks before the worker sleeps. True: there is something to do. */
bool tdh_look_out(struct tdh_worker *worker);
/* May this process run on one core only? */
bool tdh_is_alone(void);

/* blocking.c */
int tdh_pool_init(struct tdh_pool *pool, struct tdh_runtime *runtime, unsigned threads_max,
                  struct td_err *err);
void tdh_pool_end(struct tdh_pool *pool);
/* Does a job that came to a helper, in its thread. */
void tdh_helper_run(struct tdh_task *task);

#endif
