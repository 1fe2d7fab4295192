/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life: shows how the agents of tdevd live, and has them paused, stopped, and so on.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/left.h"

struct job {
    const char *act, *agent;
    json_t *result;
};

static bool is_there(void *arg)
{
    return tdh_left_to_daemon(arg);
}

static int fail_alone(struct td_err *err)
{
    td_fail(err, TD_E_UNAVAILABLE, "no tdevd is at work on this state folder");
    return td_hint(err, "agents live on in tdevd; those of a tdev end with it");
}

static int give(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    const struct tdh_order order = {
        .store = host->store,
        .state_dir = tdh_conf_str(host->conf, TDH_CONF_STATE_DIR),
        .act = job->act,
        .agent = job->agent,
        .is_there = is_there,
        .arg = host,
    };

    if (host->store == NULL || !tdh_left_to_daemon(host))
        return fail_alone(err);
    return tdh_agents_order(&order, &job->result, err);
}

static json_int_t number(const json_t *row, const char *member)
{
    return json_integer_value(json_object_get(row, member));
}

/* --- status --- */

static void print_history(const json_t *row)
{
    const json_t *change;
    size_t i;

    if (number(row, "forgotten") > 0)
        printf("  %lld earlier changes are not kept\n", (long long)number(row, "forgotten"));
    json_array_foreach (json_object_get(row, "history"), i, change)
        printf("  %s  %s%s%s\n", tdh_json_str(change, "time", ""), tdh_json_str(change, "to", ""),
               json_object_get(change, "reason") != NULL ? ": " : "",
               tdh_json_str(change, "reason", ""));
}

static void print_pool(const json_t *pool)
{
    printf("  pool: %lld of %lld to %lld, %lld busy, at most %lld; made %lld, used again %lld, "
           "reset %lld, ended when idle %lld, thrown away %lld\n",
           (long long)number(pool, "instances"), (long long)number(pool, "min"),
           (long long)number(pool, "max"), (long long)number(pool, "busy"),
           (long long)number(pool, "most"), (long long)number(pool, "made"),
           (long long)number(pool, "reused"), (long long)number(pool, "resets"),
           (long long)number(pool, "shrunk"), (long long)number(pool, "thrown"));
}

static void print_row(const json_t *row)
{
    printf("%-20s %-12s %-24s %lld running, %lld waiting, %lld done, %lld failed\n",
           tdh_json_str(row, "agent", ""), tdh_json_str(row, "state", ""),
           tdh_json_str(row, "since", "-"), (long long)number(row, "running"),
           (long long)number(row, "waiting"),
           (long long)(number(row, "calls") - number(row, "failures") - number(row, "running") -
                       number(row, "waiting")),
           (long long)number(row, "failures"));
}

static void print_more(const json_t *row)
{
    const json_t *pool = json_object_get(row, "pool"), *error = json_object_get(row, "error");

    if (json_object_get(row, "plugin") != NULL)
        printf("  plugin: %s %s\n", tdh_json_str(row, "plugin", ""),
               tdh_json_str(row, "version", ""));
    if (pool != NULL)
        print_pool(pool);
    if (error != NULL)
        printf("  last error: %s  %s\n", tdh_json_str(row, "error_time", ""),
               tdh_json_str(error, "text", ""));
    if (number(row, "refused") > 0)
        printf("  %lld changes were refused, as they may not follow\n",
               (long long)number(row, "refused"));
    print_history(row);
}

int tdh_verb_agent_status(const struct tdh_args *args)
{
    struct job job = { .act = "status", .agent = args->words[0] };
    const json_t *row;
    struct td_err err;
    size_t i;

    if (tdh_cli_host_run(args, TDH_HOST_LOOKING, give, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    json_array_foreach (job.result, i, row) {
        print_row(row);
        if (args->word_count > 0)
            print_more(row);
    }
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

/* --- acts --- */

static void print_result(const json_t *result)
{
    json_int_t running = number(result, "running"), left = number(result, "left");

    printf("%s is %s%s", tdh_json_str(result, "agent", ""), tdh_json_str(result, "state", ""),
           json_is_true(json_object_get(result, "forced")) ? ", by force" : "");
    if (left > 0)
        printf(": %lld of its calls cannot be cut, and end by themselves", (long long)left);
    else if (running > 0)
        printf(": %lld %s", (long long)running, running == 1 ? "call runs" : "calls run");
    putchar('\n');
}

static int act(const struct tdh_args *args, const char *what)
{
    struct job job = { .act = what, .agent = args->words[0] };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_LOOKING, give, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_result(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

int tdh_verb_agent_pause(const struct tdh_args *args)
{
    return act(args, "pause");
}

int tdh_verb_agent_resume(const struct tdh_args *args)
{
    return act(args, "resume");
}

int tdh_verb_agent_stop(const struct tdh_args *args)
{
    return act(args, "stop");
}

int tdh_verb_agent_start(const struct tdh_args *args)
{
    return act(args, "start");
}

int tdh_verb_agent_restart(const struct tdh_args *args)
{
    return act(args, "restart");
}
