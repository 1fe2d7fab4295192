/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_bed: a server in threads of its own, and a client in the thread of the test.
 */
#include "http_bed.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

#include "http/parse.h"

enum { FDS = 1024 };

struct http_bed {
    struct tdh_http_server_options options;
    uint32_t drain_ms;
    int told[2], ended[2]; /* pipes: the server listens; it is to end */
    unsigned port;
    pthread_t thread;
};

/* What a connection has brought beyond the reply that was read. */
static struct {
    char bytes[REPLY_BODY];
    size_t length;
} kept[FDS];

static void serve(void *arg)
{
    struct http_bed *bed = arg;
    struct td_err err = { 0 };
    struct tdh_http_server *server = tdh_http_server_new(&bed->options, &err);
    ssize_t ignored;

    if (server != NULL)
        bed->port = (unsigned)atoi(strrchr(tdh_http_server_address(server), ':') + 1);
    ignored = write(bed->told[1], "x", 1);
    (void)ignored;
    if (server == NULL)
        return;
    tdh_co_wait_readable(bed->ended[0], TDH_NEVER);
    tdh_http_server_drain(server, bed->drain_ms);
    tdh_http_server_free(server);
}

static void *run(void *arg)
{
    struct http_bed *bed = arg;
    struct td_err err;

    tdh_runtime_run(bed->options.runtime, serve, bed, &err);
    return NULL;
}

static void fill(struct tdh_http_server_options *options)
{
    options->listen = options->listen != NULL ? options->listen : "127.0.0.1:0";
    options->connections_max = options->connections_max != 0 ? options->connections_max : 100;
    options->body_bytes = options->body_bytes != 0 ? options->body_bytes : 1 << 20;
    options->head_ms = options->head_ms != 0 ? options->head_ms : 20000;
    options->body_ms = options->body_ms != 0 ? options->body_ms : 20000;
    options->write_ms = options->write_ms != 0 ? options->write_ms : 20000;
    options->idle_ms = options->idle_ms != 0 ? options->idle_ms : 20000;
}

struct http_bed *http_bed_start(const struct tdh_http_server_options *options,
                                const struct tdh_http_route *routes, size_t route_count,
                                uint32_t drain_ms)
{
    const struct tdh_runtime_options threads = { .workers = 2, .blocking_threads = 1 };
    struct http_bed *bed = calloc(1, sizeof(*bed));
    struct td_err err;
    char byte;

    assert_non_null(bed);
    if (options != NULL)
        bed->options = *options;
    fill(&bed->options);
    bed->drain_ms = drain_ms;
    bed->options.routes = routes;
    bed->options.route_count = route_count;
    bed->options.runtime = tdh_runtime_new(&threads, &err);
    assert_non_null(bed->options.runtime);
    assert_int_equal(pipe(bed->told), 0);
    assert_int_equal(pipe(bed->ended), 0);
    assert_int_equal(pthread_create(&bed->thread, NULL, run, bed), 0);
    assert_int_equal(read(bed->told[0], &byte, 1), 1);
    assert_int_not_equal(bed->port, 0);
    return bed;
}

void http_bed_drain(struct http_bed *bed)
{
    assert_int_equal(write(bed->ended[1], "x", 1), 1);
}

void http_bed_end(struct http_bed *bed)
{
    pthread_join(bed->thread, NULL);
    tdh_runtime_free(bed->options.runtime);
    close(bed->told[0]);
    close(bed->told[1]);
    close(bed->ended[0]);
    close(bed->ended[1]);
    free(bed);
}

int http_bed_connect(const struct http_bed *bed)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)bed->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval limit = { .tv_sec = 10 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_in_range(fd, 0, FDS - 1);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    kept[fd].length = 0;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

void http_bed_send(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

        if (sent < 0)
            return; /* what the server says is what counts */
        bytes += sent;
        length -= (size_t)sent;
    }
}

void http_bed_say(int fd, const char *text)
{
    http_bed_send(fd, text, strlen(text));
}

/* False: the connection has ended. */
static bool read_more(int fd)
{
    ssize_t got =
        recv(fd, kept[fd].bytes + kept[fd].length, sizeof(kept[fd].bytes) - kept[fd].length, 0);

    if (got <= 0)
        return false;
    kept[fd].length += (size_t)got;
    return true;
}

static void use(int fd, size_t used)
{
    kept[fd].length -= used;
    memmove(kept[fd].bytes, kept[fd].bytes + used, kept[fd].length);
}

static bool read_head(int fd, struct tdh_parse *parse, struct http_reply *reply)
{
    enum tdh_parse_step step;
    size_t used;

    do
        step = tdh_parse_head(parse, kept[fd].bytes, kept[fd].length, &used);
    while (step == TDH_PARSE_MORE && read_more(fd));
    if (step != TDH_PARSE_HEAD_DONE)
        return false;
    assert_true(used < sizeof(reply->head));
    memcpy(reply->head, kept[fd].bytes, used);
    reply->head[used] = '\0';
    reply->status = parse->status_code;
    use(fd, used);
    return true;
}

void http_bed_reply(int fd, bool is_head, struct http_reply *ret_reply)
{
    enum tdh_parse_step step = TDH_PARSE_MORE;
    struct tdh_parse parse;

    memset(ret_reply, 0, sizeof(*ret_reply));
    tdh_parse_begin(&parse, true, UINT64_MAX);
    parse.is_bodiless = is_head;
    if (!read_head(fd, &parse, ret_reply))
        return;
    while (step != TDH_PARSE_END && step != TDH_PARSE_FAILED) {
        const char *piece = NULL;
        size_t used, length = 0;

        step = tdh_parse_body(&parse, kept[fd].bytes, kept[fd].length, &used, &piece, &length);
        for (size_t i = 0; step == TDH_PARSE_PIECE && i < length; i++, ret_reply->body_bytes++)
            if (ret_reply->body_bytes < sizeof(ret_reply->body) - 1)
                ret_reply->body[ret_reply->body_bytes] = piece[i];
        use(fd, used);
        if (step == TDH_PARSE_MORE && !read_more(fd))
            step = tdh_parse_eof(&parse);
    }
    ret_reply->is_whole = step == TDH_PARSE_END;
}

void http_bed_ask(int fd, const char *text, struct http_reply *ret_reply)
{
    http_bed_say(fd, text);
    http_bed_reply(fd, strncmp(text, "HEAD", 4) == 0, ret_reply);
}

void http_bed_is_over(int fd)
{
    char byte;

    assert_int_equal(kept[fd].length, 0);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

void http_bed_close(int fd)
{
    close(fd);
}
