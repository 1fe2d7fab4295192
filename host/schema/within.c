/* SPDX-License-Identifier: Apache-2.0 */
/*
 * within: do two schemas go together? Walks them side by side, as far as both say something.
 */
#include "schema/schema.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32, PATH_MAX_ = 256 };

enum {
    T_NULL = 1 << 0,
    T_BOOLEAN = 1 << 1,
    T_INTEGER = 1 << 2,
    T_FRACTION = 1 << 3, /* a number that is no integer */
    T_STRING = 1 << 4,
    T_ARRAY = 1 << 5,
    T_OBJECT = 1 << 6
};

static const struct {
    const char *name; /* of a schema */
    const char *text; /* in messages */
    unsigned types;
} types[] = {
    { "null", "null", T_NULL },
    { "boolean", "a boolean", T_BOOLEAN },
    { "number", "a number", T_INTEGER | T_FRACTION },
    { "integer", "an integer", T_INTEGER },
    { "string", "a string", T_STRING },
    { "array", "an array", T_ARRAY },
    { "object", "an object", T_OBJECT },
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* Where the walk is. */
struct at {
    char path[PATH_MAX_];
    unsigned depth;
    struct td_err *err;
};

TD_PRINTF(2, 3)
static int fail(const struct at *at, const char *fmt, ...)
{
    va_list ap;
    char text[TD_ERR_TEXT];

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(at->err, TD_E_INVAL, "%s%s%.500s", at->path, at->path[0] != '\0' ? ": " : "",
                   text);
}

/* --- types --- */

static unsigned type_named(const char *name)
{
    for (size_t i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].types;
    return 0;
}

static unsigned type_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return T_NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        return T_BOOLEAN;
    case JSON_INTEGER:
        return T_INTEGER;
    case JSON_REAL:
        return T_FRACTION;
    case JSON_STRING:
        return T_STRING;
    case JSON_ARRAY:
        return T_ARRAY;
    case JSON_OBJECT:
        return T_OBJECT;
    }
    return 0;
}

/* A bit for each that `type` names, or that the values it may have are of; 0: it does not say. */
static unsigned types_of(const json_t *schema)
{
    const json_t *type = json_object_get(schema, "type"), *item;
    const json_t *values = json_object_get(schema, "enum");
    const json_t *value = json_object_get(schema, "const");
    unsigned all = 0;
    size_t i;

    if (json_is_string(type))
        return type_named(json_string_value(type));
    json_array_foreach (type, i, item)
        all |= type_named(json_string_value(item));
    if (type == NULL && value != NULL)
        return type_of(value);
    json_array_foreach (type == NULL ? values : NULL, i, item)
        all |= type_of(item);
    return all;
}

static const char *print_types(unsigned all, char text[static 96])
{
    text[0] = '\0';
    for (size_t i = 0; i < TYPES; i++) {
        if ((all & types[i].types) != types[i].types)
            continue;
        snprintf(text + strlen(text), 96 - strlen(text), "%s%s", text[0] != '\0' ? " or " : "",
                 types[i].text);
        all &= ~types[i].types;
    }
    if ((all & T_FRACTION) != 0)
        snprintf(text + strlen(text), 96 - strlen(text), "%sa number that is no integer",
                 text[0] != '\0' ? " or " : "");
    return text;
}

static int compare_types(const struct at *at, const json_t *from, const json_t *to)
{
    unsigned is = types_of(from), must = types_of(to);
    char is_text[96], must_text[96];

    if (is == 0 || must == 0 || (is & ~must) == 0)
        return 0;
    return fail(at, "may be %s, must be %s", print_types(is & ~must, is_text),
                print_types(must, must_text));
}

/* --- values --- */

/* The values that a schema names one by one; NULL: it does not. new */
static json_t *values_of(const json_t *schema)
{
    json_t *value = json_object_get(schema, "const"), *values = json_object_get(schema, "enum");

    return value != NULL ? json_pack("[O]", value) : json_incref(values);
}

static bool has_value(const json_t *values, const json_t *value)
{
    const json_t *item;
    size_t i;

    json_array_foreach (values, i, item)
        if (json_equal(item, value))
            return true;
    return false;
}

