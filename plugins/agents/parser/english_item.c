/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_item: noun phrases of English and lists of them: "a phone number", "date of purchase",
 * "several tags", "price in euros", "difficulty (easy, medium, hard)", "whether it is done", "a
 * rating from 1 to 5".
 */
#include "english.h"
#include "model.h"

#include <string.h>

#define SKIPPED                                                                                    \
    (LANG_DETERMINER | LANG_MANY | LANG_EACH | LANG_OPTIONAL | LANG_REQUIRED | LANG_FILLER |       \
     LANG_NUMBER_WORD | LANG_AND)

/* "books/movies": two things; "income/expense" may be known as one. */
static bool is_between_things(const struct pa_reading *reading, size_t at)
{
    const struct lang_lexicon *lexicon = reading->rules->lexicon;
    struct lang_frame_match before, after, both;

    return at > 0 && at + 1 < reading->tokens.count && pa_is_mark(reading, at, '/') &&
           lang_frame_in(lexicon, &reading->tokens, at - 1, 1, &before) &&
           lang_frame_in(lexicon, &reading->tokens, at + 1, 1, &after) && before.is_named &&
           after.is_named && before.frame->is_thing && after.frame->is_thing &&
           before.frame != after.frame &&
           !(lang_frame_in(lexicon, &reading->tokens, at - 1, 3, &both) && both.count == 3);
}

static bool names_field(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->kind == LANG_WORD && !token->is_hangul &&
           pa_type_of(reading->rules, &reading->tokens, at, at + 1) != NULL;
}

/* "title/author/genre/pages": a slash of a row of three or more, where most name fields; "yes/no"
 * and "date/time" are one. */
static bool is_between_fields(const struct pa_reading *reading, size_t at)
{
    size_t first = at;
    size_t last = at;
    size_t fields;

    if (!pa_is_mark(reading, at, '/') || at == 0)
        return false;
    while (first >= 3 && at - first < LANG_SENTENCE && pa_is_mark(reading, first - 2, '/') &&
           pa_token(reading, first - 2)->is_glued)
        first -= 2;
    while (last - at < LANG_SENTENCE && pa_is_mark(reading, last + 2, '/') &&
           pa_token(reading, last + 2)->is_glued)
        last += 2;
    fields = names_field(reading, first - 1);
    for (size_t i = first; i <= last; i += 2)
        fields += names_field(reading, i + 1);
    return last > first && 2 * fields > (last - first) / 2 + 2;
}

static bool is_glue(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    if (is_between_things(reading, at) || is_between_fields(reading, at))
        return false;
    return token->kind == LANG_PUNCT &&
           (token->punct == '-' || token->punct == '/' || token->punct == '&') && token->is_glued &&
           pa_token(reading, at + 1)->is_glued && pa_token(reading, at + 1)->kind == LANG_WORD;
}

/* "link, store, price": a verb of having that ends its piece of a list is the noun. */
static bool is_listed_noun(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return (token->tags & EN_STOPS) == LANG_HAS && at > 0 &&
           (pa_is_mark(reading, at - 1, ',') || pa_is(reading, at - 1, LANG_AND)) &&
           (pa_is_mark(reading, at + 1, ',') || pa_is_mark(reading, at + 1, '.') ||
            pa_is(reading, at + 1, LANG_AND) || at + 1 == reading->tokens.count) &&
           pa_type_of(reading->rules, &reading->tokens, at, at + 1) != NULL;
}

/* "honey stored (kg), pollen collected": behind a noun that ends its piece, no verb. */
static bool is_past_behind(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    const struct lang_token *before = at > 0 ? token - 1 : token;

    return (token->tags & EN_STOPS) == LANG_HAS && token->length > 4 &&
           strcmp(token->text + token->length - 2, "ed") == 0 && before->kind == LANG_WORD &&
           (before->tags & (EN_STOPS | LANG_APP | LANG_PERSON)) == 0 && !before->is_used &&
           (pa_token(reading, at + 1)->kind == LANG_PUNCT || pa_is(reading, at + 1, LANG_AND));
}

/* A word that may be part of a noun phrase. */
bool en_is_content(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    if (token->kind == LANG_PUNCT || token->is_used || token->is_negated)
        return false;
    return (token->tags & EN_STOPS) == 0 || (token->tags & (LANG_KIND | LANG_APP)) != 0 ||
           is_listed_noun(reading, at) || is_past_behind(reading, at);
}

