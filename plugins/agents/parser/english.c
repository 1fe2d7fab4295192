/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english: clauses of English: what the app is for, what things have, what is tracked, what belongs
 * to what.
 *
 * A reader goes through a sentence once, from the left. What it does not know it steps over, so no
 * text stops it.
 */
#include "reading.h"

#include <string.h>

struct reader {
    struct pa_reading *reading;
    size_t first, at, end;
    size_t owner; /* the thing spoken of last; PA_NONE: the app's main thing */
    bool has_topic;
    bool is_named; /* the topic has a name: what follows "for" is who it is for */
};

static bool is(const struct reader *reader, uint32_t tags)
{
    return reader->at < reader->end && pa_is(reader->reading, reader->at, tags);
}

static bool is_word(const struct reader *reader, const char *word)
{
    return reader->at < reader->end && pa_is_word(reader->reading, reader->at, word);
}

static bool is_verb(const struct reader *reader, uint32_t tags)
{
    return pa_is_english_verb(reader->reading, reader->at, reader->first, reader->end, tags);
}

static void skip(struct reader *reader, uint32_t tags)
{
    while (is(reader, tags) && !pa_token(reader->reading, reader->at)->is_used)
        reader->at++;
}

/* ":" or a dash between blanks. */
static bool is_colon(const struct reader *reader)
{
    return reader->at < reader->end && (pa_is_mark(reader->reading, reader->at, ':') ||
                                        (pa_is_mark(reader->reading, reader->at, '-') &&
                                         !pa_token(reader->reading, reader->at + 1)->is_glued));
}

/* A list of items from here on, said of `owner`. */
static void read_list(struct reader *reader, enum pa_says says, size_t owner)
{
    size_t first = reader->reading->item_count;

    reader->at = pa_english_list(reader->reading, reader->at, reader->end);
    pa_say(reader->reading, says, owner, first);
}

static bool read_predicate(struct reader *reader, size_t item);

/* "with", "has", ":" and what follows them; a "list" or "support" in front of the things is stepped
 * over. */
static void read_parts(struct reader *reader, size_t owner)
{
    size_t first;

    while (reader->at < reader->end &&
           (is(reader, LANG_HAS | LANG_WITH | LANG_MODAL) ||
            pa_is_mark(reader->reading, reader->at, ':') || is_word(reader, "such") ||
            is_word(reader, "as") || is_word(reader, "of") || is_word(reader, "for")))
        reader->at++;
    first = reader->reading->item_count;
    reader->at = pa_english_list(reader->reading, reader->at, reader->end);
    if (reader->reading->item_count > first && is(reader, LANG_WITH) &&
        pa_item_has_plural(reader->reading, reader->reading->item_count - 1)) {
        size_t last = reader->reading->item_count -
                      1; /* "hives with location": a thing with parts of its own */

        bool are_things = true; /* "players, matches with a date" */

        for (size_t i = first; i < last; i++)
            are_things = are_things && pa_item_has_plural(reader->reading, i);
        pa_say_of(reader->reading, are_things ? PA_MANAGE : PA_HAS, owner, first, last - first);
        pa_say_of(reader->reading, PA_MANAGE, PA_NONE, last, 1);
        reader->owner = last;
        reader->at++;
        read_list(reader, PA_HAS, last);
        return;
    }
    if (reader->reading->item_count > first &&
        (is(reader, LANG_HAS) ||
         pa_is_relation(reader->reading, reader->at))) { /* ": plots belong to members" */
        size_t last = reader->reading->item_count - 1;

        pa_say_of(reader->reading, PA_HAS, owner, first, last - first);
        read_predicate(reader, last);
        return;
    }
    pa_say(reader->reading, PA_HAS, owner, first);
}

static bool ends_in_kind(const struct reader *reader, const struct pa_item *item)
{
    return pa_is(reader->reading, item->end - 1, LANG_APP | LANG_KIND) ||
           pa_is(reader->reading, item->head_end - 1, LANG_APP | LANG_KIND);
}

/* "features", "fields": names what the list after it is, not a thing. */
static bool is_list_title(const struct reader *reader, const struct pa_item *item)
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
static bool is_nobody(const struct reader *reader, const struct pa_item *item)
{
    struct lang_frame_match match;

    if (!pa_is(reader->reading, item->head_end - 1, LANG_APP | LANG_PERSON) &&
        lang_frame_in(reader->reading->rules->lexicon, &reader->reading->tokens, item->head_first,
                      item->head_end - item->head_first, &match) &&
        match.is_named && match.is_head)
        return false; /* "each book" */
    for (size_t at = item->first; at < item->end; at++)
        if (!pa_is(reader->reading, at, LANG_APP | LANG_KIND | LANG_PERSON | LANG_FILLER))
            return false;
    return true;
}

