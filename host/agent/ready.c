/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ready: makes agents before anybody asks for them: all that files name, before tdevd is ready or
 * behind the back of those that it serves. What one of them lacks is
 * told at the start, not by the first call; and versions of plugins are chosen for all together,
 * not in the order in which agents happen to be called.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "agent/life.h"
#include "agent/route.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

/* What all files ask for: as many wishes as could be read. */
struct wishes {
    struct tdh_agent_wish *agents;
    struct tdh_plugin_wish *plugins;
    size_t count;
};

static void end_wishes(struct wishes *wishes)
{
    free(wishes->agents);
    free(wishes->plugins);
}

/* A file with a fault, or without its plugin, is told when its agent is made. */
static int read_wishes(const struct tdh_agents *agents, const json_t *names, struct wishes *wishes,
                       struct td_err *err)
{
    size_t room = json_object_size(names) + 1;
    const char *name;
    json_t *ignored_value;

    wishes->agents = calloc(room, sizeof(*wishes->agents));
    wishes->plugins = calloc(room, sizeof(*wishes->plugins));
    if (wishes->agents == NULL || wishes->plugins == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what agents' files ask for");
    json_object_foreach ((json_t *)(uintptr_t)names, name, ignored_value) {
        struct tdh_agent_wish *wish = &wishes->agents[wishes->count];
        struct tdh_yaml *file = NULL;
        struct td_err ignored;

        if (tdh_agent_file(agents, name, &file, NULL, &ignored) == 0 && file != NULL &&
            json_object_get(file->root, "route") == NULL &&
            tdh_agent_wish(file, name, wish, &ignored) == 0 &&
            tdh_plugins_find(agents->options.plugins, TD_KIND_AGENT, wish->plugin, &ignored) !=
                NULL)
            wishes->plugins[wishes->count++] = wish->wish;
        tdh_yaml_free(file);
    }
    return 0;
}

/* When they do not go together, each agent finds what it can have, and says what it cannot. */
static void settle(const struct tdh_agents *agents, const json_t *names)
{
    struct wishes wishes = { 0 };
    struct td_err err;

    if (read_wishes(agents, names, &wishes, &err) != 0 ||
        tdh_plugins_settle(agents->options.plugins, wishes.plugins, wishes.count, &err) != 0) {
        td_context(&err, "versions are not chosen for all agents together");
        tdh_log_err(TDH_LOG_WARNING, "agent", &err);
    }
    end_wishes(&wishes);
}

/* A route is made of others, when it is asked for. */
static bool make(struct tdh_agents *agents, const char *name)
{
    struct td_err err;
    int rc = 0;

    tdh_agents_lock(agents);
    if (!tdh_route_is(agents, name))
        rc = tdh_life_make(agents, name, "named by a file", &err) != NULL ? 0 : -1;
    tdh_agents_unlock(agents);
    if (rc != 0) {
        td_context(&err, "agent \"%s\" cannot be used", name);
        tdh_log_err(TDH_LOG_ERROR, "agent", &err);
    }
    return rc == 0;
}

void tdh_agents_ready(struct tdh_agents *agents)
{
    uint64_t begin_ns = tdh_clock_mono_ns();
    json_t *names = tdh_agents_files(agents), *ignored;
    size_t made = 0, failed = 0;
    const char *name;

    settle(agents, names);
    json_object_foreach (names, name, ignored) {
        if (tdh_co_is_cancelled(tdh_co_self()))
            break;
        made++;
        failed += !make(agents, name);
        tdh_co_yield(); /* others may call, when there are any */
    }
    tdh_log(TDH_LOG_INFO, "agent",
            TDH_FACTS(TDH_I("agents", made), TDH_I("failed", failed),
                      TDH_I("took_ms", (tdh_clock_mono_ns() - begin_ns) / 1000000)),
            made == json_object_size(names)
                ? "all agents that files name are loaded"
                : "the end came before all agents that files name were loaded");
    json_decref(names);
}
