/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexer: cuts the text of an expression into tokens. A copy of the struct is a place to go back to.
 */
#ifndef TDH_CEL_LEXER_H
#define TDH_CEL_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

enum cel_token {
    CEL_T_END,
    CEL_T_NAME,     /* an identifier */
    CEL_T_RESERVED, /* kept for the future, or for the language around CEL: a field's name only */
    CEL_T_QUOTED,   /* `a name` in backticks: a field's name only */
    CEL_T_TRUE,
    CEL_T_FALSE,
    CEL_T_NULL,
    CEL_T_INT, /* digits or 0x digits; with u: CEL_T_UINT */
    CEL_T_UINT,
    CEL_T_DOUBLE,
    CEL_T_STRING, /* with its prefix and quotes */
    CEL_T_BYTES,
    CEL_T_DOT,
    CEL_T_COMMA,
    CEL_T_COLON,
    CEL_T_QUESTION,
    CEL_T_OPEN, /* ( ) [ ] { } */
    CEL_T_CLOSE,
    CEL_T_OPEN_LIST,
    CEL_T_CLOSE_LIST,
    CEL_T_OPEN_MAP,
    CEL_T_CLOSE_MAP,
    CEL_T_NOT,
    CEL_T_OR,
    CEL_T_AND,
    CEL_T_EQUAL, /* from here on: the order of CEL_OP_EQUAL to CEL_OP_IN */
    CEL_T_UNEQUAL,
    CEL_T_LESS,
    CEL_T_LESS_EQUAL,
    CEL_T_GREATER,
    CEL_T_GREATER_EQUAL,
    CEL_T_IN,
    CEL_T_ADD, /* from here on: the order of CEL_OP_ADD to CEL_OP_MODULO */
    CEL_T_SUBTRACT,
    CEL_T_MULTIPLY,
    CEL_T_DIVIDE,
    CEL_T_MODULO,
};

struct cel_lexer {
    const char *text;
    size_t length;
    size_t next; /* where the token behind the current one may begin */
    enum cel_token token;
    size_t begin, size; /* of the current token */
};

/** Moves to the next token. err: TD_E_INVAL with its place. */
int cel_lexer_next(struct cel_lexer *lexer, struct td_err *err);
/** "an identifier", "\")\"": what the current token is called in errors. */
const char *cel_token_name(enum cel_token token);
/** Fails with `LINE:COLUMN: ` in front. Returns -1. */
int cel_lexer_fail(const struct cel_lexer *lexer, size_t offset, struct td_err *err,
                   const char *fmt, ...) TD_PRINTF(4, 5);

#endif
