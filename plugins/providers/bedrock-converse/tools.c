/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools: what a model may call.
 *
 * There is no word for "call none": then no tools are told. But once some were called, in the
 * messages before, the server insists on being told of tools.
 */
#include "converse.h"

static json_t *tool(const json_t *name, const json_t *told)
{
    const char *text = wire_str(told, "description", "");

    return json_pack("{s:{s:O, s:s*, s:{s:o}, s:O*}}", "toolSpec", "name", name, "description",
                     text[0] != '\0' ? text : NULL, "inputSchema", "json", wire_tool_input(told),
                     "strict", json_object_get(told, "strict"));
}

/* Those that were called in earlier messages, each once, by the first call's name. */
static json_t *called(const json_t *request)
{
    json_t *list = json_array(), *names = json_object();
    const json_t *message, *part;
    size_t i, j;

    json_array_foreach (json_object_get(request, "messages"), i, message)
        json_array_foreach (json_object_get(message, "parts"), j, part) {
            const char *name = wire_str(part, "name", "");

            if (!wire_is(part, "tool_call") || json_object_get(names, name) != NULL)
                continue;
            json_object_set_new(names, name, json_true());
            json_array_append_new(list, tool(json_object_get(part, "name"), NULL));
        }
    json_decref(names);
    return list;
}

static json_t *told(const json_t *tools)
{
    json_t *list = json_array();
    const json_t *row;
    size_t i;

    json_array_foreach (tools, i, row)
        json_array_append_new(list, tool(json_object_get(row, "name"), row));
    return list;
}

/* NULL: as the server does by itself. */
static json_t *choice(const json_t *wanted)
{
    const char *word = json_string_value(wanted);

    if (json_is_object(wanted))
        return json_pack("{s:{s:O}}", "tool", "name", json_object_get(wanted, "name"));
    if (word == NULL || strcmp(word, "none") == 0)
        return NULL;
    return json_pack("{s:{}}", strcmp(word, "required") == 0 ? "any" : "auto");
}

json_t *converse_tools(const struct converse *self, const json_t *request,
                       struct td_wire_request *ret)
{
    const json_t *tools = json_object_get(request, "tools"),
                 *wanted = json_object_get(request, "tool_choice");
    const char *word = json_string_value(wanted);
    bool is_none = word != NULL && strcmp(word, "none") == 0;
    json_t *before = called(request), *list;

    if (json_array_size(before) == 0 && (is_none || json_array_size(tools) == 0)) {
        json_decref(before);
        return NULL;
    }
    if (is_none)
        wire_drop_word(ret, "tool_choice");
    list = json_array_size(tools) > 0 ? told(tools) : json_incref(before);
    json_decref(before);
    converse_add_cache_point(self, list);
    return json_pack("{s:o, s:o*}", "tools", list, "toolChoice",
                     json_array_size(tools) > 0 ? choice(wanted) : NULL);
}
