/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: the host's request as a body of chat completions.
 *
 * One message of the host may become several: each result of a tool is a message of its own there.
 */
#include "openai.h"

#include <ctype.h>

/* --- ids of calls --- */

/* Nine letters and digits of any id, the same for the same. */
static void shorten(const char *id, char nine[static OPENAI_ID_NINE + 1])
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    size_t length = strlen(id);
    bool is_fit = length == OPENAI_ID_NINE;

    for (size_t i = 0; i < length; i++) {
        is_fit = is_fit && isalnum((unsigned char)id[i]);
        hash = (hash ^ (unsigned char)id[i]) * UINT64_C(1099511628211);
    }
    for (size_t i = 0; i < OPENAI_ID_NINE; i++, hash /= 36)
        nine[i] = is_fit ? id[i] : letters[hash % 36];
    nine[OPENAI_ID_NINE] = '\0';
}

static json_t *call_id(const struct openai *self, const json_t *part)
{
    const char *id = wire_str(part, "id", "");
    char nine[OPENAI_ID_NINE + 1];

    if (strcmp(self->tool_ids, "nine") != 0)
        return json_string(id);
    shorten(id, nine);
    return json_string(nine);
}

/* --- parts --- */

static json_t *audio_part(const json_t *part)
{
    const char *mime = wire_str(part, "mime", "");
    bool is_mp3 = strcmp(mime, "audio/mpeg") == 0 || strcmp(mime, "audio/mp3") == 0;

    return json_pack("{s:s, s:{s:O, s:s}}", "type", "input_audio", "input_audio", "data",
                     json_object_get(part, "data"), "format", is_mp3 ? "mp3" : "wav");
}

static json_t *file_part(const json_t *part)
{
    const json_t *id = json_object_get(part, "id"), *name = json_object_get(part, "name");

    if (id != NULL)
        return json_pack("{s:s, s:{s:O}}", "type", "file", "file", "file_id", id);
    return json_pack("{s:s, s:{s:o, s:O*}}", "type", "file", "file", "file_data",
                     wire_image_url(part), "filename", name);
}

/* NULL: this wire has no word for it. */
static json_t *content_part(const json_t *part)
{
    if (wire_is(part, "text"))
        return json_pack("{s:s, s:O}", "type", "text", "text", json_object_get(part, "text"));
    if (wire_is(part, "image"))
        return json_pack("{s:s, s:{s:o, s:O*}}", "type", "image_url", "image_url", "url",
                         wire_image_url(part), "detail", json_object_get(part, "detail"));
    if (wire_is(part, "audio"))
        return audio_part(part);
    if (wire_is(part, "file") && json_object_get(part, "url") == NULL)
        return file_part(part);
    return NULL;
}

/* A text when it is nothing else: that is what all servers take. */
static json_t *content(const json_t *parts, struct td_wire_request *ret)
{
    json_t *list;
    const json_t *part;
    size_t i;

    if (wire_is_text(parts))
        return wire_text(parts, "\n");
    list = json_array();
    json_array_foreach (parts, i, part) {
        json_t *made = content_part(part);

        if (made != NULL)
            json_array_append_new(list, made);
        else
            wire_drop_part(ret, part);
    }
    return list;
}

static json_t *call(const struct openai *self, const json_t *part)
{
    return json_pack("{s:o, s:s, s:{s:O, s:o}}", "id", call_id(self, part), "type", "function",
                     "function", "name", json_object_get(part, "name"), "arguments",
                     wire_input_text(part));
}

/* --- messages --- */

static json_t *result_message(const struct openai *self, const json_t *part)
{
    return json_pack("{s:s, s:o, s:o}", "role", "tool", "tool_call_id", call_id(self, part),
                     "content", wire_text(json_object_get(part, "parts"), "\n"));
}

static json_t *assistant_message(const struct openai *self, const json_t *parts)
{
    json_t *message = json_pack("{s:s}", "role", "assistant"), *calls = json_array(),
           *text = wire_text(parts, "");
    const json_t *part;
    size_t i;

    json_array_foreach (parts, i, part) {
        if (wire_is(part, "tool_call"))
            json_array_append_new(calls, call(self, part));
        if (wire_is(part, "thinking") && strcmp(self->thoughts, "none") != 0)
            json_object_set(message, self->thoughts, json_object_get(part, "text"));
    }
    if (json_string_length(text) > 0 || json_array_size(calls) == 0)
        json_object_set(message, "content", text);
    else
        json_object_set_new(message, "content", json_null());
    if (json_array_size(calls) > 0)
        json_object_set(message, "tool_calls", calls);
    json_decref(calls);
    json_decref(text);
    return message;
}

/* Results of tools first, each a message of its own, then what was said besides. */
static void add_message(const struct openai *self, const json_t *message, json_t *messages,
                        struct td_wire_request *ret)
{
    const char *role = wire_str(message, "role", "user");
    const json_t *parts = json_object_get(message, "parts"), *part;
    json_t *rest;
    size_t i;

