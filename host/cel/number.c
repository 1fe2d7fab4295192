/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number: checks a text by hand before the C library reads it, so that no locale or extension of it
 * shines through.
 */
#include "cel/number.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * The digits of d > 0 without point or trailing zeros, and the power of ten of the first: the
 * fewest that read back.
 */
static int shortest(double d, char digits[24], int *ret_power)
{
    char text[40];
    int count = 0;

    for (int precision = 14; precision <= 16; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, d);
        if (strtod(text, NULL) >= d && strtod(text, NULL) <= d)
            break;
    }
    for (const char *at = text; *at != 'e'; at++)
        if (*at != '.')
            digits[count++] = *at;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    *ret_power = atoi(strchr(text, 'e') + 1);
    return count;
}

static char *put(char *out, const char *bytes, int count)
{
    memcpy(out, bytes, (size_t)count);
    return out + count;
}

static char *put_zeros(char *out, int count)
{
    memset(out, '0', (size_t)count);
    return out + count;
}

static char *lay_out(char *out, const char *digits, int count, int power)
{
    if (power < -6 || power >= 21) {
        out = put(out, digits, 1);
        if (count > 1)
            out = put(put(out, ".", 1), digits + 1, count - 1);
        return out + snprintf(out, 8, "e%c%02d", power < 0 ? '-' : '+', abs(power));
    }
    if (power < 0)
        return put(put_zeros(put(out, "0.", 2), -power - 1), digits, count);
    if (count <= power + 1)
        return put_zeros(put(out, digits, count), power + 1 - count);
    out = put(out, digits, power + 1);
    return put(put(out, ".", 1), digits + power + 1, count - power - 1);
}

const char *cel_print_double(double d, char out[CEL_NUMBER_ROOM])
{
    char digits[24];
    char *end = out;
    int power, count;

    if (isnan(d))
        return strcpy(out, "NaN");
    if (signbit(d))
        *end++ = '-';
    if (isinf(d)) {
        strcpy(end, "Infinity");
        return out;
    }
    if (!(fabs(d) > 0)) {
        strcpy(end, "0");
        return out;
    }
    count = shortest(fabs(d), digits, &power);
    *lay_out(end, digits, count, power) = '\0';
    return out;
}

const char *cel_print_base(uint64_t magnitude, bool is_negative, unsigned base, bool is_upper,
                           char out[72])
{
    const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char *at = out + 71;

    *at = '\0';
    do {
        *--at = digits[magnitude % base];
        magnitude /= base;
    } while (magnitude != 0);
    if (is_negative)
        *--at = '-';
    return at;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 99;
}

bool cel_parse_uint(const char *text, size_t length, unsigned base, uint64_t *ret_u)
{
    uint64_t u = 0;

    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = digit_value(text[i]);

        if (digit >= base || __builtin_mul_overflow(u, base, &u) ||
            __builtin_add_overflow(u, digit, &u))
            return false;
    }
    *ret_u = u;
    return true;
}

bool cel_parse_int(const char *text, size_t length, int64_t *ret_i)
{
    bool is_negative = length > 0 && text[0] == '-';
    bool is_signed = is_negative || (length > 0 && text[0] == '+');
    uint64_t u;

    if (!cel_parse_uint(text + is_signed, length - is_signed, 10, &u) ||
        u > (uint64_t)INT64_MAX + is_negative)
        return false;
    *ret_i = is_negative ? (int64_t)(0 - u) : (int64_t)u;
    return true;
}

static size_t skip_digits(const char *text, size_t length, size_t at)
{
    while (at < length && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

static bool is_decimal(const char *text, size_t length)
{
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+');
    size_t whole = skip_digits(text, length, at), end = whole, digits = whole - at;

    if (end < length && text[end] == '.') {
        end = skip_digits(text, length, end + 1);
        digits += end - whole - 1;
    }
    if (digits == 0)
        return false;
    if (end < length && (text[end] == 'e' || text[end] == 'E')) {
        size_t power =
            end + 1 + (end + 1 < length && (text[end + 1] == '-' || text[end + 1] == '+'));

        end = skip_digits(text, length, power);
        if (end == power)
            return false;
    }
    return end == length;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool parse_special(const char *text, size_t length, double *ret_d)
{
    bool is_signed = length > 0 && (text[0] == '-' || text[0] == '+');

    if (is_word(text, length, "nan")) {
        *ret_d = NAN;
        return true;
    }
    if (!is_word(text + is_signed, length - is_signed, "inf") &&
        !is_word(text + is_signed, length - is_signed, "infinity"))
        return false;
    *ret_d = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    return true;
}

bool cel_parse_double(const char *text, size_t length, double *ret_d)
{
    char copy[400]; /* longer ones are rare: their zeros and digits beyond any double's are not
                       worth more code */
    double d;

    if (!is_decimal(text, length))
        return parse_special(text, length, ret_d);
    if (length >= sizeof(copy))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    d = strtod(copy, NULL);
    if (isinf(d))
        return false;
    *ret_d = d;
    return true;
}

/* The edges are out: 2^63 itself, and -2^63, which stands for every double that rounds to it. */
bool cel_double_to_int(double d, int64_t *ret_i)
{
    if (!(d > -0x1p63 && d < 0x1p63))
        return false;
    *ret_i = (int64_t)d;
    return true;
}

bool cel_double_to_uint(double d, uint64_t *ret_u)
{
    if (!(d >= 0 && d < 0x1p64))
        return false;
    *ret_u = (uint64_t)d;
    return true;
}
