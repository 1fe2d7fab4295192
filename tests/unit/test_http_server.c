/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_server: what clients see of the server: replies in order, bodies, streams, refusals, time
 * limits, bounds, and its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"
#include "http_bed.h"

#define NS_PER_MS UINT64_C(1000000)
#define TO " HTTP/1.1\r\nHost: a\r\n"

enum { LONG_BODY = 32 << 20 };

static atomic_uint calls;                /* of all handlers */
static atomic_size_t written;            /* by write_long */
static int begun[2], ended[2], go_on[2]; /* pipes: a handler runs; has ended, with its error; may */

static void tell(int fd, unsigned char what)
{
    assert_int_equal(write(fd, &what, 1), 1);
}

static unsigned char hear(int fd)
{
    unsigned char what = 0;

    assert_int_equal(read(fd, &what, 1), 1);
    return what;
}

/* --- handlers --- */

static void hello(struct tdh_http_exchange *exchange, void *arg)
{
    struct td_err err;

    (void)arg;
    atomic_fetch_add(&calls, 1);
    tdh_http_add(exchange, "X-One", "1", &err);
    tdh_http_reply(exchange, 200, "text/plain", "hello", 5, &err);
}

static void show(struct tdh_http_exchange *exchange, void *arg)
{
    const char *id, *what = tdh_http_header(exchange, "x-what");
    char text[256];
    struct td_err err;

    (void)arg;
    if (tdh_http_param(exchange, "id", &id, &err) != 0) {
        tdh_http_fail(exchange, &err);
        return;
    }
    snprintf(text, sizeof(text), "%s|%s|%s|%s|%s", tdh_http_method(exchange),
             tdh_http_path(exchange), tdh_http_query(exchange), id, what != NULL ? what : "none");
    tdh_http_reply(exchange, 200, "text/plain", text, strlen(text), &err);
}

static void echo(struct tdh_http_exchange *exchange, void *arg)
{
    const char *bytes;
    size_t length;
    struct td_err err;

    (void)arg;
    if (tdh_http_body(exchange, 100000, &bytes, &length, &err) != 0)
        tdh_http_fail(exchange, &err);
    else
        tdh_http_reply(exchange, 200, "text/plain", bytes, length, &err);
}

/* Counts the body as it comes. */
static void count(struct tdh_http_exchange *exchange, void *arg)
{
    size_t length = 1, sum = 0;
    const char *bytes;
    char text[32];
    struct td_err err;

    (void)arg;
    for (; length != 0; sum += length) {
        if (tdh_http_body_next(exchange, &bytes, &length, &err) != 0) {
            tdh_http_fail(exchange, &err);
            return;
        }
    }
    snprintf(text, sizeof(text), "%zu", sum);
    tdh_http_reply(exchange, 200, NULL, text, strlen(text), &err);
}

/* Waits until the test says so, or it is cancelled. */
static void wait_for_test(struct tdh_http_exchange *exchange, void *arg)
{
    unsigned char byte;
    struct td_err err;

    (void)arg;
    tell(begun[1], 'b');
    if (tdh_co_wait_readable(go_on[0], TDH_NEVER) == TDH_WAIT_CANCELLED) {
        tell(ended[1], 'c');
        return;
    }
    assert_int_equal(read(go_on[0], &byte, 1), 1);
    tdh_http_reply(exchange, 200, NULL, "waited", 6, &err);
}

static void write_long(struct tdh_http_exchange *exchange, void *arg)
{
    char *piece = calloc(1, 100000);
    struct td_err err = { .code = TD_E_INTERNAL };
    int rc = tdh_http_stream_begin(exchange, 200, "application/octet-stream", &err);

    (void)arg;
    atomic_store(&written, 0);
    for (size_t left = LONG_BODY; rc == 0 && left > 0;) {
        size_t length = left < 100000 ? left : 100000;

        rc = tdh_http_stream_write(exchange, piece, length, &err);
        left -= length;
        atomic_fetch_add(&written, length);
    }
    if (rc == 0)
        rc = tdh_http_stream_end(exchange, &err);
    free(piece);
    tell(ended[1], rc == 0 ? 0 : (unsigned char)err.code);
}

