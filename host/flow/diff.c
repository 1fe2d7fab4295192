/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff: what differs between the texts of two workflows, node by node. Nodes are the same when
 * their ids are, wherever they stand.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "flow/flow.h"

struct diff {
    json_t *added, *removed, *changed;
    bool has_failed; /* no memory */
};

static void note(struct diff *diff, json_t *list, json_t *item)
{
    diff->has_failed |= json_array_append_new(list, item) != 0;
}

static json_t *or_null(const json_t *value)
{
    return value != NULL ? json_incref((json_t *)value) : json_null();
}

/* [{key, from, to}] of the members that differ, but for `skip`. */
static json_t *diff_members(struct diff *diff, const json_t *from, const json_t *to,
                            const char *skip)
{
    json_t *keys = json_array();
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)from, key, value)
        if (strcmp(key, skip) != 0 && !json_equal(value, json_object_get(to, key)))
            note(diff, keys,
                 json_pack("{s:s, s:O, s:o}", "key", key, "from", value, "to",
                           or_null(json_object_get(to, key))));
    json_object_foreach ((json_t *)to, key, value)
        if (strcmp(key, skip) != 0 && json_object_get(from, key) == NULL)
            note(diff, keys, json_pack("{s:s, s:n, s:O}", "key", key, "from", "to", value));
    return keys;
}

static json_t *join(const char *around, const char *id)
{
    return around[0] != '\0' ? json_sprintf("%s.%s", around, id) : json_string(id);
}

/* As an object by id: a list of ten thousand nodes is not searched for each of them. */
static json_t *by_id(struct diff *diff, const json_t *nodes)
{
    json_t *object = json_object(), *node;
    size_t i;

    json_array_foreach (nodes, i, node)
        diff->has_failed |= json_object_set(object, tdh_json_str(node, "id", ""), node) != 0;
    return object;
}

static void diff_nodes(struct diff *diff, const json_t *from, const json_t *to, const char *around);

static void diff_node(struct diff *diff, const json_t *from, const json_t *to, const char *around)
{
    json_t *keys = diff_members(diff, from, to, "body"),
           *name = join(around, tdh_json_str(from, "id", ""));

    if (json_array_size(keys) > 0)
        note(diff, diff->changed, json_pack("{s:O, s:O}", "node", name, "keys", keys));
    if (json_is_string(name))
        diff_nodes(diff, json_object_get(from, "body"), json_object_get(to, "body"),
                   json_string_value(name));
    json_decref(keys);
    json_decref(name);
}

/* Bodies nest as deep as workflows may. */
static void diff_nodes(struct diff *diff, const json_t *from, const json_t *to, const char *around)
{
    json_t *before = by_id(diff, from), *after = by_id(diff, to), *node;
    size_t i;

    json_array_foreach (from, i, node) {
        const char *id = tdh_json_str(node, "id", "");
        const json_t *other = json_object_get(after, id);

        if (other == NULL)
            note(diff, diff->removed, join(around, id));
        else
            diff_node(diff, node, other, around);
    }
    json_array_foreach (to, i, node)
        if (json_object_get(before, tdh_json_str(node, "id", "")) == NULL)
            note(diff, diff->added, join(around, tdh_json_str(node, "id", "")));
    json_decref(before);
    json_decref(after);
}

json_t *tdh_flow_diff(const json_t *from, const json_t *to, struct td_err *err)
{
    struct diff diff = { json_array(), json_array(), json_array(), false };
    json_t *head = diff_members(&diff, from, to, "nodes"), *result;

    diff_nodes(&diff, json_object_get(from, "nodes"), json_object_get(to, "nodes"), "");
    result = json_pack("{s:b, s:o, s:o, s:o, s:o}", "same", json_equal(from, to), "head", head,
                       "added", diff.added, "removed", diff.removed, "changed", diff.changed);
    if (result != NULL && !diff.has_failed)
        return result;
    json_decref(result);
    td_fail(err, TD_E_NOMEM, "could not allocate what differs between two workflows");
    return NULL;
}
