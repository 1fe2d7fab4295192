/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item: what a noun phrase is: a thing with a life of its own, a field of one, or nothing.
 */
#include "model.h"

#include <string.h>

#define MOST_LOOKED_AT 512 /* words of the request */

struct lang_span pa_label_of(const struct pa_reading *reading, const struct pa_item *item)
{
    struct lang_span span =
        lang_tokens_span(&reading->tokens, item->first, item->end - item->first);
    const struct lang_token *last = pa_token(reading, item->end - 1);

    span.length -= last->span.length - last->stem.length;
    return span;
}

struct lang_span pa_words_of(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t first = item->from_first < item->first ? item->from_first : item->first;
    size_t end = item->from_end > item->end ? item->from_end : item->end;
    struct lang_span span = lang_tokens_span(&reading->tokens, first, end - first);
    const struct lang_token *last = pa_token(reading, end - 1);

    span.length -= last->span.length - last->stem.length;
    return span;
}

/* "date of birth" and "number of" may be known as a whole. */
static const struct pa_type *type_with_of(const struct pa_reading *reading,
                                          const struct pa_item *item)
{
    size_t count = 0;
    const struct pa_type *type = lang_find(reading->rules->lexicon, &reading->rules->type_words,
                                           &reading->tokens, item->head_end - 1, item->end, &count);

    return count > 1 ? type : NULL;
}

const struct pa_type *pa_item_type(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = NULL;

    if (item->head_end <= item->head_first)
        return NULL;
    if (item->end > item->head_end)
        type = type_with_of(reading, item);
    return type != NULL
               ? type
               : pa_type_of(reading->rules, &reading->tokens, item->head_first, item->head_end);
}

const struct lang_frame *pa_item_frame(const struct pa_reading *reading, const struct pa_item *item,
                                       struct lang_frame_match *ret_match)
{
    struct lang_frame_match match;

    if (item->is_question || item->head_end <= item->head_first ||
        !lang_frame_in(reading->rules->lexicon, &reading->tokens, item->head_first,
                       item->head_end - item->head_first, &match))
        return NULL;
    if (ret_match != NULL)
        *ret_match = match;
    return match.frame;
}

/* "name (text)": the type of a piece of a list is its noun's, or stands in its own parentheses. */
static bool is_typed(const struct pa_reading *reading, size_t first, size_t end)
{
    size_t noun = first;
    size_t count;

    if (pa_find_name(reading->rules, &reading->rules->hints, &reading->tokens, first, end,
                     &count) != NULL &&
        first + count == end)
        return true;
    while (noun < end && !pa_is_mark(reading, noun, '(') && !pa_is_mark(reading, noun, '.') &&
           !pa_is_word(reading, noun, "per") && !pa_is_mark(reading, noun, ':'))
        noun++; /* "booked?", "cost per night", "status: open/closed" */
    return noun > first &&
           (noun < end || pa_type_of(reading->rules, &reading->tokens, first, noun) != NULL);
}

size_t pa_piece_end(const struct pa_reading *reading, size_t at, size_t end)
{
    bool is_slash_list = at > 0 && !pa_is_mark(reading, at - 1, ',');

    for (size_t i = at; i < end; i++) /* "(systolic/diastolic)" */
        is_slash_list =
            is_slash_list && !pa_is_mark(reading, i, ',') && !pa_is_mark(reading, i, ':');

    while (at < end && !pa_is_mark(reading, at, ',') && !pa_is_mark(reading, at, ';') &&
           !(is_slash_list && pa_is_mark(reading, at, '/')))
        at = pa_is_mark(reading, at, '(') ? pa_after_parentheses(reading, at, end) : at + 1;
    return at;
}

/* "loans (book, member, date)": another thing. */
static bool is_thing_at(const struct pa_reading *reading, size_t first, size_t end)
{
    struct lang_frame_match match;

    return end > first &&
           lang_frame_in(reading->rules->lexicon, &reading->tokens, first, end - first, &match) &&
           match.is_named && match.is_head && match.frame->is_thing;
}

