/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean: takes words apart: particles by the final of the syllable before them, verb forms by
 * their beginnings and endings, kind words ("앱") off the end of compounds. A word of the lists is
 * never cut: "고양이" has no particle.
 */
#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "korean.json"
#define SYLLABLE 3 /* bytes of one in UTF-8 */

static const struct {
    const char *key;
    uint32_t bits;
} tag_lists[] = {
    { "each", LANG_EACH },
    { "many", LANG_MANY },
    { "and", LANG_AND },
    { "or", LANG_OR },
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
    { "adnominal", LANG_ADNOMINAL },
    { "whole", LANG_KNOWN },
    { "pronouns", LANG_PRONOUN },
    { "systems", LANG_APP | LANG_SYSTEM },
};
static const struct {
    const char *key;
    uint32_t bits;
} verb_lists[] = {
    { "has_verbs", LANG_HAS },       { "manage_verbs", LANG_MANAGE },
    { "create_verbs", LANG_CREATE }, { "relate_verbs", LANG_RELATE },
    { "verbs", LANG_VERB },
};
static const struct {
    const char *key;
    enum lang_ending sense;
} ending_lists[] = {
    { "adnominal_endings", LANG_END_ADNOMINAL },
    { "connective_endings", LANG_END_CONNECTIVE },
    { "nominal_endings", LANG_END_NOMINAL },
    { "whether_endings", LANG_END_WHETHER },
};
static const char *const case_names[LANG_CASE_MAX_] = {
    [LANG_CASE_TOPIC] = "topic",   [LANG_CASE_SUBJECT] = "subject",
    [LANG_CASE_OBJECT] = "object", [LANG_CASE_POSSESSIVE] = "possessive",
    [LANG_CASE_AND] = "and",       [LANG_CASE_ALSO] = "also",
    [LANG_CASE_TO] = "to",         [LANG_CASE_EACH] = "each",
    [LANG_CASE_FROM] = "from",     [LANG_CASE_UNTIL] = "until",
    [LANG_CASE_IS] = "is",
};

static int nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the word lists");
}

/* "기록하" stands for every form of 하다, and of 되다 with the same noun. */
static int add_verb(struct lang_lexicon *lexicon, const char *verb, uint32_t bits)
{
    static const char *const forms[] = { "하", "할", "한", "해", "했", "합", "함", "되",
                                         "될", "된", "돼", "됐", "됩", "됨", "시" };
    size_t n = strlen(verb);

    if (n <= SYLLABLE || strcmp(verb + n - SYLLABLE, "하") != 0)
        return lang_add_tag(&lexicon->verbs_ko, verb, bits);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char form[LANG_KEY];
        const char *kept;

        if (n >= sizeof(form))
            return -1;
        memcpy(form, verb, n - SYLLABLE);
        memcpy(form + n - SYLLABLE, forms[i], SYLLABLE + 1);
        kept = lang_keep(lexicon, form, n);
        if (kept == NULL || lang_add_tag(&lexicon->verbs_ko, kept, bits) != 0)
            return -1;
    }
    return 0;
}

static int load_list(struct lang_lexicon *lexicon, const char *key, uint32_t bits, bool is_verb,
                     struct td_err *err)
{
    json_t *list = lang_data_member(lexicon->korean, FILE_NAME, key, JSON_ARRAY, err);
    size_t i;
    json_t *item;

    if (list == NULL || lang_data_check_texts(list, FILE_NAME, key, err) != 0)
        return -1;
    json_array_foreach (list, i, item) {
        const char *word = json_string_value(item);

        if ((is_verb ? add_verb(lexicon, word, bits)
                     : lang_add_tag(&lexicon->tags_ko, word, bits)) != 0)
            return nomem(err);
    }
    return 0;
}

static int by_length(const void *a, const void *b)
{
    const struct lang_particle *x = a;
    const struct lang_particle *y = b;

    return x->text.length < y->text.length ? 1 : x->text.length > y->text.length ? -1 : 0;
}

static int end_by_length(const void *a, const void *b)
{
    const struct lang_end *x = a;
    const struct lang_end *y = b;

    return x->text.length < y->text.length ? 1 : x->text.length > y->text.length ? -1 : 0;
}

/* A particle is written "이 closed": the text, and the final it follows; no second word: any final.
 */
static int add_particle(struct lang_lexicon *lexicon, const char *row, enum lang_case sense,
                        struct td_err *err)
{
    const char *blank = strchr(row, ' ');
    enum lang_final after = LANG_FINAL_UNSURE;

