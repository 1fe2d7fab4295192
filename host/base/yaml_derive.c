/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_derive: the longest beginning of a pointer that is known to come from somewhere is exchanged
 * for where it comes from; the rest of the pointer stays.
 */
#include "base/yaml_derive.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"

struct tdh_yaml_derived {
    const struct tdh_yaml *source; /* borrowed */
    struct tdh_map origins;        /* pointer -> pointer in the source */
};

struct tdh_yaml *tdh_yaml_derive(json_t *root, const struct tdh_yaml *source, struct td_err *err)
{
    struct tdh_yaml *yaml = calloc(1, sizeof(*yaml));

    if (yaml != NULL && root != NULL && (yaml->name = strdup(source->name)) != NULL &&
        (yaml->derived = calloc(1, sizeof(*yaml->derived))) != NULL) {
        yaml->root = root;
        yaml->derived->source = source;
        return yaml;
    }
    tdh_yaml_free(yaml);
    json_decref(root);
    td_fail(err, TD_E_NOMEM, "could not allocate a document");
    return NULL;
}

int tdh_yaml_derived_from(struct tdh_yaml *yaml, const char *pointer, const char *from,
                          struct td_err *err)
{
    char *copy = strdup(from);
    void *old = NULL;

    if (copy == NULL || tdh_map_set(&yaml->derived->origins, pointer, copy, &old) != 0) {
        free(copy);
        return td_fail(err, TD_E_NOMEM, "could not allocate the places of a document");
    }
    free(old);
    return 0;
}

struct tdh_place tdh_yaml_derived_place(const struct tdh_yaml_derived *derived, const char *pointer,
                                        tdh_yaml_place_fn *place)
{
    size_t length = strlen(pointer);
    const char *from = tdh_map_get_n(&derived->origins, pointer, length);
    struct tdh_buf path = { 0 };
    struct tdh_place found;

    while (from == NULL && length > 0) {
        while (pointer[--length] != '/')
            continue;
        from = tdh_map_get_n(&derived->origins, pointer, length);
    }
    if (from != NULL)
        tdh_buf_text(&path, from);
    tdh_buf_text(&path, pointer + length);
    found = place(derived->source, path.failed || path.data == NULL ? "" : path.data);
    tdh_buf_free(&path);
    return found;
}

void tdh_yaml_derived_free(struct tdh_yaml_derived *derived)
{
    if (derived == NULL)
        return;
    tdh_map_free(&derived->origins, free);
    free(derived);
}
