/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: one setting's value, from text or YAML and back.
 *
 * Every value is read from text in the end, so that a file, the environment and the table of
 * defaults cannot differ in what they allow; a file's YAML type is checked before.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "conf/internal.h"

static int fail_nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a setting");
}

/* What an error may show of a value. */
static const char *shown(const struct tdh_conf_row *row, const char *text)
{
    return row->flags & TDH_CONF_SECRET ? "***" : text;
}

/* The largest unit that divides a number, as "64KiB" and "1m". */
static const struct {
    enum tdh_conf_type type;
    int64_t worth;
    const char *name;
} units[] = {
    { TDH_CONF_SIZE, 1 << 30, "GiB" },       { TDH_CONF_SIZE, 1 << 20, "MiB" },
    { TDH_CONF_SIZE, 1 << 10, "KiB" },       { TDH_CONF_DURATION, 86400 * 1000, "d" },
    { TDH_CONF_DURATION, 3600 * 1000, "h" }, { TDH_CONF_DURATION, 60 * 1000, "m" },
    { TDH_CONF_DURATION, 1000, "s" },        { TDH_CONF_DURATION, 1, "ms" },
};

static const char *print_bound(enum tdh_conf_type type, int64_t number, char *text, size_t size)
{
    for (size_t i = 0; number != 0 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (units[i].type == type && number % units[i].worth == 0) {
            snprintf(text, size, "%lld%s", (long long)(number / units[i].worth), units[i].name);
            return text;
        }
    }
    snprintf(text, size, "%lld", (long long)number);
    return text;
}

const char *tdh_conf_range_print(const struct tdh_conf_row *row, char *text, size_t size)
{
    char min[32], max[32];

    snprintf(text, size, "%s to %s", print_bound(row->type, row->min, min, sizeof(min)),
             print_bound(row->type, row->max, max, sizeof(max)));
    return text;
}

static int fail_range(const struct tdh_conf_row *row, const char *text, struct td_err *err)
{
    char range[80];

    return td_fail(err, TD_E_CONFIG, "%s.%s is %s, must be %s", row->section, row->key,
                   shown(row, text), tdh_conf_range_print(row, range, sizeof(range)));
}

static int parse_int(const struct tdh_conf_row *row, const char *text, int64_t *ret_number,
                     struct td_err *err)
{
    char *end = NULL;
    long long number = 0;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || text[0] == ' ')
        return td_fail(err, TD_E_CONFIG, "%s.%s is \"%s\", not a whole number", row->section,
                       row->key, shown(row, text));
    if (errno == ERANGE)
        return fail_range(row, text, err);
    *ret_number = number;
    return 0;
}

static int parse_bool(const struct tdh_conf_row *row, const char *text, int64_t *ret_number,
                      struct td_err *err)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return td_fail(err, TD_E_CONFIG, "%s.%s is \"%s\", must be true or false", row->section,
                       row->key, shown(row, text));
    *ret_number = text[0] == 't';
    return 0;
}

static int parse_number(const struct tdh_conf_row *row, const char *text, int64_t *ret_number,
                        struct td_err *err)
{
    int64_t number = 0;
    int rc = -1;

    switch (row->type) {
    case TDH_CONF_INT:
        rc = parse_int(row, text, &number, err);
        break;
    case TDH_CONF_BOOL:
        return parse_bool(row, text, ret_number, err);
    case TDH_CONF_SIZE:
        rc = tdh_size_parse(text, &number, err);
        break;
    default:
        rc = tdh_duration_parse(text, &number, err);
        break;
    }
    if (rc != 0 && err->code == TD_E_INVAL) {
        err->code = TD_E_CONFIG;
        return td_context(err, "%s.%s", row->section, row->key);
    }
    if (rc == 0 && (number < row->min || number > row->max))
        rc = fail_range(row, text, err);
    if (rc != 0)
        return -1;
    *ret_number = number;
    return 0;
}

