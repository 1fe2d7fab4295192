/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route: which agent a route would choose, and why.
 */
#include <stdio.h>

#include "base/json.h"
#include "cli/cli.h"

struct job {
    const struct tdh_args *args;
    json_t *input, *result;
};

static int route(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    const char *action = job->args->word_count > 1 ? job->args->words[1] : NULL;

    job->result = tdh_agents_route(host->agents, job->args->words[0], action, job->input, err);
    return job->result != NULL ? 0 : -1;
}

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

static void print_reasons(const json_t *row)
{
    const json_t *one;
    size_t i;

    json_array_foreach (json_object_get(row, "rules"), i, one)
        printf("%28s rule +%.2f: %s\n", "", number(one, "weight"), tdh_json_str(one, "rule", ""));
    if (json_array_size(json_object_get(row, "words")) > 0) {
        printf("%28s words +%.2f:", "", number(row, "similarity"));
        json_array_foreach (json_object_get(row, "words"), i, one)
            printf(" %s", json_string_value(one));
        puts("");
    }
    if (number(row, "success") < 1)
        printf("%28s success x%.2f\n", "", number(row, "success"));
    if (number(row, "speed") < 1)
        printf("%28s speed x%.2f\n", "", number(row, "speed"));
    if (json_is_true(json_object_get(row, "full")))
        printf("%28s full: %lld of %lld calls\n", "",
               (long long)json_integer_value(json_object_get(row, "running")),
               (long long)json_integer_value(json_object_get(row, "capacity")));
}

static void print_result(const json_t *result)
{
    const json_t *row;
    size_t i;

    printf("%s: %s\n", tdh_json_str(result, "chosen", ""), tdh_json_str(result, "why", ""));
    json_array_foreach (json_object_get(result, "candidates"), i, row) {
        printf("  %-22s %.3f\n", tdh_json_str(row, "agent", ""), number(row, "score"));
        print_reasons(row);
    }
    if (json_array_size(json_object_get(result, "then")) > 0)
        printf("when it cannot be reached:");
    json_array_foreach (json_object_get(result, "then"), i, row)
        printf(" %s", json_string_value(row));
    if (i > 0)
        puts("");
}

int tdh_verb_agent_route(const struct tdh_args *args)
{
    struct job job = { .args = args };
    struct td_err err;
    int rc;

    job.input = tdh_args_inputs(args, "input", &err);
    if (job.input == NULL)
        return tdh_cli_fail(args, &err);
    rc = tdh_cli_host_run(args, TDH_HOST_BARE, route, &job, &err);
    json_decref(job.input);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_result(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}
