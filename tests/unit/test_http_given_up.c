/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_given_up: calls that are refused, cancelled, left, not read, or find no memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "alloc_fail.h"
#include "base/clock.h"
#include "peer.h"

#define MS UINT64_C(1000000)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define OK "HTTP/1.1 200 OK\r\n"
#define HI OK "Content-Length: 2\r\n\r\nhi"

static const struct tdh_http_ask get = { .method = "GET", .target = "/x" };

/* --- given up --- */

static void open_one(void *arg)
{
    struct scene *scene = arg;
    struct tdh_http_call *call =
        tdh_http_open(scene->upstream, &get, &scene->got[0].is_sent, &scene->got[0].err);
    const char *bytes;
    size_t length = 1;

    while (call != NULL && length != 0)
        if (tdh_http_call_read(call, &bytes, &length, &scene->got[0].err) != 0)
            break;
    tdh_http_call_end(call);
    scene->ended = 1;
}

static void cancel_one(void *arg)
{
    struct scene *scene = arg;
    struct tdh_co *co;
    struct td_err err;

    scene_begin(scene);
    if (tdh_co_spawn(open_one, scene, &co, &err) != 0)
        abort();
    while (peer_requests(scene->peer) == 0 || peer_sent(scene->peer) != scene->order[0])
        scene_pause(1);
    scene_pause(5);
    tdh_co_cancel(co);
    scene->is_good = peer_await_gone(scene->peer, 1) && scene->ended == 1;
    tdh_upstream_free(scene->upstream);
}

static void a_cancelled_call_closes_its_connection(void **state)
{
    static const struct peer_act acts[] = {
        { .then = PEER_HOLD },
        { .say = "HTTP/1.1 200 ", .then = PEER_HOLD },
        { .say = OK "Content-Length: 5\r\n\r\nhel", .then = PEER_HOLD },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(acts); i++) {
        struct scene scene = { .order = { acts[i].say != NULL ? (unsigned)strlen(acts[i].say)
                                                              : 0 } };

        scene_run(&scene, cancel_one, &acts[i], 1);
        assert_true(scene.is_good);
        assert_int_equal(scene.got[0].err.code, TD_E_CANCELLED);
        peer_end(scene.peer);
    }
}

static void leave_one(void *arg)
{
    struct scene *scene = arg;
    struct tdh_http_call *call;
    const char *bytes;
    size_t length;

    scene_begin(scene);
    call = tdh_http_open(scene->upstream, &get, &scene->got[0].is_sent, &scene->got[0].err);
    if (call != NULL && tdh_http_call_read(call, &bytes, &length, &scene->got[0].err) == 0)
        tdh_http_call_end(call);
    scene->is_good = peer_await_gone(scene->peer, 1);
    tdh_upstream_free(scene->upstream);
}

static void a_call_that_is_left_closes_its_connection(void **state)
{
    const struct peer_act act = { .say = OK "Content-Length: 5\r\n\r\nhel", .then = PEER_HOLD };
    struct scene scene = { .ended = 0 };

    (void)state;
    scene_run(&scene, leave_one, &act, 1);
    assert_true(scene.is_good);
    peer_end(scene.peer);
}

static void leave_whole_ones(void *arg)
{
    struct scene *scene = arg;
    const struct tdh_sse_event *event;
    struct tdh_http_call *call;

    scene_begin(scene);
    for (int i = 0; i < 2; i++) {
        call = tdh_http_open(scene->upstream, &get, &scene->got[0].is_sent, &scene->got[0].err);
        if (call == NULL || tdh_http_call_event(call, &event, &scene->got[0].err) != 0)
            abort();
        tdh_http_call_end(call);
    }
    tdh_upstream_free(scene->upstream);
}

/* As with streams that say in an event that it was the last: what follows is the last chunk. */
static void a_call_whose_rest_is_there_keeps_its_connection(void **state)
{
    const struct peer_act act = { .say = OK "Transfer-Encoding: chunked\r\n\r\n"
                                            "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n" };
    struct scene scene = { .ended = 0 };

    (void)state;
    scene_run(&scene, leave_whole_ones, &act, 1);
    assert_int_equal(peer_connections(scene.peer), 1);
    assert_int_equal(peer_requests(scene.peer), 2);
    peer_end(scene.peer);
}

static void free_while_open(void *arg)
{
    struct scene *scene = arg;
    struct tdh_http_call *call;
    const char *bytes;
    size_t length;

    scene_begin(scene);
    call = tdh_http_open(scene->upstream, &get, &scene->got[0].is_sent, &scene->got[0].err);
    tdh_upstream_free(scene->upstream);
    scene_pause(5);
    scene->is_good =
        call != NULL && tdh_http_call_whole(call, 100, &bytes, &length, &scene->got[0].err) == 0;
    tdh_http_call_end(call);
}

static void an_upstream_that_is_freed_lets_its_calls_end(void **state)
{
    const struct peer_act act = { .say = OK "Content-Length: 20\r\n\r\n01234567890123456789",
                                  .drips = true };
    struct scene scene = { .ended = 0 };

    (void)state;
    scene_run(&scene, free_while_open, &act, 1);
    assert_true(scene.is_good);
    peer_end(scene.peer);
    assert_int_equal(peer_metric("tdev_upstream_connections"), 0);
}

/* --- back-pressure --- */

enum { PIECES = 1 << 10, PIECE = 64 << 10 }; /* 64 MiB */

