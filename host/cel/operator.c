/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operator: arithmetic without overflow, comparison, membership, selection.
 */
#include "cel/operator.h"

#include <string.h>

#include "cel/collection.h"
#include "cel/time.h"

static const char *const names[] = {
    [CEL_OP_INDEX] = "[]",   [CEL_OP_NOT] = "!",
    [CEL_OP_NEGATE] = "-",   [CEL_OP_ADD] = "+",
    [CEL_OP_SUBTRACT] = "-", [CEL_OP_MULTIPLY] = "*",
    [CEL_OP_DIVIDE] = "/",   [CEL_OP_MODULO] = "%",
    [CEL_OP_EQUAL] = "==",   [CEL_OP_UNEQUAL] = "!=",
    [CEL_OP_LESS] = "<",     [CEL_OP_LESS_EQUAL] = "<=",
    [CEL_OP_GREATER] = ">",  [CEL_OP_GREATER_EQUAL] = ">=",
    [CEL_OP_IN] = "in",      [CEL_OP_AND] = "&&",
    [CEL_OP_OR] = "||",
};

const char *cel_code_name(enum cel_code code)
{
    return names[code];
}

static struct cel_value no_overload(struct cel_run *run, enum cel_code code, struct cel_value a,
                                    struct cel_value b)
{
    return cel_no_overload(run, names[code], (struct cel_value[]){ a, b }, 2);
}

static struct cel_value int_result(bool is_overflow, int64_t i)
{
    return is_overflow ? cel_fault("result does not fit in int") : cel_int(i);
}

static struct cel_value int_arithmetic(enum cel_code code, int64_t a, int64_t b)
{
    int64_t i = 0;
    bool is_overflow = false;

    switch (code) {
    case CEL_OP_ADD:
        is_overflow = __builtin_add_overflow(a, b, &i);
        break;
    case CEL_OP_SUBTRACT:
        is_overflow = __builtin_sub_overflow(a, b, &i);
        break;
    case CEL_OP_MULTIPLY:
        is_overflow = __builtin_mul_overflow(a, b, &i);
        break;
    default:
        if (b == 0)
            return cel_fault(code == CEL_OP_DIVIDE ? "division by zero"
                                                   : "remainder of a division by zero");
        is_overflow = a == INT64_MIN && b == -1;
        if (!is_overflow)
            i = code == CEL_OP_DIVIDE ? a / b : a % b;
    }
    return int_result(is_overflow, i);
}

static struct cel_value uint_arithmetic(enum cel_code code, uint64_t a, uint64_t b)
{
    uint64_t u = 0;
    bool is_overflow = false;

    switch (code) {
    case CEL_OP_ADD:
        is_overflow = __builtin_add_overflow(a, b, &u);
        break;
    case CEL_OP_SUBTRACT:
        is_overflow = __builtin_sub_overflow(a, b, &u);
        break;
    case CEL_OP_MULTIPLY:
        is_overflow = __builtin_mul_overflow(a, b, &u);
        break;
    default:
        if (b == 0)
            return cel_fault(code == CEL_OP_DIVIDE ? "division by zero"
                                                   : "remainder of a division by zero");
        u = code == CEL_OP_DIVIDE ? a / b : a % b;
    }
    return is_overflow ? cel_fault("result does not fit in uint") : cel_uint(u);
}

static struct cel_value double_arithmetic(struct cel_run *run, enum cel_code code,
                                          struct cel_value a, struct cel_value b)
{
    switch (code) {
    case CEL_OP_ADD:
        return cel_double(a.as.d + b.as.d);
    case CEL_OP_SUBTRACT:
        return cel_double(a.as.d - b.as.d);
    case CEL_OP_MULTIPLY:
        return cel_double(a.as.d * b.as.d);
    case CEL_OP_DIVIDE:
        return cel_double(a.as.d / b.as.d);
    default:
        return no_overload(run, code, a, b);
    }
}

static struct cel_value join_texts(struct cel_run *run, struct cel_value a, struct cel_value b)
{
    size_t size = (size_t)a.size + b.size;
    char *text;

    if (a.size == 0 || b.size == 0)
        return a.size == 0 ? b : a;
    text = cel_alloc(run, size);
    if (text == NULL)
        return cel_stopped();
    cel_charge(run, size >> 8);
    memcpy(text, a.as.s, a.size);
    memcpy(text + a.size, b.as.s, b.size);
    return a.type == CEL_STRING ? cel_string(text, size) : cel_bytes(text, size);
}

static struct cel_value join_lists(struct cel_run *run, struct cel_value a, struct cel_value b)
{
    size_t left = cel_count(a), right = cel_count(b);
    struct cel_list *list;

