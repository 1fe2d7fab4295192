/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker: one thread's loop: tasks from other threads, coroutines that are ready, timers, then the
 * system's events.
 *
 * While there is work the system is asked only every TURNS_PER_POLL coroutines; without work the
 * loop sleeps in it. A sender writes to the eventfd only when the worker may be asleep.
 */
#include "runtime/internal.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

enum { TURNS_PER_POLL = 128 };

static _Thread_local struct tdh_worker *self;

struct tdh_worker *tdh_worker_self(void)
{
    return self;
}

void tdh_worker_set_self(struct tdh_worker *worker)
{
    self = worker;
}

unsigned tdh_worker_index(const struct tdh_worker *worker)
{
    return worker->index;
}

struct event_base *tdh_worker_events(const struct tdh_worker *worker)
{
    return worker->base;
}

void tdh_worker_poke(struct tdh_worker *worker)
{
    uint64_t one = 1;

    while (write(worker->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

void tdh_worker_post(struct tdh_worker *worker, struct tdh_task *task)
{
    tdh_channel_push(&worker->inbox, task);
    if (atomic_exchange(&worker->is_asleep, false))
        tdh_worker_poke(worker);
}

void tdh_worker_defer(struct tdh_task *task)
{
    struct tdh_worker *worker = self;

    task->next = NULL;
    if (worker->deferred_last != NULL)
        worker->deferred_last->next = task;
    else
        worker->deferred_first = task;
    worker->deferred_last = task;
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    uint64_t count;

    (void)what;
    (void)arg;
    while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
}

/* The timer event only ends the sleep: due timers are fired by the loop. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

static void run_tasks(struct tdh_task *task)
{
    while (task != NULL) {
        struct tdh_task *next = task->next;

        task->run(task);
        task = next;
    }
}

static void run_deferred(struct tdh_worker *worker)
{
    struct tdh_task *first = worker->deferred_first;

    worker->deferred_first = worker->deferred_last = NULL;
    run_tasks(first);
}

/* Runs what is ready now, at most TURNS_PER_POLL coroutines. */
static void run_ready(struct tdh_worker *worker)
{
    for (unsigned turn = 0; turn < TURNS_PER_POLL && worker->ready.first != NULL; turn++) {
        struct tdh_co *co = worker->ready.first;

        worker->ready.first = co->next;
        if (worker->ready.first == NULL)
            worker->ready.last = NULL;
        tdh_co_run(co);
    }
}

static bool has_work(const struct tdh_worker *worker)
{
    return worker->ready.first != NULL || worker->deferred_first != NULL;
}

static void arm_timer(struct tdh_worker *worker)
{
    uint64_t now_ns = tdh_clock_mono_ns(), delay_us;
    struct timeval delay;

    if (worker->heap_count == 0)
        return;
    delay_us =
        worker->heap[1]->at_ns <= now_ns ? 0 : (worker->heap[1]->at_ns - now_ns + 999) / 1000;
    delay = (struct timeval){ .tv_sec = (time_t)(delay_us / 1000000),
                              .tv_usec = (suseconds_t)(delay_us % 1000000) };
    event_add(worker->timer_event, &delay);
}

/* Sleeps until something happens. Saying "asleep" before the last look at the inbox closes the gap
 * to a sender. */
static void sleep_in_system(struct tdh_worker *worker)
{
    atomic_store(&worker->is_asleep, true);
    if (atomic_load(&worker->inbox.newest) != NULL) {
        atomic_store(&worker->is_asleep, false);
        return;
    }
    arm_timer(worker);
    event_base_loop(worker->base, EVLOOP_ONCE);
    atomic_store(&worker->is_asleep, false);
    event_del(worker->timer_event);
}

static bool is_idle(struct tdh_worker *worker)
{
    return worker->live_count == 0 && !has_work(worker) &&
           atomic_load(&worker->inbox.newest) == NULL;
}

/* True when no worker of the runtime has anything left to do, nor a job of the pool. */
static bool are_all_drained(struct tdh_runtime *runtime)
{
    uint64_t seen = 0;

    for (unsigned i = 0; i < runtime->worker_count; i++) {
        uint64_t drained = atomic_load(&runtime->workers[i]->drained);

        if (drained % 2 == 0)
            return false;
        seen += drained;
    }
    if (atomic_load(&runtime->plugin_pool.jobs) != 0 || atomic_load(&runtime->host_pool.jobs) != 0)
        return false;
    for (unsigned i = 0; i < runtime->worker_count; i++)
        if (atomic_load(&runtime->workers[i]->inbox.newest) != NULL)
            return false;
    for (unsigned i = 0; i < runtime->worker_count; i++)
        seen -= atomic_load(&runtime->workers[i]->drained);
    return seen == 0;
}

static void poke_others(const struct tdh_worker *worker)
{
    for (unsigned i = 0; i < worker->runtime->worker_count; i++)
        if (i != worker->index)
            tdh_worker_poke(worker->runtime->workers[i]);
}

/* True when the worker may end. It may not while another could still send it something. */
static bool is_over(struct tdh_worker *worker)
{
    if (!atomic_load(&worker->is_stopping))
        return false;
    tdh_co_cancel_all(worker);
    if (is_idle(worker) != (atomic_load(&worker->drained) % 2 == 1)) {
        atomic_fetch_add(&worker->drained, 1);
        poke_others(worker);
    }
    return are_all_drained(worker->runtime);
}

void tdh_worker_loop(struct tdh_worker *worker)
{
    while (!is_over(worker)) {
        if (has_work(worker) ||
            atomic_load_explicit(&worker->inbox.newest, memory_order_relaxed) != NULL)
            event_base_loop(worker->base, EVLOOP_NONBLOCK);
        else if (worker->lookouts == NULL || !tdh_look_out(worker))
            sleep_in_system(worker);
        run_tasks(tdh_channel_take(&worker->inbox));
        run_deferred(worker);
        run_ready(worker);
        if (worker->heap_count > 0)
            tdh_timer_fire_due(worker, tdh_clock_mono_ns());
    }
    poke_others(worker);
}

int tdh_worker_init(struct tdh_worker *worker, struct td_err *err)
{
    struct event_config *config = event_config_new();

    worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->wake_fd < 0) {
        event_config_free(config);
        return td_fail_sys(err, "could not make an event descriptor for worker %u", worker->index);
    }
    if (config != NULL) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        worker->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    if (worker->base == NULL)
        return td_fail(err, TD_E_NOMEM, "could not make the event loop of worker %u",
                       worker->index);
    worker->wake_event =
        event_new(worker->base, worker->wake_fd, EV_READ | EV_PERSIST, on_wake, worker);
    worker->timer_event = event_new(worker->base, -1, 0, on_timer, worker);
    if (worker->wake_event == NULL || worker->timer_event == NULL ||
        event_add(worker->wake_event, NULL) != 0)
        return td_fail(err, TD_E_NOMEM, "could not make the events of worker %u", worker->index);
    return 0;
}

void tdh_worker_end(struct tdh_worker *worker)
{
    tdh_context_free(worker->main_context);
    if (worker->wake_event != NULL)
        event_free(worker->wake_event);
    if (worker->timer_event != NULL)
        event_free(worker->timer_event);
    if (worker->base != NULL)
        event_base_free(worker->base);
    if (worker->wake_fd >= 0)
        close(worker->wake_fd);
    free(worker->heap);
    free(worker);
}
