/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time functions: timestamp(), duration() and the getters of both.
 */
#include "cel/function.h"
#include "cel/time.h"
#include "cel/zone.h"

static struct cel_value to_timestamp(struct cel_run *run, const struct cel_value *args,
                                     size_t count)
{
    struct cel_value timestamp;

    (void)count;
    if (args->type == CEL_TIMESTAMP)
        return *args;
    if (args->type == CEL_INT)
        return cel_time_of(args->as.i, 0);
    if (!cel_time_parse(args->as.s, args->size, &timestamp))
        return cel_fault_about(run, "%s is not a timestamp of RFC 3339 in the years 1 to 9999",
                               *args);
    return timestamp;
}

static struct cel_value to_duration(struct cel_run *run, const struct cel_value *args, size_t count)
{
    struct cel_value duration;

    (void)count;
    if (args->type == CEL_DURATION)
        return *args;
    if (!cel_duration_parse(args->as.s, args->size, &duration))
        return cel_fault_about(run, "%s is not a duration such as \"1h30m\" or \"1.5s\"", *args);
    return duration;
}

/* The date and time of args[0] in the zone args[1], or in UTC; a fault, or null. */
static struct cel_value civil_of(struct cel_run *run, const struct cel_value *args, size_t count,
                                 struct cel_civil *ret_civil)
{
    int64_t offset = 0;

    if (count > 1 && !cel_zone_offset(run, args[1], args[0].as.i, &offset))
        return cel_fault_about(run, "time zone %s is not known", args[1]);
    *ret_civil = cel_civil_of(args[0].as.i + offset);
    return cel_null();
}

/* One getter: a member of the civil time, less a base. */
#define GETTER(name, member, base)                                                                 \
    static struct cel_value name(struct cel_run *run, const struct cel_value *args, size_t count)  \
    {                                                                                              \
        struct cel_civil civil;                                                                    \
        struct cel_value done = civil_of(run, args, count, &civil);                                \
                                                                                                   \
        return done.type == CEL_FAULT ? done : cel_int(civil.member - (base));                     \
    }
GETTER(full_year, year, 0)
GETTER(month, month, 1)
GETTER(date, day, 0)
GETTER(day_of_month, day, 1)
GETTER(day_of_week, weekday, 0)
GETTER(day_of_year, year_day, 0)
GETTER(hours, hour, 0)
GETTER(minutes, minute, 0)
GETTER(seconds, second, 0)

static struct cel_value milliseconds(struct cel_run *run, const struct cel_value *args,
                                     size_t count)
{
    struct cel_civil civil;
    struct cel_value done = civil_of(run, args, count, &civil);

    return done.type == CEL_FAULT ? done : cel_int(args[0].size / 1000000);
}

static struct cel_value whole_hours(struct cel_run *run, const struct cel_value *args, size_t count)
{
    (void)run;
    (void)count;
    return cel_int(args[0].as.i / CEL_NS_PER_S / 3600);
}

static struct cel_value whole_minutes(struct cel_run *run, const struct cel_value *args,
                                      size_t count)
{
    (void)run;
    (void)count;
    return cel_int(args[0].as.i / CEL_NS_PER_S / 60);
}

static struct cel_value whole_seconds(struct cel_run *run, const struct cel_value *args,
                                      size_t count)
{
    (void)run;
    (void)count;
    return cel_int(args[0].as.i / CEL_NS_PER_S);
}

/* Unlike the others, of a duration the milliseconds behind its last whole second. */
static struct cel_value rest_milliseconds(struct cel_run *run, const struct cel_value *args,
                                          size_t count)
{
    (void)run;
    (void)count;
    return cel_int(args[0].as.i % CEL_NS_PER_S / 1000000);
}

#define INT CEL_BIT(CEL_INT)
#define STRING CEL_BIT(CEL_STRING)
#define TIMESTAMP CEL_BIT(CEL_TIMESTAMP)
#define DURATION CEL_BIT(CEL_DURATION)
#define OF_TIMESTAMP(name, function)                                                               \
    { name, true, 1, { TIMESTAMP }, INT, function },                                               \
    {                                                                                              \
        name, true, 2, { TIMESTAMP, STRING }, INT, function                                        \
    }

static const struct cel_function rows[] = {
    { "timestamp", false, 1, { INT | STRING | TIMESTAMP }, TIMESTAMP, to_timestamp },
    { "duration", false, 1, { STRING | DURATION }, DURATION, to_duration },
    OF_TIMESTAMP("getFullYear", full_year),
    OF_TIMESTAMP("getMonth", month),
    OF_TIMESTAMP("getDate", date),
    OF_TIMESTAMP("getDayOfMonth", day_of_month),
    OF_TIMESTAMP("getDayOfWeek", day_of_week),
    OF_TIMESTAMP("getDayOfYear", day_of_year),
    OF_TIMESTAMP("getHours", hours),
    { "getHours", true, 1, { DURATION }, INT, whole_hours },
    OF_TIMESTAMP("getMinutes", minutes),
    { "getMinutes", true, 1, { DURATION }, INT, whole_minutes },
    OF_TIMESTAMP("getSeconds", seconds),
    { "getSeconds", true, 1, { DURATION }, INT, whole_seconds },
    OF_TIMESTAMP("getMilliseconds", milliseconds),
    { "getMilliseconds", true, 1, { DURATION }, INT, rest_milliseconds },
};

const struct cel_family cel_time_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
