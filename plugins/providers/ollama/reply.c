/* SPDX-License-Identifier: Apache-2.0 */
/* reply: what a server answers, as a whole, and what its failures mean. */
#include "ollama.h"

static const struct wire_word words[] = {
    { "stop", TD_FINISH_STOP },
    { "length", TD_FINISH_LENGTH },
    { NULL, TD_FINISH_OTHER },
};

/* Nothing is said of calls of tools, and older servers say no word at all. */
enum td_finish ollama_finish(const char *word, bool has_calls)
{
    enum td_finish finish = word != NULL ? wire_finish(words, word) : TD_FINISH_STOP;

    return has_calls && finish == TD_FINISH_STOP ? TD_FINISH_TOOL_CALLS : finish;
}

void ollama_usage(const json_t *body, struct td_usage *ret_usage, json_t **ret_raw)
{
    static const char *const names[] = { "prompt_eval_count",    "eval_count",
                                         "total_duration",       "load_duration",
                                         "prompt_eval_duration", "eval_duration" };
    json_t *raw = json_object();

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        wire_copy(raw, names[i], body, names[i]);
    *ret_usage = (struct td_usage){ .input = wire_count(body, "prompt_eval_count"),
                                    .cache_read = -1,
                                    .cache_write = -1,
                                    .output = wire_count(body, "eval_count"),
                                    .reasoning = -1 };
    if (json_object_size(raw) == 0) {
        json_decref(raw);
        raw = NULL;
    }
    *ret_raw = raw;
}

/* --- parts --- */

static void add_calls(json_t *parts, const json_t *calls)
{
    const json_t *call;
    size_t i;

    json_array_foreach (calls, i, call) {
        const json_t *function = json_object_get(call, "function"),
                     *input = json_object_get(function, "arguments");
        json_t *part =
            json_pack("{s:s, s:s*, s:s}", "type", "tool_call", "id", wire_str(call, "id", NULL),
                      "name", wire_str(function, "name", ""));

        if (json_is_object(input))
            json_object_set(part, "input", (json_t *)(uintptr_t)input);
        else
            wire_set_input(part, json_is_string(input) ? json_string_value(input) : "");
        wire_add(parts, part);
    }
}

int ollama_reply(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    const json_t *message = json_object_get(body, "message"),
                 *calls = json_object_get(message, "tool_calls");
    const char *word = wire_str(body, "done_reason", NULL), *error = wire_str(body, "error", NULL);
    struct td_usage usage;
    json_t *parts, *raw;

    (void)ctx;
    if (error != NULL)
        return td_fail(err, TD_E_EXTERNAL, "the reply is a failure: %.400s", error);
    if (!json_is_object(message))
        return wire_fail_reply(err, "it has no message");
    if (json_is_false(json_object_get(body, "done")))
        return wire_fail_reply(err, "it is not done");
    parts = json_array();
    wire_add(parts, wire_text_part("thinking", wire_str(message, "thinking", NULL)));
    wire_add(parts, wire_text_part("text", wire_str(message, "content", NULL)));
    add_calls(parts, calls);
    ollama_usage(body, &usage, &raw);
    *ret_reply = wire_reply(parts, ollama_finish(word, json_array_size(calls) > 0), word, &usage,
                            raw, NULL, wire_str(body, "model", NULL));
    json_decref(raw);
    return *ret_reply != NULL ? 0 : wire_fail_memory(err);
}

int ollama_vectors(struct td_ctx *ctx, const json_t *body, json_t **ret_reply, struct td_err *err)
{
    (void)ctx;
    return wire_vectors(json_object_get(body, "embeddings"), "\"embeddings\"",
                        wire_count(body, "prompt_eval_count"), ret_reply, err);
}

/* --- failures --- */

/* There are no codes, only sentences. */
static const struct wire_meaning meanings[] = {
    { "context length", TD_FAULT_CONTEXT },
    { "prompt too long", TD_FAULT_CONTEXT },
    { "not found, try pulling", TD_FAULT_MODEL },
    { "usage limit", TD_FAULT_MONEY },
    { "unauthorized", TD_FAULT_AUTH },
    { "too many requests", TD_FAULT_RATE },
    { "server busy", TD_FAULT_OVERLOADED },
    { "requires more system memory", TD_FAULT_OVERLOADED },
    { "overloaded", TD_FAULT_OVERLOADED },
    { NULL, TD_FAULT_NONE },
};

enum td_fault ollama_fault(const char *text)
{
    return wire_meaning(meanings, text);
}

void ollama_failure(struct td_ctx *ctx, const struct td_wire_failure *failure, enum td_fault *fault,
                    struct td_err *err)
{
    enum td_fault meant = ollama_fault(wire_str(failure->body, "error", failure->text));
    uint32_t after_ms = wire_retry_after_ms(failure->headers);

    (void)ctx;
    if (meant != TD_FAULT_NONE)
        *fault = meant;
    if (after_ms > 0)
        err->retry_after_ms = after_ms;
    if (meant == TD_FAULT_MODEL)
        td_hint(err, "fetch the model with \"ollama pull\" where the server runs");
}
