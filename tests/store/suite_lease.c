/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_lease: who holds it, for how long, and tokens that only grow.
 */
#include "suite.h"

static int acquire(struct suite *suite, const char *holder, int64_t now_us, uint64_t *ret_token)
{
    return LEASE(suite)->acquire(CTX(suite), "l", holder, now_us, now_us + SECOND, ret_token,
                                 &suite->err);
}

static int renew(struct suite *suite, uint64_t token, int64_t now_us)
{
    return LEASE(suite)->renew(CTX(suite), "l", token, now_us, now_us + SECOND, &suite->err);
}

static int guard(struct suite *suite, uint64_t token, int64_t now_us)
{
    struct td_op op = OP(TD_OP_GUARD_LEASE, .key = "l", .token = token, .time_us = now_us);

    return suite_commit(suite, &op, 1);
}

static void one_holds_it_until_it_runs_out(void **state)
{
    struct suite *suite = *state;
    uint64_t ann, bob;

    suite_ok(suite, acquire(suite, "ann", NOW, &ann));
    suite_fails(suite, acquire(suite, "bob", NOW + SECOND - 1, &bob), TD_E_CONFLICT,
                "lease \"l\" is held by \"ann\"");
    suite_ok(suite, acquire(suite, "bob", NOW + SECOND, &bob));
    assert_true(bob > ann);
    suite_fails(suite, renew(suite, ann, NOW + SECOND), TD_E_CONFLICT,
                "lease \"l\" is held by \"bob\" with token 2, not 1");
}

static void the_holder_gets_its_token_again_while_it_holds(void **state)
{
    struct suite *suite = *state;
    uint64_t first, again, later, other;

    suite_ok(suite, acquire(suite, "ann", NOW, &first));
    suite_ok(suite, acquire(suite, "ann", NOW + SECOND / 2, &again));
    assert_int_equal(again, first);
    suite_fails(suite, acquire(suite, "bob", NOW + SECOND, &other), TD_E_CONFLICT, NULL);
    suite_ok(suite, acquire(suite, "ann", NOW + 9 * SECOND, &later));
    assert_true(later > first);
}

static void renewing_holds_it_longer_but_not_after_the_end(void **state)
{
    struct suite *suite = *state;
    uint64_t token, other;

    suite_ok(suite, acquire(suite, "ann", NOW, &token));
    suite_ok(suite, renew(suite, token, NOW + SECOND - 1));
    suite_fails(suite, acquire(suite, "bob", NOW + SECOND, &other), TD_E_CONFLICT, NULL);
    suite_fails(suite, renew(suite, token + 1, NOW + SECOND), TD_E_CONFLICT, NULL);
    suite_fails(suite, renew(suite, token, NOW + 3 * SECOND), TD_E_CONFLICT,
                "lease \"l\" is no longer held by token 1");
}

static void tokens_grow_across_release(void **state)
{
    struct suite *suite = *state;
    uint64_t last = 0, token;

    for (int i = 0; i < 3; i++) {
        suite_ok(suite, acquire(suite, "ann", NOW, &token));
        assert_true(token > last);
        last = token;
        suite_fails(suite, LEASE(suite)->release(CTX(suite), "l", token + 1, &suite->err),
                    TD_E_CONFLICT, NULL);
        suite_ok(suite, LEASE(suite)->release(CTX(suite), "l", token, &suite->err));
        suite_fails(suite, LEASE(suite)->release(CTX(suite), "l", token, &suite->err),
                    TD_E_CONFLICT, NULL);
    }
}

static void a_token_guards_a_batch_while_it_holds(void **state)
{
    struct suite *suite = *state;
    uint64_t token, other;

    suite_fails(suite, guard(suite, 1, NOW), TD_E_CONFLICT, NULL);
    suite_ok(suite, acquire(suite, "ann", NOW, &token));
    suite_ok(suite, guard(suite, token, NOW + SECOND - 1));
    suite_fails(suite, guard(suite, token, NOW + SECOND), TD_E_CONFLICT,
                "lease \"l\" is no longer held by token 1");
    suite_ok(suite, acquire(suite, "bob", NOW + SECOND, &other));
    suite_fails(suite, guard(suite, token, NOW + SECOND), TD_E_CONFLICT, NULL);
    suite_ok(suite, guard(suite, other, NOW + SECOND));
}

static void times_and_names_must_make_sense(void **state)
{
    struct suite *suite = *state;
    uint64_t token;

    suite_fails(suite, LEASE(suite)->acquire(CTX(suite), "l", "ann", NOW, NOW, &token, &suite->err),
                TD_E_INVAL, "lease \"l\" would end before it begins");
    suite_fails(suite, acquire(suite, "", NOW, &token), TD_E_INVAL,
                "holder of 0 bytes, must be 1 to 512");
}

int suite_lease(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_holds_it_until_it_runs_out, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(the_holder_gets_its_token_again_while_it_holds, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(renewing_holds_it_longer_but_not_after_the_end, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(tokens_grow_across_release, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_token_guards_a_batch_while_it_holds, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(times_and_names_must_make_sense, suite_setup,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
