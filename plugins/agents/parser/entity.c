/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entity: makes entities from nouns, and finds those that a noun names again.
 */
#include "model.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* "job application" ends in a word for "app" and is a thing all the same. */
static bool is_named_end(const struct pa_reading *reading, size_t first, size_t end)
{
    const struct lang_lexicon *lexicon = reading->rules->lexicon;
    struct lang_frame_match match;
    struct lang_frame_match bare;

    if (!lang_frame_in(lexicon, &reading->tokens, first, end - first, &match))
        return false;
    if (!match.is_named && match.count == 2 && match.first == first && match.first + 2 == end &&
        (!lang_frame_in(lexicon, &reading->tokens, first, 1, &bare) ||
         (bare.is_named && bare.frame != match.frame)))
        return true; /* "home inventory": of items, not of homes */
    return match.is_named && match.is_head && match.count > 1 &&
           !(pa_token(reading, end - 1)->particle == LANG_CASE_AND && /* "경기 기록이랑" */
             lang_frame_in(lexicon, &reading->tokens, first, end - 1 - first, &bare) &&
             bare.is_named && bare.is_head && bare.frame == match.frame);
}

/* "a daily gratitude journal" is of gratitude. */
static bool is_every_period(const struct lang_token *token)
{
    return (token->tags & LANG_PERIOD) != 0 && token->length > 2 &&
           strcmp(token->text + token->length - 2, "ly") == 0;
}

/* The words an entity is called by: without "app", "tracker" and their like at the end, when
 * anything is left. */
static struct pa_item bare_item(const struct pa_reading *reading, const struct pa_item *item)
{
    struct pa_item bare = *item;

    if (bare.end != bare.head_end && !pa_is(reading, bare.head_end - 1, LANG_KIND | LANG_APP))
        bare.end = bare.head_end; /* "photos of my trips" are photos */
    while (bare.end > bare.first + 1 && pa_is(reading, bare.end - 1, LANG_KIND | LANG_APP) &&
           !is_named_end(reading, bare.first, bare.end))
        bare.end--;
    while (
        bare.end > bare.first + 1 &&
        (pa_is(reading, bare.first, LANG_FILLER | LANG_DETERMINER | LANG_PERSON) ||
         is_every_period(pa_token(reading, bare.first)) ||
         (pa_is(reading, bare.first, LANG_ADNOMINAL) && pa_token(reading, bare.first)->is_hangul)))
        bare.first++; /* "읽은 책" are books */
    bare.head_first = bare.first;
    bare.head_end = bare.end;
    return bare;
}

static const char *head_of(const struct pa_reading *reading, const struct pa_item *item)
{
    return pa_token(reading, item->head_end - 1)->lemma;
}

/* "team member leave": something of people, that no field is. */
static bool is_of_people(const struct pa_reading *reading, const struct pa_item *item,
                         const struct lang_frame_match *match)
{
    bool is_deed =
        pa_token(reading, item->end - 1)->is_hangul && /* "휴가 신청" */
        pa_token(reading, item->end - 1)->ending == LANG_END_NONE &&
        lang_korean_act(reading->rules->lexicon, pa_token(reading, item->end - 1)) != LANG_ACT_NONE;

    return match->is_named && !match->is_head && (match->frame->is_people || is_deed) &&
           !pa_is(reading, item->end - 1, LANG_KIND | LANG_APP | LANG_GROUP) &&
           pa_item_type(reading, item) == NULL;
}

/* The frame whose own name and label an entity takes: its noun only says what the thing is about
 * ("독서": books). */
