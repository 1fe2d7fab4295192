/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: splits texts. What is ASCII alone, as most is, needs no tables.
 */
#include "agent/words.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

static uint64_t hash_bytes(const char *text, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325U;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3U;
    return hash ^ hash >> 29;
}

static void add(struct tdh_words *words, const char *text, size_t length)
{
    if (words->count == TDH_WORDS_MAX)
        return;
    words->list[words->count++] =
        (struct tdh_word){ hash_bytes(text, length), text, (uint32_t)length };
}

/* "refunds" is "refund", but "class" stays. */
static size_t without_plural(const char *text, size_t length)
{
    return length > 3 && text[length - 1] == 's' && text[length - 2] != 's' ? length - 1 : length;
}

static void add_word(struct tdh_words *words, const char *text, size_t length)
{
    if (length > 0)
        add(words, text, without_plural(text, length));
}

/* --- ASCII --- */

/* Small letters and digits as they are, capitals as small ones, what is none of them 0. */
static char fold(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        return c;
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : '\0';
}

static void read_ascii(const char *text, size_t length, struct tdh_words *words)
{
    char *begin = words->text, *out = words->text;

    for (size_t i = 0; i < length; i++) {
        char c = fold(text[i]);

        if (c != '\0') {
            *out++ = c;
            continue;
        }
        add_word(words, begin, (size_t)(out - begin));
        begin = out;
    }
    add_word(words, begin, (size_t)(out - begin));
}

/* --- the rest --- */

enum run_kind { RUN_NONE, RUN_WORD, RUN_PAIRS };

/* Hangul, kana and Han, where a word's end is not to be seen. */
static bool is_written_on(uint32_t code)
{
    return (code >= 0xac00 && code <= 0xd7a3) || (code >= 0x3040 && code <= 0x30ff) ||
           (code >= 0x3400 && code <= 0x9fff) || (code >= 0x20000 && code <= 0x3ffff);
}

static enum run_kind kind_of(uint32_t code)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);

    if (is_written_on(code))
        return RUN_PAIRS;
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) ? RUN_WORD
                                                                                  : RUN_NONE;
}

/* Each pair of neighbours; a single one is a word by itself. */
static void add_pairs(struct tdh_words *words, const char *text, size_t length)
{
    unsigned first, second;

    tdh_utf8_get(text, length, &first);
    if (first == length)
        add(words, text, length);
    for (size_t at = 0; at + first < length; at += first, first = second) {
        tdh_utf8_get(text + at + first, length - at - first, &second);
        add(words, text + at, first + second);
    }
}

static void add_run(struct tdh_words *words, enum run_kind kind, const char *text, size_t length)
{
    if (kind == RUN_WORD)
        add_word(words, text, length);
    else if (kind == RUN_PAIRS)
        add_pairs(words, text, length);
}

static void read_runs(const char *text, size_t length, struct tdh_words *words)
{
    enum run_kind run = RUN_NONE;
    size_t begin = 0;
    unsigned step;

    for (size_t at = 0; at < length; at += step) {
        enum run_kind kind = kind_of(tdh_utf8_get(text + at, length - at, &step));

        if (kind == run)
            continue;
        add_run(words, run, text + begin, at - begin);
        run = kind;
        begin = at;
    }
    add_run(words, run, text + begin, length - begin);
}

/* Normalised into the buffer; what does not fit, or is not UTF-8, is left out. */
static size_t normalise(const char *text, size_t length, struct tdh_words *words)
{
    enum { CODES = TDH_WORDS_TEXT };
    const utf8proc_option_t options =
        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                            UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    utf8proc_int32_t codes[CODES];
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)text,
                                                (utf8proc_ssize_t)length, codes, CODES, options);
    size_t used = 0;

    if (count < 0 || count > CODES)
        return 0;
    count = utf8proc_normalize_utf32(codes, count, options);
    for (utf8proc_ssize_t i = 0; i < count && used + 4 <= sizeof(words->text); i++)
        used += tdh_utf8_put(words->text + used, (uint32_t)codes[i]);
    return used;
}

static bool is_ascii(const char *text, size_t length)
{
    unsigned char all = 0;

    for (size_t i = 0; i < length; i++)
        all |= (unsigned char)text[i];
    return all < 0x80;
}

void tdh_words_read(const char *text, size_t length, struct tdh_words *words)
{
    words->count = 0;
    if (is_ascii(text, length < TDH_WORDS_TEXT ? length : TDH_WORDS_TEXT)) {
        read_ascii(text, length < TDH_WORDS_TEXT ? length : TDH_WORDS_TEXT, words);
        return;
    }
    if (length > TDH_WORDS_TEXT / 2) /* a character may become several */
        for (length = TDH_WORDS_TEXT / 2; length > 0 && (text[length] & 0xc0) == 0x80;)
            length--;
    read_runs(words->text, normalise(text, length, words), words);
}
