/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data: reads a plugin's data files and tells mistakes by file and key, for whoever edits a word
 * list.
 */
#include "lang.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A string in front of everything else. jansson leaves out bytes of a word, and does not say so,
 * when its buffer cannot grow; behind a long word the buffer is grown, or the word is too short. */
#define PADDING 4096

static bool is_padding(const json_t *string)
{
    return json_string_length(string) == PADDING;
}

/* The file's text as `["----...", TEXT]`; new, NULL with an error. */
static char *read_padded(const char *path, size_t *ret_length, struct td_err *err)
{
    FILE *file = fopen(path, "re");
    long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = size >= 0 ? malloc((size_t)size + PADDING + 5) : NULL;

    if (text != NULL) {
        rewind(file);
        memcpy(text, "[\"", 2);
        memset(text + 2, '-', PADDING);
        memcpy(text + 2 + PADDING, "\",", 2);
        *ret_length = PADDING + 4 + fread(text + PADDING + 4, 1, (size_t)size, file);
        text[(*ret_length)++] = ']';
    } else if (size >= 0)
        td_fail(err, TD_E_NOMEM, "could not allocate the text of \"%s\"", path);
    else
        td_fail_sys(err, "could not open data file \"%s\"", path);
    if (file != NULL)
        fclose(file);
    return text;
}

/* What jansson could not read: our memory, or somebody's mistake. */
static void tell(const char *path, const json_error_t *mistake, bool is_read, struct td_err *err)
{
    enum json_error_code code = is_read ? json_error_unknown : json_error_code(mistake);
    int column = mistake->line > 1 ? mistake->column : mistake->column - PADDING - 4;

    if (errno == ENOMEM || code == json_error_out_of_memory || code == json_error_unknown)
        td_fail(err, TD_E_NOMEM, "could not allocate the words of \"%s\"", path);
    else
        td_fail(err, TD_E_CONFIG, "%s:%d:%d: %s", path, mistake->line, column > 0 ? column : 1,
                mistake->text);
}

static json_t *read_object(const char *path, struct td_err *err)
{
    size_t length = 0;
    char *text = read_padded(path, &length, err);
    json_error_t mistake = { .line = 0 }; /* not filled when memory is short */
    json_t *both;
    json_t *object;

    if (text == NULL)
        return NULL;
    errno = 0;
    both = json_loadb(text, length, JSON_REJECT_DUPLICATES, &mistake);
    free(text);
    object = json_incref(json_array_get(both, 1));
    if (both == NULL || !is_padding(json_array_get(both, 0)))
        tell(path, &mistake, both != NULL, err);
    else if (!json_is_object(object) || json_array_size(both) != 2)
        td_fail(err, TD_E_CONFIG, "%s:1:1: must be an object", path);
    else {
        json_decref(both);
        return object;
    }
    json_decref(object);
    json_decref(both);
    return NULL;
}

json_t *lang_data_read(const char *folder, const char *name, struct td_err *err)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/data/%s", folder, name);
    if (access(path, R_OK) != 0 && errno == ENOENT) {
        char shared[4096];

        snprintf(shared, sizeof(shared), "%s/../lang/data/%s", folder, name);
        if (access(shared, R_OK) == 0)
            memcpy(path, shared, sizeof(path));
    }
    return read_object(path, err);
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
