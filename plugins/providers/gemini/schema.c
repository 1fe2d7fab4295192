/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema: a JSON Schema in the form of OpenAPI that older servers want: types in capitals, null as
 * a member, and few keywords, of which each other is an error there. It is looser then, never
 * stricter; what is left out is told.
 */
#include "gemini.h"

#include <ctype.h>
#include <stdio.h>

/* Keywords that mean the same there. */
static const char *const plain[] = { "title",     "description",      "nullable",
                                     "required",  "propertyOrdering", "minItems",
                                     "maxItems",  "minProperties",    "maxProperties",
                                     "minimum",   "maximum",          "minLength",
                                     "maxLength", "pattern",          "default" };
static const char *const formats[] = { "date-time", "enum", "float", "double", "int32", "int64" };

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static void tell(struct td_wire_request *ret, const char *keyword)
{
    char word[64];

    snprintf(word, sizeof(word), "%.40s of a schema", keyword);
    wire_drop_word(ret, word);
}

static json_t *convert(const json_t *schema, struct td_wire_request *ret, unsigned depth);

/* --- types --- */

static json_t *type_word(const json_t *type)
{
    const char *text = json_string_value(type);
    char word[16];
    size_t i = 0;

    for (; text != NULL && text[i] != '\0' && i < sizeof(word) - 1; i++)
        word[i] = (char)toupper((unsigned char)text[i]);
    word[i] = '\0';
    return json_string(word);
}

static bool is_null(const json_t *type)
{
    return json_is_string(type) && strcmp(json_string_value(type), "null") == 0;
}

/* ["string", "null"] */
static void set_types(json_t *made, const json_t *types)
{
    json_t *any = json_array();
    const json_t *type;
    size_t i;

    json_array_foreach (types, i, type) {
        if (is_null(type))
            json_object_set_new(made, "nullable", json_true());
        else
            json_array_append_new(any, json_pack("{s:o}", "type", type_word(type)));
    }
    if (json_array_size(any) == 1)
        json_object_update(made, json_array_get(any, 0));
    else if (json_array_size(any) > 1)
        json_object_set(made, "anyOf", any);
    json_decref(any);
}

static void set_type(json_t *made, const json_t *type)
{
    if (json_is_array(type))
        set_types(made, type);
    else
        json_object_set_new(made, "type", type_word(type));
}

/* --- values --- */

/* They are texts there. */
static void set_enum(json_t *made, const json_t *values, struct td_wire_request *ret)
{
    json_t *list = json_array(), *value;
    size_t i;

    json_array_foreach (values, i, value) {
        if (json_is_string(value))
            json_array_append(list, value);
        else if (json_is_null(value))
            json_object_set_new(made, "nullable", json_true());
        else
            break;
    }
    if (i == json_array_size(values) && json_array_size(list) > 0)
        json_object_set(made, "enum", list);
    else
        tell(ret, "enum");
    json_decref(list);
}

static void set_const(json_t *made, const json_t *value, struct td_wire_request *ret)
{
    if (json_is_string(value))
        json_object_set_new(made, "enum", json_pack("[O]", value));
    else
        tell(ret, "const");
}

/* --- schemas within --- */

static void set_list(json_t *made, const json_t *schemas, struct td_wire_request *ret,
                     unsigned depth)
{
    json_t *list = json_array();
    const json_t *schema;
    size_t i;

    json_array_foreach (schemas, i, schema) {
        if (is_null(json_object_get(schema, "type")))
            json_object_set_new(made, "nullable", json_true());
        else
            json_array_append_new(list, convert(schema, ret, depth));
    }
    json_object_set_new(made, "anyOf", list);
}

static void set_properties(json_t *made, const json_t *properties, struct td_wire_request *ret,
                           unsigned depth)
{
    json_t *all = json_object(), *schema;
    const char *name;

    json_object_foreach ((json_t *)(uintptr_t)properties, name, schema)
        json_object_set_new(all, name, convert(schema, ret, depth));
    if (json_object_size(all) > 0)
        json_object_set(made, "properties", all);
    json_decref(all);
}

static void set_keyword(json_t *made, const char *key, json_t *value, struct td_wire_request *ret,
                        unsigned depth)
{
    if (is_among(key, plain, sizeof(plain) / sizeof(plain[0])))
        json_object_set(made, key, value);
    else if (strcmp(key, "type") == 0)
        set_type(made, value);
    else if (strcmp(key, "format") == 0 && json_is_string(value) &&
             is_among(json_string_value(value), formats, sizeof(formats) / sizeof(formats[0])))
        json_object_set(made, key, value);
    else if (strcmp(key, "enum") == 0)
        set_enum(made, value, ret);
    else if (strcmp(key, "const") == 0)
        set_const(made, value, ret);
    else if (strcmp(key, "anyOf") == 0 || strcmp(key, "oneOf") == 0)
        set_list(made, value, ret, depth + 1);
    else if (strcmp(key, "properties") == 0)
        set_properties(made, value, ret, depth + 1);
    else if (strcmp(key, "items") == 0 && json_is_object(value))
        json_object_set_new(made, key, convert(value, ret, depth + 1));
    else
        tell(ret, key);
}

/* A schema that is too deep, or is only true, allows all. */
static json_t *convert(const json_t *schema, struct td_wire_request *ret, unsigned depth)
{
    json_t *made = json_object(), *value;
    const char *key;

    if (depth == GEMINI_SCHEMA_DEPTH) {
        tell(ret, "the depth");
        return made;
    }
    json_object_foreach ((json_t *)(uintptr_t)schema, key, value)
        set_keyword(made, key, value, ret, depth);
    return made;
}

json_t *gemini_schema(const json_t *schema, struct td_wire_request *ret)
{
    return convert(schema, ret, 0);
}
