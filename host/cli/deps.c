/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deps: shows what plugins rest on: versions, order, and what takes longest to load.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

enum { DEPTH_MAX = 32 };

/* --- versions --- */

static void print_others(const json_t *plugin)
{
    const json_t *other;
    size_t i;

    json_array_foreach (json_object_get(plugin, "others"), i, other)
        printf("       %s %s is out: %s\n", tdh_json_str(plugin, "name", ""),
               tdh_json_str(other, "version", "?"), tdh_json_str(other, "why", ""));
}

/* `mail ^1 (1.4.0)`; what is optional has a "?" behind it, and "-" when it is left out. */
static void print_need(const json_t *need, const char *before)
{
    const char *met = tdh_json_str(need, "met", NULL);

    printf("%s%s %s%s (%s)", before, tdh_json_str(need, "plugin", ""),
           tdh_json_str(need, "range", "*"),
           json_is_true(json_object_get(need, "optional")) ? "?" : "", met != NULL ? met : "-");
}

/* `uses mailer (send of mail), copies? (save of -)`: "-" is who the agent's file says. */
static void print_roles(const json_t *plugin)
{
    const json_t *role;
    size_t i;

    json_array_foreach (json_object_get(plugin, "uses"), i, role)
        printf("%s%s%s (%s of %s)", i > 0 ? ", " : "; uses ", tdh_json_str(role, "name", ""),
               json_is_true(json_object_get(role, "optional")) ? "?" : "",
               tdh_json_str(role, "action", ""), tdh_json_str(role, "agent", "-"));
}

static void print_plugin(const json_t *plugin)
{
    const json_t *needs = json_object_get(plugin, "requires"), *need;
    size_t i;

    printf("%3lld  %-8s %s %s", (long long)json_integer_value(json_object_get(plugin, "group")),
           tdh_json_str(plugin, "kind", ""), tdh_json_str(plugin, "name", ""),
           tdh_json_str(plugin, "version", ""));
    json_array_foreach (needs, i, need)
        print_need(need, i > 0 ? ", " : ", requires ");
    print_roles(plugin);
    printf("\n");
    print_others(plugin);
}

static void print_plugins(const json_t *deps)
{
    const json_t *plugin;
    size_t i;

    json_array_foreach (json_object_get(deps, "plugins"), i, plugin)
        print_plugin(plugin);
}

/* --- order --- */

static void print_order(const json_t *deps)
{
    const json_t *group, *name;
    size_t i, k;

    json_array_foreach (json_object_get(deps, "groups"), i, group) {
        printf("%3zu  ", i + 1);
        json_array_foreach (group, k, name)
            printf("%s%s", k > 0 ? ", " : "", json_string_value(name));
        printf("\n");
    }
}

/* --- tree --- */

/* The row of what a need is met by. */
static const json_t *find_plugin(const json_t *deps, const json_t *need)
{
    const char *met = tdh_json_str(need, "met", NULL);
    const char *kind = tdh_json_str(need, "kind", NULL);
    const json_t *plugin;
    size_t i;

    json_array_foreach (json_object_get(deps, "plugins"), i, plugin)
        if (met != NULL &&
            strcmp(tdh_json_str(plugin, "name", ""), tdh_json_str(need, "plugin", "")) == 0 &&
            strcmp(tdh_json_str(plugin, "version", ""), met) == 0 &&
            (kind == NULL || strcmp(tdh_json_str(plugin, "kind", ""), kind) == 0))
            return plugin;
    return NULL;
}

/* Recursion is bounded by the chain of requirements that the host allows. */
static void print_needs(const json_t *deps, const json_t *plugin, int depth)
{
    const json_t *need;
    size_t i;

    json_array_foreach (json_object_get(plugin, "requires"), i, need) {
        const json_t *other = find_plugin(deps, need);

        printf("%*s", depth * 2, "");
        print_need(need, "");
        printf("\n");
        if (other != NULL && depth < DEPTH_MAX)
            print_needs(deps, other, depth + 1);
    }
}

static bool is_required(const json_t *deps, const json_t *plugin)
{
    const json_t *other, *need;
    size_t i, k;

    json_array_foreach (json_object_get(deps, "plugins"), i, other)
        json_array_foreach (json_object_get(other, "requires"), k, need)
            if (find_plugin(deps, need) == plugin)
                return true;
    return false;
}

static void print_tree(const json_t *deps)
{
    const json_t *plugin;
    size_t i;

    json_array_foreach (json_object_get(deps, "plugins"), i, plugin)
        if (!is_required(deps, plugin)) {
            printf("%s %s\n", tdh_json_str(plugin, "name", ""),
                   tdh_json_str(plugin, "version", ""));
            print_needs(deps, plugin, 1);
        }
}

/* --- time --- */

static void print_critical(const json_t *deps)
{
    const json_t *critical = json_object_get(deps, "critical"), *plugin;
    size_t i;

    json_array_foreach (json_object_get(critical, "plugins"), i, plugin)
        printf("%9.3f ms  %s %s\n", json_number_value(json_object_get(plugin, "ms")),
               tdh_json_str(plugin, "name", ""), tdh_json_str(plugin, "version", ""));
    printf("%9.3f ms  in all\n", json_number_value(json_object_get(critical, "ms")));
    json_array_foreach (json_object_get(deps, "plugins"), i, plugin)
        if (json_object_get(plugin, "error") != NULL)
            printf("%s\n", tdh_json_str(plugin, "error", ""));
}

/* --- all --- */

static void print_deps(const struct tdh_args *args, const json_t *deps)
{
    if (tdh_args_has(args, "order"))
        print_order(deps);
    else if (tdh_args_has(args, "tree"))
        print_tree(deps);
    else if (tdh_args_has(args, "critical"))
        print_critical(deps);
    else
        print_plugins(deps);
    if (json_object_get(deps, "apart") != NULL)
        printf("each by itself, not all together: %s\n", tdh_json_str(deps, "apart", ""));
}

int tdh_verb_plugin_deps(const struct tdh_args *args)
{
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);
    json_t *deps =
        host != NULL ? tdh_plugins_deps(host->plugins, args->word_count > 0 ? args->words[0] : NULL,
                                        tdh_args_has(args, "critical"), &err)
                     : NULL;

    args->hosts->free(host);
    if (deps == NULL)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(deps);
    print_deps(args, deps);
    json_decref(deps);
    return TDH_EXIT_DONE;
}