static bool comes_before_noun(const struct pa_reading *reading, size_t at)
{
    return pa_is(reading, at, LANG_DETERMINER | LANG_EACH | LANG_MANY | LANG_PRONOUN) ||
           (en_is_content(reading, at) && pa_token(reading, at)->kind == LANG_WORD) ||
           pa_token(reading, at)->is_used;
}

/* After a verb that is often a noun: an article, or a plural. */
static bool is_object_start(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return pa_is(reading, at,
                 LANG_DETERMINER | LANG_EACH | LANG_MANY | LANG_PRONOUN | LANG_PERSON) ||
           token->is_used || strcmp(token->text, token->lemma) != 0 ||
           pa_is_word(reading, at, "up") || pa_is_word(reading, at, "down");
}

/* A verb is one where a clause may start, or after "to", "can", "I", "and", and a noun follows. */
bool pa_is_english_verb(const struct pa_reading *reading, size_t at, size_t first, size_t end,
                        uint32_t tags)
{
    bool starts;

    if (!pa_is(reading, at, tags) || pa_token(reading, at)->is_hangul || at >= end)
        return false;
    starts = at == first || pa_token(reading, at - 1)->kind == LANG_PUNCT ||
             pa_is(reading, at - 1,
                   LANG_AND | LANG_OR | LANG_MODAL | LANG_PRONOUN | LANG_FILLER | LANG_BREAK) ||
             pa_is_word(reading, at - 1, "for") || pa_is_word(reading, at - 1, "of") ||
             pa_is_word(reading, at - 1, "by") || pa_is(reading, at - 1, LANG_PERSON | LANG_APP);
    if (pa_is(reading, at + 1, LANG_APP | LANG_KIND) && !pa_is_word(reading, at + 1, "record") &&
        strcmp(pa_token(reading, at + 1)->text, pa_token(reading, at + 1)->lemma) == 0)
        return at == first && (tags & LANG_MANAGE) != 0 && at + 2 < end &&
               en_is_plural(reading, at + 2) && en_is_content(reading, at + 2) &&
               (pa_token(reading, at + 3)->kind == LANG_PUNCT ||
                pa_is(reading, at + 3, LANG_PRONOUN | LANG_WITH)); /* "budget app", "log book"; but
                                                                      "track library fines:" */
    if (at > first && pa_is(reading, at - 1, LANG_MODAL | LANG_PRONOUN) && at + 1 < end &&
        !pa_is(reading, at - 1, LANG_WITH))
        return true;
    if (starts && at > first && pa_token(reading, at - 1)->kind == LANG_PUNCT &&
        !is_object_start(reading, at + 1) &&
        (at + 2 >= end || pa_token(reading, at + 2)->kind == LANG_PUNCT))
        return false; /* ": set number, theme" */
    if (starts && (tags & LANG_MANAGE) == 0 && !is_object_start(reading, at + 1))
        return false; /* "water intake tracker" */
    return starts && at + 1 < end &&
           (comes_before_noun(reading, at + 1) || pa_is_word(reading, at + 1, "track") ||
            pa_is_word(reading, at + 1, "down") || pa_is_word(reading, at + 1, "up"));
}

/* "a list of", "lots of": the noun comes after. */
static bool is_group_of(const struct pa_reading *reading, size_t at)
{
    return pa_is(reading, at, LANG_GROUP | LANG_MANY) && pa_is_word(reading, at + 1, "of");
}

/* "best before date": a preposition is content where the types know the whole phrase. */
size_t en_known_phrase_end(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t count = 0;
    const struct pa_type *type = lang_find(reading->rules->lexicon, &reading->rules->type_words,
                                           &reading->tokens, at, end, &count);

    if (type == NULL || count < 2 || pa_token(reading, at)->is_used ||
        pa_is_word(reading, at + count - 1, "of"))
        return at;
    return at + count;
}

