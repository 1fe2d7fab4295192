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

    return (pa_is_mark(reading, at - 1, ',') || before->particle == LANG_CASE_AND ||
            before->particle == LANG_CASE_TOPIC || before->particle == LANG_CASE_EACH) &&
           !pa_is(reading, at, LANG_HAS) && pa_token(reading, at + 1)->is_hangul &&
           pa_find_name(reading->rules, &reading->rules->described, &reading->tokens, at + 1,
                        at + 2, &count) != NULL;
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
    if ((token->tags & (LANG_HAS | LANG_MANAGE | LANG_CREATE | LANG_RELATE)) != 0 ||
        !is_described(reading, (size_t)(token - reading->tokens.all) + 1))
        return false;
    if (pa_is_mark(reading, at - 1, ',') || pa_token(reading, at - 1)->particle == LANG_CASE_AND)
        return true;
    at = (size_t)(token - reading->tokens.all);
    type = pa_type_of(reading->rules, &reading->tokens, at + 1, at + 2);
    return type != NULL && pa_token(reading, at - 1)->kind == LANG_PUNCT &&
           (strcmp(type->type, "date") == 0 || strcmp(type->type, "time") == 0);
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

    if (!token->is_hangul)
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t n = strlen(ends[i]);

        if ((token->tags & LANG_KNOWN) != 0 && memcmp(ends[i], "는", strlen("는")) != 0)
            continue; /* no noun ends in "는지", and some do in "은지" */
        if (token->length > n && memcmp(token->text + token->length - n, ends[i], n) == 0)
            return true;
    }
    return false;
}
