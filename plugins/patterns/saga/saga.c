/* SPDX-License-Identifier: Apache-2.0 */
/*
 * saga: steps one after another, each of which may say how it is undone (`compensate`).
 *
 * When a step fails or the run is cancelled, what was done is undone, the newest first, each with
 * its own result. A step that is under way when the run is cancelled and can be undone is waited
 * for: it may still be done, and is undone then. A compensation that fails is told, and the rest go
 * on.
 */
#include <stdio.h>
#include <string.h>

#include "kit/kit.h"

enum {
    STEPS_MAX = 100,
    NAMED_MAX = 5,  /* compensations that failed, in an error */
    MORE_BYTES = 32 /* of it, kept for how many more there are */
};

enum phase { FORWARD, STOPPING, UNDOING };

struct plan {
    struct kit_plan kit;
    struct kit_member *steps;
    struct kit_member **undos; /* by step; NULL: it cannot be undone */
    size_t count;
    unsigned on_failure; /* 0: fail, 1: report */
};

struct state {
    size_t phase;
    size_t ask;     /* of the step under way */
    size_t left;    /* UNDOING: done steps not looked at yet */
    json_t *input;  /* of the run */
    json_t *done;   /* outputs of the steps that are done, in order */
    json_t *why;    /* {code, text}: what it is undone for */
    json_t *undone; /* [{step, success, output | error}], in the order of undoing */
    size_t failed;  /* compensations that failed */
};
static const struct kit_field fields[] = {
    KIT_COUNT(struct state, phase), KIT_COUNT(struct state, ask),    KIT_COUNT(struct state, left),
    KIT_VALUE(struct state, input), KIT_LIST(struct state, done),    KIT_VALUE(struct state, why),
    KIT_LIST(struct state, undone), KIT_COUNT(struct state, failed), KIT_END,
};

/* --- the configuration --- */

static int read_undo(struct plan *plan, size_t place, struct td_err *err)
{
    const json_t *text = plan->steps[place].text;

    if (kit_member(&plan->kit, text, "compensate", &plan->undos[place], err) != 0)
        return td_context(err, "step \"%s\"", plan->steps[place].name);
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const on_failures[] = { "fail", "report", NULL };
    struct plan *plan = arg;

    if (kit_choice(config, "on_failure", on_failures, 0, &plan->on_failure, err) != 0 ||
        kit_members(&plan->kit, config, "steps", "step", 1, STEPS_MAX, &plan->steps, &plan->count,
                    err) != 0 ||
        kit_members_unique(plan->steps, plan->count, "step", err) != 0)
        return -1;
    plan->undos = kit_alloc(&plan->kit, plan->count * sizeof(*plan->undos), err);
    if (plan->undos == NULL)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (read_undo(plan, i, err) != 0)
            return -1;
    return 0;
}

/* --- asking --- */

/* What a form of input is filled from: {input, steps: {name: output}}, and `result`. new */
static json_t *context(const struct state *state, const struct plan *plan, const json_t *result)
{
    json_t *steps = json_object(), *output;
    size_t i;

    json_array_foreach (state->done, i, output)
        kit_add_member(&steps, plan->steps[i].name, json_incref(output));
    return json_pack("{s:O, s:o, s:O*}", "input", state->input, "steps", steps, "result", result);
}

/* With no form of input, a step gets what the one before gave, and a compensation what its step
 * gave. */
static int ask_with(const struct state *state, const struct plan *plan,
                    const struct kit_member *member, const char *path, const json_t *data,
                    struct td_asks *asks, uint32_t *ret_ask, struct td_err *err)
{
    return kit_ask_made(member, path, 0,
                        member->input != NULL ? context(state, plan, data)
                                              : json_incref((json_t *)data),
                        asks, ret_ask, err);
}

static int ask_step(struct state *state, const struct plan *plan, struct td_asks *asks,
                    struct td_err *err)
{
    size_t at = json_array_size(state->done);
    const json_t *data = at > 0 ? json_array_get(state->done, at - 1) : state->input;
    uint32_t ask = 0;
    int rc = ask_with(state, plan, &plan->steps[at], plan->steps[at].name, data, asks, &ask, err);

    state->ask = ask;
    return rc;
}

static json_t *step_rows(const struct state *state, const struct plan *plan)
{
    json_t *rows = json_array(), *output;
    size_t i;

    json_array_foreach (state->done, i, output)
        kit_add(&rows, json_pack("{s:s, s:O}", "step", plan->steps[i].name, "output", output));
    return rows;
}

/* --- the end --- */

/* Which compensations failed and why, as far as there is room; the report has all of them. */
static void name_failures(const struct state *state, struct td_err *told)
{
    size_t used = strlen(told->text), room = sizeof(told->text) - MORE_BYTES, named = 0, i;
    const json_t *row;

    json_array_foreach (state->undone, i, row) {
        const char *step = json_string_value(json_object_get(row, "step")),
                   *error = json_string_value(json_object_get(row, "error"));

        if (error == NULL)
            continue;
        if (named == NAMED_MAX ||
            (named > 0 && (used >= room || strlen(step) + strlen(error) + 6 > room - used)))
            break;
        if (used < sizeof(told->text))
            used += (size_t)snprintf(told->text + used, sizeof(told->text) - used, "%s\"%s\": %s",
                                     named > 0 ? "; " : "", step, error);
        named++;
    }
    if (named < state->failed && used < sizeof(told->text))
        snprintf(told->text + used, sizeof(told->text) - used, "; and %zu more",
                 state->failed - named);
}

