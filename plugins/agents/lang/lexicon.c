/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon: reads the word lists and ends them. Each file's own rules are checked where its tables
 * are made.
 */
#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

const char *lang_keep(struct lang_lexicon *lexicon, const char *text, size_t length)
{
    json_t *string = json_stringn(text, length);

    if (string == NULL || json_array_append_new(lexicon->made, string) != 0)
        return NULL;
    return json_string_value(string);
}

int lang_add_tag(struct lang_map *tags, const char *word, uint32_t bits)
{
    size_t length = strlen(word);
    uintptr_t old = (uintptr_t)lang_map_get(tags, word, length);

    return lang_map_set(tags, word, length, (const void *)(old | bits));
}

uint32_t lang_tags_of(const struct lang_map *tags, const char *word, size_t length)
{
    return (uint32_t)(uintptr_t)lang_map_get(tags, word, length);
}

static void add_word(char *key, size_t *length, const char *word, char joint)
{
    size_t more = strlen(word);

    if (*length + more + 2 > LANG_KEY) {
        *length = LANG_KEY;
        return;
    }
    if (*length > 0 && joint != '\0')
        key[(*length)++] = joint;
    memcpy(key + *length, word, more + 1);
    *length += more;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '-' || c == '/';
}

/* One word of the phrase at *at, in lower case; its length, 0 at the end. */
static size_t next_word(const char *phrase, size_t *at, char word[LANG_KEY])
{
    size_t length = 0;

    while (is_gap(phrase[*at]))
        (*at)++;
    for (; phrase[*at] != '\0' && !is_gap(phrase[*at]); (*at)++) {
        char c = phrase[*at];

        if (length < LANG_KEY - 8)
            word[length++] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
    }
    word[length] = '\0';
    return length;
}

size_t lang_key_of(const struct lang_lexicon *lexicon, const char *phrase, char ret_key[LANG_KEY])
{
    bool is_korean = lang_has_hangul(lang_span_of(phrase));
    char word[LANG_KEY];
    size_t length = 0;
    size_t at = 0;

    ret_key[0] = '\0';
    for (size_t used; length < LANG_KEY && (used = next_word(phrase, &at, word)) > 0;) {
        char lemma[LANG_KEY];

        if (!is_korean) {
            lang_lemma(lexicon, word, used, lemma);
            memcpy(word, lemma, sizeof(word));
        }
        add_word(ret_key, &length, word, is_korean ? '\0' : ' ');
    }
    return length < LANG_KEY ? length : 0;
}

static int read_files(struct lang_lexicon *lexicon, const char *folder, struct td_err *err)
{
    lexicon->english = lang_data_read(folder, "english.json", err);
    if (lexicon->english == NULL)
        return -1;
    lexicon->korean = lang_data_read(folder, "korean.json", err);
    if (lexicon->korean == NULL)
        return -1;
    lexicon->words = lang_data_read(folder, "words.json", err);
    if (lexicon->words == NULL)
        return -1;
    lexicon->frame_rows = lang_data_read(folder, "frames.json", err);
    if (lexicon->frame_rows == NULL)
        return -1;
    lexicon->phrase_rows = lang_data_read(folder, "features.json", err);
    if (lexicon->phrase_rows == NULL)
        return -1;
    lexicon->naming_rows = lang_data_read(folder, "naming.json", err);
    return lexicon->naming_rows != NULL ? 0 : -1;
}

struct lang_lexicon *lang_lexicon_read(const char *folder, struct td_err *err)
{
    struct lang_lexicon *lexicon = calloc(1, sizeof(*lexicon));

    if (lexicon == NULL || (lexicon->made = json_array()) == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
        free(lexicon);
        return NULL;
    }
    if (read_files(lexicon, folder, err) == 0 && lang_english_load(lexicon, err) == 0 &&
        lang_korean_load(lexicon, err) == 0 && lang_phrases_load(lexicon, err) == 0 &&
        lang_frames_load(lexicon, err) == 0 && lang_naming_load(lexicon, err) == 0 &&
        lang_acts_load(lexicon, err) == 0)
        return lexicon;
    lang_lexicon_free(lexicon);
    return NULL;
}

void lang_lexicon_free(struct lang_lexicon *lexicon)
{
    if (lexicon == NULL)
        return;
    lang_map_free(&lexicon->tags_en);
    lang_map_free(&lexicon->tags_ko);
    lang_map_free(&lexicon->singulars);
    lang_map_free(&lexicon->translations);
    lang_map_free(&lexicon->suffixes);
    lang_map_free(&lexicon->verbs_ko);
    lang_map_free(&lexicon->tails);
    lang_map_free(&lexicon->phrases);
    lang_map_free(&lexicon->acts);
    lang_map_free(&lexicon->quantifiers);
    lang_map_free(&lexicon->idioms);
    lang_map_free(&lexicon->adverbs);
    lang_map_free(&lexicon->noun_verbs);
    lang_map_free(&lexicon->joined_nouns);
    lang_map_free(&lexicon->deeds);
    lang_map_free(&lexicon->naming);
    lang_map_free(&lexicon->frame_words);
    free(lexicon->phrase_list);
    free(lexicon->frames);
    free(lexicon->frame_word_list);
    json_decref(lexicon->english);
    json_decref(lexicon->korean);
    json_decref(lexicon->words);
    json_decref(lexicon->frame_rows);
    json_decref(lexicon->phrase_rows);
    json_decref(lexicon->naming_rows);
    json_decref(lexicon->made);
    free(lexicon);
}
