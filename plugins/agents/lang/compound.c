/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compound: English nouns whose first word is usually no noun: "plus-one", "follow-up", "to-do",
 * "a to do list". Their words lose the tags that would end a noun phrase. And how many there are of
 * a noun: "up to 20 students".
 */
#include "lexicon.h"

#include <string.h>

/* Words that stand between nouns or begin a clause, and that a hyphen makes part of a noun. */
#define JOINED (LANG_AND | LANG_WITH | LANG_PREPOSITION | LANG_MODAL)

static const struct lang_token *token_at(const struct lang_tokens *tokens, size_t at)
{
    static const struct lang_token past_the_end = { .kind = LANG_PUNCT, .text = "", .lemma = "" };

    return at < tokens->count ? &tokens->all[at] : &past_the_end;
}

static bool is_hyphen(const struct lang_tokens *tokens, size_t at)
{
    const struct lang_token *mark = token_at(tokens, at);

    return mark->kind == LANG_PUNCT && mark->punct == '-' && mark->is_glued;
}

/* "plus-one"; not the "to" of "1-to-5", nor "per-month". */
static bool is_hyphened(const struct lang_tokens *tokens, size_t at)
{
    const struct lang_token *token = token_at(tokens, at);
    const struct lang_token *next = token_at(tokens, at + 2);

    return token->kind == LANG_WORD && !token->is_hangul && (token->tags & JOINED) != 0 &&
           (token->tags & (LANG_NEGATION | LANG_EACH)) == 0 && !token->is_glued &&
           is_hyphen(tokens, at + 1) && next->kind == LANG_WORD && next->is_glued &&
           !next->is_hangul;
}

/* The word of "to do", "to-read"; 0: there is none at `at`. */
static size_t verb_after_to(const struct lang_tokens *tokens, size_t at)
{
    size_t verb = at + 1 + is_hyphen(tokens, at + 1);
    const struct lang_token *word = token_at(tokens, verb);
    bool is_do = strcmp(word->text, "do") == 0 || strcmp(word->text, "dos") == 0;

    if (strcmp(token_at(tokens, at)->text, "to") != 0 || word->kind != LANG_WORD)
        return 0;
    if (is_do)
        return verb;
    return (word->tags & LANG_VERB) != 0 && (word->tags & (LANG_MANAGE | LANG_CREATE)) == 0 ? verb
                                                                                            : 0;
}

/* "a to do list", "to-read app": what is to be done names the list. After any other word "to"
 * begins a clause: "I want to do", "things to do". */
static size_t to_do_end(const struct lang_tokens *tokens, size_t at)
{
    size_t verb = verb_after_to(tokens, at);
    const struct lang_token *before = at > 0 ? token_at(tokens, at - 1) : NULL;
    const struct lang_token *next = token_at(tokens, verb + 1);
    bool is_list = (next->tags & (LANG_APP | LANG_KIND)) != 0 || strcmp(next->lemma, "item") == 0;
    bool is_opened = before != NULL && (before->tags & (LANG_DETERMINER | LANG_FILLER)) != 0;

    if (verb == 0 || !(is_opened || before == NULL || before->kind == LANG_PUNCT))
        return at;
    if (is_list || (is_opened && strncmp(token_at(tokens, verb)->text, "do", 2) == 0 &&
                    (next->kind == LANG_PUNCT || (next->tags & LANG_WITH) != 0)))
        return verb + 1;
    return at;
}

static bool is_number(const struct lang_token *token)
{
    return token->kind == LANG_NUMBER || (token->tags & LANG_NUMBER_WORD) != 0;
}

/* "up to 20 students", "at least one photo", "has 2 teams": how many there are of what follows.
 * The token after such words, or `at`. */
static size_t quantity_end(const struct lang_lexicon *lexicon, const struct lang_tokens *tokens,
                           size_t at)
{
    size_t count = 0;
    size_t number = at;
    const struct lang_token *noun;

    if (lang_find(lexicon, &lexicon->quantifiers, tokens, at, tokens->count, &count) != NULL)
        number = at + count;
    else if (at == 0 || (token_at(tokens, at - 1)->tags & (LANG_HAS | LANG_WITH)) == 0)
        return at;
    noun = token_at(tokens, number + 1);
    return is_number(token_at(tokens, number)) && noun->kind == LANG_WORD && !noun->is_hangul &&
                   strcmp(noun->text, noun->lemma) != 0 && noun->tags == 0
               ? number + 1
               : at;
}

static void mark_quantities(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    for (size_t at = 0; at < tokens->count; at++)
        for (size_t end = quantity_end(lexicon, tokens, at); at < end; at++)
            tokens->all[at].tags = at + 1 == end ? LANG_NUMBER_WORD : LANG_MANY;
}

/* "keep an eye on plants" is "keep plants". */
static void mark_idioms(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    for (size_t at = 0; at < tokens->count; at++) {
        size_t count = 0;

        if (lang_find(lexicon, &lexicon->idioms, tokens, at, tokens->count, &count) == NULL)
            continue;
        for (size_t i = at + 1; i < at + count; i++)
            tokens->all[i].tags = LANG_DETERMINER;
        at += count - 1;
    }
}

