/* SPDX-License-Identifier: Apache-2.0 */
/*
 * math functions: the math extension.
 */
#include <math.h>
#include <string.h>

#include "cel/collection.h"
#include "cel/function.h"

/* Whether `a` goes before `b`; NaN goes before nothing. */
static bool is_less(struct cel_run *run, struct cel_value a, struct cel_value b)
{
    int order;
    bool is_nan;

    return cel_compare(run, a, b, &order, &is_nan) && !is_nan && order < 0;
}

static struct cel_value extreme(struct cel_run *run, const char *name, const struct cel_value *args,
                                size_t count)
{
    bool is_list = count == 1 && args[0].type == CEL_LIST,
         wants_greatest = strcmp(name, "math.greatest") == 0;
    size_t items = is_list ? cel_count(args[0]) : count;
    struct cel_value best = cel_fault("the greatest or least of an empty list is not defined");

    for (size_t i = 0; i < items && run->steps_left > 0; i++) {
        struct cel_value item = is_list ? cel_list_at(args[0], i) : args[i];

        cel_charge(run, 1);
        if (!cel_is_number(item))
            return cel_no_overload(run, name, &item, 1);
        if (i == 0 || (wants_greatest ? is_less(run, best, item) : is_less(run, item, best)))
            best = item;
    }
    return best;
}

static struct cel_value greatest(struct cel_run *run, const struct cel_value *args, size_t count)
{
    return extreme(run, "math.greatest", args, count);
}

static struct cel_value least(struct cel_run *run, const struct cel_value *args, size_t count)
{
    return extreme(run, "math.least", args, count);
}

static struct cel_value round_up(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_double(ceil(args->as.d));
}

static struct cel_value round_down(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_double(floor(args->as.d));
}

/* Halves go away from zero. */
static struct cel_value round_half(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_double(round(args->as.d));
}

static struct cel_value truncate_double(struct cel_run *run, const struct cel_value *args,
                                        size_t count)
{
    (void)run;
    (void)count;
    return cel_double(trunc(args->as.d));
}

static struct cel_value absolute(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    if (args->type == CEL_DOUBLE)
        return cel_double(fabs(args->as.d));
    if (args->type == CEL_UINT || args->as.i >= 0)
        return *args;
    return args->as.i == INT64_MIN ? cel_fault("result does not fit in int") : cel_int(-args->as.i);
}

static struct cel_value sign(struct cel_run *run, const struct cel_value *args, size_t count)
{
    double d = args->as.d;

    (void)run;
    (void)count;
    if (args->type == CEL_UINT)
        return cel_uint(args->as.u > 0);
    if (args->type == CEL_INT)
        return cel_int((args->as.i > 0) - (args->as.i < 0));
    return cel_double(d > 0 ? 1 : d < 0 ? -1 : d);
}

static struct cel_value square_root(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    if (args->type == CEL_DOUBLE)
        return cel_double(sqrt(args->as.d));
    return cel_double(sqrt(args->type == CEL_INT ? (double)args->as.i : (double)args->as.u));
}

static struct cel_value is_nan(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_bool(isnan(args->as.d));
}

static struct cel_value is_inf(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_bool(isinf(args->as.d));
}

static struct cel_value is_finite(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_bool(isfinite(args->as.d));
}

/* int and uint have the same bits; the result has the type of the first argument. */
static struct cel_value of_bits(struct cel_value like, uint64_t bits)
{
    like.as.u = bits;
    return like;
}

static struct cel_value bit_and(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return of_bits(args[0], args[0].as.u & args[1].as.u);
}

static struct cel_value bit_or(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return of_bits(args[0], args[0].as.u | args[1].as.u);
}

static struct cel_value bit_xor(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return of_bits(args[0], args[0].as.u ^ args[1].as.u);
}

static struct cel_value bit_not(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return of_bits(args[0], ~args[0].as.u);
}

static struct cel_value shift_left(struct cel_run *run, const struct cel_value *args, size_t count)
{
    int64_t by = args[1].as.i;

    (void)count;
    if (by < 0)
        return cel_fault_about(run, "cannot shift by %s bits", args[1]);
    return of_bits(args[0], by > 63 ? 0 : args[0].as.u << by);
}

/* Zeros come in from the left, also for int. */
static struct cel_value shift_right(struct cel_run *run, const struct cel_value *args, size_t count)
{
    int64_t by = args[1].as.i;

    (void)count;
    if (by < 0)
        return cel_fault_about(run, "cannot shift by %s bits", args[1]);
    return of_bits(args[0], by > 63 ? 0 : args[0].as.u >> by);
}

#define BOOL CEL_BIT(CEL_BOOL)
#define INT CEL_BIT(CEL_INT)
#define UINT CEL_BIT(CEL_UINT)
#define DOUBLE CEL_BIT(CEL_DOUBLE)

static const struct cel_function rows[] = {
    { "math.greatest",
      false,
      CEL_VARIADIC,
      { CEL_NUMBERS | CEL_BIT(CEL_LIST) },
      CEL_NUMBERS,
      greatest },
    { "math.least", false, CEL_VARIADIC, { CEL_NUMBERS | CEL_BIT(CEL_LIST) }, CEL_NUMBERS, least },
    { "math.ceil", false, 1, { DOUBLE }, DOUBLE, round_up },
    { "math.floor", false, 1, { DOUBLE }, DOUBLE, round_down },
    { "math.round", false, 1, { DOUBLE }, DOUBLE, round_half },
    { "math.trunc", false, 1, { DOUBLE }, DOUBLE, truncate_double },
    { "math.abs", false, 1, { INT }, INT, absolute },
    { "math.abs", false, 1, { UINT }, UINT, absolute },
    { "math.abs", false, 1, { DOUBLE }, DOUBLE, absolute },
    { "math.sign", false, 1, { INT }, INT, sign },
    { "math.sign", false, 1, { UINT }, UINT, sign },
    { "math.sign", false, 1, { DOUBLE }, DOUBLE, sign },
    { "math.sqrt", false, 1, { CEL_NUMBERS }, DOUBLE, square_root },
    { "math.isNaN", false, 1, { DOUBLE }, BOOL, is_nan },
    { "math.isInf", false, 1, { DOUBLE }, BOOL, is_inf },
    { "math.isFinite", false, 1, { DOUBLE }, BOOL, is_finite },
    { "math.bitAnd", false, 2, { INT, INT }, INT, bit_and },
    { "math.bitAnd", false, 2, { UINT, UINT }, UINT, bit_and },
    { "math.bitOr", false, 2, { INT, INT }, INT, bit_or },
    { "math.bitOr", false, 2, { UINT, UINT }, UINT, bit_or },
    { "math.bitXor", false, 2, { INT, INT }, INT, bit_xor },
    { "math.bitXor", false, 2, { UINT, UINT }, UINT, bit_xor },
    { "math.bitNot", false, 1, { INT }, INT, bit_not },
    { "math.bitNot", false, 1, { UINT }, UINT, bit_not },
    { "math.bitShiftLeft", false, 2, { INT, INT }, INT, shift_left },
    { "math.bitShiftLeft", false, 2, { UINT, INT }, UINT, shift_left },
    { "math.bitShiftRight", false, 2, { INT, INT }, INT, shift_right },
    { "math.bitShiftRight", false, 2, { UINT, INT }, UINT, shift_right },
};

const struct cel_family cel_math_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
