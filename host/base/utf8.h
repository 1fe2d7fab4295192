/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8: UTF-8 by the table of RFC 3629.
 */
#ifndef TDH_BASE_UTF8_H
#define TDH_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TDH_UTF8_NO_OFFSET SIZE_MAX

/** Bytes of the valid sequence at the start of `left` bytes, or 0. */
unsigned tdh_utf8_length(const char *text, size_t left);
/** The code point at the start and its length; U+FFFD and 1 where it is not valid. left > 0. */
uint32_t tdh_utf8_get(const char *text, size_t left, unsigned *ret_length);
/** Writes a code point up to U+10FFFF, returns its 1 to 4 bytes. */
unsigned tdh_utf8_put(char *out, uint32_t code);
bool tdh_utf8_is_valid(const char *text, size_t length);
/** Code points. */
size_t tdh_utf8_count(const char *text, size_t length);
/** Where code point `count` begins; `length` itself for the end, TDH_UTF8_NO_OFFSET past it. */
size_t tdh_utf8_offset(const char *text, size_t length, int64_t count);

#endif
