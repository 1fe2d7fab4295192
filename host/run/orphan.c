/* SPDX-License-Identifier: Apache-2.0 */
/*
 * orphan: runs whose owner is gone. Looked for among those that have not ended, however many have.
 */
#include <string.h>

#include "base/json.h"
#include "run/internal.h"

enum { PAGE = 500 };

bool tdh_runs_last(const struct tdh_engine *engine)
{
    return engine->options.store != NULL &&
           tdh_store_durability(engine->options.store) != TD_DURABLE_MEMORY;
}

/* One that is parked or in doubt waits for a person, a child for its parent. */
static int may_go_on(struct tdh_engine *engine, const char *id, bool *ret_may, struct td_err *err)
{
    json_t *record;

    *ret_may = false;
    if (tdh_store_get(engine->options.store, TDH_RUN_SPACE, id, &record, NULL, err) != 0)
        return err->code == TD_E_NOTFOUND || err->code == TD_E_CORRUPT ? 0 : -1;
    *ret_may = strcmp(tdh_json_str(record, "status", ""), "running") == 0 &&
               json_object_get(record, "parent") == NULL;
    json_decref(record);
    return 0;
}

static int add_orphans(struct tdh_engine *engine, const json_t *page, uint32_t limit, json_t *ids,
                       struct td_err *err)
{
    const json_t *row;
    size_t i;

    json_array_foreach (page, i, row) {
        const char *id = tdh_json_str(row, "key", "");
        bool may = false;

        if (json_array_size(ids) >= limit)
            return 0;
        if (tdh_owner_is_alive(engine, tdh_json_str(json_object_get(row, "value"), "owner", "")))
            continue;
        if (may_go_on(engine, id, &may, err) != 0)
            return -1;
        if (may)
            json_array_append_new(ids, json_string(id));
    }
    return 0;
}

int tdh_runs_orphaned(struct tdh_engine *engine, uint32_t limit, json_t **ret_ids,
                      struct td_err *err)
{
    json_t *ids = json_array(), *page = NULL;
    char after[TDH_ID_SIZE] = "";
    size_t count = PAGE;
    int rc = ids != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a list of runs");

    while (rc == 0 && count == PAGE && json_array_size(ids) < limit) {
        rc = tdh_store_list(engine->options.store, TDH_LIVE_SPACE, "",
                            after[0] != '\0' ? after : NULL, PAGE, TD_SCAN_SOUND, &page, err);
        if (rc != 0)
            break;
        count = json_array_size(page);
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(page, count > 0 ? count - 1 : 0), "key", ""));
        rc = add_orphans(engine, page, limit, ids, err);
        json_decref(page);
    }
    if (rc == 0)
        *ret_ids = ids;
    else
        json_decref(ids);
    return rc;
}
