/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account: counts calls and failures, per target and in all.
 */
#include "base/metric.h"
#include "call/internal.h"

static struct tdh_metric calls = TDH_COUNTER("tdev_calls_total", "Calls begun");
static struct tdh_metric failures = TDH_COUNTER("tdev_call_failures_total", "Calls that failed");

int tdh_stage_account(struct tdh_call *call, unsigned next, struct td_err *err)
{
    struct tdh_account *account = &call->target->account;
    int rc;

    atomic_fetch_add_explicit(&account->calls, 1, memory_order_relaxed);
    tdh_metric_add(&calls, 1);
    rc = tdh_call_next(call, next, err);
    if (rc != 0) {
        atomic_fetch_add_explicit(&account->failures, 1, memory_order_relaxed);
        tdh_metric_add(&failures, 1);
    }
    return rc;
}
