/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hangul: syllables, their finals, and Latin letters for them by the Revised Romanization of Korean
 * (2000), with the sound changes that the rule writes down inside a word: linking, nasals and the
 * liquid.
 */
#include "lang.h"

#include <stdio.h>
#include <string.h>

#define FIRST_SYLLABLE 0xAC00U
#define LAST_SYLLABLE 0xD7A3U

bool lang_is_hangul(uint32_t code_point)
{
    return (code_point >= FIRST_SYLLABLE && code_point <= LAST_SYLLABLE) ||
           (code_point >= 0x1100 && code_point <= 0x11FF) ||
           (code_point >= 0x3130 && code_point <= 0x318F);
}

bool lang_has_hangul(struct lang_span text)
{
    uint32_t c;

    for (size_t at = 0, used; at < text.length; at += used) {
        used = lang_utf8_next(text.at + at, text.length - at, &c);
        if (used == 0)
            return false;
        if (lang_is_hangul(c))
            return true;
    }
    return false;
}

static uint32_t last_code_point(struct lang_span word)
{
    uint32_t c = 0;
    size_t at = word.length;

    while (at > 0 && ((unsigned char)word.at[at - 1] & 0xC0U) == 0x80U)
        at--;
    if (at > 0)
        lang_utf8_next(word.at + at - 1, word.length - at + 1, &c);
    return c;
}

enum lang_final lang_final_of(struct lang_span word)
{
    uint32_t c = last_code_point(word);
    uint32_t final;

    if (c < FIRST_SYLLABLE || c > LAST_SYLLABLE)
        return LANG_FINAL_UNSURE;
    final = (c - FIRST_SYLLABLE) % 28;
    if (final == 0)
        return LANG_FINAL_OPEN;
    return final == 8 ? LANG_FINAL_RIEUL : LANG_FINAL_CLOSED;
}

static const char *const initials[] = { "g",  "kk", "n", "d",  "tt", "r", "m", "b", "pp", "s",
                                        "ss", "",   "j", "jj", "ch", "k", "t", "p", "h" };
static const char *const vowels[] = { "a",  "ae", "ya", "yae", "eo", "e",  "yeo",
                                      "ye", "o",  "wa", "wae", "oe", "yo", "u",
                                      "wo", "we", "wi", "yu",  "eu", "ui", "i" };

/* Of each final: how it is written before a consonant, what it becomes before a vowel, and its
 * class of sound. */
static const struct {
    const char *closed, *linked;
    char sound; /* k t p: stops that turn nasal; l; n and m; 0: none */
} finals[] = {
    { "", "", 0 },      { "k", "g", 'k' },   { "k", "kk", 'k' }, { "k", "gs", 'k' },
    { "n", "n", 'n' },  { "n", "nj", 'n' },  { "n", "n", 'n' },  { "t", "d", 't' },
    { "l", "r", 'l' },  { "k", "lg", 'k' },  { "m", "lm", 'm' }, { "l", "lb", 'l' },
    { "l", "ls", 'l' }, { "l", "lt", 'l' },  { "p", "lp", 'p' }, { "l", "r", 'l' },
    { "m", "m", 'm' },  { "p", "b", 'p' },   { "p", "bs", 'p' }, { "t", "s", 't' },
    { "t", "ss", 't' }, { "ng", "ng", 'g' }, { "t", "j", 't' },  { "t", "ch", 't' },
    { "k", "k", 'k' },  { "t", "t", 't' },   { "p", "p", 'p' },  { "t", "", 't' },
};

#define INITIAL_N 2
#define INITIAL_R 5
#define INITIAL_M 6
#define INITIAL_NONE 11

