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

/* What a phrase says of files: "import and export", "CSV", "JSON export". */
struct files {
    unsigned formats, ways; /* bits */
};
static const struct {
    const char *name;
    struct files files;
} file_features[] = {
    { "csv-export", { 1, 1 } },
    { "json-export", { 2, 1 } },
    { "csv-import", { 1, 2 } },
    { "json-import", { 2, 2 } },
};
#define FILE_FEATURES (sizeof(file_features) / sizeof(file_features[0]))

/* "CSV" alone is a format that goes no way yet. */
static bool is_bare_format(const struct pa_model *model, const struct lang_match *match)
{
    const struct lang_token *token = pa_token(model->reading, match->first);
    size_t length = token->stem.length;

    return match->count == 1 && strncmp(match->phrase->name, token->text, length) == 0 &&
           match->phrase->name[length] == '-';
}

/* "export", of whatever format. */
static bool is_any_format(const struct lang_phrase *phrase)
{
    return phrase->both != NULL && strncmp(phrase->name, "csv", 3) != 0 &&
           strncmp(phrase->name, "json", 4) != 0;
}

static struct files files_of(const struct pa_model *model, const struct lang_match *match)
{
    struct files files = { 0, 0 };

    for (size_t i = 0; i < FILE_FEATURES; i++)
        if (names_feature(match->phrase, file_features[i].name)) {
            files.formats |= file_features[i].files.formats;
            files.ways |= file_features[i].files.ways;
        }
    if (is_any_format(match->phrase))
        files.formats = 0;
    if (is_bare_format(model, match))
        files.ways = 0;
    return files;
}

static bool is_of_files(const struct pa_model *model, const struct lang_match *match)
{
    struct files files = files_of(model, match);

    return files.formats != 0 || files.ways != 0;
}

static bool is_same_sentence(const struct pa_reading *reading, size_t first, size_t end)
{
    for (size_t at = first; at < end; at++)
        if (pa_is_mark(reading, at, '.') || pa_is_mark(reading, at, '\n'))
            return false;
    return true;
}

/* Whether nothing but "and", "as", "/", "files" is between two phrases. */
static bool are_joined(const struct pa_model *model, size_t number)
{
    const struct pa_reading *reading = model->reading;
    const struct lang_match *a = &reading->matches[number];
    const struct lang_match *b = a + 1;
    struct files next = files_of(model, b);
    size_t count;

    if (a->is_negated || b->is_negated || !is_same_sentence(reading, a->first, b->first))
        return false;
    for (size_t at = a->first + a->count; at < b->first; at++) {
        if (pa_is_mark(reading, at, ',') && next.formats != 0 && next.ways != 0)
            return false; /* "CSV export, JSON import": each says all */
        if (pa_token(reading, at)->kind != LANG_PUNCT &&
            !pa_is(reading, at,
                   LANG_AND | LANG_OR | LANG_PREPOSITION | LANG_DETERMINER | LANG_FILLER) &&
            pa_find_name(reading->rules, &reading->rules->phrase_tails, &reading->tokens, at,
                         at + 1, &count) == NULL)
            return false;
    }
    return true;
}

/* The format that an export without one is about: the one named before it in its sentence, else the
 * one after; 0: none. */
static unsigned formats_near(const struct pa_model *model, size_t number)
{
    const struct pa_reading *reading = model->reading;
    const struct lang_match *here = &reading->matches[number];

    for (size_t i = number; i-- > 0;) {
        const struct lang_match *match = &reading->matches[i];

        if (!is_same_sentence(reading, match->first, here->first))
            break;
        if (match->phrase->both == NULL && files_of(model, match).formats != 0)
            return files_of(model, match).formats;
    }
    if (number + 1 < reading->match_count && here[1].phrase->both == NULL &&
        is_same_sentence(reading, here->first, here[1].first))
        return files_of(model, &here[1]).formats;
    return 0;
}

static void add_files(struct pa_model *model, struct files files, struct lang_span from)
{
    for (size_t i = 0; i < FILE_FEATURES; i++)
        if ((file_features[i].files.formats & files.formats) != 0 &&
            (file_features[i].files.ways & files.ways) != 0)
            pa_add_feature(model, file_features[i].name, from);
}

/* Phrases of files that stand together say formats and ways for each other: "CSV/JSON import and
 * export"; one that says both is as it is. Returns how many phrases it took. */
