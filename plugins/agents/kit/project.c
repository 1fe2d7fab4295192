/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project: hashing and bounds. Changes nothing.
 */
#include "project.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "path.h"
#include "sha256.h"
#include "write.h"

json_t *kit_project_id(const json_t *understanding, const json_t *model, struct td_err *err)
{
    const char *name = kit_str(understanding, "name", "app");
    json_t *content =
        json_pack("{s:s, s:O?, s:O?}", "name", name, "entities", json_object_get(model, "entities"),
                  "relations", json_object_get(model, "relations"));
    struct kit_text text = { 0 };
    char hash[KIT_SHA256_TEXT];
    json_t *id = NULL;

    if (content != NULL)
        kit_write_sorted(&text, content);
    if (content != NULL && !text.failed && kit_sha256(text.data, text.length, hash) == 0)
        id = json_sprintf("%s-%.8s", name, hash);
    if (id == NULL)
        td_fail(err, TD_E_NOMEM, "could not make the project's id");
    kit_text_free(&text);
    json_decref(content);
    return id;
}

/* Two paths that differ only in case are one file on some systems; they stand beside each other,
 * always in the same order. */
static int compare_paths(const void *a, const void *b)
{
    const char *one = *(const char *const *)a;
    const char *other = *(const char *const *)b;
    int order = strcasecmp(one, other);

    return order != 0 ? order : strcmp(one, other);
}

/* Is a folder of this path a file of the project? */
static int check_folders(const char *path, const char **paths, size_t count, struct td_err *err)
{
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path);

        for (size_t i = 0; i < count; i++)
            if (strncasecmp(paths[i], path, length) == 0 && paths[i][length] == '\0')
                return td_fail(err, TD_E_INVAL,
                               "the file \"%s\" is a folder of the file \"%s\", too", paths[i],
                               path);
    }
    return 0;
}

static int check_unique(const char **paths, size_t count, struct td_err *err)
{
    if (count > 0)
        qsort(paths, count, sizeof(*paths), compare_paths);
    for (size_t i = 1; i < count; i++)
        if (strcasecmp(paths[i - 1], paths[i]) == 0)
            return td_fail(err, TD_E_INVAL, "the files \"%s\" and \"%s\" would be one file",
                           paths[i - 1], paths[i]);
    for (size_t i = 0; i < count; i++)
        if (check_folders(paths[i], paths, count, err) != 0)
            return -1;
    return 0;
}

static int check_file(const json_t *file, size_t *bytes, struct td_err *err)
{
    const char *path = kit_str(file, "path", "");
    const json_t *text = json_object_get(file, "text");
    const char *fault = kit_path_fault(path);
    size_t length = json_string_length(text);

    if (fault != NULL)
        return td_fail(err, TD_E_INVAL, "the path \"%s\" %s", path, fault);
    if (!json_is_string(text))
        return td_fail(err, TD_E_INVAL, "the file \"%s\" has no text", path);
    if (length > KIT_FILE_BYTES)
        return td_fail(err, TD_E_LIMIT, "the file \"%s\" has %zu bytes, the limit is %u", path,
                       length, KIT_FILE_BYTES);
    *bytes += length;
    if (*bytes > KIT_PROJECT_BYTES)
        return td_fail(err, TD_E_LIMIT, "the files up to \"%s\" have more than %u bytes together",
                       path, KIT_PROJECT_BYTES);
    return 0;
}

int kit_project_check(const json_t *files, struct td_err *err)
{
    const char *paths[KIT_FILES];
    const json_t *file;
    size_t i, bytes = 0;

    if (json_array_size(files) > KIT_FILES)
        return td_fail(err, TD_E_LIMIT, "the project has %zu files, the limit is %d",
                       json_array_size(files), KIT_FILES);
    json_array_foreach ((json_t *)files, i, file) {
        if (check_file(file, &bytes, err) != 0)
            return -1;
        paths[i] = kit_str(file, "path", "");
    }
    return check_unique(paths, json_array_size(files), err);
}