    if (left == 0 || right == 0)
        return left == 0 ? b : a;
    list = cel_list_new(run, left + right);
    if (list == NULL)
        return cel_stopped();
    cel_charge(run, left + right);
    for (size_t i = 0; i < left; i++)
        list->items[list->count++] = cel_list_at(a, i);
    for (size_t i = 0; i < right; i++)
        list->items[list->count++] = cel_list_at(b, i);
    return cel_list(list);
}

static struct cel_value add_others(struct cel_run *run, struct cel_value a, struct cel_value b)
{
    if (a.type == b.type && (a.type == CEL_STRING || a.type == CEL_BYTES))
        return join_texts(run, a, b);
    if (a.type == CEL_LIST && b.type == CEL_LIST)
        return join_lists(run, a, b);
    if (a.type == CEL_DURATION && b.type == CEL_TIMESTAMP)
        return cel_time_add(b, a.as.i);
    return no_overload(run, CEL_OP_ADD, a, b);
}

static struct cel_value time_arithmetic(struct cel_run *run, enum cel_code code, struct cel_value a,
                                        struct cel_value b)
{
    int64_t ns;

    if (a.type == CEL_TIMESTAMP && b.type == CEL_TIMESTAMP && code == CEL_OP_SUBTRACT)
        return cel_time_difference(a, b);
    if (b.type != CEL_DURATION || (code != CEL_OP_ADD && code != CEL_OP_SUBTRACT))
        return code == CEL_OP_ADD ? add_others(run, a, b) : no_overload(run, code, a, b);
    if (a.type == CEL_TIMESTAMP)
        return code == CEL_OP_ADD ? cel_time_add(a, b.as.i) : cel_time_subtract(a, b.as.i);
    if (code == CEL_OP_ADD ? __builtin_add_overflow(a.as.i, b.as.i, &ns)
                           : __builtin_sub_overflow(a.as.i, b.as.i, &ns))
        return cel_fault("result does not fit in a duration");
    return cel_duration(ns);
}

static struct cel_value arithmetic(struct cel_run *run, enum cel_code code, struct cel_value a,
                                   struct cel_value b)
{
    if (a.type == CEL_TIMESTAMP || a.type == CEL_DURATION)
        return time_arithmetic(run, code, a, b);
    if (a.type == b.type && a.type == CEL_INT)
        return int_arithmetic(code, a.as.i, b.as.i);
    if (a.type == b.type && a.type == CEL_UINT)
        return uint_arithmetic(code, a.as.u, b.as.u);
    if (a.type == b.type && a.type == CEL_DOUBLE)
        return double_arithmetic(run, code, a, b);
    return code == CEL_OP_ADD ? add_others(run, a, b) : no_overload(run, code, a, b);
}

static struct cel_value order(struct cel_run *run, enum cel_code code, struct cel_value a,
                              struct cel_value b)
{
    int sign;
    bool is_nan;

    if (!cel_compare(run, a, b, &sign, &is_nan))
        return no_overload(run, code, a, b);
    if (is_nan)
        return cel_bool(false);
    switch (code) {
    case CEL_OP_LESS:
        return cel_bool(sign < 0);
    case CEL_OP_LESS_EQUAL:
        return cel_bool(sign <= 0);
    case CEL_OP_GREATER:
        return cel_bool(sign > 0);
    default:
        return cel_bool(sign >= 0);
    }
}

static struct cel_value is_in(struct cel_run *run, struct cel_value item,
                              struct cel_value collection)
{
    struct cel_value unused;
    size_t count;

    if (item.type == CEL_FAULT || (collection.type != CEL_LIST && collection.type != CEL_MAP))
        return no_overload(run, CEL_OP_IN, item, collection);
    if (collection.type == CEL_MAP)
        return cel_bool(cel_map_get(collection, item, &unused));
    count = cel_count(collection);
    for (size_t i = 0; i < count && run->steps_left > 0; i++) {
        cel_charge(run, 1);
        if (cel_equal(run, cel_list_at(collection, i), item))
            return cel_bool(true);
    }
    return cel_bool(false);
}

struct cel_value cel_binary(struct cel_run *run, enum cel_code code, struct cel_value a,
                            struct cel_value b)
{
    if (code <= CEL_OP_MODULO)
        return arithmetic(run, code, a, b);
    if (code >= CEL_OP_LESS)
        return code == CEL_OP_IN ? is_in(run, a, b) : order(run, code, a, b);
    if (a.type == CEL_FAULT || b.type == CEL_FAULT)
        return a.type == CEL_FAULT ? a : b;
    return cel_bool(cel_equal(run, a, b) == (code == CEL_OP_EQUAL));
}

