/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: the host's request as a body of responses.
 *
 * The server keeps nothing unless it may: the whole conversation is in each request, and reasoning
 * is asked for sealed, so that it can be in the next one.
 */
#include "responses.h"

/* --- instructions --- */

/* How many messages come first that are instructions, and texts. */
static size_t count_instructions(const struct responses *self, const json_t *messages)
{
    size_t count = 0;

    if (strcmp(self->system, "instructions") != 0)
        return 0;
    for (; count < json_array_size(messages); count++) {
        const json_t *message = json_array_get(messages, count);

        if (strcmp(wire_str(message, "role", ""), "system") != 0 ||
            !wire_is_text(json_object_get(message, "parts")))
            break;
    }
    return count;
}

/* NULL: there are none. */
static json_t *instructions(const json_t *messages, size_t count)
{
    json_t *text = NULL;

    for (size_t i = 0; i < count; i++) {
        json_t *next = wire_text(json_object_get(json_array_get(messages, i), "parts"), "\n"),
               *both = text != NULL ? json_sprintf("%s\n\n%s", json_string_value(text),
                                                   json_string_value(next))
                                    : json_incref(next);

        json_decref(text);
        json_decref(next);
        text = both;
    }
    return text;
}

/* --- tools --- */

/* They are flat there, and strict unless it is denied. */
static json_t *tools_of(const json_t *tools)
{
    json_t *list = json_array();
    const json_t *tool;
    size_t i;

    json_array_foreach (tools, i, tool)
        json_array_append_new(list, json_pack("{s:s, s:O, s:O*, s:o, s:b}", "type", "function",
                                              "name", json_object_get(tool, "name"), "description",
                                              json_object_get(tool, "description"), "parameters",
                                              wire_tool_input(tool), "strict",
                                              json_is_true(json_object_get(tool, "strict"))));
    return list;
}

static void set_tools(const json_t *request, json_t *body)
{
    const json_t *tools = json_object_get(request, "tools");
    json_t *choice = json_object_get(request, "tool_choice");

    if (json_array_size(tools) == 0)
        return;
    json_object_set_new(body, "tools", tools_of(tools));
    if (json_is_string(choice))
        json_object_set(body, "tool_choice", choice);
    else if (choice != NULL)
        json_object_set_new(
            body, "tool_choice",
            json_pack("{s:s, s:O}", "type", "function", "name", json_object_get(choice, "name")));
}

/* --- the rest --- */

static void set_output(const struct responses *self, const json_t *output, json_t *body,
                       struct td_wire_request *ret)
{
    const char *type = wire_str(output, "type", "text");
    bool is_schema = strcmp(type, "schema") == 0,
         knows_schema = strcmp(self->schema, "schema") == 0,
         knows_json = strcmp(self->schema, "none") != 0;
    json_t *format = NULL;

    if (strcmp(type, "text") == 0)
        return;
    if (is_schema && knows_schema)
        format = json_pack("{s:s, s:s, s:O, s:O*}", "type", "json_schema", "name",
                           wire_str(output, "name", "reply"), "schema",
                           json_object_get(output, "schema"), "strict",
                           json_object_get(output, "strict"));
    else if (knows_json)
        format = json_pack("{s:s}", "type", "json_object");
    if (format != NULL)
        json_object_set_new(body, "text", json_pack("{s:o}", "format", format));
    if (!knows_json || (is_schema && !knows_schema))
        wire_drop_word(ret, is_schema ? "output.schema" : "output");
}

static void set_reasoning(const struct responses *self, const json_t *reasoning, json_t *body,
                          struct td_wire_request *ret)
{
    json_t *effort = json_object_get(reasoning, "effort"), *wanted;

    if (reasoning == NULL)
        return;
    if (strcmp(self->reasoning, "none") == 0) {
        wire_drop_word(ret, "reasoning");
        return;
    }
    if (json_object_get(reasoning, "budget") != NULL)
        wire_drop_word(ret, "reasoning.budget");
    wanted = json_pack("{s:O*}", "effort", effort);
    if (strcmp(self->summary, "none") != 0 &&
        strcmp(wire_str(reasoning, "effort", ""), "none") != 0)
        json_object_set_new(wanted, "summary", json_string(self->summary));
    if (json_object_size(wanted) > 0)
        json_object_set(body, "reasoning", wanted);
    json_decref(wanted);
}

/* A model that does not reason refuses to be asked for it. */
static bool wants_thoughts(const struct responses *self, const json_t *request)
{
    const json_t *reasoning = json_object_get(request, "reasoning");

    if (strcmp(self->thoughts, "asked") != 0)
        return strcmp(self->thoughts, "always") == 0;
    return reasoning != NULL && strcmp(self->reasoning, "none") != 0 &&
           strcmp(wire_str(reasoning, "effort", ""), "none") != 0;
}

static void set_keeping(const struct responses *self, const json_t *request, json_t *body)
{
    if (strcmp(self->store, "unsaid") != 0)
        json_object_set_new(body, "store", json_boolean(strcmp(self->store, "yes") == 0));
    if (strcmp(self->store, "yes") != 0 && wants_thoughts(self, request))
        json_object_set_new(body, "include", json_pack("[s]", "reasoning.encrypted_content"));
}

static void set_numbers(const struct responses *self, const json_t *request, json_t *body,
                        struct td_wire_request *ret)
{
    const struct wire_member rows[] = {
        { "max_tokens", "max_output_tokens" },
        { "temperature", "temperature" },
        { "top_p", "top_p" },
        { "parallel_tools", "parallel_tool_calls" },
        { "user", self->user[0] != '\0' ? self->user : NULL },
        { "top_k", NULL },
        { "stop", NULL },
        { "seed", NULL },
        { "presence_penalty", NULL },
        { "frequency_penalty", NULL },
        { NULL, NULL },
    };

    wire_members(rows, self->drop, request, body, ret);
}

int responses_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                   struct td_wire_request *ret, struct td_err *err)
{
    const struct responses *self = td_self(ctx);
    const json_t *messages = json_object_get(request, "messages");
    size_t first = count_instructions(self, messages);

    ret->path = self->path;
    ret->body = json_pack("{s:O, s:o*, s:o}", "model", json_object_get(request, "model"),
                          "instructions", instructions(messages, first), "input",
                          responses_input(self, messages, first, ret));
    if (ret->body == NULL)
        return wire_fail_memory(err);
    set_tools(request, ret->body);
    set_numbers(self, request, ret->body, ret);
    set_output(self, json_object_get(request, "output"), ret->body, ret);
    set_reasoning(self, json_object_get(request, "reasoning"), ret->body, ret);
    set_keeping(self, request, ret->body);
    if (is_stream)
        json_object_set_new(ret->body, "stream", json_true());
    json_object_update(ret->body, self->more);
    return 0;
}
