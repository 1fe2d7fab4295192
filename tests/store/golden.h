/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden: a store as version 1 of the tables kept it.
 */
#ifndef TESTS_STORE_GOLDEN_H
#define TESTS_STORE_GOLDEN_H

#include "suite.h"

/** Makes it at suite->path, which is not there yet. */
void golden_make(const struct suite *suite);
/** All that it held is there, seen through the functions of the open store; changes nothing. */
void golden_check(struct suite *suite);

#endif
