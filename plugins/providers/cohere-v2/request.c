/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: the host's request as a body of /v2/chat.
 *
 * What a model thought before it called tools is a member of its own there, `tool_plan`; other
 * thoughts are parts.
 */
#include "cohere.h"

/* --- messages --- */

static json_t *content_part(const json_t *part)
{
    if (wire_is(part, "text"))
        return json_pack("{s:s, s:O}", "type", "text", "text", json_object_get(part, "text"));
    if (wire_is(part, "image"))
        return json_pack("{s:s, s:{s:o, s:O*}}", "type", "image_url", "image_url", "url",
                         wire_image_url(part), "detail", json_object_get(part, "detail"));
    return NULL;
}

static json_t *result_message(const json_t *part, struct td_wire_request *ret)
{
    return json_pack("{s:s, s:O, s:o}", "role", "tool", "tool_call_id", json_object_get(part, "id"),
                     "content", wire_result_text(ret, part));
}

static json_t *call(const json_t *part)
{
    return json_pack("{s:s, s:s, s:{s:O, s:o}}", "id", wire_str(part, "id", ""), "type", "function",
                     "function", "name", json_object_get(part, "name"), "arguments",
                     wire_input_text(part));
}

/* What an assistant said, sorted by where it goes. */
struct said {
    json_t *content, *plan, *calls;
};

static void sort_part(struct said *said, const json_t *part, bool has_plan,
                      struct td_wire_request *ret)
{
    json_t *text = json_object_get(part, "text");

    wire_drop_signature(ret, part);
    if (wire_is(part, "tool_call"))
        json_array_append_new(said->calls, call(part));
    else if (wire_is(part, "thinking") && has_plan)
        json_array_append(said->plan, (json_t *)(uintptr_t)part);
    else if (wire_is(part, "thinking"))
        json_array_append_new(said->content,
                              json_pack("{s:s, s:O}", "type", "thinking", "thinking", text));
    else if (wire_is(part, "text"))
        json_array_append_new(said->content, json_pack("{s:s, s:O}", "type", "text", "text", text));
    else
        wire_drop_part(ret, part);
}

static bool has_calls(const json_t *parts)
{
    const json_t *part;
    size_t i;

    json_array_foreach (parts, i, part)
        if (wire_is(part, "tool_call"))
            return true;
    return false;
}

/* The text of thoughts, which wire_text() does not look at. */
static json_t *plan_text(const json_t *thoughts)
{
    json_t *text = json_string("");
    const json_t *part;
    size_t i;

    json_array_foreach (thoughts, i, part) {
        json_t *next = json_sprintf("%s%s%s", json_string_value(text), i > 0 ? "\n" : "",
                                    wire_str(part, "text", ""));

        json_decref(text);
        text = next;
    }
    return text;
}

static json_t *assistant_message(const struct cohere *self, const json_t *parts,
                                 struct td_wire_request *ret)
{
    json_t *message = json_pack("{s:s}", "role", "assistant");
    struct said said = { json_array(), json_array(), json_array() };
    bool has_plan = self->plan && has_calls(parts);
    const json_t *part;
    size_t i;

    json_array_foreach (parts, i, part)
        sort_part(&said, part, has_plan, ret);
    if (json_array_size(said.content) > 0)
        json_object_set_new(message, "content",
                            wire_is_text(said.content) ? wire_text(said.content, "")
                                                       : json_incref(said.content));
    else if (json_array_size(said.calls) == 0)
        json_object_set_new(message, "content", json_string(""));
    if (json_array_size(said.plan) > 0)
        json_object_set_new(message, "tool_plan", plan_text(said.plan));
    if (json_array_size(said.calls) > 0)
        json_object_set(message, "tool_calls", said.calls);
    json_decref(said.content);
    json_decref(said.plan);
    json_decref(said.calls);
    return message;
}

/* Results of tools first, each a message of its own, then what was said besides. */
static void add_message(const struct cohere *self, const json_t *message, json_t *messages,
                        struct td_wire_request *ret)
{
    const char *role = wire_str(message, "role", "user");
    const json_t *parts = json_object_get(message, "parts"), *part;
    json_t *rest;
    size_t i;

    if (strcmp(role, "assistant") == 0) {
        json_array_append_new(messages, assistant_message(self, parts, ret));
        return;
    }
    rest = json_array();
    json_array_foreach (parts, i, part) {
        if (wire_is(part, "tool_result"))
            json_array_append_new(messages, result_message(part, ret));
        else
            json_array_append(rest, (json_t *)(uintptr_t)part);
    }
    if (json_array_size(rest) > 0 || json_array_size(parts) == 0)
        json_array_append_new(messages,
                              json_pack("{s:s, s:o}", "role",
                                        strcmp(role, "system") == 0 ? "system" : "user", "content",
                                        wire_content(rest, content_part, ret)));
    json_decref(rest);
}

