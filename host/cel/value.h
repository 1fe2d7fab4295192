/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: what an expression computes with: tagged unions of 16 bytes, passed by value, that borrow
 * from JSON, from the program or from the arena of the run.
 *
 * Names that begin with cel_ are for this folder alone.
 */
#ifndef TDH_CEL_VALUE_H
#define TDH_CEL_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cel_type {
    CEL_NULL,
    CEL_BOOL,
    CEL_INT,
    CEL_UINT,
    CEL_DOUBLE,
    CEL_STRING,
    CEL_BYTES,
    CEL_LIST,
    CEL_MAP,
    CEL_TYPE,
    CEL_TIMESTAMP,
    CEL_DURATION,
    CEL_OPTIONAL,
    CEL_TYPES_, /* what follows is never seen by an expression */
    CEL_FAULT = CEL_TYPES_,
    CEL_ABSENT, /* an element written `?x` that has no value */
    CEL_STATE,  /* where a loop stands */
};

enum { CEL_OWN, CEL_JSON }; /* form of a list or map: our own, or a view of JSON */
enum { CEL_PLAIN, CEL_SUBJECT, CEL_NO_OVERLOAD }; /* form of a fault: what `as` points to */
enum { CEL_DEEP = 300 }; /* most levels of a value that are walked by recursion */

struct cel_run;
struct cel_list;
struct cel_map;
struct cel_detail;

struct cel_value {
    uint8_t type;
    uint8_t form;
    uint16_t unused;
    uint32_t size; /* bytes of a text; timestamp: ns; fault: instruction + 1; loop: position */
    union {
        int64_t i; /* int; bool: 0 or 1; timestamp: s; duration: ns; type: enum cel_type */
        uint64_t u;
        double d;
        const char *s; /* need not end in NUL */
        const json_t *json;
        struct cel_list *list;
        struct cel_map *map;
        const struct cel_value *inner; /* optional; NULL: none */
        const struct cel_detail *detail;
        void *p;
    } as;
};
_Static_assert(sizeof(struct cel_value) == 16, "passed in two registers");

static inline struct cel_value cel_null(void)
{
    return (struct cel_value){ .type = CEL_NULL };
}

static inline struct cel_value cel_bool(bool truth)
{
    return (struct cel_value){ .type = CEL_BOOL, .as.i = truth };
}

static inline struct cel_value cel_int(int64_t i)
{
    return (struct cel_value){ .type = CEL_INT, .as.i = i };
}

static inline struct cel_value cel_uint(uint64_t u)
{
    return (struct cel_value){ .type = CEL_UINT, .as.u = u };
}

static inline struct cel_value cel_double(double d)
{
    return (struct cel_value){ .type = CEL_DOUBLE, .as.d = d };
}

/*
 * Texts longer than 4 GiB cannot come up: a run has 16 MiB, and a longer JSON string is a fault in
 * cel_from_json.
 */
static inline struct cel_value cel_string(const char *s, size_t size)
{
    return (struct cel_value){ .type = CEL_STRING, .size = (uint32_t)size, .as.s = s };
}

static inline struct cel_value cel_bytes(const char *s, size_t size)
{
    return (struct cel_value){ .type = CEL_BYTES, .size = (uint32_t)size, .as.s = s };
}

static inline struct cel_value cel_type(enum cel_type type)
{
    return (struct cel_value){ .type = CEL_TYPE, .as.i = type };
}

static inline struct cel_value cel_duration(int64_t ns)
{
    return (struct cel_value){ .type = CEL_DURATION, .as.i = ns };
}

static inline struct cel_value cel_timestamp(int64_t seconds, uint32_t ns)
{
    return (struct cel_value){ .type = CEL_TIMESTAMP, .size = ns, .as.i = seconds };
}

static inline struct cel_value cel_optional(const struct cel_value *inner)
{
    return (struct cel_value){ .type = CEL_OPTIONAL, .as.inner = inner };
}

static inline struct cel_value cel_list(struct cel_list *list)
{
    return (struct cel_value){ .type = CEL_LIST, .form = CEL_OWN, .as.list = list };
}

static inline struct cel_value cel_map(struct cel_map *map)
{
    return (struct cel_value){ .type = CEL_MAP, .form = CEL_OWN, .as.map = map };
}

static inline bool cel_is(struct cel_value value, enum cel_type type)
{
    return value.type == type;
}

static inline bool cel_is_true(struct cel_value value)
{
    return value.type == CEL_BOOL && value.as.i != 0;
}

static inline bool cel_is_false(struct cel_value value)
{
    return value.type == CEL_BOOL && value.as.i == 0;
}

static inline bool cel_is_number(struct cel_value value)
{
    return value.type >= CEL_INT && value.type <= CEL_DOUBLE;
}

/** Bytes of a string or of bytes, else 0. */
static inline size_t cel_text_size(struct cel_value value)
{
    return value.type == CEL_STRING || value.type == CEL_BYTES ? value.size : 0;
}

/** A view; copies nothing. Integers become int, reals double. */
struct cel_value cel_from_json(const json_t *json);
/** "int", "null_type", "google.protobuf.Timestamp", ... */
const char *cel_type_name(enum cel_type type);
/** The type of this name, or CEL_TYPES_. */
enum cel_type cel_type_named(const char *name, size_t length);
/**
 * Equality of cel-spec: numbers across their types, different types are unequal. Costs steps by
 * size.
 */
bool cel_equal(struct cel_run *run, struct cel_value a, struct cel_value b);
/**
 * Three-way order into *ret_order; false when the two have no order (also with NaN: *ret_is_nan
 * tells).
 */
bool cel_compare(struct cel_run *run, struct cel_value a, struct cel_value b, int *ret_order,
                 bool *ret_is_nan);
/** null, false, 0, empty: what optional.ofNonZeroValue drops. */
bool cel_is_zero(struct cel_value value);
/** A double that is a whole number as int or uint;
 * any other value as it is. For keys and indexes. */
struct cel_value cel_integral(struct cel_value value);

#endif
