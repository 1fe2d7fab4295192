/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field: reads mappings of a YAML document by tables, so that a key exists in one place: with its
 * reader, its bounds and whether it must be there. A key that is in no table is refused with the
 * nearest one that is.
 *
 * Where a value stands is asked for only when something is wrong with it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"
#include "base/plain.h"
#include "plugin/internal.h"

enum { FIELDS_MAX = 32, ITEMS_MAX = 1000 };

static void print_pointer(const struct tdh_spot *spot, struct tdh_buf *pointer)
{
    if (spot->up == NULL)
        return;
    print_pointer(spot->up, pointer);
    if (spot->key != NULL)
        tdh_buf_pointer(pointer, spot->key, strlen(spot->key));
    else
        tdh_buf_printf(pointer, "/%zu", spot->index);
}

/* Where the value at the spot stands; the key of its member when there is one. */
static struct tdh_place find_place(const struct tdh_spot *spot, const char *key)
{
    struct tdh_buf pointer = { 0 };
    struct tdh_place place;

    tdh_buf_text(&pointer, "");
    print_pointer(spot, &pointer);
    if (key != NULL)
        tdh_buf_pointer(&pointer, key, strlen(key));
    if (pointer.failed)
        place = (struct tdh_place){ 0 };
    else
        place = key != NULL ? tdh_yaml_key_place(spot->yaml, pointer.data)
                            : tdh_yaml_place(spot->yaml, pointer.data);
    tdh_buf_free(&pointer);
    return place;
}

struct tdh_place tdh_spot_place(const struct tdh_spot *spot)
{
    return find_place(spot, NULL);
}

int tdh_spot_context(const struct tdh_spot *spot, struct td_err *err)
{
    struct tdh_place place = find_place(spot, NULL);

    err->code = TD_E_CONFIG;
    return td_context(err, "%s:%u:%u", spot->yaml->name, place.line, place.column);
}

int tdh_spot_fail(const struct tdh_spot *spot, struct td_err *err, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    td_fail(err, TD_E_CONFIG, "%s", text);
    return tdh_spot_context(spot, err);
}

int tdh_spot_fail_key(const struct tdh_spot *spot, const char *key, struct td_err *err,
                      const char *fmt, ...)
{
    struct tdh_place place = find_place(spot, key);
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(err, TD_E_CONFIG, "%s:%u:%u: %s", spot->yaml->name, place.line, place.column,
                   text);
}

const char *tdh_spot_print(const struct tdh_spot *spot, char *text, size_t size)
{
    if (spot->key != NULL)
        snprintf(text, size, "\"%s\"", spot->key);
    else if (spot->up == NULL)
        snprintf(text, size, "the document");
    else
        snprintf(text, size, "item %zu of \"%s\"", spot->index + 1,
                 spot->up->key != NULL ? spot->up->key : "a list");
    return text;
}

int tdh_spot_fail_type(const struct tdh_spot *spot, const json_t *value, const char *want,
                       struct td_err *err)
{
    char name[160];

    return tdh_spot_fail(spot, err, "%s is of type %s, must be %s",
                         tdh_spot_print(spot, name, sizeof(name)), tdh_json_type_name(value), want);
}

static const struct tdh_field *find_field(const struct tdh_field *fields, size_t count,
                                          const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].key, key) == 0)
            return &fields[i];
    return NULL;
}

static int fail_unrecognized(const struct tdh_field *fields, size_t count,
                             const struct tdh_spot *spot, const char *key, struct td_err *err)
{
    const char *keys[FIELDS_MAX];
    const char *near = NULL;
    struct tdh_buf all = { 0 };

    for (size_t i = 0; i < count && i < FIELDS_MAX; i++)
        keys[i] = fields[i].key;
    near = tdh_near(key, keys, count < FIELDS_MAX ? count : FIELDS_MAX);
    if (near != NULL)
        return tdh_spot_fail_key(spot, key, err, "unrecognized key \"%s\", did you mean \"%s\"",
                                 key, near);
    tdh_spot_fail_key(spot, key, err, "unrecognized key \"%s\"", key);
    for (size_t i = 0; i < count; i++)
        tdh_buf_printf(&all, "%s%s", i != 0 ? ", " : "", fields[i].key);
    if (!all.failed)
        td_hint(err, "the keys are %s", all.data);
    tdh_buf_free(&all);
    return -1;
}

int tdh_fields_read(const struct tdh_field *fields, size_t count, const struct tdh_spot *spot,
                    const json_t *value, void *into, struct td_err *err)
{
    const char *key;
    json_t *member;

    if (!json_is_object(value))
        return tdh_spot_fail_type(spot, value, "a mapping", err);
    json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
        const struct tdh_field *field = find_field(fields, count, key);
        struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .key = key };

        if (field == NULL)
            return fail_unrecognized(fields, count, spot, key, err);
        if (field->read != NULL && field->read(field, &at, member, into, err) != 0)
            return -1;
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].is_required && json_object_get(value, fields[i].key) == NULL)
            return tdh_spot_fail(spot, err, "key \"%s\" is missing", fields[i].key);
    return 0;
}

