/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver: versions. Ranges stand in semver_range.c.
 */
#include "base/semver.h"

#include <stdio.h>
#include <string.h>

#include "base/semver_read.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_number(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]))
            return false;
    return true;
}

/* Checks words joined by dots. Returns their length in bytes, 0 when they break a rule. */
static size_t words_length(const char *text, bool may_begin_with_zero)
{
    size_t at = 0;

    for (;;) {
        size_t begin = at;

        while (is_word_char(text[at]))
            at++;
        if (at == begin)
            return 0;
        if (!may_begin_with_zero && at - begin > 1 && text[begin] == '0' &&
            is_number(text + begin, at - begin))
            return 0;
        if (text[at] != '.')
            return at;
        at++;
    }
}

const char *tdh_semver_number(const char *text, uint32_t *ret_number)
{
    uint64_t number = 0;
    const char *at = text;

    for (; is_digit(*at); at++) {
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > UINT32_MAX)
            return NULL;
    }
    if (at == text || (*text == '0' && at - text > 1))
        return NULL;
    *ret_number = (uint32_t)number;
    return at;
}

const char *tdh_semver_tail(const char *text, char pre[static TDH_SEMVER_PRE])
{
    size_t length;

    pre[0] = '\0';
    if (*text == '-') {
        length = words_length(++text, false);
        if (length == 0 || length >= TDH_SEMVER_PRE)
            return NULL;
        memcpy(pre, text, length);
        pre[length] = '\0';
        text += length;
    }
    if (*text == '+') {
        length = words_length(++text, true);
        if (length == 0)
            return NULL;
        text += length;
    }
    return text;
}

static const char *read_version(const char *at, struct tdh_semver *version)
{
    at = tdh_semver_number(at, &version->major);
    if (at == NULL || *at != '.')
        return NULL;
    at = tdh_semver_number(at + 1, &version->minor);
    if (at == NULL || *at != '.')
        return NULL;
    at = tdh_semver_number(at + 1, &version->patch);
    return at != NULL ? tdh_semver_tail(at, version->pre) : NULL;
}

int tdh_semver_parse(const char *text, struct tdh_semver *ret_version, struct td_err *err)
{
    struct tdh_semver version = { 0 };
    const char *end = read_version(text, &version);

    if (end == NULL || *end != '\0')
        return td_fail(err, TD_E_INVAL,
                       "version \"%.100s\" is not like \"1.2.3\" or \"1.2.3-rc.1\" (semver.org)",
                       text);
    *ret_version = version;
    return 0;
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* One word of a pre-release against another: numbers by value and below all others, others by
 * bytes. */
static int compare_words(const char *a, size_t a_length, const char *b, size_t b_length)
{
    bool a_is_number = is_number(a, a_length), b_is_number = is_number(b, b_length);
    int order;

    if (a_is_number != b_is_number)
        return a_is_number ? -1 : 1;
    if (a_is_number && a_length != b_length) /* no leading zeros: the longer one is larger */
        return a_length < b_length ? -1 : 1;
    order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    if (order != 0)
        return order;
    return (a_length > b_length) - (a_length < b_length);
}

static int compare_pre(const char *a, const char *b)
{
    if (*a == '\0' || *b == '\0') /* the release comes after its pre-releases */
        return (*a == '\0') - (*b == '\0');
    for (;;) {
        size_t a_length = strcspn(a, "."), b_length = strcspn(b, ".");
        int order = compare_words(a, a_length, b, b_length);

        if (order != 0)
            return order;
        a += a_length;
        b += b_length;
        if (*a == '\0' || *b == '\0') /* the one with more words comes after */
            return (*a != '\0') - (*b != '\0');
        a++;
        b++;
    }
}

int tdh_semver_compare(const struct tdh_semver *a, const struct tdh_semver *b)
{
    int order = compare_numbers(a->major, b->major);

    if (order == 0)
        order = compare_numbers(a->minor, b->minor);
    if (order == 0)
        order = compare_numbers(a->patch, b->patch);
    return order != 0 ? order : compare_pre(a->pre, b->pre);
}

const char *tdh_semver_print(const struct tdh_semver *version, char *text, size_t size)
{
    snprintf(text, size, "%u.%u.%u%s%s", version->major, version->minor, version->patch,
             version->pre[0] != '\0' ? "-" : "", version->pre);
    return text;
}
