/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_write: a line is tried first; what does not fit is taken back and written below.
 *
 * A string stands without quotes only when it is made of characters that mean nothing in YAML and
 * does not look like another type. Characters that YAML cannot hold, or takes for line ends, are
 * escaped.
 */
#include "base/yaml_write.h"

#include <string.h>

#include "base/utf8.h"
#include "base/yaml_scalar.h"

enum { KEY_MAX = 160 }; /* bytes; escaped still far less than 1024 characters */

/* --- strings --- */

/* Printable in YAML, and no line end to any version of it. text: one character beyond ASCII. */
static bool is_printable(const unsigned char *text, size_t size)
{
    if (size == 2)
        return text[0] != 0xC2 || text[1] >= 0xA0; /* controls */
    if (size == 3)
        return !(text[0] == 0xE2 && text[1] == 0x80 && (text[2] == 0xA8 || text[2] == 0xA9)) &&
               !(text[0] == 0xEF && text[1] == 0xBB && text[2] == 0xBF) &&
               !(text[0] == 0xEF && text[1] == 0xBF && text[2] >= 0xBE);
    return size == 4;
}

/* Bytes of the character at `text`, when it can stand as it is; else 0. */
static size_t plain_size(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size;

    if (bytes[0] < 0x80)
        return bytes[0] >= 0x20 && bytes[0] != 0x7F;
    size = tdh_utf8_length(text, length);
    return size != 0 && is_printable(bytes, size) ? size : 0;
}

/* All of it can stand as it is; but for line ends when those may be there. */
static bool is_clean(const char *text, size_t length, bool may_break)
{
    for (size_t at = 0, size; at < length; at += size) {
        size = may_break && text[at] == '\n' ? 1 : plain_size(text + at, length - at);
        if (size == 0)
            return false;
    }
    return true;
}

/* Is it this string to YAML, without quotes? */
static bool reads_as_text(const char *text, size_t length)
{
    struct td_err ignored;
    json_t *value = tdh_yaml_scalar(text, length, NULL, true, &ignored);
    bool is_text = json_is_string(value);

    json_decref(value);
    return is_text;
}

/* A colon or comma may stand where no space, and in a list or map of one line nothing, follows. */
static bool needs_quotes(const char *text, size_t length, bool in_line)
{
    static const char safe[] = "_-./+$%()=";

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (is_word || c >= 0x80 || (i > 0 && (c == ' ' || strchr(safe, c) != NULL)) ||
            strchr("_./$", c) != NULL)
            continue;
        if (in_line || i == 0 || (c != ',' && c != ':' && c != '\'') || i + 1 == length ||
            (c == ':' && text[i + 1] == ' '))
            return true;
    }
    return length == 0 || text[length - 1] == ' ' || !is_clean(text, length, false) ||
           !reads_as_text(text, length);
}

bool tdh_yaml_is_plain(const char *text, size_t length)
{
    return !needs_quotes(text, length, true);
}

bool tdh_yaml_is_printable(const char *text, size_t length)
{
    return is_clean(text, length, false);
}

/* Bytes of the character that is escaped here. */
static size_t write_escape(struct tdh_buf *buf, const char *text, size_t length)
{
    static const char letters[] = "\"\\\n\t\r\b\f", names[] = "\"\\ntrbf";
    const char *at = text[0] != '\0' ? strchr(letters, text[0]) : NULL;
    unsigned size;
    uint32_t code = tdh_utf8_get(text, length, &size);

    if (at != NULL)
        tdh_buf_printf(buf, "\\%c", names[at - letters]);
    else
        tdh_buf_printf(buf, "\\u%04x", code);
    return size;
}

static void write_double(struct tdh_buf *buf, const char *text, size_t length)
{
    tdh_buf_char(buf, '"');
    for (size_t at = 0, size; at < length; at += size) {
        size = plain_size(text + at, length - at);
        if (size == 0 || text[at] == '"' || text[at] == '\\')
            size = write_escape(buf, text + at, length - at);
        else
            tdh_buf_add(buf, text + at, size);
    }
    tdh_buf_char(buf, '"');
}

