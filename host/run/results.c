/* SPDX-License-Identifier: Apache-2.0 */
/*
 * results: which value stands where in the journal, so that a snapshot refers to it instead of
 * having it once more.
 *
 * A table by pointer. It holds each value, so that no other can come to the same place in memory.
 */
#include <stdlib.h>

#include "run/snapshot.h"

enum { RESULT_BYTES_MIN = 96 }; /* smaller ones are written as they are */

static size_t slot_of(size_t room, const json_t *value)
{
    uint64_t hash = ((uint64_t)(uintptr_t)value >> 4) * 0x9E3779B97F4A7C15U;

    return (size_t)(hash >> 32) & (room - 1);
}

struct tdh_result *tdh_results_find(struct tdh_result *results, size_t room, const json_t *value)
{
    if (room == 0)
        return NULL;
    for (size_t i = slot_of(room, value);; i = (i + 1) & (room - 1)) {
        if (results[i].value == value)
            return &results[i];
        if (results[i].value == NULL)
            return NULL;
    }
}

static struct tdh_result *find_result(const struct tdh_run *run, const json_t *value)
{
    return tdh_results_find(run->results, run->result_room, value);
}

static void insert(struct tdh_run *run, const struct tdh_result *result)
{
    size_t i = slot_of(run->result_room, result->value);

    while (run->results[i].value != NULL)
        i = (i + 1) & (run->result_room - 1);
    run->results[i] = *result;
    run->result_count++;
}

/* The state has it, or it waits for its row. */
static bool is_wanted(const struct tdh_result *result)
{
    return result->value != NULL && (result->seq == 0 || result->value->refcount > 1);
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
        if (is_sweep && !is_wanted(&old[i]))
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
        wanted += is_wanted(&run->results[i]);
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
