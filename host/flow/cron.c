/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cron: fields become sets of bits; the next time is searched by days, then within the day.
 *
 * "Local" seconds are what a clock on the wall shows, as if that were UTC. Where clocks are put
 * forward, some local times do not exist; where they are put back, some exist twice.
 */
#include "flow/cron.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/near.h"

enum { DAY = 86400, FIELDS = 6, LIST_DAYS = TDH_CRON_YEARS * 366, LOOKS = 100000 };

static const char *const month_names[] = { "JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                           "JUL", "AUG", "SEP", "OCT", "NOV", "DEC" };
static const char *const weekday_names[] = { "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT" };

/* Weekday 7 is Sunday, too. */
static const struct field {
    const char *name;
    int min, max;
    const char *const *names;
    int name_count;
} fields[FIELDS] = {
    { "second", 0, 59, NULL, 0 },        { "minute", 0, 59, NULL, 0 },
    { "hour", 0, 23, NULL, 0 },          { "day of the month", 1, 31, NULL, 0 },
    { "month", 1, 12, month_names, 12 }, { "weekday", 0, 7, weekday_names, 7 },
};
enum { SECOND, MINUTE, HOUR, MONTH_DAY, MONTH, WEEKDAY };

static const struct {
    const char *name, *text;
} shorthands[] = {
    { "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" }, { "@monthly", "0 0 1 * *" },
    { "@weekly", "0 0 * * 0" }, { "@daily", "0 0 * * *" },    { "@midnight", "0 0 * * *" },
    { "@hourly", "0 * * * *" },
};
enum { SHORTHANDS = sizeof(shorthands) / sizeof(shorthands[0]) };

/* --- reading --- */

static int fail_value(const struct field *field, const char *text, struct td_err *err)
{
    const char *near = NULL;
    char upper[TDH_CRON_TEXT];
    size_t length = 0;

    for (; text[length] != '\0' && length + 1 < sizeof(upper); length++)
        upper[length] = (char)toupper((unsigned char)text[length]);
    upper[length] = '\0';
    if (field->names != NULL)
        near = tdh_near(upper, field->names, (size_t)field->name_count);
    if (near != NULL)
        return td_fail(err, TD_E_INVAL, "%s \"%s\" is none, did you mean \"%s\"", field->name, text,
                       near);
    return td_fail(err, TD_E_INVAL, "%s \"%s\" is none: it goes from %d to %d%s%s%s", field->name,
                   text, field->min, field->max, field->names != NULL ? ", or from " : "",
                   field->names != NULL ? field->names[0] : "",
                   field->names == NULL          ? ""
                   : field->names == month_names ? " to DEC"
                                                 : " to SAT");
}

/* A number or a name. */
static int read_value(const struct field *field, const char *text, int *ret, struct td_err *err)
{
    char *end;
    long value;

    for (int i = 0; i < field->name_count; i++)
        if (strcasecmp(text, field->names[i]) == 0) {
            *ret = i + field->min;
            return 0;
        }
    if (!isdigit((unsigned char)text[0]))
        return fail_value(field, text, err);
    value = strtol(text, &end, 10);
    if (*end != '\0' || value < field->min || value > field->max)
        return fail_value(field, text, err);
    *ret = (int)value;
    return 0;
}

/* Cuts the step off: "A/N". */
static int read_step(const struct field *field, char *text, int *ret_step, bool *ret_has,
                     struct td_err *err)
{
    char *slash = strchr(text, '/'), *end;
    long step = 1;

    *ret_has = slash != NULL;
    if (slash != NULL) {
        *slash = '\0';
        step = strtol(slash + 1, &end, 10);
        if (!isdigit((unsigned char)slash[1]) || *end != '\0' || step < 1 || step > field->max)
            return td_fail(err, TD_E_INVAL, "%s: the step \"%s\" is none: it goes from 1 to %d",
                           field->name, slash + 1, field->max);
    }
    *ret_step = (int)step;
    return 0;
}

/* One of a list: "*", "A", "A-B", each perhaps with "/N". */
static int read_item(const struct field *field, char *text, uint64_t *bits, struct td_err *err)
{
    int from = field->min, to = field->max - (field->max == 7), step = 1;
    bool has_step;
    char *dash;

    if (read_step(field, text, &step, &has_step, err) != 0)
        return -1;
    dash = strchr(text, '-');
    if (dash != NULL)
        *dash = '\0';
    if (strcmp(text, "*") != 0) {
        if (read_value(field, text, &from, err) != 0 ||
            (dash != NULL && read_value(field, dash + 1, &to, err) != 0))
            return -1;
        to = dash != NULL || has_step ? to : from;
    } else if (dash != NULL) {
        return td_fail(err, TD_E_INVAL, "%s: \"*\" is no end of a range", field->name);
    }
    if (from > to)
        return td_fail(err, TD_E_INVAL, "%s: the range %d-%d goes backwards: write it as two",
                       field->name, from, to);
    for (int i = from; i <= to; i += step)
        *bits |= UINT64_C(1) << i;
    return 0;
}

static int read_field(const struct field *field, char *text, struct tdh_cron *cron, uint64_t *bits,
                      struct td_err *err)
{
    char *rest = text, *item;

    if (text[0] == ',' || text[strlen(text) - 1] == ',' || strstr(text, ",,") != NULL)
        return td_fail(err, TD_E_INVAL, "%s: the list \"%s\" has an empty place", field->name,
                       text);
    while ((item = strsep(&rest, ",")) != NULL) {
        if (field == &fields[MONTH_DAY] && strcasecmp(item, "L") == 0)
            cron->has_last_day = true;
        else if (read_item(field, item, bits, err) != 0)
            return -1;
    }
    return 0;
}

/* The fields of a text; returns how many, at most FIELDS + 1. */
static size_t split(char *text, char *words[FIELDS + 1])
{
    size_t count = 0;
    char *rest = NULL;

    for (char *word = strtok_r(text, " \t", &rest); word != NULL && count <= FIELDS;
         word = strtok_r(NULL, " \t", &rest))
        words[count++] = word;
    return count;
}

static int read_fields(char *text, struct tdh_cron *cron, struct td_err *err)
{
    static char zero[] = "0";
    char *words[FIELDS + 1], seconds[sizeof(zero)];
    size_t count = split(text, words);
    uint64_t bits[FIELDS] = { 0 };

    if (count != 5 && count != FIELDS)
        return td_fail(err, TD_E_INVAL,
                       "it has %s%zu fields, must have 5 (minute hour day month weekday) or 6 "
                       "(second before them)",
                       count > FIELDS ? "over " : "", count > FIELDS ? (size_t)FIELDS : count);
    if (count == 5) {
        memmove(words + 1, words, 5 * sizeof(words[0]));
        words[0] = memcpy(seconds, zero, sizeof(zero));
    }
    cron->is_by_clock = words[SECOND][0] == '*' || words[MINUTE][0] == '*' || words[HOUR][0] == '*';
    cron->is_any_day = words[MONTH_DAY][0] == '*';
    cron->is_any_weekday = words[WEEKDAY][0] == '*';
    for (int i = 0; i < FIELDS; i++)
        if (read_field(&fields[i], words[i], cron, &bits[i], err) != 0)
            return -1;
    cron->seconds = bits[SECOND];
    cron->minutes = bits[MINUTE];
    cron->hours = (uint32_t)bits[HOUR];
    cron->days = (uint32_t)bits[MONTH_DAY];
    cron->months = (uint16_t)bits[MONTH];
    cron->weekdays = (uint8_t)((bits[WEEKDAY] & 0x7f) | (bits[WEEKDAY] >> 7));
    return 0;
}

/* What stands for a shorthand; the text itself when it is none. NULL: err. */
static const char *long_form(const char *text, struct td_err *err)
{
    const char *names[SHORTHANDS], *near;

    if (text[0] != '@')
        return text;
    for (size_t i = 0; i < SHORTHANDS; i++) {
        names[i] = shorthands[i].name;
        if (strcasecmp(text, names[i]) == 0)
            return shorthands[i].text;
    }
    near = tdh_near(text, names, SHORTHANDS);
    td_fail(err, TD_E_INVAL, "there is no \"%.40s\"%s%s%s", text, near ? ", did you mean \"" : "",
            near ? near : "", near ? "\"" : "");
    return NULL;
}

/* --- days --- */

/* Days since 1970 of a date, and back (years from March, as the leap day comes last then). */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, in_era = z - era * 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100),
            month = (5 * in_year + 2) / 153;

    *ret_day = (int)(in_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

static int64_t month_after(int64_t year, int month)
{
    return month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1);
}

