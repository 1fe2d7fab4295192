/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: errors as they stand in the journal.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "run/internal.h"

json_t *tdh_error_json(const struct td_err *error)
{
    json_t *value =
        json_pack("{s:s, s:s}", "code", td_code_info(error->code)->name, "text", error->text);

    if (value != NULL && error->hint[0] != '\0')
        json_object_set_new(value, "hint", json_string(error->hint));
    if (value != NULL && error->is_retryable)
        json_object_set_new(value, "retryable", json_true());
    return value;
}

void tdh_event_error(struct tdh_buf *buf, const struct td_err *error)
{
    json_t *value = tdh_error_json(error);

    if (value != NULL)
        tdh_buf_json(buf, value, 0);
    else
        buf->failed = true;
    json_decref(value);
}

void tdh_error_from_json(const json_t *value, struct td_err *ret_error)
{
    td_fail(ret_error, td_code_from_name(tdh_json_str(value, "code", "internal")), "%s",
            tdh_json_str(value, "text", ""));
    td_hint(ret_error, "%s", tdh_json_str(value, "hint", ""));
    ret_error->is_retryable = json_is_true(json_object_get(value, "retryable"));
}
