/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone rule: the text at the end of a TZif file that tells the offsets after its last transition
 * (POSIX TZ): "CET-1CEST,M3.5.0,M10.5.0/3".
 */
#ifndef TDH_CEL_ZONE_RULE_H
#define TDH_CEL_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A day of every year and a time of that day. */
struct cel_rule_day {
    /* 'M': week `week` (5: the last) of `month`; 'J': 1 to 365 without leap day; 'D': 0 to 365 */
    char kind;
    int month, week, day;
    int64_t time_s;
};

struct cel_rule {
    bool has_summer;
    int64_t offset_s, summer_offset_s; /* east of UTC */
    struct cel_rule_day begin, end;    /* of summer time, in the local time of before */
};

bool cel_rule_parse(const char *text, size_t length, struct cel_rule *ret_rule);
int64_t cel_rule_offset(const struct cel_rule *rule, int64_t seconds);

#endif
