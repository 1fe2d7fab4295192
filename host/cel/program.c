/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program: places in the text, and the end of a program.
 */
#include "cel/program.h"

#include <stdlib.h>

#include "cel/regex.h"

void cel_text_place(const char *text, size_t offset, unsigned *ret_line, unsigned *ret_column)
{
    *ret_line = 1;
    *ret_column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            ++*ret_line;
            *ret_column = 1;
        } else if (((unsigned char)text[i] & 0xC0U) != 0x80U) {
            ++*ret_column;
        }
    }
}

void cel_place(const struct tdh_cel *cel, uint32_t op, unsigned *ret_line, unsigned *ret_column)
{
    cel_text_place(cel->text, cel->places[op], ret_line, ret_column);
}

const char *tdh_cel_text(const struct tdh_cel *cel)
{
    return cel->text;
}

uint64_t tdh_cel_reads(const struct tdh_cel *cel)
{
    return cel->reads;
}

void tdh_cel_free(struct tdh_cel *cel)
{
    if (cel == NULL)
        return;
    for (uint32_t i = 0; i < cel->pattern_count; i++)
        cel_pattern_free(cel->patterns[i]);
    free(cel->patterns);
    free(cel->consts);
    free(cel->places);
    free(cel->ops);
    tdh_arena_free(&cel->arena);
    free(cel);
}
