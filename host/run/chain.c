/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain: the whole journal of a run, oldest row first. The index or the snapshot leads to a row,
 * whichever is newer; from there the chain leads back to the oldest, and a scan to what is newer.
 */
#include <stdlib.h>

#include "base/json.h"
#include "run/snapshot.h"

struct chain {
    json_t *rows; /* newest first */
    const char *id;
    uint64_t run, index, next;
    bool is_ended;
    struct td_err *err;
    int rc;
};

static int note_index(void *arg, uint64_t run, uint64_t seq)
{
    (void)run;
    ((struct chain *)arg)->index = seq;
    return 1;
}

/* What it stands behind is all that is wanted of it. */
static int note_snapshot(struct td_ctx *ctx, const struct td_storage *table, struct chain *chain,
                         struct td_err *err)
{
    uint64_t version, after;
    size_t length;
    void *text;

    if (table->kv->get(ctx, TDH_SNAP_SPACE, chain->id, 0, &text, &length, &version, err) != 0)
        return err->code == TD_E_NOTFOUND || err->code == TD_E_CORRUPT ? 0 : -1;
    after = tdh_snapshot_after(text);
    if (after > chain->index)
        chain->index = after;
    free(text);
    return 0;
}

static int take_row(struct chain *chain, const struct td_row *row, json_t **ret_row)
{
    json_t *value = tdh_json_parse(row->value.data, row->value.length, "journal row", chain->err);

    if (value == NULL) {
        chain->err->code = TD_E_CORRUPT;
        return chain->rc = -1;
    }
    *ret_row = json_pack("{s:I, s:i, s:o}", "seq", (json_int_t)row->seq, "type", (int)row->type,
                         "value", value);
    return *ret_row != NULL
               ? 0
               : (chain->rc = td_fail(chain->err, TD_E_NOMEM, "could not allocate a row"));
}

static int add_older(void *arg, const struct td_row *row)
{
    struct chain *chain = arg;
    json_t *entry;

    chain->next = row->before;
    if (take_row(chain, row, &entry) == 0)
        json_array_append_new(chain->rows, entry);
    return 1;
}

static int add_newer(void *arg, const struct td_row *row)
{
    struct chain *chain = arg;
    json_t *entry;

    if (row->seq == chain->index)
        return 0;
    if (take_row(chain, row, &entry) != 0)
        return 1;
    json_array_insert_new(chain->rows, 0, entry);
    return 0;
}

static int read_chain(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                      struct td_err *err)
{
    struct chain *chain = arg;

    chain->err = err;
    if (table->log->index(ctx, TDH_RUN_LOG, chain->run, note_index, chain, err) != 0 ||
        (!chain->is_ended && note_snapshot(ctx, table, chain, err) != 0))
        return -1;
    for (uint64_t at = chain->index; at != 0 && chain->rc == 0; at = chain->next)
        if (table->log->read(ctx, TDH_RUN_LOG, at, add_older, chain, err) != 0)
            return -1;
    if (chain->rc == 0 && chain->index != 0 && !chain->is_ended &&
        table->log->scan(ctx, TDH_RUN_LOG, chain->index + 1, chain->run, add_newer, chain, err) !=
            0)
        return -1;
    return chain->rc;
}

int tdh_chain_read(struct tdh_engine *engine, const char *id, json_t **ret_record,
                   json_t **ret_rows, struct td_err *err)
{
    struct chain chain = { .rows = json_array(), .id = id, .err = err };
    json_t *record = NULL, *rows = json_array();
    int rc = tdh_store_get(engine->options.store, TDH_RUN_SPACE, id, &record, NULL, err);

    if (rc == 0) {
        chain.run = strtoull(tdh_json_str(record, "key", "0"), NULL, 16);
        chain.is_ended = json_object_get(record, "ended_us") != NULL;
        rc = tdh_store_ask(engine->options.store, read_chain, &chain, err);
    }
    for (size_t i = json_array_size(chain.rows); i > 0 && rc == 0; i--)
        json_array_append(rows, json_array_get(chain.rows, i - 1));
    json_decref(chain.rows);
    if (rc == 0) {
        *ret_record = record;
        *ret_rows = rows;
        return 0;
    }
    json_decref(record);
    json_decref(rows);
    return -1;
}
