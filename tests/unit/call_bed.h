/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call_bed: a fixture for tests of host/call: two targets whose work a test describes, and a
 * runtime to call them in.
 */
#ifndef TESTS_CALL_BED_H
#define TESTS_CALL_BED_H

#include "call/call.h" /* before cmocka, which makes a macro of "fail" */

/* Made and ended around each test by BED_TEST. A test sets what it wants, then has it run. */
struct bed {
    struct tdh_target target, other; /* agents "a" and "b", each with an action "do" */
    struct tdh_limiter limiter;      /* nobody's, until a test gives it to the targets */
    unsigned fails;                  /* attempts that fail first */
    struct td_err error;             /* with this; bed_error sets it */
    bool is_held;                    /* work that has begun does not end */
    bool yields;                     /* at work */
    bool emits;                      /* the input, as a chunk */
    int answer;
    atomic_uint calls;         /* attempts that reached the work */
    atomic_uint running, most; /* at work now, and at most */
    atomic_uint ended, failed; /* for tests that count their callers */
    char trace[200];           /* what bed_note wrote */
    struct tdh_co *waiter;     /* whom a caller wakes when it has ended */
    struct tdh_runtime *runtime;
    tdh_co_fn *fn;
};

int bed_setup(void **state);
int bed_teardown(void **state);
#define BED_TEST(test) cmocka_unit_test_setup_teardown(test, bed_setup, bed_teardown)

/** Runs fn in a coroutine of worker 0, with the bed as its argument and the targets ready. */
void bed_run(struct bed *bed, unsigned workers, tdh_co_fn *fn);
/** What attempts fail with: "that failed". */
void bed_error(struct bed *bed, enum td_code code, bool is_retryable);
/** Calls the first target and drops its output. */
TD_YIELDS int bed_call(struct bed *bed, const json_t *input, const struct td_policy *policy,
                       struct td_err *err);
/** Adds to the trace. */
void bed_note(struct bed *bed, const char *fmt, ...) TD_PRINTF(2, 3);

#endif