    if (blank != NULL && strcmp(blank + 1, "open") == 0)
        after = LANG_FINAL_OPEN;
    else if (blank != NULL && strcmp(blank + 1, "closed") == 0)
        after = LANG_FINAL_CLOSED;
    else if (blank != NULL)
        return td_fail(err, TD_E_CONFIG,
                       "%s: key \"particles\": \"%s\" must end in \"open\" or \"closed\"",
                       FILE_NAME, row);
    if (lexicon->particle_count == LANG_PARTICLES)
        return td_fail(err, TD_E_CONFIG, "%s: key \"particles\" has more than %d", FILE_NAME,
                       LANG_PARTICLES);
    lexicon->particles[lexicon->particle_count++] = (struct lang_particle){
        { row, blank != NULL ? (size_t)(blank - row) : strlen(row) }, sense, after
    };
    return 0;
}

static int load_particles(struct lang_lexicon *lexicon, struct td_err *err)
{
    json_t *cases = lang_data_member(lexicon->korean, FILE_NAME, "particles", JSON_OBJECT, err);

    for (int sense = LANG_CASE_TOPIC; cases != NULL && sense < LANG_CASE_MAX_; sense++) {
        json_t *list = lang_data_member(cases, FILE_NAME ": \"particles\"", case_names[sense],
                                        JSON_ARRAY, err);
        size_t i;
        json_t *item;

        if (list == NULL || lang_data_check_texts(list, FILE_NAME, case_names[sense], err) != 0)
            return -1;
        json_array_foreach (list, i, item) {
            if (add_particle(lexicon, json_string_value(item), (enum lang_case)sense, err) != 0)
                return -1;
        }
    }
    qsort(lexicon->particles, lexicon->particle_count, sizeof(lexicon->particles[0]), by_length);
    return cases != NULL ? 0 : -1;
}

static int load_endings(struct lang_lexicon *lexicon, const char *key, enum lang_ending sense,
                        struct td_err *err)
{
    json_t *list = lang_data_member(lexicon->korean, FILE_NAME, key, JSON_ARRAY, err);
    size_t i;
    json_t *item;

    if (list == NULL || lang_data_check_texts(list, FILE_NAME, key, err) != 0)
        return -1;
    json_array_foreach (list, i, item) {
        if (lexicon->ending_count == LANG_ENDINGS)
            return td_fail(err, TD_E_CONFIG, "%s: there are more than %d endings", FILE_NAME,
                           LANG_ENDINGS);
        lexicon->endings[lexicon->ending_count++] =
            (struct lang_end){ lang_span_of(json_string_value(item)), sense };
    }
    qsort(lexicon->endings, lexicon->ending_count, sizeof(lexicon->endings[0]), end_by_length);
    return 0;
}

static int load_tails(struct lang_lexicon *lexicon, struct td_err *err)
{
    json_t *list = lang_data_member(lexicon->korean, FILE_NAME, "tails", JSON_ARRAY, err);
    size_t i;
    json_t *item;

    if (list == NULL || lang_data_check_texts(list, FILE_NAME, "tails", err) != 0)
        return -1;
    json_array_foreach (list, i, item) {
        if (lang_add_tag(&lexicon->tails, json_string_value(item), 1) != 0)
            return nomem(err);
    }
    return 0;
}

/* words.json: groups of Korean words and the English ones that name them in code. */
static int load_translations(struct lang_lexicon *lexicon, struct td_err *err)
{
    const char *group;
    const char *word;
    json_t *words;
    json_t *english;

    json_object_foreach (lexicon->words, group, words) {
        if (!json_is_object(words))
            return td_fail(err, TD_E_CONFIG, "words.json: key \"%s\" must be an object", group);
        json_object_foreach (words, word, english) {
            if (json_string_length(english) == 0)
                return td_fail(err, TD_E_CONFIG,
                               "words.json: key \"%s\" must be a word that is not empty", word);
            if (strcmp(group, "suffixes") == 0) {
                if (lang_map_set(&lexicon->suffixes, word, strlen(word),
                                 json_string_value(english)) != 0)
                    return nomem(err);
                continue;
            }
            if (lang_map_set(&lexicon->translations, word, strlen(word),
                             json_string_value(english)) != 0 ||
                lang_add_tag(&lexicon->tags_ko, word, LANG_KNOWN) != 0)
                return nomem(err);
        }
    }
    return 0;
}

int lang_korean_load(struct lang_lexicon *lexicon, struct td_err *err)
{
    for (size_t i = 0; i < sizeof(tag_lists) / sizeof(tag_lists[0]); i++)
        if (load_list(lexicon, tag_lists[i].key, tag_lists[i].bits, false, err) != 0)
            return -1;
    for (size_t i = 0; i < sizeof(verb_lists) / sizeof(verb_lists[0]); i++)
        if (load_list(lexicon, verb_lists[i].key, verb_lists[i].bits, true, err) != 0)
            return -1;
    for (size_t i = 0; i < sizeof(ending_lists) / sizeof(ending_lists[0]); i++)
        if (load_endings(lexicon, ending_lists[i].key, ending_lists[i].sense, err) != 0)
            return -1;
    if (load_particles(lexicon, err) != 0 || load_tails(lexicon, err) != 0 ||
        lang_data_check_texts(json_object_get(lexicon->korean, "hada"), FILE_NAME, "hada", err) !=
            0)
        return -1;
    return load_translations(lexicon, err);
}

