/* SPDX-License-Identifier: Apache-2.0 */
/*
 * complete: gives entities the fields that such things usually have and the sentence left out, and
 * chooses the field that their records are called by.
 */
#include "model.h"

#include <string.h>

static const json_t *usual_fields(const struct pa_model *model, const struct pa_entity *entity)
{
    const json_t *file = model->reading->rules->fields_file;
    const json_t *valued = entity->value != NULL
                               ? json_object_get(json_object_get(file, "values"), entity->value)
                               : NULL;

    if (entity->frame != NULL)
        return entity->frame->fields;
    if (valued != NULL && memchr(entity->label.at, ' ', entity->label.length) != NULL &&
        strcmp(entity->value, "long-text") == 0)
        return json_object_get(file, "reviews"); /* "movie reviews" */
    if (valued == NULL && model->entity_count > 1)
        return json_object_get(file, "of_several");
    return valued != NULL ? valued : json_object_get(file, "defaults");
}

/* Behind the name stand marks: "!" also where the sentence names others, "?" not of its kinds, "~"
 * a title that is not needed where the sentence names fields and a text. */
static const struct pa_type *type_of(const struct pa_model *model, const json_t *usual)
{
    const char *text = json_string_value(usual);

    return pa_field_named(model->reading->rules, text, strcspn(text, PA_MARKS));
}

const struct pa_type *pa_usual_named(const struct pa_model *model, const struct pa_entity *entity,
                                     const char *name)
{
    size_t i;
    json_t *usual;

    json_array_foreach (usual_fields(model, entity), i, usual) {
        const struct pa_type *type = type_of(model, usual);

        if (type != NULL && strcmp(type->name, name) == 0)
            return type;
    }
    return NULL;
}

const struct pa_type *pa_usual_of_role(const struct pa_model *model, const struct pa_entity *entity,
                                       const char *role)
{
    size_t i;
    json_t *name;

    json_array_foreach (usual_fields(model, entity), i, name) {
        const struct pa_type *type = type_of(model, name);

        if (type != NULL && type->role != NULL && role != NULL && strcmp(type->role, role) == 0)
            return type;
    }
    return NULL;
}

static bool can_be_title(const struct pa_field *field)
{
    return strcmp(field->type, "text") == 0 || strcmp(field->type, "long-text") == 0 ||
           strcmp(field->type, "email") == 0 || strcmp(field->type, "date") == 0 ||
           (strcmp(field->type, "choice") == 0 && !field->is_many);
}

static bool has_title(const struct pa_entity *entity)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (entity->fields[i].role != NULL && strcmp(entity->fields[i].role, "title") == 0)
            return true;
    return false;
}

static bool has_title_like(const struct pa_entity *entity)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (can_be_title(&entity->fields[i]))
            return true;
    return false;
}

/* Fields the sentence names that say what the thing is made of: not those of a feature. */
static size_t count_said(const struct pa_entity *owner)
{
    size_t count = 0;

    for (size_t i = 0; i < owner->field_count; i++)
        count += owner->fields[i].is_named && owner->fields[i].feature == NULL;
    return count;
}

/* A title that only such things have: "exercise", "opponent"; not a name. */
static bool is_particular(const struct pa_type *type)
{
    return strcmp(type->name, "name") != 0 && strcmp(type->name, "title") != 0;
}

/* The first field that the sentence names is a text that nobody knows. */
static bool begins_with_text(const struct pa_entity *entity)
{
    return entity->field_count > 0 && entity->fields[0].is_named &&
           strcmp(entity->fields[0].type, "text") == 0 && entity->fields[0].is_unknown;
}

/* The texts that the sentence names. */
static size_t count_texts(const struct pa_entity *entity)
{
    size_t count = 0;

    for (size_t i = 0; i < entity->field_count; i++)
        count += entity->fields[i].is_named && strcmp(entity->fields[i].type, "text") == 0;
    return count;
}

static bool has_named_day(const struct pa_entity *entity)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (entity->fields[i].is_named && strcmp(entity->fields[i].type, "date") == 0)
            return true;
    return false;
}

