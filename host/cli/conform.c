/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform: the kit a plugin's author runs.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "main/main.h"

int tdh_verb_plugin_conform(const struct tdh_args *args)
{
    struct tdh_host_options options = { .config = args->config, .profile = args->profile };
    struct td_err err;
    struct tdh_host *host = tdh_host_new(&options, &err);
    int rc;

    if (host == NULL)
        return tdh_cli_fail(args, &err);
    rc = tdh_plugins_check(host->plugins, args->words[0], &err);
    tdh_host_free(host);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    printf("%s passes all gates\n", args->words[0]);
    return TDH_EXIT_DONE;
}
