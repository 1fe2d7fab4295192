/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: runs a workflow or a pattern to its end.
 */
#include <stdio.h>
#include <string.h>

#include "cli/budget.h"
#include "cli/follow.h"

/* With --json, what was done before a failure is told with it. */
static int run_it(struct tdh_host *host, struct tdh_follow *follow, struct td_err *err)
{
    int rc = tdh_follow_run(host, follow, err);

    if (rc != 0 && follow->args->is_json && follow->id[0] != '\0')
        tdh_follow_past(host, follow);
    return rc;
}

static int run_workflow(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct tdh_follow *follow = arg;
    int rc = -1;

    follow->definition = tdh_flows_find(host->flows, follow->args->words[0], err);
    if (follow->definition != NULL &&
        tdh_flow_check_input(follow->definition, follow->input, err) == 0)
        rc = run_it(host, follow, err);
    tdh_definition_release(follow->definition);
    return rc;
}

static int run_pattern(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct tdh_follow *follow = arg;
    json_t *config = tdh_args_inputs(follow->args, "set", err);
    int rc = -1;

    if (config == NULL)
        return -1;
    follow->definition = tdh_pattern_definition(host->plugins, follow->args->words[0], config, err);
    if (follow->definition != NULL)
        rc = run_it(host, follow, err);
    tdh_definition_release(follow->definition);
    json_decref(config);
    return rc;
}

/* new; NULL: err. */
static json_t *read_tags(const struct tdh_args *args, struct td_err *err)
{
    json_t *tags = json_array();

    for (size_t i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i]->name, "tag") != 0)
            continue;
        if (!tdh_run_is_tag(args->values[i])) {
            json_decref(tags);
            td_fail(err, TD_E_INVAL, "--tag must be one word of at most %d bytes", TDH_TAG_BYTES);
            return NULL;
        }
        json_array_append_new(tags, json_string(args->values[i]));
    }
    return tags;
}

static int follow(const struct tdh_args *args, tdh_host_fn *fn)
{
    struct tdh_follow follow = { .args = args,
                                 .is_quiet = args->is_json || tdh_args_has(args, "quiet") };
    struct tdh_meters budget;
    struct td_err err;
    int rc;

    if (tdh_args_budget(args, &budget, &follow.budget, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    follow.priority = tdh_args_value(args, "priority", NULL);
    if (follow.priority != NULL && !tdh_priority_parse(follow.priority, &(enum tdh_priority){ 0 }))
        return tdh_cli_usage(args, "--priority must be critical, high, normal or low");
    follow.tenant = tdh_args_value(args, "tenant", NULL);
    if (follow.tenant != NULL && !tdh_run_is_tenant(follow.tenant))
        return tdh_cli_usage(args, "--tenant must be at most %d letters, digits, \"_\" and \"-\"",
                             TDH_TENANT_SIZE - 1);
    follow.tags = read_tags(args, &err);
    if (follow.tags == NULL)
        return tdh_cli_usage(args, "%s", err.text);
    follow.input = tdh_args_inputs(args, "input", &err);
    if (follow.input == NULL) {
        json_decref(follow.tags);
        return tdh_cli_fail(args, &err);
    }
    rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, fn, &follow, &err);
    rc = rc == 0 ? tdh_follow_print(&follow) : tdh_follow_fail(&follow, &err);
    json_decref(follow.input);
    json_decref(follow.tags);
    json_decref(follow.past);
    return rc;
}

int tdh_verb_run(const struct tdh_args *args)
{
    return follow(args, run_workflow);
}

int tdh_verb_pattern_run(const struct tdh_args *args)
{
    return follow(args, run_pattern);
}
