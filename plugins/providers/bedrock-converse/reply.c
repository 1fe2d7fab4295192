/* SPDX-License-Identifier: Apache-2.0 */
/* reply: what a server answers, as a whole. */
#include "converse.h"

#include "kit/turns.h"

const struct wire_word converse_words[] = {
    { "end_turn", TD_FINISH_STOP },
    { "stop_sequence", TD_FINISH_STOP },
    { "tool_use", TD_FINISH_TOOL_CALLS },
    { "max_tokens", TD_FINISH_LENGTH },
    { "model_context_window_exceeded", TD_FINISH_LENGTH },
    { "guardrail_intervened", TD_FINISH_CONTENT_FILTER },
    { "content_filtered", TD_FINISH_CONTENT_FILTER },
    { "malformed_model_output", TD_FINISH_ERROR },
    { "malformed_tool_use", TD_FINISH_ERROR },
    { NULL, TD_FINISH_OTHER },
};

/* What was cached is not among the input there. */
struct td_usage converse_usage(const json_t *usage)
{
    struct td_usage counts = { .input = wire_count(usage, "inputTokens"),
                               .cache_read = wire_count(usage, "cacheReadInputTokens"),
                               .cache_write = wire_count(usage, "cacheWriteInputTokens"),
                               .output = wire_count(usage, "outputTokens"),
                               .reasoning = -1 };

    if (counts.input >= 0)
        counts.input = wire_sum(counts.input, wire_sum(counts.cache_read, counts.cache_write));
    return counts;
}

/* --- parts --- */

static void append(json_t *parts, json_t *part)
{
    if (part != NULL)
        json_array_append_new(parts, part);
}

/* Thoughts without words may be signed all the same. */
static void add_thought(json_t *parts, const json_t *content)
{
    const json_t *thought = json_object_get(content, "reasoningText");
    const char *hidden = wire_str(content, "redactedContent", NULL);
    json_t *part;

    if (hidden != NULL)
        append(parts, json_pack("{s:s, s:s}", "type", "opaque", "data", hidden));
    if (!json_is_object(thought))
        return;
    part = json_pack("{s:s, s:s}", "type", "thinking", "text", wire_str(thought, "text", ""));
    turns_sign(part, wire_str(thought, "signature", NULL));
    append(parts, part);
}

static void add_call(json_t *parts, const json_t *call)
{
    json_t *input = json_object_get(call, "input");

    append(parts, json_pack("{s:s, s:s*, s:s, s:o}", "type", "tool_call", "id",
                            wire_str(call, "toolUseId", NULL), "name", wire_str(call, "name", ""),
                            "input", input != NULL ? json_incref(input) : json_object()));
}

static void add_block(json_t *parts, const json_t *block)
{
    const json_t *call = json_object_get(block, "toolUse"), *cited;
    size_t i;

    append(parts, wire_text_part("text", wire_str(block, "text", NULL)));
    add_thought(parts, json_object_get(block, "reasoningContent"));
    if (json_is_object(call))
        add_call(parts, call);
    json_array_foreach (wire_at(block, "citationsContent/content"), i, cited)
        append(parts, wire_text_part("text", wire_str(cited, "text", NULL)));
}

int converse_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *content = wire_at(body, "output/message/content"),
                 *raw = json_object_get(body, "usage"), *block;
    const char *word = wire_str(body, "stopReason", NULL);
    struct td_usage usage = converse_usage(raw);
    json_t *parts;
    size_t i;

    (void)ctx;
    if (!json_is_array(content))
        return wire_fail_reply(err, "it has no message with contents");
    parts = json_array();
    json_array_foreach (content, i, block)
        add_block(parts, block);
    *ret_reply = wire_reply(parts, wire_finish(converse_words, word), word, &usage,
                            json_is_object(raw) ? raw : NULL, NULL, NULL);
    return *ret_reply != NULL ? 0 : wire_fail_memory(err);
}
