/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_value: the values of the tries: makes a small one from a JSON Schema, fills in folders,
 * and holds a part against a whole.
 *
 * The maker gives what is required and no more. It does not solve: `pattern`, `not` and conditions
 * are left to luck, and the caller checks what it got.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/conform.h"

enum { DEPTH_MAX = 16, LENGTH_MAX = 10000 };

/* Where the maker is: the whole document, for references. */
struct maker {
    const json_t *root;
    unsigned depth;
};

static json_t *make(struct maker *maker, const json_t *schema);

/* A usual text that fits a schema with `pattern`. new; NULL: none does. */
static json_t *guess_text(const json_t *schema)
{
    static const char *const texts[] = { "a",    "A",     "1",       "a.b",   "a/b",   "a-b", "a_b",
                                         "aaaa", "1.0.0", "#000000", "a.txt", "a.b.c", "/a",  "" };
    struct td_err ignored;
    struct tdh_schema *compiled = tdh_schema_compile(schema, NULL, &ignored);
    json_t *text = NULL;

    for (size_t i = 0; compiled != NULL && text == NULL && i < sizeof(texts) / sizeof(texts[0]);
         i++) {
        text = json_string(texts[i]);
        if (tdh_schema_check(compiled, text, &ignored) != 0) {
            json_decref(text);
            text = NULL;
        }
    }
    tdh_schema_free(compiled);
    return text;
}

static json_t *make_text(const json_t *schema)
{
    static const struct {
        const char *format, *text;
    } formats[] = {
        { "date-time", "2026-01-01T00:00:00Z" },
        { "date", "2026-01-01" },
        { "time", "00:00:00Z" },
        { "email", "a@example.org" },
        { "ipv4", "127.0.0.1" },
        { "ipv6", "::1" },
        { "uri", "https://example.org/" },
        { "uuid", "00000000-0000-4000-8000-000000000000" },
    };
    const char *format = tdh_json_str(schema, "format", "");
    json_int_t length = json_integer_value(json_object_get(schema, "minLength"));
    char *text;
    json_t *value;

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i].format, format) == 0)
            return json_string(formats[i].text);
    if (json_object_get(schema, "pattern") != NULL)
        return guess_text(schema);
    if (length < 0 || length > LENGTH_MAX)
        return NULL;
    text = calloc((size_t)length + 1, 1);
    if (text == NULL)
        return NULL;
    memset(text, 'a', (size_t)length);
    value = json_string(text);
    free(text);
    return value;
}

