/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_lex: words, values and expressions within a line.
 *
 * A cursor counts columns (characters, not bytes) as it goes, so that a line costs no more than its
 * length.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "flow/dsl.h"

enum { FOUND_MAX = 40 }; /* bytes of the text shown as what was found */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* --- telling --- */

int tdh_dsl_fail(const struct tdh_dsl_cursor *cursor, struct tdh_place place, struct td_err *err,
                 const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return td_fail(err, TD_E_INVAL, "%s:%u:%u: %s", cursor->name, place.line, place.column, text);
}

/* The word at the cursor, or its one character; not cut within a character. */
static int found_length(const struct tdh_dsl_cursor *cursor)
{
    const char *at = cursor->at;

    while (at < cursor->end && is_word(*at) && at - cursor->at < FOUND_MAX)
        at++;
    if (at == cursor->at)
        do
            at++;
        while (at < cursor->end && ((unsigned char)*at & 0xC0U) == 0x80);
    return (int)(at - cursor->at);
}

int tdh_dsl_expected(const struct tdh_dsl_cursor *cursor, const char *what, const char *near,
                     struct td_err *err)
{
    const char *mean = near != NULL ? ", did you mean \"" : "", *quote = near != NULL ? "\"" : "";

    near = near != NULL ? near : "";
    if (cursor->at >= cursor->end || *cursor->at == '\n' || *cursor->at == '\r' ||
        *cursor->at == '#')
        return tdh_dsl_fail(cursor, cursor->place, err, "expected %s, found the end of the line",
                            what);
    return tdh_dsl_fail(cursor, cursor->place, err, "expected %s, found \"%.*s\"%s%s%s", what,
                        found_length(cursor), cursor->at, mean, near, quote);
}

static int fail_byte(const char *name, struct tdh_place place, unsigned char byte,
                     struct td_err *err)
{
    return td_fail(err, TD_E_INVAL, "%s:%u:%u: %s (0x%02X)", name, place.line, place.column,
                   byte < 0x80 ? "a control character cannot stand in the text"
                               : "the text is not UTF-8",
                   byte);
}

int tdh_dsl_check(const char *name, const char *text, size_t length, struct td_err *err)
{
    struct tdh_place place = { 1, 1 };

    if (length > TDH_YAML_BYTES)
        return td_fail(err, TD_E_LIMIT, "%s: is %zu bytes, the most is %u", name, length,
                       TDH_YAML_BYTES);
    for (size_t at = 0, size = 1; at < length; at += size) {
        unsigned char c = (unsigned char)text[at];
        bool is_break = c == '\n' || (c == '\r' && at + 1 < length && text[at + 1] == '\n');

        size = tdh_utf8_length(text + at, length - at);
        if (size == 0 || c == 0x7F || (c < 0x20 && c != '\t' && !is_break))
            return fail_byte(name, place, c, err);
        place.column++;
        if (c == '\n')
            place = (struct tdh_place){ place.line + 1, 1 };
    }
    return 0;
}

/* --- moving --- */

void tdh_dsl_advance(struct tdh_dsl_cursor *cursor, size_t bytes)
{
    for (; bytes > 0; bytes--, cursor->at++)
        if (*cursor->at == '\n')
            cursor->place = (struct tdh_place){ cursor->place.line + 1, 1 };
        else
            cursor->place.column += ((unsigned char)*cursor->at & 0xC0U) != 0x80;
}

void tdh_dsl_skip_space(struct tdh_dsl_cursor *cursor)
{
    while (cursor->at < cursor->end && is_space(*cursor->at))
        tdh_dsl_advance(cursor, 1);
}

/* A "#" begins a comment behind space; something stands before the cursor. */
bool tdh_dsl_is_over(struct tdh_dsl_cursor *cursor)
{
    tdh_dsl_skip_space(cursor);
    return cursor->at >= cursor->end || (*cursor->at == '#' && is_space(cursor->at[-1]));
}

int tdh_dsl_need_end(struct tdh_dsl_cursor *cursor, struct td_err *err)
{
    return tdh_dsl_is_over(cursor) ? 0 : tdh_dsl_expected(cursor, "the end of the line", NULL, err);
}

bool tdh_dsl_take(struct tdh_dsl_cursor *cursor, const char *bytes)
{
    size_t length = strlen(bytes);

    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, bytes, length) != 0)
        return false;
    tdh_dsl_advance(cursor, length);
    return true;
}

struct tdh_dsl_span tdh_dsl_word(struct tdh_dsl_cursor *cursor)
{
    struct tdh_dsl_span word = { cursor->at, 0, cursor->place };
    const char *at = cursor->at;

    while (at < cursor->end && is_word(*at) &&
           !(*at == '-' && at + 1 < cursor->end && at[1] == '>'))
        at++;
    word.length = (size_t)(at - cursor->at);
    tdh_dsl_advance(cursor, word.length);
    return word;
}

/* --- values --- */

const char *tdh_dsl_quoted_end(const char *at, const char *end)
{
    char quote = *at++;

    for (; at < end; at++)
        if (*at == '\\' && quote == '"' && at + 1 < end)
            at++;
        else if (*at == quote && quote == '\'' && at + 1 < end && at[1] == quote)
            at++;
        else if (*at == quote)
            return at + 1;
    return NULL;
}

