/* SPDX-License-Identifier: Apache-2.0 */
/*
 * move: a run with all that belongs to it as one JSON value, and back into another store:
 *
 *   {format: "tdev-run", version: 1, record, definition, base, events, children: [the same ...]}
 *
 * `base` is the snapshot that a forked run begins with, or with which the run went over to its
 * definition: what was before that is left out. Other snapshots are, too: events are enough. An
 * imported run keeps its id and its keys; one that has not ended waits to be resumed, so it must
 * not go on where it came from.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "run/ended.h"

enum { FORMAT_VERSION = 1, OPS_PER_RUN = 7 };

/* --- out --- */

static int export_one(struct tdh_engine *engine, const char *id, unsigned depth, json_t **ret_run,
                      struct td_err *err);

static int add_child(struct tdh_engine *engine, json_t *children, const json_t *ask, unsigned depth,
                     struct td_err *err)
{
    const char *id = json_string_value(json_array_get(ask, 3));
    json_t *child = NULL;

    if (id == NULL ||
        strcmp(tdh_ask_letters[TDH_ASK_RUN], json_string_value(json_array_get(ask, 1))) != 0)
        return 0;
    if (export_one(engine, id, depth + 1, &child, err) != 0)
        return err->code == TD_E_NOTFOUND ? 0 : -1; /* it never began, or was pruned */
    return json_array_append_new(children, child) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate the children of a run");
}

static int add_events(struct tdh_engine *engine, json_t *run, const json_t *rows, unsigned depth,
                      struct td_err *err)
{
    json_t *events = json_object_get(run, "events"), *children = json_object_get(run, "children");
    json_t *row, *event, *ask;
    size_t i, at, k;

    json_array_foreach (rows, i, row) {
        json_t *value = json_object_get(row, "value");

        if (json_integer_value(json_object_get(row, "type")) == TDH_ROW_SNAPSHOT) {
            if (i == 0 || json_object_get(value, "moved") != NULL) {
                json_object_set(run, "base", value);
                json_array_clear(events);
            }
            continue;
        }
        json_array_foreach (value, at, event) {
            json_array_append(events, event);
            json_array_foreach (json_array_get(event, json_array_size(event) - 1), k, ask)
                if (json_is_array(ask) && add_child(engine, children, ask, depth, err) != 0)
                    return -1;
        }
    }
    return 0;
}

static int export_one(struct tdh_engine *engine, const char *id, unsigned depth, json_t **ret_run,
                      struct td_err *err)
{
    json_t *record = NULL, *rows = NULL, *text = NULL, *run = NULL;
    int rc = -1;

    if (depth > TDH_CALL_DEPTH)
        return td_fail(err, TD_E_LIMIT, "runs nest more than %d deep", TDH_CALL_DEPTH);
    if (tdh_chain_read(engine, id, &record, &rows, err) != 0)
        return -1;
    if (tdh_store_get(engine->options.store, TDH_DEF_SPACE, tdh_json_str(record, "def", ""), &text,
                      NULL, err) == 0) {
        run = json_pack("{s:s, s:i, s:O, s:o, s:[], s:[]}", "format", "tdev-run", "version",
                        FORMAT_VERSION, "record", record, "definition", text, "events", "children");
        rc = run != NULL ? add_events(engine, run, rows, depth, err)
                         : td_fail(err, TD_E_NOMEM, "could not allocate run %s", id);
    }
    json_decref(record);
    json_decref(rows);
    if (rc == 0)
        *ret_run = run;
    else
        json_decref(run);
    return rc;
}

int tdh_run_export(struct tdh_engine *engine, const char *id, json_t **ret_run, struct td_err *err)
{
    json_t *record;
    bool is_still;

    if (tdh_runs_record(engine, id, &record, err) != 0)
        return -1;
    is_still = tdh_run_is_end(tdh_json_str(record, "status", "")) ||
               json_is_true(json_object_get(record, "orphan"));
    if (!is_still)
        td_fail(err, TD_E_CONFLICT, "run %s is %s in a process that is alive", id,
                tdh_json_str(record, "status", ""));
    json_decref(record);
    if (is_still)
        return export_one(engine, id, 0, ret_run, err);
    return td_hint(err, "pause it, end its process, then export it");
}

/* --- in --- */

/* All that is written in one commit, and the texts that it points to. */
struct import {
    struct tdh_engine *engine;
    struct td_op *ops;
    size_t count, room;
    char **texts;
    uint64_t *heads;
    size_t text_count, run_count;
};

static size_t count_runs(const json_t *run, unsigned depth)
{
    size_t count = 1, i;
    const json_t *child;

    if (depth <= TDH_CALL_DEPTH)
        json_array_foreach (json_object_get(run, "children"), i, child)
            count += count_runs(child, depth + 1);
    return count;
}

