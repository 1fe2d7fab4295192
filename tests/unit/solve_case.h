/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve_case: questions for the solver, as text.
 *
 *   report 1.1.0 mail:^1 ?spell:* !fax:<2     a version: what it requires, optionally, excludes
 *   store/lite 1.0.0 -                        of another kind; "-": it is out
 *   @box report:^1                            who wants what; without a range: any version
 *   =box mail:^1                              who wants only that, if it is there at all
 */
#ifndef TDH_TESTS_SOLVE_CASE_H
#define TDH_TESTS_SOLVE_CASE_H

#include "plugin/solve.h"

enum { CASE_OPTIONS = 64, CASE_NEEDS = 8, CASE_WANTS = 8 };

struct solve_case {
    struct tdh_solve_option options[CASE_OPTIONS];
    struct tdh_semver versions[CASE_OPTIONS];
    struct tdh_need needs[CASE_OPTIONS][CASE_NEEDS], conflicts[CASE_OPTIONS][CASE_NEEDS];
    size_t option_count;
    struct tdh_solve_want wants[CASE_WANTS];
    struct tdh_range ranges[CASE_WANTS];
    size_t want_count;
    char *text; /* that all names are in */
};

/** Lines end with "\n". Ends the program when the text makes no sense. */
void solve_case_read(struct solve_case *one, const char *text);
void solve_case_end(struct solve_case *one);
int solve_case_solve(const struct solve_case *one, struct tdh_solved *solved, struct td_err *err);
/** `mail 1.4.0, report 1.1.0 (-spell)`: what was taken, in the order given, and what of it is not
 * met. new; free() */
char *solve_case_print(const struct solve_case *one, const struct tdh_solved *solved);

#endif
