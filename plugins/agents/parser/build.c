/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build: from statements to a model. First the things that have a life of their own, then their
 * fields, then what the sentence left out.
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

/* A photo, a text or a link, where the request says what it is for, is a part of that. */
static bool is_part_of_topic(const struct pa_model *model, const struct pa_item *item)
{
    static const char *const types[] = { "image", "long-text", "url" };
    const struct pa_type *type = pa_item_type(model->reading, item);

    if (type == NULL || item->is_plural || item->option_count > 0 || !model->has_topic)
        return false;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(type->type, types[i]) == 0)
            return true;
    return false;
}

/* "birthdays and gifts": whose day it is, and what they get. */
static bool is_day_with(const struct pa_model *model, const struct pa_statement *statement)
{
    const struct pa_item *day = item_of(model, statement->first);
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, day, &match);

    return statement->says == PA_MANAGE && statement->count == 2 && frame != NULL &&
           frame->is_thing && !match.is_named && match.is_head &&
           pa_item_is_attribute(model->reading, day);
}

/* Whether an item of "track X, Y" is a thing of its own. */
bool pa_is_managed_thing(const struct pa_model *model, const struct pa_statement *statement,
                         size_t item)
{
    if (item != statement->first && is_day_with(model, statement))
        return false;
    if (statement->is_things && pa_item_is_of_feature(model->reading, item_of(model, item)))
        return false;
    if (!is_void(model, item) && statement->is_things &&
        !pa_item_asks(model->reading, item_of(model, item), false))
        return true;
    if (is_void(model, item) || pa_item_is_app_word(model->reading, item_of(model, item)))
        return false;
    if (item_of(model, item)->end > item_of(model, item)->head_end &&
        !pa_item_is_named(model->reading, item_of(model, item)))
        return false; /* "fuel of my car" */
    if (is_part_of_topic(model, item_of(model, item)))
        return false; /* "a pet diary. 사진도 올리고" */
    if (model->has_topic && statement->has_attributes &&
        (item != statement->first ||
         (statement->count > 1 && model->topic_frame != NULL && pa_is_log(model))))
        return false; /* "a diary where I note what I ate, symptoms" */
    return statement->says == PA_MANAGE &&
           pa_item_is_thing(model->reading, item_of(model, item), statement->nouns,
                            statement->has_attributes);
}

/* "mileage of my car": the thing after "of" has the field before it. */
static bool make_thing_of(struct pa_model *model, const struct pa_item *item)
{
    struct pa_item thing = *item;

    thing.first = item->head_end + 1;
    while (thing.first < item->end &&
           pa_is(model->reading, thing.first, LANG_DETERMINER | LANG_EACH))
        thing.first++;
    thing.head_first = thing.first;
    thing.head_end = item->end;
    if (item->end <= item->head_end || thing.first >= item->end || model->entity_count > 0 ||
        pa_item_is_quantity(model->reading, item) || model->has_topic ||
        !pa_item_is_named(model->reading, &thing) || pa_item_is_named(model->reading, item))
        return false;
    pa_make_entity(model, &thing);
    return true;
}

/* "책 제목과 저자를 기록": the first words of a field name the thing it is of. */
static bool make_prefix_thing(struct pa_model *model, const struct pa_item *item)
{
    struct pa_item prefix = *item;
    struct lang_frame_match match;

    if (item->is_question || item->head_end < item->head_first + 2 || model->entity_count > 0 ||
        model->has_topic || !pa_item_is_attribute(model->reading, item) ||
        (item->particle == LANG_CASE_AND && pa_item_is_named(model->reading, item)))
        return false; /* "카페 좌석이랑 이용권" */
    for (size_t end = item->head_end - 1; end > item->head_first; end--) {
        if (pa_is(model->reading, end, LANG_PREPOSITION) || /* "hours of sleep" */
            !lang_frame_in(model->reading->rules->lexicon, &model->reading->tokens,
                           item->head_first, end - item->head_first, &match) ||
            !match.is_named || !match.frame->is_thing || !match.is_head ||
            pa_is(model->reading, end - 1, LANG_PERSON))
            continue;
        prefix.end = prefix.head_end = end;
        pa_make_entity(model, &prefix);
        return true;
    }
    return false;
}

/* "boxes, what is in each box": a question speaks of the first noun as of a thing. */
static bool is_asked_of(const struct pa_model *model, const struct pa_statement *statement)
{
    const struct pa_item *thing = item_of(model, statement->first);
    const char *head = pa_token(model->reading, thing->head_end - 1)->lemma;

    for (size_t i = 1; i < statement->count && thing->is_plural; i++) {
        const struct pa_item *item = item_of(model, statement->first + i);

        for (size_t at = item->first; item->is_question && at < item->end; at++)
            if (strcmp(pa_token(model->reading, at)->lemma, head) == 0)
                return true;
    }
    return false;
}

