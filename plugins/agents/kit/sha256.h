/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha256: the hash of bytes, as text.
 */
#ifndef KIT_SHA256_H
#define KIT_SHA256_H

#include <stddef.h>

#define KIT_SHA256_TEXT 65 /* 64 hexadecimal digits and a NUL */

/** Fills `ret_text`. 0, or -1 when the library has no SHA-256 or no memory. */
int kit_sha256(const void *bytes, size_t length, char ret_text[KIT_SHA256_TEXT]);
/** Writes bytes as lower-case hexadecimal digits and a NUL. */
void kit_hex(const unsigned char *bytes, size_t length, char *ret_text);

#endif
