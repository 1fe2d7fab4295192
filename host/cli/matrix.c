/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix: shows the rules of the compatibility matrix in the order they are tried, and what becomes
 * by them of each plugin that is here, on this host or another.
 */
#include "cli/matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/forecast.h"

/* --- as JSON --- */

static void set_day(json_t *rule, const char *key, int64_t day)
{
    char text[TDH_DAY_TEXT];

    json_object_set_new(rule, key,
                        day != TDH_NO_DAY ? json_string(tdh_day_print(day, text)) : json_null());
}

static json_t *describe_rule(const struct tdh_compat_rule *rule)
{
    json_t *value = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?}", "line", (int)rule->line,
                              "plugin", rule->plugin != NULL ? rule->plugin : "*", "version",
                              rule->version_text != NULL ? rule->version_text : "*", "host",
                              rule->host_text != NULL ? rule->host_text : "*", "sdk",
                              rule->sdk_text != NULL ? rule->sdk_text : "*", "verdict",
                              tdh_cli_verdicts[rule->verdict], "reason", rule->reason,
                              "replaced_by", rule->replaced_by);

    json_object_set_new(
        value, "with",
        rule->with_plugin == NULL
            ? json_null()
            : json_pack("{s:s, s:s}", "plugin", rule->with_plugin, "version",
                        rule->with_version_text != NULL ? rule->with_version_text : "*"));
    set_day(value, "since", rule->since);
    set_day(value, "until", rule->until);
    return value;
}

static json_t *describe_rules(const struct tdh_plugins *plugins)
{
    json_t *list = json_array();
    size_t count;
    const struct tdh_compat_rule *rules = tdh_plugins_rules(plugins, &count);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, describe_rule(&rules[i]));
    return list;
}

/* The gate that decides: the first of the worst. */
static const struct tdh_forecast_row *deciding(const struct tdh_forecast *forecast)
{
    for (size_t i = 0; i < forecast->count; i++)
        if (forecast->rows[i].outlook == forecast->outlook)
            return &forecast->rows[i];
    return NULL;
}

static const char *verdict_of(const struct tdh_forecast *forecast)
{
    const struct tdh_forecast_row *row = deciding(forecast);

    if (forecast->outlook == TDH_FAILS)
        return row != NULL && strcmp(row->gate, "matrix") == 0 ? "block" : "refused";
    if (forecast->outlook == TDH_UNKNOWN)
        return "unknown";
    return forecast->outlook == TDH_WARNS ? "deprecated" : "allow";
}

static void set_verdict(json_t *value, const struct tdh_forecast *forecast)
{
    const struct tdh_forecast_row *row = deciding(forecast);
    bool is_told = forecast->outlook != TDH_PASSES && row != NULL;

    json_object_set_new(value, "verdict", json_string(verdict_of(forecast)));
    json_object_set_new(value, "line",
                        forecast->rule != NULL ? json_integer(forecast->rule->line) : json_null());
    json_object_set_new(value, "why", json_string(is_told ? row->text : ""));
}

/* What is missing or excluded here is known by the list alone. */
static void set_refused(json_t *value, const struct tdh_plugin_entry *entry)
{
    json_object_set_new(value, "verdict", json_string("refused"));
    json_object_set_new(value, "why", json_string(entry->why.text));
}

static json_t *describe_plugin(const struct tdh_plugins *plugins,
                               const struct tdh_plugin_entry *entry, const struct tdh_terms *terms)
{
    struct tdh_forecast forecast;
    struct td_err err = { 0 };
    json_t *value;
    int rc = tdh_plugins_forecast(plugins, entry->folder, terms, &forecast, &err);

    if (rc != 0)
        return json_pack("{s:s, s:s, s:n, s:s, s:s}", "name", entry->name, "verdict", "refused",
                         "line", "why", err.text, "path", entry->folder);
    value = tdh_cli_forecast(entry->folder, &forecast);
    json_object_del(value, "gates");
    json_object_del(value, "outcome");
    json_object_set_new(value, "name", json_string(entry->name));
    set_verdict(value, &forecast);
    if (terms == NULL && entry->state == TDH_PLUGIN_REFUSED && forecast.outlook != TDH_FAILS)
        set_refused(value, entry);
    return value;
}

static json_t *describe_plugins(struct tdh_plugins *plugins, const struct tdh_terms *terms,
                                struct td_err *err)
{
    const struct tdh_plugin_entry **entries = NULL;
    json_t *list;

    if (tdh_plugins_scan(plugins, err) == 0)
        entries = tdh_plugins_list(plugins, err);
    if (entries == NULL)
        return NULL;
    list = json_array();
    for (const struct tdh_plugin_entry **entry = entries; *entry != NULL; entry++)
        json_array_append_new(list, describe_plugin(plugins, *entry, terms));
    free(entries);
    return list;
}

/* --- for people --- */

