/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runtime: coroutines wait and wake, timers fire in order, hops and blocking jobs come back,
 * nothing is left at the end.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"
#include "runtime/runtime.h"

struct bed {
    struct tdh_runtime *runtime;
    char trace[256];
    struct tdh_co *other;
    atomic_int count;
    bool is_flag;
    int result;
};

static void run(unsigned workers, tdh_co_fn *fn, struct bed *bed)
{
    struct tdh_runtime_options options = { .workers = workers, .blocking_threads = 3 };
    struct td_err err;

    bed->runtime = tdh_runtime_new(&options, &err);
    assert_non_null(bed->runtime);
    assert_int_equal(tdh_runtime_run(bed->runtime, fn, bed, &err), 0);
    tdh_runtime_free(bed->runtime);
}

static void note(struct bed *bed, const char *what)
{
    size_t used = strlen(bed->trace);

    snprintf(bed->trace + used, sizeof(bed->trace) - used, "%s", what);
}

static void say_b(void *arg)
{
    note(arg, "b1 ");
    tdh_co_yield();
    note(arg, "b2 ");
}

static void interleave(void *arg)
{
    struct td_err err;

    assert_int_equal(tdh_co_spawn(say_b, arg, NULL, &err), 0);
    note(arg, "a1 ");
    tdh_co_yield();
    note(arg, "a2 ");
    tdh_co_yield();
    note(arg, "a3 ");
}

static void coroutines_take_turns(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(1, interleave, &bed);
    assert_string_equal(bed.trace, "a1 b1 a2 b2 a3 ");
}

static void wait_for_wake(void *arg)
{
    struct bed *bed = arg;

    note(bed, tdh_co_wait(TDH_NEVER) == TDH_WOKEN ? "woken " : "wrong ");
    note(bed, tdh_co_wait(TDH_NEVER) == TDH_WAIT_CANCELLED ? "cancelled " : "wrong ");
    note(bed,
         tdh_co_wait(tdh_clock_mono_ns() + 1000000000) == TDH_WAIT_CANCELLED ? "still " : "wrong ");
}

static void wake_then_cancel(void *arg)
{
    struct bed *bed = arg;
    struct tdh_co *other;
    struct td_err err;

    assert_int_equal(tdh_co_spawn(wait_for_wake, bed, &other, &err), 0);
    tdh_co_yield();
    tdh_co_wake(other);
    tdh_co_yield();
    tdh_co_cancel(other);
    tdh_co_yield();
    note(bed, tdh_co_wait(tdh_clock_mono_ns() + 1000) == TDH_WAIT_TIMEOUT ? "timeout" : "wrong");
}

static void a_wait_ends_by_wake_cancel_or_time(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(1, wake_then_cancel, &bed);
    assert_string_equal(bed.trace, "woken cancelled still timeout");
}

static void a_wake_before_the_wait_counts(void *arg)
{
    tdh_co_wake(tdh_co_self());
    note(arg, tdh_co_wait(TDH_NEVER) == TDH_WOKEN ? "woken" : "wrong");
}

static void early_wakes_are_kept(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(1, a_wake_before_the_wait_counts, &bed);
    assert_string_equal(bed.trace, "woken");
}

enum { TIMERS = 200 };
static struct timed {
    struct tdh_timer timer;
    uint64_t at_ns;
} timed[TIMERS];
static uint64_t last_fired;
static int fired;
static struct tdh_co *timer_waiter;

static void on_fire(struct tdh_timer *timer)
{
    struct timed *mine = (struct timed *)timer;

    assert_true(mine->at_ns >= last_fired);
    last_fired = mine->at_ns;
    if (++fired == TIMERS / 2)
        tdh_co_wake(timer_waiter);
}

static void set_many(void *arg)
{
    uint64_t now = tdh_clock_mono_ns();
    struct td_err err;

    (void)arg;
    timer_waiter = tdh_co_self();
    for (unsigned i = 0; i < TIMERS; i++) {
        timed[i].at_ns = now + (i * 7919U) % 1000 * 1000;
        assert_int_equal(tdh_timer_set(&timed[i].timer, timed[i].at_ns, on_fire, &err), 0);
    }
    for (unsigned i = 0; i < TIMERS; i += 2)
        tdh_timer_stop(&timed[i].timer);
    tdh_co_park();
}

static void timers_fire_in_order_and_stopped_ones_never(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(1, set_many, &bed);
    assert_int_equal(fired, TIMERS / 2);
}

