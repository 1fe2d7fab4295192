/* SPDX-License-Identifier: Apache-2.0 */
/*
 * typed: values in and out with their types: {"int": 1}, {"uint": "1"}, {"list": [...]}. The tags
 * stand in cel.h.
 */
#ifndef TDH_CEL_TYPED_H
#define TDH_CEL_TYPED_H

#include "cel/run.h"

/**
 * The program's roots, from an object of tagged values or NULL; a root that is not there is a
 * fault. NULL: err.
 */
const struct cel_value *cel_typed_roots(struct cel_run *run, const json_t *object,
                                        struct td_err *err);
/** Returns new, or NULL. */
json_t *cel_to_typed(struct cel_run *run, struct cel_value value, struct td_err *err);

#endif
