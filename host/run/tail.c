/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tail: reads the part of a run's journal that a rebuild needs: its snapshot and the rows behind
 * that, or, when it has none, the row its index leads to and what came after it; and the rows that
 * a snapshot refers to, each once.
 *
 * tdev 0.1.0 wrote snapshots as rows, and the index led to the newest. What is newer counts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "run/snapshot.h"

int tdh_rows_add(void *arg, const struct td_row *from)
{
    struct tdh_rows *rows = arg;
    struct tdh_row row = { from->seq, from->type, NULL, from->value.length };
    uint64_t before = rows->count > 0 ? rows->list[rows->count - 1].seq : rows->after;

    if (rows->snapshot != NULL && from->seq == rows->after) {
        rows->is_behind = true;
        return 0;
    }
    if (rows->is_chain && before != 0 && from->before != before) {
        rows->rc = td_fail(rows->err, TD_E_CORRUPT,
                           "row %llu of the journal follows row %llu, which is not there",
                           (unsigned long long)from->seq, (unsigned long long)from->before);
        return 1;
    }
    if (rows->count == rows->room) {
        size_t room = rows->room > 0 ? rows->room * 2 : 16;
        struct tdh_row *list = realloc(rows->list, room * sizeof(*list));

        if (list == NULL) {
            rows->rc =
                td_fail(rows->err, TD_E_NOMEM, "could not allocate a journal of %zu rows", room);
            return 1;
        }
        rows->list = list;
        rows->room = room;
    }
    row.value = tdh_json_parse(from->value.data, from->value.length, "journal row", rows->err);
    if (row.value == NULL) {
        rows->err->code = TD_E_CORRUPT;
        rows->rc = -1;
        return 1;
    }
    rows->list[rows->count++] = row;
    return 0;
}

static int note_index(void *arg, uint64_t run, uint64_t seq)
{
    (void)run;
    ((struct tdh_rows *)arg)->index = seq;
    return 1;
}

uint64_t tdh_snapshot_after(const char *text)
{
    static const char head[] = "{\"after\":";

    return strncmp(text, head, sizeof(head) - 1) == 0 ? strtoull(text + sizeof(head) - 1, NULL, 10)
                                                      : 0;
}

int tdh_rows_snapshot(struct tdh_rows *rows, const char *text, size_t length, struct td_err *err)
{
    rows->snapshot = tdh_json_parse(text, length, "snapshot", err);
    if (rows->snapshot == NULL) {
        err->code = TD_E_CORRUPT;
        return -1;
    }
    rows->after = tdh_snapshot_after(text);
    rows->snapshot_bytes = length;
    return 0;
}

/* One that is damaged costs time only: the whole journal is there. */
static int read_snapshot(struct td_ctx *ctx, const struct td_storage *table, struct tdh_rows *rows,
                         struct td_err *err)
{
    uint64_t version;
    size_t length;
    void *text;
    int rc = 0;

    if (table->kv->get(ctx, TDH_SNAP_SPACE, rows->id, 0, &text, &length, &version, err) != 0) {
        rows->has_snapshot = err->code == TD_E_CORRUPT;
        if (rows->has_snapshot)
            tdh_log_err(TDH_LOG_WARNING, "run", err);
        return err->code == TD_E_NOTFOUND || rows->has_snapshot ? 0 : -1;
    }
    rows->has_snapshot = true;
    if (tdh_snapshot_after(text) >= rows->index)
        rc = tdh_rows_snapshot(rows, text, length, err);
    free(text);
    return rc;
}

/* The row that the index leads to, or that the snapshot stands behind. */
static int check_first(const struct tdh_rows *rows)
{
    bool is_there = rows->snapshot != NULL ? rows->is_behind
                                           : rows->count > 0 && rows->list[0].seq == rows->index;

    if (rows->rc != 0 || is_there)
        return rows->rc;
    return td_fail(rows->err, TD_E_CORRUPT, "row %llu of the journal is not there",
                   (unsigned long long)(rows->snapshot != NULL ? rows->after : rows->index));
}

static int read_tail(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                     struct td_err *err)
{
    struct tdh_rows *rows = arg;

    rows->err = err;
    if (table->log->index(ctx, TDH_RUN_LOG, rows->run, note_index, rows, err) != 0)
        return -1;
    if (rows->index == 0)
        return td_fail(err, TD_E_CORRUPT, "the journal has no entry for this run");
    if (read_snapshot(ctx, table, rows, err) != 0)
        return -1;
    rows->is_chain = true;
    if (table->log->scan(ctx, TDH_RUN_LOG, rows->snapshot != NULL ? rows->after : rows->index,
                         rows->run, tdh_rows_add, rows, err) != 0)
        return -1;
    return check_first(rows);
}

