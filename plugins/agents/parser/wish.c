/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wish: noun phrases that ask for something the app is to do, and that nobody has a list of:
 * "markdown rendering", "confetti when a task is finished", "음악 재생". They are told as not
 * built, since a field of that name would be nothing that was asked for.
 */
#include "model.h"

#include <string.h>

static bool is_in(const struct pa_reading *reading, const struct lang_map *map, size_t first,
                  size_t end)
{
    size_t count;

    return pa_find_name(reading->rules, map, &reading->tokens, first, end, &count) != NULL &&
           first + count == end;
}

/* Whether the last words of the item are on a list. */
static bool ends_in(const struct pa_reading *reading, const struct lang_map *map,
                    const struct pa_item *item)
{
    for (size_t at = item->first; at < item->end; at++)
        if (is_in(reading, map, at, item->end))
            return true;
    return false;
}

/* "transport mode": the types know all its last words together. */
static bool is_known_whole(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t count = 0;

    for (size_t at = item->first; at + 1 < item->end; at++)
        if (lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens, at,
                      item->end, &count) != NULL &&
            at + count == item->end)
            return true;
    return false;
}

/* The words before a last one that is on no list of fields: "custom integration". */
static bool is_weak_end(const struct pa_reading *reading, const struct pa_item *item)
{
    size_t last = item->end - 1;

    return item->end > item->first + 1 &&
           pa_type_of(reading->rules, &reading->tokens, item->first, last) == NULL &&
           is_in(reading, &reading->rules->wish_ends, last, item->end) &&
           !is_known_whole(reading, item);
}

/* Units, options and hints make a field of it; so does a name that is known. Of a doing, only the
 * name of it all: "recipe scaling" is no recipe. */
static bool is_field(const struct pa_reading *reading, const struct pa_item *item, bool is_doing)
{
    struct lang_frame_match match;

    return item->is_question || item->is_done || item->hint != NULL || item->unit != NULL ||
           item->currency != NULL || (item->has_range || item->has_min || item->has_max) ||
           item->option_count > 1 || pa_item_type(reading, item) != NULL ||
           (pa_item_frame(reading, item, &match) != NULL && (match.is_head || !is_doing));
}

/* The words from `at` on that are on a list; 0: none. */
static size_t words_in(const struct pa_reading *reading, const struct lang_map *map, size_t at,
                       size_t end)
{
    size_t count = 0;

    return pa_find_name(reading->rules, map, &reading->tokens, at, end, &count) != NULL ? count : 0;
}

/* "automatic sorting", "real-time updates", "카드 문자 자동 등록": by itself. */
static bool is_marked(const struct pa_reading *reading, const struct pa_item *item)
{
    for (size_t at = item->first; at + 1 < item->end; at++) {
        size_t count = words_in(reading, &reading->rules->wish_marks, at, item->end);

        if (count > 0 && at + count < item->end)
            return true;
    }
    return false;
}

/* "markdown rendering", "voting on the next book"; not "parking". */
static bool is_doing(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct lang_token *last = pa_token(reading, item->end - 1);

    if (last->is_hangul || last->length < 6 || strcmp(last->text + last->length - 3, "ing") != 0 ||
        is_in(reading, &reading->rules->ing_nouns, item->end - 1, item->end))
        return false;
    return item->end > item->first + 1 ||
           (pa_is(reading, item->end, LANG_PREPOSITION) && item->from_end > item->end);
}

/* "real-time collaboration" and its like are phrases of the lists; a word beside them is theirs. */
static bool is_all_marks(const struct pa_reading *reading, const struct pa_item *item)
{
    for (size_t at = item->first; at < item->end;) {
        size_t count = words_in(reading, &reading->rules->wish_marks, at, item->end);

        if (count == 0)
            count = words_in(reading, &reading->rules->wish_ends, at, item->end);
        if (count == 0)
            return false;
        at += count;
    }
    return true;
}

/* The wish of the lists whose words stand at `at`; NULL: none. */
static const struct lang_phrase *wish_at(const struct pa_reading *reading, size_t at)
{
    for (size_t i = 0; i < reading->match_count; i++) {
        const struct lang_match *match = &reading->matches[i];

        if (match->phrase->kind == LANG_PHRASE_WISH && !match->is_negated && at >= match->first &&
            at < match->first + match->count)
            return match->phrase;
    }
    return NULL;
}

