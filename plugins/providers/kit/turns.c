/* SPDX-License-Identifier: Apache-2.0 */
/* turns: what wires share on which only the user and the model speak. */
#include "kit/turns.h"

#include <stdlib.h>

bool turns_is_system(const json_t *message)
{
    return strcmp(wire_str(message, "role", ""), "system") == 0;
}

static void add_texts(json_t *texts, const json_t *message, struct td_wire_request *ret)
{
    const json_t *part;
    size_t i;

    json_array_foreach (json_object_get(message, "parts"), i, part) {
        if (!wire_is(part, "text"))
            wire_drop_part(ret, part);
        else if (wire_str(part, "text", "")[0] != '\0')
            json_array_append(texts, json_object_get(part, "text"));
    }
}

json_t *turns_system(const json_t *messages, bool is_all, struct td_wire_request *ret)
{
    json_t *texts = json_array();
    const json_t *message;
    bool is_behind = false;
    size_t i;

    json_array_foreach (messages, i, message) {
        if (!turns_is_system(message)) {
            is_behind = true;
            continue;
        }
        if (is_behind && !is_all)
            continue;
        if (is_behind)
            wire_drop_word(ret, "the place of a system message");
        add_texts(texts, message, ret);
    }
    return texts;
}

json_t *turns_input(const json_t *part)
{
    json_t *input = wire_input(part);

    return input == NULL || json_is_object(input) ? input : json_pack("{s:o}", "_value", input);
}

json_t *turns_opaque(const json_t *part)
{
    json_t *value = wire_parse(wire_str(part, "data", ""));

    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

json_t *turns_keep(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);
    json_t *part = text != NULL ? json_pack("{s:s, s:s}", "type", "opaque", "data", text) : NULL;

    free(text);
    return part;
}

void turns_sign(json_t *part, const char *signature)
{
    if (signature != NULL && signature[0] != '\0')
        json_object_set_new(part, "signature", json_string(signature));
}