static void reply_long(struct tdh_http_exchange *exchange, void *arg)
{
    char *body = calloc(1, LONG_BODY);
    struct td_err err = { .code = TD_E_INTERNAL };
    int rc = tdh_http_reply(exchange, 200, NULL, body, LONG_BODY, &err);

    (void)arg;
    free(body);
    tell(ended[1], rc == 0 ? 0 : (unsigned char)err.code);
}

static void events(struct tdh_http_exchange *exchange, void *arg)
{
    struct td_err err;

    (void)arg;
    assert_int_equal(tdh_http_events_begin(exchange, &err), 0);
    assert_int_equal(tdh_http_event(exchange, "one", "1", "a", 1, &err), 0);
    assert_int_equal(tdh_http_event(exchange, NULL, NULL, "b\r\nc\n\rd", 7, &err), 0);
    assert_int_equal(tdh_http_event(exchange, "two\ndata: x", NULL, "", 0, &err), -1);
    assert_int_equal(tdh_http_event_ping(exchange, &err), 0);
    assert_int_equal(tdh_http_stream_end(exchange, &err), 0);
}

static void cut_off(struct tdh_http_exchange *exchange, void *arg)
{
    struct td_err err;

    (void)arg;
    tdh_http_stream_begin(exchange, 200, "text/plain", &err);
    tdh_http_stream_write(exchange, "half", 4, &err);
}

static void forget(struct tdh_http_exchange *exchange, void *arg)
{
    (void)exchange;
    (void)arg;
}

static void add_wrong(struct tdh_http_exchange *exchange, void *arg)
{
    struct td_err err;

    (void)arg;
    assert_int_equal(tdh_http_add(exchange, "X", "a\r\nSet-Cookie: b", &err), -1);
    assert_int_equal(tdh_http_add(exchange, "X Y", "a", &err), -1);
    assert_int_equal(tdh_http_add(exchange, "content-LENGTH", "1", &err), -1);
    tdh_http_reply(exchange, 204, NULL, NULL, 0, &err);
}

static const struct tdh_http_route routes[] = {
    { "GET", "/hello", hello, NULL },        { "POST", "/hello", hello, NULL },
    { "GET", "/things/{id}/x", show, NULL }, { "POST", "/echo", echo, NULL },
    { "POST", "/count", count, NULL },       { "GET", "/wait", wait_for_test, NULL },
    { "GET", "/long", write_long, NULL },    { "GET", "/long-reply", reply_long, NULL },
    { "GET", "/events", events, NULL },      { "GET", "/cut", cut_off, NULL },
    { "GET", "/forget", forget, NULL },      { "GET", "/wrong", add_wrong, NULL },
};

static struct http_bed *start_with(const struct tdh_http_server_options *options, uint32_t drain_ms)
{
    atomic_store(&calls, 0);
    assert_int_equal(pipe(begun), 0);
    assert_int_equal(pipe(ended), 0);
    assert_int_equal(pipe(go_on), 0);
    return http_bed_start(options, routes, sizeof(routes) / sizeof(routes[0]), drain_ms);
}

static struct http_bed *start(void)
{
    return start_with(NULL, 20000);
}

static void close_pipes(void)
{
    for (int i = 0; i < 2; i++) {
        close(begun[i]);
        close(ended[i]);
        close(go_on[i]);
    }
}

static void stop(struct http_bed *bed)
{
    http_bed_drain(bed);
    http_bed_end(bed);
    close_pipes();
}

static void says(const struct http_reply *reply, const char *text)
{
    if (strstr(reply->head, text) == NULL)
        fail_msg("the head does not say \"%s\": %s", text, reply->head);
}

static void is_problem(const struct http_reply *reply, unsigned status)
{
    char member[32];

    snprintf(member, sizeof(member), "\"status\":%u", status);
    assert_int_equal(reply->status, status);
    says(reply, "Content-Type: application/problem+json\r\n");
    assert_non_null(strstr(reply->body, member));
    assert_true(reply->is_whole);
}

/* --- claims --- */

static void a_connection_serves_one_request_after_another(void **state)
{
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    for (int i = 0; i < 3; i++) {
        http_bed_ask(fd, "GET /hello" TO "\r\n", &reply);
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.body, "hello");
        says(&reply, "Content-Length: 5\r\n");
        says(&reply, "Content-Type: text/plain\r\n");
        says(&reply, "X-One: 1\r\n");
        says(&reply, " GMT\r\n");
        assert_null(strstr(reply.head, "Connection"));
    }
    http_bed_ask(fd, "GET /hello" TO "Connection: close\r\n\r\n", &reply);
    says(&reply, "Connection: close\r\n");
    http_bed_is_over(fd);
    assert_int_equal(atomic_load(&calls), 4);
    stop(bed);
}

