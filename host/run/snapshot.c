/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: a run's state as one row, so that a rebuild reads the tail of the journal only.
 *
 * Results stand in the journal once: where the state holds a result that has its row, the snapshot
 * has {"$r": [row, event]} instead. An object of the user's that looks like one is wrapped in
 * {"$q": ...}.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/said.h"
#include "run/internal.h"

enum { RESULT_BYTES_MIN = 96 }; /* smaller ones are written as they are */

/* --- which value stands where --- */

static size_t slot_of(const struct tdh_run *run, const json_t *value)
{
    uint64_t hash = ((uint64_t)(uintptr_t)value >> 4) * 0x9E3779B97F4A7C15U;

    return (size_t)(hash >> 32) & (run->result_room - 1);
}

static struct tdh_result *find_result(const struct tdh_run *run, const json_t *value)
{
    if (run->result_room == 0)
        return NULL;
    for (size_t i = slot_of(run, value);; i = (i + 1) & (run->result_room - 1)) {
        if (run->results[i].value == value)
            return &run->results[i];
        if (run->results[i].value == NULL)
            return NULL;
    }
}

static void insert(struct tdh_run *run, const struct tdh_result *result)
{
    size_t i = slot_of(run, result->value);

    while (run->results[i].value != NULL)
        i = (i + 1) & (run->result_room - 1);
    run->results[i] = *result;
    run->result_count++;
}

/* Moves what is still wanted into a table of `room`. */
static void rebuild(struct tdh_run *run, size_t room, bool is_sweep)
{
    struct tdh_result *old = run->results;
    size_t old_room = run->result_room;
    struct tdh_result *results = calloc(room, sizeof(*results));

    if (results == NULL)
        return;
    run->results = results;
    run->result_room = room;
    run->result_count = 0;
    for (size_t i = 0; i < old_room; i++) {
        if (old[i].value == NULL)
            continue;
        if (is_sweep && old[i].seq != 0 && old[i].value->refcount == 1)
            json_decref(old[i].value);
        else
            insert(run, &old[i]);
    }
    free(old);
}

static int push(struct tdh_values *values, const json_t *value)
{
    if (values->count == values->room) {
        size_t room = values->room > 0 ? values->room * 2 : 16;
        const json_t **list = realloc(values->list, room * sizeof(*list));

        if (list == NULL)
            return -1;
        values->list = list;
        values->room = room;
    }
    values->list[values->count++] = value;
    return 0;
}

static bool has_room(struct tdh_run *run)
{
    if (run->result_room < 2 * (run->result_count + 1))
        rebuild(run, run->result_room > 0 ? run->result_room * 2 : 32, false);
    return run->result_room >= run->result_count + 2;
}

/* Without memory a result is just not referred to. */
void tdh_journal_result(struct tdh_run *run, json_t *value, size_t bytes)
{
    struct tdh_result result = { value, 0, run->event_count };

    if (bytes < RESULT_BYTES_MIN || find_result(run, value) != NULL)
        return;
    if (!has_room(run) || push(&run->fresh_results, value) != 0)
        return;
    json_incref(value);
    insert(run, &result);
}

void tdh_journal_known(struct tdh_run *run, json_t *value, uint64_t seq, uint32_t place)
{
    struct tdh_result result = { value, seq, place };
    struct tdh_buf buf = { 0 };
    bool is_large;

    if (value == NULL || find_result(run, value) != NULL)
        return;
    tdh_buf_json(&buf, value, 0);
    is_large = buf.length >= RESULT_BYTES_MIN;
    tdh_buf_free(&buf);
    if (!is_large || !has_room(run))
        return;
    json_incref(value);
    insert(run, &result);
}

void tdh_results_fly(struct tdh_run *run)
{
    struct tdh_values empty = run->flying_results;

    run->flying_results = run->fresh_results;
    run->fresh_results = empty;
    run->fresh_results.count = 0;
}

void tdh_results_settle(struct tdh_run *run, uint64_t seq)
{
    for (size_t i = 0; i < run->flying_results.count; i++) {
        struct tdh_result *result = find_result(run, run->flying_results.list[i]);

        if (result != NULL)
            result->seq = seq;
    }
    run->flying_results.count = 0;
}

