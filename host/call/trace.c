/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace: tells those who listen of every attempt's begin and end.
 */
#include <assert.h>

#include "base/clock.h"
#include "call/internal.h"

static struct {
    tdh_trace_fn *fn;
    void *arg;
} listeners[TDH_TRACERS];
static unsigned listener_count;

void tdh_call_trace(tdh_trace_fn *fn, void *arg)
{
    assert(listener_count < TDH_TRACERS);
    listeners[listener_count].fn = fn;
    listeners[listener_count].arg = arg;
    listener_count++;
}

void tdh_call_untrace(tdh_trace_fn *fn, void *arg)
{
    for (unsigned i = 0; i < listener_count; i++)
        if (listeners[i].fn == fn && listeners[i].arg == arg) {
            listeners[i] = listeners[--listener_count];
            return;
        }
}

bool tdh_trace_is_on(void)
{
    return listener_count > 0;
}

int tdh_stage_trace(struct tdh_call *call, unsigned next, struct td_err *err)
{
    int rc;

    call->begun_ns = tdh_clock_mono_ns();
    for (unsigned i = 0; i < listener_count; i++)
        listeners[i].fn(listeners[i].arg, call, false, NULL);
    rc = tdh_call_next(call, next, err);
    for (unsigned i = 0; i < listener_count; i++)
        listeners[i].fn(listeners[i].arg, call, true, rc != 0 ? err : NULL);
    return rc;
}
