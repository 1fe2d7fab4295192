/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modifier: words of the lists of wishes that only describe the noun behind them: "토론 주제" is a
 * topic and asks for no discussions, "chat name" is a name.
 */
#include "reading.h"

#include <string.h>

/* "주제", "name": names a field by itself; not a day or an hour, which a reminder has too. */
static bool names_field(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    const struct pa_type *type = at < reading->tokens.count
                                     ? pa_type_of(reading->rules, &reading->tokens, at, at + 1)
                                     : NULL;

    return token->kind == LANG_WORD && !token->is_used && !token->is_negated && type != NULL &&
           strcmp(type->type, "date") != 0 && strcmp(type->type, "time") != 0 &&
           strcmp(type->type, "url") != 0 && strcmp(type->type, "image") != 0 &&
           (token->is_hangul || strcmp(token->text, token->lemma) == 0);
}

/* "번역 일감을 정리": what the request begins with is about the noun behind it, which no list knows
 * as a way to have what is wished for ("번역 기능"). */
static bool opens_noun(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *noun = pa_token(reading, at + 1);
    size_t count;

    return at == 0 && pa_token(reading, at)->is_hangul && noun->kind == LANG_WORD &&
           noun->is_hangul && !noun->is_used && !noun->is_negated &&
           noun->ending == LANG_END_NONE && (noun->tags & ~(uint32_t)LANG_KNOWN) == 0 &&
           (noun->particle == LANG_CASE_OBJECT || noun->particle == LANG_CASE_NONE) &&
           pa_find_name(reading->rules, &reading->rules->wish_ends, &reading->tokens, at + 1,
                        at + 2, &count) == NULL;
}

/* A bare noun that begins its phrase. */
static bool is_modifier(const struct pa_reading *reading, const struct lang_match *match)
{
    const struct lang_token *token = pa_token(reading, match->first);
    const struct lang_token *before = match->first > 0 ? token - 1 : NULL;

    if (match->phrase->kind != LANG_PHRASE_WISH || match->count != 1 || match->is_negated ||
        token->particle != LANG_CASE_NONE || strcmp(token->text, token->lemma) != 0)
        return false;
    if (before != NULL && before->kind != LANG_PUNCT && before->particle == LANG_CASE_NONE &&
        (before->tags & (LANG_DETERMINER | LANG_AND | LANG_WITH)) == 0)
        return false;
    return opens_noun(reading, match->first) || names_field(reading, match->first + 1);
}

void pa_free_modifiers(struct pa_reading *reading)
{
    size_t kept = 0;

    for (size_t i = 0; i < reading->match_count; i++) {
        if (is_modifier(reading, &reading->matches[i]))
            reading->tokens.all[reading->matches[i].first].is_used = false;
        else
            reading->matches[kept++] = reading->matches[i];
    }
    reading->match_count = kept;
}
