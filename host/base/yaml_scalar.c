/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar: tries the core schema's patterns in the order of the specification (YAML 1.2.2,
 * section 10.3.2).
 */
#include "base/yaml_scalar.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TAG_PREFIX "tag:yaml.org,2002:"

/* Reads a text as one type. Returns false when it is of another; else *ret_value is new, or NULL
 * and the error is told. */
typedef bool read_fn(const char *text, size_t length, json_t **ret_value, struct td_err *err);

struct type {
    const char *name;
    read_fn *read;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(const char *text, size_t length, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
            return true;
    return false;
}

/* The end of a reader whose text fits. */
static bool give(json_t *value, json_t **ret_value, struct td_err *err)
{
    if (value == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a value");
    *ret_value = value;
    return true;
}

static bool read_null(const char *text, size_t length, json_t **ret_value, struct td_err *err)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };

    return is_one_of(text, length, words, sizeof(words) / sizeof(words[0])) &&
           give(json_null(), ret_value, err);
}

static bool read_bool(const char *text, size_t length, json_t **ret_value, struct td_err *err)
{
    static const char *const words[] = { "true", "True", "TRUE", "false", "False", "FALSE" };
    bool is_true = is_one_of(text, length, words, 3);

    return (is_true || is_one_of(text, length, words + 3, 3)) &&
           give(json_boolean(is_true), ret_value, err);
}

static unsigned digit_value(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

/* Sign and base of an integer. Moves *text to its digits. */
static unsigned read_base(const char **text, bool *ret_is_negative)
{
    *ret_is_negative = **text == '-';
    if ((*text)[0] == '0' && ((*text)[1] == 'o' || (*text)[1] == 'x')) {
        *text += 2;
        return (*text)[-1] == 'o' ? 8 : 16;
    }
    if (**text == '-' || **text == '+')
        (*text)++;
    return 10;
}

static bool read_int(const char *text, size_t length, json_t **ret_value, struct td_err *err)
{
    const char *at = text, *end = text + length;
    bool is_negative, is_huge = false;
    unsigned base = read_base(&at, &is_negative);
    int64_t value = 0; /* counted downwards: there is one more below zero */

    if (at == end)
        return false;
    for (; at < end; at++) {
        unsigned digit = digit_value(*at);

        if (digit >= base)
            return false;
        is_huge = is_huge || __builtin_mul_overflow(value, (int64_t)base, &value) ||
                  __builtin_sub_overflow(value, (int64_t)digit, &value);
    }
    if (!is_huge && (is_negative || value != INT64_MIN))
        return give(json_integer(is_negative ? value : -value), ret_value, err);
    td_fail(err, TD_E_INVAL, "integer %.40s is not in -9223372036854775808 to 9223372036854775807",
            text);
    *ret_value = NULL;
    return true;
}

static const char *skip_sign(const char *text)
{
    return *text == '-' || *text == '+' ? text + 1 : text;
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text))
        text++;
    return text;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_float(const char *text, size_t length)
{
    const char *at = skip_sign(text), *whole = at;

    at = skip_digits(at);
    if (*at == '.') {
        bool has_whole = at > whole;

        at = skip_digits(at + 1);
        if (!has_whole && !is_digit(at[-1]))
            return false;
    } else if (at == whole)
        return false;
    if (*at == 'e' || *at == 'E') {
        at = skip_sign(at + 1);
        if (!is_digit(*at))
            return false;
        at = skip_digits(at);
    }
    return at == text + length;
}

/* strtod in the locale the specification means, whatever a library has set. */
static double read_double(const char *text)
{
    locale_t before = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
    double value = strtod(text, NULL);

    uselocale(before);
    return value;
}

static bool is_beyond_json(const char *text, size_t length)
{
    static const char *const words[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN" };
    const char *number = skip_sign(text);

    return is_one_of(number, length - (size_t)(number - text), words, number > text ? 3 : 6);
}

static bool read_float(const char *text, size_t length, json_t **ret_value, struct td_err *err)
{
    double value;

    *ret_value = NULL;
    if (is_beyond_json(text, length)) {
        td_fail(err, TD_E_INVAL, "%s is not a number in JSON", text);
        return true;
    }
    if (!is_float(text, length))
        return false;
    value = read_double(text);
    if (!isinf(value))
        return give(json_real(value), ret_value, err);
    td_fail(err, TD_E_INVAL, "number %.40s is too large for a double", text);
    return true;
}

static bool read_str(const char *text, size_t length, json_t **ret_value, struct td_err *err)
{
    /* libyaml has checked the UTF-8 */
    return give(json_stringn_nocheck(text, length), ret_value, err);
}

static const struct type types[] = {
    { "null", read_null },   { "bool", read_bool }, { "int", read_int },
    { "float", read_float }, { "str", read_str }, /* last: takes any text */
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* The row of a tag. "!" and no tag at all leave a text that is not plain a string. NULL: no such
 * row. */
static const struct type *find_type(const char *tag)
{
    size_t prefix = strlen(TAG_PREFIX);

    if (tag == NULL || strcmp(tag, "!") == 0)
        return &types[TYPES - 1];
    if (strncmp(tag, TAG_PREFIX, prefix) != 0)
        return NULL;
    for (size_t i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, tag + prefix) == 0)
            return &types[i];
    return NULL;
}

static int fail_tag(const char *tag, const char *allowed, struct td_err *err)
{
    size_t prefix = strlen(TAG_PREFIX);
    bool is_yaml = strncmp(tag, TAG_PREFIX, prefix) == 0;

    return td_fail(err, TD_E_INVAL, "tag \"%s%.100s\" cannot stand here, allowed: %s",
                   is_yaml ? "!!" : "", is_yaml ? tag + prefix : tag, allowed);
}

/* A plain text of any other beginning is a string: most texts are told by one look. */
static bool may_be_special(const char *text, size_t length)
{
    return length == 0 || strchr("0123456789+-.~nNtTfF", text[0]) != NULL;
}

static json_t *read_plain(const char *text, size_t length, struct td_err *err)
{
    json_t *value = NULL;

    for (size_t i = may_be_special(text, length) ? 0 : TYPES - 1; i < TYPES; i++)
        if (types[i].read(text, length, &value, err))
            break;
    return value;
}

json_t *tdh_yaml_scalar(const char *text, size_t length, const char *tag, bool is_plain,
                        struct td_err *err)
{
    const struct type *type = find_type(tag);
    json_t *value = NULL;

    if (type == NULL)
        fail_tag(tag, "!!str !!int !!float !!bool !!null", err);
    else if (tag == NULL && is_plain)
        value = read_plain(text, length, err);
    else if (!type->read(text, length, &value, err))
        td_fail(err, TD_E_INVAL, "\"%.100s\" is not of its tag's type !!%s", text, type->name);
    return value;
}

int tdh_yaml_scalar_tag(const char *tag, struct td_err *err)
{
    return find_type(tag) != NULL ? 0 : fail_tag(tag, "!!str !!int !!float !!bool !!null", err);
}

int tdh_yaml_collection_tag(const char *tag, const char *name, struct td_err *err)
{
    size_t prefix = strlen(TAG_PREFIX);

    if (tag == NULL || strcmp(tag, "!") == 0)
        return 0;
    if (strncmp(tag, TAG_PREFIX, prefix) == 0 && strcmp(tag + prefix, name) == 0)
        return 0;
    return fail_tag(tag, name[0] == 'm' ? "!!map" : "!!seq", err);
}
