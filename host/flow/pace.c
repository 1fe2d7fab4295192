/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace: see pace.h. A long absence is walked through in bounded time: past STEPS times, all but the
 * last day is left out.
 */
#include "flow/pace.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 100000 };
#define DAY_US (INT64_C(86400) * 1000000)

bool tdh_pace_next(const struct tdh_trigger *trigger, int64_t since_us, int64_t after_us,
                   int64_t *ret_us)
{
    int64_t passed;

    if (trigger->kind == TRIGGER_CRON)
        return tdh_cron_next(&trigger->cron, trigger->zone, after_us, ret_us);
    if (trigger->kind != TRIGGER_INTERVAL)
        return false;
    passed = after_us >= since_us ? (after_us - since_us) / trigger->interval_us : -1;
    *ret_us = since_us + (passed + 1) * trigger->interval_us;
    return true;
}

/* Times in order. */
struct gathered {
    struct tdh_pace_time *times;
    size_t count;
    uint64_t left_out;
};

/* The newest TDH_PACE_TIMES stay. */
static void cut(struct gathered *gathered)
{
    size_t spare = gathered->count > TDH_PACE_TIMES ? gathered->count - TDH_PACE_TIMES : 0;

    for (size_t i = 0; i < spare; i++)
        gathered->times[spare].left_out += gathered->times[i].left_out + 1;
    memmove(gathered->times, gathered->times + spare,
            (gathered->count - spare) * sizeof(*gathered->times));
    gathered->count -= spare;
}

static void add_time(struct gathered *gathered, int64_t at_us)
{
    if (gathered->count == TDH_PACE_ROOM)
        cut(gathered);
    gathered->times[gathered->count++] =
        (struct tdh_pace_time){ .at_us = at_us, .left_out = gathered->left_out };
    gathered->left_out = 0;
}

static void add_missed(const struct tdh_trigger *trigger, struct gathered *gathered, int64_t at_us)
{
    if (trigger->missed == MISSED_SKIP) {
        gathered->left_out++;
        return;
    }
    if (trigger->missed == MISSED_ONCE && gathered->count > 0) {
        gathered->left_out = gathered->times[0].left_out + 1;
        gathered->count = 0;
    }
    add_time(gathered, at_us);
}

size_t tdh_pace_times(const struct tdh_trigger *trigger, const struct tdh_pace_span *span,
                      struct tdh_pace_time *times)
{
    struct gathered gathered = { .times = times };
    int64_t at_us = span->seen_us;

    for (int step = 0; tdh_pace_next(trigger, span->since_us, at_us, &at_us); step++) {
        if (at_us > span->now_us)
            break;
        if (at_us < span->began_us || at_us < span->now_us - TDH_PACE_LATE_US)
            add_missed(trigger, &gathered, at_us);
        else
            add_time(&gathered, at_us);
        if (step == STEPS && at_us < span->now_us - DAY_US)
            at_us = span->now_us - DAY_US;
    }
    cut(&gathered);
    return gathered.count;
}

int tdh_pace_slot(const struct tdh_trigger *trigger, struct tdh_pace_log *log, int64_t now_us,
                  int64_t *ret_us, struct td_err *err)
{
    size_t max = trigger->throttle_max, spare;
    int64_t at_us = now_us, *room;

    *ret_us = now_us;
    if (max == 0)
        return 0;
    if (log->count > 0 && log->starts_us[log->count - 1] > at_us)
        at_us = log->starts_us[log->count - 1]; /* in their order */
    if (log->count >= max) {
        int64_t free_us = log->starts_us[log->count - max] + (int64_t)trigger->throttle_ms * 1000;

        at_us = free_us > at_us ? free_us : at_us;
    }
    room = realloc(log->starts_us, (log->count + 1) * sizeof(*room));
    if (room == NULL)
        return td_fail(err, TD_E_NOMEM, "could not note a start");
    log->starts_us = room;
    room[log->count++] = at_us;
    spare = log->count > max ? log->count - max : 0;
    memmove(room, room + spare, (log->count - spare) * sizeof(*room));
    log->count -= spare;
    *ret_us = at_us;
    return 0;
}
