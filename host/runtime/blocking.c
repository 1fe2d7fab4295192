/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocking: the pools of threads for what must block.
 *
 * Submitting costs a worker one push and one sem_post: it takes no lock. The threads sort out among
 * themselves who does which job. Threads start when there are more jobs than idle ones, up to the
 * limit, and stay. Work of a call that a thread of the pool waits for goes to that thread.
 */
#include "runtime/internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/metric.h"

static struct tdh_metric jobs_waiting =
    TDH_GAUGE("tdev_blocking_jobs_waiting", "Jobs waiting for a thread of the blocking pool");

static struct tdh_task *take_one(struct tdh_pool *pool)
{
    struct tdh_task *task;

    pthread_mutex_lock(&pool->lock);
    if (pool->taken == NULL)
        pool->taken = tdh_channel_take(&pool->inbox);
    task = pool->taken;
    if (task != NULL)
        pool->taken = task->next;
    pthread_mutex_unlock(&pool->lock);
    return task;
}

static void finish_job(struct tdh_task *task)
{
    struct tdh_job *job = (struct tdh_job *)task;

    job->done(job);
}

/* The job is the worker's again once it is posted. A worker that is about to end waits for the
 * count, so it is told. */
static void run_job(struct tdh_pool *pool, struct tdh_job *job)
{
    struct tdh_worker *worker = job->worker;

    tdh_metric_add(&jobs_waiting, -1);
    job->run(job);
    job->task.run = finish_job;
    tdh_worker_post(worker, &job->task);
    if (atomic_fetch_sub(&pool->jobs, 1) == 1 && atomic_load(&worker->is_stopping))
        tdh_worker_poke(worker);
}

static void *pool_thread(void *arg)
{
    struct tdh_pool *pool = arg;

    tdh_stack_for_signals();
    for (;;) {
        struct tdh_task *task;

        atomic_fetch_add(&pool->idle, 1);
        while (sem_wait(&pool->ready) != 0 && errno == EINTR)
            ;
        atomic_fetch_sub(&pool->idle, 1);
        atomic_fetch_sub(&pool->queued, 1);
        task = take_one(pool);
        if (task != NULL)
            run_job(pool, (struct tdh_job *)task);
        else if (atomic_load(&pool->is_stopping))
            return NULL;
    }
}

/* A failing pthread_create is no error as long as one thread is there. */
static void start_thread(struct tdh_pool *pool)
{
    unsigned place = atomic_load(&pool->threads_started);

    while (place < pool->threads_max)
        if (atomic_compare_exchange_weak(&pool->threads_started, &place, place + 1)) {
            if (pthread_create(&pool->threads[place], NULL, pool_thread, pool) != 0)
                pool->threads[place] = 0;
            return;
        }
}

static void submit(struct tdh_pool *pool, struct tdh_job *job)
{
    atomic_fetch_add(&pool->jobs, 1);
    tdh_metric_add(&jobs_waiting, 1);
    if (atomic_fetch_add(&pool->queued, 1) + 1 > atomic_load(&pool->idle))
        start_thread(pool);
    tdh_channel_push(&pool->inbox, &job->task);
    sem_post(&pool->ready);
}

void tdh_blocking_submit(struct tdh_runtime *runtime, struct tdh_job *job)
{
    submit(&runtime->host_pool, job);
}

void tdh_blocking_submit_plugin(struct tdh_runtime *runtime, struct tdh_job *job)
{
    submit(&runtime->plugin_pool, job);
}

/* A job whose sender waits for it. */
enum waited_state { WAITED_QUEUED, WAITED_BEGUN, WAITED_LEFT };

struct waited_job {
    struct tdh_job job;
    struct tdh_co *co;
    td_blocking_fn *fn;
    void *arg;
    struct td_err *err;
    int rc;
    bool is_done;
    _Atomic(enum waited_state) state;
};

static bool change_state(struct waited_job *waited, enum waited_state to)
{
    enum waited_state from = WAITED_QUEUED;

    return atomic_compare_exchange_strong(&waited->state, &from, to);
}

