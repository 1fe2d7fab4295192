/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork: new runs out of old ones: from an event on, or from a step that is done again. The new run
 * goes on here.
 */
#include <stdio.h>

#include "cli/budget.h"
#include "cli/follow.h"

struct forking {
    const struct tdh_args *args;
    uint32_t at; /* 0: a retry */
    const struct tdh_meters *budget;
    struct tdh_follow follow;
};

static int make(struct tdh_host *host, const struct forking *forking,
                char ret_id[static TDH_ID_SIZE], struct td_err *err)
{
    char id[TDH_ID_SIZE];

    if (tdh_runs_find(host->engine, forking->args->words[0], id, err) != 0)
        return -1;
    return forking->at > 0
               ? tdh_run_fork(host->engine, id, forking->at, ret_id, err)
               : tdh_run_retry(host->engine, id, tdh_args_value(forking->args, "from", NULL),
                               ret_id, err);
}

static int make_and_follow(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct forking *forking = arg;
    const struct tdh_resume resume = { .budget = forking->budget };
    struct tdh_run *run;
    char id[TDH_ID_SIZE];

    if (make(host, forking, id, err) != 0)
        return -1;
    if (!forking->follow.is_quiet)
        fprintf(stderr, "run %s\n", id);
    return tdh_follow_resume(host, &forking->follow, id, &resume, &run, err) == 0
               ? tdh_follow_wait(host, &forking->follow, run, err)
               : -1;
}

static int fork_run(struct forking *forking)
{
    const struct tdh_args *args = forking->args;
    struct tdh_meters budget;
    struct td_err err;

    if (tdh_args_budget(args, &budget, &forking->budget, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    forking->follow =
        (struct tdh_follow){ .args = args,
                             .is_quiet = args->is_json || tdh_args_has(args, "quiet") };
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, make_and_follow, forking, &err) != 0)
        return tdh_follow_fail(&forking->follow, &err);
    return tdh_follow_print(&forking->follow);
}

int tdh_verb_runs_fork(const struct tdh_args *args)
{
    struct forking forking = { .args = args };
    struct td_err err;

    if (!tdh_args_has(args, "at"))
        return tdh_cli_usage(args, "--at says with how many events the new run begins");
    if (tdh_args_count(args, "at", 1, UINT32_MAX, &forking.at, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    return fork_run(&forking);
}

int tdh_verb_runs_retry(const struct tdh_args *args)
{
    struct forking forking = { .args = args };

    return fork_run(&forking);
}
