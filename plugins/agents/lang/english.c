/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english: tags, verb forms, singular and plural. Irregular words are data; the rules here are
 * those of spelling.
 */
#include "lexicon.h"

#include <stdio.h>
#include <string.h>

#define FILE_NAME "english.json"

static const struct {
    const char *key;
    uint32_t bits;
} tag_lists[] = {
    { "determiners", LANG_DETERMINER },
    { "each", LANG_EACH },
    { "many", LANG_MANY },
    { "and", LANG_AND },
    { "or", LANG_OR },
    { "prepositions", LANG_PREPOSITION },
    { "pronouns", LANG_PRONOUN },
    { "modals", LANG_MODAL },
    { "apps", LANG_APP },
    { "kinds", LANG_KIND },
    { "fillers", LANG_FILLER },
    { "negations", LANG_NEGATION },
    { "questions", LANG_QUESTION },
    { "persons", LANG_PERSON },
    { "optional", LANG_OPTIONAL },
    { "required", LANG_REQUIRED },
    { "periods", LANG_PERIOD },
    { "groups", LANG_GROUP },
    { "with", LANG_WITH },
    { "numbers", LANG_NUMBER_WORD },
    { "unneeded", LANG_UNNEEDED },
    { "breaks", LANG_BREAK },
    { "has", LANG_HAS },
    { "pasts", LANG_ADNOMINAL },
    { "owning", LANG_OWNS },
};
static const struct {
    const char *key;
    uint32_t bits;
} verb_lists[] = {
    { "has_verbs", LANG_HAS },       { "manage_verbs", LANG_MANAGE },
    { "create_verbs", LANG_CREATE }, { "relate_verbs", LANG_RELATE },
    { "verbs", LANG_VERB },
};

static bool is_vowel(char c)
{
    return c != '\0' && strchr("aeiou", c) != NULL;
}

/* plan, log, jot: one vowel, then one consonant that is written twice before -ing and -ed. */
static bool doubles(const char *verb, size_t length)
{
    size_t vowels = 0;

    for (size_t i = 0; i < length; i++)
        vowels += is_vowel(verb[i]);
    return vowels == 1 && length >= 3 && is_vowel(verb[length - 2]) &&
           !is_vowel(verb[length - 1]) && strchr("wxy", verb[length - 1]) == NULL;
}

static bool ends_with(const char *word, size_t length, const char *end)
{
    size_t n = strlen(end);

    return length >= n && memcmp(word + length - n, end, n) == 0;
}

static bool takes_es(const char *word, size_t length)
{
    return ends_with(word, length, "s") || ends_with(word, length, "x") ||
           ends_with(word, length, "z") || ends_with(word, length, "ch") ||
           ends_with(word, length, "sh");
}

/* "y" after a consonant, which becomes "ie". */
static bool ends_in_soft_y(const char *word, size_t length)
{
    return length > 1 && word[length - 1] == 'y' && !is_vowel(word[length - 2]);
}

static int add_form(struct lang_lexicon *lexicon, const char *stem, size_t length, const char *end,
                    uint32_t bits)
{
    char form[LANG_KEY];
    const char *kept;

    snprintf(form, sizeof(form), "%.*s%s", (int)length, stem, end);
    kept = lang_keep(lexicon, form, strlen(form));
    return kept == NULL ? -1 : lang_add_tag(&lexicon->tags_en, kept, bits);
}

static int add_verb(struct lang_lexicon *lexicon, const char *verb, uint32_t bits)
{
    size_t n = strlen(verb);
    bool has_e = verb[n - 1] == 'e';
    bool has_y = ends_in_soft_y(verb, n);
    const char twice[] = { doubles(verb, n) ? verb[n - 1] : '\0', '\0' };
    char end[8];

    if (lang_add_tag(&lexicon->tags_en, verb, bits) != 0)
        return -1;
    if (add_form(lexicon, verb, has_y ? n - 1 : n,
                 has_y               ? "ies"
                 : takes_es(verb, n) ? "es"
                                     : "s",
                 bits) != 0)
        return -1;
    snprintf(end, sizeof(end), "%sing", twice);
    if (add_form(lexicon, verb, has_e ? n - 1 : n, end, bits) != 0)
        return -1;
    snprintf(end, sizeof(end), "%s%s", twice, has_y ? "ied" : has_e ? "d" : "ed");
    return add_form(lexicon, verb, has_y ? n - 1 : n, end, bits);
}

static int load_list(struct lang_lexicon *lexicon, const char *key, uint32_t bits, bool is_verb,
                     struct td_err *err)
{
    json_t *list = lang_data_member(lexicon->english, FILE_NAME, key, JSON_ARRAY, err);
    size_t i;
    json_t *item;

