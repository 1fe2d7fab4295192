/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crew: how a planner's subtasks are done by workers, and looked at by a checker. The patterns
 * supervisor and teams stand on it; what they differ in is how their configuration is read.
 *
 * Only workers of the configuration can be given work. A plan that cannot be followed goes back to
 * who made it, with the reason, as long as there are rounds left. What rests on a failed subtask
 * is skipped, and all of it is told to the checker.
 */
#include "supervisor/crew.h"

#include <stdio.h>

enum { TAG_PLANNER = 1 << 20, TAG_CHECKER };

const struct kit_field crew_fields[] = {
    KIT_VALUE(struct crew_state, input),  KIT_LIST(struct crew_state, tasks),
    KIT_LIST(struct crew_state, results), KIT_OBJECT(struct crew_state, outputs),
    KIT_COUNT(struct crew_state, from),   KIT_COUNT(struct crew_state, round),
    KIT_COUNT(struct crew_state, active), KIT_END,
};

/* --- results --- */

/* [{id, worker, success, output | error, skipped}]. new */
static json_t *result_rows(const struct crew_state *state, const struct crew *plan)
{
    json_t *rows = json_array(), *task;
    size_t i;

    json_array_foreach (state->tasks, i, task) {
        const json_t *result = json_array_get(state->results, i);
        size_t worker = (size_t)json_integer_value(json_object_get(task, "worker"));
        json_t *row = json_pack("{s:O, s:s, s:b}", "id", json_object_get(task, "id"), "worker",
                                plan->workers[worker].name, "success",
                                json_object_get(result, "output") != NULL);

        kit_add(&rows, json_is_object(result) ? kit_merged(row, result) : row);
    }
    return rows;
}

/* A plan that was made anew stands for what failed before it. */
static bool is_plan_done(const struct crew_state *state)
{
    for (size_t i = state->from; i < json_array_size(state->tasks); i++)
        if (json_object_get(json_array_get(state->results, i), "output") == NULL)
            return false;
    return true;
}

/* Without an output of the checker's own, the outputs by id are the result. */
static int finish(const struct crew_state *state, const struct crew *plan, const char *outcome,
                  const json_t *output, const char *error, struct td_asks *asks, struct td_err *err)
{
    json_t *result =
        json_pack("{s:s, s:b, s:O, s:o, s:I}", "outcome", outcome, "success", outcome[0] == 'd',
                  "output", output != NULL ? output : state->outputs, "results",
                  result_rows(state, plan), "rounds", (json_int_t)state->round);

    kit_add_text(&result, "error", error);
    return kit_finish(asks, result, err);
}

/* --- planner and checker --- */

static json_t *worker_rows(const struct crew *plan)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < plan->rules.worker_count; i++) {
        const json_t *text = plan->workers[i].text;

        kit_add(&rows, json_pack("{s:s, s:O*, s:O*}", "name", plan->workers[i].name, "description",
                                 json_object_get(text, "description"), "team",
                                 json_object_get(text, "team")));
    }
    return rows;
}

/* A plan is asked for; `problem` is what was wrong with the last one, or NULL. */
static int ask_for_plan(struct crew_state *state, const struct crew *plan, uint64_t tag,
                        const char *problem, struct td_asks *asks, struct td_err *err)
{
    const struct kit_member *member = tag == TAG_PLANNER ? plan->planner : plan->checker;
    json_t *given = json_pack("{s:O, s:I, s:I, s:o, s:o, s:o}", "input", state->input, "round",
                              (json_int_t)state->round, "rounds", (json_int_t)plan->rounds,
                              "workers", worker_rows(plan), "results", result_rows(state, plan),
                              "problem", kit_string(problem));
    char path[KIT_PATH_MAX];

    snprintf(path, sizeof(path), "%s[%zu]", tag == TAG_PLANNER ? "planner" : "checker",
             state->round);
    return kit_ask_made(member, path, tag, given, asks, NULL, err);
}

/* --- subtasks --- */