/* Whether the first usual field is a title the sentence left out. */
static bool lacks_title(const struct pa_model *model, const struct pa_entity *entity)
{
    const json_t *first = json_array_get(usual_fields(model, entity), 0);
    const struct pa_type *type = first != NULL ? type_of(model, first) : NULL;

    if (!has_title_like(entity))
        return true;
    if (type != NULL && strchr(json_string_value(first), '~') != NULL && count_said(entity) >= 3 &&
        (count_texts(entity) > is_particular(type) ||
         (count_texts(entity) == 0 && !is_particular(type) && has_named_day(entity))))
        return false; /* who booked it tells a booking; who has it, and what, a loan */
    if (type != NULL && is_particular(type) && begins_with_text(entity) && count_said(entity) >= 3)
        return false; /* a flashcard with a front needs no word */
    return !entity->is_declared && entity->frame != NULL && !has_title(entity) && type != NULL &&
           type->role != NULL && strcmp(type->role, "title") == 0;
}

/* "rentals of bikes by customers": what is lent is referred to, and needs no name beside it. */
static bool is_referred_to(const struct pa_model *model, const struct pa_entity *owner,
                           const struct pa_type *type)
{
    bool is_person =
        strcmp(type->name, "borrower") == 0 || strcmp(type->name, "customer_name") == 0;

    if (!is_person && strcmp(type->name, "item_name") != 0 && strcmp(type->name, "opponent") != 0)
        return false;
    for (size_t i = 0; i < owner->field_count; i++) {
        const struct pa_field *field = &owner->fields[i];
        const struct lang_frame *frame =
            strcmp(field->type, "relation") == 0 ? model->entities[field->target].frame : NULL;

        if (strcmp(field->type, "relation") == 0 &&
            is_person == (frame != NULL && frame->is_people))
            return true;
    }
    return false;
}

/* "where each tool is stored" is its location, "who borrowed it" the borrower. */
static bool is_asked_for(const struct pa_entity *owner, const struct pa_type *type)
{
    static const struct {
        const char *question, *usual;
    } asked[] = { { "where", "location" },    { "where", "place" },   { "where", "address" },
                  { "who", "assignee" },      { "who", "person" },    { "who", "borrower" },
                  { "how_many", "quantity" }, { "how_many", "count" } };

    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
        for (size_t f = 0; f < owner->field_count; f++)
            if (strcmp(asked[i].usual, type->name) == 0 && owner->fields[f].is_named &&
                strncmp(owner->fields[f].name, asked[i].question, strlen(asked[i].question)) == 0)
                return true;
    return false;
}

/* "마신 양" is the amount of a drink. */
static bool is_amount_told(const struct pa_entity *owner, const struct pa_type *type)
{
    size_t n = strlen(type->name);

    for (size_t i = 0; i < owner->field_count && strcmp(type->type, "number") == 0; i++) {
        const struct pa_field *field = &owner->fields[i];
        size_t length = strlen(field->name);

        if (field->is_named && strcmp(field->type, "number") == 0 && length > n &&
            strcmp(field->name + length - n, type->name) == 0 && field->name[length - n - 1] == '_')
            return true;
    }
    return false;
}

/* "구매 여부" is whether it is bought: a tick that only such things have is the one the sentence
 * names. */
static bool is_tick_told(const struct pa_entity *owner, const struct pa_type *type)
{
    for (size_t i = 0; i < owner->field_count; i++)
        if (owner->fields[i].is_named && strcmp(owner->fields[i].type, "boolean") == 0 &&
            strcmp(type->type, "boolean") == 0 && strcmp(type->name, "done") != 0)
            return true;
    return false;
}

/* "monthly limit", "saving goal": no amount that was spent. */
static bool is_aim(const struct pa_field *field)
{
    return strcmp(field->type, "money") == 0 &&
           (strstr(field->name, "limit") != NULL || strstr(field->name, "goal") != NULL);
}

/* A day that is to come may be the one that is due. */
static bool is_to_come(const struct pa_type *type)
{
    static const char *const names[] = { "target_date", "return_on", "expires_on", "renews_on" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(type->name, names[i]) == 0)
            return true;
    return false;
}

/* A day, a price, a text or a photo that the sentence names is the one; a usual one beside it would
 * be the same again. */
static bool is_told(const struct pa_entity *owner, const struct pa_type *type)
{
    static const char *const once[] = { "date",  "time", "money", "long-text",
                                        "image", "url",  "email" };
    bool is_once = false;

    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
        is_once = is_once || strcmp(type->type, once[i]) == 0;
    if (is_asked_for(owner, type) || is_amount_told(owner, type) || is_tick_told(owner, type))
        return true;
    for (size_t i = 0; i < owner->field_count; i++)
        if (is_once && owner->fields[i].from.frame == NULL && !is_aim(&owner->fields[i]) &&
            (owner->fields[i].role == NULL ||
             (strcmp(owner->fields[i].role, "due") == 0 && is_to_come(type))) &&
            type->role == NULL && strcmp(owner->fields[i].type, type->type) == 0)
            return true;
    return false;
}