static size_t skip_front(const struct pa_reading *reading, struct pa_item *item, size_t at,
                         size_t end)
{
    for (; at < end; at++) {
        const struct lang_token *token = pa_token(reading, at);

        if (en_known_phrase_end(reading, at, end) > at)
            break;
        if (is_group_of(reading, at)) {
            item->is_many = true;
            at++;
            continue;
        }
        if (token->kind == LANG_PUNCT || (token->tags & SKIPPED) == 0 || token->is_used ||
            token->is_negated || (token->tags & (LANG_APP | LANG_WITH)) != 0)
            break;
        item->is_many = item->is_many || (token->tags & LANG_MANY) != 0;
        item->is_counted = item->is_counted || ((token->tags & LANG_NUMBER_WORD) != 0 &&
                                                strcmp(token->text, "one") != 0);
        item->is_owned =
            item->is_owned || strcmp(token->text, "their") == 0 || strcmp(token->text, "its") == 0;
        item->is_each = item->is_each || (token->tags & LANG_EACH) != 0;
        item->is_optional = item->is_optional || (token->tags & LANG_OPTIONAL) != 0;
        item->is_required = item->is_required || (token->tags & LANG_REQUIRED) != 0;
    }
    return at;
}

/* "date and time" is one thing: a phrase of the types with an "and" in it. */
static size_t joined_phrase_end(const struct pa_reading *reading, size_t at, size_t end)
{
    struct lang_frame_match match;
    size_t count = 0;

    if (lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens, at, end,
                  &count) == NULL ||
        pa_is(reading, at + count, LANG_AND)) { /* "income and expense" */
        if (!lang_frame_in(reading->rules->lexicon, &reading->tokens, at,
                           end - at < 4 ? end - at : 4, &match) ||
            match.first != at)
            return at;
        count = match.count;
    }
    for (size_t i = at; i < at + count; i++)
        if (pa_is(reading, i, LANG_AND))
            return at + count;
    return at;
}

bool pa_is_relation(const struct pa_reading *reading, size_t at)
{
    bool is_listed = at > 0 && strcmp(pa_token(reading, at)->text, "link") == 0 &&
                     (pa_is_mark(reading, at - 1, ',') ||
                      pa_is(reading, at - 1, LANG_AND | LANG_DETERMINER)); /* ", link to report" */

    return pa_is(reading, at, LANG_RELATE) && !is_listed &&
           (pa_is(reading, at + 1, LANG_DETERMINER | LANG_EACH) ||
            pa_is_word(reading, at + 1, "to") || pa_is_word(reading, at + 1, "with"));
}

/* "paid yes/no", "paid y/n", "paid yes or no" */
bool en_is_yes_no(const struct pa_reading *reading, size_t at)
{
    bool is_joined = pa_is_mark(reading, at + 1, '/') || pa_is_word(reading, at + 1, "or");

    return is_joined && ((pa_is_word(reading, at, "yes") && pa_is_word(reading, at + 2, "no")) ||
                         (pa_is_word(reading, at, "y") && pa_is_word(reading, at + 2, "n")) ||
                         (pa_is_word(reading, at, "true") && pa_is_word(reading, at + 2, "false")));
}

bool en_is_recorded(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *verb = pa_token(reading, at);
    bool is_each = at > 1 && pa_is(reading, at - 2, LANG_EACH); /* "every visit records the" */

    if (at > 1 && is_each && pa_is_word(reading, at, "shows") && !verb->is_used)
        return true; /* "every rental shows how many days late it is" */
    return at > 0 && (verb->tags & LANG_MANAGE) != 0 && !verb->is_used &&
           pa_is(reading, at + 1, LANG_DETERMINER) &&
           (strcmp(verb->text, verb->lemma) == 0
                ? en_is_plural(reading, at - 1) && pa_token(reading, at - 1)->tags == 0
                : is_each && !en_is_plural(reading, at - 1));
}

size_t en_content_end(const struct pa_reading *reading, size_t at, size_t end)
{
    size_t start = at;

    if (end > start + LANG_SENTENCE)
        end = start + LANG_SENTENCE; /* nobody's noun is longer */
    for (size_t known; at < end; at++) {
        if (at > start && (en_is_done_by(reading, at, end) || en_is_recorded(reading, at)))
            break; /* "photos taken by hikers", "loans record the tool" */
        known = joined_phrase_end(reading, at, end);
        if (known == at && en_is_content(reading, at))
            known = en_known_phrase_end(reading, at, end);
        if (known > at) {
            at = known - 1;
            continue;
        }
        if (!en_is_content(reading, at) &&
            !(at > start && (is_glue(reading, at) || is_glue(reading, at - 1))))
            break; /* "move-in date" */
        if (pa_token(reading, at)->kind == LANG_NUMBER &&
            (pa_is_mark(reading, at + 1, '-') || pa_is_word(reading, at + 1, "to")))
            break;
        if (at > start && (pa_is_relation(reading, at) || en_is_yes_no(reading, at) ||
                           pa_is_bound(reading, at, end)))
            break;
    }
    return at;
}

