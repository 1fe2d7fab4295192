/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: events of a reply. Blocks are numbered by the server; those of text have no beginning,
 * and a number may be used again once its block has ended.
 */
#include "converse.h"

#include <stdio.h>

/* --- blocks --- */

static int64_t number_of(const json_t *event)
{
    return json_integer_value(json_object_get(event, "contentBlockIndex"));
}

/* The place of an open block; open_count: there is none. */
static size_t find_open(const struct converse_reader *reader, int64_t number,
                        enum td_delta_type type)
{
    size_t i = 0;

    while (i < reader->open_count &&
           (reader->open[i].number != number || reader->open[i].type != type))
        i++;
    return i;
}

/* ret_is_new: it begins here */
static int open_block(struct converse_reader *reader, int64_t number, enum td_delta_type type,
                      uint32_t *ret_part, bool *ret_is_new, struct td_err *err)
{
    size_t place = find_open(reader, number, type);

    *ret_is_new = place == reader->open_count;
    if (*ret_is_new && place == CONVERSE_OPEN_MAX)
        return td_fail(err, TD_E_LIMIT, "the stream has more than %d blocks open at once",
                       CONVERSE_OPEN_MAX);
    if (*ret_is_new) {
        reader->open[place].number = number;
        reader->open[place].type = type;
        reader->open[place].part = reader->parts++;
        reader->open_count++;
    }
    *ret_part = reader->open[place].part;
    return 0;
}

static int end_block(struct converse_reader *reader, const struct td_sink *sink,
                     const json_t *event, struct td_err *err)
{
    int64_t number = number_of(event);
    size_t kept = 0;

    (void)sink, (void)err;
    for (size_t i = 0; i < reader->open_count; i++)
        if (reader->open[i].number != number)
            reader->open[kept++] = reader->open[i];
    reader->open_count = kept;
    return 0;
}

/* --- pieces --- */

static int give_text(struct converse_reader *reader, const struct td_sink *sink, int64_t number,
                     enum td_delta_type type, const char *text, struct td_err *err)
{
    uint32_t part;
    bool is_new;

    if (text == NULL || text[0] == '\0')
        return 0;
    return open_block(reader, number, type, &part, &is_new, err) == 0
               ? wire_give_text(sink, type, part, text, err)
               : -1;
}

/* Thoughts may be signed without a word of them having been told. */
static int give_signature(struct converse_reader *reader, const struct td_sink *sink,
                          int64_t number, const char *text, struct td_err *err)
{
    const struct td_delta nothing = { .size = sizeof(nothing),
                                      .type = TD_DELTA_THINKING,
                                      .text = "" };
    struct td_delta first = nothing;
    bool is_new;

    if (text == NULL || text[0] == '\0')
        return 0;
    if (open_block(reader, number, TD_DELTA_THINKING, &first.index, &is_new, err) != 0 ||
        (is_new && wire_give(sink, &first, err) != 0))
        return -1;
    return wire_give_text(sink, TD_DELTA_SIGNATURE, first.index, text, err);
}

static int give_thought(struct converse_reader *reader, const struct td_sink *sink, int64_t number,
                        const json_t *thought, struct td_err *err)
{
    const char *hidden = wire_str(thought, "redactedContent", "");

    if (give_text(reader, sink, number, TD_DELTA_THINKING, wire_str(thought, "text", NULL), err) !=
            0 ||
        give_signature(reader, sink, number, wire_str(thought, "signature", NULL), err) != 0)
        return -1;
    return hidden[0] != '\0' ? wire_give_text(sink, TD_DELTA_OPAQUE, reader->parts++, hidden, err)
                             : 0;
}

static int begin_call(struct converse_reader *reader, const struct td_sink *sink, int64_t number,
                      const json_t *call, uint32_t *ret_part, struct td_err *err)
{
    bool is_new;

    if (open_block(reader, number, TD_DELTA_TOOL, ret_part, &is_new, err) != 0)
        return -1;
    return is_new ? wire_give_tool(sink, *ret_part, wire_str(call, "toolUseId", NULL),
                                   wire_str(call, "name", ""), err)
                  : 0;
}

