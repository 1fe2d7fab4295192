/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer: one function per kind of token, picked by the first character.
 */
#include "cel/lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cel/program.h"

static const struct {
    const char *text;
    enum cel_token token;
} signs[] = {
    /* longer ones first */
    { "||", CEL_T_OR },        { "&&", CEL_T_AND },        { "==", CEL_T_EQUAL },
    { "!=", CEL_T_UNEQUAL },   { "<=", CEL_T_LESS_EQUAL }, { ">=", CEL_T_GREATER_EQUAL },
    { "<", CEL_T_LESS },       { ">", CEL_T_GREATER },     { "+", CEL_T_ADD },
    { "-", CEL_T_SUBTRACT },   { "*", CEL_T_MULTIPLY },    { "/", CEL_T_DIVIDE },
    { "%", CEL_T_MODULO },     { "!", CEL_T_NOT },         { ".", CEL_T_DOT },
    { ",", CEL_T_COMMA },      { ":", CEL_T_COLON },       { "?", CEL_T_QUESTION },
    { "(", CEL_T_OPEN },       { ")", CEL_T_CLOSE },       { "[", CEL_T_OPEN_LIST },
    { "]", CEL_T_CLOSE_LIST }, { "{", CEL_T_OPEN_MAP },    { "}", CEL_T_CLOSE_MAP },
};

static const struct {
    const char *text;
    enum cel_token token;
} words[] = {
    { "true", CEL_T_TRUE },          { "false", CEL_T_FALSE },
    { "null", CEL_T_NULL },          { "in", CEL_T_IN },
    { "as", CEL_T_RESERVED },        { "break", CEL_T_RESERVED },
    { "const", CEL_T_RESERVED },     { "continue", CEL_T_RESERVED },
    { "else", CEL_T_RESERVED },      { "for", CEL_T_RESERVED },
    { "function", CEL_T_RESERVED },  { "if", CEL_T_RESERVED },
    { "import", CEL_T_RESERVED },    { "let", CEL_T_RESERVED },
    { "loop", CEL_T_RESERVED },      { "package", CEL_T_RESERVED },
    { "namespace", CEL_T_RESERVED }, { "return", CEL_T_RESERVED },
    { "var", CEL_T_RESERVED },       { "void", CEL_T_RESERVED },
    { "while", CEL_T_RESERVED },
};

/* What an error calls each token. */
static const char *const kind_names[] = {
    [CEL_T_END] = "the end",
    [CEL_T_NAME] = "a name",
    [CEL_T_RESERVED] = "a reserved word",
    [CEL_T_QUOTED] = "a quoted name",
    [CEL_T_TRUE] = "\"true\"",
    [CEL_T_FALSE] = "\"false\"",
    [CEL_T_NULL] = "\"null\"",
    [CEL_T_INT] = "a number",
    [CEL_T_UINT] = "a number",
    [CEL_T_DOUBLE] = "a number",
    [CEL_T_STRING] = "a string",
    [CEL_T_BYTES] = "bytes",
    [CEL_T_DOT] = "\".\"",
    [CEL_T_COMMA] = "\",\"",
    [CEL_T_COLON] = "\":\"",
    [CEL_T_QUESTION] = "\"?\"",
    [CEL_T_OPEN] = "\"(\"",
    [CEL_T_CLOSE] = "\")\"",
    [CEL_T_OPEN_LIST] = "\"[\"",
    [CEL_T_CLOSE_LIST] = "\"]\"",
    [CEL_T_OPEN_MAP] = "\"{\"",
    [CEL_T_CLOSE_MAP] = "\"}\"",
    [CEL_T_NOT] = "\"!\"",
    [CEL_T_OR] = "\"||\"",
    [CEL_T_AND] = "\"&&\"",
    [CEL_T_EQUAL] = "\"==\"",
    [CEL_T_UNEQUAL] = "\"!=\"",
    [CEL_T_LESS] = "\"<\"",
    [CEL_T_LESS_EQUAL] = "\"<=\"",
    [CEL_T_GREATER] = "\">\"",
    [CEL_T_GREATER_EQUAL] = "\">=\"",
    [CEL_T_IN] = "\"in\"",
    [CEL_T_ADD] = "\"+\"",
    [CEL_T_SUBTRACT] = "\"-\"",
    [CEL_T_MULTIPLY] = "\"*\"",
    [CEL_T_DIVIDE] = "\"/\"",
    [CEL_T_MODULO] = "\"%\"",
};

