/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language: English or Korean. Names of things are often English in a Korean request, and small
 * words never are: so particles and verb endings, articles and prepositions count more than
 * letters.
 */
#include "internal.h"

#define ENGLISH_SMALL                                                                              \
    (LANG_DETERMINER | LANG_PREPOSITION | LANG_MODAL | LANG_AND | LANG_OR | LANG_PRONOUN |         \
     LANG_EACH | LANG_WITH)

static size_t korean_weight(const struct lang_token *token)
{
    size_t weight =
        token->span.length; /* a syllable is three bytes and two or three Latin letters */

    if (token->particle != LANG_CASE_NONE || token->ending != LANG_END_NONE ||
        (token->tags & LANG_APP) != 0) /* "앱" ends the phrase it names: its grammar is Korean */
        weight += 6;
    return weight;
}

static size_t english_weight(const struct lang_token *token)
{
    size_t weight = token->span.length;

    return (token->tags & ENGLISH_SMALL) != 0 ? weight + 4 : weight;
}

const char *nl_language(const struct lang_tokens *tokens)
{
    size_t english = 0;
    size_t korean = 0;

    for (size_t i = 0; i < tokens->count; i++) {
        const struct lang_token *token = &tokens->all[i];

        if (token->kind != LANG_WORD)
            continue;
        if (token->is_hangul)
            korean += korean_weight(token);
        else
            english += english_weight(token);
    }
    return korean > english ? "ko" : "en";
}
