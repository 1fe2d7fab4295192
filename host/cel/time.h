/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time: timestamps of the years 1 to 9999 and durations of +-292 years, both to the nanosecond.
 */
#ifndef TDH_CEL_TIME_H
#define TDH_CEL_TIME_H

#include "cel/value.h"

enum { CEL_TIME_ROOM = 48 };
#define CEL_NS_PER_S 1000000000

/* A date and time of day, without zone. */
struct cel_civil {
    int64_t year;
    int month, day; /* from 1 */
    int hour, minute, second;
    int weekday;  /* 0: Sunday */
    int year_day; /* from 0 */
};

/** Seconds since 1970 to date and back; any year that fits. */
struct cel_civil cel_civil_of(int64_t seconds);
int64_t cel_civil_days(int64_t year, int month, int day);
bool cel_year_is_leap(int64_t year);

/* Each gives a fault when the result is out of range. */
struct cel_value cel_time_of(int64_t seconds, int64_t ns);
struct cel_value cel_time_add(struct cel_value timestamp, int64_t ns);
struct cel_value cel_time_subtract(struct cel_value timestamp, int64_t ns);
struct cel_value cel_time_difference(struct cel_value a, struct cel_value b);

/** RFC 3339; false when the text is not of that form or out of range. */
bool cel_time_parse(const char *text, size_t length, struct cel_value *ret_timestamp);
/**
 * "1h30m", "1.5s", "-2ms": numbers with the units h, m, s, ms, us, ns; false when it is not, or
 * out of range.
 */
bool cel_duration_parse(const char *text, size_t length, struct cel_value *ret_duration);
/** A timestamp as RFC 3339 in UTC, a duration as "1.5s". Returns out. */
const char *cel_time_print(struct cel_value time, char out[CEL_TIME_ROOM]);

#endif
