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

/* "by month": a time, not a field. */
static bool is_period(const struct pa_model *model, const struct pa_item *item)
{
    return pa_is(model->reading, item->end - 1, LANG_PERIOD);
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

/* Whether an item of "track X, Y" is a thing of its own. */
static bool is_managed_thing(const struct pa_model *model, const struct pa_statement *statement,
                             size_t item)
{
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
    if (item != statement->first && model->has_topic && statement->has_attributes)
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

/* "식재료와 유통기한을 관리": the first noun is a thing, the others are its fields. */
static bool leads_fields(const struct pa_model *model, const struct pa_statement *statement,
                         size_t item)
{
    bool is_managed = statement->says == PA_MANAGE && !model->has_topic;
    bool is_placed = statement->says == PA_HAS && statement->owner == PA_NONE &&
                     model->topic_frame == NULL && item_of(model, item)->is_plural &&
                     item_of(model, item + 1)->is_question; /* "a makerspace: tools, where" */

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
static bool is_some_person(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_reading *reading = model->reading;
    size_t count = 0;

    return (model->has_topic || model->entity_count > 0) && item->head_end > item->head_first &&
           item->end == item->first + 2 && pa_token(reading, item->first)->is_hangul &&
           pa_token(reading, item->first)->particle == LANG_CASE_NONE &&
           (pa_token(reading, item->first)->tags & ~(uint32_t)LANG_ADNOMINAL) == 0 &&
           strcmp(pa_token(reading, item->end - 1)->lemma, "사람") == 0 &&
           (lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens,
                      item->first, item->end, &count) == NULL ||
            count < 2); /* "받는 사람" */
}

static bool is_relation(const struct pa_statement *statement)
{
    return statement->says == PA_RELATE || statement->says == PA_JOIN;
}

/* "a pantry app with items, name": the items are what the app is about. */
static bool names_main(const struct pa_model *model, const struct pa_statement *statement,
                       const struct pa_item *item)
{
    return statement->owner == PA_NONE && item->is_plural && model->has_topic &&
           model->entities[model->main].is_label_of_frame && is_stand_in(model, item);
}

/* "근무 일정엔 날짜": a noun of several words whose end is only about something is its own. */
static bool is_own_noun(const struct pa_model *model, const struct pa_item *item)
{
    return pa_token(model->reading, item->head_end - 1)->is_hangul &&
           item->end > item->first + 1 && pa_find_entity(model, item) == PA_NONE;
}

static void make_owners(struct pa_model *model, const struct pa_statement *statement, size_t item)
{
    if (statement->owner != PA_NONE && !is_stand_in(model, item_of(model, statement->owner)) &&
        statement->owner != item && !is_void(model, statement->owner) &&
        (statement->says == PA_HAS || is_relation(statement))) {
        if (statement->says == PA_RELATE || item_of(model, statement->owner)->is_each ||
            (statement->owner < statement->first &&
             is_own_noun(model, item_of(model, statement->owner))))
            pa_make_target(model, item_of(model, statement->owner));
        else
            pa_make_entity(model, item_of(model, statement->owner));
    }
    if (is_relation(statement) && !is_void(model, item))
        pa_make_target(model, item_of(model, item));
}

/* Whether the request says of some thing what it has: "a community garden: plots belong to members"
 * is about plots. */
static bool names_owner(const struct pa_model *model)
{
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        const struct pa_statement *statement = &model->reading->statements[s];

        if ((statement->says == PA_HAS || is_relation(statement)) && statement->owner != PA_NONE &&
            !is_void(model, statement->owner) &&
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
    if (statement->says == PA_MANAGE && !is_void(model, item) &&
        (make_thing_of(model, noun) || make_prefix_thing(model, noun)))
        return;
    if (is_of_many(model, statement, noun) && !is_void(model, item)) {
        pa_make_entity(model, noun);
        return;
    }
    if (is_some_person(model, noun))
        return;
    if ((!is_managed_thing(model, statement, item) && !leads_fields(model, statement, item)) ||
        pa_item_is_wish(model, noun, true))
        return;
    if (frame != NULL && !match.is_named && (model->entity_count > 0 || names_owner(model)))
        return; /* "an expense tracker to track spending" */
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

/* "예약" in a list of things of which it is one: the thing itself. */
static bool names_again(const struct pa_model *model, size_t owner, const struct pa_item *item)
{
    if (item->is_plural)
        return model->entities[owner].from.frame != NULL;
    return is_many_things(model) && pa_token(model->reading, item->head_end - 1)->is_hangul &&
           item->end == item->first + 1 && pa_item_type(model->reading, item) == NULL;
}

/* "만든 사람(수강생)": the one word in parentheses says what it is. */
static size_t find_in_parentheses(const struct pa_model *model, const struct pa_item *item)
{
    struct pa_item noun = { .first = item->list_first,
                            .end = item->list_end,
                            .head_first = item->list_first,
                            .head_end = item->list_end };

    return item->list_end == item->list_first + 1 ? pa_find_referred(model, &noun) : PA_NONE;
}

void pa_add_part(struct pa_model *model, size_t owner, const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, item, &match);
    bool is_named = frame != NULL && match.is_named && match.is_head && item->option_count < 2;
    bool is_attribute = pa_item_is_attribute(model->reading, item);
    size_t target = pa_find_referred(model, item);

    if (target == PA_NONE)
        target = find_in_parentheses(model, item);
    if (target == PA_NONE && is_named && frame->is_thing && !is_attribute &&
        ((frame->is_party && is_many_things(model) && !item->is_plural &&
          item->end == item->first + 1) ||
         item->is_many))
        target = pa_make_entity(model, item);
    if (target == owner && names_again(model, owner, item))
        return;
    if (target == PA_NONE && is_named && !is_attribute && item->is_plural && frame->is_thing &&
        frame == model->entities[owner].frame && item->end == item->first + 1)
        return; /* a movie planner's "films" */
    if (target == PA_NONE || target == owner)
        pa_add_item_field(model, owner, item);
    else if (item->is_counted)
        pa_add_relation(model, owner, target, pa_words_of(model->reading, item), true);
    else if (item->is_many || item->is_plural || item->is_per)
        pa_add_relation(model, target, owner, pa_words_of(model->reading, item), false);
    else
        pa_add_relation(model, owner, target, pa_words_of(model->reading, item), false);
}

/* "total vertical chart", "총 후원금 차트": a sum that only the chart has. */
static bool is_total(const struct pa_reading *reading, const struct pa_item *item, size_t end)
{
    return item->end > item->first + 1 && pa_token(reading, end)->is_used &&
           item->from_end <= end && item->particle == LANG_CASE_NONE &&
           (pa_is_word(reading, item->first, "total") || pa_is_word(reading, item->first, "총"));
}

/* "회원 로그인", "product search", "간트 차트": the noun in front of a feature is what that is of.
 */
static bool is_of_feature(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_reading *reading = model->reading;

    size_t end = item->end;

    while (pa_is(reading, end, LANG_PERIOD | LANG_EACH) && end < item->from_end)
        end++; /* "books per month chart" */
    if (is_total(reading, item, end))
        return true;
    if (item->end != item->first + 1 || item->from_end > end ||
        item->particle != LANG_CASE_NONE || !pa_token(reading, end)->is_used ||
        !(pa_item_is_named(reading, item) || pa_item_type(reading, item) == NULL))
        return false;
    for (size_t i = 0; i < reading->match_count; i++)
        if (reading->matches[i].first == end && !reading->matches[i].phrase->is_attribute)
            return true;
    return false;
}

/* "title, platform", "author, editor": of several, a word for "app" may be a field. */
static bool is_typed_kind(const struct pa_model *model, const struct pa_statement *statement,
                          const struct pa_item *item)
{
    if (!pa_token(model->reading, item->first)->is_hangul && item->end == item->first + 1 &&
        statement->has_attributes && statement->count > 2 &&
        pa_is_mark(model->reading, item->end, ','))
        return true; /* "funder, program, amount" */
    return pa_is(model->reading, item->end - 1, LANG_SYSTEM) ||
           (pa_is(model->reading, item->end - 1, LANG_KIND) &&
            !pa_is(model->reading, item->end - 1, LANG_APP) && item->end == item->first + 1 &&
            pa_item_type(model->reading, item) != NULL);
}

/* "a planner with vendors and a budget. Vendors: name, phone. Guests: ...": where things list their
 * fields, what the app has is no field of one of them. */
static bool is_declared_elsewhere(const struct pa_model *model,
                                  const struct pa_statement *statement, const struct pa_item *item)
{
    size_t found = pa_find_referred(model, item);
    size_t declared = 0;

    if (statement->says != PA_HAS && statement->says != PA_LIST)
        return false;
    for (size_t i = 0; i < model->entity_count; i++)
        declared += model->entities[i].is_declared;
    if (found != PA_NONE && model->entities[found].is_declared && item->is_plural)
        return true;
    return declared > 1 && declared == model->entity_count && statement->nouns > 1;
}

/* A field of whatever the statement is about. */
static void add_field(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    struct pa_item item = *item_of(model, number);
    bool is_system = statement->count > 1 && is_typed_kind(model, statement, &item);
    size_t owner;

    if (is_void(model, number) || is_of_feature(model, &item) || is_some_person(model, &item) || statement->says == PA_TOPIC ||
        statement->says == PA_BY ||
        (!is_relation(statement) && pa_item_declares(model->reading, &item)))
        return;
    if (pa_item_is_wish(model, &item, is_managed_thing(model, statement, number)))
        return;
    owner = owner_entity(model, statement);
    if (is_relation(statement)) {
        size_t target = pa_find_target(model, &item);

        if (target != PA_NONE && owner != PA_NONE && statement->owner != PA_NONE)
            pa_add_relation(model, owner, target, pa_words_of(model->reading, &item),
                            statement->says == PA_JOIN);
        return;
    }
    if (is_managed_thing(model, statement, number) || leads_fields(model, statement, number) ||
        owner == PA_NONE || names_main(model, statement, &item) ||
        (pa_item_is_app_word(model->reading, &item) && !is_system))
        return;
    if (statement->says == PA_LIST && statement->count == 1 &&
        pa_find_referred(model, &item) != PA_NONE)
        return;
    if (statement->owner == PA_NONE && is_declared_elsewhere(model, statement, &item))
        return;
    pa_add_part(model, owner, &item);
}

/* "customers and their orders": each order is of a customer. */
static void add_owned(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    const struct pa_item *item = item_of(model, number);
    size_t owner = PA_NONE;
    size_t thing;

    if (!item->is_owned || statement->says == PA_BY)
        return;
    thing = pa_find_referred(model, item);
    if (number > statement->first && !is_void(model, number - 1))
        owner = pa_find_referred(model, item_of(model, number - 1));
    if (owner != PA_NONE && thing != PA_NONE)
        pa_add_relation(model, thing, owner, pa_words_of(model->reading, item), false);
}

/* What "comments" are about: the thing that the app is for, else the one named before them. */
static size_t find_subject(const struct pa_model *model, const struct pa_statement *statement,
                           size_t number)
{
    size_t nearest = PA_NONE;

    for (size_t i = number; i-- > statement->first;) {
        size_t thing = pa_find_referred(model, item_of(model, i));

        if (thing == PA_NONE || pa_item_is_about(model->reading, item_of(model, i)))
            continue;
        if (model->topic_frame != NULL && model->entities[thing].frame == model->topic_frame)
            return thing;
        nearest = nearest == PA_NONE ? thing : nearest;
    }
    return nearest;
}

/* "posts and comments": each comment is of a post. */
static void add_about(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    const struct pa_item *item = item_of(model, number);
    size_t thing = PA_NONE;
    size_t subject = PA_NONE;

    if (!statement->is_things || !pa_item_is_about(model->reading, item))
        return;
    thing = pa_find_referred(model, item);
    subject = find_subject(model, statement, number);
    if (thing != PA_NONE && subject != PA_NONE)
        pa_add_relation(model, thing, subject, pa_words_of(model->reading, item), false);
}

/* "sort by price": the thing has a price then. */
static void add_sorted_by(struct pa_model *model, const struct pa_statement *statement,
                          size_t number)
{
    const struct pa_item *item = item_of(model, number);
    const struct pa_type *type = pa_item_type(model->reading, item);
    size_t owner = owner_entity(model, statement);

    const struct pa_item *last = item_of(model, statement->first + statement->count - 1);

    if (statement->says != PA_BY || owner == PA_NONE || is_void(model, number) ||
        pa_item_is_app_word(model->reading, item) || is_period(model, item))
        return;
    if (last->has_range) { /* "by broth, noodles and service from 1 to 5" */
        struct pa_item ranged = *item;

        ranged.has_range = true;
        ranged.min = last->min;
        ranged.max = last->max;
        pa_add_item_field(model, owner, &ranged);
        return;
    }
    if (type == NULL)
        return;
    if (type->role != NULL && pa_has_role(&model->entities[owner], type->role))
        return;
    for (size_t i = 0; i < model->entities[owner].field_count; i++)
        if (strcmp(model->entities[owner].fields[i].type, type->type) == 0 && type->role == NULL &&
            item->end == item->first + 1 && strcmp(type->type, "date") == 0)
            return; /* "by date", and there is one */
    pa_add_item_field(model, owner, item);
}

/* "구역별로 볼 수 있게": one finds those of one district. */
static void add_shown_by(struct pa_model *model, const struct pa_statement *statement,
                         size_t number)
{
    const struct pa_type *type = pa_item_type(model->reading, item_of(model, number));

    if (statement->says == PA_BY && statement->is_shown && !is_void(model, number) &&
        (type == NULL || type->feature == NULL) && !pa_is_excluded(model, "filter"))
        pa_add_feature(model, "filter", pa_words_of(model->reading, item_of(model, number)));
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
    visit_all(model, add_field);
    visit_all(model, add_owned);
    visit_all(model, add_about);
    pa_add_phrases(model);
    visit_all(model, add_shown_by);
    pa_add_charted(model);
    pa_imply_fields(model);
    for (size_t i = 0; i < model->entity_count; i++)
        pa_complete_entity(model, i);
    pa_imply_columns(model);
    visit_all(model, add_sorted_by);
}
