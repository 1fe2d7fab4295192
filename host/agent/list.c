/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list: all agents there are, from files and manifests alone.
 *
 * A file that is broken is listed with the reason. It hides what has its name in later folders and
 * among the plugins, as it does when the agent is called.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cast.h"
#include "agent/route.h"
#include "base/json.h"

static json_t *describe(const char *name, const struct tdh_plugin_entry *entry,
                        const struct tdh_offer *offer)
{
    const struct tdh_manifest *manifest = entry->manifest;
    json_t *actions = json_array();

    for (size_t i = 0; i < offer->capability_count; i++)
        json_array_append_new(actions, json_string(offer->capabilities[i].name));
    return json_pack("{s:s, s:s, s:s, s:s*, s:o}", "name", name, "plugin", manifest->name,
                     "version", manifest->version_text, "description", manifest->description,
                     "actions", actions);
}

/* The same, with who has the roles of its plugin. yaml: NULL: it has no file */
static json_t *describe_cast(struct tdh_agents *agents, const char *name,
                             const struct tdh_plugin_entry *entry, const struct tdh_yaml *yaml,
                             const struct tdh_offer *offer, struct td_err *err)
{
    json_t *row;
    char **cast;

    if (tdh_cast_read(agents, name, yaml, entry->manifest, &cast, err) != 0)
        return NULL;
    row = describe(name, entry, offer);
    if (cast != NULL)
        json_object_set_new(row, "uses", tdh_cast_describe(cast, entry->manifest));
    tdh_cast_free(cast, entry->manifest);
    return row;
}

static int fail_at(const struct tdh_yaml *yaml, const char *pointer, struct td_err *err)
{
    struct tdh_place place = tdh_yaml_place(yaml, pointer);

    return td_context(err, "%s:%u:%u", yaml->name, place.line, place.column);
}

static int check_options(const struct tdh_yaml *yaml, const struct tdh_plugin_entry *entry,
                         struct td_err *err)
{
    char pointer[128] = "/options";
    const char *option;

    if (tdh_options_check(entry->manifest, json_object_get(yaml->root, "options"), &option, err) ==
        0)
        return 0;
    if (option[0] != '\0')
        snprintf(pointer, sizeof(pointer), "/options/%.100s", option);
    return fail_at(yaml, pointer, err);
}

/* One key at a time, so that its place is known. */
static int check_keys(const struct tdh_yaml *yaml, const char *name, struct td_err *err)
{
    char where[160], pointer[128];
    const char *key;
    json_t *value;

    snprintf(where, sizeof(where), "agent \"%.64s\"", name);
    json_object_foreach (yaml->root, key, value) {
        json_t *text = json_pack("{s:O}", key, value);
        int rc = tdh_agent_text_check(text, where, err);

        json_decref(text);
        snprintf(pointer, sizeof(pointer), "/%.100s", key);
        if (rc != 0)
            return fail_at(yaml, pointer, err);
    }
    return 0;
}

