/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_case: one function each, since the tables of the tests are long enough.
 */
#include "schema_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

json_t *json_of(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;
    json_t *value;

    assert_non_null(copy);
    for (char *c = copy; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    value = json_loads(copy, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value == NULL)
        fail_msg("%s: %s", copy, error.text);
    free(copy);
    return value;
}

struct tdh_schema *schema_of(const char *text)
{
    const struct tdh_schema_options options = { .is_format_asserted = true };
    struct td_err err;
    json_t *document = json_of(text);
    struct tdh_schema *schema = tdh_schema_compile(document, &options, &err);

    json_decref(document);
    if (schema == NULL)
        fail_msg("%s: %s", text, err.text);
    return schema;
}

const char *check(const char *schema_text, const char *value_text, struct td_err *err)
{
    struct tdh_schema *schema = schema_of(schema_text);
    json_t *value = json_of(value_text);

    memset(err, 0, sizeof(*err));
    if (tdh_schema_check(schema, value, err) == 0)
        strcpy(err->text, "valid");
    json_decref(value);
    tdh_schema_free(schema);
    return err->text;
}
