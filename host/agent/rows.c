/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows: what the registry knows of an agent or a plugin, from its file and manifest, and from the
 * account of an agent that has been called.
 *
 * One that is refused has a row as well: its description says why.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "base/json.h"

const char *const tdh_agent_effects[] = { [TDH_EFFECTS_NONE] = "none",
                                          [TDH_EFFECTS_IDEMPOTENT] = "idempotent",
                                          [TDH_EFFECTS_EXTERNAL] = "external" };

/* Each word once, in the order they come. */
static void add_word(json_t *words, const char *word)
{
    const json_t *known;
    size_t i;

    json_array_foreach (words, i, known)
        if (strcmp(json_string_value(known), word) == 0)
            return;
    json_array_append_new(words, json_string(word));
}

static void add_capabilities(json_t *row, const struct tdh_offer *offer)
{
    json_t *names = json_array(), *types = json_array();
    enum tdh_effects strongest = TDH_EFFECTS_NONE;

    for (size_t i = 0; i < offer->capability_count; i++) {
        const struct tdh_capability *capability = &offer->capabilities[i];

        add_word(names, capability->name);
        if (capability->type != NULL)
            add_word(types, capability->type);
        if (capability->effects > strongest)
            strongest = capability->effects;
    }
    json_object_set_new(row, "capabilities", names);
    json_object_set_new(row, "types", types);
    if (json_is_object(offer->permissions))
        json_object_set(row, "permissions", offer->permissions);
    if (offer->capability_count > 0)
        json_object_set_new(row, "effects", json_string(tdh_agent_effects[strongest]));
}

static const char *status_of(const struct tdh_plugin_entry *entry)
{
    return entry->state == TDH_PLUGIN_REFUSED ? "refused"
           : entry->is_deprecated             ? "deprecated"
                                              : "active";
}

static json_t *row_of_plugin(const struct tdh_plugin_entry *entry)
{
    const struct tdh_manifest *manifest = entry->manifest;
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", entry->name, "kind",
                  tdh_kind_name(entry->kind), "status", status_of(entry), "plugin", entry->name,
                  "isolation", entry->isolation == TDH_PROCESS ? "process" : "inline");
    struct tdh_offer offer;
    const json_t *tags;

    if (manifest != NULL) {
        json_object_set_new(row, "version", json_string(manifest->version_text));
        if (manifest->description != NULL)
            json_object_set_new(row, "description", json_string(manifest->description));
        tags = json_object_get(manifest->yaml->root, "tags");
        if (json_is_array(tags))
            json_object_set(row, "tags", (json_t *)(uintptr_t)tags);
        offer = tdh_manifest_offer(manifest);
        add_capabilities(row, &offer);
    }
    if (entry->state == TDH_PLUGIN_REFUSED)
        json_object_set_new(row, "description", json_string(entry->why.text));
    return row;
}

json_t *tdh_plugins_rows(struct tdh_plugins *plugins, struct td_err *err)
{
    const struct tdh_plugin_entry **entries =
        tdh_plugins_scan(plugins, err) == 0 ? tdh_plugins_list(plugins, err) : NULL;
    json_t *rows = entries != NULL ? json_array() : NULL;

    if (entries != NULL && rows == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the registry's rows");
    for (const struct tdh_plugin_entry **entry = entries;
         rows != NULL && entries != NULL && *entry != NULL; entry++)
        json_array_append_new(rows, row_of_plugin(*entry));
    free(entries);
    return rows;
}

static void add_account(json_t *row, const struct tdh_agent_template *template)
{
    uint64_t calls = 0, failures = 0;

    for (size_t i = 0; i < template->target_count; i++) {
        calls += atomic_load(&template->targets[i].account.calls);
        failures += atomic_load(&template->targets[i].account.failures);
    }
    json_object_set_new(row, "calls", json_integer((json_int_t)calls));
    json_object_set_new(row, "failures", json_integer((json_int_t)failures));
    json_object_set_new(row, "running", json_integer(atomic_load(&template->limiter.in_use)));
}

static json_t *row_of_route(const json_t *agent)
{
    return json_pack("{s:O, s:s, s:s, s:s, s:O, s:O*, s:O*}", "name",
                     json_object_get(agent, "name"), "kind", "agent", "status", "active", "effects",
                     tdh_json_str(agent, "effects", ""), "capabilities",
                     json_object_get(agent, "actions"), "tags", json_object_get(agent, "tags"),
                     "description", json_object_get(agent, "description"));
}

static json_t *row_of_agent(struct tdh_agents *agents, const json_t *agent)
{
    const char *name = tdh_json_str(agent, "name", ""), *why = tdh_json_str(agent, "error", NULL);
    const struct tdh_agent_template *template = tdh_map_get(&agents->named, name);
    const struct tdh_plugin_entry *entry;
    struct tdh_offer offer;
    struct td_err err;
    json_t *row;

    if (why != NULL)
        return json_pack("{s:s, s:s, s:s, s:s}", "name", name, "kind", "agent", "status", "refused",
                         "description", why);
    if (json_object_get(agent, "route") != NULL)
        return row_of_route(agent);
    entry = tdh_plugins_find(agents->options.plugins, TD_KIND_AGENT,
                             tdh_json_str(agent, "plugin", name), &err);
    if (entry == NULL)
        return json_pack("{s:s, s:s, s:s, s:s}", "name", name, "kind", "agent", "status", "refused",
                         "description", err.text);
    row = row_of_plugin(entry);
    json_object_set_new(row, "name", json_string(name));
    if (entry->manifest->is_bridge &&
        tdh_agent_offer_kept(agents, name, entry, &offer, &err) == 0) {
        json_object_del(row, "permissions"); /* the bridge's own */
        add_capabilities(row, &offer);
    }
    if (json_object_get(agent, "description") != NULL)
        json_object_set(row, "description", json_object_get(agent, "description"));
    if (json_object_get(agent, "tags") != NULL)
        json_object_set(row, "tags", json_object_get(agent, "tags"));
    if (template != NULL)
        add_account(row, template);
    return row;
}

json_t *tdh_agents_rows(struct tdh_agents *agents, struct td_err *err)
{
    json_t *list = tdh_agents_list(agents, err), *rows, *agent;
    size_t i;

    if (list == NULL)
        return NULL;
    rows = json_array();
    tdh_agents_lock(agents);
    json_array_foreach (list, i, agent)
        json_array_append_new(rows, row_of_agent(agents, agent));
    tdh_agents_unlock(agents);
    json_decref(list);
    if (rows == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the registry's rows");
    return rows;
}