/* "km so far": said of the noun in front, and no noun. */
static void mark_adverbs(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    for (size_t at = 1; at < tokens->count; at++) {
        size_t count = 0;

        if (lang_find(lexicon, &lexicon->adverbs, tokens, at, tokens->count, &count) == NULL)
            continue;
        for (size_t i = at; i < at + count; i++)
            tokens->all[i].tags = LANG_BREAK;
    }
}

/* "every x days" */
static bool is_variable(const struct lang_token *token)
{
    return token->kind == LANG_WORD && token->length == 1 &&
           (token->text[0] == 'x' || token->text[0] == 'n');
}

/* "every few months", "each week": when, and no thing. Not "each week has". */
static void mark_periods(struct lang_tokens *tokens)
{
    for (size_t at = 0; at + 1 < tokens->count; at++) {
        size_t period = at + 1;
        const char *word = tokens->all[at].text;

        if (strcmp(word, "every") != 0 && strcmp(word, "each") != 0)
            continue;
        period += is_number(token_at(tokens, period)) ||
                  (token_at(tokens, period)->tags & LANG_MANY) != 0 ||
                  is_variable(token_at(tokens, period)) ||
                  strcmp(token_at(tokens, period)->text, "other") == 0;
        if ((token_at(tokens, period)->tags & LANG_PERIOD) == 0 ||
            (token_at(tokens, period + 1)->tags & (LANG_HAS | LANG_MODAL)) != 0)
            continue;
        for (size_t i = at; i <= period; i++)
            tokens->all[i].tags = LANG_BREAK | LANG_PERIOD;
    }
}

/* "thrift store intake": between two nouns, or behind one at the end, "store" is one. */
static void mark_nouns(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    for (size_t at = 1; at < tokens->count; at++) {
        struct lang_token *token = &tokens->all[at];
        const struct lang_token *before = token - 1;
        const struct lang_token *next = token_at(tokens, at + 1);

        if (token->tags != 0 && lang_map_get(&lexicon->noun_verbs, token->text, token->length) &&
            before->kind == LANG_WORD && before->tags == 0 &&
            strcmp(before->text, before->lemma) == 0 &&
            (next->tags & (LANG_DETERMINER | LANG_PRONOUN | LANG_MANY)) == 0)
            token->tags = 0;
    }
}

/* "pick up time", "and plus one", "pick up list": a noun where a noun begins, or a list of it. Not
 * "I pick up", "and pick up books". */
static void mark_joined(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    for (size_t at = 0; at < tokens->count; at++) {
        size_t count = 0;
        const struct lang_token *next;
        bool is_begin =
            at == 0 || tokens->all[at - 1].kind == LANG_PUNCT ||
            (tokens->all[at - 1].tags & (LANG_AND | LANG_OR | LANG_WITH | LANG_DETERMINER)) != 0;

        if (lang_find(lexicon, &lexicon->joined_nouns, tokens, at, tokens->count, &count) == NULL)
            continue;
        next = token_at(tokens, at + count);
        if ((!is_begin && (next->tags & LANG_KIND) == 0) ||
            (next->kind == LANG_WORD && strcmp(next->text, next->lemma) != 0) ||
            (next->tags & (LANG_DETERMINER | LANG_PRONOUN)) != 0)
            continue;
        for (size_t i = at; i < at + count; i++)
            tokens->all[i].tags = 0;
    }
}

/* "invoice no., client": a number. */
static void mark_numbers(struct lang_tokens *tokens)
{
    for (size_t at = 1; at + 2 < tokens->count; at++) {
        struct lang_token *token = &tokens->all[at];

        if (strcmp(token->text, "no") != 0 || token[1].kind != LANG_PUNCT ||
            token[1].punct != '.' || !token[1].is_glued || token[-1].kind != LANG_WORD ||
            token[2].kind != LANG_PUNCT)
            continue;
        token->tags = 0;
        token->lemma = "number";
        token[1].punct = ',';
    }
}

/* "Help desk": a known noun whose first word is usually a verb. */
static void mark_known(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    for (size_t at = 0; at < tokens->count; at++) {
        size_t count = 0;

        if ((tokens->all[at].tags & LANG_MODAL) != 0 && strcmp(tokens->all[at].text, "to") != 0 &&
            lang_find(lexicon, &lexicon->frame_words, tokens, at, tokens->count, &count) != NULL &&
            count > 1)
            tokens->all[at].tags = 0;
    }
}

void lang_join_compounds(const struct lang_lexicon *lexicon, struct lang_tokens *tokens)
{
    mark_periods(tokens);
    mark_nouns(lexicon, tokens);
    mark_joined(lexicon, tokens);
    mark_numbers(tokens);
    mark_known(lexicon, tokens);
    mark_quantities(lexicon, tokens);
    mark_idioms(lexicon, tokens);
    mark_adverbs(lexicon, tokens);
    for (size_t at = 0; at < tokens->count; at++) {
        size_t end = to_do_end(tokens, at);

        if (end == at && is_hyphened(tokens, at))
            end = at + 1;
        for (size_t i = at; i < end; i++)
            tokens->all[i].tags = 0;
    }
}
