/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sse_feed: takes a stream of events through the reader, and writes what came out.
 */
#include "sse_feed.h"

#include <stdlib.h>
#include <string.h>

static void tell(const struct tdh_sse_event *event, struct tdh_buf *text)
{
    tdh_buf_printf(text, "%s|", event->name);
    for (size_t i = 0; i < event->data_bytes; i++)
        if (event->data[i] == '\n')
            tdh_buf_text(text, "\\n");
        else
            tdh_buf_char(text, event->data[i]);
    tdh_buf_printf(text, "|%s|", event->id);
    if (event->has_retry)
        tdh_buf_printf(text, "%u", event->retry_ms);
    tdh_buf_char(text, '\n');
}

/* One piece, in memory of its own, so that who looks behind its end, or later, is caught. */
static enum tdh_sse_step feed_piece(struct tdh_sse *sse, const char *bytes, size_t length,
                                    struct tdh_buf *text)
{
    char *piece = malloc(length != 0 ? length : 1);
    enum tdh_sse_step step = TDH_SSE_MORE;
    size_t at = 0, used;

    if (piece == NULL)
        abort();
    memcpy(piece, bytes, length);
    while (at < length && step != TDH_SSE_FAILED) {
        step = tdh_sse_next(sse, piece + at, length - at, &used);
        at += used;
        if (step == TDH_SSE_EVENT)
            tell(&sse->event, text);
    }
    memset(piece, 'X', length);
    free(piece);
    return step;
}

void sse_feed(const char *bytes, size_t length, size_t step, size_t limit, struct tdh_buf *ret_text)
{
    struct tdh_sse sse = { .limit = 0 };
    enum tdh_sse_step end = TDH_SSE_MORE;

    tdh_sse_begin(&sse, limit);
    for (size_t at = 0; at < length && end != TDH_SSE_FAILED; at += step)
        end = feed_piece(&sse, bytes + at, length - at < step ? length - at : step, ret_text);
    if (end == TDH_SSE_FAILED)
        tdh_buf_printf(ret_text, "failed: %s\n", sse.why);
    else if (tdh_sse_is_within(&sse))
        tdh_buf_text(ret_text, "within\n");
    tdh_sse_free(&sse);
}
