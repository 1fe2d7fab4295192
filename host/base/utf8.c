/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8: UTF-8 by the table of RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
 */
#include "base/utf8.h"

#include <string.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

unsigned tdh_utf8_length(const char *text, size_t left)
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

uint32_t tdh_utf8_get(const char *text, size_t left, unsigned *ret_length)
{
    static const uint8_t first_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    unsigned length = tdh_utf8_length(text, left);
    uint32_t code;

    *ret_length = length == 0 ? 1 : length;
    if (length == 0)
        return 0xFFFD;
    code = (unsigned char)text[0] & first_bits[length];
    for (unsigned i = 1; i < length; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3FU);
    return code;
}

unsigned tdh_utf8_put(char *out, uint32_t code)
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

/* Most texts are nothing else. */
static size_t skip_ascii(const char *text, size_t length)
{
    size_t i = 0;
    uint64_t word = 0;

    for (; length - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, text + i, sizeof(word));
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    return i;
}

bool tdh_utf8_is_valid(const char *text, size_t length)
{
    for (size_t i = skip_ascii(text, length); i < length;) {
        unsigned step = tdh_utf8_length(text + i, length - i);

        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t tdh_utf8_count(const char *text, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += !is_tail(text[i]);
    return count;
}

size_t tdh_utf8_offset(const char *text, size_t length, int64_t count)
{
    size_t offset = 0;

    if (count < 0)
        return TDH_UTF8_NO_OFFSET;
    for (; count > 0 && offset < length; count--)
        for (offset++; offset < length && is_tail(text[offset]); offset++)
            continue;
    return count == 0 ? offset : TDH_UTF8_NO_OFFSET;
}
