/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline: stages one after another; each gets what the one before gave.
 *
 * A stage that fails may name what goes on in its place (`recover`, any value, also an empty or
 * false one); it is reported like the others.
 */
#include "kit/kit.h"

enum { STAGES_MAX = 1000 };

struct plan {
    struct kit_plan kit;
    struct kit_member *stages;
    size_t count;
    unsigned on_failure; /* 0: fail, 1: report */
};

struct state {
    size_t at;       /* the stage under way */
    json_t *data;    /* what it got */
    json_t *results; /* [{stage, success, ...}] */
};
static const struct kit_field fields[] = { KIT_COUNT(struct state, at),
                                           KIT_VALUE(struct state, data),
                                           KIT_LIST(struct state, results), KIT_END };

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const on_failures[] = { "fail", "report", NULL };
    struct plan *plan = arg;

    if (kit_choice(config, "on_failure", on_failures, 0, &plan->on_failure, err) != 0)
        return -1;
    return kit_members(&plan->kit, config, "stages", "stage", 1, STAGES_MAX, &plan->stages,
                       &plan->count, err);
}

static int ask_stage(const struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    const struct kit_member *stage = &plan->stages[state->at];

    return kit_ask(stage, stage->name, state->at, state->data, asks, NULL, err);
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->data, input);
    return ask_stage(state, plan, asks, err);
}

static int finish(const struct state *state, bool is_success, const char *error,
                  struct td_asks *asks, struct td_err *err)
{
    json_t *output = json_pack("{s:b, s:O}", "success", is_success, "output",
                               is_success ? state->data : json_null());

    kit_add_text(&output, "error", error);
    kit_add_member(&output, "stage_results", json_incref(state->results));
    return kit_finish(asks, output, err);
}

/* The data for the next stage: the whole output, or the part that `pick` names. */
static json_t *pick(const struct kit_member *stage, json_t *output)
{
    const char *key = json_string_value(json_object_get(stage->text, "pick"));
    json_t *part = key != NULL ? json_object_get(output, key) : output;

    return part != NULL ? part : json_null();
}

static int next_stage(struct state *state, const struct plan *plan, const json_t *data,
                      struct td_asks *asks, struct td_err *err)
{
    kit_hold(&state->data, data);
    if (++state->at == plan->count)
        return finish(state, true, NULL, asks, err);
    return ask_stage(state, plan, asks, err);
}

static int fold_failure(struct state *state, const struct plan *plan, const struct td_err *error,
                        struct td_asks *asks, struct td_err *err)
{
    const struct kit_member *stage = &plan->stages[state->at];
    const json_t *recover = json_object_get(stage->text, "recover");

    if (kit_push(state->results,
                 json_pack("{s:s, s:b, s:s, s:b}", "stage", stage->name, "success", 0, "error",
                           error->text, "recovered", recover != NULL),
                 err) != 0)
        return -1;
    if (recover != NULL)
        return next_stage(state, plan, recover, asks, err);
    if (plan->on_failure == 1)
        return finish(state, false, error->text, asks, err);
    return kit_fail_as(error, err, "stage \"%s\"", stage->name);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    const struct kit_member *stage = &plan->stages[state->at];

    if (event->kind == TD_EVENT_FAILED)
        return fold_failure(state, plan, event->error, asks, err);
    if (kit_push(state->results,
                 json_pack("{s:s, s:b, s:O}", "stage", stage->name, "success", 1, "output",
                           event->output),
                 err) != 0)
        return -1;
    return next_stage(state, plan, pick(stage, event->output), asks, err);
}

static bool fits(const void *state, const void *plan)
{
    return ((const struct state *)state)->at < ((const struct plan *)plan)->count;
}

static const struct kit_pattern pipeline = { .plan_size = sizeof(struct plan),
                                             .fields = fields,
                                             .read = read,
                                             .start = start,
                                             .fold = fold,
                                             .fits = fits };
KIT_PLUGIN("pipeline", "1.1.0", pipeline, struct state);
