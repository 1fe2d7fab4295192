/* SPDX-License-Identifier: Apache-2.0 */
/*
 * models: the host's models, and how requests for them go out: whole, by the module of libcurl.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/http.h"
#include "main/main.h"

static void free_reply(struct tdh_http_reply *reply)
{
    json_decref(reply->headers);
    free(reply->body);
}

/* Where a model is says a file of the host's own configuration. */
static bool allow(void *arg, const char *host, unsigned port)
{
    (void)arg, (void)host, (void)port;
    return true;
}

/* The reply is there as a whole before any of it is passed on. */
static int fetch(void *arg, const struct tdh_ask *ask, struct tdh_answer *answer, tdh_body_fn *fn,
                 void *fn_arg, bool *ret_is_sent, struct td_err *err)
{
    const struct tdh_http_request request = {
        .method = ask->method,
        .url = ask->url,
        .headers = (const char *const *)ask->headers,
        .body = ask->body,
        .body_bytes = ask->body_bytes,
        .ca_file = ask->ca_file,
        .deadline_ns = ask->deadline_ns,
        .limit_bytes = ask->limit_bytes,
        .allow = allow,
    };
    struct tdh_http_reply reply = { 0 };
    int rc;

    (void)arg;
    if (tdh_http_fetch(&request, &reply, ret_is_sent, err) != 0)
        return -1;
    answer->status = reply.status;
    answer->headers = json_incref(reply.headers);
    rc = fn(fn_arg, answer, reply.body, reply.body_bytes, err);
    free_reply(&reply);
    return rc;
}

int tdh_host_models(struct tdh_host *host, struct td_err *err)
{
    struct tdh_models_options options = {
        .plugins = host->plugins,
        .services = &host->services,
        .runtime = host->runtime,
        .transport = fetch,
        .policy = tdh_host_call_policy(host->conf),
    };

    if (asprintf(&host->model_schema, "%s/schema/provider.json", host->data_dir) < 0) {
        host->model_schema = NULL;
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    }
    host->catalog =
        tdh_catalog_new((const char *const *)host->model_folders, host->model_schema, err);
    options.catalog = host->catalog;
    host->models = host->catalog != NULL ? tdh_models_new(&options, err) : NULL;
    if (host->models == NULL)
        return -1;
    tdh_models_register(host->models);
    return 0;
}

void tdh_host_models_end(struct tdh_host *host)
{
    tdh_models_free(host->models);
    tdh_catalog_free(host->catalog);
    free(host->model_schema);
    host->models = NULL;
    host->catalog = NULL;
    host->model_schema = NULL;
}
