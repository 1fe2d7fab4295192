/* SPDX-License-Identifier: Apache-2.0 */
/*
 * literal: numbers and escape sequences.
 */
#include "cel/literal.h"

#include <string.h>

#include "cel/number.h"
#include "cel/text.h"

/* A quoted text while its escapes are resolved. */
struct reader {
    const struct cel_lexer *lexer;
    size_t at, end; /* in the text: what is still between the quotes */
    bool is_bytes;
    char *out;
    size_t size;
    struct td_err *err;
};

static int read_int(const struct cel_lexer *lexer, bool is_negative, struct cel_value *ret_value,
                    struct td_err *err)
{
    const char *text = lexer->text + lexer->begin;
    bool is_uint = lexer->token == CEL_T_UINT, is_hex = lexer->size > 2 && text[1] == 'x';
    size_t size = lexer->size - is_uint - (is_hex ? 2 : 0);
    uint64_t u;

    if (!cel_parse_uint(text + (is_hex ? 2 : 0), size, is_hex ? 16 : 10, &u) ||
        (!is_uint && u > (uint64_t)INT64_MAX + is_negative))
        return cel_lexer_fail(lexer, lexer->begin, err, "%s%.*s does not fit in %s",
                              is_negative ? "-" : "", (int)lexer->size, text,
                              is_uint ? "uint" : "int");
    *ret_value = is_uint ? cel_uint(u) : cel_int((int64_t)(is_negative ? 0 - u : u));
    return 0;
}

static int read_double(const struct cel_lexer *lexer, bool is_negative, struct cel_value *ret_value,
                       struct td_err *err)
{
    double d;

    if (!cel_parse_double(lexer->text + lexer->begin, lexer->size, &d))
        return cel_lexer_fail(lexer, lexer->begin, err, "%.*s does not fit in double",
                              (int)(lexer->size < 64 ? lexer->size : 64),
                              lexer->text + lexer->begin);
    *ret_value = cel_double(is_negative ? -d : d);
    return 0;
}

static int fail_escape(const struct reader *reader, size_t at, const char *why)
{
    return cel_lexer_fail(reader->lexer, at, reader->err, "escape sequence %s", why);
}

/* `count` digits of `base` at reader->at. */
static int read_digits(struct reader *reader, size_t escape, size_t count, unsigned base,
                       uint32_t *ret_code)
{
    uint64_t code = 0;

    if (reader->end - reader->at < count ||
        !cel_parse_uint(reader->lexer->text + reader->at, count, base, &code))
        return fail_escape(reader, escape,
                           base == 8    ? "must be three octal digits from 000 to 377"
                           : count == 2 ? "\\x must have 2 hex digits"
                           : count == 4 ? "\\u must have 4 hex digits"
                                        : "\\U must have 8 hex digits");
    reader->at += count;
    *ret_code = (uint32_t)code;
    return 0;
}

static int put_code(struct reader *reader, size_t escape, uint32_t code)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return fail_escape(reader, escape, "is not a Unicode character");
    reader->size += tdh_utf8_put(reader->out + reader->size, code);
    return 0;
}

static int read_unicode(struct reader *reader, size_t escape, size_t count)
{
    uint32_t code, low;

    if (reader->is_bytes)
        return fail_escape(reader, escape, "\\u and \\U are for strings, not for bytes");
    if (read_digits(reader, escape, count, 16, &code) != 0)
        return -1;
    if (code >= 0xD800 && code <= 0xDBFF && reader->end - reader->at >= 6 &&
        memcmp(reader->lexer->text + reader->at, "\\u", 2) == 0) {
        reader->at += 2;
        if (read_digits(reader, escape, 4, 16, &low) != 0)
            return -1;
        code = low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                                              : 0xD800;
    }
    return put_code(reader, escape, code);
}

/* \x41 and \101: a byte in bytes, a character in strings. */
static int read_code(struct reader *reader, size_t escape, size_t count, unsigned base)
{
    uint32_t code;

    if (read_digits(reader, escape, count, base, &code) != 0)
        return -1;
    if (code > 0xFF)
        return fail_escape(reader, escape, "must be three octal digits from 000 to 377");
    if (!reader->is_bytes)
        return put_code(reader, escape, code);
    reader->out[reader->size++] = (char)code;
    return 0;
}

/* reader->at: behind the backslash. */
static int read_escape(struct reader *reader)
{
    static const char letters[] = "abfnrtv\\?\"'`", values[] = "\a\b\f\n\r\t\v\\?\"'`";
    size_t escape = reader->at - 1;
    char c = reader->lexer->text[reader->at];
    const char *letter = c != '\0' ? strchr(letters, c) : NULL;

    if (c >= '0' && c <= '7')
        return read_code(reader, escape, 3, 8);
    reader->at++;
    if (letter != NULL) {
        reader->out[reader->size++] = values[letter - letters];
        return 0;
    }
    if (c == 'x' || c == 'X')
        return read_code(reader, escape, 2, 16);
    if (c == 'u' || c == 'U')
        return read_unicode(reader, escape, c == 'u' ? 4 : 8);
    return fail_escape(
        reader, escape,
        "is none of \\a \\b \\f \\n \\r \\t \\v \\\\ \\? \\\" \\' \\` \\x \\u \\U \\000");
}

/* Sets the reader between the quotes; whether the text is raw. */
static bool open_quotes(struct reader *reader, const struct cel_lexer *lexer)
{
    bool is_raw = false;
    size_t at = lexer->begin, quotes = 1;

    for (; lexer->text[at] != '"' && lexer->text[at] != '\''; at++)
        is_raw = is_raw || lexer->text[at] == 'r' || lexer->text[at] == 'R';
    if (lexer->begin + lexer->size - at >= 6 && lexer->text[at + 1] == lexer->text[at] &&
        lexer->text[at + 2] == lexer->text[at])
        quotes = 3;
    reader->at = at + quotes;
    reader->end = lexer->begin + lexer->size - quotes;
    return is_raw;
}

static int read_text(const struct cel_lexer *lexer, struct tdh_arena *arena,
                     struct cel_value *ret_value, struct td_err *err)
{
    struct reader reader = { .lexer = lexer, .is_bytes = lexer->token == CEL_T_BYTES, .err = err };
    bool is_raw = open_quotes(&reader, lexer);

    reader.out = tdh_arena_alloc_raw(arena, reader.end - reader.at +
                                                1); /* an escape is never shorter than its value */
    if (reader.out == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a string of an expression");
    while (reader.at < reader.end) {
        char c = lexer->text[reader.at++];

        if (c != '\\' || is_raw)
            reader.out[reader.size++] = c;
        else if (read_escape(&reader) != 0)
            return -1;
    }
    *ret_value =
        reader.is_bytes ? cel_bytes(reader.out, reader.size) : cel_string(reader.out, reader.size);
    return 0;
}

int cel_literal_read(const struct cel_lexer *lexer, bool is_negative, struct tdh_arena *arena,
                     struct cel_value *ret_value, struct td_err *err)
{
    if (lexer->token == CEL_T_STRING || lexer->token == CEL_T_BYTES)
        return read_text(lexer, arena, ret_value, err);
    if (lexer->token == CEL_T_DOUBLE)
        return read_double(lexer, is_negative, ret_value, err);
    return read_int(lexer, is_negative, ret_value, err);
}
