/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys: the keys that a JSON Schema lets an object have, as a table for people.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

enum { DEPTH_MAX = 8, NAME_WIDTH = 20 };

static bool is_required(const json_t *schema, const char *key)
{
    const json_t *name;
    size_t i;

    json_array_foreach (json_object_get(schema, "required"), i, name)
        if (json_is_string(name) && strcmp(json_string_value(name), key) == 0)
            return true;
    return false;
}

/* The default, "required", or nothing. new; free(). */
static char *print_default(const json_t *schema, const json_t *property, const char *key)
{
    const json_t *value = json_object_get(property, "default");

    if (value != NULL)
        return json_dumps(value, JSON_ENCODE_ANY);
    return strdup(is_required(schema, key) ? "required" : "");
}

static void print_text(const json_t *property)
{
    const json_t *word, *words = json_object_get(property, "enum");
    size_t i;

    printf("%s", tdh_json_str(property, "description", ""));
    json_array_foreach (words, i, word)
        if (json_is_string(word))
            printf("%s%s", i > 0 ? ", " : ": ", json_string_value(word));
    putchar('\n');
}

static void print_keys(const json_t *schema, int depth);

static void print_key(const json_t *schema, const char *key, const json_t *property, int depth)
{
    char *value = print_default(schema, property, key);
    const char *fallback = json_object_get(property, "enum") != NULL ? "choice" : "any";

    printf("%*s%-*s %-9s %-14s ", 2 * depth, "", NAME_WIDTH + 2 - 2 * depth, key,
           tdh_json_str(property, "type", fallback), value != NULL ? value : "");
    print_text(property);
    free(value);
    print_keys(property, depth + 1);
    print_keys(json_object_get(property, "items"), depth + 1);
}

static void print_keys(const json_t *schema, int depth)
{
    const char *key;
    json_t *property;

    if (depth > DEPTH_MAX)
        return;
    json_object_foreach (json_object_get(schema, "properties"), key, property)
        print_key(schema, key, property, depth);
}

void tdh_cli_print_keys(const json_t *schema)
{
    print_keys(schema, 1);
}