static int block(void *arg, struct td_err *err)
{
    struct bed *bed = arg;

    assert_null(tdh_worker_self());
    if (atomic_fetch_add(&bed->count, 1) == 7)
        return td_fail(err, TD_E_EXEC, "seven");
    return 0;
}

static void block_ten(void *arg)
{
    struct bed *bed = arg;
    struct td_err err = { .code = TD_OK };

    for (int i = 0; i < 10; i++)
        bed->result += tdh_blocking(bed->runtime, block, bed, &err);
    assert_string_equal(err.text, "seven");
}

static void blocking_work_runs_elsewhere_and_tells_its_error(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(1, block_ten, &bed);
    assert_int_equal(atomic_load(&bed.count), 10);
    assert_int_equal(bed.result, -1);
}

static void note_worker(void *arg)
{
    struct bed *bed = arg;

    bed->result += (int)tdh_worker_index(tdh_worker_self()) + 1;
    tdh_co_yield();
}

static int hop_from_pool(void *arg, struct td_err *err)
{
    struct bed *bed = arg;

    return tdh_hop(tdh_runtime_worker(bed->runtime, 2), note_worker, bed, err);
}

static void hop_around(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    for (unsigned round = 0; round < 300; round++)
        assert_int_equal(
            tdh_hop(tdh_runtime_worker(bed->runtime, round % 3), note_worker, bed, &err), 0);
    assert_int_equal(tdh_blocking(bed->runtime, hop_from_pool, bed, &err), 0);
}

static void hops_reach_each_worker_and_return(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(3, hop_around, &bed);
    assert_int_equal(bed.result, 100 * (1 + 2 + 3) + 3);
}

enum { NESTED = 5, NESTS = 8 };

struct nest {
    struct bed *bed;
    struct td_err err;
    int depth, rc;
};

static int nest_deeper(void *arg, struct td_err *err);

static int count_one(void *arg, struct td_err *err)
{
    (void)err;
    atomic_fetch_add(&((struct bed *)arg)->count, 1);
    return 0;
}

static void block_at_home(void *arg)
{
    struct nest *nest = arg;

    nest->rc = tdh_blocking(nest->bed->runtime, count_one, nest->bed, &nest->err);
    if (nest->rc == 0)
        nest->rc =
            tdh_blocking_plugin(nest->bed->runtime, TDH_NEVER, nest_deeper, nest, &nest->err);
}

/* From one worker on to the next, and from there into the pool again. */
static void move_on(void *arg)
{
    struct nest *nest = arg;

    if (tdh_hop(tdh_runtime_worker(nest->bed->runtime, 1), block_at_home, nest, &nest->err) != 0)
        nest->rc = -1;
}

static int nest_deeper(void *arg, struct td_err *err)
{
    struct nest *nest = arg;

    if (nest->depth++ == NESTED)
        return 0;
    if (tdh_hop(tdh_runtime_worker(nest->bed->runtime, 0), move_on, nest, err) != 0)
        return -1;
    return nest->rc;
}

static void nest(void *arg)
{
    struct nest nest = { .bed = arg };

    nest.rc = tdh_blocking_plugin(nest.bed->runtime, TDH_NEVER, nest_deeper, &nest, &nest.err);
    assert_int_equal(nest.rc, 0);
    atomic_fetch_add(&nest.bed->count, 1);
}

static void nest_at_once(void *arg)
{
    struct td_err err;

    for (int i = 0; i < NESTS; i++)
        assert_int_equal(tdh_co_spawn(nest, arg, NULL, &err), 0);
}

static void run_one_thread(unsigned workers, tdh_co_fn *fn, struct bed *bed)
{
    struct tdh_runtime_options options = { .workers = workers, .blocking_threads = 1 };
    struct td_err err;

    bed->runtime = tdh_runtime_new(&options, &err);
    assert_int_equal(tdh_runtime_run(bed->runtime, fn, bed, &err), 0);
    tdh_runtime_free(bed->runtime);
}

static void wait_for_nests(void *arg)
{
    struct bed *bed = arg;

    nest_at_once(bed);
    while (atomic_load(&bed->count) < NESTS * (NESTED + 1))
        tdh_co_yield();
}

static void one_thread_is_enough_for_plugins_that_call_each_other(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run_one_thread(2, wait_for_nests, &bed);
    assert_int_equal(atomic_load(&bed.count), NESTS * (NESTED + 1));
}

static int hold_the_thread(void *arg, struct td_err *err)
{
    struct bed *bed = arg;

    (void)err;
    atomic_store(&bed->count, 1);
    while (atomic_load(&bed->count) == 1)
        sched_yield();
    return 0;
}

