/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorise: may this caller call that? A call from outside may (roles come with authentication); a
 * plugin may call the agents that its manifest's `permissions: {agents: [...]}` names, and nothing
 * else.
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

int tdh_stage_authorise(struct tdh_call *call, unsigned next, struct td_err *err)
{
    const struct tdh_call *parent = call->parent;

    if (parent != NULL && !call->is_stand_in) { /* who stands in is the operator's choice */
        if (!tdh_permission_has(parent->target->permissions, "agents", call->target->name)) {
            td_fail(err, TD_E_PERM, "\"%s\" may not call agent \"%s\"", parent->target->name,
                    call->target->name);
            return td_hint(err,
                           "add it to \"permissions: {agents: [...]}\" in the plugin's manifest");
        }
        if (check_effects(call, err) != 0)
            return -1;
    }
    return tdh_call_next(call, next, err);
}
