/* SPDX-License-Identifier: Apache-2.0 */
/*
 * choices: reads data/choices.json and checks that every rule can be followed.
 */
#include "select.h"

#include <lang.h>
#include <string.h>

#define FILE_NAME "choices.json"

static int check_texts(const json_t *row, const char *key, struct td_err *err)
{
    if (json_string_length(json_object_get(row, "en")) > 0 &&
        json_string_length(json_object_get(row, "ko")) > 0)
        return 0;
    return td_fail(err, TD_E_CONFIG, "%s: key \"%s\" must have texts \"en\" and \"ko\"", FILE_NAME,
                   key);
}

static int check_scored(const json_t *choices, const char *key, struct td_err *err)
{
    json_t *rows = lang_data_member(choices, FILE_NAME, key, JSON_OBJECT, err);
    const char *name;
    json_t *row;

    if (rows == NULL)
        return -1;
    json_object_foreach (rows, name, row) {
        if (!json_is_number(json_object_get(row, "score")))
            return td_fail(err, TD_E_CONFIG, "%s: key \"%s\": \"%s\" must have a \"score\"",
                           FILE_NAME, key, name);
        if (check_texts(row, name, err) != 0)
            return -1;
    }
    return 0;
}

static bool is_condition(const char *key)
{
    static const char *const known[] = { "style",   "device",  "domain",     "field_type", "role",
                                         "feature", "numbers", "min_fields", "max_fields" };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], key) == 0)
            return true;
    return false;
}

static int check_rule(const json_t *choices, const json_t *rule, size_t number, struct td_err *err)
{
    const char *layout = json_string_value(json_object_get(rule, "layout"));
    const json_t *when = json_object_get(rule, "when");
    const char *key = json_object_iter_key(json_object_iter((json_t *)when));

    if (layout == NULL || json_object_get(json_object_get(choices, "layouts"), layout) == NULL)
        return td_fail(err, TD_E_CONFIG, "%s: rule %zu: \"layout\" must be one of \"layouts\"",
                       FILE_NAME, number);
    if (json_object_size(when) != 1 || !is_condition(key))
        return td_fail(err, TD_E_CONFIG, "%s: rule %zu: \"when\" must have one known condition",
                       FILE_NAME, number);
    if (!json_is_number(json_object_get(rule, "score")))
        return td_fail(err, TD_E_CONFIG, "%s: rule %zu must have a \"score\"", FILE_NAME, number);
    return check_texts(rule, "rules", err);
}

static int check(const json_t *choices, struct td_err *err)
{
    static const char *const texts[] = { "stack_offline", "stack_other", "stack_given" };
    json_t *rules = lang_data_member(choices, FILE_NAME, "rules", JSON_ARRAY, err);
    size_t i;
    json_t *rule;

    if (rules == NULL || check_scored(choices, "stacks", err) != 0 ||
        check_scored(choices, "layouts", err) != 0)
        return -1;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (check_texts(json_object_get(choices, texts[i]), texts[i], err) != 0)
            return -1;
    json_array_foreach (rules, i, rule) {
        if (check_rule(choices, rule, i + 1, err) != 0)
            return -1;
    }
    return 0;
}

json_t *ui_choices_read(const char *folder, struct td_err *err)
{
    json_t *choices = lang_data_read(folder, FILE_NAME, err);

    if (choices == NULL || check(choices, err) == 0)
        return choices;
    json_decref(choices);
    return NULL;
}
