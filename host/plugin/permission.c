/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permission: what a plugin may reach. What its manifest does not name is denied.
 */
#include <stdio.h>
#include <string.h>

#include "plugin/internal.h"

enum { WORD_MAX = 255 };

static int read_store(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, struct td_err *err)
{
    size_t count = json_array_size(value);
    int number;

    if (tdh_field_words(field, spot, value, into, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct tdh_spot at = { .up = spot, .yaml = spot->yaml, .index = i };
        const struct tdh_field word = { .key = "store", .words = field->words };

        if (tdh_field_word(&word, &at, json_array_get(value, i), &number, err) != 0)
            return -1;
    }
    return 0;
}

static const char *const store_words[] = {
    "kv", "log", "queue", "topic", "lease", "blob", "*", NULL
};

static const struct tdh_field fields[] = {
    { .key = "network", .read = tdh_field_words, .max = WORD_MAX },
    { .key = "models", .read = tdh_field_words, .max = WORD_MAX },
    { .key = "agents", .read = tdh_field_words, .max = WORD_MAX },
    { .key = "store", .read = read_store, .max = WORD_MAX, .words = store_words },
    { .key = "files", .read = tdh_field_words, .max = WORD_MAX },
    { .key = "programs", .read = tdh_field_words, .max = WORD_MAX },
};

int tdh_field_permissions(const struct tdh_field *field, const struct tdh_spot *spot,
                          const json_t *value, void *into, struct td_err *err)
{
    if (tdh_fields_read(fields, sizeof(fields) / sizeof(fields[0]), spot, value, NULL, err) != 0)
        return -1;
    *(json_t **)((char *)into + field->offset) = json_incref((json_t *)(uintptr_t)value);
    return 0;
}

bool tdh_permission_is_word(const char *word)
{
    const char *colon = strchr(word, ':');

    for (size_t i = 0; colon != NULL && colon[1] != '\0' && i < sizeof(fields) / sizeof(fields[0]);
         i++)
        if (strlen(fields[i].key) == (size_t)(colon - word) &&
            strncmp(fields[i].key, word, (size_t)(colon - word)) == 0)
            return true;
    return false;
}

bool tdh_permission_holds(const json_t *permissions, const char *word)
{
    const char *colon = strchr(word, ':');
    char member[16];

    snprintf(member, sizeof(member), "%.*s", (int)(colon - word), word);
    return tdh_permission_has(permissions, member, colon + 1);
}

bool tdh_name_covers(const char *pattern, const char *name)
{
    const char *star = NULL, *from = NULL;

    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            from = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star + 1;
            name = ++from;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

bool tdh_permission_has(const json_t *permissions, const char *member, const char *name)
{
    const json_t *list = json_object_get(permissions, member);
    size_t count = json_array_size(list);

    for (size_t i = 0; i < count; i++) {
        const char *pattern = json_string_value(json_array_get(list, i));

        if (pattern != NULL && tdh_name_covers(pattern, name))
            return true;
    }
    return false;
}
