/* SPDX-License-Identifier: Apache-2.0 */
/*
 * due: asks whose time comes: timers, and calls that are tried again.
 */
#include "base/clock.h"
#include "run/internal.h"

static void retry_now(struct tdh_timer *timer)
{
    struct tdh_ask_entry *ask =
        (struct tdh_ask_entry *)((char *)timer - offsetof(struct tdh_ask_entry, timer));

    if (ask->run->is_broken || ask->run->is_paused)
        return;
    ask->state = TDH_ASK_OPEN;
    if (ask->target->effects != TDH_EFFECTS_NONE)
        tdh_fold_begin(
            ask); /* its intent: else nobody knows after a crash whether this attempt had begun */
    tdh_execute(ask);
}

static void timer_due(struct tdh_timer *timer)
{
    struct tdh_ask_entry *ask =
        (struct tdh_ask_entry *)((char *)timer - offsetof(struct tdh_ask_entry, timer));

    if (!ask->run->is_broken)
        tdh_fold_done(ask, json_null());
}

void tdh_due_arm(struct tdh_ask_entry *ask)
{
    void (*fire)(struct tdh_timer * timer) = ask->kind == TDH_ASK_TIMER ? timer_due : retry_now;
    int64_t delay_us = ask->due_us - tdh_clock_us();
    struct td_err err;

    if (tdh_timer_set(&ask->timer,
                      tdh_clock_mono_ns() + (uint64_t)(delay_us > 0 ? delay_us : 0) * 1000, fire,
                      &err) == 0)
        return;
    if (ask->kind == TDH_ASK_TIMER)
        tdh_answer_late(ask, json_null(), NULL);
    else
        fire(&ask->timer);
}
