/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: the recursion over values, and exact arithmetic on the decimals people wrote.
 */
#include "schema/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/node.h"

__extension__ typedef unsigned __int128 u128;

static const double two_to_63 = 9223372036854775808.0;

/* An integer against a double, with no rounding of the integer. */
static int compare_mixed(json_int_t whole, double real)
{
    json_int_t trunc;
    double rest;

    if (real >= two_to_63)
        return -1;
    if (real < -two_to_63)
        return 1;
    trunc = (json_int_t)real;
    if (whole != trunc)
        return whole < trunc ? -1 : 1;
    rest = real - (double)trunc;
    return rest > 0 ? -1 : rest < 0;
}

int tdh_js_number_compare(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b)) {
        json_int_t x = json_integer_value(a), y = json_integer_value(b);

        return x < y ? -1 : x > y;
    }
    if (json_is_integer(a))
        return compare_mixed(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b))
        return -compare_mixed(json_integer_value(b), json_real_value(a));
    return json_real_value(a) < json_real_value(b) ? -1 : json_real_value(a) > json_real_value(b);
}

static bool equal(const json_t *a, const json_t *b, unsigned depth, size_t *visits);

static bool equal_arrays(const json_t *a, const json_t *b, unsigned depth, size_t *visits)
{
    size_t size = json_array_size(a);

    if (size != json_array_size(b))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!equal(json_array_get(a, i), json_array_get(b, i), depth, visits))
            return false;
    return true;
}

static bool equal_objects(const json_t *a, const json_t *b, unsigned depth, size_t *visits)
{
    if (json_object_size(a) != json_object_size(b))
        return false;
    for (struct tdh_js_member m = tdh_js_member_first(a); m.key != NULL; tdh_js_member_next(&m)) {
        const json_t *other = json_object_get(b, m.key);

        if (other == NULL || !equal(m.value, other, depth, visits))
            return false;
    }
    return true;
}

static bool equal(const json_t *a, const json_t *b, unsigned depth, size_t *visits)
{
    ++*visits;
    if (depth == 0)
        return false;
    if (json_is_number(a) && json_is_number(b))
        return tdh_js_number_compare(a, b) == 0;
    if (json_typeof(a) != json_typeof(b))
        return false;
    switch (json_typeof(a)) {
    case JSON_STRING:
        return json_string_length(a) == json_string_length(b) &&
               memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) == 0;
    case JSON_ARRAY:
        return equal_arrays(a, b, depth - 1, visits);
    case JSON_OBJECT:
        return equal_objects(a, b, depth - 1, visits);
    default:
        return true;
    }
}

bool tdh_js_value_equal(const json_t *a, const json_t *b, size_t *visits)
{
    return equal(a, b, TDH_SCHEMA_NEST, visits);
}

static uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    hash ^= hash >> 29;
    hash *= UINT64_C(0xBF58476D1CE4E5B9);
    return hash ^ (hash >> 32);
}

static uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001B3);
    return mix(hash ^ length);
}

/* A double that is a whole number has the hash of that integer. */
static uint64_t hash_number(const json_t *number)
{
    double real = json_real_value(number);
    uint64_t bits;

    if (json_is_integer(number))
        return mix((uint64_t)json_integer_value(number));
    if (real >= -two_to_63 && real < two_to_63 && real == (double)(json_int_t)real)
        return mix((uint64_t)(json_int_t)real);
    memcpy(&bits, &real, sizeof(bits));
    return mix(bits);
}

static uint64_t hash_value(const json_t *value, unsigned depth, size_t *visits)
{
    uint64_t hash = (uint64_t)json_typeof(value) + 1;

    ++*visits;
    if (depth == 0)
        return 0;
    switch (json_typeof(value)) {
    case JSON_INTEGER:
    case JSON_REAL:
        return hash_number(value);
    case JSON_STRING:
        return hash_bytes(json_string_value(value), json_string_length(value));
    case JSON_ARRAY:
        for (size_t i = 0; i < json_array_size(value); i++)
            hash = mix(hash * 31 + hash_value(json_array_get(value, i), depth - 1, visits));
        return hash;
    case JSON_OBJECT: /* a sum, for the order of members says nothing */
        for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
             tdh_js_member_next(&m))
            hash +=
                mix(hash_bytes(m.key, strlen(m.key)) + 31 * hash_value(m.value, depth - 1, visits));
        return mix(hash);
    default:
        return mix(hash);
    }
}

uint64_t tdh_js_value_hash(const json_t *value, size_t *visits)
{
    return hash_value(value, TDH_SCHEMA_NEST, visits);
}

/* "d.ddde-dd" without sign, point and trailing zeros. The point is whatever the locale prints. */
static struct tdh_js_decimal read_scientific(const char *text)
{
    struct tdh_js_decimal decimal = { 0, 0 };
    int digits = 0;

    for (; *text != 'e'; text++) {
        if (*text < '0' || *text > '9')
            continue;
        decimal.mantissa = decimal.mantissa * 10 + (uint64_t)(*text - '0');
        digits++;
    }
    decimal.exponent = atoi(text + 1) - (digits - 1);
    return decimal;
}

struct tdh_js_decimal tdh_js_decimal_of(const json_t *number)
{
    char text[40];
    double real = fabs(json_real_value(number));
    struct tdh_js_decimal decimal = { 0, 0 };

    if (json_is_integer(number)) {
        json_int_t whole = json_integer_value(number);

        decimal.mantissa = whole < 0 ? (uint64_t)0 - (uint64_t)whole : (uint64_t)whole;
        return decimal;
    }
    for (int precision = 14; precision <= 16; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, real);
        if (strtod(text, NULL) == real)
            break;
    }
    decimal = read_scientific(text);
    while (decimal.mantissa != 0 && decimal.mantissa % 10 == 0) {
        decimal.mantissa /= 10;
        decimal.exponent++;
    }
    return decimal;
}

/* a * 10 ^ power modulo m. */
static uint64_t times_power(uint64_t a, int power, uint64_t m)
{
    u128 result = a % m, ten = 10 % m;

    for (; power > 0; power /= 2) {
        if (power % 2 != 0)
            result = result * ten % m;
        ten = ten * ten % m;
    }
    return (uint64_t)result;
}

bool tdh_js_decimal_is_multiple(struct tdh_js_decimal a, struct tdh_js_decimal b)
{
    int power = a.exponent - b.exponent;
    u128 divisor = b.mantissa;

    if (a.mantissa == 0)
        return true;
    if (power >= 0)
        return times_power(a.mantissa, power, b.mantissa) == 0;
    if (power < -19) /* the divisor has more digits than any mantissa */
        return false;
    for (; power < 0; power++)
        divisor *= 10;
    return a.mantissa % divisor == 0;
}