/* "식재료와 유통기한을 관리": the first noun is a thing, the others are its fields. */
bool pa_leads_fields(const struct pa_model *model, const struct pa_statement *statement,
                     size_t item)
{
    bool is_managed = statement->says == PA_MANAGE && !model->has_topic;
    bool is_placed = statement->says == PA_HAS && statement->owner == PA_NONE &&
                     model->topic_frame == NULL && item_of(model, item)->is_plural &&
                     (item_of(model, item + 1)->is_question || /* "a makerspace: tools, where" */
                      item_of(model, item)->whose_end > 0);    /* "a stand: crops sold by" */

    if (item == statement->first && statement->says == PA_HAS && statement->owner == PA_NONE &&
        is_asked_of(model, statement))
        return true;
    return item == statement->first && statement->count > 1 && (is_managed || is_placed) &&
           pa_item_is_named(model->reading, item_of(model, item)) && statement->has_attributes;
}

/* "an inventory of equipment where every item has": the item is what was spoken of. */
static bool is_stand_in(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_rules *rules = model->reading->rules;
    size_t count;

    return item->end == item->first + 1 && (model->entity_count > 0 || model->has_topic) &&
           pa_find_entity(model, item) == PA_NONE &&
           pa_find_name(rules, &rules->stand_ins, &model->reading->tokens, item->first, item->end,
                        &count) != NULL;
}

/* "회비 낸 사람": somebody told by what he did, where the request is about something else. */
bool pa_item_is_some_person(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_reading *reading = model->reading;
    size_t count = 0;

    if (item->first > 0 && item->from_first > 0 && pa_is_mark(reading, item->from_first - 1, ',') &&
        pa_is_mark(reading, item->end, ','))
        return false; /* in a list: a field */
    return (model->has_topic || model->entity_count > 0) && item->head_end > item->head_first &&
           item->end == item->first + 2 && pa_token(reading, item->first)->is_hangul &&
           pa_token(reading, item->first)->particle == LANG_CASE_NONE &&
           (pa_token(reading, item->first)->tags & ~(uint32_t)LANG_ADNOMINAL) == 0 &&
           strcmp(pa_token(reading, item->end - 1)->lemma, "사람") == 0 &&
           (lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens,
                      item->first, item->end, &count) == NULL ||
            count < 2); /* "받는 사람" */
}

bool pa_says_relation(const struct pa_statement *statement)
{
    return statement->says == PA_RELATE || statement->says == PA_JOIN;
}

/* "a pantry app with items, name": the items are what the app is about. */
bool pa_names_main(const struct pa_model *model, const struct pa_statement *statement,
                   const struct pa_item *item)
{
    return statement->owner == PA_NONE && item->is_plural && model->has_topic &&
           model->entities[model->main].is_label_of_frame && is_stand_in(model, item);
}

/* "근무 일정엔 날짜": a noun of several words whose end is only about something is its own. */
static bool is_own_noun(const struct pa_model *model, const struct pa_item *item)
{
    return pa_token(model->reading, item->head_end - 1)->is_hangul && item->end > item->first + 1 &&
           pa_find_entity(model, item) == PA_NONE;
}

/* "여행별로 분류": what they are sorted by, no thing that has a category. */
static bool is_sorted_by(const struct pa_model *model, const struct pa_statement *statement)
{
    const struct pa_type *type = pa_item_type(model->reading, item_of(model, statement->first));

    return statement->count == 1 && model->has_topic && type != NULL && type->role != NULL &&
           strcmp(type->role, "category") == 0 &&
           item_of(model, statement->owner)->particle == LANG_CASE_EACH;
}

static void make_owners(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    if (statement->owner != PA_NONE && !is_stand_in(model, item_of(model, statement->owner)) &&
        statement->owner != item && !is_void(model, statement->owner) &&
        !is_sorted_by(model, statement) &&
        (statement->says == PA_HAS || pa_says_relation(statement))) {
        if (statement->says == PA_RELATE || item_of(model, statement->owner)->is_each ||
            (statement->owner < statement->first &&
             is_own_noun(model, item_of(model, statement->owner))))
            pa_make_target(model, item_of(model, statement->owner));
        else
            pa_make_entity(model, item_of(model, statement->owner));
    }
    if (pa_says_relation(statement) && !is_void(model, item))
        pa_make_target(model, item_of(model, item));
}

/* Whether the request says of some thing what it has: "a community garden: plots belong to members"
 * is about plots. */
