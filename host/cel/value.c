/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: names of types, equality and order.
 */
#include "cel/value.h"

#include <math.h>
#include <string.h>

#include "cel/collection.h"
#include "cel/run.h"

static const char *const type_names[] = {
    [CEL_NULL] = "null_type",
    [CEL_BOOL] = "bool",
    [CEL_INT] = "int",
    [CEL_UINT] = "uint",
    [CEL_DOUBLE] = "double",
    [CEL_STRING] = "string",
    [CEL_BYTES] = "bytes",
    [CEL_LIST] = "list",
    [CEL_MAP] = "map",
    [CEL_TYPE] = "type",
    [CEL_TIMESTAMP] = "google.protobuf.Timestamp",
    [CEL_DURATION] = "google.protobuf.Duration",
    [CEL_OPTIONAL] = "optional_type",
};

const char *cel_type_name(enum cel_type type)
{
    return type < CEL_TYPES_ ? type_names[type] : "error";
}

enum cel_type cel_type_named(const char *name, size_t length)
{
    for (unsigned i = 0; i < CEL_TYPES_; i++)
        if (strlen(type_names[i]) == length && memcmp(type_names[i], name, length) == 0)
            return (enum cel_type)i;
    return CEL_TYPES_;
}

static struct cel_value string_of_json(const json_t *json)
{
    size_t length = json_string_length(json);

    if (length > UINT32_MAX)
        return cel_fault("a string is longer than 4 GiB");
    return cel_string(json_string_value(json), length);
}

struct cel_value cel_from_json(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return (struct cel_value){ .type = CEL_MAP, .form = CEL_JSON, .as.json = json };
    case JSON_ARRAY:
        return (struct cel_value){ .type = CEL_LIST, .form = CEL_JSON, .as.json = json };
    case JSON_STRING:
        return string_of_json(json);
    case JSON_INTEGER:
        return cel_int(json_integer_value(json));
    case JSON_REAL:
        return cel_double(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return cel_bool(json_is_true(json));
    case JSON_NULL:
        break;
    }
    return cel_null();
}

static int order_of(bool is_less, bool is_greater)
{
    return is_less ? -1 : is_greater ? 1 : 0;
}

static int compare_int_uint(int64_t i, uint64_t u)
{
    return i < 0 ? -1 : order_of((uint64_t)i<u, (uint64_t)i> u);
}

static double as_double(struct cel_value number)
{
    if (number.type == CEL_INT)
        return (double)number.as.i;
    return number.type == CEL_UINT ? (double)number.as.u : number.as.d;
}

static bool compare_numbers(struct cel_value a, struct cel_value b, int *ret_order,
                            bool *ret_is_nan)
{
    if (a.type == CEL_DOUBLE || b.type == CEL_DOUBLE) {
        double x = as_double(a), y = as_double(b);

        *ret_is_nan = isnan(x) || isnan(y);
        *ret_order = order_of(x<y, x> y);
    } else if (a.type == b.type) {
        *ret_order = a.type == CEL_INT ? order_of(a.as.i<b.as.i, a.as.i> b.as.i)
                                       : order_of(a.as.u<b.as.u, a.as.u> b.as.u);
    } else {
        *ret_order = a.type == CEL_INT ? compare_int_uint(a.as.i, b.as.u)
                                       : -compare_int_uint(b.as.i, a.as.u);
    }
    return true;
}

/* UTF-8 sorts as its code points do. */
static int compare_bytes(struct cel_run *run, struct cel_value a, struct cel_value b)
{
    uint32_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter == 0 ? 0 : memcmp(a.as.s, b.as.s, shorter);

    cel_charge(run, shorter >> 8);
    return order != 0 ? order_of(order < 0, true) : order_of(a.size<b.size, a.size> b.size);
}

