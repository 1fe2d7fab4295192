/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames: events of text/event-stream, a JSON value a line, or messages of an event stream of AWS,
 * as frames with their JSON read.
 */
#include "model/frames.h"

#include <string.h>

#include "base/json.h"
#include "model/eventstream.h"

int tdh_frames_begin(struct tdh_frames *frames, enum td_framing framing, struct td_err *err)
{
    memset(frames, 0, sizeof(*frames));
    frames->framing = framing;
    if (framing == TD_FRAMES_SSE)
        tdh_sse_begin(&frames->sse, TDH_MODEL_FRAME_MAX);
    else if (framing != TD_FRAMES_LINES && framing != TD_FRAMES_AWS)
        return td_fail(err, TD_E_UNSUPPORTED, "streams of framing %d are not offered by this host",
                       (int)framing);
    return 0;
}

void tdh_frames_free(struct tdh_frames *frames)
{
    tdh_sse_free(&frames->sse);
    tdh_buf_free(&frames->held);
}

/* text: ends with a NUL. What is no JSON is the wire's to judge. */
static int give(const char *event, const char *text, size_t length, tdh_frame_fn *fn, void *arg,
                struct td_err *err)
{
    struct td_err why = { .code = TD_OK };
    json_t *json = length > 0 && strchr("{[", text[0]) != NULL
                       ? tdh_json_parse(text, length, "frame", &why)
                       : NULL;
    struct td_frame frame = {
        .size = sizeof(frame), .event = event, .text = text, .length = length, .json = json
    };
    int rc = why.code == TD_E_NOMEM ? td_fail(err, TD_E_NOMEM, "could not allocate a frame")
                                    : fn(arg, &frame, err);

    json_decref(json);
    return rc;
}

/* --- events --- */

/* Most servers give no names; "message" is what the reader says then. */
static int give_event(struct tdh_frames *frames, tdh_frame_fn *fn, void *arg, struct td_err *err)
{
    const struct tdh_sse_event *event = &frames->sse.event;
    const char *name = strcmp(event->name, "message") != 0 ? event->name : NULL;

    frames->held.length = 0;
    tdh_buf_add(&frames->held, event->data, event->data_bytes);
    if (frames->held.failed || frames->held.data == NULL)
        return frames->held.failed ? td_fail(err, TD_E_NOMEM, "could not allocate a frame") : 0;
    return give(name, frames->held.data, frames->held.length, fn, arg, err);
}

static int feed_events(struct tdh_frames *frames, const char *bytes, size_t length,
                       tdh_frame_fn *fn, void *arg, struct td_err *err)
{
    while (length > 0) {
        size_t used;
        enum tdh_sse_step step = tdh_sse_next(&frames->sse, bytes, length, &used);

        if (step == TDH_SSE_FAILED)
            return td_fail(err, frames->sse.code, "%s", frames->sse.why);
        if (step == TDH_SSE_EVENT && give_event(frames, fn, arg, err) != 0)
            return -1;
        bytes += used;
        length -= used;
    }
    return 0;
}

/* --- lines --- */

static int give_line(struct tdh_frames *frames, tdh_frame_fn *fn, void *arg, struct td_err *err)
{
    struct tdh_buf *held = &frames->held;
    int rc;

    while (held->length > 0 && strchr("\r\t ", held->data[held->length - 1]) != NULL)
        held->data[--held->length] = '\0';
    rc = held->length > 0 ? give(NULL, held->data, held->length, fn, arg, err) : 0;
    held->length = 0;
    return rc;
}

static int feed_lines(struct tdh_frames *frames, const char *bytes, size_t length, tdh_frame_fn *fn,
                      void *arg, struct td_err *err)
{
    while (length > 0) {
        const char *end = memchr(bytes, '\n', length);
        size_t used = end != NULL ? (size_t)(end - bytes) : length;

        if (used > TDH_MODEL_FRAME_MAX - frames->held.length)
            return td_fail(err, TD_E_LIMIT, "a line of the stream is longer than %d bytes",
                           TDH_MODEL_FRAME_MAX);
        tdh_buf_add(&frames->held, bytes, used);
        if (frames->held.failed)
            return td_fail(err, TD_E_NOMEM, "could not allocate a frame");
        if (end != NULL && give_line(frames, fn, arg, err) != 0)
            return -1;
        used += end != NULL;
        bytes += used;
        length -= used;
    }
    return 0;
}

/* --- messages --- */

/* The text is in the message; where it ends is made a NUL, as nobody needs what follows. */
static int give_message(struct tdh_frames *frames, tdh_frame_fn *fn, void *arg, struct td_err *err)
{
    struct tdh_eventstream_message message;
    char *text;

    if (tdh_eventstream_read(frames->held.data, frames->held.length, &message, err) != 0)
        return -1;
    frames->held.length = 0;
    frames->message_bytes = 0;
    text = frames->held.data + message.text_at;
    text[message.text_length] = '\0';
    return give(message.name[0] != '\0' ? message.name : NULL, text, message.text_length, fn, arg,
                err);
}

static int feed_messages(struct tdh_frames *frames, const char *bytes, size_t length,
                         tdh_frame_fn *fn, void *arg, struct td_err *err)
{
    struct tdh_buf *held = &frames->held;

    while (length > 0) {
        size_t wanted = frames->message_bytes > 0 ? frames->message_bytes : TDH_EVENTSTREAM_PRELUDE,
               used = wanted - held->length < length ? wanted - held->length : length;

        tdh_buf_add(held, bytes, used);
        if (held->failed)
            return td_fail(err, TD_E_NOMEM, "could not allocate a frame");
        bytes += used;
        length -= used;
        if (held->length < wanted)
            return 0;
        if (frames->message_bytes == 0 ? tdh_eventstream_length(held->data, TDH_MODEL_FRAME_MAX,
                                                                &frames->message_bytes, err) != 0
                                       : give_message(frames, fn, arg, err) != 0)
            return -1;
    }
    return 0;
}

static int end_messages(const struct tdh_frames *frames, struct td_err *err)
{
    return frames->held.length == 0
               ? 0
               : tdh_fault_fail(err, TD_FAULT_BROKEN, "the stream ended within a message");
}

/* --- all of them --- */

int tdh_frames_feed(struct tdh_frames *frames, const char *bytes, size_t length, tdh_frame_fn *fn,
                    void *arg, struct td_err *err)
{
    switch (frames->framing) {
    case TD_FRAMES_SSE:
        return feed_events(frames, bytes, length, fn, arg, err);
    case TD_FRAMES_LINES:
        return feed_lines(frames, bytes, length, fn, arg, err);
    case TD_FRAMES_AWS:
        break;
    }
    return feed_messages(frames, bytes, length, fn, arg, err);
}

/* Some servers leave out the empty line behind the last event. */
int tdh_frames_end(struct tdh_frames *frames, tdh_frame_fn *fn, void *arg, struct td_err *err)
{
    switch (frames->framing) {
    case TD_FRAMES_SSE:
        return feed_events(frames, "\n\n", 2, fn, arg, err);
    case TD_FRAMES_LINES:
        return give_line(frames, fn, arg, err);
    case TD_FRAMES_AWS:
        break;
    }
    return end_messages(frames, err);
}
