/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema: JSON Schemas as the server wants them for what it promises to keep: each object closed,
 * and no bounds of numbers, lengths and counts, each of which it refuses.
 *
 * What is left out is told; whoever asked checks the reply by the whole schema. An object whose
 * other members have a schema of their own is left as it is, since closed it would be another.
 */
#include "anthropic.h"

#include <stdio.h>

static const char *const refused[] = { "minimum",          "maximum",       "exclusiveMinimum",
                                       "exclusiveMaximum", "multipleOf",    "minLength",
                                       "maxLength",        "maxItems",      "uniqueItems",
                                       "minProperties",    "maxProperties", NULL };
/* Keywords with schemas in them: one, a list, or by name. */
static const char *const inner[] = { "items",       "properties", "anyOf",       "allOf", "oneOf",
                                     "prefixItems", "$defs",      "definitions", NULL };

static bool is_among(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static bool is_refused(const char *key, const json_t *value)
{
    return is_among(key, refused) ||
           (strcmp(key, "minItems") == 0 && json_integer_value(value) > 1);
}

static json_t *close_schema(const json_t *schema, struct td_wire_request *ret, unsigned depth);

static json_t *close_all(const json_t *schemas, struct td_wire_request *ret, unsigned depth)
{
    json_t *all, *value;
    const char *name;
    size_t i;

    if (json_is_array(schemas)) {
        all = json_array();
        json_array_foreach (schemas, i, value)
            json_array_append_new(all, close_schema(value, ret, depth));
        return all;
    }
    all = json_object();
    json_object_foreach ((json_t *)(uintptr_t)schemas, name, value)
        json_object_set_new(all, name, close_schema(value, ret, depth));
    return all;
}

static json_t *close_keyword(const char *key, json_t *value, struct td_wire_request *ret,
                             unsigned depth)
{
    if (!is_among(key, inner) || (!json_is_array(value) && !json_is_object(value)))
        return json_incref(value);
    return strcmp(key, "items") == 0 && json_is_object(value) ? close_schema(value, ret, depth + 1)
                                                              : close_all(value, ret, depth + 1);
}

static json_t *close_schema(const json_t *schema, struct td_wire_request *ret, unsigned depth)
{
    json_t *closed = json_object(), *value;
    const char *key;
    char word[64];

    if (!json_is_object(schema) || depth == ANTHROPIC_SCHEMA_DEPTH) {
        json_decref(closed);
        return json_incref((json_t *)(uintptr_t)schema);
    }
    json_object_foreach ((json_t *)(uintptr_t)schema, key, value) {
        if (!is_refused(key, value)) {
            json_object_set_new(closed, key, close_keyword(key, value, ret, depth));
            continue;
        }
        snprintf(word, sizeof(word), "%.40s of a schema", key);
        wire_drop_word(ret, word);
    }
    if (strcmp(wire_str(closed, "type", ""), "object") == 0 &&
        json_object_get(closed, "additionalProperties") == NULL)
        json_object_set_new(closed, "additionalProperties", json_false());
    return closed;
}

json_t *anthropic_schema(const struct anthropic *self, const json_t *schema,
                         struct td_wire_request *ret)
{
    return strcmp(self->schema, "closed") == 0 ? close_schema(schema, ret, 0)
                                               : json_incref((json_t *)(uintptr_t)schema);
}