const char *cel_token_name(enum cel_token token)
{
    return kind_names[token];
}

int cel_lexer_fail(const struct cel_lexer *lexer, size_t offset, struct td_err *err,
                   const char *fmt, ...)
{
    char text[512];
    unsigned line, column;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    cel_text_place(lexer->text, offset, &line, &column);
    return td_fail(err, TD_E_INVAL, "%u:%u: %s", line, column, text);
}

/* The character at `offset`, or NUL behind the end. */
static char peek(const struct cel_lexer *lexer, size_t offset)
{
    return offset < lexer->length ? lexer->text[offset] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name_start(char c)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(struct cel_lexer *lexer)
{
    for (;; lexer->next++) {
        char c = peek(lexer, lexer->next);

        if (c == '/' && peek(lexer, lexer->next + 1) == '/') {
            while (lexer->next < lexer->length && lexer->text[lexer->next] != '\n')
                lexer->next++;
        } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
            return;
        }
        if (lexer->next >= lexer->length)
            return;
    }
}

static int finish(struct cel_lexer *lexer, enum cel_token token, size_t end)
{
    lexer->token = token;
    lexer->size = end - lexer->begin;
    lexer->next = end;
    return 0;
}

static size_t skip_digits(const struct cel_lexer *lexer, size_t at)
{
    while (is_digit(peek(lexer, at)))
        at++;
    return at;
}

/* Behind an exponent at `at`; `at` itself when there is none. */
static size_t skip_exponent(const struct cel_lexer *lexer, size_t at)
{
    size_t digits = at + 1;

    if (peek(lexer, at) != 'e' && peek(lexer, at) != 'E')
        return at;
    if (peek(lexer, digits) == '+' || peek(lexer, digits) == '-')
        digits++;
    return is_digit(peek(lexer, digits)) ? skip_digits(lexer, digits) : at;
}

static int read_number(struct cel_lexer *lexer, struct td_err *err)
{
    size_t at = lexer->begin, end;
    bool is_hex =
        peek(lexer, at) == '0' && peek(lexer, at + 1) == 'x' && is_hex_digit(peek(lexer, at + 2));

    if (is_hex)
        for (end = at + 2; is_hex_digit(peek(lexer, end)); end++)
            continue;
    else
        end = skip_digits(lexer, at);
    at = end;
    if (!is_hex && peek(lexer, end) == '.' && is_digit(peek(lexer, end + 1)))
        end = skip_digits(lexer, end + 1);
    if (!is_hex)
        end = skip_exponent(lexer, end);
    if (end > at)
        finish(lexer, CEL_T_DOUBLE, end);
    else if (peek(lexer, end) == 'u' || peek(lexer, end) == 'U')
        finish(lexer, CEL_T_UINT, end + 1);
    else
        finish(lexer, CEL_T_INT, end);
    if (is_name_start(peek(lexer, lexer->next)) || is_digit(peek(lexer, lexer->next)))
        return cel_lexer_fail(lexer, lexer->begin, err, "a number cannot go on with \"%c\"",
                              peek(lexer, lexer->next));
    return 0;
}

static bool stands_at(const struct cel_lexer *lexer, size_t at, const char *text, size_t size)
{
    return lexer->length - at >= size && memcmp(lexer->text + at, text, size) == 0;
}

/* at: the opening quote. */
static int read_string(struct cel_lexer *lexer, enum cel_token token, size_t at, bool is_raw,
                       struct td_err *err)
{
    const char quotes[3] = { lexer->text[at], lexer->text[at], lexer->text[at] };
    size_t size = stands_at(lexer, at, quotes, 3) ? 3 : 1;

