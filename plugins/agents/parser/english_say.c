/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_say: what a clause says of the noun in front of it: its parts, and what it belongs to.
 */
#include "english.h"

#include <string.h>

bool en_is(const struct en_reader *reader, uint32_t tags)
{
    return reader->at < reader->end && pa_is(reader->reading, reader->at, tags);
}

bool en_is_word(const struct en_reader *reader, const char *word)
{
    return reader->at < reader->end && pa_is_word(reader->reading, reader->at, word);
}

/* ":" or a dash between blanks. */
bool en_is_colon(const struct en_reader *reader)
{
    return reader->at < reader->end && (pa_is_mark(reader->reading, reader->at, ':') ||
                                        (pa_is_mark(reader->reading, reader->at, '-') &&
                                         !pa_token(reader->reading, reader->at + 1)->is_glued));
}

/* "with" and what it adds to a thing; not "sign in with a password". */
bool en_is_with(const struct en_reader *reader)
{
    return en_is(reader, LANG_WITH) && !pa_ends_feature(reader->reading, reader->at);
}

/* A list of items from here on, said of `owner`. */
void en_read_list(struct en_reader *reader, enum pa_says says, size_t owner)
{
    size_t first = reader->reading->item_count;

    reader->at = pa_english_list(reader->reading, reader->at, reader->end);
    pa_say(reader->reading, says, owner, first);
}

/* "features", "fields": names what the list after it is, not a thing. */
bool en_is_list_title(const struct en_reader *reader, const struct pa_item *item)
{
    const struct pa_rules *rules = reader->reading->rules;
    size_t count;

    for (size_t at = item->first; at < item->end; at++)
        if (pa_find_name(rules, &rules->list_titles, &reader->reading->tokens, at, item->end,
                         &count) != NULL &&
            at + count == item->end)
            return true;
    return false;
}

/* "the app", "a user", "people": nothing that is recorded. */
bool en_is_nobody(const struct en_reader *reader, const struct pa_item *item)
{
    struct lang_frame_match match;
    bool is_people = pa_is_word(reader->reading, item->head_end - 1, "people") &&
                     pa_is(reader->reading, item->head_end, LANG_WITH); /* "people with a name" */

    if ((is_people || !pa_is(reader->reading, item->head_end - 1, LANG_APP | LANG_PERSON)) &&
        lang_frame_in(reader->reading->rules->lexicon, &reader->reading->tokens, item->head_first,
                      item->head_end - item->head_first, &match) &&
        match.is_named && match.is_head)
        return false; /* "each book" */
    for (size_t at = item->first; at < item->end; at++)
        if (!pa_is(reader->reading, at, LANG_APP | LANG_KIND | LANG_PERSON | LANG_FILLER))
            return false;
    return true;
}

bool en_has_frame(const struct pa_reading *reading, const struct pa_item *item)
{
    struct lang_frame_match match;

    return lang_frame_in(reading->rules->lexicon, &reading->tokens, item->head_first,
                         item->head_end - item->head_first, &match);
}

/* What a clause with "has" is about: the noun, or, when it names nothing, what was spoken of. */
size_t en_owner_of(const struct en_reader *reader, size_t item)
{
    const struct pa_item *owner = &reader->reading->items[item];
    bool is_app = pa_is(reader->reading, owner->head_end - 1, LANG_APP);

    bool is_title = en_is_list_title(reader, owner) && !en_has_frame(reader->reading, owner);

    return en_is_nobody(reader, owner) || is_title || is_app ? PA_NONE : item;
}

void en_read_relation(struct en_reader *reader, size_t item)
{
    if (pa_is_word(reader->reading, reader->at + 1, "by"))
        reader->at++;
    while (en_is(reader, LANG_RELATE | LANG_MODAL | LANG_PREPOSITION | LANG_FILLER) &&
           reader->at < reader->end)
        reader->at++;
    en_read_list(reader, PA_RELATE, item);
    reader->owner = item;
}

/* "is for a book", "is written by an author" */
static bool is_passive(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;
    bool is_be =
        pa_is_word(reading, reader->at - 1, "is") || pa_is_word(reading, reader->at - 1, "are");

    return is_be &&
           (en_is_word(reader, "for") || en_is_word(reader, "about") || en_is_word(reader, "of") ||
            (pa_is_word(reading, reader->at + 1, "by") &&
             pa_token(reading, reader->at)->kind == LANG_WORD));
}

/* "weather and notes with a chart": the last of a list of fields is one. */
static bool is_field_of_list(const struct pa_reading *reading, size_t first)
{
    size_t last = reading->item_count - 1;
    const struct pa_type *type = pa_item_type(reading, &reading->items[last]);

    for (size_t i = first; i < last; i++)
        if (pa_item_type(reading, &reading->items[i]) != NULL && !pa_item_has_plural(reading, i))
            return type != NULL && strcmp(type->type, "long-text") == 0;
    return false;
}

/* "can be lent to volunteers" */
static bool is_given_to(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;

    return pa_is_word(reading, reader->at - 1, "be") && en_is_past(reading, reader->at) &&
           pa_is_word(reading, reader->at + 1, "to") && en_is_content(reading, reader->at + 2) &&
           en_is_plural(reading, reader->at + 2);
}

/* "with", "has", ":" and what follows them; a "list" or "support" in front of the things is stepped
 * over. */
