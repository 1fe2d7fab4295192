/* SPDX-License-Identifier: Apache-2.0 */
/*
 * typed: one reader per tag, one writer per type.
 */
#include "cel/typed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cel/collection.h"
#include "cel/json.h"
#include "cel/number.h"
#include "cel/program.h"
#include "cel/time.h"

static int read_value(struct cel_run *run, const json_t *json, int depth,
                      struct cel_value *ret_value, struct td_err *err);

static int stopped(const struct cel_run *run, struct td_err *err)
{
    return cel_stop_tell(run, err);
}

static bool read_hex(struct cel_run *run, const json_t *json, struct cel_value *ret_value)
{
    const char *text = json_string_value(json);
    size_t size = json_string_length(json) / 2;
    char *bytes = cel_alloc(run, size);
    uint64_t byte;

    if (text == NULL || bytes == NULL || json_string_length(json) % 2 != 0)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!cel_parse_uint(text + 2 * i, 2, 16, &byte))
            return false;
        bytes[i] = (char)byte;
    }
    *ret_value = cel_bytes(bytes, size);
    return true;
}

/* The tags whose value is one number or text. */
static bool read_scalar(struct cel_run *run, const char *tag, const json_t *json,
                        struct cel_value *ret_value)
{
    const char *text = json_is_string(json) ? json_string_value(json) : "";
    size_t length = json_string_length(json);
    enum cel_type type = cel_type_named(text, length);

    *ret_value = cel_from_json(json);
    if (strcmp(tag, "null") == 0)
        return json_is_null(json);
    if (strcmp(tag, "bool") == 0)
        return json_is_boolean(json);
    if (strcmp(tag, "int") == 0)
        return json_is_integer(json);
    if (strcmp(tag, "string") == 0)
        return json_is_string(json);
    if (strcmp(tag, "bytes_hex") == 0)
        return read_hex(run, json, ret_value);
    if (strcmp(tag, "timestamp") == 0)
        return cel_time_parse(text, length, ret_value);
    if (strcmp(tag, "duration") == 0)
        return cel_duration_parse(text, length, ret_value);
    if (strcmp(tag, "double") == 0) {
        ret_value->type = CEL_DOUBLE;
        return cel_parse_double(text, length, &ret_value->as.d);
    }
    if (strcmp(tag, "uint") == 0) {
        ret_value->type = CEL_UINT;
        return cel_parse_uint(text, length, 10, &ret_value->as.u);
    }
    *ret_value = cel_type(type);
    return strcmp(tag, "type") == 0 && type != CEL_TYPES_;
}

static int read_list(struct cel_run *run, const json_t *json, int depth,
                     struct cel_value *ret_value, struct td_err *err)
{
    struct cel_list *list = cel_list_new(run, json_array_size(json));
    const json_t *item;
    size_t i;

    if (list == NULL)
        return stopped(run, err);
    json_array_foreach (json, i, item) {
        if (read_value(run, item, depth, &list->items[i], err) != 0)
            return -1;
        list->count++;
    }
    *ret_value = cel_list(list);
    return 0;
}

static int read_map(struct cel_run *run, const json_t *json, int depth, struct cel_value *ret_value,
                    struct td_err *err)
{
    struct cel_map *map = cel_map_new(run, json_array_size(json));
    struct cel_value key, value;
    const json_t *pair;
    size_t i;

    if (map == NULL)
        return stopped(run, err);
    json_array_foreach (json, i, pair) {
        if (json_array_size(pair) != 2)
            return td_fail(err, TD_E_INVAL,
                           "entry %zu of a \"map\" must be an array of key and value", i + 1);
        if (read_value(run, json_array_get(pair, 0), depth, &key, err) != 0 ||
            read_value(run, json_array_get(pair, 1), depth, &value, err) != 0)
            return -1;
        if (cel_map_put(run, map, key, value) != CEL_PUT_DONE)
            return td_fail(err, TD_E_INVAL,
                           "entry %zu of a \"map\" has a key twice or one of a wrong type", i + 1);
    }
    *ret_value = cel_map(map);
    return 0;
}

static int read_optional(struct cel_run *run, const json_t *json, int depth,
                         struct cel_value *ret_value, struct td_err *err)
{
    struct cel_value inner;

    *ret_value = cel_optional(NULL);
    if (json_array_size(json) == 0)
        return 0;
    if (read_value(run, json_array_get(json, 0), depth, &inner, err) != 0)
        return -1;
    *ret_value = cel_new_optional(run, inner);
    return 0;
}

static int read_value(struct cel_run *run, const json_t *json, int depth,
                      struct cel_value *ret_value, struct td_err *err)
{
    const char *tag = json_object_iter_key(json_object_iter((json_t *)json));
    const json_t *value = json_object_get(json, tag);

    if (json_object_size(json) != 1)
        return td_fail(err, TD_E_INVAL,
                       "a typed value must be an object of one member, such as {\"int\": 1}");
    if (depth > CEL_DEEP / 2)
        return td_fail(err, TD_E_LIMIT, "a typed value is nested deeper than %d levels",
                       CEL_DEEP / 2);
    if (json_is_array(value)) {
        if (strcmp(tag, "list") == 0)
            return read_list(run, value, depth + 1, ret_value, err);
        if (strcmp(tag, "map") == 0)
            return read_map(run, value, depth + 1, ret_value, err);
        if (strcmp(tag, "optional") == 0)
            return read_optional(run, value, depth + 1, ret_value, err);
    } else if (read_scalar(run, tag, value, ret_value)) {
        return 0;
    }
    return td_fail(err, TD_E_INVAL,
                   "typed value \"%.32s\" has no such tag, or a value that does not fit it", tag);
}

