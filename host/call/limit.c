/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit: how many calls run at once. A free slot costs one atomic; the rest wait in order on the
 * limiter's home worker.
 *
 * A slot that is given back while somebody waits goes to the first in the queue, through the home
 * worker, so nobody overtakes. A waiter that gives up asks the home worker to take it out; if its
 * slot is under way already, it gives that back. A call within a call that holds a slot of the same
 * limiter takes none: it would wait for itself.
 */
#include "call/internal.h"

enum wait_state { WAITING, GRANTED, LEFT, REFUSED, SHUT };

struct tdh_limit_wait {
    struct tdh_task to_home, back, leave;
    struct tdh_limiter *limiter;
    struct tdh_limit_wait *next;
    struct tdh_worker *worker;
    struct tdh_co *co;
    enum wait_state state; /* the home worker's word */
    bool is_answered, is_leave_answered;
};

static bool is_open(const struct tdh_limiter *limiter)
{
    return atomic_load(&limiter->gate) == TDH_GATE_OPEN;
}

/* Whoever closes the gate looks at the count afterwards, and who takes a slot looks at the gate
 * afterwards: one of them sees the other. */
static bool take_slot(struct tdh_limiter *limiter)
{
    unsigned used = atomic_load(&limiter->in_use);

    while ((limiter->max == 0 || used < limiter->max) && is_open(limiter)) {
        if (!atomic_compare_exchange_weak(&limiter->in_use, &used, used + 1))
            continue;
        if (is_open(limiter))
            return true;
        atomic_fetch_sub(&limiter->in_use, 1);
    }
    return false;
}

static void answered(struct tdh_task *task)
{
    struct tdh_limit_wait *wait =
        (struct tdh_limit_wait *)((char *)task - offsetof(struct tdh_limit_wait, back));

    wait->is_answered = true;
    tdh_co_wake(wait->co);
}

static void answer(struct tdh_limit_wait *wait, enum wait_state state)
{
    wait->state = state;
    wait->back.run = answered;
    tdh_worker_post(wait->worker, &wait->back);
}

static struct tdh_limit_wait *dequeue(struct tdh_limiter *limiter)
{
    struct tdh_limit_wait *wait = limiter->first;

    if (wait != NULL) {
        limiter->first = wait->next;
        if (limiter->first == NULL)
            limiter->last = NULL;
        atomic_fetch_sub(&limiter->waiting, 1);
    }
    return wait;
}

static bool is_shut(const struct tdh_limiter *limiter)
{
    return atomic_load(&limiter->gate) >= TDH_GATE_PAUSED;
}

/* On the home worker: free slots go to those who wait. */
static void hand_out(struct tdh_limiter *limiter)
{
    while (limiter->first != NULL && is_shut(limiter))
        answer(dequeue(limiter), SHUT);
    while (limiter->first != NULL && take_slot(limiter))
        answer(dequeue(limiter), GRANTED);
}

static void join_queue(struct tdh_task *task)
{
    struct tdh_limit_wait *wait = (struct tdh_limit_wait *)task;
    struct tdh_limiter *limiter = wait->limiter;

    if (atomic_load(&limiter->waiting) >= limiter->max_waiting) {
        answer(wait, REFUSED);
        return;
    }
    wait->next = NULL;
    if (limiter->last != NULL)
        limiter->last->next = wait;
    else
        limiter->first = wait;
    limiter->last = wait;
    atomic_fetch_add(&limiter->waiting, 1);
    hand_out(limiter);
}

static void leave_answered(struct tdh_task *task)
{
    struct tdh_limit_wait *wait =
        (struct tdh_limit_wait *)((char *)task - offsetof(struct tdh_limit_wait, leave));

    wait->is_leave_answered = true;
    tdh_co_wake(wait->co);
}

static void unlink_wait(struct tdh_limiter *limiter, struct tdh_limit_wait *wait)
{
    struct tdh_limit_wait *before = NULL;

    for (struct tdh_limit_wait *at = limiter->first; at != NULL; before = at, at = at->next) {
        if (at != wait)
            continue;
        *(before != NULL ? &before->next : &limiter->first) = wait->next;
        if (limiter->last == wait)
            limiter->last = before;
        atomic_fetch_sub(&limiter->waiting, 1);
        answer(wait, LEFT);
        return;
    }
}

static void leave_queue(struct tdh_task *task)
{
    struct tdh_limit_wait *wait =
        (struct tdh_limit_wait *)((char *)task - offsetof(struct tdh_limit_wait, leave));

    unlink_wait(wait->limiter, wait);
    wait->leave.run = leave_answered;
    tdh_worker_post(wait->worker, &wait->leave);
}

