/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_script: the reducer of scripts. Its state is the place in the script and the open asks.
 */
#include "run_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world *the_world; /* of the life that is on */

struct script {
    json_t *stages, *results;
    size_t stage, slots, open;
    uint32_t *asks; /* by slot; 0: answered */
};

static const struct td_policy policies[] = {
    { TD_SIZE(struct td_policy) },
    { TD_SIZE(struct td_policy), .max_attempts = 4, .initial_ms = 1, .max_ms = 5 },
    { TD_SIZE(struct td_policy), .max_attempts = 4, .initial_ms = 40 },
    { TD_SIZE(struct td_policy), .in_doubt = TD_DOUBT_FAIL },
    { TD_SIZE(struct td_policy), .in_doubt = TD_DOUBT_RETRY },
    { TD_SIZE(struct td_policy), .in_doubt = TD_DOUBT_ASK },
    { TD_SIZE(struct td_policy), .max_attempts = 4, .initial_ms = 1, .max_ms = 5,
      .timeout_ms = 30 },
};

static int wish_call(struct script *script, const json_t *wish, const char *path, size_t slot,
                     struct td_asks *asks, struct td_err *err)
{
    bool is_run = strcmp(json_string_value(json_array_get(wish, 0)), "run") == 0;
    const json_t *policy = json_array_get(wish, 3);
    struct td_ask ask = { TD_SIZE(struct td_ask),
                          .target = is_run ? TD_TARGET_WORKFLOW : TD_TARGET_AGENT,
                          .action = "do",
                          .name = json_string_value(json_array_get(wish, 1)),
                          .path = path,
                          .tag = slot,
                          .input = json_incref(json_array_get(wish, 2)) };

    ask.policy = policy != NULL ? &policies[json_integer_value(policy)] : NULL;
    return td_ask_call(asks, &ask, &script->asks[slot], err);
}

static int take_back(struct script *script, size_t slot, size_t which, struct td_asks *asks,
                     struct td_err *err)
{
    json_t *results = json_array_get(script->results, script->stage);

    if (td_ask_cancel(asks, script->asks[which], err) != 0)
        return -1;
    json_array_set_new(results, which, json_string("taken back"));
    json_array_set_new(results, slot, json_true());
    script->asks[which] = 0;
    script->open -= 2;
    return 0;
}

static int stop(struct script *script, size_t slot, size_t which, struct td_asks *asks,
                struct td_err *err)
{
    json_array_set_new(json_array_get(script->results, script->stage), slot, json_true());
    script->open--;
    return td_ask_stop(asks, script->asks[which], err);
}

/* What is to be stopped when this slot is answered. */
static int stop_after(struct script *script, size_t answered, struct td_asks *asks,
                      struct td_err *err)
{
    const json_t *stage = json_array_get(script->stages, script->stage), *wish;
    size_t slot;

    json_array_foreach (stage, slot, wish) {
        const json_t *after = json_array_get(wish, 2);

        if (strcmp(json_string_value(json_array_get(wish, 0)), "stop") == 0 && after != NULL &&
            (size_t)json_integer_value(after) == answered &&
            stop(script, slot, (size_t)json_integer_value(json_array_get(wish, 1)), asks, err) != 0)
            return -1;
    }
    return 0;
}

static int make_wish(struct script *script, size_t slot, struct td_asks *asks, struct td_err *err)
{
    const json_t *wish = json_array_get(json_array_get(script->stages, script->stage), slot),
                 *what = json_array_get(wish, 1);
    const char *kind = json_string_value(json_array_get(wish, 0));
    char path[64];

    snprintf(path, sizeof(path), "s%zu.%zu%s", script->stage, slot,
             the_world->suffix != NULL ? the_world->suffix : "");
    if (strcmp(kind, "timer") == 0)
        return td_ask_timer(asks, path, slot, (uint64_t)json_integer_value(what),
                            &script->asks[slot], err);
    if (strcmp(kind, "wait") == 0)
        return td_ask_wait(asks, path, slot, json_string_value(what), &script->asks[slot], err);
    if (strcmp(kind, "ask") == 0)
        return td_ask_question(asks, path, slot, what, &script->asks[slot], err);
    if (strcmp(kind, "cancel") == 0)
        return take_back(script, slot, (size_t)json_integer_value(what), asks, err);
    if (strcmp(kind, "mute") == 0)
        return -1;
    if (strcmp(kind, "nothing") == 0)
        return 0;
    if (strcmp(kind, "stop") == 0)
        return json_array_get(wish, 2) != NULL
                   ? 0
                   : stop(script, slot, (size_t)json_integer_value(what), asks, err);
    return wish_call(script, wish, path, slot, asks, err);
}

