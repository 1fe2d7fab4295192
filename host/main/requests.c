/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requests: the service by which plugins ask servers elsewhere (host/http).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/http.h"
#include "main/services.h"

enum { BODY_BYTES = 16 << 20 }; /* of a reply, when nothing is said */

/* "host", "host:port", "*", with "*" for any run of characters. An address of IPv6 stands in
 * brackets when it has a port. */
static bool allow(void *arg, const char *host, unsigned port)
{
    const json_t *permissions = arg;
    char place[320];

    if (tdh_permission_has(permissions, "network", host))
        return true;
    if (strchr(host, ':') != NULL)
        snprintf(place, sizeof(place), "[%.255s]:%u", host, port);
    else
        snprintf(place, sizeof(place), "%.255s:%u", host, port);
    return tdh_permission_has(permissions, "network", place);
}

struct fetching {
    struct tdh_http_request request;
    struct tdh_http_reply reply;
    bool is_sent;
    struct td_err *err;
    int rc;
};

static void run_fetch(void *arg)
{
    struct fetching *fetching = arg;

    fetching->rc =
        tdh_http_fetch(&fetching->request, &fetching->reply, &fetching->is_sent, fetching->err);
}

static uint64_t deadline_of(const struct tdh_call *call, uint32_t timeout_ms)
{
    uint64_t own_ns =
        timeout_ms > 0 ? tdh_clock_mono_ns() + timeout_ms * UINT64_C(1000000) : TDH_NEVER;
    uint64_t call_ns = call != NULL && call->deadline_ns != 0 ? call->deadline_ns : TDH_NEVER;

    return own_ns < call_ns ? own_ns : call_ns;
}

/* What was sent may have been done; an action with external effects is not sent again by itself. */
static int judge(const struct tdh_call *call, const struct fetching *fetching, struct td_err *err)
{
    if (!fetching->is_sent || call == NULL || call->target->effects != TDH_EFFECTS_EXTERNAL ||
        err->code == TD_E_CANCELLED)
        return -1;
    err->code = TD_E_DOUBT;
    err->is_retryable = false;
    return td_hint(err, "look whether action \"%s\" was done before it is tried again",
                   call->target->action);
}

static void drop_headers(void *headers)
{
    json_decref(headers);
}

/* It lives as long as the call of the plugin's function. */
static int keep(struct td_ctx *ctx, const struct tdh_http_reply *reply,
                struct td_http_reply *ret_reply, struct td_err *err)
{
    int rc = td_defer(ctx, drop_headers, reply->headers, err);

    if (rc == 0)
        rc = td_defer(ctx, free, reply->body, err);
    else
        free(reply->body);
    if (rc != 0)
        return -1;
    ret_reply->status = reply->status;
    ret_reply->headers = reply->headers;
    ret_reply->body = reply->body != NULL ? reply->body : "";
    ret_reply->body_bytes = reply->body_bytes;
    return 0;
}

static int fetch(struct td_ctx *ctx, const struct td_http_request *request,
                 struct td_http_reply *ret_reply, struct td_err *err)
{
    const struct tdh_call *call = tdh_service_call(ctx);
    struct fetching fetching = {
        .request = { .method = request->method,
                     .url = request->url,
                     .headers = request->headers,
                     .body = request->body,
                     .body_bytes = request->body_bytes,
                     .limit_bytes = request->limit_bytes > 0 ? request->limit_bytes : BODY_BYTES,
                     .deadline_ns = deadline_of(call, request->timeout_ms),
                     .ca_file = request->ca_file,
                     .allow = allow,
                     .allow_arg = (void *)(uintptr_t)tdh_ctx_permissions(tdh_ctx_of(ctx)) },
        .err = err,
        .rc = -1,
    };

    if (call == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "requests can be sent within an action only");
    if (tdh_service_on_worker(ctx, run_fetch, &fetching, &fetching.rc, err) != 0) {
        if (err->code == TD_E_PERM)
            td_hint(err, "name it in \"permissions: {network: [...]}\"");
        return judge(call, &fetching, err);
    }
    return keep(ctx, &fetching.reply, ret_reply, err);
}

void tdh_services_requests(struct tdh_host *host)
{
    host->services.http_fetch = fetch;
}
