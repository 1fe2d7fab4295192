/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build: from statements to a model. First the things that have a life of their own, then their fields, then what the
 * sentence left out.
 */
#include "model.h"

#include <string.h>

/* Calls `visit` for each item of each statement of a kind. */
typedef void visit_fn(struct pa_model *model, const struct pa_statement *statement, size_t item);

static void visit_all(struct pa_model *model, visit_fn *visit)
{
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        const struct pa_statement *statement = &model->reading->statements[s];

        for (size_t i = 0; i < statement->count; i++)
            visit(model, statement, statement->first + i);
    }
}

static struct pa_item *item_of(const struct pa_model *model, size_t item)
{
    return &model->reading->items[item];
}

static bool is_void(const struct pa_model *model, size_t item)
{
    return pa_item_is_void(model->reading, item_of(model, item));
}

static bool list_has_attributes(const struct pa_model *model, const struct pa_statement *statement)
{
    for (size_t i = 0; i < statement->count; i++)
        if (pa_item_is_attribute(model->reading, item_of(model, statement->first + i)))
            return true;
    return false;
}

static size_t count_nouns(const struct pa_model *model, const struct pa_statement *statement)
{
    size_t count = 0;

    for (size_t i = 0; i < statement->count; i++)
        count += !is_void(model, statement->first + i);
    return count;
}

/* Whether an item of "track X, Y" is a thing of its own. */
static bool is_managed_thing(const struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    return statement->says == PA_MANAGE && !is_void(model, item) &&
           pa_item_is_thing(model->reading, item_of(model, item), count_nouns(model, statement),
                            list_has_attributes(model, statement));
}

static void make_owners(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    if (statement->owner != PA_NONE && statement->owner != item && !is_void(model, statement->owner) &&
        (statement->says == PA_HAS || statement->says == PA_RELATE))
        pa_make_entity(model, item_of(model, statement->owner));
    if (statement->says == PA_RELATE && !is_void(model, item))
        pa_make_entity(model, item_of(model, item));
}

static void make_managed(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    const struct pa_item *noun = item_of(model, item);
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, noun, &match);

    if (!is_managed_thing(model, statement, item) || pa_item_is_wish(model, noun))
        return;
    if (frame != NULL && !match.is_named && model->entity_count > 0)
        return; /* "an expense tracker to track spending" */
    pa_make_entity(model, noun);
}

/* The thing the app is for, when it is one: "a recipe app", not "an app for my bike club" where members have names. */
static void make_topic(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    const struct pa_item *noun = item_of(model, item);
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, noun, &match);
    bool is_thing = frame != NULL && match.is_named && frame->is_thing;

    if (statement->says != PA_TOPIC || is_void(model, item))
        return;
    if (model->entity_count > 0 && (!is_thing || pa_find_entity(model, noun) != PA_NONE))
        return;
    pa_make_entity(model, noun);
}

static size_t owner_entity(struct pa_model *model, const struct pa_statement *statement)
{
    size_t found = PA_NONE;

    if (statement->owner != PA_NONE)
        found = pa_find_entity(model, item_of(model, statement->owner));
    return found != PA_NONE ? found : model->main;
}

/* Whether the sentence itself made several things: then "book" in a list refers to books. */
static bool is_many_things(const struct pa_model *model)
{
    return model->entity_count > 1;
}

static void add_part(struct pa_model *model, size_t owner, const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, item, &match);
    bool is_named = frame != NULL && match.is_named && match.is_head && item->option_count < 2;
    bool is_attribute = pa_item_is_attribute(model->reading, item);
    size_t target = item->is_question ? PA_NONE : pa_find_entity(model, item);

    if (target == PA_NONE && is_named && frame->is_thing &&
        ((frame->is_party && is_many_things(model) && !item->is_plural && item->end == item->first + 1) ||
         (item->is_many && !is_attribute)))
        target = pa_make_entity(model, item);
    if (target == PA_NONE || target == owner)
        pa_add_item_field(model, owner, item);
    else if (item->is_many || item->is_plural)
        pa_add_relation(model, target, owner, pa_words_of(model->reading, item));
    else
        pa_add_relation(model, owner, target, pa_words_of(model->reading, item));
}