static void home_looks(struct tdh_task *task)
{
    struct tdh_limiter *limiter =
        (struct tdh_limiter *)((char *)task - offsetof(struct tdh_limiter, look));

    atomic_store(&limiter->is_looking, false);
    hand_out(limiter);
}

/* When somebody waits, the home worker looks; one message is enough for all slots that come free
 * meanwhile. */
static void look(struct tdh_limiter *limiter)
{
    if (tdh_worker_self() == limiter->home) {
        hand_out(limiter);
    } else if (!atomic_exchange(&limiter->is_looking, true)) {
        limiter->look.run = home_looks;
        tdh_worker_post(limiter->home, &limiter->look);
    }
}

static void give_back(struct tdh_limiter *limiter)
{
    atomic_fetch_sub(&limiter->in_use, 1);
    if (atomic_load(&limiter->waiting) > 0)
        look(limiter);
}

void tdh_limiter_set(struct tdh_limiter *limiter, enum tdh_limiter_gate gate)
{
    atomic_store(&limiter->gate, gate);
    if (atomic_load(&limiter->waiting) > 0)
        look(limiter);
}

/* Waits until the home worker has answered; sends "leave" once when the time is over. Returns why
 * it left, if it did. */
static enum tdh_woken wait_in_queue(struct tdh_limit_wait *wait, uint64_t deadline_ns)
{
    enum tdh_woken why = TDH_WOKEN;
    bool is_leaving = false;

    tdh_worker_post(wait->limiter->home, &wait->to_home);
    while (!wait->is_answered && !is_leaving) {
        why = tdh_co_wait(deadline_ns);
        if (why != TDH_WOKEN) {
            is_leaving = true;
            tdh_worker_post(wait->limiter->home, &wait->leave);
        }
    }
    while (!wait->is_answered || (is_leaving && !wait->is_leave_answered))
        tdh_co_park();
    return why;
}

static int wait_for_slot(struct tdh_call *call, struct tdh_limiter *limiter, struct td_err *err)
{
    struct tdh_limit_wait wait = { .to_home.run = join_queue,
                                   .leave.run = leave_queue,
                                   .limiter = limiter,
                                   .worker = tdh_worker_self(),
                                   .co = tdh_co_self() };
    enum tdh_woken why;

    if (is_shut(limiter))
        return tdh_gate_fail(call, err);
    if (wait.co == NULL)
        return td_fail(err, TD_E_LIMIT, "\"%s\": all %u slots are in use", call->target->name,
                       limiter->max);
    why = wait_in_queue(&wait, call->deadline_ns);
    if (wait.state == GRANTED && why == TDH_WOKEN)
        return 0;
    if (wait.state == GRANTED)
        give_back(limiter);
    if (wait.state == SHUT)
        return tdh_gate_fail(call, err);
    if (wait.state == REFUSED && !is_open(limiter))
        return td_fail(err, TD_E_LIMIT, "\"%s\" is paused, and %u calls wait for it already",
                       call->target->name, limiter->max_waiting);
    if (wait.state == REFUSED)
        return td_fail(err, TD_E_LIMIT, "\"%s\": %u calls run and %u wait already",
                       call->target->name, limiter->max, limiter->max_waiting);
    if (why == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "\"%s\" was cancelled while it waited for a slot",
                       call->target->name);
    if (!is_open(limiter))
        return td_fail(err, TD_E_TIMEOUT, "\"%s\" is paused, and was not resumed in time",
                       call->target->name);
    return td_fail(err, TD_E_TIMEOUT, "\"%s\": no slot of %u came free in time", call->target->name,
                   limiter->max);
}

static bool is_held_by_ancestor(const struct tdh_call *call)
{
    for (const struct tdh_call *at = call->parent; at != NULL; at = at->parent)
        if (at->is_slot_held && at->target->limiter == call->target->limiter)
            return true;
    return false;
}

int tdh_stage_limit(struct tdh_call *call, unsigned next, struct td_err *err)
{
    struct tdh_limiter *limiter = call->target->limiter;
    struct tdh_limit_entry entry;
    int rc;

    if (is_held_by_ancestor(call))
        return tdh_call_next(call, next, err);
    if ((atomic_load(&limiter->waiting) > 0 || !take_slot(limiter)) &&
        wait_for_slot(call, limiter, err) != 0)
        return -1;
    call->is_slot_held = true;
    tdh_limit_begin(limiter, &entry);
    rc = tdh_call_next(call, next, err);
    if (!tdh_limit_end(limiter, &entry) && rc != 0)
        tdh_gate_fail(call, err);
    call->is_slot_held = false;
    give_back(limiter);
    return rc;
}
