/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_handlers: a server whose handlers do what tests of it need.
 */
#include "http_handlers.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

enum { HEAR_MS = 60000 };

atomic_uint http_calls;     /* of all handlers */
atomic_size_t http_written; /* by write_long */
int http_begun[2], http_ended[2],
    http_go_on[2]; /* pipes: a handler runs; has ended, with its error; may */

void http_tell(int fd, unsigned char what)
{
    assert_int_equal(write(fd, &what, 1), 1);
}

unsigned char http_hear(int fd)
{
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    unsigned char what = 0;

    if (poll(&wait, 1, HEAR_MS) != 1)
        fail_msg("a handler does not say what it is to say");
    assert_int_equal(read(fd, &what, 1), 1);
    return what;
}

/* --- handlers --- */

static void hello(struct tdh_http_exchange *exchange, void *arg)
{
    struct td_err err;

    (void)arg;
    atomic_fetch_add(&http_calls, 1);
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
    http_tell(http_begun[1], 'b');
    if (tdh_co_wait_readable(http_go_on[0], TDH_NEVER) == TDH_WAIT_CANCELLED) {
        http_tell(http_ended[1], 'c');
        return;
    }
    assert_int_equal(read(http_go_on[0], &byte, 1), 1);
    tdh_http_reply(exchange, 200, NULL, "waited", 6, &err);
}

static void write_long(struct tdh_http_exchange *exchange, void *arg)
{
    char *piece = calloc(1, 100000);
    struct td_err err = { .code = TD_E_INTERNAL };
    int rc = tdh_http_stream_begin(exchange, 200, "application/octet-stream", &err);

    (void)arg;
    atomic_store(&http_written, 0);
    for (size_t left = LONG_BODY; rc == 0 && left > 0;) {
        size_t length = left < 100000 ? left : 100000;

        rc = tdh_http_stream_write(exchange, piece, length, &err);
        left -= length;
        atomic_fetch_add(&http_written, length);
    }
    if (rc == 0)
        rc = tdh_http_stream_end(exchange, &err);
    free(piece);
    http_tell(http_ended[1], rc == 0 ? 0 : (unsigned char)err.code);
}

static void reply_long(struct tdh_http_exchange *exchange, void *arg)
{
    char *body = calloc(1, LONG_BODY);
    struct td_err err = { .code = TD_E_INTERNAL };
    int rc = tdh_http_reply(exchange, 200, NULL, body, LONG_BODY, &err);

    (void)arg;
    free(body);
    http_tell(http_ended[1], rc == 0 ? 0 : (unsigned char)err.code);
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

struct http_bed *http_start_with(const struct tdh_http_server_options *options, uint32_t drain_ms)
{
    atomic_store(&http_calls, 0);
    assert_int_equal(pipe(http_begun), 0);
    assert_int_equal(pipe(http_ended), 0);
    assert_int_equal(pipe(http_go_on), 0);
    return http_bed_start(options, routes, sizeof(routes) / sizeof(routes[0]), drain_ms);
}

struct http_bed *http_start(void)
{
    return http_start_with(NULL, 20000);
}

void http_close_pipes(void)
{
    for (int i = 0; i < 2; i++) {
        close(http_begun[i]);
        close(http_ended[i]);
        close(http_go_on[i]);
    }
}

void http_stop(struct http_bed *bed)
{
    http_bed_drain(bed);
    http_bed_end(bed);
    http_close_pipes();
}

void http_says(const struct http_reply *reply, const char *text)
{
    if (strstr(reply->head, text) == NULL)
        fail_msg("the head does not say \"%s\": %s", text, reply->head);
}

void http_is_problem(const struct http_reply *reply, unsigned status)
{
    char member[32];

    snprintf(member, sizeof(member), "\"status\":%u", status);
    assert_int_equal(reply->status, status);
    http_says(reply, "Content-Type: application/problem+json\r\n");
    assert_non_null(strstr(reply->body, member));
    assert_true(reply->is_whole);
}
