/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_eventstream: streams of AWS become the same reply, or fail for the same reason, however they
 * are divided; with what bedrock-converse makes of their events.
 *
 * Behind an 'R' the bytes are a stream as it is. Else each line is a message with right checksums,
 * or nothing would come through: its first byte chooses the headers, the rest is the payload.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bedrock-converse/converse.h"
#include "fuzz.h"
#include "model/frames.h"
#include "unit/eventstream_make.h"

static const char *const headers[][3] = {
    { ":event-type", "messageStart", "event" },
    { ":event-type", "contentBlockStart", "event" },
    { ":event-type", "contentBlockDelta", "event" },
    { ":event-type", "contentBlockStop", "event" },
    { ":event-type", "messageStop", "event" },
    { ":event-type", "metadata", "event" },
    { ":event-type", "news", "event" },
    { ":exception-type", "validationException", "exception" },
    { ":exception-type", "throttlingException", "exception" },
    { ":error-message", "why", "error" },
};
enum { HEADERS = sizeof(headers) / sizeof(headers[0]) };

static void add_line(struct tdh_buf *stream, const char *line, size_t length)
{
    const char *const *row = headers[(unsigned char)line[0] % HEADERS];
    struct tdh_buf made = { 0 };

    eventstream_header(&made, row[0], row[1]);
    eventstream_header(&made, ":message-type", row[2]);
    eventstream_message(stream, &made, line + 1, length - 1);
    tdh_buf_free(&made);
}

static void make_stream(struct tdh_buf *stream, const char *text, size_t length)
{
    const char *end = text + length;

    if (length > 0 && text[0] == 'R') {
        tdh_buf_add(stream, text + 1, length - 1);
        return;
    }
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        stop = stop != NULL ? stop : end;
        if (stop > text)
            add_line(stream, text, (size_t)(stop - text));
        text = stop + 1;
    }
}

/* --- reading --- */

struct reading {
    struct converse_reader reader;
    struct tdh_gather *gather;
};

static int read_frame(void *arg, const struct td_frame *frame, struct td_err *err)
{
    struct reading *reading = arg;

    assert(frame->text[frame->length] == '\0');
    return converse_read(NULL, &reading->reader, frame, tdh_gather_sink(reading->gather), err);
}

/* What it comes to, or why not. new */
static json_t *read_by(const struct tdh_buf *stream, size_t step)
{
    struct td_err err = { .code = TD_OK };
    struct reading reading = { .gather = tdh_gather_new(NULL, &err) };
    struct tdh_frames frames;
    json_t *result;
    int rc = tdh_frames_begin(&frames, TD_FRAMES_AWS, &err);

    for (size_t i = 0; rc == 0 && i < stream->length; i += step)
        rc = tdh_frames_feed(&frames, stream->data + i,
                             stream->length - i < step ? stream->length - i : step, read_frame,
                             &reading, &err);
    if (rc == 0)
        rc = tdh_frames_end(&frames, read_frame, &reading, &err);
    if (rc == 0)
        rc = converse_end(NULL, &reading.reader, tdh_gather_sink(reading.gather), &err);
    assert(rc == 0 || err.text[0] != '\0');
    result = json_pack("{s:s*, s:o}", "why", rc != 0 ? err.text : NULL, "reply",
                       tdh_gather_reply(reading.gather));
    assert(result != NULL);
    tdh_frames_free(&frames);
    tdh_gather_free(reading.gather);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tdh_buf stream = { 0 };
    json_t *whole, *pieces;

    make_stream(&stream, (const char *)bytes, size);
    whole = read_by(&stream, stream.length + 1);
    pieces = read_by(&stream, 1 + size % 7);
    assert(json_equal(whole, pieces));
    json_decref(whole);
    json_decref(pieces);
    tdh_buf_free(&stream);
    return 0;
}
