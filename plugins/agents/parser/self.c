/* SPDX-License-Identifier: Apache-2.0 */
/*
 * self: whether a field says what the record itself is, so that it is what the record is called by:
 * "what was found", "gifts: person, gift", "주간 할 일. 할 일, 요일".
 */
#include "model.h"

#include <string.h>

/* "고객명", of a 고객. */
static bool is_name_of(const char *head, const char *word)
{
    size_t n = strlen(head);

    return strncmp(word, head, n) == 0 && strcmp(word + n, "명") == 0;
}

/* "주간 할 일. 할 일, 요일": the words the thing's own name ends in. */
static bool ends_name(const struct pa_model *model, const struct pa_entity *owner,
                      const struct pa_item *item)
{
    struct lang_span label = pa_label_of(model->reading, item);

    return owner->field_count == 0 && label.length > 0 && owner->label.length >= label.length &&
           memcmp(owner->label.at + owner->label.length - label.length, label.at, label.length) ==
               0 &&
           (owner->label.length == label.length ||
            owner->label.at[owner->label.length - label.length - 1] == ' ');
}

/* "gifts: person, occasion, gift", "a cleaning rota with task, person": the thing itself, or what
 * such a record is of. */
static bool names_self(const struct pa_model *model, const struct pa_entity *owner,
                       const struct pa_item *item)
{
    const struct pa_rules *rules = model->reading->rules;
    size_t count = 0;

    if (!item->is_plural && pa_item_is_named(model->reading, item) && owner->head != NULL &&
        strcmp(owner->head, pa_token(model->reading, item->end - 1)->lemma) == 0)
        return true;
    return owner->field_count == 0 &&
           pa_find_name(rules, &rules->names_it, &model->reading->tokens, item->first, item->end,
                        &count) != NULL &&
           item->first + count == item->end;
}

/* A thing, no deed of people, that has a title of its own. */
static bool has_own_title(const struct pa_entity *owner)
{
    const char *title =
        owner->frame != NULL ? json_string_value(json_array_get(owner->frame->fields, 0)) : NULL;

    return title != NULL && !owner->frame->is_deed && !owner->frame->is_people &&
           (strcmp(title, "title") == 0 || strcmp(title, "name") == 0);
}

/* "독서 모임 앱. 책, 모임 날짜": the noun that the thing's own label stands for. */
static bool is_label_of(const struct pa_model *model, const struct pa_entity *owner,
                        const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, item, &match);

    return frame != NULL && frame == owner->frame && match.is_named && match.count == 1 &&
           item->end == item->first + 1 && owner->is_label_of_frame && has_own_title(owner) &&
           !pa_has_role(owner, "title") && !item->is_plural;
}

/* A question that asks for somebody, or for nothing but one word, and not for what the record is:
 * "films, who suggested it", "with who and how often". */
static bool asks_for_other(const struct pa_reading *reading, const struct pa_entity *owner,
                           const struct pa_item *item)
{
    return item->is_question &&
           ((pa_is_word(reading, item->first, "who") && has_own_title(owner)) ||
            (item->end == item->first + 1 && !pa_token(reading, item->first)->is_hangul));
}

bool pa_item_is_self(const struct pa_model *model, const struct pa_entity *owner,
                     const struct pa_item *item)
{
    const struct pa_rules *rules = model->reading->rules;
    const struct lang_map *map = item->is_question ? &rules->self_questions : &rules->stand_ins;
    const char *head = pa_token(model->reading, item->end - 1)->lemma;
    bool is_noun = !item->is_question && item->end == item->first + 1;
    size_t count;

    if (item->is_many || item->option_count > 1 || asks_for_other(model->reading, owner, item))
        return false;
    if (is_label_of(model, owner, item) || ends_name(model, owner, item) ||
        (is_noun && !pa_has_role(owner, "title") && names_self(model, owner, item)))
        return true;
    if (owner->field_count > 0 &&
        (pa_has_role(owner, "title") || owner->head == NULL || !is_name_of(owner->head, head)))
        return false;
    if (is_noun && owner->head != NULL &&
        (strcmp(owner->head, head) == 0 || is_name_of(owner->head, head)))
        return true;
    return pa_find_name(rules, map, &model->reading->tokens, item->first, item->end, &count) !=
               NULL &&
           (item->is_question || item->first + count == item->end);
}
