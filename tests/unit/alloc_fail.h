/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alloc_fail: makes the n-th allocation fail, for tests that go through n = 1, 2, ... until a call
 * succeeds.
 *
 * Sees malloc, calloc, realloc and strdup of the host (linked with -Wl,--wrap), all of jansson, and
 * libyaml where its allocator can be replaced.
 */
#ifndef TDEV_TESTS_ALLOC_FAIL_H
#define TDEV_TESTS_ALLOC_FAIL_H

#include <stdbool.h>

/** Puts jansson on the counting allocator; once, before any JSON value is made. */
void alloc_fail_setup(void);
/** The n-th allocation from now on fails, those around it do not. 0: none fails. */
void alloc_fail_at(unsigned n);
/** Ends the counting. True when an allocation failed since alloc_fail_at. */
bool alloc_fail_end(void);

#endif
