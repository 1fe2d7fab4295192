/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_dsl: any bytes are a workflow in the text notation or an error with its place; what is taken
 * can be written as YAML, and in the text notation unless it is no workflow, and reads as the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/flow.h"
#include "fuzz.h"

/* Walks down the last members of a value and looks each up. */
static void check_places(const struct tdh_yaml *yaml)
{
    const json_t *value = yaml->root;
    struct tdh_buf pointer = { 0 };

    tdh_buf_text(&pointer, "");
    while (value != NULL) {
        size_t size = json_array_size(value);
        const char *key;
        json_t *member, *last = NULL;

        assert(tdh_yaml_place(yaml, pointer.data).line > 0);
        json_object_foreach ((json_t *)(uintptr_t)value, key, member)
            last = member;
        if (last != NULL) {
            json_object_foreach ((json_t *)(uintptr_t)value, key, member)
                if (member == last)
                    break;
            tdh_buf_pointer(&pointer, key, strlen(key));
        } else if (size > 0) {
            tdh_buf_printf(&pointer, "/%zu", size - 1);
            last = json_array_get(value, size - 1);
        }
        value = last;
    }
    tdh_buf_free(&pointer);
}

/* tdh_flow_convert reads what it wrote and compares. */
static void check_written(const struct tdh_yaml *yaml)
{
    struct td_err err = { 0 };
    char *text = tdh_flow_convert(yaml, false, &err);

    assert(text != NULL || err.code == TD_E_LIMIT);
    free(text);
    text = tdh_flow_convert(yaml, true, &err);
    assert(text != NULL || err.text[0] != '\0');
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct td_err err = { 0 };
    struct tdh_yaml *yaml = tdh_flow_parse((const char *)bytes, size, "input", &err);
    struct tdh_definition *definition;

    if (yaml == NULL) {
        assert(err.code == TD_E_INVAL || err.code == TD_E_LIMIT);
        assert(strncmp(err.text, "input:", 6) == 0);
        return 0;
    }
    check_places(yaml);
    check_written(yaml);
    definition = tdh_flow_read(yaml, NULL, &err);
    if (definition != NULL) {
        char *text = tdh_flow_convert(yaml, true, &err);

        assert(text != NULL || err.code == TD_E_LIMIT);
        free(text);
    }
    tdh_definition_release(definition);
    tdh_yaml_free(yaml);
    return 0;
}