void tdh_results_sweep(struct tdh_run *run)
{
    size_t wanted = 0, room = 32;

    for (size_t i = 0; i < run->result_room; i++)
        wanted += run->results[i].value != NULL && run->results[i].value->refcount > 1;
    while (room < 4 * (wanted + 1))
        room *= 2;
    if (run->result_room > 0)
        rebuild(run, room, true);
}

void tdh_results_free(struct tdh_run *run)
{
    for (size_t i = 0; i < run->result_room; i++)
        json_decref(run->results[i].value);
    free(run->results);
    free(run->fresh_results.list);
    free(run->flying_results.list);
}

/* --- writing --- */

static bool looks_like_reference(const json_t *value)
{
    const char *key = json_object_iter_key(json_object_iter((json_t *)value));

    return json_object_size(value) == 1 && (strcmp(key, "$r") == 0 || strcmp(key, "$q") == 0);
}

struct writing {
    struct tdh_run *run;
    const json_t *wrapped; /* an object being written within its wrapping */
};

static bool write_reference(void *arg, struct tdh_buf *buf, const json_t *value)
{
    struct writing *writing = arg;
    const struct tdh_result *result = find_result(writing->run, value);

    if (result != NULL && result->seq != 0) {
        tdh_buf_text(buf, "{\"$r\":[");
        tdh_buf_int(buf, (int64_t)result->seq);
        tdh_buf_char(buf, ',');
        tdh_buf_int(buf, result->place);
        tdh_buf_text(buf, "]}");
        return true;
    }
    if (json_is_object(value) && value != writing->wrapped && looks_like_reference(value)) {
        writing->wrapped = value;
        tdh_buf_text(buf, "{\"$q\":");
        tdh_buf_json_with(buf, value, 0, write_reference, writing);
        tdh_buf_char(buf, '}');
        return true;
    }
    return false;
}

static void write_policy(struct tdh_buf *buf, const struct td_policy *policy)
{
    tdh_buf_printf(buf, "[%u,%u,%d,%u,%u,", policy->timeout_ms, policy->max_attempts,
                   (int)policy->backoff, policy->initial_ms, policy->max_ms);
    tdh_buf_json_real(buf, policy->jitter);
    tdh_buf_printf(buf, ",%d]", (int)policy->in_doubt);
}

static void write_value(struct tdh_run *run, struct tdh_buf *buf, const json_t *value)
{
    struct writing writing = { run, NULL };

    if (value == NULL)
        tdh_buf_text(buf, "null");
    else
        tdh_buf_json_with(buf, value, 0, write_reference, &writing);
}

static void write_text(struct tdh_buf *buf, const char *text)
{
    if (text == NULL)
        tdh_buf_text(buf, "null");
    else
        tdh_buf_json_string(buf, text, strlen(text));
}

/* [number, kind, path, tag, attempt, due, target, name, action, child, policy, input, config,
 * key, flags, delay] */
enum { ASK_BACKOFF = 1, ASK_STOPPED = 2, ASK_PAUSED = 4 };

static void write_ask(struct tdh_run *run, struct tdh_buf *buf, const struct tdh_ask_entry *ask)
{
    tdh_buf_printf(buf, "[%u,%d,", ask->number, (int)ask->kind);
    write_text(buf, ask->path);
    tdh_buf_printf(buf, ",\"%llx\",%u,%lld,%d,", (unsigned long long)ask->tag, ask->attempt,
                   (long long)ask->due_us, (int)ask->run_target);
    write_text(buf, ask->target != NULL ? ask->target->name : ask->name);
    tdh_buf_char(buf, ',');
    write_text(buf, ask->target != NULL ? ask->target->action : NULL);
    tdh_buf_char(buf, ',');
    write_text(buf, ask->child_id[0] != '\0' ? ask->child_id : NULL);
    tdh_buf_char(buf, ',');
    write_policy(buf, &ask->policy);
    tdh_buf_char(buf, ',');
    write_value(run, buf, ask->input);
    tdh_buf_char(buf, ',');
    write_value(run, buf, ask->config);
    tdh_buf_char(buf, ',');
    write_text(buf, ask->key);
    tdh_buf_printf(buf, ",%d,%lld]",
                   (ask->state == TDH_ASK_BACKOFF ? ASK_BACKOFF : 0) |
                       (ask->is_stopped ? ASK_STOPPED : 0) |
                       (ask->state == TDH_ASK_PAUSED ? ASK_PAUSED : 0),
                   (long long)ask->delay_us);
}