    if (strcmp(role, "assistant") == 0) {
        json_array_append_new(messages, assistant_message(self, parts));
        return;
    }
    rest = json_array();
    json_array_foreach (parts, i, part) {
        if (wire_is(part, "tool_result"))
            json_array_append_new(messages, result_message(self, part));
        else
            json_array_append(rest, (json_t *)(uintptr_t)part);
    }
    if (json_array_size(rest) > 0)
        json_array_append_new(messages,
                              json_pack("{s:s, s:o}", "role",
                                        strcmp(role, "system") == 0 ? self->system : "user",
                                        "content", content(rest, ret)));
    json_decref(rest);
}

/* --- the rest --- */

static json_t *choice(const struct openai *self, const json_t *wanted)
{
    const char *word = json_string_value(wanted);

    if (word == NULL)
        return json_pack("{s:s, s:{s:O}}", "type", "function", "function", "name",
                         json_object_get(wanted, "name"));
    return json_string(strcmp(word, "required") == 0 ? self->required : word);
}

static json_t *schema_format(const json_t *output)
{
    return json_pack("{s:s, s:{s:s, s:O, s:O*}}", "type", "json_schema", "json_schema", "name",
                     wire_str(output, "name", "reply"), "schema", json_object_get(output, "schema"),
                     "strict", json_object_get(output, "strict"));
}

static void set_output(const struct openai *self, const json_t *output, json_t *body,
                       struct td_wire_request *ret)
{
    const char *type = wire_str(output, "type", "text");

    if (strcmp(type, "text") == 0)
        return;
    if (strcmp(type, "schema") == 0 && strcmp(self->schema, "schema") == 0)
        json_object_set_new(body, "response_format", schema_format(output));
    else if (strcmp(self->schema, "none") != 0)
        json_object_set_new(body, "response_format", json_pack("{s:s}", "type", "json_object"));
    if (strcmp(self->schema, "none") == 0 ||
        (strcmp(type, "schema") == 0 && strcmp(self->schema, "json") == 0))
        wire_drop_word(ret, strcmp(type, "schema") == 0 ? "output.schema" : "output");
}

static void set_reasoning(const struct openai *self, const json_t *reasoning, json_t *body,
                          struct td_wire_request *ret)
{
    json_t *effort = json_object_get(reasoning, "effort");
    bool is_off = effort != NULL && strcmp(json_string_value(effort), "none") == 0;

    if (strcmp(self->reasoning, "none") == 0)
        wire_drop_word(ret, "reasoning");
    else if (strcmp(self->reasoning, "thinking") == 0)
        json_object_set_new(body, "thinking",
                            json_pack("{s:s}", "type", is_off ? "disabled" : "enabled"));
    else if (strcmp(self->reasoning, "object") == 0)
        json_object_set_new(body, "reasoning",
                            json_pack("{s:O*, s:O*}", "effort", effort, "max_tokens",
                                      json_object_get(reasoning, "budget")));
    else if (effort != NULL)
        json_object_set(body, "reasoning_effort", effort);
    else
        wire_drop_word(ret, "reasoning.budget");
}

/* Members that are called the same on both sides, or have another name there. */
static void set_numbers(const struct openai *self, const json_t *request, json_t *body,
                        struct td_wire_request *ret)
{
    const struct wire_member rows[] = {
        { "max_tokens", self->max_tokens },
        { "temperature", "temperature" },
        { "top_p", "top_p" },
        { "stop", "stop" },
        { "seed", self->seed },
        { "presence_penalty", "presence_penalty" },
        { "frequency_penalty", "frequency_penalty" },
        { "parallel_tools", "parallel_tool_calls" },
        { "user", "user" },
        { "top_k", NULL },
        { NULL, NULL },
    };

    wire_members(rows, self->drop, request, body, ret);
}

static json_t *messages(const struct openai *self, const json_t *request,
                        struct td_wire_request *ret)
{
    json_t *list = json_array();
    const json_t *message;
    size_t i;

    json_array_foreach (json_object_get(request, "messages"), i, message)
        add_message(self, message, list, ret);
    return list;
}

int openai_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err)
{
    const struct openai *self = td_self(ctx);
    const json_t *wanted = json_object_get(request, "tools"),
                 *tool_choice = json_object_get(request, "tool_choice");

    ret->path = self->path;
    ret->body = json_pack("{s:O, s:o}", "model", json_object_get(request, "model"), "messages",
                          messages(self, request, ret));
    if (ret->body == NULL)
        return wire_fail_memory(err);
    if (json_array_size(wanted) > 0) {
        json_object_set_new(ret->body, "tools", wire_functions(wanted, true));
        if (tool_choice != NULL)
            json_object_set_new(ret->body, "tool_choice", choice(self, tool_choice));
    }
    set_numbers(self, request, ret->body, ret);
    set_output(self, json_object_get(request, "output"), ret->body, ret);
    if (json_object_get(request, "reasoning") != NULL)
        set_reasoning(self, json_object_get(request, "reasoning"), ret->body, ret);
    if (is_stream)
        json_object_set_new(ret->body, "stream", json_true());
    if (is_stream && self->stream_usage)
        json_object_set_new(ret->body, "stream_options", json_pack("{s:b}", "include_usage", 1));
    json_object_update(ret->body, self->more);
    return 0;
}
