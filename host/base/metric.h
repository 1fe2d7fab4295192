/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metric: counters and gauges as static cells that cost one relaxed atomic add; exporters walk the
 * list.
 *
 *     static struct tdh_metric calls = TDH_COUNTER("tdev_calls_total", "Calls begun");
 *     tdh_metric_add(&calls, 1);
 */
#ifndef TDH_BASE_METRIC_H
#define TDH_BASE_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct tdh_metric {
    const char *name, *help; /* Prometheus rules: [a-z_][a-z0-9_]*, counters end in _total */
    bool is_gauge;
    _Atomic int64_t value;
    atomic_bool is_listed;
    struct tdh_metric *next;
};

#define TDH_COUNTER(n, h)                                                                          \
    {                                                                                              \
        .name = (n), .help = (h)                                                                   \
    }
#define TDH_GAUGE(n, h)                                                                            \
    {                                                                                              \
        .name = (n), .help = (h), .is_gauge = true                                                 \
    }

/** Enters a cell into the list; later calls do nothing. Thread-safe. */
void tdh_metric_list(struct tdh_metric *metric);
/** The newest of the list, for exporters; follow `next`. */
const struct tdh_metric *tdh_metric_first(void);

static inline void tdh_metric_add(struct tdh_metric *metric, int64_t amount)
{
    if (!atomic_load_explicit(&metric->is_listed, memory_order_relaxed))
        tdh_metric_list(metric);
    atomic_fetch_add_explicit(&metric->value, amount, memory_order_relaxed);
}

static inline void tdh_metric_set(struct tdh_metric *metric, int64_t value)
{
    if (!atomic_load_explicit(&metric->is_listed, memory_order_relaxed))
        tdh_metric_list(metric);
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

#endif
