/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: events of messages. Each says in `type` what it is, and most in their name as well.
 *
 * Usage comes in pieces, each of which may raise or repeat what was said: the newest counts.
 */
#include "anthropic.h"

/* --- usage --- */

static int add_usage(struct anthropic_reader *reader, const struct td_sink *sink,
                     const json_t *usage, struct td_err *err)
{
    struct td_usage counts;
    json_t *all, *value;
    const char *name;

    if (json_object_size(usage) == 0)
        return 0;
    all = reader->usage != NULL ? json_copy(reader->usage) : json_object();
    json_object_foreach ((json_t *)(uintptr_t)usage, name, value)
        if (!json_is_null(value) || json_object_get(all, name) == NULL)
            json_object_set(all, name, value);
    json_decref(reader->usage);
    reader->usage = all; /* who got the last one may keep it */
    counts = anthropic_usage(reader->usage);
    return wire_give_usage(sink, &counts, reader->usage, err);
}

/* --- events --- */

static int begin_message(struct anthropic_reader *reader, const struct td_sink *sink,
                         const json_t *event, struct td_err *err)
{
    const json_t *message = json_object_get(event, "message");

    if (reader->is_begun)
        return 0;
    reader->is_begun = true;
    if (wire_give_begin(sink, wire_str(message, "id", NULL), wire_str(message, "model", NULL),
                        err) != 0)
        return -1;
    return add_usage(reader, sink, json_object_get(message, "usage"), err);
}

static int end_block(struct anthropic_reader *reader, const struct td_sink *sink,
                     const json_t *event, struct td_err *err)
{
    return anthropic_end_block(reader, sink, anthropic_number(event), err);
}

static int end_message(struct anthropic_reader *reader, const struct td_sink *sink,
                       const json_t *event, struct td_err *err)
{
    const char *word = json_string_value(wire_at(event, "delta/stop_reason"));

    if (word != NULL) {
        reader->is_finished = true;
        if (wire_give_finish(sink, wire_finish(anthropic_words, word), word, err) != 0)
            return -1;
    }
    return add_usage(reader, sink, json_object_get(event, "usage"), err);
}

static int stop(struct anthropic_reader *reader, const struct td_sink *sink, const json_t *event,
                struct td_err *err)
{
    (void)event;
    reader->is_over = true;
    if (anthropic_end_block(reader, sink, -1, err) != 0)
        return -1;
    return reader->is_finished ? 0 : wire_give_finish(sink, TD_FINISH_OTHER, NULL, err);
}

static int give_fault(struct anthropic_reader *reader, const struct td_sink *sink,
                      const json_t *event, struct td_err *err)
{
    const json_t *error = json_object_get(event, "error");
    enum td_fault fault = anthropic_fault(error);
    const char *text = wire_str(error, "message", json_string_value(error));

    (void)reader;
    return wire_give_fault(sink, fault != TD_FAULT_NONE ? fault : TD_FAULT_OUTAGE,
                           text != NULL ? text : "it has failed", err);
}

/* Others, as `ping`, say nothing. */
static const struct {
    const char *type;
    int (*take)(struct anthropic_reader *reader, const struct td_sink *sink, const json_t *event,
                struct td_err *err);
} rows[] = {
    { "message_start", begin_message },
    { "content_block_start", anthropic_begin_block },
    { "content_block_delta", anthropic_add_block },
    { "content_block_stop", end_block },
    { "message_delta", end_message },
    { "message_stop", stop },
    { "error", give_fault },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static size_t row_of(const char *type)
{
    size_t i = 0;

    while (i < ROWS && strcmp(rows[i].type, type) != 0)
        i++;
    return i;
}

/* What is no JSON: an error all the same, something of no meaning to us, or broken. */
static int read_text(const struct td_frame *frame, const struct td_sink *sink, struct td_err *err)
{
    const char *name = frame->event != NULL ? frame->event : "";

    if (strcmp(name, "error") == 0)
        return wire_give_fault(sink, TD_FAULT_OUTAGE, frame->text, err);
    if ((name[0] != '\0' && row_of(name) == ROWS) || strcmp(frame->text, "[DONE]") == 0)
        return 0;
    return wire_fail_reply(err, "an event of the stream is no JSON");
}

int anthropic_read(struct td_ctx *ctx, void *arg, const struct td_frame *frame,
                   const struct td_sink *sink, struct td_err *err)
{
    struct anthropic_reader *reader = arg;
    const char *type;
    size_t row;

    (void)ctx;
    if (reader->is_over)
        return 0;
    if (!json_is_object(frame->json))
        return read_text(frame, sink, err);
    type = wire_str(frame->json, "type", frame->event != NULL ? frame->event : "");
    if (json_is_object(json_object_get(frame->json, "error")))
        type = "error"; /* some say no more */
    row = row_of(type);
    return row < ROWS ? rows[row].take(reader, sink, frame->json, err) : 0;
}

/* The last word is never left out. */
int anthropic_end(struct td_ctx *ctx, void *arg, const struct td_sink *sink, struct td_err *err)
{
    const struct anthropic_reader *reader = arg;

    (void)ctx, (void)sink;
    return reader->is_over && reader->is_begun
               ? 0
               : td_fail(err, TD_E_EXTERNAL, "the stream ended in the middle");
}

void anthropic_drop(void *arg)
{
    struct anthropic_reader *reader = arg;

    anthropic_drop_blocks(reader);
    json_decref(reader->usage);
}