/* "payment with Stripe": the noun is what that wish is called, and its words say how. */
static bool is_wish_by(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct lang_phrase *wish = wish_at(reading, item->head_end + 1);
    const char *head = pa_token(reading, item->head_end - 1)->lemma;
    char name[LANG_KEY];

    if (wish == NULL || !pa_is(reading, item->head_end, LANG_WITH | LANG_PREPOSITION) ||
        strlen(wish->name) + 4 > sizeof(name))
        return false;
    lang_lemma(reading->rules->lexicon, wish->name, strlen(wish->name), name);
    return strcmp(name, head) == 0;
}

/* A noun that is a text as any other: "coach". */
static bool is_plain_text(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return (type == NULL || (strcmp(type->type, "text") == 0 && type->role == NULL)) &&
           !pa_item_is_named(reading, item);
}

bool pa_item_is_beside_wish(const struct pa_reading *reading, const struct pa_item *item)
{
    bool is_beside = (item->first > 0 && wish_at(reading, item->first - 1) != NULL &&
                      pa_token(reading, item->first - 1)->particle == LANG_CASE_NONE) ||
                     (wish_at(reading, item->end) != NULL && item->particle == LANG_CASE_NONE);

    if (is_wish_by(reading, item))
        return true;
    return is_beside && (is_all_marks(reading, item) ||
                         (is_plain_text(reading, item) && item->end == item->first + 1));
}

/* "마감일이 지난 것은 표시": how a feature is shown is that feature's. */
static bool shows_feature(const struct pa_reading *reading, const struct pa_item *item)
{
    if (!is_in(reading, &reading->rules->shows, item->end - 1, item->end))
        return false;
    for (size_t i = 0; i < reading->match_count; i++) {
        const struct lang_match *match = &reading->matches[i];

        if (match->phrase->kind == LANG_PHRASE_FEATURE && match->first < item->end &&
            match->first + match->count >= item->first)
            return true;
    }
    return false;
}

/* "rich text editor", "마크다운 편집기": a tool for something is a part of the app; an "editor"
 * alone is a person. */
static bool is_tool(const struct pa_reading *reading, const struct pa_item *item)
{
    return item->end > item->first + 1 && item->end == item->head_end &&
           is_in(reading, &reading->rules->wish_tools, item->end - 1, item->end) &&
           !is_known_whole(reading, item);
}

/* "sounds", "custom stickers": of these, an app plays or shows many; a record may have one. */
static bool is_effect(const struct pa_reading *reading, const struct pa_item *item)
{
    return item->is_plural && item->end == item->head_end &&
           is_in(reading, &reading->rules->wish_plurals, item->end - 1, item->end);
}

bool pa_item_asks(const struct pa_reading *reading, const struct pa_item *item, bool is_thing)
{
    if (item->act == PA_ACT_VERB)
        return true;
    if (item->end <= item->first || item->is_question)
        return false;
    if (is_weak_end(reading, item))
        return true;
    if (is_thing)
        return false; /* "track live shows" */
    if (item->option_count < 2 && (ends_in(reading, &reading->rules->wish_words, item) ||
                                   is_tool(reading, item) || is_effect(reading, item)))
        return true;
    if (item->act == PA_ACT_ASIDE && is_plain_text(reading, item))
        return true;
    if (is_marked(reading, item) && pa_token(reading, item->first)->is_hangul)
        return is_plain_text(reading, item) || pa_item_type(reading, item) == NULL;
    return (is_doing(reading, item) && !is_field(reading, item, true)) ||
           (is_marked(reading, item) && !is_field(reading, item, false));
}

bool pa_item_is_wish(struct pa_model *model, const struct pa_item *item, bool is_thing)
{
    const struct pa_reading *reading = model->reading;
    size_t end = item->end;
    struct lang_span words;
    char name[LANG_NAME];

    if (!pa_item_asks(reading, item, is_thing))
        return false;
    if (item->act == PA_ACT_NONE && item->end > item->first + 1 && shows_feature(reading, item))
        return true;
    if (item->act != PA_ACT_VERB && is_weak_end(reading, item))
        end--;
    words = lang_tokens_span(&reading->tokens, item->first, end - item->first);
    words.length -=
        pa_token(reading, end - 1)->span.length - pa_token(reading, end - 1)->stem.length;
    lang_identifier(reading->rules->lexicon, words, '-', name);
    pa_add_wish(model, name[0] != '\0' ? name : "wish", pa_words_of(reading, item), NULL);
    return true;
}
