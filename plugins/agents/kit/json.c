/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: small walks over jansson values.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"

const char *kit_str(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : fallback;
}

const char *kit_in_lang(const json_t *texts, const char *lang)
{
    return kit_str(texts, lang, kit_str(texts, "en", ""));
}

bool kit_list_has(const json_t *list, const char *string)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item)
        if (json_is_string(item) && strcmp(json_string_value(item), string) == 0)
            return true;
    return false;
}

json_t *kit_list_find(const json_t *list, const char *key, const char *value)
{
    json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item)
        if (strcmp(kit_str(item, key, ""), value) == 0)
            return item;
    return NULL;
}

int kit_put(json_t *object, const char *key, json_t *value, struct td_err *err)
{
    if (json_object_set_new(object, key, value) == 0)
        return 0;
    return td_fail(err, TD_E_NOMEM, "could not allocate the member \"%s\"", key);
}

int kit_push(json_t *list, json_t *value, struct td_err *err)
{
    if (json_array_append_new(list, value) == 0)
        return 0;
    return td_fail(err, TD_E_NOMEM, "could not allocate an item of a list");
}

int kit_put_made(json_t *object, const char *key, json_t *value, struct td_err *err)
{
    return value != NULL ? kit_put(object, key, value, err) : -1;
}

json_t *kit_json_read(const char *path, struct td_err *err)
{
    size_t length = 0;
    char *text = kit_file_read(path, KIT_JSON_BYTES, &length, err);
    json_error_t where;
    json_t *root;

    if (text == NULL)
        return NULL;
    root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL && where.text[0] == '\0') /* jansson says nothing when it finds no memory */
        td_fail(err, TD_E_NOMEM, "could not allocate what \"%s\" says", path);
    else if (root == NULL)
        td_fail(err, TD_E_CONFIG, "%s:%d:%d: %s", path, where.line, where.column, where.text);
    free(text);
    return root;
}
