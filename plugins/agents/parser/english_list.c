/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_list: lists of English noun phrases, and where a clause ends them: "title, author and
 * each loan has".
 */
#include "english.h"
#include "model.h"

#include <string.h>

/* "players with a name, and games with a date": another thing with parts. */
static bool has_parts(struct pa_reading *reading, size_t at, size_t first, size_t end)
{
    const struct pa_type *type = pa_type_of(reading->rules, &reading->tokens, at, at + 1);
    struct lang_frame_match match;

    if (type != NULL && strcmp(type->type, "long-text") == 0)
        return false; /* "weather and notes with a chart" */
    return at > first + 1 &&
           (pa_is(reading, at - 1, LANG_AND) || pa_is_mark(reading, at - 1, ',')) &&
           reading->item_count > 0 &&
           pa_item_type(reading, &reading->items[reading->item_count - 1]) != NULL &&
           pa_is_word(reading, end, "with") && end == at + 1 && en_is_plural(reading, at) &&
           !pa_token(reading, at)->is_used &&
           lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match) &&
           match.is_named && match.frame->is_thing;
}

/* "keep reviews", "manage clients": a verb that is no noun, and a plural. */
static bool keeps_many(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *verb = pa_token(reading, at);
    struct lang_frame_match match;

    return (verb->tags & LANG_MANAGE) != 0 && (verb->tags & (LANG_KIND | LANG_HAS)) == 0 &&
           strcmp(verb->text, verb->lemma) == 0 && en_is_plural(reading, at + 1) &&
           pa_token(reading, at + 1)->tags == 0 &&
           pa_type_of(reading->rules, &reading->tokens, at, at + 1) == NULL &&
           !lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match);
}

/* "and each ride has", "and I want to", "and track": what follows is a clause, no further item. */
static bool starts_clause(struct pa_reading *reading, size_t at, size_t first, size_t end)
{
    size_t count = reading->item_count;
    size_t options = reading->option_count;
    size_t after;
    size_t behind;

    if (at > first && en_view_at(reading, at, first, end))
        return true; /* "date, highest first" */
    if (pa_is_word(reading, at, "where") &&
        (pa_is(reading, at + 1, LANG_PRONOUN | LANG_EACH) || pa_is_word(reading, at + 1, "to")))
        return false;
    if (pa_is_word(reading, at, "whether") || en_is_bare_question(reading, at))
        return false;
    if (en_is_feature_verb(reading, at))
        return true;
    if (pa_is_relation(reading, at))
        return true;
    if (pa_is_word(reading, at, "who") &&
        (!pa_is(reading, at + 1, LANG_HAS | LANG_MODAL) || pa_is_word(reading, at + 1, "did")))
        return false; /* "who suggested it" */
    if (pa_is(reading, at, LANG_EACH | LANG_BREAK | LANG_PRONOUN) || en_is_letting(reading, at) ||
        (pa_is(reading, at, LANG_CREATE | LANG_WITH) &&
         en_known_phrase_end(reading, at, end) == at))
        return true;
    if (pa_is_word(reading, at, "for") || pa_is_word(reading, at, "to") ||
        pa_is_word(reading, at, "by"))
        return true;
    if (pa_is_english_verb(reading, at, first, end, LANG_MANAGE | LANG_VERB) &&
        (pa_is(reading, at + 1, LANG_DETERMINER | LANG_EACH | LANG_PRONOUN | LANG_PERSON) ||
         pa_is_word(reading, at + 1, "track") || keeps_many(reading, at)))
        return true;
    if (at > first && (en_action_at(reading, at, end) || en_link_at(reading, at, end)))
        return true; /* "an author and members borrow books" */
    after = pa_english_item(reading, at, end);
    reading->item_count = count;
    reading->option_count = options;
    behind = after;
    while (after > at && pa_is(reading, after, LANG_MODAL | LANG_FILLER))
        after++;
    return after > at && after < end &&
           (pa_is(reading, after, LANG_HAS) || has_parts(reading, at, first, behind) ||
            pa_is_relation(reading, after) ||
            (after > behind && pa_is(reading, after - 1, LANG_MODAL)));
}

