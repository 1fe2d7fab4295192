/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_server: what a server answers: replies in order, bodies, streams and refusals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "http_handlers.h"

static void a_connection_serves_one_request_after_another(void **state)
{
    struct http_bed *bed = http_start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    for (int i = 0; i < 3; i++) {
        http_bed_ask(fd, "GET /hello" TO "\r\n", &reply);
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.body, "hello");
        http_says(&reply, "Content-Length: 5\r\n");
        http_says(&reply, "Content-Type: text/plain\r\n");
        http_says(&reply, "X-One: 1\r\n");
        http_says(&reply, " GMT\r\n");
        assert_null(strstr(reply.head, "Connection"));
    }
    http_bed_ask(fd, "GET /hello" TO "Connection: close\r\n\r\n", &reply);
    http_says(&reply, "Connection: close\r\n");
    http_bed_is_over(fd);
    assert_int_equal(atomic_load(&http_calls), 4);
    http_stop(bed);
}

static void requests_that_come_together_are_answered_in_order(void **state)
{
    struct http_bed *bed = http_start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_say(fd, "GET /wait" TO "\r\nPOST /echo" TO "Content-Length: 3\r\n\r\ntwo"
                     "GET /things/3/x" TO "\r\n");
    http_hear(http_begun[0]);
    http_tell(http_go_on[1], 'g');
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
    http_stop(bed);
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
    struct http_bed *bed = http_start();
    int fd = http_bed_connect(bed); /* the same for all: no reply has a byte too many */
    struct http_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        http_bed_ask(fd, rows[i].request, &reply);
        if (reply.status != rows[i].status || strstr(reply.body, rows[i].body) == NULL)
            fail_msg("%s: %u, %s", rows[i].request, reply.status, reply.body);
        http_says(&reply, rows[i].head);
    }
    http_bed_close(fd);
    http_stop(bed);
}

static void bodies_come_through_in_any_form(void **state)
{
    struct http_bed *bed = http_start();
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
    http_stop(bed);
}

static void a_body_is_asked_for_only_when_it_is_read(void **state)
{
    struct http_bed *bed = http_start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_ask(fd, "POST /echo" TO "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", &reply);
    assert_int_equal(reply.status, 100);
    http_bed_ask(fd, "abc", &reply);
    assert_string_equal(reply.body, "abc");
    http_bed_ask(fd, "POST /hello" TO "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", &reply);
    assert_int_equal(reply.status, 200);
    http_says(&reply, "Connection: close\r\n");
    http_bed_is_over(fd);
    http_stop(bed);
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
    struct http_bed *bed = http_start();
    struct http_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = http_bed_connect(bed);

        http_bed_say(fd, rows[i].bytes);
        http_bed_say(fd, "GET /hello" TO "\r\nGET /hello" TO "\r\n");
        http_bed_reply(fd, false, &reply);
        http_is_problem(&reply, rows[i].status);
        http_says(&reply, "Connection: close\r\n");
        http_bed_is_over(fd);
    }
    assert_int_equal(atomic_load(&http_calls), 0);
    http_stop(bed);
}

static void a_body_beyond_the_handlers_limit_is_refused(void **state)
{
    struct http_bed *bed = http_start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;
    char *text = calloc(1, 200000);

    (void)state;
    http_bed_say(fd, "POST /echo" TO "Content-Length: 200000\r\n\r\n");
    http_bed_send(fd, text, 200000);
    http_bed_reply(fd, false, &reply);
    http_is_problem(&reply, 413);
    http_says(&reply, "Connection: close\r\n");
    http_bed_is_over(fd);
    free(text);
    http_stop(bed);
}

static void streams_and_events_have_their_form(void **state)
{
    static const char want[] = "event: one\nid: 1\ndata: a\n\n"
                               "data: b\ndata: c\ndata: \ndata: d\n\n: ping\n\n";
    struct http_bed *bed = http_start();
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_ask(fd, "GET /events" TO "\r\n", &reply);
    assert_string_equal(reply.body, want);
    http_says(&reply, "Content-Type: text/event-stream\r\n");
    http_says(&reply, "Cache-Control: no-cache, no-transform\r\n");
    http_says(&reply, "Transfer-Encoding: chunked\r\n");
    http_bed_ask(fd, "GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &reply);
    assert_string_equal(reply.body, want);
    http_says(&reply, "Connection: close\r\n");
    http_bed_close(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /cut" TO "\r\n", &reply);
    assert_string_equal(reply.body, "half");
    assert_false(reply.is_whole);
    http_bed_is_over(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &reply);
    http_says(&reply, "Connection: keep-alive\r\n");
    http_bed_ask(fd, "GET /hello HTTP/1.0\r\n\r\n", &reply);
    http_bed_is_over(fd);
    http_stop(bed);
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
    };

    return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