static const struct lang_frame *naming_frame(const struct pa_reading *reading,
                                             const struct pa_item *item,
                                             const struct lang_frame **ret_frame)
{
    struct lang_frame_match match;

    bool is_own;

    *ret_frame = pa_item_frame(reading, item, &match);
    if (*ret_frame != NULL && is_of_people(reading, item, &match)) {
        *ret_frame = NULL;
        return NULL;
    }
    if (*ret_frame != NULL && !match.is_named && match.is_head && item->is_plural &&
        match.count == 1 && pa_token(reading, item->end - 1)->length > 5) {
        *ret_frame = NULL; /* "tastings", "classrooms": what is only known by what it is about */
        return NULL;
    }
    is_own = *ret_frame != NULL && match.is_named && !match.is_head &&
             item->is_plural; /* "beer batches" */
    return *ret_frame != NULL && !is_own && (!match.is_named || !match.is_head) ? *ret_frame : NULL;
}

size_t pa_find_entity(const struct pa_model *model, const struct pa_item *item)
{
    struct pa_item bare = bare_item(model->reading, item);
    const struct lang_frame *frame;
    const struct lang_frame *naming = naming_frame(model->reading, &bare, &frame);
    const char *head = head_of(model->reading, &bare);

    for (size_t i = 0; i < model->entity_count; i++) {
        const struct pa_entity *entity = &model->entities[i];

        if (entity->head != NULL && strcmp(entity->head, head) == 0)
            return i;
        if (frame != NULL && entity->frame == frame &&
            (naming != NULL || entity->is_label_of_frame))
            return i;
    }
    return PA_NONE;
}

size_t pa_find_referred(const struct pa_model *model, const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, item, &match);
    const char *head;

    if (item->is_question || item->head_end <= item->head_first)
        return PA_NONE;
    head = head_of(model->reading, item);
    for (size_t i = 0; i < model->entity_count; i++) {
        const struct pa_entity *entity = &model->entities[i];

        if (entity->head != NULL && strcmp(entity->head, head) == 0)
            return i;
        if (frame != NULL && match.is_named && match.is_head && entity->is_label_of_frame &&
            entity->frame == frame)
            return i;
    }
    return PA_NONE;
}

static bool is_name_taken(const struct pa_model *model, const char *name)
{
    for (size_t i = 0; i < model->entity_count; i++)
        if (strcmp(model->entities[i].name, name) == 0)
            return true;
    return false;
}

/* [a-z][a-z0-9_]*, unlike all others. */
static void make_name(const struct pa_model *model, const char *plain, char ret_name[PA_NAME])
{
    char base[PA_NAME];

    snprintf(base, sizeof(base), "%s%.48s", isdigit((unsigned char)plain[0]) ? "e_" : "",
             plain[0] != '\0' ? plain : "item");
    snprintf(ret_name, PA_NAME, "%s", base);
    for (unsigned n = 2; is_name_taken(model, ret_name); n++)
        snprintf(ret_name, PA_NAME, "%.50s_%u", base, n);
}

static struct pa_entity *new_entity(struct pa_model *model, struct lang_span words)
{
    if (model->entity_count < model->limits->entities && model->entity_count < PA_ENTITIES)
        return &model->entities[model->entity_count];
    pa_add_wish(model, "entity", words, "more kinds of records than the limit");
    return NULL;
}

/* The singular of a name: its last word's. */
static void make_singular(const struct pa_reading *reading, const struct pa_item *item,
                          char name[LANG_NAME])
{
    const struct lang_token *last = pa_token(reading, item->end - 1);
    size_t length = strlen(name);
    size_t more = strlen(last->lemma);

    if (last->is_hangul || last->kind != LANG_WORD || length < last->length ||
        strcmp(name + length - last->length, last->text) != 0 ||
        length - last->length + more >= LANG_NAME)
        return;
    memcpy(name + length - last->length, last->lemma, more + 1);
}

static size_t add_entity(struct pa_model *model, const char *plain, struct pa_entity fill)
{
    struct pa_entity *entity = new_entity(model, fill.from.words);

    if (entity == NULL)
        return PA_NONE;
    memset(entity, 0, sizeof(*entity));
    entity->label = fill.label;
    entity->is_label_of_frame = fill.is_label_of_frame;
    entity->head = fill.head;
    entity->frame = fill.frame;
    entity->value = fill.value;
    entity->from = fill.from;
    make_name(model, plain, entity->name);
    lang_plural(model->reading->rules->lexicon, entity->name, entity->plural_name,
                sizeof(entity->plural_name));
    return model->entity_count++;
}

