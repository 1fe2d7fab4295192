/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_reach: names, addresses, TLS, and servers that cannot be reached.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"
#include "peer.h"

#define MS UINT64_C(1000000)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

static const struct tdh_http_ask get = { .method = "GET", .target = "/x" };
static char ca_file[] = "/tmp/tdev-test-ca-XXXXXX", other_ca_file[] = "/tmp/tdev-test-ca-XXXXXX";

/* --- a resolver of our own: linked in the place of the system's --- */

static atomic_uint lookups;
static sem_t slow_may_end;

int __real_getaddrinfo(const char *name, const char *port, const struct addrinfo *wanted,
                       struct addrinfo **ret_list);
int __wrap_getaddrinfo(const char *name, const char *port, const struct addrinfo *wanted,
                       struct addrinfo **ret_list);

static int both(const char *one, const char *other, const char *port, struct addrinfo **ret_list)
{
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *rest = NULL;
    int rc = __real_getaddrinfo(one, port, &wanted, ret_list);

    if (rc == 0 && other != NULL)
        rc = __real_getaddrinfo(other, port, &wanted, &rest);
    (*ret_list)->ai_next = rest;
    return rc;
}

int __wrap_getaddrinfo(const char *name, const char *port, const struct addrinfo *wanted,
                       struct addrinfo **ret_list)
{
    if ((wanted->ai_flags & AI_NUMERICHOST) != 0)
        return __real_getaddrinfo(name, port, wanted, ret_list);
    atomic_fetch_add(&lookups, 1);
    if (strcmp(name, "gone.test") == 0)
        return EAI_NONAME;
    if (strcmp(name, "later.test") == 0)
        return EAI_AGAIN;
    if (strcmp(name, "slow.test") == 0)
        sem_wait(&slow_may_end);
    if (strcmp(name, "two.test") == 0) /* nobody listens at the first */
        return both("127.0.0.2", "127.0.0.1", port, ret_list);
    if (strcmp(name, "none.test") == 0)
        return both("127.0.0.2", "127.0.0.3", port, ret_list);
    return both("127.0.0.1", NULL, port, ret_list);
}

static char *url_of(const char *scheme, const char *host, const struct peer *peer)
{
    static char url[128];

    snprintf(url, sizeof(url), "%s://%s:%u", scheme, host, peer_port(peer));
    return url;
}

/* --- urls --- */

static void read_urls(void *arg)
{
    static const struct {
        const char *url, *name, *words;
    } rows[] = {
        { "https://api.example.com", "https://api.example.com:443", NULL },
        { "HTTP://a/", "http://a:80", NULL },
        { "http://[::1]:8080", "http://[::1]:8080", NULL },
        { "https://127.0.0.1:65535/", "https://127.0.0.1:65535", NULL },
        { "ftp://a", NULL, "it begins neither with https:// nor with http://" },
        { "https://", NULL, "it names no host" },
        { "https://a b", NULL, "what stands behind the host is no port" },
        { "https://a/v1", NULL, "what stands behind the host is no port" },
        { "https://user@a", NULL, "what stands behind the host is no port" },
        { "https://a:", NULL, "what stands behind the host is no port" },
        { "https://a:0", NULL, "what stands behind the host is no port" },
        { "https://a:65536", NULL, "what stands behind the host is no port" },
        { "https://[::1", NULL, "it names no host" },
        { "https://[a:z]", NULL, "it names no host" },
    };
    struct scene *scene = arg;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct tdh_upstream_options options = { .runtime = peer_runtime(),
                                                      .url = rows[i].url };
        struct td_err err = { .code = TD_OK };
        struct tdh_upstream *upstream = tdh_upstream_new(&options, &err);

        if (upstream != NULL
                ? rows[i].name == NULL || strcmp(tdh_upstream_name(upstream), rows[i].name) != 0
                : rows[i].words == NULL || strstr(err.text, rows[i].words) == NULL)
            snprintf(scene->got[0].body, GOT_BODY, "%s: %s", rows[i].url, err.text);
        tdh_upstream_free(upstream);
    }
}

static void an_url_is_scheme_host_and_port(void **state)
{
    struct scene scene = { .ended = 0 };

    (void)state;
    scene_run(&scene, read_urls, NULL, 0);
    assert_string_equal(scene.got[0].body, "");
}