/* Is `text` one of "a|b|c"? */
static bool is_choice(const char *choices, const char *text)
{
    size_t length = strlen(text);

    for (const char *at = choices; at != NULL; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (length > 0 && strncmp(at, text, length) == 0 &&
            (at[length] == '|' || at[length] == '\0'))
            return true;
    return false;
}

static int check_text(const struct tdh_conf_row *row, const char *text, struct td_err *err)
{
    if (text[0] == '\0')
        return td_fail(err, TD_E_CONFIG, "%s.%s is empty", row->section, row->key);
    if (row->type != TDH_CONF_CHOICE || is_choice(row->choices, text))
        return 0;
    return td_fail(err, TD_E_CONFIG, "%s.%s is \"%s\", must be one of %s", row->section, row->key,
                   shown(row, text), row->choices);
}

const char *tdh_conf_join(struct tdh_arena *arena, const char *dir, const char *path)
{
    if (path[0] == '/')
        return path;
    return tdh_arena_printf(arena, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, path);
}

/* "~/x" and, unless it is taken from state.dir later, "x" become absolute. */
static int expand_path(const struct tdh_conf_row *row, const char *path,
                       const struct tdh_conf_reader *reader, const char **ret_path,
                       struct td_err *err)
{
    const char *whole = NULL;

    if (path[0] == '\0' && row->type == TDH_CONF_PATH && row->fallback != NULL &&
        row->fallback[0] == '\0') {
        *ret_path = ""; /* none, as by default */
        return 0;
    }
    if (path[0] == '\0')
        return td_fail(err, TD_E_CONFIG, "%s.%s is empty", row->section, row->key);
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0')) {
        if (reader->home == NULL)
            return td_fail(err, TD_E_CONFIG, "%s.%s is \"%s\", but HOME is not set", row->section,
                           row->key, shown(row, path));
        whole = tdh_arena_printf(reader->arena, "%s%s", reader->home, path + 1);
    } else if (row->flags & TDH_CONF_IN_STATE) {
        whole = tdh_arena_strdup(reader->arena, path);
    } else {
        whole = tdh_conf_join(reader->arena, reader->base_dir, path);
        if (whole == path)
            whole = tdh_arena_strdup(reader->arena, path);
    }
    if (whole == NULL)
        return fail_nomem(err);
    *ret_path = whole;
    return 0;
}

static int expand_item(const struct tdh_conf_row *row, const char *item,
                       const struct tdh_conf_reader *reader, const char **ret_item,
                       struct td_err *err)
{
    if (row->literal == NULL || strncmp(item, row->literal, strlen(row->literal)) != 0)
        return expand_path(row, item, reader, ret_item, err);
    *ret_item = tdh_arena_strdup(reader->arena, item);
    return *ret_item != NULL ? 0 : fail_nomem(err);
}

/* "a:b" as PATH has it; empty pieces are passed over. */
static int parse_list(const struct tdh_conf_row *row, const char *text,
                      const struct tdh_conf_reader *reader, const char *const **ret_list,
                      struct td_err *err)
{
    size_t most = 2, count = 0;
    const char **list = NULL;

    for (const char *at = text; *at != '\0'; at++)
        most += *at == ':';
    list = tdh_arena_alloc(reader->arena, most * sizeof(*list));
    if (list == NULL)
        return fail_nomem(err);
    for (const char *at = text; *at != '\0';) {
        size_t length = strcspn(at, ":");
        char *piece = tdh_arena_copy(reader->arena, at, length);

        if (piece == NULL)
            return fail_nomem(err);
        if (length > 0 && expand_item(row, piece, reader, &list[count++], err) != 0)
            return -1;
        at += length + (at[length] == ':');
    }
    *ret_list = list;
    return 0;
}

int tdh_conf_value_parse(const struct tdh_conf_row *row, const char *text,
                         const struct tdh_conf_reader *reader, struct tdh_conf_value *ret_value,
                         struct td_err *err)
{
    struct tdh_conf_value value = { .text = tdh_arena_strdup(reader->arena, text) };
    int rc = -1;

    if (value.text == NULL)
        return fail_nomem(err);
    switch (row->type) {
    case TDH_CONF_STRING:
    case TDH_CONF_CHOICE:
        rc = check_text(row, text, err);
        break;
    case TDH_CONF_PATH:
        rc = expand_path(row, text, reader, &value.text, err);
        break;
    case TDH_CONF_LIST:
        rc = parse_list(row, text, reader, &value.list, err);
        break;
    default:
        rc = parse_number(row, text, &value.number, err);
        break;
    }
    if (rc == 0)
        *ret_value = value;
    return rc;
}

