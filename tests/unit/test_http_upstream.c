/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_upstream: connections to a server: kept, used again, and waited for.
 */
#include <sched.h>
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

/* --- kept --- */

static void ask_ten_times(void *arg)
{
    struct scene *scene = arg;

    scene_begin(scene);
    for (int i = 0; i < 10; i++)
        peer_ask(scene->upstream, &get, &scene->got[i]);
    tdh_upstream_free(scene->upstream);
}

static void a_connection_serves_one_call_after_another(void **state)
{
    const struct peer_act act = { .say = HI };
    struct scene scene = { .ended = 0 };
    int64_t reused = peer_metric("tdev_upstream_reused_total");

    (void)state;
    scene_run(&scene, ask_ten_times, &act, 1);
    for (int i = 0; i < 10; i++)
        assert_string_equal(scene.got[i].body, "hi");
    assert_int_equal(peer_requests(scene.peer), 10);
    assert_int_equal(peer_connections(scene.peer), 1);
    assert_int_equal(peer_metric("tdev_upstream_reused_total") - reused, 9);
    peer_end(scene.peer);
    assert_int_equal(peer_metric("tdev_upstream_connections"), 0);
    assert_int_equal(peer_metric("tdev_upstream_connections_idle"), 0);
}

static void ask_without_memory(void *arg)
{
    struct scene *scene = arg;

    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    alloc_fail_at(1);
    peer_ask(scene->upstream, &get, &scene->got[1]);
    scene->is_good = !alloc_fail_end();
    tdh_upstream_free(scene->upstream);
}

static void a_call_over_a_kept_connection_allocates_nothing(void **state)
{
    const struct peer_act act = { .say = HI };
    struct scene scene = { .ended = 0 };

    (void)state;
    scene_run(&scene, ask_without_memory, &act, 1);
    assert_true(scene.is_good);
    assert_string_equal(scene.got[1].body, "hi");
    peer_end(scene.peer);
}

static void ask_twice(void *arg)
{
    struct scene *scene = arg;

    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    peer_ask(scene->upstream, &scene->ask, &scene->got[1]);
    tdh_upstream_free(scene->upstream);
}

