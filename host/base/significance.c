/* SPDX-License-Identifier: Apache-2.0 */
/*
 * significance: the exact test by the hypergeometric distribution, term by term from the observed
 * one outwards; the test of ranks over buckets, in which all of a bucket share their mean rank.
 */
#include "base/significance.h"

#include <math.h>

enum { STEPS = 4, TERMS_MAX = 1000000 }; /* of an octave; of a sum, whose tail is nothing by then */

/* The logarithm of how many ways there are to take k of n. */
static double ln_choose(double n, double k)
{
    int sign;

    return lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign);
}

double tdh_fisher_greater(uint64_t bad, uint64_t of, uint64_t bad_b, uint64_t of_b)
{
    double a = (double)bad, n = (double)of, m = (double)of_b, k = a + (double)bad_b;
    double most = k < n ? k : n, term, sum = 0;

    if (of == 0 || of_b == 0 || bad == 0)
        return 1;
    term = exp(ln_choose(n, a) + ln_choose(m, k - a) - ln_choose(n + m, k));
    for (unsigned i = 0; i < TERMS_MAX && a <= most; i++) {
        double before = sum;

        sum += term;
        if (sum == before && i > 0)
            break;
        term *= (n - a) * (k - a) / ((a + 1) * (m - k + a + 1));
        a += 1;
    }
    return sum < 1 ? sum : 1;
}

unsigned tdh_spread_bucket(uint64_t ns)
{
    unsigned log2, bucket;

    if (ns < STEPS)
        return (unsigned)ns;
    log2 = 63U - (unsigned)__builtin_clzll(ns);
    bucket = (log2 - 1) * STEPS + (unsigned)(ns >> (log2 - 2)) % STEPS;
    return bucket < TDH_SPREAD_BUCKETS ? bucket : TDH_SPREAD_BUCKETS - 1;
}

static uint64_t end_of(unsigned bucket)
{
    unsigned log2 = bucket / STEPS + 1;

    if (bucket < STEPS)
        return bucket;
    return ((uint64_t)(STEPS + bucket % STEPS + 1) << (log2 - 2)) - 1;
}

uint64_t tdh_spread_quantile(const uint64_t counts[static TDH_SPREAD_BUCKETS], double share)
{
    uint64_t total = 0, sum = 0;

    for (unsigned i = 0; i < TDH_SPREAD_BUCKETS; i++)
        total += counts[i];
    for (unsigned i = 0; i < TDH_SPREAD_BUCKETS; i++) {
        sum += counts[i];
        if (sum > 0 && (double)sum >= share * (double)total)
            return end_of(i);
    }
    return 0;
}

double tdh_rank_greater(const uint64_t first[static TDH_SPREAD_BUCKETS],
                        const uint64_t second[static TDH_SPREAD_BUCKETS])
{
    double n = 0, m = 0, ranks = 0, before = 0, ties = 0, all, u, variance;

    for (unsigned i = 0; i < TDH_SPREAD_BUCKETS; i++) {
        double a = (double)first[i], both = a + (double)second[i];

        n += a;
        m += (double)second[i];
        ranks += a * (before + (both + 1) / 2);
        ties += both * both * both - both;
        before += both;
    }
    all = n + m;
    if (n == 0 || m == 0 || all < 2)
        return 1;
    u = ranks - n * (n + 1) / 2;
    variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
    if (variance <= 0)
        return 1;
    return erfc((u - n * m / 2 - 0.5) / sqrt(variance) / M_SQRT2) / 2;
}