/* "enrollments (student, course)", where students have a list of their own. */
static bool is_listed_elsewhere(const struct pa_reading *reading, size_t first, size_t end)
{
    const char *noun = pa_token(reading, first)->lemma;

    for (size_t at = 1; end == first + 1 && at < reading->tokens.count && at < MOST_LOOKED_AT; at++)
        if (pa_is_mark(reading, at, '(') && strcmp(pa_token(reading, at - 1)->lemma, noun) == 0)
            return true;
    return false;
}

/* "cameras (serial number, model)": the list names fields, not options. */
bool pa_item_lists_fields(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t typed = 0;
    size_t things = 0;
    size_t count = 0;
    size_t end;

    if (item->list_end <= item->list_first)
        return false;
    for (size_t at = item->list_first; at < item->list_end; at = end + 1) {
        bool is_field;

        end = pa_piece_end(reading, at, item->list_end);
        is_field = is_typed(reading, at, end) || is_listed_elsewhere(reading, at, end);
        typed += is_field;
        things += !is_field && is_thing_at(reading, at, end);
        count++;
    }
    if (typed > 0 &&
        (item->is_plural || pa_item_type(reading, item) == NULL || pa_item_is_named(reading, item)))
        typed += things;
    return count > 1 && 2 * typed > count;
}

/* No Korean noun has a plural: a text may be a thing ("품목"). */
static bool is_thing_or_text(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return type == NULL || (pa_token(reading, item->head_end - 1)->is_hangul &&
                            item->end == item->first + 1 && strcmp(type->type, "text") == 0);
}

bool pa_item_declares(const struct pa_reading *reading, const struct pa_item *item)
{
    return pa_item_lists_fields(reading, item) && !pa_item_is_app_word(reading, item) &&
           (item->is_plural || pa_item_is_named(reading, item) || is_thing_or_text(reading, item));
}

bool pa_item_is_named(const struct pa_reading *reading, const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(reading, item, &match);

    return frame != NULL && match.is_named && match.is_head && frame->is_thing;
}

bool pa_item_is_quantity(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return item->end > item->head_end && item->head_end == item->head_first + 1 &&
           pa_is_word(reading, item->head_end, "of") && type != NULL &&
           strcmp(type->type, "number") == 0;
}

/* "할 일": all the words together name a thing. */
static bool is_whole_name(const struct pa_reading *reading, const struct pa_item *item)
{
    struct lang_frame_match match;

    return pa_item_frame(reading, item, &match) != NULL && match.is_named &&
           match.frame->is_thing && match.first == item->head_first &&
           match.first + match.count == item->head_end &&
           pa_token(reading, item->head_first)->is_hangul;
}

/* "number of players": the types know the phrase as a whole, whatever its last word is. */
static bool is_known_phrase(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t count = 0;

    if (pa_item_is_quantity(reading, item))
        return true;
    if (is_whole_name(reading, item))
        return false;
    return item->head_end > item->head_first + 1 &&
           lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens,
                     item->head_first, item->head_end, &count) != NULL &&
           item->head_first + count == item->head_end;
}

bool pa_item_is_attribute(const struct pa_reading *reading, const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(reading, item, &match);

    if (is_known_phrase(reading, item))
        return true;
    if (pa_item_lists_fields(reading, item))
        return false;
    if (item->is_question || item->hint != NULL || item->unit != NULL || item->currency != NULL ||
        (item->has_range || item->has_min || item->has_max))
        return true;
    if (frame != NULL && match.is_named && match.is_head && item->is_plural && frame->is_thing)
        return false;
    return pa_item_type(reading, item) != NULL || (item->option_count > 1 && frame == NULL);
}

