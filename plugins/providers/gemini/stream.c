/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: chunks, each of which is a whole reply with what is new.
 *
 * There is no last word: a stream has ended when some chunk said why. Some servers say "STOP" in
 * each of them, so the reason is given only when there is no more. A text with a signature is a
 * part of its own, since both have to go back together.
 */
#include "gemini.h"

#include <stdio.h>
#include <stdlib.h>

/* --- parts --- */

static int give_text(struct gemini_reader *reader, const struct td_sink *sink, const json_t *part,
                     enum gemini_kind kind, struct td_err *err)
{
    enum td_delta_type type = kind == GEMINI_TEXT ? TD_DELTA_TEXT : TD_DELTA_THINKING;
    const char *text = wire_str(part, "text", ""),
               *signature = wire_str(part, "thoughtSignature", "");
    const struct td_delta empty = {
        .size = sizeof(empty), .type = type, .index = reader->parts, .text = ""
    };

    if (signature[0] == '\0') {
        if (text[0] == '\0')
            return 0;
        if (reader->open != kind)
            reader->parts++;
        reader->open = kind;
        return wire_give_text(sink, type, reader->parts - 1, text, err);
    }
    reader->open = GEMINI_NOTHING;
    reader->parts++;
    if ((text[0] == '\0' ? wire_give(sink, &empty, err)
                         : wire_give_text(sink, type, empty.index, text, err)) != 0)
        return -1;
    return wire_give_text(sink, TD_DELTA_SIGNATURE, empty.index, signature, err);
}

static int give_json(const struct td_sink *sink, enum td_delta_type type, uint32_t index,
                     const json_t *value, struct td_err *err)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    int rc = text != NULL ? wire_give_text(sink, type, index, text, err) : wire_fail_memory(err);

    free(text);
    return rc;
}

static int give_call(struct gemini_reader *reader, const struct td_sink *sink, const json_t *part,
                     struct td_err *err)
{
    const json_t *call = json_object_get(part, "functionCall"),
                 *args = json_object_get(call, "args");
    uint32_t index = reader->parts++;

    reader->open = GEMINI_NOTHING;
    reader->has_call = true;
    if (wire_give_tool(sink, index, wire_str(call, "id", NULL), wire_str(call, "name", ""), err) !=
        0)
        return -1;
    if (args != NULL && !json_is_null(args) &&
        give_json(sink, TD_DELTA_INPUT, index, args, err) != 0)
        return -1;
    return wire_give_text(sink, TD_DELTA_SIGNATURE, index, wire_str(part, "thoughtSignature", ""),
                          err);
}

static int give_part(struct gemini_reader *reader, const struct td_sink *sink, const json_t *part,
                     struct td_err *err)
{
    enum gemini_kind kind = gemini_kind(part);

    switch (kind) {
    case GEMINI_TEXT:
    case GEMINI_THINKING:
        return give_text(reader, sink, part, kind, err);
    case GEMINI_CALL:
        return give_call(reader, sink, part, err);
    case GEMINI_OTHER:
        reader->open = GEMINI_NOTHING;
        return give_json(sink, TD_DELTA_OPAQUE, reader->parts++, part, err);
    case GEMINI_NOTHING:
        break;
    }
    return 0;
}

/* --- a chunk --- */

static int give_fault(const struct td_sink *sink, const json_t *error, struct td_err *err)
{
    struct gemini_meaning meaning = gemini_meaning(error);
    const char *text = wire_str(error, "message", json_string_value(error));
    const struct td_delta delta = {
        .size = sizeof(delta),
        .type = TD_DELTA_FAULT,
        .fault = meaning.fault != TD_FAULT_NONE ? meaning.fault : TD_FAULT_OUTAGE,
        .retry_after_ms = meaning.retry_after_ms,
        .text = text != NULL ? text : "it has failed",
        .length = strlen(text != NULL ? text : "it has failed"),
    };

    return wire_give(sink, &delta, err);
}

static void keep_word(struct gemini_reader *reader, const json_t *chunk, const json_t *candidate)
{
    const char *block = gemini_block(chunk), *word = wire_str(candidate, "finishReason", NULL);

    if (word == NULL && block == NULL)
        return;
    reader->is_finished = true;
    reader->is_blocked = word == NULL;
    snprintf(reader->word, sizeof(reader->word), "%s", word != NULL ? word : block);
}

static int read_chunk(struct gemini_reader *reader, const struct td_sink *sink, const json_t *chunk,
                      struct td_err *err)
{
    const json_t *candidate = gemini_candidate(chunk), *part, *error, *usage;
    struct td_usage counts;
    size_t i;

    error = json_object_get(chunk, "error");
    if (error != NULL && !json_is_null(error))
        return give_fault(sink, error, err);
    if (!reader->is_begun) {
        reader->is_begun = true;
        if (wire_give_begin(sink, wire_str(chunk, "responseId", NULL),
                            wire_str(chunk, "modelVersion", NULL), err) != 0)
            return -1;
    }
    json_array_foreach (wire_at(candidate, "content/parts"), i, part)
        if (give_part(reader, sink, part, err) != 0)
            return -1;
    keep_word(reader, chunk, candidate);
    usage = json_object_get(chunk, "usageMetadata");
    if (json_object_size(usage) == 0)
        return 0;
    counts = gemini_usage(usage);
    return wire_give_usage(sink, &counts, usage, err);
}

/* Some give a list of chunks at once. */
int gemini_read(struct td_ctx *ctx, void *arg, const struct td_frame *frame,
                const struct td_sink *sink, struct td_err *err)
{
    struct gemini_reader *reader = arg;
    const json_t *chunk;
    size_t i;

    (void)ctx;
    if (json_is_object(frame->json))
        return read_chunk(reader, sink, frame->json, err);
    if (strcmp(frame->text, "[DONE]") == 0)
        return 0;
    if (frame->json == NULL)
        return wire_fail_reply(err, "a chunk of the stream is no JSON");
    json_array_foreach (frame->json, i, chunk)
        if (read_chunk(reader, sink, chunk, err) != 0)
            return -1;
    return 0;
}

int gemini_end(struct td_ctx *ctx, void *arg, const struct td_sink *sink, struct td_err *err)
{
    const struct gemini_reader *reader = arg;

    (void)ctx;
    if (!reader->is_finished)
        return td_fail(err, TD_E_EXTERNAL, "the stream ended in the middle");
    return wire_give_finish(sink, gemini_finish(reader->word, reader->has_call, reader->is_blocked),
                            reader->word, err);
}
