/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run mail: signals, and those and cancels that come through the store.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* needs what stands above */

static void signal_around(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['wait','a'],['wait','b']],[['timer',5]],"
                                      "[['wait','a'],['wait','a']],[['wait','a']]]");
    struct outcome outcome = { 0 };
    json_t *payload = json_string("early");
    struct td_err err;

    assert_int_equal(tdh_run_signal(run, "b", NULL, &err), 0);
    assert_int_equal(tdh_run_signal(run, "a", payload, &err), 0);
    for (int i = 1; i <= 3; i++) {
        json_t *number = json_integer(i);

        assert_int_equal(tdh_run_signal(run, "a", number, &err), 0); /* kept until somebody waits */
        json_decref(number);
    }
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_true(output_is(&outcome, "[['early',null],[null],[1,2],[3]]"));
    json_decref(payload);
    outcome_clear(&outcome);
}

static void signals_before_and_after_the_wait_are_taken_in_order(void **state)
{
    live(*state, signal_around, NULL);
}

static void signal_late(struct life *life)
{
    struct tdh_run *run = begin(life, "[]");
    struct outcome outcome = { 0 };
    struct td_err err;

    assert_int_equal(tdh_run_signal(run, "a", NULL, &err), -1);
    assert_int_equal(err.code, TD_E_NOTFOUND);
    await(run, &outcome);
    outcome_clear(&outcome);
}

static void a_run_that_has_ended_takes_no_signal(void **state)
{
    live(*state, signal_late, NULL);
}

static void send_two(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['wait','a']],[['wait','a']]]");
    json_t *one = json_integer(1), *two = json_integer(2);
    char first[TDH_MAIL_KEY], second[TDH_MAIL_KEY];
    struct outcome outcome = { 0 };
    struct td_err err;
    bool is_taken = true;

    assert_int_equal(tdh_run_mail(life->engine, tdh_run_id(run), "a", one, first, &err), 0);
    assert_int_equal(tdh_run_mail(life->engine, tdh_run_id(run), "a", two, second, &err), 0);
    assert_int_equal(tdh_run_mail_is_taken(life->engine, first, &is_taken, &err), 0);
    assert_false(is_taken); /* it is looked for from time to time */
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_true(output_is(&outcome, "[[1],[2]]"));
    assert_int_equal(tdh_run_mail_is_taken(life->engine, first, &is_taken, &err), 0);
    assert_true(is_taken);
    outcome_clear(&outcome);
    json_decref(one);
    json_decref(two);
}

static void messages_are_taken_in_their_order(void **state)
{
    live(*state, send_two, NULL);
}

static void send_cancel(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['wait','never']]]");
    struct outcome outcome = { 0 };
    char key[TDH_MAIL_KEY];
    struct td_err err;

    assert_int_equal(tdh_run_mail(life->engine, tdh_run_id(run), NULL, NULL, key, &err), 0);
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_CANCELLED);
    outcome_clear(&outcome);
}

static void a_message_may_end_a_run(void **state)
{
    live(*state, send_cancel, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(signals_before_and_after_the_wait_are_taken_in_order),
        WORLD_TEST(a_run_that_has_ended_takes_no_signal),
        WORLD_TEST(messages_are_taken_in_their_order),
        WORLD_TEST(a_message_may_end_a_run),
    };

    return cmocka_run_group_tests_name("run mail", tests, NULL, NULL);
}
