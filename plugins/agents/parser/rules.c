/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: reads the parser's data files, checks them, and answers what words say of a field.
 */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPES "types.json"
#define FIELDS "fields.json"
#define STORIES "stories.json"
#define SYLLABLE 3

static int nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the parser's rules");
}

static bool is_field_type(const char *type)
{
    static const char *const known[] = { "text",    "long-text", "number", "money", "date", "time",
                                         "boolean", "choice",    "email",  "url",   "image" };

    for (size_t i = 0; type != NULL && i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], type) == 0)
            return true;
    return false;
}

static bool read_number(const json_t *row, const char *key, double *ret_number)
{
    const json_t *number = json_object_get(row, key);

    *ret_number = json_number_value(number);
    return number != NULL;
}

static int check_options(const json_t *options, const char *file, const char *name,
                         struct td_err *err)
{
    size_t i;
    json_t *option;

    json_array_foreach (options, i, option) {
        if (json_string_length(json_object_get(option, "value")) == 0 ||
            json_string_length(json_object_get(option, "en")) == 0 ||
            json_string_length(json_object_get(option, "ko")) == 0)
            return td_fail(err, TD_E_CONFIG,
                           "%s: key \"%s\": option %zu must have \"value\", \"en\" and \"ko\"",
                           file, name, i + 1);
    }
    return 0;
}

static int read_type(const char *file, const char *name, const json_t *row,
                     struct pa_type *ret_type, struct td_err *err)
{
    const char *type = json_string_value(json_object_get(row, "type"));
    const char *as = json_string_value(json_object_get(row, "as"));

    if (!is_field_type(type))
        return td_fail(err, TD_E_CONFIG, "%s: key \"%s\": \"type\" must be a field type", file,
                       name);
    *ret_type = (struct pa_type){
        .name = as != NULL ? as : name,
        .type = type,
        .role = json_string_value(json_object_get(row, "role")),
        .unit = json_string_value(json_object_get(row, "unit")),
        .feature = json_string_value(json_object_get(row, "feature")),
        .label_en = json_string_value(json_object_get(row, "en")),
        .label_ko = json_string_value(json_object_get(row, "ko")),
        .options = json_object_get(row, "options"),
        .is_many = json_is_true(json_object_get(row, "many")),
        .is_open = json_is_true(json_object_get(row, "open")),
        .is_required = json_is_true(json_object_get(row, "required")),
    };
    ret_type->has_min = read_number(row, "min", &ret_type->min);
    ret_type->has_max = read_number(row, "max", &ret_type->max);
    ret_type->has_step = read_number(row, "step", &ret_type->step);
    return check_options(ret_type->options, file, name, err);
}

static int add_word(struct pa_rules *rules, struct lang_map *map, const char *word,
                    const void *value, struct td_err *err)
{
    char key[LANG_KEY];
    size_t length = lang_key_of(rules->lexicon, word, key);
    json_t *kept;

    if (length == 0 && strlen(word) < LANG_KEY) { /* a sign: "%" */
        length = strlen(word);
        memcpy(key, word, length + 1);
    }
    kept = json_stringn(key, length);
    if (kept == NULL || json_array_append_new(rules->made, kept) != 0 ||
        lang_map_set(map, json_string_value(kept), length, value) != 0)
        return nomem(err);
    return 0;
}

/* The words of a row in both languages. */
static int add_words(struct pa_rules *rules, struct lang_map *map, const json_t *row,
                     const char *name, const void *value, struct td_err *err)
{
    static const char *const languages[] = { "en", "ko" };

    for (size_t i = 0; i < 2; i++) {
        json_t *list = json_object_get(row, languages[i]);
        size_t at;
        json_t *word;

        if (lang_data_check_texts(list, TYPES, name, err) != 0)
            return -1;
        json_array_foreach (list, at, word) {
            if (add_word(rules, map, json_string_value(word), value, err) != 0)
                return -1;
        }
    }
    return 0;
}

static int load_types(struct pa_rules *rules, struct td_err *err)
{
    json_t *rows = lang_data_member(rules->types_file, TYPES, "types", JSON_OBJECT, err);
    const char *name;
    json_t *row;

    rules->types = calloc(json_object_size(rows) + 1, sizeof(*rules->types));
    if (rules->types == NULL)
        return nomem(err);
    json_object_foreach (rows, name, row) {
        struct pa_type *type = &rules->types[rules->type_count++];

        if (read_type(TYPES, name, row, type, err) != 0 ||
            add_words(rules, &rules->type_words, row, name, type, err) != 0)
            return -1;
    }
    return rows != NULL ? 0 : -1;
}