static bool begins_value(char c)
{
    return c == '"' || c == '\'' || c == '[' || c == '{';
}

/*
 * The end of the list or map in one line that begins at `at`; NULL: it is not closed there. A quote
 * counts where a value can begin. *ret_tight: a colon that YAML would take for a part of its key.
 */
static const char *collection_end(const char *at, const char *end, const char **ret_tight)
{
    bool can_begin = true, was_quoted = false;
    size_t open = 0;

    for (*ret_tight = NULL; at < end; at++) {
        if (can_begin && (*at == '"' || *at == '\'')) {
            at = tdh_dsl_quoted_end(at, end);
            if (at == NULL)
                return NULL;
            at--;
            can_begin = false;
            was_quoted = true;
            continue;
        }
        open += *at == '[' || *at == '{';
        if ((*at == ']' || *at == '}') && --open == 0)
            return at + 1;
        if (*at == ':' && !was_quoted && *ret_tight == NULL && at + 1 < end && begins_value(at[1]))
            *ret_tight = at;
        can_begin = strchr("[{,:", *at) != NULL || (can_begin && is_space(*at));
        was_quoted = was_quoted && is_space(*at);
    }
    return NULL;
}

static int value_word(struct tdh_dsl_cursor *cursor, char stop, struct tdh_dsl_span *ret_span,
                      struct td_err *err)
{
    const char *at = cursor->at;

    if (strchr("&*!|>%@`,]}#", *at) != NULL)
        return tdh_dsl_fail(cursor, cursor->place, err,
                            "\"%c\" cannot begin a value, put it in quotes", *at);
    while (at < cursor->end && !is_space(*at) && *at != ',' && (stop == '\0' || *at != stop))
        at++;
    ret_span->length = (size_t)(at - cursor->at);
    return 0;
}

/* A quoted text in which nothing is escaped is taken as it is. */
static void strip_quotes(enum tdh_dsl_value *kind, struct tdh_dsl_span *span)
{
    const char *inner = span->text + 1;
    size_t length = span->length - 2;

    if (memchr(inner, span->text[0] == '"' ? '\\' : '\'', length) != NULL)
        return;
    *kind = TDH_DSL_TEXT;
    *span = (struct tdh_dsl_span){ inner, length, span->place };
}

/* What stands in quotes or brackets. */
static int value_closed(struct tdh_dsl_cursor *cursor, struct tdh_dsl_span *ret_span,
                        struct td_err *err)
{
    bool is_quoted = *cursor->at == '"' || *cursor->at == '\'';
    const char *tight = NULL, *end;

    end = is_quoted ? tdh_dsl_quoted_end(cursor->at, cursor->end)
                    : collection_end(cursor->at, cursor->end, &tight);
    if (tight != NULL) {
        struct tdh_dsl_cursor at = *cursor;

        tdh_dsl_advance(&at, (size_t)(tight + 1 - cursor->at));
        return tdh_dsl_expected(&at, "a space behind \":\" in a map", NULL, err);
    }
    if (end == NULL)
        return tdh_dsl_fail(cursor, cursor->place, err,
                            "the value that begins with %c does not end in this line: one of "
                            "several lines goes beneath, behind its key",
                            *cursor->at);
    ret_span->length = (size_t)(end - cursor->at);
    return 0;
}

int tdh_dsl_value(struct tdh_dsl_cursor *cursor, char stop, enum tdh_dsl_value *ret_kind,
                  struct tdh_dsl_span *ret_span, struct td_err *err)
{
    bool is_quoted = *cursor->at == '"' || *cursor->at == '\'',
         is_closed = begins_value(*cursor->at);
    struct tdh_dsl_span span = { cursor->at, 0, cursor->place };

    if ((is_closed ? value_closed(cursor, &span, err) : value_word(cursor, stop, &span, err)) != 0)
        return -1;
    *ret_kind = is_closed ? TDH_DSL_YAML : TDH_DSL_WORD;
    tdh_dsl_advance(cursor, span.length);
    if (is_quoted)
        strip_quotes(ret_kind, &span);
    *ret_span = span;
    if (cursor->at < cursor->end && !is_space(*cursor->at) && *cursor->at != stop)
        return tdh_dsl_expected(cursor, "a space or the end of the line behind a value", NULL, err);
    return 0;
}

/* --- expressions --- */

/* The end of a CEL string; NULL: it is not closed. */
static const char *string_end(const char *at, const char *end)
{
    char quote = *at;
    size_t width = end - at >= 3 && at[1] == quote && at[2] == quote ? 3 : 1;

    for (at += width; at < end; at++)
        if (*at == '\\')
            at++;
        else if (*at == quote &&
                 (width == 1 || (end - at >= 3 && at[1] == quote && at[2] == quote)))
            return at + width;
    return NULL;
}

/* With a string that is not closed it is all of the line: CEL tells what is wrong. */
const char *tdh_dsl_expression_end(const char *at, const char *end)
{
    const char *last = at; /* behind the last character that is no space */

    while (end > at && is_space(end[-1]))
        end--;
    while (at < end) {
        if (*at == '#' && at > last)
            return last;
        if (*at == '"' || *at == '\'') {
            at = last = string_end(at, end);
            if (at == NULL)
                return end;
            continue;
        }
        if (!is_space(*at))
            last = at + 1;
        at++;
    }
    return last;
}
