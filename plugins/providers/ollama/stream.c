/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: lines of a chat, each a JSON object. Calls of tools come whole, so each is another one.
 */
#include "ollama.h"

#include <stdlib.h>

static uint32_t part_of(struct ollama_reader *reader, int64_t *place)
{
    if (*place == 0)
        *place = ++reader->parts;
    return (uint32_t)*place - 1;
}

static int give(struct ollama_reader *reader, const struct td_sink *sink, enum td_delta_type type,
                int64_t *place, const char *text, struct td_err *err)
{
    return text[0] != '\0' ? wire_give_text(sink, type, part_of(reader, place), text, err) : 0;
}

static int give_call(struct ollama_reader *reader, const struct td_sink *sink, const json_t *call,
                     struct td_err *err)
{
    const json_t *function = json_object_get(call, "function"),
                 *input = json_object_get(function, "arguments");
    uint32_t part = reader->parts++;
    char *text = json_is_object(input) ? json_dumps(input, JSON_COMPACT) : NULL;
    int rc = -1;

    reader->has_calls = true;
    if (json_is_object(input) && text == NULL)
        return wire_fail_memory(err);
    if (wire_give_tool(sink, part, wire_str(call, "id", NULL), wire_str(function, "name", ""),
                       err) == 0)
        rc = wire_give_text(sink, TD_DELTA_INPUT, part,
                            text != NULL ? text : wire_str(function, "arguments", ""), err);
    free(text);
    return rc;
}

static int give_message(struct ollama_reader *reader, const struct td_sink *sink,
                        const json_t *message, struct td_err *err)
{
    const json_t *call;
    size_t i;

    if (give(reader, sink, TD_DELTA_THINKING, &reader->thoughts, wire_str(message, "thinking", ""),
             err) != 0 ||
        give(reader, sink, TD_DELTA_TEXT, &reader->text, wire_str(message, "content", ""), err) !=
            0)
        return -1;
    json_array_foreach (json_object_get(message, "tool_calls"), i, call)
        if (give_call(reader, sink, call, err) != 0)
            return -1;
    return 0;
}

static int give_end(struct ollama_reader *reader, const struct td_sink *sink, const json_t *line,
                    struct td_err *err)
{
    const char *word = wire_str(line, "done_reason", NULL);
    struct td_usage usage;
    json_t *raw;
    int rc = wire_give_finish(sink, ollama_finish(word, reader->has_calls), word, err);

    reader->is_finished = true;
    if (rc != 0)
        return rc;
    ollama_usage(line, &usage, &raw);
    if (raw != NULL)
        rc = wire_give_usage(sink, &usage, raw, err);
    json_decref(raw);
    return rc;
}

static int give_error(const struct td_sink *sink, const json_t *error, struct td_err *err)
{
    const char *text = json_string_value(error);
    enum td_fault fault;

    if (text == NULL)
        text = wire_str(error, "message", "it has failed");
    fault = ollama_fault(text);
    return wire_give_failure(sink, fault != TD_FAULT_NONE ? fault : TD_FAULT_OUTAGE, text,
                             wire_retry_words_ms(text), err);
}

int ollama_read(struct td_ctx *ctx, void *arg, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err)
{
    struct ollama_reader *reader = arg;
    const json_t *line = frame->json, *error = json_object_get(line, "error");

    (void)ctx;
    if (reader->is_finished)
        return 0;
    if (!json_is_object(line))
        return wire_fail_reply(err, "a line of the stream is no JSON object");
    if (error != NULL && !json_is_null(error))
        return give_error(sink, error, err);
    if (!reader->is_begun) {
        reader->is_begun = true;
        if (wire_give_begin(sink, NULL, wire_str(line, "model", NULL), err) != 0)
            return -1;
    }
    if (give_message(reader, sink, json_object_get(line, "message"), err) != 0)
        return -1;
    return json_is_true(json_object_get(line, "done")) ? give_end(reader, sink, line, err) : 0;
}

int ollama_end(struct td_ctx *ctx, void *arg, const struct td_sink *sink, struct td_err *err)
{
    const struct ollama_reader *reader = arg;

    (void)ctx, (void)sink;
    return reader->is_finished ? 0 : td_fail(err, TD_E_EXTERNAL, "the stream ended in the middle");
}
