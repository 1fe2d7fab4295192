/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child: a second process for a test: runs a function on the fixture's path, and tells by a pipe.
 */
#ifndef TESTS_STORE_CHILD_H
#define TESTS_STORE_CHILD_H

#include "suite.h"

#include <sys/types.h>

struct child {
    pid_t process;
    int from; /* what the child writes */
    int to;   /* what the child reads */
};

/* Runs in the child; what it returns is the exit status. A store the parent has open must not be
 * used. */
typedef int child_fn(const struct suite *suite, int from, int to);

void child_start(struct child *child, const struct suite *suite, child_fn *fn);
/** Reads one byte the child wrote: it has come that far. */
char child_wait(const struct child *child);
/** Ends it and returns its exit status, or -1 when a signal ended it. */
int child_end(struct child *child);

#endif
