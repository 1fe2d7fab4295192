/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: which kinds of targets there are. Filled at start-up by the folders above.
 */
#include "call/call.h"

static struct {
    tdh_resolve_fn *fn;
    void *arg;
} kinds[TD_TARGET_WORKFLOW + 1];

void tdh_call_register(enum td_target kind, tdh_resolve_fn *fn, void *arg)
{
    kinds[kind].fn = fn;
    kinds[kind].arg = arg;
}

int tdh_call_resolve(enum td_target kind, const char *name, const char *action,
                     struct tdh_target **ret_target, struct td_err *err)
{
    if ((unsigned)kind > TD_TARGET_WORKFLOW || kinds[kind].fn == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "\"%s\" cannot be called: no such kind of target",
                       name);
    return kinds[kind].fn(kinds[kind].arg, name, action, ret_target, err);
}
