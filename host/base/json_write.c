/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_write: the host's JSON writer.
 *
 * jansson's own prints 0.1 as 0.10000000000000001, sorts by malloc per object and calls back per
 * token; this one is on the path of every journal event. Runs of plain text are found eight bytes
 * at a time and copied whole.
 */
#include "base/buf.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REAL_TEXT = 40,     /* "-1.7976931348623157e+308" is the longest; gcc counts with 39 */
    SPECIAL_TEXT = 12,  /* the most one character becomes: a pair of \u escapes */
    DECIMAL_PLACES = 6, /* most places of the short way to print a double */
};

/* Of the objects being written in sorted order. */
struct member {
    const char *key;
    size_t key_length;
    const json_t *value;
};

struct writer {
    struct tdh_buf *buf;
    unsigned flags, depth;
    tdh_json_ref_fn *ref;
    void *arg;
    struct member *members; /* a stack: those of the outer objects, then those of the inner ones */
    size_t member_count, member_capacity;
};

/* True when one of the eight bytes is a control character, a quote, a backslash or not ASCII. */
static bool has_special(uint64_t bytes)
{
    const uint64_t ones = 0x0101010101010101U, high = ones * 0x80;
    uint64_t quote = bytes ^ (ones * '"'), slash = bytes ^ (ones * '\\');
    uint64_t control = (bytes - ones * 0x20) & ~bytes;

    return ((bytes | control | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high) != 0;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Bytes of the UTF-8 sequence that begins with a byte from 0x80 on; 0 when it is not one. */
static size_t sequence_length(const unsigned char *text, size_t length)
{
    unsigned char c = text[0];
    size_t size = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;

    if (size == 0 || size > length)
        return 0;
    if ((c == 0xE0 && text[1] < 0xA0) || (c == 0xED && text[1] > 0x9F)) /* overlong, surrogate */
        return 0;
    if ((c == 0xF0 && text[1] < 0x90) ||
        (c == 0xF4 && text[1] > 0x8F)) /* overlong, past U+10FFFF */
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((text[i] & 0xC0U) != 0x80)
            return 0;
    return size;
}

/* How much of the text can be copied as it is. */
static size_t plain_length(const char *text, size_t length, bool is_ascii)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0, size = 1;

    while (at < length && size != 0) {
        uint64_t eight;

        if (length - at >= sizeof(eight)) {
            memcpy(&eight, bytes + at, sizeof(eight));
            if (!has_special(eight)) {
                at += sizeof(eight);
                continue;
            }
        }
        while (at < length && is_plain(bytes[at]))
            at++;
        size = at == length || bytes[at] < 0x80 || is_ascii
                   ? 0
                   : sequence_length(bytes + at, length - at);
        at += size;
    }
    return at;
}

static char *add_unit(char *out, unsigned unit)
{
    static const char digits[] = "0123456789abcdef";

    *out++ = '\\';
    *out++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *out++ = digits[(unit >> shift) & 0xF];
    return out;
}

static char *add_code_point(char *out, unsigned point)
{
    if (point < 0x10000)
        return add_unit(out, point);
    out = add_unit(out, 0xD800 + ((point - 0x10000) >> 10));
    return add_unit(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
}

static unsigned decode(const unsigned char *text, size_t size)
{
    unsigned point = text[0] & (0xFFU >> (size + 1));

    for (size_t i = 1; i < size; i++)
        point = point << 6 | (text[i] & 0x3FU);
    return point;
}

/* Writes the one character at `text` that cannot stand as it is, and moves `text` past it. */
static char *add_special(char *out, const char **text, size_t length, bool is_ascii)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    const unsigned char *bytes = (const unsigned char *)*text;
    size_t size = 1;

    if (bytes[0] >= 0x80) {
        size = sequence_length(bytes, length);
        if (size != 0 || is_ascii)
            out = add_code_point(out, size != 0 ? decode(bytes, size) : 0xFFFD);
        else
            out = (char *)memcpy(out, "\xEF\xBF\xBD", 3) + 3;
        size = size != 0 ? size : 1;
    } else {
        const char *name = bytes[0] != '\0' ? strchr(names, bytes[0]) : NULL;

        if (name == NULL)
            out = add_unit(out, bytes[0]);
        else {
            *out++ = '\\';
            *out++ = name[1];
        }
    }
    *text += size;
    return out;
}

static void write_string(struct tdh_buf *buf, const char *text, size_t length, bool is_ascii)
{
    const char *end = text + length;
    char *out = length < SIZE_MAX - SPECIAL_TEXT ? tdh_buf_room(buf, length + 2) : NULL;

    if (out == NULL) {
        buf->failed = true;
        return;
    }
    *out++ = '"';
    for (;;) {
        size_t run = plain_length(text, (size_t)(end - text), is_ascii);

        out = (char *)memcpy(out, text, run) + run;
        text += run;
        if (text == end)
            break;
        tdh_buf_end(buf, out);
        out = tdh_buf_room(buf, SPECIAL_TEXT + (size_t)(end - text) + 1);
        if (out == NULL)
            return;
        out = add_special(out, &text, (size_t)(end - text), is_ascii);
    }
    *out++ = '"';
    tdh_buf_end(buf, out);
}

void tdh_buf_json_string(struct tdh_buf *buf, const char *text, size_t length)
{
    write_string(buf, length != 0 ? text : "", length, false);
}

static bool write_whole(struct tdh_buf *buf, double value)
{
    if (fabs(value) >= 1e15 || value != (double)(int64_t)value)
        return false;
    if (signbit(value))
        tdh_buf_char(buf, '-'); /* minus zero keeps its sign */
    tdh_buf_int(buf, (int64_t)fabs(value));
    tdh_buf_add(buf, ".0", 2);
    return true;
}

/*
 * The short way for doubles as people write them: with `places` digits behind the point, digits /
 * scale is one correctly rounded division of two exact numbers, so equality proves that the text
 * reads back as `value`. Fewer than 16 digits make the text the only one of its length.
 */
static bool write_decimal(struct tdh_buf *buf, double value)
{
    double size = fabs(value);
    int64_t scale = 1;

    if (size >= 1e9 || size < 1e-3)
        return false;
    for (int places = 1; places <= DECIMAL_PLACES; places++) {
        int64_t digits;

        scale *= 10;
        digits = (int64_t)(size * (double)scale + 0.5);
        if ((double)digits / (double)scale != size)
            continue;
        if (signbit(value))
            tdh_buf_char(buf, '-');
        tdh_buf_int(buf, digits / scale);
        tdh_buf_char(buf, '.');
        for (digits %= scale; scale > 1; digits %= scale) {
            scale /= 10;
            tdh_buf_char(buf, (char)('0' + digits / scale));
        }
        return true;
    }
    return false;
}

/*
 * 15 digits tell normal doubles of up to 15 digits apart, so fewer need no try; denormal ones have
 * less precision. A library may have set a locale with a decimal comma, which JSON must not follow.
 */
static void print_shortest(double value, char text[static REAL_TEXT])
{
    locale_t before = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));

    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, REAL_TEXT, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    uselocale(before);
}

