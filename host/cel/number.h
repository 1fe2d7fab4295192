/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number: numbers to text and back. Knows the decimal point of the C locale only: the host never
 * leaves it.
 */
#ifndef TDH_CEL_NUMBER_H
#define TDH_CEL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CEL_NUMBER_ROOM = 40 };

/**
 * The fewest digits that read back the same, plain from 1e-6 to 1e21, else with exponent; "NaN",
 * "Infinity".
 */
const char *cel_print_double(double d, char out[CEL_NUMBER_ROOM]);
/** Digits of base 2 to 16, "-" in front of negative ones. */
const char *cel_print_base(uint64_t magnitude, bool is_negative, unsigned base, bool is_upper,
                           char out[72]);
/*
 * All of the text must be the number; base 10 or 16, no prefix. False: not a number, or out of
 * range.
 */
bool cel_parse_int(const char *text, size_t length, int64_t *ret_i);
bool cel_parse_uint(const char *text, size_t length, unsigned base, uint64_t *ret_u);
/** Decimal with optional fraction and exponent, "inf", "infinity" and "nan" in any case. */
bool cel_parse_double(const char *text, size_t length, double *ret_d);
/* False: out of range. */
bool cel_double_to_int(double d, int64_t *ret_i);
bool cel_double_to_uint(double d, uint64_t *ret_u);

#endif