static void print_rule(const json_t *rule)
{
    const char *since = tdh_json_str(rule, "since", NULL),
               *until = tdh_json_str(rule, "until", NULL);
    const char *instead = tdh_json_str(rule, "replaced_by", NULL);
    const json_t *with = json_object_get(rule, "with");

    printf("%4lld  %-20s %-12s %-12s %-12s %-10s ",
           (long long)json_integer_value(json_object_get(rule, "line")),
           tdh_json_str(rule, "plugin", ""), tdh_json_str(rule, "version", ""),
           tdh_json_str(rule, "host", ""), tdh_json_str(rule, "sdk", ""),
           tdh_json_str(rule, "verdict", ""));
    if (json_is_object(with))
        printf("with %s %s: ", tdh_json_str(with, "plugin", ""), tdh_json_str(with, "version", ""));
    printf("%s", tdh_json_str(rule, "reason", ""));
    if (since != NULL)
        printf("; from %s on", since);
    if (until != NULL)
        printf("; blocked after %s", until);
    printf(instead != NULL ? "; use %s\n" : "\n", instead);
}

static void print_rules(const json_t *rules)
{
    const json_t *rule;
    size_t i;

    if (json_array_size(rules) == 0)
        puts("no rules: every plugin that fits by its manifest may load");
    else
        printf("LINE  %-20s %-12s %-12s %-12s %-10s %s\n", "PLUGIN", "VERSION", "HOST", "SDK",
               "VERDICT", "REASON");
    json_array_foreach (rules, i, rule)
        print_rule(rule);
}

static void print_plugin(const json_t *plugin)
{
    const json_t *line = json_object_get(plugin, "line");
    const char *why = tdh_json_str(plugin, "why", "");
    char by[24] = "-";

    if (json_is_integer(line))
        snprintf(by, sizeof(by), "%lld", (long long)json_integer_value(line));
    printf("%-22s %-8s %-12s %-10s %-10s %4s%s%s\n", tdh_json_str(plugin, "name", ""),
           tdh_json_str(plugin, "kind", "?"), tdh_json_str(plugin, "version", "?"),
           tdh_json_str(plugin, "sdk", "-"), tdh_json_str(plugin, "verdict", ""), by,
           why[0] != '\0' ? "  " : "", why);
}

/* Only when there are any: most matrices know none. */
static void print_pairs(const json_t *pairs)
{
    const json_t *pair;
    size_t i;

    if (json_array_size(pairs) > 0)
        printf("\n%-22s %-12s %-22s %-12s %-10s %4s  %s\n", "PLUGIN", "VERSION", "WITH", "VERSION",
               "VERDICT", "LINE", "WHY");
    json_array_foreach (pairs, i, pair) {
        const json_t *with = json_object_get(pair, "with");

        printf("%-22s %-12s %-22s %-12s %-10s %4lld  %s\n", tdh_json_str(pair, "plugin", ""),
               tdh_json_str(pair, "version", ""), tdh_json_str(with, "plugin", ""),
               tdh_json_str(with, "version", ""), tdh_json_str(pair, "verdict", ""),
               (long long)json_integer_value(json_object_get(pair, "line")),
               tdh_json_str(pair, "why", ""));
    }
}

static void print_matrix(const json_t *matrix)
{
    const json_t *on = json_object_get(matrix, "on");
    const json_t *plugins = json_object_get(matrix, "plugins"), *plugin;
    size_t i;

    printf("tdev %s with SDK %s, %s\n\n", tdh_json_str(on, "host", ""), tdh_json_str(on, "sdk", ""),
           tdh_json_str(on, "day", ""));
    print_rules(json_object_get(matrix, "rules"));
    printf("\n%-22s %-8s %-12s %-10s %-10s %4s  %s\n", "PLUGIN", "KIND", "VERSION", "BUILT WITH",
           "VERDICT", "LINE", "WHY");
    json_array_foreach (plugins, i, plugin)
        print_plugin(plugin);
    print_pairs(json_object_get(matrix, "pairs"));
}

/* --- the verb --- */

/* new; NULL: told. */
static json_t *make_matrix(const struct tdh_args *args, struct tdh_host *host, int *ret_code)
{
    struct td_err err;
    struct tdh_terms terms;
    bool is_other;
    json_t *plugins;

    if (tdh_args_against(args, host->plugins, &terms, &is_other, &err) != 0) {
        *ret_code = tdh_cli_usage(args, "%s", err.text);
        return NULL;
    }
    plugins = describe_plugins(host->plugins, is_other ? &terms : NULL, &err);
    if (plugins == NULL) {
        *ret_code = tdh_cli_fail(args, &err);
        return NULL;
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "on", tdh_cli_terms(&terms), "rules",
                     describe_rules(host->plugins), "plugins", plugins, "pairs",
                     tdh_plugins_pairs(host->plugins, is_other ? &terms : NULL));
}

static int show(const struct tdh_args *args, json_t *matrix)
{
    const char *path = tdh_args_value(args, "html", NULL);
    struct td_err err;
    int rc = path != NULL ? tdh_matrix_html(matrix, path, &err) : 0;

    if (rc == 0 && args->is_json)
        return tdh_cli_print(matrix);
    if (rc == 0 && path == NULL)
        print_matrix(matrix);
    json_decref(matrix);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    if (path != NULL)
        printf("wrote %s\n", path);
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_matrix(const struct tdh_args *args)
{
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);
    json_t *matrix;
    int code = TDH_EXIT_FAILED;

    if (host == NULL)
        return tdh_cli_fail(args, &err);
    matrix = make_matrix(args, host, &code);
    args->hosts->free(host);
    return matrix != NULL ? show(args, matrix) : code;
}
