/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: UTF-8, and texts that grow in the arena of a run.
 */
#ifndef TDH_CEL_TEXT_H
#define TDH_CEL_TEXT_H

#include "cel/run.h"

#define CEL_NO_OFFSET SIZE_MAX

/** Bytes of the valid sequence at the start of `left` bytes, or 0. */
unsigned cel_utf8_length(const char *text, size_t left);
/** The code point at the start and its length; U+FFFD and 1 where it is not valid. left > 0. */
uint32_t cel_utf8_get(const char *text, size_t left, unsigned *ret_length);
/** Writes a code point up to U+10FFFF, returns its 1 to 4 bytes. */
unsigned cel_utf8_put(char *out, uint32_t code);
bool cel_utf8_is_valid(const char *text, size_t length);
/** Code points. */
size_t cel_utf8_count(const char *text, size_t length);
/** Where code point `count` begins; `length` itself for the end, CEL_NO_OFFSET past it. */
size_t cel_utf8_offset(const char *text, size_t length, int64_t count);

struct cel_text {
    struct cel_run *run;
    char *data;
    size_t length, capacity;
};

/* Past the memory bound they do nothing, and the run stops at its next step. */
void cel_text_add(struct cel_text *text, const char *bytes, size_t length);
void cel_text_puts(struct cel_text *text, const char *bytes);
void cel_text_char(struct cel_text *text, char c);
struct cel_value cel_text_done(const struct cel_text *text);

#endif
