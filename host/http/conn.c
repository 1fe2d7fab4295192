/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn: the life of a connection on its worker.
 *
 * open, at rest -> (a head is whole) open, with a coroutine -> at rest again, or closing -> (all is
 * sent) lingering -> freed. Without a coroutine the loop's callbacks own it; with one they only
 * tell the coroutine, which frees it when it ends. A client that stops sending in the middle of an
 * exchange has gone: the coroutine is cancelled.
 *
 * What is sent goes to the system at once, past libevent, as long as nothing waits before it: that
 * saves three system calls a reply. Only the rest goes through the bufferevent.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/metric.h"
#include "http/internal.h"

enum { LINGER_BYTES = 256 * 1024 };

#define NS_PER_MS UINT64_C(1000000)

struct evbuffer *tdh_conn_input(const struct tdh_conn *conn)
{
    return bufferevent_get_input(conn->bev);
}

static size_t waiting_out(const struct tdh_conn *conn)
{
    return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

/* --- its end --- */

static void free_exchange(struct tdh_http_exchange *exchange)
{
    tdh_arena_free(&exchange->arena);
    tdh_buf_free(&exchange->fields);
    tdh_buf_free(&exchange->text);
    tdh_buf_free(&exchange->body);
}

static void close_now(struct tdh_conn *conn)
{
    tdh_timer_stop(&conn->timer);
    if (conn->before != NULL)
        conn->before->next = conn->next;
    else
        conn->lane->conns = conn->next;
    if (conn->next != NULL)
        conn->next->before = conn->before;
    bufferevent_free(conn->bev);
    free_exchange(&conn->exchange);
    tdh_accept_return(conn->entry);
    free(conn);
}

/* --- time --- */

static void expire(struct tdh_conn *conn);

static void on_time(struct tdh_timer *timer)
{
    struct tdh_conn *conn = (struct tdh_conn *)((char *)timer - offsetof(struct tdh_conn, timer));
    struct td_err err;

    if (conn->deadline_ns == TDH_NEVER)
        return;
    if (tdh_clock_mono_ns() >= conn->deadline_ns)
        expire(conn);
    else if (tdh_timer_set(timer, conn->deadline_ns, on_time, &err) != 0)
        expire(conn);
}

/* Sets what is waited for. A timer that fires before is left: most requests then touch none. */
static void await_until(struct tdh_conn *conn, uint64_t deadline_ns)
{
    struct td_err err;

    conn->deadline_ns = deadline_ns;
    if (deadline_ns == TDH_NEVER || (conn->timer.place != 0 && conn->timer.at_ns <= deadline_ns))
        return;
    if (tdh_timer_set(&conn->timer, deadline_ns, on_time, &err) != 0) /* without time, no wait */
        bufferevent_trigger_event(conn->bev, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
}

static void await_for(struct tdh_conn *conn, uint32_t ms)
{
    await_until(conn, tdh_clock_mono_ns() + ms * NS_PER_MS);
}

/* --- closing --- */

/* All is sent. The client may have sent more than was read: to close now would be a reset, which
 * can take the reply away before the client has read it. */
static void linger(struct tdh_conn *conn)
{
    struct evbuffer *input = tdh_conn_input(conn);

    if (conn->entry->session != NULL)
        tdh_tls_bye(conn->bev);
    shutdown(conn->entry->fd, SHUT_WR);
    evbuffer_drain(input, evbuffer_get_length(input));
    conn->state = TDH_CONN_LINGERING;
    await_for(conn, TDH_HTTP_LINGER_MS);
}

static void finish(struct tdh_conn *conn)
{
    conn->state = TDH_CONN_CLOSING;
    if (waiting_out(conn) == 0)
        linger(conn);
    else
        await_for(conn, conn->lane->server->options.write_ms);
}

void tdh_conn_refuse(struct tdh_conn *conn, unsigned status, const char *why)
{
    struct tdh_buf *head = &conn->lane->scratch, *text = &conn->exchange.text;
    struct td_err err;

    tdh_buf_clear(head);
    tdh_buf_clear(text);
    tdh_problem_print(text, status, why, NULL, NULL);
    tdh_reply_head(head, conn->lane, status, "application/problem+json");
    tdh_buf_printf(head, "Content-Length: %zu\r\nConnection: close\r\n\r\n", text->length);
    conn->exchange.must_close = true;
    tdh_metric_add(&tdh_http_refusals, 1);
    if (!head->failed && !text->failed)
        tdh_conn_put(conn,
                     (struct iovec[]){ { head->data, head->length }, { text->data, text->length } },
                     2, &err);
}

static void expire(struct tdh_conn *conn)
{
    if (conn->state != TDH_CONN_OPEN || !conn->has_begun) {
        close_now(conn);
        return;
    }
    tdh_metric_add(&tdh_http_timeouts, 1);
    tdh_conn_refuse(conn, 408, "the head of the request did not come in time");
    finish(conn);
}

/* --- requests --- */

/* Ends each part with a NUL: what stands there is a delimiter that has been read. */
static void split_head(struct tdh_http_exchange *exchange)
{
    const struct tdh_parse *parse = &exchange->parse;
    char *head = exchange->head;

    for (size_t i = 0; i < parse->field_count; i++) {
        const struct tdh_field *field = &parse->fields[i];

        head[field->name.at + field->name.length] = '\0';
        head[field->value.at + field->value.length] = '\0';
    }
    head[parse->method.at + parse->method.length] = '\0';
    head[parse->path.at + parse->path.length] = '\0';
    if (parse->query.at != 0)
        head[parse->query.at + parse->query.length] = '\0';
}

static enum tdh_parse_step take_head(struct tdh_conn *conn, size_t length)
{
    struct tdh_http_exchange *exchange = &conn->exchange;

    exchange->head = tdh_arena_alloc_raw(&exchange->arena, length + 1);
    if (exchange->head == NULL) {
        exchange->parse.refusal = 503;
        exchange->parse.why = "there is no memory for the request";
        return TDH_PARSE_FAILED;
    }
    evbuffer_remove(tdh_conn_input(conn), exchange->head, length);
    split_head(exchange);
    exchange->is_head = strcmp(exchange->head + exchange->parse.method.at, "HEAD") == 0;
    return TDH_PARSE_HEAD_DONE;
}

static enum tdh_parse_step try_head(struct tdh_conn *conn)
{
    struct evbuffer *input = tdh_conn_input(conn);
    size_t length = evbuffer_get_length(input), used = 0;
    const unsigned char *bytes;
    enum tdh_parse_step step;

    if (length == 0)
        return TDH_PARSE_MORE;
    if (length > TDH_PARSE_HEAD + 1)
        length = TDH_PARSE_HEAD + 1;
    bytes = evbuffer_pullup(input, (ev_ssize_t)length);
    if (bytes == NULL)
        return TDH_PARSE_MORE; /* no memory: the time of the head runs */
    step = tdh_parse_head(&conn->exchange.parse, (const char *)bytes, length, &used);
    return step == TDH_PARSE_HEAD_DONE ? take_head(conn, used) : step;
}

static void refuse_head(struct tdh_conn *conn)
{
    const struct tdh_parse *parse = &conn->exchange.parse;

    tdh_conn_refuse(conn, parse->refusal, parse->why);
}

static void begin_exchange(struct tdh_conn *conn)
{
    struct tdh_http_exchange *exchange = &conn->exchange;

    tdh_parse_begin(&exchange->parse, false, conn->lane->server->options.body_bytes);
    conn->has_begun = false;
}

bool tdh_conn_has_next(struct tdh_conn *conn)
{
    enum tdh_parse_step step;

    begin_exchange(conn);
    step = try_head(conn);
    if (step == TDH_PARSE_FAILED)
        refuse_head(conn);
    return step == TDH_PARSE_HEAD_DONE;
}

/* At rest, after the coroutine has ended or before there was one. */
static void rest(struct tdh_conn *conn)
{
    const struct tdh_http_server *server = conn->lane->server;

    if (conn->is_gone) {
        close_now(conn);
        return;
    }
    conn->has_begun = evbuffer_get_length(tdh_conn_input(conn)) > 0;
    if (conn->exchange.must_close)
        finish(conn);
    else if (!conn->has_begun && atomic_load(&server->is_draining))
        close_now(conn);
    else
        await_for(conn, conn->has_begun ? server->options.head_ms : server->options.idle_ms);
}

static void run(void *arg)
{
    struct tdh_conn *conn = arg;

    tdh_exchange_run(conn);
    conn->co = NULL;
    rest(conn);
}

static void start(struct tdh_conn *conn)
{
    struct td_err err;

    if (tdh_co_spawn(run, conn, &conn->co, &err) == 0) {
        await_until(conn, TDH_NEVER);
        return;
    }
    tdh_conn_refuse(conn, 503, err.text);
    finish(conn);
}

static void look(struct tdh_conn *conn)
{
    switch (try_head(conn)) {
    case TDH_PARSE_HEAD_DONE:
        start(conn);
        break;
    case TDH_PARSE_FAILED:
        refuse_head(conn);
        finish(conn);
        break;
    default:
        if (!conn->has_begun) {
            conn->has_begun = true;
            await_for(conn, conn->lane->server->options.head_ms);
        }
        break;
    }
}

/* --- what the loop tells --- */

static void on_read(struct bufferevent *bev, void *arg)
{
    struct tdh_conn *conn = arg;
    struct evbuffer *input = bufferevent_get_input(bev);

    if (conn->state != TDH_CONN_OPEN) {
        conn->lingered += (uint32_t)evbuffer_get_length(input);
        evbuffer_drain(input, evbuffer_get_length(input));
        if (conn->lingered > LINGER_BYTES)
            close_now(conn);
    } else if (conn->co == NULL) {
        look(conn);
    } else if (conn->awaits_input) {
        tdh_co_wake(conn->co);
    }
}

static void on_write(struct bufferevent *bev, void *arg)
{
    struct tdh_conn *conn = arg;

    (void)bev;
    if (conn->co != NULL) {
        if (conn->awaits_room)
            tdh_co_wake(conn->co);
    } else if (conn->state == TDH_CONN_CLOSING && waiting_out(conn) == 0) {
        linger(conn);
    }
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct tdh_conn *conn = arg;

    (void)bev;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
        return; /* the handshake of TLS is done */
    if (conn->co != NULL) {
        conn->is_gone = true;
        tdh_co_cancel(conn->co);
    } else if (conn->state != TDH_CONN_CLOSING || (what & BEV_EVENT_ERROR) != 0) {
        close_now(conn); /* else it sends no more, and may still read */
    }
}

void tdh_conn_drain(struct tdh_conn *conn)
{
    if (conn->co == NULL && conn->state == TDH_CONN_OPEN && !conn->has_begun)
        close_now(conn);
}

void tdh_conn_cut(struct tdh_conn *conn)
{
    conn->is_gone = true;
    if (conn->co != NULL)
        tdh_co_cancel(conn->co);
    else
        close_now(conn);
}

/* --- its begin --- */

static struct bufferevent *make_bufferevent(struct event_base *base, struct tdh_entry *entry)
{
    if (entry->session != NULL) {
        struct bufferevent *bev = tdh_tls_bufferevent(base, entry->fd, entry->session);

        if (bev == NULL)
            entry->session = NULL; /* it is freed */
        return bev;
    }
    return bufferevent_socket_new(base, entry->fd, BEV_OPT_CLOSE_ON_FREE);
}

void tdh_conn_begin(struct tdh_task *task)
{
    struct tdh_entry *entry = (struct tdh_entry *)task;
    struct tdh_lane *lane = entry->lane;
    struct tdh_conn *conn = calloc(1, sizeof(*conn));

    if (conn != NULL)
        conn->bev = make_bufferevent(tdh_worker_events(lane->worker), entry);
    if (conn == NULL || conn->bev == NULL) {
        free(conn);
        evutil_closesocket(entry->fd);
        tdh_accept_return(entry);
        return;
    }
    conn->lane = lane;
    conn->entry = entry;
    conn->exchange.conn = conn;
    conn->next = lane->conns;
    if (lane->conns != NULL)
        lane->conns->before = conn;
    lane->conns = conn;
    begin_exchange(conn);
    bufferevent_setwatermark(conn->bev, EV_READ, 0, TDH_HTTP_IN_HIGH);
    bufferevent_setwatermark(conn->bev, EV_WRITE, TDH_HTTP_OUT_LOW, 0);
    bufferevent_setcb(conn->bev, on_read, on_write, on_event, conn);
    bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
    await_for(conn, lane->server->options.head_ms);
}

/* --- sending, and waiting for the client --- */

static int fail_gone(struct tdh_conn *conn, struct td_err *err)
{
    conn->is_gone = true;
    return td_fail(err, TD_E_CANCELLED, "the client has gone");
}

/* How much the system takes at once. -1: the connection is broken. */
static ssize_t send_now(struct tdh_conn *conn, const struct iovec *parts, unsigned count)
{
    struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = count };
    ssize_t sent;

    if (conn->entry->session != NULL || waiting_out(conn) != 0)
        return 0;
    sent = sendmsg(conn->entry->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return sent;
}

int tdh_conn_put(struct tdh_conn *conn, const struct iovec *parts, unsigned count,
                 struct td_err *err)
{
    ssize_t sent = conn->is_gone ? -1 : send_now(conn, parts, count);
    size_t skip = sent > 0 ? (size_t)sent : 0;

    if (sent < 0)
        return fail_gone(conn, err);
    for (unsigned i = 0; i < count; i++) {
        size_t done = skip < parts[i].iov_len ? skip : parts[i].iov_len;

        skip -= done;
        if (done < parts[i].iov_len &&
            bufferevent_write(conn->bev, (const char *)parts[i].iov_base + done,
                              parts[i].iov_len - done) != 0) {
            conn->is_gone = true; /* a part is missing now */
            return td_fail(err, TD_E_NOMEM, "could not allocate what is to be sent");
        }
    }
    return 0;
}

int tdh_conn_room(struct tdh_conn *conn, struct td_err *err)
{
    uint64_t until_ns;

    if (conn->is_gone)
        return fail_gone(conn, err);
    if (waiting_out(conn) < TDH_HTTP_OUT_HIGH)
        return 0;
    until_ns = tdh_clock_mono_ns() + conn->lane->server->options.write_ms * NS_PER_MS;
    while (waiting_out(conn) > TDH_HTTP_OUT_LOW) {
        enum tdh_woken woken;

        conn->awaits_room = true;
        woken = tdh_co_wait(until_ns);
        conn->awaits_room = false;
        if (conn->is_gone || woken == TDH_WAIT_CANCELLED)
            return fail_gone(conn, err);
        if (woken == TDH_WAIT_TIMEOUT && waiting_out(conn) > TDH_HTTP_OUT_LOW) {
            conn->is_gone = true;
            tdh_metric_add(&tdh_http_timeouts, 1);
            return td_fail(err, TD_E_TIMEOUT, "the client does not read what it is sent");
        }
    }
    return 0;
}

int tdh_conn_more(struct tdh_conn *conn, size_t had, uint64_t until_ns, struct td_err *err)
{
    while (evbuffer_get_length(tdh_conn_input(conn)) <= had) {
        enum tdh_woken woken;

        if (conn->is_gone)
            return fail_gone(conn, err);
        conn->awaits_input = true;
        woken = tdh_co_wait(until_ns);
        conn->awaits_input = false;
        if (woken == TDH_WAIT_CANCELLED)
            return fail_gone(conn, err);
        if (woken == TDH_WAIT_TIMEOUT) {
            tdh_metric_add(&tdh_http_timeouts, 1);
            return td_fail(err, TD_E_TIMEOUT, "the body of the request did not come in time");
        }
    }
    return 0;
}
