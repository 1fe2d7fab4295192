/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: splits sentences into words, and tells which are the same.
 */
#include "pattern/words.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"

enum { CODES_MIN = 2 }; /* of a word of another script that is looked for within others */

/* They are in so many sentences that they tell no pattern from another. */
static const char *const empty_words[] = {
    "able",     "about",  "after", "all",   "an",        "and",   "another", "any",    "are",
    "as",       "at",     "be",    "but",   "by",        "can",   "could",   "do",     "does",
    "each",     "every",  "for",   "from",  "get",       "give",  "has",     "have",   "how",
    "if",       "in",     "into",  "is",    "it",        "its",   "like",    "look",   "make",
    "may",      "more",   "most",  "must",  "my",        "need",  "no",      "not",    "of",
    "on",       "one",    "only",  "or",    "other",     "our",   "out",     "over",   "own",
    "several",  "should", "so",    "some",  "something", "still", "such",    "than",   "that",
    "the",      "their",  "them",  "then",  "there",     "they",  "this",    "to",     "up",
    "use",      "want",   "was",   "we",    "what",      "when",  "where",   "which",  "who",
    "will",     "with",   "work",  "would", "you",       "your",  "agent",   "agents", "pattern",
    "patterns", "그리고", "또는",  "모든",  "여러",      "있는",  "있다",    "하는",   "하고",
    "한다",     "하면",   "해서",  "위해",  "싶다",      "싶어",  "싶어요",  "어떤",   "다른",
};
/* With any particle behind them. */
static const char *const empty_beginnings[] = { "에이전트", "필요하", "필요한" };

static bool is_empty(const char *text)
{
    for (size_t i = 0; i < sizeof(empty_words) / sizeof(empty_words[0]); i++)
        if (strcmp(empty_words[i], text) == 0)
            return true;
    for (size_t i = 0; i < sizeof(empty_beginnings) / sizeof(empty_beginnings[0]); i++)
        if (strncmp(empty_beginnings[i], text, strlen(empty_beginnings[i])) == 0)
            return true;
    return false;
}

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

static bool is_vowel(char c)
{
    return c != '\0' && strchr("aeiouy", c) != NULL;
}

/* Takes an ending off when at least `rest` letters, with a vowel among them, stay. */
static bool cut(char *text, const char *ending, size_t rest)
{
    size_t length = strlen(text), size = strlen(ending), i = 0;

    if (length < rest + size || strcmp(text + length - size, ending) != 0)
        return false;
    while (i < length - size && !is_vowel(text[i]))
        i++;
    if (i == length - size)
        return false;
    text[length - size] = '\0';
    return true;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), size = strlen(ending);

    return length >= size && strcmp(text + length - size, ending) == 0;
}

static void make_stem(char *text)
{
    size_t length;

    if (cut(text, "ies", 2))
        strcat(text, "y");
    else if (ends_with(text, "sses"))
        cut(text, "es", 3);
    else if (!ends_with(text, "ss"))
        cut(text, "s", 3);
    if (!cut(text, "ing", 3))
        cut(text, "ed", 3);
    cut(text, "e", 3);
    length = strlen(text);
    if (length > 3 && text[length - 1] == text[length - 2] && !is_vowel(text[length - 1]))
        text[length - 1] = '\0';
}

bool tdh_word_next(const char **at, struct tdh_word *ret_word)
{
    for (;;) {
        const char *begin;
        size_t length;

        while (**at != '\0' && !is_letter(**at))
            (*at)++;
        begin = *at;
        while (is_letter(**at))
            (*at)++;
        length = (size_t)(*at - begin);
        if (length == 0)
            return false;
        if (length < 2 || length >= TDH_WORD_BYTES)
            continue;
        for (size_t i = 0; i < length; i++)
            ret_word->text[i] =
                (unsigned char)begin[i] < 0x80 ? (char)tolower((unsigned char)begin[i]) : begin[i];
        ret_word->text[length] = '\0';
        if (is_empty(ret_word->text))
            continue;
        memcpy(ret_word->stem, ret_word->text, length + 1);
        if (is_ascii(ret_word->stem))
            make_stem(ret_word->stem);
        return true;
    }
}

bool tdh_word_is(const struct tdh_word *word, const struct tdh_word *own)
{
    if (strcmp(word->stem, own->stem) == 0)
        return true;
    return !is_ascii(own->text) && tdh_utf8_count(own->text, strlen(own->text)) >= CODES_MIN &&
           strstr(word->text, own->text) != NULL;
}
