/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: which kinds of targets there are, and those of the host itself. Filled at start-up by
 * the folders above.
 */
#include <assert.h>
#include <string.h>

#include "call/call.h"

enum { PROVIDED_MAX = 80 }; /* the host's own, and a stand-in for each role of an agent on trial */

static struct tdh_target *provided[PROVIDED_MAX];

static struct {
    tdh_resolve_fn *fn;
    void *arg;
} kinds[TDH_TARGET_MODEL + 1];

void tdh_call_register(enum td_target kind, tdh_resolve_fn *fn, void *arg)
{
    kinds[kind].fn = fn;
    kinds[kind].arg = arg;
}

void tdh_call_provide(struct tdh_target *target)
{
    size_t i = 0;

    while (i < PROVIDED_MAX && provided[i] != NULL)
        i++;
    assert(i < PROVIDED_MAX && "no room for another target of the host");
    provided[i] = target;
}

void tdh_call_withdraw(const struct tdh_target *target)
{
    for (size_t i = 0; i < PROVIDED_MAX; i++)
        if (provided[i] == target)
            provided[i] = NULL;
}

static int find_provided(const char *name, const char *action, struct tdh_target **ret_target,
                         struct td_err *err)
{
    for (size_t i = 0; i < PROVIDED_MAX; i++)
        if (provided[i] != NULL && action != NULL && strcmp(provided[i]->name, name) == 0 &&
            strcmp(provided[i]->action, action) == 0) {
            *ret_target = provided[i];
            return 0;
        }
    return td_fail(err, TD_E_NOTFOUND, "the host has no \"%.64s\" with action \"%.64s\"", name,
                   action != NULL ? action : "");
}

int tdh_call_resolve(enum td_target kind, const char *name, const char *action, const char *edition,
                     struct tdh_target **ret_target, struct td_err *err)
{
    if (kind == TD_TARGET_AGENT && strchr(name, ':') != NULL)
        return find_provided(name, action, ret_target, err);
    if ((unsigned)kind > TDH_TARGET_MODEL || kinds[kind].fn == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "\"%s\" cannot be called: no such kind of target",
                       name);
    return kinds[kind].fn(kinds[kind].arg, name, action, edition, ret_target, err);
}