static bool names_owner(const struct pa_model *model)
{
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        const struct pa_statement *statement = &model->reading->statements[s];

        if ((statement->says == PA_HAS || pa_says_relation(statement)) &&
            statement->owner != PA_NONE && !is_void(model, statement->owner) &&
            pa_item_frame(model->reading, item_of(model, statement->owner), NULL) == NULL)
            return true;
    }
    return false;
}

/* "owners have pets": many have many, so these are things too; not "books have pages". */
static bool is_of_many(const struct pa_model *model, const struct pa_statement *statement,
                       const struct pa_item *item)
{
    return statement->says == PA_HAS && statement->owner != PA_NONE && item->is_plural &&
           item->end == item->first + 1 && item->option_count < 2 &&
           item_of(model, statement->owner)->is_plural && pa_item_is_named(model->reading, item) &&
           pa_item_type(model->reading, item) == NULL;
}

static void make_said(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    const struct pa_item *noun = item_of(model, item);
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, noun, &match);

    make_owners(model, statement, item);
    if (pa_declare(model, statement, item))
        return;
    if (model->entity_count == 0 && item == statement->first && is_day_with(model, statement)) {
        pa_make_entity(model, noun);
        return;
    }
    if (statement->says == PA_MANAGE && !is_void(model, item) &&
        (make_thing_of(model, noun) || make_prefix_thing(model, noun)))
        return;
    if (is_of_many(model, statement, noun) && !is_void(model, item)) {
        pa_make_entity(model, noun);
        return;
    }
    if (pa_item_is_some_person(model, noun))
        return;
    if ((!pa_is_managed_thing(model, statement, item) &&
         !pa_leads_fields(model, statement, item)) ||
        pa_item_is_wish(model, noun, true))
        return;
    if (frame != NULL && !match.is_named && (model->entity_count > 0 || names_owner(model)))
        return; /* "an expense tracker to track spending" */
    pa_make_entity(model, noun);
}

/* The first noun of the request that the frames know as a thing, whatever the grammar made of it.
 */
static const struct lang_frame *any_frame(const struct pa_model *model)
{
    struct lang_frame_match match;

    for (size_t i = 0; i < model->reading->tokens.count; i++)
        if (pa_token(model->reading, i)->kind == LANG_WORD &&
            !pa_token(model->reading, i)->is_used &&
            !pa_is(model->reading, i,
                   LANG_MANAGE | LANG_VERB | LANG_CREATE | LANG_MODAL | LANG_PERSON) &&
            lang_frame_in(model->reading->rules->lexicon, &model->reading->tokens, i, 1, &match) &&
            (match.frame->is_thing || !match.is_named) && !match.frame->is_measure &&
            (!match.is_named ||
             pa_type_of(model->reading->rules, &model->reading->tokens, i, i + 1) == NULL))
            return match.frame;
    return model->reading->name_frame;
}

static bool has_measure(const struct pa_model *model, const struct pa_statement *statement)
{
    for (size_t i = 0; i < statement->count; i++) {
        const struct lang_frame *frame =
            pa_item_frame(model->reading, item_of(model, statement->first + i), NULL);

        if (frame != NULL && frame->is_measure)
            return true;
    }
    return false;
}

/* What is recorded when the request only names values of a day: mood, sleep. */
static const struct lang_frame *record_frame(const struct pa_model *model, bool any)
{
    for (size_t s = 0; s < model->reading->statement_count; s++)
        if (any ? model->reading->statements[s].says == PA_MANAGE
                : has_measure(model, &model->reading->statements[s]))
            return pa_frame_named(model, "record");
    return NULL;
}

void pa_build(struct pa_model *model)
{
    struct lang_span none = { "", 0 };
    const struct lang_frame *frame;

    model->main = PA_NONE;
    pa_weigh_lists(model);
    visit_all(model, make_said);
    visit_all(model, pa_make_topic);
    if (model->entity_count == 0) {
        frame = record_frame(model, false);
        if (frame == NULL)
            frame = any_frame(model);
        pa_make_frame_entity(model, frame != NULL ? frame : record_frame(model, true), none);
    }
    model->main = 0;
    visit_all(model, pa_add_listed_parts);
    visit_all(model, pa_add_field_of);
    visit_all(model, pa_add_owned);
    visit_all(model, pa_add_about);
    visit_all(model, pa_add_deed);
    pa_add_phrases(model);
    visit_all(model, pa_add_shown_by);
    pa_add_charted(model);
    pa_imply_fields(model);
    for (size_t i = 0; i < model->entity_count; i++)
        pa_complete_entity(model, i);
    pa_imply_columns(model);
    visit_all(model, pa_add_sorted_by);
}
