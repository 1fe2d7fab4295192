/* SPDX-License-Identifier: Apache-2.0 */
/* wire: requests and replies. */
#include "kit/request.h"

#include <stdio.h>
#include <stdlib.h>

const char *wire_str(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : fallback;
}

const json_t *wire_at(const json_t *value, const char *path)
{
    while (value != NULL && *path != '\0') {
        size_t length = strcspn(path, "/");
        char key[64];

        snprintf(key, sizeof(key), "%.*s", (int)length, path);
        value = json_object_get(value, key);
        path += length;
        path += *path == '/';
    }
    return value;
}

int64_t wire_count(const json_t *value, const char *path)
{
    const json_t *count = wire_at(value, path);

    return json_is_integer(count) && json_integer_value(count) >= 0 ? json_integer_value(count)
                                                                    : -1;
}

int64_t wire_sum(int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a + b;
}

bool wire_is(const json_t *part, const char *type)
{
    return strcmp(wire_str(part, "type", ""), type) == 0;
}

/* --- parts of a request --- */

bool wire_is_text(const json_t *parts)
{
    const json_t *part;
    size_t i;

    json_array_foreach (parts, i, part)
        if (!wire_is(part, "text"))
            return false;
    return true;
}

json_t *wire_text(const json_t *parts, const char *between)
{
    const json_t *part;
    json_t *text = json_string("");
    size_t i;

    json_array_foreach (parts, i, part) {
        json_t *next;

        if (!wire_is(part, "text"))
            continue;
        next = json_string_length(text) > 0 ? json_sprintf("%s%s%s", json_string_value(text),
                                                           between, wire_str(part, "text", ""))
                                            : json_string(wire_str(part, "text", ""));
        json_decref(text);
        text = next;
    }
    return text;
}

json_t *wire_image_url(const json_t *part)
{
    const json_t *url = json_object_get(part, "url");

    return url != NULL ? json_incref((json_t *)(uintptr_t)url)
                       : json_sprintf("data:%s;base64,%s", wire_str(part, "mime", "image/png"),
                                      wire_str(part, "data", ""));
}

json_t *wire_input_text(const json_t *part)
{
    const json_t *input = json_object_get(part, "input");
    char *text;
    json_t *value;

    if (input == NULL)
        return json_string(wire_str(part, "input_text", ""));
    text = json_dumps(input, JSON_COMPACT | JSON_ENCODE_ANY);
    value = text != NULL ? json_string(text) : NULL;
    free(text);
    return value;
}

json_t *wire_input(const json_t *part)
{
    const json_t *input = json_object_get(part, "input");

    return input != NULL ? json_incref((json_t *)(uintptr_t)input)
                         : json_pack("{s:s}", "_text", wire_str(part, "input_text", ""));
}

int wire_set_input(json_t *part, const char *text)
{
    json_t *input = text[0] == '\0' ? json_object() : wire_parse(text);

    return input != NULL ? json_object_set_new(part, "input", input)
                         : json_object_set_new(part, "input_text", json_string(text));
}

/* --- a body --- */

bool wire_copy(json_t *body, const char *key, const json_t *request, const char *name)
{
    json_t *value = json_object_get(request, name);

    return value == NULL || json_object_set(body, key, value) == 0;
}

void wire_drop_word(struct td_wire_request *ret, const char *word)
{
    const json_t *said;
    size_t i;

    json_array_foreach (ret->dropped, i, said)
        if (strcmp(json_string_value(said), word) == 0)
            return;
    if (ret->dropped == NULL)
        ret->dropped = json_array();
    json_array_append_new(ret->dropped, json_string(word));
}

void wire_drop(struct td_wire_request *ret, const json_t *request, const char *name)
{
    if (json_object_get(request, name) != NULL)
        wire_drop_word(ret, name);
}

int wire_fail_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a message");
}

int wire_fail_reply(struct td_err *err, const char *why)
{
    return td_fail(err, TD_E_EXTERNAL, "the reply makes no sense: %s", why);
}

/* --- replies --- */

static const char *const finish_names[TD_FINISH_MAX_] = {
    [TD_FINISH_NONE] = "other",
    [TD_FINISH_STOP] = "stop",
    [TD_FINISH_LENGTH] = "length",
    [TD_FINISH_TOOL_CALLS] = "tool_calls",
    [TD_FINISH_CONTENT_FILTER] = "content_filter",
    [TD_FINISH_ERROR] = "error",
    [TD_FINISH_OTHER] = "other",
};

enum td_finish wire_finish(const struct wire_word *rows, const char *word)
{
    while (rows->word != NULL && (word == NULL || strcmp(rows->word, word) != 0))
        rows++;
    return rows->word != NULL ? rows->finish : TD_FINISH_OTHER;
}

const char *wire_finish_name(enum td_finish finish)
{
    return finish_names[finish];
}

