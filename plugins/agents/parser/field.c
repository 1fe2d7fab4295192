/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field: makes fields: what the words around a noun say comes before what the noun itself says, and
 * a noun that says nothing is text.
 */
#include "model.h"

#include <stdio.h>
#include <string.h>

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool pa_has_role(const struct pa_entity *entity, const char *role)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (is_same(entity->fields[i].role, role))
            return true;
    return false;
}

static struct pa_field *find_field(struct pa_entity *entity, const char *name)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (strcmp(entity->fields[i].name, name) == 0)
            return &entity->fields[i];
    return NULL;
}

/* "search by ingredient" means the ingredients. */
static bool is_there(const struct pa_model *model, const struct pa_entity *entity, const char *name)
{
    const struct lang_lexicon *lexicon = model->reading->rules->lexicon;
    char wanted[PA_NAME + 4];
    char singular[PA_NAME + 4];

    lang_lemma(lexicon, name, strlen(name), wanted);
    for (size_t i = 0; i < entity->field_count; i++) {
        const char *other = entity->fields[i].name;

        lang_lemma(lexicon, other, strlen(other), singular);
        if (strcmp(wanted, singular) == 0)
            return true;
    }
    return false;
}

static bool has_label(const struct pa_entity *entity, const char *label)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (lang_span_is(entity->fields[i].label, label))
            return true;
    return false;
}

/* "customer_name", when there is a relation "customer". */
static bool is_name_of_relation(const struct pa_entity *entity, const char *name)
{
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct pa_field *field = &entity->fields[i];
        size_t n = strlen(field->name);

        if (is_same(field->type, "relation") && strncmp(name, field->name, n) == 0 &&
            is_same(name + n, "_name"))
            return true;
    }
    return false;
}

/* Room for one more field, or a note that it is not built. */
static struct pa_field *new_field(struct pa_model *model, size_t entity, struct lang_span words)
{
    struct pa_entity *owner = &model->entities[entity];

    if (owner->field_count < model->limits->fields && owner->field_count < PA_FIELDS)
        return &owner->fields[owner->field_count];
    pa_add_wish(model, "field", words, "more fields than the limit");
    return NULL;
}

static void take_type(struct pa_field *field, const struct pa_type *type)
{
    field->type = type->type;
    field->role = type->role;
    field->unit = type->unit;
    field->feature = type->feature;
    field->options = type->options;
    field->is_many = type->is_many;
    field->is_open = type->is_open;
    field->is_required = type->is_required;
    field->has_min = type->has_min;
    field->has_max = type->has_max;
    field->has_step = type->has_step;
    field->min = type->min;
    field->max = type->max;
    field->step = type->step;
}

/* "bought on": not whether, but when. */
static bool is_day_of(const struct pa_reading *reading, const struct pa_item *item,
                      const struct pa_type *type)
{
    return strcmp(type->type, "boolean") == 0 && item->from_end == item->end + 1 &&
           pa_is_word(reading, item->end, "on");
}

/* "last watered", "purchased on": a day, though no word says date. */
static bool is_near_time(const struct pa_reading *reading, const struct pa_item *item)
{
    const struct pa_rules *rules = reading->rules;
    size_t count;
    size_t n = item->end > item->first ? pa_token(reading, item->end - 1)->length : 0;
    const struct lang_token *token = pa_token(reading, item->end - 1);
    bool is_past = (n > 4 && strcmp(token->text + n - 2, "ed") == 0) ||
                   (!token->is_hangul && (token->tags & LANG_ADNOMINAL) != 0); /* "last done" */

    if (is_past && item->from_end == item->end + 1 &&
        (pa_is_word(reading, item->end, "on") || pa_is_word(reading, item->end, "at")))
        return true;
    return is_past && pa_find_name(rules, &rules->near_times, &reading->tokens, item->first,
                                   item->end, &count) != NULL;
}

static void become(struct pa_field *field, const char *type)
{
    struct pa_field plain = { .type = type, .label = field->label, .from = field->from };

    memcpy(plain.name, field->name, sizeof(plain.name));
    *field = plain;
}

static void take_range(struct pa_field *field, const struct pa_item *item)
{
    bool is_rating = is_same(field->role, "rating") && item->min >= 0 && item->max <= 5;
    const char *feature = field->feature;

    if (strcmp(field->type, "money") != 0)
        become(field, "number");
    field->role = is_rating ? "rating" : NULL;
    field->feature = is_rating ? feature : NULL;
    field->has_min = field->has_max = true;
    field->min = item->min;
    field->max = item->max;
    field->has_step = is_rating;
    field->step = 1;
}

static void take_bound(struct pa_field *field, const struct pa_item *item)
{
    if (strcmp(field->type, "number") != 0 && strcmp(field->type, "money") != 0)
        become(field, "number");
    field->has_min = field->has_min || item->has_min;
    field->has_max = field->has_max || item->has_max;
    field->min = item->has_min ? item->min : field->min;
    field->max = item->has_max ? item->max : field->max;
}

