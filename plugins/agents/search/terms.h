/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms: the words of a need that are worth looking for.
 *
 * A term is a run of ASCII letters and digits, in lower case, or a run of other letters. Nothing
 * else gets through, so a term cannot be read as a part of the query language. A Korean word also
 * gives its stem: without a particle at its end.
 */
#ifndef SEARCH_TERMS_H
#define SEARCH_TERMS_H

#include <stdbool.h>
#include <stddef.h>

#define TERMS_MAX 48
#define TERM_BYTES 64 /* with the NUL; longer words are passed over */

struct terms {
    struct term {
        char text[TERM_BYTES];
        bool is_ascii;
    } items[TERMS_MAX];
    size_t count;
};

/** Adds the terms of a text, each once; past TERMS_MAX the rest is left out. */
void terms_add(struct terms *terms, const char *text);
/** How many characters (not bytes) a term has. */
size_t terms_characters(const char *text);

#endif
