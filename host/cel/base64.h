/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64: RFC 4648, standard alphabet, with padding.
 */
#ifndef TDH_CEL_BASE64_H
#define TDH_CEL_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/** Room that cel_base64_encode needs for `size` bytes. */
size_t cel_base64_size(size_t size);
/** Writes no NUL; returns the length. */
size_t cel_base64_encode(const char *bytes, size_t size, char *out);
/**
 * Reads with or without padding; false when the text is not base64. out: `length` bytes are always
 * enough.
 */
bool cel_base64_decode(const char *text, size_t length, char *out, size_t *ret_size);

#endif
