/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune: takes away runs that have ended, by what a person says. It reads the records of all, so
 * it also finds what no list names.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "run/ended.h"

enum { PAGE = 500 };

struct pruning {
    struct tdh_engine *engine;
    const struct tdh_prune *prune;
    int64_t before_us;
    uint32_t seen, count;
    struct tdh_ended portion[TDH_ENDED_PORTION];
    size_t portion_count;
};

static bool has_ended(const json_t *record)
{
    return json_object_get(record, "ended_us") != NULL;
}

/* A parent that goes on may still read how its child ended. */
static int is_needed(struct pruning *pruning, const json_t *record, bool *ret_needed,
                     struct td_err *err)
{
    const char *parent = tdh_json_str(record, "parent", NULL);
    json_t *other = NULL;

    *ret_needed = false;
    if (parent == NULL)
        return 0;
    if (tdh_store_get(pruning->engine->options.store, TDH_RUN_SPACE, parent, &other, NULL, err) !=
        0)
        return err->code == TD_E_NOTFOUND ? 0 : -1;
    *ret_needed = !has_ended(other);
    json_decref(other);
    return 0;
}

static bool is_wanted(struct pruning *pruning, const json_t *record)
{
    const char *status = pruning->prune->status;

    if (!has_ended(record) ||
        (status != NULL && strcmp(tdh_json_str(record, "status", ""), status) != 0))
        return false;
    return ++pruning->seen > pruning->prune->keep &&
           json_integer_value(json_object_get(record, "ended_us")) <= pruning->before_us;
}

static int remove_portion(struct pruning *pruning, struct td_err *err)
{
    size_t count = pruning->portion_count;

    pruning->portion_count = 0;
    return tdh_runs_remove(pruning->engine, pruning->portion, count, false, err);
}

static int prune_one(struct pruning *pruning, const char *id, const json_t *record,
                     struct td_err *err)
{
    struct tdh_ended *ended = &pruning->portion[pruning->portion_count];
    bool is_kept;

    if (is_needed(pruning, record, &is_kept, err) != 0)
        return -1;
    if (is_kept || !tdh_ended_of_record(id, record, ended))
        return 0;
    pruning->count++;
    if (pruning->prune->is_dry || ++pruning->portion_count < TDH_ENDED_PORTION)
        return 0;
    return remove_portion(pruning, err);
}

static int prune_page(struct pruning *pruning, const json_t *page, struct td_err *err)
{
    const json_t *row;
    size_t i;

    json_array_foreach (page, i, row) {
        const json_t *record = json_object_get(row, "value");

        if (is_wanted(pruning, record) &&
            prune_one(pruning, tdh_json_str(row, "key", ""), record, err) != 0)
            return -1;
    }
    return 0;
}

static int prune_all(struct pruning *pruning, struct td_err *err)
{
    char after[TDH_ID_SIZE] = "";
    size_t count = PAGE;
    int rc = 0;

    while (rc == 0 && count == PAGE) {
        json_t *page;

        if (tdh_store_list(pruning->engine->options.store, TDH_RUN_SPACE, "",
                           after[0] != '\0' ? after : NULL, PAGE, TD_SCAN_DOWN | TD_SCAN_SOUND,
                           &page, err) != 0)
            return -1;
        count = json_array_size(page);
        rc = prune_page(pruning, page, err);
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(page, count - 1), "key", ""));
        json_decref(page);
    }
    return rc == 0 ? remove_portion(pruning, err) : rc;
}

int tdh_runs_prune(struct tdh_engine *engine, const struct tdh_prune *prune, uint32_t *ret_count,
                   struct td_err *err)
{
    int64_t now_us = tdh_clock_us();
    struct pruning *pruning;
    int rc;

    if (engine->options.store == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "runs are not kept: there is no store");
    pruning = calloc(1, sizeof(*pruning));
    if (pruning == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of runs");
    *pruning = (struct pruning){ .engine = engine, .prune = prune };
    pruning->before_us = prune->older_ms < now_us / 1000 ? now_us - prune->older_ms * 1000 : 0;
    rc = prune_all(pruning, err);
    *ret_count = pruning->count;
    free(pruning);
    return rc;
}
