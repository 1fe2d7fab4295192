/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cron: times by the five or six fields of cron: read, and the next one after a given time.
 *
 * Pure: knows no clock. docs/triggers.md tells what may be written, and what becomes of times when
 * clocks are put forward or back.
 */
#ifndef TDH_FLOW_CRON_H
#define TDH_FLOW_CRON_H

#include <stdbool.h>
#include <stdint.h>
#include <tdev/err.h>

#include "cel/cel.h"

#define TDH_CRON_TEXT 256 /* most bytes */
#define TDH_CRON_YEARS 48 /* as far as the next time is looked for */

/* Bit n: that second, minute, ... is meant. Months from bit 1, days from bit 1, Sunday bit 0. */
struct tdh_cron {
    uint64_t seconds, minutes;
    uint32_t hours, days;
    uint16_t months;
    uint8_t weekdays;
    bool has_last_day;               /* "L": the last of each month */
    bool is_any_day, is_any_weekday; /* the field begins with "*" */
    /* it repeats within the hour or day (seconds, minutes or hours begin with "*"), and so goes by
     * the time that passes; else by what the clock on the wall shows */
    bool is_by_clock;
};

/** err TD_E_INVAL: names the field, and what it may hold; also of a time that never comes. */
int tdh_cron_parse(const char *text, struct tdh_cron *ret_cron, struct td_err *err);
/**
 * The first time later than after_us. False: none within TDH_CRON_YEARS.
 *
 * zone  NULL: UTC
 */
bool tdh_cron_next(const struct tdh_cron *cron, const struct tdh_zone *zone, int64_t after_us,
                   int64_t *ret_us);

#endif
