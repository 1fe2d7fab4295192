/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: one case per type. What has no JSON form becomes text where the header says so, else an
 * error.
 */
#include "cel/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cel/base64.h"
#include "cel/collection.h"
#include "cel/time.h"

static json_t *convert(struct cel_run *run, struct cel_value value, int depth, struct td_err *err);

static json_t *no_memory(struct td_err *err)
{
    td_fail(err, TD_E_NOMEM, "could not allocate the result of an expression");
    return NULL;
}

static json_t *of_text(const char *text, size_t length, struct td_err *err)
{
    json_t *json = json_stringn_nocheck(text, length);

    return json != NULL ? json : no_memory(err);
}

static json_t *of_bytes(struct cel_run *run, struct cel_value bytes, struct td_err *err)
{
    char *text = cel_alloc(run, cel_base64_size(bytes.size));

    if (text == NULL) {
        cel_stop_tell(run, err);
        return NULL;
    }
    return of_text(text, cel_base64_encode(bytes.as.s, bytes.size, text), err);
}

static json_t *of_number(struct cel_value number, struct td_err *err)
{
    json_t *json;

    if (number.type == CEL_UINT && number.as.u > INT64_MAX) {
        td_fail(err, TD_E_INVAL, "result %" PRIu64 "u does not fit in an integer of JSON here",
                number.as.u);
        return NULL;
    }
    if (number.type == CEL_DOUBLE && !isfinite(number.as.d)) {
        td_fail(err, TD_E_INVAL, "result is %s, which JSON does not have",
                isnan(number.as.d) ? "NaN" : "infinite");
        return NULL;
    }
    json = number.type == CEL_DOUBLE ? json_real(number.as.d) : json_integer(number.as.i);
    return json != NULL ? json : no_memory(err);
}

/* Whoever prints a result pays for every copy of a shared part, so its size is counted here. */
static void charge_json(struct cel_run *run, const json_t *json, int depth)
{
    const char *key;
    json_t *member;
    size_t i;

    cel_charge(run, json_string_length(json) >> 6);
    if (!cel_visit(run, depth))
        return;
    json_array_foreach (json, i, member)
        charge_json(run, member, depth + 1);
    if (json_is_object(json))
        json_object_foreach ((json_t *)json, key, member)
            charge_json(run, member, depth + 1);
}

static json_t *of_list(struct cel_run *run, struct cel_value list, int depth, struct td_err *err)
{
    json_t *array = json_array(), *item;
    size_t count = cel_count(list);

    if (array == NULL)
        return no_memory(err);
    for (size_t i = 0; i < count; i++) {
        item = convert(run, cel_list_at(list, i), depth, err);
        if (item == NULL || json_array_append_new(array, item) != 0) {
            json_decref(array);
            return item == NULL ? NULL : no_memory(err);
        }
    }
    return array;
}

/* The text of a key that is not a string goes to `room`. */
static struct cel_value key_text(struct cel_value key, char room[32])
{
    if (key.type == CEL_BOOL)
        return key.as.i ? cel_string("true", 4) : cel_string("false", 5);
    if (key.type == CEL_STRING)
        return key;
    snprintf(room, 32, key.type == CEL_INT ? "%" PRId64 : "%" PRIu64, key.as.i);
    return cel_string(room, strlen(room));
}

static int set_member(json_t *object, struct cel_value key, json_t *member, struct td_err *err)
{
    char room[32];
    struct cel_value text = key_text(key, room);

    if (member == NULL)
        return -1;
    if (text.size > 0 && memchr(text.as.s, '\0', text.size) != NULL) {
        json_decref(member);
        return td_fail(err, TD_E_INVAL,
                       "result has a key with NUL in it, which is not allowed in JSON here");
    }
    if (json_object_getn(object, text.as.s, text.size) != NULL) {
        json_decref(member);
        return td_fail(err, TD_E_INVAL, "result has two keys that are \"%.*s\" in JSON",
                       (int)(text.size < 64 ? text.size : 64), text.as.s);
    }
    return json_object_setn_new_nocheck(object, text.as.s, text.size, member) == 0
               ? 0
               : (no_memory(err), -1);
}

static json_t *of_map(struct cel_run *run, struct cel_value map, int depth, struct td_err *err)
{
    struct cel_value state = cel_first(map), key, value;
    json_t *object = json_object();

    if (object == NULL)
        return no_memory(err);
    while (cel_next(map, &state, &key, &value)) {
        if (set_member(object, key, convert(run, value, depth, err), err) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *of_view(struct cel_run *run, struct cel_value view, int depth, struct td_err *err)
{
    if (depth > 0)
        charge_json(run, view.as.json, depth);
    if (run->steps_left > 0)
        return json_incref((json_t *)view.as.json);
    cel_stop_tell(run, err);
    return NULL;
}

static json_t *convert(struct cel_run *run, struct cel_value value, int depth, struct td_err *err)
{
    char text[CEL_TIME_ROOM];

    if (!cel_visit(run, depth) || !cel_claim(run, CEL_NODE_BYTES + cel_text_size(value))) {
        cel_stop_tell(run, err);
        return NULL;
    }
    switch (value.type) {
    case CEL_BOOL:
        return json_boolean(value.as.i);
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
        return of_number(value, err);
    case CEL_STRING:
        return of_text(value.as.s, value.size, err);
    case CEL_BYTES:
        return of_bytes(run, value, err);
    case CEL_LIST:
        return value.form == CEL_JSON ? of_view(run, value, depth, err)
                                      : of_list(run, value, depth + 1, err);
    case CEL_MAP:
        return value.form == CEL_JSON ? of_view(run, value, depth, err)
                                      : of_map(run, value, depth + 1, err);
    case CEL_TYPE:
        return of_text(cel_type_name((enum cel_type)value.as.i),
                       strlen(cel_type_name((enum cel_type)value.as.i)), err);
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        cel_time_print(value, text);
        return of_text(text, strlen(text), err);
    case CEL_OPTIONAL:
        return value.as.inner != NULL ? convert(run, *value.as.inner, depth + 1, err) : json_null();
    default:
        return json_null();
    }
}

json_t *cel_to_json(struct cel_run *run, struct cel_value value, struct td_err *err)
{
    return convert(run, value, 0, err);
}
