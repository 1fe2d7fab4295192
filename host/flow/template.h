/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: a JSON value in which strings may hold ${CEL}. Alone it keeps its type, inside text it is printed; $${ is a plain ${.
 *
 * Compiled once; parts without expressions are shared, not copied, by every evaluation.
 */
#ifndef TDH_FLOW_TEMPLATE_H
#define TDH_FLOW_TEMPLATE_H

#include "cel/cel.h"

struct tdh_template;

/* Where a template is being read, for messages: fails with the place of `pointer`. */
typedef int tdh_place_fail_fn(void *arg, const char *pointer, struct td_err *err);

/** pointer: JSON Pointer of the value; at: puts the place in front of an error. schema: of the result, or NULL. new. */
struct tdh_template *tdh_template_new(const json_t *value, const struct tdh_cel_options *options, const char *pointer,
                                      tdh_place_fail_fn *at, void *at_arg, struct td_err *err);
void tdh_template_free(struct tdh_template *template);
/** new reference; a template without expressions gives the same value each time. */
json_t *tdh_template_eval(const struct tdh_template *template, const struct tdh_cel_env *env, struct tdh_arena *arena,
                          struct td_err *err);
/** The value when it holds no expression, borrowed; else NULL. */
const json_t *tdh_template_const(const struct tdh_template *template);
/** Which roots it reads, as tdh_cel_reads. */
uint64_t tdh_template_reads(const struct tdh_template *template);

#endif
