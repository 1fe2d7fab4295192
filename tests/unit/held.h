/* SPDX-License-Identifier: Apache-2.0 */
/*
 * held: can processes be held by a descriptor here? What runs programs is tested only where they
 * can be.
 */
#ifndef TDEV_TESTS_HELD_H
#define TDEV_TESTS_HELD_H

#include <stdbool.h>

/** Since Linux 5.4, but not under valgrind 3.19, which does not know the call. Else says so. */
bool processes_can_be_held(void);

#endif
