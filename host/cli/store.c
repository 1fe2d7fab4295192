/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: checks the store, and moves its form from version to version.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

struct job {
    const struct tdh_args *args;
    uint32_t wanted; /* 0: the newest */
    uint32_t version, newest;
};

int tdh_cli_verify(struct tdh_host *host, void *arg, struct td_err *err)
{
    (void)arg;
    return tdh_store_verify(host->store, err);
}

int tdh_verb_store_verify(const struct tdh_args *args)
{
    struct job job = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, tdh_cli_verify, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:b}", "valid", 1));
    puts("the store is in order");
    return TDH_EXIT_DONE;
}

static int ask_migrate(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                       struct td_err *err)
{
    struct job *job = arg;

    if (table->version == NULL || table->migrate == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "this store's backend has one form only");
    if (table->version(ctx, &job->version, &job->newest, err) != 0)
        return -1;
    if (job->wanted == 0)
        job->wanted = job->newest;
    if (job->wanted > job->newest)
        return td_fail(err, TD_E_INVAL, "version %u is not known: the newest is %u", job->wanted,
                       job->newest);
    return table->migrate(ctx, job->wanted, err);
}

static int migrate(struct tdh_host *host, void *arg, struct td_err *err)
{
    return tdh_store_ask(host->store, ask_migrate, arg, err);
}

int tdh_verb_store_migrate(const struct tdh_args *args)
{
    const char *to = tdh_args_value(args, "to", NULL);
    struct job job = { .args = args };
    struct td_err err;
    char *end = NULL;
    long wanted = to != NULL ? strtol(to, &end, 10) : 0;

    if (to != NULL && (*end != '\0' || wanted < 1 || wanted > 1000000))
        return tdh_cli_usage(args, "--to must be a version, a whole number from 1");
    job.wanted = (uint32_t)wanted;
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, migrate, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(
            json_pack("{s:I, s:I}", "from", (json_int_t)job.version, "to", (json_int_t)job.wanted));
    printf("the store is of version %u (was %u)\n", job.wanted, job.version);
    return TDH_EXIT_DONE;
}