static bool separates(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    if (token->kind == LANG_PUNCT)
        return token->punct == ',' || token->punct == '+' || token->punct == '&' ||
               token->punct == '/' || token->punct == '-' || token->punct == '|';
    return (token->tags & (LANG_AND | LANG_OR)) != 0;
}

bool en_is_feature_verb(const struct pa_reading *reading, size_t at)
{
    if (!pa_is(reading, at + 1, LANG_DETERMINER | LANG_PRONOUN))
        return false;
    for (size_t i = 0; i < reading->match_count; i++)
        if (reading->matches[i].first == at && reading->matches[i].count == 1 &&
            reading->matches[i].phrase->is_attribute)
            return true;
    return false;
}

bool en_is_used_verb(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t after = at + 1;

    if (!pa_token(reading, at)->is_used || !pa_is(reading, at, LANG_VERB) ||
        !en_is_content(reading, after))
        return false;
    while (after < end && en_is_content(reading, after))
        after++;
    return after < end && pa_token(reading, after)->is_used &&
           pa_is(reading, after, LANG_PREPOSITION);
}

/* "library app - books, loans": what the app is called ends at the dash. */
static bool ends_app(const struct pa_reading *reading, size_t at)
{
    return reading->item_count > 0 && pa_is_mark(reading, at, '-') &&
           !pa_token(reading, at + 1)->is_glued &&
           reading->items[reading->item_count - 1].end == at &&
           pa_is(reading, at - 1, LANG_APP | LANG_KIND);
}

static size_t piece_end(const struct pa_reading *reading, size_t at, size_t end)
{
    while (at < end && pa_token(reading, at)->kind != LANG_PUNCT && !pa_is(reading, at, LANG_AND))
        at++;
    return at;
}

/* "start and end time": the first is a time, as the second is. */
static void share_type(struct pa_reading *reading, size_t first)
{
    size_t count = reading->item_count;
    struct pa_item *before;
    const struct pa_item *last;
    const struct pa_type *type;
    const struct pa_type *other;

    if (count <= first + 1)
        return;
    before = &reading->items[count - 2];
    last = &reading->items[count - 1];
    if (before->end != before->first + 1 || last->end != last->first + 2 ||
        !pa_is(reading, before->end, LANG_AND) || last->first != before->end + 1 ||
        pa_is_word(reading, before->first, "date") || pa_is_word(reading, before->first, "day"))
        return;
    type = pa_item_type(reading, before);
    other = pa_item_type(reading, last);
    if (type != NULL && other != NULL && strcmp(type->type, "date") == 0 &&
        strcmp(other->type, "time") == 0)
        before->hint = "time";
}

size_t pa_english_list(struct pa_reading *reading, size_t at, size_t end)
{
    size_t first = at;
    size_t items = reading->item_count;

    if (pa_is(reading, at, LANG_EACH) && starts_clause(reading, at, first, end))
        return at;
    while (at < end) {
        size_t next = pa_english_item(reading, at, end);

        while (next == at && at < end &&
               (pa_token(reading, at)->is_used || pa_token(reading, at)->is_negated)) {
            if (en_is_used_verb(reading, at, end))
                while (!pa_token(reading, at + 1)->is_used)
                    at++;
            next = ++at; /* a feature in the list: not this file's */
            if (pa_is(reading, at, LANG_QUESTION | LANG_DETERMINER | LANG_PRONOUN) &&
                !pa_token(reading, at)->is_used)
                next = at = piece_end(reading, at, end); /* "undo when I delete" */
        }
        at = next;
        share_type(reading, items);
        if (ends_app(reading, at))
            return at;
        if (en_is_which(reading, at))
            continue;
        while (next < end && separates(reading, next))
            next++;
        if (next == at || next == end || starts_clause(reading, next, first, end))
            return at;
        at = next;
    }
    return at;
}