json_t *wire_text_part(const char *type, const char *text)
{
    return text != NULL && text[0] != '\0' ? json_pack("{s:s, s:s}", "type", type, "text", text)
                                           : NULL;
}

void wire_add(json_t *parts, json_t *part)
{
    if (part != NULL)
        json_array_append_new(parts, part);
}

void wire_add_calls(json_t *parts, const json_t *calls)
{
    const json_t *call;
    size_t i;

    json_array_foreach (calls, i, call) {
        const json_t *function = json_object_get(call, "function");
        json_t *part =
            json_pack("{s:s, s:s*, s:s}", "type", "tool_call", "id", wire_str(call, "id", NULL),
                      "name", wire_str(function, "name", ""));

        wire_set_input(part, wire_str(function, "arguments", ""));
        wire_add(parts, part);
    }
}

int wire_vectors(const json_t *vectors, const char *name, int64_t tokens, json_t **ret_reply,
                 struct td_err *err)
{
    const json_t *vector;
    size_t i;

    if (!json_is_array(vectors))
        return td_fail(err, TD_E_EXTERNAL, "the reply makes no sense: it has no list %s", name);
    json_array_foreach (vectors, i, vector)
        if (!json_is_array(vector))
            return wire_fail_reply(err, "its vectors are no lists");
    *ret_reply = json_pack("{s:O, s:{}}", "vectors", vectors, "usage");
    if (*ret_reply == NULL)
        return wire_fail_memory(err);
    if (tokens >= 0)
        json_object_set_new(json_object_get(*ret_reply, "usage"), "input", json_integer(tokens));
    return 0;
}

static void add_count(json_t *json, const char *key, int64_t count)
{
    if (count >= 0)
        json_object_set_new(json, key, json_integer(count));
}

static json_t *usage_json(const struct td_usage *usage)
{
    json_t *json = json_object();

    add_count(json, "input", usage->input);
    add_count(json, "cache_read", usage->cache_read);
    add_count(json, "cache_write", usage->cache_write);
    add_count(json, "output", usage->output);
    add_count(json, "reasoning", usage->reasoning);
    return json;
}

json_t *wire_reply(json_t *parts, enum td_finish finish, const char *finish_raw,
                   const struct td_usage *usage, const json_t *usage_raw, const char *id,
                   const char *model)
{
    return json_pack("{s:s*, s:s*, s:o, s:s, s:s*, s:o, s:O*}", "id", id, "model", model, "parts",
                     parts, "finish", wire_finish_name(finish), "finish_raw", finish_raw, "usage",
                     usage_json(usage), "usage_raw", usage_raw);
}

/* --- deltas --- */

int wire_give(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err)
{
    return sink->take(sink, delta, err);
}

int wire_give_begin(const struct td_sink *sink, const char *id, const char *model,
                    struct td_err *err)
{
    const struct td_delta delta = {
        .size = sizeof(delta), .type = TD_DELTA_BEGIN, .id = id, .name = model
    };

    return sink->take(sink, &delta, err);
}

int wire_give_text(const struct td_sink *sink, enum td_delta_type type, uint32_t index,
                   const char *text, struct td_err *err)
{
    const struct td_delta delta = { .size = sizeof(delta),
                                    .type = type,
                                    .index = index,
                                    .text = text,
                                    .length = text != NULL ? strlen(text) : 0 };

    return delta.length > 0 ? sink->take(sink, &delta, err) : 0;
}

int wire_give_tool(const struct td_sink *sink, uint32_t index, const char *id, const char *name,
                   struct td_err *err)
{
    const struct td_delta delta = {
        .size = sizeof(delta), .type = TD_DELTA_TOOL, .index = index, .id = id, .name = name
    };

    return sink->take(sink, &delta, err);
}

int wire_give_finish(const struct td_sink *sink, enum td_finish finish, const char *word,
                     struct td_err *err)
{
    const struct td_delta delta = { .size = sizeof(delta),
                                    .type = TD_DELTA_FINISH,
                                    .finish = finish,
                                    .text = word,
                                    .length = word != NULL ? strlen(word) : 0 };

    return sink->take(sink, &delta, err);
}

int wire_give_usage(const struct td_sink *sink, const struct td_usage *usage, const json_t *raw,
                    struct td_err *err)
{
    const struct td_delta delta = {
        .size = sizeof(delta), .type = TD_DELTA_USAGE, .usage = usage, .json = raw
    };

    return sink->take(sink, &delta, err);
}

int wire_give_fault(const struct td_sink *sink, enum td_fault fault, const char *text,
                    struct td_err *err)
{
    const struct td_delta delta = { .size = sizeof(delta),
                                    .type = TD_DELTA_FAULT,
                                    .fault = fault,
                                    .text = text,
                                    .length = strlen(text) };

    return sink->take(sink, &delta, err);
}

bool wire_has_word(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(text, *words) != NULL)
            return true;
    return false;
}
