/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape: one pass over bytes each; UTF-8 passes through.
 */
#include "escape.h"

#include <string.h>

static const char *html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void escape_html(struct kit_text *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *entity = html_entity(text[i]);

        if (entity != NULL)
            kit_text_put(out, entity);
        else
            kit_text_char(out, text[i]);
    }
}

/* Is this byte a mark here? Some are marks only at the beginning, or after digits at the beginning.
 */
static int is_md_mark(const char *text, size_t at)
{
    size_t digits = strspn(text, "0123456789");

    if (strchr("\\`*_[]<>#|~&", text[at]) != NULL)
        return 1;
    if (at == 0)
        return strchr("-+=", text[at]) != NULL;
    return at == digits && strchr(".)", text[at]) != NULL;
}

void escape_md(struct kit_text *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20) {
            kit_text_char(out, ' ');
            continue;
        }
        if (is_md_mark(text, i))
            kit_text_char(out, '\\');
        kit_text_char(out, text[i]);
    }
}
