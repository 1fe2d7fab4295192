/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shape: sets of types, and the part of JSON Schema that tells them.
 */
#include "cel/shape.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cel/function.h"

enum { REFS_MAX = 16, ENUM_MAX = 256 };

#define BOOL CEL_BIT(CEL_BOOL)
#define INT CEL_BIT(CEL_INT)
#define UINT CEL_BIT(CEL_UINT)
#define DOUBLE CEL_BIT(CEL_DOUBLE)
#define STRING CEL_BIT(CEL_STRING)
#define BYTES CEL_BIT(CEL_BYTES)
#define LIST CEL_BIT(CEL_LIST)
#define MAP CEL_BIT(CEL_MAP)
#define TIMESTAMP CEL_BIT(CEL_TIMESTAMP)
#define DURATION CEL_BIT(CEL_DURATION)
#define OPTIONAL CEL_BIT(CEL_OPTIONAL)

/* What `+` to `in` and the unary operators take and give. */
static const struct {
    enum cel_code first, last;
    uint32_t left, right, result;
} operators[] = {
    { CEL_OP_ADD, CEL_OP_MODULO, INT, INT, INT },
    { CEL_OP_ADD, CEL_OP_MODULO, UINT, UINT, UINT },
    { CEL_OP_ADD, CEL_OP_DIVIDE, DOUBLE, DOUBLE, DOUBLE },
    { CEL_OP_ADD, CEL_OP_ADD, STRING, STRING, STRING },
    { CEL_OP_ADD, CEL_OP_ADD, BYTES, BYTES, BYTES },
    { CEL_OP_ADD, CEL_OP_ADD, LIST, LIST, LIST },
    { CEL_OP_ADD, CEL_OP_SUBTRACT, TIMESTAMP, DURATION, TIMESTAMP },
    { CEL_OP_ADD, CEL_OP_SUBTRACT, DURATION, DURATION, DURATION },
    { CEL_OP_ADD, CEL_OP_ADD, DURATION, TIMESTAMP, TIMESTAMP },
    { CEL_OP_SUBTRACT, CEL_OP_SUBTRACT, TIMESTAMP, TIMESTAMP, DURATION },
    { CEL_OP_EQUAL, CEL_OP_GREATER_EQUAL, CEL_NUMBERS, CEL_NUMBERS, BOOL },
    { CEL_OP_EQUAL, CEL_OP_GREATER_EQUAL, STRING, STRING, BOOL },
    { CEL_OP_EQUAL, CEL_OP_GREATER_EQUAL, BYTES, BYTES, BOOL },
    { CEL_OP_EQUAL, CEL_OP_GREATER_EQUAL, BOOL, BOOL, BOOL },
    { CEL_OP_EQUAL, CEL_OP_GREATER_EQUAL, TIMESTAMP, TIMESTAMP, BOOL },
    { CEL_OP_EQUAL, CEL_OP_GREATER_EQUAL, DURATION, DURATION, BOOL },
    { CEL_OP_EQUAL, CEL_OP_UNEQUAL, LIST, LIST, BOOL },
    { CEL_OP_EQUAL, CEL_OP_UNEQUAL, MAP, MAP, BOOL },
    { CEL_OP_EQUAL, CEL_OP_UNEQUAL, CEL_BIT(CEL_TYPE), CEL_BIT(CEL_TYPE), BOOL },
    { CEL_OP_EQUAL, CEL_OP_UNEQUAL, OPTIONAL, OPTIONAL, BOOL },
    { CEL_OP_EQUAL, CEL_OP_UNEQUAL, CEL_BIT(CEL_NULL), CEL_ANY,
      BOOL }, /* asking for null is always fair */
    { CEL_OP_EQUAL, CEL_OP_UNEQUAL, CEL_ANY, CEL_BIT(CEL_NULL), BOOL },
    { CEL_OP_IN, CEL_OP_IN, CEL_ANY, LIST, BOOL },
    { CEL_OP_IN, CEL_OP_IN, BOOL | CEL_NUMBERS | STRING, MAP, BOOL },
    { CEL_OP_INDEX, CEL_OP_INDEX, LIST, CEL_NUMBERS, CEL_ANY },
    { CEL_OP_INDEX, CEL_OP_INDEX, MAP, BOOL | CEL_NUMBERS | STRING, CEL_ANY },
    { CEL_OP_INDEX, CEL_OP_INDEX, OPTIONAL, CEL_ANY, CEL_ANY },
    { CEL_OP_AND, CEL_OP_OR, BOOL, BOOL, BOOL },
    { CEL_OP_NOT, CEL_OP_NOT, BOOL, 0, BOOL },
    { CEL_OP_NEGATE, CEL_OP_NEGATE, INT, 0, INT },
    { CEL_OP_NEGATE, CEL_OP_NEGATE, DOUBLE, 0, DOUBLE },
};

uint32_t cel_shape_operator(enum cel_code code, uint32_t left, uint32_t right)
{
    uint32_t result = 0;

    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (code >= operators[i].first && code <= operators[i].last &&
            (operators[i].left & left) != 0 &&
            (operators[i].right == right || (operators[i].right & right) != 0))
            result |= operators[i].result;
    return result;
}

struct cel_shape cel_shape_any(void)
{
    return cel_shape_of(CEL_ANY);
}

struct cel_shape cel_shape_of(uint32_t types)
{
    return (struct cel_shape){ .types = types };
}

static const struct {
    const char *name;
    uint32_t types;
} json_types[] = {
    { "null", CEL_BIT(CEL_NULL) },
    { "boolean", BOOL },
    { "integer", INT },
    { "number", INT | DOUBLE },
    { "string", STRING },
    { "array", LIST },
    { "object", MAP },
};