static void requests_that_come_together_are_answered_in_order(void **state)
{
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_say(fd, "GET /wait" TO "\r\nPOST /echo" TO "Content-Length: 3\r\n\r\ntwo"
                     "GET /things/3/x" TO "\r\n");
    hear(begun[0]);
    tell(go_on[1], 'g');
    http_bed_reply(fd, false, &reply);
    assert_string_equal(reply.body, "waited");
    http_bed_reply(fd, false, &reply);
    assert_string_equal(reply.body, "two");
    http_bed_reply(fd, false, &reply);
    assert_string_equal(reply.body, "GET|/things/3/x||3|none");
    for (int i = 0; i < 500; i++)
        http_bed_say(fd, "GET /hello" TO "\r\n");
    for (int i = 0; i < 500; i++) {
        http_bed_reply(fd, false, &reply);
        assert_string_equal(reply.body, "hello");
    }
    http_bed_close(fd);
    stop(bed);
}

static void methods_and_paths_find_their_handler(void **state)
{
    static const struct {
        const char *request;
        unsigned status;
        const char *head, *body;
    } rows[] = {
        { "GET /things/a%20b/x?q=1&r" TO "X-What:  y \r\n\r\n", 200, "",
          "GET|/things/a%20b/x|q=1&r|a b|y" },
        { "GET http://a/things/1/x" TO "\r\n", 200, "", "GET|/things/1/x||1|none" },
        { "GET /things/%00/x" TO "\r\n", 400, "problem+json", "cannot be decoded" },
        { "GET /things/%4/x" TO "\r\n", 400, "problem+json", "cannot be decoded" },
        { "GET /things//x" TO "\r\n", 404, "problem+json", "\"title\":\"Not Found\"" },
        { "GET /things/1/x/" TO "\r\n", 404, "problem+json", "nothing at this path" },
        { "GET /things/../hello" TO "\r\n", 404, "problem+json", "" },
        { "DELETE /hello" TO "\r\n", 405, "Allow: GET, HEAD, POST, OPTIONS\r\n", "no such method" },
        { "HEAD /echo" TO "\r\n", 405, "Allow: POST, OPTIONS\r\n", "" },
        { "OPTIONS /hello" TO "\r\n", 204, "Allow: GET, HEAD, POST, OPTIONS\r\n", "" },
        { "OPTIONS *" TO "\r\n", 204, "Allow: ", "" },
        { "HEAD /hello" TO "\r\n", 200, "Content-Length: 5\r\n", "" },
        { "HEAD /events" TO "\r\n", 200, "Transfer-Encoding: chunked\r\n", "" },
        { "GET /forget" TO "\r\n", 500, "problem+json", "has not replied" },
        { "GET /wrong" TO "\r\n", 204, "", "" },
    };
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed); /* the same for all: no reply has a byte too many */
    struct http_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        http_bed_ask(fd, rows[i].request, &reply);
        if (reply.status != rows[i].status || strstr(reply.body, rows[i].body) == NULL)
            fail_msg("%s: %u, %s", rows[i].request, reply.status, reply.body);
        says(&reply, rows[i].head);
    }
    http_bed_close(fd);
    stop(bed);
}

