/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router: the first route whose rules all hold gets the input; else the default does. Or all routes
 * whose rules hold get it, one after another: a conditional composition.
 */
#include <stdio.h>

#include "kit/kit.h"

enum { ROUTES_MAX = 100 };

struct plan {
    struct kit_plan kit;
    struct kit_member *routes, *fallback; /* fallback: the default, or NULL */
    size_t count;
    unsigned is_all, stop; /* stop: one of enum stop */
};

enum stop { NEVER, ON_SUCCESS, ON_FAILURE };

struct state {
    size_t at; /* the route taken; as many as there are: the default */
    json_t *input;
    json_t *results; /* of all: [{route, success, output | error}] */
    size_t failed;
};
static const struct kit_field fields[] = { KIT_COUNT(struct state, at),
                                           KIT_VALUE(struct state, input),
                                           KIT_LIST(struct state, results),
                                           KIT_COUNT(struct state, failed), KIT_END };

/* When all are taken, one without rules always is. */
static int read_rules(const struct plan *plan, const struct kit_member *route, struct td_err *err)
{
    const json_t *rules;

    if (kit_rules(route->text, "when", &rules, err) != 0)
        return td_context(err, "route \"%s\"", route->name);
    return rules != NULL || plan->is_all
               ? 0
               : td_fail(err, TD_E_CONFIG, "route \"%s\" needs \"when\": its rules", route->name);
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const matches[] = { "first", "all", NULL };
    static const char *const stops[] = { "never", "success", "failure", NULL };
    struct plan *plan = arg;

    if (kit_choice(config, "match", matches, 0, &plan->is_all, err) != 0 ||
        kit_choice(config, "stop_on", stops, NEVER, &plan->stop, err) != 0)
        return -1;
    if (plan->stop != NEVER && !plan->is_all)
        return td_fail(err, TD_E_CONFIG, "\"stop_on\" needs \"match\": \"all\"");
    if (kit_members(&plan->kit, config, "routes", "route", 1, ROUTES_MAX, &plan->routes,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->routes, plan->count, "route", err) != 0 ||
        kit_member(&plan->kit, config, "default", &plan->fallback, err) != 0)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (read_rules(plan, &plan->routes[i], err) != 0)
            return -1;
    return 0;
}

static bool is_route(const struct kit_member *route, const json_t *input)
{
    return kit_rules_hold(json_object_get(route->text, "when"), input);
}

static int fail_nowhere(const struct plan *plan, struct td_err *err)
{
    char names[256];
    size_t used = 0;

    for (size_t i = 0; i < plan->count && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s\"%s\"", i > 0 ? ", " : "",
                                 plan->routes[i].name);
    td_fail(err, TD_E_INVAL, "no route fits the input, and there is no default; tried: %s", names);
    return td_hint(err, "give the router a \"default\", or a route for such inputs");
}

static const struct kit_member *taken(const struct state *state, const struct plan *plan)
{
    return state->at < plan->count ? &plan->routes[state->at] : plan->fallback;
}

static const char *name_of(const struct state *state, const struct plan *plan)
{
    return state->at < plan->count ? plan->routes[state->at].name : "default";
}

/* The next one that fits, from a place on; as many as there are: none. */
static size_t next_route(const struct state *state, const struct plan *plan, size_t from)
{
    while (from < plan->count && !is_route(&plan->routes[from], state->input))
        from++;
    return from;
}

static int ask(const struct state *state, const struct plan *plan, struct td_asks *asks,
               struct td_err *err)
{
    return kit_ask(taken(state, plan), name_of(state, plan), 0, state->input, asks, NULL, err);
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    kit_hold(&state->input, input);
    state->at = next_route(state, plan, 0);
    if (taken(state, plan) == NULL)
        return fail_nowhere(plan, err);
    return ask(state, plan, asks, err);
}

/* --- all routes that fit --- */

static int finish_all(const struct state *state, const json_t *output, struct td_asks *asks,
                      struct td_err *err)
{
    return kit_finish(asks,
                      json_pack("{s:b, s:O?, s:O}", "success", state->failed == 0, "output", output,
                                "routes", state->results),
                      err);
}

/* The output is that of the route that was taken last; null when it failed. */
static int fold_all(struct state *state, const struct plan *plan, const struct td_event *event,
                    struct td_asks *asks, struct td_err *err)
{
    bool is_failed = event->kind == TD_EVENT_FAILED, was_default = state->at == plan->count;
    const char *name = name_of(state, plan);

    if (kit_push(state->results,
                 is_failed ? json_pack("{s:s, s:b, s:s}", "route", name, "success", 0, "error",
                                       event->error->text)
                           : json_pack("{s:s, s:b, s:O}", "route", name, "success", 1, "output",
                                       event->output),
                 err) != 0)
        return -1;
    state->failed += is_failed;
    if (!was_default)
        state->at = next_route(state, plan, state->at + 1);
    if (state->at == plan->count || plan->stop == (is_failed ? ON_FAILURE : ON_SUCCESS))
        return finish_all(state, event->output, asks, err);
    return ask(state, plan, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    const struct plan *plan = plan_arg;
    const char *name = name_of(arg, plan);

    if (plan->is_all)
        return fold_all(arg, plan, event, asks, err);
    if (event->kind == TD_EVENT_FAILED)
        return kit_fail_as(event->error, err, "route \"%s\"", name);
    return kit_finish(asks, json_pack("{s:s, s:O}", "route", name, "output", event->output), err);
}

static bool fits(const void *state, const void *plan)
{
    return taken(state, plan) != NULL;
}

static const struct kit_pattern router = { .plan_size = sizeof(struct plan),
                                           .fields = fields,
                                           .read = read,
                                           .start = start,
                                           .fold = fold,
                                           .fits = fits };
KIT_PLUGIN("router", "1.1.0", router, struct state);
