/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mirror: calls that are done once more by the build that is tried, to see whether it comes to the
 * same. Only actions without effects; nobody waits for it, and nobody gets what it comes to. So
 * many at once, and no more: what is too much is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/trial.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

enum { TEXT_BYTES = 200, POINTER_MAX = 200, REST_MS = 5, LONGEST_MS = 30000 };

struct mirrored {
    struct tdh_trial *trial;
    struct tdh_target *target; /* its edition is held */
    json_t *input, *output;    /* what went in, and what the one that serves came to */
};

/* --- where two values differ --- */

struct difference {
    char at[POINTER_MAX]; /* a JSON Pointer, cut */
    json_t *was, *is;     /* NULL: nothing is there */
};

static bool go_on(struct difference *found, const char *name, json_t *was, json_t *is)
{
    size_t length = strlen(found->at);

    if (was != NULL && json_equal(was, is))
        return false;
    snprintf(found->at + length, sizeof(found->at) - length, "/%s", name);
    found->was = was;
    found->is = is;
    return true;
}

static bool go_down_array(struct difference *found, json_t *was, json_t *is)
{
    size_t count = json_array_size(was);

    if (json_array_size(is) > count)
        count = json_array_size(is);
    for (size_t i = 0; i < count; i++) {
        char place[24];

        snprintf(place, sizeof(place), "%zu", i);
        if (go_on(found, place, json_array_get(was, i), json_array_get(is, i)))
            return true;
    }
    return false;
}

static bool go_down_object(struct difference *found, json_t *was, json_t *is)
{
    const char *key;
    json_t *value;

    json_object_foreach (was, key, value)
        if (go_on(found, key, value, json_object_get(is, key)))
            return true;
    json_object_foreach (is, key, value)
        if (json_object_get(was, key) == NULL && go_on(found, key, NULL, value))
            return true;
    return false;
}

/* One step towards the first difference; false: it is here. */
static bool go_down(struct difference *found)
{
    if (json_is_array(found->was) && json_is_array(found->is))
        return go_down_array(found, found->was, found->is);
    return json_is_object(found->was) && json_is_object(found->is) &&
           go_down_object(found, found->was, found->is);
}

static json_t *show(const json_t *value)
{
    char *text = value != NULL ? tdh_json_text(value, TDH_JSON_SORTED) : NULL;
    size_t length = text != NULL ? strlen(text) : 0;
    json_t *shown;

    if (text == NULL)
        return json_null();
    while (length > TEXT_BYTES || ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    shown = json_stringn(text, length);
    free(text);
    return shown;
}

static void note_difference(const struct mirrored *mirrored, json_t *output)
{
    struct tdh_trial *trial = mirrored->trial;
    struct difference found = { .was = mirrored->output, .is = output };
    json_t *example;

    while (strlen(found.at) < POINTER_MAX - 2 && go_down(&found))
        ;
    example = json_pack("{s:s, s:s, s:s, s:o, s:o}", "agent", mirrored->target->name, "action",
                        mirrored->target->action, "at", found.at, "was", show(found.was), "is",
                        show(found.is));
    pthread_mutex_lock(&trial->lock);
    if (json_array_size(trial->examples) < TDH_EXAMPLES_MAX)
        json_array_append(trial->examples, example);
    pthread_mutex_unlock(&trial->lock);
    json_decref(example);
}

json_t *tdh_mirror_json(struct tdh_trial *trial)
{
    json_t *examples;

    pthread_mutex_lock(&trial->lock);
    examples = json_deep_copy(trial->examples);
    pthread_mutex_unlock(&trial->lock);
    return json_pack("{s:I, s:I, s:I, s:o}", "same", (json_int_t)atomic_load(&trial->same),
                     "different", (json_int_t)atomic_load(&trial->different), "skipped",
                     (json_int_t)atomic_load(&trial->skipped), "examples", examples);
}

/* --- calls --- */

static void free_mirrored(struct mirrored *mirrored)
{
    if (mirrored == NULL)
        return;
    if (mirrored->target != NULL)
        tdh_edition_release(mirrored->target->edition);
    json_decref(mirrored->input);
    json_decref(mirrored->output);
    atomic_fetch_sub(&mirrored->trial->mirroring, 1);
    free(mirrored);
}

/* A failure is counted as one of the side that is tried, and not as a difference. */
static void work(void *arg)
{
    struct mirrored *mirrored = arg;
    struct tdh_call call = { .target = mirrored->target,
                             .input = mirrored->input,
                             .deadline_ns = tdh_clock_mono_ns() + LONGEST_MS * UINT64_C(1000000),
                             .is_single = true };
    struct td_err err;

    if (tdh_call_run(&call, &err) == 0) {
        bool is_same = json_equal(call.output, mirrored->output);

        atomic_fetch_add(is_same ? &mirrored->trial->same : &mirrored->trial->different, 1);
        if (!is_same)
            note_difference(mirrored, call.output);
        json_decref(call.output);
    }
    free_mirrored(mirrored);
}

/* The same action of the agent as it is tried, held; NULL: it has none. */
static struct tdh_target *find_target(struct tdh_agent_template *serving, const char *action)
{
    struct tdh_target *target = NULL;
    struct td_err ignored;

    tdh_agents_lock(serving->agents);
    if (serving->tried != NULL)
        target = tdh_agent_target(serving->tried, action, &ignored);
    if (target != NULL)
        tdh_edition_hold(target->edition);
    tdh_agents_unlock(serving->agents);
    return target;
}

/* Values that other coroutines may have a hand in are copied. */
static struct mirrored *new_mirrored(struct tdh_trial *trial, struct tdh_agent_template *serving,
                                     const struct tdh_call *call)
{
    struct mirrored *mirrored = calloc(1, sizeof(*mirrored));

    if (mirrored == NULL)
        return NULL;
    atomic_fetch_add(&trial->mirroring, 1);
    *mirrored = (struct mirrored){ .trial = trial,
                                   .target = find_target(serving, call->target->action),
                                   .input = json_deep_copy(call->input),
                                   .output = json_deep_copy(call->output) };
    if (mirrored->target != NULL && mirrored->input != NULL && mirrored->output != NULL)
        return mirrored;
    free_mirrored(mirrored);
    return NULL;
}

void tdh_trial_mirror(struct tdh_trial *trial, struct tdh_agent_template *serving,
                      const struct tdh_call *call)
{
    struct mirrored *mirrored = NULL;
    struct tdh_co *co;
    struct td_err ignored;

    if (atomic_load(&trial->mirroring) < TDH_MIRRORED_MAX && tdh_worker_self() != NULL)
        mirrored = new_mirrored(trial, serving, call);
    if (mirrored == NULL || tdh_co_spawn(work, mirrored, &co, &ignored) != 0) {
        atomic_fetch_add(&trial->skipped, 1);
        free_mirrored(mirrored);
    }
}

/* --- the end --- */

struct rest {
    struct tdh_timer timer;
    struct tdh_co *co;
};

static void wake(struct tdh_timer *timer)
{
    tdh_co_wake(((struct rest *)((char *)timer - offsetof(struct rest, timer)))->co);
}

/* Who waits may be cancelled already, which is why it rests. */
void tdh_trial_rest(const struct tdh_trial *trial)
{
    struct rest rest = { .co = tdh_co_self() };
    struct td_err ignored;

    while (atomic_load(&trial->mirroring) > 0) {
        uint64_t until_ns = tdh_clock_mono_ns() + REST_MS * UINT64_C(1000000);

        if (tdh_timer_set(&rest.timer, until_ns, wake, &ignored) == 0)
            tdh_co_park();
        else
            tdh_co_yield();
    }
}