static struct td_op *next_op(struct import *import, enum td_op_kind kind, const char *space,
                             const json_t *value)
{
    struct td_op *op = &import->ops[import->count++];
    char *text = tdh_json_text(value, 0);

    *op = (struct td_op){ TD_SIZE(struct td_op), .kind = kind, .space = space };
    import->texts[import->text_count++] = text;
    op->value = (struct td_bytes){ text, text != NULL ? strlen(text) : 0 };
    return op;
}

static void put(struct import *import, const char *space, const char *key, const json_t *value,
                uint64_t version)
{
    struct td_op *op = next_op(import, TD_OP_PUT, space, value);

    op->key = key;
    op->version = version;
}

static void append(struct import *import, const json_t *record, uint32_t type, const json_t *value,
                   uint64_t *head)
{
    struct td_op *op = next_op(import, TD_OP_APPEND, TDH_RUN_LOG, value);

    op->run = strtoull(tdh_json_str(record, "key", "0"), NULL, 16);
    op->type = type;
    op->flags = type == TDH_ROW_EVENTS ? 0 : TD_APPEND_INDEX;
    op->time_us = json_integer_value(json_object_get(record, "created_us"));
    op->head = head;
}

/* [from, to) of the events as a row. */
static void append_events(struct import *import, const json_t *run, uint32_t type, size_t from,
                          size_t to, uint64_t *head)
{
    json_t *row = json_array();

    for (size_t i = from; i < to; i++)
        json_array_append(row, json_array_get(json_object_get(run, "events"), i));
    append(import, json_object_get(run, "record"), type, row, head);
    json_decref(row);
}

static int fail_shape(struct td_err *err)
{
    return td_fail(err, TD_E_INVAL, "that is no run as tdev runs export writes it");
}

/* What a record holds, as far as others rely on it. */
static const struct {
    const char *key;
    bool is_needed;
    json_type type;
    const char *what;
} fields[] = {
    { "id", true, JSON_STRING, "a text" },
    { "key", true, JSON_STRING, "a text" },
    { "kind", true, JSON_STRING, "a text" },
    { "def", true, JSON_STRING, "a text" },
    { "status", true, JSON_STRING, "a text" },
    { "created_us", true, JSON_INTEGER, "a whole number" },
    { "ended_us", false, JSON_INTEGER, "a whole number" },
    { "name", false, JSON_STRING, "a text" },
    { "version", false, JSON_STRING, "a text" },
    { "parent", false, JSON_STRING, "a text" },
    { "priority", false, JSON_STRING, "a text" },
    { "tenant", false, JSON_STRING, "a text" },
    { "tags", false, JSON_ARRAY, "a list" },
};

static int check_record(const json_t *record, struct td_err *err)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const json_t *value = json_object_get(record, fields[i].key);

        if (value != NULL ? json_typeof(value) != fields[i].type : fields[i].is_needed)
            return td_fail(
                err, TD_E_INVAL,
                "that is no run as tdev runs export writes it: \"%s\" of its record must "
                "be %s",
                fields[i].key, fields[i].what);
    }
    return 0;
}

static int check_shape(const json_t *run, struct td_err *err)
{
    const json_t *record = json_object_get(run, "record");
    bool has_events =
        json_array_size(json_object_get(run, "events")) > 0 || json_object_get(run, "base") != NULL;

    if (strcmp(tdh_json_str(run, "format", ""), "tdev-run") != 0)
        return fail_shape(err);
    if (json_integer_value(json_object_get(run, "version")) != FORMAT_VERSION)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "runs in format version %lld are not known to this "
                       "host",
                       (long long)json_integer_value(json_object_get(run, "version")));
    if (check_record(record, err) != 0)
        return -1;
    return strlen(tdh_json_str(record, "id", "")) == TDH_ID_SIZE - 1 && has_events &&
                   strtoull(tdh_json_str(record, "key", "0"), NULL, 16) != 0 &&
                   json_is_object(json_object_get(run, "definition"))
               ? 0
               : fail_shape(err);
}

/* Other runs may follow the definition of that hash, too. */
static int check_definition(const json_t *run, struct td_err *err)
{
    const char *hash = tdh_json_str(json_object_get(run, "record"), "def", "");
    char own[TDH_SHA256_HEX];

    if (tdh_definition_hash(json_object_get(run, "definition"), own, err) != 0)
        return -1;
    return strcmp(hash, own) == 0
               ? 0
               : td_fail(err, TD_E_INVAL, "the definition in it is not the one its run began with");
}

