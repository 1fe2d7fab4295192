/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame: what is known about nouns. A frame has two lists of words a language: those that name the
 * thing ("book") and those that only say what a request is about ("reading"), which the thing then
 * takes its own name from.
 */
#include "lexicon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "frames.json"
#define SYLLABLE 3

static int add_words(struct lang_lexicon *lexicon, const json_t *row, const char *key,
                     const struct lang_frame_word *word, struct td_err *err)
{
    json_t *list = json_object_get(row, key);
    size_t i;
    json_t *text;

    if (lang_data_check_texts(list, FILE_NAME, key, err) != 0)
        return td_context(err, "frame \"%s\"", word->frame->name);
    json_array_foreach (list, i, text) {
        char phrase_key[LANG_KEY];
        size_t length = lang_key_of(lexicon, json_string_value(text), phrase_key);
        const char *kept;

        if (length == 0)
            return td_fail(err, TD_E_CONFIG,
                           "%s: word \"%s\" of frame \"%s\" is empty or longer than %d bytes",
                           FILE_NAME, json_string_value(text), word->frame->name, LANG_KEY - 1);
        if (!word->is_named && lang_map_get(&lexicon->frame_words, phrase_key, length) != NULL)
            continue; /* another frame's own name */
        kept = lang_keep(lexicon, phrase_key, length);
        if (kept == NULL || lang_map_set(&lexicon->frame_words, kept, length, word) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the frames");
        if (lang_has_hangul(lang_span_of(kept)) &&
            lang_add_tag(&lexicon->tags_ko, kept, LANG_KNOWN) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the frames");
    }
    return 0;
}

static int read_frame(struct lang_frame *frame, const char *name, const json_t *row,
                      struct td_err *err)
{
    const json_t *domain = lang_data_member(row, FILE_NAME, "domain", JSON_STRING, err);
    const json_t *label =
        domain ? lang_data_member(row, FILE_NAME, "label", JSON_OBJECT, err) : NULL;
    const json_t *en = label ? lang_data_member(label, FILE_NAME, "en", JSON_STRING, err) : NULL;
    const json_t *ko = en ? lang_data_member(label, FILE_NAME, "ko", JSON_STRING, err) : NULL;

    if (ko == NULL ||
        lang_data_check_texts(json_object_get(row, "fields"), FILE_NAME, "fields", err) != 0)
        return td_context(err, "frame \"%s\"", name);
    *frame = (struct lang_frame){
        .name = name,
        .domain = json_string_value(domain),
        .label_en = json_string_value(en),
        .label_ko = json_string_value(ko),
        .fields = json_object_get(row, "fields"),
        .kinds = json_object_get(row, "kinds"),
        .is_thing = json_is_true(json_object_get(row, "thing")),
        .is_measure = json_is_true(json_object_get(row, "measure")),
        .is_deed = json_is_true(json_object_get(row, "deed")),
        .is_party = json_is_true(json_object_get(row, "party")),
        .is_people = json_is_true(json_object_get(row, "people")),
    };
    return 0;
}

static int add_frame(struct lang_lexicon *lexicon, const char *name, const json_t *row,
                     struct td_err *err)
{
    struct lang_frame *frame = &lexicon->frames[lexicon->frame_count];
    struct lang_frame_word *named = &lexicon->frame_word_list[2 * lexicon->frame_count++];
    struct lang_frame_word *about = named + 1;

    if (read_frame(frame, name, row, err) != 0)
        return -1;
    *named = (struct lang_frame_word){ frame, true };
    *about = (struct lang_frame_word){ frame, false };
    return add_words(lexicon, row, "en", named, err) != 0
               ? -1
               : add_words(lexicon, row, "ko", named, err);
}

/* After all names are known: a name of one frame wins over what another is about. */
static int add_about(struct lang_lexicon *lexicon, const json_t *rows, struct td_err *err)
{
    for (size_t i = 0; i < lexicon->frame_count; i++) {
        const struct lang_frame_word *about = &lexicon->frame_word_list[2 * i + 1];
        const json_t *row = json_object_get(rows, about->frame->name);

        if (add_words(lexicon, row, "en_about", about, err) != 0 ||
            add_words(lexicon, row, "ko_about", about, err) != 0)
            return -1;
    }
    return 0;
}

int lang_frames_load(struct lang_lexicon *lexicon, struct td_err *err)
{
    json_t *rows = lang_data_member(lexicon->frame_rows, FILE_NAME, "frames", JSON_OBJECT, err);
    size_t count = json_object_size(rows);
    const char *name;
    json_t *row;

    if (rows == NULL)
        return -1;
    lexicon->frames = calloc(count + 1, sizeof(*lexicon->frames));
    lexicon->frame_word_list = calloc(2 * count + 2, sizeof(*lexicon->frame_word_list));
    if (lexicon->frames == NULL || lexicon->frame_word_list == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the frames");
    json_object_foreach (rows, name, row) {
        if (add_frame(lexicon, name, row, err) != 0)
            return -1;
    }
    return add_about(lexicon, rows, err);
}

const struct lang_frame *lang_frame_number(const struct lang_lexicon *lexicon, size_t number)
{
    return number < lexicon->frame_count ? &lexicon->frames[number] : NULL;
}

/* The end of a Korean compound may be a frame's word: "중고도서" is a book. Two syllables at least,
 * behind two others. */
static const struct lang_frame_word *find_at_word_end(const struct lang_lexicon *lexicon,
                                                      const struct lang_token *token)
{
    size_t length = strlen(token->lemma);

    if (!token->is_hangul || (token->tags & LANG_KNOWN) != 0)
        return NULL;
    for (size_t at = length > LANG_KEY ? length - LANG_KEY : 2 * SYLLABLE;
         at + 2 * SYLLABLE <= length; at += SYLLABLE) {
        const struct lang_frame_word *word =
            lang_map_get(&lexicon->frame_words, token->lemma + at, length - at);

        if (word != NULL)
            return word;
    }
    return NULL;
}

/* "빌린다", "듣는다": a syllable that ends in ㄴ, and "다". */
static bool is_plain_end(const struct lang_token *token)
{
    uint32_t c = 0;

    return token->length > 2 * SYLLABLE &&
           memcmp(token->text + token->length - SYLLABLE, "다", SYLLABLE) == 0 &&
           lang_utf8_next(token->text + token->length - 2 * SYLLABLE, SYLLABLE, &c) == SYLLABLE &&
           lang_is_hangul(c) && (c - 0xAC00) % 28 == 4;
}

/* "기한이 넘어가면": an unknown word behind a subject or object that ends as only verbs do. */
static bool ends_as_verb(const struct lang_token *token)
{
    static const char *const ends[] = { "면",   "면서", "지만",   "는데", "니까", "려면",
                                        "거나", "도록", "습니다", "어요", "아요", "해요",
                                        "워요", "려요", "줘요",   "돼요", "여요", "와요" };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);

        if (token->length > n && memcmp(token->text + token->length - n, ends[i], n) == 0)
            return true;
    }
    return is_plain_end(token);
}

/* "빨간색으로 표시.": a noun of a verb with 하다 that ends its clause is that verb. */
static bool is_bare_verb(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                         size_t at)
{
    const struct lang_token *token = &tokens->all[at];
    bool is_last = at + 1 == tokens->count || tokens->all[at + 1].kind == LANG_PUNCT;
    char verb[LANG_KEY];

    if (!is_last || token->particle != LANG_CASE_NONE || token[-1].particle != LANG_CASE_TO ||
        token[-1].is_used || token->length + SYLLABLE >= sizeof(verb) ||
        (token->tags & (LANG_APP | LANG_KIND)) != 0)
        return false;
    memcpy(verb, token->text, token->length);
    memcpy(verb + token->length, "하", SYLLABLE);
    return lang_tags_of(&lexicon->verbs_ko, verb, token->length + SYLLABLE) != 0;
}

/* "수업을 가르치고": behind an object, an unknown word of three syllables that goes on so is no
 * noun. */
static bool goes_on(const struct lang_token *token)
{
    const char *end = token->text + token->length - SYLLABLE;

    return token->length >= 3 * SYLLABLE &&
           (memcmp(end, "고", SYLLABLE) == 0 || memcmp(end, "며", SYLLABLE) == 0);
}

static void find_clause_ends(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    for (size_t at = 1; at < tokens->count; at++) {
        struct lang_token *token = &tokens->all[at];
        enum lang_case before = token[-1].particle;
        bool is_unknown = token->tags == 0 && token->ending == LANG_END_NONE;

        if (!token->is_hangul ||
            !((is_unknown && (before == LANG_CASE_OBJECT || before == LANG_CASE_SUBJECT) &&
               (ends_as_verb(token) || (before == LANG_CASE_OBJECT && goes_on(token)))) ||
              is_bare_verb(lexicon, tokens, at)))
            continue;
        token->tags = LANG_VERB | LANG_KNOWN;
        token->particle = LANG_CASE_NONE;
        token->ending = LANG_END_CONNECTIVE;
    }
}

static bool begins_with(const struct lang_token *token, const char *text)
{
    size_t n = strlen(text);

    return token->length >= n && memcmp(token->text, text, n) == 0;
}

/* "식단을 짜는", "목표를 정할 수": an unknown word behind an object, in a form that stands before
 * nouns, is a verb. */
static void find_verbs(struct lang_tokens *tokens)
{
    for (size_t at = 1; at + 1 < tokens->count; at++) {
        struct lang_token *token = &tokens->all[at];
        const struct lang_token *before = token - 1;
        bool is_form = token->length > SYLLABLE &&
                       memcmp(token->text + token->length - SYLLABLE, "는", SYLLABLE) == 0;

        if (strcmp(token->text, "보고") == 0 &&
            (before->particle == LANG_CASE_OBJECT || begins_with(&token[1], "싶"))) {
            token->tags = LANG_VERB;
            token->ending = LANG_END_CONNECTIVE;
        }
        if (!token->is_hangul || token->tags != 0 || token->ending != LANG_END_NONE ||
            (before->particle != LANG_CASE_OBJECT && before->particle != LANG_CASE_ALSO) ||
            !(is_form || strcmp(token[1].text, "수") == 0))
            continue;
        token->tags = LANG_VERB | LANG_KNOWN;
        token->particle = LANG_CASE_NONE;
        token->ending = LANG_END_ADNOMINAL;
    }
}

/* "집중도 1-5": in front of a number, "도" is the end of the noun and no "too". */
static void find_degrees(struct lang_tokens *tokens)
{
    for (size_t at = 0; at + 1 < tokens->count; at++) {
        struct lang_token *token = &tokens->all[at];

        if (!token->is_hangul || token->particle != LANG_CASE_ALSO || token->tags != 0 ||
            token->length < 3 * SYLLABLE || tokens->all[at + 1].kind != LANG_NUMBER ||
            token->span.length - token->stem.length != SYLLABLE)
            continue;
        token->particle = LANG_CASE_NONE;
        token->stem = token->span;
        token->lemma = token->text;
    }
}

/* "의뢰인, 단가": at the end of a piece, "인" is the end of a noun and no "is". */
static void find_persons(struct lang_tokens *tokens)
{
    const char *is = "인";
    size_t n = strlen(is);

    for (size_t at = 0; at < tokens->count; at++) {
        struct lang_token *token = &tokens->all[at];

        if (!token->is_hangul || token->particle != LANG_CASE_IS ||
            token->span.length - token->stem.length != n || token->stem.length < 2 * SYLLABLE ||
            memcmp(token->text + token->length - n, is, n) != 0 ||
            (at + 1 < tokens->count && tokens->all[at + 1].kind != LANG_PUNCT))
            continue;
        token->particle = LANG_CASE_NONE;
        token->stem = token->span;
        token->lemma = token->text;
    }
}

/* "물갈이 날짜", a piece of a list: what looks like a subject is the first half of a noun. Not
 * "이름이 있고". */
static void find_halves(struct lang_tokens *tokens)
{
    const char *is = "이";
    size_t n = strlen(is);

    for (size_t at = 0; at + 1 < tokens->count; at++) {
        struct lang_token *token = &tokens->all[at];
        const struct lang_token *next = token + 1;

        if (!token->is_hangul || token->particle != LANG_CASE_SUBJECT || token->tags != 0 ||
            token->span.length - token->stem.length != n || token->stem.length < 2 * SYLLABLE ||
            memcmp(token->text + token->length - n, is, n) != 0 ||
            (at > 0 && token[-1].kind != LANG_PUNCT) || next->ending != LANG_END_NONE ||
            next->particle != LANG_CASE_NONE || (next->tags & ~(uint32_t)LANG_KNOWN) != 0 ||
            (at + 2 < tokens->count && next[1].kind != LANG_PUNCT))
            continue;
        token->particle = LANG_CASE_NONE;
        token->stem = token->span;
        token->lemma = token->text;
    }
}

/* "할 일과 메모": the last word of a noun of several may look whole ("일과", a day's work) where it
 * has a particle. */
static void give_particle(const struct lang_lexicon *lexicon, const struct lang_token *first,
                          struct lang_token *last)
{
    for (size_t n = SYLLABLE; n < last->length; n += SYLLABLE) {
        char key[LANG_KEY];
        int length = snprintf(key, sizeof(key), "%s%.*s", first->text, (int)n, last->text);
        enum lang_case particle = lang_particle(lexicon, last->text + n, last->length - n);

        if (particle == LANG_CASE_NONE || length >= (int)sizeof(key) ||
            lang_map_get(&lexicon->frame_words, key, (size_t)length) == NULL)
            continue;
        last->particle = particle;
        last->stem.length = n;
        last->tags = LANG_KNOWN;
    }
}

/* "물 마시기": a bare noun, and a verb in the form that is a noun. */
static bool is_before_doing(const struct lang_tokens *tokens, size_t at)
{
    return tokens->all[at].particle == LANG_CASE_NONE && at + 1 < tokens->count &&
           tokens->all[at + 1].ending == LANG_END_NOMINAL;
}

void lang_join_nouns(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    find_verbs(tokens);
    find_clause_ends(lexicon, tokens);
    find_degrees(tokens);
    find_persons(tokens);
    find_halves(tokens);
    for (size_t at = 0; at < tokens->count; at++) {
        size_t count = 0;

        if (!tokens->all[at].is_hangul ||
            (tokens->all[at].ending == LANG_END_NONE && !is_before_doing(tokens, at)) ||
            lang_find(lexicon, &lexicon->frame_words, tokens, at, tokens->count, &count) == NULL ||
            count < 2)
            continue;
        for (size_t i = at; i < at + count; i++) {
            if (i + 1 == at + count && tokens->all[i].ending != LANG_END_NOMINAL)
                continue;
            tokens->all[i].tags = LANG_KNOWN;
            tokens->all[i].ending = LANG_END_NONE;
        }
        if (count == 2 && tokens->all[at + 1].particle == LANG_CASE_NONE)
            give_particle(lexicon, &tokens->all[at], &tokens->all[at + 1]);
    }
}

static bool find_at(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                    size_t first, size_t end, struct lang_frame_match *ret_match)
{
    size_t count = 0;
    const struct lang_frame_word *word =
        lang_find(lexicon, &lexicon->frame_words, tokens, first, end, &count);

    if (word == NULL) {
        word = find_at_word_end(lexicon, &tokens->all[first]);
        count = 1;
    }
    if (word == NULL)
        return false;
    *ret_match = (struct lang_frame_match){ word->frame, word->is_named, first + count == end,
                                            first, count };
    return true;
}

/* The later one is nearer to the head. A name wins over what a request is about, unless that is
 * people ("bike club"). */
static bool wins(const struct lang_frame_match *later, const struct lang_frame_match *earlier)
{
    return later->is_named || !earlier->is_named || (later->is_head && later->frame->is_party);
}

bool lang_frame_in(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                   size_t first, size_t count, struct lang_frame_match *ret_match)
{
    struct lang_frame_match match;
    bool is_found = false;

    for (size_t at = first; at < first + count; at++) {
        if (tokens->all[at].kind == LANG_PUNCT ||
            !find_at(lexicon, tokens, at, first + count, &match))
            continue;
        if (!is_found || wins(&match, ret_match))
            *ret_match = match;
        is_found = true;
        at += match.count - 1;
    }
    return is_found;
}