/* What a clause with "has" is about: the noun, or, when it names nothing, what was spoken of. */
static size_t owner_of(const struct reader *reader, size_t item)
{
    const struct pa_item *owner = &reader->reading->items[item];
    bool is_app = pa_is(reader->reading, owner->head_end - 1, LANG_APP);

    return is_nobody(reader, owner) || is_list_title(reader, owner) || is_app ? PA_NONE : item;
}

static void read_relation(struct reader *reader, size_t item)
{
    if (pa_is_word(reader->reading, reader->at + 1, "by"))
        reader->at++;
    while (is(reader, LANG_RELATE | LANG_MODAL | LANG_PREPOSITION | LANG_FILLER) &&
           reader->at < reader->end)
        reader->at++;
    read_list(reader, PA_RELATE, item);
    reader->owner = item;
}

/* "is for a book", "is written by an author" */
static bool is_passive(const struct reader *reader)
{
    const struct pa_reading *reading = reader->reading;
    bool is_be =
        pa_is_word(reading, reader->at - 1, "is") || pa_is_word(reading, reader->at - 1, "are");

    return is_be && (is_word(reader, "for") || is_word(reader, "about") || is_word(reader, "of") ||
                     (pa_is_word(reading, reader->at + 1, "by") &&
                      pa_token(reading, reader->at)->kind == LANG_WORD));
}

/* "members who have", "tasks that belong to", "rides: date, distance". */
static bool read_predicate(struct reader *reader, size_t item)
{
    size_t start = reader->at;

    while (is(reader, LANG_PRONOUN | LANG_MODAL | LANG_FILLER))
        reader->at++;
    if (pa_is_relation(reader->reading, reader->at) || (reader->at > start && is_passive(reader))) {
        read_relation(reader, item);
        return true;
    }
    if (is(reader, LANG_HAS) || (reader->at == start && is_colon(reader))) {
        reader->at += is_colon(reader);
        reader->owner = owner_of(reader, item);
        read_parts(reader, reader->owner);
        return true;
    }
    reader->at = start;
    return false;
}

/* "track plants with name, species": the objects, then their parts. */
static void read_objects(struct reader *reader, enum pa_says says)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    reader->at = pa_english_list(reading, reader->at, reader->end);
    pa_say(reading, says, reader->owner, first);
    if (reading->item_count == first || says == PA_BY)
        return;
    if (read_predicate(reader, reading->item_count - 1))
        return;
    if (is(reader, LANG_WITH) || is_word(reader, "by")) {
        enum pa_says parts = is_word(reader, "by") ? PA_BY : PA_HAS;

        reader->owner =
            reading->item_count == first + 1 ? owner_of(reader, first) : reading->item_count - 1;
        reader->at++;
        read_list(reader, parts, reader->owner);
    }
}

static void read_manage(struct reader *reader)
{
    reader->at++;
    while (is(reader, LANG_MANAGE | LANG_PRONOUN | LANG_PREPOSITION) &&
           (pa_is_word(reader->reading, reader->at + 1, "of") ||
            pa_is_word(reader->reading, reader->at + 1, "on") || is_word(reader, "of") ||
            is_word(reader, "down") || is_word(reader, "up") || is_word(reader, "about") ||
            is_word(reader, "on") || is_word(reader, "in") || is(reader, LANG_PRONOUN)))
        reader->at++;
    read_objects(reader, PA_MANAGE);
}

/* "for each plant I want": what follows is about the plant. */
static void read_for_each(struct reader *reader)
{
    size_t first = reader->reading->item_count;
    size_t after;

    reader->at++;
    after = pa_english_item(reader->reading, reader->at, reader->end);
    if (after == reader->at)
        return;
    reader->owner = owner_of(reader, first);
    reader->at = reader->reading->items[first].end;
    if (reader->owner != PA_NONE)
        reader->reading->items[first].is_each = true;
    if (pa_is_mark(reader->reading, reader->at, ',') ||
        pa_is_mark(reader->reading, reader->at, ':'))
        reader->at++;
    while (
        is(reader, LANG_PRONOUN | LANG_MODAL | LANG_CREATE | LANG_MANAGE | LANG_HAS | LANG_VERB) &&
        !pa_token(reader->reading, reader->at)->is_used &&
        (is(reader, LANG_PRONOUN | LANG_MODAL) ||
         pa_is(reader->reading, reader->at - 1, LANG_PRONOUN | LANG_MODAL | LANG_MANAGE) ||
         pa_is(reader->reading, reader->at + 1, LANG_DETERMINER) || is(reader, LANG_HAS) ||
         pa_token(reader->reading, reader->at - 1)->kind == LANG_PUNCT))
        reader->at++;
    read_list(reader, PA_HAS, reader->owner);
}