/* ---- one word ---- */

static bool has_end(struct lang_span word, struct lang_span end)
{
    return word.length > end.length &&
           memcmp(word.at + word.length - end.length, end.at, end.length) == 0;
}

static bool fits_final(struct lang_span stem, enum lang_final after, struct lang_span particle)
{
    enum lang_final final = lang_final_of(stem);

    if (after == LANG_FINAL_UNSURE || final == LANG_FINAL_UNSURE)
        return true;
    if (final == LANG_FINAL_RIEUL && after == LANG_FINAL_OPEN) /* 로 follows ㄹ */
        return memcmp(particle.at, "로", SYLLABLE) == 0;
    if (final == LANG_FINAL_RIEUL)
        return memcmp(particle.at, "으", SYLLABLE) != 0;
    return final == after;
}

static uint32_t tags_of(const struct lang_lexicon *lexicon, struct lang_span word)
{
    uint32_t tags = lang_tags_of(&lexicon->tags_ko, word.at, word.length);

    return tags != 0 || lang_has_hangul(word)
               ? tags
               : lang_tags_of(&lexicon->tags_en, word.at, word.length);
}

/* The verb tags of the longest beginning that the lists know. One syllable alone begins too many
 * nouns. */
static uint32_t verb_tags(const struct lang_lexicon *lexicon, struct lang_span word)
{
    size_t least = word.length < 2 * SYLLABLE ? word.length : 2 * SYLLABLE;
    size_t most = word.length < LANG_KEY ? word.length : LANG_KEY;

    for (size_t length = most; length >= least && length > 0; length--) {
        uint32_t tags = lang_tags_of(&lexicon->verbs_ko, word.at, length);

        if (tags != 0)
            return tags;
    }
    return 0;
}

/* "대여하는": any noun with a form of 하다 or 되다 behind it; two syllables at least in front. */
static bool is_hada(const struct lang_lexicon *lexicon, struct lang_span word)
{
    size_t i;
    json_t *form;

    json_array_foreach (json_object_get(lexicon->korean, "hada"), i, form) {
        struct lang_span end = lang_span_of(json_string_value(form));

        if (word.length >= end.length + 2 * SYLLABLE && has_end(word, end))
            return true;
    }
    return false;
}

/* "쓸수", "볼수있는", "매길수있게": "수" written onto its verb; how the whole goes on. */
static bool is_can(struct lang_span word)
{
    for (size_t at = SYLLABLE; at + SYLLABLE <= word.length; at += SYLLABLE) {
        uint32_t c = 0;
        size_t behind = at + SYLLABLE;

        if (memcmp(word.at + at, "수", SYLLABLE) != 0 ||
            lang_utf8_next(word.at + at - SYLLABLE, SYLLABLE, &c) != SYLLABLE ||
            !lang_is_hangul(c) || (c - 0xAC00) % 28 != 8)
            continue;
        if (behind + SYLLABLE <= word.length)
            return memcmp(word.at + behind, "있", SYLLABLE) == 0 ||
                   memcmp(word.at + behind, "없", SYLLABLE) == 0;
        return behind == word.length;
    }
    return false;
}

/* A syllable that ends in ㄴ or ㄹ, as 기록한, 기록할, 만든: the form before a noun. */
static bool ends_as_adnominal(struct lang_span word)
{
    uint32_t c = 0;

    if (word.length < SYLLABLE ||
        lang_utf8_next(word.at + word.length - SYLLABLE, SYLLABLE, &c) == 0 || c < 0xAC00)
        return false;
    return (c - 0xAC00) % 28 == 4 || (c - 0xAC00) % 28 == 8;
}

static enum lang_ending ending_of(const struct lang_lexicon *lexicon, struct lang_span word)
{
    for (size_t i = 0; i < lexicon->ending_count; i++)
        if (has_end(word, lexicon->endings[i].text))
            return lexicon->endings[i].sense;
    return ends_as_adnominal(word) ? LANG_END_ADNOMINAL : LANG_END_FINAL;
}

enum lang_case lang_particle(const struct lang_lexicon *lexicon, const char *text, size_t length)
{
    for (size_t i = 0; i < lexicon->particle_count; i++)
        if (lexicon->particles[i].text.length == length &&
            memcmp(lexicon->particles[i].text.at, text, length) == 0)
            return lexicon->particles[i].sense;
    return LANG_CASE_NONE;
}

