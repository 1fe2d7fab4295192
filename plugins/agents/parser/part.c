/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part: what a thing is made of, by the statements about it: fields, relations to other things, and
 * what records are sorted or shown by.
 */
#include "model.h"

#include <string.h>

static struct pa_item *item_of(const struct pa_model *model, size_t item)
{
    return &model->reading->items[item];
}

static bool is_void(const struct pa_model *model, size_t item)
{
    return pa_item_is_void(model->reading, item_of(model, item));
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
    if (target == owner && (names_again(model, owner, item) || (item->is_many && item->is_plural)))
        return; /* "a list of bookings", of bookings */
    if ((target == PA_NONE || target == owner) && is_named && !is_attribute && item->is_plural &&
        frame->is_thing && frame == model->entities[owner].frame && item->end == item->first + 1 &&
        pa_item_type(model->reading, item) == NULL)
        return; /* a movie planner's "films"; but a class has subjects */
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

/* "a progress chart": of how things change, not of a number called so. */
static bool is_change(const struct pa_reading *reading, const struct pa_item *item, size_t end)
{
    size_t count;

    return item->end == item->first + 1 && item->from_end <= end &&
           pa_token(reading, end)->is_used &&
           pa_find_name(reading->rules, &reading->rules->changes, &reading->tokens, item->first,
                        item->end, &count) != NULL;
}

/* "회원 로그인", "product search", "간트 차트": the noun in front of a feature is what that is of.
 */
static bool is_of_feature(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_reading *reading = model->reading;

    size_t end = item->end;

    while (pa_is(reading, end, LANG_PERIOD | LANG_EACH) && end < item->from_end)
        end++; /* "books per month chart" */
    if (is_total(reading, item, end) || is_change(reading, item, end))
        return true;
    if (item->end != item->first + 1 || item->from_end > end || item->particle != LANG_CASE_NONE ||
        !pa_token(reading, end)->is_used ||
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
    if (pa_token(model->reading, item->first)->is_hangul && item->end == item->first + 1 &&
        pa_is(model->reading, item->first, LANG_PERSON) && statement->has_attributes &&
        item->first > 0 && pa_token(model->reading, item->first - 1)->kind == LANG_PUNCT &&
        pa_token(model->reading, item->end)->kind == LANG_PUNCT)
        return true; /* "층, 사용자, 만료일" */
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

/* "by amount", where there is an amount owed. */
static bool has_such(const struct pa_entity *entity, const struct pa_reading *reading,
                     const struct pa_item *item, const struct pa_type *type)
{
    const char *noun = pa_token(reading, item->end - 1)->lemma;
    size_t n = strlen(noun);

    for (size_t i = 0; i < entity->field_count && item->end == item->first + 1; i++) {
        const char *found = strstr(entity->fields[i].name, noun);

        if (n > 0 && found != NULL && strcmp(entity->fields[i].type, type->type) == 0 &&
            (found == entity->fields[i].name || found[-1] == '_') &&
            (found[n] == '\0' || found[n] == '_'))
            return true;
    }
    return false;
}

/* "a log of my blood pressure with systolic, diastolic": what has numbers of its own is none. */
static bool has_numbers(const struct pa_model *model, size_t number)
{
    for (size_t s = 0; s < model->reading->statement_count; s++) {
        const struct pa_statement *statement = &model->reading->statements[s];

        for (size_t i = 0; statement->owner == number && i < statement->count; i++) {
            const struct pa_type *type =
                pa_item_type(model->reading, item_of(model, statement->first + i));

            if (statement->says == PA_HAS && type != NULL && strcmp(type->type, "number") == 0)
                return true;
        }
    }
    return false;
}

/* "filter by status", where there is an invoice status. */
static bool is_said_of(const struct pa_model *model, const struct pa_statement *statement,
                       size_t owner, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(model->reading, item);

    return statement->says == PA_LIST && statement->count == 1 && type != NULL &&
           item->option_count < 2 && has_such(&model->entities[owner], model->reading, item, type);
}

/* A field of whatever the statement is about. */
void pa_add_field_of(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    struct pa_item item = *item_of(model, number);
    bool is_system = statement->count > 1 && is_typed_kind(model, statement, &item);
    size_t owner;

    if (is_void(model, number) || is_of_feature(model, &item) ||
        pa_item_is_some_person(model, &item) || statement->says == PA_TOPIC ||
        statement->says == PA_BY ||
        (!pa_says_relation(statement) && pa_item_declares(model->reading, &item)))
        return;
    if (pa_item_is_wish(model, &item, pa_is_managed_thing(model, statement, number)))
        return;
    owner = owner_entity(model, statement);
    if (pa_says_relation(statement)) {
        size_t target = pa_find_target(model, &item);

        if (target != PA_NONE && owner != PA_NONE && statement->owner != PA_NONE)
            pa_add_relation(model, owner, target, pa_words_of(model->reading, &item),
                            statement->says == PA_JOIN);
        return;
    }
    if (pa_is_managed_thing(model, statement, number) ||
        pa_leads_fields(model, statement, number) || owner == PA_NONE ||
        pa_names_main(model, statement, &item) ||
        (pa_item_is_app_word(model->reading, &item) && !is_system))
        return;
    if (statement->says == PA_LIST && statement->count == 1 &&
        pa_find_referred(model, &item) != PA_NONE)
        return;
    if (statement->owner == PA_NONE && is_declared_elsewhere(model, statement, &item))
        return;
    if (statement->is_things && pa_item_is_of_feature(model->reading, &item)) /* "and due dates" */
        owner = pa_owner_of_feature(model, pa_item_type(model->reading, &item)->feature);
    if (is_said_of(model, statement, owner, &item) ||
        (statement->says == PA_MANAGE && statement->count == 1 && has_numbers(model, number)))
        return;
    pa_add_part(model, owner, &item);
}

/* "customers and their orders": each order is of a customer. */
void pa_add_owned(struct pa_model *model, const struct pa_statement *statement, size_t number)
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
void pa_add_about(struct pa_model *model, const struct pa_statement *statement, size_t number)
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

/* People, what others refer to, and the first thing of another kind: not the authors of books. */
static bool may_be_joined(const struct pa_entity *entity, bool has_thing)
{
    const struct lang_frame *frame = entity->frame;

    return frame != NULL && !frame->is_deed && (frame->is_people || frame->is_party || !has_thing);
}

/* "customers, items and rentals": each rental is of one customer and one item. */
void pa_add_deed(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    const struct pa_item *item = item_of(model, number);
    bool has_thing = false;
    size_t deed;

    if (!statement->is_things && (statement->says != PA_MANAGE || statement->has_attributes))
        return;
    deed = pa_find_referred(model, item);
    if (deed == PA_NONE || model->entities[deed].frame == NULL ||
        !model->entities[deed].frame->is_deed || model->entities[deed].is_declared)
        return;
    for (size_t i = 0; i < model->relation_count; i++)
        if (model->relations[i].from == deed)
            return; /* "each visit is for one cat" */
    for (size_t i = statement->first; i < statement->first + statement->count; i++) {
        size_t thing = pa_find_referred(model, item_of(model, i));

        if (thing == PA_NONE || thing == deed || !may_be_joined(&model->entities[thing], has_thing))
            continue;
        has_thing = has_thing || !model->entities[thing].frame->is_people;
        pa_add_relation(model, deed, thing, pa_words_of(model->reading, item_of(model, i)), false);
    }
}

/* "by month": a time, not a field. */
static bool is_period(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_type *type = pa_item_type(model->reading, item);

    return pa_is(model->reading, item->end - 1, LANG_PERIOD) &&
           !(type != NULL && strcmp(type->type, "choice") == 0); /* "by day of the week" */
}

/* "sort by price": the thing has a price then. */
void pa_add_sorted_by(struct pa_model *model, const struct pa_statement *statement, size_t number)
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
    if ((type->role != NULL && pa_has_role(&model->entities[owner], type->role)) ||
        has_such(&model->entities[owner], model->reading, item, type))
        return;
    for (size_t i = 0; i < model->entities[owner].field_count; i++)
        if (strcmp(model->entities[owner].fields[i].type, type->type) == 0 && type->role == NULL &&
            item->end == item->first + 1 && strcmp(type->type, "date") == 0)
            return; /* "by date", and there is one */
    pa_add_item_field(model, owner, item);
}

/* "구역별로 볼 수 있게": one finds those of one district. */
void pa_add_shown_by(struct pa_model *model, const struct pa_statement *statement, size_t number)
{
    const struct pa_type *type = pa_item_type(model->reading, item_of(model, number));

    if (statement->says == PA_BY && statement->is_shown && !is_void(model, number) &&
        (type == NULL || type->feature == NULL) && !pa_is_excluded(model, "filter"))
        pa_add_feature(model, "filter", pa_words_of(model->reading, item_of(model, number)));
}
