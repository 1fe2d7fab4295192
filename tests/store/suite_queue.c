/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_queue: order, delay, claims.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct claimed {
    uint64_t item, claim;
    uint32_t claims;
    char text[64];
};

static int claim(struct suite *suite, int64_t now_us, struct claimed *ret)
{
    size_t length;
    void *value;

    if (QUEUE(suite)->claim(CTX(suite), "q", now_us, now_us + SECOND, &ret->item, &ret->claim,
                            &ret->claims, &value, &length, &suite->err) != 0)
        return -1;
    snprintf(ret->text, sizeof(ret->text), "%.*s", (int)length, (char *)value);
    free(value);
    return 0;
}

static int ack(struct suite *suite, const struct claimed *claimed)
{
    struct td_op op =
        OP(TD_OP_ACK, .space = "q", .token = claimed->item, .version = claimed->claim);

    return suite_commit(suite, &op, 1);
}

static uint64_t count(struct suite *suite)
{
    uint64_t number;

    suite_ok(suite, QUEUE(suite)->count(CTX(suite), "q", &number, &suite->err));
    return number;
}

static void higher_priority_comes_first_then_the_older(void **state)
{
    static const char *const want[] = { "top", "c", "a", "b", "low" };
    struct suite *suite = *state;
    struct claimed claimed;

    suite_push(suite, "q", 0, 0, "a");
    suite_push(suite, "q", INT32_MIN, 0, "low");
    suite_push(suite, "q", 0, 0, "b");
    suite_push(suite, "q", 5, 0, "c");
    suite_push(suite, "q", INT32_MAX, 0, "top");
    suite_push(suite, "other", INT32_MAX, 0, "x");
    assert_int_equal(count(suite), 5);
    for (size_t i = 0; i < 5; i++) {
        suite_ok(suite, claim(suite, NOW, &claimed));
        assert_string_equal(claimed.text, want[i]);
        suite_ok(suite, ack(suite, &claimed));
    }
    suite_fails(suite, claim(suite, NOW, &claimed), TD_E_NOTFOUND,
                "nothing is ready in queue \"q\"");
    assert_int_equal(count(suite), 0);
}

static void a_delayed_item_waits_for_its_time(void **state)
{
    struct suite *suite = *state;
    struct claimed claimed;

    suite_push(suite, "q", 9, NOW + SECOND, "later");
    suite_push(suite, "q", 0, NOW, "now");
    suite_fails(suite, claim(suite, NOW - 1, &claimed), TD_E_NOTFOUND, NULL);
    suite_ok(suite, claim(suite, NOW, &claimed));
    assert_string_equal(claimed.text, "now");
    suite_ok(suite, ack(suite, &claimed));
    suite_fails(suite, claim(suite, NOW + SECOND - 1, &claimed), TD_E_NOTFOUND, NULL);
    suite_ok(suite, claim(suite, NOW + SECOND, &claimed));
    assert_string_equal(claimed.text, "later");
    assert_int_equal(count(suite), 1);
}

static void a_claim_that_ran_out_gives_the_item_back(void **state)
{
    struct suite *suite = *state;
    struct claimed first, second;

    suite_push(suite, "q", 0, 0, "a");
    suite_ok(suite, claim(suite, NOW, &first));
    assert_int_equal(first.claims, 1);
    suite_fails(suite, claim(suite, NOW + SECOND - 1, &second), TD_E_NOTFOUND, NULL);
    suite_ok(suite, claim(suite, NOW + SECOND, &second));
    assert_int_equal(second.item, first.item);
    assert_int_equal(second.claims, 2);
    assert_true(second.claim != first.claim);
    suite_fails(suite, ack(suite, &first), TD_E_CONFLICT,
                "item 1 of queue \"q\" is not held by claim 1");
    suite_ok(suite, ack(suite, &second));
    suite_fails(suite, ack(suite, &second), TD_E_CONFLICT, NULL);
}

static void an_item_nobody_took_can_still_be_acknowledged(void **state)
{
    struct suite *suite = *state;
    struct claimed claimed;

    suite_push(suite, "q", 0, 0, "a");
    suite_ok(suite, claim(suite, NOW, &claimed));
    suite_ok(suite, ack(suite, &claimed)); /* long after the claim ran out: ack knows no time */
    assert_int_equal(count(suite), 0);
}

static void what_was_never_claimed_is_not_acknowledged(void **state)
{
    struct suite *suite = *state;
    struct claimed claimed = { .item = suite_push(suite, "q", 0, 0, "a") };

    for (claimed.claim = 0; claimed.claim < 3; claimed.claim++)
        suite_fails(suite, ack(suite, &claimed), TD_E_CONFLICT, NULL);
    assert_int_equal(count(suite), 1);
}