/* --- names --- */

static void ask_by_name(void *arg)
{
    struct scene *scene = arg;

    scene->options.url = url_of("http", (const char *)scene->ask.target, scene->peer);
    scene_begin(scene);
    for (int i = 0; i < 3; i++)
        peer_ask(scene->upstream, &get, &scene->got[i]);
    tdh_upstream_free(scene->upstream);
}

static void a_name_is_tried_at_each_of_its_addresses(void **state)
{
    static const struct {
        const char *host;
        enum td_code code;
        unsigned lookups; /* of three calls */
        bool is_retryable;
        const char *words;
    } rows[] = {
        { "one.test", TD_OK, 1, false, "" },
        { "two.test", TD_OK, 1, false, "" },
        { "none.test", TD_E_UNAVAILABLE, 3, true, "Connection refused; 127.0.0.3:" },
        { "gone.test", TD_E_UNAVAILABLE, 3, false,
          "the name \"gone.test\" could not be looked up: " },
        { "later.test", TD_E_UNAVAILABLE, 3, true,
          "the name \"later.test\" could not be looked up: " },
    };
    const struct peer_act act = { .say = HI, .then = PEER_CLOSE };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scene scene = { .ask.target = rows[i].host };
        const struct td_err *err = &scene.got[2].err;

        atomic_store(&lookups, 0);
        scene_run(&scene, ask_by_name, &act, 1);
        if (err->code != rows[i].code || strstr(err->text, rows[i].words) == NULL ||
            err->is_retryable != rows[i].is_retryable || atomic_load(&lookups) != rows[i].lookups)
            fail_msg("%s: %u lookups, %s", rows[i].host, atomic_load(&lookups), err->text);
        peer_end(scene.peer);
    }
}

static void ask_slow_name(void *arg)
{
    struct scene *scene = arg;

    scene->options.url = url_of("http", "slow.test", scene->peer);
    scene->options.connect_ms = 30;
    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    sem_post(&slow_may_end);
    while (scene->got[1].rc != 0 || !scene->got[1].has_head)
        peer_ask(scene->upstream, &get, &scene->got[1]);
    tdh_upstream_free(scene->upstream);
}

static void a_slow_lookup_holds_nobody_up(void **state)
{
    const struct peer_act act = { .say = HI };
    struct scene scene = { .ended = 0 };

    (void)state;
    atomic_store(&lookups, 0);
    scene_run(&scene, ask_slow_name, &act, 1);
    assert_int_equal(scene.got[0].err.code, TD_E_TIMEOUT);
    assert_non_null(
        strstr(scene.got[0].err.text, "GET /x: the name \"slow.test\" was not looked up in time"));
    assert_int_equal(atomic_load(&lookups), 1); /* the second call used the first's */
    peer_end(scene.peer);
}

