/* SPDX-License-Identifier: Apache-2.0 */
/* reply: what a server answers, as a whole. */
#include "anthropic.h"

const struct wire_word anthropic_words[] = {
    { "end_turn", TD_FINISH_STOP },
    { "stop_sequence", TD_FINISH_STOP },
    { "pause_turn", TD_FINISH_STOP },
    { "max_tokens", TD_FINISH_LENGTH },
    { "model_context_window_exceeded", TD_FINISH_LENGTH },
    { "tool_use", TD_FINISH_TOOL_CALLS },
    { "refusal", TD_FINISH_CONTENT_FILTER },
    { NULL, TD_FINISH_OTHER },
};

/* --- usage --- */

static int64_t written(const json_t *usage)
{
    int64_t whole = wire_count(usage, "cache_creation_input_tokens");

    return whole >= 0 ? whole
                      : wire_sum(wire_count(usage, "cache_creation/ephemeral_5m_input_tokens"),
                                 wire_count(usage, "cache_creation/ephemeral_1h_input_tokens"));
}

/* The server's three counts of what it was given have nothing in common. */
struct td_usage anthropic_usage(const json_t *usage)
{
    int64_t plain = wire_count(usage, "input_tokens");
    struct td_usage counts = {
        .input = -1,
        .cache_read = wire_count(usage, "cache_read_input_tokens"),
        .cache_write = written(usage),
        .output = wire_count(usage, "output_tokens"),
        .reasoning = wire_count(usage, "output_tokens_details/thinking_tokens"),
    };

    if (plain >= 0)
        counts.input = wire_sum(wire_sum(plain, counts.cache_read), counts.cache_write);
    return counts;
}

/* --- parts --- */

static const struct {
    const char *type;
    enum anthropic_kind kind;
} kinds[] = {
    { "text", ANTHROPIC_TEXT },
    { "thinking", ANTHROPIC_THINKING },
    { "tool_use", ANTHROPIC_TOOL },
};

enum anthropic_kind anthropic_kind(const json_t *block)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (wire_is(block, kinds[i].type))
            return kinds[i].kind;
    return ANTHROPIC_OTHER;
}

/* Thoughts may be hidden: then there is only their signature, which has to be given back. */
static json_t *thinking_part(const json_t *block)
{
    const char *text = wire_str(block, "thinking", ""),
               *signature = wire_str(block, "signature", "");
    json_t *part;

    if (text[0] == '\0' && signature[0] == '\0')
        return NULL;
    part = json_pack("{s:s, s:s}", "type", "thinking", "text", text);
    turns_sign(part, signature);
    return part;
}

static json_t *call_part(const json_t *block)
{
    json_t *input = json_object_get(block, "input");

    return json_pack("{s:s, s:s*, s:s, s:o}", "type", "tool_call", "id",
                     wire_str(block, "id", NULL), "name", wire_str(block, "name", ""), "input",
                     input != NULL ? json_incref(input) : json_object());
}

static json_t *part_of(const json_t *block)
{
    switch (anthropic_kind(block)) {
    case ANTHROPIC_TEXT:
        return wire_text_part("text", wire_str(block, "text", NULL));
    case ANTHROPIC_THINKING:
        return thinking_part(block);
    case ANTHROPIC_TOOL:
        return call_part(block);
    case ANTHROPIC_OTHER:
        break;
    }
    return json_is_object(block) ? turns_keep(block) : NULL;
}

int anthropic_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *content = json_object_get(body, "content"), *block,
                 *usage = json_object_get(body, "usage");
    const char *word = wire_str(body, "stop_reason", NULL);
    struct td_usage counts = anthropic_usage(usage);
    json_t *parts;
    size_t i;

    (void)ctx;
    if (!json_is_array(content))
        return wire_fail_reply(err, "it has no list \"content\"");
    parts = json_array();
    json_array_foreach (content, i, block) {
        json_t *part = part_of(block);

        if (part != NULL)
            json_array_append_new(parts, part);
    }
    *ret_reply = wire_reply(parts, wire_finish(anthropic_words, word), word, &counts,
                            json_is_object(usage) ? usage : NULL, wire_str(body, "id", NULL),
                            wire_str(body, "model", NULL));
    return *ret_reply != NULL ? 0 : wire_fail_memory(err);
}
