/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_refresh: routes that are made anew, as their file says something else or their candidates
 * are others, or can do something else. What a route has learned goes with it, so one that would be
 * the same stays.
 *
 * Runs keep the targets of routes, so a former one stays until the host ends.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/route.h"
#include "base/log.h"

bool tdh_route_is(const struct tdh_agents *agents, const char *name)
{
    struct tdh_yaml *yaml = NULL;
    struct td_err ignored;
    bool is_route = tdh_agent_file(agents, name, &yaml, NULL, &ignored) == 0 && yaml != NULL &&
                    json_object_get(yaml->root, "route") != NULL;

    tdh_yaml_free(yaml);
    return is_route;
}

static bool is_same_schema(const json_t *a, const json_t *b)
{
    return a == b || (a != NULL && b != NULL && json_equal(a, b));
}

static bool is_same_capability(const struct tdh_capability *a, const struct tdh_capability *b)
{
    return strcmp(a->name, b->name) == 0 && a->effects == b->effects &&
           is_same_schema(a->input, b->input) && is_same_schema(a->output, b->output);
}

static bool is_same(const struct tdh_route *a, const struct tdh_route *b)
{
    if (!json_equal(a->file, b->file) || !json_equal(a->names, b->names) ||
        a->capability_count != b->capability_count)
        return false;
    for (uint32_t i = 0; i < a->capability_count; i++)
        if (!is_same_capability(&a->capabilities[i], &b->capabilities[i]))
            return false;
    for (uint32_t i = 0; i < a->router.count; i++)
        if (a->router.candidates[i].actions != b->router.candidates[i].actions ||
            a->router.candidates[i].capacity != b->router.candidates[i].capacity)
            return false;
    return true;
}

static void retire(struct tdh_agents *agents, struct tdh_route *route)
{
    route->former = agents->former_routes;
    agents->former_routes = route;
}

void tdh_routes_end(struct tdh_agents *agents)
{
    while (agents->former_routes != NULL) {
        struct tdh_route *next = agents->former_routes->former;

        tdh_route_free(agents->former_routes);
        agents->former_routes = next;
    }
}

/* The next one; NULL with *ret_rc 0: the agent is no route any more. */
static struct tdh_route *make_next(struct tdh_agents *agents, const char *name, int *ret_rc,
                                   struct td_err *err)
{
    struct tdh_route *next = NULL;
    struct tdh_yaml *yaml = NULL;

    *ret_rc = tdh_agent_file(agents, name, &yaml, NULL, err);
    if (*ret_rc == 0 && yaml != NULL && json_object_get(yaml->root, "route") != NULL) {
        next = tdh_route_new(agents, name, yaml, err);
        *ret_rc = next != NULL ? 0 : -1;
    }
    tdh_yaml_free(yaml);
    return next;
}

/* Takes the next one. */
static bool exchange(struct tdh_agents *agents, struct tdh_route *route, struct tdh_route *next)
{
    if (next != NULL && is_same(route, next)) {
        tdh_route_free(next);
        return false;
    }
    if (next == NULL)
        tdh_map_remove(&agents->routes, route->name);
    else
        tdh_map_set(&agents->routes, route->name, next, NULL); /* its key is there: no memory */
    retire(agents, route);
    tdh_log(TDH_LOG_INFO, "agent", TDH_FACTS(TDH_S("agent", route->name)),
            next != NULL ? "routes as its file and its candidates say it now"
                         : "is no route any more");
    return true;
}

static bool refresh(struct tdh_agents *agents, struct tdh_route *route)
{
    struct td_err err;
    int rc;
    struct tdh_route *next = make_next(agents, route->name, &rc, &err);

    if (rc == 0)
        return exchange(agents, route, next);
    tdh_log_err(TDH_LOG_ERROR, "agent", &err);
    tdh_log(TDH_LOG_WARNING, "agent", TDH_FACTS(TDH_S("agent", route->name)),
            "routes as it did before");
    return false;
}

unsigned tdh_routes_refresh(struct tdh_agents *agents)
{
    struct tdh_route **routes = calloc(agents->routes.count + 1, sizeof(struct tdh_route *));
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;
    unsigned changed = 0;

    while (routes != NULL && (slot = tdh_map_next(&agents->routes, &at)) != NULL)
        routes[count++] = slot->value;
    for (size_t i = 0; i < count; i++)
        changed += refresh(agents, routes[i]);
    free(routes);
    return changed;
}