/* As cron has it: of days and weekdays either may fit, unless one of the fields begins with "*". */
static bool is_day(const struct tdh_cron *cron, int64_t days, int64_t year, int month, int day)
{
    int weekday = (int)(((days + 4) % 7 + 7) % 7);
    bool fits_day = (cron->days >> day & 1) != 0 ||
                    (cron->has_last_day && days + 1 == month_after(year, month));
    bool fits_weekday = (cron->weekdays >> weekday & 1) != 0;

    return cron->is_any_day || cron->is_any_weekday ? fits_day && fits_weekday
                                                    : fits_day || fits_weekday;
}

/* --- local times --- */

/* The first bit that is set from `from` on; -1: none. */
static int bit_from(uint64_t bits, int from)
{
    bits = from < 64 ? bits >> from << from : 0;
    return bits != 0 ? __builtin_ctzll(bits) : -1;
}

/* The first time of a day from `from` on, in seconds; -1: none. */
static int time_from(const struct tdh_cron *cron, int from)
{
    int hour = from / 3600, minute = from / 60 % 60, second = from % 60, found;

    found = bit_from(cron->hours, hour);
    if (found == hour) {
        int next = bit_from(cron->minutes, minute);

        if (next == minute && (second = bit_from(cron->seconds, second)) >= 0)
            return hour * 3600 + minute * 60 + second;
        next = bit_from(cron->minutes, next == minute ? minute + 1 : minute);
        if (next >= 0)
            return hour * 3600 + next * 60 + bit_from(cron->seconds, 0);
        found = bit_from(cron->hours, hour + 1);
    }
    return found < 0 ? -1
                     : found * 3600 + bit_from(cron->minutes, 0) * 60 + bit_from(cron->seconds, 0);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The first local time from `from` on. */
static bool local_from(const struct tdh_cron *cron, int64_t from, int64_t *ret_local)
{
    int64_t days = floor_div(from, DAY), last = days + LIST_DAYS;
    int time = (int)(from - days * DAY);

    while (days <= last) {
        int64_t year;
        int month, day, found;

        date_of(days, &year, &month, &day);
        if ((cron->months >> month & 1) == 0) {
            days = month_after(year, month);
            time = 0;
            continue;
        }
        found = is_day(cron, days, year, month, day) ? time_from(cron, time) : -1;
        if (found >= 0) {
            *ret_local = days * DAY + found;
            return true;
        }
        days++;
        time = 0;
    }
    return false;
}

int tdh_cron_parse(const char *text, struct tdh_cron *ret_cron, struct td_err *err)
{
    struct tdh_cron cron = { 0 };
    char copy[TDH_CRON_TEXT + 1];
    const char *whole = long_form(text, err);
    int64_t local;

    if (whole == NULL)
        return td_context(err, "cron \"%.100s\"", text);
    if (strlen(whole) > TDH_CRON_TEXT)
        return td_fail(err, TD_E_INVAL, "a cron has at most %d bytes", TDH_CRON_TEXT);
    strcpy(copy, whole);
    if (read_fields(copy, &cron, err) != 0)
        return td_context(err, "cron \"%.100s\"", text);
    if (!local_from(&cron, 0, &local))
        return td_fail(err, TD_E_INVAL, "cron \"%.100s\": that time never comes", text);
    *ret_cron = cron;
    return 0;
}

/* --- zones --- */

static int64_t offset_of(const struct tdh_zone *zone, int64_t seconds)
{
    return zone != NULL ? tdh_zone_offset_s(zone, seconds) : 0;
}

/* The first second in (from, to] whose offset is not that of `from`; there is one at `to`. */
static int64_t change_between(const struct tdh_zone *zone, int64_t from, int64_t to)
{
    int64_t offset = offset_of(zone, from);

    while (to - from > 1) {
        int64_t middle = from + (to - from) / 2;

        if (offset_of(zone, middle) == offset)
            from = middle;
        else
            to = middle;
    }
    return to;
}

/* Looked for day by day: offsets change once a day at most. */
static bool find_change(const struct tdh_zone *zone, int64_t from, int64_t to, int64_t *ret_at)
{
    int64_t offset = offset_of(zone, from);

    while (zone != NULL && from < to) {
        int64_t next = to - from > DAY ? from + DAY : to;

        if (offset_of(zone, next) != offset) {
            *ret_at = change_between(zone, from, next);
            return true;
        }
        from = next;
    }
    return false;
}

/* When a local time is: of two the first; one that is left out, when the clock is put forward. */
static int64_t instant_of(const struct tdh_zone *zone, int64_t local)
{
    int64_t before = offset_of(zone, local - DAY), after = offset_of(zone, local + DAY);
    int64_t first = local - before, second = local - after;
    bool is_first = offset_of(zone, first) == before, is_second = offset_of(zone, second) == after;

    if (is_first && is_second)
        return first < second ? first : second;
    if (is_first || is_second)
        return is_first ? first : second;
    return change_between(zone, second < first ? second : first, second < first ? first : second);
}

/* Between two changes of the offset, time passes as on the wall. */
static bool next_by_clock(const struct tdh_cron *cron, const struct tdh_zone *zone, int64_t from,
                          int64_t *ret_at)
{
    int64_t last = from + (int64_t)LIST_DAYS * DAY, local;

    while (from <= last) {
        int64_t offset = offset_of(zone, from);

        if (!local_from(cron, from + offset, &local))
            return false;
        *ret_at = local - offset;
        if (!find_change(zone, from, *ret_at, &from))
            return true;
    }
    return false;
}

static bool next_by_wall(const struct tdh_cron *cron, const struct tdh_zone *zone, int64_t after,
                         int64_t *ret_at)
{
    int64_t local = after + offset_of(zone, after);

    for (int look = 0; look < LOOKS && local_from(cron, local + 1, &local); look++) {
        *ret_at = instant_of(zone, local);
        if (*ret_at > after)
            return true;
    }
    return false;
}

bool tdh_cron_next(const struct tdh_cron *cron, const struct tdh_zone *zone, int64_t after_us,
                   int64_t *ret_us)
{
    int64_t after = floor_div(after_us, 1000000),
            at = 0; /* gcc at -O1 does not see that it is set */

    if (cron->is_by_clock ? !next_by_clock(cron, zone, after + 1, &at)
                          : !next_by_wall(cron, zone, after, &at))
        return false;
    *ret_us = at * 1000000;
    return true;
}
