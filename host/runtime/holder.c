/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holder: whose code a thread runs now, for the watchdog and for the last words of a process that
 * a plugin has ended. On a worker it belongs to the running coroutine and goes and comes with it.
 */
#include "runtime/internal.h"

#include "base/clock.h"

static _Thread_local const char *at_work; /* of a thread that is no worker's */
static _Thread_local struct tdh_stint stint = { .is_exact = true }; /* the same */
static _Atomic(const char *) last; /* the plugin that was entered last, anywhere */

const char *tdh_hold(const char *name)
{
    struct tdh_worker *worker = tdh_worker_self();
    const char *before = tdh_holder();

    if (name != NULL)
        atomic_store_explicit(&last, name, memory_order_relaxed);
    if (worker == NULL) {
        at_work = name;
        return before;
    }
    if (worker->current != NULL)
        worker->current->label = name;
    atomic_store_explicit(&worker->holder, name, memory_order_relaxed);
    return before;
}

/* Only when the time is somebody's, or is wanted, is the clock looked at. */
static void charge(const struct tdh_charge *to, uint64_t *ret_now_ns)
{
    struct tdh_worker *worker = tdh_worker_self();
    struct tdh_stint *at = worker != NULL ? &worker->stint : &stint;
    uint64_t now_ns;

    if (worker != NULL && worker->current != NULL)
        worker->current->charge = *to;
    if (to->to == NULL && at->charge.to == NULL && ret_now_ns == NULL)
        return;
    now_ns = tdh_clock_mono_ns();
    tdh_stint_turn(at, to, now_ns, tdh_clock_thread_ns);
    if (ret_now_ns != NULL)
        *ret_now_ns = now_ns;
}

struct tdh_held tdh_hold_for(const char *name, const struct tdh_charge *to, uint64_t *ret_now_ns)
{
    const struct tdh_worker *worker = tdh_worker_self();
    struct tdh_held before = { .charge = worker != NULL ? worker->stint.charge : stint.charge };

    before.name = tdh_hold(name);
    charge(to, ret_now_ns);
    return before;
}

void tdh_hold_again(const struct tdh_held *before, uint64_t *ret_now_ns)
{
    charge(&before->charge, ret_now_ns);
    tdh_hold(before->name);
}

void tdh_holder_forget(const char *name)
{
    atomic_compare_exchange_strong(&last, &name, NULL);
}

const char *tdh_holder_last(void)
{
    return atomic_load_explicit(&last, memory_order_relaxed);
}

const char *tdh_holder(void)
{
    struct tdh_worker *worker = tdh_worker_self();

    return worker != NULL ? atomic_load_explicit(&worker->holder, memory_order_relaxed) : at_work;
}
