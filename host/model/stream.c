/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: bytes of a provider's stream become deltas: cut into frames, and read by its wire.
 *
 * What the server says has failed, within the stream, becomes an error here, so that nobody takes
 * such a stream for a whole one. Nothing comes after the end, nor after a failure.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json_memory.h"
#include "base/said.h"
#include "model/frames.h"
#include "model/wire.h"

struct tdh_stream {
    struct td_sink sink; /* what the wire gives to: it goes on to `next` */
    const struct td_sink *next;
    const struct tdh_wire *wire;
    struct tdh_frames frames;
    void *reader;
    bool is_over;
    bool is_told; /* the failure says whose it is already */
};

/* --- what the wire gives --- */

static int take_fault(const struct tdh_stream *stream, const struct td_delta *delta,
                      struct td_err *err)
{
    enum td_fault fault = delta->fault > TD_FAULT_NONE && delta->fault < TD_FAULT_MAX_
                              ? delta->fault
                              : TD_FAULT_OUTAGE;

    tdh_fault_fail(err, fault, "provider \"%s\" says within its stream: %.*s", stream->wire->name,
                   (int)(delta->length < 500 ? delta->length : 500),
                   delta->text != NULL ? delta->text : "");
    err->retry_after_ms = delta->retry_after_ms;
    return -1;
}

/* Who takes it may wait, so others may have run out of memory meanwhile. */
static int take(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err)
{
    const struct tdh_stream *stream = (const struct tdh_stream *)sink; /* its first member */
    bool has_failed = tdh_json_memory_failed();
    int rc;

    if (delta->type == TD_DELTA_FAULT)
        return take_fault(stream, delta, err);
    if (has_failed)
        return td_fail(err, TD_E_NOMEM, "could not allocate a piece of a reply");
    rc = stream->next->take(stream->next, delta, err);
    tdh_json_memory_begin();
    return rc;
}

/* --- its life --- */

struct tdh_stream *tdh_stream_new(const struct tdh_wire *wire, const struct td_sink *sink,
                                  struct td_err *err)
{
    struct tdh_stream *stream = calloc(1, sizeof(*stream));

    if (stream != NULL)
        stream->reader = calloc(1, wire->wire->reader_size > 0 ? wire->wire->reader_size : 1);
    if (stream == NULL || stream->reader == NULL) {
        free(stream);
        td_fail(err, TD_E_NOMEM, "could not allocate a stream of provider \"%s\"", wire->name);
        return NULL;
    }
    stream->sink = (struct td_sink){ .size = sizeof(stream->sink), .take = take };
    stream->next = sink;
    stream->wire = wire;
    if (tdh_frames_begin(&stream->frames, wire->wire->framing, err) == 0)
        return stream;
    tdh_stream_free(stream);
    return NULL;
}

void tdh_stream_free(struct tdh_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->wire->wire->drop != NULL)
        stream->wire->wire->drop(stream->reader);
    tdh_frames_free(&stream->frames);
    free(stream->reader);
    free(stream);
}

/* --- bytes --- */

/* An error that the wire made of itself says that the stream is broken; one of the sink, or of the
 * server, is left as it is. */
static int tell(const struct tdh_stream *stream, struct td_err *err)
{
    if (err->code != TD_E_EXTERNAL || tdh_fault_of(err) != TD_FAULT_NONE)
        return -1;
    tdh_fault_mark(err, TD_FAULT_BROKEN);
    return td_context(err, "provider \"%s\"", stream->wire->name);
}

static int read_frame(void *arg, const struct td_frame *frame, struct td_err *err)
{
    struct tdh_stream *stream = arg;
    struct tdh_ctx ctx;
    int rc;

    tdh_wire_enter(stream->wire, NULL, &ctx);
    tdh_unsaid(err);
    tdh_json_memory_begin();
    rc = tdh_said(stream->wire->wire->read(&ctx.pub, stream->reader, frame, &stream->sink, err),
                  stream->wire->name, "read", err);
    tdh_ctx_end(&ctx);
    stream->is_told = rc != 0;
    if (rc == 0 && tdh_json_memory_failed())
        return td_fail(err, TD_E_NOMEM, "could not allocate a piece of a reply");
    return rc == 0 ? 0 : tell(stream, err);
}

/* What cannot be cut into frames says so, but not whose it is. */
static int tell_whose(const struct tdh_stream *stream, struct td_err *err)
{
    return stream->is_told ? -1 : td_context(err, "provider \"%s\"", stream->wire->name);
}

int tdh_stream_feed(struct tdh_stream *stream, const char *bytes, size_t length, struct td_err *err)
{
    int rc;

    if (stream->is_over)
        return td_fail(err, TD_E_INTERNAL, "the stream of provider \"%s\" is over already",
                       stream->wire->name);
    rc = tdh_frames_feed(&stream->frames, bytes, length, read_frame, stream, err);
    stream->is_over = rc != 0;
    return rc == 0 ? 0 : tell_whose(stream, err);
}

int tdh_stream_end(struct tdh_stream *stream, struct td_err *err)
{
    struct tdh_ctx ctx;
    int rc;

    if (stream->is_over)
        return td_fail(err, TD_E_INTERNAL, "the stream of provider \"%s\" is over already",
                       stream->wire->name);
    stream->is_over = true;
    if (tdh_frames_end(&stream->frames, read_frame, stream, err) != 0)
        return tell_whose(stream, err);
    tdh_wire_enter(stream->wire, NULL, &ctx);
    tdh_unsaid(err);
    rc = tdh_said(stream->wire->wire->end(&ctx.pub, stream->reader, &stream->sink, err),
                  stream->wire->name, "end", err);
    tdh_ctx_end(&ctx);
    return rc == 0 ? 0 : tell(stream, err);
}
