/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex: `matches`, on PCRE2 and under its limits.
 *
 * A constant pattern is compiled with the program, any other during the run, in the run's arena.
 * Every match has a bound on backtracking that grows with the text; going past it ends the run with
 * TD_E_LIMIT.
 */
#ifndef TDH_CEL_REGEX_H
#define TDH_CEL_REGEX_H

#include "cel/run.h"

enum { CEL_PATTERN_MAX = 8192 }; /* bytes of a pattern */

struct cel_pattern;

/**
 * Compiles a pattern that is part of a program.
 *
 * err  TD_E_INVAL: what is wrong with it and at which character; TD_E_NOMEM
 * Returns new; end it with cel_pattern_free().
 */
struct cel_pattern *cel_pattern_new(const char *text, size_t length, struct td_err *err);
void cel_pattern_free(struct cel_pattern *pattern);
/** Whether any part of `text`, a string, matches. */
struct cel_value cel_match(struct cel_run *run, const struct cel_pattern *pattern,
                           struct cel_value text);
/** As cel_match, with the text of a pattern; the last one compiled is kept for the next call. */
struct cel_value cel_match_text(struct cel_run *run, struct cel_value pattern,
                                struct cel_value text);

#endif
