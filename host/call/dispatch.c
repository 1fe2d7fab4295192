/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch: the end of the path: hands the call to its kind.
 */
#include "base/buf.h"
#include "base/json.h"
#include "call/internal.h"

int tdh_stage_dispatch(struct tdh_call *call, unsigned next, struct td_err *err)
{
    const char *fault;
    int rc;

    (void)next;
    err->code = TD_OK;
    rc = call->target->dispatch(call, err);
    if (rc == 0 && call->output == NULL)
        rc = td_fail(err, TD_E_EXEC, "\"%s\" action \"%s\" succeeded without an output",
                     call->target->name, call->target->action);
    else if (rc == 0 && (fault = tdh_json_fault(call->output)) != NULL)
        rc = td_fail(err, TD_E_EXEC, "\"%s\" action \"%s\": its output %s", call->target->name,
                     call->target->action, fault);
    if (rc != 0) {
        json_decref(call->output); /* of an action that failed and set it all the same */
        call->output = NULL;
    }
    if (rc != 0 && err->code == TD_OK)
        td_fail(err, TD_E_EXEC, "\"%s\" action \"%s\" failed and did not say why",
                call->target->name, call->target->action);
    return rc;
}
