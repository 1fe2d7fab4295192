/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operator: what the operators do with values. Each passes a fault among its operands on.
 */
#ifndef TDH_CEL_OPERATOR_H
#define TDH_CEL_OPERATOR_H

#include "cel/program.h"
#include "cel/run.h"

/** `+` to `in`: any code from CEL_OP_ADD to CEL_OP_IN. */
struct cel_value cel_binary(struct cel_run *run, enum cel_code code, struct cel_value a,
                            struct cel_value b);
struct cel_value cel_negate(struct cel_run *run, struct cel_value a);
struct cel_value cel_not(struct cel_run *run, struct cel_value a);
/**
 * `&&` (deciding: false) and `||` (deciding: true): a side that decides wins over a fault of the
 * other.
 */
struct cel_value cel_logic(struct cel_run *run, bool deciding, struct cel_value a,
                           struct cel_value b);
/** `x[i]`; with is_optional `x[?i]`. An optional x gives an optional. */
struct cel_value cel_index(struct cel_run *run, struct cel_value x, struct cel_value i,
                           bool is_optional);
/** `x.name` and `x.?name`. */
struct cel_value cel_select(struct cel_run *run, struct cel_value x, struct cel_value name,
                            bool is_optional);
/** has(x.name) */
struct cel_value cel_has(struct cel_run *run, struct cel_value x, struct cel_value name);
/** "+", "in", ...: how an operator is written. */
const char *cel_code_name(enum cel_code code);

#endif
