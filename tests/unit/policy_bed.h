/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_bed: policies out of texts, for tests.
 */
#ifndef TESTS_POLICY_BED_H
#define TESTS_POLICY_BED_H

#include "call/call.h"

/** Reads the text as a file p.yaml in a folder of its own. err as tdh_policies_read, without the
 * folder. new. */
struct tdh_policies *read_policies(const char *text, struct td_err *err);
/** The same, of a text that is right, and in force until the next one; NULL ends that. */
void use_policies(const char *text);

#endif
