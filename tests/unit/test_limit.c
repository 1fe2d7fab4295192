/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit: how many calls run at once, who waits, in what order, and who leaves the queue.
 */
#include "call_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h> /* needs what stands above */

struct caller {
    struct bed *bed;
    unsigned number;
    uint32_t timeout_ms;
    struct td_err err;
};

/* Whatever happened, the limiter is as it was. */
static void assert_idle(struct bed *bed)
{
    assert_int_equal(atomic_load(&bed->limiter.in_use), 0);
    assert_int_equal(atomic_load(&bed->limiter.waiting), 0);
}

/* The trace gets the number, with "!" when the call failed. */
static void call_once(void *arg)
{
    struct caller *caller = arg;
    struct bed *bed = caller->bed;
    struct td_policy policy = { .timeout_ms = caller->timeout_ms };
    int rc = bed_call(bed, NULL, &policy, &caller->err);

    bed_note(bed, "%u%s ", caller->number, rc == 0 ? "" : "!");
    atomic_fetch_add(&bed->ended, 1);
    tdh_co_wake(bed->waiter);
}

/* Each in a coroutine of its own. ret_cos may be NULL. */
static void start_callers(struct bed *bed, tdh_co_fn *fn, struct caller *callers, unsigned count,
                          struct tdh_co **ret_cos)
{
    struct td_err err;

    bed->waiter = tdh_co_self();
    for (unsigned i = 0; i < count; i++) {
        callers[i].bed = bed;
        callers[i].number = i;
        assert_int_equal(tdh_co_spawn(fn, &callers[i], ret_cos != NULL ? &ret_cos[i] : NULL, &err),
                         0);
    }
    tdh_co_yield();
}

static void wait_ended(struct bed *bed, unsigned count)
{
    while (atomic_load(&bed->ended) < count)
        tdh_co_park();
}

static void queue_up(void *arg)
{
    struct bed *bed = arg;
    struct caller callers[7] = { { 0 } };

    bed->is_held = true;
    start_callers(bed, call_once, callers, 7, NULL);
    wait_ended(bed, 1);
    bed->is_held = false;
    wait_ended(bed, 7);
    /* two at work, four wait, one is too many */
    assert_string_equal(bed->trace, "6! 0 1 2 3 4 5 ");
    assert_int_equal(callers[6].err.code, TD_E_LIMIT);
    assert_string_equal(callers[6].err.text, "\"a\": 2 calls run and 4 wait already");
    assert_int_equal(atomic_load(&bed->most), 2);
    assert_idle(bed);
}

static void calls_wait_in_order_for_a_slot(void **state)
{
    struct bed *bed = *state;

    bed->limiter = (struct tdh_limiter){ .max = 2, .max_waiting = 4 };
    bed->target.limiter = &bed->limiter;
    bed_run(bed, 1, queue_up);
}

static void give_up(void *arg)
{
    struct bed *bed = arg;
    struct caller callers[4] = { [1] = { .timeout_ms = 100 } };
    struct tdh_co *cos[4];

    bed->is_held = true;
    start_callers(bed, call_once, callers, 4, cos);
    wait_ended(bed, 1);
    tdh_co_cancel(cos[2]);
    wait_ended(bed, 2);
    bed->is_held = false;
    wait_ended(bed, 4);
    assert_string_equal(bed->trace, "1! 2! 0 3 ");
    assert_int_equal(callers[1].err.code, TD_E_TIMEOUT);
    assert_string_equal(callers[1].err.text, "\"a\": no slot of 1 came free in time");
    assert_int_equal(callers[2].err.code, TD_E_CANCELLED);
    assert_string_equal(callers[2].err.text, "\"a\" was cancelled while it waited for a slot");
    assert_idle(bed);
}

static void who_gives_up_leaves_the_queue(void **state)
{
    struct bed *bed = *state;

    bed->limiter = (struct tdh_limiter){ .max = 1, .max_waiting = 10 };
    bed->target.limiter = &bed->limiter;
    bed_run(bed, 1, give_up);
}

static int call_inner(struct tdh_call *call, struct td_err *err)
{
    struct bed *bed = call->target->owner;
    struct tdh_call inner = { .target = &bed->target, .parent = call };
    int rc = tdh_call_run(&inner, err);

    call->output = inner.output;
    return rc;
}

static void nest(void *arg)
{
    struct bed *bed = arg;
    struct tdh_call call = { .target = &bed->other };
    struct td_err err;

    assert_int_equal(tdh_call_run(&call, &err), 0);
    json_decref(call.output);
    assert_idle(bed);
}

static void a_call_within_takes_no_second_slot(void **state)
{
    struct bed *bed = *state;
    json_t *permissions = json_pack("{s:[s]}", "agents", "*");

    bed->limiter = (struct tdh_limiter){ .max = 1, .max_waiting = 1 };
    bed->target.limiter = bed->other.limiter = &bed->limiter;
    bed->other.dispatch = call_inner;
    bed->other.permissions = permissions;
    bed_run(bed, 1, nest);
    json_decref(permissions);
}

enum { CALLERS = 30, ROUNDS = 40 };

static void call_often(void *arg)
{
    struct bed *bed = arg;

    for (int i = 0; i < ROUNDS; i++) {
        /* some give up, some just when their slot comes */
        struct td_policy policy = { .timeout_ms = i % 5 == 4 ? 1 : 0 };
        struct td_err err;

        if (bed_call(bed, NULL, &policy, &err) != 0) {
            atomic_fetch_add(&bed->failed, 1);
            if (err.code != TD_E_TIMEOUT)
                abort(); /* no assertion jumps out of another thread */
        }
    }
}

static void call_there(void *arg)
{
    struct caller *caller = arg;
    struct bed *bed = caller->bed;
    struct td_err err;

    tdh_hop(tdh_runtime_worker(bed->runtime, caller->number % 3), call_often, bed, &err);
    atomic_fetch_add(&bed->ended, 1);
    tdh_co_wake(bed->waiter);
}

static void stress(void *arg)
{
    struct bed *bed = arg;
    struct caller callers[CALLERS] = { { 0 } };

    start_callers(bed, call_there, callers, CALLERS, NULL);
    wait_ended(bed, CALLERS);
    assert_in_range(atomic_load(&bed->most), 1, 3);
    assert_int_equal(atomic_load(&bed->calls) + atomic_load(&bed->failed), CALLERS * ROUNDS);
    assert_idle(bed);
}

static void three_workers_share_a_limit(void **state)
{
    struct bed *bed = *state;

    bed->limiter = (struct tdh_limiter){ .max = 3, .max_waiting = 1000 };
    bed->target.limiter = &bed->limiter;
    bed->yields = true;
    bed_run(bed, 3, stress);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(calls_wait_in_order_for_a_slot),
        BED_TEST(who_gives_up_leaves_the_queue),
        BED_TEST(a_call_within_takes_no_second_slot),
        BED_TEST(three_workers_share_a_limit),
    };

    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
