/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list: what a list of items is as a whole, which decides what each of them is. Told once for each
 * statement, so that a long list costs no more than its length.
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

/* Fields among the items, not counting nouns that may be things as well ("customer"). */
static bool list_has_attributes(const struct pa_model *model, const struct pa_statement *statement)
{
    for (size_t i = 0; i < statement->count; i++) {
        const struct pa_item *item = item_of(model, statement->first + i);

        if (pa_item_is_attribute(model->reading, item) && !pa_item_is_named(model->reading, item))
            return true;
    }
    return false;
}

/* A noun that would be just a text: "shelf". */
static bool is_weak(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(model->reading, item);

    return type != NULL && strcmp(type->type, "text") == 0 && type->role == NULL &&
           item->end == item->first + 1;
}

/* No Korean noun has a plural. "환자와 의사가 있고" names two things, where nothing else says what
 * the app is for; "블로그: 글과 댓글" too, where the first is what it is for. */
static bool is_korean_list_of_things(const struct pa_model *model,
                                     const struct pa_statement *statement)
{
    const struct pa_item *first = item_of(model, statement->first);

    if (!pa_token(model->reading, first->head_end - 1)->is_hangul ||
        !pa_item_is_named(model->reading, first))
        return false;
    for (size_t i = 0; i < statement->count && model->topic_frame != NULL; i++)
        if (pa_item_frame(model->reading, item_of(model, statement->first + i), NULL) ==
            model->topic_frame)
            return true; /* "대여 앱. 회원, 장비, 대여" */
    return !model->has_topic;
}

/* "posts", "환자": may be one of a list of things. */
static bool may_be_thing(const struct pa_model *model, const struct pa_item *item, bool is_korean)
{
    if (item->is_question || item->is_many || item->option_count > 1)
        return false;
    if (is_korean)
        return pa_item_is_named(model->reading, item) &&
               (pa_item_type(model->reading, item) == NULL || is_weak(model, item));
    return item->is_plural && (!pa_item_is_attribute(model->reading, item) || is_weak(model, item));
}

bool pa_item_is_about(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return type != NULL && type->role == NULL && strcmp(type->type, "long-text") == 0 &&
           (item->is_plural || pa_token(reading, item->head_end - 1)->is_hangul) &&
           item->end == item->first + 1 && item->option_count < 2 &&
           pa_item_frame(reading, item, NULL) == NULL;
}

bool pa_item_is_of_feature(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(reading, item);

    return type != NULL && type->feature != NULL;
}

/* "beds, crops and plantings": a list of nothing but plurals that name no field; "posts and
 * comments": and what is said about them. */
static bool is_list_of_things(const struct pa_model *model, const struct pa_statement *statement)
{
    const struct pa_reading *reading = model->reading;
    bool is_korean = is_korean_list_of_things(model, statement);
    size_t count = 0;
    size_t things = 0;
    size_t plain = 0; /* things that no field could be */
    size_t abouts = 0;

    if (statement->says != PA_HAS || statement->owner != PA_NONE)
        return false;
    for (size_t i = 0; i < statement->count; i++) {
        const struct pa_item *item = item_of(model, statement->first + i);

        if (is_void(model, statement->first + i) || pa_item_asks(reading, item, false) ||
            (i > 0 && pa_item_is_of_feature(reading, item)))
            continue;
        count++;
        if (pa_item_declares(reading, item))
            things++;
        else if (may_be_thing(model, item, is_korean)) {
            things += pa_item_is_named(reading, item) || !pa_item_is_attribute(reading, item);
            plain += pa_item_type(reading, item) == NULL;
        } else if (pa_item_is_about(reading, item))
            abouts++;
        else
            return false;
    }
    return things > 0 && count > 1 && (abouts == 0 || plain > 0);
}

static size_t count_nouns(const struct pa_model *model, const struct pa_statement *statement)
{
    size_t count = 0;

    for (size_t i = 0; i < statement->count; i++)
        count += !is_void(model, statement->first + i);
    return count;
}

/* What the request says the app is for. */
static void find_topic(struct pa_model *model)
{
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        const struct pa_statement *statement = &model->reading->statements[s];

        if (statement->says != PA_TOPIC || statement->count == 0 ||
            is_void(model, statement->first) ||
            pa_item_is_app_word(model->reading, item_of(model, statement->first)))
            continue;
        model->has_topic = true;
        model->topic_frame = pa_item_frame(model->reading, item_of(model, statement->first), NULL);
        return;
    }
}

void pa_weigh_lists(struct pa_model *model)
{
    find_topic(model);
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        struct pa_statement *statement = &model->reading->statements[s];

        statement->has_attributes = list_has_attributes(model, statement);
        statement->is_things = is_list_of_things(model, statement);
        statement->nouns = count_nouns(model, statement);
    }
}
