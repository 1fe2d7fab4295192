/* SPDX-License-Identifier: Apache-2.0 */
/*
 * constraint: what the request rules out or asks of the app as a whole: wished-away features,
 * devices, audience, look. The phrases are those of features.json and of constraints.json.
 */
#include "internal.h"

#include <string.h>

#define MATCHES 64
#define CONSTRAINTS 32

/* From the "no" before the words to their end, or from the words to the "없이" after them. */
static struct lang_span with_negation(const struct lang_tokens *tokens, size_t first, size_t count)
{
    size_t start = first;
    size_t end = first + count;

    for (size_t i = first; i > 0 && first - i < 8 && tokens->all[i - 1].kind == LANG_WORD; i--)
        if ((tokens->all[i - 1].tags & LANG_NEGATION) != 0 && !tokens->all[i - 1].is_hangul) {
            start = i - 1;
            break;
        }
    for (size_t i = end;
         i < tokens->count && i < end + 6 && tokens->all[i].kind == LANG_WORD && start == first;
         i++)
        if ((tokens->all[i].tags & LANG_NEGATION) != 0) {
            end = i + 1;
            break;
        }
    return lang_tokens_span(tokens, start, end - start);
}

/* Adds one, unless it is there; `from` is text of the request. */
static int add(json_t *list, const char *kind, const char *what, struct lang_span from)
{
    size_t i;
    json_t *old;

    json_array_foreach (list, i, old) {
        if (strcmp(json_string_value(json_object_get(old, "kind")), kind) == 0 &&
            strcmp(json_string_value(json_object_get(old, "what")), what) == 0)
            return 0;
    }
    if (i >= CONSTRAINTS)
        return 0;
    return json_array_append_new(list, json_pack("{s:s, s:s, s:s%}", "kind", kind, "what", what,
                                                 "from", from.at, from.length));
}

static int add_excluded_phrase(json_t *list, const struct lang_tokens *tokens,
                               const struct lang_match *match)
{
    struct lang_span from = with_negation(tokens, match->first, match->count);
    size_t i;
    json_t *name;

    if (match->phrase->both == NULL)
        return add(list, "exclude", match->phrase->name, from);
    json_array_foreach (match->phrase->both, i, name) {
        if (add(list, "exclude", json_string_value(name), from) != 0)
            return -1;
    }
    return 0;
}

static bool is_in_match(const struct lang_match *matches, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (at >= matches[i].first && at < matches[i].first + matches[i].count)
            return true;
    return false;
}

#define NO_THING                                                                                   \
    (LANG_AND | LANG_OR | LANG_UNNEEDED | LANG_NEGATION | LANG_DETERMINER | LANG_PREPOSITION |     \
     LANG_MODAL | LANG_FILLER)

/* Nouns that are wished away and stand in no list: "without a photo". */
static int add_excluded_nouns(json_t *list, const struct nl_reading *reading,
                              const struct lang_match *matches, size_t count)
{
    const struct lang_tokens *tokens = &reading->tokens;

    for (size_t i = 0; i < tokens->count; i++) {
        const struct lang_token *token = &tokens->all[i];
        char what[LANG_NAME];
        size_t end = i + 1;

        if (!token->is_negated || token->kind != LANG_WORD || (token->tags & NO_THING) != 0 ||
            is_in_match(matches, count, i))
            continue;
        while (end < tokens->count && tokens->all[end].is_negated &&
               tokens->all[end].kind == LANG_WORD && (tokens->all[end].tags & NO_THING) == 0 &&
               tokens->all[end - 1].particle == LANG_CASE_NONE)
            end++;
        lang_identifier(
            reading->rules->lexicon,
            (struct lang_span){ token->span.at,
                                (size_t)(tokens->all[end - 1].stem.at +
                                         tokens->all[end - 1].stem.length - token->span.at) },
            '-', what);
        if (what[0] != '\0' && add(list, "exclude", what, with_negation(tokens, i, end - i)) != 0)
            return -1;
        i = end - 1;
    }
    return 0;
}

static int add_excluded(json_t *list, struct nl_reading *reading)
{
    struct lang_match matches[MATCHES];
    size_t count = lang_phrases(reading->rules->lexicon, &reading->tokens, matches, MATCHES);

    for (size_t i = 0; i < count; i++)
        if (matches[i].is_negated && add_excluded_phrase(list, &reading->tokens, &matches[i]) != 0)
            return -1;
    return add_excluded_nouns(list, reading, matches, count);
}

static const struct nl_meaning *meaning_at(const struct nl_reading *reading, size_t at,
                                           size_t *ret_count)
{
    const struct nl_rules *rules = reading->rules;

    if (reading->tokens.all[at].kind == LANG_PUNCT)
        return NULL;
    return lang_find(rules->lexicon, &rules->phrases, &reading->tokens, at, reading->tokens.count,
                     ret_count);
}

json_t *nl_constraints(struct nl_reading *reading)
{
    json_t *list = json_array();

    if (list == NULL || add_excluded(list, reading) != 0) {
        json_decref(list);
        return NULL;
    }
    for (size_t i = 0; i < reading->tokens.count; i++) {
        size_t count = 0;
        const struct nl_meaning *meaning = meaning_at(reading, i, &count);

        if (meaning == NULL || strcmp(meaning->kind, "intent") == 0 ||
            (reading->tokens.all[i].is_negated && strcmp(meaning->kind, "offline") != 0))
            continue;
        if (add(list, meaning->kind, meaning->what, lang_tokens_span(&reading->tokens, i, count)) !=
            0) {
            json_decref(list);
            return NULL;
        }
        i += count - 1;
    }
    return list;
}

const char *nl_intent(const struct nl_reading *reading)
{
    for (size_t i = 0; i < reading->tokens.count && i < 8; i++) {
        size_t count = 0;
        const struct nl_meaning *meaning = meaning_at(reading, i, &count);

        if (meaning != NULL && strcmp(meaning->kind, "intent") == 0)
            return meaning->what;
    }
    return "create";
}

static bool ends_clause(const struct lang_token *token)
{
    return token->kind == LANG_PUNCT &&
           (token->punct == '.' || token->punct == '\n' || token->punct == ';');
}

static int add_clause(json_t *list, const struct nl_reading *reading, size_t first, size_t end)
{
    struct lang_span span;
    size_t start;

    if (end == first)
        return 0;
    span = lang_tokens_span(&reading->tokens, first, end - first);
    start = (size_t)(span.at - reading->text);
    return json_array_append_new(list, json_pack("{s:s%, s:I, s:I}", "text", span.at, span.length,
                                                 "start", (json_int_t)start, "end",
                                                 (json_int_t)(start + span.length)));
}

json_t *nl_clauses(const struct nl_reading *reading)
{
    json_t *list = json_array();
    size_t first = 0;

    for (size_t i = 0; list != NULL && i <= reading->tokens.count; i++) {
        if (i < reading->tokens.count && !ends_clause(&reading->tokens.all[i]))
            continue;
        if (add_clause(list, reading, first, i) != 0) {
            json_decref(list);
            return NULL;
        }
        first = i + 1;
    }
    return list;
}
