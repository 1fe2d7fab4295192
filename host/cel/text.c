/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: texts that grow in the arena of a run.
 */
#include "cel/text.h"

#include <string.h>

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