void en_read_parts(struct en_reader *reader, size_t owner)
{
    size_t first;

    while (reader->at < reader->end &&
           (en_is(reader, LANG_HAS | LANG_WITH | LANG_MODAL) ||
            pa_is_mark(reader->reading, reader->at, ':') || en_is_word(reader, "such") ||
            en_is_word(reader, "as") || en_is_word(reader, "of") || en_is_word(reader, "for")))
        reader->at++;
    first = reader->reading->item_count;
    reader->at = pa_english_list(reader->reading, reader->at, reader->end);
    if (reader->reading->item_count > first &&
        (en_is_with(reader) || (en_is_colon(reader) && reader->reading->item_count > first + 1)) &&
        pa_item_has_plural(reader->reading, reader->reading->item_count - 1) &&
        !is_field_of_list(reader->reading, first)) {
        size_t last = reader->reading->item_count -
                      1; /* "hives with location": a thing with parts of its own */

        bool are_things = true; /* "players, matches with a date" */

        for (size_t i = first; i < last; i++)
            are_things = are_things && pa_item_has_plural(reader->reading, i);
        pa_say_of(reader->reading, are_things ? PA_MANAGE : PA_HAS, owner, first, last - first);
        pa_say_of(reader->reading, PA_MANAGE, PA_NONE, last, 1);
        if (owner != PA_NONE &&
            (reader->reading->items[last].is_many || reader->reading->items[owner].is_plural ||
             reader->reading->items[owner].is_each) &&
            last == first) /* "pets have visits with date" */
            pa_say_of(reader->reading, PA_RELATE, last, owner, 1);
        reader->owner = last;
        reader->at++;
        en_read_list(reader, PA_HAS, last);
        return;
    }
    if (reader->reading->item_count > first &&
        (en_is(reader, LANG_HAS) ||
         pa_is_relation(reader->reading, reader->at))) { /* ": plots belong to members" */
        size_t last = reader->reading->item_count - 1;

        pa_say_of(reader->reading, PA_HAS, owner, first, last - first);
        en_read_predicate(reader, last);
        return;
    }
    pa_say(reader->reading, PA_HAS, owner, first);
}

static bool is_link(const struct pa_reading *reading, size_t at)
{
    return pa_is_word(reading, at, "in") || pa_is_word(reading, at, "for") ||
           pa_is_word(reading, at, "at") || pa_is_word(reading, at, "per");
}

/* "grades", "subjects", "scores": there are many, so each is a record of its own. */
static bool is_one_of_many(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return item->is_plural && !item->is_question && item->option_count < 2 &&
           (pa_item_is_named(reading, item) || type == NULL ||
            (type->role == NULL &&
             (strcmp(type->type, "text") == 0 || strcmp(type->type, "number") == 0)));
}

/* "per course": one of them; "in subjects": whatever has many. */
static bool is_other(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    if (pa_is_word(reading, item->first - 1, "per"))
        return pa_item_is_named(reading, item);
    return is_one_of_many(reading, item) && (type == NULL || strcmp(type->type, "number") != 0);
}

/* "students have grades in subjects": a grade is of one student and in one subject. */
static bool read_shared(struct en_reader *reader, size_t owner)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t options = reading->option_count;
    size_t at = reader->at + 1;
    size_t link = en_content_end(reading, at, reader->end);
    size_t other = link + 1;
    size_t end = en_content_end(reading, other, reader->end);

    if (owner != PA_NONE && reading->items[owner].is_plural && is_link(reading, link) &&
        end > other && pa_english_item(reading, at, link) == link &&
        pa_english_item(reading, other, end) == end && reading->item_count == first + 2 &&
        is_one_of_many(reading, &reading->items[first]) &&
        is_other(reading, &reading->items[first + 1])) {
        reader->at = end;
        pa_say_of(reading, PA_RELATE, first, owner, 1);
        pa_say_of(reading, PA_RELATE, first, first + 1, 1);
        reader->owner = first;
        return true;
    }
    reading->item_count = first;
    reading->option_count = options;
    return false;
}

/* "members who have", "tasks that belong to", "rides: date, distance". */
bool en_read_predicate(struct en_reader *reader, size_t item)
{
    size_t start = reader->at;

    while (en_is(reader, LANG_PRONOUN | LANG_MODAL | LANG_FILLER))
        reader->at++;
    if (pa_is_relation(reader->reading, reader->at) || (reader->at > start && is_passive(reader))) {
        en_read_relation(reader, item);
        return true;
    }
    if (reader->at > start && is_given_to(reader)) {
        reader->at++;
        en_read_relation(reader, item);
        return true;
    }
    if (en_is(reader, LANG_HAS) || (reader->at == start && en_is_colon(reader)) ||
        en_is_recorded(reader->reading, reader->at)) {
        reader->at += en_is_colon(reader) || !en_is(reader, LANG_HAS);
        reader->owner = en_owner_of(reader, item);
        if (!read_shared(reader, reader->owner))
            en_read_parts(reader, reader->owner);
        return true;
    }
    reader->at = start;
    return false;
}

bool en_ends_in_kind(const struct en_reader *reader, const struct pa_item *item)
{
    return pa_is(reader->reading, item->end - 1, LANG_APP | LANG_KIND) ||
           pa_is(reader->reading, item->head_end - 1, LANG_APP | LANG_KIND);
}
