/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retry: tries again what may succeed later. No slot is held while it waits. Not inside a run,
 * where the engine counts.
 */
#include "base/clock.h"
#include "base/id.h"
#include "call/internal.h"

/* Waits for the time of the next attempt. Returns -1 with the failure that was there when that is
 * too late. */
static int pause_before(struct tdh_call *call, uint64_t delay_ms, struct td_err *err)
{
    uint64_t until_ns = tdh_clock_mono_ns() + delay_ms * 1000000;

    if (until_ns >= call->deadline_ns)
        return td_context(err, "gave up after %u attempts, the next would pass the deadline",
                          call->attempt);
    while (tdh_co_self() != NULL &&
           tdh_clock_mono_ns() < until_ns) /* a wake that was meant for an earlier wait ends none */
        if (tdh_co_wait(until_ns) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "\"%s\" action \"%s\" was cancelled",
                           call->target->name, call->target->action);
    return 0;
}

/* By the rule for this failure, and the policy that it leads to. */
static bool may_retry(const struct tdh_call *call, const struct td_err *err,
                      struct td_policy *ret_policy)
{
    const struct tdh_rule *rule =
        call->target->rules != NULL ? tdh_recover_rule(call->target, err, call->attempt) : NULL;

    return !call->has_emitted &&
           tdh_recover_retry(rule, call->target, call->policy, err, call->attempt, ret_policy);
}

int tdh_stage_retry(struct tdh_call *call, unsigned next, struct td_err *err)
{
    struct td_policy policy;

    if (call->is_single)
        return tdh_call_next(call, next, err);
    while (tdh_call_next(call, next, err) != 0) {
        double draw = (double)(tdh_id_random() >> 11) / 9007199254740992.0;

        if (!may_retry(call, err, &policy))
            return -1;
        if (pause_before(call, tdh_backoff_ms(&policy, call->attempt + 1, err, draw), err) != 0)
            return -1;
        call->attempt++;
        TDH_COUNT(call, retries);
    }
    return 0;
}