int tdh_snapshot_write(struct tdh_run *run, struct tdh_buf *buf, struct td_err *err)
{
    const struct tdh_definition *definition = run->definition;
    const char *before = tdh_run_enter(run);
    json_t *saved;

    tdh_unsaid(err);
    saved = definition->reducer->save(run->state, definition->plan, err);
    tdh_hold(before);
    if (saved == NULL) {
        tdh_said(-1, definition->name, "save", err);
        return td_context(err, "run %s: could not save its state", run->id);
    }
    tdh_buf_char(buf, '{');
    tdh_facts_write(run, buf);
    tdh_buf_printf(buf, ",\"version\":%u,\"next\":%u,\"created\":%lld,\"cancel\":%s,\"paused\":%s",
                   definition->reducer->state_version, run->next_ask, (long long)run->created_us,
                   run->is_cancel_asked ? "true" : "false", run->is_paused ? "true" : "false");
    if (run->moved != NULL) {
        tdh_buf_text(buf, ",\"moved\":");
        tdh_buf_json(buf, run->moved, 0);
    }
    tdh_buf_text(buf, ",\"signals\":");
    write_value(run, buf, run->signals);
    tdh_buf_text(buf, ",\"asks\":[");
    for (const struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next) {
        if (ask != run->first)
            tdh_buf_char(buf, ',');
        write_ask(run, buf, ask);
    }
    tdh_buf_text(buf, "],\"state\":");
    write_value(run, buf, saved);
    tdh_buf_char(buf, '}');
    json_decref(saved);
    return 0;
}

/* --- reading: references are resolved before --- */

static void read_policy(const json_t *row, struct td_policy *policy)
{
    *policy = (struct td_policy){ .size = sizeof(*policy) };
    policy->timeout_ms = (uint32_t)json_integer_value(json_array_get(row, 0));
    policy->max_attempts = (uint32_t)json_integer_value(json_array_get(row, 1));
    policy->backoff = (enum td_backoff)json_integer_value(json_array_get(row, 2));
    policy->initial_ms = (uint32_t)json_integer_value(json_array_get(row, 3));
    policy->max_ms = (uint32_t)json_integer_value(json_array_get(row, 4));
    policy->jitter = json_number_value(json_array_get(row, 5));
    policy->in_doubt = (enum td_in_doubt)json_integer_value(json_array_get(row, 6));
}

static json_t *take_value(const json_t *row, size_t place)
{
    json_t *value = json_array_get(row, place);

    return json_is_null(value) ? NULL : json_incref(value);
}

/* Calls and runs have an input, which may be null; all but timers and questions a name. */
static bool ask_fits(const struct tdh_run *run, const json_t *row)
{
    json_int_t number = json_integer_value(json_array_get(row, 0));
    json_int_t kind = json_integer_value(json_array_get(row, 1));
    const json_t *policy = json_array_get(row, 10);
    const char *child = json_string_value(json_array_get(row, 9));

    return tdh_row_fits(row, "nnssninSSSa**Snn") && kind <= TDH_ASK_RUN && number > run->next_ask &&
           tdh_row_fits(policy, "nnnnnrn") &&
           json_integer_value(json_array_get(policy, 2)) <= TD_BACKOFF_FIBONACCI &&
           json_integer_value(json_array_get(policy, 6)) <= TD_DOUBT_FAIL &&
           (kind == TDH_ASK_TIMER || json_is_string(json_array_get(row, 7)) ||
            (kind == TDH_ASK_WAIT && json_is_object(json_array_get(row, 12)))) &&
           (kind != TDH_ASK_RUN || (child != NULL && tdh_id_is_valid(child)));
}

static int read_names(struct tdh_ask_entry *ask, const json_t *row, struct td_err *err)
{
    const char *name = json_string_value(json_array_get(row, 7)),
               *action = json_string_value(json_array_get(row, 8));
    const char *child = json_string_value(json_array_get(row, 9));
    struct td_err why;

    if (child != NULL)
        snprintf(ask->child_id, sizeof(ask->child_id), "%s", child);
    if (ask->kind == TDH_ASK_CALL && name != NULL && action != NULL)
        if (tdh_call_resolve(TD_TARGET_AGENT, name, action, &ask->target, &why) != 0)
            name = why.text; /* as when it was asked for: told as the ask's failure, or the run is
                                parked */
    if (ask->target != NULL)
        return 0;
    ask->name = name != NULL ? strdup(name) : NULL;
    return name == NULL || ask->name != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate an ask");
}