void tdh_yaml_write_quoted(struct tdh_buf *buf, const char *text, size_t length)
{
    bool has_double = memchr(text, '"', length) != NULL || memchr(text, '\\', length) != NULL;

    if (!has_double || !is_clean(text, length, false)) {
        write_double(buf, text, length);
        return;
    }
    tdh_buf_char(buf, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'')
            tdh_buf_char(buf, '\'');
        tdh_buf_char(buf, text[i]);
    }
    tdh_buf_char(buf, '\'');
}

static void write_text(struct tdh_buf *buf, const char *text, size_t length, bool in_line)
{
    if (needs_quotes(text, length, in_line))
        tdh_yaml_write_quoted(buf, text, length);
    else
        tdh_buf_add(buf, text, length);
}

/* A longer one needs "?" in front: YAML looks only 1024 characters ahead for its colon. */
static void write_key(struct tdh_buf *buf, const char *key, bool is_quoted)
{
    size_t length = strlen(key);

    tdh_buf_text(buf, length > KEY_MAX ? "? " : "");
    if (is_quoted)
        tdh_yaml_write_quoted(buf, key, length);
    else
        write_text(buf, key, length, true);
}

/* Lines that a block keeps as they are: no spaces at the end of one or at the front of the first.
 */
static bool is_block(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);

    if (text == NULL || length < 2 || memchr(text, '\n', length - 1) == NULL || text[0] == ' ' ||
        text[0] == '\n' || !is_clean(text, length, true) || text[length - 1] == ' ' ||
        (text[length - 1] == '\n' && text[length - 2] == '\n'))
        return false;
    return strstr(text, " \n") == NULL;
}

static void write_indent(struct tdh_buf *buf, unsigned indent)
{
    for (unsigned i = 0; i < indent; i++)
        tdh_buf_char(buf, ' ');
}

static void write_block(struct tdh_buf *buf, const json_t *value, unsigned indent)
{
    const char *text = json_string_value(value);
    bool ends = text[json_string_length(value) - 1] == '\n';

    tdh_buf_text(buf, ends ? "|\n" : "|-\n");
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        if (length > 0)
            write_indent(buf, indent);
        tdh_buf_add(buf, text, length);
        tdh_buf_char(buf, '\n');
        text += length + (text[length] == '\n');
    }
}

/* --- one line --- */

struct line {
    struct tdh_buf *buf;
    size_t end; /* bytes of the buffer past which it is too long; bytes are at least columns */
    unsigned depth;
};

static bool write_in_line(struct line *line, const json_t *value);

static bool write_list_in_line(struct line *line, const json_t *list)
{
    size_t i;
    json_t *value;

    tdh_buf_char(line->buf, '[');
    json_array_foreach ((json_t *)list, i, value) {
        tdh_buf_text(line->buf, i > 0 ? ", " : "");
        if (!write_in_line(line, value))
            return false;
    }
    tdh_buf_char(line->buf, ']');
    return true;
}

static bool write_map_in_line(struct line *line, const json_t *map)
{
    const char *key, *comma = "";
    json_t *value;

    tdh_buf_char(line->buf, '{');
    json_object_foreach ((json_t *)map, key, value) {
        tdh_buf_text(line->buf, comma);
        write_key(line->buf, key, false);
        tdh_buf_text(line->buf, ": ");
        if (!write_in_line(line, value))
            return false;
        comma = ", ";
    }
    tdh_buf_char(line->buf, '}');
    return true;
}

static bool write_in_line(struct line *line, const json_t *value)
{
    bool fits = true;

    if (++line->depth > TDH_JSON_DEPTH + 1)
        line->buf->failed = true;
    if (line->buf->failed || line->buf->length > line->end ||
        json_string_length(value) > line->end - line->buf->length || is_block(value))
        return false;
    if (json_is_array(value))
        fits = write_list_in_line(line, value);
    else if (json_is_object(value))
        fits = write_map_in_line(line, value);
    else if (json_is_string(value))
        write_text(line->buf, json_string_value(value), json_string_length(value), true);
    else
        tdh_buf_json(line->buf, value, 0);
    line->depth--;
    return fits && line->buf->length <= line->end;
}

static size_t columns_of(const char *text, size_t length)
{
    size_t columns = 0;

    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)text[i] & 0xC0U) != 0x80;
    return columns;
}

