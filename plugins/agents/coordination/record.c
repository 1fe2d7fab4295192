/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: compare-and-set, by the versions of the store. Of several that write at once one wins, so
 * one of them always comes further; the others wait a little, each another time.
 */
#include "record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t int_of(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

json_t *copy_of(const json_t *record)
{
    json_t *copy = json_deep_copy(record);

    if (json_equal(copy, record))
        return copy;
    json_decref(copy);
    return NULL;
}

json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Up to `most`: contenders that began together part. */
static uint64_t draw_ms(uint64_t most)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1 + (uint64_t)now.tv_nsec / 1000 * 2654435761U % most;
}

/* --- room for a new record --- */

struct survey {
    int64_t now_ms;
    uint32_t alive;
    json_t *over; /* [[key, version]] */
};

static int look(void *arg, const char *key, const json_t *value, uint64_t version)
{
    struct survey *survey = arg;
    int64_t ends = int_of(value, "ends", INT64_MAX);

    if (ends > survey->now_ms)
        survey->alive++;
    else
        json_array_append_new(survey->over,
                              json_pack("[s, I]", key, (json_int_t)version)); /* or next time */
    return 0;
}

/* Takes away what is over, unless somebody has begun it anew. */
static int sweep(struct td_ctx *ctx, const json_t *over, struct td_err *err)
{
    const json_t *row;
    size_t i;

    json_array_foreach (over, i, row)
        if (td_store_delete(ctx, json_string_value(json_array_get(row, 0)),
                            (uint64_t)json_integer_value(json_array_get(row, 1)), err) != 0 &&
            err->code != TD_E_CONFLICT && err->code != TD_E_NOTFOUND)
            return -1;
    return 0;
}

static int make_room(struct td_ctx *ctx, const struct kind *kind, struct td_err *err)
{
    struct survey survey = { .now_ms = clock_ms(CLOCK_REALTIME), .over = json_array() };
    char prefix[KEY_MAX];
    int rc;

    snprintf(prefix, sizeof(prefix), "%s/", kind->name);
    rc = td_store_scan(ctx, prefix, kind->most + 1, look, &survey, err);
    if (rc == 0)
        rc = sweep(ctx, survey.over, err);
    json_decref(survey.over);
    if (rc == 0 && survey.alive >= kind->most)
        rc = td_fail(err, TD_E_LIMIT, "there are %u names of the kind \"%s\", no more are allowed",
                     survey.alive, kind->name);
    return rc;
}

/* --- one step --- */

static int read_record(struct td_ctx *ctx, const char *key, json_t **ret_old, uint64_t *ret_version,
                       struct td_err *err)
{
    *ret_old = NULL;
    *ret_version = TD_VERSION_ABSENT;
    if (td_store_get(ctx, key, ret_old, ret_version, err) == 0)
        return 0;
    *ret_old = NULL;
    *ret_version = TD_VERSION_ABSENT;
    return err->code == TD_E_NOTFOUND ? 0 : -1;
}

/* Looks and writes once. TD_E_CONFLICT: somebody else was first. */
static int take_step(struct td_ctx *ctx, const struct kind *kind, const char *key,
                     const json_t *input, struct step *step, struct td_err *err)
{
    uint64_t version;
    json_t *old;
    int rc;

    *step = (struct step){ 0 };
    if (read_record(ctx, key, &old, &version, err) != 0)
        return -1;
    rc = kind->step(old, clock_ms(CLOCK_REALTIME), input, step, err);
    if (rc == 0 && step->answer == NULL)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the answer");
    if (rc == 0 && step->record != NULL && old == NULL)
        rc = make_room(ctx, kind, err);
    if (rc == 0 && step->record != NULL)
        rc = td_store_put(ctx, key, step->record, version, NULL, err);
    json_decref(old);
    json_decref(step->record);
    step->record = NULL;
    if (rc != 0) {
        json_decref(step->answer);
        step->answer = NULL;
    }
    return rc;
}

/* --- waiting --- */

/* A call answers before its own time is up. */
static int64_t wait_until(struct td_ctx *ctx, const json_t *input)
{
    int64_t wait = int_of(input, "wait_ms", 0), left = td_remaining_ms(ctx);

    if (left != INT64_MAX && wait > left - ANSWER_MS)
        wait = left - ANSWER_MS;
    return clock_ms(CLOCK_MONOTONIC) + wait;
}

int coordinate(struct td_ctx *ctx, const struct kind *kind, const json_t *input,
               json_t **ret_answer, struct td_err *err)
{
    int64_t until = wait_until(ctx, input);
    uint64_t poll = POLL_MIN_MS;
    uint32_t changes = 0;
    char key[KEY_MAX];
    struct step step;

    snprintf(key, sizeof(key), "%s/%s", kind->name, text_of(input, "name"));
    for (;;) {
        int rc = take_step(ctx, kind, key, input, &step, err);

        if (rc != 0 && (err->code != TD_E_CONFLICT || ++changes == CHANGES_MAX))
            return -1;
        if (rc == 0 && (!step.is_waiting || clock_ms(CLOCK_MONOTONIC) >= until))
            break;
        if (rc == 0)
            poll = poll * 2 < POLL_MAX_MS ? poll * 2 : POLL_MAX_MS;
        json_decref(step.answer);
        if (td_sleep(ctx, rc != 0 ? draw_ms(POLL_MIN_MS) : draw_ms(poll), err) != 0)
            return -1;
    }
    *ret_answer = step.answer;
    return 0;
}
