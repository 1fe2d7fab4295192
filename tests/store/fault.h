/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault: makes the n-th write, flush or allocation of the SQLite library fail, once.
 */
#ifndef TESTS_STORE_FAULT_H
#define TESTS_STORE_FAULT_H

#include <stdbool.h>

enum fault_kind { FAULT_WRITE, FAULT_FULL, FAULT_SYNC, FAULT_MEMORY, FAULT_KINDS };

/** Puts itself between the library and the system; no connection may be open. */
void fault_install(void);
/** From now on, the n-th (from 1) of this kind fails, and only that one. 0: none. */
void fault_arm(enum fault_kind kind, int n);
/** True when the armed one has failed. */
bool fault_has_struck(void);

#endif
