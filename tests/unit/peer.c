/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer: a server on loopback that does what a script says.
 */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"
#include "base/metric.h"

enum { HEARD = 16384, CONNECTIONS = 256, DRIP_MS = 4, PATIENCE_MS = 10000 };

/* A connection, in its thread. */
struct guest {
    struct peer *peer;
    int fd;
    SSL *ssl;
    bool is_cut;
    char heard[HEARD + 1];
    size_t length;
};

struct peer {
    const struct peer_act *acts;
    size_t count;
    struct ssl_ctx_st *tls;
    int listener, end[2];
    unsigned port;
    pthread_t thread, threads[CONNECTIONS];
    atomic_uint next, connections, requests, gone, ended;
    atomic_size_t sent;
    pthread_mutex_t lock;
    char heard[HEARD + 1]; /* under lock */
    struct guest guests[CONNECTIONS];
};

static ssize_t hear(const struct guest *guest, char *bytes, size_t room)
{
    return guest->ssl != NULL ? SSL_read(guest->ssl, bytes, (int)room)
                              : recv(guest->fd, bytes, room, 0);
}

static ssize_t tell(const struct guest *guest, const char *bytes, size_t length)
{
    return guest->ssl != NULL ? SSL_write(guest->ssl, bytes, (int)length)
                              : send(guest->fd, bytes, length, MSG_NOSIGNAL);
}

/* --- requests --- */

static size_t length_of_body(const char *head)
{
    const char *field = strstr(head, "Content-Length: ");

    return field != NULL ? strtoul(field + 16, NULL, 10) : 0;
}

/* The rest of a body, of which only the length counts. */
static bool hear_rest(const struct guest *guest, size_t left)
{
    static _Thread_local char bytes[65536];

    while (left > 0) {
        ssize_t got = hear(guest, bytes, left < sizeof(bytes) ? left : sizeof(bytes));

        if (got <= 0)
            return false;
        left -= (size_t)got;
    }
    return true;
}

static bool hear_more(struct guest *guest)
{
    ssize_t got = hear(guest, guest->heard + guest->length, HEARD - guest->length);

    if (got <= 0)
        return false;
    guest->length += (size_t)got;
    guest->heard[guest->length] = '\0';
    return true;
}

static bool hear_head(struct guest *guest)
{
    guest->length = 0;
    guest->heard[0] = '\0';
    while (strstr(guest->heard, "\r\n\r\n") == NULL)
        if (!hear_more(guest))
            return false;
    return true;
}

/* Bytes behind it would be lost: clients that do not send ahead have none. */
static bool hear_body(struct guest *guest)
{
    const char *end = strstr(guest->heard, "\r\n\r\n");
    size_t wanted = (size_t)(end + 4 - guest->heard) + length_of_body(guest->heard);

    while (guest->length < wanted && guest->length < HEARD)
        if (!hear_more(guest))
            return false;
    return guest->length >= wanted || hear_rest(guest, wanted - guest->length);
}

static void publish(struct guest *guest)
{
    struct peer *peer = guest->peer;

    pthread_mutex_lock(&peer->lock);
    memcpy(peer->heard, guest->heard, guest->length + 1);
    pthread_mutex_unlock(&peer->lock);
    atomic_fetch_add(&peer->requests, 1);
}

/* --- acts --- */

/* True when the client went away, or the test ends. */
static bool waits(const struct guest *guest, int ms)
{
    struct pollfd fds[2] = { { .fd = guest->fd, .events = POLLRDHUP },
                             { .fd = guest->peer->end[0], .events = POLLIN } };

    return poll(fds, 2, ms) > 0;
}

static bool say(const struct guest *guest, const char *bytes, size_t length, bool drips)
{
    for (size_t at = 0, step; at < length; at += step) {
        ssize_t sent;

        if (drips && at > 0 && waits(guest, DRIP_MS))
            return false;
        sent = tell(guest, bytes + at, drips ? 1 : length - at);
        if (sent <= 0)
            return false;
        step = (size_t)sent;
        atomic_fetch_add(&guest->peer->sent, step);
    }
    return true;
}