void tdh_buf_json_real(struct tdh_buf *buf, double value)
{
    char text[REAL_TEXT];

    if (!isfinite(value)) {
        tdh_buf_add(buf, "null", 4);
        return;
    }
    if (write_whole(buf, value) || write_decimal(buf, value))
        return;
    print_shortest(value, text);
    tdh_buf_text(buf, text);
    if (strpbrk(text, ".e") == NULL)
        tdh_buf_add(buf, ".0", 2);
}

static void write_line(struct writer *writer)
{
    size_t indent = writer->depth * (size_t)2;
    char *out = tdh_buf_room(writer->buf, indent + 1);

    if (out == NULL)
        return;
    *out = '\n';
    memset(out + 1, ' ', indent);
    tdh_buf_end(writer->buf, out + 1 + indent);
}

static void write_open(struct writer *writer, char bracket)
{
    tdh_buf_char(writer->buf, bracket);
    if (++writer->depth > TDH_JSON_DEPTH)
        writer->buf->failed = true;
}

static void write_close(struct writer *writer, char bracket, bool is_empty)
{
    writer->depth--;
    if (!is_empty && (writer->flags & TDH_JSON_PRETTY) != 0)
        write_line(writer);
    tdh_buf_char(writer->buf, bracket);
}

/* What stands between two members, and in front of the first. */
static void write_gap(struct writer *writer, bool is_first)
{
    if (!is_first)
        tdh_buf_char(writer->buf, ',');
    if ((writer->flags & TDH_JSON_PRETTY) != 0)
        write_line(writer);
}

static void write_key(struct writer *writer, const char *key, size_t length)
{
    write_string(writer->buf, key, length, (writer->flags & TDH_JSON_ASCII) != 0);
    tdh_buf_add(writer->buf, ": ", (writer->flags & TDH_JSON_PRETTY) != 0 ? 2 : 1);
}

static void write_value(struct writer *writer, const json_t *value);

static void write_array(struct writer *writer, const json_t *array)
{
    size_t count = json_array_size(array);

    write_open(writer, '[');
    for (size_t i = 0; i < count && !writer->buf->failed; i++) {
        write_gap(writer, i == 0);
        write_value(writer, json_array_get(array, i));
    }
    write_close(writer, ']', count == 0);
}

