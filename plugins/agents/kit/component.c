/* SPDX-License-Identifier: Apache-2.0 */
/*
 * component: checks one description against the table of its keys.
 */
#include "catalogue.h"

#include <string.h>

#include "json.h"
#include "path.h"

enum shape { SHAPE_TEXT, SHAPE_TEXTS, SHAPE_NAMES, SHAPE_FILES, SHAPE_STRINGS };

static const struct row {
    const char *key;
    enum shape shape;
    bool is_required;
} rows[] = {
    { "name", SHAPE_TEXT, true },         { "version", SHAPE_TEXT, true },
    { "stack", SHAPE_TEXT, true },        { "title", SHAPE_TEXTS, true },
    { "text", SHAPE_TEXTS, true },        { "capabilities", SHAPE_NAMES, true },
    { "field_types", SHAPE_NAMES, true }, { "features", SHAPE_NAMES, true },
    { "layouts", SHAPE_NAMES, true },     { "requires", SHAPE_NAMES, true },
    { "conflicts", SHAPE_NAMES, false },  { "files", SHAPE_FILES, true },
    { "tests", SHAPE_FILES, false },      { "strings", SHAPE_STRINGS, false },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int fail_key(const char *path, const char *key, const char *what, struct td_err *err)
{
    return td_fail(err, TD_E_CONFIG, "%s: key \"%s\": %s", path, key, what);
}

/* What is wrong with a name, as a sentence, or NULL. */
static const char *name_fault(const char *name)
{
    if (name == NULL || name[0] == '\0' || strlen(name) > 64)
        return "must be names of 1 to 64 characters";
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))
        return "a name has only a-z, 0-9 and \"-\"";
    return NULL;
}

static const char *names_fault(const json_t *value)
{
    const char *fault = json_is_array(value) ? NULL : "must be a list of names";
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)value, i, item)
        if (fault == NULL)
            fault = name_fault(json_string_value(item));
    return fault;
}

static const char *texts_fault(const json_t *value)
{
    if (kit_str(value, "en", "")[0] == '\0' || kit_str(value, "ko", "")[0] == '\0')
        return "must have a text for \"en\" and one for \"ko\"";
    return json_object_size(value) == 2 ? NULL : "has a language that is not \"en\" or \"ko\"";
}

static const char *files_fault(const json_t *value)
{
    const json_t *item;
    size_t i;

    if (!json_is_array(value))
        return "must be a list of {from, to}";
    json_array_foreach ((json_t *)value, i, item) {
        const char *from = kit_str(item, "from", "");

        if (json_object_size(item) != 2 || kit_path_fault(from) != NULL)
            return "each item has \"from\", a path in the component's folder, and \"to\"";
        if (kit_path_fault(kit_str(item, "to", "")) != NULL)
            return "each \"to\" is a path in the project: relative, without \"..\"";
    }
    return NULL;
}

/* Every string of `texts` is a text that `others` has, too. */
static int check_language(const json_t *texts, const json_t *others, const char *other_lang,
                          const char *path, struct td_err *err)
{
    const char *key;
    json_t *text;

    json_object_foreach ((json_t *)texts, key, text) {
        if (!json_is_string(text))
            return td_fail(err, TD_E_CONFIG, "%s: key \"strings\": \"%s\" is not a string", path,
                           key);
        if (json_object_get(others, key) == NULL)
            return td_fail(err, TD_E_CONFIG, "%s: key \"strings\": \"%s\" has no text in \"%s\"",
                           path, key, other_lang);
    }
    return 0;
}

static int check_strings(const json_t *value, const char *path, struct td_err *err)
{
    const json_t *en = json_object_get(value, "en");
    const json_t *ko = json_object_get(value, "ko");

    if (json_object_size(value) != 2 || !json_is_object(en) || !json_is_object(ko))
        return fail_key(path, "strings", "must have exactly \"en\" and \"ko\", each a mapping",
                        err);
    if (check_language(en, ko, "ko", path, err) != 0)
        return -1;
    return check_language(ko, en, "en", path, err);
}

static int check_value(const struct row *row, const json_t *value, const char *path,
                       struct td_err *err)
{
    const char *fault = NULL;

    if (row->shape == SHAPE_STRINGS)
        return check_strings(value, path, err);
    if (row->shape == SHAPE_TEXT && !json_is_string(value))
        fault = "must be a string; put a version in quotes if it looks like a number";
    else if (row->shape == SHAPE_TEXTS)
        fault = texts_fault(value);
    else if (row->shape == SHAPE_NAMES)
        fault = names_fault(value);
    else if (row->shape == SHAPE_FILES)
        fault = files_fault(value);
    return fault != NULL ? fail_key(path, row->key, fault, err) : 0;
}

static int check_keys(const json_t *doc, const char *path, struct td_err *err)
{
    size_t known = 0;

    if (!json_is_object(doc))
        return td_fail(err, TD_E_CONFIG, "%s: must be a mapping of keys", path);
    for (size_t i = 0; i < ROWS; i++) {
        const json_t *value = json_object_get(doc, rows[i].key);

        if (value == NULL && rows[i].is_required)
            return fail_key(path, rows[i].key, "is missing", err);
        if (value != NULL && check_value(&rows[i], value, path, err) != 0)
            return -1;
        known += value != NULL;
    }
    return known == json_object_size(doc) ? 0 : 1;
}

static int fail_unknown(const json_t *doc, const char *path, struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)doc, key, value) {
        bool is_known = false;

        for (size_t i = 0; i < ROWS; i++)
            is_known = is_known || strcmp(rows[i].key, key) == 0;
        if (!is_known)
            return fail_key(path, key, "a component has no such key", err);
    }
    return -1;
}

static void fill(const json_t *doc, struct kit_component *component)
{
    component->name = kit_str(doc, "name", "");
    component->version = kit_str(doc, "version", "");
    component->stack = kit_str(doc, "stack", "");
    component->title = json_object_get(doc, "title");
    component->text = json_object_get(doc, "text");
    component->capabilities = json_object_get(doc, "capabilities");
    component->field_types = json_object_get(doc, "field_types");
    component->features = json_object_get(doc, "features");
    component->layouts = json_object_get(doc, "layouts");
    component->requires = json_object_get(doc, "requires");
    component->conflicts = json_object_get(doc, "conflicts");
    component->files = json_object_get(doc, "files");
    component->tests = json_object_get(doc, "tests");
    component->strings = json_object_get(doc, "strings");
}

int kit_component_check(json_t *doc, const char *path, const char *stack, const char *name,
                        struct kit_component *component, struct td_err *err)
{
    int rc = check_keys(doc, path, err);

    if (rc != 0)
        return rc < 0 ? -1 : fail_unknown(doc, path, err);
    fill(doc, component);
    if (strcmp(component->name, name) != 0)
        return fail_key(path, "name", "must be the name of the folder", err);
    if (strcmp(component->stack, stack) != 0)
        return fail_key(path, "stack", "must be the name of the folder above", err);
    return 0;
}
