/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: is what somebody asks of a model in the host's form? Wires rely on it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/near.h"
#include "model/model.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum kind { TEXT, NUMBER, COUNT_OF, BOOLEAN, OBJECT, LIST, ANY };

struct member {
    const char *name;
    enum kind kind;
    bool is_required;
};

/* --- telling --- */

static int fail_at(const char *place, struct td_err *err, const char *fmt, ...) TD_PRINTF(3, 4);
static int fail_at(const char *place, struct td_err *err, const char *fmt, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(err, TD_E_INVAL, "request%s%s: %s", place[0] != '\0' ? " at " : "", place, text);
}

static bool is_of(const json_t *value, enum kind kind)
{
    switch (kind) {
    case TEXT:
        return json_is_string(value);
    case NUMBER:
        return json_is_number(value);
    case COUNT_OF:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case BOOLEAN:
        return json_is_boolean(value);
    case OBJECT:
        return json_is_object(value);
    case LIST:
        return json_is_array(value);
    case ANY:
        return true;
    }
    return false;
}

static const char *const kind_words[] = { "a text",    "a number",  "a whole number from 0",
                                          "a boolean", "an object", "a list",
                                          "anything" };

static const struct member *find_member(const struct member *members, size_t count,
                                        const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

static int fail_unknown(const char *place, const char *key, const struct member *members,
                        size_t count, struct td_err *err)
{
    const char *names[32], *near;

    for (size_t i = 0; i < count; i++)
        names[i] = members[i].name;
    near = tdh_near(key, names, count);
    return fail_at(place, err, "unrecognized member \"%.60s\"%s%s%s", key,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

static int check_members(const json_t *object, const char *place, const struct member *members,
                         size_t count, struct td_err *err)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return fail_at(place, err, "it must be an object");
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        const struct member *member = find_member(members, count, key);

        if (member == NULL)
            return fail_unknown(place, key, members, count, err);
        if (!is_of(value, member->kind))
            return fail_at(place, err, "\"%s\" must be %s", key, kind_words[member->kind]);
    }
    for (size_t i = 0; i < count; i++)
        if (members[i].is_required && json_object_get(object, members[i].name) == NULL)
            return fail_at(place, err, "\"%s\" is missing", members[i].name);
    return 0;
}

/* --- parts --- */

#define SIGNED                                                                                     \
    {                                                                                              \
        "signature", TEXT, false                                                                   \
    }
static const struct member text_members[] = { { "type", TEXT, true },
                                              { "text", TEXT, true },
                                              SIGNED };
static const struct member image_members[] = { { "type", TEXT, true },    { "url", TEXT, false },
                                               { "mime", TEXT, false },   { "data", TEXT, false },
                                               { "detail", TEXT, false }, SIGNED };
static const struct member audio_members[] = {
    { "type", TEXT, true }, { "mime", TEXT, true }, { "data", TEXT, true }, SIGNED
};
static const struct member file_members[] = { { "type", TEXT, true },
                                              { "url", TEXT, false },
                                              { "id", TEXT, false },
                                              { "mime", TEXT, false },
                                              { "data", TEXT, false },
                                              { "name", TEXT, false },
                                              SIGNED };
static const struct member call_members[] = {
    { "type", TEXT, true },  { "id", TEXT, false },         { "name", TEXT, true },
    { "input", ANY, false }, { "input_text", TEXT, false }, SIGNED
};
static const struct member result_members[] = {
    { "type", TEXT, true },  { "id", TEXT, true },           { "name", TEXT, false },
    { "parts", LIST, true }, { "is_error", BOOLEAN, false }, SIGNED
};
static const struct member opaque_members[] = { { "type", TEXT, true },
                                                { "data", TEXT, true },
                                                SIGNED };

static const struct {
    const char *type;
    const struct member *members;
    size_t count;
    const char *one_of[3]; /* exactly one of these must be there */
} part_rows[] = {
    { "text", text_members, COUNT(text_members), { NULL } },
    { "image", image_members, COUNT(image_members), { "url", "data" } },
    { "audio", audio_members, COUNT(audio_members), { NULL } },
    { "file", file_members, COUNT(file_members), { "url", "id", "data" } },
    { "tool_call", call_members, COUNT(call_members), { "input", "input_text" } },
    { "tool_result", result_members, COUNT(result_members), { NULL } },
    { "thinking", text_members, COUNT(text_members), { NULL } },
    { "opaque", opaque_members, COUNT(opaque_members), { NULL } },
};

static int check_parts(const json_t *parts, const char *place, bool is_within, struct td_err *err);

static int check_one_of(const json_t *part, const char *const *names, const char *place,
                        struct td_err *err)
{
    unsigned count = 0;

    for (size_t i = 0; i < 3 && names[i] != NULL; i++)
        count += json_object_get(part, names[i]) != NULL;
    if (names[0] == NULL || count == 1)
        return 0;
    return fail_at(place, err, "it must have one of \"%s\", \"%s\"%s%s%s", names[0], names[1],
                   names[2] != NULL ? ", \"" : "", names[2] != NULL ? names[2] : "",
                   names[2] != NULL ? "\"" : "");
}

static int check_part(const json_t *part, const char *place, bool is_within, struct td_err *err)
{
    const char *type = tdh_json_str(part, "type", ""), *names[COUNT(part_rows)], *near;
    char below[192];
    size_t i = 0;

    while (i < COUNT(part_rows) && strcmp(part_rows[i].type, type) != 0)
        i++;
    if (i == COUNT(part_rows)) {
        for (i = 0; i < COUNT(part_rows); i++)
            names[i] = part_rows[i].type;
        near = tdh_near(type, names, COUNT(part_rows));
        return fail_at(place, err, "\"type\" is \"%.60s\", which is no part%s%s%s", type,
                       near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    }
    if (check_members(part, place, part_rows[i].members, part_rows[i].count, err) != 0 ||
        check_one_of(part, part_rows[i].one_of, place, err) != 0)
        return -1;
    if (strcmp(type, "tool_result") != 0)
        return 0;
    if (is_within)
        return fail_at(place, err, "a result of a tool has no results of tools in it");
    snprintf(below, sizeof(below), "%.160s/parts", place);
    return check_parts(json_object_get(part, "parts"), below, true, err);
}

static int check_parts(const json_t *parts, const char *place, bool is_within, struct td_err *err)
{
    const json_t *part;
    size_t i;

    if (json_array_size(parts) > TDH_MODEL_PARTS_MAX)
        return fail_at(place, err, "it has more than %d parts", TDH_MODEL_PARTS_MAX);
    json_array_foreach (parts, i, part) {
        char below[160];

        snprintf(below, sizeof(below), "%.130s/%zu", place, i);
        if (check_part(part, below, is_within, err) != 0)
            return -1;
    }
    return 0;
}

/* --- messages --- */

static json_t *text_parts(const json_t *text)
{
    return json_pack("[{s:s, s:O}]", "type", "text", "text", text);
}

/* {role, text} as {role, parts}. */
static json_t *spell_message(const json_t *message)
{
    const json_t *text = json_object_get(message, "text");

    if (!json_is_string(text) || json_object_get(message, "parts") != NULL)
        return json_incref((json_t *)(uintptr_t)message);
    return json_pack("{s:O*, s:o}", "role", json_object_get(message, "role"), "parts",
                     text_parts(text));
}

static int check_message(const json_t *message, size_t number, struct td_err *err)
{
    static const struct member members[] = { { "role", TEXT, true }, { "parts", LIST, true } };
    static const char *const roles[] = { "system", "user", "assistant", "tool" };
    const char *role = tdh_json_str(message, "role", "");
    char place[64], below[80];
    size_t i = 0;

    snprintf(place, sizeof(place), "/messages/%zu", number);
    if (check_members(message, place, members, COUNT(members), err) != 0)
        return -1;
    while (i < COUNT(roles) && strcmp(roles[i], role) != 0)
        i++;
    if (i == COUNT(roles))
        return fail_at(place, err, "\"role\" is \"%.60s\", must be system, user, assistant or tool",
                       role);
    snprintf(below, sizeof(below), "%s/parts", place);
    return check_parts(json_object_get(message, "parts"), below, false, err);
}

static int spell_messages(const json_t *request, json_t *own, struct td_err *err)
{
    const json_t *prompt = json_object_get(request, "prompt"), *message;
    json_t *messages = json_object_get(request, "messages"), *spelt = json_array();
    size_t i;

    if ((prompt != NULL) == (messages != NULL)) {
        json_decref(spelt);
        return fail_at("", err,
                       prompt != NULL ? "it has both \"prompt\" and \"messages\""
                                      : "\"messages\" is missing");
    }
    if (json_is_string(prompt))
        json_array_append_new(spelt,
                              json_pack("{s:s, s:o}", "role", "user", "parts", text_parts(prompt)));
    json_array_foreach (messages, i, message)
        json_array_append_new(spelt, spell_message(message));
    json_object_del(own, "prompt");
    return json_object_set_new(own, "messages", spelt) == 0 && !tdh_json_memory_failed()
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a request");
}

static int check_messages(const json_t *messages, struct td_err *err)
{
    const json_t *message;
    size_t i;

    if (json_array_size(messages) == 0 || json_array_size(messages) > TDH_MODEL_MESSAGES_MAX)
        return fail_at("/messages", err, "it must have 1 to %d messages", TDH_MODEL_MESSAGES_MAX);
    json_array_foreach (messages, i, message)
        if (check_message(message, i, err) != 0)
            return -1;
    return 0;
}

/* --- the whole --- */

static int check_tools(const json_t *tools, struct td_err *err)
{
    static const struct member members[] = { { "name", TEXT, true },
                                             { "description", TEXT, false },
                                             { "input", OBJECT, false },
                                             { "strict", BOOLEAN, false } };
    const json_t *tool;
    size_t i;

    if (json_array_size(tools) > TDH_MODEL_TOOLS_MAX)
        return fail_at("/tools", err, "it has more than %d tools", TDH_MODEL_TOOLS_MAX);
    json_array_foreach (tools, i, tool) {
        char place[64];

        snprintf(place, sizeof(place), "/tools/%zu", i);
        if (check_members(tool, place, members, COUNT(members), err) != 0)
            return -1;
    }
    return 0;
}

static int check_choice(const json_t *choice, struct td_err *err)
{
    static const struct member members[] = { { "name", TEXT, true } };
    const char *word = json_string_value(choice);

    if (json_is_object(choice))
        return check_members(choice, "/tool_choice", members, COUNT(members), err);
    if (choice == NULL ||
        (word != NULL &&
         (strcmp(word, "auto") == 0 || strcmp(word, "none") == 0 || strcmp(word, "required") == 0)))
        return 0;
    return fail_at("/tool_choice", err, "it must be auto, none, required, or {name}");
}

static int check_output(const json_t *output, struct td_err *err)
{
    static const struct member members[] = { { "type", TEXT, true },
                                             { "name", TEXT, false },
                                             { "schema", OBJECT, false },
                                             { "strict", BOOLEAN, false } };
    const char *type = tdh_json_str(output, "type", "");

    if (output == NULL)
        return 0;
    if (check_members(output, "/output", members, COUNT(members), err) != 0)
        return -1;
    if (strcmp(type, "text") == 0 || strcmp(type, "json") == 0)
        return 0;
    if (strcmp(type, "schema") != 0)
        return fail_at("/output", err, "\"type\" is \"%.60s\", must be text, json or schema", type);
    return json_object_get(output, "schema") != NULL
               ? 0
               : fail_at("/output", err, "\"schema\" is missing");
}

static int check_reasoning(const json_t *reasoning, struct td_err *err)
{
    static const struct member members[] = { { "effort", TEXT, false },
                                             { "budget", COUNT_OF, false } };

    return reasoning == NULL ? 0
                             : check_members(reasoning, "/reasoning", members, COUNT(members), err);
}

static int check_stop(const json_t *stop, struct td_err *err)
{
    const json_t *text;
    size_t i;

    json_array_foreach (stop, i, text)
        if (!json_is_string(text))
            return fail_at("/stop", err, "it must be a list of texts");
    return 0;
}

int tdh_request_check(const json_t *request, json_t **ret_request, struct td_err *err)
{
    static const struct member members[] = {
        { "model", TEXT, true },
        { "messages", LIST, true },
        { "tools", LIST, false },
        { "tool_choice", ANY, false },
        { "parallel_tools", BOOLEAN, false },
        { "max_tokens", COUNT_OF, false },
        { "temperature", NUMBER, false },
        { "top_p", NUMBER, false },
        { "top_k", COUNT_OF, false },
        { "stop", LIST, false },
        { "seed", ANY, false },
        { "presence_penalty", NUMBER, false },
        { "frequency_penalty", NUMBER, false },
        { "output", OBJECT, false },
        { "reasoning", OBJECT, false },
        { "user", TEXT, false },
    };
    json_t *own;

    if (!json_is_object(request))
        return fail_at("", err, "it must be an object");
    tdh_json_memory_begin();
    own = json_copy((json_t *)(uintptr_t)request);
    if (own == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    if (spell_messages(request, own, err) == 0 &&
        check_members(own, "", members, COUNT(members), err) == 0 &&
        check_messages(json_object_get(own, "messages"), err) == 0 &&
        check_tools(json_object_get(own, "tools"), err) == 0 &&
        check_choice(json_object_get(own, "tool_choice"), err) == 0 &&
        check_output(json_object_get(own, "output"), err) == 0 &&
        check_reasoning(json_object_get(own, "reasoning"), err) == 0 &&
        check_stop(json_object_get(own, "stop"), err) == 0) {
        *ret_request = own;
        return 0;
    }
    json_decref(own);
    return -1;
}

int tdh_request_check_embed(const json_t *request, json_t **ret_request, struct td_err *err)
{
    static const struct member members[] = { { "model", TEXT, true },
                                             { "texts", LIST, true },
                                             { "purpose", TEXT, false },
                                             { "dimensions", COUNT_OF, false } };
    const json_t *text = json_object_get(request, "text");
    json_t *own;
    size_t i;

    if (!json_is_object(request))
        return fail_at("", err, "it must be an object");
    tdh_json_memory_begin();
    own = json_copy((json_t *)(uintptr_t)request);
    if (json_is_string(text)) {
        json_object_set_new(own, "texts", json_pack("[O]", text));
        json_object_del(own, "text");
    }
    if (tdh_json_memory_failed()) {
        json_decref(own);
        return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    }
    if (check_members(own, "", members, COUNT(members), err) != 0) {
        json_decref(own);
        return -1;
    }
    json_array_foreach (json_object_get(own, "texts"), i, text)
        if (!json_is_string(text)) {
            json_decref(own);
            return fail_at("/texts", err, "it must be a list of texts");
        }
    *ret_request = own;
    return 0;
}
