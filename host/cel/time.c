/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time: the proleptic Gregorian calendar, and the two texts of time.
 */
#include "cel/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cel/run.h"

enum { DAY_S = 86400, ERA_DAYS = 146097 }; /* 400 years */

static const int64_t seconds_min = -62135596800,
                     seconds_max = 253402300799; /* 0001-01-01 to 9999-12-31 */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

bool cel_year_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Years that begin in March put the leap day last, so that months before it all have fixed offsets.
 */
int64_t cel_civil_days(int64_t year, int month, int day)
{
    int64_t march_year = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void set_date(struct cel_civil *civil, int64_t days)
{
    int64_t shifted = days + 719468; /* from 0000-03-01 */
    int64_t era = floor_div(shifted, ERA_DAYS);
    int64_t day_of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    civil->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    civil->month = (int)(month < 10 ? month + 3 : month - 9);
    civil->year = year_of_era + era * 400 + (civil->month <= 2);
    civil->weekday = (int)(days + 4 - 7 * floor_div(days + 4, 7)); /* 1970 began on a Thursday */
    civil->year_day = (int)(days - cel_civil_days(civil->year, 1, 1));
}

struct cel_civil cel_civil_of(int64_t seconds)
{
    struct cel_civil civil = { 0 };
    int64_t days = floor_div(seconds, DAY_S);
    int rest = (int)(seconds - days * DAY_S);

    civil.hour = rest / 3600;
    civil.minute = rest / 60 % 60;
    civil.second = rest % 60;
    set_date(&civil, days);
    return civil;
}

static bool is_in_range(int64_t seconds)
{
    return seconds >= seconds_min && seconds <= seconds_max;
}

struct cel_value cel_time_of(int64_t seconds, int64_t ns)
{
    int64_t carry = floor_div(ns, CEL_NS_PER_S);

    if (__builtin_add_overflow(seconds, carry, &seconds) || !is_in_range(seconds))
        return cel_fault("result is not a timestamp of the years 1 to 9999");
    return cel_timestamp(seconds, (uint32_t)(ns - carry * CEL_NS_PER_S));
}

struct cel_value cel_time_add(struct cel_value timestamp, int64_t ns)
{
    int64_t seconds = floor_div(ns, CEL_NS_PER_S);

    return cel_time_of(timestamp.as.i + seconds,
                       (int64_t)timestamp.size + (ns - seconds * CEL_NS_PER_S));
}

struct cel_value cel_time_subtract(struct cel_value timestamp, int64_t ns)
{
    int64_t seconds = floor_div(ns, CEL_NS_PER_S);

    return cel_time_of(timestamp.as.i - seconds,
                       (int64_t)timestamp.size - (ns - seconds * CEL_NS_PER_S));
}

struct cel_value cel_time_difference(struct cel_value a, struct cel_value b)
{
    int64_t ns = a.as.i - b.as.i;

    if (__builtin_mul_overflow(ns, CEL_NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, (int64_t)a.size - (int64_t)b.size, &ns))
        return cel_fault("result does not fit in a duration");
    return cel_duration(ns);
}

/* A text that is eaten from the left. */
struct cursor {
    const char *at, *end;
};

static bool eat(struct cursor *cursor, const char *any_of)
{
    if (cursor->at == cursor->end || *cursor->at == '\0' || strchr(any_of, *cursor->at) == NULL)
        return false;
    cursor->at++;
    return true;
}

static bool is_digit(const struct cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

/* Exactly `count` digits. */
static bool eat_number(struct cursor *cursor, int count, int *ret_number)
{
    int number = 0;

    for (; count > 0; count--, cursor->at++) {
        if (!is_digit(cursor))
            return false;
        number = number * 10 + (*cursor->at - '0');
    }
    *ret_number = number;
    return true;
}

/* The digits behind a point, as nanoseconds; those past the ninth are dropped. */
static bool eat_fraction(struct cursor *cursor, uint32_t *ret_ns)
{
    uint32_t ns = 0, unit = CEL_NS_PER_S / 10;

    if (!is_digit(cursor))
        return false;
    for (; is_digit(cursor); cursor->at++, unit /= 10)
        ns += unit * (uint32_t)(*cursor->at - '0');
    *ret_ns = ns;
    return true;
}

static bool eat_offset(struct cursor *cursor, int64_t *ret_seconds)
{
    int hours, minutes, sign;

    *ret_seconds = 0;
    if (eat(cursor, "Zz"))
        return true;
    sign = cursor->at < cursor->end && *cursor->at == '-' ? -1 : 1;
    if (!eat(cursor, "+-") || !eat_number(cursor, 2, &hours) || !eat(cursor, ":") ||
        !eat_number(cursor, 2, &minutes))
        return false;
    *ret_seconds = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

static int month_days(int64_t year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && cel_year_is_leap(year));
}

static bool eat_date(struct cursor *cursor, int64_t *ret_days)
{
    int year, month, day;

    if (!eat_number(cursor, 4, &year) || !eat(cursor, "-") || !eat_number(cursor, 2, &month) ||
        !eat(cursor, "-") || !eat_number(cursor, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month))
        return false;
    *ret_days = cel_civil_days(year, month, day);
    return true;
}

static bool eat_clock(struct cursor *cursor, int64_t *ret_seconds, uint32_t *ret_ns)
{
    int hour, minute, second;

    *ret_ns = 0;
    if (!eat_number(cursor, 2, &hour) || !eat(cursor, ":") || !eat_number(cursor, 2, &minute) ||
        !eat(cursor, ":") || !eat_number(cursor, 2, &second) || hour > 23 || minute > 59 ||
        second > 59)
        return false;
    *ret_seconds = hour * 3600 + minute * 60 + second;
    return !eat(cursor, ".") || eat_fraction(cursor, ret_ns);
}

bool cel_time_parse(const char *text, size_t length, struct cel_value *ret_timestamp)
{
    struct cursor cursor = { text, text + length };
    int64_t days, seconds, offset;
    uint32_t ns;

    if (!eat_date(&cursor, &days) || !eat(&cursor, "Tt") || !eat_clock(&cursor, &seconds, &ns) ||
        !eat_offset(&cursor, &offset) || cursor.at != cursor.end)
        return false;
    seconds += days * DAY_S - offset;
    *ret_timestamp = cel_timestamp(seconds, ns);
    return is_in_range(seconds);
}

static const struct {
    const char *name;
    int64_t ns;
} units[] = {
    { "ns", 1 },
    { "us", 1000 },
    { "\xC2\xB5s", 1000 }, /* micro sign */
    { "\xCE\xBCs", 1000 }, /* Greek mu */
    { "ms", 1000000 },
    { "s", CEL_NS_PER_S },
    { "m", 60 * (int64_t)CEL_NS_PER_S },
    { "h", 3600 * (int64_t)CEL_NS_PER_S },
};

/* A fraction, in billionths, of a unit; the units divide each other, so nothing overflows. */
static int64_t part_of(uint32_t billionths, int64_t unit)
{
    return unit >= CEL_NS_PER_S ? billionths * (unit / CEL_NS_PER_S)
                                : billionths * unit / CEL_NS_PER_S;
}

static int64_t eat_unit(struct cursor *cursor)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i].name);

        if ((size_t)(cursor->end - cursor->at) < length ||
            memcmp(cursor->at, units[i].name, length) != 0)
            continue;
        cursor->at += length;
        return units[i].ns;
    }
    return 0;
}

