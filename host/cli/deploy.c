/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deploy: versions of workflows in the store: deployed, gone back to, taken away, listed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/cli.h"

struct deploying {
    const struct tdh_args *args;
    char id[TDH_FLOW_VERSION_TEXT], version[TDH_FLOW_VERSION_TEXT];
    bool is_new;
    size_t count;
    json_t *head;
};

/* Processes that run hear of it now. */
static int tell_others(struct tdh_host *host, struct td_err *err)
{
    bool is_changed;

    tdh_events_ring(host->events);
    return tdh_flows_refresh(host->flows, host->store, &is_changed, err);
}

static int deploy(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct deploying *deploying = arg;
    struct tdh_definition *definition = tdh_flows_file(host->flows, deploying->args->words[0], err);
    int rc;

    if (definition == NULL)
        return -1;
    snprintf(deploying->id, sizeof(deploying->id), "%s", definition->name);
    snprintf(deploying->version, sizeof(deploying->version), "%s", definition->version);
    rc = tdh_flow_deploy(host->store, definition, &deploying->is_new, err);
    tdh_definition_release(definition);
    return rc == 0 ? tell_others(host, err) : -1;
}

int tdh_verb_workflow_deploy(const struct tdh_args *args)
{
    struct deploying deploying = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, deploy, &deploying, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s, s:b}", "workflow", deploying.id, "active",
                                       deploying.version, "new", (int)deploying.is_new));
    printf("%s %s is active%s\n", deploying.id, deploying.version,
           deploying.is_new ? "" : "; it was deployed already");
    return TDH_EXIT_DONE;
}

static int roll_back(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct deploying *deploying = arg;

    return tdh_flow_rollback(host->store, deploying->args->words[0],
                             tdh_args_value(deploying->args, "to", NULL), deploying->version,
                             err) == 0
               ? tell_others(host, err)
               : -1;
}

int tdh_verb_workflow_rollback(const struct tdh_args *args)
{
    struct deploying deploying = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, roll_back, &deploying, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(
            json_pack("{s:s, s:s}", "workflow", args->words[0], "active", deploying.version));
    printf("%s %s is active\n", args->words[0], deploying.version);
    return TDH_EXIT_DONE;
}

static int undeploy(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct deploying *deploying = arg;

    return tdh_flow_undeploy(host->store, deploying->args->words[0], &deploying->count, err) == 0
               ? tell_others(host, err)
               : -1;
}

int tdh_verb_workflow_undeploy(const struct tdh_args *args)
{
    struct deploying deploying = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, undeploy, &deploying, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:I}", "workflow", args->words[0], "versions",
                                       (json_int_t)deploying.count));
    printf("%s is not deployed any more: %zu version%s taken away\n", args->words[0],
           deploying.count, deploying.count == 1 ? "" : "s");
    return TDH_EXIT_DONE;
}

/* --- looking --- */

static int look_up(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct deploying *deploying = arg;
    const char *id = deploying->args->words[0];
    struct tdh_definition *definition;

    deploying->head = tdh_flows_versions(host->flows, id);
    if (deploying->head != NULL)
        return 0;
    definition = tdh_flows_file(host->flows, id, err); /* its words, when there is none at all */
    if (definition == NULL)
        return -1;
    tdh_definition_release(definition);
    td_fail(err, TD_E_NOTFOUND, "workflow \"%.200s\" is not deployed", id);
    return td_hint(err, "runs follow its file; to keep versions of it: tdev workflow deploy %.80s",
                   id);
}

static json_t *show_row(const json_t *head, const json_t *row)
{
    const char *version = tdh_json_str(row, "version", "");
    char time[40];

    return json_pack("{s:s, s:b, s:s, s:s}", "version", version, "active",
                     strcmp(version, tdh_json_str(head, "active", "")) == 0, "deployed",
                     tdh_clock_print(json_integer_value(json_object_get(row, "deployed_us")), time,
                                     sizeof(time)),
                     "hash", tdh_json_str(row, "hash", ""));
}

int tdh_verb_workflow_versions(const struct tdh_args *args)
{
    struct deploying deploying = { .args = args };
    json_t *list = json_array(), *row;
    struct td_err err;
    size_t i;

    if (tdh_cli_host_run(args, TDH_HOST_LOOKING, look_up, &deploying, &err) != 0) {
        json_decref(list);
        return tdh_cli_fail(args, &err);
    }
    json_array_foreach (json_object_get(deploying.head, "versions"), i, row)
        json_array_append_new(list, show_row(deploying.head, row));
    json_decref(deploying.head);
    if (args->is_json)
        return tdh_cli_print(list);
    json_array_foreach (list, i, row)
        printf("%c %-16s %-32s %.12s\n", json_is_true(json_object_get(row, "active")) ? '*' : ' ',
               tdh_json_str(row, "version", ""), tdh_json_str(row, "deployed", ""),
               tdh_json_str(row, "hash", ""));
    json_decref(list);
    return TDH_EXIT_DONE;
}