static size_t add_file_phrases(struct pa_model *model, size_t number)
{
    const struct lang_match *matches = model->reading->matches;
    struct files all = { 0, 0 };
    bool is_open = false;
    size_t end = number;

    do {
        struct files files = files_of(model, &matches[end]);

        is_open = is_open || files.formats == 0 || files.ways == 0;
        all.formats |= files.formats;
        all.ways |= files.ways;
        end++;
    } while (end < model->reading->match_count && is_of_files(model, &matches[end]) &&
             are_joined(model, end - 1));
    if (all.formats == 0)
        all.formats = formats_near(model, number);
    if (all.formats == 0)
        all.formats = 3;
    if (all.ways == 0)
        all.ways = 1; /* "CSV": to get the records out */
    for (size_t i = number; i < end; i++)
        add_files(model, is_open ? all : files_of(model, &matches[i]),
                  words_of(model->reading, &matches[i]));
    return end - number;
}

static void add_match(struct pa_model *model, size_t number)
{
    const struct lang_match *match = &model->reading->matches[number];
    struct lang_span from = words_of(model->reading, match);
    size_t i;
    json_t *name;

    if (match->phrase->kind == LANG_PHRASE_WISH)
        pa_add_wish(model, match->phrase->name, from, NULL);
    else if (match->phrase->both == NULL)
        pa_add_feature(model, match->phrase->name, from);
    else
        json_array_foreach (match->phrase->both, i, name)
            pa_add_feature(model, json_string_value(name), from);
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

/* "import from Spotify": no file is meant, and the wish that follows says all. */
static bool is_with_wish(const struct pa_model *model, size_t number)
{
    const struct pa_reading *reading = model->reading;
    const struct lang_match *match = &reading->matches[number];
    size_t at = match->first + match->count;

    return number + 1 < reading->match_count && match[1].phrase->kind == LANG_PHRASE_WISH &&
           pa_is(reading, at, LANG_PREPOSITION) && match[1].first == at + 1;
}

void pa_add_phrases(struct pa_model *model)
{
    for (size_t i = 0; i < model->reading->match_count; i++) {
        const struct lang_match *match = &model->reading->matches[i];

        if (match->is_negated || (match->phrase->is_attribute && is_in_field(model, match)))
            continue;
        if (is_of_files(model, match) && is_with_wish(model, i))
            continue;
        if (is_of_files(model, match))
            i += add_file_phrases(model, i) - 1;
        else
            add_match(model, i);
    }
    for (size_t i = 0; i < model->reading->asked_count; i++)
        if (!pa_is_excluded(model, model->reading->asked[i].feature))
            pa_add_feature(model, model->reading->asked[i].feature, model->reading->asked[i].from);
}

/* "칼로리 합계 그래프", "weight chart": the number that is to be shown, in front of the phrase. */
static bool find_charted(const struct pa_model *model, const struct lang_match *match,
                         struct pa_item *ret_item)
{
    const struct pa_reading *reading = model->reading;
    size_t at = match->first;
    const struct pa_type *type;

    size_t count;

    while (at > 0 && (pa_is(reading, at - 1, LANG_PERIOD | LANG_EACH | LANG_FILLER) ||
                      (pa_token(reading, at - 1)->kind == LANG_WORD &&
                       pa_find_name(reading->rules, &reading->rules->changes, &reading->tokens,
                                    at - 1, at, &count) != NULL)))
        at--; /* "체지방률 변화를 그래프로" */
    if (strcmp(match->phrase->name, "chart") != 0 || match->is_negated || at == 0 ||
        pa_token(reading, at - 1)->kind != LANG_WORD || pa_token(reading, at - 1)->is_used ||
        pa_token(reading, at - 1)->is_negated)
        return false;
    *ret_item = (struct pa_item){ .first = at - 1,
                                  .end = at,
                                  .head_first = at - 1,
                                  .head_end = at,
                                  .from_first = at - 1,
                                  .from_end = at };
    type = pa_item_type(reading, ret_item);
    return type != NULL && type->role == NULL && strcmp(type->type, "number") == 0;
}

static bool ends_label(struct lang_span label, struct lang_span word)
{
    return label.length >= word.length &&
           memcmp(label.at + label.length - word.length, word.at, word.length) == 0;
}

/* "vertical feet" is what a chart of "total vertical" shows. */
static bool names_number(const struct pa_entity *entity, const struct lang_token *word)
{
    for (size_t i = 0; i < entity->field_count; i++)
        if (strcmp(entity->fields[i].type, "number") == 0 &&
            (word->is_hangul ? ends_label(entity->fields[i].label, word->stem)
                             : strstr(entity->fields[i].name, word->lemma) != NULL))
            return true;
    return false;
}

void pa_add_charted(struct pa_model *model)
{
    struct pa_item item;

    for (size_t i = 0; i < model->reading->match_count; i++)
        if (model->main != PA_NONE && find_charted(model, &model->reading->matches[i], &item) &&
            !names_number(&model->entities[model->main], pa_token(model->reading, item.first)))
            pa_add_item_field(model, model->main, &item);
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

/* Makes the entity's first date due that the files call such; false: it has none. */
static bool give_due_to(struct pa_model *model, struct pa_entity *entity)
{
    const json_t *words = json_object_get(model->reading->rules->fields_file, "due_like");
    size_t w;
    json_t *word;

    for (size_t i = 0; i < entity->field_count; i++) {
        struct pa_field *field = &entity->fields[i];

        if (strcmp(field->type, "date") != 0 || field->role != NULL || !field->is_named)
            continue;
        json_array_foreach (words, w, word) {
            if (strstr(field->name, json_string_value(word)) == NULL)
                continue;
            field->role = "due";
            return true;
        }
    }
    return false;
}

/* "만료 지난 것은 빨갛게", where there is an expiry date: that is what is due, of the thing spoken
 * of, or else of another. */
static bool give_due(struct pa_model *model, const struct pa_type *type)
{
    if (strcmp(type->role, "due") != 0)
        return false;
    if (pa_give_asked_due(model) || give_due_to(model, &model->entities[model->main]))
        return true;
    for (size_t i = 0; i < model->entity_count; i++)
        if (give_due_to(model, &model->entities[i]))
            return true;
    return false;
}

static size_t entity_of_token(const struct pa_model *model, size_t at)
{
    struct pa_item noun = {
        .first = at, .end = at + 1, .head_first = at, .head_end = at + 1, .is_plural = true
    };

    return pa_token(model->reading, at)->kind == LANG_WORD && !pa_token(model->reading, at)->is_used
               ? pa_find_referred(model, &noun)
               : PA_NONE;
}

size_t pa_owner_of_feature(const struct pa_model *model, const char *name)
{
    for (size_t i = 0; i < model->entity_count && strcmp(name, "due-dates") == 0; i++)
        if (model->entities[i].frame != NULL && model->entities[i].frame->is_deed)
            return i;
    return model->main;
}

/* "좋아요 누른 노래만 보기": the thing that a feature's sentence speaks of next, or last before it;
 * else what the app is about. */
static size_t entity_of_feature(const struct pa_model *model, const struct pa_feature *feature)
{
    const struct pa_reading *reading = model->reading;
    size_t at = 0;
    size_t found;

    while (at < reading->tokens.count && pa_token(reading, at)->span.at < feature->from.at)
        at++;
    for (size_t i = at; i < reading->tokens.count && !pa_ends_sentence(reading, i); i++)
        if ((found = entity_of_token(model, i)) != PA_NONE)
            return found;
    for (size_t i = at; i > 0 && !pa_ends_sentence(reading, i - 1); i--)
        if ((found = entity_of_token(model, i - 1)) != PA_NONE)
            return found;
    return pa_owner_of_feature(model, feature->name);
}

void pa_imply_fields(struct pa_model *model)
{
    for (size_t i = 0; i < model->feature_count; i++) {
        const struct pa_type *type = implied_field(model, model->features[i].name);

        if (type != NULL && model->main != PA_NONE && !any_has_role(model, type->role) &&
            !give_due(model, type))
            pa_add_known_field(model, entity_of_feature(model, &model->features[i]), type,
                               (struct pa_from){ model->features[i].from, NULL });
    }
}

static bool has_columns(const struct pa_entity *entity)
{
    for (size_t i = 0; i < entity->field_count; i++) {
        const struct pa_field *field = &entity->fields[i];

        if (strcmp(field->type, "choice") == 0 && !field->is_many &&
            json_array_size(field->options) + field->option_count > 1)
            return true;
    }
    return pa_has_role(entity, "done");
}

void pa_imply_columns(struct pa_model *model)
{
    const struct pa_rules *rules = model->reading->rules;
    const json_t *columns = json_object_get(rules->fields_file, "columns");
    size_t i;
    json_t *constraint;

    json_array_foreach (model->constraints, i, constraint) {
        const char *what = json_string_value(json_object_get(constraint, "what"));
        const char *name = what != NULL ? json_string_value(json_object_get(columns, what)) : NULL;
        const char *from = json_string_value(json_object_get(constraint, "from"));
        const struct pa_type *type =
            name != NULL ? pa_field_named(rules, name, strlen(name)) : NULL;

        if (type != NULL && from != NULL && !has_columns(&model->entities[model->main]))
            pa_add_known_field(model, model->main, type,
                               (struct pa_from){ lang_span_of(from), NULL });
    }
}