    for (at += size; at < lexer->length; at++) {
        if (stands_at(lexer, at, quotes, size))
            return finish(lexer, token, at + size);
        if (size == 1 && (lexer->text[at] == '\n' || lexer->text[at] == '\r'))
            break;
        if (lexer->text[at] == '\\' && !is_raw)
            at++;
    }
    return cel_lexer_fail(lexer, lexer->begin, err, "string has no closing %.*s", (int)size,
                          quotes);
}

/* r, b, br in any case, in front of a quote; 0 when none is there, not even a quote. */
static size_t prefix_size(const struct cel_lexer *lexer, bool *ret_is_raw, bool *ret_is_bytes)
{
    size_t at = lexer->begin;
    char c = peek(lexer, at);

    *ret_is_bytes = c == 'b' || c == 'B';
    at += *ret_is_bytes;
    c = peek(lexer, at);
    *ret_is_raw = c == 'r' || c == 'R';
    at += *ret_is_raw;
    c = peek(lexer, at);
    return c == '"' || c == '\'' ? at + 1 - lexer->begin : 0;
}

static int read_name(struct cel_lexer *lexer)
{
    size_t end = lexer->begin;

    while (is_name_start(peek(lexer, end)) || is_digit(peek(lexer, end)))
        end++;
    finish(lexer, CEL_T_NAME, end);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i].text) == lexer->size &&
            stands_at(lexer, lexer->begin, words[i].text, lexer->size))
            lexer->token = words[i].token;
    return 0;
}

static int read_quoted(struct cel_lexer *lexer, struct td_err *err)
{
    size_t at = lexer->begin + 1;

    while (is_name_start(peek(lexer, at)) || is_digit(peek(lexer, at)) ||
           (peek(lexer, at) != '\0' && strchr("./- ", peek(lexer, at)) != NULL))
        at++;
    if (peek(lexer, at) != '`' || at == lexer->begin + 1)
        return cel_lexer_fail(
            lexer, lexer->begin, err,
            "a name in backticks has letters, digits, \"_\", \".\", \"-\", \"/\" and blanks only");
    return finish(lexer, CEL_T_QUOTED, at + 1);
}

static int read_sign(struct cel_lexer *lexer, struct td_err *err)
{
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (stands_at(lexer, lexer->begin, signs[i].text, strlen(signs[i].text)))
            return finish(lexer, signs[i].token, lexer->begin + strlen(signs[i].text));
    if (peek(lexer, lexer->begin) == '=')
        return cel_lexer_fail(lexer, lexer->begin, err,
                              "\"=\" is not an operator, did you mean \"==\"");
    if ((unsigned char)peek(lexer, lexer->begin) > ' ' &&
        (unsigned char)peek(lexer, lexer->begin) < 0x7F)
        return cel_lexer_fail(lexer, lexer->begin, err, "unexpected \"%c\"",
                              peek(lexer, lexer->begin));
    return cel_lexer_fail(lexer, lexer->begin, err, "unexpected character outside of a string");
}

int cel_lexer_next(struct cel_lexer *lexer, struct td_err *err)
{
    bool is_raw, is_bytes;
    size_t prefix;
    char c;

    skip_blanks(lexer);
    lexer->begin = lexer->next;
    lexer->size = 0;
    if (lexer->begin >= lexer->length)
        return finish(lexer, CEL_T_END, lexer->length);
    c = peek(lexer, lexer->begin);
    prefix = prefix_size(lexer, &is_raw, &is_bytes);
    if (prefix > 0)
        return read_string(lexer, is_bytes ? CEL_T_BYTES : CEL_T_STRING, lexer->begin + prefix - 1,
                           is_raw, err);
    if (is_digit(c) || (c == '.' && is_digit(peek(lexer, lexer->begin + 1))))
        return read_number(lexer, err);
    if (is_name_start(c))
        return read_name(lexer);
    return c == '`' ? read_quoted(lexer, err) : read_sign(lexer, err);
}
