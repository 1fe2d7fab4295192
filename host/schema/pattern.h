/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: regular expressions as JSON Schema wants them (ECMA-262, Unicode mode) on PCRE2. Private
 * to host/schema.
 *
 * A text is first rewritten: escapes and groups ECMA does not know are refused instead of meaning
 * something else, \d and \w stay ASCII, \s is ECMA's white space, `[` in a class is itself, \u and
 * \p are spelled PCRE2's way. Nesting, steps, depth and heap are limited, so no pattern holds a
 * thread or its stack; the JIT is not used.
 */
#ifndef TDH_SCHEMA_PATTERN_H
#define TDH_SCHEMA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#define TDH_PATTERN_NEST 50    /* most parentheses inside each other */
#define TDH_PATTERN_BYTES 8192 /* longest pattern */

struct tdh_js_pattern;

/**
 * Compiles one pattern; many threads may match it at once. Returns new; tdh_js_pattern_free().
 * err: TD_E_INVAL tells what is wrong with it; TD_E_LIMIT: nested too deep, too long or too large
 */
struct tdh_js_pattern *tdh_js_pattern_new(const char *text, size_t length, struct td_err *err);
/** 1: found somewhere in the subject; 0: not; -1: err TD_E_LIMIT or TD_E_NOMEM. */
int tdh_js_pattern_match(struct tdh_js_pattern *pattern, const char *subject, size_t length,
                         struct td_err *err);
/** The pattern as it was given. */
const char *tdh_js_pattern_text(const struct tdh_js_pattern *pattern);
/** Threads patterns of one owner together: *list becomes the pattern, its next what *list was. */
void tdh_js_pattern_push(struct tdh_js_pattern *pattern, struct tdh_js_pattern **list);
/** Frees a pattern and those behind it in its list. */
void tdh_js_pattern_free(struct tdh_js_pattern *pattern);

#endif
