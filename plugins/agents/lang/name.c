/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name: ASCII identifiers for phrases. Korean words are translated by words.json, in pieces when
 * the whole is not there
 * ("반납일" by "반납" and "일"), and romanised when a piece is not there either.
 */
#include "lexicon.h"

#include <ctype.h>
#include <string.h>

#define SYLLABLE 3

const char *lang_translate(const struct lang_lexicon *lexicon, struct lang_span word)
{
    char key[LANG_KEY];
    size_t length = 0;

    for (size_t i = 0; i < word.length; i++) {
        if (word.at[i] == ' ')
            continue;
        if (length + 1 >= sizeof(key))
            return NULL;
        key[length++] = word.at[i];
    }
    return lang_map_get(&lexicon->translations, key, length);
}

/* The name in the making: words joined by `joint`, cut at a word's end when full. */
struct writer {
    char *name;
    size_t length;
    size_t last; /* where the last piece starts */
    char joint;
};

/* "독서 reading list": two words of two languages for the same are one. */
static void drop_repeated(struct writer *writer, size_t start)
{
    size_t piece = start > 0 ? start + 1 : 0; /* behind the joint */

    if (start > 0 && writer->length > piece && start - writer->last == writer->length - piece &&
        memcmp(writer->name + writer->last, writer->name + piece, writer->length - piece) == 0)
        writer->length = start;
    else if (writer->length > start)
        writer->last = piece;
}

static void add_piece(struct writer *writer, const char *word)
{
    size_t start = writer->length;
    bool is_open = false;

    for (; *word != '\0'; word++) {
        unsigned char c = (unsigned char)*word;

        if (!isalnum(c)) {
            is_open = false;
            continue;
        }
        if (writer->length + 3 > LANG_NAME - 8) { /* room for "_2" and the like */
            writer->length = start > 0 ? start : writer->length;
            return;
        }
        if (!is_open && writer->length > 0)
            writer->name[writer->length++] = writer->joint;
        writer->name[writer->length++] = (char)tolower(c);
        is_open = true;
    }
    drop_repeated(writer, start);
}

/* The longest known piece at the front of what is left of a Korean word; its length, 0 when none is
 * known. */
static size_t known_piece(const struct lang_lexicon *lexicon, struct lang_span word, bool is_first,
                          const char **ret_english)
{
    *ret_english = "";
    if (!is_first && word.length == SYLLABLE) {
        *ret_english = lang_map_get(&lexicon->suffixes, word.at, SYLLABLE);
        if (*ret_english != NULL)
            return SYLLABLE;
    }
    for (size_t length = word.length < LANG_KEY ? word.length : LANG_KEY; length >= SYLLABLE;
         length -= SYLLABLE) {
        struct lang_span piece = { word.at, length };

        *ret_english = lang_translate(lexicon, piece);
        if (*ret_english != NULL)
            return length;
    }
    return 0;
}

/* Whether the whole word falls into known pieces; single syllables only count at its end. */
static bool is_all_known(const struct lang_lexicon *lexicon, struct lang_span word)
{
    bool is_first = true;

    for (; word.length > 0; is_first = false) {
        const char *english;
        size_t used = known_piece(lexicon, word, is_first, &english);

        if (used == 0 || (used == SYLLABLE && word.length > SYLLABLE))
            return false;
        word.at += used;
        word.length -= used;
    }
    return true;
}

/* "한", "했던", "한지"; not "하면", "하고", "하기". */
static bool stands_before_noun(const char *form, size_t length)
{
    static const char *const ends[] = { "면", "고", "기", "게", "서", "며", "도록" };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);

        if (length >= n && memcmp(form + length - n, ends[i], n) == 0)
            return false;
    }
    return true;
}

/* "산책한", "가능한지": the noun, when the lists know it, of a verb with 하다. */
static struct lang_span without_hada(const struct lang_lexicon *lexicon, struct lang_span word)
{
    size_t i;
    json_t *form;

