/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: chunks of chat completions.
 *
 * Calls of tools come in fragments that are told apart by the server's number; servers that give
 * none begin another call with each id that is new.
 */
#include "openai.h"

/* --- parts --- */

static uint32_t part_of(struct openai_reader *reader, int64_t *place)
{
    if (*place == 0)
        *place = ++reader->parts;
    return (uint32_t)*place - 1;
}

static int give_content(struct openai_reader *reader, const struct td_sink *sink,
                        const json_t *content, struct td_err *err)
{
    const char *text = json_string_value(content);
    const json_t *part, *thought;
    size_t i, j;

    if (text != NULL && text[0] != '\0')
        return wire_give_text(sink, TD_DELTA_TEXT, part_of(reader, &reader->text), text, err);
    json_array_foreach (content, i, part) {
        text = wire_str(part, "text", "");
        if (text[0] != '\0' &&
            wire_give_text(sink, TD_DELTA_TEXT, part_of(reader, &reader->text), text, err) != 0)
            return -1;
        json_array_foreach (json_object_get(part, "thinking"), j, thought)
            if (wire_give_text(sink, TD_DELTA_THINKING, part_of(reader, &reader->thoughts),
                               wire_str(thought, "text", ""), err) != 0)
                return -1;
    }
    return 0;
}

/* --- calls of tools --- */

/* The place of the call that a fragment is of; call_count: it is a new one. */
static size_t find_call(const struct openai_reader *reader, const json_t *call, const char *id)
{
    const json_t *number = json_object_get(call, "index");
    size_t i = 0;

    if (json_is_integer(number)) {
        while (i < reader->call_count && reader->calls[i].number != json_integer_value(number))
            i++;
        return i;
    }
    if (id == NULL || id[0] == '\0')
        return reader->call_count > 0 ? reader->call_count - 1 : 0;
    while (i < reader->call_count && strcmp(reader->calls[i].id, id) != 0)
        i++;
    return i;
}

static int begin_call(struct openai_reader *reader, const struct td_sink *sink, const json_t *call,
                      const char *id, struct td_err *err)
{
    const json_t *number = json_object_get(call, "index");
    size_t place = reader->call_count;

    if (place == OPENAI_CALLS_MAX)
        return td_fail(err, TD_E_LIMIT, "the reply has more than %d calls of tools",
                       OPENAI_CALLS_MAX);
    reader->calls[place].number = json_is_integer(number) ? json_integer_value(number) : -1;
    reader->calls[place].part = reader->parts++;
    strncpy(reader->calls[place].id, id != NULL ? id : "", sizeof(reader->calls[place].id) - 1);
    reader->call_count++;
    return wire_give_tool(sink, reader->calls[place].part, id,
                          wire_str(json_object_get(call, "function"), "name", ""), err);
}

static int give_call(struct openai_reader *reader, const struct td_sink *sink, const json_t *call,
                     struct td_err *err)
{
    const char *id = wire_str(call, "id", NULL);
    size_t place = find_call(reader, call, id);

    if (place == reader->call_count && begin_call(reader, sink, call, id, err) != 0)
        return -1;
    return wire_give_text(sink, TD_DELTA_INPUT, reader->calls[place].part,
                          wire_str(json_object_get(call, "function"), "arguments", ""), err);
}

/* --- a chunk --- */

static int give_delta(struct openai_reader *reader, const struct td_sink *sink, const json_t *delta,
                      struct td_err *err)
{
    const char *thoughts = openai_thoughts(delta);
    const json_t *call;
    size_t i;

    if (thoughts != NULL && thoughts[0] != '\0' &&
        wire_give_text(sink, TD_DELTA_THINKING, part_of(reader, &reader->thoughts), thoughts,
                       err) != 0)
        return -1;
    if (give_content(reader, sink, json_object_get(delta, "content"), err) != 0 ||
        give_content(reader, sink, json_object_get(delta, "refusal"), err) != 0)
        return -1;
    json_array_foreach (json_object_get(delta, "tool_calls"), i, call)
        if (give_call(reader, sink, call, err) != 0)
            return -1;
    return 0;
}

static int give_fault(const struct td_sink *sink, const json_t *error, struct td_err *err)
{
    enum td_fault fault = wire_error_meaning(error);
    const char *text = wire_str(error, "message", json_string_value(error));

    return wire_give_fault(sink, fault != TD_FAULT_NONE ? fault : TD_FAULT_OUTAGE,
                           text != NULL ? text : "it has failed", err);
}

static int read_choice(struct openai_reader *reader, const struct td_sink *sink,
                       const json_t *choice, struct td_err *err)
{
    const char *word = wire_str(choice, "finish_reason", NULL);

    if (json_integer_value(json_object_get(choice, "index")) != 0)
        return 0; /* only one was asked for */
    if (give_delta(reader, sink, json_object_get(choice, "delta"), err) != 0)
        return -1;
    if (word == NULL || word[0] == '\0')
        return 0;
    if (wire_finish(openai_words, word) == TD_FINISH_ERROR)
        return wire_give_fault(sink, TD_FAULT_OUTAGE, word, err);
    reader->is_finished = true;
    return wire_give_finish(sink, wire_finish(openai_words, word), word, err);
}

int openai_read(struct td_ctx *ctx, void *arg, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err)
{
    struct openai_reader *reader = arg;
    const json_t *chunk = frame->json, *error = json_object_get(chunk, "error"), *raw, *choice;
    struct td_usage usage;
    size_t i;

    (void)ctx;
    if (strcmp(frame->text, "[DONE]") == 0) {
        reader->is_over = true;
        return 0;
    }
    if (reader->is_over || chunk == NULL)
        return reader->is_over ? 0 : wire_fail_reply(err, "a chunk of the stream is no JSON");
    if (error != NULL && !json_is_null(error))
        return give_fault(sink, error, err);
    if (!reader->is_begun) {
        reader->is_begun = true;
        if (wire_give_begin(sink, wire_str(chunk, "id", NULL), wire_str(chunk, "model", NULL),
                            err) != 0)
            return -1;
    }
    json_array_foreach (json_object_get(chunk, "choices"), i, choice)
        if (read_choice(reader, sink, choice, err) != 0)
            return -1;
    return openai_usage(chunk, &usage, &raw) ? wire_give_usage(sink, &usage, raw, err) : 0;
}

/* Some servers forget the last word, but none forgets to say why it has ended. */
int openai_end(struct td_ctx *ctx, void *arg, const struct td_sink *sink, struct td_err *err)
{
    const struct openai_reader *reader = arg;

    (void)ctx, (void)sink;
    return reader->is_finished || (reader->is_over && reader->is_begun)
               ? 0
               : td_fail(err, TD_E_EXTERNAL, "the stream ended in the middle");
}
