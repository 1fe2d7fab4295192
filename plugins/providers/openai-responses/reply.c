/* SPDX-License-Identifier: Apache-2.0 */
/* reply: what a server answers, as a whole, and what its failures mean. */
#include "responses.h"

/* Why a response is incomplete. */
static const struct wire_word reasons[] = {
    { "max_output_tokens", TD_FINISH_LENGTH },
    { "max_tokens", TD_FINISH_LENGTH },
    { "content_filter", TD_FINISH_CONTENT_FILTER },
    { NULL, TD_FINISH_OTHER },
};

/* There is no word for it: it follows from what came. */
enum td_finish responses_finish(const json_t *response, bool has_calls, bool has_refusal,
                                const char **ret_word)
{
    const char *status = wire_str(response, "status", "completed");

    *ret_word = status;
    if (strcmp(status, "incomplete") == 0) {
        *ret_word = wire_str(json_object_get(response, "incomplete_details"), "reason", status);
        return wire_finish(reasons, *ret_word);
    }
    if (strcmp(status, "completed") != 0)
        return TD_FINISH_OTHER;
    if (has_calls)
        return TD_FINISH_TOOL_CALLS;
    return has_refusal ? TD_FINISH_CONTENT_FILTER : TD_FINISH_STOP;
}

bool responses_usage(const json_t *usage, struct td_usage *ret_usage)
{
    if (!json_is_object(usage))
        return false;
    *ret_usage = (struct td_usage){
        .input = wire_count(usage, "input_tokens"),
        .cache_read = wire_count(usage, "input_tokens_details/cached_tokens"),
        .cache_write = wire_count(usage, "input_tokens_details/cache_write_tokens"),
        .output = wire_count(usage, "output_tokens"),
        .reasoning = wire_count(usage, "output_tokens_details/reasoning_tokens"),
    };
    return true;
}

/* --- parts --- */

static void append(json_t *parts, json_t *part)
{
    if (part != NULL)
        json_array_append_new(parts, part);
}

/* Returns whether one of them is a refusal. */
static bool add_message(json_t *parts, const json_t *item)
{
    const json_t *content;
    bool has_refusal = false;
    size_t i;

    json_array_foreach (json_object_get(item, "content"), i, content) {
        append(parts, wire_text_part(
                          "text", wire_str(content, "text", wire_str(content, "refusal", NULL))));
        has_refusal = has_refusal || wire_is(content, "refusal");
    }
    return has_refusal;
}

static void add_call(json_t *parts, const json_t *item)
{
    json_t *part = json_pack("{s:s, s:s*, s:s}", "type", "tool_call", "id",
                             wire_str(item, "call_id", wire_str(item, "id", NULL)), "name",
                             wire_str(item, "name", ""));

    wire_set_input(part, wire_str(item, "arguments", ""));
    append(parts, part);
}

static void add_reasoning(json_t *parts, const json_t *item)
{
    json_t *text = responses_thought(item), *sealed = responses_seal(item);

    append(parts,
           json_string_length(text) > 0
               ? json_pack("{s:s, s:O, s:O}", "type", "thinking", "text", text, "signature", sealed)
               : json_pack("{s:s, s:O}", "type", "opaque", "data", sealed));
    json_decref(text);
    json_decref(sealed);
}

int responses_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *output = json_object_get(body, "output"), *raw = json_object_get(body, "usage"),
                 *error = json_object_get(body, "error"), *item;
    struct td_usage usage = { -1, -1, -1, -1, -1 };
    bool has_calls = false, has_refusal = false;
    enum td_finish finish;
    const char *word;
    json_t *parts;
    size_t i;

    (void)ctx;
    if (json_is_object(error))
        return td_fail(err, TD_E_EXTERNAL, "the reply is a failure: %.60s: %.400s",
                       wire_str(error, "code", "error"), wire_str(error, "message", ""));
    if (!json_is_array(output))
        return wire_fail_reply(err, "it has no list \"output\"");
    parts = json_array();
    json_array_foreach (output, i, item) {
        if (wire_is(item, "message"))
            has_refusal = add_message(parts, item) || has_refusal;
        else if (wire_is(item, "function_call"))
            add_call(parts, item);
        else if (wire_is(item, "reasoning"))
            add_reasoning(parts, item);
        else if (json_is_string(json_object_get(item, "type")))
            append(parts, json_pack("{s:s, s:o}", "type", "opaque", "data", responses_seal(item)));
        has_calls = has_calls || wire_is(item, "function_call");
    }
    responses_usage(raw, &usage);
    finish = responses_finish(body, has_calls, has_refusal, &word);
    *ret_reply = wire_reply(parts, finish, word, &usage, json_is_object(raw) ? raw : NULL,
                            wire_str(body, "id", NULL), wire_str(body, "model", NULL));
    return *ret_reply != NULL ? 0 : wire_fail_memory(err);
}

/* --- failures --- */

/* A limit on requests or on tokens: the one that is used up says when it is not. */
static uint32_t reset_ms(const json_t *headers)
{
    static const struct {
        const char *remaining, *reset;
    } rows[] = {
        { "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests" },
        { "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens" },
    };
    uint32_t after_ms = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t ms = strcmp(wire_str(headers, rows[i].remaining, ""), "0") == 0
                          ? wire_reset_ms(headers, rows[i].reset)
                          : 0;

        after_ms = ms > after_ms ? ms : after_ms;
    }
    return after_ms;
}

/* The server says itself whether to come again. */
static void obey(const json_t *headers, struct td_err *err)
{
    const char *word = wire_str(headers, "x-should-retry", "");

    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        err->is_retryable = word[0] == 't';
}

/* In the order of how well the server knows. */
static uint32_t after_ms_of(const struct td_wire_failure *failure, const json_t *error)
{
    uint32_t after_ms = wire_retry_after_ms(failure->headers);

    if (after_ms == 0)
        after_ms = wire_retry_words_ms(wire_str(error, "message", ""));
    return after_ms != 0 ? after_ms : reset_ms(failure->headers);
}

void responses_failure(struct td_ctx *ctx, const struct td_wire_failure *failure,
                       enum td_fault *fault, struct td_err *err)
{
    const json_t *error = json_object_get(failure->body, "error");
    enum td_fault meant;

    (void)ctx;
    error = json_is_object(error) ? error : failure->body;
    meant = wire_error_meaning(error);
    if (meant != TD_FAULT_NONE && failure->status < 500)
        *fault = meant;
    if (*fault == TD_FAULT_RATE || *fault == TD_FAULT_OVERLOADED) {
        uint32_t after_ms = after_ms_of(failure, error);

        err->retry_after_ms = after_ms > 0 ? after_ms : err->retry_after_ms;
    }
    obey(failure->headers, err);
}
