/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver: versions (semver.org 2.0.0) and the ranges written in manifests.
 *
 * Ranges: comparators `^ ~ >= <= > < = ==`, partial versions and `x`/`*` (`1`, `1.2`, `1.x`, `*`),
 * spaces for "and",
 * `||` for "or", `A - B` for an inclusive span. A pre-release matches only when a comparator of the
 * same major.minor.patch has a pre-release itself (npm's rule). `^0.2.3` is `>=0.2.3 <0.3.0`,
 * `^0.0.3` is `>=0.0.3 <0.0.4`.
 */
#ifndef TDH_BASE_SEMVER_H
#define TDH_BASE_SEMVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

#define TDH_SEMVER_PRE 64
#define TDH_RANGE_PARTS 16

struct tdh_semver {
    uint32_t major, minor, patch;
    char pre[TDH_SEMVER_PRE]; /* "" or "rc.1"; build metadata is checked and dropped */
};

struct tdh_range_part {
    enum { TDH_LT, TDH_LE, TDH_EQ, TDH_GE, TDH_GT } op;
    bool is_last; /* of an "and" group */
    struct tdh_semver version;
};

struct tdh_range {
    unsigned count; /* 0: everything that is no pre-release */
    struct tdh_range_part parts[TDH_RANGE_PARTS];
};

/** err: TD_E_INVAL names the text and the rule. */
int tdh_semver_parse(const char *text, struct tdh_semver *ret_version, struct td_err *err);
/** <0, 0, >0 by precedence (semver.org section 11). */
int tdh_semver_compare(const struct tdh_semver *a, const struct tdh_semver *b);
/** Prints into `text` (at least 128 bytes) and returns it. */
const char *tdh_semver_print(const struct tdh_semver *version, char *text, size_t size);
int tdh_range_parse(const char *text, struct tdh_range *ret_range, struct td_err *err);
bool tdh_range_has(const struct tdh_range *range, const struct tdh_semver *version);

#endif