/* What inputs are filled from. new; what is asked never changes */
static json_t *context_of(const struct crew_state *state)
{
    return json_pack("{s:O, s:o}", "input", state->input, "results", kit_copy(state->outputs));
}

static int ask_worker(struct crew_state *state, const struct crew *plan, size_t place,
                      struct td_asks *asks, struct td_err *err)
{
    const json_t *task = json_array_get(state->tasks, place);
    const struct kit_member *worker =
        &plan->workers[json_integer_value(json_object_get(task, "worker"))];
    const json_t *form = json_object_get(task, "input");
    json_t *context = context_of(state);
    json_t *given = form != NULL ? kit_fill(form, context) : json_incref(state->input);
    char path[KIT_PATH_MAX];
    int rc = -1;

    snprintf(path, sizeof(path), "task.%s", json_string_value(json_object_get(task, "id")));
    if (context == NULL || given == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the input of a subtask");
    else if (worker->input == NULL)
        rc = kit_ask(worker, path, place, given, asks, NULL, err);
    else if (kit_put(context, "task", json_incref(given), err) == 0)
        rc = kit_ask(worker, path, place, context, asks, NULL, err);
    json_decref(given);
    json_decref(context);
    state->active++;
    return rc == 0 ? kit_set(state->results, place, json_true(), err) : -1;
}

enum readiness { READY, BLOCKED, LOST };

/* Whether its condition holds. */
static int look_at_condition(const struct crew_state *state, const json_t *task,
                             bool *ret_is_wanted, struct td_err *err)
{
    const json_t *when = json_object_get(task, "when");
    json_t *context = when != NULL ? context_of(state) : NULL;

    if (when != NULL && context == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what a condition looks at");
    *ret_is_wanted = kit_rules_hold(when, context);
    json_decref(context);
    return 0;
}

/* `*ret_lost` is the place of the subtask that was not done, with LOST. */
static enum readiness readiness_of(const struct crew_state *state, const json_t *task,
                                   size_t *ret_lost)
{
    const json_t *after;
    enum readiness readiness = READY;
    size_t i;

    json_array_foreach (json_object_get(task, "after"), i, after) {
        size_t place = (size_t)json_integer_value(after);
        const json_t *result = json_array_get(state->results, place);

        if (json_is_object(result) && json_object_get(result, "output") == NULL) {
            *ret_lost = place;
            return LOST;
        }
        if (!json_is_object(result))
            readiness = BLOCKED;
    }
    return readiness;
}

static const char *id_of(const struct crew_state *state, size_t place)
{
    return json_string_value(json_object_get(json_array_get(state->tasks, place), "id"));
}

/* Its condition does not hold: it is done, with nothing. */
static int pass_over(struct crew_state *state, size_t place, struct td_err *err)
{
    if (kit_put(state->outputs, id_of(state, place), json_null(), err) != 0)
        return -1;
    return kit_set(state->results, place, json_pack("{s:n, s:b}", "output", "skipped", 1), err);
}

static int skip(struct crew_state *state, size_t place, size_t lost, struct td_err *err)
{
    const char *id = id_of(state, lost);

    return kit_set(state->results, place,
                   json_pack("{s:b, s:o}", "skipped", 1, "error",
                             json_sprintf("rests on \"%s\", which was not done", id)),
                   err);
}

/* One that has not begun. *ret_is_over: it was skipped or passed over, so others may be ready now.
 */
static int begin(struct crew_state *state, const struct crew *plan, size_t place, bool *ret_is_over,
                 struct td_asks *asks, struct td_err *err)
{
    const json_t *task = json_array_get(state->tasks, place);
    size_t lost = 0;
    enum readiness readiness = readiness_of(state, task, &lost);
    bool is_wanted = true;

    *ret_is_over = false;
    if (readiness == READY && look_at_condition(state, task, &is_wanted, err) != 0)
        return -1;
    *ret_is_over = readiness == LOST || !is_wanted;
    if (readiness == LOST)
        return skip(state, place, lost, err);
    if (!is_wanted)
        return pass_over(state, place, err);
    return readiness == READY && state->active < plan->max_parallel
               ? ask_worker(state, plan, place, asks, err)
               : 0;
}

/* Begins what can be begun; what rests on a failure is skipped, which may carry on. */
static int deal(struct crew_state *state, const struct crew *plan, struct td_asks *asks,
                struct td_err *err)
{
    size_t count = json_array_size(state->tasks);

    for (size_t i = 0; i < count; i++) {
        bool is_over = false;

        if (json_is_null(json_array_get(state->results, i)) &&
            begin(state, plan, i, &is_over, asks, err) != 0)
            return -1;
        if (is_over)
            i = (size_t)-1; /* from the start: an earlier one may rest on it */
    }
    return 0;
}

/* The planner is told what failed first, if there is a round left. */
static int replan(struct crew_state *state, const struct crew *plan, struct td_asks *asks,
                  struct td_err *err)
{
    struct td_err problem;
    size_t i = state->from;

    while (json_object_get(json_array_get(state->results, i), "output") != NULL)
        i++;
    td_fail(&problem, TD_E_EXEC, "subtask \"%s\": %s", id_of(state, i),
            json_string_value(json_object_get(json_array_get(state->results, i), "error")));
    if (state->round == plan->rounds)
        return finish(state, plan, "exhausted", NULL, problem.text, asks, err);
    state->round++;
    return ask_for_plan(state, plan, TAG_PLANNER, problem.text, asks, err);
}

/* After each change: begin what can be, and when nothing is under way, look at the whole. */
static int go_on(struct crew_state *state, const struct crew *plan, struct td_asks *asks,
                 struct td_err *err)
{
    if (deal(state, plan, asks, err) != 0)
        return -1;
    if (state->active > 0)
        return 0;
    if (plan->checker != NULL)
        return ask_for_plan(state, plan, TAG_CHECKER, NULL, asks, err);
    if (is_plan_done(state))
        return finish(state, plan, "done", NULL, NULL, asks, err);
    return plan->is_replanning ? replan(state, plan, asks, err)
                               : finish(state, plan, "incomplete", NULL, NULL, asks, err);
}

/* --- answers --- */

/* Back to who made it, if there is a round left. */
static int refuse(struct crew_state *state, const struct crew *plan, uint64_t tag,
                  const struct td_err *problem, struct td_asks *asks, struct td_err *err)
{
    if (state->round < plan->rounds) {
        state->round++;
        return ask_for_plan(state, plan, tag, problem->text, asks, err);
    }
    if (tag == TAG_CHECKER || json_array_size(state->tasks) > 0)
        return finish(state, plan, "exhausted", NULL, problem->text, asks, err);
    return kit_fail_as(problem, err, "after %zu round%s the %s has no plan that can be followed",
                       plan->rounds, plan->rounds > 1 ? "s" : "", plan->planner_word);
}

static int follow(struct crew_state *state, const struct crew *plan, uint64_t tag,
                  const json_t *list, struct td_asks *asks, struct td_err *err)
{
    size_t taken = json_array_size(state->tasks);
    struct td_err problem;

    if (subtasks_take(state->tasks, list, &plan->rules, &problem) != 0) {
        if (problem.code == TD_E_INVAL)
            return refuse(state, plan, tag, &problem, asks, err);
        *err = problem;
        return -1;
    }
    if (tag == TAG_PLANNER && taken > 0 && json_array_size(list) == 0) /* it gives up */
        return finish(state, plan, "incomplete", NULL, NULL, asks, err);
    if (tag == TAG_PLANNER)
        state->from = taken;
    while (json_array_size(state->results) < json_array_size(state->tasks))
        if (kit_push(state->results, json_null(), err) != 0)
            return -1;
    return go_on(state, plan, asks, err);
}

int crew_start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
               struct td_err *err)
{
    struct crew_state *state = arg;
    const struct crew *plan = plan_arg;

