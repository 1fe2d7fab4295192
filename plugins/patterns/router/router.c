/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router: the first route whose rules all hold gets the input; else the default does.
 */
#include <stdio.h>

#include "kit/kit.h"

enum { ROUTES_MAX = 100 };

struct plan {
    struct kit_plan kit;
    struct kit_member *routes, *fallback; /* fallback: the default, or NULL */
    size_t count;
};

struct state {
    size_t at; /* the route taken; as many as there are: the default */
};
static const struct kit_field fields[] = { KIT_COUNT(struct state, at), KIT_END };

static int read_rules(const struct kit_member *route, struct td_err *err)
{
    const json_t *rules;

    if (kit_rules(route->text, "when", &rules, err) != 0)
        return td_context(err, "route \"%s\"", route->name);
    return rules != NULL
               ? 0
               : td_fail(err, TD_E_CONFIG, "route \"%s\" needs \"when\": its rules", route->name);
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "routes", "route", 1, ROUTES_MAX, &plan->routes,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->routes, plan->count, "route", err) != 0 ||
        kit_member(&plan->kit, config, "default", &plan->fallback, err) != 0)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (read_rules(&plan->routes[i], err) != 0)
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

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    while (state->at < plan->count && !is_route(&plan->routes[state->at], input))
        state->at++;
    if (taken(state, plan) == NULL)
        return fail_nowhere(plan, err);
    return kit_ask(taken(state, plan), name_of(state, plan), 0, input, asks, NULL, err);
}

static int fold(void *arg, const void *plan, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    const char *name = name_of(arg, plan);

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
KIT_PLUGIN("router", "1.0.0", router, struct state);