static int read_ask(struct tdh_run *run, const json_t *row, struct td_err *err)
{
    const char *path = json_string_value(json_array_get(row, 2)),
               *tag = json_string_value(json_array_get(row, 3));
    struct tdh_ask_entry *ask;
    json_int_t flags;

    if (!ask_fits(run, row))
        return td_fail(err, TD_E_CORRUPT, "an ask of the snapshot is not of a known shape");
    run->next_ask = (uint32_t)json_integer_value(json_array_get(row, 0)) - 1;
    ask = tdh_ask_add(run, (enum tdh_ask_kind)json_integer_value(json_array_get(row, 1)), path,
                      strtoull(tag, NULL, 16), err);
    if (ask == NULL)
        return -1;
    ask->attempt = (unsigned)json_integer_value(json_array_get(row, 4));
    ask->due_us = json_integer_value(json_array_get(row, 5));
    ask->run_target = (enum td_target)json_integer_value(json_array_get(row, 6));
    read_policy(json_array_get(row, 10), &ask->policy);
    if (ask->kind == TDH_ASK_CALL || ask->kind == TDH_ASK_RUN)
        ask->input = json_incref(json_array_get(row, 11));
    ask->config = take_value(row, 12);
    flags = json_integer_value(json_array_get(row, 14));
    if ((flags & ASK_BACKOFF) != 0)
        ask->state = TDH_ASK_BACKOFF;
    if ((flags & ASK_PAUSED) != 0)
        ask->state = TDH_ASK_PAUSED;
    ask->is_stopped = (flags & ASK_STOPPED) != 0;
    if (json_is_string(json_array_get(row, 13)) &&
        (ask->key = strdup(json_string_value(json_array_get(row, 13)))) == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate an ask");
    ask->delay_us = json_integer_value(json_array_get(row, 15));
    return read_names(ask, row, err);
}

static bool snapshot_fits(const json_t *snapshot)
{
    const json_t *parent = json_object_get(snapshot, "parent");
    json_t *signals = json_object_get(snapshot, "signals"), *signal;
    json_t *numbers =
        json_pack("[O*, O*, O*]", json_object_get(snapshot, "version"),
                  json_object_get(snapshot, "next"), json_object_get(snapshot, "created"));
    bool fits = tdh_row_fits(numbers, "nni") && json_is_array(signals) &&
                json_is_array(json_object_get(snapshot, "asks")) &&
                (parent == NULL || tdh_row_fits(parent, "sn"));
    size_t i;

    json_decref(numbers);
    json_array_foreach (signals, i, signal)
        fits = fits && tdh_row_fits(signal, "s*");
    return fits;
}

int tdh_snapshot_load(struct tdh_run *run, json_t *snapshot, struct td_err *err)
{
    const struct tdh_definition *definition = run->definition;
    uint32_t next = (uint32_t)json_integer_value(json_object_get(snapshot, "next"));
    json_t *asks = json_object_get(snapshot, "asks"), *ask;
    const char *before;
    size_t i;
    int rc;

    if (!snapshot_fits(snapshot))
        return td_fail(err, TD_E_CORRUPT, "the snapshot is not of a known shape");
    run->created_us = json_integer_value(json_object_get(snapshot, "created"));
    run->is_cancel_asked = json_is_true(json_object_get(snapshot, "cancel"));
    run->is_paused = json_is_true(json_object_get(snapshot, "paused"));
    run->status = run->is_paused ? TDH_RUN_PAUSED : TDH_RUN_RUNNING;
    tdh_facts_read(run, snapshot);
    json_decref(run->signals);
    run->signals = json_incref(json_object_get(snapshot, "signals"));
    json_array_foreach (asks, i, ask)
        if (read_ask(run, ask, err) != 0)
            return -1;
    if (run->next_ask > next)
        return td_fail(err, TD_E_CORRUPT, "an ask of the snapshot is newer than the snapshot");
    run->next_ask = next;
    run->is_started = true;
    before = tdh_run_enter(run);
    tdh_unsaid(err);
    rc = definition->reducer->load(
        run->state, definition->plan, json_object_get(snapshot, "state"),
        (uint32_t)json_integer_value(json_object_get(snapshot, "version")), err);
    tdh_hold(before);
    return tdh_said(rc, definition->name, "load", err);
}
