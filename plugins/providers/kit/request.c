/* SPDX-License-Identifier: Apache-2.0 */
/* request: members, tools and parts, as bodies say them. */
#include "kit/request.h"

#include <stdio.h>

/* --- members --- */

bool wire_may(const char *const *drop, const char *member)
{
    for (; drop != NULL && *drop != NULL; drop++)
        if (strcmp(*drop, member) == 0)
            return false;
    return true;
}

void wire_members(const struct wire_member *rows, const char *const *drop, const json_t *request,
                  json_t *body, struct td_wire_request *ret)
{
    for (; rows->name != NULL; rows++) {
        if (rows->key != NULL && wire_may(drop, rows->name))
            wire_copy(body, rows->key, request, rows->name);
        else
            wire_drop(ret, request, rows->name);
    }
}

/* "safe_prompt=true" */
static int add_extra(const char *option, const char *text, json_t *more, struct td_err *err)
{
    size_t length = strcspn(text, "=");
    json_t *value;
    char name[64];

    if (length == 0 || length >= sizeof(name) || text[length] == '\0')
        return td_fail(err, TD_E_CONFIG, "option \"%s\": \"%.60s\" is not NAME=JSON", option, text);
    memcpy(name, text, length);
    name[length] = '\0';
    value = wire_parse(text + length + 1);
    if (value == NULL)
        return td_fail(err, TD_E_CONFIG, "option \"%s\": what \"%s\" is to be is no JSON", option,
                       name);
    return json_object_set_new(more, name, value) == 0 ? 0 : wire_fail_memory(err);
}

int wire_extra(const char *option, const char *const *rows, json_t **ret_more, struct td_err *err)
{
    json_t *more = json_object();

    if (more == NULL)
        return wire_fail_memory(err);
    for (; rows != NULL && *rows != NULL; rows++)
        if (add_extra(option, *rows, more, err) != 0) {
            json_decref(more);
            return -1;
        }
    *ret_more = more;
    return 0;
}

/* --- tools --- */

json_t *wire_tool_input(const json_t *tool)
{
    json_t *input = json_object_get(tool, "input");

    return input != NULL ? json_incref(input)
                         : json_pack("{s:s, s:{}}", "type", "object", "properties");
}

json_t *wire_functions(const json_t *tools, bool with_strict)
{
    json_t *list = json_array();
    const json_t *tool;
    size_t i;

    json_array_foreach (tools, i, tool)
        json_array_append_new(list,
                              json_pack("{s:s, s:{s:O, s:O*, s:o, s:O*}}", "type", "function",
                                        "function", "name", json_object_get(tool, "name"),
                                        "description", json_object_get(tool, "description"),
                                        "parameters", wire_tool_input(tool), "strict",
                                        with_strict ? json_object_get(tool, "strict") : NULL));
    return list;
}

int wire_are_strict(const json_t *tools)
{
    const json_t *tool;
    size_t i, count = 0;

    json_array_foreach (tools, i, tool)
        count += json_is_true(json_object_get(tool, "strict"));
    if (count == 0)
        return 0;
    return count == json_array_size(tools) ? 1 : -1;
}

/* --- parts --- */

void wire_drop_part(struct td_wire_request *ret, const json_t *part)
{
    char word[64];

    snprintf(word, sizeof(word), "a part of type %.32s", wire_str(part, "type", "?"));
    wire_drop_word(ret, word);
}

void wire_drop_signature(struct td_wire_request *ret, const json_t *part)
{
    wire_drop(ret, part, "signature");
}

json_t *wire_result_text(struct td_wire_request *ret, const json_t *part)
{
    const json_t *parts = json_object_get(part, "parts"), *within;
    size_t i;

    json_array_foreach (parts, i, within) {
        if (!wire_is(within, "text"))
            wire_drop_part(ret, within);
        wire_drop_signature(ret, within);
    }
    if (json_is_true(json_object_get(part, "is_error")))
        wire_drop_word(ret, "is_error");
    wire_drop_signature(ret, part);
    return wire_text(parts, "\n");
}

const char *wire_image_data(const json_t *part)
{
    const char *url = wire_str(part, "url", NULL), *data;

    if (url == NULL)
        return wire_str(part, "data", NULL);
    if (strncasecmp(url, "data:", 5) != 0)
        return NULL;
    data = strchr(url, ',');
    return data != NULL && data - url >= 7 && strncasecmp(data - 7, ";base64", 7) == 0 ? data + 1
                                                                                       : NULL;
}

/* --- JSON of others --- */

/* The parser calls itself for each level, and the stacks it runs on are small. */
static bool is_flat(const char *text)
{
    unsigned depth = 0;
    bool is_text = false;

    for (; *text != '\0' && depth <= WIRE_DEPTH_MAX; text++) {
        if (is_text && *text == '\\' && text[1] != '\0')
            text++;
        else if (*text == '"')
            is_text = !is_text;
        else if (!is_text && (*text == '[' || *text == '{'))
            depth++;
        else if (!is_text && (*text == ']' || *text == '}') && depth > 0)
            depth--;
    }
    return depth <= WIRE_DEPTH_MAX;
}

json_t *wire_parse(const char *text)
{
    return is_flat(text) ? json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL) : NULL;
}

json_t *wire_content(const json_t *parts, wire_part_fn *fn, struct td_wire_request *ret)
{
    json_t *list = json_array();
    const json_t *part;
    bool is_text = true;
    size_t i;

    json_array_foreach (parts, i, part) {
        json_t *made = fn(part);

        wire_drop_signature(ret, part);
        if (made == NULL) {
            wire_drop_part(ret, part);
            continue;
        }
        is_text = is_text && wire_is(part, "text");
        json_array_append_new(list, made);
    }
    if (!is_text)
        return list;
    json_decref(list);
    return wire_text(parts, "\n");
}
