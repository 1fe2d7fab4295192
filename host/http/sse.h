/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sse: reads streams of events (text/event-stream, WHATWG HTML 9.2.6), in any division into pieces.
 *
 * Does no I/O. An event whose data is one line within one piece is borrowed from that piece; all
 * else is gathered in buffers that are used again for the next event. Bytes go through as they
 * came: whether they are UTF-8 is for who reads the data to say.
 */
#ifndef TDH_HTTP_SSE_H
#define TDH_HTTP_SSE_H

#include "base/buf.h"

#include <tdev/err.h>

/* Borrowed until the next call for its stream. */
struct tdh_sse_event {
    const char *name; /* "message" when the stream gave none; NUL-terminated */
    const char *data; /* not NUL-terminated; several lines are joined with LF */
    size_t data_bytes;
    const char *id; /* the last there was, of this event or of one before; "" when none */
    bool has_retry; /* since the event before */
    uint32_t retry_ms;
};

enum tdh_sse_step {
    TDH_SSE_MORE,  /* the piece ends before the event does */
    TDH_SSE_EVENT, /* `event` has it */
    TDH_SSE_FAILED /* `code` and `why` say what is wrong; the stream cannot be read on */
};

/* A stream. Zeroed, then tdh_sse_begin(); used again by another tdh_sse_begin(). */
struct tdh_sse {
    struct tdh_sse_event event;
    enum td_code code; /* TDH_SSE_FAILED: TD_E_LIMIT, TD_E_NOMEM */
    const char *why;
    size_t limit;         /* bytes of a line, and of the data of an event */
    unsigned bom;         /* how many bytes of a byte order mark came; more than 3: it is over */
    bool is_after_cr;     /* a LF that comes now belongs to it */
    bool is_given;        /* the event is with the caller */
    bool has_data;        /* a line of data came */
    const char *in_piece; /* the data, when it is one line of this piece */
    size_t in_piece_bytes;
    struct tdh_buf line, data, name, id; /* line: what came of one that is not whole */
};

/** A new stream. limit: bytes of a line, and of the data of one event; beyond it reading fails. */
void tdh_sse_begin(struct tdh_sse *sse, size_t limit);
/**
 * Goes on with a piece, up to the end of the next event.
 *
 * ret_used  bytes that are done with; all of them but with TDH_SSE_EVENT. The rest comes again with
 *           the next call
 */
enum tdh_sse_step tdh_sse_next(struct tdh_sse *sse, const char *bytes, size_t length,
                               size_t *ret_used);
/** Has an event begun that is not whole? When the stream ends now, it was cut. */
bool tdh_sse_is_within(const struct tdh_sse *sse);
void tdh_sse_free(struct tdh_sse *sse);

#endif
