/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data: reads a plugin's data files and tells mistakes by file and key, for whoever edits a word
 * list.
 */
#include "lang.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

json_t *lang_data_read(const char *folder, const char *name, struct td_err *err)
{
    char path[4096];
    json_error_t mistake;
    json_t *object;

    snprintf(path, sizeof(path), "%s/data/%s", folder, name);
    if (access(path, R_OK) != 0 && errno == ENOENT) {
        char shared[4096];

        snprintf(shared, sizeof(shared), "%s/../lang/data/%s", folder, name);
        if (access(shared, R_OK) == 0)
            memcpy(path, shared, sizeof(path));
    }
    object = json_load_file(path, JSON_REJECT_DUPLICATES, &mistake);
    if (object == NULL && json_error_code(&mistake) == json_error_cannot_open_file) {
        td_fail_sys(err, "could not open data file \"%s\"", path);
        return NULL;
    }
    if (object == NULL && (json_error_code(&mistake) == json_error_out_of_memory ||
                           json_error_code(&mistake) == json_error_unknown)) {
        td_fail(err, TD_E_NOMEM, "could not allocate the words of \"%s\"", path);
        return NULL;
    }
    if (!json_is_object(object)) {
        td_fail(err, TD_E_CONFIG, "%s:%d:%d: %s", path, mistake.line, mistake.column,
                object == NULL ? mistake.text : "must be an object");
        json_decref(object);
        return NULL;
    }
    return object;
}

static const char *type_name(json_type type)
{
    static const char *const names[] = { "an object", "an array", "a string", "a whole number",
                                         "a number",  "true",     "false",    "null" };

    return names[type];
}

json_t *lang_data_member(const json_t *object, const char *file, const char *key, json_type type,
                         struct td_err *err)
{
    json_t *member = json_object_get(object, key);

    if (member != NULL && json_typeof(member) == type)
        return member;
    td_fail(err, TD_E_CONFIG, "%s: key \"%s\" %s, must be %s", file, key,
            member == NULL ? "is missing" : "is of another type", type_name(type));
    return NULL;
}

int lang_data_check_texts(const json_t *list, const char *file, const char *key, struct td_err *err)
{
    size_t i;
    json_t *item;

    if (!json_is_array(list))
        return td_fail(err, TD_E_CONFIG, "%s: key \"%s\" must be an array of strings", file, key);
    json_array_foreach (list, i, item) {
        if (json_string_length(item) == 0)
            return td_fail(err, TD_E_CONFIG,
                           "%s: key \"%s\": item %zu must be a string that is not empty", file, key,
                           i + 1);
    }
    return 0;
}
