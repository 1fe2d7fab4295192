/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline: stages one after another; each gets what the one before gave.
 *
 * A stage that fails may name what goes on in its place (`recover`, any value, also an empty or
 * false one); it is reported like the others.
 */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

enum { STAGES_MAX = 1000 };

struct stage {
    const char *name, *agent, *action, *pick; /* borrowed from the configuration */
    const json_t *recover;                    /* NULL: its failure is the pipeline's */
};

struct plan {
    json_t *config; /* held */
    size_t count;
    bool is_reporting; /* on_failure: report */
    struct stage stages[];
};

struct state {
    size_t at;       /* the stage under way */
    json_t *data;    /* what the next stage gets */
    json_t *results; /* [{stage, success, ...}] */
};

static int read_stage(const json_t *text, size_t place, struct stage *stage, struct td_err *err)
{
    stage->agent = json_string_value(json_object_get(text, "agent"));
    stage->action = json_string_value(json_object_get(text, "action"));
    stage->name = json_string_value(json_object_get(text, "name"));
    stage->pick = json_string_value(json_object_get(text, "pick"));
    stage->recover = json_object_get(text, "recover");
    if (stage->agent == NULL || stage->action == NULL)
        return td_fail(err, TD_E_CONFIG, "stage %zu needs \"agent\" and \"action\"", place);
    if (stage->name == NULL)
        stage->name = stage->agent;
    return 0;
}

static int prepare(const json_t *config, void **ret_plan, struct td_err *err)
{
    const json_t *stages = json_object_get(config, "stages");
    const char *on_failure = json_string_value(json_object_get(config, "on_failure"));
    size_t count = json_array_size(stages);
    struct plan *plan;

    if (count == 0 || count > STAGES_MAX)
        return td_fail(err, TD_E_CONFIG, "\"stages\" must be a list of 1 to %d stages", STAGES_MAX);
    if (on_failure != NULL && strcmp(on_failure, "fail") != 0 && strcmp(on_failure, "report") != 0)
        return td_fail(err, TD_E_CONFIG,
                       "\"on_failure\" is \"%s\", it must be \"fail\" or \"report\"", on_failure);
    plan = calloc(1, sizeof(*plan) + count * sizeof(plan->stages[0]));
    if (plan == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate %zu stages", count);
    plan->config = json_incref((json_t *)config);
    plan->count = count;
    plan->is_reporting = on_failure != NULL && strcmp(on_failure, "report") == 0;
    for (size_t i = 0; i < count; i++)
        if (read_stage(json_array_get(stages, i), i, &plan->stages[i], err) != 0) {
            json_decref(plan->config);
            free(plan);
            return -1;
        }
    *ret_plan = plan;
    return 0;
}

static void release(void *arg)
{
    struct plan *plan = arg;

    json_decref(plan->config);
    free(plan);
}

static int ask_stage(const struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    const struct stage *stage = &plan->stages[state->at];
    struct td_ask ask = {
        TD_SIZE(struct td_ask),           .target = TD_TARGET_AGENT, .name = stage->agent,
        .action = stage->action,          .path = stage->name,       .tag = state->at,
        .input = json_incref(state->data)
    };

    return td_ask_call(asks, &ask, NULL, err);
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    state->data = json_incref((json_t *)input);
    state->results = json_array();
    return state->results != NULL ? ask_stage(state, plan, asks, err)
                                  : td_fail(err, TD_E_NOMEM, "could not allocate the results");
}

static int finish(const struct state *state, bool is_success, const char *error,
                  struct td_asks *asks, struct td_err *err)
{
    return td_ask_finish(asks,
                         json_pack("{s:b, s:O, s:s*, s:O}", "success", is_success, "output",
                                   is_success ? state->data : json_null(), "error", error,
                                   "stage_results", state->results),
                         err);
}

/* The data for the next stage: the whole output, or the part that `pick` names. */
static json_t *pick(const struct stage *stage, json_t *output)
{
    json_t *part = stage->pick != NULL ? json_object_get(output, stage->pick) : output;

    return part != NULL ? part : json_null();
}

static int next_stage(struct state *state, const struct plan *plan, json_t *data,
                      struct td_asks *asks, struct td_err *err)
{
    json_incref(data);
    json_decref(state->data);
    state->data = data;
    if (++state->at == plan->count)
        return finish(state, true, NULL, asks, err);
    return ask_stage(state, plan, asks, err);
}

static int fold_failure(struct state *state, const struct plan *plan, const struct td_err *error,
                        struct td_asks *asks, struct td_err *err)
{
    const struct stage *stage = &plan->stages[state->at];

    json_array_append_new(state->results,
                          json_pack("{s:s, s:b, s:s, s:b}", "stage", stage->name, "success", 0,
                                    "error", error->text, "recovered", stage->recover != NULL));
    if (stage->recover != NULL)
        return next_stage(state, plan, (json_t *)stage->recover, asks, err);
    if (plan->is_reporting)
        return finish(state, false, error->text, asks, err);
    *err = *error;
    return td_context(err, "stage \"%s\"", stage->name);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    const struct stage *stage = &plan->stages[state->at];

    if (event->kind == TD_EVENT_CANCEL)
        return td_fail(err, TD_E_CANCELLED, "the pipeline was cancelled");
    if (event->kind == TD_EVENT_FAILED)
        return fold_failure(state, plan, event->error, asks, err);
    json_array_append_new(state->results, json_pack("{s:s, s:b, s:O}", "stage", stage->name,
                                                    "success", 1, "output", event->output));
    return next_stage(state, plan, pick(stage, event->output), asks, err);
}

static json_t *save(const void *arg, const void *plan, struct td_err *err)
{
    const struct state *state = arg;
    json_t *saved = json_pack("{s:I, s:O, s:o}", "at", (json_int_t)state->at, "data", state->data,
                              "results", json_copy(state->results));

    (void)plan;
    if (saved == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the state");
    return saved;
}

static int load(void *arg, const void *plan, const json_t *saved, uint32_t version,
                struct td_err *err)
{
    struct state *state = arg;

    if (version != 1)
        return td_fail(err, TD_E_UNSUPPORTED, "states of version %u are not known to this plugin",
                       version);
    state->at = (size_t)json_integer_value(json_object_get(saved, "at"));
    state->data = json_incref(json_object_get(saved, "data"));
    state->results = json_incref(json_object_get(saved, "results"));
    if (state->at >= ((const struct plan *)plan)->count || state->results == NULL)
        return td_fail(err, TD_E_CORRUPT, "the saved state does not fit the pipeline");
    return 0;
}

static void drop(void *arg, const void *plan)
{
    struct state *state = arg;

    (void)plan;
    json_decref(state->data);
    json_decref(state->results);
}

static const struct td_reducer reducer = {
    TD_SIZE(struct td_reducer),
    .state_version = 1,
    .state_size = sizeof(struct state),
    .prepare = prepare,
    .release = release,
    .start = start,
    .fold = fold,
    .save = save,
    .load = load,
    .drop = drop,
};
static const struct td_pattern pattern = { TD_SIZE(struct td_pattern), .reducer = &reducer };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin), .kind = TD_KIND_PATTERN, .name = "pipeline",
    .version = "1.0.0",        .pattern = &pattern,
};
TD_PLUGIN(plugin);