bool en_is_plural(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);

    return token->length > 0 && strcmp(token->text, token->lemma) != 0;
}

bool pa_item_has_plural(const struct pa_reading *reading, size_t item)
{
    const struct pa_item *noun = &reading->items[item];

    struct lang_frame_match match;

    if (!noun->is_plural || noun->is_question)
        return false;
    if (lang_frame_in(reading->rules->lexicon, &reading->tokens, noun->head_first,
                      noun->head_end - noun->head_first, &match) &&
        match.is_named && match.is_head && match.frame->is_thing)
        return true;
    return pa_type_of(reading->rules, &reading->tokens, noun->head_first, noun->head_end) == NULL;
}

/* "with mood tracking": the mood is what is kept. */
static void drop_tracking(const struct pa_reading *reading, struct pa_item *item, size_t after)
{
    const struct lang_token *last = pa_token(reading, item->end - 1);

    if (item->is_question || item->end != after || item->end <= item->first + 1 ||
        item->first == 0 || !pa_is(reading, item->end - 1, LANG_MANAGE) ||
        strcmp(last->text, "tracking") != 0 ||
        !(pa_is(reading, item->first - 1, LANG_WITH | LANG_AND) ||
          pa_is_mark(reading, item->first - 1, ',')))
        return;
    item->end--;
    item->head_end--;
}

/* "mark favourites", "add tags": what is done with what a feature is called by. */
/* "priority high/medium/low": options behind the noun they are of. */
static void take_slashed(struct pa_reading *reading, struct pa_item *item)
{
    size_t first = item->first + 1;
    size_t at;
    const struct pa_type *type;

    while (first < item->end && !pa_is_mark(reading, first + 1, '/'))
        first++;
    if (item->is_question || first + 3 > item->end)
        return;
    type = pa_type_of(reading->rules, &reading->tokens, item->first, first);
    if (type == NULL || strcmp(type->type, "choice") != 0)
        return;
    for (at = first; at < item->end; at += 2)
        pa_add_option(reading, item, at, at + 1);
    item->end = item->head_end = first;
}

/* "cash or card": one of two, when no list knows either; the token after it, or `at`. */
static size_t take_either(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t other = at + 1;

    if (item->is_question || item->end != item->first + 1 || !pa_is_word(reading, at, "or") ||
        other >= end || !en_is_content(reading, other) || pa_is_word(reading, other, "not") ||
        (other + 1 < end && pa_token(reading, other + 1)->kind != LANG_PUNCT) ||
        (item->first > 0 && pa_token(reading, item->first - 1)->kind != LANG_PUNCT) ||
        pa_item_type(reading, item) != NULL || pa_item_is_named(reading, item) || item->is_plural)
        return at;
    pa_add_option(reading, item, item->first, item->end);
    pa_add_option(reading, item, other, other + 1);
    item->end = item->head_end = other + 1;
    return other + 1;
}

/* "front, back, known?": the last of a list, with a question mark. */
static bool is_asked(const struct pa_reading *reading, const struct pa_item *item)
{
    return item->end < reading->tokens.count && !item->is_question && item->hint == NULL &&
           lang_span_is(pa_token(reading, item->end)->span, "?") && item->end == item->head_end &&
           item->end <= item->first + 3 && item->first > 0 &&
           (pa_is_mark(reading, item->first - 1, ',') ||
            pa_is(reading, item->first - 1, LANG_AND)) &&
           pa_token(reading, item->end + 1)->kind == LANG_PUNCT;
}

/* "my kids' heights", "dad's pills": whose they are. */
static void drop_whose(const struct pa_reading *reading, struct pa_item *item)
{
    const struct lang_token *first = pa_token(reading, item->first);
    bool is_whose = first->length > 2 && (strcmp(first->text + first->length - 2, "'s") == 0 ||
                                          strcmp(first->text, first->lemma) != 0);

    if (!item->is_question && item->end > item->first + 1 && (first->tags & LANG_PERSON) != 0 &&
        is_whose && !pa_is(reading, item->first + 1, LANG_APP | LANG_KIND) && item->first > 0 &&
        pa_is(reading, item->first - 1, LANG_DETERMINER))
        item->head_first = ++item->first;
}

