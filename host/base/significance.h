/* SPDX-License-Identifier: Apache-2.0 */
/*
 * significance: is one of two samples worse than the other, or is it chance? Both tests are
 * one-sided and give a p-value: how likely a difference at least as great is when there is none.
 */
#ifndef TDH_BASE_SIGNIFICANCE_H
#define TDH_BASE_SIGNIFICANCE_H

#include <stdint.h>

/**
 * Fisher's exact test (R. A. Fisher, 1922): do failures happen more often in the first sample?
 * 1 when there is nothing to compare. Takes time in proportion to the failures of the first.
 *
 * bad, of        failures among how many in the first; bad <= of
 * bad_b, of_b    in the second
 */
double tdh_fisher_greater(uint64_t bad, uint64_t of, uint64_t bad_b, uint64_t of_b);

/* Counts of durations by their size: four buckets between a power of two of nanoseconds and the
 * next, so that a bucket's ends are at most a fourth apart. */
enum { TDH_SPREAD_BUCKETS = 160 };
/** The bucket of a duration, less than TDH_SPREAD_BUCKETS. */
unsigned tdh_spread_bucket(uint64_t ns);
/** The duration that a share (0 to 1) of them does not exceed: the upper end of its bucket, in ns;
 * 0 when there are none. */
uint64_t tdh_spread_quantile(const uint64_t counts[static TDH_SPREAD_BUCKETS], double share);

/**
 * The test of Mann and Whitney (1947), by the normal approximation with its corrections for ties
 * and continuity: are values of the first sample greater? 1 when one of them is empty, or all are
 * in one bucket.
 */
double tdh_rank_greater(const uint64_t first[static TDH_SPREAD_BUCKETS],
                        const uint64_t second[static TDH_SPREAD_BUCKETS]);

#endif
