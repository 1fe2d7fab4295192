/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: UTF-8 by the table of RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
 */
#include "cel/text.h"

#include <string.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

unsigned cel_utf8_length(const char *text, size_t left)
{
    unsigned char first, second;
    unsigned length;

    if (left == 0)
        return 0;
    first = (unsigned char)text[0];
    if (first < 0x80)
        return 1;
    length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || left < length)
        return 0;
    for (unsigned i = 1; i < length; i++)
        if (!is_tail(text[i]))
            return 0;
    second = (unsigned char)text[1];
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
        return 0;
    return length;
}

uint32_t cel_utf8_get(const char *text, size_t left, unsigned *ret_length)
{
    static const uint8_t first_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    unsigned length = cel_utf8_length(text, left);
    uint32_t code;

    *ret_length = length == 0 ? 1 : length;
    if (length == 0)
        return 0xFFFD;
    code = (unsigned char)text[0] & first_bits[length];
    for (unsigned i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3FU);
    return code;
}

unsigned cel_utf8_put(char *out, uint32_t code)
{
    static const uint8_t first_marks[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    unsigned length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (unsigned i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80U | (code & 0x3FU));
        code >>= 6;
    }
    out[0] = (char)(first_marks[length] | code);
    return length;
}

bool cel_utf8_is_valid(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned step = cel_utf8_length(text + i, length - i);

        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t cel_utf8_count(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += !is_tail(text[i]);
    return count;
}

size_t cel_utf8_offset(const char *text, size_t length, int64_t count)
{
    size_t offset = 0;

    if (count < 0)
        return CEL_NO_OFFSET;
    for (; count > 0 && offset < length; count--)
        for (offset++; offset < length && is_tail(text[offset]); offset++)
            continue;
    return count == 0 ? offset : CEL_NO_OFFSET;
}

static bool reserve(struct cel_text *text, size_t more)
{
    size_t capacity = text->capacity == 0 ? 32 : text->capacity;
    char *data;

    if (text->capacity - text->length >= more)
        return true;
    if (more > TDH_CEL_BYTES)
        more = TDH_CEL_BYTES + 1U; /* refused by cel_alloc, and nothing below overflows */
    while (capacity - text->length < more)
        capacity *= 2;
    data = cel_alloc(text->run, capacity);
    if (data == NULL)
        return false;
    if (text->length > 0)
        memcpy(data, text->data, text->length);
    text->data = data;
    text->capacity = capacity;
    return true;
}

void cel_text_add(struct cel_text *text, const char *bytes, size_t length)
{
    if (length == 0 || !reserve(text, length))
        return;
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
}

void cel_text_puts(struct cel_text *text, const char *bytes)
{
    cel_text_add(text, bytes, strlen(bytes));
}

void cel_text_char(struct cel_text *text, char c)
{
    cel_text_add(text, &c, 1);
}

struct cel_value cel_text_done(const struct cel_text *text)
{
    return cel_string(text->length > 0 ? text->data : "", text->length);
}