/* "units" and their like: each word of a row stands for the row's name. */
static int load_names(struct pa_rules *rules, const char *key, struct lang_map *map,
                      struct td_err *err)
{
    json_t *rows = lang_data_member(rules->types_file, TYPES, key, JSON_OBJECT, err);
    const char *name;
    json_t *row;

    json_object_foreach (rows, name, row) {
        if (add_words(rules, map, row, name, name, err) != 0)
            return -1;
    }
    return rows != NULL ? 0 : -1;
}

static int load_fields(struct pa_rules *rules, struct td_err *err)
{
    json_t *rows = lang_data_member(rules->fields_file, FIELDS, "fields", JSON_OBJECT, err);
    const char *name;
    json_t *row;

    rules->fields = calloc(json_object_size(rows) + 1, sizeof(*rules->fields));
    if (rules->fields == NULL)
        return nomem(err);
    json_object_foreach (rows, name, row) {
        struct pa_type *field = &rules->fields[rules->field_count++];

        if (read_type(FIELDS, name, row, field, err) != 0)
            return -1;
        if (field->label_en == NULL || field->label_ko == NULL)
            return td_fail(err, TD_E_CONFIG, "%s: key \"%s\" must have labels \"en\" and \"ko\"",
                           FIELDS, name);
        if (lang_map_set(&rules->fields_map, name, strlen(name), field) != 0)
            return nomem(err);
    }
    return rows != NULL ? 0 : -1;
}

static int check_field_names(const struct pa_rules *rules, const json_t *list, const char *of,
                             struct td_err *err)
{
    size_t i;
    json_t *name;

    json_array_foreach (list, i, name) {
        size_t length = strcspn(json_string_value(name), PA_MARKS);

        if (pa_field_named(rules, json_string_value(name), length) == NULL)
            return td_fail(err, TD_E_CONFIG,
                           "%s: \"%s\" names the field \"%.*s\", which is not there", FIELDS, of,
                           (int)length, json_string_value(name));
    }
    return 0;
}

/* Every field that frames, features and defaults name is there. */
static int check_names(const struct pa_rules *rules, struct td_err *err)
{
    json_t *defaults = lang_data_member(rules->fields_file, FIELDS, "defaults", JSON_ARRAY, err);
    json_t *implied =
        defaults != NULL ? lang_data_member(rules->fields_file, FIELDS, "implied", JSON_OBJECT, err)
                         : NULL;
    json_t *several = implied != NULL ? lang_data_member(rules->fields_file, FIELDS, "of_several",
                                                         JSON_ARRAY, err)
                                      : NULL;
    const struct lang_frame *frame;
    const char *feature;
    json_t *name;

    if (several == NULL || lang_data_check_texts(several, FIELDS, "of_several", err) != 0 ||
        lang_data_check_texts(defaults, FIELDS, "defaults", err) != 0 ||
        check_field_names(rules, defaults, "defaults", err) != 0 ||
        check_field_names(rules, several, "of_several", err) != 0)
        return -1;
    for (size_t i = 0; (frame = lang_frame_number(rules->lexicon, i)) != NULL; i++)
        if (check_field_names(rules, frame->fields, frame->name, err) != 0)
            return -1;
    json_object_foreach (implied, feature, name) {
        if (json_string_length(name) == 0 || pa_field_implied(rules, feature) == NULL)
            return td_fail(err, TD_E_CONFIG, "%s: key \"implied\": \"%s\" must name a field",
                           FIELDS, feature);
    }
    return 0;
}