/* The connection ends when the second request has come, and nobody knows what was done with it. */
static void only_what_may_be_done_twice_is_sent_twice(void **state)
{
    static const struct {
        struct tdh_http_ask ask;
        enum peer_then then;
        const char *say;
        bool is_repeated;
    } rows[] = {
        { { .method = "GET", .target = "/" }, PEER_CLOSE, NULL, true },
        { { .method = "PUT", .target = "/", .body = "x", .body_bytes = 1 },
          PEER_RESET,
          NULL,
          true },
        { { .method = "POST", .target = "/", .body = "x", .body_bytes = 1 },
          PEER_CLOSE,
          NULL,
          false },
        { { .method = "PATCH", .target = "/", .body = "x", .body_bytes = 1 },
          PEER_RESET,
          NULL,
          false },
        { { .method = "POST", .target = "/", .is_repeatable = true }, PEER_CLOSE, NULL, true },
        { { .method = "GET", .target = "/" }, PEER_CLOSE, "H", false },
        { { .method = "GET", .target = "/", .head_ms = 50 }, PEER_HOLD, NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct peer_act acts[] = { { .say = HI },
                                         { .say = rows[i].say, .then = rows[i].then },
                                         { .say = HI } };
        struct scene scene = { .ask = rows[i].ask };

        scene_run(&scene, ask_twice, acts, 3);
        assert_int_equal(scene.got[0].rc, 0);
        if ((scene.got[1].rc == 0) != rows[i].is_repeated ||
            peer_requests(scene.peer) != (rows[i].is_repeated ? 3 : 2))
            fail_msg("%zu: %u requests, %s", i, peer_requests(scene.peer), scene.got[1].err.text);
        assert_int_equal(scene.got[1].is_sent, true);
        peer_end(scene.peer);
    }
}

static void ask_later(void *arg)
{
    struct scene *scene = arg;

    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    while (peer_metric("tdev_upstream_connections_idle") != 0)
        scene_pause(1);
    peer_ask(scene->upstream, &scene->ask, &scene->got[1]);
    tdh_upstream_free(scene->upstream);
}

static void a_kept_connection_that_ends_is_not_used(void **state)
{
    const struct peer_act act = { .say = HI, .then = PEER_CLOSE };
    struct scene scene = { .ask = { .method = "POST", .target = "/" } };

    (void)state;
    scene_run(&scene, ask_later, &act, 1);
    assert_int_equal(scene.got[1].rc, 0);
    assert_int_equal(peer_connections(scene.peer), 2);
    peer_end(scene.peer);
}

/* The loop has not told of the end yet: the connection is looked at. */
static void ask_without_a_turn(void *arg)
{
    struct scene *scene = arg;

    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    while (peer_ended(scene->peer) == 0) /* in another thread */
        sched_yield();
    peer_ask(scene->upstream, &scene->ask, &scene->got[1]);
    tdh_upstream_free(scene->upstream);
}

static void one_that_cannot_be_sent_twice_is_not_sent_into_the_void(void **state)
{
    const struct peer_act act = { .say = HI, .then = PEER_CLOSE };
    struct scene scene = { .ask = { .method = "POST", .target = "/" } };

    (void)state;
    scene_run(&scene, ask_without_a_turn, &act, 1);
    assert_string_equal(scene.got[1].err.text, "");
    assert_int_equal(scene.got[1].rc, 0);
    peer_end(scene.peer);
}

static void wait_for_expiry(void *arg)
{
    struct scene *scene = arg;

    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    scene->is_good = peer_await_gone(scene->peer, 1);
    tdh_upstream_free(scene->upstream);
}

static void a_connection_that_nobody_needs_is_closed_in_time(void **state)
{
    const struct peer_act act = { .say = HI };
    struct scene scene = { .options.keep_ms = 30 };

    (void)state;
    scene_run(&scene, wait_for_expiry, &act, 1);
    assert_true(scene.is_good);
    peer_end(scene.peer);
}

/* --- many at once --- */

struct one {
    struct scene *scene;
    unsigned number;
    uint64_t deadline_ns;
};

static void ask_one(void *arg)
{
    const struct one *one = arg;
    struct scene *scene = one->scene;
    struct tdh_http_ask ask = get;

    ask.deadline_ns = one->deadline_ns;
    peer_ask(scene->upstream, &ask, &scene->got[one->number]);
    scene->order[scene->ended++] = one->number;
    tdh_co_wake(scene->main);
}

static void ask_at_once(struct scene *scene, struct one *ones, unsigned count)
{
    struct td_err err;

    scene->main = tdh_co_self();
    for (unsigned i = 0; i < count; i++) {
        ones[i].scene = scene;
        ones[i].number = i;
        if (tdh_co_spawn(ask_one, &ones[i], NULL, &err) != 0)
            abort();
    }
    while (scene->ended < count)
        tdh_co_wait(TDH_NEVER);
}

static void ask_six_at_once(void *arg)
{
    struct scene *scene = arg;
    struct one ones[6] = { { .number = 0 } };

    scene_begin(scene);
    ask_at_once(scene, ones, 6);
    tdh_upstream_free(scene->upstream);
}

static void calls_beyond_the_connections_wait_in_order(void **state)
{
    const struct peer_act acts[] = { { .say = HI },
                                     { .say = HI, .then = PEER_CLOSE },
                                     { .say = HI } };
    struct scene scene = { .options.connections = 1 };

    (void)state;
    scene_run(&scene, ask_six_at_once, acts, 3);
    for (unsigned i = 0; i < 6; i++) {
        assert_string_equal(scene.got[i].body, "hi");
        assert_int_equal(scene.order[i], i);
    }
    assert_int_equal(peer_connections(scene.peer), 2); /* the second reply ended the first */
    assert_int_equal(peer_metric("tdev_upstream_waiting"), 0);
    peer_end(scene.peer);
}

static void ask_six_and_count(void *arg)
{
    struct scene *scene = arg;
    struct one ones[6] = { { .number = 0 } };

    scene_begin(scene);
    ask_at_once(scene, ones, 6);
    scene->is_good = peer_await_gone(scene->peer, 4) &&
                     peer_metric("tdev_upstream_connections_idle") == 2 &&
                     peer_metric("tdev_upstream_connections") == 2;
    tdh_upstream_free(scene->upstream);
}

static void only_so_many_are_kept(void **state)
{
    const struct peer_act act = { .say = HI };
    struct scene scene = { .options = { .connections = 6, .idle = 2 } };

    (void)state;
    scene_run(&scene, ask_six_and_count, &act, 1);
    assert_int_equal(peer_connections(scene.peer), 6);
    assert_true(scene.is_good);
    peer_end(scene.peer);
}

/* --- workers --- */

static void ask_here(void *arg)
{
    struct scene *scene = arg;

    for (int i = 0; i < 3; i++)
        peer_ask(scene->upstream, &get, &scene->got[scene->ended++]);
}

static void ask_on_both(void *arg)
{
    struct scene *scene = arg;
    struct td_err err;

    scene_begin(scene);
    ask_here(scene);
    if (tdh_hop(tdh_runtime_worker(peer_runtime(), 1), ask_here, scene, &err) != 0)
        abort();
    tdh_upstream_free(scene->upstream); /* the other worker closes its own */
    scene->is_good = peer_await_gone(scene->peer, 2);
}

static void each_worker_has_connections_of_its_own(void **state)
{
    const struct peer_act act = { .say = HI };
    struct scene scene = { .options.connections = 1 };

    (void)state;
    scene_run(&scene, ask_on_both, &act, 1);
    for (int i = 0; i < 6; i++)
        assert_string_equal(scene.got[i].body, "hi");
    assert_int_equal(peer_connections(scene.peer), 2);
    assert_true(scene.is_good);
    peer_end(scene.peer);
}

static void ask_three_of_one(void *arg)
{
    struct scene *scene = arg;
    struct one ones[3] = { { .number = 0 } };
    uint64_t now_ns = tdh_clock_mono_ns();

    scene_begin(scene);
    ones[0].deadline_ns = now_ns + 200 * MS;
    ones[1].deadline_ns = now_ns + 50 * MS;
    ask_at_once(scene, ones, 3);
    tdh_upstream_free(scene->upstream);
}

static void who_cannot_wait_is_told(void **state)
{
    const struct peer_act act = { .then = PEER_HOLD };
    struct scene scene = { .options = { .connections = 1, .waiting = 1 } };

    (void)state;
    scene_run(&scene, ask_three_of_one, &act, 1);
    assert_int_equal(scene.got[2].err.code, TD_E_LIMIT);
    assert_non_null(strstr(scene.got[2].err.text, "1 calls wait for a connection already"));
    assert_int_equal(scene.got[1].err.code, TD_E_TIMEOUT);
    assert_non_null(strstr(scene.got[1].err.text,
                           "none of the 1 connections that there may be was free within "));
    assert_int_equal(scene.got[0].err.code, TD_E_TIMEOUT);
    assert_true(peer_requests(scene.peer) <= 1);
    peer_end(scene.peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_serves_one_call_after_another),
        cmocka_unit_test(a_call_over_a_kept_connection_allocates_nothing),
        cmocka_unit_test(only_what_may_be_done_twice_is_sent_twice),
        cmocka_unit_test(a_kept_connection_that_ends_is_not_used),
        cmocka_unit_test(one_that_cannot_be_sent_twice_is_not_sent_into_the_void),
        cmocka_unit_test(a_connection_that_nobody_needs_is_closed_in_time),
        cmocka_unit_test(calls_beyond_the_connections_wait_in_order),
        cmocka_unit_test(only_so_many_are_kept),
        cmocka_unit_test(who_cannot_wait_is_told),
        cmocka_unit_test(each_worker_has_connections_of_its_own),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