static void released_items_come_back_and_their_claim_is_over(void **state)
{
    struct suite *suite = *state;
    struct claimed first, second;

    suite_push(suite, "q", 0, 0, "a");
    suite_push(suite, "q", 0, 0, "b");
    suite_ok(suite, claim(suite, NOW, &first));
    suite_ok(suite,
             QUEUE(suite)->release(CTX(suite), "q", first.item, first.claim, NOW + 2, &suite->err));
    suite_fails(suite, ack(suite, &first), TD_E_CONFLICT, NULL);
    suite_fails(
        suite,
        QUEUE(suite)->release(CTX(suite), "q", first.item, first.claim, NOW + 2, &suite->err),
        TD_E_CONFLICT, NULL);
    suite_ok(suite, claim(suite, NOW + 1, &second));
    assert_string_equal(second.text, "b");
    suite_ok(suite, claim(suite, NOW + 2, &second));
    assert_string_equal(second.text, "a");
    assert_int_equal(second.claims, 2);
    suite_ok(suite, ack(suite, &second));
}

static void an_extended_claim_holds_longer(void **state)
{
    struct suite *suite = *state;
    struct claimed first, second;

    suite_push(suite, "q", 0, 0, "a");
    suite_ok(suite, claim(suite, NOW, &first));
    suite_ok(suite, QUEUE(suite)->extend(CTX(suite), "q", first.item, first.claim, NOW + 5 * SECOND,
                                         &suite->err));
    suite_fails(suite, claim(suite, NOW + 5 * SECOND - 1, &second), TD_E_NOTFOUND, NULL);
    suite_ok(suite, claim(suite, NOW + 5 * SECOND, &second));
    suite_fails(suite,
                QUEUE(suite)->extend(CTX(suite), "q", first.item, first.claim, NOW + 9 * SECOND,
                                     &suite->err),
                TD_E_CONFLICT, NULL);
    suite_fails(suite,
                QUEUE(suite)->extend(CTX(suite), "other", second.item, second.claim,
                                     NOW + 9 * SECOND, &suite->err),
                TD_E_CONFLICT, NULL);
}

static void an_acknowledgement_is_part_of_its_batch(void **state)
{
    struct suite *suite = *state;
    struct claimed first, second;

    suite_push(suite, "q", 0, 0, "a");
    suite_ok(suite, claim(suite, NOW, &first));
    {
        struct td_op ops[] = {
            OP(TD_OP_ACK, .space = "q", .token = first.item, .version = first.claim),
            OP(TD_OP_PUSH, .space = "q", .value = suite_bytes("b")),
            OP(TD_OP_GUARD_KV, .space = "s", .key = "k", .version = 1),
        };

        suite_fails(suite, suite_commit(suite, ops, 3), TD_E_CONFLICT, NULL);
        assert_int_equal(count(suite), 1);
        suite_ok(suite, claim(suite, NOW + SECOND, &second));
        ops[0].version = second.claim;
        suite_ok(suite, suite_commit(suite, ops, 2));
    }
    suite_ok(suite, claim(suite, NOW, &first));
    assert_string_equal(first.text, "b");
    assert_true(first.item > second.item);
}

static void numbers_are_not_given_twice(void **state)
{
    struct suite *suite = *state;
    struct claimed claimed;

    suite_push(suite, "q", 0, 0, "a");
    suite_ok(suite, claim(suite, NOW, &claimed));
    suite_ok(suite, ack(suite, &claimed));
    assert_true(suite_push(suite, "q", 0, 0, "b") > claimed.item);
}

static void a_claim_must_end_after_it_begins(void **state)
{
    struct suite *suite = *state;
    uint64_t item, number;
    uint32_t claims;
    size_t length;
    void *value;

    suite_fails(suite,
                QUEUE(suite)->claim(CTX(suite), "q", NOW, NOW, &item, &number, &claims, &value,
                                    &length, &suite->err),
                TD_E_INVAL, "claim in queue \"q\" ends before it begins");
}

int suite_queue(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(higher_priority_comes_first_then_the_older, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_delayed_item_waits_for_its_time, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_claim_that_ran_out_gives_the_item_back, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(an_item_nobody_took_can_still_be_acknowledged, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(what_was_never_claimed_is_not_acknowledged, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(released_items_come_back_and_their_claim_is_over,
                                        suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(an_extended_claim_holds_longer, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(an_acknowledgement_is_part_of_its_batch, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(numbers_are_not_given_twice, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_claim_must_end_after_it_begins, suite_setup,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
