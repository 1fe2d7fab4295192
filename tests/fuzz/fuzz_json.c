/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_json: any bytes are a JSON value or an error, and what was read is written and read again as
 * the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "fuzz.h"

static void check_form(const json_t *value, unsigned flags)
{
    struct td_err err = { 0 };
    char *text = tdh_json_text(value, flags);
    json_t *again;

    assert(text != NULL);
    again = tdh_json_parse(text, strlen(text), "again", &err);
    assert(again != NULL && json_equal(value, again));
    json_decref(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct td_err err = { 0 };
    json_t *value = tdh_json_parse((const char *)bytes, size, "input", &err);

    if (value == NULL) {
        assert(err.code == TD_E_INVAL || err.code == TD_E_LIMIT);
        return 0;
    }
    check_form(value, 0);
    check_form(value, TDH_JSON_SORTED | TDH_JSON_ASCII);
    check_form(value, TDH_JSON_PRETTY);
    json_decref(value);
    return 0;
}
