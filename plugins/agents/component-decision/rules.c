/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: the check is whole, so that applying a rule cannot meet a surprise.
 */
#include "rules.h"

#include <string.h>

#include "facts.h"
#include "kit/json.h"
#include "kit/yaml.h"

/* One rule under check, with what a message needs to name it. */
struct place {
    const char *path;
    size_t number;
    struct td_err *err;
};

static int fail_rule(const struct place *place, const char *key, const char *what)
{
    return td_fail(place->err, TD_E_CONFIG, "%s: rule %zu: key \"%s\": %s", place->path,
                   place->number, key, what);
}

static const char *const words[] = { "app", "entities", "fields", "name" };

/* Is every {word} of the text one that facts_words replaces? */
static bool has_known_words(const char *text)
{
    for (text = strchr(text, '{'); text != NULL; text = strchr(text + 1, '{')) {
        const char *end = strchr(text, '}');
        bool is_known = false;

        for (size_t i = 0; end != NULL && i < sizeof(words) / sizeof(words[0]); i++)
            is_known = is_known || (strlen(words[i]) == (size_t)(end - text) - 1 &&
                                    memcmp(words[i], text + 1, strlen(words[i])) == 0);
        if (!is_known)
            return false;
    }
    return true;
}

static int check_text(const struct place *place, const char *key, const json_t *text)
{
    if (!json_is_string(text) || json_string_length(text) == 0)
        return fail_rule(place, key, "must be a text, or a list of texts, in \"en\" and \"ko\"");
    if (!has_known_words(json_string_value(text)))
        return fail_rule(place, key, "may hold only {app}, {entities}, {fields} and {name}");
    return 0;
}

static int check_need(const struct place *place, const json_t *rule)
{
    const json_t *need = json_object_get(rule, "need");

    if (json_object_size(need) != 2)
        return fail_rule(place, "need", "must have exactly \"en\" and \"ko\"");
    if (check_text(place, "need", json_object_get(need, "en")) != 0)
        return -1;
    return check_text(place, "need", json_object_get(need, "ko"));
}

static int check_acceptance(const struct place *place, const json_t *rule)
{
    const json_t *texts = json_object_get(rule, "acceptance");
    const json_t *en = json_object_get(texts, "en");
    const json_t *ko = json_object_get(texts, "ko");
    const json_t *text;
    size_t i;

    if (json_object_size(texts) != 2 || json_array_size(en) == 0 ||
        json_array_size(en) != json_array_size(ko))
        return fail_rule(place, "acceptance",
                         "must have as many sentences in \"en\" as in \"ko\", and at least one");
    json_array_foreach ((json_t *)en, i, text)
        if (check_text(place, "acceptance", text) != 0)
            return -1;
    json_array_foreach ((json_t *)ko, i, text)
        if (check_text(place, "acceptance", text) != 0)
            return -1;
    return 0;
}

static int check_when(const struct place *place, const json_t *rule)
{
    const json_t *when = json_object_get(rule, "when");
    const char *key;
    json_t *value;

    if (!json_is_object(when))
        return fail_rule(place, "when", "must be an object, {} for always");
    json_object_foreach ((json_t *)when, key, value)
        if (!facts_knows(key, value))
            return fail_rule(place, key, "is no condition, or its value is of the wrong type");
    return 0;
}

static int check_keys(const struct place *place, const json_t *rule)
{
    static const char *const keys[] = { "id",       "to",     "each", "capability", "field_types",
                                        "features", "layout", "when", "need",       "acceptance" };
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)rule, key, value) {
        bool is_known = false;

        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
            is_known = is_known || strcmp(keys[i], key) == 0;
        if (!is_known)
            return fail_rule(place, key, "a rule has no such key");
    }
    return 0;
}

/* Exactly one of id, to, each; an id is new, a "to" names a need of a rule before. */
static int check_sort(const struct place *place, const json_t *rule, json_t *ids)
{
    const char *id = kit_str(rule, "id", NULL);
    const char *to = kit_str(rule, "to", NULL);
    const char *each = kit_str(rule, "each", NULL);

    if ((id != NULL) + (to != NULL) + (each != NULL) != 1)
        return fail_rule(place, "id", "a rule has exactly one of \"id\", \"to\" and \"each\"");
    if (to != NULL)
        return kit_list_has(ids, to) ? 0
                                     : fail_rule(place, "to", "no rule before it makes this need");
    if (each != NULL)
        return strcmp(each, "feature") == 0 || strcmp(each, "wish") == 0
                   ? check_need(place, rule)
                   : fail_rule(place, "each", "must be \"feature\" or \"wish\"");
    if (kit_list_has(ids, id))
        return fail_rule(place, "id", "another rule makes this need");
    if (kit_str(rule, "capability", NULL) == NULL)
        return fail_rule(place, "capability", "is missing");
    if (kit_push(ids, json_string(id), place->err) != 0)
        return -1;
    return check_need(place, rule);
}

static int check_rule(const struct place *place, const json_t *rule, json_t *ids)
{
    if (!json_is_object(rule))
        return fail_rule(place, "", "must be an object");
    if (check_keys(place, rule) != 0 || check_sort(place, rule, ids) != 0 ||
        check_when(place, rule) != 0)
        return -1;
    return check_acceptance(place, rule);
}

static int check_rules(const json_t *list, const char *path, struct td_err *err)
{
    json_t *ids = json_array();
    const json_t *rule;
    int rc = 0;
    size_t i;

    if (ids == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the names of the needs");
    if (json_array_size(list) == 0 || json_array_size(list) > RULES_MAX)
        rc = td_fail(err, TD_E_CONFIG, "%s: key \"rules\": must be a list of 1 to %d rules", path,
                     RULES_MAX);
    json_array_foreach ((json_t *)list, i, rule) {
        struct place place = { .path = path, .number = i + 1, .err = err };

        if (rc == 0)
            rc = check_rule(&place, rule, ids);
    }
    json_decref(ids);
    return rc;
}

json_t *rules_read(const char *path, struct td_err *err)
{
    json_t *doc = kit_yaml_read(path, err);

    if (doc != NULL && check_rules(json_object_get(doc, "rules"), path, err) != 0) {
        json_decref(doc);
        return NULL;
    }
    return doc;
}

bool rules_name_feature(const json_t *rules, const char *feature)
{
    const json_t *rule;
    size_t i;

    json_array_foreach (json_object_get(rules, "rules"), i, rule)
        if (strcmp(kit_str(json_object_get(rule, "when"), "feature", ""), feature) == 0)
            return true;
    return false;
}
