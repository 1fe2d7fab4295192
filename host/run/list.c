/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list: completes the list of runs that have ended in a store that was written before there was
 * one. A page of records at a time; how far it came stands in the record "care/listed", in the
 * same commit, so whoever goes on does so from there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "run/ended.h"

enum { PAGE = 500 };
#define LISTED "listed"

struct batch {
    struct td_op ops[PAGE + 1], *list[PAGE + 1];
    struct tdh_ended ended[PAGE];
    struct tdh_buf values[PAGE + 1];
    size_t count;
};

static void put(struct batch *batch, const char *space, const char *key)
{
    struct td_op *op = &batch->ops[batch->count];
    const struct tdh_buf *value = &batch->values[batch->count];

    *op = (struct td_op){ TD_SIZE(struct td_op), .kind = TD_OP_PUT, .space = space, .key = key };
    op->version = TD_VERSION_ANY;
    op->value = (struct td_bytes){ value->data, value->length };
    batch->list[batch->count++] = op;
}

static void add_runs(struct batch *batch, const json_t *page)
{
    const json_t *row;
    size_t i;

    json_array_foreach (page, i, row) {
        struct tdh_ended *ended = &batch->ended[batch->count];

        if (!tdh_ended_of_record(tdh_json_str(row, "key", ""), json_object_get(row, "value"),
                                 ended))
            continue;
        tdh_ended_value(ended, &batch->values[batch->count]);
        put(batch, TDH_ENDED_SPACE, ended->key);
    }
}

/* With how far that is; all of it when the page is not full. */
static int commit(struct tdh_store *store, struct batch *batch, const json_t *page,
                  struct td_err *err)
{
    size_t count = json_array_size(page);
    struct tdh_buf *value = &batch->values[batch->count];
    const char *last =
        count == PAGE ? tdh_json_str(json_array_get(page, count - 1), "key", "") : NULL;

    if (last != NULL)
        tdh_buf_printf(value, "{\"up_to\":\"%s\"}", last);
    else
        tdh_buf_text(value, "{\"all\":true}");
    put(batch, TDH_CARE_SPACE, LISTED);
    for (size_t i = 0; i < batch->count; i++)
        if (batch->values[i].failed)
            return td_fail(err, TD_E_NOMEM, "could not write the list of runs that have ended");
    return tdh_store_commit(store, batch->list, batch->count, NULL, err);
}

static int list_page(struct tdh_store *store, const char *after, bool *ret_more, struct td_err *err)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    json_t *page = NULL;
    int rc = -1;

    if (batch == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of runs");
    if (tdh_store_list(store, TDH_RUN_SPACE, "", after, PAGE, TD_SCAN_SOUND, &page, err) == 0) {
        add_runs(batch, page);
        rc = commit(store, batch, page, err);
        *ret_more = json_array_size(page) == PAGE;
    }
    for (size_t i = 0; i <= PAGE; i++)
        tdh_buf_free(&batch->values[i]);
    json_decref(page);
    free(batch);
    return rc;
}

int tdh_ended_complete(struct tdh_engine *engine, bool *ret_more, struct td_err *err)
{
    struct tdh_store *store = engine->options.store;
    json_t *listed = NULL;
    int rc = 0;

    *ret_more = false;
    if (engine->is_listed)
        return 0;
    if (tdh_store_get(store, TDH_CARE_SPACE, LISTED, &listed, NULL, err) != 0 &&
        err->code != TD_E_NOTFOUND)
        return -1;
    if (json_object_get(listed, "all") == NULL)
        rc = list_page(store, tdh_json_str(listed, "up_to", NULL), ret_more, err);
    json_decref(listed);
    engine->is_listed = rc == 0 && !*ret_more;
    return rc;
}
