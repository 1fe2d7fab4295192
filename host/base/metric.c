/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metric: the list of cells. A cell enters at the front and never leaves, so readers need no lock.
 */
#include "base/metric.h"

static _Atomic(struct tdh_metric *) newest;

void tdh_metric_list(struct tdh_metric *metric)
{
    if (atomic_exchange_explicit(&metric->is_listed, true, memory_order_relaxed))
        return;
    metric->next = atomic_load_explicit(&newest, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&newest, &metric->next, metric,
                                                  memory_order_release, memory_order_relaxed))
        continue; /* somebody was first; `next` is theirs now */
}

const struct tdh_metric *tdh_metric_first(void)
{
    return atomic_load_explicit(&newest, memory_order_acquire);
}
