/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace: when triggers start something: which times have come, which were missed, and when a
 * throttle lets a start through. Pure: the present is an argument.
 */
#ifndef TDH_FLOW_PACE_H
#define TDH_FLOW_PACE_H

#include <stddef.h>

#include "flow/trigger.h"

#define TDH_PACE_TIMES 1000 /* most starts that make up for missed times; the newest */
enum { TDH_PACE_ROOM = 2 * TDH_PACE_TIMES };
/* A time counts as missed when it is noticed so much later, as after a sleep of the machine. */
#define TDH_PACE_LATE_US (INT64_C(60) * 1000000)

/** The first time of a cron or an interval after `after_us`; false: none.
 * since_us: an interval counts from there. */
bool tdh_pace_next(const struct tdh_trigger *trigger, int64_t since_us, int64_t after_us,
                   int64_t *ret_us);

struct tdh_pace_span {
    int64_t since_us; /* an interval counts from there */
    int64_t seen_us;  /* times up to then are accounted for */
    int64_t began_us; /* nobody looked from then until began_us */
    int64_t now_us;
};
struct tdh_pace_time {
    int64_t at_us;
    uint64_t left_out; /* missed times before it for which nothing is started; at least so many */
};
/**
 * The times of a cron or an interval in (seen_us, now_us] that start something, in order.
 *
 * times  room for TDH_PACE_ROOM
 * Returns how many.
 */
size_t tdh_pace_times(const struct tdh_trigger *trigger, const struct tdh_pace_span *span,
                      struct tdh_pace_time *times);

/* The last starts of a throttled trigger, oldest first. Zeroed is valid. */
struct tdh_pace_log {
    int64_t *starts_us;
    size_t count;
};
/** When a start that is wanted now may be, and notes it; now, when nothing holds it up.
 * err TD_E_NOMEM */
int tdh_pace_slot(const struct tdh_trigger *trigger, struct tdh_pace_log *log, int64_t now_us,
                  int64_t *ret_us, struct td_err *err);

#endif
