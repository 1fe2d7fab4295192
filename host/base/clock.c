/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock: reads the system's clocks, and RFC 3339 both ways.
 *
 * The calendar is the proleptic Gregorian one, worked out here: gmtime and timegm take locks and
 * the time zone's file.
 */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define US_PER_S INT64_C(1000000)
#define DAY_S INT64_C(86400)
#define ERA_DAYS INT64_C(146097)   /* of 400 years, after which the calendar repeats */
#define EPOCH_DAYS INT64_C(719468) /* from 0000-03-01 to 1970-01-01 */

int64_t tdh_clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

uint64_t tdh_clock_mono_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t tdh_clock_thread_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

/* Days of an era before a year of it. */
static int64_t days_before(int64_t year)
{
    return year * 365 + year / 4 - year / 100;
}

/*
 * Years are counted from March, so that the leap day is the last of a year and the month lengths 31
 * 30 31 30 31 repeat: month m begins at day (153 m + 2) / 5.
 */
static int64_t count_days(struct date date)
{
    int64_t year = date.year - (date.month < 3);
    int64_t month = date.month + (date.month < 3 ? 9 : -3);
    int64_t era = divide_down(year, 400), of_era = year - era * 400;

    return era * ERA_DAYS + days_before(of_era) + (153 * month + 2) / 5 + date.day - 1 - EPOCH_DAYS;
}

static struct date find_date(int64_t days)
{
    int64_t era = divide_down(days + EPOCH_DAYS, ERA_DAYS);
    int64_t day = days + EPOCH_DAYS - era * ERA_DAYS;
    int64_t year = day * 400 / ERA_DAYS; /* by the mean length: right, or one too low */
    int64_t month;

    if (year < 399 && days_before(year + 1) <= day)
        year++;
    day -= days_before(year);
    month = (5 * day + 2) / 153;
    return (struct date){
        .year = year + era * 400 + (month >= 10),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day - (153 * month + 2) / 5 + 1),
    };
}

const char *tdh_clock_print(int64_t time_us, char *text, size_t size)
{
    int64_t seconds = divide_down(time_us, US_PER_S), days = divide_down(seconds, DAY_S);
    int64_t us = time_us % US_PER_S + (time_us % US_PER_S < 0 ? US_PER_S : 0);
    int of_day = (int)(seconds - days * DAY_S);
    struct date date = find_date(days);
    char fraction[8] = "";
    int digits = 6;

    for (; digits > 0 && us % 10 == 0; digits--)
        us /= 10;
    if (digits > 0)
        snprintf(fraction, sizeof(fraction), ".%0*d", digits, (int)us);
    snprintf(text, size, "%04lld-%02d-%02dT%02d:%02d:%02d%sZ", (long long)date.year, date.month,
             date.day, of_day / 3600, of_day / 60 % 60, of_day % 60, fraction);
    return text;
}

static int days_of_month(int64_t year, int month)
{
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (month == 2)
        return is_leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* A number of exactly `digits` digits, followed by one of `ends`. Moves *text past both. */
static bool read_number(const char **text, int digits, const char *ends, int *ret_number)
{
    int number = 0;

    for (; digits > 0; digits--, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        number = number * 10 + (**text - '0');
    }
    for (; *ends != '\0'; ends++)
        if (**text == *ends) {
            (*text)++;
            *ret_number = number;
            return true;
        }
    return false;
}

/* The digits behind the point; those past the microsecond are dropped. */
static bool read_fraction(const char **text, int64_t *ret_us)
{
    int64_t us = 0, unit = US_PER_S / 10;
    const char *begin = *text;

    for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
        us += unit * (**text - '0');
    *ret_us = us;
    return *text != begin;
}

struct reading {
    int year, month, day, hour, minute, second, offset_hour, offset_minute;
    int64_t us;
    bool is_west; /* of Greenwich: the offset is negative */
};

/* "+HH:MM" behind its sign. */
static bool read_offset(const char **text, struct reading *reading)
{
    int minute = 0;

    if (!read_number(text, 2, ":", &reading->offset_hour))
        return false;
    for (int i = 0; i < 2; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        minute = minute * 10 + (**text - '0');
    }
    reading->offset_minute = minute;
    return true;
}

/* The shape only; ranges are checked afterwards. */
static bool read_shape(const char *text, struct reading *reading)
{
    char end;

    if (!read_number(&text, 4, "-", &reading->year) ||
        !read_number(&text, 2, "-", &reading->month) ||
        !read_number(&text, 2, "Tt", &reading->day) ||
        !read_number(&text, 2, ":", &reading->hour) ||
        !read_number(&text, 2, ":", &reading->minute) ||
        !read_number(&text, 2, ".Zz+-", &reading->second))
        return false;
    end = text[-1];
    if (end == '.') {
        if (!read_fraction(&text, &reading->us))
            return false;
        end = *text;
        if (end != '\0')
            text++;
    }
    reading->is_west = end == '-';
    if (end == '+' || end == '-')
        return read_offset(&text, reading) && *text == '\0';
    return (end == 'Z' || end == 'z') && *text == '\0';
}

static int check_ranges(const char *text, const struct reading *reading, struct td_err *err)
{
    const struct {
        const char *name;
        int value, min, max;
    } rows[] = {
        { "month", reading->month, 1, 12 },
        { "day", reading->day, 1, days_of_month(reading->year, reading->month) },
        { "hour", reading->hour, 0, 23 },
        { "minute", reading->minute, 0, 59 },
        { "second", reading->second, 0, 59 },
        { "offset hour", reading->offset_hour, 0, 23 },
        { "offset minute", reading->offset_minute, 0, 59 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].value < rows[i].min || rows[i].value > rows[i].max)
            return td_fail(err, TD_E_INVAL, "time \"%s\": %s %d is not in %d to %d", text,
                           rows[i].name, rows[i].value, rows[i].min, rows[i].max);
    return 0;
}

int tdh_clock_parse(const char *text, int64_t *ret_time_us, struct td_err *err)
{
    struct reading reading = { 0 };
    int64_t seconds, offset;

    if (!read_shape(text, &reading))
        return td_fail(err, TD_E_INVAL,
                       "\"%.100s\" is not a time like \"2026-11-21T10:00:00Z\" (RFC 3339)", text);
    if (check_ranges(text, &reading, err) != 0)
        return -1;
    seconds = count_days((struct date){ reading.year, reading.month, reading.day }) * DAY_S +
              reading.hour * 3600 + reading.minute * 60 + reading.second;
    offset = reading.offset_hour * 3600 + reading.offset_minute * 60;
    *ret_time_us = (seconds - (reading.is_west ? -offset : offset)) * US_PER_S + reading.us;
    return 0;
}
