/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent: named agents: found in their files, or as the plugin of that name.
 */
#include "agent/agent.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/cast.h"
#include "agent/keep.h"
#include "agent/life.h"
#include "agent/route.h"
#include "agent/setting.h"
#include "agent/trial.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/near.h"
#include "base/yaml.h"

static const char *const file_keys[] = {
    "name",        "plugin", "description", "options", "timeout",      "retry",       "in_doubt",
    "concurrency", "cache",  "tags",        "route",   "capabilities", "permissions", "environment",
    "init",        "stop",   "queue",       "pool",    "state",        "uses"
};

struct tdh_agents *tdh_agents_new(const struct tdh_agents_options *options, struct td_err *err)
{
    struct tdh_agents *agents = calloc(1, sizeof(*agents));

    if (agents == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the agents");
    else {
        agents->options = *options;
        tdh_plugins_ranges(options->plugins, tdh_agents_ranges, agents);
    }
    return agents;
}

static void free_template(void *value)
{
    tdh_agent_template_free(value);
}

static void free_route(void *value)
{
    tdh_route_free(value);
}

void tdh_agents_free(struct tdh_agents *agents)
{
    if (agents == NULL)
        return;
    tdh_plugins_ranges(agents->options.plugins, NULL, NULL);
    while (agents->former != NULL) {
        struct tdh_agent_template *next = agents->former->former;

        tdh_agent_template_free(agents->former);
        agents->former = next;
    }
    tdh_map_free(&agents->routes, free_route);
    tdh_routes_end(agents);
    tdh_map_free(&agents->named, free_template);
    tdh_map_free(&agents->templates, free_template);
    tdh_trials_free(agents);
    tdh_agent_offers_free(agents);
    tdh_map_free(&agents->lives, tdh_life_free);
    tdh_map_free(&agents->settings, tdh_setting_free);
    tdh_map_free(&agents->keeps, tdh_keep_free);
    free(agents);
}

/* --- files --- */

bool tdh_agent_is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static int check_keys(const struct tdh_yaml *yaml, struct td_err *err)
{
    size_t count = sizeof(file_keys) / sizeof(file_keys[0]);
    const char *key;
    json_t *value;

    if (!json_is_object(yaml->root))
        return tdh_yaml_fail(yaml, "", err, TD_E_CONFIG, "an agent is a map with \"plugin\"");
    json_object_foreach (yaml->root, key, value) {
        size_t i = 0;
        const char *near;
        struct tdh_place place;
        char pointer[128];

        while (i < count && strcmp(file_keys[i], key) != 0)
            i++;
        if (i < count)
            continue;
        near = tdh_near(key, file_keys, count);
        snprintf(pointer, sizeof(pointer), "/%.100s", key);
        place = tdh_yaml_key_place(yaml, pointer);
        return td_fail(err, TD_E_CONFIG, "%s:%u:%u: unrecognized key \"%s\"%s%s%s", yaml->name,
                       place.line, place.column, key, near ? ", did you mean \"" : "",
                       near ? near : "", near ? "\"" : "");
    }
    return 0;
}

bool tdh_agent_path(const struct tdh_agents *agents, const char *name,
                    char path[static TDH_AGENT_PATH])
{
    for (const char *const *folder = agents->options.folders; folder != NULL && *folder != NULL;
         folder++) {
        snprintf(path, TDH_AGENT_PATH, "%s/%s.yaml", *folder, name);
        if (access(path, F_OK) == 0)
            return true;
    }
    return false;
}

int tdh_agent_file(const struct tdh_agents *agents, const char *name, struct tdh_yaml **ret_yaml,
                   struct stat *ret_file, struct td_err *err)
{
    char path[TDH_AGENT_PATH];
    struct tdh_yaml *yaml;

