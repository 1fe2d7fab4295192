/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_client: a request and its reply: what is sent, what is read, and what a hostile upstream is
 * told by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"
#include "peer.h"

#define MS UINT64_C(1000000)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define OK "HTTP/1.1 200 OK\r\n"
#define STREAM OK "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

/* One request of a new upstream, and maybe another over the same connection. */
struct visit {
    struct peer *peer;
    struct tdh_upstream_options options;
    struct tdh_http_ask ask;
    struct got got, again;
    bool goes_again, was_gone;
};

static void play(void *arg)
{
    struct visit *visit = arg;
    struct tdh_upstream *upstream = peer_upstream(visit->peer, &visit->options);

    peer_ask(upstream, &visit->ask, &visit->got);
    if (visit->goes_again)
        peer_ask(upstream, &visit->ask, &visit->again);
    tdh_upstream_free(upstream);
}

static void run_visit(struct visit *visit, const struct peer_act *acts, size_t count)
{
    if (visit->ask.method == NULL)
        visit->ask.method = "GET";
    if (visit->ask.target == NULL)
        visit->ask.target = "/x";
    visit->peer = peer_start(acts, count, NULL);
    peer_run(play, visit);
}

/* --- replies --- */

static void each_form_of_a_reply_is_read(void **state)
{
    static const struct {
        const char *name, *method, *say;
        enum peer_then then;
        unsigned status, connections; /* of two requests */
        const char *body;
    } rows[] = {
        { "a length", "GET", OK "Content-Length: 5\r\n\r\nhello", PEER_NEXT, 200, 1, "hello" },
        { "a length of nothing", "GET", OK "Content-Length: 0\r\n\r\n", PEER_NEXT, 200, 1, "" },
        { "chunks", "GET",
          OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n",
          PEER_NEXT, 200, 1, "hello" },
        { "until the end", "GET", OK "\r\nhello", PEER_CLOSE, 200, 2, "hello" },
        { "until the end, which comes at once", "GET", OK "\r\n", PEER_CLOSE, 200, 2, "" },
        { "HEAD", "HEAD", OK "Content-Length: 5\r\n\r\n", PEER_NEXT, 200, 1, "" },
        { "204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", PEER_NEXT, 204, 1, "" },
        { "304 with a length", "GET", "HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n", PEER_NEXT, 304,
          1, "" },
        { "100 and 103 before it", "GET",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n" OK
          "Content-Length: 2\r\n\r\nhi",
          PEER_NEXT, 200, 1, "hi" },
        { "an end that was announced", "GET", OK "Connection: close\r\nContent-Length: 2\r\n\r\nhi",
          PEER_CLOSE, 200, 2, "hi" },
        { "an end that was announced and does not come", "GET",
          OK "Connection: close\r\nContent-Length: 2\r\n\r\nhi", PEER_HOLD, 200, 2, "hi" },
        { "HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", PEER_CLOSE, 200, 2,
          "hi" },
        { "HTTP/1.0 that is kept", "GET",
          "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", PEER_NEXT,
          200, 1, "hi" },
        { "bytes behind it", "GET", OK "Content-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n", PEER_HOLD,
          200, 2, "hi" },
        { "a refusal", "GET", "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno", PEER_NEXT, 500, 1,
          "no" },
        { "a drip", "GET", OK "Content-Length: 2\r\n\r\nhi", PEER_NEXT, 200, 1, "hi" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct peer_act act = { .say = rows[i].say,
                                      .then = rows[i].then,
                                      .drips = i + 1 == COUNT(rows) };
        struct visit visit = { .ask = { .method = rows[i].method, .head_ms = 5000 },
                               .goes_again = true };

        run_visit(&visit, &act, 1);
        for (const struct got *got = &visit.got; got <= &visit.again; got++)
            if (got->rc != 0 || got->status != rows[i].status ||
                strcmp(got->body, rows[i].body) != 0)
                fail_msg("%s: %u \"%s\" %s", rows[i].name, got->status, got->body, got->err.text);
        if (peer_connections(visit.peer) != rows[i].connections)
            fail_msg("%s: %u connections", rows[i].name, peer_connections(visit.peer));
        peer_end(visit.peer);
    }
}

#define FIELDS_300 "X-Filler: 0123456789012345678901234567890123456789\r\n"

static const struct {
    const char *name;
    struct peer_act act;
    struct tdh_http_ask ask;
    enum td_code code;
    bool is_retryable;
    const char *words; /* behind the upstream */
} hostile[] = {
    { "no HTTP",
      { .say = "SSH-2.0-OpenSSH_9.2\r\n\r\n", .then = PEER_HOLD },
      { 0 },
      TD_E_EXTERNAL,
      false,
      "GET /x: the reply is malformed: the reply does not begin with version and status" },
    { "a head without end",
      { .say = FIELDS_300, .times = 100000, .then = PEER_HOLD },
      { 0 },
      TD_E_EXTERNAL,
      false,
      "GET /x: the reply is malformed: " },
    { "fields without end",
      { .say = OK FIELDS_300 FIELDS_300 FIELDS_300 FIELDS_300 FIELDS_300 FIELDS_300 FIELDS_300 },
      { .head_ms = 300 },
      TD_E_TIMEOUT,
      true,
      "GET /x: the head of the reply was not whole after " },
    { "a line without end",
      { .say = "HTTP/1.1 200 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
      { .head_ms = 300 },
      TD_E_TIMEOUT,
      true,
      "GET /x: the head of the reply was not whole after " },
    { "4 GB told",
      { .say = OK "Content-Length: 4294967296\r\n\r\n", .then = PEER_HOLD },
      { 0 },
      TD_E_LIMIT,
      false,
      "GET /x: the body of the reply has 4294967296 bytes, at most 16777216 are allowed" },
    { "two lengths",
      { .say = OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", .then = PEER_HOLD },
      { 0 },
      TD_E_EXTERNAL,
      false,
      "the reply is malformed: there is more than one Content-Length" },
    { "shorter than told",
      { .say = OK "Content-Length: 5\r\n\r\nhel", .then = PEER_CLOSE },
      { 0 },
      TD_E_UNAVAILABLE,
      true,
      "GET /x: the connection ended before the reply was whole, after 3 bytes of its body" },
    { "half a chunk",
      { .say = OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", .then = PEER_CLOSE },
      { 0 },
      TD_E_UNAVAILABLE,
      true,
      "GET /x: the connection ended before the reply was whole, after 3 bytes of its body" },
    { "no last chunk",
      { .say = OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .then = PEER_CLOSE },
      { 0 },
      TD_E_UNAVAILABLE,
      true,
      "GET /x: the connection ended before the reply was whole, after 5 bytes of its body" },
    { "a chunk longer than told",
      { .say = OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", .then = PEER_HOLD },
      { 0 },
      TD_E_EXTERNAL,
      false,
      "the reply is malformed: a chunk is longer than its size" },
    { "a reset within the body",
      { .say = OK "Content-Length: 5\r\n\r\nhel", .then = PEER_RESET },
      { 0 },
      TD_E_UNAVAILABLE,
      true,
      "GET /x: the reply was not whole, after 3 bytes of its " },
    { "an end without a reply",
      { .then = PEER_CLOSE },
      { 0 },
      TD_E_UNAVAILABLE,
      true,
      "GET /x: the connection ended without a reply, after " },
    { "an end within the head",
      { .say = "HTTP/1.1 2", .then = PEER_CLOSE },
      { 0 },
      TD_E_UNAVAILABLE,
      true,
      "GET /x: the connection ended within the head of the reply, after " },
    { "a protocol nobody asked for",
      { .say = "HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n", .then = PEER_HOLD },
      { 0 },
      TD_E_EXTERNAL,
      true,
      "the reply is malformed: it changes to a protocol nobody asked for" },
    { "100 without end",
      { .say = "HTTP/1.1 100 Continue\r\n\r\n", .times = 1000, .then = PEER_HOLD },
      { 0 },
      TD_E_EXTERNAL,
      true,
      "the reply is malformed: too many replies 1xx come before it" },
    { "longer than asked for",
      { .say = OK "Content-Length: 5\r\n\r\nhello", .then = PEER_HOLD },
      { .limit_bytes = 4 },
      TD_E_LIMIT,
      false,
      "the body of the reply has 5 bytes, at most 4 are allowed" },
    { "longer than asked for, in chunks",
      { .say = OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .then = PEER_HOLD },
      { .limit_bytes = 4 },
      TD_E_LIMIT,
      false,
      "the body of the reply is longer than 4 bytes" },
    { "longer than asked for, to the end",
      { .say = OK "\r\nhello", .then = PEER_HOLD },
      { .limit_bytes = 4 },
      TD_E_LIMIT,
      false,
      "the body of the reply is longer than 4 bytes" },
    { "nothing",
      { .then = PEER_HOLD },
      { .head_ms = 50 },
      TD_E_TIMEOUT,
      true,
      "GET /x: no reply after " },
    { "half a head",
      { .say = "HTTP/1.1 200 O", .then = PEER_HOLD },
      { .head_ms = 300 },
      TD_E_TIMEOUT,
      true,
      "GET /x: the head of the reply was not whole after " },
    { "silence in the body",
      { .say = OK "Content-Length: 5\r\n\r\nhel", .then = PEER_HOLD },
      { .silence_ms = 50 },
      TD_E_TIMEOUT,
      true,
      "GET /x: nothing more of the reply came for 0.1 s, after 3 bytes of its body" },
};

static void each_hostile_reply_is_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        struct visit visit = { .ask = hostile[i].ask };
        const struct td_err *err = &visit.got.err;
        char name[64];

        run_visit(&visit, &hostile[i].act, 1);
        snprintf(name, sizeof(name), "http://127.0.0.1:%u: ", peer_port(visit.peer));
        if (err->code != hostile[i].code || err->is_retryable != hostile[i].is_retryable ||
            (hostile[i].code != TD_OK && strncmp(err->text, name, strlen(name)) != 0) ||
            strstr(err->text, hostile[i].words) == NULL)
            fail_msg("%s: %d, %s", hostile[i].name, err->code, err->text);
        peer_end(visit.peer);
    }
}

static void a_drip_is_as_long_as_the_whole_call_may_be(void **state)
{
    const struct peer_act act = { .say = OK "Content-Length: 500\r\n\r\n0123456789",
                                  .times = 100,
                                  .drips = true };
    struct visit visit = { .ask = { .silence_ms = 10000 } };

    (void)state;
    visit.ask.deadline_ns = tdh_clock_mono_ns() + 300 * MS;
    run_visit(&visit, &act, 1);
    assert_int_equal(visit.got.err.code, TD_E_TIMEOUT);
    peer_end(visit.peer);
}

/* --- requests --- */

static void a_request_is_written_as_it_should_be(void **state)
{
    static const struct tdh_http_ask_field fields[] = { { "Accept", "a/b" }, { "X-Empty", "" } };
    const struct peer_act act = { .say = OK "Content-Length: 0\r\n\r\n" };
    struct visit visit = { .ask = { .method = "POST",
                                    .target = "/v1/chat?key=secret",
                                    .fields = fields,
                                    .field_count = 2,
                                    .body = "{\"a\":1}",
                                    .body_bytes = 7 } };
    char want[256];

    (void)state;
    run_visit(&visit, &act, 1);
    snprintf(want, sizeof(want),
             "POST /v1/chat?key=secret HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAccept: a/b\r\n"
             "X-Empty: \r\nContent-Length: 7\r\n\r\n{\"a\":1}",
             peer_port(visit.peer));
    assert_string_equal(peer_heard(visit.peer), want);
    peer_end(visit.peer);
}

static void what_is_no_request_is_not_sent(void **state)
{
    static const struct {
        struct tdh_http_ask ask;
        struct tdh_http_ask_field field;
        const char *words;
    } rows[] = {
        { { .method = "GE T", .target = "/" }, { 0 }, "\"GE T\" is no method that can be sent" },
        { { .method = "", .target = "/" }, { 0 }, "\"\" is no method that can be sent" },
        { { .method = "CONNECT", .target = "/" },
          { 0 },
          "\"CONNECT\" is no method that can be sent" },
        { { .method = "GET", .target = "" }, { 0 }, "\"\" is no target" },
        { { .method = "GET", .target = "http://a/" }, { 0 }, "is no target" },
        { { .method = "GET", .target = "/a b" }, { 0 }, "is no target" },
        { { .method = "GET", .target = "/\r\nX: y" }, { 0 }, "is no target" },
        { { .method = "GET", .target = "/" }, { "X: y", "z" }, "\"X: y\" is no name of a field" },
        { { .method = "GET", .target = "/" }, { "", "z" }, "\"\" is no name of a field" },
        { { .method = "GET", .target = "/" },
          { "Authorization", "Bearer secret\r\nX: y" },
          "the value of field \"Authorization\" holds a control character" },
        { { .method = "GET", .target = "/" },
          { "HOST", "z" },
          "field \"HOST\" is written by the client itself" },
        { { .method = "GET", .target = "/" },
          { "Transfer-Encoding", "chunked" },
          "field \"Transfer-Encoding\" is written by the client itself" },
    };
    const struct peer_act act = { .say = OK "Content-Length: 0\r\n\r\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct visit visit = { .ask = rows[i].ask };

        visit.ask.fields = &rows[i].field;
        visit.ask.field_count = rows[i].field.name != NULL;
        run_visit(&visit, &act, 1);
        if (visit.got.rc == 0 || visit.got.err.code != TD_E_INVAL || visit.got.is_sent ||
            strstr(visit.got.err.text, rows[i].words) == NULL ||
            strstr(visit.got.err.text, "secret") != NULL)
            fail_msg("%s: %s", rows[i].words, visit.got.err.text);
        assert_int_equal(peer_requests(visit.peer), 0);
        peer_end(visit.peer);
    }
}

/* More than the buffers of the system take. */
enum { LONG_BODY = 24 << 20 };

static void a_long_body_goes_out_whole_unless_it_is_refused(void **state)
{
    static const struct {
        struct peer_act act;
        unsigned status;
        enum td_code code;
        const char *words;
        bool is_whole;
    } rows[] = {
        { { .say = OK "Content-Length: 2\r\n\r\nhi" }, 200, TD_OK, "", true },
        { { .say = "HTTP/1.1 413 Oh\r\nContent-Length: 2\r\n\r\nno",
            .is_early = true,
            .then = PEER_HOLD },
          413,
          TD_OK,
          "",
          false },
        { { .say = "HTTP/1.1 100 Continue\r\n\r\n", .is_early = true, .then = PEER_HOLD },
          0,
          TD_E_TIMEOUT,
          "the request was not taken after ",
          false },
        { { .say = "no reply\r\n\r\n", .is_early = true, .then = PEER_HOLD },
          0,
          TD_E_EXTERNAL,
          "the reply is malformed",
          false },
    };
    char *body = calloc(1, LONG_BODY);

    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct visit visit = { .ask = { .method = "POST", .body = body, .body_bytes = LONG_BODY } };

        visit.ask.silence_ms = rows[i].code == TD_E_TIMEOUT ? 100 : 0;
        run_visit(&visit, &rows[i].act, 1);
        if (visit.got.status != rows[i].status || visit.got.err.code != rows[i].code ||
            strstr(visit.got.err.text, rows[i].words) == NULL)
            fail_msg("%zu: %u, %d: %s", i, visit.got.status, visit.got.err.code,
                     visit.got.err.text);
        if (rows[i].code != TD_OK)
            assert_true(visit.got.is_sent);
        peer_end(visit.peer);
    }
    free(body);
}

/* --- events --- */

struct events {
    struct peer *peer;
    unsigned count;
    char data[256];
    int rc;
    struct td_err err;
};

static void read_events(void *arg)
{
    static const struct tdh_http_ask ask = { .method = "GET", .target = "/x" };
    struct events *events = arg;
    struct tdh_upstream *upstream = peer_upstream(events->peer, NULL);
    const struct tdh_sse_event *event = NULL;
    bool is_sent;
    struct tdh_http_call *call = tdh_http_open(upstream, &ask, &is_sent, &events->err);

    events->rc = call != NULL ? 0 : -1;
    while (events->rc == 0) {
        events->rc = tdh_http_call_event(call, &event, &events->err);
        if (events->rc != 0 || event == NULL)
            break;
        events->count++;
        strncat(events->data, event->name, 40);
        strncat(events->data, "=", 2);
        strncat(events->data, event->data, event->data_bytes);
        strncat(events->data, ";", 2);
    }
    tdh_http_call_end(call);
    tdh_upstream_free(upstream);
}

static void a_stream_that_is_cut_has_not_ended(void **state)
{
    static const struct {
        struct peer_act act;
        int rc;
        const char *data, *words;
    } rows[] = {
        { { .say =
                STREAM "a\r\ndata: one\n\r\n10\r\n\nevent: x\ndata: \r\n5\r\ntwo\n\n\r\n0\r\n\r\n",
            .drips = true },
          0,
          "message=one;x=two;",
          "" },
        { { .say = STREAM "b\r\ndata: one\n\n\r\n0\r\n\r\n" }, 0, "message=one;", "" },
        { { .say = STREAM "a\r\ndata: one\n\r\n0\r\n\r\n" },
          -1,
          "",
          "GET /x: the stream ended within an event, after 10 bytes of the body" },
        { { .say = STREAM "b\r\ndata: one\n\n\r\n", .then = PEER_CLOSE },
          -1,
          "message=one;",
          "the connection ended before the reply was whole, after 11 bytes of its body" },
        { { .say = STREAM "b\r\ndata: one\n\n\r\n", .then = PEER_RESET },
          -1,
          "message=one;",
          "the reply was not whole, after 11 bytes of its body: " },
        { { .say = OK "\r\ndata: one\n\n", .then = PEER_CLOSE }, 0, "message=one;", "" },
        { { .say = OK "\r\ndata: one\n\nda", .then = PEER_CLOSE },
          -1,
          "message=one;",
          "the stream ended within an event, after 13 bytes of the body" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct events events = { .peer = peer_start(&rows[i].act, 1, NULL) };

        peer_run(read_events, &events);
        if (events.rc != rows[i].rc || strcmp(events.data, rows[i].data) != 0 ||
            strstr(events.err.text, rows[i].words) == NULL)
            fail_msg("%zu: %d, %s, %s", i, events.rc, events.data, events.err.text);
        peer_end(events.peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_a_reply_is_read),
        cmocka_unit_test(each_hostile_reply_is_refused_in_words),
        cmocka_unit_test(a_drip_is_as_long_as_the_whole_call_may_be),
        cmocka_unit_test(a_request_is_written_as_it_should_be),
        cmocka_unit_test(what_is_no_request_is_not_sent),
        cmocka_unit_test(a_long_body_goes_out_whole_unless_it_is_refused),
        cmocka_unit_test(a_stream_that_is_cut_has_not_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
