/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: values on their way out, as plain JSON.
 */
#ifndef TDH_CEL_JSON_H
#define TDH_CEL_JSON_H

#include "cel/run.h"

enum { CEL_NODE_BYTES = 64 }; /* what one value of a result is counted as, besides its text */

/**
 * A value as JSON; a view of JSON becomes a reference to it. What is shared inside is written out,
 * so it costs steps.
 *
 * err  TD_E_INVAL: a value JSON does not have; TD_E_LIMIT; TD_E_NOMEM
 */
json_t *cel_to_json(struct cel_run *run, struct cel_value value, struct td_err *err);

#endif
