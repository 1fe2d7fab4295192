/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field_name: what a field is called: its label, in the words of the request, and its name, which
 * is an identifier.
 */
#include "model.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_reserved(const struct pa_rules *rules, const char *name)
{
    size_t i;
    json_t *word;

    json_array_foreach (json_object_get(rules->fields_file, "reserved"), i, word) {
        if (strcmp(json_string_value(word), name) == 0)
            return true;
    }
    return false;
}

/* What a word means as a field, where that is not what it means by itself ("정원": no garden); or
 * NULL. */
static const char *meant_as_field(const struct pa_rules *rules, const char *frame,
                                  struct lang_span label)
{
    const json_t *meant = json_object_get(rules->fields_file, "meant");
    const char *word;
    json_t *name;

    json_object_foreach (json_object_get(meant, frame), word, name) {
        if (lang_span_is(label, word))
            return json_string_value(name);
    }
    return NULL;
}

/* [a-z][a-z0-9_]*, none that records have by themselves. */
static void make_name(const struct pa_rules *rules, const struct lang_frame *frame,
                      struct lang_span label, char ret_name[PA_NAME])
{
    char plain[LANG_NAME];
    const char *meant = meant_as_field(rules, "any", label);

    if (meant == NULL && frame != NULL)
        meant = meant_as_field(rules, frame->name, label);
    if (meant != NULL)
        snprintf(plain, sizeof(plain), "%s", meant);
    else
        lang_identifier(rules->lexicon, label, '_', plain);
    if (plain[0] == '\0')
        snprintf(ret_name, PA_NAME, "field");
    else if (isdigit((unsigned char)plain[0]))
        snprintf(ret_name, PA_NAME, "f_%s", plain);
    else
        snprintf(ret_name, PA_NAME, "%s%s", plain, is_reserved(rules, plain) ? "_value" : "");
}

/* "mileage of my car" is the car's mileage: the entity's own name is no part of it. */
static bool is_of_owner(const struct pa_model *model, const struct pa_entity *owner,
                        const struct pa_item *item)
{
    return item->end > item->head_end && owner->head != NULL &&
           strcmp(pa_token(model->reading, item->end - 1)->lemma, owner->head) == 0;
}

/* "냉장고 재료 유통기한", of which the first words made the thing: the rest is the field's name;
 * but of two words both are ("공부 시간"). */
static void drop_owner(const struct pa_model *model, const struct pa_entity *owner,
                       struct pa_item *named)
{
    size_t first = named->first;
    const char *end = owner->from.words.at + owner->from.words.length;

    if (owner->from.words.at != pa_token(model->reading, first)->span.at ||
        named->end < first + 3 || !pa_token(model->reading, first)->is_hangul)
        return;
    while (first < named->end && pa_token(model->reading, first)->span.at < end)
        first++;
    if (first < named->end)
        named->first = first;
}

/* "뭐 먹었는지" is called "what": of a question that begins with a known word, the verb is left
 * out. */
static struct lang_span name_words(const struct pa_model *model, const struct pa_item *item,
                                   struct lang_span label)
{
    const struct pa_reading *reading = model->reading;

    if (!item->is_question || item->end < item->first + 2 ||
        !pa_token(reading, item->first)->is_hangul ||
        lang_translate(reading->rules->lexicon, pa_token(reading, item->first)->span) == NULL ||
        lang_translate(reading->rules->lexicon, pa_token(reading, item->end - 1)->span) != NULL)
        return label;
    return lang_tokens_span(&reading->tokens, item->first, item->end - 1 - item->first);
}

/* "전기, 가스, 수도 중 뭔지" asks for the kind. */
static struct lang_span label_of(const struct pa_model *model, const struct pa_item *item)
{
    const struct pa_rules *rules = model->reading->rules;
    size_t count;

    const struct pa_type *kind = pa_field_named(rules, "kind", 4);

    if (kind != NULL && item->is_question && item->option_count > 1 &&
        item->end == item->first + 1 &&
        pa_find_name(rules, &rules->what_it_is, &model->reading->tokens, item->first, item->end,
                     &count) != NULL)
        return lang_span_of(kind->label_ko);
    return pa_label_of(model->reading, item);
}

void pa_name_field(const struct pa_model *model, const struct pa_entity *owner,
                   const struct pa_item *item, struct pa_field *field)
{
    struct pa_item named = *item;

    if (is_of_owner(model, owner, item))
        named.end = named.head_end;
    drop_owner(model, owner, &named);
    field->label = label_of(model, &named);
    make_name(model->reading->rules, owner->frame, name_words(model, &named, field->label),
              field->name);
}
