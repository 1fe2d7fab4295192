/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_batch: all or nothing, in order, with the guilty operation named.
 */
#include "suite.h"

#include <string.h>

static void an_empty_batch_is_fine(void **state)
{
    struct suite *suite = *state;

    suite_ok(suite, suite_commit(suite, NULL, 0));
}

static void a_later_operation_sees_an_earlier_one(void **state)
{
    struct suite *suite = *state;
    struct td_op ops[] = {
        OP(TD_OP_PUT, .space = "s", .key = "k", .value = suite_bytes("a"), .version = 0),
        OP(TD_OP_GUARD_KV, .space = "s", .key = "k", .version = 1),
        OP(TD_OP_PUT, .space = "s", .key = "k", .value = suite_bytes("b"), .version = 1),
        OP(TD_OP_DELETE, .space = "s", .key = "k", .version = 2),
        OP(TD_OP_PUT, .space = "s", .key = "k", .value = suite_bytes("c"), .version = 0),
    };

    suite_ok(suite, suite_commit(suite, ops, 5));
    assert_string_equal(suite_get(suite, "s", "k", NOW), "c");
    assert_int_equal(ops[4].ret_version, 1);
}

/* Every kind of change, then a guard that does not hold, at every place of the batch. */
static void a_failing_guard_leaves_nothing_behind(void **state)
{
    struct suite *suite = *state;
    uint64_t head = 0;

    suite_put(suite, "s", "old", "kept");
    suite_put(suite, "s", "gone", "kept, too");
    for (size_t place = 0; place <= 6; place++) {
        struct td_op ops[8] = {
            OP(TD_OP_PUT, .space = "s", .key = "new", .version = 0, .expires_us = NOW),
            OP(TD_OP_PUT, .space = "s", .key = "old", .version = 1),
            OP(TD_OP_DELETE, .space = "s", .key = "gone", .version = 1),
            OP(TD_OP_APPEND, .space = "j", .run = 1, .head = &head, .flags = TD_APPEND_INDEX),
            OP(TD_OP_PUSH, .space = "q"),
            OP(TD_OP_PUBLISH, .space = "t"),
        };
        struct suite_seen seen = { 0 };
        uint64_t number;

        memmove(&ops[place + 1], &ops[place], (6 - place) * sizeof(ops[0]));
        ops[place] = OP(TD_OP_GUARD_KV, .space = "s", .key = "none", .version = 7);
        suite_fails(suite, suite_commit(suite, ops, 7), TD_E_CONFLICT,
                    "record \"none\" of space \"s\" is not there, expected version 7");
        assert_int_equal(suite->failed, place);
        assert_int_equal(head, 0);
        assert_null(suite_get(suite, "s", "new", 0));
        assert_string_equal(suite_get(suite, "s", "old", NOW), "kept");
        assert_string_equal(suite_get(suite, "s", "gone", NOW), "kept, too");
        suite_ok(suite, LOG(suite)->scan(CTX(suite), "j", 0, 0, suite_see_row, &seen, &suite->err));
        suite_ok(suite, LOG(suite)->index(CTX(suite), "j", 0, suite_see_entry, &seen, &suite->err));
        suite_ok(suite,
                 TOPIC(suite)->read(CTX(suite), "t", 0, 0, suite_see_item, &seen, &suite->err));
        assert_string_equal(seen.text, "");
        suite_ok(suite, QUEUE(suite)->count(CTX(suite), "q", &number, &suite->err));
        assert_int_equal(number, 0);
    }
}

static void what_is_no_operation_is_refused(void **state)
{
    struct suite *suite = *state;
    struct td_op ops[] = {
        OP(TD_OP_PUT, .space = "s", .key = "k", .version = 0),
        OP((enum td_op_kind)99, .space = "s"),
    };

    suite_fails(suite, suite_commit(suite, ops, 2), TD_E_UNSUPPORTED,
                "operation of kind 99 is not known here");
    assert_int_equal(suite->failed, 1);
    assert_null(suite_get(suite, "s", "k", NOW));
    ops[1] = OP(TD_OP_PUT, .space = "s", .key = "l");
    ops[1].size = 8;
    suite_fails(suite, suite_commit(suite, ops, 2), TD_E_INVAL, NULL);
    assert_null(suite_get(suite, "s", "k", NOW));
}

static void the_form_has_a_version(void **state)
{
    struct suite *suite = *state;
    uint32_t now, newest;

    suite_ok(suite, suite->store.table->version(CTX(suite), &now, &newest, &suite->err));
    assert_int_equal(now, newest);
    suite_ok(suite, suite->store.table->migrate(CTX(suite), now, &suite->err));
    assert_int_equal(suite->store.table->migrate(CTX(suite), newest + 1, &suite->err), -1);
    assert_int_equal(suite->err.code, TD_E_INVAL);
    if (suite->store.table->verify != NULL)
        suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
}

int suite_batch(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_batch_is_fine, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_later_operation_sees_an_earlier_one, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_failing_guard_leaves_nothing_behind, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_operation_is_refused, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(the_form_has_a_version, suite_setup, suite_teardown),
    };

    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
