/* SPDX-License-Identifier: Apache-2.0 */
/*
 * english_who: who asks for the app, and whose it is to be; none of them is recorded: "I run a
 * bakery", "my salon needs an app", "for teachers who want to".
 */
#include "english.h"

#include <string.h>

/* "needs an app", "wants a simple tool" */
bool en_needs_app(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;
    size_t at = reader->at;

    if (!en_is(reader, LANG_CREATE) || !pa_is(reading, at + 1, LANG_DETERMINER))
        return false;
    for (at += 2; at < reader->end && pa_is(reading, at, LANG_FILLER); at++)
        ;
    if (at + 1 < reader->end && en_is_content(reading, at) && pa_is(reading, at + 1, LANG_KIND) &&
        pa_is_mark(reading, at + 2, ':'))
        return true; /* "our choir needs a music library:" */
    return at < reader->end && pa_is(reading, at, LANG_APP);
}

/* "for photographers where users can", "for teachers who want to": whose app it is. */
bool en_is_audience(const struct en_reader *reader, size_t first)
{
    const struct pa_reading *reading = reader->reading;

    return reading->item_count == first + 1 && reading->items[first].is_plural &&
           (en_is_word(reader, "where") ||
            (en_is_word(reader, "who") && !pa_is(reading, reader->at + 1, LANG_HAS)));
}

bool en_wants_to(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;

    return reading->statement_count == 0 && en_is(reader, LANG_CREATE | LANG_MODAL | LANG_HAS) &&
           pa_is_word(reading, reader->at + 1, "to") &&
           pa_is(reading, reader->at + 2, LANG_MANAGE | LANG_VERB);
}

static bool is_who(const struct en_reader *reader)
{
    return en_is_word(reader, "i") || en_is_word(reader, "we");
}

/* "I run a bakery", at the beginning: who asks, not what for. */
bool en_says_who(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;

    if (reader->at == reader->first && is_who(reader) &&
        pa_token(reading, reader->at + 1)->kind == LANG_WORD &&
        pa_token(reading, reader->at + 1)->tags == 0 && en_is_plural(reading, reader->at + 2) &&
        en_is_content(reading, reader->at + 2))
        return true; /* "I foster kittens" */
    return reader->at == reader->first && is_who(reader) &&
           pa_is(reading, reader->at + 1, LANG_OWNS | LANG_VERB) &&
           !pa_is(reading, reader->at + 1, LANG_MODAL | LANG_CREATE) &&
           pa_is(reading, reader->at + 2, LANG_DETERMINER) &&
           !pa_is_word(reading, reader->at + 1, "have");
}

/* "let my doctor get", "help the kids remember": what somebody else does is no field. */
bool en_is_letting(const struct pa_reading *reading, size_t at)
{
    return (pa_is_word(reading, at, "let") || pa_is_word(reading, at, "help")) &&
           pa_is(reading, at + 1, LANG_DETERMINER);
}

/* "users can create shoots", "lets me make lists": what is made is kept. */
bool en_is_told(const struct en_reader *reader)
{
    const struct pa_reading *reading = reader->reading;

    return reader->at > reader->first &&
           (pa_is_word(reading, reader->at - 1, "can") ||
            pa_is_word(reading, reader->at - 1, "me") ||
            pa_is_word(reading, reader->at - 1, "us")) &&
           !pa_token(reading, reader->at + 1)->is_used;
}