    if (word.length % SYLLABLE != 0 || is_all_known(lexicon, word))
        return word;
    json_array_foreach (json_object_get(lexicon->korean, "hada"), i, form) {
        size_t n = json_string_length(form);
        struct lang_span noun = { word.at, word.length > n ? word.length - n : 0 };

        if (noun.length >= 2 * SYLLABLE && stands_before_noun(json_string_value(form), n) &&
            memcmp(word.at + noun.length, json_string_value(form), n) == 0 &&
            is_all_known(lexicon, noun))
            return noun;
    }
    return word;
}

static void add_korean(struct writer *writer, const struct lang_lexicon *lexicon,
                       struct lang_span word)
{
    char latin[LANG_KEY];
    const char *english = "";

    word = without_hada(lexicon, word);
    if (word.length % SYLLABLE != 0 || !is_all_known(lexicon, word)) {
        lang_romanise(word, latin, sizeof(latin));
        add_piece(writer, latin);
        return;
    }
    for (bool is_first = true; word.length > 0; is_first = false) {
        size_t used = known_piece(lexicon, word, is_first, &english);

        add_piece(writer, english);
        word.at += used;
        word.length -= used;
    }
}

/* "물의 양", "회의와 일정": the noun, when the lists know it and not the whole word. */
static struct lang_span without_particle(const struct lang_lexicon *lexicon, struct lang_span word,
                                         bool is_last)
{
    static const char *const particles[] = { "이랑", "별로", "들이", "의", "와", "과",
                                             "랑",   "을",   "를",   "가", "이", "은" };
    size_t most = sizeof(particles) / sizeof(particles[0]) - (is_last ? 3 : 0); /* "판매가" */

    if (lang_translate(lexicon, word) != NULL)
        return word;
    for (size_t i = 0; i < most; i++) {
        size_t n = strlen(particles[i]);
        struct lang_span noun = { word.at, word.length > n ? word.length - n : 0 };

        if (noun.length > 0 && memcmp(word.at + noun.length, particles[i], n) == 0 &&
            lang_translate(lexicon, noun) != NULL)
            return noun;
    }
    return word;
}

static void add_word(struct writer *writer, const struct lang_lexicon *lexicon,
                     struct lang_span word, bool is_last)
{
    char plain[LANG_KEY];
    size_t length = 0;

    if (lang_has_hangul(word)) {
        add_korean(writer, lexicon, without_particle(lexicon, word, is_last));
        return;
    }
    for (size_t i = 0; i < word.length && length + 1 < sizeof(plain); i++)
        if (word.at[i] != '\'')
            plain[length++] = word.at[i];
    plain[length] = '\0';
    add_piece(writer, plain);
}

/* Two words together may be one of the list: "마감 날짜", "할 일". Bytes used, 0 when they are not.
 */
static size_t add_pair(struct writer *writer, const struct lang_lexicon *lexicon,
                       struct lang_span rest)
{
    for (size_t length = rest.length; length > 0; length--) {
        const char *english;

        if (length < rest.length && rest.at[length] != ' ')
            continue;
        if (memchr(rest.at, ' ', length) == NULL || !lang_has_hangul(rest))
            return 0;
        english = lang_translate(lexicon, (struct lang_span){ rest.at, length });
        if (english != NULL) {
            add_piece(writer, english);
            return length;
        }
    }
    return 0;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '/';
}

void lang_identifier(const struct lang_lexicon *lexicon, struct lang_span phrase, char joint,
                     char ret_name[LANG_NAME])
{
    struct writer writer = { .name = ret_name, .joint = joint };
    size_t at = 0;

    while (at < phrase.length) {
        struct lang_span rest = { phrase.at + at, phrase.length - at };
        size_t used = is_gap(rest.at[0]) ? 1 : add_pair(&writer, lexicon, rest);

        if (used == 0) {
            while (used < rest.length && !is_gap(rest.at[used]))
                used++;
            add_word(&writer, lexicon, (struct lang_span){ rest.at, used }, used == rest.length);
        }
        at += used;
    }
    ret_name[writer.length] = '\0';
}
