/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve: what tdevd answers over HTTP: is it alive, is it ready, and its metrics.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "http/http.h"
#include "main/main.h"

enum { FILES_BESIDE = 1024 /* descriptors for all but connections */ };

struct tdh_serve {
    struct tdh_host *host;
    struct tdh_http_server *server;
    struct tdh_http_route *routes;
    atomic_bool is_ready; /* plugins, workflows and triggers have been read */
};

/* --- what is asked --- */

static void say(struct tdh_http_exchange *exchange, const char *json)
{
    struct td_err err; /* the client is gone: nobody to be told */

    tdh_http_add(exchange, "Cache-Control", "no-store", &err);
    tdh_http_reply(exchange, 200, "application/json", json, strlen(json), &err);
}

static void answer_health(struct tdh_http_exchange *exchange, void *arg)
{
    (void)arg;
    say(exchange, "{\"status\":\"ok\"}\n");
}

/* Can it be read? That nothing stands there is an answer. */
static bool is_store_open(const struct tdh_serve *serve, struct td_err *err)
{
    json_t *value;

    if (tdh_store_get(serve->host->store, "ready", "ready", &value, NULL, err) == 0)
        json_decref(value);
    else if (err->code != TD_E_NOTFOUND)
        return false;
    return true;
}

static void add_reason(struct tdh_buf *reasons, const char *reason)
{
    tdh_buf_text(reasons, reasons->length != 0 ? "; " : "not ready: ");
    tdh_buf_text(reasons, reason);
}

static void answer_ready(struct tdh_http_exchange *exchange, void *arg)
{
    struct tdh_serve *serve = arg;
    struct tdh_buf reasons = { 0 };
    struct td_err err;

    if (tdh_http_is_draining(exchange))
        add_reason(&reasons, "tdevd ends");
    else if (!atomic_load(&serve->is_ready))
        add_reason(&reasons, "tdevd begins: plugins, workflows and triggers are being read");
    if (!is_store_open(serve, &err))
        add_reason(&reasons, err.text);
    if (reasons.length == 0 && !reasons.failed)
        say(exchange, "{\"status\":\"ready\"}\n");
    else
        tdh_http_problem(exchange, 503, reasons.failed ? "not ready" : reasons.data, NULL);
    tdh_buf_free(&reasons);
}

static void answer_metrics(struct tdh_http_exchange *exchange, void *arg)
{
    struct tdh_buf text = { 0 };
    struct td_err err;

    (void)arg;
    tdh_metrics_print(&text);
    if (text.failed)
        tdh_http_problem(exchange, 500, "could not allocate the metrics", NULL);
    else
        tdh_http_reply(exchange, 200, TDH_METRICS_TYPE, text.data, text.length, &err);
    tdh_buf_free(&text);
}

/* --- its life --- */

/* A shell gives 1024 descriptors, and allows more. */
static void raise_files(rlim_t wanted)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < wanted)
        tdh_log(TDH_LOG_WARNING, "tdevd",
                TDH_FACTS(TDH_I("wanted", wanted), TDH_I("allowed", files.rlim_cur)),
                "may open fewer files than http.connections asks for");
}

static const char *path_or_null(const struct tdh_conf *conf, enum tdh_conf_key key)
{
    const char *path = tdh_conf_str(conf, key);

    return path[0] != '\0' ? path : NULL;
}

static void fill_options(const struct tdh_conf *conf, struct tdh_http_server_options *options)
{
    options->listen = tdh_conf_str(conf, TDH_CONF_HTTP_LISTEN);
    options->certificate = path_or_null(conf, TDH_CONF_HTTP_CERTIFICATE);
    options->key = path_or_null(conf, TDH_CONF_HTTP_KEY);
    options->has_access_log = strcmp(tdh_conf_str(conf, TDH_CONF_HTTP_ACCESS_LOG), "on") == 0;
    options->connections_max = (uint32_t)tdh_conf_int(conf, TDH_CONF_HTTP_CONNECTIONS);
    options->per_address_max = (uint32_t)tdh_conf_int(conf, TDH_CONF_HTTP_CONNECTIONS_PER_ADDRESS);
    options->body_bytes = (uint64_t)tdh_conf_int(conf, TDH_CONF_HTTP_BODY_BYTES);
    options->head_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_HTTP_HEAD_TIMEOUT);
    options->body_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_HTTP_BODY_TIMEOUT);
    options->write_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_HTTP_WRITE_TIMEOUT);
    options->idle_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_HTTP_IDLE_TIMEOUT);
}

static const struct tdh_http_route routes[] = {
    { "GET", "/healthz", answer_health, NULL },
    { "GET", "/readyz", answer_ready, NULL },
    { "GET", "/metrics", answer_metrics, NULL },
};
enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

static int listen_on(struct tdh_serve *serve, struct td_err *err)
{
    struct tdh_http_server_options options = { .runtime = serve->host->runtime,
                                               .routes = serve->routes,
                                               .route_count = ROUTES };

    memcpy(serve->routes, routes, sizeof(routes));
    for (size_t i = 0; i < ROUTES; i++)
        serve->routes[i].arg = serve;
    fill_options(serve->host->conf, &options);
    raise_files(options.connections_max + FILES_BESIDE);
    serve->server = tdh_http_server_new(&options, err);
    if (serve->server == NULL) {
        if (err->hint[0] == '\0')
            td_hint(err, "set http.listen to another address, or to \"off\"");
        return td_context(err, "http.listen");
    }
    tdh_log(TDH_LOG_INFO, "tdevd",
            TDH_FACTS(TDH_S("address", tdh_http_server_address(serve->server)),
                      TDH_B("tls", options.key != NULL)),
            "listens");
    return 0;
}

struct tdh_serve *tdh_serve_new(struct tdh_host *host, struct td_err *err)
{
    struct tdh_serve *serve = calloc(1, sizeof(*serve));

    if (serve != NULL)
        serve->routes = calloc(ROUTES, sizeof(*serve->routes));
    if (serve == NULL || serve->routes == NULL) {
        free(serve);
        td_fail(err, TD_E_NOMEM, "could not allocate the server");
        return NULL;
    }
    serve->host = host;
    if (strcmp(tdh_conf_str(host->conf, TDH_CONF_HTTP_LISTEN), "off") == 0 ||
        listen_on(serve, err) == 0)
        return serve;
    tdh_serve_free(serve);
    return NULL;
}

const char *tdh_serve_address(const struct tdh_serve *serve)
{
    return serve->server != NULL ? tdh_http_server_address(serve->server) : "off";
}

void tdh_serve_is_ready(struct tdh_serve *serve)
{
    atomic_store(&serve->is_ready, true);
}

void tdh_serve_reload(struct tdh_serve *serve)
{
    struct td_err err;

    if (serve->server != NULL && tdh_http_server_reload(serve->server, &err) != 0)
        tdh_log_err(TDH_LOG_ERROR, "tdevd", &err);
}

void tdh_serve_drain(struct tdh_serve *serve)
{
    if (serve->server != NULL)
        tdh_http_server_drain(serve->server,
                              (uint32_t)tdh_conf_int(serve->host->conf, TDH_CONF_HTTP_DRAIN));
}

void tdh_serve_free(struct tdh_serve *serve)
{
    if (serve == NULL)
        return;
    tdh_http_server_free(serve->server);
    free(serve->routes);
    free(serve);
}