static json_t *make_number(const json_t *schema, bool is_whole)
{
    const json_t *least = json_object_get(schema, "minimum"),
                 *above = json_object_get(schema, "exclusiveMinimum");
    const json_t *most = json_object_get(schema, "maximum"),
                 *below = json_object_get(schema, "exclusiveMaximum");
    double value = 0;

    if (most != NULL && json_number_value(most) < value)
        value = floor(json_number_value(most));
    if (below != NULL && json_number_value(below) <= value)
        value = ceil(json_number_value(below)) - 1;
    if (least != NULL && json_number_value(least) > value)
        value = is_whole ? ceil(json_number_value(least)) : json_number_value(least);
    if (above != NULL && json_number_value(above) >= value)
        value = floor(json_number_value(above)) + 1;
    return is_whole ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *make_list(struct maker *maker, const json_t *schema)
{
    json_int_t count = json_integer_value(json_object_get(schema, "minItems"));
    const json_t *first = json_object_get(schema, "prefixItems"),
                 *items = json_object_get(schema, "items");
    json_t *list = json_array();

    for (json_int_t i = 0; i < count && i < LENGTH_MAX; i++) {
        const json_t *own = json_array_get(first, (size_t)i);

        json_array_append_new(list, make(maker, own != NULL ? own : items));
    }
    return list;
}

/* Adds to `object` what a schema requires. */
static void add_required(struct maker *maker, const json_t *schema, json_t *object)
{
    const json_t *properties = json_object_get(schema, "properties"), *name;
    size_t i;

    json_array_foreach (json_object_get(schema, "required"), i, name)
        json_object_set_new(object, json_string_value(name),
                            make(maker, json_object_get(properties, json_string_value(name))));
}

static json_t *make_object(struct maker *maker, const json_t *schema)
{
    json_t *object = json_object(), *part;
    size_t i;

    add_required(maker, schema, object);
    json_array_foreach (json_object_get(schema, "allOf"), i, part)
        add_required(maker, part, object);
    return object;
}

/* What the schema itself offers as a value; borrowed, or NULL. */
static const json_t *offered(const json_t *schema)
{
    const json_t *value = json_object_get(schema, "const");

    if (value == NULL)
        value = json_array_get(json_object_get(schema, "enum"), 0);
    if (value == NULL)
        value = json_array_get(json_object_get(schema, "examples"), 0);
    return value != NULL ? value : json_object_get(schema, "default");
}

/* The schema that stands for this one: what a reference means, or the first of several. Borrowed,
 * or NULL. */
static const json_t *instead(const struct maker *maker, const json_t *schema)
{
    static const char *const choices[] = { "anyOf", "oneOf", "allOf" };
    const char *reference = tdh_json_str(schema, "$ref", NULL);

    if (reference != NULL)
        return reference[0] == '#' ? tdh_json_at(maker->root, reference + 1) : NULL;
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
        if (json_array_size(json_object_get(schema, choices[i])) > 0)
            return json_array_get(json_object_get(schema, choices[i]), 0);
    return NULL;
}

static json_t *make_typed(struct maker *maker, const json_t *schema, const char *type)
{
    if (strcmp(type, "object") == 0)
        return make_object(maker, schema);
    if (strcmp(type, "array") == 0)
        return make_list(maker, schema);
    if (strcmp(type, "string") == 0)
        return make_text(schema);
    if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
        return make_number(schema, type[0] == 'i');
    return strcmp(type, "boolean") == 0 ? json_false() : json_null();
}

static json_t *make(struct maker *maker, const json_t *schema)
{
    const json_t *value = offered(schema), *types = json_object_get(schema, "type"), *other;
    const char *type = json_is_array(types) ? json_string_value(json_array_get(types, 0))
                                            : json_string_value(types);
    json_t *made;

    if (value != NULL)
        return json_deep_copy(value);
    if (maker->depth >= DEPTH_MAX)
        return json_null();
    maker->depth++;
    other = type == NULL ? instead(maker, schema) : NULL;
    if (other != NULL)
        made = make(maker, other);
    else
        made = make_typed(maker, schema,
                          type != NULL                                  ? type
                          : json_object_get(schema, "required") != NULL ? "object"
                                                                        : "null");
    maker->depth--;
    return made;
}

json_t *tdh_conform_value(const json_t *schema)
{
    struct maker maker = { .root = schema };

    return make(&maker, schema);
}

/* --- folders --- */

static json_t *fill_text(const char *text, const char *temp)
{
    static const char mark[] = "${TMP}";
    struct tdh_buf buf = { 0 };
    json_t *filled;

    for (const char *at = strstr(text, mark); at != NULL; at = strstr(text, mark)) {
        tdh_buf_add(&buf, text, (size_t)(at - text));
        tdh_buf_text(&buf, temp);
        text = at + strlen(mark);
    }
    tdh_buf_text(&buf, text);
    filled = buf.failed ? NULL : json_string(buf.data);
    tdh_buf_free(&buf);
    return filled;
}

json_t *tdh_conform_fill(const json_t *value, const char *temp)
{
    const char *name;
    json_t *filled, *member;
    size_t i;

    if (json_is_string(value))
        return fill_text(json_string_value(value), temp);
    filled = json_copy((json_t *)value);
    json_object_foreach (filled, name, member)
        json_object_set_new(filled, name, tdh_conform_fill(member, temp));
    json_array_foreach (filled, i, member)
        json_array_set_new(filled, i, tdh_conform_fill(member, temp));
    return filled;
}

/* --- a part of a value --- */

static bool includes(const json_t *value, const json_t *part);

static bool list_includes(const json_t *list, const json_t *part)
{
    const json_t *item;
    size_t i;

    json_array_foreach (list, i, item)
        if (includes(item, part))
            return true;
    return false;
}

/* Whether each of a list's parts, or of an object's members, is there; an empty list is a part of
 * an empty one only. */
static bool includes(const json_t *value, const json_t *part)
{
    const char *name;
    json_t *member;
    size_t i;

    if (json_typeof(value) != json_typeof(part))
        return false;
    if (!json_is_object(part) && !json_is_array(part))
        return json_equal(value, part);
    if (json_is_array(part) && json_array_size(part) == 0)
        return json_array_size(value) == 0;
    json_array_foreach (part, i, member)
        if (!list_includes(value, member))
            return false;
    json_object_foreach ((json_t *)part, name, member) {
        const json_t *own = json_object_get(value, name);

        if (own == NULL || !includes(own, member))
            return false;
    }
    return true;
}

int tdh_conform_includes(const json_t *output, const json_t *wanted, struct td_err *err)
{
    const char *name = NULL;
    json_t *part = (json_t *)wanted;
    char *text;

    if (includes(output, wanted))
        return 0;
    json_object_foreach ((json_t *)wanted, name, part) {
        const json_t *own = json_object_get(output, name);

        if (own == NULL || !includes(own, part))
            break;
    }
    text = tdh_json_text(part, TDH_JSON_SORTED);
    td_fail(err, TD_E_EXEC, "%s%s does not include %.400s",
            name != NULL ? "its output /" : "its output", name != NULL ? name : "",
            text != NULL ? text : "");
    free(text);
    return -1;
}
