/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn: one coroutine of a worker after the other.
 */
#include "base/clock.h"
#include "plugin/runner.h"

struct tdh_turn_wait {
    struct tdh_turn_wait *next;
    struct tdh_co *co;
};

static void leave(struct tdh_turn *turn, const struct tdh_turn_wait *wait)
{
    for (struct tdh_turn_wait **at = &turn->first; *at != NULL; at = &(*at)->next)
        if (*at == wait) {
            *at = wait->next;
            return;
        }
}

/* Is still on when somebody else was faster; so it asks again. */
static int wait_once(struct tdh_turn *turn, uint64_t until_ns, struct td_err *err)
{
    struct tdh_turn_wait wait = { .next = turn->first, .co = tdh_co_self() };
    enum tdh_woken woken;

    turn->first = &wait;
    woken = tdh_co_wait(until_ns);
    leave(turn, &wait);
    if (woken == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    if (woken == TDH_WAIT_TIMEOUT)
        return td_fail(err, TD_E_TIMEOUT, "the call's time ran out");
    return 0;
}

int tdh_turn_take(struct tdh_turn *turn, uint64_t until_ns, struct td_err *err)
{
    while (turn->is_taken)
        if (wait_once(turn, until_ns, err) != 0)
            return -1;
    turn->is_taken = true;
    return 0;
}

void tdh_turn_give(struct tdh_turn *turn)
{
    turn->is_taken = false;
    for (struct tdh_turn_wait *wait = turn->first; wait != NULL; wait = wait->next)
        tdh_co_wake(wait->co);
}
