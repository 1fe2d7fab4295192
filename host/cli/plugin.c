/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin: lists plugins, shows their manifests.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

/* --- list --- */

static const char *const states[] = { [TDH_PLUGIN_DISCOVERED] = "ready",
                                      [TDH_PLUGIN_READY] = "loaded",
                                      [TDH_PLUGIN_REFUSED] = "refused" };

static const char *const isolations[] = { [TDH_INLINE] = "inline", [TDH_PROCESS] = "process" };

/* The processes that tdevs here have of the plugin. new. */
static json_t *find_processes(const json_t *all, const char *name)
{
    json_t *own = json_array(), *one;
    size_t i;

    json_array_foreach (all, i, one)
        if (strcmp(tdh_json_str(one, "plugin", ""), name) == 0)
            json_array_append(own, one);
    return own;
}

static void add_processes(json_t *row, const struct tdh_plugin_entry *entry, const json_t *all)
{
    json_t *own = find_processes(all, entry->name);

    if (entry->isolation == TDH_PROCESS || json_array_size(own) > 0)
        json_object_set(row, "processes", own);
    json_decref(own);
}

/* "process 12 of tdev 10", or how it ended. */
static void print_process(const json_t *process, const char *indent)
{
    const char *state = tdh_json_str(process, "state", "");
    json_int_t tdev = json_integer_value(json_object_get(process, "tdev"));

    if (strcmp(state, "up") == 0)
        printf("%sprocess %lld of tdev %lld\n", indent,
               (long long)json_integer_value(json_object_get(process, "process")), (long long)tdev);
    else
        printf("%sof tdev %lld: %s: %s\n", indent, (long long)tdev, state,
               tdh_json_str(process, "why", ""));
}

static void print_processes(const json_t *row, const char *indent)
{
    const json_t *processes = json_object_get(row, "processes"), *one;
    size_t i;

    json_array_foreach (processes, i, one)
        print_process(one, indent);
}

static json_t *describe_entry(const struct tdh_plugin_entry *entry)
{
    const struct tdh_manifest *manifest = entry->manifest;
    json_t *row = json_pack("{s:s, s:s, s:s}", "name", entry->name, "folder", entry->folder,
                            "state", states[entry->state]);

    if (entry->state != TDH_PLUGIN_REFUSED)
        json_object_set_new(row, "isolation", json_string(isolations[entry->isolation]));
    if (entry->kind != 0)
        json_object_set_new(row, "kind", json_string(tdh_kind_name(entry->kind)));
    if (manifest != NULL) {
        json_object_set_new(row, "version", json_string(manifest->version_text));
        json_object_set_new(
            row, "description",
            json_string(manifest->description != NULL ? manifest->description : ""));
    }
    if (entry->state == TDH_PLUGIN_REFUSED || entry->is_deprecated)
        json_object_set_new(row, entry->is_deprecated ? "deprecated" : "why",
                            json_string(entry->why.text));
    return row;
}

static void print_entry(const json_t *row)
{
    const char *why = tdh_json_str(row, "why", NULL);

    printf("%-22s %-8s %-9s %-8s %-8s %s\n", tdh_json_str(row, "name", ""),
           tdh_json_str(row, "kind", "?"), tdh_json_str(row, "version", "?"),
           tdh_json_str(row, "state", ""), tdh_json_str(row, "isolation", "-"),
           why != NULL ? why : tdh_json_str(row, "description", ""));
    print_processes(row, "                       ");
}

static json_t *list_entries(struct tdh_host *host, enum td_kind kind, struct td_err *err)
{
    const struct tdh_plugin_entry **entries = NULL;
    json_t *list = json_array(), *processes = tdh_plugins_processes(host->plugins);

    if (tdh_plugins_scan(host->plugins, err) == 0)
        entries = tdh_plugins_list(host->plugins, err);
    if (entries == NULL) {
        json_decref(processes);
        json_decref(list);
        return NULL;
    }
    for (const struct tdh_plugin_entry **entry = entries; *entry != NULL; entry++)
        if (kind == 0 || (*entry)->kind == kind) {
            json_t *row = describe_entry(*entry);

            add_processes(row, *entry, processes);
            json_array_append_new(list, row);
        }
    json_decref(processes);
    free(entries);
    return list;
}

