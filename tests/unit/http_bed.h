/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_bed: a server in threads of its own, and a client in the thread of the test.
 */
#ifndef TESTS_HTTP_BED_H
#define TESTS_HTTP_BED_H

#include "http/http.h"

struct http_bed;

/** Starts a server with two workers. options: as for a daemon, its zeros filled in; NULL: all of
 * them. drain_ms: as for tdh_http_server_drain. */
struct http_bed *http_bed_start(const struct tdh_http_server_options *options,
                                const struct tdh_http_route *routes, size_t route_count,
                                uint32_t drain_ms);
/** Has it drain; goes on meanwhile. */
void http_bed_drain(struct http_bed *bed);
/** Waits for its end. */
void http_bed_end(struct http_bed *bed);

/** A connection; reads give up after ten seconds. */
int http_bed_connect(const struct http_bed *bed);
void http_bed_send(int fd, const char *bytes, size_t length);
void http_bed_say(int fd, const char *text);

enum { REPLY_HEAD = 4096, REPLY_BODY = 65536 };
struct http_reply {
    unsigned status; /* 0: the connection ended before */
    char head[REPLY_HEAD], body[REPLY_BODY];
    size_t body_bytes; /* also of what did not fit */
    bool is_whole;
};
/** One reply. Bytes behind it are kept for the next. is_head: it has no body. */
void http_bed_reply(int fd, bool is_head, struct http_reply *ret_reply);
/** Sends and reads one reply. */
void http_bed_ask(int fd, const char *text, struct http_reply *ret_reply);
/** Claims that the server has ended the connection, and nothing more has come. Closes it. */
void http_bed_is_over(int fd);
void http_bed_close(int fd);

#endif
