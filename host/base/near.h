/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near: "did you mean": the known name nearest to what was written.
 */
#ifndef TDH_BASE_NEAR_H
#define TDH_BASE_NEAR_H

#include <stddef.h>

/**
 * The candidate with the smallest edit distance (swaps of neighbours count one), if that is at most
 * a third of the word's length, at least 1 and at most 3; else NULL. Ties go to the earlier one.
 * Words over 64 bytes get NULL.
 */
const char *tdh_near(const char *word, const char *const *candidates, size_t count);

#endif