static bool is_app_word(const struct pa_model *model, const struct pa_item *item)
{
    for (size_t at = item->first; at < item->end; at++)
        if (!pa_is(model->reading, at, LANG_APP | LANG_PERSON | LANG_FILLER | LANG_PERIOD | LANG_KIND))
            return false;
    return true;
}

/* A field of whatever the statement is about. */
static void add_field(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    struct pa_item item = *item_of(model, number);
    size_t owner;

    if (is_void(model, number) || statement->says == PA_TOPIC || statement->says == PA_BY)
        return;
    if (pa_item_is_wish(model, &item))
        return;
    owner = owner_entity(model, statement);
    if (statement->says == PA_RELATE) {
        size_t target = pa_find_entity(model, &item);

        if (target != PA_NONE && owner != PA_NONE && statement->owner != PA_NONE)
            pa_add_relation(model, owner, target, pa_words_of(model->reading, &item));
        return;
    }
    if (is_managed_thing(model, statement, number) || owner == PA_NONE || is_app_word(model, &item))
        return;
    if (statement->says == PA_LIST && pa_find_entity(model, &item) != PA_NONE)
        return;
    add_part(model, owner, &item);
}

/* "books (title, author)": the list in parentheses is the thing's. */
static void add_listed_parts(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    struct pa_reading *reading = model->reading;
    struct pa_item item = *item_of(model, number);
    size_t first = reading->item_count;
    size_t entity = pa_find_entity(model, &item);

    if (entity == PA_NONE || item.list_end <= item.list_first || item.option_count < 2 ||
        (statement->says != PA_MANAGE && statement->says != PA_TOPIC && statement->says != PA_HAS &&
         statement->says != PA_LIST))
        return;
    if (pa_token(reading, item.list_first)->is_hangul)
        pa_korean_list(reading, item.list_first, item.list_end);
    else
        pa_english_list(reading, item.list_first, item.list_end);
    for (size_t i = first; i < reading->item_count; i++)
        if (!is_void(model, i))
            add_part(model, entity, &reading->items[i]);
}

/* "sort by price": the thing has a price then. */
static void add_sorted_by(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    const struct pa_item *item = item_of(model, number);
    const struct pa_type *type = pa_item_type(model->reading, item);
    size_t owner = owner_entity(model, statement);

    if (statement->says != PA_BY || type == NULL || owner == PA_NONE || is_void(model, number) ||
        is_app_word(model, item))
        return;
    if (type->role != NULL && pa_has_role(&model->entities[owner], type->role))
        return;
    for (size_t i = 0; i < model->entities[owner].field_count; i++)
        if (strcmp(model->entities[owner].fields[i].type, type->type) == 0 && type->role == NULL &&
            item->end == item->first + 1 && strcmp(type->type, "date") == 0)
            return; /* "by date", and there is one */
    pa_add_item_field(model, owner, item);
}

static const struct lang_frame *frame_of_domain(const struct pa_model *model, const json_t *understanding)
{
    const char *domain = json_string_value(json_object_get(json_object_get(understanding, "domain"), "name"));
    const struct lang_frame *frame;

    for (size_t i = 0; domain != NULL && (frame = lang_frame_number(model->reading->rules->lexicon, i)) != NULL; i++)
        if (strcmp(frame->domain, domain) == 0)
            return frame;
    return NULL;
}

void pa_build(struct pa_model *model, const json_t *understanding)
{
    struct lang_span none = { "", 0 };

    model->main = PA_NONE;
    visit_all(model, make_owners);
    visit_all(model, make_managed);
    visit_all(model, make_topic);
    if (model->entity_count == 0)
        pa_make_frame_entity(model, frame_of_domain(model, understanding), none);
    model->main = 0;
    visit_all(model, add_listed_parts);
    visit_all(model, add_field);
    pa_add_phrases(model);
    pa_imply_fields(model);
    for (size_t i = 0; i < model->entity_count; i++)
        pa_complete_entity(model, i);
    visit_all(model, add_sorted_by);
}
