/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose: what is begun next, what a failure does, and when it stops.
 *
 * A member whose condition does not hold is passed over: it is done, with nothing. One that needs
 * what failed is skipped. Both are told in the results.
 */
#include "compose.h"

const struct kit_field compose_fields[] = {
    KIT_VALUE(struct compose_state, input),
    KIT_VALUE(struct compose_state, last),
    KIT_LIST(struct compose_state, results),
    KIT_OBJECT(struct compose_state, outputs),
    KIT_VALUE(struct compose_state, error),
    KIT_COUNT(struct compose_state, failed_at),
    KIT_COUNT(struct compose_state, active),
    KIT_COUNT(struct compose_state, begun),
    KIT_COUNT(struct compose_state, succeeded),
    KIT_COUNT(struct compose_state, failed),
    KIT_END,
};

/* --- the result --- */

static bool is_successful(const struct compose_state *state, const struct compose *plan)
{
    return plan->min_success > 0 ? state->succeeded >= plan->min_success : state->failed == 0;
}

/* Without what was not begun, and what is taken back. new */
static json_t *results_by_name(const struct compose_state *state, const struct compose *plan)
{
    json_t *rows = json_object();

    for (size_t i = 0; i < plan->count; i++) {
        const json_t *result = json_array_get(state->results, i);

        if (json_is_object(result))
            kit_add_member(
                &rows, plan->members[i].name,
                kit_merged(json_pack("{s:b}", "success", json_object_get(result, "output") != NULL),
                           result));
    }
    return rows;
}

/* The names of those that failed themselves. new */
static json_t *failed_names(const struct compose_state *state, const struct compose *plan)
{
    json_t *names = json_array();

    for (size_t i = 0; i < plan->count; i++) {
        const json_t *result = json_array_get(state->results, i);

        if (json_object_get(result, "error") != NULL && json_object_get(result, "skipped") == NULL)
            kit_add(&names, json_string(plan->members[i].name));
    }
    return names;
}

static int fail(const struct compose_state *state, const struct compose *plan, struct td_err *err)
{
    const char *word = plan->form->word;
    struct td_err first;

    if (state->failed_at > 0)
        kit_error_read(state->error, &first);
    if (plan->min_success == 0)
        return kit_fail_as(&first, err, "%s \"%s\"", word,
                           plan->members[state->failed_at - 1].name);
    td_fail(err, TD_E_EXEC, "%zu of %zu %ss succeeded, %zu %s needed%s%s", state->succeeded,
            plan->count, word, plan->min_success, plan->min_success == 1 ? "is" : "are",
            state->failed_at > 0 ? "; the first failure: " : "",
            state->failed_at > 0 ? first.text : "");
    return -1;
}

/* `by`: who stopped it, or NULL: there was nothing left. */
static int finish(const struct compose_state *state, const struct compose *plan, const char *by,
                  struct td_asks *asks, struct td_err *err)
{
    bool is_last = !plan->form->is_at_once;
    json_t *output = is_last ? state->last : state->outputs, *result;

    if (!is_successful(state, plan) && !plan->is_reporting)
        return fail(state, plan, err);
    result = json_pack("{s:b, s:s, s:O?, s:o, s:o}", "success", is_successful(state, plan),
                       "outcome", by != NULL ? "stopped" : "done", "output", output, "results",
                       results_by_name(state, plan), "failed", failed_names(state, plan));
    kit_add_text(&result, "stopped_by", by);
    return kit_finish(asks, result, err);
}

/* --- what is begun --- */

/* What forms and conditions look at. new; what is asked never changes */
static json_t *context_of(const struct compose_state *state, const struct compose *plan)
{
    if (plan->form->is_at_once)
        return plan->form->has_needs ? json_pack("{s:O, s:o}", "input", state->input, "results",
                                                 kit_copy(state->outputs))
                                     : json_pack("{s:O}", "input", state->input);
    return json_pack("{s:O, s:O?, s:o}", "input", state->input, "last", state->last, "results",
                     kit_copy(state->outputs));
}

/* The `nth` for a step: 0 is its own member, then its alternatives. */
static int ask(struct compose_state *state, const struct compose *plan, size_t place, size_t nth,
               struct td_asks *asks, struct td_err *err)
{
    const struct compose_step *step = &plan->steps[place];
    const struct kit_member *member = nth == 0 ? &plan->members[place] : &step->instead[nth - 1];
    json_t *data = plan->form->is_chain ? state->last : state->input;
    json_t *given = member->input != NULL ? context_of(state, plan) : json_incref(data);

