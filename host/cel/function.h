/* SPDX-License-Identifier: Apache-2.0 */
/*
 * function: the functions there are, as tables: one row per overload, one table per family.
 */
#ifndef TDH_CEL_FUNCTION_H
#define TDH_CEL_FUNCTION_H

#include "cel/run.h"
#include "cel/value.h"

/* Sets of types: what an argument may be, what a result may be. */
#define CEL_BIT(type) (1U << (type))
#define CEL_ANY ((1U << CEL_TYPES_) - 1U)
#define CEL_NUMBERS (CEL_BIT(CEL_INT) | CEL_BIT(CEL_UINT) | CEL_BIT(CEL_DOUBLE))

enum { CEL_ARGS_MAX = 4, CEL_VARIADIC = -1 };

/* args: at least one, none is a fault, their types fit the row. */
typedef struct cel_value cel_function_fn(struct cel_run *run, const struct cel_value *args,
                                         size_t count);

struct cel_function {
    const char *name;            /* "size", "math.ceil"; rows of one name stand together */
    bool is_member;              /* x.f(y) instead of f(x, y): x is args[0] */
    int argc;                    /* CEL_VARIADIC: one or more, all of type args[0] */
    uint32_t args[CEL_ARGS_MAX]; /* CEL_BIT of each type it takes */
    uint32_t result;
    cel_function_fn *call;
};

struct cel_family {
    const struct cel_function *rows;
    size_t count;
};

extern const struct cel_family cel_base_functions, cel_convert_functions, cel_string_functions,
    cel_math_functions, cel_optional_functions, cel_time_functions, cel_version_functions;

/* The rows that one call may mean. */
struct cel_overloads {
    uint32_t family, first, count; /* count 0: no such function in this style */
};

/** The rows with this name and style. */
struct cel_overloads cel_overloads_find(const char *name, size_t length, bool is_member);
const struct cel_function *cel_overloads_row(struct cel_overloads overloads, uint32_t i);
bool cel_function_takes(const struct cel_function *function, size_t argc);
/** All names, for "did you mean": fills at most `room`, returns how many. */
size_t cel_function_names(bool is_member, const char **names, size_t room);

/** Calls the first row that fits the arguments' types; a fault when none does. */
struct cel_value cel_call(struct cel_run *run, struct cel_overloads overloads,
                          const struct cel_value *args, size_t count);

#endif
