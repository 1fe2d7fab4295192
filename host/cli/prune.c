/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune: takes away runs that have ended, so that a store does not grow for ever: by the retention
 * of the configuration and the workflows, or by what the options say instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"

struct pruning {
    struct tdh_prune prune;
    bool is_told; /* what goes, by options */
    uint32_t runs, definitions;
    json_t *by; /* {workflow: {status: count}}, when nothing was told */
};

struct tdh_retention tdh_cli_retention(const struct tdh_conf *conf)
{
    return (struct tdh_retention){
        .age_ms = { tdh_conf_int(conf, TDH_CONF_RUNS_KEEP_DONE),
                    tdh_conf_int(conf, TDH_CONF_RUNS_KEEP_FAILED),
                    tdh_conf_int(conf, TDH_CONF_RUNS_KEEP_CANCELLED) },
        .keep = (uint32_t)tdh_conf_int(conf, TDH_CONF_RUNS_KEEP),
    };
}

static int prune_told(struct tdh_host *host, struct pruning *pruning, struct td_err *err)
{
    if (tdh_runs_prune(host->engine, &pruning->prune, &pruning->runs, err) != 0)
        return -1;
    return pruning->prune.is_dry ? 0
                                 : tdh_definitions_sweep(host->engine, &pruning->definitions, err);
}

static int prune_due(struct tdh_host *host, struct pruning *pruning, struct td_err *err)
{
    struct tdh_retention retention = tdh_cli_retention(host->conf);
    struct tdh_keeper *keeper = tdh_keeper_new(host->engine, pruning->prune.is_dry, err);
    int rc = keeper != NULL ? 0 : -1;

    for (bool is_more = true; rc == 0 && is_more;)
        rc = tdh_keeper_step(keeper, &retention, &is_more, err);
    if (rc == 0) {
        struct tdh_kept kept = tdh_keeper_told(keeper);

        pruning->runs = kept.run_count;
        pruning->definitions = kept.definition_count;
        pruning->by = json_deep_copy(kept.runs);
    }
    tdh_keeper_free(keeper);
    return rc;
}

static int prune_runs(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct pruning *pruning = arg;

    return pruning->is_told ? prune_told(host, pruning, err) : prune_due(host, pruning, err);
}

static void print(const struct pruning *pruning)
{
    const char *name, *status;
    json_t *counts, *count;

    printf("%u runs %s taken away\n", pruning->runs, pruning->prune.is_dry ? "would be" : "were");
    json_object_foreach (pruning->by, name, counts) {
        const char *sign = "";

        printf("  %-24s", name[0] != '\0' ? name : "(not known any more)");
        json_object_foreach (counts, status, count) {
            printf("%s %" JSON_INTEGER_FORMAT " %s", sign, json_integer_value(count), status);
            sign = ",";
        }
        putchar('\n');
    }
    if (pruning->definitions > 0)
        printf("%u definitions that no run refers to any more went with them\n",
               pruning->definitions);
}

static int read_options(const struct tdh_args *args, struct pruning *pruning)
{
    struct td_err err;

    pruning->is_told =
        tdh_args_has(args, "older") || tdh_args_has(args, "keep") || tdh_args_has(args, "status");
    if (tdh_args_count(args, "keep", 0, UINT32_MAX, &pruning->prune.keep, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (pruning->prune.status != NULL && !tdh_run_is_end(pruning->prune.status))
        return tdh_cli_usage(args, "--status must be done, failed or cancelled");
    if (tdh_duration_parse(tdh_args_value(args, "older", "30d"), &pruning->prune.older_ms, &err) !=
        0)
        return tdh_cli_usage(args, "--older: %s", err.text);
    return TDH_EXIT_DONE;
}

int tdh_verb_runs_prune(const struct tdh_args *args)
{
    struct pruning pruning = { .prune = { .status = tdh_args_value(args, "status", NULL),
                                          .is_dry = tdh_args_has(args, "dry-run") } };
    struct td_err err;
    int rc = read_options(args, &pruning);

    if (rc != TDH_EXIT_DONE)
        return rc;
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, prune_runs, &pruning, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:I, s:b, s:I, s:o*}", "runs", (json_int_t)pruning.runs,
                                       "dry_run", (int)pruning.prune.is_dry, "definitions",
                                       (json_int_t)pruning.definitions, "by", pruning.by));
    print(&pruning);
    json_decref(pruning.by);
    return TDH_EXIT_DONE;
}
