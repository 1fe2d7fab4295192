/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure: what a bench has measured. A group of measurements is a process that prints one JSON
 * object a line, {"name", "value", "unit", "class", "budget", "least", "who"}; whoever started it
 * gathers the lines of several rounds, tells their medians as a table and writes them as JSON.
 *
 * class  durability: "F" fsync before a step counts as done, "N" committed, but the last commits go
 *        with a power cut (WAL, synchronous=NORMAL), "M" memory
 * budget design section 12; left out where that names none. least: the budget is a lower bound
 * who    whose figure it is, in comparisons; left out: ours
 */
#ifndef TESTS_BENCH_FIGURE_H
#define TESTS_BENCH_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

/* --- in the process that measures --- */

/** Prints a figure without a budget. */
void figure_tell(const char *name, double value, const char *unit, const char *class);
/** Prints a figure that may be at most `budget`. */
void figure_at_most(const char *name, double value, const char *unit, const char *class,
                    double budget);
/** Prints a figure that must be at least `budget`. */
void figure_at_least(const char *name, double value, const char *unit, const char *class,
                     double budget);
/** The median; orders the values. count >= 1. */
double figure_median(double *values, size_t count);

/* --- in the one that gathers --- */

enum { FIGURES_MAX = 256, FIGURE_ROUNDS_MAX = 32, FIGURE_TEXT = 48 };

struct figure {
    char name[FIGURE_TEXT], unit[FIGURE_TEXT], class[FIGURE_TEXT], who[FIGURE_TEXT];
    double values[FIGURE_ROUNDS_MAX]; /* of the rounds */
    size_t count;
    double budget;
    bool has_budget, is_least;
};

struct figures {
    struct figure list[FIGURES_MAX];
    size_t count;
};

/** Takes one line. err TD_E_INVAL: it is no figure; TD_E_LIMIT: too many. */
int figures_take(struct figures *figures, const char *line, struct td_err *err);
/** Medians as a table on standard output, with what they have to keep. */
void figures_print(const struct figures *figures);
/** Each of our figures (who "") with those of others of the same name and class, and how many times
 * better ours is: the median of the rounds' ratios. */
void figures_compare(const struct figures *figures);
/** Writes medians and extremes as a JSON array. err TD_E_IO, TD_E_NOMEM. */
int figures_write(const struct figures *figures, const char *path, struct td_err *err);

#endif
