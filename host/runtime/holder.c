/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holder: whose code a thread runs now, for the watchdog and for the last words of a process that
 * a plugin has ended. On a worker it belongs to the running coroutine and goes and comes with it.
 */
#include "runtime/internal.h"

static _Thread_local const char *at_work; /* of a thread that is no worker's */
static _Atomic(const char *) last;        /* the plugin that was entered last, anywhere */

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