static int list_kind(const struct tdh_args *args, enum td_kind kind)
{
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);
    json_t *list = host != NULL ? list_entries(host, kind, &err) : NULL;
    size_t i;
    json_t *row;

    args->hosts->free(host);
    if (list == NULL)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(list);
    json_array_foreach (list, i, row)
        print_entry(row);
    json_decref(list);
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_list(const struct tdh_args *args)
{
    return list_kind(args, 0);
}

int tdh_verb_pattern_list(const struct tdh_args *args)
{
    return list_kind(args, TD_KIND_PATTERN);
}

/* --- info --- */

static const char *const option_types[] = { "string",   "int",  "real",   "bool",
                                            "duration", "size", "choice", "list" };
static const char *const effects[] = { "none", "idempotent", "external" };

static json_t *describe_option(const struct tdh_option *option)
{
    json_t *row = json_pack("{s:s, s:s, s:b}", "name", option->name, "type",
                            option_types[option->type], "required", option->is_required);

    if (option->value != NULL)
        json_object_set(row, "default", option->is_secret ? json_null() : option->value);
    if (option->choices != NULL)
        json_object_set(row, "choices", option->choices);
    if (isfinite(option->min))
        json_object_set_new(row, "min", json_real(option->min));
    if (isfinite(option->max))
        json_object_set_new(row, "max", json_real(option->max));
    json_object_set_new(row, "text", json_string(option->text != NULL ? option->text : ""));
    return row;
}

static json_t *describe_capability(const struct tdh_capability *capability)
{
    json_t *row = json_pack("{s:s, s:s, s:s}", "name", capability->name, "effects",
                            effects[capability->effects], "text",
                            capability->text != NULL ? capability->text : "");

    if (capability->input != NULL)
        json_object_set(row, "input", capability->input);
    if (capability->output != NULL)
        json_object_set(row, "output", capability->output);
    if (capability->uses != NULL)
        json_object_set_new(row, "uses", tdh_meters_json(capability->uses));
    return row;
}

static json_t *describe_roles(const struct tdh_manifest *manifest)
{
    json_t *roles = json_array();

    for (size_t i = 0; i < manifest->role_count; i++)
        json_array_append_new(roles, tdh_role_describe(&manifest->roles[i]));
    return roles;
}

static json_t *describe_manifest(const struct tdh_manifest *manifest)
{
    json_t *options = json_array(), *capabilities = json_array(), *info;

    for (size_t i = 0; i < manifest->option_count; i++)
        json_array_append_new(options, describe_option(&manifest->options[i]));
    for (size_t i = 0; i < manifest->capability_count; i++)
        json_array_append_new(capabilities, describe_capability(&manifest->capabilities[i]));
    info = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "name", manifest->name, "kind",
                     tdh_kind_name(manifest->kind), "version", manifest->version_text,
                     "description", manifest->description != NULL ? manifest->description : "",
                     "folder", manifest->folder, "actions", capabilities, "options", options);
    if (manifest->role_count > 0)
        json_object_set_new(info, "uses", describe_roles(manifest));
    if (manifest->config != NULL)
        json_object_set(info, "config", manifest->config);
    if (manifest->state_version > 0)
        json_object_set_new(info, "state",
                            json_pack("{s:I}", "version", (json_int_t)manifest->state_version));
    if (manifest->catalogue != NULL)
        json_object_set_new(info, "catalogue", tdh_pattern_describe(manifest));
    return info;
}

