/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_feed: takes messages through the parser as a connection would, in windows of a given size,
 * and keeps what came out. Of the unit test and the fuzz target.
 */
#ifndef TESTS_HTTP_FEED_H
#define TESTS_HTTP_FEED_H

#include "http/parse.h"

enum { FEED_BODY = 256, FEED_MESSAGES = 8 };

struct fed {
    enum tdh_parse_step step; /* the last: TDH_PARSE_MORE, or TDH_PARSE_FAILED */
    unsigned refusal;
    unsigned heads, ends; /* messages whose head, and whose end was reached */
    char body[FEED_BODY]; /* of all of them, its begin */
    size_t body_bytes;
    size_t used;            /* bytes that belong to messages that have ended, or to heads */
    struct tdh_parse parse; /* of the last message that began */
    const char *head;       /* borrow: its window */
};

/** Feeds all bytes, `step` more of them at a time. */
void http_feed(const char *bytes, size_t length, size_t step, bool is_reply, uint64_t body_limit,
               struct fed *ret_fed);

#endif
