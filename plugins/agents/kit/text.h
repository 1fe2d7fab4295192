/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: a growing run of bytes. One owner, no lock.
 *
 * An append that finds no memory sets `failed` and later appends do nothing, so a writer checks
 * once at the end.
 */
#ifndef KIT_TEXT_H
#define KIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

/* Zero-initialised is valid and empty. `data` is NUL-terminated whenever it is not NULL. */
struct kit_text {
    char *data;
    size_t length, capacity;
    bool failed;
};

void kit_text_add(struct kit_text *text, const void *bytes, size_t length);
void kit_text_put(struct kit_text *text, const char *bytes);
void kit_text_char(struct kit_text *text, char c);
void kit_text_printf(struct kit_text *text, const char *fmt, ...) TD_PRINTF(2, 3);
void kit_text_free(struct kit_text *text);
/** new: the bytes, to be freed with free(); the text is empty afterwards. NULL when an append
 * failed. */
char *kit_text_steal(struct kit_text *text);
/** Are these bytes UTF-8, as RFC 3629 has it? */
bool kit_is_utf8(const char *bytes, size_t length);

#endif