/* "mark them as done": a yes-or-no field named by what they are marked as. */
static bool read_mark_as(struct reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    if (!is_word(reader, "mark") && !is_word(reader, "tick") && !is_word(reader, "check") &&
        !is_word(reader, "flag"))
        return false;
    for (size_t at = reader->at + 1; at < reader->end && at < reader->at + 6; at++) {
        struct pa_item *item;
        size_t word = at + 1;

        if (!pa_is_word(reading, at, "as") || pa_token(reading, word)->kind != LANG_WORD ||
            pa_token(reading, word)->is_used || (item = pa_new_item(reading)) == NULL)
            continue;
        *item = (struct pa_item){ .first = word,
                                  .end = word + 1,
                                  .head_first = word,
                                  .head_end = word + 1,
                                  .from_first = reader->at,
                                  .from_end = word + 1,
                                  .hint = "boolean",
                                  .is_done = true };
        reader->at = word + 1;
        pa_say(reading, PA_LIST, reader->owner, first);
        return true;
    }
    return false;
}

/* "we read books (title, author)": an object with parts is a thing. */
static bool read_object_with_parts(struct reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t options = reading->option_count;
    size_t after = pa_english_list(reading, reader->at + 1, reader->end);

    if (reading->item_count == first + 1 && reading->items[first].option_count > 1 &&
        reading->items[first].is_plural) {
        reader->at = after;
        pa_say(reading, PA_MANAGE, PA_NONE, first);
        return true;
    }
    reading->item_count = first;
    reading->option_count = options;
    return false;
}

/* Any other verb: its object is no field; "by" names one. */
static void read_other_verb(struct reader *reader)
{
    if (read_object_with_parts(reader))
        return;
    reader->at++;
    while (reader->at < reader->end && !is(reader, LANG_AND | LANG_WITH | LANG_BREAK) &&
           !is_word(reader, "by") && !is_word(reader, "for") &&
           !pa_is_mark(reader->reading, reader->at, ','))
        reader->at++;
}

/* The first nouns: what the app is for. "with" after them lists its parts. */
static void read_topic(struct reader *reader, size_t first)
{
    struct pa_reading *reading = reader->reading;
    size_t last = reading->item_count - 1;

    size_t kinds = first;

    for (size_t i = first; i <= last;
         i++) /* "a todo app, tags, priority": the topic ends at "app" */
        if (ends_in_kind(reader, &reading->items[i]))
            kinds = i;
    pa_say_of(reading, PA_TOPIC, PA_NONE, first, kinds - first + 1);
    reader->is_named = !is_nobody(reader, &reading->items[kinds]);
    pa_say_of(reading, PA_LIST, PA_NONE, kinds + 1, last - kinds);
    reader->has_topic = true;
    reader->owner = PA_NONE;
    if (is_colon(reader)) {
        reader->at++;
        read_parts(reader, PA_NONE);
    } else if (!ends_in_kind(reader, &reading->items[last]))
        read_predicate(reader, last);
}

static bool names_app(const struct reader *reader, size_t first)
{
    for (size_t i = first; i < reader->reading->item_count; i++)
        if (ends_in_kind(reader, &reader->reading->items[i]))
            return true;
    return false;
}

/* A noun phrase, or several, that no verb precedes. */
static void read_nouns(struct reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t start = reader->at;

    reader->at = pa_english_list(reading, start, reader->end);
    if (reading->item_count == first) {
        reader->at = reader->at > start ? reader->at : start + 1;
        return;
    }
    if (!reader->has_topic && (names_app(reader, first) || reading->item_count == first + 1)) {
        bool is_sentence = is(reader, LANG_HAS | LANG_MODAL) ||
                           pa_is_relation(reading, reader->at) || reading->items[first].is_each;

        if (!is_sentence || names_app(reader, first)) {
            read_topic(reader, first);
            return;
        }
    }
    if (is(reader, LANG_MODAL) &&
        pa_is(reading, reader->at + 1, LANG_VERB | LANG_MANAGE | LANG_CREATE)) {
        reading->item_count = first; /* "students can borrow": who does it is no field */
        return;
    }
    if (is_list_title(reader, &reading->items[reading->item_count - 1]) &&
        reading->item_count == first + 1)
        reading->item_count = first; /* "Features: ..." */
    else if (read_predicate(reader, reading->item_count - 1))
        return;
    if (reading->item_count == first)
        return;
    if (is(reader, LANG_WITH)) {
        reader->owner = owner_of(reader, reading->item_count - 1);
        pa_say(reading, PA_MANAGE, PA_NONE, first);
        read_parts(reader, reader->owner);
        return;
    }
    pa_say(reading, PA_LIST, reader->owner, first);
}

