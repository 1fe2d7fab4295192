/* SPDX-License-Identifier: Apache-2.0 */
/* request: the host's request as a body of generateContent. */
#include "gemini.h"

const char *gemini_model(const json_t *request)
{
    static const char before[] = "models/";
    const char *model = wire_str(request, "model", "");

    return strncmp(model, before, strlen(before)) == 0 ? model + strlen(before) : model;
}

/* --- tools --- */

static void set_schema(const struct gemini *self, const json_t *schema, json_t *into,
                       const char *key, const char *older_key, struct td_wire_request *ret)
{
    if (strcmp(self->schema, "openapi") == 0)
        json_object_set_new(into, older_key, gemini_schema(schema, ret));
    else
        json_object_set(into, key, (json_t *)(uintptr_t)schema);
}

/* An object without any property is refused as a parameter; none at all is not. */
static json_t *declarations(const struct gemini *self, const json_t *tools,
                            struct td_wire_request *ret)
{
    json_t *list = json_array();
    const json_t *tool;
    size_t i;

    json_array_foreach (tools, i, tool) {
        const json_t *input = json_object_get(tool, "input");
        json_t *made = json_pack("{s:O, s:O*}", "name", json_object_get(tool, "name"),
                                 "description", json_object_get(tool, "description"));

        if (json_object_size(json_object_get(input, "properties")) > 0)
            set_schema(self, input, made, "parametersJsonSchema", "parameters", ret);
        if (json_is_true(json_object_get(tool, "strict")))
            wire_drop_word(ret, "strict");
        json_array_append_new(list, made);
    }
    return list;
}

static json_t *choice(const json_t *wanted)
{
    const char *word = json_string_value(wanted);

    if (word == NULL)
        return json_pack("{s:s, s:[O]}", "mode", "ANY", "allowedFunctionNames",
                         json_object_get(wanted, "name"));
    return json_pack("{s:s}", "mode",
                     strcmp(word, "required") == 0 ? "ANY"
                     : strcmp(word, "none") == 0   ? "NONE"
                                                   : "AUTO");
}

/* A tool that must be used must be there; other words for tools mean nothing without one. */
static void set_tools(const struct gemini *self, const json_t *request, json_t *body,
                      struct td_wire_request *ret)
{
    const json_t *tools = json_object_get(request, "tools"),
                 *wanted = json_object_get(request, "tool_choice");

    if (json_array_size(tools) == 0) {
        if (wanted != NULL && strcmp(wire_str(request, "tool_choice", "required"), "required") == 0)
            wire_drop_word(ret, "tool_choice");
        return;
    }
    json_object_set_new(
        body, "tools",
        json_pack("[{s:o}]", "functionDeclarations", declarations(self, tools, ret)));
    if (wanted != NULL)
        json_object_set_new(body, "toolConfig",
                            json_pack("{s:o}", "functionCallingConfig", choice(wanted)));
    if (json_is_false(json_object_get(request, "parallel_tools")))
        wire_drop_word(ret, "parallel_tools");
}

/* --- reasoning --- */

static const struct {
    const char *effort; /* the host's */
    const char *level;
    int budget;
    const char *told; /* what is not quite so with a level; NULL: nothing */
} efforts[] = {
    { "none", "MINIMAL", 0, "a reasoning.effort of none" },
    { "minimal", "MINIMAL", 512, NULL },
    { "low", "LOW", 1024, NULL },
    { "medium", "MEDIUM", 8192, NULL },
    { "high", "HIGH", 24576, NULL },
    { "max", "HIGH", 24576, "a reasoning.effort of more than high" },
};
enum { EFFORTS = sizeof(efforts) / sizeof(efforts[0]) };

/* NULL: nothing is to be said. */
static json_t *config_of_effort(const char *way, const char *effort, struct td_wire_request *ret)
{
    bool has_levels = strcmp(way, "level") == 0;
    size_t i = 0;

    while (i < EFFORTS && strcmp(efforts[i].effort, effort) != 0)
        i++;
    if (i == EFFORTS) {
        wire_drop_word(ret, "reasoning.effort");
        return NULL;
    }
    if (efforts[i].told != NULL && (has_levels || efforts[i].budget > 0))
        wire_drop_word(ret, efforts[i].told);
    return has_levels ? json_pack("{s:s}", "thinkingLevel", efforts[i].level)
                      : json_pack("{s:i}", "thinkingBudget", efforts[i].budget);
}