    *ret_yaml = NULL;
    if (ret_file != NULL)
        *ret_file = (struct stat){ 0 };
    if (!tdh_agent_path(agents, name, path))
        return 0;
    if (ret_file != NULL)
        stat(path, ret_file);
    yaml = tdh_yaml_read(path, err);
    if (yaml == NULL || check_keys(yaml, err) != 0) {
        tdh_yaml_free(yaml);
        return -1;
    }
    *ret_yaml = yaml;
    return 0;
}

/* --- finding --- */

/* The registry has the reason, unless another version serves by now. */
static int fail_blocked(struct tdh_agents *agents, const struct tdh_manifest *manifest,
                        struct td_err *err)
{
    if (tdh_plugins_find(agents->options.plugins, TD_KIND_AGENT, manifest->name, err) == NULL)
        return -1;
    td_fail(err, TD_E_ABI, "plugin \"%s\": version %s is blocked by the compatibility matrix",
            manifest->name, manifest->version_text);
    return td_hint(err, "\"tdev plugin matrix\" shows its rules");
}

/* The agent with that edition of its plugin (NULL: any); NULL: nobody has made one yet. Looking for
 * an old one may wait. */
static struct tdh_agent_template *choose(struct tdh_agents *agents, const char *name,
                                         const char *edition)
{
    struct tdh_agent_template *template = tdh_map_get(&agents->named, name), *old;

    if (edition == NULL)
        return template != NULL ? tdh_trial_pick(template) : NULL;
    if (template != NULL && strcmp(template->edition.id, edition) == 0)
        return template;
    if (template != NULL && template->tried != NULL &&
        strcmp(template->tried->edition.id, edition) == 0)
        return template->tried;
    old = tdh_agent_of_edition(agents, name, edition);
    return old != NULL ? old : tdh_map_get(&agents->named, name);
}

static int find(struct tdh_agents *agents, const char *name, const char *action,
                const char *edition, struct tdh_target **ret_target, struct td_err *err)
{
    struct tdh_agent_template *template = tdh_map_get(&agents->named, name);
    struct tdh_route *route = NULL;

    if (template == NULL && !tdh_agent_is_name(name))
        return td_fail(err, TD_E_NOTFOUND, "there is no agent \"%.64s\"", name);
    if (template == NULL && tdh_route_of(agents, name, &route, err) != 0)
        return -1;
    if (route != NULL) {
        *ret_target = tdh_route_target(route, action, err);
        return *ret_target != NULL ? 0 : -1;
    }
    template = choose(agents, name, edition);
    if (template == NULL)
        template = tdh_life_make(agents, name, NULL, err);
    if (template == NULL)
        return -1;
    if (tdh_plugin_is_blocked(template->plugin))
        return fail_blocked(agents, template->plugin->manifest, err);
    *ret_target = tdh_agent_target(template, action, err);
    if (*ret_target != NULL)
        tdh_edition_hold(&template->edition);
    return *ret_target != NULL ? 0 : -1;
}

int tdh_agents_find(struct tdh_agents *agents, const char *name, const char *action,
                    const char *edition, struct tdh_target **ret_target, struct td_err *err)
{
    int rc;

    tdh_agents_lock(agents);
    rc = find(agents, name, action, edition, ret_target, err);
    tdh_agents_unlock(agents);
    return rc;
}

static int resolve(void *arg, const char *name, const char *action, const char *edition,
                   struct tdh_target **ret_target, struct td_err *err)
{
    return tdh_agents_find(arg, name, action, edition, ret_target, err);
}

void tdh_agents_register(struct tdh_agents *agents)
{
    tdh_call_register(TD_TARGET_AGENT, resolve, agents);
}

const struct tdh_plugin_entry *tdh_agents_entry(struct tdh_agents *agents, const char *name,
                                                struct td_err *err)
{
    const struct tdh_plugin_entry *entry = NULL;
    struct tdh_yaml *yaml = NULL;

    if (tdh_agent_is_name(name) && tdh_agent_file(agents, name, &yaml, NULL, err) != 0)
        return NULL;
    if (yaml != NULL && json_object_get(yaml->root, "route") != NULL)
        entry = tdh_route_entry(agents, name, err);
    else
        entry = tdh_agent_plugin(agents, yaml, name, err);
    tdh_yaml_free(yaml);
    return entry;
}

int tdh_agents_capability(struct tdh_agents *agents, const char *name, const char *action,
                          const struct tdh_capability **ret_capability, struct td_err *err)
{
    const struct tdh_plugin_entry *entry = tdh_agents_entry(agents, name, err);
    struct tdh_route *route = entry != NULL ? tdh_map_get(&agents->routes, name) : NULL;
    struct tdh_offer offer;
    const char *near;

    if (route != NULL) {
        *ret_capability = tdh_route_capability(route, action, err);
        return *ret_capability != NULL ? 0 : -1;
    }
    if (entry == NULL || tdh_agent_offer_kept(agents, name, entry, &offer, err) != 0)
        return -1;
    *ret_capability = tdh_offer_find(&offer, action);
    if (*ret_capability != NULL)
        return 0;
    near = tdh_offer_near(&offer, action);
    return td_fail(err, TD_E_NOTFOUND, "agent \"%s\" has no action \"%s\"%s%s%s", name, action,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

int tdh_agents_uses(struct tdh_agents *agents, const char *name, struct td_err *err)
{
    const struct tdh_plugin_entry *entry = NULL;
    struct tdh_yaml *file = NULL;
    char **cast = NULL;
    int rc = tdh_agent_is_name(name) ? tdh_agent_file(agents, name, &file, NULL, err) : 0;

    if (rc == 0 && (file == NULL || json_object_get(file->root, "route") == NULL)) {
        entry = tdh_agent_plugin(agents, file, name, err);
        rc = entry != NULL ? tdh_cast_read(agents, name, file, entry->manifest, &cast, err) : -1;
    }
    if (cast != NULL)
        tdh_cast_free(cast, entry->manifest);
    tdh_yaml_free(file);
    return rc;
}

/* --- templates without a name --- */

int tdh_agents_template(struct tdh_agents *agents, const char *plugin, const json_t *options,
                        struct tdh_agent_template **ret_template, struct td_err *err)
{
    json_t *text = json_pack("{s:O*}", "options", options);
    char *words = options != NULL ? tdh_json_text(options, TDH_JSON_SORTED) : strdup("");
    struct tdh_agent_template *template = NULL;
    char *key = NULL;
    int rc = -1;

    tdh_agents_lock(agents);
    if (text == NULL || words == NULL || asprintf(&key, "%s %s", plugin, words) < 0) {
        td_fail(err, TD_E_NOMEM, "could not allocate a template of \"%s\"", plugin);
        goto out;
    }
    template = tdh_map_get(&agents->templates, key);
    if (template == NULL) {
        struct tdh_plugin *loaded =
            tdh_plugins_load(agents->options.plugins, TD_KIND_AGENT, plugin, err);

        if (loaded != NULL)
            template = tdh_agent_template_new(agents, plugin, loaded, text, err);
        if (template == NULL)
            goto out;
        if (tdh_map_set(&agents->templates, key, template, NULL) != 0) {
            tdh_agent_template_free(template);
            td_fail(err, TD_E_NOMEM, "could not allocate a template of \"%s\"", plugin);
            goto out;
        }
    }
    *ret_template = template;
    rc = 0;
out:
    tdh_agents_unlock(agents);
    json_decref(text);
    free(words);
    free(key);
    return rc;
}