    kit_hold(&state->input, input);
    state->round = 1;
    return plan->first != NULL ? follow(state, plan, TAG_PLANNER, plan->first, asks, err)
                               : ask_for_plan(state, plan, TAG_PLANNER, NULL, asks, err);
}

static int fold_plan(struct crew_state *state, const struct crew *plan,
                     const struct td_event *event, struct td_asks *asks, struct td_err *err)
{
    json_t *list;
    int rc;

    if (event->kind == TD_EVENT_FAILED && json_array_size(state->tasks) > 0)
        return finish(state, plan, "stopped", NULL, event->error->text, asks, err);
    if (event->kind == TD_EVENT_FAILED)
        return kit_fail_as(event->error, err, "the %s", plan->planner_word);
    if (kit_reading(kit_at(event->output, plan->plan_at), &list, err) != 0)
        return -1;
    if (json_is_object(list)) { /* a text that is the JSON of {subtasks: [...]} */
        json_t *inner = json_incref(json_object_get(list, "subtasks"));

        json_decref(list);
        list = inner;
    }
    rc = follow(state, plan, TAG_PLANNER, list, asks, err);
    json_decref(list);
    return rc;
}

static int fold_verdict(struct crew_state *state, const struct crew *plan, const json_t *verdict,
                        struct td_asks *asks, struct td_err *err)
{
    const json_t *list = json_object_get(verdict, "subtasks");
    struct td_err problem;

