/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_whose: what stands behind a noun and says whose it is, by whom or of what: "donations
 * made by sponsors", "members of each family", "inspections of hives". It is no part of the noun's
 * name; where both are things, one refers to the other.
 */
#include "english.h"

#include <string.h>

bool en_is_past(const struct pa_reading *reading, size_t at)
{
    const struct lang_token *token = pa_token(reading, at);
    size_t n = token->length;

    if (token->kind != LANG_WORD || token->is_hangul)
        return false;
    return (token->tags & LANG_ADNOMINAL) != 0 ||
           (n > 4 && strcmp(token->text + n - 2, "ed") == 0 && token->text[n - 3] != 'e');
}

/* "sorted by date": how, not by whom. */
static bool is_arranged(const struct pa_reading *reading, size_t at)
{
    size_t count;

    return pa_find_name(reading->rules, &reading->rules->arranged, &reading->tokens, at, at + 1,
                        &count) != NULL;
}

bool en_is_done_by(const struct pa_reading *reading, size_t at, size_t end)
{
    return at > 0 && at + 2 < end && en_is_past(reading, at) && !is_arranged(reading, at) &&
           !pa_token(reading, at)->is_used && pa_is_word(reading, at + 1, "by") &&
           (pa_is(reading, at + 2, LANG_DETERMINER | LANG_EACH | LANG_PRONOUN | LANG_PERSON) ||
            en_is_content(reading, at + 2));
}

static size_t skip_articles(const struct pa_reading *reading, size_t at, size_t end)
{
    while (at < end && pa_is(reading, at, LANG_DETERMINER | LANG_EACH | LANG_FILLER) &&
           !pa_token(reading, at)->is_used)
        at++;
    return at;
}

/* "by me", "by sponsors": the token after it. */
static size_t read_agent(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t noun = skip_articles(reading, at, end);
    size_t after;

    if (pa_is(reading, noun, LANG_PRONOUN))
        return noun + 1;
    after = en_content_end(reading, noun, end);
    if (after > noun) {
        item->whose_first = noun;
        item->whose_end = after;
    }
    return after;
}

static bool is_named_thing(const struct pa_reading *reading, size_t first, size_t end)
{
    struct lang_frame_match match;

    return lang_frame_in(reading->rules->lexicon, &reading->tokens, first, end - first, &match) &&
           match.is_named && match.is_head && match.frame->is_thing;
}

static bool is_party(const struct pa_reading *reading, const struct pa_item *item)
{
    struct lang_frame_match match;

    return lang_frame_in(reading->rules->lexicon, &reading->tokens, item->head_first,
                         item->head_end - item->head_first, &match) &&
           match.frame->is_party;
}

/* "members of each family", "inspections of hives"; "members of the club": there is one, so nothing
 * refers to it. */
static size_t read_of_thing(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    size_t noun = skip_articles(reading, at + 1, end);
    size_t after = en_content_end(reading, noun, end);
    bool is_each = noun > at + 1 && pa_is(reading, noun - 1, LANG_EACH);

    if (after == noun || !item->is_plural || item->is_question || item->end != at ||
        !is_named_thing(reading, item->head_first, item->head_end))
        return at;
    if (is_each || (noun == at + 1 && en_is_plural(reading, after - 1) &&
                    is_named_thing(reading, noun, after))) {
        item->whose_first = noun;
        item->whose_end = after;
        return after;
    }
    return noun > at + 1 && pa_is(reading, noun - 1, LANG_DETERMINER) && is_party(reading, item)
               ? after
               : at;
}

size_t en_read_whose(struct pa_reading *reading, struct pa_item *item, size_t at, size_t end)
{
    if (item->whose_end > 0 || item->is_question)
        return at;
    if (item->end == at && en_is_done_by(reading, at, end))
        return read_agent(reading, item, at + 2, end);
    return pa_is_word(reading, at, "of") ? read_of_thing(reading, item, at, end) : at;
}

/* "photos taken by hikers": a part of what it is listed with, whoever took it. */
static bool is_part(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return type != NULL && strcmp(type->type, "text") != 0;
}

/* "by sponsors": who did it is somebody, though no frame knows him. */
static bool is_somebody(const struct pa_reading *reading, size_t item)
{
    const struct pa_item *noun = &reading->items[item];
    const struct pa_type *type = pa_item_type(reading, noun);

    return en_is_thing(reading, item) ||
           (noun->is_plural && noun->option_count < 2 && type != NULL && type->role == NULL &&
            strcmp(type->type, "text") == 0);
}

void en_say_whose(struct pa_reading *reading, size_t first)
{
    size_t count = reading->item_count;

    for (size_t i = first; i < count; i++) {
        size_t other = reading->item_count;

        if (reading->items[i].whose_end == 0 ||
            !(en_is_thing(reading, i) || pa_item_declares(reading, &reading->items[i])) ||
            is_part(reading, &reading->items[i]))
            continue;
        pa_english_item(reading, reading->items[i].whose_first, reading->items[i].whose_end);
        if (reading->item_count == other)
            continue;
        if (is_somebody(reading, other))
            pa_say_of(reading, PA_RELATE, i, other, 1);
        else
            reading->item_count = other;
    }
}