static int read_one(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                    struct td_err *err)
{
    struct tdh_rows *rows = arg;

    rows->err = err;
    if (table->log->read(ctx, TDH_RUN_LOG, rows->index, tdh_rows_add, rows, err) != 0)
        return -1;
    return rows->rc;
}

static int read_last(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                     struct td_err *err)
{
    struct tdh_rows *rows = arg;

    rows->err = err;
    if (table->log->index(ctx, TDH_RUN_LOG, rows->run, note_index, rows, err) != 0)
        return -1;
    if (rows->index == 0)
        return td_fail(err, TD_E_CORRUPT, "the journal has no entry for this run");
    return read_one(ctx, table, arg, err) == 0 ? check_first(rows) : -1;
}

int tdh_rows_tail(struct tdh_store *store, struct tdh_rows *rows, struct td_err *err)
{
    return tdh_store_ask(store, read_tail, rows, err);
}

int tdh_rows_last(struct tdh_store *store, struct tdh_rows *rows, struct td_err *err)
{
    return tdh_store_ask(store, read_last, rows, err);
}

void tdh_rows_free(struct tdh_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        json_decref(rows->list[i].value);
    free(rows->list);
    json_decref(rows->snapshot);
}

/* --- references in a snapshot --- */

/* Rows that references led to, read once each. */
struct resolving {
    struct tdh_run *run;
    uint64_t after; /* what row 0 stands for */
    struct tdh_rows rows;
};

static json_t *row_value(struct resolving *resolving, uint64_t seq, struct td_err *err)
{
    struct tdh_rows *rows = &resolving->rows;

    for (size_t i = rows->count; i > 0; i--)
        if (rows->list[i - 1].seq == seq)
            return rows->list[i - 1].value;
    rows->index = seq;
    if (tdh_store_ask(resolving->run->engine->options.store, read_one, rows, err) != 0)
        return NULL;
    return rows->count > 0 && rows->list[rows->count - 1].seq == seq
               ? rows->list[rows->count - 1].value
               : NULL;
}

/* The output of the event a reference names, borrowed from its row. */
static json_t *referred(struct resolving *resolving, const json_t *reference, struct td_err *err)
{
    uint64_t seq = (uint64_t)json_integer_value(json_array_get(reference, 0));
    uint32_t place = (uint32_t)json_integer_value(json_array_get(reference, 1));
    json_t *value;

    seq = seq != 0 ? seq : resolving->after;
    err->code = TD_OK;
    value = json_array_get(json_array_get(row_value(resolving, seq, err), place), TDH_RESULT_PLACE);
    if (value == NULL && (err->code == TD_OK || err->code == TD_E_NOTFOUND))
        td_fail(err, TD_E_CORRUPT,
                "a snapshot refers to row %llu of the journal, which is not there",
                (unsigned long long)seq);
    tdh_journal_known(resolving->run, value, seq, place);
    return value;
}

static json_t *resolve(struct resolving *resolving, json_t *value, struct td_err *err);

static json_t *resolve_array(struct resolving *resolving, json_t *array, struct td_err *err)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *item = resolve(resolving, json_array_get(array, i), err);

        if (item == NULL || json_array_set_new(array, i, item) != 0)
            return NULL;
    }
    return json_incref(array);
}

static json_t *resolve_object(struct resolving *resolving, json_t *object, struct td_err *err)
{
    json_t *reference = json_object_get(object, "$r"), *wrapped = json_object_get(object, "$q"),
           *member;
    const char *key;
    void *next;

    if (json_object_size(object) == 1 && reference != NULL)
        return json_incref(referred(resolving, reference, err));
    if (json_object_size(object) == 1 && wrapped != NULL)
        object = wrapped;
    json_object_foreach_safe(object, next, key, member)
    {
        json_t *item = resolve(resolving, member, err);

        if (item == NULL ||
            json_object_iter_set_new(object, json_object_key_to_iter(key), item) != 0)
            return NULL;
    }
    return json_incref(object);
}

/* The value with its references replaced; new reference. Depth is bounded by the JSON reader. */
static json_t *resolve(struct resolving *resolving, json_t *value, struct td_err *err)
{
    if (json_is_array(value))
        return resolve_array(resolving, value, err);
    if (json_is_object(value))
        return resolve_object(resolving, value, err);
    return json_incref(value);
}

json_t *tdh_rows_resolve(struct tdh_run *run, json_t *snapshot, uint64_t after, struct td_err *err)
{
    struct resolving resolving = { .run = run, .after = after };
    json_t *resolved = resolve(&resolving, snapshot, err);

    tdh_rows_free(&resolving.rows);
    return resolved;
}
