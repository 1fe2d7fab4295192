/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: conditions are a table; those about fields must hold for one and the same field.
 */
#include "facts.h"

#include <string.h>

#include "kit/json.h"
#include "kit/text.h"

#define MANY_LABELS 12 /* of a list of labels in a text; then "..." */

static const char *const field_conditions[] = { "field_type", "role", "field" };

static bool field_has(const json_t *field, const char *condition, const json_t *value)
{
    const char *want = json_string_value(value);

    if (strcmp(condition, "field_type") == 0)
        return strcmp(kit_str(field, "type", ""), want) == 0;
    if (strcmp(condition, "role") == 0)
        return strcmp(kit_str(field, "role", ""), want) == 0;
    return json_is_true(json_object_get(field, want)); /* field: required, many, open */
}

static bool is_of_fields(const char *condition)
{
    for (size_t i = 0; i < sizeof(field_conditions) / sizeof(field_conditions[0]); i++)
        if (strcmp(field_conditions[i], condition) == 0)
            return true;
    return false;
}

static bool field_fits(const json_t *field, const json_t *when)
{
    const char *condition;
    json_t *value;

    json_object_foreach ((json_t *)when, condition, value)
        if (is_of_fields(condition) && !field_has(field, condition, value))
            return false;
    return true;
}

static bool any_field_fits(const struct facts *facts, const json_t *when)
{
    const json_t *entity, *field;
    size_t i, j;

    json_array_foreach (json_object_get(facts->model, "entities"), i, entity)
        json_array_foreach (json_object_get(entity, "fields"), j, field)
            if (field_fits(field, when))
                return true;
    return false;
}

static bool has_feature(const struct facts *facts, const json_t *value)
{
    return kit_list_find(json_object_get(facts->model, "features"), "name",
                         json_string_value(value)) != NULL;
}

static bool has_relation(const struct facts *facts, const json_t *value)
{
    return kit_list_find(json_object_get(facts->model, "relations"), "kind",
                         json_string_value(value)) != NULL;
}

static bool has_layout(const struct facts *facts, const json_t *value)
{
    return strcmp(kit_str(facts->selection, "layout", ""), json_string_value(value)) == 0;
}

static bool has_constraint(const struct facts *facts, const json_t *value)
{
    const json_t *list = json_object_get(facts->understanding, "constraints");

    return kit_list_find(list, "kind", json_string_value(value)) != NULL;
}

static bool has_entities(const struct facts *facts, const json_t *value)
{
    size_t count = json_array_size(json_object_get(facts->model, "entities"));

    return (json_int_t)count >= json_integer_value(value);
}

static const struct condition {
    const char *name;
    json_type type;
    bool (*holds)(const struct facts *facts, const json_t *value); /* NULL: of fields */
} conditions[] = {
    { "field_type", JSON_STRING, NULL },
    { "role", JSON_STRING, NULL },
    { "field", JSON_STRING, NULL },
    { "feature", JSON_STRING, has_feature },
    { "relation", JSON_STRING, has_relation },
    { "layout", JSON_STRING, has_layout },
    { "constraint", JSON_STRING, has_constraint },
    { "entities", JSON_INTEGER, has_entities },
};

static const struct condition *find_condition(const char *name)
{
    for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
        if (strcmp(conditions[i].name, name) == 0)
            return &conditions[i];
    return NULL;
}

bool facts_knows(const char *condition, const json_t *value)
{
    const struct condition *row = find_condition(condition);

    return row != NULL && json_typeof(value) == row->type;
}

bool facts_hold(const struct facts *facts, const json_t *when)
{
    bool asks_fields = false;
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)when, name, value) {
        const struct condition *row = find_condition(name);

        if (row->holds == NULL)
            asks_fields = true;
        else if (!row->holds(facts, value))
            return false;
    }
    return !asks_fields || any_field_fits(facts, when);
}

json_t *facts_field_types(const struct facts *facts, struct td_err *err)
{
    json_t *types = json_array();
    const json_t *entity, *field;
    size_t i, j;

    if (types == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the field types");
    json_array_foreach (json_object_get(facts->model, "entities"), i, entity)
        json_array_foreach (json_object_get(entity, "fields"), j, field) {
            const char *type = kit_str(field, "type", "text");

            if (types == NULL || kit_list_has(types, type) ||
                kit_push(types, json_string(type), err) == 0)
                continue;
            json_decref(types);
            return NULL;
        }
    return types;
}

/* Adds a label to "a, b"; past MANY_LABELS only "..." once. */
static void add_label(struct kit_text *out, size_t *count, const char *label)
{
    ++*count;
    if (*count > MANY_LABELS + 1)
        return;
    kit_text_printf(out, "%s%s", *count > 1 ? ", " : "", *count > MANY_LABELS ? "..." : label);
}

static void add_entities(const struct facts *facts, struct kit_text *out)
{
    const json_t *entity;
    size_t i, count = 0;

    json_array_foreach (json_object_get(facts->model, "entities"), i, entity)
        add_label(out, &count, kit_str(entity, "plural_label", kit_str(entity, "label", "")));
}

static void add_fields(const struct facts *facts, const json_t *when, struct kit_text *out)
{
    const json_t *entity, *field;
    size_t i, j, count = 0;

    json_array_foreach (json_object_get(facts->model, "entities"), i, entity)
        json_array_foreach (json_object_get(entity, "fields"), j, field)
            if (field_fits(field, when))
                add_label(out, &count, kit_str(field, "label", kit_str(field, "name", "")));
}

static void add_word(const struct facts *facts, const json_t *when, const char *name,
                     const char *key, size_t length, struct kit_text *out)
{
    if (length == 3 && memcmp(key, "app", 3) == 0)
        kit_text_put(out, kit_str(json_object_get(facts->understanding, "title"), "text",
                                  kit_str(facts->understanding, "name", "")));
    else if (length == 8 && memcmp(key, "entities", 8) == 0)
        add_entities(facts, out);
    else if (length == 6 && memcmp(key, "fields", 6) == 0)
        add_fields(facts, when, out);
    else
        kit_text_put(out, name); /* {name}: the only other one that the rules' check lets through */
}

json_t *facts_words(const struct facts *facts, const json_t *when, const char *name,
                    const char *text, struct td_err *err)
{
    struct kit_text out = { 0 };
    json_t *words = NULL;

    while (*text != '\0') {
        size_t plain = strcspn(text, "{");
        const char *end = strchr(text + plain, '}');

        kit_text_add(&out, text, plain);
        text += plain;
        if (*text == '\0' || end == NULL)
            break;
        add_word(facts, when, name, text + 1, (size_t)(end - text) - 1, &out);
        text = end + 1;
    }
    if (!out.failed)
        words = json_stringn(out.data != NULL ? out.data : "", out.length);
    kit_text_free(&out);
    if (words == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a text of the rules");
    return words;
}
