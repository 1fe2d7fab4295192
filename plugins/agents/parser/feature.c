/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature: what the phrase lists found: features that are built, wishes that are not, and the
 * fields that features need.
 */
#include "model.h"

#include <stdio.h>
#include <string.h>

void pa_add_feature(struct pa_model *model, const char *name, struct lang_span from)
{
    for (size_t i = 0; i < model->feature_count; i++)
        if (strcmp(model->features[i].name, name) == 0)
            return;
    if (model->feature_count < PA_FEATURES)
        model->features[model->feature_count++] = (struct pa_feature){ name, from };
}

void pa_add_wish(struct pa_model *model, const char *name, struct lang_span from,
                 const char *reason)
{
    struct pa_wish *wish;

    for (size_t i = 0; i < model->wish_count; i++)
        if (strcmp(model->wishes[i].name, name) == 0 &&
            (reason == NULL || model->wishes[i].from.at == from.at))
            return;
    if (model->wish_count == PA_WISHES)
        return;
    wish = &model->wishes[model->wish_count++];
    snprintf(wish->name, sizeof(wish->name), "%s", name);
    wish->from = from;
    wish->reason = reason;
}

static bool names_feature(const struct lang_phrase *phrase, const char *feature)
{
    size_t i;
    json_t *name;

    if (strcmp(phrase->name, feature) == 0)
        return true;
    json_array_foreach (phrase->both, i, name) {
        if (strcmp(json_string_value(name), feature) == 0)
            return true;
    }
    return false;
}

bool pa_is_excluded(const struct pa_model *model, const char *feature)
{
    bool is_negated = false;

    for (size_t i = 0; i < model->reading->match_count; i++) {
        const struct lang_match *match = &model->reading->matches[i];

        if (!names_feature(match->phrase, feature))
            continue;
        if (!match->is_negated)
            return false;
        is_negated = true;
    }
    return is_negated;
}

bool pa_is_role_excluded(const struct pa_model *model, const char *role)
{
    const char *feature;
    json_t *name;

    json_object_foreach (json_object_get(model->reading->rules->fields_file, "implied"), feature,
                         name) {
        const struct pa_type *type = pa_field_implied(model->reading->rules, feature);

        if (type != NULL && role != NULL && strcmp(type->role, role) == 0 &&
            pa_is_excluded(model, feature))
            return true;
    }
    return false;
}

static struct lang_span words_of(const struct pa_reading *reading, const struct lang_match *match)
{
    struct lang_span span = lang_tokens_span(&reading->tokens, match->first, match->count);
    const struct lang_token *last = pa_token(reading, match->first + match->count - 1);

    span.length -= last->span.length - last->stem.length;
    return span;
}

/* "csv" of "csv-export"; NULL when the feature is of no format. */
static const char *format_of(const char *feature)
{
    static const char *const formats[] = { "csv-", "json-" };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strncmp(feature, formats[i], strlen(formats[i])) == 0)
            return formats[i];
    return NULL;
}

static bool is_same_sentence(const struct pa_reading *reading, size_t first, size_t end)
{
    for (size_t at = first; at < end; at++)
        if (pa_is_mark(reading, at, '.') || pa_is_mark(reading, at, '\n'))
            return false;
    return true;
}

/* The format that a phrase without one is about: "JSON backup: export and import", "import and
 * export (CSV)". The one named before it in its sentence, else the one after; NULL: none. */
static const char *format_near(const struct pa_model *model, size_t number)
{
    const struct pa_reading *reading = model->reading;
    size_t here = reading->matches[number].first;

    for (size_t i = number; i-- > 0;) {
        const struct lang_match *match = &reading->matches[i];

        if (!is_same_sentence(reading, match->first, here))
            break;
        if (match->phrase->both == NULL && format_of(match->phrase->name) != NULL)
            return format_of(match->phrase->name);
    }
    if (number + 1 < reading->match_count && reading->matches[number + 1].phrase->both == NULL &&
        is_same_sentence(reading, here, reading->matches[number + 1].first))
        return format_of(reading->matches[number + 1].phrase->name);
    return NULL;
}

static void add_match(struct pa_model *model, size_t number)
{
    const struct lang_match *match = &model->reading->matches[number];
    struct lang_span from = words_of(model->reading, match);
    const char *near;
    size_t i;
    json_t *name;

    if (match->phrase->kind == LANG_PHRASE_WISH) {
        pa_add_wish(model, match->phrase->name, from, NULL);
        return;
    }
    if (match->phrase->both == NULL) {
        pa_add_feature(model, match->phrase->name, from);
        return;
    }
    near = format_of(match->phrase->name) == NULL ? format_near(model, number) : NULL;
    json_array_foreach (match->phrase->both, i, name) {
        const char *format = format_of(json_string_value(name));

        if (near == NULL || format == NULL || format == near)
            pa_add_feature(model, json_string_value(name), from);
    }
}

/* An attribute that stands in a field is that field's affair ("due date", and "category (food,
 * rent)"). */
static bool is_in_field(const struct pa_model *model, const struct lang_match *match)
{
    const char *start = pa_token(model->reading, match->first)->span.at;

    for (size_t e = 0; e < model->entity_count; e++)
        for (size_t i = 0; i < model->entities[e].field_count; i++) {
            struct lang_span words = model->entities[e].fields[i].from.words;

            if (model->entities[e].fields[i].from.frame == NULL && start >= words.at &&
                start < words.at + words.length)
                return true;
        }
    return false;
}

void pa_add_phrases(struct pa_model *model)
{
    for (size_t i = 0; i < model->reading->match_count; i++) {
        const struct lang_match *match = &model->reading->matches[i];

        if (!match->is_negated && !(match->phrase->is_attribute && is_in_field(model, match)))
            add_match(model, i);
    }
}

static bool any_has_role(const struct pa_model *model, const char *role)
{
    for (size_t i = 0; i < model->entity_count; i++)
        if (pa_has_role(&model->entities[i], role))
            return true;
    return false;
}

/* What a feature works on: the thing's usual field of that role, else the one the files name. */
static const struct pa_type *implied_field(const struct pa_model *model, const char *feature)
{
    const struct pa_type *implied = pa_field_implied(model->reading->rules, feature);
    const struct pa_type *usual =
        implied != NULL && model->main != PA_NONE
            ? pa_usual_of_role(model, &model->entities[model->main], implied->role)
            : NULL;

    return usual != NULL ? usual : implied;
}

void pa_imply_fields(struct pa_model *model)
{
    for (size_t i = 0; i < model->feature_count; i++) {
        const struct pa_type *type = implied_field(model, model->features[i].name);

        if (type != NULL && model->main != PA_NONE && !any_has_role(model, type->role))
            pa_add_known_field(model, model->main, type,
                               (struct pa_from){ model->features[i].from, NULL });
    }
}

bool pa_item_is_wish(struct pa_model *model, const struct pa_item *item)
{
    const struct pa_reading *reading = model->reading;
    size_t last = item->end - 1;
    size_t count;
    char name[LANG_NAME];

    if (item->end < item->first + 2 ||
        pa_type_of(reading->rules, &reading->tokens, item->first, last) != NULL ||
        pa_find_name(reading->rules, &reading->rules->wish_ends, &reading->tokens, last, item->end,
                     &count) == NULL)
        return false;
    lang_identifier(reading->rules->lexicon,
                    lang_tokens_span(&reading->tokens, item->first, last - item->first), '-', name);
    pa_add_wish(model, name[0] != '\0' ? name : "wish", pa_words_of(reading, item), NULL);
    return true;
}
