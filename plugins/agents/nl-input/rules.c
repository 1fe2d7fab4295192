/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: reads data/constraints.json into one map of phrases.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "constraints.json"

static int add_phrase(struct nl_rules *rules, const char *text, const struct nl_meaning *meaning,
                      struct td_err *err)
{
    char key[LANG_KEY];
    size_t length = lang_key_of(rules->lexicon, text, key);
    json_t *kept;

    if (length == 0)
        return td_fail(err, TD_E_CONFIG,
                       "%s: phrase \"%s\" of \"%s\" is empty or longer than %d bytes", FILE_NAME,
                       text, meaning->what, LANG_KEY - 1);
    kept = json_stringn(key, length);
    if (kept == NULL || json_array_append_new(rules->made, kept) != 0 ||
        lang_map_set(&rules->phrases, json_string_value(kept), length, meaning) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the constraints");
    return 0;
}

static int add_meaning(struct nl_rules *rules, const char *kind, const char *what,
                       const json_t *row, struct td_err *err)
{
    static const char *const languages[] = { "en", "ko" };
    struct nl_meaning *meaning = &rules->meanings[rules->meaning_count++];

    *meaning = (struct nl_meaning){ kind, what };
    for (size_t i = 0; i < 2; i++) {
        json_t *list = json_object_get(row, languages[i]);
        size_t at;
        json_t *text;

        if (lang_data_check_texts(list, FILE_NAME, what, err) != 0)
            return -1;
        json_array_foreach (list, at, text) {
            if (add_phrase(rules, json_string_value(text), meaning, err) != 0)
                return -1;
        }
    }
    return 0;
}

static int add_kind(struct nl_rules *rules, const char *kind, json_t *rows, struct td_err *err)
{
    const char *what;
    json_t *row;

    json_object_foreach (rows, what, row) {
        if (add_meaning(rules, kind, what, row, err) != 0)
            return -1;
    }
    return 0;
}

static int load(struct nl_rules *rules, struct td_err *err)
{
    json_t *intents = lang_data_member(rules->file, FILE_NAME, "intents", JSON_OBJECT, err);
    json_t *constraints =
        intents != NULL ? lang_data_member(rules->file, FILE_NAME, "constraints", JSON_OBJECT, err)
                        : NULL;
    json_t *reserved = constraints != NULL
                           ? lang_data_member(rules->file, FILE_NAME, "reserved", JSON_ARRAY, err)
                           : NULL;
    size_t count = json_object_size(intents);
    const char *kind;
    json_t *rows;

    if (reserved == NULL || lang_data_check_texts(reserved, FILE_NAME, "reserved", err) != 0)
        return -1;
    json_object_foreach (constraints, kind, rows)
        count += json_object_size(rows);
    rules->meanings = calloc(count + 1, sizeof(*rules->meanings));
    if (rules->meanings == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the constraints");
    if (add_kind(rules, "intent", intents, err) != 0)
        return -1;
    json_object_foreach (constraints, kind, rows) {
        if (add_kind(rules, kind, rows, err) != 0)
            return -1;
    }
    return 0;
}

struct nl_rules *nl_rules_read(const char *folder, struct td_err *err)
{
    struct nl_rules *rules = calloc(1, sizeof(*rules));

    if (rules == NULL || (rules->made = json_array()) == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the constraints");
        nl_rules_free(rules);
        return NULL;
    }
    rules->lexicon = lang_lexicon_read(folder, err);
    if (rules->lexicon != NULL)
        rules->file = lang_data_read(folder, FILE_NAME, err);
    if (rules->file == NULL || load(rules, err) != 0) {
        nl_rules_free(rules);
        return NULL;
    }
    return rules;
}

void nl_rules_free(struct nl_rules *rules)
{
    if (rules == NULL)
        return;
    lang_map_free(&rules->phrases);
    free(rules->meanings);
    json_decref(rules->made);
    json_decref(rules->file);
    lang_lexicon_free(rules->lexicon);
    free(rules);
}
