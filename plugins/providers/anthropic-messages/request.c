/* SPDX-License-Identifier: Apache-2.0 */
/* request: the host's request as a body of messages. */
#include "anthropic.h"

/* --- tools --- */

/* Its schema is that of an object, and says so. Only of a strict one the server wants more. */
static json_t *input_schema(const struct anthropic *self, const json_t *tool, bool is_strict,
                            struct td_wire_request *ret)
{
    json_t *schema = wire_tool_input(tool), *typed;

    if (json_object_get(schema, "type") == NULL) {
        typed = json_copy(schema);
        json_object_set_new(typed, "type", json_string("object"));
        json_decref(schema);
        schema = typed;
    }
    if (!is_strict)
        return schema;
    typed = anthropic_schema(self, schema, ret);
    json_decref(schema);
    return typed;
}

static json_t *tools(const struct anthropic *self, const json_t *tools_in,
                     struct td_wire_request *ret)
{
    bool has_strict = wire_may(self->drop, "strict");
    json_t *list = json_array();
    const json_t *tool;
    size_t i;

    json_array_foreach (tools_in, i, tool) {
        json_t *strict = json_object_get(tool, "strict");
        bool is_strict = has_strict && json_is_true(strict);

        if (json_is_true(strict) && !has_strict)
            wire_drop_word(ret, "strict");
        json_array_append_new(list, json_pack("{s:O, s:O*, s:o, s:O*}", "name",
                                              json_object_get(tool, "name"), "description",
                                              json_object_get(tool, "description"), "input_schema",
                                              input_schema(self, tool, is_strict, ret), "strict",
                                              has_strict ? strict : NULL));
    }
    return list;
}

/* NULL: as the server does it by itself */
static json_t *choice(const json_t *request)
{
    const json_t *wanted = json_object_get(request, "tool_choice");
    bool is_single = json_is_false(json_object_get(request, "parallel_tools"));
    const char *word = json_string_value(wanted);
    json_t *made;

    if (wanted == NULL && !is_single)
        return NULL;
    if (json_is_object(wanted))
        made = json_pack("{s:s, s:O}", "type", "tool", "name", json_object_get(wanted, "name"));
    else
        made = json_pack("{s:s}", "type",
                         word == NULL                    ? "auto"
                         : strcmp(word, "required") == 0 ? "any"
                                                         : word);
    if (is_single && (word == NULL || strcmp(word, "none") != 0))
        json_object_set_new(made, "disable_parallel_tool_use", json_true());
    return made;
}

/* A tool that must be used must be there; other words for tools mean nothing without one. */
static void set_tools(const struct anthropic *self, const json_t *request, json_t *body,
                      struct td_wire_request *ret)
{
    const json_t *wanted = json_object_get(request, "tools"),
                 *tool_choice = json_object_get(request, "tool_choice");
    const char *word = wire_str(request, "tool_choice", "required");
    json_t *made;

    if (json_array_size(wanted) == 0) {
        if (tool_choice != NULL && strcmp(word, "required") == 0)
            wire_drop_word(ret, "tool_choice");
        return;
    }
    json_object_set_new(body, "tools", tools(self, wanted, ret));
    made = choice(request);
    if (made != NULL)
        json_object_set_new(body, "tool_choice", made);
}

/* --- numbers --- */

static void set_temperature(const struct anthropic *self, const json_t *request, json_t *body,
                            struct td_wire_request *ret)
{
    const json_t *wanted = json_object_get(request, "temperature");

    if (json_number_value(wanted) <= self->temperature_max) {
        wire_copy(body, "temperature", request, "temperature");
        return;
    }
    wire_drop_word(ret, "a temperature above what the server knows");
    json_object_set_new(body, "temperature", json_real(self->temperature_max));
}

/* The server refuses those of nothing but white space. */
static void set_stop(const struct anthropic *self, const json_t *request, json_t *body,
                     struct td_wire_request *ret)
{
    json_t *list = json_array(), *text;
    size_t i;

    (void)self;
    json_array_foreach (json_object_get(request, "stop"), i, text) {
        const char *word = json_string_value(text);

        if (word[strspn(word, " \t\r\n")] != '\0')
            json_array_append(list, text);
        else
            wire_drop_word(ret, "a stop of white space");
    }
    if (json_array_size(list) > 0)
        json_object_set(body, "stop_sequences", list);
    json_decref(list);
}

static void set_user(const struct anthropic *self, const json_t *request, json_t *body,
                     struct td_wire_request *ret)
{
    (void)self, (void)ret;
    json_object_set_new(body, "metadata",
                        json_pack("{s:O}", "user_id", json_object_get(request, "user")));
}

