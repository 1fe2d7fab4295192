/* SPDX-License-Identifier: Apache-2.0 */
/* reply: what a server answers, as a whole, and what its failures mean. */
#include "cohere.h"

const struct wire_word cohere_words[] = {
    { "COMPLETE", TD_FINISH_STOP },
    { "STOP_SEQUENCE", TD_FINISH_STOP },
    { "MAX_TOKENS", TD_FINISH_LENGTH },
    { "TOOL_CALL", TD_FINISH_TOOL_CALLS },
    { "ERROR_TOXIC", TD_FINISH_CONTENT_FILTER },
    { "ERROR", TD_FINISH_ERROR },
    { "TIMEOUT", TD_FINISH_ERROR },
    { NULL, TD_FINISH_OTHER },
};

/* Tokens are what the model saw; those that are billed are far fewer. */
bool cohere_usage(const struct cohere *self, const json_t *usage, struct td_usage *ret_usage)
{
    bool is_billed = strcmp(self->count, "billed") == 0;
    const json_t *tokens = json_object_get(usage, is_billed ? "billed_units" : "tokens");

    if (!json_is_object(usage))
        return false;
    if (!json_is_object(tokens))
        tokens = json_object_get(usage, is_billed ? "tokens" : "billed_units");
    *ret_usage =
        (struct td_usage){ .input = wire_count(tokens, "input_tokens"),
                           .cache_read = is_billed ? -1 : wire_count(usage, "cached_tokens"),
                           .cache_write = -1,
                           .output = wire_count(tokens, "output_tokens"),
                           .reasoning = -1 };
    return true;
}

/* --- parts --- */

static void add_content(json_t *parts, const json_t *content)
{
    const json_t *part;
    size_t i;

    wire_add(parts, wire_text_part("text", json_string_value(content)));
    json_array_foreach (content, i, part) {
        wire_add(parts, wire_text_part("thinking", wire_str(part, "thinking", NULL)));
        wire_add(parts, wire_text_part("text", wire_str(part, "text", NULL)));
    }
}

int cohere_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *message = json_object_get(body, "message"), *raw = json_object_get(body, "usage");
    const char *word = wire_str(body, "finish_reason", NULL);
    struct td_usage usage = { -1, -1, -1, -1, -1 };
    json_t *parts;

    if (!json_is_object(message))
        return wire_fail_reply(err, "it has no message");
    parts = json_array();
    wire_add(parts, wire_text_part("thinking", wire_str(message, "tool_plan", NULL)));
    add_content(parts, json_object_get(message, "content"));
    wire_add_calls(parts, json_object_get(message, "tool_calls"));
    cohere_usage(td_self(ctx), raw, &usage);
    *ret_reply = wire_reply(parts, wire_finish(cohere_words, word), word, &usage,
                            json_is_object(raw) ? raw : NULL, wire_str(body, "id", NULL), NULL);
    return *ret_reply != NULL ? 0 : wire_fail_memory(err);
}

/* --- failures --- */

/* There are no codes, only sentences. */
static const struct wire_meaning meanings[] = {
    { "too many tokens", TD_FAULT_CONTEXT },
    { "context length", TD_FAULT_CONTEXT },
    { "size limit exceeded", TD_FAULT_CONTEXT },
    { "calls / month", TD_FAULT_MONEY },
    { "billing", TD_FAULT_MONEY },
    { "invalid api token", TD_FAULT_AUTH },
    { "blocked output", TD_FAULT_REFUSED },
    { "blocked input", TD_FAULT_REFUSED },
    { "deny-listed", TD_FAULT_REFUSED },
    { "overloaded", TD_FAULT_OVERLOADED },
    { NULL, TD_FAULT_NONE },
};

enum td_fault cohere_fault(const char *text)
{
    return wire_meaning(meanings, text);
}

/* What it is follows from the words only where the status leaves it open. */
static enum td_fault fault_of(unsigned status, const char *text)
{
    enum { DENY_LISTED = 498 };

    if (status == DENY_LISTED)
        return TD_FAULT_REFUSED;
    return status < 500 ? cohere_fault(text) : TD_FAULT_NONE;
}

void cohere_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err)
{
    enum td_fault meant =
        fault_of(failure->status, wire_str(failure->body, "message", failure->text));
    uint32_t after_ms = wire_retry_after_ms(failure->headers);

    (void)ctx;
    if (meant != TD_FAULT_NONE)
        *fault = meant;
    if (after_ms == 0)
        after_ms = wire_reset_ms(failure->headers, "x-ratelimit-reset");
    if (after_ms > 0)
        err->retry_after_ms = after_ms;
}
