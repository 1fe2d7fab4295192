/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: errors as they stand in the journal: what follows from the code is left out there.
 */
#include "base/err_json.h"
#include "run/internal.h"

void tdh_event_error(struct tdh_buf *buf, const struct td_err *error)
{
    json_t *value = tdh_err_json_short(error);

    if (value != NULL)
        tdh_buf_json(buf, value, 0);
    else
        buf->failed = true;
    json_decref(value);
}
