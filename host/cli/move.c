/* SPDX-License-Identifier: Apache-2.0 */
/*
 * move: a run out of the store into a file, and a file's run into the store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

enum { RUN_BYTES_MAX = 1 << 30 };

struct moving {
    const struct tdh_args *args;
    json_t *run;
    char id[TDH_ID_SIZE];
};

static int export_run(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct moving *moving = arg;

    return tdh_runs_find(host->engine, moving->args->words[0], moving->id, err) == 0
               ? tdh_run_export(host->engine, moving->id, &moving->run, err)
               : -1;
}

static int write_run(const struct moving *moving, const char *path, struct td_err *err)
{
    char *text = tdh_json_text(moving->run, TDH_JSON_PRETTY);
    int rc;

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not write run %s as JSON", moving->id);
    rc = tdh_file_write(path, text, strlen(text), 0600, err);
    free(text);
    return rc;
}

int tdh_verb_runs_export(const struct tdh_args *args)
{
    const char *path = tdh_args_value(args, "output", NULL);
    struct moving moving = { .args = args };
    struct td_err err;
    int rc = TDH_EXIT_DONE;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, export_run, &moving, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (path == NULL)
        return tdh_cli_print(moving.run);
    if (write_run(&moving, path, &err) != 0)
        rc = tdh_cli_fail(args, &err);
    else if (args->is_json)
        tdh_cli_print(json_pack("{s:s, s:s}", "run", moving.id, "file", path));
    else
        printf("run %s is in %s\n", moving.id, path);
    json_decref(moving.run);
    return rc;
}

static int import_run(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct moving *moving = arg;

    return tdh_run_import(host->engine, moving->run, moving->id, err);
}

int tdh_verb_runs_import(const struct tdh_args *args)
{
    struct moving moving = { .args = args };
    struct td_err err;
    int rc;

    moving.run = tdh_json_read(args->words[0], RUN_BYTES_MAX, &err);
    if (moving.run == NULL)
        return tdh_cli_fail(args, &err);
    rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, import_run, &moving, &err);
    json_decref(moving.run);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s}", "run", moving.id));
    printf("run %s\n", moving.id);
    return TDH_EXIT_DONE;
}
