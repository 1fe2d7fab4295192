/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_trial: when a build that is tried is taken back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "agent/trial.h"

#include <cmocka.h>

static const struct tdh_rollout_plan plan = {
    .min_calls = 20, .in_row = 10, .errors = 0.01, .latency = 1.5, .significance = 0.01
};

struct row {
    const char *what;
    uint64_t serving_calls, serving_failures, calls, failures, in_row;
    double chance;
    enum tdh_opinion opinion;
    const char *why;
};

static const struct row rows[] = {
    { "as good", 1000, 10, 100, 1, 0, 0.005, TDH_WELL, "" },
    { "better", 1000, 100, 100, 0, 0, 0.005, TDH_WELL, "" },
    { "few more failures may be chance", 1000, 10, 100, 3, 0, 0.005, TDH_WELL, "" },
    { "many more are none", 1000, 10, 100, 10, 0, 0.005, TDH_ILL,
      "10 of its 100 calls failed, of the version before 10 of 1000 (p = 2.1e-06)" },
    { "no test is made yet", 1000, 10, 100, 10, 0, 0, TDH_WELL, "" },
    { "more, but not by enough to matter", 10000000, 100000, 10000000, 150000, 0, 0.005, TDH_WELL,
      "" },
    { "too few to judge", 1000, 0, 19, 9, 3, 0.005, TDH_UNSURE, "19 of 20 calls to judge by" },
    { "too few, but all of them fail", 1000, 0, 10, 10, 10, 0, TDH_ILL,
      "10 calls in a row failed" },
    { "what failed last may go on to", 1000, 10, 100, 1, 1, 0.005, TDH_UNSURE,
      "its latest calls failed, 1 in a row; 10 end it, a good one goes on" },
    { "all fail, too few for a test", 2, 0, 20, 2, 2, 0.005, TDH_UNSURE,
      "its latest calls failed, 2 in a row; 10 end it, a good one goes on" },
    { "nothing to hold it against, and well", 0, 0, 100, 1, 0, 0.005, TDH_WELL, "" },
    { "nothing to hold it against, and ill", 0, 0, 100, 2, 0, 0.005, TDH_ILL,
      "2 of its 100 calls failed, of the version before 0 of 0 (p = 0)" },
};

static void failures_are_judged(void **state)
{
    static const struct tdh_mirror_sum mirror;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        const struct tdh_side_sum serving = { .calls = row->serving_calls,
                                              .failures = row->serving_failures };
        const struct tdh_side_sum tried = { .calls = row->calls,
                                            .failures = row->failures,
                                            .in_row = row->in_row };
        char why[TD_ERR_TEXT];
        enum tdh_opinion opinion =
            tdh_trial_judge(&plan, &serving, &tried, &mirror, row->chance, why);

        if (opinion != row->opinion || strcmp(why, row->why) != 0)
            fail_msg("%s: %d \"%s\"", row->what, (int)opinion, why);
    }
}

/* All calls take so long; a few take ten times as long. */
static void fill(struct tdh_side_sum *side, uint64_t ms, uint64_t calls, uint64_t slow)
{
    memset(side, 0, sizeof(*side));
    side->calls = calls;
    side->spread[tdh_spread_bucket(ms * 1000000)] = calls - slow;
    side->spread[tdh_spread_bucket(ms * 10000000)] += slow;
}

static enum tdh_opinion judge_times(const struct tdh_rollout_plan *by, uint64_t before_ms,
                                    uint64_t its_ms)
{
    static const struct tdh_mirror_sum mirror;
    struct tdh_side_sum serving, tried;
    char why[TD_ERR_TEXT];

    fill(&serving, before_ms, 200, 2);
    fill(&tried, its_ms, 100, 1);
    return tdh_trial_judge(by, &serving, &tried, &mirror, 0.005, why);
}

static void times_are_judged(void **state)
{
    struct tdh_rollout_plan any = plan;

    (void)state;
    any.latency = 0;
    assert_int_equal(judge_times(&plan, 10, 10), TDH_WELL);
    assert_int_equal(judge_times(&plan, 10, 5), TDH_WELL);
    assert_int_equal(judge_times(&plan, 10, 12), TDH_WELL); /* longer, and no matter */
    assert_int_equal(judge_times(&plan, 10, 30), TDH_ILL);
    assert_int_equal(judge_times(&any, 10, 30), TDH_WELL);
}

static void a_shadow_is_judged_by_what_it_comes_to(void **state)
{
    const struct tdh_side_sum side = { .calls = 100 };
    const struct tdh_mirror_sum one = { .same = 99, .different = 1 };
    struct tdh_rollout_plan by = plan;
    char why[TD_ERR_TEXT];

    (void)state;
    assert_int_equal(tdh_trial_judge(&by, &side, &side, &one, 0, why), TDH_ILL);
    assert_string_equal(why, "1 of 100 mirrored calls came to something else");
    by.differences = 0.01;
    assert_int_equal(tdh_trial_judge(&by, &side, &side, &one, 0, why), TDH_WELL);
    by.differences = 0;
    by.is_manual = true; /* a person looks at them */
    assert_int_equal(tdh_trial_judge(&by, &side, &side, &one, 0, why), TDH_WELL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_judged),
        cmocka_unit_test(times_are_judged),
        cmocka_unit_test(a_shadow_is_judged_by_what_it_comes_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