static void set_reasoning(const struct gemini *self, const json_t *request, json_t *config,
                          struct td_wire_request *ret)
{
    const json_t *reasoning = json_object_get(request, "reasoning"),
                 *budget = json_object_get(reasoning, "budget");
    const char *effort = wire_str(reasoning, "effort", NULL);
    bool is_off = effort != NULL ? strcmp(effort, "none") == 0 : json_integer_value(budget) == 0;
    const char *way = wire_of_model(self->reasoning_of, gemini_model(request), self->reasoning);
    json_t *thinking;

    if (strcmp(way, "none") == 0) {
        if (!is_off)
            wire_drop(ret, request, "reasoning");
        return;
    }
    if (effort != NULL && budget != NULL)
        wire_drop_word(ret, "reasoning.budget");
    if (effort != NULL)
        thinking = config_of_effort(way, effort, ret);
    else
        thinking = budget != NULL ? json_pack("{s:O}", "thinkingBudget", budget) : NULL;
    if (thinking == NULL)
        return;
    if (self->show_thoughts && !is_off)
        json_object_set_new(thinking, "includeThoughts", json_true());
    json_object_set_new(config, "thinkingConfig", thinking);
}

/* --- generationConfig --- */

/* key NULL: this wire has no word for it. */
static const struct {
    const char *name, *key;
} members[] = {
    { "max_tokens", "maxOutputTokens" },
    { "temperature", "temperature" },
    { "top_p", "topP" },
    { "top_k", "topK" },
    { "stop", "stopSequences" },
    { "seed", "seed" },
    { "presence_penalty", "presencePenalty" },
    { "frequency_penalty", "frequencyPenalty" },
    { "user", NULL },
};

static void set_members(const struct gemini *self, const json_t *request, json_t *config,
                        struct td_wire_request *ret)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (members[i].key != NULL && wire_may(self->drop, members[i].name))
            wire_copy(config, members[i].key, request, members[i].name);
        else
            wire_drop(ret, request, members[i].name);
    }
}

static void set_output(const struct gemini *self, const json_t *request, json_t *config,
                       struct td_wire_request *ret)
{
    const json_t *output = json_object_get(request, "output");
    const char *type = wire_str(output, "type", "text");

    if (strcmp(type, "text") == 0)
        return;
    json_object_set_new(config, "responseMimeType", json_string("application/json"));
    if (strcmp(type, "schema") != 0)
        return;
    if (strcmp(self->schema, "none") == 0)
        wire_drop_word(ret, "output.schema");
    else
        set_schema(self, json_object_get(output, "schema"), config, "responseJsonSchema",
                   "responseSchema", ret);
}

/* --- the whole --- */

static void set_system(const json_t *request, json_t *body, struct td_wire_request *ret)
{
    json_t *texts = turns_system(json_object_get(request, "messages"), true, ret),
           *parts = json_array(), *text;
    size_t i;

    json_array_foreach (texts, i, text)
        json_array_append_new(parts, json_pack("{s:O}", "text", text));
    if (i > 0)
        json_object_set_new(body, "systemInstruction", json_pack("{s:O}", "parts", parts));
    json_decref(parts);
    json_decref(texts);
}

static json_t *body_of(const struct gemini *self, const json_t *request, json_t *contents,
                       struct td_wire_request *ret)
{
    json_t *body = json_pack("{s:o}", "contents", contents), *config = json_object();

    set_system(request, body, ret);
    set_tools(self, request, body, ret);
    set_members(self, request, config, ret);
    set_output(self, request, config, ret);
    set_reasoning(self, request, config, ret);
    if (json_object_size(config) > 0)
        json_object_set(body, "generationConfig", config);
    json_decref(config);
    return body;
}

int gemini_chat(struct td_ctx *ctx, const json_t *request, bool is_stream,
                struct td_wire_request *ret, struct td_err *err)
{
    const struct gemini *self = td_self(ctx);
    json_t *contents = gemini_contents(self, request, ret);

    if (json_array_size(contents) == 0) {
        json_decref(contents);
        return td_fail(err, TD_E_UNSUPPORTED,
                       "nobody says anything: besides instructions, a request needs a message");
    }
    ret->body = body_of(self, request, contents, ret);
    ret->path =
        wire_path(ctx, is_stream ? self->stream_path : self->path, gemini_model(request), err);
    if (ret->path == NULL || ret->body == NULL)
        return ret->path == NULL ? -1 : wire_fail_memory(err);
    wire_add_extra(ret->body, self->more);
    return 0;
}