    if (json_is_true(json_object_get(verdict, "done")))
        return finish(state, plan, "done", json_object_get(verdict, "output"), NULL, asks, err);
    if (json_array_size(list) == 0) {
        td_fail(&problem, TD_E_INVAL, "says neither \"done\" nor gives more \"subtasks\"");
        return refuse(state, plan, TAG_CHECKER, &problem, asks, err);
    }
    if (state->round == plan->rounds) {
        td_fail(&problem, TD_E_EXEC, "the %s wants more, the rounds are used up",
                plan->checker_word);
        return finish(state, plan, "exhausted", NULL, problem.text, asks, err);
    }
    state->round++;
    return follow(state, plan, TAG_CHECKER, list, asks, err);
}

static int fold_checker(struct crew_state *state, const struct crew *plan,
                        const struct td_event *event, struct td_asks *asks, struct td_err *err)
{
    json_t *verdict;
    int rc;

    if (event->kind == TD_EVENT_FAILED)
        return finish(state, plan, "stopped", NULL, event->error->text, asks, err);
    if (kit_reading(kit_at(event->output, plan->verdict_at), &verdict, err) != 0)
        return -1;
    rc = fold_verdict(state, plan, verdict, asks, err);
    json_decref(verdict);
    return rc;
}

static int fold_task(struct crew_state *state, const struct crew *plan,
                     const struct td_event *event, struct td_asks *asks, struct td_err *err)
{
    const char *id = id_of(state, event->tag);
    json_t *result = event->kind == TD_EVENT_FAILED
                         ? json_pack("{s:s}", "error", event->error->text)
                         : json_pack("{s:O}", "output", event->output);

    state->active--;
    if (kit_set(state->results, event->tag, result, err) != 0)
        return -1;
    if (event->kind != TD_EVENT_FAILED &&
        kit_put(state->outputs, id, json_incref(event->output), err) != 0)
        return -1;
    return go_on(state, plan, asks, err);
}

int crew_fold(void *arg, const void *plan, const struct td_event *event, struct td_asks *asks,
              struct td_err *err)
{
    if (event->tag == TAG_PLANNER)
        return fold_plan(arg, plan, event, asks, err);
    if (event->tag == TAG_CHECKER)
        return fold_checker(arg, plan, event, asks, err);
    return fold_task(arg, plan, event, asks, err);
}

bool crew_fits(const void *arg, const void *plan_arg)
{
    const struct crew_state *state = arg;
    const struct crew *plan = plan_arg;
    const json_t *task;
    size_t i;

    json_array_foreach (state->tasks, i, task)
        if ((size_t)json_integer_value(json_object_get(task, "worker")) >= plan->rules.worker_count)
            return false;
    return json_array_size(state->results) == json_array_size(state->tasks) &&
           state->from <= json_array_size(state->tasks);
}
