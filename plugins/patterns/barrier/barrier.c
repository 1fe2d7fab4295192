/* SPDX-License-Identifier: Apache-2.0 */
/*
 * barrier: parties work at once, phase by phase; the next begins when all have come to the end of
 * this one.
 *
 * A party that fails or is late breaks the barrier, and what is under way is taken back; or it
 * leaves for good, and the rest go on without it.
 */
#include <stdio.h>

#include "kit/kit.h"

enum { PARTIES_MAX = 100, PHASES_MAX = 100 };
enum { TAG_TIMER = 1 << 20 };

struct plan {
    struct kit_plan kit;
    struct kit_member *parties;
    size_t count, phases, min_parties;
    unsigned is_leaving;
    uint32_t timeout_ms;
};

struct state {
    json_t *input;
    json_t *asks;     /* by party: the number of its ask; 0: it has come, or has left */
    json_t *results;  /* of this phase, by name */
    json_t *last;     /* of the phase before */
    json_t *arrivals; /* of this phase: names, in order */
    json_t *met;      /* of phases that are over: arrivals */
    json_t *left;     /* [{party, phase, error}] */
    json_t *gone;     /* names of those who left */
    size_t phase;     /* from 1 */
    size_t open, timer;
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input),    KIT_LIST(struct state, asks),
    KIT_OBJECT(struct state, results), KIT_VALUE(struct state, last),
    KIT_LIST(struct state, arrivals),  KIT_LIST(struct state, met),
    KIT_LIST(struct state, left),      KIT_OBJECT(struct state, gone),
    KIT_COUNT(struct state, phase),    KIT_COUNT(struct state, open),
    KIT_COUNT(struct state, timer),    KIT_END,
};

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const on_failures[] = { "break", "leave", NULL };
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "parties", "member", 1, PARTIES_MAX, &plan->parties,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->parties, plan->count, "member", err) != 0 ||
        kit_count(config, "phases", 1, PHASES_MAX, 1, &plan->phases, err) != 0 ||
        kit_count(config, "min_parties", 1, plan->count, 1, &plan->min_parties, err) != 0 ||
        kit_duration(config, "timeout", &plan->timeout_ms, err) != 0)
        return -1;
    return kit_choice(config, "on_failure", on_failures, 0, &plan->is_leaving, err);
}

/* --- the end --- */

/* `error` is why it is broken, or NULL. */
static int finish(const struct state *state, const char *error, struct td_asks *asks,
                  struct td_err *err)
{
    json_t *output =
        json_pack("{s:s, s:b, s:O, s:I, s:O, s:O}", "outcome", error == NULL ? "passed" : "broken",
                  "success", error == NULL, "output", state->results, "phase",
                  (json_int_t)state->phase, "arrivals", state->met, "left", state->left);

    kit_add_text(&output, "error", error);
    return kit_finish(asks, output, err);
}

/* --- a phase --- */

static bool has_left(const struct state *state, const struct plan *plan, size_t place)
{
    return json_object_get(state->gone, plan->parties[place].name) != NULL;
}

static int ask_party(struct state *state, const struct plan *plan, size_t place,
                     struct td_asks *asks, struct td_err *err)
{
    const struct kit_member *party = &plan->parties[place];
    uint32_t ask = 0;

    if (kit_ask_nth_made(party, state->phase, place,
                         json_pack("{s:O, s:s, s:I, s:I, s:O?}", "input", state->input, "party",
                                   party->name, "phase", (json_int_t)state->phase, "phases",
                                   (json_int_t)plan->phases, "results", state->last),
                         asks, &ask, err) != 0)
        return -1;
    state->open++;
    return kit_set(state->asks, place, json_integer(ask), err);
}

static int begin_phase(struct state *state, const struct plan *plan, struct td_asks *asks,
                       struct td_err *err)
{
    char path[KIT_PATH_MAX];
    uint32_t timer = 0;

