/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: which check belongs to which file, and the one about the pages as a whole.
 */
#include "check.h"

#include <string.h>

#include "kit/json.h"

int check_json(const char *path, const char *text, size_t length, struct td_err *err)
{
    json_error_t where;
    json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);

    if (value == NULL)
        return td_fail(err, TD_E_EXEC, "%s:%d: %s", path, where.line, where.text);
    json_decref(value);
    return 0;
}

/* NULL for the pages, whose check needs more than the text. */
static const struct row {
    const char *ending, *check;
    int (*run)(const char *path, const char *text, size_t length, struct td_err *err);
} rows[] = {
    { ".json", "json", check_json },
    { ".js", "javascript", check_javascript },
    { ".css", "css", check_css },
    { ".html", "html", NULL },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *row_of(const char *path)
{
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && i < ROWS; i++)
        if (strcmp(rows[i].ending, dot) == 0)
            return &rows[i];
    return NULL;
}

/* The page must name all that is to be loaded, in that order; it may name more. */
static int check_order(const char *page, const json_t *refs, const json_t *loaded,
                       const char *ending, struct td_err *err)
{
    const json_t *item;
    size_t next = 0;
    size_t i;

    json_array_foreach ((json_t *)loaded, i, item) {
        const char *path = json_string_value(item);

        if (strcmp(strrchr(path, '.'), ending) != 0)
            continue;
        if (!kit_list_has(refs, path))
            return td_fail(err, TD_E_EXEC, "%s:1: does not load \"%s\", which a component brings",
                           page, path);
        while (next < json_array_size(refs) &&
               strcmp(json_string_value(json_array_get(refs, next)), path) != 0)
            next++;
        if (next == json_array_size(refs))
            return td_fail(err, TD_E_EXEC, "%s:1: loads \"%s\" before something that it requires",
                           page, path);
    }
    return 0;
}

static int check_page(const json_t *file, const json_t *files, const json_t *loaded,
                      struct td_err *err)
{
    const json_t *text = json_object_get(file, "text");
    const char *path = kit_str(file, "path", "");
    json_t *refs = json_array();
    int rc =
        refs == NULL ? td_fail(err, TD_E_NOMEM, "could not allocate what \"%s\" names", path) : 0;

    if (rc == 0)
        rc = check_html(path, json_string_value(text), json_string_length(text), files, refs, err);
    if (rc == 0 && strcmp(path, "index.html") == 0)
        rc = check_order(path, refs, loaded, ".js", err);
    if (rc == 0 && strcmp(path, "index.html") == 0)
        rc = check_order(path, refs, loaded, ".css", err);
    json_decref(refs);
    return rc;
}

static int check_files(const json_t *files, const json_t *loaded, json_int_t *counts,
                       struct td_err *err)
{
    const json_t *file;
    size_t i;

    json_array_foreach ((json_t *)files, i, file) {
        const json_t *text = json_object_get(file, "text");
        const char *path = kit_str(file, "path", "");
        const struct row *row = row_of(path);
        int rc = 0;

        if (row == NULL)
            continue;
        if (row->run == NULL)
            rc = check_page(file, files, loaded, err);
        else
            rc = row->run(path, json_string_value(text), json_string_length(text), err);
        if (rc != 0)
            return td_context(err, "check \"%s\"", row->check);
        counts[row - rows]++;
    }
    return 0;
}

json_t *check_project(const json_t *files, const json_t *loaded, struct td_err *err)
{
    json_int_t counts[ROWS] = { 0 };
    json_t *checks;

    if (check_files(files, loaded, counts, err) != 0)
        return NULL;
    checks = json_array();
    for (size_t i = 0; i < ROWS; i++)
        if (kit_push(checks, json_pack("{s:s, s:I}", "check", rows[i].check, "files", counts[i]),
                     err) != 0) {
            json_decref(checks);
            return NULL;
        }
    return checks;
}