    return kit_ask_nth_made(member, place + nth * plan->count, place, given, asks, NULL, err);
}

static int pass_over(struct compose_state *state, const struct compose *plan, size_t place,
                     struct td_err *err)
{
    if (kit_put(state->outputs, plan->members[place].name, json_null(), err) != 0)
        return -1;
    return kit_set(state->results, place, json_pack("{s:n, s:b}", "output", "skipped", 1), err);
}

static int skip(struct compose_state *state, const struct compose *plan, size_t place, size_t lost,
                struct td_err *err)
{
    return kit_set(
        state->results, place,
        json_pack("{s:b, s:o}", "skipped", 1, "error",
                  json_sprintf("needs \"%s\", which was not done", plan->members[lost].name)),
        err);
}

enum readiness { READY, BLOCKED, LOST };

/* `*ret_lost` is the place of what was needed and was not done, with LOST. */
static enum readiness readiness_of(const struct compose_state *state,
                                   const struct compose_step *step, size_t *ret_lost)
{
    enum readiness readiness = READY;

    for (size_t i = 0; i < step->need_count; i++) {
        const json_t *result = json_array_get(state->results, step->needs[i]);

        if (json_is_object(result) && json_object_get(result, "output") == NULL) {
            *ret_lost = step->needs[i];
            return LOST;
        }
        if (!json_is_object(result))
            readiness = BLOCKED;
    }
    return readiness;
}

/* Whether it is chosen: by its condition, and by who was chosen before. */
static int look(const struct compose_state *state, const struct compose *plan, size_t place,
                bool *ret_is_wanted, struct td_err *err)
{
    const json_t *when = plan->steps[place].when;
    json_t *context;

    if (plan->form->has_choice && state->begun > 0 &&
        (!plan->is_all || (plan->has_default && place + 1 == plan->count))) {
        *ret_is_wanted = false;
        return 0;
    }
    context = when != NULL ? context_of(state, plan) : NULL;
    if (when != NULL && context == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what a condition looks at");
    *ret_is_wanted = kit_rules_hold(when, context);
    json_decref(context);
    return 0;
}

/* One that has not begun; *ret_is_over: it never will, so others may be ready now. */
static int begin(struct compose_state *state, const struct compose *plan, size_t place,
                 bool *ret_is_over, struct td_asks *asks, struct td_err *err)
{
    size_t lost = 0;
    enum readiness readiness = readiness_of(state, &plan->steps[place], &lost);
    bool is_wanted = true;

    *ret_is_over = readiness == LOST;
    if (readiness == LOST)
        return skip(state, plan, place, lost, err);
    if (readiness == BLOCKED)
        return 0;
    if (look(state, plan, place, &is_wanted, err) != 0)
        return -1;
    *ret_is_over = !is_wanted;
    if (!is_wanted)
        return pass_over(state, plan, place, err);
    state->active++;
    state->begun++;
    return kit_set(state->results, place, json_array(), err) == 0
               ? ask(state, plan, place, 0, asks, err)
               : -1;
}

/* Begins what can be begun, then looks whether anything is left. */
static int go_on(struct compose_state *state, const struct compose *plan, struct td_asks *asks,
                 struct td_err *err)
{
    for (size_t i = 0; i < plan->count && state->active < plan->width; i++) {
        bool is_over = false;

        if (json_is_null(json_array_get(state->results, i)) &&
            begin(state, plan, i, &is_over, asks, err) != 0)
            return -1;
        if (is_over && plan->form->has_needs)
            i = (size_t)-1; /* from the start: an earlier one may need it */
    }
    return state->active > 0 ? 0 : finish(state, plan, NULL, asks, err);
}

int compose_start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                  struct td_err *err)
{
    struct compose_state *state = arg;
    const struct compose *plan = plan_arg;

    kit_hold(&state->input, input);
    if (plan->form->is_chain)
        kit_hold(&state->last, input);
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(state->results, json_null(), err) != 0)
            return -1;
    return go_on(state, plan, asks, err);
}

/* --- answers --- */

/* Of whom an answer is: the member that was asked last for this place. */
static const struct kit_member *asked(const struct compose_state *state, const struct compose *plan,
                                      size_t place)
{
    size_t tried = json_array_size(json_array_get(state->results, place));

    return tried == 0 ? &plan->members[place] : &plan->steps[place].instead[tried - 1];
}