    state->phase++;
    for (size_t i = 0; i < plan->count; i++)
        if (!has_left(state, plan, i) && ask_party(state, plan, i, asks, err) != 0)
            return -1;
    snprintf(path, sizeof(path), "timeout[%zu]", state->phase);
    if (plan->timeout_ms > 0 &&
        td_ask_timer(asks, path, TAG_TIMER, plan->timeout_ms, &timer, err) != 0)
        return -1;
    state->timer = timer;
    return 0;
}

/* All who are left have come: the next phase, with what they gave. */
static int pass(struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    if (state->timer != 0 && td_ask_cancel(asks, (uint32_t)state->timer, err) != 0)
        return -1;
    if (kit_push(state->met, kit_copy(state->arrivals), err) != 0)
        return -1;
    if (state->phase == plan->phases)
        return finish(state, NULL, asks, err);
    json_decref(state->last);
    state->last = kit_copy(state->results);
    if (state->last == NULL)
        return td_fail(err, TD_E_NOMEM, "could not keep the results of a phase");
    json_array_clear(state->arrivals);
    json_object_clear(state->results);
    return begin_phase(state, plan, asks, err);
}

/* --- who fails or is late --- */

static int leave(struct state *state, const struct plan *plan, size_t place, const char *why,
                 struct td_err *err)
{
    const char *name = plan->parties[place].name;

    state->open--;
    if (kit_set(state->asks, place, json_integer(0), err) != 0 ||
        kit_put(state->gone, name, json_true(), err) != 0)
        return -1;
    return kit_push(state->left,
                    json_pack("{s:s, s:I, s:s}", "party", name, "phase", (json_int_t)state->phase,
                              "error", why),
                    err);
}

/* After some have left: is the barrier broken, or are all who are left there? */
static int look(struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    const json_t *newest = json_array_get(state->left, json_array_size(state->left) - 1);
    struct td_err why;

    if (plan->is_leaving && plan->count - json_object_size(state->gone) >= plan->min_parties)
        return state->open > 0 ? 0 : pass(state, plan, asks, err);
    td_fail(&why, TD_E_EXEC, "party \"%s\": %s",
            json_string_value(json_object_get(newest, "party")),
            json_string_value(json_object_get(newest, "error")));
    return finish(state, why.text, asks, err);
}

static int fold_late(struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    char why[64];

    snprintf(why, sizeof(why), "did not come within %u ms", plan->timeout_ms);
    state->timer = 0;
    for (size_t i = 0; i < plan->count; i++) {
        json_int_t ask = json_integer_value(json_array_get(state->asks, i));

        if (ask != 0 &&
            (td_ask_cancel(asks, (uint32_t)ask, err) != 0 || leave(state, plan, i, why, err) != 0))
            return -1;
    }
    return look(state, plan, asks, err);
}

/* --- events --- */

static int arrive(struct state *state, const struct plan *plan, const struct td_event *event,
                  struct td_asks *asks, struct td_err *err)
{
    const char *name = plan->parties[event->tag].name;

    if (kit_set(state->asks, event->tag, json_integer(0), err) != 0 ||
        kit_push(state->arrivals, json_string(name), err) != 0 ||
        kit_put(state->results, name, json_incref(event->output), err) != 0)
        return -1;
    return --state->open > 0 ? 0 : pass(state, plan, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_TIMER)
        return fold_late(state, plan, asks, err);
    if (event->kind != TD_EVENT_FAILED)
        return arrive(state, plan, event, asks, err);
    if (leave(state, plan, event->tag, event->error->text, err) != 0)
        return -1;
    return look(state, plan, asks, err);
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    kit_hold(&state->input, input);
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(state->asks, json_integer(0), err) != 0)
            return -1;
    return begin_phase(state, plan, asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return json_array_size(state->asks) == plan->count && state->phase >= 1 &&
           state->phase <= plan->phases && state->open > 0 && state->open <= plan->count;
}

static const struct kit_pattern barrier = { .plan_size = sizeof(struct plan),
                                            .fields = fields,
                                            .read = read,
                                            .start = start,
                                            .fold = fold,
                                            .fits = fits };
KIT_PLUGIN("barrier", "1.0.0", barrier, struct state);
