/* SPDX-License-Identifier: Apache-2.0 */
/*
 * co: the life of coroutines: made, ready, running, waiting, free again.
 *
 * A coroutine that ends goes to its worker's pool with its stack; the loop in co_main takes the
 * next function. At most POOL_MAX are kept.
 */
#include "runtime/internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/metric.h"

enum { POOL_MAX = 256 };

static struct tdh_metric coroutines_made =
    TDH_COUNTER("tdev_coroutines_made_total", "Coroutine stacks mapped");

static void enqueue(struct tdh_worker *worker, struct tdh_co *co)
{
    co->state = TDH_CO_READY;
    co->next = NULL;
    if (worker->ready.last != NULL)
        worker->ready.last->next = co;
    else
        worker->ready.first = co;
    worker->ready.last = co;
}

static void enter_live(struct tdh_worker *worker, struct tdh_co *co)
{
    co->live_before = NULL;
    co->live_next = worker->live;
    if (worker->live != NULL)
        worker->live->live_before = co;
    worker->live = co;
    worker->live_count++;
}

static void leave_live(struct tdh_worker *worker, struct tdh_co *co)
{
    if (co->live_before != NULL)
        co->live_before->live_next = co->live_next;
    else
        worker->live = co->live_next;
    if (co->live_next != NULL)
        co->live_next->live_before = co->live_before;
    worker->live_count--;
}

static void switch_out(struct tdh_co *co)
{
    struct tdh_worker *worker = co->worker;

    if (worker->forbidden != 0) {
        fprintf(stderr, "tdev: coroutine \"%s\" would wait inside a library's callback\n",
                co->label ? co->label : "?");
        abort();
    }
    tdh_context_switch(co->context, worker->main_context);
}

/* What every coroutine stack runs: one function after another. */
static void co_main(void *arg)
{
    struct tdh_co *co = arg;

    for (;;) {
        co->fn(co->arg);
        co->state = TDH_CO_FREE;
        switch_out(co);
    }
}

static struct tdh_co *make(struct tdh_worker *worker, struct td_err *err)
{
    struct tdh_runtime *runtime = worker->runtime;
    struct tdh_co *co;

    if (atomic_fetch_add(&runtime->coroutines, 1) >= runtime->coroutines_max) {
        atomic_fetch_sub(&runtime->coroutines, 1);
        td_fail(err, TD_E_LIMIT, "all %u coroutines are in use (runtime.coroutines)",
                runtime->coroutines_max);
        return NULL;
    }
    co = calloc(1, sizeof(*co));
    if (co != NULL)
        co->context = tdh_context_new(runtime->stack_bytes, co_main, co, err);
    else
        td_fail(err, TD_E_NOMEM, "could not allocate a coroutine");
    if (co == NULL || co->context == NULL) {
        atomic_fetch_sub(&runtime->coroutines, 1);
        free(co);
        return NULL;
    }
    co->worker = worker;
    tdh_metric_add(&coroutines_made, 1);
    return co;
}

static void discard(struct tdh_co *co)
{
    atomic_fetch_sub(&co->worker->runtime->coroutines, 1);
    tdh_context_free(co->context);
    free(co);
}

static struct tdh_co *from_pool(struct tdh_worker *worker)
{
    struct tdh_co *co = worker->pool;

    if (co != NULL) {
        worker->pool = co->next;
        worker->pool_count--;
    }
    return co;
}

int tdh_co_spawn(tdh_co_fn *fn, void *arg, struct tdh_co **ret_co, struct td_err *err)
{
    struct tdh_worker *worker = tdh_worker_self();
    struct tdh_co *co;

    assert(worker != NULL);
    co = from_pool(worker);
    if (co == NULL)
        co = make(worker, err);
    if (co == NULL)
        return -1;
    co->fn = fn;
    co->arg = arg;
    co->label = NULL;
    co->charge = (struct tdh_charge){ NULL, NULL };
    co->helper = NULL;
    co->is_woken = co->is_cancelled = co->is_cut = co->is_timed_out = false;
    enter_live(worker, co);
    enqueue(worker, co);
    if (ret_co != NULL)
        *ret_co = co;
    return 0;
}

