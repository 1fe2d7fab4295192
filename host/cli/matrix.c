/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix: shows the rules of the compatibility matrix, in the order they are tried.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

static const char *const verdicts[] = {
    [TDH_ALLOW] = "allow",
    [TDH_DEPRECATED] = "deprecated",
    [TDH_BLOCK] = "block",
};

static json_t *describe(const struct tdh_compat_rule *rule)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?}", "line", (int)rule->line,
                     "plugin", rule->plugin != NULL ? rule->plugin : "*", "version",
                     rule->version_text != NULL ? rule->version_text : "*", "host",
                     rule->host_text != NULL ? rule->host_text : "*", "sdk",
                     rule->sdk_text != NULL ? rule->sdk_text : "*", "verdict",
                     verdicts[rule->verdict], "reason", rule->reason, "replaced_by",
                     rule->replaced_by);
}

static void print_rule(const json_t *rule)
{
    const char *instead = json_string_value(json_object_get(rule, "replaced_by"));

    printf("%-20s %-12s %-12s %-12s %-10s %s%s%s\n", tdh_json_str(rule, "plugin", ""),
           tdh_json_str(rule, "version", ""), tdh_json_str(rule, "host", ""),
           tdh_json_str(rule, "sdk", ""), tdh_json_str(rule, "verdict", ""),
           tdh_json_str(rule, "reason", ""), instead != NULL ? "; use " : "",
           instead != NULL ? instead : "");
}

static int print_rules(json_t *rules)
{
    json_t *rule;
    size_t i;

    if (json_array_size(rules) == 0)
        puts("no rules: every plugin that fits by its manifest may load");
    else
        printf("%-20s %-12s %-12s %-12s %-10s %s\n", "PLUGIN", "VERSION", "HOST", "SDK", "VERDICT",
               "REASON");
    json_array_foreach (rules, i, rule)
        print_rule(rule);
    json_decref(rules);
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_matrix(const struct tdh_args *args)
{
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);
    json_t *shown = json_array();
    const struct tdh_compat_rule *rules;
    size_t count;

    if (host == NULL) {
        json_decref(shown);
        return tdh_cli_fail(args, &err);
    }
    rules = tdh_plugins_rules(host->plugins, &count);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(shown, describe(&rules[i]));
    args->hosts->free(host);
    return args->is_json ? tdh_cli_print(shown) : print_rules(shown);
}