    if (list == NULL || lang_data_check_texts(list, FILE_NAME, key, err) != 0)
        return -1;
    json_array_foreach (list, i, item) {
        const char *word = json_string_value(item);

        if ((is_verb ? add_verb(lexicon, word, bits)
                     : lang_add_tag(&lexicon->tags_en, word, bits)) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
    }
    return 0;
}

static int load_singulars(struct lang_lexicon *lexicon, struct td_err *err)
{
    json_t *plurals = lang_data_member(lexicon->english, FILE_NAME, "irregular", JSON_OBJECT, err);
    const char *plural;
    json_t *singular;

    if (plurals == NULL)
        return -1;
    json_object_foreach (plurals, plural, singular) {
        if (json_string_length(singular) == 0 || json_string_length(singular) > strlen(plural) + 3)
            return td_fail(err, TD_E_CONFIG,
                           "%s: key \"irregular\": \"%s\" must be a word of about that length",
                           FILE_NAME, plural);
        if (lang_map_set(&lexicon->singulars, plural, strlen(plural),
                         json_string_value(singular)) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
    }
    return 0;
}

static int load_phrases(struct lang_lexicon *lexicon, const char *name, struct lang_map *map,
                        struct td_err *err)
{
    json_t *list = lang_data_member(lexicon->english, FILE_NAME, name, JSON_ARRAY, err);
    size_t i;
    json_t *phrase;

    if (list == NULL || lang_data_check_texts(list, FILE_NAME, name, err) != 0)
        return -1;
    json_array_foreach (list, i, phrase) {
        char key[LANG_KEY];
        size_t length = lang_key_of(lexicon, json_string_value(phrase), key);
        const char *kept = lang_keep(lexicon, key, length);

        if (kept == NULL || lang_map_set(map, kept, length, kept) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
    }
    return 0;
}

int lang_english_load(struct lang_lexicon *lexicon, struct td_err *err)
{
    for (size_t i = 0; i < sizeof(tag_lists) / sizeof(tag_lists[0]); i++)
        if (load_list(lexicon, tag_lists[i].key, tag_lists[i].bits, false, err) != 0)
            return -1;
    for (size_t i = 0; i < sizeof(verb_lists) / sizeof(verb_lists[0]); i++)
        if (load_list(lexicon, verb_lists[i].key, verb_lists[i].bits, true, err) != 0)
            return -1;
    if (load_singulars(lexicon, err) != 0 ||
        load_phrases(lexicon, "quantifiers", &lexicon->quantifiers, err) != 0 ||
        load_phrases(lexicon, "manage_phrases", &lexicon->idioms, err) != 0 ||
        load_phrases(lexicon, "adverbs", &lexicon->adverbs, err) != 0 ||
        load_phrases(lexicon, "joined_nouns", &lexicon->joined_nouns, err) != 0 ||
        load_phrases(lexicon, "noun_verbs", &lexicon->noun_verbs, err) != 0)
        return -1;
    return 0;
}

/* The length the stem keeps, and what is put behind it. */
static size_t singular_stem(const char *word, size_t n, const char **ret_end)
{
    *ret_end = "";
    if (n < 4 || word[n - 1] != 's' || ends_with(word, n, "ss") || ends_with(word, n, "us") ||
        ends_with(word, n, "is"))
        return n;
    if (n > 4 && ends_with(word, n, "ies")) {
        *ret_end = "y";
        return n - 3;
    }
    if (ends_with(word, n, "ches") || ends_with(word, n, "shes") || ends_with(word, n, "xes") ||
        ends_with(word, n, "sses") || ends_with(word, n, "zzes") ||
        (n > 5 && ends_with(word, n, "oes")))
        return n - 2;
    return n - 1;
}

void lang_lemma(const struct lang_lexicon *lexicon, const char *word, size_t length,
                char *ret_lemma)
{
    const char *end;
    const char *known;
    size_t n = length;

    if (n > 2 && memcmp(word + n - 2, "'s", 2) == 0)
        n -= 2;
    known = lang_map_get(&lexicon->singulars, word, n);
    if (known != NULL) {
        memcpy(ret_lemma, known, strlen(known) + 1);
        return;
    }
    n = singular_stem(word, n, &end);
    memcpy(ret_lemma, word, n);
    memcpy(ret_lemma + n, end, strlen(end) + 1);
}

void lang_plural(const struct lang_lexicon *lexicon, const char *word, char *ret_plural,
                 size_t size)
{
    size_t n = strlen(word);
    const char *plural;
    json_t *singular;

    json_object_foreach (json_object_get(lexicon->english, "irregular"), plural, singular) {
        if (strcmp(json_string_value(singular), word) == 0 && strcmp(plural, word) != 0) {
            snprintf(ret_plural, size, "%s", plural);
            return;
        }
    }
    if (lang_map_get(&lexicon->singulars, word, n) != NULL &&
        !takes_es(word, n)) /* sheep, data, news */
        snprintf(ret_plural, size, "%s", word);
    else if (ends_in_soft_y(word, n))
        snprintf(ret_plural, size, "%.*sies", (int)n - 1, word);
    else
        snprintf(ret_plural, size, "%s%s", word, takes_es(word, n) ? "es" : "s");
}