static int list_from_json(const struct tdh_conf_row *row, const json_t *json,
                          const struct tdh_conf_reader *reader, struct tdh_conf_value *value,
                          struct td_err *err)
{
    size_t count = json_array_size(json);
    const char **list = tdh_arena_alloc(reader->arena, (count + 1) * sizeof(*list));

    if (list == NULL)
        return fail_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const char *path = json_string_value(json_array_get(json, i));

        if (path == NULL)
            return td_fail(err, TD_E_CONFIG, "%s.%s: item %zu is no string", row->section, row->key,
                           i + 1);
        if (expand_item(row, path, reader, &list[i], err) != 0)
            return -1;
    }
    *value = (struct tdh_conf_value){ .list = list, .text = "" };
    return 0;
}

/* The text of a YAML value, if a value of that YAML type may stand for the row's type; else NULL.
 */
static const char *text_of_json(const struct tdh_conf_row *row, const json_t *json, char *number,
                                size_t size)
{
    bool takes_number = row->type == TDH_CONF_INT || row->type == TDH_CONF_SIZE;

    if (json_is_integer(json) && takes_number) {
        snprintf(number, size, "%lld", (long long)json_integer_value(json));
        return number;
    }
    if (json_is_boolean(json) && row->type == TDH_CONF_BOOL)
        return json_is_true(json) ? "true" : "false";
    if (json_is_string(json) && row->type != TDH_CONF_INT && row->type != TDH_CONF_BOOL &&
        strlen(json_string_value(json)) == json_string_length(json))
        return json_string_value(json);
    return NULL;
}

int tdh_conf_value_from_json(const struct tdh_conf_row *row, const json_t *json,
                             const struct tdh_conf_reader *reader, struct tdh_conf_value *ret_value,
                             struct td_err *err)
{
    char number[32];
    const char *text = NULL;

    if (row->type == TDH_CONF_LIST && json_is_array(json))
        return list_from_json(row, json, reader, ret_value, err);
    text = row->type == TDH_CONF_LIST ? NULL : text_of_json(row, json, number, sizeof(number));
    if (text == NULL)
        return td_fail(err, TD_E_CONFIG, "%s.%s is of type %s, must be a %s", row->section,
                       row->key, tdh_json_type_name(json), tdh_conf_type_name(row->type));
    return tdh_conf_value_parse(row, text, reader, ret_value, err);
}

static bool is_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

static json_t *list_json(const char *const *list)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && list[i] != NULL; i++) {
        if (json_array_append_new(array, json_string(list[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *tdh_conf_value_json(const struct tdh_conf_row *row, const struct tdh_conf_value *value)
{
    if (row->flags & TDH_CONF_SECRET)
        return json_string("***");
    switch (row->type) {
    case TDH_CONF_INT:
        return json_integer(value->number);
    case TDH_CONF_SIZE:
        return is_digits(value->text) ? json_integer(value->number) : json_string(value->text);
    case TDH_CONF_BOOL:
        return json_boolean(value->number != 0);
    case TDH_CONF_LIST:
        return list_json(value->list);
    default:
        return json_string(value->text);
    }
}

static bool is_equal_list(const char *const *list, const char *const *other)
{
    size_t i = 0;

    while (list[i] != NULL && other[i] != NULL && strcmp(list[i], other[i]) == 0)
        i++;
    return list[i] == NULL && other[i] == NULL;
}

bool tdh_conf_value_equal(const struct tdh_conf_row *row, const struct tdh_conf_value *value,
                          const struct tdh_conf_value *other)
{
    switch (row->type) {
    case TDH_CONF_STRING:
    case TDH_CONF_CHOICE:
    case TDH_CONF_PATH:
        return strcmp(value->text, other->text) == 0;
    case TDH_CONF_LIST:
        return is_equal_list(value->list, other->list);
    default:
        return value->number == other->number;
    }
}
