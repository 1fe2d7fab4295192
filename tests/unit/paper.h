/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paper: the smallest host a pattern can run in. It writes down what is asked, and gives the
 * answers that a test tells.
 */
#ifndef TESTS_UNIT_PAPER_H
#define TESTS_UNIT_PAPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/plugin.h>
/* after those, and after the SDK: it makes `fail` a macro */
#include <cmocka.h>

enum { PAPER_ASKS = 32 };

/* One run. Made by paper_start, ended by paper_end. */
struct paper {
    struct td_asks asks; /* first: what the reducer gets */
    const struct td_reducer *reducer;
    void *plan, *state;
    char asked[4096]; /* "path=agent.action input" of each ask, a line each */
    uint64_t tags[PAPER_ASKS];
    unsigned count;          /* of asks, which are numbered from 1 */
    json_t *output;          /* of a run that is done */
    char error[TD_ERR_TEXT]; /* of one that failed */
};

/** Whether the state goes through save, JSON text and load between any two events. */
extern bool paper_is_saving;

/** The plugin under test, which is linked. */
extern const struct td_entry td_entry;

/** Makes a plan and starts a run; both texts are JSON. */
void paper_start(struct paper *paper, const char *config, const char *input);
/** The error of a configuration that is refused. Valid until the next call. */
const char *paper_refusal(const char *config);
/** Answers an ask, with JSON or with a failure. */
void paper_answer(struct paper *paper, unsigned ask, const char *output);
void paper_fail(struct paper *paper, unsigned ask, const char *error);
void paper_cancel(struct paper *paper);
/** The run must be done with this output; the text is JSON. */
void paper_expect(const struct paper *paper, const char *output);
void paper_end(struct paper *paper);

#endif