static int load(struct pa_rules *rules, struct td_err *err)
{
    static const char *const lists[] = {
        "list_titles",    "near_times", "wish_ends", "phrase_tails", "stand_ins",   "averaged",
        "self_questions", "gathers",    "described", "logs",         "looks",       "shows",
        "wish_words",     "wish_marks", "ing_nouns", "agent_verbs",  "uploads",     "wish_tools",
        "wish_plurals",   "views",      "measures",  "arranged",     "obligations", "late",
        "what_it_is",     "paying",     "changes",   "checks",       "names_it"
    };
    struct lang_map *const maps[] = {
        &rules->list_titles, &rules->near_times, &rules->wish_ends,      &rules->phrase_tails,
        &rules->stand_ins,   &rules->averaged,   &rules->self_questions, &rules->gathers,
        &rules->described,   &rules->logs,       &rules->looks,          &rules->shows,
        &rules->wish_words,  &rules->wish_marks, &rules->ing_nouns,      &rules->agent_verbs,
        &rules->uploads,     &rules->wish_tools, &rules->wish_plurals,   &rules->views,
        &rules->measures,    &rules->arranged,   &rules->obligations,    &rules->late,
        &rules->what_it_is,  &rules->paying,     &rules->changes,        &rules->checks,
        &rules->names_it
    };

    _Static_assert(sizeof(lists) / sizeof(lists[0]) == sizeof(maps) / sizeof(maps[0]),
                   "each list has its map");
    if (load_types(rules, err) != 0 || load_names(rules, "units", &rules->units, err) != 0 ||
        load_names(rules, "currencies", &rules->currencies, err) != 0 ||
        load_names(rules, "hints", &rules->hints, err) != 0 ||
        load_names(rules, "questions", &rules->questions, err) != 0 ||
        load_names(rules, "bounds", &rules->bounds, err) != 0 || load_fields(rules, err) != 0 ||
        check_names(rules, err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_t *row = lang_data_member(rules->types_file, TYPES, lists[i], JSON_OBJECT, err);

        if (row == NULL || add_words(rules, maps[i], row, lists[i], lists[i], err) != 0)
            return -1;
    }
    return 0;
}

struct pa_rules *pa_rules_read(const char *folder, struct td_err *err)
{
    struct pa_rules *rules = calloc(1, sizeof(*rules));

    if (rules == NULL || (rules->made = json_array()) == NULL) {
        nomem(err);
        pa_rules_free(rules);
        return NULL;
    }
    rules->lexicon = lang_lexicon_read(folder, err);
    if (rules->lexicon != NULL)
        rules->types_file = lang_data_read(folder, TYPES, err);
    if (rules->types_file != NULL)
        rules->fields_file = lang_data_read(folder, FIELDS, err);
    if (rules->fields_file != NULL)
        rules->stories_file = lang_data_read(folder, STORIES, err);
    if (rules->stories_file == NULL || load(rules, err) != 0) {
        pa_rules_free(rules);
        return NULL;
    }
    return rules;
}

void pa_rules_free(struct pa_rules *rules)
{
    if (rules == NULL)
        return;
    lang_map_free(&rules->type_words);
    lang_map_free(&rules->fields_map);
    lang_map_free(&rules->units);
    lang_map_free(&rules->currencies);
    lang_map_free(&rules->hints);
    lang_map_free(&rules->questions);
    lang_map_free(&rules->list_titles);
    lang_map_free(&rules->near_times);
    lang_map_free(&rules->wish_ends);
    lang_map_free(&rules->phrase_tails);
    lang_map_free(&rules->stand_ins);
    lang_map_free(&rules->averaged);
    lang_map_free(&rules->self_questions);
    lang_map_free(&rules->gathers);
    lang_map_free(&rules->described);
    lang_map_free(&rules->logs);
    lang_map_free(&rules->checks);
    lang_map_free(&rules->names_it);
    lang_map_free(&rules->looks);
    lang_map_free(&rules->views);
    lang_map_free(&rules->measures);
    lang_map_free(&rules->arranged);
    lang_map_free(&rules->obligations);
    lang_map_free(&rules->late);
    lang_map_free(&rules->what_it_is);
    lang_map_free(&rules->paying);
    lang_map_free(&rules->changes);
    lang_map_free(&rules->bounds);
    lang_map_free(&rules->shows);
    lang_map_free(&rules->wish_words);
    lang_map_free(&rules->wish_marks);
    lang_map_free(&rules->wish_tools);
    lang_map_free(&rules->wish_plurals);
    lang_map_free(&rules->ing_nouns);
    lang_map_free(&rules->agent_verbs);
    lang_map_free(&rules->uploads);
    free(rules->types);
    free(rules->fields);
    json_decref(rules->types_file);
    json_decref(rules->fields_file);
    json_decref(rules->stories_file);
    json_decref(rules->made);
    lang_lexicon_free(rules->lexicon);
    free(rules);
}

const struct pa_type *pa_field_named(const struct pa_rules *rules, const char *name, size_t length)
{
    return lang_map_get(&rules->fields_map, name, length);
}

const struct pa_type *pa_field_implied(const struct pa_rules *rules, const char *feature)
{
    const char *name =
        json_string_value(json_object_get(json_object_get(rules->fields_file, "implied"), feature));

    return name != NULL ? pa_field_named(rules, name, strlen(name)) : NULL;
}

const char *pa_find_name(const struct pa_rules *rules, const struct lang_map *map,
                         const struct lang_tokens *tokens, size_t first, size_t end,
                         size_t *ret_count)
{
    *ret_count = 0;
    return first < end ? lang_find(rules->lexicon, map, tokens, first, end, ret_count) : NULL;
}

/* "year finished", "price paid": what the noun says counts, when it says something. */
static bool is_after_noun(const struct pa_type *type, size_t first, size_t at)
{
    return at > first && strcmp(type->type, "boolean") == 0;
}

static bool is_past(const struct lang_token *token)
{
    size_t n = token->length;

    return (token->tags & LANG_ADNOMINAL) != 0 || (n > 4 && strcmp(token->text + n - 2, "ed") == 0);
}

/* English: the longest run of lemmas that ends the phrase. */
static const struct pa_type *english_type(const struct pa_rules *rules,
                                          const struct lang_tokens *tokens, size_t first,
                                          size_t end)
{
    const struct pa_type *before = NULL;

    if (end == first + 1) { /* "=number" in the file: only as a whole */
        char key[LANG_KEY];
        int length = snprintf(key, sizeof(key), "=%s", tokens->all[first].lemma);
        const struct pa_type *whole = length > 0 && (size_t)length < sizeof(key)
                                          ? lang_map_get(&rules->type_words, key, (size_t)length)
                                          : NULL;

        if (whole != NULL)
            return whole;
    }
    for (size_t at = first; at < end; at++) {
        size_t count = 0;
        const struct pa_type *type =
            lang_find(rules->lexicon, &rules->type_words, tokens, at, end, &count);

        if (type == NULL || at + count != end)
            continue;
        if (is_after_noun(type, first, at)) {
            before = english_type(rules, tokens, first, at);
            if (before == NULL && strcmp(tokens->all[at - 1].text, tokens->all[at - 1].lemma) != 0)
                return lang_map_get(&rules->type_words, "=number",
                                    7); /* "books finished" are counted */
        }
        return before != NULL ? before : type;
    }
    if (end > first + 1 && is_past(&tokens->all[end - 1])) /* "date sown" */
        return english_type(rules, tokens, first, end - 1);
    return NULL;
}

/* One syllable is a word of its own, or, written "~일" in the file, the end of one. */
static const struct pa_type *syllable_type(const struct pa_rules *rules, const char *syllable,
                                           bool is_word)
{
    char key[] = "~   ";

    if (is_word)
        return lang_map_get(&rules->type_words, syllable, SYLLABLE);
    memcpy(key + 1, syllable, SYLLABLE);
    return lang_map_get(&rules->type_words, key, sizeof(key) - 1);
}

/* Korean: the longest end of the phrase without blanks. */
static const struct pa_type *korean_type(const struct pa_rules *rules,
                                         const struct lang_tokens *tokens, size_t first, size_t end)
{
    char key[LANG_KEY];
    size_t length = 0;

    for (size_t i = end; i > first; i--) { /* from the end, as many whole words as fit */
        const char *word = i == end ? tokens->all[i - 1].lemma : tokens->all[i - 1].text;
        size_t more = strlen(word);

        if (tokens->all[i - 1].kind == LANG_PUNCT)
            continue;
        if (length + more >= sizeof(key))
            break;
        memmove(key + more, key, length);
        memcpy(key, word, more);
        length += more;
    }
    for (size_t at = 0; at + SYLLABLE < length; at++) {
        const struct pa_type *type;

        if (((unsigned char)key[at] & 0xC0U) == 0x80U)
            continue;
        type = lang_map_get(&rules->type_words, key + at, length - at);
        if (type != NULL)
            return type;
    }
    if (length < SYLLABLE)
        return NULL;
    return syllable_type(rules, key + length - SYLLABLE,
                         strlen(tokens->all[end - 1].lemma) == SYLLABLE);
}

const struct pa_type *pa_type_of(const struct pa_rules *rules, const struct lang_tokens *tokens,
                                 size_t first, size_t end)
{
    if (end <= first)
        return NULL;
    if (tokens->all[end - 1].is_hangul)
        return korean_type(rules, tokens, first, end);
    return english_type(rules, tokens, first, end);
}
