/* SPDX-License-Identifier: Apache-2.0 */
/* eventstream_make: bit by bit, and simple. */
#include "eventstream_make.h"

#include <stdlib.h>
#include <string.h>

uint32_t eventstream_checksum(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint32_t sum = UINT32_MAX;

    for (size_t i = 0; i < length; i++) {
        sum ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            sum = (sum & 1) != 0 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
    }
    return ~sum;
}

static void add_number(struct tdh_buf *to, uint32_t number, int bytes)
{
    while (bytes-- > 0)
        tdh_buf_char(to, (char)(number >> (8 * bytes) & 0xff));
}

void eventstream_header(struct tdh_buf *headers, const char *name, const char *text)
{
    add_number(headers, (uint32_t)strlen(name), 1);
    tdh_buf_text(headers, name);
    add_number(headers, 7, 1);
    add_number(headers, (uint32_t)strlen(text), 2);
    tdh_buf_text(headers, text);
}

void eventstream_message(struct tdh_buf *to, const struct tdh_buf *headers, const char *payload,
                         size_t length)
{
    size_t begin = to->length;

    add_number(to, (uint32_t)(16 + headers->length + length), 4);
    add_number(to, (uint32_t)headers->length, 4);
    add_number(to, eventstream_checksum(to->data + begin, 8), 4);
    tdh_buf_add(to, headers->data, headers->length);
    tdh_buf_add(to, payload, length);
    add_number(to, eventstream_checksum(to->data + begin, to->length - begin), 4);
}

void eventstream_hex(struct tdh_buf *to, const char *text)
{
    char pair[3] = "";
    size_t have = 0;

    for (; *text != '\0'; text++) {
        if (strchr(" \n", *text) != NULL)
            continue;
        pair[have++] = *text;
        if (have == 2) {
            tdh_buf_char(to, (char)strtoul(pair, NULL, 16));
            have = 0;
        }
    }
}
