/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept: connections come, are counted, and go to the worker with the fewest; all on worker 0.
 */
#include <errno.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "http/internal.h"

enum { BACKLOG = 1024, PAUSE_MS = 100 };

/* --- who has how many --- */

static struct tdh_peer *find_peer(struct tdh_http_server *server, const struct sockaddr *address)
{
    char key[TDH_PEER];
    size_t length = tdh_address_peer(address, key);
    struct tdh_peer *peer = tdh_map_get_n(&server->peers, key, length);

    if (peer != NULL)
        return peer;
    peer = calloc(1, sizeof(*peer));
    if (peer == NULL)
        return NULL;
    memcpy(peer->key, key, length);
    peer->key_length = length;
    if (tdh_map_set_n(&server->peers, key, length, peer, NULL) == 0)
        return peer;
    free(peer);
    return NULL;
}

static void leave_peer(struct tdh_http_server *server, struct tdh_peer *peer)
{
    if (peer == NULL || --peer->count != 0)
        return;
    tdh_map_remove_n(&server->peers, peer->key, peer->key_length);
    free(peer);
}

/* --- back from their lanes --- */

static void take_back(struct tdh_task *task)
{
    struct tdh_entry *entry = (struct tdh_entry *)task;
    struct tdh_http_server *server = entry->lane->server;

    entry->lane->count--;
    leave_peer(server, entry->peer);
    free(entry);
    tdh_metric_add(&tdh_http_connections, -1);
    if (--server->connections == 0 && server->drainer != NULL)
        tdh_co_wake(server->drainer);
}

void tdh_accept_return(struct tdh_entry *entry)
{
    struct tdh_worker *first = tdh_runtime_worker(entry->lane->server->options.runtime, 0);

    entry->task.run = take_back;
    if (first == tdh_worker_self())
        take_back(&entry->task);
    else
        tdh_worker_post(first, &entry->task);
}

/* --- new ones --- */