size_t pa_make_frame_entity(struct pa_model *model, const struct lang_frame *frame,
                            struct lang_span words)
{
    bool is_korean = model->reading->lang[0] == 'k';
    struct pa_entity fill = { .is_label_of_frame = true, .frame = frame, .from = { words, NULL } };

    if (words.length == 0)
        fill.from.frame = frame != NULL ? frame->name : "general";
    if (frame == NULL) {
        fill.label = lang_span_of(is_korean ? "기록" : "Record");
        return add_entity(model, "record", fill);
    }
    fill.label = lang_span_of(is_korean ? frame->label_ko : frame->label_en);
    return add_entity(model, frame->name, fill);
}

const struct lang_frame *pa_frame_named(const struct pa_model *model, const char *name)
{
    const struct lang_frame *frame;

    for (size_t i = 0; (frame = lang_frame_number(model->reading->rules->lexicon, i)) != NULL; i++)
        if (strcmp(frame->name, name) == 0)
            return frame;
    return NULL;
}

static size_t add_noun(struct pa_model *model, const struct pa_item *bare,
                       const struct lang_frame *frame)
{
    char name[LANG_NAME];
    struct pa_entity fill = { .label = pa_label_of(model->reading, bare),
                              .head = head_of(model->reading, bare),
                              .frame = frame,
                              .from = { pa_label_of(model->reading, bare), NULL } };

    if (frame == NULL && bare->is_actor)
        fill.frame = pa_frame_named(model, "user");
    else if (frame == NULL && pa_item_type(model->reading, bare) != NULL)
        fill.value = pa_item_type(model->reading, bare)->type;
    lang_identifier(model->reading->rules->lexicon, fill.label, '_', name);
    make_singular(model->reading, bare, name);
    return add_entity(model, name, fill);
}

/* "beer tasting" is of beers, though the frame is that of wines. */
static bool narrow_to_name(const struct pa_reading *reading, struct pa_item *bare)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(reading, bare, &match);
    const char *word = pa_token(reading, match.first)->lemma;

    if (frame == NULL || !match.is_named || match.is_head || match.count != 1 ||
        strcmp(word, frame->name) == 0 || strcmp(word, frame->label_ko) == 0 ||
        (pa_token(reading, match.first)->is_hangul &&
         !(match.frame->is_thing && match.first == bare->first)))
        return false;
    bare->first = bare->head_first = match.first;
    bare->end = bare->head_end = match.first + 1;
    return true;
}

size_t pa_make_entity(struct pa_model *model, const struct pa_item *item)
{
    struct pa_item bare = bare_item(model->reading, item);
    size_t found = pa_find_entity(model, item);
    const struct lang_frame *frame;
    const struct lang_frame *naming = naming_frame(model->reading, &bare, &frame);

    if (found != PA_NONE)
        return found;
    if (naming != NULL && narrow_to_name(model->reading, &bare))
        return add_noun(model, &bare, frame);
    if (naming != NULL)
        return pa_make_frame_entity(model, naming, pa_label_of(model->reading, &bare));
    return add_noun(model, &bare, frame);
}

size_t pa_make_own_entity(struct pa_model *model, const struct pa_item *item)
{
    struct lang_frame_match match;
    const struct lang_frame *frame = pa_item_frame(model->reading, item, &match);
    size_t found = pa_find_referred(model, item);
    struct pa_item own = *item;

    if (found != PA_NONE)
        return found;
    if ((frame != NULL && match.is_named && match.is_head) ||
        pa_is(model->reading, item->end - 1, item->is_plural ? LANG_APP : LANG_APP | LANG_KIND))
        return pa_make_entity(model, item);
    own.end = own.head_end;
    return add_noun(model, &own, NULL);
}
