/* SPDX-License-Identifier: Apache-2.0 */
/* reply: what a server answers, as a whole. */
#include "gemini.h"

/* --- why it ended --- */

static const struct wire_word words[] = {
    { "STOP", TD_FINISH_STOP },
    { "MAX_TOKENS", TD_FINISH_LENGTH },
    { "SAFETY", TD_FINISH_CONTENT_FILTER },
    { "RECITATION", TD_FINISH_CONTENT_FILTER },
    { "BLOCKLIST", TD_FINISH_CONTENT_FILTER },
    { "PROHIBITED_CONTENT", TD_FINISH_CONTENT_FILTER },
    { "SPII", TD_FINISH_CONTENT_FILTER },
    { "IMAGE_SAFETY", TD_FINISH_CONTENT_FILTER },
    { "IMAGE_PROHIBITED_CONTENT", TD_FINISH_CONTENT_FILTER },
    { "IMAGE_RECITATION", TD_FINISH_CONTENT_FILTER },
    { "IMAGE_OTHER", TD_FINISH_CONTENT_FILTER },
    { "MALFORMED_FUNCTION_CALL", TD_FINISH_ERROR },
    { "UNEXPECTED_TOOL_CALL", TD_FINISH_ERROR },
    { "TOO_MANY_TOOL_CALLS", TD_FINISH_ERROR },
    { "OTHER", TD_FINISH_ERROR },
    { NULL, TD_FINISH_OTHER },
};

/* A call of a tool is no reason to stop there. */
enum td_finish gemini_finish(const char *word, bool has_call, bool is_blocked)
{
    enum td_finish finish = is_blocked ? TD_FINISH_CONTENT_FILTER : wire_finish(words, word);

    return finish == TD_FINISH_STOP && has_call ? TD_FINISH_TOOL_CALLS : finish;
}

const char *gemini_block(const json_t *body)
{
    return json_string_value(wire_at(body, "promptFeedback/blockReason"));
}

const json_t *gemini_candidate(const json_t *body)
{
    const json_t *candidate;
    size_t i;

    json_array_foreach (json_object_get(body, "candidates"), i, candidate)
        if (json_is_object(candidate) &&
            json_integer_value(json_object_get(candidate, "index")) == 0)
            return candidate;
    return NULL;
}

/* --- usage --- */

/* The answer is counted without its thoughts. */
struct td_usage gemini_usage(const json_t *usage)
{
    int64_t thoughts = wire_count(usage, "thoughtsTokenCount");

    return (struct td_usage){
        .input = wire_sum(wire_count(usage, "promptTokenCount"),
                          wire_count(usage, "toolUsePromptTokenCount")),
        .cache_read = wire_count(usage, "cachedContentTokenCount"),
        .cache_write = -1,
        .output = wire_sum(wire_count(usage, "candidatesTokenCount"), thoughts),
        .reasoning = thoughts,
    };
}

/* --- parts --- */

enum gemini_kind gemini_kind(const json_t *part)
{
    if (json_is_object(json_object_get(part, "functionCall")))
        return GEMINI_CALL;
    if (json_is_string(json_object_get(part, "text")))
        return json_is_true(json_object_get(part, "thought")) ? GEMINI_THINKING : GEMINI_TEXT;
    if (json_object_size(part) == 0)
        return GEMINI_NOTHING;
    return json_object_size(part) == 1 && json_object_get(part, "thoughtSignature") != NULL
               ? GEMINI_TEXT
               : GEMINI_OTHER;
}

/* An empty text may carry a signature. */
static json_t *text_part(const char *type, const json_t *part)
{
    const char *text = wire_str(part, "text", ""),
               *signature = wire_str(part, "thoughtSignature", "");
    json_t *made;

    if (text[0] == '\0' && signature[0] == '\0')
        return NULL;
    made = json_pack("{s:s, s:s}", "type", type, "text", text);
    turns_sign(made, signature);
    return made;
}

static json_t *call_part(const json_t *part)
{
    const json_t *call = json_object_get(part, "functionCall");
    json_t *args = json_object_get(call, "args"), *made;

    made = json_pack("{s:s, s:s*, s:s, s:o}", "type", "tool_call", "id", wire_str(call, "id", NULL),
                     "name", wire_str(call, "name", ""), "input",
                     args != NULL && !json_is_null(args) ? json_incref(args) : json_object());
    turns_sign(made, wire_str(part, "thoughtSignature", NULL));
    return made;
}

static json_t *part_of(const json_t *part)
{
    switch (gemini_kind(part)) {
    case GEMINI_TEXT:
        return text_part("text", part);
    case GEMINI_THINKING:
        return text_part("thinking", part);
    case GEMINI_CALL:
        return call_part(part);
    case GEMINI_OTHER:
        return turns_keep(part);
    case GEMINI_NOTHING:
        break;
    }
    return NULL;
}

int gemini_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *candidate = gemini_candidate(body), *part,
                 *usage = json_object_get(body, "usageMetadata");
    const char *block = gemini_block(body), *word = wire_str(candidate, "finishReason", block);
    struct td_usage counts = gemini_usage(usage);
    bool has_call = false;
    json_t *parts;
    size_t i;

    (void)ctx;
    if (candidate == NULL && block == NULL)
        return wire_fail_reply(err, "it has no candidates, and says no reason for it");
    parts = json_array();
    json_array_foreach (wire_at(candidate, "content/parts"), i, part) {
        json_t *made = part_of(part);

        has_call = has_call || gemini_kind(part) == GEMINI_CALL;
        if (made != NULL)
            json_array_append_new(parts, made);
    }
    *ret_reply =
        wire_reply(parts, gemini_finish(word, has_call, candidate == NULL), word, &counts,
                   json_is_object(usage) ? usage : NULL, wire_str(body, "responseId", NULL),
                   wire_str(body, "modelVersion", NULL));
    return *ret_reply != NULL ? 0 : wire_fail_memory(err);
}