static int finish_undone(const struct state *state, const struct plan *plan, struct td_asks *asks,
                         struct td_err *err)
{
    struct td_err why, told;

    kit_error_read(state->why, &why);
    if (plan->on_failure == 1)
        return kit_finish(asks,
                          json_pack("{s:b, s:n, s:s, s:o, s:O}", "success", 0, "output", "error",
                                    why.text, "steps", step_rows(state, plan), "compensated",
                                    state->undone),
                          err);
    if (state->failed == 0)
        return td_ask_fail(asks, &why, err);
    td_fail(&told, why.code, "%s; %zu of %zu done steps could not be compensated: ", why.text,
            state->failed, json_array_size(state->undone));
    name_failures(state, &told);
    return td_ask_fail(asks, &told, err);
}

/* The newest done step that can be undone and is not yet. */
static int undo_next(struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    char path[KIT_PATH_MAX];

    while (state->left > 0 && plan->undos[state->left - 1] == NULL)
        state->left--;
    if (state->left == 0)
        return finish_undone(state, plan, asks, err);
    snprintf(path, sizeof(path), "%.*s.compensate", KIT_NAME_BYTES,
             plan->steps[state->left - 1].name);
    return ask_with(state, plan, plan->undos[state->left - 1], path,
                    json_array_get(state->done, state->left - 1), asks, NULL, err);
}

static int begin_undoing(struct state *state, const struct plan *plan, struct td_asks *asks,
                         struct td_err *err)
{
    state->phase = UNDOING;
    state->left = json_array_size(state->done);
    return undo_next(state, plan, asks, err);
}

static int keep_why(struct state *state, const struct td_err *why, struct td_err *err)
{
    state->why = kit_error_json(why);
    return state->why != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not keep why the saga failed");
}

/* --- events --- */

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->input, input);
    return ask_step(state, plan, asks, err);
}

static int fold_undone(struct state *state, const struct plan *plan, const struct td_event *event,
                       struct td_asks *asks, struct td_err *err)
{
    const char *name = plan->steps[--state->left].name;
    json_t *row;

    if (event->kind == TD_EVENT_FAILED) {
        state->failed++;
        row = json_pack("{s:s, s:b, s:s}", "step", name, "success", 0, "error", event->error->text);
    } else {
        row = json_pack("{s:s, s:b, s:O}", "step", name, "success", 1, "output", event->output);
    }
    if (kit_push(state->undone, row, err) != 0)
        return -1;
    return undo_next(state, plan, asks, err);
}

static int fold_failed(struct state *state, const struct plan *plan, const struct td_err *error,
                       struct td_asks *asks, struct td_err *err)
{
    struct td_err why;

    kit_fail_as(error, &why, "step \"%s\"", plan->steps[json_array_size(state->done)].name);
    return keep_why(state, &why, err) == 0 ? begin_undoing(state, plan, asks, err) : -1;
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (state->phase == UNDOING)
        return fold_undone(state, plan, event, asks, err);
    if (event->kind != TD_EVENT_FAILED &&
        kit_push(state->done, json_incref(event->output), err) != 0)
        return -1;
    if (state->phase == STOPPING)
        return begin_undoing(state, plan, asks, err);
    if (event->kind == TD_EVENT_FAILED)
        return fold_failed(state, plan, event->error, asks, err);
    if (json_array_size(state->done) < plan->count)
        return ask_step(state, plan, asks, err);
    return kit_finish(asks,
                      json_pack("{s:b, s:O, s:o}", "success", 1, "output", event->output, "steps",
                                step_rows(state, plan)),
                      err);
}

/* What can be undone, or is a run, which undoes what it did, is waited for; the rest is taken back.
 */
static bool is_waited_for(const struct plan *plan, size_t at)
{
    return plan->undos[at] != NULL || plan->steps[at].target != TD_TARGET_AGENT;
}

static int cancel(void *arg, const void *plan, struct td_asks *asks, struct td_err *err)
{
    struct state *state = arg;
    struct td_err why;

    if (state->phase != FORWARD)
        return 0; /* it is being undone already */
    td_fail(&why, TD_E_CANCELLED, "the saga was cancelled");
    if (keep_why(state, &why, err) != 0)
        return -1;
    if (is_waited_for(plan, json_array_size(state->done))) {
        state->phase = STOPPING;
        return td_ask_stop(asks, (uint32_t)state->ask, err);
    }
    if (td_ask_cancel(asks, (uint32_t)state->ask, err) != 0)
        return -1;
    return begin_undoing(state, plan, asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return state->phase <= UNDOING && state->left <= json_array_size(state->done) &&
           json_array_size(state->done) <= plan->count &&
           (state->phase == UNDOING ? state->left > 0 : json_array_size(state->done) < plan->count);
}

static const struct kit_pattern saga = { .plan_size = sizeof(struct plan),
                                         .fields = fields,
                                         .read = read,
                                         .start = start,
                                         .fold = fold,
                                         .cancel = cancel,
                                         .fits = fits };
KIT_PLUGIN("saga", "1.0.0", saga, struct state);
