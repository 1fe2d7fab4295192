/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver_read: the pieces of a version's text, shared by versions and ranges. Private to semver.
 */
#ifndef TDH_BASE_SEMVER_READ_H
#define TDH_BASE_SEMVER_READ_H

#include <stdint.h>

#include "base/semver.h"

/** Reads a number without leading zeros, at most UINT32_MAX.
 * Returns what follows it; NULL: there is none. */
const char *tdh_semver_number(const char *text, uint32_t *ret_number);
/** Reads "-pre" and "+build", each of which may be missing.
 * Returns what follows; NULL: one breaks a rule. */
const char *tdh_semver_tail(const char *text, char pre[static TDH_SEMVER_PRE]);

#endif