/* One number with its unit; counts down from zero, since the negative range is the larger one. */
static bool eat_part(struct cursor *cursor, int64_t *total)
{
    int64_t whole = 0, ns, unit;
    uint32_t fraction = 0;
    bool has_digits = is_digit(cursor);

    for (; is_digit(cursor); cursor->at++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_sub_overflow(whole, *cursor->at - '0', &whole))
            return false;
    if (eat(cursor, "."))
        has_digits = is_digit(cursor) ? eat_fraction(cursor, &fraction) : has_digits;
    unit = eat_unit(cursor);
    if (!has_digits || unit == 0 || __builtin_mul_overflow(whole, unit, &ns) ||
        __builtin_sub_overflow(ns, part_of(fraction, unit), &ns))
        return false;
    return !__builtin_add_overflow(*total, ns, total);
}

bool cel_duration_parse(const char *text, size_t length, struct cel_value *ret_duration)
{
    struct cursor cursor = { text, text + length };
    bool is_negative = length > 0 && text[0] == '-';
    int64_t total = 0;

    if (!eat(&cursor, "+-") && length == 1 && text[0] == '0') {
        *ret_duration = cel_duration(0);
        return true;
    }
    do {
        if (!eat_part(&cursor, &total))
            return false;
    } while (cursor.at < cursor.end);
    if (!is_negative && total == INT64_MIN)
        return false;
    *ret_duration = cel_duration(is_negative ? total : -total);
    return true;
}

/* ".5" for 500000000; nothing for 0. */
static void print_fraction(uint32_t ns, char *out, size_t size)
{
    int length = snprintf(out, size, ".%09" PRIu32, ns);

    while (length > 0 && (out[length - 1] == '0' || out[length - 1] == '.'))
        out[--length] = '\0';
}

const char *cel_time_print(struct cel_value time, char out[CEL_TIME_ROOM])
{
    char fraction[16];
    uint64_t ns = time.as.i < 0 ? 0 - time.as.u : time.as.u;
    struct cel_civil civil;

    if (time.type == CEL_DURATION) {
        print_fraction((uint32_t)(ns % CEL_NS_PER_S), fraction, sizeof(fraction));
        snprintf(out, CEL_TIME_ROOM, "%s%" PRIu64 "%ss", time.as.i < 0 ? "-" : "",
                 ns / CEL_NS_PER_S, fraction);
        return out;
    }
    civil = cel_civil_of(time.as.i);
    print_fraction(time.size, fraction, sizeof(fraction));
    snprintf(out, CEL_TIME_ROOM, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", (int)civil.year, civil.month,
             civil.day, civil.hour, civil.minute, civil.second, fraction);
    return out;
}
