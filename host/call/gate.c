/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate: calls that are refused because their agent is paused or stopped, and calls that are cut
 * because it is to stop now.
 *
 * The list of calls that run is one per worker, and only that worker touches it, so it costs a call
 * no atomic. Whoever cuts goes to each worker.
 */
#include "call/internal.h"

int tdh_gate_fail(const struct tdh_call *call, struct td_err *err)
{
    const struct tdh_target *target = call->target;

    if (atomic_load(&target->limiter->gate) == TDH_GATE_PAUSED) {
        td_fail(err, TD_E_UNAVAILABLE, "agent \"%s\" is paused", target->name);
        err->is_retryable = false; /* its file wants that: queue: refuse */
        return td_hint(err, "tdev agent resume %s", target->name);
    }
    td_fail(err, TD_E_UNAVAILABLE, "agent \"%s\" was stopped", target->name);
    return td_hint(err, "tdev agent start %s", target->name);
}

int tdh_stage_gate(struct tdh_call *call, unsigned next, struct td_err *err)
{
    return atomic_load(&call->target->limiter->gate) >= TDH_GATE_PAUSED
               ? tdh_gate_fail(call, err)
               : tdh_call_next(call, next, err);
}

/* --- what runs --- */

static struct tdh_limit_entry **list_here(const struct tdh_limiter *limiter)
{
    const struct tdh_worker *worker = tdh_worker_self();

    return limiter->entries != NULL && worker != NULL ? &limiter->entries[tdh_worker_index(worker)]
                                                      : NULL;
}

void tdh_limit_begin(struct tdh_limiter *limiter, struct tdh_limit_entry *entry)
{
    struct tdh_limit_entry **list = list_here(limiter);

    entry->co = list != NULL ? tdh_co_self() : NULL;
    if (entry->co == NULL)
        return;
    entry->before = NULL;
    entry->next = *list;
    if (*list != NULL)
        (*list)->before = entry;
    *list = entry;
}

bool tdh_limit_end(struct tdh_limiter *limiter, struct tdh_limit_entry *entry)
{
    if (entry->co == NULL)
        return true;
    if (entry->before != NULL)
        entry->before->next = entry->next;
    else
        *list_here(limiter) = entry->next;
    if (entry->next != NULL)
        entry->next->before = entry->before;
    return !tdh_co_mend(entry->co);
}

static void cut_here(void *arg)
{
    for (struct tdh_limit_entry *entry = *list_here(arg); entry != NULL; entry = entry->next)
        tdh_co_cut(entry->co);
}

void tdh_limiter_cut(struct tdh_limiter *limiter, struct tdh_runtime *runtime)
{
    for (unsigned i = 0; limiter->entries != NULL && i < tdh_runtime_workers(runtime); i++) {
        struct td_err ignored; /* no coroutine to go there in: what runs there ends by itself */

        tdh_hop(tdh_runtime_worker(runtime, i), cut_here, limiter, &ignored);
    }
}
