/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain: tells text from what steers a terminal.
 */
#include "base/plain.h"

size_t tdh_steering(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    if (at[0] == '\0')
        return 0;
    if (at[0] < 0x20 || at[0] == 0x7F)
        return 1;
    if (at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0)
        return 2;
    if (at[0] != 0xE2)
        return 0;
    return (at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE) ||
                   (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9)
               ? 3
               : 0;
}

void tdh_print_plain(FILE *file, const char *text)
{
    while (*text != '\0') {
        size_t steering = tdh_steering(text);

        putc(steering > 0 ? '?' : *text, file);
        text += steering > 0 ? steering : 1;
    }
}
