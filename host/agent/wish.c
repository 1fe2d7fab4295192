/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wish: which plugin an agent's file asks for: `plugin: mail`, or `plugin: mail@^1` when not every
 * version will do. The ranges of all files together are told to the registry of plugins.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "base/json.h"

enum { FILES_MAX = 4096 };

/* The place in front of what stands in err. */
static int fail_at(const struct tdh_yaml *file, struct td_err *err)
{
    struct tdh_place place = tdh_yaml_place(file, "/plugin");

    err->code = TD_E_CONFIG;
    return td_context(err, "%s:%u:%u", file->name, place.line, place.column);
}

static int read_range(const struct tdh_yaml *file, const char *text, struct tdh_agent_wish *wish,
                      struct td_err *err)
{
    if (strlen(text) >= sizeof(wish->range_text))
        return tdh_yaml_fail(file, "/plugin", err, TD_E_CONFIG,
                             "the range of versions has more than %zu bytes",
                             sizeof(wish->range_text) - 1);
    if (tdh_range_parse(text, &wish->range, err) != 0)
        return fail_at(file, err);
    strcpy(wish->range_text, text);
    wish->wish.range = &wish->range;
    wish->wish.range_text = wish->range_text;
    return 0;
}

int tdh_agent_wish(const struct tdh_yaml *file, const char *name, struct tdh_agent_wish *ret_wish,
                   struct td_err *err)
{
    const char *text = file != NULL ? tdh_json_str(file->root, "plugin", name) : name;
    size_t length = strcspn(text, "@");

    memset(ret_wish, 0, sizeof(*ret_wish));
    snprintf(ret_wish->who, sizeof(ret_wish->who), "agent \"%.64s\"", name);
    snprintf(ret_wish->plugin, sizeof(ret_wish->plugin), "%.*s",
             (int)(length < sizeof(ret_wish->plugin) ? length : sizeof(ret_wish->plugin) - 1),
             text);
    ret_wish->wish = (struct tdh_plugin_wish){ .who = ret_wish->who,
                                               .kind = TD_KIND_AGENT,
                                               .plugin = ret_wish->plugin };
    return text[length] == '@' ? read_range(file, text + length + 1, ret_wish, err) : 0;
}

const struct tdh_plugin_entry *tdh_agent_plugin(struct tdh_agents *agents,
                                                const struct tdh_yaml *file, const char *name,
                                                struct td_err *err)
{
    struct tdh_agent_wish wish;

    return tdh_agent_wish(file, name, &wish, err) == 0
               ? tdh_plugins_find_in(agents->options.plugins, &wish.wish, err)
               : NULL;
}

int tdh_agent_takes(const struct tdh_agent_wish *wish, const struct tdh_plugin *plugin,
                    struct td_err *err)
{
    const struct tdh_manifest *manifest = plugin->manifest;

    if (wish->wish.range == NULL || tdh_range_has(wish->wish.range, &manifest->version))
        return 0;
    return td_fail(err, TD_E_DEPENDENCY, "%s wants plugin \"%s\" %s, this is %s", wish->who,
                   manifest->name, wish->range_text, manifest->version_text);
}

/* --- the ranges of all files --- */

/* Most files name no range, and need not be read as YAML for that. */
static bool may_have_range(const char *path)
{
    struct td_err ignored;
    size_t length;
    char *text = tdh_file_read(path, TDH_YAML_BYTES, &length, &ignored);
    bool is_there = text != NULL && memchr(text, '@', length) != NULL;

    free(text);
    return is_there;
}

static void add_range(const struct tdh_agents *agents, const char *name, const char *plugin,
                      json_t *rows)
{
    struct tdh_agent_wish wish;
    struct tdh_yaml *file = NULL;
    char path[TDH_AGENT_PATH];
    struct td_err ignored; /* a file with a fault is told to who asks for the agent */

    if (tdh_agent_path(agents, name, path) && may_have_range(path) &&
        tdh_agent_file(agents, name, &file, NULL, &ignored) == 0 && file != NULL &&
        tdh_agent_wish(file, name, &wish, &ignored) == 0 && wish.wish.range != NULL &&
        strcmp(wish.plugin, plugin) == 0)
        json_array_append_new(rows,
                              json_pack("{s:s, s:s}", "who", wish.who, "range", wish.range_text));
    tdh_yaml_free(file);
}

static int is_file(const struct dirent *file)
{
    size_t length = strlen(file->d_name);

    return length > 5 && strcmp(file->d_name + length - 5, ".yaml") == 0;
}

/* Names of the files of a folder that no folder before it has. */
static void add_names(json_t *names, const char *folder)
{
    struct dirent **files;
    int count = scandir(folder, &files, is_file, alphasort);

    for (int i = 0; i < count; i++) {
        char name[256];

        snprintf(name, sizeof(name), "%.*s", (int)(strlen(files[i]->d_name) - 5), files[i]->d_name);
        if (tdh_agent_is_name(name) && json_object_size(names) < FILES_MAX)
            json_object_set_new(names, name, json_true());
        free(files[i]);
    }
    if (count >= 0)
        free(files);
}

json_t *tdh_agents_files(const struct tdh_agents *agents)
{
    json_t *names = json_object();

    for (const char *const *folder = agents->options.folders; folder != NULL && *folder != NULL;
         folder++)
        add_names(names, *folder);
    return names;
}

json_t *tdh_agents_ranges(void *arg, const char *plugin)
{
    const struct tdh_agents *agents = arg;
    json_t *names = tdh_agents_files(agents), *rows = json_array(), *ignored;
    const char *name;

    json_object_foreach (names, name, ignored)
        add_range(agents, name, plugin, rows);
    json_decref(names);
    return rows;
}
