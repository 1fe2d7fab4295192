/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: a text as the words by which texts are compared, each a number of 64 bits.
 *
 * Small letters of NFKC; a word is a run of letters and digits, without the "s" of a plural. Runs
 * of Korean, Chinese and Japanese have no spaces where words end: they give each pair of
 * neighbours.
 */
#ifndef TDH_AGENT_WORDS_H
#define TDH_AGENT_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum {
    TDH_WORDS_TEXT = 4096, /* bytes of a text that count */
    TDH_WORDS_MAX = 128    /* words of a text that count */
};

struct tdh_word {
    uint64_t hash;
    const char *text; /* in the buffer of the caller; not ended by NUL */
    uint32_t length;
};

/* What a text is read with: it borrows from here. */
struct tdh_words {
    unsigned count;
    struct tdh_word list[TDH_WORDS_MAX];
    char text[3 * TDH_WORDS_TEXT]; /* normalised: it may grow */
};

/** Fills words anew with the first that a text has, also the same ones again. */
void tdh_words_read(const char *text, size_t length, struct tdh_words *words);

#endif