static void set_top_p(const struct anthropic *self, const json_t *request, json_t *body,
                      struct td_wire_request *ret)
{
    (void)self, (void)ret;
    wire_copy(body, "top_p", request, "top_p");
}

static void set_top_k(const struct anthropic *self, const json_t *request, json_t *body,
                      struct td_wire_request *ret)
{
    (void)self, (void)ret;
    wire_copy(body, "top_k", request, "top_k");
}

/* set NULL: this wire has no word for it. */
static const struct {
    const char *name;
    void (*set)(const struct anthropic *self, const json_t *request, json_t *body,
                struct td_wire_request *ret);
} members[] = {
    { "temperature", set_temperature },
    { "top_p", set_top_p },
    { "top_k", set_top_k },
    { "stop", set_stop },
    { "user", set_user },
    { "seed", NULL },
    { "presence_penalty", NULL },
    { "frequency_penalty", NULL },
};

static void set_members(const struct anthropic *self, const json_t *request, json_t *body,
                        struct td_wire_request *ret)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (json_object_get(request, members[i].name) == NULL)
            continue;
        if (members[i].set != NULL && wire_may(self->drop, members[i].name))
            members[i].set(self, request, body, ret);
        else
            wire_drop_word(ret, members[i].name);
    }
}

/* --- the rest --- */

static void set_output(const struct anthropic *self, const json_t *request, json_t *body,
                       struct td_wire_request *ret)
{
    const json_t *output = json_object_get(request, "output");
    const char *type = wire_str(output, "type", "text");

    if (strcmp(type, "text") == 0)
        return;
    if (strcmp(type, "schema") != 0 || strcmp(self->schema, "none") == 0) {
        wire_drop_word(ret, strcmp(type, "schema") == 0 ? "output.schema" : "output");
        return;
    }
    json_object_set_new(anthropic_object(body, "output_config"), "format",
                        json_pack("{s:s, s:o}", "type", "json_schema", "schema",
                                  anthropic_schema(self, json_object_get(output, "schema"), ret)));
}

static void set_system(const struct anthropic *self, const json_t *request, json_t *body,
                       struct td_wire_request *ret)
{
    bool is_all = strcmp(self->system, "anywhere") != 0;
    json_t *texts = turns_system(json_object_get(request, "messages"), is_all, ret);

    if (json_array_size(texts) == 1)
        json_object_set(body, "system", json_array_get(texts, 0));
    else if (json_array_size(texts) > 1) {
        json_t *list = json_array(), *text;
        size_t i;

        json_array_foreach (texts, i, text)
            json_array_append_new(list, json_pack("{s:s, s:O}", "type", "text", "text", text));
        json_object_set_new(body, "system", list);
    }
    json_decref(texts);
}

static json_t *body_of(const struct anthropic *self, const json_t *request, json_t *turns,
                       struct td_wire_request *ret)
{
    const json_t *limit = json_object_get(request, "max_tokens");
    json_t *body =
        json_pack("{s:I, s:o}", "max_tokens",
                  (json_int_t)(limit != NULL ? json_integer_value(limit) : self->max_tokens),
                  "messages", turns);

    if (!wire_path_has_model(ret->path))
        wire_copy(body, "model", request, "model");
    if (strcmp(self->version_in, "body") == 0)
        json_object_set_new(body, "anthropic_version", json_string(self->version));
    set_system(self, request, body, ret);
    set_members(self, request, body, ret);
    set_tools(self, request, body, ret);
    set_output(self, request, body, ret);
    anthropic_reason(self, request, body, ret);
    return body;
}

int anthropic_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                   struct td_wire_request *ret, struct td_err *err)
{
    const struct anthropic *self = td_self(ctx);
    json_t *turns = anthropic_turns(self, request, ret);

    if (json_array_size(turns) == 0) {
        json_decref(turns);
        return td_fail(err, TD_E_UNSUPPORTED,
                       "nobody says anything: besides instructions, a request needs a message");
    }
    ret->path = is_stream && self->stream_path[0] != '\0' ? self->stream_path : self->path;
    ret->headers = self->headers;
    ret->body = body_of(self, request, turns, ret);
    ret->path = wire_path(ctx, ret->path, wire_str(request, "model", ""), err);
    if (ret->path == NULL || ret->body == NULL)
        return ret->path == NULL ? -1 : wire_fail_memory(err);
    if (is_stream)
        json_object_set_new(ret->body, "stream", json_true());
    wire_add_extra(ret->body, self->more);
    return 0;
}
