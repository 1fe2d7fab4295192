/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptor: a coroutine waits until something can be read, by time, and until it is cancelled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"
#include "runtime/runtime.h"

struct bed {
    int ends[2];
    bool is_written, is_over;
};

static void write_byte(void *arg)
{
    struct bed *bed = arg;

    bed->is_written = write(bed->ends[1], "x", 1) == 1;
}

static void wait_in_turn(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;
    char byte;

    assert_int_equal(pipe(bed->ends), 0);
    assert_int_equal(tdh_co_wait_readable(bed->ends[0], tdh_clock_mono_ns()), TDH_WAIT_TIMEOUT);
    assert_int_equal(tdh_co_spawn(write_byte, bed, NULL, &err), 0);
    assert_int_equal(tdh_co_wait_readable(bed->ends[0], TDH_NEVER), TDH_WOKEN);
    assert_true(bed->is_written);
    assert_int_equal(read(bed->ends[0], &byte, 1), 1);
    tdh_co_cancel(tdh_co_self());
    assert_int_equal(tdh_co_wait_readable(bed->ends[0], TDH_NEVER), TDH_WAIT_CANCELLED);
    close(bed->ends[0]);
    close(bed->ends[1]);
    bed->is_over = true;
}

static void a_wait_ends_when_a_descriptor_can_be_read(void **state)
{
    struct tdh_runtime_options options = { .workers = 1, .blocking_threads = 1 };
    struct bed bed = { 0 };
    struct td_err err;
    struct tdh_runtime *runtime = tdh_runtime_new(&options, &err);

    (void)state;
    assert_non_null(runtime);
    assert_int_equal(tdh_runtime_run(runtime, wait_in_turn, &bed, &err), 0);
    tdh_runtime_free(runtime);
    assert_true(bed.is_over);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_ends_when_a_descriptor_can_be_read),
    };

    return cmocka_run_group_tests_name("descriptor", tests, NULL, NULL);
}