static int begin_block(struct converse_reader *reader, const struct td_sink *sink,
                       const json_t *event, struct td_err *err)
{
    const json_t *call = wire_at(event, "start/toolUse");
    uint32_t part;

    return json_is_object(call) ? begin_call(reader, sink, number_of(event), call, &part, err) : 0;
}

static int add_block(struct converse_reader *reader, const struct td_sink *sink,
                     const json_t *event, struct td_err *err)
{
    const json_t *delta = json_object_get(event, "delta"),
                 *call = json_object_get(delta, "toolUse");
    int64_t number = number_of(event);
    uint32_t part;

    if (give_text(reader, sink, number, TD_DELTA_TEXT, wire_str(delta, "text", NULL), err) != 0 ||
        give_thought(reader, sink, number, json_object_get(delta, "reasoningContent"), err) != 0)
        return -1;
    if (!json_is_object(call))
        return 0;
    return begin_call(reader, sink, number, call, &part, err) == 0
               ? wire_give_text(sink, TD_DELTA_INPUT, part, wire_str(call, "input", NULL), err)
               : -1;
}

/* --- the whole --- */

static int begin_message(struct converse_reader *reader, const struct td_sink *sink,
                         const json_t *event, struct td_err *err)
{
    (void)event;
    if (reader->is_begun)
        return 0;
    reader->is_begun = true;
    return wire_give_begin(sink, NULL, NULL, err);
}

static int end_message(struct converse_reader *reader, const struct td_sink *sink,
                       const json_t *event, struct td_err *err)
{
    const char *word = wire_str(event, "stopReason", NULL);

    reader->is_finished = true;
    return wire_give_finish(sink, wire_finish(converse_words, word), word, err);
}

/* Behind the end of the message, or in front of it. */
static int give_usage(struct converse_reader *reader, const struct td_sink *sink,
                      const json_t *event, struct td_err *err)
{
    const json_t *raw = json_object_get(event, "usage");
    struct td_usage usage = converse_usage(raw);

    (void)reader;
    return json_is_object(raw) ? wire_give_usage(sink, &usage, raw, err) : 0;
}

/* Others say nothing to us. */
static const struct {
    const char *name;
    int (*take)(struct converse_reader *reader, const struct td_sink *sink, const json_t *event,
                struct td_err *err);
} rows[] = {
    { "messageStart", begin_message },  { "contentBlockStart", begin_block },
    { "contentBlockDelta", add_block }, { "contentBlockStop", end_block },
    { "messageStop", end_message },     { "metadata", give_usage },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static int give_fault(const struct td_sink *sink, const char *name, const struct td_frame *frame,
                      struct td_err *err)
{
    const char *sentence = wire_str(frame->json, "message", wire_str(frame->json, "Message", NULL));
    enum td_fault fault;

    if (sentence == NULL || sentence[0] == '\0')
        sentence = frame->json == NULL && frame->length > 0 ? frame->text : name;
    fault = converse_fault(name, sentence);
    return wire_give_fault(sink, fault != TD_FAULT_NONE ? fault : TD_FAULT_OUTAGE,
                           sentence[0] != '\0' ? sentence : "it has failed", err);
}

int converse_read(struct td_ctx *ctx, void *arg, const struct td_frame *frame,
                  const struct td_sink *sink, struct td_err *err)
{
    const char *name = frame->event != NULL ? frame->event : "";
    size_t i = 0;

    (void)ctx;
    if (name[0] == '!')
        return give_fault(sink, name + 1, frame, err);
    while (i < ROWS && strcmp(rows[i].name, name) != 0)
        i++;
    if (i == ROWS)
        return 0;
    if (!json_is_object(frame->json))
        return wire_fail_reply(err, "an event of the stream is no JSON");
    return rows[i].take(arg, sink, frame->json, err);
}

int converse_end(struct td_ctx *ctx, void *arg, const struct td_sink *sink, struct td_err *err)
{
    const struct converse_reader *reader = arg;

    (void)ctx, (void)sink;
    return reader->is_finished ? 0 : td_fail(err, TD_E_EXTERNAL, "the stream ended in the middle");
}