static size_t key_length(void *iter)
{
#if JANSSON_VERSION_HEX >= 0x020e00
    return json_object_iter_key_len(iter);
#else
    return strlen(json_object_iter_key(iter));
#endif
}

static void write_stored(struct writer *writer, json_t *object)
{
    bool is_first = true;

    for (void *iter = json_object_iter(object); iter != NULL && !writer->buf->failed;
         iter = json_object_iter_next(object, iter)) {
        write_gap(writer, is_first);
        write_key(writer, json_object_iter_key(iter), key_length(iter));
        write_value(writer, json_object_iter_value(iter));
        is_first = false;
    }
}

static bool has_member_room(struct writer *writer, size_t more)
{
    size_t capacity = writer->member_capacity * 2 + more;
    struct member *members;

    if (writer->member_capacity - writer->member_count >= more)
        return true;
    members = realloc(writer->members, capacity * sizeof(*members));
    if (members == NULL) {
        writer->buf->failed = true;
        return false;
    }
    writer->members = members;
    writer->member_capacity = capacity;
    return true;
}

static int compare_members(const void *a, const void *b)
{
    const struct member *left = a, *right = b;
    bool is_shorter = left->key_length < right->key_length;
    int order = memcmp(left->key, right->key, is_shorter ? left->key_length : right->key_length);

    if (order != 0)
        return order;
    return is_shorter ? -1 : left->key_length > right->key_length;
}

static void write_sorted(struct writer *writer, json_t *object)
{
    size_t first = writer->member_count, count = 0;

    if (!has_member_room(writer, json_object_size(object)))
        return;
    for (void *iter = json_object_iter(object); iter != NULL;
         iter = json_object_iter_next(object, iter))
        writer->members[first + count++] =
            (struct member){ json_object_iter_key(iter), key_length(iter),
                             json_object_iter_value(iter) };
    if (count > 1)
        qsort(writer->members + first, count, sizeof(*writer->members), compare_members);
    writer->member_count = first + count;
    for (size_t i = first; i < first + count && !writer->buf->failed; i++) {
        struct member member = writer->members[i]; /* the stack may move below */

        write_gap(writer, i == first);
        write_key(writer, member.key, member.key_length);
        write_value(writer, member.value);
    }
    writer->member_count = first;
}

static void write_object(struct writer *writer, const json_t *value)
{
    json_t *object =
        (json_t *)(uintptr_t)value; /* jansson's iterators are not const; they change nothing */

    write_open(writer, '{');
    if ((writer->flags & TDH_JSON_SORTED) != 0)
        write_sorted(writer, object);
    else
        write_stored(writer, object);
    write_close(writer, '}', json_object_size(value) == 0);
}

static void write_value(struct writer *writer, const json_t *value)
{
    json_type type = value != NULL ? json_typeof(value) : JSON_NULL;
    bool may_be_replaced = type == JSON_OBJECT || type == JSON_ARRAY || type == JSON_STRING;

    if (may_be_replaced && writer->ref != NULL && writer->ref(writer->arg, writer->buf, value))
        return;
    switch (type) {
    case JSON_OBJECT:
        write_object(writer, value);
        break;
    case JSON_ARRAY:
        write_array(writer, value);
        break;
    case JSON_STRING:
        write_string(writer->buf, json_string_value(value), json_string_length(value),
                     (writer->flags & TDH_JSON_ASCII) != 0);
        break;
    case JSON_INTEGER:
        tdh_buf_int(writer->buf, json_integer_value(value));
        break;
    case JSON_REAL:
        tdh_buf_json_real(writer->buf, json_real_value(value));
        break;
    case JSON_TRUE:
        tdh_buf_add(writer->buf, "true", 4);
        break;
    case JSON_FALSE:
        tdh_buf_add(writer->buf, "false", 5);
        break;
    case JSON_NULL:
        tdh_buf_add(writer->buf, "null", 4);
        break;
    }
}

void tdh_buf_json_with(struct tdh_buf *buf, const json_t *value, unsigned flags,
                       tdh_json_ref_fn *ref, void *arg)
{
    struct writer writer = { .buf = buf, .flags = flags, .ref = ref, .arg = arg };

    write_value(&writer, value);
    free(writer.members);
}

void tdh_buf_json(struct tdh_buf *buf, const json_t *value, unsigned flags)
{
    tdh_buf_json_with(buf, value, flags, NULL, NULL);
}

char *tdh_json_text(const json_t *value, unsigned flags)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_json(&buf, value, flags);
    return tdh_buf_steal(&buf);
}
