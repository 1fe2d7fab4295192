/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handoff: one agent at a time has the work; it is done, or hands it on to another by name.
 */
#include <stdio.h>
#include <string.h>

#include "kit/kit.h"

enum { AGENTS_MAX = 100, HOPS_MAX = 100, HOPS_DEFAULT = 10 };

struct plan {
    struct kit_plan kit;
    struct kit_member *agents;
    size_t count, first, hops;
    const char *to; /* JSON pointer */
};

struct state {
    json_t *input;
    json_t *trail; /* names of those who had it, the one who has it last */
    size_t at;
};
static const struct kit_field fields[] = { KIT_VALUE(struct state, input),
                                           KIT_LIST(struct state, trail),
                                           KIT_COUNT(struct state, at), KIT_END };

static size_t find(const struct plan *plan, const char *name)
{
    size_t at = 0;

    while (at < plan->count && strcmp(plan->agents[at].name, name) != 0)
        at++;
    return at;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;
    const char *first;

    if (kit_members(&plan->kit, config, "agents", "agent", 1, AGENTS_MAX, &plan->agents,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->agents, plan->count, "agent", err) != 0 ||
        kit_count(config, "hops", 0, HOPS_MAX, HOPS_DEFAULT, &plan->hops, err) != 0 ||
        kit_text(config, "first", plan->agents[0].name, &first, err) != 0 ||
        kit_pointer(config, "to", "/handoff", &plan->to, err) != 0)
        return -1;
    plan->first = find(plan, first);
    if (plan->first == plan->count)
        return td_fail(err, TD_E_CONFIG, "\"first\" is \"%s\", which is none of \"agents\"", first);
    return 0;
}

/* `said` is what the one before gave, or NULL. */
static int hand(struct state *state, const struct plan *plan, size_t to, json_t *said,
                struct td_asks *asks, struct td_err *err)
{
    size_t hop = json_array_size(state->trail);
    json_t *given = json_pack("{s:O, s:O, s:o, s:I, s:O?}", "input", state->input, "from",
                              hop > 0 ? json_array_get(state->trail, hop - 1) : json_null(),
                              "trail", kit_copy(state->trail), "hops_left",
                              (json_int_t)(plan->hops - hop), "said", said);
    int rc = kit_ask_nth_made(&plan->agents[to], hop, 0, given, asks, NULL, err);

    state->at = to;
    return rc == 0 ? kit_push(state->trail, json_string(plan->agents[to].name), err) : -1;
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->input, input);
    return hand(state, plan, ((const struct plan *)plan)->first, NULL, asks, err);
}

static int finish(const struct state *state, const struct plan *plan, const char *outcome,
                  const json_t *output, struct td_asks *asks, struct td_err *err)
{
    return kit_finish(asks,
                      json_pack("{s:s, s:O, s:s, s:O}", "outcome", outcome, "output", output,
                                "agent", plan->agents[state->at].name, "trail", state->trail),
                      err);
}

/* Whether `may` of the one who has it, if it is there, names the other. */
static bool may(const struct kit_member *from, const char *to)
{
    const json_t *names = json_object_get(from->text, "may"), *name;
    size_t i;

    json_array_foreach (names, i, name)
        if (json_is_string(name) && strcmp(json_string_value(name), to) == 0)
            return true;
    return names == NULL;
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    const struct kit_member *from = &plan->agents[state->at];
    size_t hops = json_array_size(state->trail) - 1, to;
    const char *name;

    if (event->kind == TD_EVENT_FAILED)
        return kit_fail_as(event->error, err, "agent \"%s\", after %zu hops", from->name, hops);
    name = json_string_value(kit_at(event->output, plan->to));
    if (name == NULL)
        return finish(state, plan, "done", event->output, asks, err);
    to = find(plan, name);
    if (to == plan->count || !may(from, name))
        return td_fail(err, TD_E_INVAL, "agent \"%s\" hands on to \"%s\", which %s", from->name,
                       name,
                       to == plan->count ? "is none of \"agents\"" : "its \"may\" does not name");
    if (hops == plan->hops)
        return finish(state, plan, "exhausted", event->output, asks, err);
    return hand(state, plan, to, event->output, asks, err);
}

static bool fits(const void *arg, const void *plan)
{
    const struct state *state = arg;

    return state->at < ((const struct plan *)plan)->count && json_array_size(state->trail) > 0;
}

static const struct kit_pattern handoff = { .plan_size = sizeof(struct plan),
                                            .fields = fields,
                                            .read = read,
                                            .start = start,
                                            .fold = fold,
                                            .fits = fits };
KIT_PLUGIN("handoff", "1.0.0", handoff, struct state);
