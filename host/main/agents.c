/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agents: the host's agents, how their plugins are rolled out, and what workflows may know of them.
 */
#include <stdlib.h>

#include "main/main.h"

static int world_action(void *arg, const char *agent, const char *action, const json_t **ret_input,
                        const json_t **ret_output, struct td_err *err)
{
    struct tdh_host *host = arg;
    const struct tdh_capability *capability;

    if (tdh_agents_capability(host->agents, agent, action, &capability, err) != 0 ||
        tdh_agents_uses(host->agents, agent, err) != 0)
        return -1;
    *ret_input = capability->input;
    *ret_output = capability->output;
    return 0;
}

static int world_pattern(void *arg, const char *name, const struct tdh_schema **ret_config,
                         struct td_err *err)
{
    struct tdh_host *host = arg;
    char text[TDH_PATTERN_NAME];
    const struct tdh_plugin_entry *entry =
        tdh_plugins_find(host->plugins, TD_KIND_PATTERN, tdh_pattern_name(name, text), err);

    return entry != NULL ? tdh_manifest_config_schema(entry->manifest, ret_config, err) : -1;
}

static const struct tdh_plugin_entry *find_used(struct tdh_host *host,
                                                const struct tdh_flow_use *use, struct td_err *err)
{
    char text[TDH_PATTERN_NAME];

    if (use->target == TD_TARGET_AGENT)
        return tdh_agents_entry(host->agents, use->name, err);
    return tdh_plugins_find(host->plugins, TD_KIND_PATTERN, tdh_pattern_name(use->name, text), err);
}

static int world_together(void *arg, const struct tdh_flow_use *uses, size_t count,
                          size_t ret_places[static 2], struct td_err *err)
{
    struct tdh_host *host = arg;
    const struct tdh_plugin_entry **entries = calloc(count + 1, sizeof(*entries));
    int rc = 0;

    if (entries == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the plugins of a workflow");
    for (size_t i = 0; rc == 0 && i < count; i++) {
        ret_places[0] = ret_places[1] = i;
        entries[i] = find_used(host, &uses[i], err);
        rc = entries[i] != NULL ? 0 : -1;
    }
    if (rc == 0)
        rc = tdh_plugins_together(host->plugins, entries, count, ret_places, err);
    free(entries);
    return rc;
}

struct td_policy tdh_host_call_policy(const struct tdh_conf *conf)
{
    return (struct td_policy){
        .size = sizeof(struct td_policy),
        .timeout_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_CALL_TIMEOUT),
        .max_attempts = (uint32_t)tdh_conf_int(conf, TDH_CONF_CALL_RETRIES) + 1,
        .backoff = TD_BACKOFF_EXPONENTIAL,
        .initial_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_CALL_RETRY_INITIAL),
        .max_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_CALL_RETRY_MAX),
    };
}

static char *rollout_dir(const struct tdh_host *host)
{
    char *path;

    return asprintf(&path, "%s/rollouts", tdh_conf_str(host->conf, TDH_CONF_PLUGINS_PRIVATE_DIR)) >=
                   0
               ? path
               : NULL;
}

int tdh_host_agents(struct tdh_host *host, struct td_err *err)
{
    struct tdh_agents_options options = {
        .runtime = host->runtime,
        .plugins = host->plugins,
        .services = &host->services,
        .folders = (const char *const *)host->agent_folders,
        .policy = tdh_host_call_policy(host->conf),
    };

    host->agents = tdh_agents_new(&options, err);
    if (host->agents == NULL)
        return -1;
    tdh_agents_register(host->agents);
    host->rollout_dir = rollout_dir(host);
    if (host->rollout_dir == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    host->rollouts = tdh_rollouts_new(host->agents, host->policies, host->rollout_dir, err);
    if (host->rollouts == NULL)
        return -1;
    host->world = (struct tdh_flow_world){
        .arg = host, .action = world_action, .pattern = world_pattern, .together = world_together
    };
    host->flows = tdh_flows_new((const char *const *)host->flow_folders, &host->world, err);
    return host->flows != NULL ? 0 : -1;
}

void tdh_host_agents_end(struct tdh_host *host)
{
    tdh_rollouts_free(host->rollouts);
    tdh_agents_free(host->agents);
    free(host->rollout_dir);
    host->rollouts = NULL;
    host->agents = NULL;
    host->rollout_dir = NULL;
}
