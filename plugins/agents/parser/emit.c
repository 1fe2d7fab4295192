/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit: the model as JSON, as docs/app-model.md has it. A failed allocation anywhere makes the
 * whole NULL.
 */
#include "model.h"

#include <stdio.h>
#include <string.h>

/* Adds a member; takes `value`; NULL is a failure. */
static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value);
}

static json_t *emit_from(const struct pa_from *from)
{
    char text[PA_NAME + 8];

    if (from->frame == NULL)
        return json_stringn(from->words.at, from->words.length);
    snprintf(text, sizeof(text), "frame:%s", from->frame);
    return json_string(text);
}

/* A known option in the language of the request. */
static json_t *emit_known_option(const struct pa_model *model, const json_t *option)
{
    return json_pack(
        "{s:s, s:s}", "value", json_string_value(json_object_get(option, "value")), "label",
        json_string_value(json_object_get(option, model->reading->lang[0] == 'k' ? "ko" : "en")));
}

static bool has_value(const json_t *options, const char *value)
{
    size_t i;
    json_t *option;

    json_array_foreach (options, i, option) {
        if (strcmp(json_string_value(json_object_get(option, "value")), value) == 0)
            return true;
    }
    return false;
}

/* An option of the request: its value is an identifier unlike the others. */
static int add_option(const struct pa_model *model, json_t *options, struct lang_span label)
{
    char name[LANG_NAME];
    char value[PA_NAME];

    lang_identifier(model->reading->rules->lexicon, label, '_', name);
    snprintf(value, sizeof(value), "%s", name[0] != '\0' ? name : "option");
    for (unsigned n = 2; has_value(options, value); n++)
        snprintf(value, sizeof(value), "%s_%u", name[0] != '\0' ? name : "option", n);
    return json_array_append_new(
        options, json_pack("{s:s, s:o}", "value", value, "label", pa_emit_label(label)));
}

static json_t *emit_options(const struct pa_model *model, const struct pa_field *field)
{
    json_t *options = json_array();
    size_t i;
    json_t *option;

    if (options == NULL)
        return NULL;
    json_array_foreach (field->options, i, option) {
        if (json_array_append_new(options, emit_known_option(model, option)) != 0)
            goto failed;
    }
    for (i = 0; i < field->option_count; i++)
        if (add_option(model, options, model->reading->options[field->option_first + i]) != 0)
            goto failed;
    return options;
failed:
    json_decref(options);
    return NULL;
}

/* Numbers without a fraction are written without one. */
static json_t *emit_number(double number)
{
    if (number >= -1e15 && number <= 1e15 && number == (double)(json_int_t)number)
        return json_integer((json_int_t)number);
    return json_real(number);
}

static const char *currency_of(const struct pa_model *model, const struct pa_field *field)
{
    if (field->currency != NULL)
        return field->currency;
    return model->reading->lang[0] == 'k' ? "KRW" : "USD";
}

/* What only fields of this type have. */
static int put_type_members(const struct pa_model *model, const struct pa_field *field, json_t *out)
{
    int rc = 0;

    if (strcmp(field->type, "choice") == 0) {
        rc |= put(out, "options", emit_options(model, field));
        rc |= put(out, "many", json_boolean(field->is_many));
        rc |= put(out, "open", json_boolean(field->is_open));
    } else if (strcmp(field->type, "relation") == 0) {
        rc |= put(out, "target", json_string(model->entities[field->target].name));
        rc |= put(out, "many", json_boolean(field->is_many));
    } else if (strcmp(field->type, "money") == 0)
        rc |= put(out, "currency", json_string(currency_of(model, field)));
    if (strcmp(field->type, "number") != 0 && strcmp(field->type, "money") != 0)
        return rc;
    if (field->has_min)
        rc |= put(out, "min", emit_number(field->min));
    if (field->has_max)
        rc |= put(out, "max", emit_number(field->max));
    if (strcmp(field->type, "money") == 0)
        return rc;
    if (field->has_step)
        rc |= put(out, "step", emit_number(field->step));
    if (field->unit != NULL)
        rc |= put(out, "unit", json_string(field->unit));
    return rc;
}

static json_t *emit_field(const struct pa_model *model, const struct pa_field *field)
{
    bool is_relation = strcmp(field->type, "relation") == 0; /* refers to one: "Customer" */
    json_t *label = is_relation && field->is_many
                        ? pa_emit_plural_label(model, &model->entities[field->target])
                    : is_relation ? pa_emit_singular_label(model, &model->entities[field->target])
                    : field->is_label_single ? pa_emit_single(model, field->label)
                                             : pa_emit_label(field->label);
    json_t *out =
        json_pack("{s:s, s:o, s:s}", "name", field->name, "label", label, "type", field->type);
    int rc = 0;

    if (out == NULL)
        return NULL;
    if (field->role != NULL)
        rc |= put(out, "role", json_string(field->role));
    if (field->is_required)
        rc |= put(out, "required", json_true());
    rc |= put_type_members(model, field, out);
    rc |= put(out, "from", emit_from(&field->from));
    if (rc == 0)
        return out;
    json_decref(out);
    return NULL;
}

static json_t *emit_fields(const struct pa_model *model, const struct pa_entity *entity)
{
    json_t *fields = json_array();

    for (size_t i = 0; fields != NULL && i < entity->field_count; i++)
        if (json_array_append_new(fields, emit_field(model, &entity->fields[i])) != 0) {
            json_decref(fields);
            return NULL;
        }
    return fields;
}

