/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route: routes by name, and the targets of their actions.
 */
#include "agent/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"

/* --- making one --- */

/* A route may call its candidates, and nobody else. */
static int permit(struct tdh_route *route, struct td_err *err)
{
    route->permissions = json_pack("{s:O}", "agents", route->names);
    return route->permissions != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a route");
}

static int ready_target(struct tdh_route *route, uint32_t place, const struct tdh_target *common,
                        struct td_err *err)
{
    struct tdh_target *target = &route->targets[place];

    *target = *common;
    target->action = route->capabilities[place].name;
    target->effects = route->capabilities[place].effects;
    target->uses = route->capabilities[place].uses;
    route->target_count = place + 1;
    if (json_array_append_new(route->actions, json_string(target->action)) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a route");
    return tdh_target_ready(target, err);
}

/* Input and output are checked by the agent that is chosen. */
static int ready_targets(struct tdh_route *route, struct td_err *err)
{
    struct td_policy policy;
    struct tdh_target common = { .kind = "agent",
                                 .name = route->name,
                                 .permissions = route->permissions,
                                 .is_relay = true,
                                 .limiter = &route->limiter,
                                 .dispatch = tdh_route_dispatch,
                                 .owner = route };
    int64_t max = 0;
    char where[160];

    snprintf(where, sizeof(where), "agent \"%s\"", route->name);
    if (tdh_policy_read(route->file, where, &policy, err) != 0 ||
        tdh_agent_read_limit(route->file, where, &max, err) != 0 ||
        tdh_agent_read_cache(route->file, where, &common.cache_ttl_ms, &common.cache_entries,
                             err) != 0)
        return -1;
    common.policy = tdh_policy_merge(&policy, &route->agents->options.policy);
    common.says_retry = policy.max_attempts > 0;
    route->limiter = (struct tdh_limiter){ .max = (unsigned)max,
                                           .max_waiting = TDH_AGENT_WAITING_MAX,
                                           .home = route->home };
    route->actions = json_array();
    route->targets = calloc(route->capability_count + 1U, sizeof(*route->targets));
    if (route->targets == NULL || route->actions == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a route");
    for (uint32_t i = 0; i < route->capability_count; i++)
        if (ready_target(route, i, &common, err) != 0)
            return -1;
    return 0;
}

static int check_file(const struct tdh_yaml *yaml, struct td_err *err)
{
    static const char *const others[] = { "plugin", "options" };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char pointer[32];

        snprintf(pointer, sizeof(pointer), "/%s", others[i]);
        if (json_object_get(yaml->root, others[i]) != NULL)
            return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                                 "an agent with \"route\" has no \"%s\"", others[i]);
    }
    return 0;
}

static int fill(struct tdh_route *route, const struct tdh_yaml *yaml, struct td_err *err)
{
    if (check_file(yaml, err) != 0 || tdh_route_read(route, yaml, err) != 0 ||
        tdh_route_learn_actions(route, yaml, err) != 0)
        return -1;
    return permit(route, err) == 0 && ready_targets(route, err) == 0 ? 0 : -1;
}

struct tdh_route *tdh_route_new(struct tdh_agents *agents, const char *name,
                                const struct tdh_yaml *yaml, struct td_err *err)
{
    struct tdh_route *route = calloc(1, sizeof(*route));

    if (route == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a route");
        return NULL;
    }
    route->agents = agents;
    route->home = tdh_worker_self();
    route->name = strdup(name);
    route->file = json_incref(yaml->root);
    route->names = json_array();
    if (route->name == NULL || route->names == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a route");
    else if (fill(route, yaml, err) == 0)
        return route;
    tdh_route_free(route);
    return NULL;
}

void tdh_route_free(struct tdh_route *route)
{
    if (route == NULL)
        return;
    for (uint32_t i = 0; i < route->target_count; i++)
        tdh_target_end(&route->targets[i]);
    for (uint32_t i = 0; i < route->capability_count; i++) {
        free(route->capabilities[i].name);
        free(route->capabilities[i].uses);
        json_decref(route->capabilities[i].input);
        json_decref(route->capabilities[i].output);
    }
    free(route->capabilities);
    free(route->targets);
    free(route->fallbacks);
    free(route->cpu_ns);
    tdh_router_end(&route->router);
    tdh_cel_free(route->text);
    json_decref(route->actions);
    json_decref(route->permissions);
    json_decref(route->names);
    json_decref(route->file);
    free(route->name);
    free(route);
}

/* --- finding one --- */

static int make_route(struct tdh_agents *agents, const char *name, const struct tdh_yaml *yaml,
                      struct tdh_route **ret_route, struct td_err *err)
{
    struct tdh_route *route = tdh_route_new(agents, name, yaml, err), *other;

    if (route == NULL)
        return -1;
    other = tdh_map_get(&agents->routes, name); /* made meanwhile, if that waited */
    if (other != NULL) {
        tdh_route_free(route);
        *ret_route = other;
        return 0;
    }
    if (tdh_map_set(&agents->routes, name, route, NULL) != 0) {
        tdh_route_free(route);
        return td_fail(err, TD_E_NOMEM, "could not allocate a route");
    }
    *ret_route = route;
    return 0;
}

static int find_route(struct tdh_agents *agents, const char *name, struct tdh_route **ret_route,
                      struct td_err *err)
{
    struct tdh_yaml *yaml = NULL;
    int rc = 0;

    *ret_route = tdh_map_get(&agents->routes, name);
    if (*ret_route != NULL || !tdh_agent_is_name(name))
        return 0;
    if (tdh_agent_file(agents, name, &yaml, NULL, err) != 0)
        return -1;
    if (yaml != NULL && json_object_get(yaml->root, "route") != NULL)
        rc = make_route(agents, name, yaml, ret_route, err);
    tdh_yaml_free(yaml);
    return rc;
}

int tdh_route_of(struct tdh_agents *agents, const char *name, struct tdh_route **ret_route,
                 struct td_err *err)
{
    int rc;

    tdh_agents_lock(agents);
    rc = find_route(agents, name, ret_route, err);
    tdh_agents_unlock(agents);
    return rc;
}

/* Where the action stands, or -1. */
static int64_t place_of(const struct tdh_route *route, const char *action, struct td_err *err)
{
    const char *names[TDH_ROUTE_ACTIONS], *near;

    for (uint32_t i = 0; i < route->capability_count; i++) {
        names[i] = route->capabilities[i].name;
        if (strcmp(names[i], action) == 0)
            return i;
    }
    near = tdh_near(action, names, route->capability_count);
    return td_fail(err, TD_E_NOTFOUND, "no candidate of agent \"%s\" has action \"%s\"%s%s%s",
                   route->name, action, near != NULL ? ", did you mean \"" : "",
                   near != NULL ? near : "", near != NULL ? "\"" : "");
}

struct tdh_target *tdh_route_target(struct tdh_route *route, const char *action, struct td_err *err)
{
    int64_t place = place_of(route, action, err);

    return place >= 0 ? &route->targets[place] : NULL;
}

const struct tdh_capability *tdh_route_capability(struct tdh_route *route, const char *action,
                                                  struct td_err *err)
{
    int64_t place = place_of(route, action, err);

    return place >= 0 ? &route->capabilities[place] : NULL;
}

const struct tdh_plugin_entry *tdh_route_entry(struct tdh_agents *agents, const char *name,
                                               struct td_err *err)
{
    struct tdh_route *route = NULL;

    if (tdh_route_of(agents, name, &route, err) != 0)
        return NULL;
    return tdh_agents_entry(agents, json_string_value(json_array_get(route->names, 0)), err);
}
