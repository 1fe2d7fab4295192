/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_yaml: any bytes are YAML documents or an error; documents are JSON values, and each value
 * has a place in the text.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/yaml.h"
#include "fuzz.h"

/* Walks down the last members of a value and looks each up. */
static void check_places(const struct tdh_yaml *yaml)
{
    const json_t *value = yaml->root;
    struct tdh_buf pointer = { 0 };

    tdh_buf_text(&pointer, "");
    while (value != NULL) {
        void *iter = json_object_iter((json_t *)(uintptr_t)value);
        size_t size = json_array_size(value);

        assert(tdh_json_at(yaml->root, pointer.data) == value);
        assert(tdh_yaml_place(yaml, pointer.data).line > 0);
        assert(tdh_yaml_key_place(yaml, pointer.data).line > 0);
        if (iter != NULL) {
            tdh_buf_pointer(&pointer, json_object_iter_key(iter),
                            strlen(json_object_iter_key(iter)));
            value = json_object_iter_value(iter);
        } else {
            tdh_buf_printf(&pointer, "/%zu", size - 1);
            value = size != 0 ? json_array_get(value, size - 1) : NULL;
        }
    }
    tdh_buf_free(&pointer);
}

static void check_document(const struct tdh_yaml *yaml)
{
    struct td_err err = { 0 };
    char *text = tdh_json_text(yaml->root, 0);
    json_t *again;

    assert(text != NULL);
    again = tdh_json_parse(text, strlen(text), "again", &err);
    assert(again != NULL && json_equal(yaml->root, again));
    json_decref(again);
    free(text);
    check_places(yaml);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct td_err err = { 0 };
    size_t count;
    struct tdh_yaml **all = tdh_yaml_parse_all((const char *)bytes, size, "input", &count, &err);

    if (all == NULL) {
        assert(err.code == TD_E_INVAL || err.code == TD_E_LIMIT);
        assert(strncmp(err.text, "input:", 6) == 0);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        check_document(all[i]);
        tdh_yaml_free(all[i]);
    }
    free(all);
    return 0;
}
