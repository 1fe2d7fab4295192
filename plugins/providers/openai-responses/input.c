/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input: messages as items. A message of the host may become several: calls of tools, their results
 * and reasoning are items of their own, which keep their order.
 */
#include "responses.h"

/* --- parts of a message --- */

static json_t *file_part(const json_t *part)
{
    const json_t *id = json_object_get(part, "id"), *url = json_object_get(part, "url");

    if (id != NULL)
        return json_pack("{s:s, s:O}", "type", "input_file", "file_id", id);
    if (url != NULL)
        return json_pack("{s:s, s:O}", "type", "input_file", "file_url", url);
    return json_pack("{s:s, s:o, s:s}", "type", "input_file", "file_data",
                     json_sprintf("data:%s;base64,%s",
                                  wire_str(part, "mime", "application/octet-stream"),
                                  wire_str(part, "data", "")),
                     "filename", wire_str(part, "name", "file"));
}

/* NULL: this wire has no word for it. */
static json_t *input_part(const json_t *part)
{
    if (wire_is(part, "text"))
        return json_pack("{s:s, s:O}", "type", "input_text", "text", json_object_get(part, "text"));
    if (wire_is(part, "image"))
        return json_pack("{s:s, s:o, s:O*}", "type", "input_image", "image_url",
                         wire_image_url(part), "detail", json_object_get(part, "detail"));
    if (wire_is(part, "file"))
        return file_part(part);
    return NULL;
}

static json_t *message_item(const char *role, json_t *content)
{
    return json_pack("{s:s, s:s, s:o}", "type", "message", "role", role, "content", content);
}

/* --- what an assistant said --- */

/* Of reasoning the server has kept nothing, it must have all that it needs with it. */
static bool is_whole(const struct responses *self, const json_t *item)
{
    return strcmp(wire_str(item, "type", ""), "reasoning") != 0 ||
           strcmp(self->store, "yes") == 0 || wire_str(item, "encrypted_content", "")[0] != '\0' ||
           json_array_size(json_object_get(item, "content")) > 0;
}

static void add_sealed(const struct responses *self, const json_t *part, const char *member,
                       json_t *items, struct td_wire_request *ret)
{
    json_t *item = responses_unseal(wire_str(part, member, ""));

    if (item != NULL && is_whole(self, item))
        json_array_append(items, item);
    else
        wire_drop_part(ret, part);
    json_decref(item);
}

static void add_call(const json_t *part, json_t *items, struct td_wire_request *ret)
{
    wire_drop_signature(ret, part);
    json_array_append_new(items,
                          json_pack("{s:s, s:s, s:O, s:o}", "type", "function_call", "call_id",
                                    wire_str(part, "id", ""), "name", json_object_get(part, "name"),
                                    "arguments", wire_input_text(part)));
}

/* Texts that follow each other are one message. */
static void add_said(const json_t *part, json_t *items, bool is_first, struct td_wire_request *ret)
{
    json_t *last = json_array_get(items, json_array_size(items) - 1);
    const char *text = wire_str(part, "text", "");

    wire_drop_signature(ret, part);
    if (is_first || strcmp(wire_str(last, "type", ""), "message") != 0)
        json_array_append_new(items, message_item("assistant", json_string(text)));
    else
        json_object_set_new(last, "content",
                            json_sprintf("%s%s", wire_str(last, "content", ""), text));
}

static void add_assistant(const struct responses *self, const json_t *parts, json_t *items,
                          struct td_wire_request *ret)
{
    size_t before = json_array_size(items), i;
    const json_t *part;

    json_array_foreach (parts, i, part) {
        if (wire_is(part, "text"))
            add_said(part, items, json_array_size(items) == before, ret);
        else if (wire_is(part, "tool_call"))
            add_call(part, items, ret);
        else if (wire_is(part, "thinking"))
            add_sealed(self, part, "signature", items, ret);
        else if (wire_is(part, "opaque"))
            add_sealed(self, part, "data", items, ret);
        else
            wire_drop_part(ret, part);
    }
}

/* --- the others --- */

static json_t *result_item(const json_t *part, struct td_wire_request *ret)
{
    if (json_is_true(json_object_get(part, "is_error")))
        wire_drop_word(ret, "is_error");
    wire_drop_signature(ret, part);
    return json_pack("{s:s, s:O, s:o}", "type", "function_call_output", "call_id",
                     json_object_get(part, "id"), "output",
                     wire_content(json_object_get(part, "parts"), input_part, ret));
}

/* Results of tools first, each an item of its own, then what was said besides. */
static void add_others(const char *role, const json_t *parts, json_t *items,
                       struct td_wire_request *ret)
{
    json_t *rest = json_array();
    const json_t *part;
    size_t i;

    json_array_foreach (parts, i, part) {
        if (wire_is(part, "tool_result"))
            json_array_append_new(items, result_item(part, ret));
        else
            json_array_append(rest, (json_t *)(uintptr_t)part);
    }
    if (json_array_size(rest) > 0)
        json_array_append_new(items, message_item(role, wire_content(rest, input_part, ret)));
    json_decref(rest);
}

json_t *responses_input(const struct responses *self, const json_t *messages, size_t first,
                        struct td_wire_request *ret)
{
    const char *system = strcmp(self->system, "developer") == 0 ? "developer" : "system";
    json_t *items = json_array();

    for (size_t i = first; i < json_array_size(messages); i++) {
        const json_t *message = json_array_get(messages, i),
                     *parts = json_object_get(message, "parts");
        const char *role = wire_str(message, "role", "user");

        if (strcmp(role, "assistant") == 0)
            add_assistant(self, parts, items, ret);
        else
            add_others(strcmp(role, "system") == 0 ? system : "user", parts, items, ret);
    }
    return items;
}
