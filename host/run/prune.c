/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune: takes away runs that have ended: first the journal, oldest row first, then the record. A
 * crash on the way leaves a record, and the next prune goes on with it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "run/internal.h"

enum { PAGE = 500 };

struct pruning {
    struct tdh_engine *engine;
    const struct tdh_prune *prune;
    int64_t before_us;
    uint32_t seen, count;
};

/* One run's journal. */
struct journal {
    uint64_t run, head;
};

static int note_head(void *arg, uint64_t run, uint64_t seq)
{
    (void)run;
    ((struct journal *)arg)->head = seq;
    return 1;
}

static int prune_journal(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                         struct td_err *err)
{
    struct journal *journal = arg;

    if (table->log->index(ctx, TDH_RUN_LOG, journal->run, note_head, journal, err) != 0)
        return -1;
    return journal->head == 0
               ? 0
               : table->log->prune(ctx, TDH_RUN_LOG, journal->run, journal->head, 0, err);
}

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

static int prune_one(struct pruning *pruning, const char *id, const json_t *record,
                     struct td_err *err)
{
    struct tdh_store *store = pruning->engine->options.store;
    struct journal journal = { strtoull(tdh_json_str(record, "key", "0"), NULL, 16), 0 };
    bool is_kept;

    if (is_needed(pruning, record, &is_kept, err) != 0)
        return -1;
    if (is_kept)
        return 0;
    pruning->count++;
    if (pruning->prune->is_dry)
        return 0;
    if (tdh_store_ask(store, prune_journal, &journal, err) != 0 ||
        tdh_mail_remove(pruning->engine, id, err) != 0)
        return td_context(err, "run %s", id);
    return tdh_store_delete(store, TDH_RUN_SPACE, id, TD_VERSION_ANY, err);
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

int tdh_runs_prune(struct tdh_engine *engine, const struct tdh_prune *prune, uint32_t *ret_count,
                   struct td_err *err)
{
    int64_t now_us = tdh_clock_us();
    struct pruning pruning = { .engine = engine, .prune = prune };
    char after[TDH_ID_SIZE] = "";
    size_t count = PAGE;
    int rc = 0;

    if (engine->options.store == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "runs are not kept: there is no store");
    pruning.before_us = prune->older_ms < now_us / 1000 ? now_us - prune->older_ms * 1000 : 0;
    while (rc == 0 && count == PAGE) {
        json_t *page;

        if (tdh_store_list(engine->options.store, TDH_RUN_SPACE, "",
                           after[0] != '\0' ? after : NULL, PAGE, TD_SCAN_DOWN | TD_SCAN_SOUND,
                           &page, err) != 0)
            return -1;
        count = json_array_size(page);
        rc = prune_page(&pruning, page, err);
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(page, count - 1), "key", ""));
        json_decref(page);
    }
    *ret_count = pruning.count;
    return rc;
}