/* There are too many. What the client has sent is read, or it gets a reset instead of the reply. */
static void turn_away(const struct tdh_http_server *server, int fd, unsigned status,
                      const char *why)
{
    struct tdh_buf text = { 0 }, reply = { 0 };
    char sent[4096];

    tdh_metric_add(&tdh_http_turned_away, 1);
    tdh_problem_print(&text, status, why, NULL, NULL);
    tdh_buf_printf(&reply,
                   "HTTP/1.1 %u %s\r\nContent-Type: application/problem+json\r\nRetry-After: 1\r\n"
                   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                   status, tdh_status_text(status), text.length, text.data);
    if (server->tls == NULL && !text.failed && !reply.failed &&
        recv(fd, sent, sizeof(sent), MSG_DONTWAIT) != 0 &&
        send(fd, reply.data, reply.length, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        shutdown(fd, SHUT_WR);
    tdh_buf_free(&text);
    tdh_buf_free(&reply);
    evutil_closesocket(fd);
}

static struct tdh_lane *least_busy(struct tdh_http_server *server)
{
    struct tdh_lane *least = &server->lanes[0];

    for (unsigned i = 1; i < server->lane_count; i++)
        if (server->lanes[i].count < least->count)
            least = &server->lanes[i];
    return least;
}

static struct tdh_entry *new_entry(struct tdh_http_server *server, int fd, struct tdh_peer *peer,
                                   const struct sockaddr *address)
{
    struct tdh_entry *entry = calloc(1, sizeof(*entry));

    if (entry == NULL)
        return NULL;
    *entry = (struct tdh_entry){ .lane = least_busy(server), .peer = peer, .fd = fd };
    tdh_address_print(address, entry->address);
    entry->session = server->tls != NULL ? tdh_tls_session(server->tls) : NULL;
    if (server->tls == NULL || entry->session != NULL)
        return entry;
    free(entry);
    return NULL;
}

static void hand_over(struct tdh_http_server *server, struct tdh_entry *entry)
{
    int on = 1;

    setsockopt(entry->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    entry->lane->count++;
    server->connections++;
    tdh_metric_add(&tdh_http_connections, 1);
    entry->task.run = tdh_conn_begin;
    if (entry->lane->worker == tdh_worker_self())
        tdh_conn_begin(&entry->task);
    else
        tdh_worker_post(entry->lane->worker, &entry->task);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *arg)
{
    struct tdh_http_server *server = arg;
    uint32_t most = server->options.per_address_max;
    struct tdh_peer *peer = NULL;
    struct tdh_entry *entry;

    (void)listener;
    (void)length;
    if (server->connections >= server->options.connections_max) {
        turn_away(server, fd, 503, "all connections are in use (http.connections)");
        return;
    }
    if (most != 0) {
        peer = find_peer(server, address);
        if (peer == NULL || peer->count >= most) {
            turn_away(server, fd, 429,
                      "the address has too many connections (http.connections_per_address)");
            return;
        }
        peer->count++;
    }
    entry = new_entry(server, fd, peer, address);
    if (entry != NULL) {
        hand_over(server, entry);
        return;
    }
    leave_peer(server, peer);
    evutil_closesocket(fd);
}

static void go_on(struct tdh_timer *pause)
{
    struct tdh_http_server *server =
        (struct tdh_http_server *)((char *)pause - offsetof(struct tdh_http_server, pause));

    if (server->listener != NULL)
        evconnlistener_enable(server->listener);
}

/* No descriptors or memory: who asks again at once only burns time. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct tdh_http_server *server = arg;
    struct td_err err;

    td_fail_sys(&err, "could not take a connection");
    tdh_log_err(TDH_LOG_WARNING, "http", &err);
    if (tdh_timer_set(&server->pause, tdh_clock_mono_ns() + PAUSE_MS * UINT64_C(1000000), go_on,
                      &err) == 0)
        evconnlistener_disable(listener);
}

/* --- listening --- */

/* Design section 11. */
static int check_open(const struct tdh_http_server *server, const struct sockaddr *address,
                      struct td_err *err)
{
    const struct tdh_http_server_options *options = &server->options;

    if (tdh_address_is_loopback(address) || (server->tls != NULL && options->is_authenticated))
        return 0;
    td_fail(err, TD_E_PERM,
            "\"%s\" can be reached from other machines, which takes TLS and "
            "authentication; there is %s",
            options->listen, server->tls == NULL ? "no TLS" : "no authentication");
    return td_hint(err, "listen on 127.0.0.1 or [::1], and let a proxy before it see to both");
}

static int note_address(struct tdh_http_server *server, struct td_err *err)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);

    if (getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address,
                    &length) != 0)
        return td_fail_sys(err, "could not read the address that was given");
    tdh_address_print((const struct sockaddr *)&address, server->address);
    return 0;
}

int tdh_accept_begin(struct tdh_http_server *server, struct td_err *err)
{
    const char *text = server->options.listen;
    struct sockaddr_storage address;
    socklen_t length;

    if (tdh_address_parse(text, &address, &length, err) != 0 ||
        check_open(server, (const struct sockaddr *)&address, err) != 0)
        return -1;
    server->listener =
        evconnlistener_new_bind(tdh_worker_events(server->lanes[0].worker), on_accept, server,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE |
                                    (address.ss_family == AF_INET6 ? LEV_OPT_BIND_IPV6ONLY : 0U),
                                BACKLOG, (const struct sockaddr *)&address, (int)length);
    if (server->listener == NULL) {
        td_fail_sys(err, "could not listen on %s", text);
        return -1;
    }
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    return note_address(server, err);
}

void tdh_accept_end(struct tdh_http_server *server)
{
    tdh_timer_stop(&server->pause);
    if (server->listener != NULL)
        evconnlistener_free(server->listener);
    server->listener = NULL;
}
