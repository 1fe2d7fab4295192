/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_topic: numbers, resuming, trimming.
 */
#include "suite.h"

static const char *read_topic(struct suite *suite, const char *topic, uint64_t after,
                              uint32_t limit)
{
    static struct suite_seen seen;

    seen = (struct suite_seen){ 0 };
    suite_ok(suite, TOPIC(suite)->read(CTX(suite), topic, after, limit, suite_see_item, &seen,
                                       &suite->err));
    return seen.text;
}

static uint64_t last(struct suite *suite, const char *topic)
{
    uint64_t seq;

    suite_ok(suite, TOPIC(suite)->last(CTX(suite), topic, &seq, &suite->err));
    return seq;
}

static void a_subscriber_reads_on_from_what_it_saw(void **state)
{
    struct suite *suite = *state;

    assert_int_equal(last(suite, "t"), 0);
    assert_string_equal(read_topic(suite, "t", 0, 0), "");
    suite_publish(suite, "t", "a");
    suite_publish(suite, "other", "x");
    suite_publish(suite, "t", "b");
    suite_publish(suite, "t", "c");
    assert_string_equal(read_topic(suite, "t", 0, 0), "1=a 2=b 3=c");
    assert_string_equal(read_topic(suite, "t", 0, 2), "1=a 2=b");
    assert_string_equal(read_topic(suite, "t", 2, 0), "3=c");
    assert_string_equal(read_topic(suite, "t", 3, 0), "");
    assert_string_equal(read_topic(suite, "t", UINT64_MAX, 0), "");
    assert_string_equal(read_topic(suite, "other", 0, 0), "1=x");
    assert_int_equal(last(suite, "t"), 3);
}

static void reading_stops_when_told(void **state)
{
    struct suite *suite = *state;
    struct suite_seen seen = { .left = 1 };

    suite_publish(suite, "t", "a");
    suite_publish(suite, "t", "b");
    suite_ok(suite, TOPIC(suite)->read(CTX(suite), "t", 0, 0, suite_see_item, &seen, &suite->err));
    assert_string_equal(seen.text, "1=a");
}

static void trimming_takes_the_old_and_keeps_the_count(void **state)
{
    struct suite *suite = *state;

    for (int i = 0; i < 3; i++)
        suite_publish(suite, "t", "x");
    suite_ok(suite, TOPIC(suite)->trim(CTX(suite), "t", 2, &suite->err));
    assert_string_equal(read_topic(suite, "t", 0, 0), "3=x");
    suite_ok(suite, TOPIC(suite)->trim(CTX(suite), "t", UINT64_MAX, &suite->err));
    assert_string_equal(read_topic(suite, "t", 0, 0), "");
    assert_int_equal(last(suite, "t"), 3);
    suite_publish(suite, "t", "y");
    assert_string_equal(read_topic(suite, "t", 3, 0), "4=y");
    suite_ok(suite, TOPIC(suite)->trim(CTX(suite), "none", 1, &suite->err));
}

static void a_failed_batch_publishes_nothing(void **state)
{
    struct suite *suite = *state;
    struct td_op ops[] = {
        OP(TD_OP_PUBLISH, .space = "t", .value = suite_bytes("a"), .time_us = NOW),
        OP(TD_OP_PUBLISH, .space = "t", .value = suite_bytes("b"), .time_us = NOW),
        OP(TD_OP_GUARD_KV, .space = "s", .key = "k", .version = 1),
    };

    suite_fails(suite, suite_commit(suite, ops, 3), TD_E_CONFLICT, NULL);
    assert_string_equal(read_topic(suite, "t", 0, 0), "");
    assert_int_equal(last(suite, "t"), 0);
    suite_publish(suite, "t", "c");
    assert_string_equal(read_topic(suite, "t", 0, 0), "1=c");
}

int suite_topic(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_subscriber_reads_on_from_what_it_saw, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(reading_stops_when_told, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(trimming_takes_the_old_and_keeps_the_count, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_failed_batch_publishes_nothing, suite_setup,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("topic", tests, NULL, NULL);
}