static void hold(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    assert_int_equal(tdh_blocking_plugin(bed->runtime, TDH_NEVER, hold_the_thread, bed, &err), 0);
    bed->is_flag = true;
}

static void be_cancelled(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    assert_int_equal(tdh_blocking_plugin(bed->runtime, TDH_NEVER, hold_the_thread, bed, &err), -1);
    assert_int_equal(err.code, TD_E_CANCELLED);
    bed->result++;
}

static void find_no_thread(void *arg)
{
    struct bed *bed = arg;
    struct tdh_co *co;
    struct td_err err;

    assert_int_equal(tdh_co_spawn(hold, bed, NULL, &err), 0);
    while (atomic_load(&bed->count) == 0)
        tdh_co_yield();
    assert_int_equal(tdh_blocking_plugin(bed->runtime, tdh_clock_mono_ns() + 1000000,
                                         hold_the_thread, bed, &err),
                     -1);
    assert_string_equal(err.text, "no blocking thread was free in time");
    assert_int_equal(tdh_co_spawn(be_cancelled, bed, &co, &err), 0);
    tdh_co_yield();
    tdh_co_cancel(co);
    while (bed->result == 0)
        tdh_co_yield();
    assert_false(bed->is_flag);
    atomic_store(&bed->count, 2);
}

static void a_wait_for_a_blocking_thread_ends_by_time_or_cancel(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run_one_thread(1, find_no_thread, &bed);
    assert_true(bed.is_flag);
    assert_int_equal(bed.result, 1);
}

static void wait_for_ever(void *arg)
{
    struct bed *bed = arg;

    atomic_store(&bed->count, 1);
    bed->is_flag = tdh_co_wait(TDH_NEVER) == TDH_WAIT_CANCELLED;
}

static void hop_and_wait(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    assert_int_equal(tdh_hop(tdh_runtime_worker(bed->runtime, 1), wait_for_ever, bed, &err), 0);
    note(bed, "back");
}

static void cancel_across(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    assert_int_equal(tdh_co_spawn(hop_and_wait, bed, &bed->other, &err), 0);
    while (atomic_load(&bed->count) == 0)
        tdh_co_yield();
    tdh_co_cancel(bed->other);
}

static void cancelling_reaches_the_other_worker(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(2, cancel_across, &bed);
    assert_true(bed.is_flag);
    assert_string_equal(bed.trace, "back");
}

static void leave_waiters_behind(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    for (int i = 0; i < 50; i++)
        assert_int_equal(tdh_co_spawn(wait_for_ever, bed, NULL, &err), 0);
    tdh_co_yield();
}

static void what_still_waits_at_the_end_is_cancelled(void **state)
{
    struct bed bed = { 0 };

    (void)state;
    run(2, leave_waiters_behind, &bed);
    assert_true(bed.is_flag);
}

static void spawn_too_many(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    while (tdh_co_spawn(wait_for_ever, bed, NULL, &err) == 0)
        bed->result++;
    note(bed, err.text);
}

static void the_number_of_coroutines_is_bounded(void **state)
{
    struct tdh_runtime_options options = { .workers = 1,
                                           .coroutines_max = 20,
                                           .stack_bytes = 65536 };
    struct bed bed = { 0 };
    struct td_err err;

    (void)state;
    bed.runtime = tdh_runtime_new(&options, &err);
    assert_int_equal(tdh_runtime_run(bed.runtime, spawn_too_many, &bed, &err), 0);
    tdh_runtime_free(bed.runtime);
    assert_int_equal(bed.result, 19);
    assert_string_equal(bed.trace, "all 20 coroutines are in use (runtime.coroutines)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coroutines_take_turns),
        cmocka_unit_test(a_wait_ends_by_wake_cancel_or_time),
        cmocka_unit_test(early_wakes_are_kept),
        cmocka_unit_test(timers_fire_in_order_and_stopped_ones_never),
        cmocka_unit_test(blocking_work_runs_elsewhere_and_tells_its_error),
        cmocka_unit_test(one_thread_is_enough_for_plugins_that_call_each_other),
        cmocka_unit_test(a_wait_for_a_blocking_thread_ends_by_time_or_cancel),
        cmocka_unit_test(hops_reach_each_worker_and_return),
        cmocka_unit_test(cancelling_reaches_the_other_worker),
        cmocka_unit_test(what_still_waits_at_the_end_is_cancelled),
        cmocka_unit_test(the_number_of_coroutines_is_bounded),
    };

    return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
