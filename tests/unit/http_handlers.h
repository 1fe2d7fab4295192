/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_handlers: a server whose handlers do what tests of it need: they answer, wait, write without
 * end, and tell how they ended.
 */
#ifndef TESTS_HTTP_HANDLERS_H
#define TESTS_HTTP_HANDLERS_H

#include <stdatomic.h>

#include "http_bed.h"

#define TO " HTTP/1.1\r\nHost: a\r\n"

enum { LONG_BODY = 32 << 20 };

extern atomic_uint http_calls;     /* of the handler of /hello */
extern atomic_size_t http_written; /* by the handler of /long */
/* Pipes: a handler runs; it has ended, with its error's code or 'c' when cancelled; it may go on.
 */
extern int http_begun[2], http_ended[2], http_go_on[2];

void http_tell(int fd, unsigned char what);
unsigned char http_hear(int fd);

/** As http_bed_start, with all handlers. */
struct http_bed *http_start_with(const struct tdh_http_server_options *options, uint32_t drain_ms);
struct http_bed *http_start(void);
/** Has it drain, and waits for its end. */
void http_stop(struct http_bed *bed);
/** When it has ended by itself. */
void http_close_pipes(void);

/** Claims that the head holds a text. */
void http_says(const struct http_reply *reply, const char *text);
/** Claims a whole problem of that status. */
void http_is_problem(const struct http_reply *reply, unsigned status);

#endif