/* "shops": a text when it is one of several, a thing when it is what the request is about. */
static bool is_plural_text(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    if (item->is_plural && type != NULL && strcmp(type->type, "date") == 0 && type->role == NULL &&
        item->end == item->first + 2 && item->end == item->head_end)
        return true; /* "track ski days" */
    return item->is_plural && type != NULL && strcmp(type->type, "text") == 0 &&
           type->role == NULL && item->unit == NULL &&
           !(item->has_range || item->has_min || item->has_max) && item->option_count < 2;
}

static bool is_plain_note(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return type != NULL && strcmp(type->type, "long-text") == 0 && item->end == item->first + 1 &&
           item->option_count == 0 && item->list_end == item->list_first;
}

bool pa_item_is_thing(const struct pa_reading *reading, const struct pa_item *item,
                      size_t list_count, bool has_attributes)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(reading, item, &match);
    bool is_named = frame != NULL && match.is_named && match.is_head;
    bool is_attribute = pa_item_is_attribute(reading, item);

    if (item->is_question || item->hint != NULL || item->is_done || is_known_phrase(reading, item))
        return false;
    if (is_named && frame->is_measure && list_count > 1)
        return false;
    if (list_count > 1 && has_attributes && is_plain_note(reading, item))
        return false; /* "pulse, time of day and notes" */
    if (is_named && frame->is_thing)
        return !is_attribute || !has_attributes || item->is_plural;
    if (is_attribute)
        return list_count == 1 && is_plural_text(reading, item);
    if (frame != NULL && !match.is_named && match.is_head)
        return list_count == 1;
    return item->is_plural || list_count == 1 ||
           (pa_token(reading, item->head_end - 1)->is_hangul && !has_attributes);
}

/* "데이터를 CSV로 내보내기": all of it. */
static bool is_bare_data(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t count;

    return item->end == item->first + 1 &&
           pa_find_name(reading->rules, &reading->rules->list_titles, &reading->tokens, item->first,
                        item->end, &count) != NULL &&
           item->particle == LANG_CASE_OBJECT && pa_token(reading, item->end)->is_used;
}

bool pa_item_is_void(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t count;

    if (item->act == PA_ACT_VERB)
        return false;
    if (pa_item_is_beside_wish(reading, item) || is_bare_data(reading, item))
        return true;
    if (item->end == item->first + 1 &&
        (item->first == 0 || pa_token(reading, item->first - 1)->kind != LANG_PUNCT) &&
        pa_find_name(reading->rules, &reading->rules->wish_ends, &reading->tokens, item->first,
                     item->end, &count) != NULL)
        return true; /* "지원" of "가져오기 지원" */
    if (item->end == item->first + 1 && item->first > 0 &&
        pa_token(reading, item->first - 1)->is_used &&
        pa_find_name(reading->rules, &reading->rules->phrase_tails, &reading->tokens, item->first,
                     item->end, &count) != NULL)
        return true; /* "files" of "import CSV files" */
    if (pa_is(reading, item->first, LANG_PERIOD) && pa_token(reading, item->end)->is_used)
        return true; /* "monthly income chart" */
    for (size_t at = item->first; at < item->end; at++) {
        const struct lang_token *token = pa_token(reading, at);

        if (token->is_negated)
            return true;
        if (token->kind != LANG_PUNCT && !token->is_used &&
            (token->tags & (LANG_FILLER | LANG_DETERMINER)) == 0)
            return false;
        if (token->kind != LANG_PUNCT && !token->is_used && item->end == item->first + 1 &&
            !token->is_hangul)
            return false;
    }
    return true;
}

bool pa_item_is_app_word(const struct pa_reading *reading, const struct pa_item *item)
{
    bool has_kind = false;

    for (size_t at = item->first; at < item->end; at++) {
        if (!pa_is(reading, at, LANG_APP | LANG_PERSON | LANG_FILLER | LANG_KIND))
            return false;
        has_kind = has_kind || !pa_is(reading, at, LANG_APP | LANG_FILLER);
    }
    return !has_kind ||
           pa_item_frame(reading, item, NULL) == NULL; /* a "diary" is one, a "website" not */
}
