/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorise: may this caller call that? A call from outside may (roles come with authentication); a
 * plugin may call the agents that its manifest's `permissions: {agents: [...]}` names, and those
 * that have a role of its manifest, in that role; and of them the actions whose own `permissions`
 * it holds.
 */
#include "call/internal.h"

/* Pure actions stay pure: what an action promises holds for what it calls. */
static int check_effects(const struct tdh_call *call, struct td_err *err)
{
    const struct tdh_target *callee = call->target, *caller = call->parent->target;

    if (callee->effects <= caller->effects)
        return 0;
    return td_fail(err, TD_E_PERM,
                   "action \"%s\" of \"%s\" declares weaker effects than action \"%s\" of \"%s\", "
                   "which it calls",
                   caller->action, caller->name, callee->action, callee->name);
}

/* What the action demands of whoever calls it; from outside, who is there may. */
static int check_required(const struct tdh_call *call, struct td_err *err)
{
    const struct tdh_call *caller = call->parent;
    const json_t *word;
    size_t i;

    while (caller != NULL && caller->target->is_relay)
        caller = caller->parent;
    if (caller == NULL)
        return 0;
    json_array_foreach (call->target->required, i, word) {
        if (tdh_permission_holds(caller->target->permissions, json_string_value(word)))
            continue;
        td_fail(err, TD_E_PERM, "\"%s\" may not call action \"%s\" of \"%s\", which needs %s",
                caller->target->name, call->target->action, call->target->name,
                json_string_value(word));
        return td_hint(err, "add that to \"permissions\" in the manifest of the caller's plugin");
    }
    return 0;
}

int tdh_stage_authorise(struct tdh_call *call, unsigned next, struct td_err *err)
{
    const struct tdh_call *parent = call->parent;

    if (parent != NULL && !call->is_stand_in) { /* who stands in is the operator's choice */
        if (!call->is_in_role &&
            !tdh_permission_has(parent->target->permissions, "agents", call->target->name)) {
            td_fail(err, TD_E_PERM, "\"%s\" may not call agent \"%s\"", parent->target->name,
                    call->target->name);
            return td_hint(err,
                           "add it to \"permissions: {agents: [...]}\" in the plugin's manifest");
        }
        if (check_effects(call, err) != 0)
            return -1;
        if (call->target->required != NULL && check_required(call, err) != 0)
            return -1;
    }
    return tdh_call_next(call, next, err);
}
