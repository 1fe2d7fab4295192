/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone rule: parses and applies a POSIX TZ text.
 */
#include "cel/zone_rule.h"

#include "cel/time.h"

enum { HOUR_S = 3600, DAY_S = 86400 };

struct cursor {
    const char *at, *end;
};

static bool eat(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static bool eat_number(struct cursor *cursor, int max, int *ret_number)
{
    const char *begin = cursor->at;
    int number = 0;

    for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' && number <= max;
         cursor->at++)
        number = number * 10 + (*cursor->at - '0');
    *ret_number = number;
    return cursor->at > begin && number <= max;
}

/* "EST" or "<+0330>"; the name itself is of no use. */
static bool eat_name(struct cursor *cursor)
{
    const char *begin = cursor->at;
    bool is_quoted = eat(cursor, '<');

    if (is_quoted) {
        while (cursor->at < cursor->end && *cursor->at != '>')
            cursor->at++;
        return eat(cursor, '>');
    }
    while (cursor->at < cursor->end && (*cursor->at | 0x20) >= 'a' && (*cursor->at | 0x20) <= 'z')
        cursor->at++;
    return cursor->at > begin;
}

/* [+-]hh[:mm[:ss]]; hours up to 167. */
static bool eat_time(struct cursor *cursor, int64_t *ret_seconds)
{
    int sign = eat(cursor, '-') ? -1 : 1, hours, minutes = 0, seconds = 0;

    if (sign > 0)
        eat(cursor, '+');
    if (!eat_number(cursor, 167, &hours) ||
        (eat(cursor, ':') && !eat_number(cursor, 59, &minutes)) ||
        (eat(cursor, ':') && !eat_number(cursor, 59, &seconds)))
        return false;
    *ret_seconds = sign * ((int64_t)hours * HOUR_S + minutes * 60 + seconds);
    return true;
}

static bool eat_day(struct cursor *cursor, struct cel_rule_day *ret_day)
{
    struct cel_rule_day day = { .kind = 'D', .time_s = 2 * HOUR_S };

    if (!eat(cursor, ','))
        return false;
    if (eat(cursor, 'M')) {
        day.kind = 'M';
        if (!eat_number(cursor, 12, &day.month) || !eat(cursor, '.') ||
            !eat_number(cursor, 5, &day.week) || !eat(cursor, '.') ||
            !eat_number(cursor, 6, &day.day) || day.month == 0 || day.week == 0)
            return false;
    } else {
        day.kind = eat(cursor, 'J') ? 'J' : 'D';
        if (!eat_number(cursor, 365, &day.day))
            return false;
    }
    if (eat(cursor, '/') && !eat_time(cursor, &day.time_s))
        return false;
    *ret_day = day;
    return true;
}

bool cel_rule_parse(const char *text, size_t length, struct cel_rule *ret_rule)
{
    struct cursor cursor = { text, text + length };
    struct cel_rule rule = { 0 };

    if (!eat_name(&cursor) || !eat_time(&cursor, &rule.offset_s))
        return false;
    rule.offset_s = -rule.offset_s; /* POSIX counts westwards */
    rule.has_summer = cursor.at < cursor.end;
    if (rule.has_summer) {
        rule.summer_offset_s = rule.offset_s + HOUR_S;
        if (!eat_name(&cursor))
            return false;
        if (cursor.at < cursor.end && *cursor.at != ',') {
            if (!eat_time(&cursor, &rule.summer_offset_s))
                return false;
            rule.summer_offset_s = -rule.summer_offset_s;
        }
        if (!eat_day(&cursor, &rule.begin) || !eat_day(&cursor, &rule.end))
            return false;
    }
    *ret_rule = rule;
    return cursor.at == cursor.end;
}

/* Days since 1970 of the rule's day in that year. */
static int64_t day_in(const struct cel_rule_day *rule, int64_t year)
{
    int64_t first, day;

    if (rule->kind != 'M') {
        bool is_behind_leap_day = rule->kind == 'J' && cel_year_is_leap(year) && rule->day >= 60;

        return cel_civil_days(year, 1, 1) + rule->day - (rule->kind == 'J') + is_behind_leap_day;
    }
    first = cel_civil_days(year, rule->month, 1);
    day = first + (rule->day - (first + 4) % 7 + 14) % 7 + 7 * (rule->week - 1);
    while (day >= cel_civil_days(rule->month == 12 ? year + 1 : year, rule->month % 12 + 1, 1))
        day -= 7;
    return day;
}

int64_t cel_rule_offset(const struct cel_rule *rule, int64_t seconds)
{
    int64_t year, begin, end;
    bool is_summer;

    if (!rule->has_summer)
        return rule->offset_s;
    year = cel_civil_of(seconds + rule->offset_s).year;
    begin = day_in(&rule->begin, year) * DAY_S + rule->begin.time_s - rule->offset_s;
    end = day_in(&rule->end, year) * DAY_S + rule->end.time_s - rule->summer_offset_s;
    is_summer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
    return is_summer ? rule->summer_offset_s : rule->offset_s;
}
