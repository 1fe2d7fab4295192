/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8: reads and normalises text. Full-width forms become plain ones, since Korean keyboards write
 * both.
 */
#include "lang.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

size_t lang_utf8_next(const char *text, size_t length, uint32_t *ret_code_point)
{
    utf8proc_int32_t code_point = 0;
    utf8proc_ssize_t used;

    *ret_code_point = 0;
    if (length == 0)
        return 0;
    used = utf8proc_iterate((const utf8proc_uint8_t *)text,
                            (utf8proc_ssize_t)(length < 4 ? length : 4), &code_point);
    if (used <= 0 || code_point < 0)
        return 0;
    *ret_code_point = (uint32_t)code_point;
    return (size_t)used;
}

bool lang_utf8_check(const char *text, size_t length, size_t *ret_bad_at)
{
    size_t at = 0;
    uint32_t code_point;

    while (at < length) {
        size_t used = lang_utf8_next(text + at, length - at, &code_point);

        if (used == 0) {
            *ret_bad_at = at;
            return false;
        }
        at += used;
    }
    *ret_bad_at = length;
    return true;
}

void lang_buf_add_code_point(struct lang_buf *buf, uint32_t code_point)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t length = utf8proc_encode_char((utf8proc_int32_t)code_point, bytes);

    lang_buf_add(buf, (const char *)bytes, length > 0 ? (size_t)length : 0);
}

/* Characters that look like another one, which the grammar knows. 0 as the second: it is left out.
 */
static const struct {
    uint32_t from, to;
} folded[] = {
    { 0x00A0, ' ' },  { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201C, '"' },    { 0x201D, '"' },
    { 0x300C, '"' },  { 0x300D, '"' },  { 0x300E, '"' },  { 0x300F, '"' },    { 0x2026, '.' },
    { 0x3000, ' ' },  { 0x3001, ',' },  { 0x3002, '.' },  { 0x200B, 0 },      { 0x200C, 0 },
    { 0xFEFF, 0 },    { 0x2060, 0 },    { 0x00AD, 0 },    { 0xFFE6, 0x20A9 }, { 0x2028, '\n' },
    { 0x2029, '\n' }, { 0x0085, '\n' }, { 0x02BC, '\'' },
};

static uint32_t fold(uint32_t c)
{
    if (c < 0x80)
        return c == '\t' || c == '\r' || c == '\v' || c == '\f' ? ' ' : c;
    if (c >= 0xFF01 && c <= 0xFF5E)
        return c - 0xFF01 + '!';
    if (c >= 0x2000 && c <= 0x200A)
        return ' ';
    for (size_t i = 0; i < sizeof(folded) / sizeof(folded[0]); i++)
        if (folded[i].from == c)
            return folded[i].to;
    return c;
}

/* Adds one character, where a run of blanks is one and a line end swallows the blanks around it. */
static void add_folded(struct lang_buf *out, uint32_t c)
{
    char last = out->length > 0 ? out->data[out->length - 1] : '\n';

    if (c == ' ' && (last == ' ' || last == '\n'))
        return;
    if (c == '\n' && last == ' ')
        out->data[--out->length] = '\0';
    if (c == '\n' && (out->length == 0 || out->data[out->length - 1] == '\n'))
        return;
    lang_buf_add_code_point(out, c);
}

static void fold_all(const char *text, size_t length, struct lang_buf *out)
{
    size_t at = 0;
    uint32_t c;

    while (at < length && !out->is_failed) {
        size_t used = lang_utf8_next(text + at, length - at, &c);

        if (used == 0)
            return;
        at += used;
        c = fold(c);
        if (c != 0)
            add_folded(out, c);
    }
    while (!out->is_failed && out->length > 0 &&
           (out->data[out->length - 1] == ' ' || out->data[out->length - 1] == '\n'))
        out->data[--out->length] = '\0';
}

int lang_normalise(const char *text, size_t length, char **ret_text, struct td_err *err)
{
    struct lang_buf out = { 0 };
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t composed_length =
        utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &composed,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);

    if (composed_length == UTF8PROC_ERROR_NOMEM)
        return td_fail(err, TD_E_NOMEM, "could not allocate memory to normalise a text");
    if (composed_length < 0)
        return td_fail(err, TD_E_INVAL, "could not normalise a text: it is not UTF-8");
    fold_all((const char *)composed, (size_t)composed_length, &out);
    lang_buf_add(&out, "", 0); /* an empty result is a text too */
    free(composed);
    if (out.is_failed) {
        lang_buf_free(&out);
        return td_fail(err, TD_E_NOMEM, "could not allocate memory to normalise a text");
    }
    *ret_text = out.data;
    return 0;
}