bool cel_compare(struct cel_run *run, struct cel_value a, struct cel_value b, int *ret_order,
                 bool *ret_is_nan)
{
    *ret_is_nan = false;
    if (cel_is_number(a) && cel_is_number(b))
        return compare_numbers(a, b, ret_order, ret_is_nan);
    if (a.type != b.type)
        return false;
    switch (a.type) {
    case CEL_STRING:
    case CEL_BYTES:
        *ret_order = compare_bytes(run, a, b);
        return true;
    case CEL_TIMESTAMP:
        *ret_order = a.as.i != b.as.i ? order_of(a.as.i < b.as.i, true)
                                      : order_of(a.size<b.size, a.size> b.size);
        return true;
    case CEL_BOOL:
    case CEL_DURATION:
        *ret_order = order_of(a.as.i<b.as.i, a.as.i> b.as.i);
        return true;
    default:
        return false;
    }
}

static bool equal_at(struct cel_run *run, struct cel_value a, struct cel_value b, int depth);

static bool equal_lists(struct cel_run *run, struct cel_value a, struct cel_value b, int depth)
{
    size_t count = cel_count(a);

    if (count != cel_count(b))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!equal_at(run, cel_list_at(a, i), cel_list_at(b, i), depth))
            return false;
    return true;
}

static bool equal_maps(struct cel_run *run, struct cel_value a, struct cel_value b, int depth)
{
    struct cel_value state = cel_first(a), key, left, right;

    if (cel_count(a) != cel_count(b))
        return false;
    while (cel_next(a, &state, &key, &left))
        if (!cel_map_get(b, key, &right) || !equal_at(run, left, right, depth))
            return false;
    return true;
}

static bool equal_optionals(struct cel_run *run, struct cel_value a, struct cel_value b, int depth)
{
    if (a.as.inner == NULL || b.as.inner == NULL)
        return a.as.inner == b.as.inner;
    return equal_at(run, *a.as.inner, *b.as.inner, depth);
}

/* The depth and step bounds end the walk with an answer nobody sees: the run stops. */
static bool equal_at(struct cel_run *run, struct cel_value a, struct cel_value b, int depth)
{
    int order;
    bool is_nan;

    if (!cel_visit(run, depth))
        return false;
    if (cel_compare(run, a, b, &order, &is_nan))
        return order == 0 && !is_nan;
    if (a.type != b.type)
        return false;
    switch (a.type) {
    case CEL_LIST:
        return equal_lists(run, a, b, depth + 1);
    case CEL_MAP:
        return equal_maps(run, a, b, depth + 1);
    case CEL_OPTIONAL:
        return equal_optionals(run, a, b, depth + 1);
    case CEL_TYPE:
        return a.as.i == b.as.i;
    default:
        return a.type == CEL_NULL;
    }
}

bool cel_equal(struct cel_run *run, struct cel_value a, struct cel_value b)
{
    if (a.type == CEL_STRING && b.type == CEL_STRING && (a.size != b.size || a.size < 256))
        return a.size == b.size && (a.size == 0 || memcmp(a.as.s, b.as.s, a.size) == 0);
    return equal_at(run, a, b, 0);
}

bool cel_is_zero(struct cel_value value)
{
    switch (value.type) {
    case CEL_NULL:
        return true;
    case CEL_STRING:
    case CEL_BYTES:
        return value.size == 0;
    case CEL_LIST:
    case CEL_MAP:
        return cel_count(value) == 0;
    case CEL_DOUBLE:
        return !(value.as.d < 0 || value.as.d > 0 || isnan(value.as.d));
    case CEL_TIMESTAMP:
        return value.as.i == 0 && value.size == 0;
    case CEL_TYPE:
    case CEL_OPTIONAL:
        return false;
    default:
        return value.as.i == 0;
    }
}

struct cel_value cel_integral(struct cel_value value)
{
    double d = value.as.d;

    if (value.type != CEL_DOUBLE || !(d >= -0x1p63 && d < 0x1p64) || d < floor(d) || d > floor(d))
        return value;
    return d < 0x1p63 ? cel_int((int64_t)d) : cel_uint((uint64_t)d);
}
