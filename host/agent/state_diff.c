/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_diff: what makes one state another, by JSON Pointer.
 *
 * Members of objects are compared one by one, whatever their order; arrays item by item.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/buf.h"

enum { DIFFERENCES_MAX = 1000 };

struct diff {
    struct tdh_buf path;
    json_t *list;
    bool failed;
};

static void compare(struct diff *diff, const json_t *from, const json_t *to);

static void tell(struct diff *diff, const json_t *from, const json_t *to)
{
    if (json_array_size(diff->list) == DIFFERENCES_MAX)
        return;
    diff->failed |=
        json_array_append_new(diff->list, json_pack("{s:s, s:O*, s:O*}", "path",
                                                    diff->path.length > 0 ? diff->path.data : "",
                                                    "from", from, "to", to)) != 0;
}

static void compare_member(struct diff *diff, const char *key, const json_t *from, const json_t *to)
{
    size_t length = diff->path.length;

    tdh_buf_pointer(&diff->path, key, strlen(key));
    compare(diff, from, to);
    diff->path.length = length;
    if (diff->path.data != NULL)
        diff->path.data[length] = '\0';
}

static void compare_objects(struct diff *diff, const json_t *from, const json_t *to)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)(uintptr_t)from, key, value)
        compare_member(diff, key, value, json_object_get(to, key));
    json_object_foreach ((json_t *)(uintptr_t)to, key, value)
        if (json_object_get(from, key) == NULL)
            compare_member(diff, key, NULL, value);
}

static void compare_arrays(struct diff *diff, const json_t *from, const json_t *to)
{
    size_t count =
        json_array_size(from) > json_array_size(to) ? json_array_size(from) : json_array_size(to);

    for (size_t i = 0; i < count && json_array_size(diff->list) < DIFFERENCES_MAX; i++) {
        char key[24];

        snprintf(key, sizeof(key), "%zu", i);
        compare_member(diff, key, json_array_get(from, i), json_array_get(to, i));
    }
}

static void compare(struct diff *diff, const json_t *from, const json_t *to)
{
    if (json_is_object(from) && json_is_object(to))
        compare_objects(diff, from, to);
    else if (json_is_array(from) && json_is_array(to))
        compare_arrays(diff, from, to);
    else if (from == NULL || to == NULL || json_equal(from, to) == 0)
        tell(diff, from, to);
}

json_t *tdh_state_diff(const json_t *from, const json_t *to)
{
    struct diff diff = { .list = json_array() };

    compare(&diff, from, to);
    if (diff.path.failed || diff.failed) {
        json_decref(diff.list);
        diff.list = NULL;
    }
    tdh_buf_free(&diff.path);
    return diff.list;
}
