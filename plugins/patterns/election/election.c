/* SPDX-License-Identifier: Apache-2.0 */
/*
 * election: candidates are asked at once whether they stand; of those that do, the one of the
 * highest priority leads. When it leads and fails, another term begins without it.
 *
 * There is one election a term, when all have answered or the time is up; it does not depend on who
 * was faster.
 */
#include <stdio.h>
#include <string.h>

#include "kit/kit.h"

enum { CANDIDATES_MAX = 100, TERMS_MAX = 100, TERMS_DEFAULT = 3 };
enum { TAG_TIMER = 1 << 20, TAG_LEAD };

struct plan {
    struct kit_plan kit;
    struct kit_member *candidates, **leads; /* leads: by candidate, or NULL */
    const json_t **priorities;              /* by candidate: a number; NULL: 0 */
    size_t count, terms;
    uint32_t timeout_ms;
    const char *stands_at, *priority_at;
};

struct state {
    json_t *input;
    json_t *asks;    /* by candidate: the number of its ask; 0: it has answered, or was not asked */
    json_t *answers; /* of this term, by candidate: null, {priority}, {declined} or {error} */
    json_t *deposed; /* [{leader, term, error}] */
    size_t term, open, timer, leader;
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input),
    KIT_LIST(struct state, asks),
    KIT_LIST(struct state, answers),
    KIT_LIST(struct state, deposed),
    KIT_COUNT(struct state, term),
    KIT_COUNT(struct state, open),
    KIT_COUNT(struct state, timer),
    KIT_COUNT(struct state, leader),
    KIT_END,
};

/* --- the configuration --- */

static int read_candidate(struct plan *plan, size_t place, struct td_err *err)
{
    const struct kit_member *candidate = &plan->candidates[place];
    const json_t *priority = json_object_get(candidate->text, "priority");

    plan->priorities[place] = priority;
    if (priority != NULL && !json_is_number(priority))
        td_fail(err, TD_E_CONFIG, "\"priority\" must be a number");
    else if (kit_member(&plan->kit, candidate->text, "lead", &plan->leads[place], err) == 0)
        return 0;
    return td_context(err, "candidate \"%s\"", candidate->name);
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "candidates", "candidate", 1, CANDIDATES_MAX,
                    &plan->candidates, &plan->count, err) != 0 ||
        kit_members_unique(plan->candidates, plan->count, "candidate", err) != 0 ||
        kit_pointer(config, "stands", "/stands", &plan->stands_at, err) != 0 ||
        kit_pointer(config, "priority", "/priority", &plan->priority_at, err) != 0 ||
        kit_duration(config, "timeout", &plan->timeout_ms, err) != 0 ||
        kit_count(config, "terms", 1, TERMS_MAX, TERMS_DEFAULT, &plan->terms, err) != 0)
        return -1;
    plan->leads = kit_alloc(&plan->kit, plan->count * sizeof(*plan->leads), err);
    plan->priorities = kit_alloc(&plan->kit, plan->count * sizeof(*plan->priorities), err);
    if (plan->leads == NULL || plan->priorities == NULL)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (read_candidate(plan, i, err) != 0)
            return -1;
    return 0;
}

/* --- the end --- */

/* [{candidate, priority | declined | error}] of this term. new */
static json_t *answer_rows(const struct state *state, const struct plan *plan)
{
    json_t *rows = json_array(), *answer;
    size_t i;

    json_array_foreach (state->answers, i, answer)
        if (json_is_object(answer))
            kit_add(&rows,
                    kit_merged(json_pack("{s:s}", "candidate", plan->candidates[i].name), answer));
    return rows;
}

/* `output` is what the leader gave, or null; NULL: nobody leads. */
static int finish(const struct state *state, const struct plan *plan, const json_t *output,
                  struct td_asks *asks, struct td_err *err)
{
    const json_t *priority =
        json_object_get(json_array_get(state->answers, state->leader), "priority");
    bool is_led = output != NULL;

    return kit_finish(asks,
                      json_pack("{s:s, s:b, s:o, s:O?, s:O?, s:I, s:o, s:O}", "outcome",
                                is_led ? "elected" : "no_leader", "success", is_led, "leader",
                                kit_string(is_led ? plan->candidates[state->leader].name : NULL),
                                "priority", is_led ? priority : NULL, "output", output, "term",
                                (json_int_t)state->term, "answers", answer_rows(state, plan),
                                "deposed", state->deposed),
                      err);
}

/* --- a term --- */

static bool is_deposed(const struct state *state, const char *name)
{
    const json_t *row;
    size_t i;

    json_array_foreach (state->deposed, i, row)
        if (strcmp(json_string_value(json_object_get(row, "leader")), name) == 0)
            return true;
    return false;
}

static int ask_candidate(struct state *state, const struct plan *plan, size_t place,
                         struct td_asks *asks, struct td_err *err)
{
    const struct kit_member *candidate = &plan->candidates[place];
    json_t *given =
        json_pack("{s:O, s:s, s:I, s:o}", "input", state->input, "candidate", candidate->name,
                  "term", (json_int_t)state->term, "deposed", kit_copy(state->deposed));
    uint32_t ask = 0;

    if (kit_ask_nth_made(candidate, state->term, place, given, asks, &ask, err) != 0)
        return -1;
    state->open++;
    return kit_set(state->asks, place, json_integer(ask), err);
}

