/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_clients: clients that are slow, go away or are too many, and a server that ends meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "http_handlers.h"

/* Both kinds of replies. What has left the handler is in buffers of the system but for a bounded
 * rest, until the client reads on. */
static void a_client_that_does_not_read_holds_its_handler(void **state)
{
    static const char *const requests[] = { "GET /long" TO "\r\n", "GET /long-reply" TO "\r\n" };
    struct http_bed *bed = http_start();
    struct http_reply reply;

    (void)state;
    for (int i = 0; i < 2; i++) {
        int fd = http_bed_connect(bed), other = http_bed_connect(bed);

        http_bed_say(fd, requests[i]);
        http_bed_ask(other, "GET /hello" TO "\r\n", &reply); /* others get on meanwhile */
        assert_int_equal(reply.status, 200);
        if (i == 0)
            assert_true(atomic_load(&http_written) < LONG_BODY / 2);
        http_bed_reply(fd, false, &reply);
        assert_true(reply.is_whole);
        assert_int_equal(reply.body_bytes, LONG_BODY);
        assert_int_equal(http_hear(http_ended[0]), 0);
        http_bed_close(fd);
        http_bed_close(other);
    }
    http_stop(bed);
}

static void a_client_that_never_reads_is_left(void **state)
{
    const struct tdh_http_server_options options = { .write_ms = 50 };
    struct http_bed *bed = http_start_with(&options, 20000);
    int fd = http_bed_connect(bed);

    (void)state;
    http_bed_say(fd, "GET /long" TO "\r\n");
    assert_int_equal(http_hear(http_ended[0]), TD_E_TIMEOUT);
    http_bed_close(fd);
    fd = http_bed_connect(bed);
    http_bed_say(fd, "GET /long-reply" TO "\r\n");
    assert_int_equal(http_hear(http_ended[0]), TD_E_TIMEOUT);
    http_bed_close(fd);
    http_stop(bed);
}

static void a_client_that_goes_away_cancels_its_handler(void **state)
{
    struct http_bed *bed = http_start();
    int fd = http_bed_connect(bed);

    (void)state;
    http_bed_say(fd, "GET /wait" TO "\r\n");
    http_hear(http_begun[0]);
    http_bed_close(fd);
    assert_int_equal(http_hear(http_ended[0]), 'c');
    fd = http_bed_connect(bed);
    http_bed_say(fd, "GET /long" TO "\r\n");
    http_bed_close(fd);
    assert_int_equal(http_hear(http_ended[0]), TD_E_CANCELLED);
    http_stop(bed);
}

static void slow_clients_run_out_of_time(void **state)
{
    const struct tdh_http_server_options options = { .head_ms = 50, .body_ms = 50, .idle_ms = 50 };
    struct http_bed *bed = http_start_with(&options, 20000);
    int fd = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_is_over(fd); /* sent nothing */
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /hello" TO, &reply);
    http_is_problem(&reply, 408);
    http_bed_is_over(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "POST /echo" TO "Content-Length: 10\r\n\r\nabc", &reply);
    http_is_problem(&reply, 408);
    http_bed_is_over(fd);
    fd = http_bed_connect(bed);
    http_bed_ask(fd, "GET /hello" TO "\r\n", &reply);
    assert_int_equal(reply.status, 200);
    http_bed_is_over(fd); /* idle */
    http_stop(bed);
}

static void connections_have_their_bounds(void **state)
{
    const struct tdh_http_server_options all = { .connections_max = 2 },
                                         each = { .per_address_max = 2 };
    struct http_reply reply;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct http_bed *bed = http_start_with(i == 0 ? &all : &each, 20000);
        int one = http_bed_connect(bed), two = http_bed_connect(bed), three;

        http_bed_ask(one, "GET /hello" TO "\r\n", &reply);
        http_bed_ask(two, "GET /hello" TO "\r\n", &reply);
        assert_int_equal(reply.status, 200);
        three = http_bed_connect(bed);
        http_bed_reply(three, false, &reply);
        http_is_problem(&reply, i == 0 ? 503 : 429);
        http_says(&reply, "Retry-After: 1\r\n");
        http_bed_is_over(three);
        http_bed_ask(two, "GET /hello" TO "Connection: close\r\n\r\n", &reply);
        http_bed_is_over(two);
        do { /* until worker 0 has heard of it */
            two = http_bed_connect(bed);
            http_bed_ask(two, "GET /hello" TO "\r\n", &reply);
            http_bed_close(two);
        } while (reply.status != 200);
        http_bed_close(one);
        http_stop(bed);
    }
}

static void a_server_that_ends_lets_requests_end(void **state)
{
    struct http_bed *bed = http_start();
    int idle = http_bed_connect(bed), busy = http_bed_connect(bed), half = http_bed_connect(bed);
    struct http_reply reply;

    (void)state;
    http_bed_ask(idle, "GET /hello" TO "\r\n", &reply);
    http_bed_ask(half, "GET /hello" TO "\r\nGET /hel", &reply);
    http_bed_say(busy, "GET /wait" TO "\r\nGET /hello" TO "\r\n");
    http_hear(http_begun[0]);
    http_bed_drain(bed);
    http_bed_is_over(idle);
    assert_int_equal(http_bed_connect(bed), -1);
    http_bed_ask(half, "lo" TO "\r\n", &reply);
    assert_int_equal(reply.status, 200);
    http_says(&reply, "Connection: close\r\n");
    http_bed_is_over(half);
    http_tell(http_go_on[1], 'g');
    http_bed_reply(busy, false, &reply);
    assert_string_equal(reply.body, "waited");
    http_says(&reply, "Connection: close\r\n");
    http_bed_is_over(busy);
    http_bed_end(bed);
    http_close_pipes();
}

static void a_server_that_ends_waits_only_so_long(void **state)
{
    struct http_bed *bed = http_start_with(NULL, 50);
    int fd = http_bed_connect(bed);

    (void)state;
    http_bed_say(fd, "GET /wait" TO "\r\n");
    http_hear(http_begun[0]);
    http_bed_drain(bed);
    http_bed_end(bed);
    assert_int_equal(http_hear(http_ended[0]), 'c');
    http_bed_is_over(fd);
    http_close_pipes();
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
        cmocka_unit_test(a_client_that_does_not_read_holds_its_handler),
        cmocka_unit_test(a_client_that_never_reads_is_left),
        cmocka_unit_test(a_client_that_goes_away_cancels_its_handler),
        cmocka_unit_test(slow_clients_run_out_of_time),
        cmocka_unit_test(connections_have_their_bounds),
        cmocka_unit_test(a_server_that_ends_lets_requests_end),
        cmocka_unit_test(a_server_that_ends_waits_only_so_long),
        cmocka_unit_test(what_cannot_be_listened_on_is_told),
    };

    return cmocka_run_group_tests_name("http_clients", tests, NULL, NULL);
}
