/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restored: a store that comes from a backup has runs that were under way then, and went on
 * elsewhere since: what they did is not in their journals. Each is parked, and goes on only when
 * somebody says so, else its effects would happen twice without a word.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err_json.h"
#include "base/json.h"
#include "run/internal.h"

enum { PAGE = 256, OPS = 2 * PAGE };

/* The puts of one page. */
struct batch {
    struct td_op cells[OPS], *ops[OPS];
    struct tdh_buf bufs[OPS];
    size_t count;
};

static int add_put(struct batch *batch, const char *space, const char *id, const json_t *record,
                   struct td_err *err)
{
    size_t at = batch->count;

    tdh_buf_json(&batch->bufs[at], record, 0);
    batch->count++;
    if (batch->bufs[at].failed)
        return td_fail(err, TD_E_NOMEM, "could not write the record of run %s", id);
    batch->cells[at] = (struct td_op){ TD_SIZE(struct td_op),
                                       .kind = TD_OP_PUT,
                                       .space = space,
                                       .key = id,
                                       .version = TD_VERSION_ANY,
                                       .time_us = tdh_clock_us(),
                                       .value = { batch->bufs[at].data, batch->bufs[at].length } };
    batch->ops[at] = &batch->cells[at];
    return 0;
}

static json_t *say_why(const char *id)
{
    struct td_err why;

    td_fail(&why, TD_E_DOUBT,
            "run %s was under way when its store was backed up, and what it did since is not known",
            id);
    td_hint(&why, "see what it has done, then: tdev runs resume %s --force", id);
    return tdh_err_json(&why);
}

/* A run without its record is no run that anybody could resume. */
static int hold_one(struct tdh_store *store, struct batch *batch, const char *id, json_t *live,
                    struct td_err *err)
{
    json_t *record, *why;
    int rc;

    if (tdh_store_get(store, TDH_RUN_SPACE, id, &record, NULL, err) != 0)
        return err->code == TD_E_NOTFOUND ? 0 : -1;
    why = say_why(id);
    json_object_set_new(record, "status", json_string(tdh_run_status_name(TDH_RUN_PARKED)));
    json_object_set(record, "error", why);
    json_object_set_new(live, "owner", json_string(""));
    json_object_set_new(live, "held", why);
    rc = json_object_get(live, "held") == NULL || json_object_get(record, "error") == NULL
             ? td_fail(err, TD_E_NOMEM, "could not park run %s", id)
             : 0;
    if (rc == 0)
        rc = add_put(batch, TDH_RUN_SPACE, id, record, err);
    if (rc == 0)
        rc = add_put(batch, TDH_LIVE_SPACE, id, live, err);
    json_decref(record);
    return rc;
}

/* page: stays until the commit is done, keys are in it. */
static int hold_page(struct tdh_store *store, const json_t *page, uint32_t *ret_count,
                     struct td_err *err)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    json_t *row;
    size_t i;
    int rc = 0;

    if (batch == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the records of runs");
    json_array_foreach (page, i, row)
        if (rc == 0)
            rc = hold_one(store, batch, tdh_json_str(row, "key", ""), json_object_get(row, "value"),
                          err);
    if (rc == 0)
        rc = tdh_store_commit(store, batch->ops, batch->count, NULL, err);
    if (rc == 0)
        *ret_count += (uint32_t)batch->count / 2;
    for (i = 0; i < batch->count; i++)
        tdh_buf_free(&batch->bufs[i]);
    free(batch);
    return rc;
}

int tdh_runs_hold(struct tdh_store *store, uint32_t *ret_count, struct td_err *err)
{
    char after[TDH_ID_SIZE] = "";
    size_t count = PAGE;
    int rc = 0;

    *ret_count = 0;
    while (rc == 0 && count == PAGE) {
        json_t *page;

        if (tdh_store_list(store, TDH_LIVE_SPACE, "", after[0] != '\0' ? after : NULL, PAGE, 0,
                           &page, err) != 0)
            return -1;
        count = json_array_size(page);
        rc = hold_page(store, page, ret_count, err);
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(page, count - 1), "key", ""));
        json_decref(page);
    }
    return rc;
}
