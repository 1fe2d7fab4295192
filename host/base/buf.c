/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: grows by doubling; the last byte of the capacity is kept for the NUL.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64, INT_TEXT = 20 /* "-9223372036854775808" */ };

bool tdh_buf_grow(struct tdh_buf *buf, size_t more)
{
    size_t capacity = buf->capacity <= SIZE_MAX / 2 ? buf->capacity * 2 : SIZE_MAX;
    char *data = NULL;

    if (capacity < CAPACITY_MIN)
        capacity = CAPACITY_MIN;
    if (more < SIZE_MAX - buf->length) {
        if (capacity < buf->length + more + 1)
            capacity = buf->length + more + 1;
        data = realloc(buf->data, capacity);
    }
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    data[buf->length] = '\0';
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void tdh_buf_add(struct tdh_buf *buf, const void *bytes, size_t length)
{
    char *out = tdh_buf_room(buf, length);

    if (out == NULL)
        return;
    if (length != 0) /* bytes may be NULL then */
        memcpy(out, bytes, length);
    tdh_buf_end(buf, out + length);
}

void tdh_buf_text(struct tdh_buf *buf, const char *text)
{
    tdh_buf_add(buf, text, strlen(text));
}

void tdh_buf_char(struct tdh_buf *buf, char c)
{
    char *out = tdh_buf_room(buf, 1);

    if (out == NULL)
        return;
    *out = c;
    tdh_buf_end(buf, out + 1);
}

void tdh_buf_int(struct tdh_buf *buf, int64_t value)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char text[INT_TEXT];
    char *at = text + sizeof(text);

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0)
        *--at = '-';
    tdh_buf_add(buf, at, (size_t)(text + sizeof(text) - at));
}

void tdh_buf_printf(struct tdh_buf *buf, const char *fmt, ...)
{
    va_list ap, again;
    char *out = tdh_buf_room(buf, 0);
    int length;

    if (out == NULL)
        return;
    va_start(ap, fmt);
    va_copy(again, ap);
    length = vsnprintf(out, buf->capacity - buf->length, fmt, ap);
    if (length < 0)
        buf->failed = true;
    else if ((out = tdh_buf_room(buf, (size_t)length)) != NULL) {
        vsnprintf(out, (size_t)length + 1, fmt, again);
        tdh_buf_end(buf, out + length);
    }
    va_end(again);
    va_end(ap);
}

void tdh_buf_pointer(struct tdh_buf *buf, const char *key, size_t length)
{
    char *out = length < SIZE_MAX / 2 ? tdh_buf_room(buf, 2 * length + 1) : NULL;

    if (out == NULL) {
        buf->failed = true;
        return;
    }
    *out++ = '/';
    for (size_t i = 0; i < length; i++) {
        bool is_escaped = key[i] == '~' || key[i] == '/';

        *out++ = is_escaped ? '~' : key[i];
        if (is_escaped)
            *out++ = key[i] == '~' ? '0' : '1';
    }
    tdh_buf_end(buf, out);
}

void tdh_buf_clear(struct tdh_buf *buf)
{
    buf->failed = false;
    buf->length = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

void tdh_buf_free(struct tdh_buf *buf)
{
    free(buf->data);
    *buf = (struct tdh_buf){ 0 };
}

char *tdh_buf_steal(struct tdh_buf *buf)
{
    char *data = tdh_buf_room(buf, 0); /* an empty buffer gives an empty text */

    if (data == NULL) {
        tdh_buf_free(buf);
        return NULL;
    }
    data = buf->data;
    *buf = (struct tdh_buf){ 0 };
    return data;
}

void tdh_buf_xml(struct tdh_buf *buf, const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if (*at == '&')
            tdh_buf_text(buf, "&amp;");
        else if (*at == '<')
            tdh_buf_text(buf, "&lt;");
        else if (*at == '>')
            tdh_buf_text(buf, "&gt;");
        else if (*at == '"')
            tdh_buf_text(buf, "&quot;");
        else if ((unsigned char)*at < ' ' && *at != '\t' && *at != '\n')
            tdh_buf_text(buf, "\xEF\xBF\xBD");
        else
            tdh_buf_char(buf, *at);
}
