/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook: a short array of listeners, told in the order they came.
 */
#include "base/hook.h"

static struct {
    tdh_event_fn *fn;
    void *arg;
} hooks[TDH_HOOKS];
static unsigned hook_count;

int tdh_hook_add(tdh_event_fn *fn, void *arg)
{
    if (hook_count == TDH_HOOKS)
        return -1;
    hooks[hook_count].fn = fn;
    hooks[hook_count].arg = arg;
    hook_count++;
    return 0;
}

void tdh_hook_remove(tdh_event_fn *fn, void *arg)
{
    for (unsigned i = 0; i < hook_count; i++)
        if (hooks[i].fn == fn && hooks[i].arg == arg) {
            hooks[i] = hooks[--hook_count];
            return;
        }
}

void tdh_hook_clear(void)
{
    hook_count = 0;
}

bool tdh_hook_is_wanted(void)
{
    return hook_count != 0;
}

void tdh_hook_event(const char *name, const json_t *data)
{
    for (unsigned i = 0; i < hook_count; i++)
        hooks[i].fn(hooks[i].arg, name, data);
}
