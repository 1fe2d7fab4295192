/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_case: schemas and values out of text, for tests of host/schema.
 *
 * JSON is written with ' for ", so that tables of it can be read. What cannot be made fails the
 * test.
 */
#ifndef TDEV_TESTS_SCHEMA_CASE_H
#define TDEV_TESTS_SCHEMA_CASE_H

#include "schema/schema.h"

#define DIALECT "https://json-schema.org/draft/2020-12/"

/** new: a value. */
json_t *json_of(const char *text);
/** new: a compiled schema that asserts formats. */
struct tdh_schema *schema_of(const char *text);
/** Checks a value: the error's text, or "valid". */
const char *check(const char *schema_text, const char *value_text, struct td_err *err);

#endif
