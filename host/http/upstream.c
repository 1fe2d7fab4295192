/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upstream: a server that is asked: what its url says, its berths, and its end.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/cable.h"
#include "http/parse_line.h"

struct tdh_metric tdh_client_calls =
    TDH_COUNTER("tdev_upstream_calls_total", "Requests to upstreams");
struct tdh_metric tdh_client_reused = TDH_COUNTER(
    "tdev_upstream_reused_total", "Requests to upstreams over connections that were kept");
struct tdh_metric tdh_client_repeats = TDH_COUNTER(
    "tdev_upstream_repeats_total", "Requests sent again, as a kept connection had ended");
struct tdh_metric tdh_client_timeouts =
    TDH_COUNTER("tdev_upstream_timeouts_total", "Calls of upstreams that took too long");
struct tdh_metric tdh_client_connects =
    TDH_COUNTER("tdev_upstream_connects_total", "Connections made to upstreams");
struct tdh_metric tdh_client_connections =
    TDH_GAUGE("tdev_upstream_connections", "Connections to upstreams");
struct tdh_metric tdh_client_resting =
    TDH_GAUGE("tdev_upstream_connections_idle", "Connections to upstreams that nobody uses");
struct tdh_metric tdh_client_waiting =
    TDH_GAUGE("tdev_upstream_waiting", "Calls that wait for a connection to an upstream");
struct tdh_metric tdh_client_refusals = TDH_COUNTER(
    "tdev_upstream_refusals_total", "Calls not begun: the upstream is down, or too many wait");

/* So that they are told before anything happens, too. */
static void list_metrics(void)
{
    tdh_metric_list(&tdh_client_calls);
    tdh_metric_list(&tdh_client_reused);
    tdh_metric_list(&tdh_client_repeats);
    tdh_metric_list(&tdh_client_timeouts);
    tdh_metric_list(&tdh_client_connects);
    tdh_metric_list(&tdh_client_connections);
    tdh_metric_list(&tdh_client_resting);
    tdh_metric_list(&tdh_client_waiting);
    tdh_metric_list(&tdh_client_refusals);
}

/* --- the url --- */

static int fail_url(const char *url, const char *why, struct td_err *err)
{
    td_fail(err, TD_E_INVAL, "\"%.300s\" is no url of a server: %s", url, why);
    return td_hint(err, "write https:// or http://, a name or an address, and maybe a port: "
                        "https://api.example.com:8443");
}

/* ":8080", "", and either with "/". Returns 0 when it is none. */
static unsigned read_port(const char *text, unsigned usual)
{
    unsigned port = 0;
    const char *at = text;

    if (*at != ':')
        return *at == '\0' || strcmp(at, "/") == 0 ? usual : 0;
    for (at++; *at >= '0' && *at <= '9' && port <= UINT16_MAX; at++)
        port = port * 10 + (unsigned)(*at - '0');
    return at > text + 1 && port <= UINT16_MAX && (*at == '\0' || strcmp(at, "/") == 0) ? port : 0;
}

static int read_url(struct tdh_upstream *upstream, const char *url, struct td_err *err)
{
    bool is_tls = strncasecmp(url, "https://", 8) == 0;
    const char *host = url + (is_tls ? 8 : 7), *end;
    unsigned port;

    if (!is_tls && strncasecmp(url, "http://", 7) != 0)
        return fail_url(url, "it begins neither with https:// nor with http://", err);
    upstream->is_tls = is_tls;
    if (*host == '[') {
        host++;
        end = strchr(host, ']');
    } else {
        end = host + tdh_bytes_of(host, strlen(host), TDH_BYTE_HOST);
    }
    if (end == NULL || end == host || (size_t)(end - host) >= sizeof(upstream->host))
        return fail_url(url, "it names no host", err);
    memcpy(upstream->host, host, (size_t)(end - host));
    port = read_port(end + (*end == ']'), is_tls ? 443 : 80);
    if (port == 0)
        return fail_url(url, "what stands behind the host is no port", err);
    upstream->port = (uint16_t)port;
    return 0;
}