static json_t *messages_of(const struct cohere *self, const json_t *request,
                           struct td_wire_request *ret)
{
    json_t *list = json_array();
    const json_t *message;
    size_t i;

    json_array_foreach (json_object_get(request, "messages"), i, message)
        add_message(self, message, list, ret);
    return list;
}

/* --- tools --- */

/* One tool is forced by being the only one. */
static json_t *only(const json_t *tools, const char *name)
{
    json_t *list = json_array();
    const json_t *tool;
    size_t i;

    json_array_foreach (tools, i, tool)
        if (strcmp(wire_str(tool, "name", ""), name) == 0)
            json_array_append(list, (json_t *)(uintptr_t)tool);
    return list;
}

static void set_choice(const char *word, json_t *body)
{
    if (strcmp(word, "required") == 0)
        json_object_set_new(body, "tool_choice", json_string("REQUIRED"));
    if (strcmp(word, "none") == 0)
        json_object_set_new(body, "tool_choice", json_string("NONE"));
}

static void set_tools(const json_t *request, json_t *body, struct td_wire_request *ret)
{
    json_t *tools = json_object_get(request, "tools"),
           *choice = json_object_get(request, "tool_choice");
    bool is_named = json_is_object(choice);
    int strict;

    if (json_is_false(json_object_get(request, "parallel_tools")))
        wire_drop_word(ret, "parallel_tools");
    if (json_array_size(tools) == 0)
        return;
    tools = is_named ? only(tools, wire_str(choice, "name", "")) : json_incref(tools);
    strict = wire_are_strict(tools);
    json_object_set_new(body, "tools", wire_functions(tools, false));
    set_choice(is_named ? "required" : wire_str(request, "tool_choice", "auto"), body);
    if (strict == 1)
        json_object_set_new(body, "strict_tools", json_true());
    if (strict < 0)
        wire_drop_word(ret, "strict");
    json_decref(tools);
}

/* --- the rest --- */

static void set_output(const struct cohere *self, const json_t *output, json_t *body,
                       struct td_wire_request *ret)
{
    const char *type = wire_str(output, "type", "text");
    bool is_schema = strcmp(type, "schema") == 0,
         knows_schema = strcmp(self->schema, "schema") == 0,
         knows_json = strcmp(self->schema, "none") != 0;

    if (strcmp(type, "text") == 0)
        return;
    if (knows_json)
        json_object_set_new(
            body, "response_format",
            json_pack("{s:s, s:O*}", "type", "json_object", "json_schema",
                      is_schema && knows_schema ? json_object_get(output, "schema") : NULL));
    if (!knows_json || (is_schema && !knows_schema))
        wire_drop_word(ret, is_schema ? "output.schema" : "output");
}

static void set_reasoning(const struct cohere *self, const json_t *reasoning, json_t *body,
                          struct td_wire_request *ret)
{
    const char *effort = wire_str(reasoning, "effort", "");
    bool is_off = strcmp(effort, "none") == 0;

    if (reasoning == NULL)
        return;
    if (!self->thinking) {
        wire_drop_word(ret, "reasoning");
        return;
    }
    json_object_set_new(body, "thinking",
                        json_pack("{s:s, s:O*}", "type", is_off ? "disabled" : "enabled",
                                  "token_budget",
                                  is_off ? NULL : json_object_get(reasoning, "budget")));
    if (effort[0] != '\0' && !is_off)
        wire_drop_word(ret, "reasoning.effort");
}

int cohere_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err)
{
    static const char *const stream_headers[] = { "Accept: text/event-stream", NULL };
    static const struct wire_member rows[] = {
        { "max_tokens", "max_tokens" },
        { "temperature", "temperature" },
        { "top_p", "p" },
        { "top_k", "k" },
        { "stop", "stop_sequences" },
        { "seed", "seed" },
        { "presence_penalty", "presence_penalty" },
        { "frequency_penalty", "frequency_penalty" },
        { "user", NULL },
        { NULL, NULL },
    };
    const struct cohere *self = td_self(ctx);

    ret->path = self->path;
    ret->headers = is_stream ? stream_headers : NULL;
    ret->body = json_pack("{s:O, s:o}", "model", json_object_get(request, "model"), "messages",
                          messages_of(self, request, ret));
    if (ret->body == NULL)
        return wire_fail_memory(err);
    set_tools(request, ret->body, ret);
    wire_members(rows, self->drop, request, ret->body, ret);
    set_output(self, json_object_get(request, "output"), ret->body, ret);
    set_reasoning(self, json_object_get(request, "reasoning"), ret->body, ret);
    json_object_set_new(ret->body, "stream", json_boolean(is_stream));
    json_object_update(ret->body, self->more);
    return 0;
}
