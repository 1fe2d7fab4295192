/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate: what goes in and what comes out fits the schemas of the manifest.
 */
#include "base/buf.h"
#include "base/json.h"
#include "call/internal.h"

int tdh_stage_validate_input(struct tdh_call *call, unsigned next, struct td_err *err)
{
    if (tdh_schema_check(call->target->input_schema, call->input, err) != 0)
        return td_context(err, "input of \"%s\" action \"%s\"", call->target->name,
                          call->target->action);
    return tdh_call_next(call, next, err);
}

int tdh_call_check_output(const struct tdh_target *target, const json_t *output, struct td_err *err)
{
    const char *fault = tdh_json_fault(output);
    int rc = 0;

    if (fault != NULL)
        rc = td_fail(err, TD_E_EXEC, "it %s", fault);
    else if (target->output_schema != NULL)
        rc = tdh_schema_check(target->output_schema, output, err);
    return rc == 0
               ? 0
               : td_context(err, "output of \"%s\" action \"%s\"", target->name, target->action);
}

int tdh_stage_validate_output(struct tdh_call *call, unsigned next, struct td_err *err)
{
    if (tdh_call_next(call, next, err) != 0)
        return -1;
    if (tdh_schema_check(call->target->output_schema, call->output, err) == 0)
        return 0;
    json_decref(call->output);
    call->output = NULL;
    err->code = TD_E_EXEC;
    err->is_retryable = true; /* another attempt may give a fitting one */
    return td_context(err, "output of \"%s\" action \"%s\"", call->target->name,
                      call->target->action);
}
