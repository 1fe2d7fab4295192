/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_schema: any schema, and any value checked by it.
 *
 * The input is a schema, a newline or NUL, and a value; without a second part the schema is its own
 * value. The two ways to check must agree, and a schema must not change by being used.
 */
#include <assert.h>

#include "base/json.h"
#include "fuzz.h"
#include "schema/schema.h"

static size_t find_border(const char *text, size_t size)
{
    size_t i = 0;

    while (i < size && text[i] != '\0' && text[i] != '\n')
        i++;
    return i;
}

static void check_value(const struct tdh_schema *schema, const json_t *value)
{
    struct td_err err, again;
    int rc = tdh_schema_check(schema, value, &err);
    json_t *errors = tdh_schema_errors(schema, value, &again);

    assert(rc == 0 || err.code == TD_E_INVAL || err.code == TD_E_LIMIT);
    assert(!tdh_schema_accepts_all(schema) || rc == 0);
    if (errors != NULL && !(rc != 0 && err.code == TD_E_LIMIT))
        assert((json_array_size(errors) == 0) == (rc == 0));
    json_decref(errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct tdh_schema_options options = { .is_format_asserted = true };
    const char *text = (const char *)bytes;
    size_t border = find_border(text, size);
    size_t start = border < size ? border + 1 : 0;
    struct td_err err;
    json_t *document = tdh_json_parse(text, border, "schema", &err);
    json_t *value =
        document != NULL ? tdh_json_parse(text + start, size - start, "value", &err) : NULL;
    struct tdh_schema *schema = value != NULL ? tdh_schema_compile(document, &options, &err) : NULL;

    json_decref(document);
    if (schema != NULL)
        check_value(schema, value);
    tdh_schema_free(schema);
    json_decref(value);
    return 0;
}