static void run_waited(struct tdh_job *job)
{
    struct waited_job *waited = (struct waited_job *)job;
    struct tdh_held before;

    if (!change_state(waited, WAITED_BEGUN))
        return;
    before = tdh_hold_for(waited->co->label, &waited->co->charge, NULL);
    waited->rc = waited->fn(waited->arg, waited->err);
    tdh_hold_again(&before, NULL);
}

static void wake_sender(struct tdh_job *job)
{
    struct waited_job *waited = (struct waited_job *)job;

    if (waited->state == WAITED_LEFT) {
        free(waited);
        return;
    }
    waited->is_done = true;
    tdh_co_wake(waited->co);
}

static struct waited_job make_waited(td_blocking_fn *fn, void *arg, struct td_err *err)
{
    return (struct waited_job){
        .job = { .worker = tdh_worker_self(), .run = run_waited, .done = wake_sender },
        .co = tdh_co_self(),
        .fn = fn,
        .arg = arg,
        .err = err
    };
}

int tdh_blocking(struct tdh_runtime *runtime, td_blocking_fn *fn, void *arg, struct td_err *err)
{
    struct waited_job waited = make_waited(fn, arg, err);

    if (waited.co == NULL)
        return fn(arg, err);
    submit(&runtime->host_pool, &waited.job);
    while (!waited.is_done)
        tdh_co_park();
    return waited.rc;
}

/* --- plugins --- */

void tdh_helper_run(struct tdh_task *task)
{
    struct tdh_job *job = (struct tdh_job *)task;

    job->run(job);
    job->task.run = finish_job;
    tdh_worker_post(job->worker, &job->task);
}

static int ask_helper(struct tdh_helper *helper, td_blocking_fn *fn, void *arg, struct td_err *err)
{
    struct waited_job waited = make_waited(fn, arg, err);

    tdh_channel_push(&helper->inbox, &waited.job.task);
    sem_post(&helper->ready);
    while (!waited.is_done)
        tdh_co_park();
    return waited.rc;
}

/* Nobody has begun it: the job is left to the thread that comes to it. */
static int leave(enum tdh_woken woken, struct td_err *err)
{
    if (woken == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "cancelled while waiting for a blocking thread");
    td_fail(err, TD_E_TIMEOUT, "no blocking thread was free in time");
    return td_hint(err, "raise runtime.blocking_threads, or the time of the call");
}

int tdh_blocking_plugin(struct tdh_runtime *runtime, uint64_t until_ns, td_blocking_fn *fn,
                        void *arg, struct td_err *err)
{
    struct tdh_co *co = tdh_co_self();
    struct waited_job *waited;
    int rc;

    if (co == NULL)
        return fn(arg, err);
    if (co->helper != NULL)
        return ask_helper(co->helper, fn, arg, err);
    waited = malloc(sizeof(*waited));
    if (waited == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a blocking job");
    *waited = make_waited(fn, arg, err);
    submit(&runtime->plugin_pool, &waited->job);
    while (!waited->is_done) {
        enum tdh_woken woken = tdh_co_wait(until_ns);

        if (woken == TDH_WOKEN)
            continue;
        if (change_state(waited, WAITED_LEFT))
            return leave(woken, err);
        while (!waited->is_done)
            tdh_co_park();
    }
    rc = waited->rc;
    free(waited);
    return rc;
}

int tdh_pool_init(struct tdh_pool *pool, struct tdh_runtime *runtime, unsigned threads_max,
                  struct td_err *err)
{
    pool->runtime = runtime;
    pool->threads_max = threads_max > 0 ? threads_max : 1;
    pool->threads = calloc(pool->threads_max, sizeof(*pool->threads));
    if (pool->threads == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the blocking pool");
    sem_init(&pool->ready, 0, 0);
    pthread_mutex_init(&pool->lock, NULL);
    return 0;
}

void tdh_pool_end(struct tdh_pool *pool)
{
    unsigned count = atomic_load(&pool->threads_started);

    if (pool->threads == NULL)
        return;
    atomic_store(&pool->is_stopping, true);
    for (unsigned i = 0; i < count; i++)
        sem_post(&pool->ready);
    for (unsigned i = 0; i < count; i++)
        if (pool->threads[i] != 0)
            pthread_join(pool->threads[i], NULL);
    pthread_mutex_destroy(&pool->lock);
    sem_destroy(&pool->ready);
    free(pool->threads);
}