static void take_options(struct pa_model *model, struct pa_field *field, const struct pa_item *item)
{
    size_t most = model->limits->options < PA_OPTIONS ? model->limits->options : PA_OPTIONS;

    if (strcmp(field->type, "choice") != 0)
        become(field, "choice");
    field->options = NULL;
    field->is_open = is_same(field->role, "tags");
    field->option_first = item->option_first;
    field->option_count = item->option_count < most ? item->option_count : most;
    for (size_t i = field->option_count; i < item->option_count; i++)
        pa_add_wish(model, "option", model->reading->options[item->option_first + i],
                    "more options than the limit");
}

static void take_unit(struct pa_field *field, const struct pa_item *item)
{
    if (item->currency != NULL) {
        become(field, "money");
        field->currency = item->currency;
    } else {
        if (strcmp(field->type, "number") != 0)
            become(field, "number");
        field->unit = item->unit;
    }
}

/* What its noun says; but an invoice is called by its number, and what no list knows is what a
 * field of that name is to such a thing. */
static const struct pa_type *type_of_noun(const struct pa_model *model,
                                          const struct pa_entity *owner,
                                          const struct pa_field *field, const struct pa_item *item)
{
    const struct pa_type *usual = pa_usual_named(model, owner, field->name);
    const struct pa_type *type = pa_item_type(model->reading, item);
    const struct lang_token *first = pa_token(model->reading, item->first);

    if (usual == NULL && item->end == item->first + 2 && is_same(owner->head, first->lemma))
        usual = pa_usual_named(model, owner, first[1].lemma); /* "invoice number" */
    return usual != NULL && (type == NULL || is_same(usual->role, "title")) ? usual : type;
}

/* "address (street, city)": parts of a text, no options. */
static bool is_made_of_parts(const struct pa_model *model, const struct pa_field *field,
                             const struct pa_item *item)
{
    return strcmp(field->type, "choice") != 0 && pa_item_lists_fields(model->reading, item);
}

/* "vaccination status": nobody knows its options, as of a task's. */
static bool is_other_status(const struct pa_model *model, const struct pa_field *field,
                            const struct pa_item *item)
{
    const struct pa_reading *reading = model->reading;
    size_t count = 0;

    return is_same(field->role, "status") && item->option_count < 2 &&
           item->head_end > item->head_first + 1 &&
           (lang_find(reading->rules->lexicon, &reading->rules->type_words, &reading->tokens,
                      item->head_first, item->head_end, &count) == NULL ||
            item->head_first + count != item->head_end);
}

/* "available days": more than one of the week. */
static bool is_several_days(const struct pa_field *field, const struct pa_item *item)
{
    return item->is_plural && field->role == NULL && !field->is_open &&
           json_array_size(field->options) == 7;
}

/* What the item's own words say, the strongest last. */
static void type_of_item(struct pa_model *model, const struct pa_entity *owner,
                         struct pa_field *field, const struct pa_item *item)
{
    const struct pa_type *type = type_of_noun(model, owner, field, item);

    field->type = "text";
    field->is_unknown = type == NULL && !item->is_question;
    if (type != NULL && (is_day_of(model->reading, item, type) ||
                         (is_same(type->type, "boolean") && is_near_time(model->reading, item))))
        field->type = "date";
    else if (type != NULL && !(item->is_question && item->hint != NULL))
        take_type(field, type);
    else if (is_near_time(model->reading, item))
        field->type = "date";
    if (item->hint != NULL && strcmp(item->hint, field->type) != 0)
        become(field, item->hint);
    if (item->is_done)
        field->role = "done";
    if (item->is_question && strcmp(field->type, "date") == 0 &&
        pa_asks_due(model->reading, item)) {
        field->role = "due";
        field->feature = "due-dates";
    }
    if (strcmp(field->type, "text") == 0 && field->role == NULL &&
        pa_item_is_self(model, owner, item))
        field->role = "title";
    if (is_other_status(model, field, item))
        field->options = NULL;
    if (item->unit != NULL || item->currency != NULL)
        take_unit(field, item);
    if (item->has_range)
        take_range(field, item);
    else if (item->has_min || item->has_max)
        take_bound(field, item);
    if (item->option_count > 1 && !is_made_of_parts(model, field, item))
        take_options(model, field, item);
    if (item->is_many && strcmp(field->type, "text") == 0) {
        field->type = "choice";
        field->is_open = true;
    }
    if (strcmp(field->type, "choice") == 0) {
        field->is_many = field->is_many || item->is_many || is_several_days(field, item);
        field->is_open = field->is_open || (field->option_count == 0 && field->options == NULL);
    }
    field->is_required = field->is_required || item->is_required || is_same(field->role, "title");
    if (item->is_optional)
        field->is_required = false;
}