static void print_actions(const json_t *actions)
{
    const json_t *row;
    size_t i;

    if (json_array_size(actions) > 0)
        puts("\nactions");
    json_array_foreach (actions, i, row)
        printf("  %-20s effects %-10s  %s\n", tdh_json_str(row, "name", ""),
               tdh_json_str(row, "effects", ""), tdh_json_str(row, "text", ""));
}

/* `mailer   action send, optional, agent mail   Sends the letters`. */
static void print_roles(const json_t *roles)
{
    const json_t *row;
    size_t i;

    if (json_array_size(roles) > 0)
        puts("\nuses");
    json_array_foreach (roles, i, row) {
        const char *agent = tdh_json_str(row, "agent", NULL);
        char who[160];

        snprintf(who, sizeof(who), "%s%s%s", agent != NULL ? "agent " : "the agent's file says who",
                 agent != NULL ? agent : "",
                 json_is_true(json_object_get(row, "optional")) ? ", optional" : "");
        printf("  %-20s action %-12s %-28s %s\n", tdh_json_str(row, "name", ""),
               tdh_json_str(row, "action", ""), who, tdh_json_str(row, "text", ""));
    }
}

static void print_options(const json_t *options)
{
    const json_t *row;
    size_t i;

    if (json_array_size(options) > 0)
        puts("\noptions");
    json_array_foreach (options, i, row) {
        json_t *value = json_object_get(row, "default");
        char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

        printf("  %-20s %-9s %-14s %s\n", tdh_json_str(row, "name", ""),
               tdh_json_str(row, "type", ""), text != NULL ? text : "",
               tdh_json_str(row, "text", ""));
        free(text);
    }
}

static void print_manifest(const json_t *info)
{
    printf("%s %s, %s\n%s\n%s\n", tdh_json_str(info, "name", ""), tdh_json_str(info, "version", ""),
           tdh_json_str(info, "kind", ""), tdh_json_str(info, "description", ""),
           tdh_json_str(info, "folder", ""));
    if (strcmp(tdh_json_str(info, "isolation", ""), "process") == 0)
        puts("runs in a process of its own");
    if (json_object_get(info, "state") != NULL)
        printf("keeps a state of version %lld\n", (long long)json_integer_value(json_object_get(
                                                      json_object_get(info, "state"), "version")));
    print_processes(info, "  ");
    tdh_cli_print_catalogue(json_object_get(info, "catalogue"));
    print_actions(json_object_get(info, "actions"));
    print_roles(json_object_get(info, "uses"));
    if (json_object_get(info, "config") != NULL) {
        puts("\nconfiguration");
        tdh_cli_print_keys(json_object_get(info, "config"));
    }
    print_options(json_object_get(info, "options"));
}

/* The plugin of that name of one kind, or of any (0). */
static json_t *find_info(struct tdh_host *host, const char *name, enum td_kind kind,
                         struct td_err *err)
{
    const struct tdh_plugin_entry *entry = tdh_plugins_find(host->plugins, kind, name, err);

    json_t *info = entry != NULL ? describe_manifest(entry->manifest) : NULL;
    json_t *processes;

    if (info == NULL)
        return NULL;
    processes = tdh_plugins_processes(host->plugins);
    json_object_set_new(info, "isolation", json_string(isolations[entry->isolation]));
    add_processes(info, entry, processes);
    json_decref(processes);
    return info;
}

static int show_info(const struct tdh_args *args, enum td_kind kind)
{
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);
    json_t *info = host != NULL ? find_info(host, args->words[0], kind, &err) : NULL;

    args->hosts->free(host);
    if (info == NULL)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(info);
    print_manifest(info);
    json_decref(info);
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_info(const struct tdh_args *args)
{
    return show_info(args, 0);
}

int tdh_verb_pattern_show(const struct tdh_args *args)
{
    struct tdh_args own = *args;
    char name[TDH_PATTERN_NAME];

    own.words[0] = tdh_pattern_name(args->words[0], name);
    return show_info(&own, TD_KIND_PATTERN);
}
