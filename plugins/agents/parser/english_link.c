/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_link: things that are put to other things: "attach clients to shoots", "assign each chore
 * to a kid", "keep invoices for each client".
 */
#include "english.h"

#include <string.h>

#define LINK_WORDS 6 /* between the verb and its "to" */

/* The "to" of "assign chores to kids", behind the verb at `at`; 0: there is none. */
static size_t find_to(const struct pa_reading *reading, size_t at, size_t end)
{
    for (size_t to = at + 2; to + 1 < end && to < at + LINK_WORDS; to++) {
        if (pa_token(reading, to - 1)->kind != LANG_WORD || pa_token(reading, to - 1)->is_used ||
            pa_is(reading, to - 1, LANG_AND | LANG_PREPOSITION | LANG_PRONOUN))
            return 0;
        if (pa_is_word(reading, to, "to") || pa_is_word(reading, to, "with"))
            return to;
    }
    return 0;
}

/* "add songs to playlists": one thing has many of the other. */
static bool gathers(const struct pa_reading *reading, size_t at)
{
    size_t count;

    return pa_find_name(reading->rules, &reading->rules->gathers, &reading->tokens, at, at + 1,
                        &count) != NULL;
}

bool en_is_thing(const struct pa_reading *reading, size_t item)
{
    const struct pa_item *noun = &reading->items[item];

    return noun->option_count < 2 && !noun->is_question &&
           !pa_is(reading, noun->head_end - 1, LANG_APP) &&
           (pa_item_is_named(reading, noun) ||
            (noun->is_plural && pa_item_type(reading, noun) == NULL));
}

/* Reads both nouns as new items; 0, and none: there is no such clause. Else the token after it. */
static size_t read_link(struct pa_reading *reading, size_t at, size_t end)
{
    size_t first = reading->item_count;
    size_t options = reading->option_count;
    size_t to = find_to(reading, at, end);
    size_t after = 0;

    if (to > 0 && (pa_is(reading, at, LANG_RELATE) || gathers(reading, at)) &&
        pa_english_item(reading, at + 1, to) == to && reading->item_count == first + 1)
        after = pa_english_item(reading, to + 1, end);
    if (after > to && reading->item_count == first + 2 && en_is_thing(reading, first) &&
        en_is_thing(reading, first + 1))
        return after;
    reading->item_count = first;
    reading->option_count = options;
    return 0;
}

bool en_link_at(struct pa_reading *reading, size_t at, size_t end)
{
    size_t first = reading->item_count;
    size_t options = reading->option_count;
    bool is_there = read_link(reading, at, end) > 0;

    reading->item_count = first;
    reading->option_count = options;
    return is_there;
}

bool en_read_link(struct en_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t verb = reader->at;
    size_t after = read_link(reading, verb, reader->end);

    if (after == 0)
        return false;
    if (gathers(reading, verb))
        pa_say_of(reading, PA_JOIN, first + 1, first, 1);
    else
        pa_say_of(reading, PA_RELATE, first, first + 1, 1);
    reader->at = after;
    return true;
}

bool en_is_for_each(struct pa_reading *reading, size_t at, size_t end)
{
    size_t first = reading->item_count;
    size_t options = reading->option_count;
    bool is_each = false;
    size_t after;

    size_t noun = pa_is_word(reading, at, "per") ? at + 1 : at + 2;

    if (noun == at + 2 && (!pa_is_word(reading, at, "for") || !pa_is(reading, at + 1, LANG_EACH) ||
                           pa_is_word(reading, at + 1, "all")))
        return false;
    after = pa_english_item(reading, noun, end);
    is_each = reading->item_count == first + 1 &&
              pa_item_is_named(reading, &reading->items[first]) &&
              (after >= end || pa_token(reading, after)->kind == LANG_PUNCT ||
               pa_is(reading, after, LANG_AND | LANG_WITH));
    reading->item_count = first;
    reading->option_count = options;
    return is_each;
}

bool en_read_for_each_thing(struct en_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    if (first == 0 || reading->items[first - 1].from_end != reader->at ||
        !en_is_thing(reading, first - 1) || !reading->items[first - 1].is_plural ||
        !en_is_for_each(reading, reader->at, reader->end))
        return false;
    reader->at += en_is_word(reader, "per") ? 1 : 2;
    reader->at = pa_english_item(reading, reader->at, reader->end);
    pa_say_of(reading, PA_RELATE, first - 1, first, 1);
    reader->owner = first - 1;
    return true;
}