static int compare_values(const struct at *at, const json_t *from, const json_t *to)
{
    json_t *is = values_of(from), *must = values_of(to), *value;
    int rc = 0;
    size_t i;

    json_array_foreach (must != NULL ? is : NULL, i, value)
        if (rc == 0 && !has_value(must, value)) {
            char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

            rc = fail(at, "may be %.100s, which is not among what is taken",
                      text != NULL ? text : "");
            free(text);
        }
    json_decref(is);
    json_decref(must);
    return rc;
}

/* --- members and items --- */

static int compare(struct at *at, const json_t *from, const json_t *to);

static int compare_below(struct at *at, const char *step, const json_t *from, const json_t *to)
{
    size_t length = strlen(at->path);
    int rc;

    if (from == NULL || to == NULL)
        return 0;
    snprintf(at->path + length, sizeof(at->path) - length, "/%.100s", step);
    rc = compare(at, from, to);
    at->path[length] = '\0';
    return rc;
}

static bool is_required(const json_t *schema, const char *key)
{
    const json_t *item;
    size_t i;

    json_array_foreach (json_object_get(schema, "required"), i, item)
        if (strcmp(json_string_value(item), key) == 0)
            return true;
    return false;
}

/* A schema that names no members, and shuts none out, may mean any. */
static int compare_required(const struct at *at, const json_t *from, const json_t *to)
{
    const json_t *item;
    size_t i;

    if (json_object_get(from, "properties") == NULL &&
        !json_is_false(json_object_get(from, "additionalProperties")))
        return 0;
    json_array_foreach (json_object_get(to, "required"), i, item)
        if (!is_required(from, json_string_value(item)))
            return fail(at, "must have \"%.64s\", which need not be there",
                        json_string_value(item));
    return 0;
}

static int compare_members(struct at *at, const json_t *from, const json_t *to)
{
    const json_t *taken = json_object_get(to, "properties");
    const json_t *others = json_object_get(to, "additionalProperties");
    json_t *properties = json_object_get(from, "properties"), *part;
    const char *key;

    json_object_foreach (properties, key, part) {
        const json_t *own = json_object_get(taken, key);

        if (json_is_false(part))
            continue; /* it is never there */
        if (own == NULL && json_object_get(to, "patternProperties") != NULL)
            continue;
        if (own == NULL && json_is_false(others))
            return fail(at, "may have \"%.64s\", which is not taken", key);
        if (compare_below(at, key, part, own != NULL ? own : others) != 0)
            return -1;
    }
    return 0;
}

/* --- all --- */

/* What narrows a schema in a way that is not looked at: then less may fit it than it seems. */
static bool is_narrowed(const json_t *schema)
{
    static const char *const keys[] = { "$ref",
                                        "$dynamicRef",
                                        "allOf",
                                        "anyOf",
                                        "oneOf",
                                        "not",
                                        "if",
                                        "dependentSchemas",
                                        "dependentRequired" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (json_object_get(schema, keys[i]) != NULL)
            return true;
    return false;
}

static int compare(struct at *at, const json_t *from, const json_t *to)
{
    unsigned is;
    int rc;

    if (json_is_false(to) && !json_is_false(from))
        return fail(at, "is not taken at all");
    if (!json_is_object(from) || !json_is_object(to) || is_narrowed(from) || at->depth == DEPTH_MAX)
        return 0;
    if (compare_types(at, from, to) != 0 || compare_values(at, from, to) != 0)
        return -1;
    is = types_of(from);
    at->depth++;
    rc = 0;
    if (is == 0 || (is & T_OBJECT) != 0)
        rc = compare_required(at, from, to) == 0 ? compare_members(at, from, to) : -1;
    if (rc == 0 && (is == 0 || (is & T_ARRAY) != 0))
        rc = compare_below(at, "*", json_object_get(from, "items"), json_object_get(to, "items"));
    at->depth--;
    return rc;
}

int tdh_schema_within(const json_t *from, const json_t *to, struct td_err *err)
{
    struct at at = { .path = "", .err = err };

    return from != NULL && to != NULL ? compare(&at, from, to) : 0;
}
