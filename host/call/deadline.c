/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadline: gives the call the time its policy allows, never more than its parent has left.
 */
#include "base/clock.h"
#include "call/internal.h"

int tdh_stage_deadline(struct tdh_call *call, unsigned next, struct td_err *err)
{
    uint32_t timeout_ms = call->policy != NULL && call->policy->timeout_ms > 0
                              ? call->policy->timeout_ms
                              : call->target->policy.timeout_ms;

    call->outer_ns = call->deadline_ns;
    if (timeout_ms > 0) {
        uint64_t deadline_ns = tdh_clock_mono_ns() + (uint64_t)timeout_ms * 1000000;

        if (deadline_ns < call->deadline_ns)
            call->deadline_ns = deadline_ns;
    }
    if (call->deadline_ns != TDH_NEVER && tdh_clock_mono_ns() >= call->deadline_ns)
        return td_fail(err, TD_E_TIMEOUT, "\"%s\" action \"%s\": no time is left",
                       call->target->name, call->target->action);
    return tdh_call_next(call, next, err);
}
