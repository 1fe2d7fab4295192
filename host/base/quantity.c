/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantity: durations and sizes as people write them: a decimal number and a unit.
 *
 * Whole numbers all through, so that 0.1s is 100 ms and not a little less. What is left over is
 * rounded up: a wait is not shorter than was asked for, and only zero is zero.
 */
#include "base/clock.h"

#include <stdbool.h>
#include <string.h>

#define FRACTION INT64_C(1000000) /* a fraction is counted in millionths */

struct unit {
    const char *name;
    int64_t size;
};

/* In microseconds, the largest first: terms of a sum stand in this order. */
static const struct unit time_units[] = {
    { "d", INT64_C(86400000000) },
    { "h", INT64_C(3600000000) },
    { "m", 60000000 },
    { "s", 1000000 },
    { "ms", 1000 },
    { "us", 1 },
};

static const struct unit size_units[] = {
    { "", 1 },
    { "B", 1 },
    { "kB", 1000 },
    { "MB", 1000000 },
    { "GB", 1000000000 },
    { "TB", INT64_C(1000000000000) },
    { "KiB", 1024 },
    { "MiB", 1048576 },
    { "GiB", 1073741824 },
    { "TiB", INT64_C(1099511627776) },
};

enum {
    TIME_UNITS = sizeof(time_units) / sizeof(time_units[0]),
    SIZE_UNITS = sizeof(size_units) / sizeof(size_units[0])
};

/* A decimal number. */
struct number {
    int64_t whole, millionths;
    bool is_huge; /* past int64 */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits, and behind a point more of them. Moves *text past the number; false: there is none. */
static bool read_number(const char **text, struct number *ret_number)
{
    struct number number = { 0 };
    const char *at = *text;

    if (!is_digit(*at))
        return false;
    for (; is_digit(*at); at++)
        if (__builtin_mul_overflow(number.whole, INT64_C(10), &number.whole) ||
            __builtin_add_overflow(number.whole, (int64_t)(*at - '0'), &number.whole))
            number.is_huge = true;
    if (*at == '.') {
        if (!is_digit(*++at))
            return false;
        for (int64_t unit = FRACTION / 10; is_digit(*at) && unit > 0; at++, unit /= 10)
            number.millionths += unit * (*at - '0');
        number.millionths +=
            strspn(at, "0") != strspn(at, "0123456789"); /* digits behind the sixth that count */
        at += strspn(at, "0123456789");
    }
    *text = at;
    *ret_number = number;
    return true;
}

/* The unit at the beginning of a text, which ends where a digit or the text's end comes. NULL: not
 * known. */
static const struct unit *find_unit(const struct unit *units, int count, const char *text)
{
    size_t length = strcspn(text, "0123456789");

    for (int i = 0; i < count; i++)
        if (strlen(units[i].name) == length && strncmp(units[i].name, text, length) == 0)
            return &units[i];
    return NULL;
}

/* Adds number x unit to *sum; false when that is past int64. A unit has fewer than 2^43 parts, so
 * millionths fit. */
static bool add_product(const struct number *number, int64_t unit, int64_t *sum)
{
    int64_t product;
    int64_t part = number->millionths * (unit / FRACTION) +
                   (number->millionths * (unit % FRACTION) + FRACTION - 1) / FRACTION;

    return !number->is_huge && !__builtin_mul_overflow(number->whole, unit, &product) &&
           !__builtin_add_overflow(product, part, &product) &&
           !__builtin_add_overflow(*sum, product, sum);
}

static int fail_duration(const char *text, const char *why, struct td_err *err)
{
    return td_fail(err, TD_E_INVAL, "duration \"%.100s\": %s", text, why);
}

int tdh_duration_parse(const char *text, int64_t *ret_ms, struct td_err *err)
{
    const struct unit *unit, *before = NULL;
    const char *at = text;
    struct number number;
    int64_t sum_us = 0;

    do {
        if (!read_number(&at, &number))
            return fail_duration(text, "expected a number and a unit, like \"1h30m\"", err);
        unit = find_unit(time_units, TIME_UNITS, at);
        if (unit == NULL)
            return fail_duration(text, "a number needs a unit: us, ms, s, m, h or d", err);
        if (before != NULL && unit <= before)
            return fail_duration(text, "units go from large to small, each once", err);
        if (!add_product(&number, unit->size, &sum_us))
            return fail_duration(text, "is too long", err);
        before = unit;
        at += strlen(unit->name);
    } while (*at != '\0');
    *ret_ms = sum_us / 1000 + (sum_us % 1000 != 0);
    return 0;
}

int tdh_size_parse(const char *text, int64_t *ret_bytes, struct td_err *err)
{
    const struct unit *unit;
    const char *at = text;
    struct number number;
    int64_t bytes = 0;

    if (!read_number(&at, &number))
        return td_fail(err, TD_E_INVAL,
                       "size \"%.100s\": expected a number and a unit, like \"64KiB\"", text);
    unit = find_unit(size_units, SIZE_UNITS, at);
    if (unit == NULL || at[strlen(unit->name)] != '\0')
        return td_fail(
            err, TD_E_INVAL,
            "size \"%.100s\": \"%.20s\" is not a unit; use B, kB, MB, GB, TB, KiB, MiB, GiB or TiB",
            text, at);
    if (!add_product(&number, unit->size, &bytes))
        return td_fail(err, TD_E_INVAL, "size \"%.100s\": is too large", text);
    *ret_bytes = bytes;
    return 0;
}