static void make_slots(struct script *script)
{
    script->slots = json_array_size(json_array_get(script->stages, script->stage));
    script->asks = realloc(script->asks, (script->slots + 1) * sizeof(*script->asks));
    memset(script->asks, 0, (script->slots + 1) * sizeof(*script->asks));
}

/* Begins stages until one has to be waited for. */
static int go_on(struct script *script, struct td_asks *asks, struct td_err *err)
{
    while (script->open == 0 && script->stage < json_array_size(script->stages)) {
        json_t *results = json_array();

        make_slots(script);
        for (size_t slot = 0; slot < script->slots; slot++)
            json_array_append_new(results, json_null());
        json_array_append_new(script->results, results);
        script->open = script->slots;
        for (size_t slot = 0; slot < script->slots; slot++)
            if (make_wish(script, slot, asks, err) != 0)
                return -1;
        script->stage += script->open == 0;
    }
    return script->open > 0 ? 0 : td_ask_finish(asks, json_incref(script->results), err);
}

static int start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct script *script = state;

    (void)plan;
    the_world->saves++;
    script->results = json_array();
    script->stages = json_incref((json_t *)(uintptr_t)input);
    if (!json_is_array(input))
        return td_fail(err, TD_E_INVAL, "a script is an array");
    return go_on(script, asks, err);
}

static int fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct script *script = state;
    json_t *answer;

    (void)plan;
    if (event->kind == TD_EVENT_CANCEL)
        return td_ask_finish(asks, json_string("cancelled"), err);
    if (event->kind == TD_EVENT_FAILED)
        answer = json_pack("{s:s}", "failed",
                           event->error->code == TD_E_CANCELLED ? "cancelled" : event->error->text);
    else
        answer = json_incref(event->output);
    if (event->tag >= script->slots || script->asks[event->tag] != event->ask) {
        json_decref(answer);
        return td_fail(err, TD_E_INTERNAL, "an answer for what was not asked");
    }
    json_array_set_new(json_array_get(script->results, script->stage), event->tag, answer);
    script->asks[event->tag] = 0;
    script->open--;
    if (stop_after(script, event->tag, asks, err) != 0)
        return -1;
    script->stage += script->open == 0;
    return go_on(script, asks, err);
}

/* The answers of the stage under way change, so both arrays they are in are copied. */
static json_t *copy_results(const struct script *script)
{
    json_t *results = json_copy(script->results);

    if (script->stage < json_array_size(results))
        json_array_set_new(results, script->stage,
                           json_copy(json_array_get(results, script->stage)));
    return results;
}

static json_t *save(const void *state, const void *plan, struct td_err *err)
{
    const struct script *script = state;
    json_t *asks = json_array();

    (void)plan;
    (void)err;
    for (size_t slot = 0; slot < script->slots; slot++)
        json_array_append_new(asks, json_integer(script->asks[slot]));
    return json_pack("{s:O, s:o, s:I, s:I, s:o}", "stages", script->stages, "results",
                     copy_results(script), "stage", (json_int_t)script->stage, "open",
                     (json_int_t)script->open, "asks", asks);
}

static int load(void *state, const void *plan, const json_t *saved, uint32_t version,
                struct td_err *err)
{
    struct script *script = state;
    json_t *asks = json_object_get(saved, "asks");

    (void)plan;
    the_world->saves++;
    if (version != 3)
        return td_fail(err, TD_E_CORRUPT, "state version %u is not 3", version);
    script->stages = json_incref(json_object_get(saved, "stages"));
    script->results = json_incref(json_object_get(saved, "results"));
    script->stage = (size_t)json_integer_value(json_object_get(saved, "stage"));
    script->open = (size_t)json_integer_value(json_object_get(saved, "open"));
    make_slots(script);
    for (size_t slot = 0; slot < script->slots; slot++)
        script->asks[slot] = (uint32_t)json_integer_value(json_array_get(asks, slot));
    return 0;
}

static void drop(void *state, const void *plan)
{
    struct script *script = state;

    (void)plan;
    the_world->saves--;
    json_decref(script->stages);
    json_decref(script->results);
    free(script->asks);
}

const struct td_reducer *script_reducer(struct world *world)
{
    static const struct td_reducer reducer = { TD_SIZE(struct td_reducer),
                                               .state_version = 3,
                                               .state_size = sizeof(struct script),
                                               .start = start,
                                               .fold = fold,
                                               .save = save,
                                               .load = load,
                                               .drop = drop,
                                               .flags = TD_REDUCER_SHARES };

    the_world = world;
    return &reducer;
}
