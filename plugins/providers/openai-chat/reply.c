/* SPDX-License-Identifier: Apache-2.0 */
/* reply: what a server answers, as a whole, and what its failures mean. */
#include "openai.h"

const struct wire_word openai_words[] = {
    { "stop", TD_FINISH_STOP },
    { "length", TD_FINISH_LENGTH },
    { "model_length", TD_FINISH_LENGTH },
    { "tool_calls", TD_FINISH_TOOL_CALLS },
    { "function_call", TD_FINISH_TOOL_CALLS },
    { "content_filter", TD_FINISH_CONTENT_FILTER },
    { "error", TD_FINISH_ERROR },
    { "insufficient_system_resource", TD_FINISH_ERROR },
    { NULL, TD_FINISH_OTHER },
};

const char *openai_thoughts(const json_t *message)
{
    const char *text = wire_str(message, "reasoning_content", NULL);

    return text != NULL ? text : wire_str(message, "reasoning", NULL);
}

bool openai_usage(const json_t *body, struct td_usage *ret_usage, const json_t **ret_raw)
{
    const json_t *usage = json_object_get(body, "usage");

    if (!json_is_object(usage))
        usage = wire_at(body, "x_groq/usage");
    if (!json_is_object(usage))
        return false;
    *ret_usage = (struct td_usage){
        .input = wire_count(usage, "prompt_tokens"),
        .cache_read = wire_count(usage, "prompt_tokens_details/cached_tokens"),
        .cache_write = wire_count(usage, "prompt_tokens_details/cache_write_tokens"),
        .output = wire_count(usage, "completion_tokens"),
        .reasoning = wire_count(usage, "completion_tokens_details/reasoning_tokens"),
    };
    if (ret_usage->cache_read < 0)
        ret_usage->cache_read = wire_count(usage, "prompt_cache_hit_tokens");
    *ret_raw = usage;
    return true;
}

/* --- parts --- */

/* Some servers give a list of parts in place of a text. */
static void add_content(json_t *parts, const json_t *content)
{
    const json_t *part;
    size_t i;

    wire_add(parts, wire_text_part("text", json_string_value(content)));
    json_array_foreach (content, i, part) {
        const json_t *thought;
        size_t j;

        wire_add(parts, wire_is(part, "text") ? wire_text_part("text", wire_str(part, "text", NULL))
                                              : NULL);
        json_array_foreach (json_object_get(part, "thinking"), j, thought)
            wire_add(parts, wire_text_part("thinking", wire_str(thought, "text", NULL)));
    }
}

int openai_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *choice = json_array_get(json_object_get(body, "choices"), 0),
                 *message = json_object_get(choice, "message"), *raw = NULL;
    const char *word = wire_str(choice, "finish_reason", NULL);
    enum td_finish finish = wire_finish(openai_words, word);
    struct td_usage usage = { -1, -1, -1, -1, -1 };
    json_t *parts;

    (void)ctx;
    if (!json_is_object(message))
        return wire_fail_reply(err, "it has no choices with a message");
    parts = json_array();
    wire_add(parts, wire_text_part("thinking", openai_thoughts(message)));
    add_content(parts, json_object_get(message, "content"));
    if (json_is_string(json_object_get(message, "refusal"))) {
        wire_add(parts, wire_text_part("text", wire_str(message, "refusal", NULL)));
        finish = TD_FINISH_CONTENT_FILTER;
    }
    wire_add_calls(parts, json_object_get(message, "tool_calls"));
    openai_usage(body, &usage, &raw);
    *ret_reply = wire_reply(parts, finish, word, &usage, raw, wire_str(body, "id", NULL),
                            wire_str(body, "model", NULL));
    return *ret_reply != NULL ? 0 : wire_fail_memory(err);
}

/* --- failures --- */

void openai_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err)
{
    const json_t *error = json_object_get(failure->body, "error");
    enum td_fault meant = wire_error_meaning(json_is_object(error) ? error : failure->body);

    (void)ctx, (void)err;
    if (meant != TD_FAULT_NONE && failure->status < 500)
        *fault = meant;
}