bool tdh_yaml_write_line(struct tdh_buf *buf, const json_t *value, size_t columns)
{
    size_t before = buf->length;
    struct line line = { .buf = buf };

    line.end = before + (columns < SIZE_MAX / 8 ? columns * 4 : SIZE_MAX / 2);
    if (write_in_line(&line, value) &&
        columns_of(buf->data + before, buf->length - before) <= columns)
        return true;
    if (!buf->failed && buf->data != NULL)
        tdh_buf_end(buf, buf->data + before);
    return false;
}

/* --- lines of their own --- */

static void write_rest(struct tdh_buf *buf, const json_t *value, unsigned indent, unsigned depth);

/* What stands behind "KEY:", with the end of its line. */
static void write_value(struct tdh_buf *buf, const json_t *value, unsigned indent, size_t used,
                        unsigned depth)
{
    size_t columns = used < TDH_YAML_COLUMNS ? TDH_YAML_COLUMNS - used : 0;

    if (is_block(value)) {
        tdh_buf_char(buf, ' ');
        write_block(buf, value, indent + 2);
    } else if (json_is_string(value)) {
        tdh_buf_char(buf, ' ');
        write_text(buf, json_string_value(value), json_string_length(value), false);
        tdh_buf_char(buf, '\n');
    } else {
        tdh_buf_char(buf, ' ');
        if (tdh_yaml_write_line(buf, value,
                                json_object_size(value) + json_array_size(value) > 0 ? columns
                                                                                     : SIZE_MAX)) {
            tdh_buf_char(buf, '\n');
        } else if (!buf->failed) {
            buf->data[buf->length - 1] = '\n'; /* the space */
            write_rest(buf, value, indent + 2, depth + 1);
        }
    }
}

static void write_member(struct tdh_buf *buf, const char *key, const json_t *value, unsigned indent,
                         bool is_quoted, unsigned depth)
{
    size_t before = buf->length;

    write_key(buf, key, is_quoted);
    if (strlen(key) > KEY_MAX) {
        tdh_buf_char(buf, '\n');
        write_indent(buf, indent);
        before = buf->length;
    }
    tdh_buf_char(buf, ':');
    write_value(buf, value, indent, indent + buf->length - before + 1, depth);
}

/* The members of a map; the first stands in the line already when there is one of a list. */
static void write_members(struct tdh_buf *buf, const json_t *map, unsigned indent, bool is_begun,
                          unsigned depth)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)map, key, value) {
        write_indent(buf, is_begun ? 0 : indent);
        write_member(buf, key, value, indent, false, depth);
        is_begun = false;
    }
}

static void write_element(struct tdh_buf *buf, const json_t *value, unsigned indent, unsigned depth)
{
    write_indent(buf, indent);
    tdh_buf_char(buf, '-');
    if (!json_is_object(value) || json_object_size(value) == 0) {
        write_value(buf, value, indent, indent + 2, depth);
        return;
    }
    tdh_buf_char(buf, ' ');
    if (tdh_yaml_write_line(buf, value, TDH_YAML_COLUMNS - indent - 2))
        tdh_buf_char(buf, '\n');
    else
        write_members(buf, value, indent + 2, true, depth + 1);
}

static void write_rest(struct tdh_buf *buf, const json_t *value, unsigned indent, unsigned depth)
{
    size_t i;
    json_t *element;

    if (depth > TDH_JSON_DEPTH) {
        buf->failed = true;
        return;
    }
    if (json_is_object(value))
        write_members(buf, value, indent, false, depth);
    json_array_foreach ((json_t *)value, i, element)
        write_element(buf, element, indent, depth);
}

void tdh_yaml_write_member(struct tdh_buf *buf, const char *key, const json_t *value,
                           unsigned indent, bool is_quoted)
{
    write_indent(buf, indent);
    write_member(buf, key, value, indent, is_quoted, 1);
}

void tdh_yaml_write(struct tdh_buf *buf, const json_t *value, unsigned indent)
{
    if (json_object_size(value) > 0) {
        write_rest(buf, value, indent, 1);
        return;
    }
    write_indent(buf, indent);
    if (!tdh_yaml_write_line(buf, value, SIZE_MAX))
        buf->failed = true;
    tdh_buf_char(buf, '\n');
}