/* "grades" that are records of their own are no text of a student. */
static bool is_other_entity(const struct pa_model *model, size_t entity, const struct pa_type *type)
{
    for (size_t i = 0; i < model->entity_count; i++)
        if (i != entity && strcmp(model->entities[i].name, type->name) == 0)
            return true;
    return false;
}

/* A cat needs no species. */
static bool is_kind(const struct pa_entity *owner)
{
    size_t i;
    json_t *kind;

    json_array_foreach (owner->frame != NULL ? owner->frame->kinds : NULL, i, kind) {
        if (owner->head != NULL && strcmp(json_string_value(kind), owner->head) == 0)
            return true;
    }
    return false;
}

/* A sentence that names the title, or three fields, has said what the thing is made of. */
static void add_usual(struct pa_model *model, size_t entity)
{
    const struct pa_entity *owner = &model->entities[entity];
    const char *frame = owner->frame != NULL ? owner->frame->name : "general";
    bool is_said =
        owner->is_declared || count_said(owner) >= 3 || (count_said(owner) > 0 && has_title(owner));
    bool needs_title = lacks_title(model, owner);
    size_t i;
    json_t *name;

    json_array_foreach (usual_fields(model, owner), i, name) {
        const char *text = json_string_value(name);
        const struct pa_type *type = type_of(model, name);

        if (type == NULL || is_told(owner, type) || is_referred_to(model, owner, type) ||
            is_other_entity(model, entity, type) || (strchr(text, '?') != NULL && is_kind(owner)))
            continue;
        if (!is_said || (i == 0 && needs_title) ||
            (!owner->is_declared && strchr(text, '!') != NULL))
            pa_add_known_field(model, entity, type, (struct pa_from){ { "", 0 }, frame });
    }
}

static bool has_text(const struct pa_entity *entity)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (strcmp(entity->fields[i].type, "text") == 0)
            return true;
    return false;
}

/* The field a record is called by: its title, else the first of the type that reads best. */
static size_t choose_title(const struct pa_entity *entity)
{
    static const char *const order[] = { "text",     "email", "date",    "choice",
                                         "relation", "time",  "number",  "long-text",
                                         "money",    "url",   "boolean", "image" };

    for (size_t i = 0; i < entity->field_count; i++)
        if (entity->fields[i].role != NULL && strcmp(entity->fields[i].role, "title") == 0)
            return i;
    for (size_t i = 0; i < entity->field_count; i++)
        if (entity->fields[i].from.frame != NULL &&
            strcmp(entity->fields[i].from.frame, "log") == 0)
            return i; /* the day of a log */
    for (size_t i = 0; i < entity->field_count && entity->frame != NULL && entity->frame->is_deed;
         i++)
        if (strcmp(entity->fields[i].type, "relation") == 0 && !has_text(entity))
            return i; /* a rental is called by what is rented, or by whom */
    for (size_t type = 0; type < sizeof(order) / sizeof(order[0]); type++)
        for (size_t i = 0; i < entity->field_count; i++)
            if (strcmp(entity->fields[i].type, order[type]) == 0)
                return i;
    return 0;
}

/* The name comes first, wherever the sentence has it; what it refers to by number follows it. */
static void put_title_first(struct pa_model *model, size_t entity)
{
    struct pa_entity *owner = &model->entities[entity];
    size_t old = owner->title;
    struct pa_field title = owner->fields[old];

    if ((title.role == NULL || strcmp(title.role, "title") != 0) &&
        (title.from.frame == NULL || strcmp(title.from.frame, "log") != 0))
        return;
    memmove(owner->fields + 1, owner->fields, old * sizeof(owner->fields[0]));
    owner->fields[0] = title;
    owner->title = 0;
    for (size_t i = 0; i < model->relation_count; i++)
        if (model->relations[i].from == entity && model->relations[i].field < old)
            model->relations[i].field++;
}

static bool has_day(const struct pa_entity *entity)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (strcmp(entity->fields[i].type, "date") == 0 ||
            strcmp(entity->fields[i].type, "relation") == 0)
            return true;
    return false;
}

