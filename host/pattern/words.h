/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: the words of a sentence as they are compared: small letters, English endings taken off, so
 * that `votes`, `voting` and `vote` are one. Words of other scripts stay as they are; Korean ones
 * carry particles behind them, so a word is known by what it holds.
 */
#ifndef TDH_PATTERN_WORDS_H
#define TDH_PATTERN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { TDH_WORD_BYTES = 64 };

struct tdh_word {
    char text[TDH_WORD_BYTES]; /* as written, in small letters */
    char stem[TDH_WORD_BYTES];
};

/**
 * The next word at *at, which moves behind it. Words of more than TDH_WORD_BYTES - 1 bytes, those
 * of one ASCII letter, and those that say nothing ("the", "with", 그리고) are passed over. Returns
 * false at the end.
 */
bool tdh_word_next(const char **at, struct tdh_word *ret_word);
/** Is the word of a sentence this one of a pattern? */
bool tdh_word_is(const struct tdh_word *word, const struct tdh_word *own);

#endif
