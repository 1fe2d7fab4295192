/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format: one small recogniser each. Texts may hold NUL, so lengths are told and nothing stops at a
 * NUL.
 */
#include "schema/format.h"

#include <arpa/inet.h>
#include <string.h>

#include "schema/pattern.h"
#include "schema/uri.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads exactly `count` digits. -1 when they are not there. */
static int read_digits(const char *text, size_t length, size_t at, size_t count)
{
    int value = 0;

    if (length < at + count)
        return -1;
    for (size_t i = at; i < at + count; i++) {
        if (!is_digit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* RFC 3339, full-date. */
static bool is_date(const char *text, size_t length)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = read_digits(text, length, 0, 4), month = read_digits(text, length, 5, 2);
    int day = read_digits(text, length, 8, 2);
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (length != 10 || text[4] != '-' || text[7] != '-' || year < 0 || month < 1 || month > 12 ||
        day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && is_leap);
}

/* "Z" or +HH:MM at the end of a time; *ret_minutes is what UTC is behind. */
static bool read_offset(const char *text, size_t length, int *ret_minutes)
{
    int hours = read_digits(text, length, 1, 2), minutes = read_digits(text, length, 4, 2);

    *ret_minutes = 0;
    if (length == 1 && (text[0] == 'Z' || text[0] == 'z'))
        return true;
    if (length != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || hours < 0 ||
        hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = (text[0] == '+' ? 1 : -1) * (hours * 60 + minutes);
    return true;
}

/* RFC 3339, full-time. Second 60 only where UTC has 23:59. */
static bool is_time(const char *text, size_t length)
{
    int hour = read_digits(text, length, 0, 2), minute = read_digits(text, length, 3, 2);
    int second = read_digits(text, length, 6, 2), offset;
    size_t at = 8;

    if (length < 9 || text[2] != ':' || text[5] != ':' || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60)
        return false;
    if (text[at] == '.') {
        at++;
        if (read_digits(text, length, at, 1) < 0)
            return false;
        while (at < length && is_digit(text[at]))
            at++;
    }
    if (at >= length || !read_offset(text + at, length - at, &offset))
        return false;
    return second < 60 || (hour * 60 + minute - offset + 2 * 1440) % 1440 == 1439;
}

static bool is_date_time(const char *text, size_t length)
{
    return length > 11 && is_date(text, 10) && (text[10] == 'T' || text[10] == 't') &&
           is_time(text + 11, length - 11);
}

static bool is_uuid(const char *text, size_t length)
{
    if (length != 36)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = text[i];

        if (is_dash ? c != '-' : !(is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

static bool is_address(int family, const char *text, size_t length)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char address[16];

    if (length >= sizeof(copy) || memchr(text, '\0', length) != NULL)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return inet_pton(family, copy, address) == 1;
}

static bool is_ipv4(const char *text, size_t length)
{
    return is_address(AF_INET, text, length);
}

static bool is_ipv6(const char *text, size_t length)
{
    return is_address(AF_INET6, text, length);
}

/* Labels of letters, digits and inner dashes, at most 63 each and 253 together. */
static bool is_hostname(const char *text, size_t length)
{
    size_t label = 0;

    if (length == 0 || length > 253)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '.') {
            if (label == 0 || label > 63 || text[i - 1] == '-')
                return false;
            label = 0;
        } else if (!is_alnum(text[i]) && (text[i] != '-' || label == 0)) {
            return false;
        } else {
            label++;
        }
    }
    return true;
}

/* RFC 5321, Dot-string: atoms with single dots between them. */
static bool is_dot_string(const char *text, size_t length)
{
    char before = '.';

    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (c == '.' ? before == '.'
                     : c == '\0' || (!is_alnum(c) && strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL))
            return false;
        before = c;
    }
    return before != '.';
}

/* RFC 5321, Quoted-string: printable ASCII; quote and backslash behind a backslash. */
static bool is_quoted_string(const char *text, size_t length)
{
    if (length < 2 || text[0] != '"' || text[length - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < length; i++) {
        if (text[i] == '\\' && i + 2 < length)
            i++;
        else if (text[i] == '"' || text[i] == '\\')
            return false;
        if (text[i] < 32 || text[i] > 126)
            return false;
    }
    return true;
}

/* RFC 5321, address-literal. */
static bool is_address_literal(const char *text, size_t length)
{
    if (length < 2 || text[0] != '[' || text[length - 1] != ']')
        return false;
    if (length > 7 && memcmp(text + 1, "IPv6:", 5) == 0)
        return is_ipv6(text + 6, length - 7);
    return is_ipv4(text + 1, length - 2);
}

static bool is_email(const char *text, size_t length)
{
    size_t at = length;

    while (at > 0 && text[at - 1] != '@')
        at--;
    if (at < 2 || at - 1 > 64)
        return false;
    return (is_dot_string(text, at - 1) || is_quoted_string(text, at - 1)) &&
           (is_hostname(text + at, length - at) || is_address_literal(text + at, length - at));
}

static bool is_regex(const char *text, size_t length)
{
    struct td_err err;
    struct tdh_js_pattern *pattern = tdh_js_pattern_new(text, length, &err);

    tdh_js_pattern_free(pattern);
    return pattern != NULL;
}

static const struct tdh_js_format formats[] = {
    { "date-time", is_date_time },  { "date", is_date }, { "time", is_time }, { "email", is_email },
    { "uri", tdh_js_uri_is_valid }, { "uuid", is_uuid }, { "ipv4", is_ipv4 }, { "ipv6", is_ipv6 },
    { "regex", is_regex },
};

const struct tdh_js_format *tdh_js_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
