/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fallback: when all attempts have failed, other agents stand in, one after the other, then what a
 * rule says counts. Not inside a run, where the engine does this; nor for one that stands in.
 */
#include "call/internal.h"

/* With a time and slots of its own. */
static int call_found(struct tdh_call *call, struct tdh_target *found, struct td_err *err)
{
    struct tdh_call other = *call;
    int rc;

    other.target = found;
    other.output = NULL;
    other.attempt = 1;
    other.is_stand_in = true;
    other.is_slot_held = false;
    other.deadline_ns = call->outer_ns;
    rc = tdh_call_next(&other, 0, err);
    call->has_emitted |= other.has_emitted;
    call->worker = other.worker;
    if (rc != 0)
        return td_context(err, "\"%s\" stood in for \"%s\"", found->name, call->target->name);
    if (tdh_call_check_output(call->target, other.output, err) != 0) {
        json_decref(other.output);
        err->code = TD_E_EXEC;
        return td_context(err, "what stands in for it is \"%s\"", found->name);
    }
    call->output = other.output;
    return 0;
}

static int call_stand_in(struct tdh_call *call, const char *agent, struct td_err *err)
{
    struct tdh_target *found = NULL;
    int rc;

    if (tdh_call_resolve(TD_TARGET_AGENT, agent, call->target->action, NULL, &found, err) != 0)
        found = NULL;
    rc = tdh_recover_stand_in(call->target, agent, found, err);
    if (rc == 0)
        rc = call_found(call, found, err);
    if (found != NULL)
        tdh_edition_release(found->edition);
    return rc;
}

int tdh_stage_fallback(struct tdh_call *call, unsigned next, struct td_err *err)
{
    const struct tdh_rule *rule;

    if (tdh_call_next(call, next, err) == 0)
        return 0;
    if (call->is_single || call->is_stand_in || call->has_emitted)
        return -1;
    rule = tdh_recover_rule(call->target, err, call->attempt);
    call->is_made_up = rule != NULL;
    for (const char *agent = tdh_recover_next(rule, NULL); agent != NULL;
         agent = tdh_recover_next(rule, agent)) {
        if (call_stand_in(call, agent, err) == 0)
            return 0;
        if (err->code == TD_E_CANCELLED || call->has_emitted)
            return -1;
    }
    return tdh_recover_end(rule, call->target, call->hops, &call->output, err);
}
