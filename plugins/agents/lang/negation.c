/* SPDX-License-Identifier: Apache-2.0 */
/*
 * negation: marks the words a request wishes away. English negates forward ("without login or
 * charts") and sometimes backward ("login is not needed"); Korean always backward ("로그인과 차트
 * 없이", "로그인은 필요 없어").
 */
#include "lexicon.h"

#include <string.h>

#define SKIPPED                                                                                    \
    (LANG_DETERMINER | LANG_MODAL | LANG_PRONOUN | LANG_FILLER | LANG_UNNEEDED | LANG_MANY |       \
     LANG_CREATE)
#define STOPS (LANG_WITH | LANG_PRONOUN | LANG_BREAK | LANG_NEGATION)

static bool has_tag(const struct lang_token *token, uint32_t tags)
{
    return (token->tags & tags) != 0;
}

/* Words between a "no" and what it negates: "don't need any", "no need for". */
static size_t skip_to_noun(const struct lang_tokens *tokens, size_t at)
{
    for (; at < tokens->count && tokens->all[at].kind == LANG_WORD; at++) {
        const struct lang_token *token = &tokens->all[at];

        if (!has_tag(token, SKIPPED | LANG_HAS) && strcmp(token->text, "for") != 0 &&
            strcmp(token->text, "to") != 0)
            break;
    }
    return at;
}

/* After a comma: the "or" that the list ends in, or 0. The "no" in front of it then reaches all of
 * it. */
static size_t or_of_list(const struct lang_tokens *tokens, size_t at)
{
    for (; at < tokens->count; at++) {
        const struct lang_token *token = &tokens->all[at];

        if (token->kind == LANG_PUNCT && token->punct != ',' && token->punct != '-')
            return 0;
        if (has_tag(token, LANG_OR))
            return at;
        if (has_tag(token, LANG_AND | STOPS))
            return 0;
    }
    return 0;
}

/* *known_or is the "or" found last, so that no comma in front of it looks again. */
static bool goes_on(const struct lang_tokens *tokens, size_t at, bool with_and, size_t *known_or)
{
    const struct lang_token *token = &tokens->all[at];
    const struct lang_token *next = at + 1 < tokens->count ? token + 1 : NULL;

    if (token->kind == LANG_PUNCT && token->punct == ',') {
        if (*known_or <= at)
            *known_or = or_of_list(tokens, at + 1);
        return *known_or > at;
    }
    if (token->kind == LANG_PUNCT)
        return token->punct == '-' || token->punct == '/';
    if (has_tag(token, LANG_OR))
        return true;
    if (has_tag(token, LANG_AND))
        return with_and && next != NULL && next->kind == LANG_WORD &&
               !has_tag(next, STOPS | LANG_HAS | LANG_MANAGE | LANG_CREATE | LANG_EACH);
    return !has_tag(token, STOPS) &&
           (!has_tag(token, LANG_PREPOSITION) || strcmp(token->text, "of") == 0);
}

/* "login is not needed": back over the verb to the start of the clause. */
static void negate_backward(struct lang_tokens *tokens, size_t at)
{
    while (at > 0 && has_tag(&tokens->all[at - 1], LANG_MODAL | LANG_FILLER | LANG_NEGATION))
        at--;
    for (; at > 0; at--) {
        struct lang_token *token = &tokens->all[at - 1];

        if ((token->kind == LANG_PUNCT && token->punct != '-') || has_tag(token, STOPS))
            return;
        token->is_negated = true;
    }
}

static void negate_english(struct lang_tokens *tokens, size_t at)
{
    const char *word = tokens->all[at].text;
    bool with_and = strcmp(word, "no") != 0;
    size_t i = skip_to_noun(tokens, at + 1);
    size_t known_or = 0;

    if (at + 1 < tokens->count && strcmp(tokens->all[at + 1].text, "only") == 0)
        return; /* "not only" */
    if (i > at + 1 && has_tag(&tokens->all[i - 1], LANG_UNNEEDED) &&
        (i == tokens->count || tokens->all[i].kind == LANG_PUNCT ||
         has_tag(&tokens->all[i], STOPS | LANG_PREPOSITION))) {
        negate_backward(tokens, at);
        return;
    }
    for (; i < tokens->count && goes_on(tokens, i, with_and, &known_or); i++)
        tokens->all[i].is_negated = true;
}

static bool is_korean_noun(const struct lang_token *token)
{
    return token->kind == LANG_WORD &&
           !has_tag(token, LANG_APP | LANG_NEGATION | LANG_MANAGE | LANG_CREATE | LANG_HAS |
                               LANG_VERB | LANG_BREAK);
}

/* "로그인과 차트는 빼고": the noun in front, its compound, and what "와" joins to it. */
static void negate_korean(struct lang_tokens *tokens, size_t at)
{
    bool is_first = true;

    while (at > 0 && has_tag(&tokens->all[at - 1], LANG_UNNEEDED | LANG_FILLER))
        tokens->all[--at].is_negated = true;
    for (; at > 0; at--, is_first = false) {
        struct lang_token *token = &tokens->all[at - 1];

        if (has_tag(token, LANG_AND | LANG_OR) && !is_first && token->kind == LANG_WORD)
            continue;
        if (!is_korean_noun(token))
            return;
        if (!is_first && token->particle != LANG_CASE_AND && token->particle != LANG_CASE_NONE)
            return;
        token->is_negated = true;
    }
}

/* "unnecessary" has its "no" inside. */
static bool negates_itself(const struct lang_token *token)
{
    return has_tag(token, LANG_UNNEEDED) && has_tag(token, LANG_NEGATION);
}

static void mark_negations(struct lang_tokens *tokens)
{
    for (size_t at = 0; at < tokens->count; at++) {
        const struct lang_token *token = &tokens->all[at];

        if (at + 1 < tokens->count && strcmp(token->text, "instead") == 0 &&
            strcmp(token[1].text, "of") == 0)
            negate_english(tokens, at + 1);
        if (!has_tag(token, LANG_NEGATION))
            continue;
        if (token->is_hangul)
            negate_korean(tokens, at);
        else if (negates_itself(token))
            negate_backward(tokens, at);
        else
            negate_english(tokens, at);
    }
}

static bool is_negated(const struct lang_tokens *tokens, const struct lang_match *match)
{
    for (size_t i = 0; i < match->count; i++)
        if (tokens->all[match->first + i].is_negated)
            return true;
    return false;
}

static void mark_used(struct lang_tokens *tokens, const struct lang_match *match)
{
    if (match->phrase->is_attribute || match->phrase->kind == LANG_PHRASE_GUARD)
        return;
    for (size_t i = 0; i < match->count; i++)
        tokens->all[match->first + i].is_used = true;
}

size_t lang_phrases(const struct lang_lexicon *lexicon, struct lang_tokens *tokens,
                    struct lang_match *ret_matches, size_t max)
{
    size_t count = 0;

    mark_negations(tokens);
    for (size_t at = 0; at < tokens->count && count < max;) {
        struct lang_match *match = &ret_matches[count];

        if (tokens->all[at].kind == LANG_PUNCT || !lang_phrase_at(lexicon, tokens, at, match)) {
            at++;
            continue;
        }
        match->is_negated = is_negated(tokens, match);
        mark_used(tokens, match);
        at += match->count;
        count +=
            match->phrase->kind == LANG_PHRASE_FEATURE || match->phrase->kind == LANG_PHRASE_WISH;
    }
    return count;
}
