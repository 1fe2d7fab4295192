/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: finds, fills and keeps JSON values.
 */
#include "kit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- JSON pointers --- */

bool kit_is_pointer(const char *text)
{
    if (text == NULL || (text[0] != '\0' && text[0] != '/'))
        return false;
    for (; *text != '\0'; text++)
        if (*text == '~' && text[1] != '0' && text[1] != '1')
            return false;
    return true;
}

/* Compares a key with the part of a pointer up to its next "/". */
static bool is_key(const char *key, const char *part, size_t length)
{
    for (size_t i = 0; i < length; i++, key++) {
        char letter = part[i];

        if (letter == '~' && i + 1 < length)
            letter = part[++i] == '1' ? '/' : '~';
        if (*key != letter)
            return false;
    }
    return *key == '\0';
}

static json_t *member_at(const json_t *object, const char *part, size_t length)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)object, key, value)
        if (is_key(key, part, length))
            return value;
    return NULL;
}

static json_t *item_at(const json_t *list, const char *part, size_t length)
{
    size_t place = 0;

    if (length == 0 || length > 9 || (part[0] == '0' && length > 1))
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (part[i] < '0' || part[i] > '9')
            return NULL;
        place = place * 10 + (size_t)(part[i] - '0');
    }
    return json_array_get(list, place);
}

json_t *kit_at(const json_t *value, const char *pointer)
{
    while (value != NULL && *pointer == '/') {
        const char *part = pointer + 1;
        size_t length = strcspn(part, "/");

        value =
            json_is_array(value) ? item_at(value, part, length) : member_at(value, part, length);
        pointer = part + length;
    }
    return (json_t *)value;
}

/* --- forms --- */

json_t *kit_fill(const json_t *form, const json_t *given)
{
    const json_t *at = json_object_get(form, "$at");
    const char *key;
    json_t *filled, *value;
    size_t i;

    if (json_is_string(at) && json_object_size(form) == 1) {
        value = kit_at(given, json_string_value(at));
        return value != NULL ? json_incref(value) : json_null();
    }
    if (!json_is_object(form) && !json_is_array(form))
        return json_incref((json_t *)form);
    filled = json_is_object(form) ? json_object() : json_array();
    json_object_foreach ((json_t *)form, key, value)
        if (json_object_set_new(filled, key, kit_fill(value, given)) != 0)
            goto failed;
    json_array_foreach (form, i, value)
        if (json_array_append_new(filled, kit_fill(value, given)) != 0)
            goto failed;
    return filled;
failed:
    json_decref(filled);
    return NULL;
}

/* Whether no part is nested deeper than `depth`: what is kept must fit into a journal. */
static bool is_shallow(const json_t *value, unsigned depth)
{
    const char *key;
    json_t *part;
    size_t i;

    if (depth == 0)
        return !json_is_object(value) && !json_is_array(value);
    json_object_foreach ((json_t *)value, key, part)
        if (!is_shallow(part, depth - 1))
            return false;
    json_array_foreach (value, i, part)
        if (!is_shallow(part, depth - 1))
            return false;
    return true;
}

/* jansson tells some lacks of memory as faults of the text: a text that can be read when it is
 * tried again was not at fault. */
static json_t *parse(const json_t *text, json_error_t *error)
{
    json_t *read = NULL;

    for (int i = 0; i < 2 && read == NULL; i++)
        read = json_loadb(json_string_value(text), json_string_length(text), JSON_REJECT_DUPLICATES,
                          error);
    return read;
}

int kit_reading(const json_t *value, json_t **ret_read, struct td_err *err)
{
    json_error_t error;
    json_t *read;

    *ret_read = NULL;
    if (json_is_object(value) || json_is_array(value))
        *ret_read = json_incref((json_t *)value);
    if (!json_is_string(value) || json_string_length(value) > KIT_TEXT_BYTES)
        return 0;
    read = parse(value, &error);
    if (read == NULL && error.text[0] == '\0')
        return td_fail(err, TD_E_NOMEM, "could not allocate what was read");
    if (read != NULL && is_shallow(read, KIT_TEXT_DEPTH))
        *ret_read = read;
    else
        json_decref(read);
    return 0;
}

json_t *kit_copy(const json_t *value)
{
    json_t *copy = json_copy((json_t *)value);

    if (json_array_size(copy) == json_array_size(value) &&
        json_object_size(copy) == json_object_size(value))
        return copy;
    json_decref(copy);
    return NULL;
}

json_t *kit_string(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

bool kit_equal(const json_t *one, const json_t *other)
{
    if (json_is_number(one) && json_is_number(other) && json_typeof(one) != json_typeof(other))
        return json_number_value(one) == json_number_value(other);
    return json_equal(one, other) != 0;
}

/* --- keeping --- */

int kit_push(json_t *list, json_t *value, struct td_err *err)
{
    return json_array_append_new(list, value) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a result");
}

int kit_put(json_t *object, const char *key, json_t *value, struct td_err *err)
{
    return json_object_set_new(object, key, value) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate \"%s\" of a result", key);
}

int kit_set(json_t *list, size_t place, json_t *value, struct td_err *err)
{
    return json_array_set_new(list, place, value) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not keep result %zu", place);
}

static void give_up(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

void kit_add(json_t **list, json_t *value)
{
    if (json_array_append_new(*list, value) != 0)
        give_up(list);
}

void kit_add_member(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0)
        give_up(object);
}

void kit_add_text(json_t **object, const char *key, const char *text)
{
    if (text != NULL)
        kit_add_member(object, key, json_string(text));
}

json_t *kit_merged(json_t *object, const json_t *more)
{
    if (json_object_update(object, (json_t *)more) != 0)
        give_up(&object);
    return object;
}

void kit_hold(json_t **held, const json_t *value)
{
    json_incref((json_t *)value);
    json_decref(*held);
    *held = (json_t *)value;
}

json_t *kit_error_json(const struct td_err *error)
{
    return json_pack("{s:s, s:s}", "code", td_code_info(error->code)->name, "text", error->text);
}

void kit_error_read(const json_t *value, struct td_err *ret_error)
{
    const char *code = json_string_value(json_object_get(value, "code")),
               *text = json_string_value(json_object_get(value, "text"));

    td_fail(ret_error, code != NULL ? td_code_from_name(code) : TD_E_INTERNAL, "%s",
            text != NULL ? text : "an error without a text");
}

int kit_fail_as(const struct td_err *error, struct td_err *err, const char *fmt, ...)
{
    char who[256];
    va_list args;

    va_start(args, fmt);
    vsnprintf(who, sizeof(who), fmt, args);
    va_end(args);
    *err = *error;
    return td_context(err, "%s", who);
}
