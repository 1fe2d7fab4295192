/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms: splits by bytes. UTF-8 needs no more here: every byte of a character outside of ASCII is
 * 0x80 or above.
 */
#include "terms.h"

#include <string.h>

/* Words that every description has, which would only blur the result. */
static const char *const stop_words[] = { "the",  "of",  "to", "and", "or",   "in", "on",
                                          "with", "for", "as", "by",  "that", "an", "at",
                                          "from", "it",  "is", "all", "one" };

/* Particles a Korean noun may end with; longer ones first. Each is 3 or 6 bytes of UTF-8. */
static const char *const particles[] = { "에서", "으로", "까지", "부터", "처럼", "하고", "을",
                                         "를",   "이",   "가",   "은",   "는",   "의",   "에",
                                         "로",   "와",   "과",   "도",   "만" };

static bool is_word_byte(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

size_t terms_characters(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0U) != 0x80U;
    return count;
}

static bool is_stop_word(const char *word)
{
    for (size_t i = 0; i < sizeof(stop_words) / sizeof(stop_words[0]); i++)
        if (strcmp(stop_words[i], word) == 0)
            return true;
    return false;
}

static void add(struct terms *terms, const char *bytes, size_t length, bool is_ascii)
{
    struct term *term;

    if (terms->count == TERMS_MAX || length < (is_ascii ? 2 : 6) || length >= TERM_BYTES)
        return;
    term = &terms->items[terms->count];
    for (size_t i = 0; i < length; i++) {
        bool is_upper = bytes[i] >= 'A' && bytes[i] <= 'Z';

        term->text[i] = is_upper ? (char)(bytes[i] - 'A' + 'a') : bytes[i];
    }
    term->text[length] = '\0';
    term->is_ascii = is_ascii;
    if (is_stop_word(term->text))
        return;
    for (size_t i = 0; i < terms->count; i++)
        if (strcmp(terms->items[i].text, term->text) == 0)
            return;
    terms->count++;
}

/* The length without a particle; the whole length when there is none, or nothing but one character
 * would be left. */
static size_t stem_length(const char *bytes, size_t length)
{
    for (size_t i = 0; i < sizeof(particles) / sizeof(particles[0]); i++) {
        size_t tail = strlen(particles[i]);

        if (length >= tail + 6 && memcmp(bytes + length - tail, particles[i], tail) == 0)
            return length - tail;
    }
    return length;
}

void terms_add(struct terms *terms, const char *text)
{
    while (*text != '\0') {
        bool is_ascii = (unsigned char)*text < 0x80;
        size_t length = 0;

        while (is_word_byte((unsigned char)text[length]) &&
               ((unsigned char)text[length] < 0x80) == is_ascii)
            length++;
        if (length == 0) {
            text++;
            continue;
        }
        add(terms, text, is_ascii ? length : stem_length(text, length), is_ascii);
        text += length;
    }
}