int tdh_items_read(tdh_item_fn *read, const struct tdh_spot *spot, const json_t *value, void *into,
                   struct td_err *err)
{
    size_t count = json_array_size(value);

    if (!json_is_array(value))
        return tdh_spot_fail_type(spot, value, "a list", err);
    if (count > ITEMS_MAX)
        return tdh_spot_fail(spot, err, "\"%s\" has %zu items, the most is %d", spot->key, count,
                             ITEMS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .index = i };

        if (read(&at, json_array_get(value, i), into, err) != 0)
            return -1;
    }
    return 0;
}

/* Lines and tabs are text. */
static bool steers(const char *text)
{
    while (*text != '\0' && (*text == '\n' || *text == '\t' || tdh_steering(text) == 0))
        text++;
    return *text != '\0';
}

const char *tdh_spot_text(const struct tdh_spot *spot, const json_t *value, size_t max,
                          struct td_err *err)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    char name[160];

    if (text == NULL) {
        tdh_spot_fail_type(spot, value, "a string", err);
        return NULL;
    }
    tdh_spot_print(spot, name, sizeof(name));
    if (strlen(text) != length)
        tdh_spot_fail(spot, err, "%s has a NUL inside", name);
    else if (length == 0)
        tdh_spot_fail(spot, err, "%s is empty", name);
    else if (max != 0 && length > max)
        tdh_spot_fail(spot, err, "%s is %zu bytes long, the most is %zu", name, length, max);
    else if (steers(text))
        tdh_spot_fail(spot, err, "%s has a character that steers terminals", name);
    else
        return text;
    return NULL;
}

int tdh_field_note(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err)
{
    (void)into;
    return tdh_spot_text(spot, value, field->max, err) != NULL ? 0 : -1;
}

int tdh_field_text(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err)
{
    const char *text = tdh_spot_text(spot, value, field->max, err);
    char *copy = NULL;

    if (text == NULL)
        return -1;
    copy = strdup(text);
    if (copy == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate \"%s\"", field->key);
    *(char **)((char *)into + field->offset) = copy;
    return 0;
}

int tdh_field_bool(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err)
{
    if (!json_is_boolean(value))
        return tdh_spot_fail_type(spot, value, "true or false", err);
    *(bool *)((char *)into + field->offset) = json_is_true(value);
    return 0;
}

static int fail_word(const struct tdh_field *field, const struct tdh_spot *spot, const char *text,
                     struct td_err *err)
{
    struct tdh_buf all = { 0 };

    for (size_t i = 0; field->words[i] != NULL; i++)
        tdh_buf_printf(&all, "%s%s", i != 0 ? ", " : "", field->words[i]);
    tdh_spot_fail(spot, err, "%s is \"%s\", must be %s%s", field->key, text,
                  field->words[1] != NULL ? "one of " : "",
                  all.failed ? "something else" : all.data);
    tdh_buf_free(&all);
    return -1;
}

int tdh_field_word(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                   void *into, struct td_err *err)
{
    const char *text = tdh_spot_text(spot, value, 0, err);

    if (text == NULL)
        return -1;
    for (int i = 0; field->words[i] != NULL; i++) {
        if (strcmp(field->words[i], text) == 0) {
            *(int *)((char *)into + field->offset) = i;
            return 0;
        }
    }
    return fail_word(field, spot, text, err);
}

int tdh_field_range(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into, struct td_err *err)
{
    const char *text = tdh_spot_text(spot, value, 128, err);

    if (text == NULL)
        return -1;
    if (tdh_range_parse(text, (struct tdh_range *)((char *)into + field->offset), err) != 0)
        return tdh_spot_context(spot, err);
    return 0;
}

int tdh_field_duration(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    const char *text = tdh_spot_text(spot, value, 64, err);

    if (text == NULL)
        return -1;
    if (tdh_duration_parse(text, (int64_t *)((char *)into + field->offset), err) != 0)
        return tdh_spot_context(spot, err);
    return 0;
}

int tdh_field_words(const struct tdh_field *field, const struct tdh_spot *spot, const json_t *value,
                    void *into, struct td_err *err)
{
    size_t count = json_array_size(value);

    (void)into;
    if (!json_is_array(value))
        return tdh_spot_fail_type(spot, value, "a list of strings", err);
    if (count > ITEMS_MAX)
        return tdh_spot_fail(spot, err, "\"%s\" has %zu items, the most is %d", field->key, count,
                             ITEMS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .index = i };

        if (tdh_spot_text(&at, json_array_get(value, i), field->max, err) == NULL)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_array_get(value, i), json_array_get(value, k)))
                return tdh_spot_fail(&at, err, "\"%s\" stands in \"%s\" twice",
                                     json_string_value(json_array_get(value, i)), field->key);
    }
    return 0;
}