static json_t *emit_entity(const struct pa_model *model, size_t number)
{
    const struct pa_entity *entity = &model->entities[number];

    return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:o}", "name", entity->name, "plural_name",
                     entity->plural_name, "label", pa_emit_singular_label(model, entity),
                     "plural_label", pa_emit_plural_label(model, entity), "title_field",
                     entity->fields[entity->title].name, "from", emit_from(&entity->from), "fields",
                     emit_fields(model, entity));
}

static json_t *emit_relation(const struct pa_model *model, size_t number)
{
    const struct pa_relation *relation = &model->relations[number];
    const struct pa_entity *from = &model->entities[relation->from];

    return json_pack("{s:s, s:s, s:s, s:s}", "from", from->name, "to",
                     model->entities[relation->to].name, "kind",
                     from->fields[relation->field].is_many ? "many-to-many" : "many-to-one",
                     "field", from->fields[relation->field].name);
}

static int put_measured(json_t *out, const struct pa_entity *entity, const char *field,
                        const char *measure)
{
    int rc = put(out, "entity", json_string(entity->name));

    if (field != NULL)
        rc |= put(out, "field", json_string(field));
    return rc | put(out, "measure", json_string(measure));
}

static const struct pa_field *find_type(const struct pa_entity *entity, const char *type)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (strcmp(entity->fields[i].type, type) == 0)
            return &entity->fields[i];
    return NULL;
}

/* A sum of weights or scores says nothing. */
static bool is_averaged(const struct pa_model *model, const struct pa_field *field)
{
    const char *last = strrchr(field->name, '_');

    last = last != NULL ? last + 1 : field->name;
    return strcmp(field->type, "number") == 0 &&
           (field->has_max ||
            lang_map_get(&model->reading->rules->averaged, last, strlen(last)) != NULL);
}

/* "월별 차트", "a chart of spending per month", "체중 변화 그래프": whether the piece of the
 * sentence that asks for the chart names a period or a change. */
static bool is_over_time(const struct pa_model *model, const struct pa_feature *feature)
{
    const struct pa_reading *reading = model->reading;
    bool is_here = false;
    bool is_asked = false;

    for (size_t at = 0; at < reading->tokens.count; at++) {
        const struct lang_token *token = pa_token(reading, at);
        size_t count;

        if (token->kind == LANG_PUNCT && is_here)
            break;
        if (token->kind == LANG_PUNCT) {
            is_asked = false;
            continue;
        }
        is_here = is_here || (token->span.at >= feature->from.at &&
                              token->span.at < feature->from.at + feature->from.length);
        is_asked = is_asked || (token->tags & LANG_PERIOD) != 0 ||
                   pa_find_name(reading->rules, &reading->rules->changes, &reading->tokens, at,
                                at + 1, &count) != NULL;
    }
    return is_here && is_asked;
}

/* What such a chart is shared out by: the first date of the thing it shows. */
static int put_by(const struct pa_model *model, const struct pa_feature *feature, json_t *out)
{
    const char *name = json_string_value(json_object_get(out, "entity"));
    const struct pa_field *date = NULL;

    for (size_t e = 0; e < model->entity_count && date == NULL && name != NULL; e++)
        if (strcmp(model->entities[e].name, name) == 0)
            date = find_type(&model->entities[e], "date");
    return date != NULL && is_over_time(model, feature) ? put(out, "by", json_string(date->name))
                                                        : 0;
}

/* A chart shows sums of money, else of the first number, else counts of what there is a choice of.
 */
static int put_chart(const struct pa_model *model, json_t *out)
{
    static const struct {
        const char *type, *measure;
    } shown[] = { { "money", "sum" }, { "number", "sum" }, { "choice", "count" } };

    for (size_t s = 0; s < sizeof(shown) / sizeof(shown[0]); s++)
        for (size_t e = 0; e < model->entity_count; e++) {
            const struct pa_field *field = find_type(&model->entities[e], shown[s].type);

            if (field != NULL)
                return put_measured(out, &model->entities[e], field->name,
                                    is_averaged(model, field) ? "mean" : shown[s].measure);
        }
    return put_measured(out, &model->entities[0], NULL, "count");
}

static json_t *emit_feature(const struct pa_model *model, size_t number)
{
    const struct pa_feature *feature = &model->features[number];
    json_t *out = json_pack("{s:s, s:s%}", "name", feature->name, "from", feature->from.at,
                            feature->from.length);

    if (out == NULL || strcmp(feature->name, "chart") != 0 ||
        (put_chart(model, out) == 0 && put_by(model, feature, out) == 0))
        return out;
    json_decref(out);
    return NULL;
}

static json_t *emit_wish(const struct pa_model *model, size_t number)
{
    const struct pa_wish *wish = &model->wishes[number];

    return json_pack("{s:s, s:s%, s:s*}", "wish", wish->name, "from", wish->from.at,
                     wish->from.length, "reason", wish->reason);
}

typedef json_t *emit_fn(const struct pa_model *model, size_t number);

static json_t *emit_all(const struct pa_model *model, emit_fn *emit, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < count; i++)
        if (json_array_append_new(list, emit(model, i)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

json_t *pa_emit(const struct pa_model *model)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o}", "entities", emit_all(model, emit_entity, model->entity_count),
        "relations", emit_all(model, emit_relation, model->relation_count), "stories",
        pa_stories(model), "features", emit_all(model, emit_feature, model->feature_count),
        "not_built", emit_all(model, emit_wish, model->wish_count));
}
