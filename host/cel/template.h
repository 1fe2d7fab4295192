/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: a JSON value in which strings may hold ${CEL}. Alone it keeps its type, inside text it
 * is printed; $${ is a plain ${.
 *
 * Compiled once and immutable; parts without expressions are shared, not copied, by every
 * evaluation.
 */
#ifndef TDH_CEL_TEMPLATE_H
#define TDH_CEL_TEMPLATE_H

#include "cel/cel.h"

struct tdh_template;

/* Where a template is being read, for messages:
 * puts the place of `pointer` in front of err. Returns -1. */
typedef int tdh_place_fn(void *arg, const char *pointer, struct td_err *err);

/**
 * Compiles a value. Its depth is that of a JSON or YAML text, which is bounded.
 *
 * value    borrow; parts of it are held
 * options  of each expression; `want` is the schema of the whole
 * pointer  JSON Pointer of the value
 * err      TD_E_CONFIG and what tdh_cel_compile says
 * Returns new; tdh_template_free().
 */
struct tdh_template *tdh_template_new(const json_t *value, const struct tdh_cel_options *options,
                                      const char *pointer, tdh_place_fn *at, void *at_arg,
                                      struct td_err *err);
void tdh_template_free(struct tdh_template *template);
/** new reference; a template without expressions gives the same value each time. */
json_t *tdh_template_eval(const struct tdh_template *template, const struct tdh_cel_env *env,
                          struct tdh_arena *arena, struct td_err *err);
/** The value when it holds no expression, borrowed; else NULL. */
const json_t *tdh_template_const(const struct tdh_template *template);
/** Which roots it reads, as tdh_cel_reads. */
uint64_t tdh_template_reads(const struct tdh_template *template);
/** True when no string of the value holds an expression or an escaped one:
 * a template of it gives the value itself. */
bool tdh_template_is_plain(const json_t *value);

/** The brace that closes the expression which begins at `text`, behind its "${"; CEL's own braces
 * and strings are seen. NULL: there is none. */
const char *tdh_template_close(const char *text, const char *end);
/** Behind the string of CEL whose quote is at `at`, of an expression that begins at `begin`;
 * NULL: it does not end. */
const char *tdh_template_skip_string(const char *begin, const char *at, const char *end);

#endif
