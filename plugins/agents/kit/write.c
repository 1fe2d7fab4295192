/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write: one recursive walk. A pretty value is written on one line first, and again broken when
 * that was too long.
 */
#include "write.h"

#include <stdlib.h>
#include <string.h>

enum form { FORM_SORTED, FORM_LINE, FORM_BROKEN };

struct writer {
    struct kit_text *out;
    enum form form;
    size_t indent;
    unsigned depth;
};

static const char *short_escape(unsigned char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

/* U+2028 and U+2029 are E2 80 A8 and E2 80 A9; in old scripts they end a line. */
static bool is_separator(const char *at, size_t left)
{
    return left >= 3 && memcmp(at, "\xe2\x80", 2) == 0 && (at[2] == '\xa8' || at[2] == '\xa9');
}

static void write_string(struct writer *writer, const char *text, size_t length)
{
    struct kit_text *out = writer->out;
    bool is_safe = writer->form != FORM_SORTED;

    kit_text_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        const char *escape = short_escape(c);

        if (escape != NULL)
            kit_text_put(out, escape);
        else if (c < 0x20 || (is_safe && (c == '<' || c == '>' || c == '&')))
            kit_text_printf(out, "\\u%04x", c);
        else if (is_safe && is_separator(text + i, length - i)) {
            kit_text_put(out, text[i + 2] == '\xa8' ? "\\u2028" : "\\u2029");
            i += 2;
        } else
            kit_text_char(out, (char)c);
    }
    kit_text_char(out, '"');
}

/* The fewest digits that read back the same; a whole number keeps its ".0". */
static void write_real(struct kit_text *out, double value)
{
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    kit_text_put(out, text);
    if (strpbrk(text, ".e") == NULL)
        kit_text_put(out, ".0");
}

static void write_value(struct writer *writer, const json_t *value);

/* What stands before a member or an item. */
static void write_gap(struct writer *writer, bool is_first)
{
    if (!is_first)
        kit_text_char(writer->out, ',');
    if (writer->form == FORM_BROKEN)
        kit_text_printf(writer->out, "\n%*s", (int)writer->indent, "");
    else if (!is_first && writer->form == FORM_LINE)
        kit_text_char(writer->out, ' ');
}

static void write_member(struct writer *writer, const char *key, const json_t *value, bool is_first)
{
    write_gap(writer, is_first);
    write_string(writer, key, strlen(key));
    kit_text_put(writer->out, writer->form == FORM_SORTED ? ":" : ": ");
    write_value(writer, value);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void write_sorted(struct writer *writer, const json_t *object)
{
    const char **keys = calloc(json_object_size(object) + 1, sizeof(*keys));
    size_t count = 0;
    const char *key;
    json_t *value;

    if (keys == NULL) {
        writer->out->failed = true;
        return;
    }
    json_object_foreach ((json_t *)object, key, value)
        keys[count++] = key;
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 0; i < count; i++)
        write_member(writer, keys[i], json_object_get(object, keys[i]), i == 0);
    free(keys);
}

static void write_members(struct writer *writer, const json_t *object)
{
    bool is_first = true;
    const char *key;
    json_t *value;

    if (writer->form == FORM_SORTED) {
        write_sorted(writer, object);
        return;
    }
    json_object_foreach ((json_t *)object, key, value) {
        write_member(writer, key, value, is_first);
        is_first = false;
    }
}

static void write_items(struct writer *writer, const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach ((json_t *)list, i, item) {
        write_gap(writer, i == 0);
        write_value(writer, item);
    }
}

static void write_inside(struct writer *writer, const json_t *value)
{
    bool is_list = json_is_array(value);

    kit_text_char(writer->out, is_list ? '[' : '{');
    if (is_list)
        write_items(writer, value);
    else
        write_members(writer, value);
    if (writer->form == FORM_BROKEN)
        kit_text_printf(writer->out, "\n%*s", (int)writer->indent - 2, "");
    kit_text_char(writer->out, is_list ? ']' : '}');
}

static void cut(struct kit_text *out, size_t length)
{
    out->length = length;
    if (out->data != NULL)
        out->data[length] = '\0';
}

static void write_collection(struct writer *writer, const json_t *value)
{
    struct writer inner = { .out = writer->out,
                            .form = writer->form,
                            .indent = writer->indent,
                            .depth = writer->depth + 1 };
    size_t start = writer->out->length;

    if (inner.depth > KIT_WRITE_DEPTH) {
        writer->out->failed = true;
        return;
    }
    if (writer->form == FORM_BROKEN)
        inner.form = FORM_LINE;
    write_inside(&inner, value);
    if (writer->form != FORM_BROKEN || writer->out->failed ||
        writer->out->length - start + writer->indent <= KIT_WRITE_WIDTH)
        return;
    cut(writer->out, start);
    inner.form = FORM_BROKEN;
    inner.indent = writer->indent + 2;
    write_inside(&inner, value);
}

static void write_value(struct writer *writer, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        write_collection(writer, value);
        break;
    case JSON_STRING:
        write_string(writer, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        kit_text_printf(writer->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        write_real(writer->out, json_real_value(value));
        break;
    case JSON_TRUE:
        kit_text_put(writer->out, "true");
        break;
    case JSON_FALSE:
        kit_text_put(writer->out, "false");
        break;
    case JSON_NULL:
        kit_text_put(writer->out, "null");
        break;
    }
}

void kit_write_sorted(struct kit_text *out, const json_t *value)
{
    struct writer writer = { .out = out, .form = FORM_SORTED };

    write_value(&writer, value);
}

void kit_write_pretty(struct kit_text *out, const json_t *value, size_t indent)
{
    struct writer writer = { .out = out, .form = FORM_BROKEN, .indent = indent };

    write_value(&writer, value);
}
