/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: the numbers of back-off, how policies merge, and what their text may say.
 */
#include "call/call.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

static const struct {
    enum td_backoff backoff;
    uint32_t initial, max;
    double jitter, draw;
    uint32_t retry_after;
    uint64_t want[6]; /* before attempts 2 to 7 */
} backoffs[] = {
    { TD_BACKOFF_FIXED, 100, 0, 0, 0, 0, { 100, 100, 100, 100, 100, 100 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0, 0, 0, { 100, 200, 300, 400, 500, 600 } },
    { TD_BACKOFF_EXPONENTIAL, 100, 0, 0, 0, 0, { 100, 200, 400, 800, 1600, 3200 } },
    { TD_BACKOFF_FIBONACCI, 100, 0, 0, 0, 0, { 100, 100, 200, 300, 500, 800 } },
    { TD_BACKOFF_EXPONENTIAL, 100, 500, 0, 0, 0, { 100, 200, 400, 500, 500, 500 } },
    { TD_BACKOFF_FIXED, 0, 0, 0, 0, 0, { 1000, 1000, 1000, 1000, 1000, 1000 } },
    { TD_BACKOFF_EXPONENTIAL, 40000, 0, 0, 0, 0, { 40000, 60000, 60000, 60000, 60000, 60000 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0.5, 1, 0, { 50, 100, 150, 200, 250, 300 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0.5, 0.5, 0, { 75, 150, 225, 300, 375, 450 } },
    { TD_BACKOFF_LINEAR, 100, 0, 1, 1, 0, { 0, 0, 0, 0, 0, 0 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0, 0, 350, { 350, 350, 350, 400, 500, 600 } },
    { TD_BACKOFF_FIXED, 100, 200, 1, 1, 5000, { 5000, 5000, 5000, 5000, 5000, 5000 } },
};

static void each_back_off_has_its_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(backoffs) / sizeof(backoffs[0]); i++) {
        struct td_policy policy = { .backoff = backoffs[i].backoff,
                                    .initial_ms = backoffs[i].initial,
                                    .max_ms = backoffs[i].max,
                                    .jitter = backoffs[i].jitter };
        struct td_err err = { .retry_after_ms = backoffs[i].retry_after };

        for (unsigned next = 2; next < 8; next++)
            assert_int_equal(tdh_backoff_ms(&policy, next, &err, backoffs[i].draw),
                             backoffs[i].want[next - 2]);
        assert_in_range(tdh_backoff_ms(&policy, 1000000, &err, 0), 0, 60000);
    }
}

static void policies_merge_field_by_field(void **state)
{
    struct td_policy base = {
        .timeout_ms = 5, .max_attempts = 3, .backoff = TD_BACKOFF_LINEAR, .in_doubt = TD_DOUBT_ASK
    };
    struct td_policy over = { .timeout_ms = 7 }, both;

    (void)state;
    both = tdh_policy_merge(&over, &base);
    assert_int_equal(both.timeout_ms, 7);
    assert_int_equal(both.max_attempts, 3);
    assert_int_equal(both.backoff, TD_BACKOFF_LINEAR);
    over = (struct td_policy){ .max_attempts = 1, .in_doubt = TD_DOUBT_FAIL };
    both = tdh_policy_merge(&over, &base);
    assert_int_equal(both.timeout_ms, 5);
    assert_int_equal(both.max_attempts, 1);
    assert_int_equal(both.in_doubt, TD_DOUBT_FAIL);
    both = tdh_policy_merge(NULL, &base);
    assert_int_equal(both.max_attempts, 3);
}

static const struct {
    const char *text, *want;
} refusals[] = {
    { "{\"timeout\": \"soon\"}", "agent \"x\": \"timeout\": duration \"soon\": " },
    { "{\"timeout\": true}",
      "agent \"x\": \"timeout\" must be a duration of at most 49d, such as \"5s\"" },
    { "{\"timeout\": \"60d\"}",
      "agent \"x\": \"timeout\" must be a duration of at most 49d, such as \"5s\"" },
    { "{\"retry\": 3}", "agent \"x\": \"retry\" must be a map such as {max_attempts: 3}" },
    { "{\"retry\": {\"max_attempts\": 0}}",
      "agent \"x\": \"max_attempts\" must be a whole number from 1 to 1000" },
    { "{\"retry\": {\"jitter\": 2}}", "agent \"x\": \"jitter\" must be a number from 0 to 1" },
    { "{\"retry\": {\"times\": 2}}", "agent \"x\": unrecognized key \"times\" in \"retry\"" },
    { "{\"retry\": {\"backoff\": \"expo\"}}",
      "agent \"x\": \"backoff\" must be fixed, linear, exponential or fibonacci" },
    { "{\"retry\": {\"jiter\": 1}}",
      "agent \"x\": unrecognized key \"jiter\" in \"retry\", did you mean \"jitter\"" },
    { "{\"in_doubt\": \"rety\"}",
      "agent \"x\": \"in_doubt\" must be default, retry, reconcile, ask or "
      "fail, did you mean \"retry\"" },
    { "{\"in_doubt\": 1}",
      "agent \"x\": \"in_doubt\" must be default, retry, reconcile, ask or fail" },
};

static void each_misfit_of_a_policy_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        json_t *text = json_loads(refusals[i].text, 0, NULL);
        struct td_policy policy;
        struct td_err err;

        assert_int_equal(tdh_policy_read(text, "agent \"x\"", &policy, &err), -1);
        assert_int_equal(err.code, TD_E_CONFIG);
        if (strncmp(err.text, refusals[i].want, strlen(refusals[i].want)) != 0)
            assert_string_equal(err.text, refusals[i].want);
        json_decref(text);
    }
}

static void a_policy_is_read(void **state)
{
    json_t *text = json_loads("{\"timeout\":\"5s\",\"retry\":{\"backoff\":\"fibonacci\","
                              "\"initial\":\"10ms\",\"max\":2000,\"jitter\":0.3},"
                              "\"in_doubt\":\"reconcile\"}",
                              0, NULL);
    struct td_policy policy;
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_policy_read(text, "x", &policy, &err), 0);
    assert_int_equal(policy.timeout_ms, 5000);
    assert_int_equal(policy.max_attempts, 3);
    assert_int_equal(policy.backoff, TD_BACKOFF_FIBONACCI);
    assert_int_equal(policy.initial_ms, 10);
    assert_int_equal(policy.max_ms, 2000);
    assert_int_equal(policy.in_doubt, TD_DOUBT_RECONCILE);
    json_decref(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_back_off_has_its_numbers),
        cmocka_unit_test(policies_merge_field_by_field),
        cmocka_unit_test(each_misfit_of_a_policy_is_named),
        cmocka_unit_test(a_policy_is_read),
    };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