/* "for my bike club": the topic, when nothing has named one; else an aside. */
static void read_for(struct reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    reader->at++;
    skip(reader, LANG_DETERMINER);
    if (is(reader, LANG_MANAGE) && is_verb(reader, LANG_MANAGE)) {
        read_manage(reader);
        return;
    }
    if (is(reader, LANG_PERSON)) {
        reader->at++;
        return;
    }
    reader->at = pa_english_list(reading, reader->at, reader->end);
    if (is_word(reader, "to")) { /* "for a teacher to manage lessons": whose app it is */
        reading->item_count = first;
        return;
    }
    if (reader->is_named)
        reading->item_count = first; /* "an inventory system for a bakery" */
    else
        pa_say(reading, PA_TOPIC, PA_NONE, first);
    if (is_colon(reader)) {
        reader->at++;
        read_parts(reader, PA_NONE);
    }
}

/* One step; always goes forward. */
static void read_step(struct reader *reader)
{
    const struct lang_token *token = pa_token(reader->reading, reader->at);

    if (token->is_used &&
        pa_is(reader->reading, reader->at + 1, LANG_DETERMINER | LANG_MANY | LANG_PRONOUN))
        read_other_verb(reader); /* "chart my progress" */
    else if (token->kind == LANG_PUNCT || token->is_used || token->is_negated ||
             is(reader, LANG_NEGATION))
        reader->at++;
    else if (is(reader, LANG_PREPOSITION) && !is(reader, LANG_EACH | LANG_WITH) &&
             !is_word(reader, "for") && !is_word(reader, "to") && !is_word(reader, "by") &&
             !is_word(reader, "of") && !is_word(reader, "about"))
        read_other_verb(reader); /* "in a gallery" */
    else if (is(reader, LANG_GROUP) && pa_is_word(reader->reading, reader->at + 1, "to"))
        reader->at += 2; /* "a place to keep" */
    else if (is(reader, LANG_MODAL) && reader->at > reader->first &&
             pa_is(reader->reading, reader->at - 1, LANG_PRONOUN | LANG_MODAL))
        reader->at++; /* "I'd like" */
    else if (is_word(reader, "i'm") || is_word(reader, "we're"))
        read_other_verb(reader); /* "I'm a tutor" */
    else if (is(reader, LANG_PERSON) &&
             pa_is(reader->reading, reader->at + 1, LANG_VERB | LANG_MANAGE))
        reader->at++; /* "people rate recipes" */
    else if (is_word(reader, "like") && reader->at > reader->first &&
             pa_is(reader->reading, reader->at - 1, LANG_APP | LANG_KIND))
        read_other_verb(reader); /* "an app like that one" */
    else if (is_word(reader, "for") && pa_is(reader->reading, reader->at + 1, LANG_EACH))
        read_for_each(reader);
    else if (is_word(reader, "by") && reader->at > reader->first) {
        reader->at++;
        read_list(reader, PA_BY, reader->owner);
    } else if (is_word(reader, "for") || is_word(reader, "about"))
        read_for(reader);
    else if (is(reader, LANG_WITH) ||
             (is(reader, LANG_HAS) && !is(reader, LANG_MODAL | LANG_CREATE | LANG_MANAGE)))
        read_parts(reader, reader->owner);
    else if (pa_is_relation(reader->reading, reader->at))
        read_relation(reader, reader->owner);
    else if (is_verb(reader, LANG_MANAGE))
        read_manage(reader);
    else if (is_verb(reader, LANG_CREATE))
        reader->at++;
    else if (is_verb(reader, LANG_VERB)) {
        if (!read_mark_as(reader))
            read_other_verb(reader);
    } else if (is(reader, LANG_EACH) ||
               !is(reader, LANG_AND | LANG_OR | LANG_PRONOUN | LANG_MODAL | LANG_PREPOSITION |
                               LANG_BREAK | LANG_FILLER | LANG_DETERMINER))
        read_nouns(reader);
    else
        reader->at++;
}

void pa_read_english(struct pa_reading *reading, size_t first, size_t end)
{
    bool is_later = reading->statement_count > 0;
    struct reader reader = { reading, first, first, end, PA_NONE, is_later, is_later };

    while (reader.at < end) {
        size_t before = reader.at;

        read_step(&reader);
        if (reader.at <= before)
            reader.at = before + 1;
    }
}
