/* SPDX-License-Identifier: Apache-2.0 */
/*
 * within: do two schemas go together: does all that fits the one fit the other?
 *
 * That cannot be decided in general. Looked at are type, required, properties,
 * additionalProperties, items, and enum and const where both have them, at every depth. What is not
 * told by these is taken to go together: the call itself is checked against both.
 */
#ifndef TDH_SCHEMA_WITHIN_H
#define TDH_SCHEMA_WITHIN_H

#include <jansson.h>
#include <tdev/err.h>

/**
 * Both as written; NULL is anything, and nothing is known of it. Documents that have passed
 * tdh_schema_compile.
 *
 * err  TD_E_INVAL: `/to: may be null, must be a string`, for the first place where they do not
 */
int tdh_schema_within(const json_t *from, const json_t *to, struct td_err *err);

#endif
