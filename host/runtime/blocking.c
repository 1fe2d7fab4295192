/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocking: the pool of threads for what must block.
 *
 * Submitting costs a worker one push and one sem_post: it takes no lock. The threads sort out among
 * themselves who does which job. Threads start when a job finds none idle, up to the limit, and
 * stay.
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

    for (;;) {
        struct tdh_task *task;

        atomic_fetch_add(&pool->idle, 1);
        while (sem_wait(&pool->ready) != 0 && errno == EINTR)
            ;
        atomic_fetch_sub(&pool->idle, 1);
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

void tdh_blocking_submit(struct tdh_runtime *runtime, struct tdh_job *job)
{
    struct tdh_pool *pool = &runtime->pool;

    atomic_fetch_add(&pool->jobs, 1);
    tdh_metric_add(&jobs_waiting, 1);
    if (atomic_load(&pool->idle) == 0)
        start_thread(pool);
    tdh_channel_push(&pool->inbox, &job->task);
    sem_post(&pool->ready);
}

/* A job whose sender waits for it. */
struct waited_job {
    struct tdh_job job;
    struct tdh_co *co;
    td_blocking_fn *fn;
    void *arg;
    struct td_err *err;
    int rc;
};

static void run_waited(struct tdh_job *job)
{
    struct waited_job *waited = (struct waited_job *)job;

    waited->rc = waited->fn(waited->arg, waited->err);
}

static void wake_sender(struct tdh_job *job)
{
    tdh_co_wake(((struct waited_job *)job)->co);
}

int tdh_blocking(struct tdh_runtime *runtime, td_blocking_fn *fn, void *arg, struct td_err *err)
{
    struct tdh_co *co = tdh_co_self();
    struct waited_job waited = { .co = co, .fn = fn, .arg = arg, .err = err };

    if (co == NULL)
        return fn(arg, err);
    waited.job.worker = tdh_worker_self();
    waited.job.run = run_waited;
    waited.job.done = wake_sender;
    tdh_blocking_submit(runtime, &waited.job);
    tdh_co_park();
    return waited.rc;
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