const struct cel_value *cel_typed_roots(struct cel_run *run, const json_t *object,
                                        struct td_err *err)
{
    uint32_t count = run->cel->root_count;
    struct cel_value *values = cel_alloc(run, count * sizeof(*values));

    if (values == NULL) {
        stopped(run, err);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *name = run->cel->roots[i];
        const json_t *json = json_object_get(object, name);

        if (json == NULL) {
            values[i] = cel_fault_about(run, "variable %s has no value in this run",
                                        cel_string(name, strlen(name)));
        } else if (read_value(run, json, 0, &values[i], err) != 0) {
            td_context(err, "variable \"%s\"", name);
            return NULL;
        }
    }
    return values;
}

static json_t *write_value(struct cel_run *run, struct cel_value value, int depth,
                           struct td_err *err);

/* take: value. {tag: value}, or NULL when there is no value or memory. */
static json_t *tagged(const char *tag, json_t *value)
{
    return json_pack("{s:o}", tag, value);
}

static json_t *write_text(const char *tag, const char *text)
{
    return tagged(tag, json_string(text));
}

static json_t *write_bytes(struct cel_run *run, struct cel_value bytes, struct td_err *err)
{
    char *text = cel_alloc(run, 2 * (size_t)bytes.size);

    if (text == NULL) {
        stopped(run, err);
        return NULL;
    }
    for (uint32_t i = 0; i < bytes.size; i++) {
        text[2 * i] = "0123456789abcdef"[(unsigned char)bytes.as.s[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[(unsigned char)bytes.as.s[i] & 15];
    }
    return tagged("bytes_hex", json_stringn(text, 2 * (size_t)bytes.size));
}

static json_t *write_double(double d)
{
    char text[CEL_NUMBER_ROOM];

    cel_print_double(d, text);
    if (strcmp(text, "NaN") == 0)
        return write_text("double", "nan");
    if (strstr(text, "Infinity") != NULL)
        return write_text("double", d < 0 ? "-inf" : "inf");
    return write_text("double", text);
}

static json_t *write_list(struct cel_run *run, struct cel_value list, int depth, struct td_err *err)
{
    json_t *array = json_array();
    size_t count = cel_count(list);

    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(array, write_value(run, cel_list_at(list, i), depth, err)) == 0)
            continue;
        json_decref(array);
        return NULL;
    }
    return tagged("list", array);
}

static json_t *write_map(struct cel_run *run, struct cel_value map, int depth, struct td_err *err)
{
    struct cel_value state = cel_first(map), key, value;
    json_t *array = json_array();

    while (cel_next(map, &state, &key, &value)) {
        json_t *pair = json_array();

        if (json_array_append_new(pair, write_value(run, key, depth, err)) == 0 &&
            json_array_append_new(pair, write_value(run, value, depth, err)) == 0 &&
            json_array_append_new(array, json_incref(pair)) == 0) {
            json_decref(pair);
            continue;
        }
        json_decref(pair);
        json_decref(array);
        return NULL;
    }
    return tagged("map", array);
}

static json_t *write_optional(struct cel_run *run, struct cel_value value, int depth,
                              struct td_err *err)
{
    json_t *array = json_array();

    if (value.as.inner != NULL &&
        json_array_append_new(array, write_value(run, *value.as.inner, depth, err)) != 0) {
        json_decref(array);
        return NULL;
    }
    return tagged("optional", array);
}

static json_t *write_time(struct cel_value value)
{
    char text[CEL_TIME_ROOM];

    return write_text(value.type == CEL_TIMESTAMP ? "timestamp" : "duration",
                      cel_time_print(value, text));
}

static json_t *write_value(struct cel_run *run, struct cel_value value, int depth,
                           struct td_err *err)
{
    char text[32];

    if (!cel_visit(run, depth) || !cel_claim(run, CEL_NODE_BYTES + cel_text_size(value))) {
        stopped(run, err);
        return NULL;
    }
    switch (value.type) {
    case CEL_BOOL:
        return tagged("bool", json_boolean(value.as.i));
    case CEL_INT:
        return tagged("int", json_integer(value.as.i));
    case CEL_UINT:
        snprintf(text, sizeof(text), "%" PRIu64, value.as.u);
        return write_text("uint", text);
    case CEL_DOUBLE:
        return write_double(value.as.d);
    case CEL_STRING:
        return tagged("string", json_stringn_nocheck(value.as.s, value.size));
    case CEL_BYTES:
        return write_bytes(run, value, err);
    case CEL_LIST:
        return write_list(run, value, depth + 1, err);
    case CEL_MAP:
        return write_map(run, value, depth + 1, err);
    case CEL_TYPE:
        return write_text("type", cel_type_name((enum cel_type)value.as.i));
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        return write_time(value);
    case CEL_OPTIONAL:
        return write_optional(run, value, depth + 1, err);
    default:
        return tagged("null", json_null());
    }
}

json_t *cel_to_typed(struct cel_run *run, struct cel_value value, struct td_err *err)
{
    json_t *json;

    err->code = TD_OK; /* what fails without telling had no memory */
    json = write_value(run, value, 0, err);
    if (json == NULL && err->code == TD_OK)
        td_fail(err, TD_E_NOMEM, "could not allocate the result of an expression");
    return json;
}
