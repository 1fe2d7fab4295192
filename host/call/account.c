/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account: counts calls and failures, per target, per agent and tenant in the ledger, and in all.
 */
#include "base/metric.h"
#include "call/internal.h"

static struct tdh_metric calls = TDH_COUNTER("tdev_calls_total", "Calls begun");
static struct tdh_metric failures = TDH_COUNTER("tdev_call_failures_total", "Calls that failed");

int tdh_stage_account(struct tdh_call *call, unsigned next, struct td_err *err)
{
    int rc;

    TDH_COUNT(call, calls);
    tdh_metric_add(&calls, 1);
    rc = tdh_call_next(call, next, err);
    if (rc != 0) {
        TDH_COUNT(call, failures);
        tdh_metric_add(&failures, 1);
    }
    return rc;
}