static bool say_all(const struct guest *guest, const struct peer_act *act)
{
    size_t length = act->length != 0 ? act->length : act->say != NULL ? strlen(act->say) : 0;
    unsigned times = act->times != 0 ? act->times : 1;

    for (unsigned i = 0; i < times; i++)
        if (!say(guest, act->say, length, act->drips))
            return false;
    return true;
}

static void break_off(const struct guest *guest)
{
    const struct linger at_once = { .l_onoff = 1 };

    setsockopt(guest->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

/* True when another request may come. *ret_is_gone: the client has ended it. */
static bool act_on(struct guest *guest, bool *ret_is_gone)
{
    struct peer *peer = guest->peer;
    const struct peer_act *act;
    char byte;
    size_t at;

    *ret_is_gone = true;
    if (!hear_head(guest))
        return false;
    at = atomic_fetch_add(&peer->next, 1);
    act = &peer->acts[at < peer->count ? at : peer->count - 1];
    if (!act->is_early && !hear_body(guest))
        return false;
    publish(guest);
    if (!say_all(guest, act))
        return false;
    *ret_is_gone = act->then == PEER_HOLD;
    if (act->then == PEER_RESET)
        break_off(guest);
    guest->is_cut = act->then == PEER_CUT;
    if (act->then != PEER_HOLD)
        return act->then == PEER_NEXT;
    while (act->is_early ? !waits(guest, -1) : hear(guest, &byte, 1) > 0)
        ;
    return false;
}

static void *entertain(void *arg)
{
    struct guest *guest = arg;
    bool is_gone = false;

    if (guest->peer->tls != NULL) {
        guest->ssl = SSL_new(guest->peer->tls);
        SSL_set_fd(guest->ssl, guest->fd);
    }
    if (guest->ssl == NULL || SSL_accept(guest->ssl) == 1)
        while (act_on(guest, &is_gone))
            ;
    if (guest->ssl != NULL && !is_gone && !guest->is_cut)
        SSL_shutdown(guest->ssl);
    SSL_free(guest->ssl);
    close(guest->fd);
    atomic_fetch_add(&guest->peer->ended, 1);
    if (is_gone)
        atomic_fetch_add(&guest->peer->gone, 1);
    return NULL;
}

/* --- its life --- */

static void *serve(void *arg)
{
    struct peer *peer = arg;
    struct pollfd fds[2] = { { .fd = peer->listener, .events = POLLIN },
                             { .fd = peer->end[0], .events = POLLIN } };

    while (poll(fds, 2, -1) > 0 && fds[1].revents == 0) {
        unsigned place = atomic_load(&peer->connections);
        struct guest *guest = &peer->guests[place];

        if (place == CONNECTIONS)
            abort();
        guest->peer = peer;
        guest->fd = accept(peer->listener, NULL, NULL);
        atomic_fetch_add(&peer->connections, 1);
        if (pthread_create(&peer->threads[place], NULL, entertain, guest) != 0)
            abort();
    }
    return NULL;
}

struct peer *peer_start(const struct peer_act *acts, size_t count, struct ssl_ctx_st *tls)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);

    assert_non_null(peer);
    peer->acts = acts;
    peer->count = count;
    peer->tls = tls;
    pthread_mutex_init(&peer->lock, NULL);
    assert_int_equal(pipe(peer->end), 0);
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(peer->listener >= 0);
    assert_int_equal(bind(peer->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer->listener, 128), 0);
    assert_int_equal(getsockname(peer->listener, (struct sockaddr *)&address, &length), 0);
    peer->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
    return peer;
}

void peer_end(struct peer *peer)
{
    assert_int_equal(write(peer->end[1], "x", 1), 1);
    pthread_join(peer->thread, NULL);
    for (unsigned i = 0; i < atomic_load(&peer->connections); i++)
        pthread_join(peer->threads[i], NULL);
    pthread_mutex_destroy(&peer->lock);
    close(peer->listener);
    close(peer->end[0]);
    close(peer->end[1]);
    free(peer);
}

