/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workflow: lists, validates, converts, shows and draws workflows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/plan.h"

struct look {
    const struct tdh_args *args;
    json_t *result;
    char *text;
    unsigned refused;
};

static int list(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;

    look->result = tdh_flows_list(host->flows, err);
    return look->result != NULL ? 0 : -1;
}

int tdh_verb_workflow_list(const struct tdh_args *args)
{
    struct look look = { .args = args };
    struct td_err err;
    json_t *flow;
    size_t i;

    if (tdh_cli_host_run(args, TDH_HOST_LOOKING, list, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(look.result);
    json_array_foreach (look.result, i, flow)
        if (json_object_get(flow, "error") != NULL)
            printf("%-24s refused    %s\n", tdh_json_str(flow, "path", ""),
                   tdh_json_str(flow, "error", ""));
        else
            printf("%-24s %-10s %s%s\n", tdh_json_str(flow, "id", ""),
                   tdh_json_str(flow, "version", ""),
                   json_is_true(json_object_get(flow, "deployed")) ? "(deployed) " : "",
                   tdh_json_str(flow, "description", ""));
    json_decref(look.result);
    return TDH_EXIT_DONE;
}

static void tell_warnings(const json_t *warnings)
{
    const json_t *warning;
    size_t i;

    json_array_foreach (warnings, i, warning)
        fprintf(stderr, "tdev: warning: %s\n", json_string_value(warning));
}

/* What is wrong besides the first, which err says. */
static void tell_faults(struct look *look, struct tdh_host *host, const char *name, json_t *row,
                        const struct td_err *err)
{
    json_t *faults = err->code == TD_E_CONFIG ? tdh_flows_faults(host->flows, name) : NULL, *fault;
    struct td_err other = { .code = TD_E_CONFIG };
    size_t i;

    if (!look->args->is_json)
        tdh_cli_fail(look->args, err);
    json_array_foreach (faults, i, fault) {
        if (i == 0 || look->args->is_json)
            continue;
        snprintf(other.text, sizeof(other.text), "%s", tdh_json_str(fault, "text", ""));
        snprintf(other.hint, sizeof(other.hint), "%s", tdh_json_str(fault, "hint", ""));
        tdh_cli_fail(look->args, &other);
    }
    if (!look->args->is_json && json_array_size(faults) == TDH_FLOW_FAULTS)
        fprintf(stderr, "tdev: there may be more: of one workflow at most %d are told\n",
                TDH_FLOW_FAULTS);
    json_object_set_new(row, "error", json_string(err->text));
    if (json_array_size(faults) > 0)
        json_object_set(row, "errors", faults);
    json_decref(faults);
}

static int validate(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;

    look->result = json_array();
    for (size_t i = 0; i < look->args->word_count; i++) {
        struct tdh_definition *definition = tdh_flows_find(host->flows, look->args->words[i], err);
        json_t *row =
            json_pack("{s:s, s:b}", "workflow", look->args->words[i], "valid", definition != NULL);

        if (definition == NULL) {
            look->refused++;
            tell_faults(look, host, look->args->words[i], row, err);
        } else if (!look->args->is_json) {
            printf("%s is valid\n", look->args->words[i]);
            tell_warnings(tdh_flow_warnings(definition));
        }
        if (definition != NULL && tdh_flow_warnings(definition) != NULL)
            json_object_set(row, "warnings", (json_t *)tdh_flow_warnings(definition));
        json_array_append_new(look->result, row);
        tdh_definition_release(definition);
    }
    return 0;
}

int tdh_verb_workflow_validate(const struct tdh_args *args)
{
    struct look look = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_LOOKING, validate, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        tdh_cli_print(look.result);
    else
        json_decref(look.result);
    return look.refused > 0 ? TDH_EXIT_REFUSED : TDH_EXIT_DONE;
}

/* 1: the text notation, 0: YAML, -1: --to is neither. */
static int wanted_notation(const struct tdh_args *args)
{
    const char *to = tdh_args_value(args, "to", NULL), *path = tdh_args_value(args, "output", NULL);

    if (to != NULL)
        return strcmp(to, "flow") == 0 ? 1 : strcmp(to, "yaml") == 0 ? 0 : -1;
    return path != NULL ? tdh_flow_is_text(path) : !tdh_flow_is_text(args->words[0]);
}

/* Reads one file: neither agents nor plugins are needed to write it otherwise. */
int tdh_verb_workflow_convert(const struct tdh_args *args)
{
    const char *path = tdh_args_value(args, "output", NULL);
    int to_text = wanted_notation(args), rc = TDH_EXIT_DONE;
    struct tdh_yaml *yaml;
    struct td_err err;
    char *text;

    if (to_text < 0)
        return tdh_cli_usage(args, "--to must be yaml or flow");
    yaml = tdh_flow_text(args->words[0], &err);
    text = yaml != NULL ? tdh_flow_convert(yaml, to_text, &err) : NULL;
    tdh_yaml_free(yaml);
    if (text == NULL)
        return tdh_cli_fail(args, &err);
    if (path != NULL && tdh_file_write(path, text, strlen(text), 0644, &err) != 0)
        rc = tdh_cli_fail(args, &err);
    else if (args->is_json)
        rc = tdh_cli_print(
            json_pack("{s:s, s:s}", "notation", to_text ? "flow" : "yaml", "text", text));
    else if (path == NULL)
        fputs(text, stdout);
    free(text);
    return rc;
}

static int show(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;
    struct tdh_definition *definition = tdh_flows_find(host->flows, look->args->words[0], err);

    if (definition == NULL)
        return -1;
    look->result = json_incref(definition->text);
    tdh_definition_release(definition);
    return 0;
}

int tdh_verb_workflow_show(const struct tdh_args *args)
{
    struct look look = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_LOOKING, show, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    return tdh_cli_print(look.result);
}

/* --plan, and a drawing where one is wanted. */
static int draw(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;
    struct tdh_definition *definition = tdh_flows_find(host->flows, look->args->words[0], err);
    bool is_dot = strcmp(tdh_args_value(look->args, "format", "svg"), "dot") == 0,
         has_plan = tdh_args_has(look->args, "plan"),
         is_drawn = !has_plan || tdh_args_has(look->args, "output");
    struct tdh_critical *critical = NULL;
    int rc = 0;

    if (definition == NULL)
        return -1;
    if (has_plan)
        critical = tdh_plan_times(host, look->args, definition, &look->result, err);
    if (has_plan && critical == NULL)
        rc = -1;
    else if (is_drawn) {
        look->text = (is_dot ? tdh_flow_dot : tdh_flow_svg)(definition, critical, err);
        rc = look->text != NULL ? 0 : -1;
    }
    tdh_critical_free(critical);
    tdh_definition_release(definition);
    return rc;
}

/* With --plan the drawing goes to a file, what is printed is the plan. */
static int check_graph(const struct tdh_args *args)
{
    const char *format = tdh_args_value(args, "format", "svg");

    if (strcmp(format, "svg") != 0 && strcmp(format, "dot") != 0)
        return tdh_cli_usage(args, "--format must be svg or dot");
    if (tdh_args_has(args, "history") && !tdh_args_has(args, "plan"))
        return tdh_cli_usage(args, "--history is for --plan");
    if (tdh_args_has(args, "plan") && tdh_args_has(args, "format") && !tdh_args_has(args, "output"))
        return tdh_cli_usage(args, "--plan draws only into a file: give it with --output");
    return TDH_EXIT_DONE;
}

static int print_graph(const struct tdh_args *args, struct look *look)
{
    const char *format = tdh_args_value(args, "format", "svg"),
               *path = tdh_args_value(args, "output", NULL);
    struct td_err err;

    if (path != NULL && (look->result != NULL || !args->is_json) &&
        tdh_file_write(path, look->text, strlen(look->text), 0644, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (look->result != NULL && !args->is_json)
        tdh_plan_print(look->result);
    else if (args->is_json)
        return tdh_cli_print(look->result != NULL
                                 ? json_incref(look->result)
                                 : json_pack("{s:s, s:s}", "format", format, "graph", look->text));
    else if (path == NULL)
        fputs(look->text, stdout);
    return TDH_EXIT_DONE;
}

int tdh_verb_workflow_graph(const struct tdh_args *args)
{
    struct look look = { .args = args };
    struct td_err err;
    int rc = check_graph(args);

    if (rc != TDH_EXIT_DONE)
        return rc;
    if (tdh_cli_host_run(args, tdh_args_has(args, "history") ? TDH_HOST_WHOLE : TDH_HOST_LOOKING,
                         draw, &look, &err) != 0)
        rc = tdh_cli_fail(args, &err);
    else
        rc = print_graph(args, &look);
    json_decref(look.result);
    free(look.text);
    return rc;
}