/* A socket that listens and whose queue is full swallows what would connect. */
static int listen_and_swallow(int fillers[8], unsigned *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    for (int i = 0; i < 8; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void ask_nobody(void *arg)
{
    struct scene *scene = arg;
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u", scene->order[0]);
    scene->options.url = url;
    scene->options.connect_ms = 50;
    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    tdh_upstream_free(scene->upstream);
}

static void who_does_not_answer_is_told(void **state)
{
    struct scene scene = { .ended = 0 };
    int fillers[8], fd = listen_and_swallow(fillers, &scene.order[0]);
    char want[96];

    (void)state;
    scene_run(&scene, ask_nobody, NULL, 0);
    assert_int_equal(scene.got[0].err.code, TD_E_TIMEOUT);
    snprintf(want, sizeof(want), " s: 127.0.0.1:%u: it does not answer", scene.order[0]);
    assert_non_null(strstr(scene.got[0].err.text, "GET /x: could not connect, tried for "));
    assert_non_null(strstr(scene.got[0].err.text, want));
    assert_false(scene.got[0].is_sent);
    for (int i = 0; i < 8; i++)
        close(fillers[i]);
    close(fd);
}

/* --- TLS --- */

static void ask_tls(void *arg)
{
    struct scene *scene = arg;

    scene->options.url = url_of("https", scene->ask.target, scene->peer);
    scene_begin(scene);
    peer_ask(scene->upstream, &get, &scene->got[0]);
    if (scene->got[0].rc == 0)
        peer_ask(scene->upstream, &get, &scene->got[1]);
    tdh_upstream_free(scene->upstream);
}

static void only_a_certificate_that_is_right_is_trusted(void **state)
{
    static const struct {
        const char *name;
        enum peer_fault fault;
        const char *host, *ca_file;
        enum td_code code;
        const char *words;
    } rows[] = {
        { "DNS:localhost", PEER_GOOD, "localhost", ca_file, TD_OK, "" },
        { "IP:127.0.0.1", PEER_GOOD, "127.0.0.1", ca_file, TD_OK, "" },
        { "DNS:*.one.test", PEER_GOOD, "a.one.test", ca_file, TD_OK, "" },
        { "DNS:localhost", PEER_SELF_SIGNED, "localhost", ca_file, TD_E_EXTERNAL,
          "its certificate is not trusted: self-signed certificate" },
        { "DNS:localhost", PEER_GOOD, "localhost", NULL, TD_E_EXTERNAL,
          "its certificate is not trusted: unable to get local issuer certificate" },
        { "DNS:localhost", PEER_GOOD, "localhost", other_ca_file, TD_E_EXTERNAL,
          "its certificate is not trusted: " },
        { "DNS:localhost", PEER_EXPIRED, "localhost", ca_file, TD_E_EXTERNAL,
          "its certificate is not trusted: certificate has expired" },
        { "DNS:localhost", PEER_GOOD, "one.test", ca_file, TD_E_EXTERNAL,
          "its certificate is not for \"one.test\"" },
        { "DNS:localhost", PEER_GOOD, "127.0.0.1", ca_file, TD_E_EXTERNAL,
          "its certificate is not for \"127.0.0.1\"" },
        { "DNS:localhost", PEER_GOOD, "localhost", "/nonexistent.pem", TD_E_CONFIG,
          "could not use the authorities \"/nonexistent.pem\": " },
    };
    const struct peer_act act = { .say = HI };
    struct ssl_ctx_st *other = peer_tls_new("DNS:x", PEER_GOOD, other_ca_file);

    (void)state;
    peer_tls_free(other);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scene scene = { .ask.target = rows[i].host };
        const struct td_err *err = &scene.got[0].err;
        char own_ca[64];

        /* a file is read once in a process: each row has one of its own */
        snprintf(own_ca, sizeof(own_ca), "%s.%zu", ca_file, i);
        scene.tls = peer_tls_new(rows[i].name, rows[i].fault, own_ca);
        scene.options.ca_file = rows[i].ca_file == ca_file ? own_ca : rows[i].ca_file;
        scene_run(&scene, ask_tls, &act, 1);
        if (err->code != rows[i].code || strstr(err->text, rows[i].words) == NULL ||
            err->is_retryable)
            fail_msg("%s at %s: %s", rows[i].name, rows[i].host, err->text);
        assert_int_equal(scene.got[1].rc, 0);
        assert_int_equal(peer_requests(scene.peer), rows[i].code == TD_OK ? 2 : 0);
        peer_end(scene.peer);
        peer_tls_free(scene.tls);
        unlink(own_ca);
    }
}

/* A body without a length ends with the connection: in order, or it was cut by somebody. */
static void only_tls_that_ends_in_order_ends_a_body(void **state)
{
    static const struct {
        enum peer_then then;
        enum td_code code;
        const char *words;
    } rows[] = {
        { PEER_CLOSE, TD_OK, "" },
        { PEER_CUT, TD_E_UNAVAILABLE,
          "the reply was not whole, after 5 bytes of its body: the connection broke: TLS was cut" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct peer_act act = { .say = "HTTP/1.1 200 OK\r\n\r\nhello", .then = rows[i].then };
        struct scene scene = { .ask.target = "localhost" };
        char own_ca[64];

        snprintf(own_ca, sizeof(own_ca), "%s.cut%zu", ca_file, i);
        scene.tls = peer_tls_new("DNS:localhost", PEER_GOOD, own_ca);
        scene.options.ca_file = own_ca;
        scene_run(&scene, ask_tls, &act, 1);
        if (scene.got[0].err.code != rows[i].code ||
            strstr(scene.got[0].err.text, rows[i].words) == NULL)
            fail_msg("%zu: %s", i, scene.got[0].err.text);
        peer_end(scene.peer);
        peer_tls_free(scene.tls);
        unlink(own_ca);
    }
}

static void who_speaks_no_tls_is_told(void **state)
{
    const struct peer_act act = { .say = HI };
    struct scene scene = { .ask.target = "127.0.0.1", .options.connect_ms = 50 };

    (void)state;
    scene_run(&scene, ask_tls, &act, 1);
    assert_int_equal(scene.got[0].err.code, TD_E_TIMEOUT);
    assert_non_null(strstr(scene.got[0].err.text, "GET /x: could not agree on TLS within "));
    peer_end(scene.peer);
}

/* --- health --- */

static void ask_who_is_not_there(void *arg)
{
    struct scene *scene = arg;

    scene_begin(scene);
    for (int i = 0; i < 4; i++)
        peer_get(scene->upstream, &scene->got[i]);
    tdh_upstream_free(scene->upstream);
}

static void who_cannot_be_reached_is_left_alone(void **state)
{
    struct scene scene = { .ended = 0 };

    (void)state;
    scene_run(&scene, ask_who_is_not_there, NULL, 0);
    for (int i = 0; i < 3; i++)
        assert_non_null(strstr(scene.got[i].err.text, "127.0.0.1:1: Connection refused"));
    assert_int_equal(scene.got[3].err.code, TD_E_UNAVAILABLE);
    assert_non_null(strstr(scene.got[3].err.text, "http://127.0.0.1:1 is left alone for "));
    assert_non_null(strstr(scene.got[3].err.text, " s more: the last 3 calls could not reach it"));
    assert_in_range(scene.got[3].err.retry_after_ms, 1, 1000);
    assert_true(scene.got[3].err.is_retryable);
}

static void one_call_at_a_time_looks_again(void **state)
{
    struct tdh_health health = { .name = "http://a:80" };
    struct td_err err;
    uint64_t now = 1000 * MS;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tdh_health_ask(&health, now, &err), 0);
        tdh_health_bad(&health, now);
    }
    assert_true(tdh_health_is_down(&health));
    tdh_health_bad(&health, now); /* calls that had begun before make it no longer */
    assert_int_equal(tdh_health_ask(&health, now + 999 * MS, &err), -1);
    assert_int_equal(err.retry_after_ms, 1);
    now += 1000 * MS;
    assert_int_equal(tdh_health_ask(&health, now, &err), 0);
    assert_int_equal(tdh_health_ask(&health, now, &err), -1);
    tdh_health_bad(&health, now); /* twice as long */
    assert_int_equal(tdh_health_ask(&health, now + 1999 * MS, &err), -1);
    now += 2000 * MS;
    assert_int_equal(tdh_health_ask(&health, now, &err), 0);
    tdh_health_unknown(&health); /* it was cancelled: another may look */
    assert_int_equal(tdh_health_ask(&health, now, &err), 0);
    tdh_health_good(&health);
    assert_false(tdh_health_is_down(&health));
    assert_int_equal(tdh_health_ask(&health, now, &err), 0);
    for (int i = 0; i < 40; i++) {
        tdh_health_bad(&health, now);
        now += 30000 * MS;
    }
    assert_int_equal(tdh_health_ask(&health, now, &err), 0); /* never longer than that */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_url_is_scheme_host_and_port),
        cmocka_unit_test(a_name_is_tried_at_each_of_its_addresses),
        cmocka_unit_test(a_slow_lookup_holds_nobody_up),
        cmocka_unit_test(who_does_not_answer_is_told),
        cmocka_unit_test(only_a_certificate_that_is_right_is_trusted),
        cmocka_unit_test(only_tls_that_ends_in_order_ends_a_body),
        cmocka_unit_test(who_speaks_no_tls_is_told),
        cmocka_unit_test(who_cannot_be_reached_is_left_alone),
        cmocka_unit_test(one_call_at_a_time_looks_again),
    };
    int rc;

    sem_init(&slow_may_end, 0, 0);
    if (mkstemp(ca_file) < 0 || mkstemp(other_ca_file) < 0)
        return 99;
    rc = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(ca_file);
    unlink(other_ca_file);
    return rc;
}
