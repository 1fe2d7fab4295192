/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run mail: signals and cancels that come through the store.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* needs what stands above */

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
        WORLD_TEST(messages_are_taken_in_their_order),
        WORLD_TEST(a_message_may_end_a_run),
    };

    return cmocka_run_group_tests_name("run mail", tests, NULL, NULL);
}
