/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runtime: makes and ends the workers, the blocking pool and the watchdog.
 *
 * The end: main's coroutine has returned; every worker is told to stop, cancels what is left, waits
 * for it, and ends.
 */
#include "runtime/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"

enum { HOST_THREADS = 4 }; /* most threads of the host's own pool */

enum { STACK_LEAST = 64 * 1024 };
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_DEFAULT = 1024 * 1024 };
#else
enum { STACK_DEFAULT = 256 * 1024 };
#endif
enum { COROUTINES_MAX = 16000, WORKERS_MAX = 256 };

static int make_worker(struct tdh_runtime *runtime, unsigned index, struct td_err *err)
{
    struct tdh_worker *worker = calloc(1, sizeof(*worker));

    if (worker == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate worker %u", index);
    worker->runtime = runtime;
    worker->index = index;
    worker->wake_fd = -1;
    runtime->workers[runtime->worker_count++] = worker;
    return tdh_worker_init(worker, err);
}

static unsigned count_workers(const struct tdh_runtime_options *options)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned count = options->workers;

    if (count == 0)
        count = cores > 0 ? (unsigned)cores : 1;
    return count < WORKERS_MAX ? count : WORKERS_MAX;
}

struct tdh_runtime *tdh_runtime_new(const struct tdh_runtime_options *options, struct td_err *err)
{
    unsigned count = count_workers(options);
    struct tdh_runtime *runtime;

    if (options->stack_bytes != 0 && options->stack_bytes < STACK_LEAST) {
        td_fail(err, TD_E_CONFIG,
                "a stack of %zu bytes is too small for a coroutine, must be 0 or "
                "at least %d",
                options->stack_bytes, STACK_LEAST);
        td_hint(err, "set runtime.stack");
        return NULL;
    }
    runtime = calloc(1, sizeof(*runtime));
    if (runtime != NULL)
        runtime->workers = calloc(count, sizeof(*runtime->workers));
    if (runtime == NULL || runtime->workers == NULL) {
        free(runtime);
        td_fail(err, TD_E_NOMEM, "could not allocate the runtime");
        return NULL;
    }
    runtime->stack_bytes = options->stack_bytes != 0 ? options->stack_bytes : STACK_DEFAULT;
    runtime->coroutines_max =
        options->coroutines_max != 0 ? options->coroutines_max : COROUTINES_MAX;
    runtime->watchdog_fd = options->is_watched ? eventfd(0, EFD_CLOEXEC) : -1;
    runtime->is_watched = runtime->watchdog_fd >= 0;
    runtime->is_alone = tdh_is_alone();
    for (unsigned i = 0; i < count; i++)
        if (make_worker(runtime, i, err) != 0)
            goto fail;
    if (tdh_pool_init(&runtime->plugin_pool, runtime, options->blocking_threads, err) != 0 ||
        tdh_pool_init(&runtime->host_pool, runtime, HOST_THREADS, err) != 0)
        goto fail;
    return runtime;
fail:
    tdh_runtime_free(runtime);
    return NULL;
}

static void run_worker(struct tdh_worker *worker)
{
    tdh_worker_loop(worker);
    tdh_co_free_pool(worker);
    tdh_worker_set_self(NULL);
}

static void *worker_thread(void *arg)
{
    struct tdh_worker *worker = arg;
    struct td_err err;

    tdh_stack_for_signals();
    tdh_worker_set_self(worker);
    worker->main_context = tdh_context_main(&err);
    if (worker->main_context == NULL)
        abort(); /* no memory for 500 bytes at start-up: nobody is there yet to be told */
    run_worker(worker);
    return NULL;
}

static void stop_worker(struct tdh_worker *worker)
{
    atomic_store(&worker->is_stopping, true);
    tdh_worker_poke(worker);
}

static void main_coroutine(void *arg)
{
    struct tdh_runtime *runtime = arg;

    runtime->main_fn(runtime->main_arg);
    for (unsigned i = 0; i < runtime->worker_count; i++)
        stop_worker(runtime->workers[i]);
}

