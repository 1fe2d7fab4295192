/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_merge: two states that came from one, put together again.
 *
 * A place that is not there is a value as well (NULL), so who takes a member away has changed it.
 */
#include <string.h>

#include "agent/agent.h"
#include "base/buf.h"

struct merging {
    struct tdh_buf path;
    json_t *both_changed; /* borrowed */
    bool tie_ours, failed;
};

/* The value of one place: borrowed values, all may be NULL. new; NULL: it is not there. */
static json_t *merge(struct merging *merging, const json_t *base, const json_t *ours,
                     const json_t *theirs);

static bool is_same(const json_t *one, const json_t *other)
{
    return one == other || (one != NULL && other != NULL && json_equal(one, other));
}

static json_t *take(const json_t *value)
{
    return json_incref((json_t *)(uintptr_t)value);
}

static void merge_member(struct merging *merging, json_t *into, const char *key, const json_t *base,
                         const json_t *ours, const json_t *theirs)
{
    size_t length = merging->path.length;
    json_t *value;

    tdh_buf_pointer(&merging->path, key, strlen(key));
    value = merge(merging, json_object_get(base, key), json_object_get(ours, key),
                  json_object_get(theirs, key));
    if (value != NULL)
        merging->failed |= json_object_set_new(into, key, value) != 0;
    merging->path.length = length;
    if (merging->path.data != NULL)
        merging->path.data[length] = '\0';
}

/* base: anything else than an object is one without members. */
static json_t *merge_objects(struct merging *merging, const json_t *base, const json_t *ours,
                             const json_t *theirs)
{
    json_t *merged = json_object(), *value;
    const char *key;

    json_object_foreach ((json_t *)(uintptr_t)ours, key, value)
        merge_member(merging, merged, key, base, ours, theirs);
    json_object_foreach ((json_t *)(uintptr_t)theirs, key, value)
        if (json_object_get(ours, key) == NULL)
            merge_member(merging, merged, key, base, ours, theirs);
    merging->failed |= merged == NULL;
    return merged;
}

static json_t *choose(struct merging *merging, const json_t *ours, const json_t *theirs)
{
    const char *path = merging->path.length > 0 ? merging->path.data : "";

    if (json_array_size(merging->both_changed) < TDH_SYNC_PATHS)
        merging->failed |= json_array_append_new(merging->both_changed, json_string(path)) != 0;
    return take(merging->tie_ours ? ours : theirs);
}

static json_t *merge(struct merging *merging, const json_t *base, const json_t *ours,
                     const json_t *theirs)
{
    if (is_same(ours, theirs) || is_same(base, theirs))
        return take(ours);
    if (is_same(base, ours))
        return take(theirs);
    if (json_is_object(ours) && json_is_object(theirs))
        return merge_objects(merging, base, ours, theirs);
    return choose(merging, ours, theirs);
}

json_t *tdh_state_merge(const json_t *base, const json_t *ours, const json_t *theirs, bool tie_ours,
                        json_t *both_changed)
{
    struct merging merging = { .both_changed = both_changed, .tie_ours = tie_ours };
    json_t *merged = merge(&merging, base, ours, theirs);

    if (merging.failed || merging.path.failed) {
        json_decref(merged);
        merged = NULL;
    }
    tdh_buf_free(&merging.path);
    return merged;
}