/* The host may be an address: then nothing is ever looked up. */
static int read_address(struct tdh_upstream *upstream, const char *url, struct td_err *err)
{
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM,
                                     .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    char port[8];
    int rc;

    snprintf(port, sizeof(port), "%u", (unsigned)upstream->port);
    rc = getaddrinfo(upstream->host, port, &wanted, &found);
    if (rc == EAI_MEMORY)
        return td_fail(err, TD_E_NOMEM, "could not allocate an address");
    if (rc != 0)
        return strchr(upstream->host, ':') != NULL ? fail_url(url, "it names no host", err) : 0;
    upstream->is_address = true;
    for (unsigned i = 0; i < upstream->berth_count; i++) {
        struct tdh_berth *berth = &upstream->berths[i];

        memcpy(&berth->places[0].address, found->ai_addr, found->ai_addrlen);
        berth->places[0].length = found->ai_addrlen;
        berth->place_count = 1;
        berth->places_until_ns = TDH_NEVER;
    }
    freeaddrinfo(found);
    return 0;
}

static void print_names(struct tdh_upstream *upstream)
{
    bool is_bare = strchr(upstream->host, ':') != NULL;
    bool is_usual = upstream->port == (upstream->is_tls ? 443 : 80);
    const char *open = is_bare ? "[" : "", *end = is_bare ? "]" : "";

    snprintf(upstream->health.name, sizeof(upstream->health.name), "%s://%s%s%s:%u",
             upstream->is_tls ? "https" : "http", open, upstream->host, end,
             (unsigned)upstream->port);
    if (is_usual)
        snprintf(upstream->field, sizeof(upstream->field), "%s%s%s", open, upstream->host, end);
    else
        snprintf(upstream->field, sizeof(upstream->field), "%s%s%s:%u", open, upstream->host, end,
                 (unsigned)upstream->port);
}

/* --- its life --- */

static void fill(struct tdh_upstream_options *options)
{
    const struct {
        uint32_t *number, usual;
    } rows[] = {
        { &options->connections, 64 }, { &options->idle, 16 },
        { &options->waiting, 1024 },   { &options->connect_ms, 10000 },
        { &options->head_ms, 60000 },  { &options->silence_ms, 60000 },
        { &options->keep_ms, 30000 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (*rows[i].number == 0)
            *rows[i].number = rows[i].usual;
}

static void free_upstream(struct tdh_upstream *upstream)
{
    free(upstream->ca_file);
    free(upstream);
}

static int set_up(struct tdh_upstream *upstream, const struct tdh_upstream_options *options,
                  struct td_err *err)
{
    upstream->options = *options;
    fill(&upstream->options);
    upstream->options.url = upstream->options.ca_file = NULL; /* borrowed */
    for (unsigned i = 0; i < upstream->berth_count; i++)
        upstream->berths[i].upstream = upstream;
    if (read_url(upstream, options->url, err) != 0 ||
        read_address(upstream, options->url, err) != 0)
        return -1;
    print_names(upstream);
    if (options->ca_file == NULL)
        return 0;
    upstream->ca_file = strdup(options->ca_file);
    return upstream->ca_file != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a path");
}

struct tdh_upstream *tdh_upstream_new(const struct tdh_upstream_options *options,
                                      struct td_err *err)
{
    unsigned count = tdh_runtime_workers(options->runtime);
    struct tdh_upstream *upstream =
        calloc(1, sizeof(*upstream) + count * sizeof(upstream->berths[0]));

    if (upstream == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate an upstream");
        return NULL;
    }
    upstream->berth_count = count;
    atomic_init(&upstream->berths_left, count);
    if (set_up(upstream, options, err) != 0) {
        free_upstream(upstream);
        return NULL;
    }
    list_metrics();
    tdh_health_list(&upstream->health);
    return upstream;
}

const char *tdh_upstream_name(const struct tdh_upstream *upstream)
{
    return upstream->health.name;
}

void tdh_upstream_release(struct tdh_upstream *upstream)
{
    if (atomic_fetch_sub(&upstream->berths_left, 1) == 1)
        free_upstream(upstream);
}

static void leave_berth(struct tdh_task *task)
{
    tdh_berth_leave((struct tdh_berth *)((char *)task - offsetof(struct tdh_berth, leave)));
}

void tdh_upstream_free(struct tdh_upstream *upstream)
{
    struct tdh_runtime *runtime;
    unsigned count;

    if (upstream == NULL)
        return;
    tdh_health_unlist(&upstream->health);
    runtime = upstream->options.runtime;
    count = upstream->berth_count;
    for (unsigned i = 0; i < count; i++) { /* it may be gone after the last */
        upstream->berths[i].leave.run = leave_berth;
        tdh_worker_post(tdh_runtime_worker(runtime, i), &upstream->berths[i].leave);
    }
}