/* Called by the worker's loop: runs one ready coroutine until it gives way or ends. */
void tdh_co_run(struct tdh_co *co)
{
    struct tdh_worker *worker = co->worker;

    co->state = TDH_CO_RUNNING;
    worker->current = co;
    atomic_store_explicit(&worker->holder, co->label, memory_order_relaxed);
    if (co->charge.to != NULL)
        tdh_stint_go_on(&worker->stint, &co->charge);
    tdh_context_switch(worker->main_context, co->context);
    if (worker->stint.charge.to != NULL)
        tdh_stint_pause(&worker->stint);
    worker->current = NULL;
    atomic_store_explicit(&worker->holder, NULL, memory_order_relaxed);
    atomic_fetch_add_explicit(&worker->turns, 1, memory_order_relaxed);
    if (co->state != TDH_CO_FREE)
        return;
    leave_live(worker, co);
    if (worker->pool_count >= POOL_MAX) {
        discard(co);
        return;
    }
    co->next = worker->pool;
    worker->pool = co;
    worker->pool_count++;
}

struct tdh_co *tdh_co_self(void)
{
    struct tdh_worker *worker = tdh_worker_self();

    return worker != NULL ? worker->current : NULL;
}

void tdh_co_yield(void)
{
    struct tdh_co *co = tdh_co_self();

    assert(co != NULL);
    enqueue(co->worker, co);
    switch_out(co);
}

bool tdh_co_is_crowded(void)
{
    struct tdh_worker *worker = tdh_worker_self();

    return worker != NULL && worker->ready.first != NULL;
}

static void time_out(struct tdh_timer *timer)
{
    struct tdh_co *co = (struct tdh_co *)((char *)timer - offsetof(struct tdh_co, timer));

    co->is_timed_out = true;
    if (co->state == TDH_CO_WAITING)
        enqueue(co->worker, co);
}

enum tdh_woken tdh_co_wait(uint64_t until_ns)
{
    struct tdh_co *co = tdh_co_self();
    struct td_err err;

    assert(co != NULL);
    co->is_timed_out = false;
    if (!co->is_woken && !co->is_cancelled) {
        if (until_ns != TDH_NEVER && tdh_timer_set(&co->timer, until_ns, time_out, &err) != 0)
            return TDH_WAIT_TIMEOUT; /* no memory for the timer: better early than never */
        co->state = TDH_CO_WAITING;
        switch_out(co);
        tdh_timer_stop(&co->timer);
    }
    if (co->is_woken) {
        co->is_woken = false;
        return TDH_WOKEN;
    }
    return co->is_cancelled ? TDH_WAIT_CANCELLED : TDH_WAIT_TIMEOUT;
}

void tdh_co_park(void)
{
    struct tdh_co *co = tdh_co_self();

    assert(co != NULL);
    while (!co->is_woken) {
        co->state = TDH_CO_WAITING;
        switch_out(co);
    }
    co->is_woken = false;
}

void tdh_co_wake(struct tdh_co *co)
{
    assert(co->worker == tdh_worker_self());
    co->is_woken = true;
    if (co->state == TDH_CO_WAITING)
        enqueue(co->worker, co);
}

void tdh_co_cancel(struct tdh_co *co)
{
    assert(co->worker == tdh_worker_self());
    co->is_cut = false; /* for good, now */
    if (co->is_cancelled)
        return;
    co->is_cancelled = true;
    if (co->state == TDH_CO_WAITING)
        enqueue(co->worker, co);
}

void tdh_co_cut(struct tdh_co *co)
{
    if (co->is_cancelled)
        return;
    tdh_co_cancel(co);
    co->is_cut = true;
}

bool tdh_co_mend(struct tdh_co *co)
{
    bool was_cut = co->is_cut;

    if (was_cut)
        co->is_cut = co->is_cancelled = false;
    return was_cut;
}

bool tdh_co_is_cancelled(const struct tdh_co *co)
{
    return co->is_cancelled;
}

void tdh_co_forbid(void)
{
    struct tdh_worker *worker = tdh_worker_self();

    if (worker != NULL)
        worker->forbidden++;
}

void tdh_co_allow(void)
{
    struct tdh_worker *worker = tdh_worker_self();

    if (worker != NULL)
        worker->forbidden--;
}

void tdh_co_cancel_all(struct tdh_worker *worker)
{
    for (struct tdh_co *co = worker->live; co != NULL; co = co->live_next)
        tdh_co_cancel(co);
}

void tdh_co_free_pool(struct tdh_worker *worker)
{
    struct tdh_co *co;

    while ((co = from_pool(worker)) != NULL)
        discard(co);
}
