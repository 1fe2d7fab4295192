/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declare: things whose fields the request lists behind their nouns, "books (title, author)", and
 * things that others refer to. They are called by their own nouns, whatever those are about.
 */
#include "model.h"

/* "books (title, author)": a thing, wherever it stands. */
bool pa_declare(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    size_t entity;

    if (statement->says == PA_BY || !pa_item_declares(model->reading, &model->reading->items[item]))
        return false;
    entity = pa_make_own_entity(model, &model->reading->items[item]);
    if (entity != PA_NONE)
        model->entities[entity].is_declared = true;
    return true;
}

/* "stock: items (name, price)": what the list says is what the app is about. */
bool pa_is_heading(const struct pa_model *model, size_t item)
{
    size_t after = model->reading->items[item].from_end;

    for (size_t i = 0; i < model->entity_count; i++)
        if (model->entities[i].is_declared)
            return pa_is_mark(model->reading, after, ':') || pa_is_mark(model->reading, after, '-');
    return false;
}

/* "belongs to a warehouse": one of those, whatever a warehouse is about. */
void pa_make_target(struct pa_model *model, const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, item, &match);

    if (frame != NULL && (!match.is_named || !match.is_head) &&
        (match.is_head || pa_token(model->reading, item->head_end - 1)->is_hangul))
        pa_make_own_entity(model, item);
    else
        pa_make_entity(model, item);
}

/* What a noun refers to: by its own name, else by what it is about. */
size_t pa_find_target(const struct pa_model *model, const struct pa_item *item)
{
    size_t found = pa_find_referred(model, item);

    return found != PA_NONE ? found : pa_find_entity(model, item);
}

/* "당번표 (이름, 날짜, 했는지)" */
static void add_question(struct pa_reading *reading, size_t at)
{
    struct pa_item *item = pa_new_item(reading);

    if (item != NULL)
        *item = (struct pa_item){ .first = at,
                                  .end = at + 1,
                                  .head_first = at,
                                  .head_end = at + 1,
                                  .from_first = at,
                                  .from_end = at + 1,
                                  .is_question = true,
                                  .hint = "boolean" };
}

/* One piece of such a list. */
static void add_piece(struct pa_model *model, size_t entity, size_t at, size_t end)
{
    struct pa_reading *reading = model->reading;
    size_t first = reading->item_count;

    if (end == at + 1 && pa_is_whether(reading, at))
        add_question(reading, at);
    else if (pa_token(reading, at)->is_hangul)
        pa_korean_list(reading, at, end);
    else
        pa_english_list(reading, at, end);
    for (size_t i = first; i < reading->item_count; i++)
        if (!pa_item_is_void(reading, &reading->items[i]))
            pa_add_part(model, entity, &reading->items[i]);
}

/* "books (title, author)": the list in parentheses is the thing's. */
void pa_add_listed_parts(struct pa_model *model, const struct pa_statement *statement,
                         size_t number)
{
    struct pa_reading *reading = model->reading;
    struct pa_item item = reading->items[number];
    bool is_list = pa_item_lists_fields(reading, &item) ||
                   (statement->says == PA_TOPIC && item.option_count > 1);
    size_t entity = is_list ? pa_find_target(model, &item) : PA_NONE;
    size_t end;

    if (entity == PA_NONE || statement->says == PA_BY)
        return;
    for (size_t at = item.list_first; at < item.list_end; at = end + 1) {
        end = pa_piece_end(reading, at, item.list_end);
        add_piece(model, entity, at, end);
    }
}
