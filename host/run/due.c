/* SPDX-License-Identifier: Apache-2.0 */
/*
 * due: asks whose time comes: timers, and calls that are tried again.
 *
 * In the process that asked, and from the moment a run is resumed, the clock decides that never
 * steps: whoever sets the time of day moves no wait. What is left after a resume comes from the
 * time of day, as no other clock goes on while nobody runs; it may have been set back, so a wait is
 * at most as long again as it was to be.
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
    if (ask->target->effects != TDH_EFFECTS_NONE || tdh_budget_counts(ask))
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

static uint64_t due_ns(const struct tdh_ask_entry *ask)
{
    int64_t left_us = ask->due_us - tdh_clock_us();

    if (left_us > ask->delay_us)
        left_us = ask->delay_us;
    return tdh_clock_mono_ns() + (uint64_t)(left_us > 0 ? left_us : 0) * 1000;
}

void tdh_due_arm(struct tdh_ask_entry *ask)
{
    void (*fire)(struct tdh_timer * timer) = ask->kind == TDH_ASK_TIMER ? timer_due : retry_now;
    struct td_err err;

    if (ask->due_ns == 0)
        ask->due_ns = due_ns(ask);
    if (tdh_timer_set(&ask->timer, ask->due_ns, fire, &err) == 0)
        return;
    if (ask->kind == TDH_ASK_TIMER)
        tdh_answer_late(ask, json_null(), NULL);
    else
        fire(&ask->timer);
}
