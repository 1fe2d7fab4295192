/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: the host's request as a body of /api/chat or /api/embed.
 *
 * The server streams unless it is told not to, and cuts what is too long unless it is told not to:
 * both are always said.
 */
#include "ollama.h"

#include <stdlib.h>

/* --- messages --- */

/* The list at the key, made when need be. Borrowed; NULL: no memory, which the host will tell. */
static json_t *list_at(json_t *message, const char *key)
{
    if (json_object_get(message, key) == NULL)
        json_object_set_new(message, key, json_array());
    return json_object_get(message, key);
}

static void add_image(json_t *message, const json_t *part, struct td_wire_request *ret)
{
    const char *data = wire_image_data(part);

    if (json_object_get(part, "detail") != NULL)
        wire_drop_word(ret, "detail");
    if (data == NULL) {
        wire_drop_word(ret, "an image by its url");
        return;
    }
    json_array_append_new(list_at(message, "images"), json_string(data));
}

/* The input of a tool is an object there. */
static json_t *arguments(const json_t *part)
{
    json_t *input = wire_input(part);

    return json_is_object(input) ? input : json_pack("{s:o}", "_value", input);
}

static void add_call(json_t *message, const json_t *part)
{
    json_t *calls = list_at(message, "tool_calls");

    json_array_append_new(calls,
                          json_pack("{s:O*, s:{s:i, s:O, s:o}}", "id", json_object_get(part, "id"),
                                    "function", "index", (int)json_array_size(calls), "name",
                                    json_object_get(part, "name"), "arguments", arguments(part)));
}

static void add_thoughts(json_t *message, const json_t *part)
{
    const char *before = wire_str(message, "thinking", "");

    json_object_set_new(message, "thinking",
                        json_sprintf("%s%s", before, wire_str(part, "text", "")));
}

/* Everything but its texts, which are one. */
static void add_part(json_t *message, const json_t *part, bool is_assistant,
                     struct td_wire_request *ret)
{
    wire_drop_signature(ret, part);
    if (wire_is(part, "text"))
        return;
    if (wire_is(part, "image"))
        add_image(message, part, ret);
    else if (is_assistant && wire_is(part, "tool_call"))
        add_call(message, part);
    else if (is_assistant && wire_is(part, "thinking"))
        add_thoughts(message, part);
    else
        wire_drop_part(ret, part);
}

static json_t *message_of(const char *role, const json_t *parts, struct td_wire_request *ret)
{
    bool is_assistant = strcmp(role, "assistant") == 0;
    json_t *message = json_pack("{s:s, s:o}", "role", role, "content",
                                wire_text(parts, is_assistant ? "" : "\n"));
    const json_t *part;
    size_t i;

    json_array_foreach (parts, i, part)
        add_part(message, part, is_assistant, ret);
    return message;
}

/* --- results of tools --- */

/* The server goes by the name of a tool, which stands with its call. */
static const char *called_name(const json_t *messages, const char *id)
{
    for (size_t i = json_array_size(messages); i > 0; i--) {
        const json_t *part;
        size_t j;

        json_array_foreach (json_object_get(json_array_get(messages, i - 1), "parts"), j, part)
            if (wire_is(part, "tool_call") && strcmp(wire_str(part, "id", ""), id) == 0)
                return wire_str(part, "name", NULL);
    }
    return NULL;
}

static json_t *result_message(const json_t *request, const json_t *part,
                              struct td_wire_request *ret)
{
    const char *id = wire_str(part, "id", ""), *name = wire_str(part, "name", NULL);
    json_t *message = message_of("tool", json_object_get(part, "parts"), ret);

    if (name == NULL)
        name = called_name(json_object_get(request, "messages"), id);
    if (name != NULL)
        json_object_set_new(message, "tool_name", json_string(name));
    json_object_set_new(message, "tool_call_id", json_string(id));
    if (json_is_true(json_object_get(part, "is_error")))
        wire_drop_word(ret, "is_error");
    wire_drop_signature(ret, part);
    return message;
}

/* Results of tools first, each a message of its own, then what was said besides. */
static void add_message(const json_t *request, const json_t *message, json_t *messages,
                        struct td_wire_request *ret)
{
    const char *role = wire_str(message, "role", "user");
    const json_t *part;
    json_t *rest = json_array();
    size_t i;

    json_array_foreach (json_object_get(message, "parts"), i, part) {
        if (wire_is(part, "tool_result"))
            json_array_append_new(messages, result_message(request, part, ret));
        else
            json_array_append(rest, (json_t *)(uintptr_t)part);
    }
    if (json_array_size(rest) > 0 || json_array_size(json_object_get(message, "parts")) == 0)
        json_array_append_new(messages,
                              message_of(strcmp(role, "tool") == 0 ? "user" : role, rest, ret));
    json_decref(rest);
}

static json_t *messages_of(const json_t *request, struct td_wire_request *ret)
{
    json_t *list = json_array();
    const json_t *message;
    size_t i;

    json_array_foreach (json_object_get(request, "messages"), i, message)
        add_message(request, message, list, ret);
    return list;
}

/* --- the rest --- */

/* Without a word for it, a model that may use no tool is shown none. */
static void set_tools(const json_t *request, json_t *body, struct td_wire_request *ret)
{
    const json_t *tools = json_object_get(request, "tools"),
                 *choice = json_object_get(request, "tool_choice");
    const char *word = wire_str(request, "tool_choice", "");

    if (json_is_false(json_object_get(request, "parallel_tools")))
        wire_drop_word(ret, "parallel_tools");
    if (json_array_size(tools) == 0 || strcmp(word, "none") == 0)
        return;
    json_object_set_new(body, "tools", wire_functions(tools, false));
    if (choice != NULL && strcmp(word, "auto") != 0)
        wire_drop_word(ret, "tool_choice");
    if (wire_are_strict(tools) != 0)
        wire_drop_word(ret, "strict");
}

