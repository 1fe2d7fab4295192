/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern_shelf: manifests of patterns for tests: those that come with tdev, and made-up ones.
 */
#ifndef TDEV_TESTS_PATTERN_SHELF_H
#define TDEV_TESTS_PATTERN_SHELF_H

#include "plugin/plugin.h" /* before cmocka, whose fail() is a macro */

enum { PATTERN_SHELF_MAX = 64 };

struct pattern_shelf {
    const struct tdh_manifest *patterns[PATTERN_SHELF_MAX];
    size_t count;
};

/** Fixtures of a group: *state is a shelf with all of plugins/patterns. */
int pattern_shelf_open(void **state);
int pattern_shelf_close(void **state);
/** Frees what is on it. */
void pattern_shelf_clear(struct pattern_shelf *shelf);
/** The pattern of that name, or NULL. */
const struct tdh_manifest *pattern_shelf_find(const struct pattern_shelf *shelf, const char *name);
/** Reads the manifest of a pattern without anything but what must be there; `line` is its line 7.
 * new, or NULL. */
struct tdh_manifest *pattern_shelf_parse(const char *name, const char *line, struct td_err *err);

#endif
