/* SPDX-License-Identifier: Apache-2.0 */
/*
 * literal: the values of the literal tokens.
 */
#ifndef TDH_CEL_LITERAL_H
#define TDH_CEL_LITERAL_H

#include "base/arena.h"
#include "cel/lexer.h"
#include "cel/value.h"

/**
 * The value of the current number, string or bytes; its text goes into the arena. is_negative: a
 * "-" stood before.
 */
int cel_literal_read(const struct cel_lexer *lexer, bool is_negative, struct tdh_arena *arena,
                     struct cel_value *ret_value, struct td_err *err);

#endif
