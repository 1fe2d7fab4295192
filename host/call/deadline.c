/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadline: gives the call the time its policy allows, never more than its parent has left.
 */
#include "base/clock.h"
#include "base/log.h"
#include "call/internal.h"

/* Once for each action. */
static void tell_short(const struct tdh_call *call, uint64_t now_ns)
{
    struct tdh_target *target = call->target;
    int64_t left_ms = (int64_t)((call->deadline_ns - now_ns) / 1000000);

    if (left_ms >= target->estimate_ms || atomic_exchange(&target->is_short_told, true))
        return;
    tdh_log(TDH_LOG_WARNING, "call",
            TDH_FACTS(TDH_S("agent", target->name), TDH_S("action", target->action),
                      TDH_I("left_ms", left_ms), TDH_I("estimate_ms", target->estimate_ms)),
            "a call has less time than the action usually takes");
}

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
    if (call->target->estimate_ms > 0 && call->deadline_ns != TDH_NEVER)
        tell_short(call, tdh_clock_mono_ns());
    return tdh_call_next(call, next, err);
}
