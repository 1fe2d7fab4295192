/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_act: what is to be done by the app: "캐릭터가 응원해주는 기능", "사진으로 이름 찾아주기",
 * "생일에 문자를 보내줘". No noun in it is a field.
 */
#include "korean.h"

#include <string.h>

#define KNOWN_VERBS (LANG_MANAGE | LANG_HAS | LANG_CREATE | LANG_RELATE)

static bool is_in(const struct ko_reader *reader, const struct lang_map *map, size_t at)
{
    size_t count;

    return pa_find_name(reader->reading->rules, map, &reader->reading->tokens, at, at + 1,
                        &count) != NULL;
}

static bool ends_with(const struct lang_token *token, const char *end)
{
    size_t length = strlen(end);

    return token->length > length && memcmp(token->text + token->length - length, end, length) == 0;
}

/* "기능", "효과" behind a verb: "응원해주는", "터지는" (which looks like a noun with "는"). */
static bool is_done_thing(const struct ko_reader *reader, size_t at)
{
    const struct lang_token *verb = pa_token(reader->reading, at - 1);

    if (!is_in(reader, &reader->reading->rules->wish_ends, at) &&
        !is_in(reader, &reader->reading->rules->wish_words, at))
        return false;
    return (verb->tags & KNOWN_VERBS) == 0 && ends_with(verb, "는") &&
           (verb->ending == LANG_END_ADNOMINAL || verb->particle == LANG_CASE_TOPIC) &&
           ((verb->tags & LANG_VERB) == 0 || (verb->tags & LANG_KNOWN) != 0 ||
            ends_with(verb, "주는"));
}

/* "보내줘", "추천해주기": a verb of the list, however it goes on. */
static bool is_agent_verb(const struct ko_reader *reader, size_t at)
{
    const struct lang_token *token = pa_token(reader->reading, at);

    for (size_t n = 6; token->is_hangul && token->ending != LANG_END_NONE && n <= token->length;
         n += 3)
        if (lang_map_get(&reader->reading->rules->agent_verbs, token->text, n) != NULL)
            return true;
    return false;
}

/* "찾아주기": done for somebody. */
static bool is_favour(const struct ko_reader *reader, size_t at)
{
    const struct lang_token *token = pa_token(reader->reading, at);

    return token->is_hangul && (token->tags & KNOWN_VERBS) == 0 && ends_with(token, "주기");
}

/* "친구랑 같이 읽기": two people need more than this app. */
static bool is_together(const struct ko_reader *reader, size_t at)
{
    return at >= reader->at + 2 && ends_with(pa_token(reader->reading, at), "기") &&
           pa_is(reader->reading, at - 1, LANG_WITH) && pa_is(reader->reading, at - 2, LANG_PERSON);
}

static size_t piece_end(const struct ko_reader *reader)
{
    size_t at = reader->at;

    while (at < reader->end && pa_token(reader->reading, at)->kind != LANG_PUNCT)
        at++;
    return at;
}

/* A piece with a phrase of the lists, or with the app itself in it, says more than this. */
static bool is_plain(const struct ko_reader *reader, size_t end)
{
    for (size_t at = reader->at; at < end; at++)
        if (pa_token(reader->reading, at)->is_used || pa_token(reader->reading, at)->is_negated ||
            (pa_is(reader->reading, at, LANG_APP) && !pa_is(reader->reading, at, LANG_SYSTEM)) ||
            (at + 1 < end && pa_is(reader->reading, at, KNOWN_VERBS) &&
             pa_is_korean_verb(reader->reading, at)))
            return false;
    return true;
}

/* "회원들이 책을 추천하고": done by those who are recorded, not by the app. */
static bool is_of_people(const struct ko_reader *reader, size_t end)
{
    struct lang_frame_match match;

    for (size_t at = reader->at; at < end; at++)
        if (pa_token(reader->reading, at)->particle == LANG_CASE_SUBJECT &&
            lang_frame_in(reader->reading->rules->lexicon, &reader->reading->tokens, at, 1,
                          &match) &&
            match.is_named && match.frame->is_people)
            return true;
    return false;
}

bool ko_read_act(struct ko_reader *reader)
{
    struct pa_reading *reading = reader->reading;
    size_t first = reading->item_count;
    size_t end;
    struct pa_item *item;

    if (reader->group_count > 0 ||
        (reader->at > 0 && pa_token(reading, reader->at - 1)->kind != LANG_PUNCT))
        return false;
    end = piece_end(reader);
    if (end < reader->at + 2 || end > reader->at + LANG_SENTENCE ||
        (!is_done_thing(reader, end - 1) && !is_agent_verb(reader, end - 1) &&
         !is_favour(reader, end - 1) && !is_together(reader, end - 1)) ||
        is_of_people(reader, end) || !is_plain(reader, end) ||
        (item = pa_new_item(reading)) == NULL)
        return false;
    *item = (struct pa_item){ .first = reader->at,
                              .end = end,
                              .head_first = reader->at,
                              .head_end = end,
                              .from_first = reader->at,
                              .from_end = end,
                              .act = PA_ACT_VERB };
    pa_say(reading, PA_LIST, reader->owner, first);
    reader->at = end;
    return true;
}