unsigned peer_port(const struct peer *peer)
{
    return peer->port;
}

unsigned peer_connections(const struct peer *peer)
{
    return atomic_load(&peer->connections);
}

unsigned peer_requests(const struct peer *peer)
{
    return atomic_load(&peer->requests);
}

size_t peer_sent(const struct peer *peer)
{
    return atomic_load(&peer->sent);
}

unsigned peer_gone(const struct peer *peer)
{
    return atomic_load(&peer->gone);
}

unsigned peer_ended(const struct peer *peer)
{
    return atomic_load(&peer->ended);
}

bool peer_await_gone(const struct peer *peer, unsigned count)
{
    uint64_t until_ns = tdh_clock_mono_ns() + PATIENCE_MS * UINT64_C(1000000);

    while (peer_gone(peer) < count && tdh_clock_mono_ns() < until_ns)
        scene_pause(1);
    return peer_gone(peer) >= count;
}

const char *peer_heard(const struct peer *peer)
{
    return peer->heard;
}

/* --- the client --- */

static struct tdh_runtime *runtime;

struct tdh_runtime *peer_runtime(void)
{
    return runtime;
}

void peer_run(tdh_co_fn *fn, void *arg)
{
    const struct tdh_runtime_options options = { .workers = 2, .blocking_threads = 2 };
    struct td_err err;

    runtime = tdh_runtime_new(&options, &err);
    assert_non_null(runtime);
    assert_int_equal(tdh_runtime_run(runtime, fn, arg, &err), 0);
    tdh_runtime_free(runtime);
    runtime = NULL;
}

struct tdh_upstream *peer_upstream(const struct peer *peer,
                                   const struct tdh_upstream_options *options)
{
    struct tdh_upstream_options own = { .url = NULL };
    struct tdh_upstream *upstream;
    struct td_err err;
    char url[64];

    if (options != NULL)
        own = *options;
    own.runtime = runtime;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u", peer != NULL ? peer->port : 1);
    if (own.url == NULL)
        own.url = url;
    upstream = tdh_upstream_new(&own, &err);
    if (upstream == NULL)
        abort();
    return upstream;
}

void peer_ask(struct tdh_upstream *upstream, const struct tdh_http_ask *ask, struct got *ret_got)
{
    struct tdh_http_call *call;
    const char *bytes = "";
    size_t length = 0;

    memset(ret_got, 0, sizeof(*ret_got));
    call = tdh_http_open(upstream, ask, &ret_got->is_sent, &ret_got->err);
    ret_got->rc = call != NULL ? 0 : -1;
    if (call == NULL)
        return;
    ret_got->has_head = true;
    ret_got->status = tdh_http_call_status(call);
    ret_got->rc = tdh_http_call_whole(call, 64 << 20, &bytes, &length, &ret_got->err);
    if (ret_got->rc == 0)
        ret_got->err = (struct td_err){ .code = TD_OK };
    ret_got->body_bytes = length;
    memcpy(ret_got->body, bytes, length < GOT_BODY - 1 ? length : GOT_BODY - 1);
    tdh_http_call_end(call);
}

void peer_get(struct tdh_upstream *upstream, struct got *ret_got)
{
    const struct tdh_http_ask ask = { .method = "GET", .target = "/" };

    peer_ask(upstream, &ask, ret_got);
}

int64_t peer_metric(const char *name)
{
    for (const struct tdh_metric *cell = tdh_metric_first(); cell != NULL; cell = cell->next)
        if (strcmp(cell->name, name) == 0)
            return atomic_load(&cell->value);
    return 0;
}

/* --- scenes --- */

void scene_run(struct scene *scene, tdh_co_fn *fn, const struct peer_act *acts, size_t count)
{
    scene->peer = acts != NULL ? peer_start(acts, count, scene->tls) : NULL;
    peer_run(fn, scene);
}

void scene_begin(struct scene *scene)
{
    scene->upstream = peer_upstream(scene->peer, &scene->options);
}

void scene_pause(unsigned ms)
{
    tdh_co_wait(tdh_clock_mono_ns() + ms * UINT64_C(1000000));
}
