/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err_json: an error as JSON, the same wherever one is told: in a run's record, in an event, by a
 * verb with --json. docs/errors.md is made of the same table as its category and severity.
 */
#ifndef TDH_BASE_ERR_JSON_H
#define TDH_BASE_ERR_JSON_H

#include <jansson.h>
#include <tdev/err.h>

#include "base/buf.h"

/** {code, category, severity, retryable, text}, and what there is of retry_after_ms and hint.
 * new; NULL: without memory. */
json_t *tdh_err_json(const struct td_err *error);
/** The same, of which all that the code tells is left out; for a journal. new; NULL: no memory. */
json_t *tdh_err_json_short(const struct td_err *error);
/** Reads either of the two. */
void tdh_err_from_json(const json_t *value, struct td_err *ret_error);
/** What a code says, as words; static. */
const char *tdh_err_meaning(enum td_code code);
/** docs/errors.md: the codes, what they mean, and what follows from them. */
void tdh_err_reference(struct tdh_buf *buf);

#endif
