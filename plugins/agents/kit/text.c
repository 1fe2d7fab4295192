/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: grows by doubling; keeps one byte free for the final NUL.
 */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(struct kit_text *text, size_t more)
{
    size_t capacity = text->capacity > 0 ? text->capacity : 256;
    char *data;

    if (more >= SIZE_MAX / 4 - text->length)
        return !(text->failed = true);
    while (capacity <= text->length + more)
        capacity *= 2;
    data = realloc(text->data, capacity);
    if (data == NULL)
        return !(text->failed = true);
    text->data = data;
    text->capacity = capacity;
    return true;
}

void kit_text_add(struct kit_text *text, const void *bytes, size_t length)
{
    if (text->failed || (text->capacity - text->length <= length && !grow(text, length)))
        return;
    if (length > 0)
        memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void kit_text_put(struct kit_text *text, const char *bytes)
{
    kit_text_add(text, bytes, strlen(bytes));
}

void kit_text_char(struct kit_text *text, char c)
{
    kit_text_add(text, &c, 1);
}

void kit_text_printf(struct kit_text *text, const char *fmt, ...)
{
    char *piece = NULL;
    va_list ap;
    int length;

    va_start(ap, fmt);
    length = vasprintf(&piece, fmt, ap);
    va_end(ap);
    if (length < 0) {
        text->failed = true;
        return;
    }
    kit_text_add(text, piece, (size_t)length);
    free(piece);
}

void kit_text_free(struct kit_text *text)
{
    free(text->data);
    *text = (struct kit_text){ 0 };
}

char *kit_text_steal(struct kit_text *text)
{
    char *data;

    kit_text_add(text, "", 0); /* an empty text is a text, too */
    data = text->failed ? NULL : text->data;
    if (text->failed)
        free(text->data);
    *text = (struct kit_text){ 0 };
    return data;
}

/* How many bytes the character at `at` has, 0 when it is none; overlong forms and surrogates are
 * none. */
static size_t character_length(const unsigned char *at, size_t left)
{
    static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t length = at[0] < 0x80    ? 1
                    : at[0] >= 0xF0 ? 4
                    : at[0] >= 0xE0 ? 3
                    : at[0] >= 0xC0 ? 2
                                    : 0;
    unsigned code = length == 1 ? at[0] : at[0] & (0xFFU >> (length + 1));

    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0U) != 0x80U)
            return 0;
        code = code << 6 | (at[i] & 0x3FU);
    }
    return at[0] <= 0xF4 && code >= least[length] && code <= 0x10FFFF &&
                   (code < 0xD800 || code > 0xDFFF)
               ? length
               : 0;
}

bool kit_is_utf8(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    const unsigned char *end = at + length;

    while (at < end) {
        size_t step = character_length(at, (size_t)(end - at));

        if (step == 0)
            return false;
        at += step;
    }
    return true;
}
