/* SPDX-License-Identifier: Apache-2.0 */
/* dialect: what servers of one wire differ by. */
#include "kit/dialect.h"

#include <ctype.h>
#include <stdio.h>

#define MODEL "{model}"

void wire_add_extra(json_t *body, const json_t *more)
{
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)more, name, value) {
        json_t *own = json_object_get(body, name);

        if (json_is_object(own) && json_is_object(value))
            json_object_update(own, value);
        else
            json_object_set(body, name, value);
    }
}

/* --- words of models --- */

const char *wire_of_model(const char *const *rows, const char *model, const char *fallback)
{
    for (; rows != NULL && *rows != NULL; rows++) {
        size_t length = strcspn(*rows, "=");

        if ((*rows)[length] == '=' && strncmp(*rows, model, length) == 0)
            return *rows + length + 1;
    }
    return fallback;
}

static bool is_among(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

int wire_check_rows(const char *option, const char *const *rows, const char *const *words,
                    struct td_err *err)
{
    for (; rows != NULL && *rows != NULL; rows++) {
        const char *mark = strchr(*rows, '=');

        if (mark == NULL || mark == *rows)
            return td_fail(err, TD_E_CONFIG, "option \"%s\": \"%.60s\" is not MODEL=WORD", option,
                           *rows);
        if (!is_among(mark + 1, words))
            return td_fail(err, TD_E_CONFIG, "option \"%s\": \"%.60s\" is no word for it", option,
                           mark + 1);
    }
    return 0;
}

/* --- paths --- */

bool wire_path_has_model(const char *form)
{
    return strstr(form, MODEL) != NULL;
}

static bool is_plain(char letter)
{
    return isalnum((unsigned char)letter) || (letter != '\0' && strchr("-._~@", letter) != NULL);
}

/* Returns the new length; it counts on when there is no more room. */
static size_t put_model(char *path, size_t length, const char *model)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *model != '\0'; model++) {
        unsigned char byte = (unsigned char)*model;

        if (length + 3 >= WIRE_PATH_MAX)
            return WIRE_PATH_MAX;
        if (is_plain(*model)) {
            path[length++] = *model;
            continue;
        }
        path[length++] = '%';
        path[length++] = digits[byte >> 4];
        path[length++] = digits[byte & 15];
    }
    return length;
}

const char *wire_path(struct td_ctx *ctx, const char *form, const char *model, struct td_err *err)
{
    size_t length = 0;
    char *path;

    if (!wire_path_has_model(form))
        return form;
    if (strcmp(model, ".") == 0 || strcmp(model, "..") == 0) {
        td_fail(err, TD_E_INVAL, "model \"%s\" cannot be sent: in a path it means another", model);
        return NULL;
    }
    path = td_alloc(ctx, WIRE_PATH_MAX);
    if (path == NULL) {
        wire_fail_memory(err);
        return NULL;
    }
    while (*form != '\0' && length < WIRE_PATH_MAX - 1) {
        if (strncmp(form, MODEL, strlen(MODEL)) != 0) {
            path[length++] = *form++;
            continue;
        }
        length = put_model(path, length, model);
        form += strlen(MODEL);
    }
    if (*form == '\0' && length < WIRE_PATH_MAX)
        return path; /* zeroed, so it ends with a NUL */
    td_fail(err, TD_E_INVAL, "model \"%.60s...\" makes a path longer than %d bytes", model,
            WIRE_PATH_MAX - 1);
    return NULL;
}
