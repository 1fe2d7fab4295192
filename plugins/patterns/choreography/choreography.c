/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choreography: agents react to events, and what they give are events again. Nobody coordinates.
 *
 * Each event goes to all who listen to its type, at once. It ends with an event that was waited
 * for, or when nobody has anything left to react to. Rounds bound how long a chain of events may
 * be, so agents that answer each other for ever come to an end.
 */
#include <string.h>

#include "kit/kit.h"

enum { AGENTS_MAX = 100, TYPES_MAX = 100, TYPE_BYTES = 64 };
enum { ROUNDS_MAX = 1000, EVENTS_MAX = 10000, PARALLEL_MAX = 1000 };
enum { ROUNDS_DEFAULT = 20, EVENTS_DEFAULT = 1000, PARALLEL_DEFAULT = 32 };

struct plan {
    struct kit_plan kit;
    struct kit_member *agents;
    size_t count, rounds, max_events, max_parallel;
    const json_t *until; /* types; NULL: none */
    const char *first, *events_at;
    unsigned is_failing;
};

struct state {
    json_t *input;
    json_t *events;      /* [{type, data, by, round}], oldest first */
    json_t *errors;      /* [{agent, event, error}]; `event` is a place */
    size_t event, agent; /* who may get what next: all before have theirs */
    size_t reactions;    /* that were asked for */
    size_t active;
    size_t dropped; /* events that were too many or too late */
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input),
    KIT_LIST(struct state, events),
    KIT_LIST(struct state, errors),
    KIT_COUNT(struct state, event),
    KIT_COUNT(struct state, agent),
    KIT_COUNT(struct state, reactions),
    KIT_COUNT(struct state, active),
    KIT_COUNT(struct state, dropped),
    KIT_END,
};

/* --- the configuration --- */

static bool is_type(const json_t *type)
{
    size_t length = json_string_length(type);

    return json_is_string(type) && length > 0 && length <= TYPE_BYTES &&
           strlen(json_string_value(type)) == length;
}

static bool has_type(const json_t *types, const char *type)
{
    const json_t *row;
    size_t i;

    json_array_foreach (types, i, row)
        if (strcmp(json_string_value(row), type) == 0)
            return true;
    return false;
}

static int check_types(const json_t *types, const char *key, struct td_err *err)
{
    const json_t *type;
    size_t i;

    if (!json_is_array(types) || json_array_size(types) == 0 || json_array_size(types) > TYPES_MAX)
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be a list of 1 to %d types of events", key,
                       TYPES_MAX);
    json_array_foreach (types, i, type)
        if (!is_type(type))
            return td_fail(err, TD_E_CONFIG, "\"%s\": a type must be a text of 1 to %d bytes", key,
                           TYPE_BYTES);
    return 0;
}

static bool listens(const struct plan *plan, size_t agent, const char *type)
{
    return has_type(json_object_get(plan->agents[agent].text, "on"), type);
}

static int read_types(struct plan *plan, const json_t *config, struct td_err *err)
{
    bool is_heard = false;
    int rc = 0;

    plan->until = json_object_get(config, "until");
    if (plan->until != NULL)
        rc = check_types(plan->until, "until", err);
    for (size_t i = 0; rc == 0 && i < plan->count; i++) {
        rc = check_types(json_object_get(plan->agents[i].text, "on"), "on", err);
        if (rc != 0)
            td_context(err, "agent \"%s\"", plan->agents[i].name);
        else
            is_heard = is_heard || listens(plan, i, plan->first);
    }
    if (rc == 0 && !is_heard)
        rc = td_fail(err, TD_E_CONFIG, "no agent reacts to \"%s\", the first event", plan->first);
    return rc;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const on_failures[] = { "note", "fail", NULL };
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "agents", "agent", 1, AGENTS_MAX, &plan->agents,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->agents, plan->count, "agent", err) != 0 ||
        kit_count(config, "rounds", 1, ROUNDS_MAX, ROUNDS_DEFAULT, &plan->rounds, err) != 0 ||
        kit_count(config, "max_events", 1, EVENTS_MAX, EVENTS_DEFAULT, &plan->max_events, err) !=
            0 ||
        kit_count(config, "max_parallel", 1, PARALLEL_MAX, PARALLEL_DEFAULT, &plan->max_parallel,
                  err) != 0 ||
        kit_choice(config, "on_failure", on_failures, 0, &plan->is_failing, err) != 0 ||
        kit_text(config, "first", "start", &plan->first, err) != 0 ||
        kit_pointer(config, "events", "/events", &plan->events_at, err) != 0)
        return -1;
    return read_types(plan, config, err);
}

/* --- the end --- */

/* `last` is the event that was waited for, or NULL. */
static int finish(const struct state *state, const struct plan *plan, const json_t *last,
                  struct td_asks *asks, struct td_err *err)
{
    bool is_quiet = last == NULL && state->dropped == 0;
    const json_t *newest =
        last != NULL ? last : json_array_get(state->events, json_array_size(state->events) - 1);

    return kit_finish(asks,
                      json_pack("{s:s, s:b, s:O, s:O, s:O, s:I, s:I}", "outcome",
                                last != NULL ? "done" : (is_quiet ? "quiet" : "exhausted"),
                                "success", last != NULL || (is_quiet && plan->until == NULL),
                                "output", json_object_get(newest, "data"), "events", state->events,
                                "errors", state->errors, "reactions", (json_int_t)state->reactions,
                                "dropped", (json_int_t)state->dropped),
                      err);
}