/* A failure that has an alternative. */
static int ask_instead(struct compose_state *state, const struct compose *plan, size_t place,
                       const struct td_err *error, struct td_asks *asks, struct td_err *err)
{
    const char *name = asked(state, plan, place)->name;
    json_t *tried = kit_copy(json_array_get(state->results, place));

    kit_add(&tried, json_pack("{s:s, s:s}", "name", name, "error", error->text));
    if (kit_set(state->results, place, tried, err) != 0)
        return -1;
    return ask(state, plan, place, json_array_size(tried), asks, err);
}

/* What is kept of an answer. new */
static json_t *row_of(const struct compose_state *state, const struct compose *plan, size_t place,
                      const struct td_event *event)
{
    json_t *tried = json_array_get(state->results, place);
    json_t *row = event->kind == TD_EVENT_FAILED ? json_pack("{s:s}", "error", event->error->text)
                                                 : json_pack("{s:O}", "output", event->output);

    if (json_array_size(tried) == 0)
        return row;
    kit_add_text(&row, "by", asked(state, plan, place)->name);
    kit_add_member(&row, "tried", json_incref(tried));
    return row;
}

static int note_failure(struct compose_state *state, size_t place, const struct td_err *error,
                        struct td_err *err)
{
    state->failed++;
    if (state->failed_at > 0)
        return 0;
    state->failed_at = place + 1;
    json_decref(state->error);
    state->error = kit_error_json(error);
    return state->error != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not keep an error");
}

static int note_success(struct compose_state *state, const struct compose *plan, size_t place,
                        const json_t *output, struct td_err *err)
{
    state->succeeded++;
    kit_hold(&state->last, output);
    return kit_put(state->outputs, plan->members[place].name, json_incref((json_t *)output), err);
}

/* Whether an answer is the last one that is wanted. */
static int is_enough(const struct compose_state *state, const struct compose *plan,
                     const char *name, const struct td_event *event, bool *ret_is_enough,
                     struct td_err *err)
{
    bool is_failed = event->kind == TD_EVENT_FAILED;
    json_t *told;

    *ret_is_enough =
        (is_failed && plan->stop == COMPOSE_ON_FAILURE) ||
        (!is_failed && plan->stop == COMPOSE_ON_SUCCESS && state->succeeded >= plan->min_success);
    if (*ret_is_enough || plan->stop_when == NULL)
        return 0;
    told = json_pack("{s:O, s:s, s:b, s:I, s:I}", "input", state->input, "name", name, "success",
                     !is_failed, "succeeded", (json_int_t)state->succeeded, "failed",
                     (json_int_t)state->failed);
    if (is_failed)
        kit_add_text(&told, "error", event->error->text);
    else
        kit_add_member(&told, "output", json_incref(event->output));
    if (told == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what a stop rule looks at");
    *ret_is_enough = kit_rules_hold(plan->stop_when, told);
    json_decref(told);
    return 0;
}

int compose_fold(void *arg, const void *plan_arg, const struct td_event *event,
                 struct td_asks *asks, struct td_err *err)
{
    struct compose_state *state = arg;
    const struct compose *plan = plan_arg;
    size_t place = event->tag, tried = json_array_size(json_array_get(state->results, place));
    bool is_failed = event->kind == TD_EVENT_FAILED, is_over;
    const char *name = plan->members[place].name;

    if (is_failed && tried < plan->steps[place].instead_count)
        return ask_instead(state, plan, place, event->error, asks, err);
    state->active--;
    if (kit_set(state->results, place, row_of(state, plan, place, event), err) != 0 ||
        (is_failed ? note_failure(state, place, event->error, err)
                   : note_success(state, plan, place, event->output, err)) != 0 ||
        is_enough(state, plan, name, event, &is_over, err) != 0)
        return -1;
    return is_over ? finish(state, plan, name, asks, err) : go_on(state, plan, asks, err);
}

/* A row under way names no more alternatives than there are. */
bool compose_fits(const void *arg, const void *plan_arg)
{
    const struct compose_state *state = arg;
    const struct compose *plan = plan_arg;

    for (size_t i = 0; i < plan->count; i++)
        if (json_array_size(json_array_get(state->results, i)) > plan->steps[i].instead_count)
            return false;
    return json_array_size(state->results) == plan->count && state->failed_at <= plan->count;
}