struct cel_value cel_negate(struct cel_run *run, struct cel_value a)
{
    if (a.type == CEL_INT)
        return int_result(a.as.i == INT64_MIN, a.as.i == INT64_MIN ? 0 : -a.as.i);
    if (a.type == CEL_DOUBLE)
        return cel_double(-a.as.d);
    return cel_no_overload(run, "-", &a, 1);
}

struct cel_value cel_not(struct cel_run *run, struct cel_value a)
{
    return a.type == CEL_BOOL ? cel_bool(a.as.i == 0) : cel_no_overload(run, "!", &a, 1);
}

struct cel_value cel_logic(struct cel_run *run, bool deciding, struct cel_value a,
                           struct cel_value b)
{
    if ((a.type == CEL_BOOL && a.as.i == deciding) || (b.type == CEL_BOOL && b.as.i == deciding))
        return cel_bool(deciding);
    if (a.type == CEL_BOOL && b.type == CEL_BOOL)
        return cel_bool(!deciding);
    return no_overload(run, deciding ? CEL_OP_OR : CEL_OP_AND, a, b);
}

/* Absent and faulty are two things: `x[?i]` forgives only the first. */
static struct cel_value find_in_list(struct cel_run *run, struct cel_value list,
                                     struct cel_value index)
{
    struct cel_value at = cel_integral(index);

    if (at.type != CEL_INT && at.type != CEL_UINT)
        return index.type == CEL_DOUBLE
                   ? cel_fault_about(run, "%s is not a whole number, so no index of a list", index)
                   : no_overload(run, CEL_OP_INDEX, list, index);
    if (at.as.u >= cel_count(list) || (at.type == CEL_INT && at.as.i < 0))
        return (struct cel_value){ .type = CEL_ABSENT };
    return cel_list_at(list, at.as.u);
}

static struct cel_value find_in_map(struct cel_run *run, struct cel_value map, struct cel_value key)
{
    struct cel_value value;

    if (key.type == CEL_FAULT || key.type == CEL_NULL || key.type > CEL_STRING)
        return no_overload(run, CEL_OP_INDEX, map, key);
    return cel_map_get(map, key, &value) ? value : (struct cel_value){ .type = CEL_ABSENT };
}

static struct cel_value find(struct cel_run *run, struct cel_value x, struct cel_value i)
{
    if (x.type == CEL_LIST)
        return find_in_list(run, x, i);
    return x.type == CEL_MAP ? find_in_map(run, x, i) : no_overload(run, CEL_OP_INDEX, x, i);
}

static struct cel_value found_optional(struct cel_run *run, struct cel_value found)
{
    return found.type == CEL_ABSENT ? cel_optional(NULL) : cel_new_optional(run, found);
}

struct cel_value cel_index(struct cel_run *run, struct cel_value x, struct cel_value i,
                           bool is_optional)
{
    struct cel_value found;

    if (x.type == CEL_OPTIONAL && x.as.inner == NULL)
        return i.type == CEL_FAULT ? i : x;
    if (x.type == CEL_OPTIONAL)
        return found_optional(run, find(run, *x.as.inner, i));
    found = find(run, x, i);
    if (is_optional)
        return found_optional(run, found);
    if (found.type == CEL_ABSENT)
        return cel_fault_about(
            run, x.type == CEL_LIST ? "index %s is not in the list" : "no such key %s", i);
    return found;
}

static struct cel_value select_from(struct cel_run *run, struct cel_value x, struct cel_value name)
{
    struct cel_value value;

    if (x.type != CEL_MAP)
        return x.type == CEL_FAULT ? x : cel_fault_about(run, "a value %s has no fields", x);
    return cel_map_get(x, name, &value) ? value : (struct cel_value){ .type = CEL_ABSENT };
}

struct cel_value cel_select(struct cel_run *run, struct cel_value x, struct cel_value name,
                            bool is_optional)
{
    struct cel_value found;

    if (x.type == CEL_OPTIONAL)
        return x.as.inner == NULL ? x : found_optional(run, select_from(run, *x.as.inner, name));
    found = select_from(run, x, name);
    if (is_optional)
        return found_optional(run, found);
    return found.type == CEL_ABSENT ? cel_fault_about(run, "no such key %s", name) : found;
}

struct cel_value cel_has(struct cel_run *run, struct cel_value x, struct cel_value name)
{
    struct cel_value found;

    if (x.type == CEL_OPTIONAL && x.as.inner == NULL)
        return cel_bool(false);
    found = select_from(run, x.type == CEL_OPTIONAL ? *x.as.inner : x, name);
    return found.type == CEL_FAULT ? found : cel_bool(found.type != CEL_ABSENT);
}
