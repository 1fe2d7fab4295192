/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64: three bytes are four characters.
 */
#include "cel/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t cel_base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

size_t cel_base64_encode(const char *bytes, size_t size, char *out)
{
    char *to = out;

    for (size_t i = 0; i < size; i += 3) {
        size_t count = size - i < 3 ? size - i : 3;
        uint32_t bits = 0;

        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < count ? (unsigned char)bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *to++ = k <= count ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
    }
    return (size_t)(to - out);
}

bool cel_base64_decode(const char *text, size_t length, char *out, size_t *ret_size)
{
    uint32_t bits = 0;
    size_t size = 0, padding = 0;

    if (length % 4 == 0)
        while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
            padding++;
    length -= padding;
    for (size_t i = 0; i < length; i++) {
        const char *digit = text[i] != '\0' ? strchr(alphabet, text[i]) : NULL;

        if (digit == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(digit - alphabet);
        if (i % 4 != 0)
            out[size++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    *ret_size = size;
    return length % 4 != 1;
}
