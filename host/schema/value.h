/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: equality, order and hash of JSON values as JSON Schema sees them: numbers by what they are
 * worth (1 is 1.0), objects without order. Private to host/schema.
 *
 * visits (all functions): grows by the number of values looked at. What is nested deeper than
 * TDH_SCHEMA_NEST is never equal; the host's parsers refuse such values long before.
 */
#ifndef TDH_SCHEMA_VALUE_H
#define TDH_SCHEMA_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool tdh_js_value_equal(const json_t *a, const json_t *b, size_t *visits);
/** Equal values have equal hashes. */
uint64_t tdh_js_value_hash(const json_t *value, size_t *visits);
/** Compares two numbers exactly: -1, 0, 1. */
int tdh_js_number_compare(const json_t *a, const json_t *b);

/* A number as people write it: mantissa * 10 ^ exponent; the sign is dropped. */
struct tdh_js_decimal {
    uint64_t mantissa;
    int exponent;
};

/** The shortest decimal that reads back as this number. */
struct tdh_js_decimal tdh_js_decimal_of(const json_t *number);
/** Whether `a` is a whole multiple of `b`, exactly; b is not 0. */
bool tdh_js_decimal_is_multiple(struct tdh_js_decimal a, struct tdh_js_decimal b);

#endif
