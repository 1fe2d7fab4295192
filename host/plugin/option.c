/* SPDX-License-Identifier: Apache-2.0 */
/*
 * option: the types of options, and the check of one value against its row.
 *
 * The same check serves the default in a manifest and the value in a configuration. Durations and
 * sizes are written as text
 * ("10s", "16MiB") or as a number of milliseconds or bytes. A secret never gets into a message.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/near.h"
#include "plugin/internal.h"

enum { SHOWN_MAX = 80 };

const char *const tdh_option_types[] = {
    [TDH_OPT_STRING] = "string", [TDH_OPT_INT] = "int",           [TDH_OPT_REAL] = "real",
    [TDH_OPT_BOOL] = "bool",     [TDH_OPT_DURATION] = "duration", [TDH_OPT_SIZE] = "size",
    [TDH_OPT_CHOICE] = "choice", [TDH_OPT_LIST] = "list",         NULL,
};

static const struct {
    enum td_bind bind;
    const char *want;
} types[] = {
    [TDH_OPT_STRING] = { TD_BIND_STR_, "a string" },
    [TDH_OPT_INT] = { TD_BIND_INT_, "a whole number" },
    [TDH_OPT_REAL] = { TD_BIND_REAL_, "a number" },
    [TDH_OPT_BOOL] = { TD_BIND_BOOL_, "true or false" },
    [TDH_OPT_DURATION] = { TD_BIND_DURATION_, "a duration like 10s" },
    [TDH_OPT_SIZE] = { TD_BIND_BYTES_, "a size like 16MiB" },
    [TDH_OPT_CHOICE] = { TD_BIND_STR_, "a string" },
    [TDH_OPT_LIST] = { TD_BIND_LIST_, "a list of strings" },
};

enum td_bind tdh_option_bind(enum tdh_option_type type)
{
    return types[type].bind;
}

const char *tdh_bind_name(enum td_bind bind)
{
    static const char *const names[] = { "?",    "STR",      "INT",   "REAL",
                                         "BOOL", "DURATION", "BYTES", "LIST" };

    return (unsigned)bind < sizeof(names) / sizeof(names[0]) ? names[bind] : names[0];
}

/* Cuts at a UTF-8 border and tells that it did. */
static void cut(char text[static SHOWN_MAX], bool is_string)
{
    size_t end = SHOWN_MAX - 5;

    while (end > 0 && ((unsigned char)text[end] & 0xC0U) == 0x80U)
        end--;
    strcpy(text + end, is_string ? "...\"" : "...");
}

/* The value as it is shown in a message: short, as JSON, a secret not at all. */
static const char *show(const struct tdh_option *option, const json_t *value,
                        char text[static SHOWN_MAX])
{
    char *json = option->is_secret ? NULL : tdh_json_text(value, 0);

    snprintf(text, SHOWN_MAX, "%s", json != NULL ? json : "\"***\"");
    if (json != NULL && strlen(json) >= SHOWN_MAX)
        cut(text, json_is_string(value));
    free(json);
    return text;
}

static int fail_type(const struct tdh_option *option, const json_t *value, struct td_err *err)
{
    char shown[SHOWN_MAX];

    return td_fail(err, TD_E_CONFIG, "%s is not %s", show(option, value, shown),
                   types[option->type].want);
}

/* A bound in the units people write. */
static const char *print_bound(enum tdh_option_type type, double bound, char *text, size_t size)
{
    static const struct {
        enum tdh_option_type type;
        int64_t worth;
        const char *name;
    } units[] = {
        { TDH_OPT_SIZE, INT64_C(1) << 40, "TiB" }, { TDH_OPT_SIZE, 1 << 30, "GiB" },
        { TDH_OPT_SIZE, 1 << 20, "MiB" },          { TDH_OPT_SIZE, 1 << 10, "KiB" },
        { TDH_OPT_DURATION, 3600000, "h" },        { TDH_OPT_DURATION, 60000, "m" },
        { TDH_OPT_DURATION, 1000, "s" },           { TDH_OPT_DURATION, 1, "ms" },
    };

    if (type == TDH_OPT_REAL || fabs(bound) > 9e15) {
        snprintf(text, size, "%g", bound);
        return text;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        int64_t number = (int64_t)bound;

        if (units[i].type == type && number != 0 && number % units[i].worth == 0) {
            snprintf(text, size, "%lld%s", (long long)(number / units[i].worth), units[i].name);
            return text;
        }
    }
    snprintf(text, size, "%lld%s", (long long)bound, type == TDH_OPT_DURATION ? "s" : "");
    return text;
}

static int check_range(const struct tdh_option *option, const json_t *value, double number,
                       struct td_err *err)
{
    char shown[SHOWN_MAX], min[32], max[32];

