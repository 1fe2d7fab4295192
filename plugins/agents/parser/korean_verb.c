/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_verb: what of a Korean text is a verb of the clause, what a question that a field answers,
 * and what only describes the noun behind it: "연습할 곡들", "만든 사람".
 */
#include "reading.h"

#include <string.h>

/* A noun that a verb in front of it may describe as a field: no app, no "것", no wish. */
static bool is_described(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *noun = pa_token(reading, at);
    size_t count;

    return noun->is_hangul && noun->kind == LANG_WORD && !noun->is_used && !noun->is_negated &&
           noun->ending == LANG_END_NONE &&
           (noun->tags & (LANG_APP | LANG_KIND | LANG_FILLER | LANG_PRONOUN | LANG_NEGATION |
                          LANG_QUESTION | LANG_PERSON)) == 0 &&
           pa_find_name(reading->rules, &reading->rules->wish_ends, &reading->tokens, at, at + 1,
                        &count) == NULL &&
           pa_find_name(reading->rules, &reading->rules->wish_words, &reading->tokens, at, at + 1,
                        &count) == NULL;
}

/* "만든 사람(수강생)", "등록한 날": whatever the verb is, behind a mark or a particle that goes
 * before a list. */
static bool describes_person(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *before = pa_token(reading, at - 1);
    size_t count;

    bool is_listed = before->kind == LANG_PUNCT && pa_is_mark(reading, at + 2, ',');

    return (is_listed || pa_is_mark(reading, at - 1, ',') || before->particle == LANG_CASE_AND ||
            before->particle == LANG_CASE_TOPIC || before->particle == LANG_CASE_EACH) &&
           !pa_is(reading, at, LANG_HAS) && pa_token(reading, at + 1)->is_hangul &&
           pa_find_name(reading->rules, &reading->rules->described, &reading->tokens, at + 1,
                        at + 2, &count) != NULL;
}

/* "회원, 담긴 채소, 주소" */
static bool is_between_commas(const struct pa_reading *reading, size_t at)
{
    return at > 0 && pa_is_mark(reading, at - 1, ',') && pa_is_mark(reading, at + 2, ',');
}

/* "찾는 날", "연습할 곡들": at the beginning of a piece of a list a verb is part of the noun's
 * name. Before a day or a time also behind a mark that begins the list. */
static bool describes_noun(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    const struct pa_type *type;

    if (token->ending != LANG_END_ADNOMINAL || at == 0 || token->is_used)
        return false;
    if (describes_person(reading, at))
        return true;
    while (at > 1 && pa_is(reading, at - 1, LANG_FILLER) && pa_token(reading, at - 1)->is_hangul &&
           is_described(reading, (size_t)(token - reading->tokens.all) + 1))
        at--; /* "다시 볼 날짜" */
    if (((token->tags & (LANG_MANAGE | LANG_CREATE | LANG_RELATE)) != 0 ||
         ((token->tags & LANG_HAS) != 0 && !is_between_commas(reading, at))) ||
        !is_described(reading, (size_t)(token - reading->tokens.all) + 1))
        return false;
    if (pa_is_mark(reading, at - 1, ',') || pa_token(reading, at - 1)->particle == LANG_CASE_AND)
        return true;
    at = (size_t)(token - reading->tokens.all);
    type = pa_type_of(reading->rules, &reading->tokens, at + 1, at + 2);
    return type != NULL && pa_token(reading, at - 1)->kind == LANG_PUNCT &&
           (strcmp(type->type, "date") == 0 || strcmp(type->type, "time") == 0);
}

/* "들을 수 있다": one verb. Its tail says nothing by itself. */
static void join_can(struct pa_reading *reading, size_t at)
{
    struct lang_token *verb = &reading->tokens.all[at];
    const struct lang_token *has = pa_token(reading, at + 2);

    if (!lang_span_is(pa_token(reading, at + 1)->stem, "수") || !has->is_hangul ||
        (has->tags & LANG_HAS) == 0 || !verb->is_hangul || verb->is_used ||
        verb->ending != LANG_END_NONE || (verb->tags & ~(uint32_t)LANG_ADNOMINAL) != 0)
        return;
    verb->tags = LANG_VERB;
    verb->ending = has->ending != LANG_END_NONE ? has->ending : LANG_END_CONNECTIVE;
    reading->tokens.all[at + 1].is_used = reading->tokens.all[at + 2].is_used = true;
}

/* "헌혈한 곳, 종류, 날짜": in a list, a place and no app. */
static void free_described(struct pa_reading *reading, size_t at)
{
    struct lang_token *noun = &reading->tokens.all[at + 1];

    if ((noun->tags & LANG_APP) != 0 && pa_token(reading, at)->ending == LANG_END_ADNOMINAL &&
        describes_noun(reading, at))
        noun->tags &= ~(uint32_t)LANG_APP;
}

/* "읽을 책, 모이는 날": a verb that no list knows, which looks like a noun with a particle. */
static void find_describing(struct pa_reading *reading, size_t at)
{
    struct lang_token *verb = &reading->tokens.all[at];
    size_t count;

    if (verb->tags != 0 || verb->particle != LANG_CASE_TOPIC || verb->is_used || at == 0 ||
        !pa_is_mark(reading, at - 1, ',') || verb->length < 3 ||
        strcmp(verb->text + verb->length - 3, "는") != 0 ||
        pa_find_name(reading->rules, &reading->rules->described, &reading->tokens, at + 1, at + 2,
                     &count) == NULL)
        return;
    verb->tags = LANG_ADNOMINAL;
    verb->ending = LANG_END_ADNOMINAL;
    verb->particle = LANG_CASE_NONE;
    verb->stem.length = verb->span.length;
}

void pa_join_korean(struct pa_reading *reading)
{
    for (size_t at = 0; at + 2 < reading->tokens.count; at++) {
        find_describing(reading, at);
        join_can(reading, at);
        free_described(reading, at);
    }
}

bool pa_is_korean_verb(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->is_hangul && token->ending != LANG_END_NONE && !describes_noun(reading, at);
}

/* "외웠는지": a question that a field answers. */
bool pa_is_whether(const struct pa_reading *reading, size_t at)
{
    static const char *const ends[] = { "는지",   "은지",   "을지",   "는지를", "는지도",
                                        "는지랑", "는지와", "는지는", "은지도", "은지랑" };
    const struct lang_token *token = pa_token(reading, at);
    size_t count;

    if (!token->is_hangul)
        return false;
    if (pa_find_name(reading->rules, &reading->rules->what_it_is, &reading->tokens, at, at + 1,
                     &count) != NULL)
        return true;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);

        if ((token->tags & LANG_KNOWN) != 0 && memcmp(ends[i], "는", strlen("는")) != 0)
            continue; /* no noun ends in "는지", and some do in "은지" */
        if (token->length > n && memcmp(token->text + token->length - n, ends[i], n) == 0)
            return true;
    }
    return false;
}
