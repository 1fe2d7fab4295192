/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_manage: what is tracked, recorded or kept: "track plants with name, species", "a garden
 * with tools and tasks", "for each plant I want".
 */
#include "english.h"

/* "track my reading: title, author": what it is about, and no thing by itself. */
static bool is_heading(const struct en_reader *reader, size_t first)
{
    const struct pa_reading *reading = reader->reading;
    const struct pa_item *item = &reading->items[first];
    struct lang_frame_match match;

    if (reading->item_count != first + 1 || !en_is_colon(reader) || reader->has_topic ||
        reader->owner != PA_NONE || item->is_question || item->option_count >= 2)
        return false;
    if (!lang_frame_in(reading->rules->lexicon, &reading->tokens, item->head_first,
                       item->head_end - item->head_first, &match))
        return pa_item_type(reading, item) != NULL; /* "my screen time: device, minutes" */
    return !match.is_named;
}

/* "a community garden with volunteers, tools and tasks": where the things are, behind its "with".
 */
static bool is_place_of_things(struct en_reader *reader, size_t place)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t options = reading->option_count;
    size_t after = reader->at + 1;
    bool are_things;

    if (first != place + 1 || !en_is_with(reader) || reading->items[place].is_plural ||
        pa_item_is_named(reading, &reading->items[place]) || reader->has_topic)
        return false;
    after = pa_english_list(reading, after, reader->end);
    are_things = reading->item_count > first + 1;
    for (size_t i = first; i < reading->item_count; i++)
        are_things = are_things && pa_item_has_plural(reading, i);
    if (are_things) {
        reading->statements[reading->statement_count - 1].says = PA_TOPIC;
        pa_say(reading, PA_MANAGE, PA_NONE, first);
        reader->has_topic = true;
        reader->at = after;
        return true;
    }
    reading->item_count = first;
    reading->option_count = options;
    return false;
}

/* "track plants with name, species": the objects, then their parts. */
static void read_objects(struct en_reader *reader, enum pa_says says)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;

    reader->at = pa_english_list(reading, reader->at, reader->end);
    if (reading->item_count == first + 1 && en_is_colon(reader) &&
        en_is_list_title(reader, &reading->items[first]) &&
        reading->items[first].end ==
            reading->items[first].head_first + 1) { /* "track three things: mood, sleep" */
        reading->item_count = first;
        reader->at++;
        en_read_list(reader, says, reader->owner);
        return;
    }
    if (says == PA_MANAGE && is_heading(reader, first))
        says = PA_TOPIC;
    pa_say(reading, says, reader->owner, first);
    if (reading->item_count == first || says == PA_BY)
        return;
    if (says == PA_TOPIC) {
        reader->has_topic = true;
        reader->at++;
        en_read_parts(reader, PA_NONE);
        return;
    }
    if (is_place_of_things(reader, first) || en_read_predicate(reader, reading->item_count - 1))
        return;
    if (en_is_with(reader) || en_is_word(reader, "by")) {
        enum pa_says parts = en_is_word(reader, "by") ? PA_BY : PA_HAS;

        reader->owner =
            reading->item_count == first + 1 ? en_owner_of(reader, first) : reading->item_count - 1;
        reader->at++;
        en_read_list(reader, parts, reader->owner);
    }
}

void en_read_manage(struct en_reader *reader)
{
    reader->at++;
    while (en_is(reader, LANG_MANAGE | LANG_PRONOUN | LANG_PREPOSITION) &&
           (pa_is_word(reader->reading, reader->at + 1, "of") ||
            pa_is_word(reader->reading, reader->at + 1, "on") || en_is_word(reader, "of") ||
            en_is_word(reader, "down") || en_is_word(reader, "up") || en_is_word(reader, "about") ||
            en_is_word(reader, "on") || en_is_word(reader, "in") || en_is(reader, LANG_PRONOUN)) &&
           !en_is_word(reader, "who") && !en_is_word(reader, "i") && !en_is_word(reader, "we"))
        reader->at++;
    read_objects(reader, PA_MANAGE);
}

/* "for each plant I want": what follows is about the plant. */
void en_read_for_each(struct en_reader *reader)
{
    size_t first = reader->reading->item_count;
    size_t after;

    reader->at++;
    after = pa_english_item(reader->reading, reader->at, reader->end);
    if (after == reader->at)
        return;
    reader->owner = en_owner_of(reader, first);
    reader->at = reader->reading->items[first].end;
    if (reader->owner != PA_NONE)
        reader->reading->items[first].is_each = true;
    if (pa_is_mark(reader->reading, reader->at, ',') ||
        pa_is_mark(reader->reading, reader->at, ':'))
        reader->at++;
    while (en_is(reader,
                 LANG_PRONOUN | LANG_MODAL | LANG_CREATE | LANG_MANAGE | LANG_HAS | LANG_VERB) &&
           !pa_token(reader->reading, reader->at)->is_used &&
           (en_is(reader, LANG_PRONOUN | LANG_MODAL) ||
            pa_is(reader->reading, reader->at - 1, LANG_PRONOUN | LANG_MODAL | LANG_MANAGE) ||
            pa_is(reader->reading, reader->at + 1, LANG_DETERMINER) || en_is(reader, LANG_HAS) ||
            pa_token(reader->reading, reader->at - 1)->kind == LANG_PUNCT))
        reader->at++;
    en_read_list(reader, PA_HAS, reader->owner);
}
