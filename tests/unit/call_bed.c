/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call_bed: the work of the targets, and the runtime around a test.
 */
#include "call_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"

static void begin_work(struct bed *bed)
{
    unsigned running = atomic_fetch_add(&bed->running, 1) + 1, most = atomic_load(&bed->most);

    while (running > most && !atomic_compare_exchange_weak(&bed->most, &most, running))
        ;
}

static int do_work(struct tdh_call *call, struct td_err *err)
{
    struct bed *bed = call->target->owner;
    unsigned count = atomic_fetch_add(&bed->calls, 1);
    int rc = 0;

    begin_work(bed);
    if (bed->yields)
        tdh_co_yield();
    if (bed->emits) {
        call->has_emitted = true;
        rc = call->emit != NULL ? call->emit(call->emit_arg, call->input, err) : 0;
    }
    while (bed->is_held)
        tdh_co_wait(tdh_clock_mono_ns() + 1000000);
    atomic_fetch_sub(&bed->running, 1);
    if (rc == 0 && count < bed->fails) {
        *err = bed->error;
        return -1;
    }
    if (rc == 0)
        call->output = json_integer(bed->answer);
    return rc;
}

int bed_setup(void **state)
{
    struct bed *bed = calloc(1, sizeof(*bed));

    assert_non_null(bed);
    bed->target = (struct tdh_target){ .kind = "agent",
                                       .name = "a",
                                       .action = "do",

                                       .dispatch = do_work,
                                       .owner = bed };
    bed->other = bed->target;
    bed->other.name = "b";
    *state = bed;
    return 0;
}

int bed_teardown(void **state)
{
    struct bed *bed = *state;

    tdh_target_end(&bed->target);
    tdh_target_end(&bed->other);
    free(bed);
    return 0;
}

static void run_fn(void *arg)
{
    struct bed *bed = arg;

    bed->fn(bed);
}

void bed_run(struct bed *bed, unsigned workers, tdh_co_fn *fn)
{
    struct tdh_runtime_options options = { .workers = workers, .blocking_threads = 1 };
    struct td_err err;

    bed->fn = fn;
    assert_int_equal(tdh_target_ready(&bed->target, &err), 0);
    assert_int_equal(tdh_target_ready(&bed->other, &err), 0);
    bed->runtime = tdh_runtime_new(&options, &err);
    bed->limiter.home = tdh_runtime_worker(bed->runtime, 0);
    assert_int_equal(tdh_runtime_run(bed->runtime, run_fn, bed, &err), 0);
    tdh_runtime_free(bed->runtime);
}

void bed_error(struct bed *bed, enum td_code code, bool is_retryable)
{
    td_fail(&bed->error, code, "that failed");
    bed->error.is_retryable = is_retryable;
}

int bed_call(struct bed *bed, const json_t *input, const struct td_policy *policy,
             struct td_err *err)
{
    struct tdh_call call = { .target = &bed->target, .input = input, .policy = policy };
    int rc = tdh_call_run(&call, err);

    json_decref(call.output);
    return rc;
}

void bed_note(struct bed *bed, const char *fmt, ...)
{
    size_t used = strlen(bed->trace);
    va_list args;

    va_start(args, fmt);
    vsnprintf(bed->trace + used, sizeof(bed->trace) - used, fmt, args);
    va_end(args);
}
