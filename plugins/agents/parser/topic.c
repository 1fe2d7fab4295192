/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topic: the thing the app is for, when it is one.
 */
#include "model.h"

#include <string.h>

static const struct pa_item *item_of(const struct pa_model *model, size_t item)
{
    return &model->reading->items[item];
}

static bool is_void(const struct pa_model *model, size_t item)
{
    return pa_item_is_void(model->reading, item_of(model, item));
}

/* "customers/orders app": of several, the last one ends in "app". */
static struct pa_item bare_topic(const struct pa_model *model, const struct pa_statement *statement,
                                 size_t item)
{
    struct pa_item bare = *item_of(model, item);

    while (statement->count > 1 && bare.end == bare.head_end && bare.end > bare.first + 1 &&
           pa_is(model->reading, bare.end - 1, LANG_APP | LANG_KIND))
        bare.head_end = --bare.end;
    return bare;
}

/* "hotel with rooms and guests", at the beginning: where the things are, of which there is one. */
static bool is_place_of_things(const struct pa_model *model, const struct pa_item *topic)
{
    for (size_t at = 0; at < topic->first; at++)
        if (!pa_is(model->reading, at, LANG_DETERMINER | LANG_FILLER))
            return false;
    if (topic->is_plural || pa_item_frame(model->reading, topic, NULL) == NULL ||
        pa_is(model->reading, topic->end - 1, LANG_APP | LANG_KIND))
        return false;
    if (model->entity_count > 1 && pa_is_mark(model->reading, topic->from_end, ':'))
        return true; /* "보드게임 카페: 게임, 예약, 손님. 예약은 ..." */
    for (size_t s = 0; s < model->reading->statement_count; s++)
        if (model->reading->statements[s].is_things)
            return true;
    return false;
}

/* "면접 질문 모음", "quote collection": what is collected is a thing, though a field may be of that
 * name; "이름 목록" is too. */
static bool is_collected(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_type *type;
    struct pa_item noun = *item;

    while (noun.end > noun.first + 1 && pa_is(model->reading, noun.end - 1, LANG_KIND | LANG_APP))
        noun.end--;
    noun.head_end = noun.end;
    type = pa_item_type(model->reading, &noun);
    if (type != NULL && pa_is_mark(model->reading, item->from_end, ':') && model->entity_count == 0)
        return true; /* "my screen time: device, minutes" */
    return noun.end < item->end && type != NULL &&
           (strcmp(type->type, "text") == 0 || strcmp(type->type, "long-text") == 0) &&
           type->role == NULL;
}

static bool has_frame(const struct pa_model *model, const struct lang_frame *frame)
{
    for (size_t i = 0; i < model->entity_count; i++)
        if (model->entities[i].frame == frame)
            return true;
    return false;
}

/* The thing the app is for, when it is one: "a recipe app", not "an app for my bike club" where
 * members have names. */
void pa_make_topic(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    struct pa_item bare = bare_topic(model, statement, item);
    const struct pa_item *noun = &bare;
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, noun, &match);
    bool is_thing = frame != NULL && match.is_named && match.is_head && frame->is_thing;

    if (statement->says != PA_TOPIC || is_void(model, item) || pa_is_heading(model, item) ||
        pa_item_is_app_word(model->reading, noun) ||
        (frame == NULL && pa_item_is_attribute(model->reading, noun) &&
         !is_collected(model, item_of(model, item))))
        return;
    if (model->entity_count > 0 && (is_place_of_things(model, item_of(model, item)) ||
                                    item_of(model, item)->particle == LANG_CASE_IS))
        return; /* "산악회예요. 활동마다 날짜": whose app it is */
    if (model->entity_count > 0 &&
        (!is_thing || pa_find_entity(model, noun) != PA_NONE || has_frame(model, frame)))
        return;
    if (frame != NULL && !match.is_head && noun->is_plural && noun->end == noun->head_end)
        pa_make_own_entity(model, noun); /* "library fines" are no books */
    else
        pa_make_entity(model, noun);
}