static void bodies_come_through_in_any_form(void **state)
{
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;
    char *text = malloc(90000);

    (void)state;
    http_bed_ask(fd,
                 "POST /echo" TO "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n4;x=y\r\n two"
                 "\r\n0\r\nX: y\r\n\r\n",
                 &reply);
    assert_string_equal(reply.body, "one two");
    http_bed_say(fd, "POST /count" TO "Content-Length: 90000\r\n\r\n");
    memset(text, 'a', 90000);
    http_bed_send(fd, text, 90000);
    http_bed_reply(fd, false, &reply);
    assert_string_equal(reply.body, "90000");
    http_bed_say(fd, "POST /count" TO "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5000; i++)
        http_bed_say(fd, "2\r\nab\r\n");
    http_bed_ask(fd, "0\r\n\r\n", &reply);
    assert_string_equal(reply.body, "10000");
    http_bed_ask(fd, "POST /hello" TO "Content-Length: 3\r\n\r\nabc", &reply); /* nobody reads it */
    assert_int_equal(reply.status, 200);
    http_bed_ask(fd, "GET /hello" TO "\r\n", &reply);
    assert_int_equal(reply.status, 200);
    free(text);
    http_bed_close(fd);
    stop(bed);
}

static void a_body_is_asked_for_only_when_it_is_read(void **state)
{
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_ask(fd, "POST /echo" TO "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", &reply);
    assert_int_equal(reply.status, 100);
    http_bed_ask(fd, "abc", &reply);
    assert_string_equal(reply.body, "abc");
    http_bed_ask(fd, "POST /hello" TO "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", &reply);
    assert_int_equal(reply.status, 200);
    says(&reply, "Connection: close\r\n");
    http_bed_is_over(fd);
    stop(bed);
}

/* What follows a refusal may be part of what was refused: it is never read. */
static void after_a_refusal_nothing_more_is_read(void **state)
{
    static const struct {
        const char *bytes;
        unsigned status;
    } rows[] = {
        { "POST /hello" TO "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          400 },
        { "POST /hello" TO "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400 },
        { "POST /hello" TO "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
        { "GET /hello HTTP/1.1\r\n\r\n", 400 },
        { "GET /hello" TO "Host: b\r\n\r\n", 400 },
        { "GET /hello HTTP/1.1\nHost: a\n\n", 400 },
        { "GET /hello" TO "X : y\r\n\r\n", 400 },
        { "GET /hello" TO "X: y\r\n z\r\n\r\n", 400 },
        { "GET /hello HTTP/3.0\r\nHost: a\r\n\r\n", 505 },
        { "POST /echo" TO "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n", 400 },
        { "POST /echo" TO "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400 },
        { "POST /echo" TO "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\n", 413 },
        { "POST /echo" TO "Content-Length: 99999999\r\n\r\n", 413 },
    };
    struct http_bed *bed = start();
    struct http_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = http_bed_connect(bed);

        http_bed_say(fd, rows[i].bytes);
        http_bed_say(fd, "GET /hello" TO "\r\nGET /hello" TO "\r\n");
        http_bed_reply(fd, false, &reply);
        is_problem(&reply, rows[i].status);
        says(&reply, "Connection: close\r\n");
        http_bed_is_over(fd);
    }
    assert_int_equal(atomic_load(&calls), 0);
    stop(bed);
}

static void a_body_beyond_the_handlers_limit_is_refused(void **state)
{
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;
    char *text = calloc(1, 200000);

    (void)state;
    http_bed_say(fd, "POST /echo" TO "Content-Length: 200000\r\n\r\n");
    http_bed_send(fd, text, 200000);
    http_bed_reply(fd, false, &reply);
    is_problem(&reply, 413);
    says(&reply, "Connection: close\r\n");
    http_bed_is_over(fd);
    free(text);
    stop(bed);
}

static void streams_and_events_have_their_form(void **state)
{
    static const char want[] = "event: one\nid: 1\ndata: a\n\n"
                               "data: b\ndata: c\ndata: \ndata: d\n\n: ping\n\n";
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_ask(fd, "GET /events" TO "\r\n", &reply);
    assert_string_equal(reply.body, want);
    says(&reply, "Content-Type: text/event-stream\r\n");
    says(&reply, "Cache-Control: no-cache, no-transform\r\n");
    says(&reply, "Transfer-Encoding: chunked\r\n");
    http_bed_ask(fd, "GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &reply);
    assert_string_equal(reply.body, want);
    says(&reply, "Connection: close\r\n");
    http_bed_close(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /cut" TO "\r\n", &reply);
    assert_string_equal(reply.body, "half");
    assert_false(reply.is_whole);
    http_bed_is_over(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &reply);
    says(&reply, "Connection: keep-alive\r\n");
    http_bed_ask(fd, "GET /hello HTTP/1.0\r\n\r\n", &reply);
    http_bed_is_over(fd);
    stop(bed);
}

/* Both kinds of replies. What has left the handler is in buffers of the system but for a bounded
 * rest, until the client reads on. */
static void a_client_that_does_not_read_holds_its_handler(void **state)
{
    static const char *const requests[] = { "GET /long" TO "\r\n", "GET /long-reply" TO "\r\n" };
    struct http_bed *bed = start();
    struct http_reply reply;

    (void)state;
    for (int i = 0; i < 2; i++) {
        int fd = http_bed_connect(bed), other = http_bed_connect(bed);

        http_bed_say(fd, requests[i]);
        http_bed_ask(other, "GET /hello" TO "\r\n", &reply); /* others get on meanwhile */
        assert_int_equal(reply.status, 200);
        if (i == 0)
            assert_true(atomic_load(&written) < LONG_BODY / 2);
        http_bed_reply(fd, false, &reply);
        assert_true(reply.is_whole);
        assert_int_equal(reply.body_bytes, LONG_BODY);
        assert_int_equal(hear(ended[0]), 0);
        http_bed_close(fd);
        http_bed_close(other);
    }
    stop(bed);
}

static void a_client_that_never_reads_is_left(void **state)
{
    const struct tdh_http_server_options options = { .write_ms = 50 };
    struct http_bed *bed = start_with(&options, 20000);
    int fd = http_bed_connect(bed);

    (void)state;
    http_bed_say(fd, "GET /long" TO "\r\n");
    assert_int_equal(hear(ended[0]), TD_E_TIMEOUT);
    http_bed_close(fd);
    fd = http_bed_connect(bed);
    http_bed_say(fd, "GET /long-reply" TO "\r\n");
    assert_int_equal(hear(ended[0]), TD_E_TIMEOUT);
    http_bed_close(fd);
    stop(bed);
}

static void a_client_that_goes_away_cancels_its_handler(void **state)
{
    struct http_bed *bed = start();
    int fd = http_bed_connect(bed);

    (void)state;
    http_bed_say(fd, "GET /wait" TO "\r\n");
    hear(begun[0]);
    http_bed_close(fd);
    assert_int_equal(hear(ended[0]), 'c');
    fd = http_bed_connect(bed);
    http_bed_say(fd, "GET /long" TO "\r\n");
    http_bed_close(fd);
    assert_int_equal(hear(ended[0]), TD_E_CANCELLED);
    stop(bed);
}

static void slow_clients_run_out_of_time(void **state)
{
    const struct tdh_http_server_options options = { .head_ms = 50, .body_ms = 50, .idle_ms = 50 };
    struct http_bed *bed = start_with(&options, 20000);
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_is_over(fd); /* sent nothing */
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /hello" TO, &reply);
    is_problem(&reply, 408);
    http_bed_is_over(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "POST /echo" TO "Content-Length: 10\r\n\r\nabc", &reply);
    is_problem(&reply, 408);
    http_bed_is_over(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /hello" TO "\r\n", &reply);
    assert_int_equal(reply.status, 200);
    http_bed_is_over(fd); /* idle */
    stop(bed);
}

static void connections_have_their_bounds(void **state)
{
    const struct tdh_http_server_options all = { .connections_max = 2 },
                                         each = { .per_address_max = 2 };
    struct http_reply reply;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct http_bed *bed = start_with(i == 0 ? &all : &each, 20000);
        int one = http_bed_connect(bed), two = http_bed_connect(bed), three;

        http_bed_ask(one, "GET /hello" TO "\r\n", &reply);
        http_bed_ask(two, "GET /hello" TO "\r\n", &reply);
        assert_int_equal(reply.status, 200);
        three = http_bed_connect(bed);
        http_bed_reply(three, false, &reply);
        is_problem(&reply, i == 0 ? 503 : 429);
        says(&reply, "Retry-After: 1\r\n");
        http_bed_is_over(three);
        http_bed_ask(two, "GET /hello" TO "Connection: close\r\n\r\n", &reply);
        http_bed_is_over(two);
        do { /* until worker 0 has heard of it */
            two = http_bed_connect(bed);
            http_bed_ask(two, "GET /hello" TO "\r\n", &reply);
            http_bed_close(two);
        } while (reply.status != 200);
        http_bed_close(one);
        stop(bed);
    }
}

static void a_server_that_ends_lets_requests_end(void **state)
{
    struct http_bed *bed = start();
    int idle = http_bed_connect(bed), busy = http_bed_connect(bed), half = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_ask(idle, "GET /hello" TO "\r\n", &reply);
    http_bed_ask(half, "GET /hello" TO "\r\nGET /hel", &reply);
    http_bed_say(busy, "GET /wait" TO "\r\nGET /hello" TO "\r\n");
    hear(begun[0]);
    http_bed_drain(bed);
    http_bed_is_over(idle);
    assert_int_equal(http_bed_connect(bed), -1);
    http_bed_ask(half, "lo" TO "\r\n", &reply);
    assert_int_equal(reply.status, 200);
    says(&reply, "Connection: close\r\n");
    http_bed_is_over(half);
    tell(go_on[1], 'g');
    http_bed_reply(busy, false, &reply);
    assert_string_equal(reply.body, "waited");
    says(&reply, "Connection: close\r\n");
    http_bed_is_over(busy);
    http_bed_end(bed);
    close_pipes();
}

static void a_server_that_ends_waits_only_so_long(void **state)
{
    struct http_bed *bed = start_with(NULL, 50);
    int fd = http_bed_connect(bed);

    (void)state;
    http_bed_say(fd, "GET /wait" TO "\r\n");
    hear(begun[0]);
    http_bed_drain(bed);
    http_bed_end(bed);
    assert_int_equal(hear(ended[0]), 'c');
    http_bed_is_over(fd);
    close_pipes();
}

/* --- what cannot be served --- */

static const struct {
    const char *listen, *text;
    enum td_code code;
} refusals[] = {
    { "0.0.0.0:0",
      "\"0.0.0.0:0\" can be reached from other machines, which takes TLS and "
      "authentication; there is no TLS",
      TD_E_PERM },
    { "[::]:0",
      "\"[::]:0\" can be reached from other machines, which takes TLS and "
      "authentication; there is no TLS",
      TD_E_PERM },
    { "localhost:1", "\"localhost:1\" is no address to listen on", TD_E_INVAL },
    { "127.0.0.1", "\"127.0.0.1\" is no address to listen on", TD_E_INVAL },
    { "127.0.0.1:", "\"127.0.0.1:\" is no address to listen on", TD_E_INVAL },
    { "127.0.0.1:65536", "\"127.0.0.1:65536\" is no address to listen on", TD_E_INVAL },
    { "127.0.0.1:x", "\"127.0.0.1:x\" is no address to listen on", TD_E_INVAL },
};

static void try_refusals(void *runtime)
{
    struct td_err err;

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct tdh_http_server_options options = { .runtime = runtime,
                                                   .listen = refusals[i].listen };

        assert_null(tdh_http_server_new(&options, &err));
        assert_int_equal(err.code, refusals[i].code);
        assert_string_equal(err.text, refusals[i].text);
        assert_string_not_equal(err.hint, "");
    }
}

static void what_cannot_be_listened_on_is_told(void **state)
{
    const struct tdh_runtime_options threads = { .workers = 1, .blocking_threads = 1 };
    struct td_err err;
    struct tdh_runtime *runtime = tdh_runtime_new(&threads, &err);

    (void)state;
    assert_non_null(runtime);
    assert_int_equal(tdh_runtime_run(runtime, try_refusals, runtime, &err), 0);
    tdh_runtime_free(runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_serves_one_request_after_another),
        cmocka_unit_test(requests_that_come_together_are_answered_in_order),
        cmocka_unit_test(methods_and_paths_find_their_handler),
        cmocka_unit_test(bodies_come_through_in_any_form),
        cmocka_unit_test(a_body_is_asked_for_only_when_it_is_read),
        cmocka_unit_test(after_a_refusal_nothing_more_is_read),
        cmocka_unit_test(a_body_beyond_the_handlers_limit_is_refused),
        cmocka_unit_test(streams_and_events_have_their_form),
        cmocka_unit_test(a_client_that_does_not_read_holds_its_handler),
        cmocka_unit_test(a_client_that_never_reads_is_left),
        cmocka_unit_test(a_client_that_goes_away_cancels_its_handler),
        cmocka_unit_test(slow_clients_run_out_of_time),
        cmocka_unit_test(connections_have_their_bounds),
        cmocka_unit_test(a_server_that_ends_lets_requests_end),
        cmocka_unit_test(a_server_that_ends_waits_only_so_long),
        cmocka_unit_test(what_cannot_be_listened_on_is_told),
    };

    return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