/* What the file says of the agent goes before what the manifest says of the plugin. */
static json_t *describe_more(json_t *row, const struct tdh_yaml *yaml)
{
    static const char *const keys[] = { "description", "tags" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (json_object_get(yaml->root, keys[i]) != NULL)
            json_object_set(row, keys[i], json_object_get(yaml->root, keys[i]));
    return row;
}

/* Made to be looked at, and not kept: it may be one that is refused. */
static json_t *describe_route(struct tdh_agents *agents, const char *name,
                              const struct tdh_yaml *yaml, struct td_err *err)
{
    struct tdh_route *route =
        check_keys(yaml, name, err) == 0 ? tdh_route_new(agents, name, yaml, err) : NULL;
    enum tdh_effects strongest = TDH_EFFECTS_NONE;
    json_t *row;

    if (route == NULL)
        return NULL;
    for (uint32_t i = 0; i < route->capability_count; i++)
        if (route->capabilities[i].effects > strongest)
            strongest = route->capabilities[i].effects;
    row = json_pack("{s:s, s:O, s:O, s:s}", "name", name, "route", route->names, "actions",
                    route->actions, "effects", tdh_agent_effects[strongest]);
    tdh_route_free(route);
    return describe_more(row, yaml);
}

static json_t *describe_file(struct tdh_agents *agents, const char *name,
                             const struct tdh_yaml *yaml, struct td_err *err)
{
    const struct tdh_plugin_entry *entry;
    struct tdh_agent_wish wish;
    struct tdh_offer offer;
    json_t *row;

    if (json_object_get(yaml->root, "route") != NULL)
        return describe_route(agents, name, yaml, err);
    if (tdh_agent_wish(yaml, name, &wish, err) != 0)
        return NULL;
    entry = tdh_plugins_find_in(agents->options.plugins, &wish.wish, err);
    if (entry == NULL) {
        fail_at(yaml, "/plugin", err);
        return NULL;
    }
    if (check_keys(yaml, name, err) != 0 || check_options(yaml, entry, err) != 0 ||
        tdh_agent_offer(entry->manifest, name, yaml, &offer, err) != 0)
        return NULL;
    row = describe_cast(agents, name, entry, yaml, &offer, err);
    tdh_offer_end(&offer);
    return row != NULL ? describe_more(row, yaml) : NULL;
}

/* A row of the list, for the file of that name without ".yaml". */
static json_t *list_file(struct tdh_agents *agents, const char *folder, const char *name)
{
    char path[4096];
    struct tdh_yaml *yaml = NULL;
    json_t *row = NULL;
    struct td_err err;

    snprintf(path, sizeof(path), "%s/%s.yaml", folder, name);
    if (!tdh_agent_is_name(name))
        td_fail(&err, TD_E_CONFIG,
                "%s: the name of an agent is 1 to 64 of a to z, 0 to 9, \"-\" and \"_\"", path);
    else if (tdh_agent_file(agents, name, &yaml, NULL, &err) == 0 && yaml == NULL)
        return NULL; /* gone since */
    else if (yaml != NULL && agents->is_finding && json_object_get(yaml->root, "route") != NULL)
        td_fail(&err, TD_E_UNSUPPORTED, "%s: a route is no candidate of another", path);
    else if (yaml != NULL)
        row = describe_file(agents, name, yaml, &err);
    tdh_yaml_free(yaml);
    return row != NULL
               ? row
               : json_pack("{s:s, s:s, s:s}", "name", name, "path", path, "error", err.text);
}

static void list_files(struct tdh_agents *agents, const char *folder, json_t *list)
{
    DIR *dir = opendir(folder);
    struct dirent *file;

    while (dir != NULL && (file = readdir(dir)) != NULL) {
        size_t length = strlen(file->d_name);
        char name[256];

        if (length < 6 || strcmp(file->d_name + length - 5, ".yaml") != 0)
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(length - 5), file->d_name);
        if (json_object_get(list, name) == NULL)
            json_object_set_new(list, name, list_file(agents, folder, name));
    }
    if (dir != NULL)
        closedir(dir);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *sorted_values(json_t *by_name)
{
    size_t count = json_object_size(by_name), i = 0;
    const char **names = calloc(count > 0 ? count : 1, sizeof(*names)), *name;
    json_t *list = json_array(), *value;

    json_object_foreach (by_name, name, value)
        if (names != NULL)
            names[i++] = name;
    qsort(names, i, sizeof(*names), compare_names);
    for (size_t at = 0; at < i; at++)
        json_array_append(list, json_object_get(by_name, names[at]));
    free(names);
    return list;
}

/* A bridge by itself is no agent: its files are. */
static bool is_agent(const struct tdh_plugin_entry *entry)
{
    return entry->manifest != NULL && entry->kind == TD_KIND_AGENT &&
           entry->state != TDH_PLUGIN_REFUSED && !entry->manifest->is_bridge;
}

/* One whose roles nobody has by default is no agent without a file. */
static json_t *describe_plugin(struct tdh_agents *agents, const struct tdh_plugin_entry *entry)
{
    const struct tdh_offer offer = tdh_manifest_offer(entry->manifest);
    struct td_err err;
    json_t *row = describe_cast(agents, entry->name, entry, NULL, &offer, &err);

    return row != NULL ? row
                       : json_pack("{s:s, s:s, s:s}", "name", entry->name, "path",
                                   entry->manifest->path, "error", err.text);
}

json_t *tdh_agents_list(struct tdh_agents *agents, struct td_err *err)
{
    json_t *by_name = json_object(), *list;
    const struct tdh_plugin_entry **entries = NULL;

    for (const char *const *folder = agents->options.folders; folder != NULL && *folder != NULL;
         folder++)
        list_files(agents, *folder, by_name);
    if (tdh_plugins_scan(agents->options.plugins, err) == 0)
        entries = tdh_plugins_list(agents->options.plugins, err);
    if (entries == NULL) {
        json_decref(by_name);
        return NULL;
    }
    for (const struct tdh_plugin_entry **entry = entries; *entry != NULL; entry++)
        if (is_agent(*entry) && json_object_get(by_name, (*entry)->name) == NULL)
            json_object_set_new(by_name, (*entry)->name, describe_plugin(agents, *entry));
    free(entries);
    list = sorted_values(by_name);
    json_decref(by_name);
    return list;
}