static bool tell_holder(struct tdh_worker *worker, unsigned index)
{
    const char *holder = atomic_load_explicit(&worker->holder, memory_order_relaxed);

    if (atomic_load(&worker->is_asleep))
        return false;
    tdh_log(TDH_LOG_WARNING, "runtime",
            TDH_FACTS(TDH_S("holder", holder != NULL ? holder : "host"), TDH_I("worker", index)),
            "a worker has been held for more than a second");
    return true;
}

/* True when a second is over: by a clock that never steps, as that of sem_timedwait may. */
static bool wait_a_second(int fd)
{
    struct pollfd end = { .fd = fd, .events = POLLIN };

    return poll(&end, 1, 1000) <= 0;
}

/* Looks once a second: a worker that is in the same turn as before is named, once a turn. */
static void *watchdog_thread(void *arg)
{
    struct tdh_runtime *runtime = arg;
    uint64_t seen[WORKERS_MAX];
    bool is_told[WORKERS_MAX] = { false };

    memset(seen, 0xff, sizeof(seen)); /* no turn yet */
    while (wait_a_second(runtime->watchdog_fd)) {
        for (unsigned i = 0; i < runtime->worker_count; i++) {
            struct tdh_worker *worker = runtime->workers[i];
            uint64_t turns = atomic_load_explicit(&worker->turns, memory_order_relaxed);

            is_told[i] = turns == seen[i] && (is_told[i] || tell_holder(worker, i));
            seen[i] = turns;
        }
    }
    return NULL;
}

static unsigned start_threads(struct tdh_runtime *runtime, struct td_err *err)
{
    unsigned started = 1;

    while (started < runtime->worker_count) {
        errno = pthread_create(&runtime->workers[started]->thread, NULL, worker_thread,
                               runtime->workers[started]);
        if (errno != 0) {
            td_fail_sys(err, "could not start worker %u", started);
            break;
        }
        started++;
    }
    if (runtime->is_watched &&
        pthread_create(&runtime->watchdog, NULL, watchdog_thread, runtime) != 0)
        runtime->is_watched = false;
    return started;
}

static void join_threads(struct tdh_runtime *runtime, unsigned started)
{
    for (unsigned i = 1; i < started; i++)
        pthread_join(runtime->workers[i]->thread, NULL);
    if (runtime->is_watched) {
        eventfd_write(runtime->watchdog_fd, 1);
        pthread_join(runtime->watchdog, NULL);
    }
}

int tdh_runtime_run(struct tdh_runtime *runtime, tdh_co_fn *fn, void *arg, struct td_err *err)
{
    struct tdh_worker *first = runtime->workers[0];
    unsigned started;
    int rc = 0;

    runtime->main_fn = fn;
    runtime->main_arg = arg;
    tdh_stack_for_signals();
    tdh_worker_set_self(first);
    first->main_context = tdh_context_main(err);
    if (first->main_context == NULL)
        return -1;
    started = start_threads(runtime, err);
    if (started < runtime->worker_count || tdh_co_spawn(main_coroutine, runtime, NULL, err) != 0) {
        for (unsigned i = 0; i < runtime->worker_count; i++)
            stop_worker(runtime->workers[i]);
        for (unsigned i = started; i < runtime->worker_count; i++)
            atomic_store(&runtime->workers[i]->drained, 1);
        rc = -1;
    }
    run_worker(first);
    join_threads(runtime, started);
    return rc;
}

void tdh_runtime_free(struct tdh_runtime *runtime)
{
    if (runtime == NULL)
        return;
    tdh_pool_end(&runtime->plugin_pool);
    tdh_pool_end(&runtime->host_pool);
    for (unsigned i = 0; i < runtime->worker_count; i++)
        tdh_worker_end(runtime->workers[i]);
    if (runtime->watchdog_fd >= 0)
        close(runtime->watchdog_fd);
    free(runtime->workers);
    free(runtime);
}

unsigned tdh_runtime_workers(const struct tdh_runtime *runtime)
{
    return runtime->worker_count;
}

struct tdh_worker *tdh_runtime_worker(struct tdh_runtime *runtime, unsigned index)
{
    return runtime->workers[index];
}
