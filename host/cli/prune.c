/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune: takes away runs that have ended, so that a store does not grow for ever.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"

struct pruning {
    struct tdh_prune prune;
    uint32_t count;
};

static int prune_runs(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct pruning *pruning = arg;

    return tdh_runs_prune(host->engine, &pruning->prune, &pruning->count, err);
}

int tdh_verb_runs_prune(const struct tdh_args *args)
{
    struct pruning pruning = { .prune = { .status = tdh_args_value(args, "status", NULL),
                                          .is_dry = tdh_args_has(args, "dry-run") } };
    struct td_err err;

    if (tdh_args_count(args, "keep", 0, UINT32_MAX, &pruning.prune.keep, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (pruning.prune.status != NULL && !tdh_run_is_end(pruning.prune.status))
        return tdh_cli_usage(args, "--status must be done, failed or cancelled");
    if (tdh_duration_parse(tdh_args_value(args, "older", "30d"), &pruning.prune.older_ms, &err) !=
        0)
        return tdh_cli_usage(args, "--older: %s", err.text);
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, prune_runs, &pruning, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:I, s:b}", "runs", (json_int_t)pruning.count, "dry_run",
                                       (int)pruning.prune.is_dry));
    printf("%u runs %s taken away\n", pruning.count, pruning.prune.is_dry ? "would be" : "were");
    return TDH_EXIT_DONE;
}