    if (number >= option->min && number <= option->max)
        return 0;
    show(option, value, shown);
    print_bound(option->type, option->min, min, sizeof(min));
    print_bound(option->type, option->max, max, sizeof(max));
    if (isinf(option->max))
        return td_fail(err, TD_E_CONFIG, "%s is less than %s", shown, min);
    if (isinf(option->min))
        return td_fail(err, TD_E_CONFIG, "%s is more than %s", shown, max);
    return td_fail(err, TD_E_CONFIG, "%s is not in %s to %s", shown, min, max);
}

/* The text of a string that has no NUL inside, or NULL. */
static const char *text_of(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

static int read_quantity(const struct tdh_option *option, const json_t *value, int64_t *ret_number,
                         struct td_err *err)
{
    const char *text = text_of(value);
    int rc;

    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *ret_number = json_integer_value(value);
        return 0;
    }
    if (text == NULL)
        return fail_type(option, value, err);
    if (option->type == TDH_OPT_DURATION)
        rc = tdh_duration_parse(text, ret_number, err);
    else
        rc = tdh_size_parse(text, ret_number, err);
    if (rc != 0 && option->is_secret)
        return fail_type(option, value, err);
    if (rc != 0)
        err->code = TD_E_CONFIG;
    return rc;
}

int tdh_option_number(const struct tdh_option *option, const json_t *value,
                      struct tdh_value *ret_value, struct td_err *err)
{
    switch (option->type) {
    case TDH_OPT_INT:
        if (!json_is_integer(value))
            return fail_type(option, value, err);
        ret_value->integer = json_integer_value(value);
        ret_value->real = (double)ret_value->integer;
        return 0;
    case TDH_OPT_REAL:
        if (!json_is_number(value))
            return fail_type(option, value, err);
        ret_value->real = json_number_value(value);
        return 0;
    default:
        if (read_quantity(option, value, &ret_value->integer, err) != 0)
            return -1;
        ret_value->real = (double)ret_value->integer;
        return 0;
    }
}

static int fail_choice(const struct tdh_option *option, const json_t *value, struct td_err *err)
{
    const char *words[TDH_CHOICES_MAX];
    const char *near = NULL;
    size_t count = json_array_size(option->choices);
    struct tdh_buf all = { 0 };
    char shown[SHOWN_MAX];

    for (size_t i = 0; i < count && i < TDH_CHOICES_MAX; i++) {
        words[i] = json_string_value(json_array_get(option->choices, i));
        tdh_buf_printf(&all, "%s%s", i != 0 ? ", " : "", words[i]);
    }
    if (!option->is_secret)
        near = tdh_near(json_string_value(value), words,
                        count < TDH_CHOICES_MAX ? count : TDH_CHOICES_MAX);
    td_fail(err, TD_E_CONFIG, "%s is not one of %s%s%s%s", show(option, value, shown),
            all.failed ? "them" : all.data, near != NULL ? ", did you mean \"" : "",
            near != NULL ? near : "", near != NULL ? "\"" : "");
    tdh_buf_free(&all);
    return -1;
}

static int check_choice(const struct tdh_option *option, const json_t *value, struct td_err *err)
{
    size_t count = json_array_size(option->choices);

    for (size_t i = 0; i < count; i++)
        if (json_equal(json_array_get(option->choices, i), value))
            return 0;
    return fail_choice(option, value, err);
}

static int check_text(const struct tdh_option *option, const json_t *value, struct td_err *err)
{
    if (!json_is_string(value))
        return fail_type(option, value, err);
    if (text_of(value) == NULL)
        return td_fail(err, TD_E_CONFIG, "the text has a NUL inside");
    return option->choices != NULL ? check_choice(option, value, err) : 0;
}

static int check_list(const struct tdh_option *option, const json_t *value, struct td_err *err)
{
    size_t count = json_array_size(value);

    if (!json_is_array(value))
        return fail_type(option, value, err);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(value, i);

        if (!json_is_string(item))
            return fail_type(option, value, err);
        if (check_text(option, item, err) != 0)
            return td_context(err, "item %zu", i + 1);
    }
    return 0;
}

static int check_value(const struct tdh_option *option, const json_t *value,
                       struct tdh_value *ret_value, struct td_err *err)
{
    *ret_value = (struct tdh_value){ .json = value };
    switch (option->type) {
    case TDH_OPT_STRING:
    case TDH_OPT_CHOICE:
        return check_text(option, value, err);
    case TDH_OPT_LIST:
        return check_list(option, value, err);
    case TDH_OPT_BOOL:
        ret_value->integer = json_is_true(value);
        return json_is_boolean(value) ? 0 : fail_type(option, value, err);
    default:
        if (tdh_option_number(option, value, ret_value, err) != 0)
            return -1;
        return check_range(option, value, ret_value->real, err);
    }
}

int tdh_option_check(const struct tdh_option *option, const json_t *value,
                     struct tdh_value *ret_value, struct td_err *err)
{
    if (check_value(option, value, ret_value, err) == 0)
        return 0;
    return td_context(err, "option \"%s\"", option->name);
}
