/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server: its parts put together, and its end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "http/internal.h"

struct tdh_metric tdh_http_requests =
    TDH_COUNTER("tdev_http_requests_total", "Requests that came with a whole head");
struct tdh_metric tdh_http_failures =
    TDH_COUNTER("tdev_http_failures_total", "Replies with a status of 500 or more");
struct tdh_metric tdh_http_refusals =
    TDH_COUNTER("tdev_http_refusals_total", "Requests that were malformed or beyond a bound");
struct tdh_metric tdh_http_timeouts =
    TDH_COUNTER("tdev_http_timeouts_total", "Clients that were too slow to send or to read");
struct tdh_metric tdh_http_connections = TDH_GAUGE("tdev_http_connections", "Connections");
struct tdh_metric tdh_http_turned_away =
    TDH_COUNTER("tdev_http_turned_away_total", "Connections beyond the most that are taken");

static int copy_paths(struct tdh_http_server *server, struct td_err *err)
{
    const struct tdh_http_server_options *options = &server->options;

    if (options->certificate == NULL)
        return 0;
    server->certificate = strdup(options->certificate);
    server->key = strdup(options->key);
    if (server->certificate == NULL || server->key == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    server->tls = tdh_tls_new(server->certificate, server->key, err);
    return server->tls != NULL ? 0 : -1;
}

static int make_lanes(struct tdh_http_server *server, struct td_err *err)
{
    struct tdh_runtime *runtime = server->options.runtime;

    server->lane_count = tdh_runtime_workers(runtime);
    server->lanes = calloc(server->lane_count, sizeof(*server->lanes));
    if (server->lanes == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the server");
    for (unsigned i = 0; i < server->lane_count; i++)
        server->lanes[i] =
            (struct tdh_lane){ .server = server, .worker = tdh_runtime_worker(runtime, i) };
    return 0;
}

/* So that they are told before anything happens, too. */
static void list_metrics(void)
{
    tdh_metric_list(&tdh_http_requests);
    tdh_metric_list(&tdh_http_failures);
    tdh_metric_list(&tdh_http_refusals);
    tdh_metric_list(&tdh_http_timeouts);
    tdh_metric_list(&tdh_http_connections);
    tdh_metric_list(&tdh_http_turned_away);
}

struct tdh_http_server *tdh_http_server_new(const struct tdh_http_server_options *options,
                                            struct td_err *err)
{
    struct tdh_http_server *server;

    if (tdh_routes_check(options->routes, options->route_count, err) != 0)
        return NULL;
    server = calloc(1, sizeof(*server));
    if (server == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the server");
        return NULL;
    }
    server->options = *options;
    list_metrics();
    if (copy_paths(server, err) == 0 && make_lanes(server, err) == 0 &&
        tdh_accept_begin(server, err) == 0)
        return server;
    tdh_accept_end(server);
    tdh_http_server_free(server);
    return NULL;
}

const char *tdh_http_server_address(const struct tdh_http_server *server)
{
    return server->address;
}

int tdh_http_server_reload(struct tdh_http_server *server, struct td_err *err)
{
    struct ssl_ctx_st *tls;

    if (server->tls == NULL)
        return 0;
    tls = tdh_tls_new(server->certificate, server->key, err);
    if (tls == NULL)
        return -1;
    tdh_tls_free(server->tls); /* sessions have references of their own */
    server->tls = tls;
    return 0;
}

/* --- its end --- */

typedef void conn_fn(struct tdh_conn *conn);
struct lane_job {
    struct tdh_lane *lane;
    conn_fn *fn;
};

static void run_lane(void *arg)
{
    const struct lane_job *job = arg;
    struct tdh_conn *next;

    for (struct tdh_conn *conn = job->lane->conns; conn != NULL; conn = next) {
        next = conn->next;
        job->fn(conn);
    }
}

/* Does it with all connections, each on its worker. */
static void each_conn(struct tdh_http_server *server, conn_fn *fn)
{
    for (unsigned i = 0; i < server->lane_count; i++) {
        struct lane_job job = { &server->lanes[i], fn };
        struct td_err err;

        if (tdh_hop(server->lanes[i].worker, run_lane, &job, &err) != 0)
            tdh_log_err(TDH_LOG_WARNING, "http", &err);
    }
}

/* True when none is left. */
static bool wait_for_none(struct tdh_http_server *server, uint64_t until_ns)
{
    while (server->connections != 0)
        if (tdh_co_wait(until_ns) != TDH_WOKEN)
            return server->connections == 0;
    return true;
}

void tdh_http_server_drain(struct tdh_http_server *server, uint32_t limit_ms)
{
    uint64_t until_ns = tdh_clock_mono_ns() + limit_ms * UINT64_C(1000000);

    atomic_store(&server->is_draining, true);
    tdh_accept_end(server);
    each_conn(server, tdh_conn_drain);
    server->drainer = tdh_co_self();
    if (!wait_for_none(server, until_ns)) {
        tdh_log(TDH_LOG_WARNING, "http", TDH_FACTS(TDH_I("connections", server->connections)),
                "ends connections that are still in use");
        each_conn(server, tdh_conn_cut);
        while (server->connections != 0)
            tdh_co_park();
    }
    server->drainer = NULL;
}

void tdh_http_server_free(struct tdh_http_server *server)
{
    if (server == NULL)
        return;
    for (unsigned i = 0; server->lanes != NULL && i < server->lane_count; i++)
        tdh_buf_free(&server->lanes[i].scratch);
    free(server->lanes);
    tdh_map_free(&server->peers, free);
    tdh_tls_free(server->tls);
    free(server->certificate);
    free(server->key);
    free(server);
}