static void drop_stars(const struct pa_reading *reading, struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    if (!item->is_question && item->end > item->first + 1 && type != NULL && type->role != NULL &&
        strcmp(type->role, "rating") == 0 && pa_token(reading, item->first)->kind == LANG_NUMBER)
        item->head_first = ++item->first; /* "5 star rating" */
}

static void drop_verb(const struct pa_reading *reading, struct pa_item *item)
{
    if (item->is_question || item->end < item->first + 2 ||
        !pa_is(reading, item->first, LANG_VERB | LANG_MANAGE | LANG_CREATE))
        return;
    for (size_t i = 0; i < reading->match_count; i++)
        if (reading->matches[i].first == item->first + 1 &&
            reading->matches[i].phrase->is_attribute)
            item->head_first = ++item->first;
}

/* "attendance checkbox": answered by yes or no, whatever an attendance is by itself. */
static void read_last_hint(const struct pa_reading *reading, struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);
    size_t last = item->end - 1;
    size_t count;
    const char *hint;

    bool is_box = pa_is_word(reading, last, "checkbox") && type != NULL && type->role == NULL;

    if (item->is_question || item->end != item->head_end || item->end < item->first + 2 ||
        (type != NULL && strcmp(type->type, "boolean") == 0 && !is_box))
        return;
    hint = pa_find_name(reading->rules, &reading->rules->hints, &reading->tokens, last, item->end,
                        &count);
    if (hint == NULL || strcmp(hint, "boolean") != 0)
        return;
    item->hint = hint;
    item->end = item->head_end = last;
}

/* "what was found, where, when": a question of one word is all of its piece. */
bool en_is_bare_question(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *next = pa_token(reading, at + 1);
    bool is_last = next->kind == LANG_PUNCT ? next->punct != '-' || !next->is_glued
                                            : (next->tags & LANG_AND) != 0;

    return pa_is(reading, at, LANG_QUESTION) && at > 0 && is_last &&
           (pa_is_mark(reading, at - 1, ',') || pa_is(reading, at - 1, LANG_AND));
}

/* "renewals left": so many of them. */
static bool is_left(const struct pa_reading *reading, const struct pa_item *item)
{
    return !item->is_question && item->hint == NULL && item->end == item->head_end &&
           item->end >= item->first + 2 && en_is_plural(reading, item->end - 2) &&
           (pa_is_word(reading, item->end - 1, "left") ||
            pa_is_word(reading, item->end - 1, "remaining"));
}

size_t pa_english_item(struct pa_reading *reading, size_t at, size_t end)
{
    struct pa_item *item = pa_new_item(reading);
    size_t start = at;
    size_t after;

    if (item == NULL)
        return at;
    item->from_first = at;
    if (en_is_which(reading, at) ||
        (pa_is(reading, at, LANG_QUESTION) &&
         (!pa_is_word(reading, at, "where") || pa_is(reading, at + 1, LANG_PRONOUN) ||
          pa_is(reading, at + 1, LANG_EACH | LANG_DETERMINER) ||
          pa_is_word(reading, at + 1, "to") || en_is_bare_question(reading, at))) ||
        ((pa_is_word(reading, at, "is") || pa_is_word(reading, at, "was")) &&
         en_is_content(reading, at + 1)))
        after = en_read_question(reading, item, at, end);
    else {
        at = skip_front(reading, item, at, end);
        item->first = item->head_first = at;
        item->end = item->head_end = after = en_content_end(reading, at, end);
    }
    if (after == at || item->end <= item->first) {
        reading->item_count--;
        return start;
    }
    drop_tracking(reading, item, after);
    drop_verb(reading, item);
    drop_stars(reading, item);
    drop_whose(reading, item);
    take_slashed(reading, item);
    after = take_either(reading, item, after, end);
    read_last_hint(reading, item);
    pa_drop_upload(reading, item);
    item->is_plural = en_is_plural(reading, item->head_end - 1);
    if (is_asked(reading, item))
        item->hint = "boolean";
    if (is_left(reading, item))
        item->hint = "number";
    at = en_read_behind(reading, item, after, end);
    item->from_end = at;
    while (item->from_end > item->end &&
           pa_token(reading, item->from_end - 1)->kind == LANG_PUNCT &&
           !pa_is_mark(reading, item->from_end - 1, ')'))
        item->from_end--;
    return at;
}
