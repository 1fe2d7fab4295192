/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace: tells the one who listens of every attempt's begin and end.
 */
#include "call/internal.h"

static tdh_trace_fn *listener;
static void *listener_arg;

void tdh_call_trace(tdh_trace_fn *fn, void *arg)
{
    listener = fn;
    listener_arg = arg;
}

bool tdh_trace_is_on(void)
{
    return listener != NULL;
}

int tdh_stage_trace(struct tdh_call *call, unsigned next, struct td_err *err)
{
    int rc;

    if (listener == NULL)
        return tdh_call_next(call, next, err);
    listener(listener_arg, call, false, NULL);
    rc = tdh_call_next(call, next, err);
    listener(listener_arg, call, true, rc != 0 ? err : NULL);
    return rc;
}
