/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape: one pass over bytes each; UTF-8 passes through, but for the two line separators that end a line of script.
 */
#include "escape.h"

#include <stdlib.h>
#include <string.h>

#define LINE_WIDTH 140 /* a value longer than what is left of it is broken */

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

/* Is this byte a mark here? Some are marks only at the beginning, or after digits at the beginning. */
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

/* Such a character stands only inside of a JSON string, where \u means the same. */
static void put_safe(struct kit_text *out, const char *json)
{
    for (; *json != '\0'; json++) {
        if (strchr("<>&", *json) != NULL)
            kit_text_printf(out, "\\u%04x", (unsigned)(unsigned char)*json);
        else if (strncmp(json, "\xe2\x80\xa8", 3) == 0 || strncmp(json, "\xe2\x80\xa9", 3) == 0) {
            kit_text_put(out, json[2] == '\xa8' ? "\\u2028" : "\\u2029");
            json += 2;
        } else
            kit_text_char(out, *json);
    }
}

static void put_line(struct kit_text *out, size_t indent)
{
    kit_text_printf(out, "\n%*s", (int)indent, "");
}

static void put_members(struct kit_text *out, const json_t *value, size_t indent)
{
    const char *before = "";
    const char *key;
    json_t *member;
    size_t i;

    json_array_foreach ((json_t *)value, i, member) {
        kit_text_put(out, before);
        put_line(out, indent);
        escape_json(out, member, indent);
        before = ",";
    }
    if (!json_is_object(value))
        return;
    json_object_foreach ((json_t *)value, key, member) {
        json_t *name = json_string(key);

        kit_text_put(out, before);
        put_line(out, indent);
        escape_json(out, name, 0);
        kit_text_put(out, ": ");
        escape_json(out, member, indent);
        json_decref(name);
        before = ",";
    }
}

void escape_json(struct kit_text *out, const json_t *value, size_t indent)
{
    char *line = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    bool is_list = json_is_array(value);

    if (line == NULL)
        out->failed = true;
    else if ((!is_list && !json_is_object(value)) || strlen(line) + indent <= LINE_WIDTH)
        put_safe(out, line);
    else {
        kit_text_char(out, is_list ? '[' : '{');
        put_members(out, value, indent + 2);
        put_line(out, indent);
        kit_text_char(out, is_list ? ']' : '}');
    }
    free(line);
}