/* Whether what the app is for ends in one of the words. */
static bool topic_ends_in(const struct pa_model *model, const struct lang_map *words)
{
    const struct pa_rules *rules = model->reading->rules;
    size_t count;

    for (size_t s = 0; s < model->reading->statement_count; s++) {
        const struct pa_statement *statement = &model->reading->statements[s];
        const struct pa_item *item = &model->reading->items[statement->first];
        size_t end = item->end;

        if (statement->says != PA_TOPIC || statement->count == 0)
            continue;
        while (end > item->first + 1 && pa_is(model->reading, end - 1, LANG_APP))
            end--;
        return end > item->first + 1 &&
               pa_find_name(rules, words, &model->reading->tokens, end - 1, end, &count) != NULL;
    }
    return false;
}

/* "a sourdough diary", "운동 일지": what is written day by day. */
bool pa_is_log(const struct pa_model *model)
{
    return topic_ends_in(model, &model->reading->rules->logs);
}

/* "캠핑 장비 체크리스트": what is on it can be ticked. */
static void add_tick(struct pa_model *model, size_t entity)
{
    const struct pa_entity *owner = &model->entities[entity];

    if (entity != model->main || !topic_ends_in(model, &model->reading->rules->checks))
        return;
    for (size_t i = 0; i < owner->field_count; i++)
        if (strcmp(owner->fields[i].type, "boolean") == 0 && owner->fields[i].is_named)
            return;
    pa_add_known_field(model, entity, pa_field_named(model->reading->rules, "done", 4),
                       (struct pa_from){ { "", 0 }, "checklist" });
}

/* "date, start, end": beside a day, times of it. */
static void fix_times(struct pa_entity *owner)
{
    static const char *const ends[] = { "start", "end" };
    bool has_date = false;

    for (size_t i = 0; i < owner->field_count; i++)
        has_date = has_date || strcmp(owner->fields[i].name, "date") == 0 ||
                   strcmp(owner->fields[i].name, "day") == 0;
    for (size_t i = 0; i < owner->field_count && has_date; i++)
        for (size_t e = 0; e < sizeof(ends) / sizeof(ends[0]); e++)
            if (strcmp(owner->fields[i].name, ends[e]) == 0 &&
                strcmp(owner->fields[i].type, "date") == 0 && owner->fields[i].role == NULL)
                owner->fields[i].type = "time";
}

/* What is returned or paid is late no more, whatever its day. */
static void settle_due(const struct pa_model *model, struct pa_entity *owner)
{
    const json_t *words = json_object_get(model->reading->rules->fields_file, "settles");
    size_t w;
    json_t *word;

    if (!pa_has_role(owner, "due") || pa_has_role(owner, "done"))
        return;
    for (size_t i = 0; i < owner->field_count; i++)
        json_array_foreach (words, w, word) {
            if (strcmp(owner->fields[i].type, "boolean") != 0 || owner->fields[i].role != NULL ||
                strstr(owner->fields[i].name, json_string_value(word)) == NULL)
                continue;
            owner->fields[i].role = "done";
            return;
        }
}

static bool is_long(const struct pa_field *field)
{
    return strcmp(field->type, "long-text") == 0;
}

/* "독서 기록. 별점, 태그": where the sentence names only what features work on, what the thing is
 * stands before it, and a long text behind it. */
static void put_features_last(struct pa_entity *owner)
{
    size_t said = 0;

    if (count_said(owner) > 0)
        return;
    for (size_t i = 0; i < owner->field_count; i++) {
        if (strcmp(owner->fields[i].type, "relation") == 0)
            return; /* relations know the places of their fields */
        said += owner->fields[i].feature != NULL;
    }
    for (size_t left = said, at = 0; left > 0; left--) {
        struct pa_field moved;
        size_t last = owner->field_count - 1;

        while (owner->fields[at].feature == NULL)
            at++;
        moved = owner->fields[at];
        last -= is_long(&owner->fields[last]);
        memmove(owner->fields + at, owner->fields + at + 1, (last - at) * sizeof(moved));
        owner->fields[last] = moved;
    }
}

void pa_complete_entity(struct pa_model *model, size_t entity)
{
    struct pa_entity *owner = &model->entities[entity];

    fix_times(owner);

    add_usual(model, entity);
    add_tick(model, entity);
    settle_due(model, owner);
    put_features_last(owner);
    if (owner->field_count < 2 && !owner->is_declared)
        pa_add_known_field(model, entity, pa_field_named(model->reading->rules, "notes", 5),
                           (struct pa_from){ { "", 0 }, "general" });
    if (entity == model->main && !owner->is_declared && !has_day(owner) && pa_is_log(model))
        pa_add_known_field(model, entity, pa_field_named(model->reading->rules, "date", 4),
                           (struct pa_from){ { "", 0 }, "log" });
    owner->title = choose_title(owner);
    put_title_first(model, entity);
}
