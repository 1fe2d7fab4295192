/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent: lists agents and calls one.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

struct job {
    const struct tdh_args *args;
    json_t *input, *result;
};

static int list(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;

    job->result = tdh_agents_list(host->agents, err);
    return job->result != NULL ? 0 : -1;
}

static void print_list(const json_t *agents)
{
    json_t *agent, *action;
    size_t i, at;

    json_array_foreach (agents, i, agent) {
        if (json_object_get(agent, "error") != NULL) {
            printf("%-20s refused    %s\n", tdh_json_str(agent, "name", ""),
                   tdh_json_str(agent, "error", ""));
            continue;
        }
        printf("%-20s %-9s ", tdh_json_str(agent, "name", ""), tdh_json_str(agent, "version", ""));
        json_array_foreach (json_object_get(agent, "actions"), at, action)
            printf("%s%s", at > 0 ? "," : "", json_string_value(action));
        printf("  %s\n", tdh_json_str(agent, "description", ""));
    }
}

int tdh_verb_agent_list(const struct tdh_args *args)
{
    struct job job = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_BARE, list, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_list(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

static int print_chunk(void *arg, const json_t *chunk, struct td_err *err)
{
    (void)arg;
    (void)err;
    tdh_cli_print(json_incref((json_t *)chunk));
    return 0;
}

static int call_agent(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    struct tdh_call call = { .input = job->input, .emit = print_chunk };

    int rc;

    if (tdh_agents_find(host->agents, job->args->words[0], job->args->words[1], NULL, &call.target,
                        err) != 0)
        return -1;
    rc = tdh_call_run(&call, err);
    tdh_edition_release(call.target->edition);
    job->result = call.output;
    return rc;
}

int tdh_verb_agent_call(const struct tdh_args *args)
{
    struct job job = { .args = args };
    struct td_err err;
    int rc;

    job.input = tdh_args_inputs(args, "input", &err);
    if (job.input == NULL)
        return tdh_cli_fail(args, &err);
    rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, call_agent, &job, &err) == 0
             ? tdh_cli_print(job.result)
             : tdh_cli_fail(args, &err);
    json_decref(job.input);
    return rc;
}