/* What a final sounds like in front of the next syllable's initial; -1: the word ends. */
static const char *final_before(uint32_t final, int next)
{
    char sound = finals[final].sound;

    if (next == INITIAL_NONE)
        return finals[final].linked;
    if (next == INITIAL_N || next == INITIAL_M || next == INITIAL_R) {
        if (sound == 'k')
            return "ng";
        if (sound == 't')
            return "n";
        if (sound == 'p')
            return "m";
    }
    return sound == 'n' && next == INITIAL_R ? "l" : finals[final].closed;
}

/* An initial after a final: r is l after l or n, and n after other consonants; n is l after l. */
static const char *initial_after(uint32_t initial, uint32_t final)
{
    char sound = finals[final].sound;

    if (initial == INITIAL_R && (sound == 'l' || sound == 'n'))
        return "l";
    if (initial == INITIAL_N && sound == 'l')
        return "l";
    return initial == INITIAL_R && sound != 0 ? "n" : initials[initial];
}

static void append(char *text, size_t size, const char *more)
{
    size_t length = strlen(text);

    if (length + strlen(more) < size)
        memcpy(text + length, more, strlen(more) + 1);
}

/* The initial of the syllable at the front of `rest`; -1 when there is none. */
static int next_initial(struct lang_span rest)
{
    uint32_t c;

    if (lang_utf8_next(rest.at, rest.length, &c) == 0 || c < FIRST_SYLLABLE || c > LAST_SYLLABLE)
        return -1;
    return (int)((c - FIRST_SYLLABLE) / 588);
}

void lang_romanise(struct lang_span word, char *ret_text, size_t size)
{
    uint32_t final = 0;
    uint32_t c;

    ret_text[0] = '\0';
    for (size_t at = 0, used; at < word.length; at += used) {
        used = lang_utf8_next(word.at + at, word.length - at, &c);
        if (used == 0)
            return;
        if (c >= FIRST_SYLLABLE && c <= LAST_SYLLABLE) {
            struct lang_span rest = { word.at + at + used, word.length - at - used };

            append(ret_text, size, initial_after((c - FIRST_SYLLABLE) / 588, final));
            append(ret_text, size, vowels[(c - FIRST_SYLLABLE) % 588 / 28]);
            final = (c - FIRST_SYLLABLE) % 28;
            append(ret_text, size, final_before(final, next_initial(rest)));
            continue;
        }
        final = 0;
        if (c < 0x80)
            append(ret_text, size, (char[]){ (char)c, '\0' });
    }
}

/* ---- the particle behind a word ---- */

/* How a word in Latin letters or digits ends when it is read aloud: "app" is 앱, "react" 리액트. */
static enum lang_final spoken_final(struct lang_span word)
{
    static const char closed[] = "mnMN036";
    static const char rieul[] = "lL178";
    static const char stops[] = "kptbcg"; /* closed behind a vowel only */
    char last = word.length > 0 ? word.at[word.length - 1] : 'a';
    char before = word.length > 1 ? word.at[word.length - 2] : 'x';

    if (strchr(rieul, last) != NULL)
        return LANG_FINAL_RIEUL;
    if (strchr(closed, last) != NULL ||
        (strchr(stops, last) != NULL && strchr("aeioup", before) != NULL) ||
        (last == 'g' && before == 'n') || (last == 'k' && before == 'c'))
        return LANG_FINAL_CLOSED;
    return LANG_FINAL_OPEN;
}

void lang_add_particle(struct lang_buf *out, struct lang_span word, struct lang_span forms)
{
    const char *slash = memchr(forms.at, '/', forms.length);
    enum lang_final final = lang_final_of(word);
    bool is_ro = slash != NULL && memcmp(slash + 1, "로", strlen("로")) == 0;

    if (slash == NULL)
        return;
    if (final == LANG_FINAL_UNSURE)
        final = spoken_final(word);
    if (final == LANG_FINAL_OPEN || (final == LANG_FINAL_RIEUL && is_ro))
        lang_buf_add(out, slash + 1, forms.length - (size_t)(slash + 1 - forms.at));
    else
        lang_buf_add(out, forms.at, (size_t)(slash - forms.at));
}
