/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: lays the path of a target and runs calls down it.
 */
#include "call/call.h"

#include <stdlib.h>

#include "base/clock.h"
#include "call/internal.h"

static bool is_bounded_output(const struct tdh_target *target)
{
    return target->output_schema != NULL && !tdh_schema_accepts_all(target->output_schema);
}

static bool is_bounded_input(const struct tdh_target *target)
{
    return target->input_schema != NULL && !tdh_schema_accepts_all(target->input_schema);
}

int tdh_target_ready(struct tdh_target *target, struct td_err *err)
{
    unsigned count = 0;

    if (tdh_rules_attach(target, err) != 0 || tdh_breaker_attach(target, err) != 0)
        return -1;
    target->path[count++] = tdh_stage_account;
    target->path[count++] = tdh_stage_authorise;
    if (is_bounded_input(target))
        target->path[count++] = tdh_stage_validate_input;
    target->path[count++] = tdh_stage_deadline;
    if (target->cache_ttl_ms > 0 && target->effects == TDH_EFFECTS_NONE) {
        target->cache = tdh_cache_new(target->cache_entries, target->cache_ttl_ms, err);
        if (target->cache == NULL)
            return -1;
        target->path[count++] = tdh_stage_cache;
    }
    if (target->rules != NULL && target->rules[0] != NULL)
        target->path[count++] = tdh_stage_fallback;
    target->path[count++] = tdh_stage_retry;
    if (target->breaker != NULL && target->limiter != NULL && target->limiter->is_governed)
        target->path[count++] = tdh_stage_gate; /* what it refuses is no failure of the target */
    if (target->breaker != NULL)
        target->path[count++] = tdh_stage_breaker;
    if (target->limiter != NULL && (target->limiter->max > 0 || target->limiter->is_governed))
        target->path[count++] = tdh_stage_limit;
    if (tdh_trace_is_on())
        target->path[count++] = tdh_stage_trace;
    if (is_bounded_output(target))
        target->path[count++] = tdh_stage_validate_output;
    target->path[count++] = tdh_stage_dispatch;
    return 0;
}

void tdh_target_end(struct tdh_target *target)
{
    tdh_cache_free(target->cache);
    target->cache = NULL;
    tdh_breaker_free(target->breaker);
    target->breaker = NULL;
    free(target->rules);
    target->rules = NULL;
}

int tdh_call_next(struct tdh_call *call, unsigned next, struct td_err *err)
{
    return call->target->path[next](call, next + 1, err);
}

int tdh_call_run(struct tdh_call *call, struct td_err *err)
{
    const struct tdh_call *parent = call->parent;

    call->depth = parent != NULL ? parent->depth + 1 : 1;
    if (call->depth > TDH_CALL_DEPTH)
        return td_fail(err, TD_E_LIMIT,
                       "call of \"%s\" action \"%s\": calls nest more than %d deep",
                       call->target->name, call->target->action, TDH_CALL_DEPTH);
    if (call->deadline_ns == 0)
        call->deadline_ns = TDH_NEVER;
    if (parent != NULL && parent->deadline_ns < call->deadline_ns)
        call->deadline_ns = parent->deadline_ns;
    if (parent != NULL) {
        call->cpu_ns = parent->cpu_ns;
        call->tenant = parent->tenant;
    }
    call->attempt = call->attempt > 0 ? call->attempt : 1;
    return tdh_call_next(call, 0, err);
}