/* One field of a role: the first keeps it. A second title is just text. */
static void keep_one_role(const struct pa_entity *entity, struct pa_field *field)
{
    if (field->role == NULL || !pa_has_role(entity, field->role))
        return;
    field->role = NULL;
    field->is_required = false;
}

/* "due dates" of a thing are one due date each: where one value stands, the name is in the
 * singular. */
static void make_singular(const struct pa_model *model, const struct pa_item *item,
                          struct pa_field *field)
{
    static const char *const single[] = { "date", "choice", "image", "email", "url", "boolean" };
    const struct lang_token *last = pa_token(model->reading, item->end - 1);
    size_t length = strlen(field->name);
    bool is_single = is_same(field->role, "rating");

    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
        is_single = is_single || strcmp(field->type, single[i]) == 0;
    if (!is_single || field->is_many || last->is_hangul || !item->is_plural || item->is_question ||
        strcmp(last->text, "stars") == 0 || /* one gives stars */
        length < last->length || strcmp(field->name + length - last->length, last->text) != 0 ||
        strlen(last->lemma) > last->length)
        return;
    memcpy(field->name + length - last->length, last->lemma, strlen(last->lemma) + 1);
    field->is_label_single = true;
}

/* "category" of an expense: the options that such things usually have, when the sentence gives
 * none. */
static void take_usual_options(const struct pa_model *model, const struct pa_entity *owner,
                               struct pa_field *field)
{
    const struct pa_type *usual = pa_usual_of_role(model, owner, field->role);

    if (usual == NULL || strcmp(field->type, "choice") != 0 || field->option_count > 0 ||
        json_array_size(usual->options) == 0)
        return;
    field->options = usual->options;
    field->is_open = usual->is_open;
}

void pa_add_item_field(struct pa_model *model, size_t entity, const struct pa_item *item)
{
    struct pa_entity *owner = &model->entities[entity];
    struct pa_field field = { .label = { "", 0 },
                              .from = { pa_words_of(model->reading, item), NULL } };
    struct pa_field *slot;

    pa_name_field(model, owner, item, &field);
    type_of_item(model, owner, &field, item);
    make_singular(model, item, &field);
    if (is_there(model, owner, field.name)) /* said twice */
        return;
    keep_one_role(owner, &field);
    take_usual_options(model, owner, &field);
    slot = new_field(model, entity, field.from.words);
    if (slot == NULL)
        return;
    field.is_named = true;
    *slot = field;
    owner->field_count++;
    if (field.feature != NULL && !pa_is_excluded(model, field.feature))
        pa_add_feature(model, field.feature, field.from.words);
}

void pa_add_known_field(struct pa_model *model, size_t entity, const struct pa_type *type,
                        struct pa_from from)
{
    struct pa_entity *owner = &model->entities[entity];
    bool is_korean = model->reading->lang[0] == 'k';
    struct pa_field *field;

    if (is_there(model, owner, type->name) ||
        has_label(owner, is_korean ? type->label_ko : type->label_en) ||
        is_name_of_relation(owner, type->name) || pa_is_role_excluded(model, type->role) ||
        (type->role != NULL && pa_has_role(owner, type->role)))
        return;
    field = new_field(model, entity, from.words);
    if (field == NULL)
        return;
    *field = (struct pa_field){ .label = lang_span_of(is_korean ? type->label_ko : type->label_en),
                                .from = from };
    snprintf(field->name, sizeof(field->name), "%s", type->name);
    take_type(field, type);
    owner->field_count++;
}

/* "teams play matches, a match has two teams": the relation that is there already, which may be to
 * one; it becomes one to many. False: there is none. */
static bool widen_relation(struct pa_entity *owner, const struct pa_entity *target, size_t to,
                           bool is_many)
{
    for (size_t i = 0; i < owner->field_count; i++) {
        struct pa_field *field = &owner->fields[i];

        if (!is_same(field->type, "relation") || field->target != to)
            continue;
        if (is_many && !field->is_many) {
            field->is_many = true;
            memcpy(field->name, target->plural_name, sizeof(field->name));
        }
        return true;
    }
    return false;
}

/* The many side refers to the one side by a field with that one's name. */
void pa_add_relation(struct pa_model *model, size_t from, size_t to, struct lang_span words,
                     bool is_many)
{
    struct pa_entity *owner = &model->entities[from];
    const struct pa_entity *target = &model->entities[to];
    const char *name = is_many ? target->plural_name : target->name;
    struct pa_field *field = find_field(owner, name);

    if (field != NULL || from == to || model->relation_count == PA_RELATIONS ||
        widen_relation(owner, target, to, is_many))
        return;
    field = new_field(model, from, words);
    if (field == NULL)
        return;
    *field = (struct pa_field){
        .label = target->label,
        .type = "relation",
        .target = to,
        .is_many = is_many,
        .is_named = true,
        .from = { words, NULL },
    };
    memcpy(field->name, name, sizeof(field->name));
    model->relations[model->relation_count++] =
        (struct pa_relation){ from, to, owner->field_count };
    owner->field_count++;
}