static int begin_term(struct state *state, const struct plan *plan, struct td_asks *asks,
                      struct td_err *err)
{
    char path[KIT_PATH_MAX];
    uint32_t timer = 0;

    state->term++;
    json_array_clear(state->asks);
    json_array_clear(state->answers);
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(state->asks, json_integer(0), err) != 0 ||
            kit_push(state->answers, json_null(), err) != 0)
            return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (!is_deposed(state, plan->candidates[i].name) &&
            ask_candidate(state, plan, i, asks, err) != 0)
            return -1;
    if (state->open == 0) /* all of them have failed */
        return finish(state, plan, NULL, asks, err);
    snprintf(path, sizeof(path), "timeout[%zu]", state->term);
    if (plan->timeout_ms > 0 &&
        td_ask_timer(asks, path, TAG_TIMER, plan->timeout_ms, &timer, err) != 0)
        return -1;
    state->timer = timer;
    return 0;
}

static double priority_of(const struct state *state, size_t place)
{
    return json_number_value(json_object_get(json_array_get(state->answers, place), "priority"));
}

/* As many as there are: nobody stands. */
static size_t winner(const struct state *state, const struct plan *plan)
{
    size_t best = plan->count;

    for (size_t i = 0; i < plan->count; i++)
        if (json_object_get(json_array_get(state->answers, i), "priority") != NULL &&
            (best == plan->count || priority_of(state, i) > priority_of(state, best)))
            best = i;
    return best;
}

/* With no form of input, the leader gets the input of the run. */
static int elect(struct state *state, const struct plan *plan, struct td_asks *asks,
                 struct td_err *err)
{
    size_t best = winner(state, plan);
    const struct kit_member *lead;
    char path[KIT_PATH_MAX];

    if (best == plan->count)
        return finish(state, plan, NULL, asks, err);
    state->leader = best;
    lead = plan->leads[best];
    if (lead == NULL)
        return finish(state, plan, json_null(), asks, err);
    snprintf(path, sizeof(path), "%.*s.lead[%zu]", KIT_NAME_BYTES, plan->candidates[best].name,
             state->term);
    return kit_ask_made(lead, path, TAG_LEAD,
                        lead->input != NULL ? json_pack("{s:O, s:s, s:I}", "input", state->input,
                                                        "leader", plan->candidates[best].name,
                                                        "term", (json_int_t)state->term)
                                            : json_incref(state->input),
                        asks, NULL, err);
}

/* --- events --- */

static int fold_lead(struct state *state, const struct plan *plan, const struct td_event *event,
                     struct td_asks *asks, struct td_err *err)
{
    if (event->kind != TD_EVENT_FAILED)
        return finish(state, plan, event->output, asks, err);
    if (kit_push(state->deposed,
                 json_pack("{s:s, s:I, s:s}", "leader", plan->candidates[state->leader].name,
                           "term", (json_int_t)state->term, "error", event->error->text),
                 err) != 0)
        return -1;
    return state->term < plan->terms ? begin_term(state, plan, asks, err)
                                     : finish(state, plan, NULL, asks, err);
}

/* What one answer is worth. new */
static json_t *answer_of(const struct plan *plan, const struct td_event *event)
{
    const json_t *priority;

    if (event->kind == TD_EVENT_FAILED)
        return json_pack("{s:s}", "error", event->error->text);
    if (json_is_false(kit_at(event->output, plan->stands_at)))
        return json_pack("{s:b}", "declined", 1);
    priority = kit_at(event->output, plan->priority_at);
    if (!json_is_number(priority))
        priority = plan->priorities[event->tag];
    return priority != NULL ? json_pack("{s:O}", "priority", priority)
                            : json_pack("{s:i}", "priority", 0);
}

static int fold_late(struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    for (size_t i = 0; i < plan->count; i++) {
        json_int_t ask = json_integer_value(json_array_get(state->asks, i));

        if (ask == 0)
            continue;
        if (td_ask_cancel(asks, (uint32_t)ask, err) != 0 ||
            kit_set(state->answers, i, json_pack("{s:s}", "error", "did not answer in time"),
                    err) != 0)
            return -1;
    }
    state->open = 0;
    return elect(state, plan, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_LEAD)
        return fold_lead(state, plan, event, asks, err);
    if (event->tag == TAG_TIMER)
        return fold_late(state, plan, asks, err);
    if (kit_set(state->asks, event->tag, json_integer(0), err) != 0 ||
        kit_set(state->answers, event->tag, answer_of(plan, event), err) != 0)
        return -1;
    if (--state->open > 0)
        return 0;
    if (state->timer != 0 && td_ask_cancel(asks, (uint32_t)state->timer, err) != 0)
        return -1;
    return elect(state, plan, asks, err);
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->input, input);
    return begin_term(state, plan, asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return json_array_size(state->asks) == plan->count &&
           json_array_size(state->answers) == plan->count && state->leader < plan->count &&
           state->open <= plan->count && state->term >= 1 && state->term <= plan->terms;
}

static const struct kit_pattern election = { .plan_size = sizeof(struct plan),
                                             .fields = fields,
                                             .read = read,
                                             .start = start,
                                             .fold = fold,
                                             .fits = fits };
KIT_PLUGIN("election", "1.0.0", election, struct state);
