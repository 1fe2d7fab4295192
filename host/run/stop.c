/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop: calls of which no further attempt is wanted. The one under way gets to its end, for some
 * time: then nobody waits for it any more, and what is told is that it may have taken effect.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/internal.h"

static struct tdh_ask_entry *of_timer(struct tdh_timer *timer)
{
    return (struct tdh_ask_entry *)((char *)timer - offsetof(struct tdh_ask_entry, timer));
}

static uint32_t patience_ms(const struct tdh_run *run)
{
    return run->has_stop_ms ? run->stop_ms : run->engine->options.stop_ms;
}

/* Its coroutine ends when it comes to wait, and finds that the ask is gone. */
static void give_up(struct tdh_timer *timer)
{
    struct tdh_ask_entry *ask = of_timer(timer);
    struct td_err why;

    if (ask->run->is_broken || ask->state != TDH_ASK_RUNNING)
        return;
    td_fail(&why, TD_E_DOUBT,
            "it was not at its end %g s after it was stopped, and may have taken "
            "effect",
            patience_ms(ask->run) / 1000.0);
    ask = tdh_ask_abandon(ask);
    if (ask == NULL)
        return; /* without memory it is waited for */
    tdh_fold_failed(ask, &why);
}

void tdh_stop_arm(struct tdh_ask_entry *ask)
{
    struct td_err err;

    if (!ask->is_stopped || ask->kind != TDH_ASK_CALL || ask->state != TDH_ASK_RUNNING)
        return;
    tdh_timer_set(&ask->timer,
                  tdh_clock_mono_ns() + (uint64_t)patience_ms(ask->run) * UINT64_C(1000000),
                  give_up, &err);
}

void tdh_stop_within(struct tdh_run *run, uint32_t ms)
{
    run->has_stop_ms = true;
    run->stop_ms = ms;
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next) {
        tdh_stop_arm(ask);
        if (ask->child != NULL)
            tdh_stop_within(ask->child, ms);
    }
}
