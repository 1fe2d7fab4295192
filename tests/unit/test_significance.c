/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_significance: the tests that rollouts judge by, against values worked out by hand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/significance.h"

static void assert_near(double is, double ought)
{
    if (fabs(is - ought) > 1e-9 * ought)
        fail_msg("%.12g, not %.12g", is, ought);
}

/* How many of all the ways to place the failures give at least as many in the first sample. */
static void exact_test_counts_ways(void **state)
{
    (void)state;
    assert_near(tdh_fisher_greater(3, 4, 1, 4), 17.0 / 70);
    assert_near(tdh_fisher_greater(4, 4, 0, 4), 1.0 / 70);
    assert_near(tdh_fisher_greater(8, 10, 1, 6), (45.0 * 6 + 10.0 * 1) / 11440);
    assert_near(tdh_fisher_greater(1, 1, 0, 999), 1.0 / 1000);
}

static void nothing_to_compare_is_no_difference(void **state)
{
    static const uint64_t none[TDH_SPREAD_BUCKETS], some[TDH_SPREAD_BUCKETS] = { [10] = 5 };

    (void)state;
    assert_true(tdh_fisher_greater(0, 100, 50, 100) == 1);
    assert_true(tdh_fisher_greater(5, 5, 0, 0) == 1);
    assert_true(tdh_rank_greater(some, none) == 1);
    assert_true(tdh_rank_greater(none, some) == 1);
    assert_true(tdh_rank_greater(some, some) == 1);
}

static void great_counts_neither_overflow_nor_take_long(void **state)
{
    double same, more;

    (void)state;
    same = tdh_fisher_greater(1000000, 100000000, 1000000, 100000000);
    more = tdh_fisher_greater(1010000, 100000000, 1000000, 100000000);
    assert_true(same > 0.49 && same < 0.51);
    assert_true(more > 0 && more < 1e-11);
}

/* The worse the first is, the smaller the value. */
static void more_failures_are_less_likely(void **state)
{
    double before = 1;

    (void)state;
    for (uint64_t bad = 1; bad <= 50; bad++) {
        double p = tdh_fisher_greater(bad, 50, 5, 200);

        assert_true(p < before || bad == 1);
        before = p;
    }
    assert_true(before < 1e-30);
}

static void buckets_follow_each_other_without_a_gap(void **state)
{
    unsigned before = 0;

    (void)state;
    for (uint64_t ns = 0; ns < 100000; ns++) {
        unsigned bucket = tdh_spread_bucket(ns);

        assert_true(bucket == before || bucket == before + 1);
        before = bucket;
    }
    assert_true(tdh_spread_bucket(UINT64_MAX) == TDH_SPREAD_BUCKETS - 1);
}

static void quantile_is_within_a_fourth(void **state)
{
    uint64_t counts[TDH_SPREAD_BUCKETS] = { 0 };

    (void)state;
    assert_int_equal(tdh_spread_quantile(counts, 0.95), 0);
    for (uint64_t i = 1; i <= 1000; i++)
        counts[tdh_spread_bucket(i * 1000)]++;
    assert_in_range(tdh_spread_quantile(counts, 0.5), 500000, 625000);
    assert_in_range(tdh_spread_quantile(counts, 0.95), 950000, 1187500);
}

/* Ranks of {1,2,3} and {4,5,6}: the sum of the first is 6 of 21, so U is 0 of 9; by the
 * approximation the other way round is erfc((9 - 4.5 - 0.5) / sqrt(5.25) / sqrt 2) / 2. */
static void ranks_are_compared(void **state)
{
    uint64_t low[TDH_SPREAD_BUCKETS] = { 0 }, high[TDH_SPREAD_BUCKETS] = { 0 };

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        low[i] = 1;
        high[i + 3] = 1;
    }
    assert_near(tdh_rank_greater(high, low), erfc(4 / sqrt(5.25) / M_SQRT2) / 2);
    assert_true(tdh_rank_greater(low, high) > 0.95);
}

/* Everybody tied with one of the other sample: half a rank apart. */
static void ties_share_their_rank(void **state)
{
    uint64_t a[TDH_SPREAD_BUCKETS] = { [5] = 50, [6] = 50 };
    uint64_t b[TDH_SPREAD_BUCKETS] = { [5] = 50, [6] = 50 };
    double p;

    (void)state;
    p = tdh_rank_greater(a, b);
    assert_true(p > 0.45 && p < 0.55);
    a[6] = 90;
    a[5] = 10;
    assert_true(tdh_rank_greater(a, b) < 1e-6);
    assert_true(tdh_rank_greater(b, a) > 1 - 1e-6);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_test_counts_ways),
        cmocka_unit_test(nothing_to_compare_is_no_difference),
        cmocka_unit_test(great_counts_neither_overflow_nor_take_long),
        cmocka_unit_test(more_failures_are_less_likely),
        cmocka_unit_test(buckets_follow_each_other_without_a_gap),
        cmocka_unit_test(quantile_is_within_a_fourth),
        cmocka_unit_test(ranks_are_compared),
        cmocka_unit_test(ties_share_their_rank),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
