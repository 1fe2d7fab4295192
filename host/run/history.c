/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history: reads a run's journal and folds it again in memory.
 *
 * Most snapshots only save time, and are passed over. Two stand for what is not to be folded any
 * more: the first row of a run that was made from another, and where a run went over to another
 * definition, which the events behind it belong to.
 */
#include "run/history.h"
#include "run/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* --- reading --- */

bool tdh_history_is_end(const json_t *event)
{
    const char *letter = json_string_value(json_array_get(event, 0));

    return letter != NULL && letter[0] == 'e';
}

static int add_ask(json_t *asks, const json_t *number, json_t *kind, const json_t *path)
{
    char key[24];

    snprintf(key, sizeof(key), "%lld", (long long)json_integer_value(number));
    return json_object_set_new(asks, key, json_pack("[O, o, O]", number, kind, path));
}

static int add_asks(json_t *asks, const json_t *event)
{
    const json_t *list = json_array_get(event, json_array_size(event) - 1), *ask;
    size_t i;

    if (tdh_history_is_end(event))
        return 0; /* the last member is its output, which may be a list of lists */
    json_array_foreach (list, i, ask)
        if (json_is_array(ask) &&
            add_ask(asks, json_array_get(ask, 0), json_incref(json_array_get(ask, 1)),
                    json_array_get(ask, 2)) != 0)
            return -1;
    return 0;
}

static int add_base(struct tdh_history *past, const json_t *snapshot, const json_t *nodes)
{
    struct tdh_base *bases = realloc(past->bases, (past->base_count + 1) * sizeof(*past->bases));
    const json_t *ask;
    size_t i;

    if (bases == NULL)
        return -1;
    past->bases = bases;
    bases[past->base_count++] =
        (struct tdh_base){ (uint32_t)json_array_size(past->events), snapshot, nodes };
    json_array_foreach (json_object_get(snapshot, "asks"), i, ask) {
        json_int_t kind = json_integer_value(json_array_get(ask, 1));

        if (kind < 0 || kind > TDH_ASK_RUN ||
            add_ask(past->asks, json_array_get(ask, 0), json_string(tdh_ask_letters[kind]),
                    json_array_get(ask, 2)) != 0)
            return -1;
    }
    return 0;
}

static int add_events(struct tdh_history *past, const json_t *row)
{
    json_t *event;
    size_t i;

    json_array_foreach (row, i, event)
        if (json_array_append(past->events, event) != 0 || add_asks(past->asks, event) != 0)
            return -1;
    return 0;
}

static int add_row(struct tdh_history *past, const json_t *row, bool is_first)
{
    const json_t *value = json_object_get(row, "value"), *nodes = json_object_get(value, "moved");

    if (json_integer_value(json_object_get(row, "type")) != TDH_ROW_SNAPSHOT)
        return (is_first && add_base(past, NULL, NULL) != 0) || add_events(past, value) != 0 ? -1
                                                                                             : 0;
    return is_first || nodes != NULL ? add_base(past, value, is_first ? NULL : nodes) : 0;
}

int tdh_history_read(struct tdh_engine *engine, const char *id, struct tdh_history *past,
                     struct td_err *err)
{
    json_t *row;
    size_t i;

    if (tdh_chain_read(engine, id, &past->record, &past->rows, err) != 0)
        return -1;
    past->events = json_array();
    past->asks = json_object();
    json_array_foreach (past->rows, i, row)
        if (add_row(past, row, i == 0) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the events of run %s", id);
    return past->base_count > 0 ? 0
                                : td_fail(err, TD_E_CORRUPT, "run %s: its journal has no row", id);
}

void tdh_history_end(struct tdh_history *past)
{
    if (past->run != NULL) {
        past->run->is_broken = true;
        tdh_run_release(past->run);
    }
    free(past->bases);
    json_decref(past->events);
    json_decref(past->asks);
    json_decref(past->rows);
    json_decref(past->record);
}

const char *tdh_history_path(const struct tdh_history *past, const json_t *event)
{
    char number[24];

    snprintf(number, sizeof(number), "%lld",
             (long long)json_integer_value(json_array_get(event, 2)));
    return json_string_value(json_array_get(json_object_get(past->asks, number), 2));
}

const struct tdh_base *tdh_history_base(const struct tdh_history *past, uint32_t at)
{
    size_t i = past->base_count - 1;

    while (i > 0 && past->bases[i].at > at)
        i--;
    return &past->bases[i];
}

int64_t tdh_history_time(const struct tdh_history *past, uint32_t at)
{
    return at > 0 ? json_integer_value(json_array_get(json_array_get(past->events, at - 1), 1))
                  : json_integer_value(json_object_get(past->bases[0].snapshot, "created"));
}

/* --- folding it again --- */

static int begin_run(struct tdh_engine *engine, struct tdh_history *past,
                     const struct tdh_base *base, struct td_err *err)
{
    const json_t *facts = base->snapshot != NULL
                              ? base->snapshot
                              : json_array_get(json_array_get(past->events, 0), 2);
    struct tdh_definition *definition;
    char id[TDH_ID_SIZE];
    json_t *copy;
    int rc;

    tdh_id_new(id);
    if (tdh_definition_find(engine, facts, false, &definition, err) != 0)
        return -1;
    past->run = tdh_run_new(engine, definition, id, err);
    tdh_definition_release(definition);
    if (past->run == NULL)
        return -1;
    past->run->is_replaying = past->run->is_unpinned = true;
    past->run->now_us = tdh_history_time(past, base->at);
    if (base->snapshot == NULL)
        return 0;
    copy = json_deep_copy(base->snapshot);
    rc = copy != NULL ? tdh_snapshot_load(past->run, copy, err)
                      : td_fail(err, TD_E_NOMEM, "could not allocate a snapshot");
    json_decref(copy);
    return rc;
}

int tdh_history_fold(struct tdh_engine *engine, struct tdh_history *past, uint32_t at,
                     struct td_err *err)
{
    const struct tdh_base *base = tdh_history_base(past, at);

    if (begin_run(engine, past, base, err) != 0)
        return -1;
    for (uint32_t i = base->at; i < at; i++)
        if (tdh_fold_replay(past->run, json_array_get(past->events, i), err) != 0)
            return td_context(err, "event %u", i + 1);
    return 0;
}

static int check_at(const struct tdh_history *past, uint32_t at, struct td_err *err)
{
    size_t count = json_array_size(past->events);
    bool has_ended = count > 0 && tdh_history_is_end(json_array_get(past->events, count - 1));

    if (at > count)
        return td_fail(err, TD_E_INVAL, "run %s has %zu events, not %u",
                       tdh_json_str(past->record, "id", ""), count, at);
    if (has_ended && at == count)
        return td_fail(err, TD_E_INVAL, "run %s has ended with event %u: nothing follows it",
                       tdh_json_str(past->record, "id", ""), at);
    return at > 0 || past->bases[0].snapshot != NULL
               ? 0
               : td_fail(err, TD_E_INVAL, "events are counted from 1: before it there is no run");
}

int tdh_history_at(struct tdh_engine *engine, const char *id, uint32_t at, struct tdh_history *past,
                   struct td_err *err)
{
    return tdh_history_read(engine, id, past, err) == 0 && check_at(past, at, err) == 0 &&
                   tdh_history_fold(engine, past, at, err) == 0
               ? 0
               : -1;
}