static void read_late(void *arg)
{
    struct scene *scene = arg;
    struct tdh_http_ask ask = get;
    struct tdh_http_call *call;
    const char *bytes;
    size_t length = 1, sent = 0, before = 1;

    ask.limit_bytes = UINT64_MAX;
    scene_begin(scene);
    call = tdh_http_open(scene->upstream, &ask, &scene->got[0].is_sent, &scene->got[0].err);
    while (sent != before) { /* until the peer can send no more */
        before = sent;
        scene_pause(50);
        sent = peer_sent(scene->peer);
    }
    scene->is_good = sent < (size_t)PIECES * PIECE / 2;
    while (call != NULL && length != 0) {
        if (tdh_http_call_read(call, &bytes, &length, &scene->got[0].err) != 0)
            break;
        scene->got[0].body_bytes += length;
        scene->is_good &= length <= TDH_HTTP_CALL_BUFFER;
    }
    tdh_http_call_end(call);
    tdh_upstream_free(scene->upstream);
}

static void a_body_that_nobody_reads_stays_with_the_upstream(void **state)
{
    char *piece = calloc(1, PIECE);
    const struct peer_act act = {
        .say = piece, .length = PIECE, .times = PIECES, .then = PEER_CLOSE
    };
    struct scene scene = { .ended = 0 };
    size_t head;

    (void)state;
    assert_non_null(piece);
    head = (size_t)snprintf(piece, PIECE, OK "\r\n");
    scene_run(&scene, read_late, &act, 1);
    assert_true(scene.is_good);
    assert_int_equal(scene.got[0].body_bytes, (size_t)PIECES * PIECE - head);
    peer_end(scene.peer);
    free(piece);
}

/* --- without memory --- */

static void ask_with_failures(void *arg)
{
    struct scene *scene = arg;
    const struct tdh_http_ask ask = {
        .method = "POST", .target = "/", .body = "x", .body_bytes = 1
    };
    bool has_failed = true;

    for (unsigned n = 1; has_failed; n++) {
        scene_begin(scene);
        alloc_fail_at(n);
        peer_ask(scene->upstream, &ask, &scene->got[0]);
        has_failed = alloc_fail_end();
        if (has_failed && scene->got[0].rc != 0 && scene->got[0].err.code != TD_E_NOMEM &&
            scene->got[0].err.code != TD_E_TIMEOUT) /* no memory for a timer */
            scene->got[1] = scene->got[0];
        tdh_upstream_free(scene->upstream);
        scene->ended = n;
    }
}

static void without_memory_a_call_fails_and_leaves_nothing(void **state)
{
    const struct peer_act act = { .say = OK "Content-Length: 2\r\n\r\nhi" };
    struct scene scene = { .ended = 0 };

    (void)state;
    scene_run(&scene, ask_with_failures, &act, 1);
    assert_string_equal(scene.got[1].err.text, "");
    assert_int_equal(scene.got[0].rc, 0);
    assert_true(scene.ended > 4);
    peer_end(scene.peer);
    assert_int_equal(peer_metric("tdev_upstream_connections"), 0);
}

/* --- refusals --- */

static void ask_and_refuse(void *arg)
{
    struct scene *scene = arg;
    struct tdh_http_call *call;

    scene_begin(scene);
    call = tdh_http_open(scene->upstream, &get, &scene->got[0].is_sent, &scene->got[0].err);
    if (call != NULL)
        tdh_http_call_refusal(call, &scene->got[0].err);
    tdh_http_call_end(call);
    tdh_upstream_free(scene->upstream);
}

static void a_refusal_says_when_to_come_again(void **state)
{
    static const struct {
        const char *say;
        enum td_code code;
        bool is_retryable;
        uint32_t retry_after_ms;
    } rows[] = {
        { "HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", TD_E_UNAVAILABLE, true,
          7000 },
        { "HTTP/1.1 503 No\r\nretry-after: 99999999999999999999\r\nContent-Length: 0\r\n\r\n",
          TD_E_UNAVAILABLE, true, 86400000 },
        { "HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\nContent-Length: "
          "0\r\n\r\n",
          TD_E_UNAVAILABLE, true, 86400000 },
        { "HTTP/1.1 503 No\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: "
          "0\r\n\r\n",
          TD_E_UNAVAILABLE, true, 0 },
        { "HTTP/1.1 503 No\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", TD_E_UNAVAILABLE,
          true, 0 },
        { "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", TD_E_EXTERNAL, true, 0 },
        { "HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n", TD_E_EXTERNAL, true, 0 },
        { "HTTP/1.1 401 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", TD_E_PERM, false, 0 },
        { "HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n", TD_E_INVAL, false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct peer_act act = { .say = rows[i].say };
        struct scene scene = { .ended = 0 };
        const struct td_err *err = &scene.got[0].err;

        scene_run(&scene, ask_and_refuse, &act, 1);
        if (err->code != rows[i].code || err->is_retryable != rows[i].is_retryable ||
            err->retry_after_ms != rows[i].retry_after_ms)
            fail_msg("%s: %u ms, %s", rows[i].say, err->retry_after_ms, err->text);
        peer_end(scene.peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancelled_call_closes_its_connection),
        cmocka_unit_test(a_call_that_is_left_closes_its_connection),
        cmocka_unit_test(a_call_whose_rest_is_there_keeps_its_connection),
        cmocka_unit_test(an_upstream_that_is_freed_lets_its_calls_end),
        cmocka_unit_test(a_body_that_nobody_reads_stays_with_the_upstream),
        cmocka_unit_test(a_refusal_says_when_to_come_again),
        cmocka_unit_test(without_memory_a_call_fails_and_leaves_nothing),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