static void set_output(const struct ollama *self, const json_t *output, json_t *body,
                       struct td_wire_request *ret)
{
    const char *type = wire_str(output, "type", "text");
    bool is_schema = strcmp(type, "schema") == 0,
         knows_schema = strcmp(self->schema, "schema") == 0,
         knows_json = strcmp(self->schema, "none") != 0;

    if (strcmp(type, "text") == 0)
        return;
    if (is_schema && knows_schema)
        json_object_set(body, "format", json_object_get(output, "schema"));
    else if (knows_json)
        json_object_set_new(body, "format", json_string("json"));
    if (!knows_json || (is_schema && !knows_schema))
        wire_drop_word(ret, is_schema ? "output.schema" : "output");
}

/* The three words there are, for ours. is_near: that is not quite what was asked for. */
static const struct {
    const char *effort, *level;
    bool is_near;
} levels[] = {
    { "minimal", "low", true }, { "low", "low", false }, { "medium", "medium", false },
    { "high", "high", false },  { "max", "high", true },
};

static json_t *level_of(const char *effort, struct td_wire_request *ret)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (strcmp(levels[i].effort, effort) == 0) {
            if (levels[i].is_near)
                wire_drop_word(ret, "reasoning.effort");
            return json_string(levels[i].level);
        }
    wire_drop_word(ret, "reasoning.effort");
    return json_true();
}

static void set_reasoning(const struct ollama *self, const json_t *reasoning, json_t *body,
                          struct td_wire_request *ret)
{
    const char *effort = wire_str(reasoning, "effort", NULL);

    if (reasoning == NULL)
        return;
    if (strcmp(self->think, "none") == 0) {
        wire_drop_word(ret, "reasoning");
        return;
    }
    if (json_object_get(reasoning, "budget") != NULL)
        wire_drop_word(ret, "reasoning.budget");
    if (effort != NULL && strcmp(effort, "none") == 0)
        json_object_set_new(body, "think", json_false());
    else if (effort != NULL && strcmp(self->think, "levels") == 0)
        json_object_set_new(body, "think", level_of(effort, ret));
    else {
        json_object_set_new(body, "think", json_true());
        if (effort != NULL)
            wire_drop_word(ret, "reasoning.effort");
    }
}

static void set_options(const struct ollama *self, const json_t *request, json_t *body,
                        struct td_wire_request *ret)
{
    static const struct wire_member rows[] = {
        { "max_tokens", "num_predict" },
        { "temperature", "temperature" },
        { "top_p", "top_p" },
        { "top_k", "top_k" },
        { "stop", "stop" },
        { "seed", "seed" },
        { "presence_penalty", "presence_penalty" },
        { "frequency_penalty", "frequency_penalty" },
        { "user", NULL },
        { NULL, NULL },
    };
    json_t *options = json_object();

    wire_members(rows, self->drop, request, options, ret);
    if (self->num_ctx > 0)
        json_object_set_new(options, "num_ctx", json_integer(self->num_ctx));
    json_object_update(options, self->more_settings);
    if (json_object_size(options) > 0)
        json_object_set(body, "options", options);
    json_decref(options);
}

/* A number stands for seconds, and is one there; "5m" is a text. */
static void set_keep_alive(const struct ollama *self, json_t *body)
{
    char *end;
    long seconds = strtol(self->keep_alive, &end, 10);

    if (self->keep_alive[0] == '\0')
        return;
    json_object_set_new(body, "keep_alive",
                        *end == '\0' ? json_integer(seconds) : json_string(self->keep_alive));
}

int ollama_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err)
{
    const struct ollama *self = td_self(ctx);

    ret->path = self->path;
    ret->body = json_pack("{s:O, s:o, s:b}", "model", json_object_get(request, "model"), "messages",
                          messages_of(request, ret), "stream", is_stream);
    if (ret->body == NULL)
        return wire_fail_memory(err);
    set_tools(request, ret->body, ret);
    set_output(self, json_object_get(request, "output"), ret->body, ret);
    set_reasoning(self, json_object_get(request, "reasoning"), ret->body, ret);
    set_options(self, request, ret->body, ret);
    set_keep_alive(self, ret->body);
    if (!self->truncate) {
        json_object_set_new(ret->body, "truncate", json_false());
        json_object_set_new(ret->body, "shift", json_false());
    }
    json_object_update(ret->body, self->more);
    return 0;
}

int ollama_embed(struct td_ctx *ctx, const json_t *request, struct td_wire_request *ret,
                 struct td_err *err)
{
    const struct ollama *self = td_self(ctx);

    ret->path = self->embed_path;
    ret->body = json_pack("{s:O, s:O, s:O*}", "model", json_object_get(request, "model"), "input",
                          json_object_get(request, "texts"), "dimensions",
                          json_object_get(request, "dimensions"));
    if (ret->body == NULL)
        return wire_fail_memory(err);
    wire_drop(ret, request, "purpose");
    set_options(self, NULL, ret->body, ret);
    set_keep_alive(self, ret->body);
    if (!self->truncate)
        json_object_set_new(ret->body, "truncate", json_false());
    json_object_update(ret->body, self->more);
    return 0;
}
