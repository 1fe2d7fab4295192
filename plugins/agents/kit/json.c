/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: small walks over jansson values.
 */
#include "json.h"

#include <string.h>

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

json_t *kit_copy(const json_t *value, struct td_err *err)
{
    bool is_list = json_is_array(value);
    json_t *copy = is_list ? json_array() : json_object();
    int rc = -1;

    if (copy != NULL)
        rc = is_list ? json_array_extend(copy, (json_t *)value)
                     : json_object_update(copy, (json_t *)value);
    if (rc == 0)
        return copy;
    json_decref(copy);
    td_fail(err, TD_E_NOMEM, "could not allocate a copy");
    return NULL;
}
