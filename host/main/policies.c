/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies: the host goes by the files of its policies folders, raises their alerts, and makes
 * events of what it has to tell.
 */
#include <stdlib.h>

#include "main/main.h"

int tdh_host_policies(struct tdh_host *host, struct td_err *err)
{
    char *schema;

    if (asprintf(&schema, "%s/schema/policy.json", host->data_dir) < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    host->policies = tdh_policies_read((const char *const *)host->policy_folders, schema, err);
    free(schema);
    host->alerts = host->policies != NULL ? tdh_alerts_new(host->policies, err) : NULL;
    if (host->alerts == NULL)
        return -1;
    tdh_call_policies(host->policies);
    tdh_alerts_listen(host->alerts);
    return 0;
}

void tdh_host_policies_end(struct tdh_host *host)
{
    tdh_call_policies(NULL);
    tdh_alerts_free(host->alerts);
    tdh_policies_free(host->policies);
    host->alerts = NULL;
    host->policies = NULL;
}

int tdh_host_tell(struct tdh_host *host, struct td_err *err)
{
    host->herald = tdh_herald_new(host->events, host->is_daemon, err);
    return host->herald != NULL ? tdh_alerts_watch(host->alerts, err) : -1;
}

void tdh_host_hush(struct tdh_host *host)
{
    if (host->alerts != NULL)
        tdh_alerts_rest(host->alerts);
    tdh_herald_end(host->herald);
    host->herald = NULL;
}
