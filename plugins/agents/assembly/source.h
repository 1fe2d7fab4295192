/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source: one text under check, and the brackets that are open in it.
 *
 * Shared by the JavaScript and CSS checks. Lives on the stack of one check.
 */
#ifndef ASSEMBLY_SOURCE_H
#define ASSEMBLY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#define SOURCE_DEPTH 256 /* most open brackets */

struct source {
    const char *path, *at, *stop;
    size_t line;
    struct source_bracket {
        char open;
        bool flag; /* the check's own */
        size_t line;
    } open[SOURCE_DEPTH];
    size_t depth;
    struct td_err *err;
};

/** Begins at the first line of a text; everything is borrowed. */
void source_begin(struct source *source, const char *path, const char *text, size_t length,
                  struct td_err *err);
/** The byte `ahead` of the place, 0 behind the end. */
char source_peek(const struct source *source, size_t ahead);
/** Goes over `count` bytes and counts the lines in them. */
void source_skip(struct source *source, size_t count);
/** TD_E_EXEC: "FILE:LINE: ..." of a line. Returns -1. */
int source_fail(const struct source *source, size_t line, const char *fmt, ...) TD_PRINTF(3, 4);

int source_open(struct source *source, char bracket, bool flag);
/** Ends the innermost bracket, which must fit; ret_flag: what it was opened with. May be NULL. */
int source_close(struct source *source, char bracket, bool *ret_flag);
/** Nothing may be open at the end. */
int source_end(const struct source *source);
/** Goes over a string in quotes that begins here, on one line. */
int source_string(struct source *source);
/** Goes over a comment that begins here with slash and star. */
int source_comment(struct source *source);

#endif
