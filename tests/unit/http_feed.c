/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_feed: takes messages through the parser as a connection would.
 */
#include "http_feed.h"

#include <string.h>

static void keep_piece(struct fed *fed, const char *piece, size_t length)
{
    for (size_t i = 0; i < length; i++, fed->body_bytes++)
        if (fed->body_bytes < FEED_BODY)
            fed->body[fed->body_bytes] = piece[i];
}

/* One step in the window bytes[used..end). */
static enum tdh_parse_step go_on(struct fed *fed, const char *bytes, size_t end)
{
    const char *window = bytes + fed->used, *piece = NULL;
    size_t used = 0, piece_length = 0;
    enum tdh_parse_step step;

    if (fed->parse.state <= TDH_PARSING_FIELDS) {
        step = tdh_parse_head(&fed->parse, window, end - fed->used, &used);
        if (step == TDH_PARSE_HEAD_DONE) {
            fed->heads++;
            fed->head = window;
        }
    } else {
        step = tdh_parse_body(&fed->parse, window, end - fed->used, &used, &piece, &piece_length);
        if (step == TDH_PARSE_PIECE)
            keep_piece(fed, piece, piece_length);
    }
    fed->used += used;
    return step;
}

void http_feed(const char *bytes, size_t length, size_t step, bool is_reply, uint64_t body_limit,
               struct fed *ret_fed)
{
    struct fed fed = { .step = TDH_PARSE_MORE };
    size_t end = 0;

    tdh_parse_begin(&fed.parse, is_reply, body_limit);
    while (end < length && fed.step != TDH_PARSE_FAILED) {
        end = length - end > step ? end + step : length;
        do {
            fed.step = go_on(&fed, bytes, end);
            if (fed.step == TDH_PARSE_END) {
                fed.ends++;
                if (fed.used < length)
                    tdh_parse_begin(&fed.parse, is_reply, body_limit);
            }
        } while (fed.step != TDH_PARSE_MORE && fed.step != TDH_PARSE_FAILED &&
                 !(fed.step == TDH_PARSE_END && fed.used == length));
    }
    fed.refusal = fed.parse.refusal;
    *ret_fed = fed;
}