/* Its place in the list of those that have ended; there is none while one with its id is being
 * taken away. Without memory a text is missing, which the commit tells. */
static void put_ended(struct import *import, const json_t *record)
{
    struct tdh_ended ended;
    json_t *value;
    char *key;

    if (!tdh_ended_of_record(tdh_json_str(record, "id", ""), record, &ended))
        return;
    value = json_pack("[s, s, i]", tdh_json_str(record, "key", ""), ended.parent, 1);
    if (!ended.has_moved)
        json_array_remove(value, 2);
    key = strdup(ended.key);
    import->texts[import->text_count++] = key;
    put(import, TDH_ENDED_SPACE, key, value, TD_VERSION_ABSENT);
    json_decref(value);
}

/* Nobody owns it. */
static void put_records(struct import *import, json_t *record, bool has_ended)
{
    json_t *live;

    json_object_set_new(record, "owner", json_string(""));
    put(import, TDH_RUN_SPACE, tdh_json_str(record, "id", ""), record, TD_VERSION_ABSENT);
    if (has_ended) {
        put_ended(import, record);
        return;
    }
    live = json_pack("{s:s, s:O, s:i, s:i}", "owner", "", "key", json_object_get(record, "key"),
                     "tries", 0, "seq", 0);
    put(import, TDH_LIVE_SPACE, tdh_json_str(record, "id", ""), live, TD_VERSION_ABSENT);
    json_decref(live);
}

static int import_one(struct import *import, const json_t *run, struct td_err *err)
{
    json_t *record = json_object_get(run, "record"), *child;
    const json_t *base = json_object_get(run, "base");
    bool has_ended = json_object_get(record, "ended_us") != NULL;
    uint64_t *head = &import->heads[import->run_count++];
    size_t count = json_array_size(json_object_get(run, "events")), from = base == NULL ? 1 : 0;
    size_t to = has_ended && count > from ? count - 1 : count, i;

    if (check_shape(run, err) != 0 || check_definition(run, err) != 0)
        return -1;
    put(import, TDH_DEF_SPACE, tdh_json_str(record, "def", ""), json_object_get(run, "definition"),
        TD_VERSION_ANY);
    if (base != NULL)
        append(import, record, TDH_ROW_SNAPSHOT, base, head);
    else
        append_events(import, run, TDH_ROW_START, 0, 1, head);
    if (to > from)
        append_events(import, run, TDH_ROW_EVENTS, from, to, head);
    if (to < count)
        append_events(import, run, TDH_ROW_END, to, count, head);
    put_records(import, record, has_ended);
    json_array_foreach (json_object_get(run, "children"), i, child)
        if (import_one(import, child, err) != 0)
            return -1;
    return 0;
}

static int commit(struct import *import, struct td_err *err)
{
    struct td_op **list = calloc(import->count, sizeof(*list));
    size_t failed;
    int rc = 0;

    for (size_t i = 0; i < import->text_count; i++)
        if (import->texts[i] == NULL)
            rc = -1;
    if (list == NULL || rc != 0) {
        free(list);
        return td_fail(err, TD_E_NOMEM, "could not allocate the rows of a run");
    }
    for (size_t i = 0; i < import->count; i++)
        list[i] = &import->ops[i];
    rc = tdh_store_commit(import->engine->options.store, list, import->count, &failed, err);
    free(list);
    return rc;
}

int tdh_run_import(struct tdh_engine *engine, const json_t *run, char ret_id[static TDH_ID_SIZE],
                   struct td_err *err)
{
    struct import import = { .engine = engine };
    size_t runs = count_runs(run, 0);
    json_t *copy = json_deep_copy(run);
    int rc = -1;

    import.room = runs * OPS_PER_RUN;
    import.ops = calloc(import.room, sizeof(*import.ops));
    import.texts = calloc(import.room, sizeof(*import.texts));
    import.heads = calloc(runs, sizeof(*import.heads));
    if (copy == NULL || import.ops == NULL || import.texts == NULL || import.heads == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a run");
    else if (import_one(&import, copy, err) == 0)
        rc = commit(&import, err);
    if (rc == 0)
        snprintf(ret_id, TDH_ID_SIZE, "%s",
                 tdh_json_str(json_object_get(copy, "record"), "id", ""));
    else if (err->code == TD_E_CONFLICT)
        td_fail(err, TD_E_EXISTS, "run %s, or a child of it, is in this store already",
                tdh_json_str(json_object_get(copy, "record"), "id", ""));
    for (size_t i = 0; i < import.text_count; i++)
        free(import.texts[i]);
    free(import.ops);
    free(import.texts);
    free(import.heads);
    json_decref(copy);
    return rc;
}
