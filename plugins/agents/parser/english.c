/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english: clauses of English: what the app is for, what things have, what is tracked, what belongs
 * to what.
 *
 * A reader goes through a sentence once, from the left. What it does not know it steps over, so no
 * text stops it.
 */
#include "english.h"

#include <string.h>

static bool is_verb(const struct en_reader *reader, uint32_t tags)
{
    return pa_is_english_verb(reader->reading, reader->at, reader->first, reader->end, tags);
}

static void skip(struct en_reader *reader, uint32_t tags)
{
    while (en_is(reader, tags) && !pa_token(reader->reading, reader->at)->is_used)
        reader->at++;
}

/* "mark them as done": a yes-or-no field named by what they are marked as. */
static bool read_mark_as(struct en_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    if (!en_is_word(reader, "mark") && !en_is_word(reader, "tick") &&
        !en_is_word(reader, "check") && !en_is_word(reader, "flag"))
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
static bool read_object_with_parts(struct en_reader *reader)
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

/* "share the list with my sister" */
static bool is_with_somebody(const struct en_reader *reader)
{
    size_t at = reader->at + 1;

    while (pa_is(reader->reading, at, LANG_DETERMINER))
        at++;
    return en_is_word(reader, "with") && pa_is(reader->reading, at, LANG_PERSON);
}

/* Any other verb: its object is no field; "by" names one. */
static void read_other_verb(struct en_reader *reader)
{
    if (read_object_with_parts(reader))
        return;
    reader->at++;
    while (reader->at < reader->end && !en_is(reader, LANG_AND | LANG_BREAK) &&
           (!en_is(reader, LANG_WITH) || is_with_somebody(reader)) && !en_is_word(reader, "by") &&
           !en_is_word(reader, "for") && !pa_is_mark(reader->reading, reader->at, ',') &&
           !en_is_colon(reader))
        reader->at++;
}

/* ": customers rent bikes", ": parents list toys" are clauses; else what stands there is a list. */
static void read_after_colon(struct en_reader *reader)
{
    bool is_clause = en_is(reader, LANG_PERSON) &&
                     pa_is(reader->reading, reader->at + 1, LANG_MANAGE | LANG_VERB);

    if (!is_clause && !en_read_action(reader))
        en_read_parts(reader, PA_NONE);
}

/* The first nouns, of which one up to `named` may name the app: what it is for. "with" after them
 * lists its parts. */
static void read_topic(struct en_reader *reader, size_t first, size_t named)
{
    struct pa_reading *reading = reader->reading;
    size_t last = reading->item_count - 1;
    size_t kinds = first;

    for (size_t i = first; i <= named;
         i++) /* "a todo app, tags, priority": the topic ends at "app" */
        if (en_ends_in_kind(reader, &reading->items[i]))
            kinds = i;
    reader->topic = reading->statement_count;
    pa_say_of(reading, PA_TOPIC, PA_NONE, first, kinds - first + 1);
    reader->is_named = !en_is_nobody(reader, &reading->items[kinds]);
    pa_say_of(reading, PA_LIST, PA_NONE, kinds + 1, last - kinds);
    reader->has_topic = true;
    reader->owner = PA_NONE;
    if (en_is_colon(reader)) {
        reader->at++;
        read_after_colon(reader);
    } else if (!en_ends_in_kind(reader, &reading->items[last]))
        en_read_predicate(reader, last);
}

static bool names_app(const struct en_reader *reader, size_t first)
{
    for (size_t i = first; i < reader->reading->item_count; i++)
        if (en_ends_in_kind(reader, &reader->reading->items[i]))
            return true;
    return false;
}

/* "a table of customers and their orders": the request begins with a list of things. */
static bool opens_with_things(const struct en_reader *reader, size_t first)
{
    const struct pa_reading *reading = reader->reading;

    for (size_t i = first; i < reading->item_count; i++)
        if (!pa_item_has_plural(reading, i))
            return false;
    return !reader->has_topic && reading->statement_count == 0;
}

/* "movie watchlist, favourites, notes": the request's first noun says what it is about, and no
 * field is of that name. */
static bool opens_with_topic(const struct en_reader *reader, size_t first)
{
    const struct pa_reading *reading = reader->reading;
    const struct pa_item *item = &reading->items[first];

    return !reader->has_topic && reading->statement_count == 0 && !item->is_plural &&
           !item->is_question && item->option_count < 2 && pa_item_type(reading, item) == NULL &&
           en_has_frame(reading, item) && !opens_with_things(reader, first);
}

/* "my salon needs an app", "a brewery needs to track batches": whose it is. */
static bool read_whose(struct en_reader *reader, size_t first)
{
    bool is_wish = reader->reading->item_count == first + 1 && en_wants_to(reader);

    if (!is_wish && !en_needs_app(reader))
        return false;
    reader->reading->item_count = first;
    reader->at += is_wish ? 2 : 0;
    return true;
}

/* What the app is for, as the first nouns say; not "each book has". */
static bool read_opening(struct en_reader *reader, size_t start, size_t first)
{
    const struct pa_reading *reading = reader->reading;
    bool is_part = reading->statement_count > 0 && en_is_with(reader);
    bool is_each = start > reader->first && pa_is(reading, start - 1, LANG_EACH);
    bool is_sentence = en_is(reader, LANG_HAS | LANG_MODAL) ||
                       pa_is_relation(reading, reader->at) || reading->items[first].is_each;

    if (!reader->has_topic && !is_part &&
        (names_app(reader, first) || reading->item_count == first + 1)) {
        if (is_sentence && (!names_app(reader, first) || is_each))
            return false;
        read_topic(reader, first, reading->item_count - 1);
        return true;
    }
    if (!opens_with_topic(reader, first))
        return false;
    read_topic(reader, first, first);
    return true;
}

/* "students can borrow", "techs can comment on tickets": who does it is no field. */
static bool read_doer(struct en_reader *reader, size_t first)
{
    struct pa_reading *reading = reader->reading;

    if (en_is(reader, LANG_MODAL) && !pa_is_word(reading, reader->at + 2, "by") &&
        pa_is(reading, reader->at + 1, LANG_VERB | LANG_MANAGE | LANG_CREATE)) {
        reading->item_count = first;
        return true;
    }
    if (!en_is_word(reader, "can") || pa_is_word(reading, reader->at + 1, "be") ||
        pa_token(reading, reader->at + 1)->kind != LANG_WORD || reading->statement_count == 0 ||
        reading->item_count != first + 1)
        return false;
    reading->item_count = first;
    read_other_verb(reader);
    return true;
}

/* "Features:", but not "the columns have". */
static bool is_bare_title(const struct en_reader *reader, size_t first)
{
    const struct pa_reading *reading = reader->reading;

    return reading->item_count == first + 1 && en_is_list_title(reader, &reading->items[first]) &&
           !(en_is(reader, LANG_HAS) && en_has_frame(reading, &reading->items[first]));
}

/* A noun phrase, or several, that no verb precedes. */
static void read_nouns(struct en_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t start = reader->at;

    if (en_read_action(reader))
        return;
    reader->at = pa_english_list(reading, start, reader->end);
    if (reading->item_count == first) {
        reader->at = reader->at > start ? reader->at : start + 1;
        return;
    }
    if (read_whose(reader, first) || read_opening(reader, start, first) || read_doer(reader, first))
        return;
    if (is_bare_title(reader, first)) {
        reading->item_count = first;
        return;
    }
    if (en_read_predicate(reader, reading->item_count - 1))
        return;
    if (en_is_with(reader)) {
        reader->owner = en_owner_of(reader, reading->item_count - 1);
        pa_say(reading, PA_MANAGE, PA_NONE, first);
        en_read_parts(reader, reader->owner);
        return;
    }
    pa_say(reading, opens_with_things(reader, first) ? PA_MANAGE : PA_LIST, reader->owner, first);
}

/* "a diary for my dog": one dog is no list; but "an app for my bike club" has no other topic. */
static bool is_aside(const struct en_reader *reader, size_t first)
{
    const struct pa_reading *reading = reader->reading;

    return reading->item_count == first + 1 && !reading->items[first].is_plural &&
           reader->topic != PA_NONE && en_has_frame(reading, &reading->items[first]) &&
           en_has_frame(reading, &reading->items[reading->statements[reader->topic].first]);
}

/* "a kanban board for bugs": the board is how they are shown. */
static void say_topic_for(struct en_reader *reader, size_t first)
{
    if (reader->topic != PA_NONE)
        reader->reading->statements[reader->topic].count = 0;
    pa_say(reader->reading, PA_TOPIC, PA_NONE, first);
}

/* "for my bike club": the topic, when nothing has named one; else an aside. */
static void read_for(struct en_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    reader->at++;
    skip(reader, LANG_DETERMINER);
    if (en_is(reader, LANG_MANAGE) && is_verb(reader, LANG_MANAGE)) {
        en_read_manage(reader);
        return;
    }
    if (en_is(reader, LANG_PERSON)) {
        reader->at++;
        return;
    }
    reader->at = reader->is_named ? pa_english_item(reading, reader->at, reader->end)
                                  : pa_english_list(reading, reader->at, reader->end);
    if (en_is_word(reader, "to") || en_is_audience(reader, first)) { /* "for a teacher to manage" */
        reading->item_count = first;
        return;
    }
    if (reader->is_named || is_aside(reader, first))
        reading->item_count = first; /* "an inventory system for a bakery" */
    else
        say_topic_for(reader, first);
    if (en_is_colon(reader)) {
        reader->at++;
        read_after_colon(reader);
    }
}

/* "are highlighted": what is done with things is no noun; but "is paid" answers a question. */
static bool is_passive_verb(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;

    return reader->at > reader->first && en_is(reader, LANG_VERB) &&
           (pa_is_word(reading, reader->at - 1, "are") ||
            pa_is_word(reading, reader->at - 1, "is") ||
            pa_is_word(reading, reader->at - 1, "be") ||
            pa_is_word(reading, reader->at - 1, "get") ||
            pa_is_word(reading, reader->at - 1, "gets")) &&
           pa_type_of(reading->rules, &reading->tokens, reader->at, reader->at + 1) == NULL;
}

/* Words that name nothing by themselves; false: this is none of them. */
static bool skip_words(struct en_reader *reader)
{
    const struct lang_token *token = pa_token(reader->reading, reader->at);

    if (token->is_used &&
        (en_is_used_verb(reader->reading, reader->at, reader->end) ||
         pa_is(reader->reading, reader->at + 1, LANG_DETERMINER | LANG_MANY | LANG_PRONOUN)))
        read_other_verb(reader); /* "chart my progress" */
    else if (en_is_feature_verb(reader->reading, reader->at) ||
             en_is_letting(reader->reading, reader->at))
        read_other_verb(reader); /* "heart the best ones" */
    else if (token->kind == LANG_PUNCT || token->is_used || token->is_negated ||
             en_is(reader, LANG_NEGATION))
        reader->at++;
    else if (en_is(reader, LANG_PREPOSITION) && !en_is(reader, LANG_EACH | LANG_WITH) &&
             !en_is_word(reader, "for") && !en_is_word(reader, "to") && !en_is_word(reader, "by") &&
             !en_is_word(reader, "of") && !en_is_word(reader, "about"))
        read_other_verb(reader); /* "in a gallery" */
    else if (en_is(reader, LANG_GROUP) && pa_is_word(reader->reading, reader->at + 1, "to"))
        reader->at += 2; /* "a place to keep" */
    else if (is_passive_verb(reader))
        reader->at++; /* "overdue tasks are highlighted" */
    else if (en_is(reader, LANG_MODAL) && reader->at > reader->first &&
             pa_is(reader->reading, reader->at - 1, LANG_PRONOUN | LANG_MODAL))
        reader->at++; /* "I'd like" */
    else if (en_is_word(reader, "i'm") || en_is_word(reader, "we're"))
        read_other_verb(reader); /* "I'm a tutor" */
    else if (en_says_who(reader)) {
        reader->at++;
        read_other_verb(reader); /* "I coach a team" */
    } else if (en_is_perfect(reader->reading, reader->at))
        read_other_verb(reader); /* "plants I have killed" */
    else if (en_is(reader, LANG_PERSON) &&
             pa_is(reader->reading, reader->at + 1, LANG_VERB | LANG_MANAGE))
        reader->at++; /* "people rate recipes" */
    else if (en_is_word(reader, "like") && reader->at > reader->first &&
             pa_is(reader->reading, reader->at - 1, LANG_APP | LANG_KIND))
        read_other_verb(reader); /* "an app like that one" */
    else
        return false;
    return true;
}

/* "sort by amount": behind the phrase for the feature. */
static bool is_sorted_by(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;

    for (size_t i = 0; i < reading->match_count; i++)
        if (reading->matches[i].first + reading->matches[i].count == reader->at &&
            strcmp(reading->matches[i].phrase->name, "sort") == 0)
            return pa_is_word(reading, reader->at - 1, "by");
    return false;
}

/* One step; always goes forward. */
static void read_step(struct en_reader *reader)
{
    if (en_read_view(reader) || en_read_act(reader) ||
        (en_is(reader, LANG_PERSON) && en_read_action(reader)) || skip_words(reader))
        return;
    if (en_read_link(reader) || en_read_for_each_thing(reader))
        return;
    if (is_sorted_by(reader)) {
        en_read_list(reader, PA_BY, reader->owner); /* "sort by amount" */
        return;
    }
    if (en_is_word(reader, "for") && pa_is(reader->reading, reader->at + 1, LANG_EACH))
        en_read_for_each(reader);
    else if (en_is_word(reader, "by") && reader->at > reader->first) {
        reader->at++;
        en_read_list(reader, PA_BY, reader->owner);
    } else if (en_is_word(reader, "for") || en_is_word(reader, "about"))
        read_for(reader);
    else if ((en_is(reader, LANG_WITH) || en_is_word(reader, "of")) &&
             pa_ends_feature(reader->reading, reader->at))
        read_other_verb(reader); /* "a chart of income per month" */
    else if (en_is(reader, LANG_WITH) ||
             (en_is(reader, LANG_HAS) && !en_is(reader, LANG_MODAL | LANG_CREATE | LANG_MANAGE)))
        en_read_parts(reader, reader->owner);
    else if (pa_is_relation(reader->reading, reader->at))
        en_read_relation(reader, reader->owner);
    else if (is_verb(reader, LANG_MANAGE))
        en_read_manage(reader);
    else if (is_verb(reader, LANG_CREATE)) {
        if (en_is_told(reader))
            en_read_manage(reader);
        else
            reader->at++;
    } else if (is_verb(reader, LANG_VERB)) {
        if (!read_mark_as(reader))
            read_other_verb(reader);
    } else if (en_is(reader, LANG_EACH) ||
               !en_is(reader, LANG_AND | LANG_OR | LANG_PRONOUN | LANG_MODAL | LANG_PREPOSITION |
                                  LANG_BREAK | LANG_FILLER | LANG_DETERMINER))
        read_nouns(reader);
    else
        reader->at++;
}

void pa_read_english(struct pa_reading *reading, size_t first, size_t end)
{
    bool is_later = reading->statement_count > 0;
    size_t items = reading->item_count;
    struct en_reader reader = { reading, first, first, end, PA_NONE, is_later, is_later, PA_NONE };

    while (reader.at < end) {
        size_t before = reader.at;

        read_step(&reader);
        if (reader.at <= before)
            reader.at = before + 1;
    }
    en_say_whose(reading, items);
}