/* "길고양이": ends in a known word of three syllables that the particle would cut. */
static bool ends_in_word(const struct lang_lexicon *lexicon, struct lang_span word)
{
    size_t length = 3 * SYLLABLE;

    return word.length > length &&
           (tags_of(lexicon, (struct lang_span){ word.at + word.length - length, length }) &
            LANG_KNOWN) != 0;
}

/* The particle that leaves a known word, else the longest that leaves two syllables or Latin
 * letters; -1: none. */
static int find_particle(const struct lang_lexicon *lexicon, struct lang_span word)
{
    int best = -1;

    for (size_t i = 0; i < lexicon->particle_count; i++) {
        const struct lang_particle *particle = &lexicon->particles[i];
        struct lang_span stem = { word.at, word.length - particle->text.length };

        if (!has_end(word, particle->text) || !fits_final(stem, particle->after, particle->text))
            continue;
        if (tags_of(lexicon, stem) != 0)
            return (int)i;
        if (best < 0 && !ends_in_word(lexicon, word) &&
            (stem.length >= 2 * SYLLABLE || !lang_has_hangul(stem)))
            best = (int)i;
    }
    return best;
}

/* Bytes in front of a kind word that ends the stem; 0 when it ends in none, or nothing is left in
 * front. */
static size_t before_kind_word(const struct lang_lexicon *lexicon, struct lang_span stem)
{
    size_t first = stem.length > LANG_KEY ? stem.length - LANG_KEY : SYLLABLE;

    for (size_t at = first; at + SYLLABLE <= stem.length; at++) {
        uint32_t tags;

        if (((unsigned char)stem.at[at] & 0xC0U) == 0x80U)
            continue;
        tags = tags_of(lexicon, (struct lang_span){ stem.at + at, stem.length - at });
        if ((tags & (LANG_APP | LANG_KIND)) != 0 &&
            (at >= 2 * SYLLABLE || (stem.length - at > SYLLABLE &&
                                    tags_of(lexicon, (struct lang_span){ stem.at, at }) != 0)))
            return at; /* "성장" is no "장" */
    }
    return 0;
}

static void cut_plural(const struct lang_lexicon *lexicon, struct lang_span *stem)
{
    if (stem->length > SYLLABLE && has_end(*stem, lang_span_of("들")) &&
        tags_of(lexicon, *stem) == 0)
        stem->length -= SYLLABLE;
}

/* "좋아요가": a known noun of three syllables with a particle, though a verb begins like that. */
static bool is_noun(const struct lang_lexicon *lexicon, struct lang_span word)
{
    int particle = find_particle(lexicon, word);
    size_t length = particle >= 0 ? lexicon->particles[particle].text.length : 0;
    struct lang_span stem = { word.at, word.length - length };

    return length > 0 && stem.length >= 3 * SYLLABLE && (tags_of(lexicon, stem) & LANG_KNOWN) != 0;
}

/* "매매일지", "감사일기": a known word that ends in a kind of list is one. */
static bool ends_in_group(const struct lang_lexicon *lexicon, struct lang_span word)
{
    for (size_t at = 2 * SYLLABLE; at + 2 * SYLLABLE <= word.length; at += SYLLABLE)
        if ((tags_of(lexicon, (struct lang_span){ word.at + at, word.length - at }) & LANG_GROUP) !=
            0)
            return true;
    return false;
}

size_t lang_korean_word(const struct lang_lexicon *lexicon, struct lang_token *token)
{
    struct lang_span word = { token->text, token->length };
    struct lang_span stem = word;
    int particle = -1;
    size_t cut;

    token->tags = tags_of(lexicon, word);
    if (token->tags == 0 && !is_noun(lexicon, word)) {
        token->tags = verb_tags(lexicon, word);
        if (token->tags == 0 && (is_hada(lexicon, word) || is_can(word)))
            token->tags = LANG_VERB | LANG_KNOWN;
        if (token->tags != 0) {
            token->ending = ending_of(lexicon, word);
            return token->length;
        }
    }
    if (token->tags == 0)
        particle = find_particle(lexicon, word);
    if (particle >= 0) {
        stem.length -= lexicon->particles[particle].text.length;
        token->particle = lexicon->particles[particle].sense;
    }
    cut_plural(lexicon, &stem);
    if (token->tags == 0)
        token->tags = tags_of(lexicon, stem);
    if (particle < 0 && (token->tags & LANG_KNOWN) != 0 && ends_in_group(lexicon, word))
        token->tags |= LANG_GROUP;
    cut = token->tags == 0 ? before_kind_word(lexicon, stem) : 0;
    if (cut > 0)
        token->particle = LANG_CASE_NONE;
    token->stem.length = cut > 0 ? cut : stem.length;
    return cut > 0 ? cut : token->length;
}