static uint32_t types_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(json_types) / sizeof(json_types[0]); i++)
        if (strcmp(json_types[i].name, name) == 0)
            return json_types[i].types;
    return CEL_ANY;
}

static uint32_t types_of_keyword(const json_t *type)
{
    uint32_t types = 0;
    const json_t *name;
    size_t i;

    if (!json_is_array(type))
        return types_named(json_string_value(type));
    json_array_foreach (type, i, name)
        types |= types_named(json_string_value(name));
    return types != 0 ? types : CEL_ANY;
}

static uint32_t types_of_values(const json_t *values)
{
    uint32_t types = 0;
    const json_t *value;
    size_t i;

    if (json_array_size(values) == 0 || json_array_size(values) > ENUM_MAX)
        return CEL_ANY;
    json_array_foreach (values, i, value)
        types |= CEL_BIT(cel_from_json(value).type);
    return types & CEL_ANY;
}

/* Follows "#/..." references; NULL where one leads out of the document or in a circle. */
static const json_t *resolve(const json_t *schema, const json_t *document)
{
    for (int i = 0; i < REFS_MAX && json_is_object(schema); i++) {
        const char *ref = json_string_value(json_object_get(schema, "$ref"));

        if (ref == NULL)
            return schema;
        schema = ref[0] == '#' && (ref[1] == '\0' || ref[1] == '/') ? tdh_json_at(document, ref + 1)
                                                                    : NULL;
    }
    return NULL;
}

struct cel_shape cel_shape_schema(const json_t *schema, const json_t *document)
{
    struct cel_shape shape = cel_shape_any();
    const json_t *value;

    schema = resolve(schema, document);
    if (schema == NULL)
        return shape;
    shape.schema = schema;
    shape.document = document;
    if ((value = json_object_get(schema, "type")) != NULL)
        shape.types = types_of_keyword(value);
    else if ((value = json_object_get(schema, "const")) != NULL)
        shape.types = CEL_BIT(cel_from_json(value).type) & CEL_ANY;
    else if ((value = json_object_get(schema, "enum")) != NULL)
        shape.types = types_of_values(value);
    return shape;
}

struct cel_shape cel_shape_either(struct cel_shape a, struct cel_shape b)
{
    struct cel_shape either = cel_shape_of(a.types | b.types);

    if (a.schema == b.schema && a.element == b.element)
        a.types = either.types;
    return a.schema == b.schema && a.element == b.element ? a : either;
}

const struct cel_shape *cel_shape_keep(struct cel_shape shape, struct tdh_arena *arena)
{
    struct cel_shape *kept = tdh_arena_alloc_raw(arena, sizeof(*kept));

    if (kept != NULL)
        *kept = shape;
    return kept;
}

struct cel_shape cel_shape_element(struct cel_shape collection)
{
    const json_t *schema = NULL;

    if (collection.element != NULL)
        return *collection.element;
    if (collection.schema != NULL && collection.types == LIST &&
        json_object_get(collection.schema, "prefixItems") == NULL)
        schema = json_object_get(collection.schema, "items");
    else if (collection.schema != NULL && collection.types == MAP &&
             json_object_get(collection.schema, "properties") == NULL &&
             json_object_get(collection.schema, "patternProperties") == NULL)
        schema = json_object_get(collection.schema, "additionalProperties");
    return cel_shape_schema(schema, collection.document);
}

/* Keywords that may allow what "properties" does not name. */
static bool is_open(const json_t *schema)
{
    static const char *const keywords[] = { "patternProperties", "allOf", "anyOf", "oneOf", "if",
                                            "$dynamicRef" };

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (json_object_get(schema, keywords[i]) != NULL)
            return true;
    return !json_is_false(json_object_get(schema, "additionalProperties"));
}

bool cel_shape_field(struct cel_shape shape, const char *name, size_t length,
                     struct cel_shape *ret_field)
{
    const json_t *known;

    *ret_field = cel_shape_any();
    if (shape.schema == NULL) {
        if (shape.element != NULL && shape.types == MAP)
            *ret_field = *shape.element;
        return true;
    }
    known = json_object_getn(json_object_get(shape.schema, "properties"), name, length);
    if (known != NULL)
        *ret_field = cel_shape_schema(known, shape.document);
    else if (json_object_get(shape.schema, "patternProperties") == NULL)
        *ret_field =
            cel_shape_schema(json_object_get(shape.schema, "additionalProperties"), shape.document);
    return known != NULL || is_open(shape.schema);
}

size_t cel_shape_fields(struct cel_shape shape, const char **names, size_t room)
{
    json_t *properties = json_object_get(shape.schema, "properties");
    const char *name;
    json_t *unused;
    size_t count = 0;

    json_object_foreach (properties, name, unused)
        if (count < room)
            names[count++] = name;
    (void)unused;
    return count;
}

/* What becomes text, or a plain number, on its way out. */
static uint32_t types_in_json(uint32_t types)
{
    if ((types & OPTIONAL) != 0)
        return CEL_ANY;
    if ((types & (BYTES | TIMESTAMP | DURATION | CEL_BIT(CEL_TYPE))) != 0)
        types |= STRING;
    if ((types & UINT) != 0)
        types |= INT;
    return types;
}

bool cel_shape_fits(uint32_t types, const json_t *schema)
{
    uint32_t wanted = cel_shape_schema(schema, schema).types;

    return (types_in_json(types) & wanted) != 0;
}

const char *cel_shape_name(uint32_t types, char *out, size_t size)
{
    size_t used = 0;

    if (types == CEL_ANY)
        return "any";
    for (unsigned type = 0; type < CEL_TYPES_ && used < size; type++) {
        if ((types & CEL_BIT(type)) == 0)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " or " : "",
                                 cel_type_name(type));
    }
    return out;
}
