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

/* "beds, crops and plantings": a list of nothing but plurals that name no field. */
static bool is_list_of_things(const struct pa_model *model, const struct pa_statement *statement)
{
    size_t count = 0;
    size_t things = 0;

    if (statement->says != PA_HAS || statement->owner != PA_NONE)
        return false;
    for (size_t i = 0; i < statement->count; i++) {
        const struct pa_item *item = item_of(model, statement->first + i);

        if (is_void(model, statement->first + i))
            continue;
        if (pa_item_declares(model->reading, item)) {
            things++;
            count++;
            continue;
        }
        if (!item->is_plural || item->is_question || item->is_many || item->option_count > 1 ||
            (pa_item_is_attribute(model->reading, item) && !is_weak(model, item)))
            return false;
        things +=
            pa_item_is_named(model->reading, item) || !pa_item_is_attribute(model->reading, item);
        count++;
    }
    return things > 0 && count > 1;
}

static size_t count_nouns(const struct pa_model *model, const struct pa_statement *statement)
{
    size_t count = 0;

    for (size_t i = 0; i < statement->count; i++)
        count += !is_void(model, statement->first + i);
    return count;
}

/* Whether the request says what the app is for. */
static bool has_topic(const struct pa_model *model)
{
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        const struct pa_statement *statement = &model->reading->statements[s];

        if (statement->says == PA_TOPIC && statement->count > 0 &&
            !is_void(model, statement->first) &&
            !pa_item_is_app_word(model->reading, item_of(model, statement->first)))
            return true;
    }
    return false;
}

void pa_weigh_lists(struct pa_model *model)
{
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        struct pa_statement *statement = &model->reading->statements[s];

        statement->has_attributes = list_has_attributes(model, statement);
        statement->is_things = is_list_of_things(model, statement);
        statement->nouns = count_nouns(model, statement);
    }
    model->has_topic = has_topic(model);
}
