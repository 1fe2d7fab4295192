/* SPDX-License-Identifier: Apache-2.0 */
/*
 * korean_deed: one thing that does something to another: "고객이 상품을 주문한다". It makes two
 * things and a relation, or three where the deed is spoken of as a thing.
 */
#include "korean.h"

#include <string.h>

static bool is_thing(const struct ko_reader *reader, const struct pa_item *item)
{
    bool is_user = pa_is_word(reader->reading, item->end - 1, "사용자") ||
                   lang_span_is(pa_token(reader->reading, item->end - 1)->stem, "사용자");

    return item->option_count < 2 && !ko_ends_in(reader, item, LANG_APP) &&
           (is_user ||
            (!ko_ends_in(reader, item, LANG_PERSON) && pa_item_is_named(reader->reading, item)));
}

/* Who acts: the clause says, or, "직원은 부서에 속하고 프로젝트에 참여한다", the one before it. */
static size_t find_actor(struct ko_reader *reader)
{
    const struct ko_group *actor =
        ko_find_group(reader, KO_CASE(SUBJECT) | KO_CASE(TOPIC) | KO_CASE(NONE));

    if (actor == NULL)
        return reader->group_count == 1 ? reader->owner : PA_NONE;
    return actor->count == 1 && reader->group_count == 2 ? actor->first : PA_NONE;
}

/* "상품을 주문하고 주문에는": where the deed is spoken of as a thing, that is what is made;
 * PA_NONE: it is not. */
static size_t find_deed(struct ko_reader *reader, const struct lang_token *verb)
{
    struct pa_reading *reading = reader->reading;
    const char *other = lang_korean_deed(reading->rules->lexicon, verb);
    size_t after = (size_t)(verb - reading->tokens.all) + 1;
    struct lang_frame_match match;

    for (size_t at = after; at < reading->tokens.count && at < after + KO_DEED_WORDS; at++) {
        const struct lang_token *token = pa_token(reading, at);
        size_t length = strlen(token->lemma);
        struct pa_item *item;

        if (!token->is_hangul || token->is_used || token->ending != LANG_END_NONE ||
            ((length > verb->length || memcmp(verb->text, token->lemma, length) != 0) &&
             (other == NULL || strcmp(other, token->lemma) != 0)) ||
            !lang_frame_in(reading->rules->lexicon, &reading->tokens, at, 1, &match) ||
            !match.is_named || !match.frame->is_thing || (item = pa_new_item(reading)) == NULL)
            continue;
        *item = (struct pa_item){ .first = at,
                                  .end = at + 1,
                                  .head_first = at,
                                  .head_end = at + 1,
                                  .from_first = at,
                                  .from_end = at + 1 };
        return reading->item_count - 1;
    }
    return PA_NONE;
}

/* What one does to the other, in statements. */
static void say_deed(struct ko_reader *reader, size_t deed, size_t actor, size_t result)
{
    if (deed != PA_NONE && deed != result) {
        pa_say_of(reader->reading, PA_RELATE, deed, actor, 1);
        pa_say_of(reader->reading, PA_RELATE, deed, result, 1);
        reader->owner = deed;
        return;
    }
    pa_say_of(reader->reading, PA_RELATE, result, actor, 1);
    reader->owner = result;
}

/* "회원이 장난감을 빌리고 대여마다": what people do something with is a thing, where the deed is
 * one.
 */
static bool is_dealt_with(const struct ko_reader *reader, size_t actor, const struct pa_item *item,
                          size_t deed)
{
    struct lang_frame_match match;
    const struct pa_item *who = ko_item((struct ko_reader *)reader, actor);

    return deed != PA_NONE && pa_item_type(reader->reading, item) == NULL &&
           item->option_count < 2 && !ko_ends_in(reader, item, LANG_APP | LANG_PERSON) &&
           lang_frame_in(reader->reading->rules->lexicon, &reader->reading->tokens, who->first,
                         who->end - who->first, &match) &&
           match.is_named && match.is_head && match.frame->is_people;
}

bool ko_say_action(struct ko_reader *reader, const struct lang_token *verb)
{
    enum lang_act act = lang_korean_act(reader->reading->rules->lexicon, verb);
    const struct ko_group *result = ko_find_group(reader, KO_CASE(OBJECT));
    size_t actor = act != LANG_ACT_NONE ? find_actor(reader) : PA_NONE;
    size_t items = reader->reading->item_count;
    size_t deed;

    if (result == NULL && act == LANG_ACT_JOINS)
        result = ko_find_group(reader, KO_CASE(SUBJECT) | KO_CASE(TO));
    if (act == LANG_ACT_NONE || actor == PA_NONE || result == NULL || actor == result->first ||
        result->count != 1 || !is_thing(reader, ko_item(reader, actor)))
        return false;
    deed = act == LANG_ACT_JOINS ? PA_NONE : find_deed(reader, verb);
    if (!is_thing(reader, ko_item(reader, result->first)) &&
        !is_dealt_with(reader, actor, ko_item(reader, result->first), deed)) {
        reader->reading->item_count = items;
        return false;
    }
    if (act == LANG_ACT_JOINS) {
        pa_say_of(reader->reading, PA_JOIN, actor, result->first, 1);
        reader->owner = result->first;
    } else
        say_deed(reader, deed, actor, result->first);
    return true;
}