/* --- events --- */

static int ask_agent(struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    json_t *given = kit_copy(json_array_get(state->events, state->event));

    kit_add_member(&given, "input", json_incref(state->input));
    state->active++;
    return kit_ask_nth_made(&plan->agents[state->agent], state->reactions++,
                            state->event * AGENTS_MAX + state->agent, given, asks, NULL, err);
}

/* Hands out events as long as there is room, then looks whether anything is left to come. */
static int deal(struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    while (state->event < json_array_size(state->events) && state->active < plan->max_parallel) {
        const char *type =
            json_string_value(json_object_get(json_array_get(state->events, state->event), "type"));

        if (listens(plan, state->agent, type) && ask_agent(state, plan, asks, err) != 0)
            return -1;
        if (++state->agent == plan->count) {
            state->agent = 0;
            state->event++;
        }
    }
    return state->active > 0 ? 0 : finish(state, plan, NULL, asks, err);
}

/* Takes one event, if it is not one too many. *ret_end is it when it was waited for. */
static int take(struct state *state, const struct plan *plan, const json_t *event, const char *by,
                json_int_t round, const json_t **ret_end, struct td_err *err)
{
    const json_t *data = json_object_get(event, "data");
    const char *type = json_string_value(json_object_get(event, "type"));
    size_t place = json_array_size(state->events);

    if (round > (json_int_t)plan->rounds || place == plan->max_events) {
        state->dropped++;
        return 0;
    }
    if (kit_push(state->events,
                 json_pack("{s:s, s:O?, s:o, s:I}", "type", type, "data", data, "by",
                           kit_string(by), "round", round),
                 err) != 0)
        return -1;
    if (*ret_end == NULL && has_type(plan->until, type))
        *ret_end = json_array_get(state->events, place);
    return 0;
}

/* What a reaction gave: events, or nothing. All of them are good, or none is taken. */
static int check_events(const json_t *events, struct td_err *err)
{
    const json_t *event;
    size_t i;

    if (!json_is_array(events))
        return td_fail(err, TD_E_EXEC, "gave no list of events");
    json_array_foreach (events, i, event)
        if (!is_type(json_object_get(event, "type")))
            return td_fail(err, TD_E_EXEC,
                           "event %zu that it gave has no \"type\" of 1 to %d bytes", i,
                           TYPE_BYTES);
    return 0;
}

static int note_failure(struct state *state, const struct plan *plan, size_t place, size_t agent,
                        const struct td_err *why, struct td_err *err)
{
    const char *name = plan->agents[agent].name;

    if (plan->is_failing)
        return kit_fail_as(why, err, "agent \"%s\"", name);
    return kit_push(
        state->errors,
        json_pack("{s:s, s:I, s:s}", "agent", name, "event", (json_int_t)place, "error", why->text),
        err);
}

static int take_all(struct state *state, const struct plan *plan, const json_t *events,
                    size_t place, size_t agent, const json_t **ret_end, struct td_err *err)
{
    const json_t *cause = json_array_get(state->events, place), *event;
    json_int_t round = json_integer_value(json_object_get(cause, "round")) + 1;
    struct td_err why;
    size_t i;

    if (events == NULL || json_is_null(events))
        return 0;
    if (check_events(events, &why) != 0)
        return note_failure(state, plan, place, agent, &why, err);
    json_array_foreach (events, i, event)
        if (take(state, plan, event, plan->agents[agent].name, round, ret_end, err) != 0)
            return -1;
    return 0;
}

static int fold_reaction(struct state *state, const struct plan *plan, const struct td_event *event,
                         const json_t **ret_end, struct td_err *err)
{
    size_t place = event->tag / AGENTS_MAX, agent = event->tag % AGENTS_MAX;
    json_t *found = event->kind == TD_EVENT_FAILED ? NULL : kit_at(event->output, plan->events_at);
    json_t *events = NULL;
    int rc;

    if (event->kind == TD_EVENT_FAILED)
        return note_failure(state, plan, place, agent, event->error, err);
    rc = kit_reading(found, &events, err);
    if (rc == 0)
        rc = take_all(state, plan, events != NULL ? events : found, place, agent, ret_end, err);
    json_decref(events);
    return rc;
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    const json_t *end = NULL;

    state->active--;
    if (fold_reaction(state, plan, event, &end, err) != 0)
        return -1;
    return end != NULL ? finish(state, plan, end, asks, err) : deal(state, plan, asks, err);
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    kit_hold(&state->input, input);
    if (kit_push(
            state->events,
            json_pack("{s:s, s:O, s:n, s:i}", "type", plan->first, "data", input, "by", "round", 0),
            err) != 0)
        return -1;
    return deal(state, plan, asks, err);
}

static bool fits(const void *arg, const void *plan)
{
    const struct state *state = arg;

    return state->agent < ((const struct plan *)plan)->count &&
           state->event <= json_array_size(state->events);
}

static const struct kit_pattern choreography = { .plan_size = sizeof(struct plan),
                                                 .fields = fields,
                                                 .read = read,
                                                 .start = start,
                                                 .fold = fold,
                                                 .fits = fits };
KIT_PLUGIN("choreography", "1.0.0", choreography, struct state);
