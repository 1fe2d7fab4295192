/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_imply: the edges of start and end that were left out.
 *
 * Works on the finished document, since edges may be written as `next` and `depends_on` as well.
 * What it adds has no place of its own: errors name the node's.
 */
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "flow/dsl.h"

enum { LEADS = 1, IS_LED_TO = 2 };

/* Marks by id; what stands in the map is NULL + bits + 1. */
struct marks {
    struct tdh_map map;
    bool failed;
};

static unsigned get(const struct marks *marks, const char *id)
{
    const char *value = id != NULL ? tdh_map_get(&marks->map, id) : NULL;

    return value != NULL ? (unsigned)(uintptr_t)value - 1 : 0;
}

static void mark(struct marks *marks, const char *id, unsigned bit)
{
    if (id != NULL &&
        tdh_map_set(&marks->map, id, (void *)(uintptr_t)((get(marks, id) | bit) + 1), NULL) != 0)
        marks->failed = true;
}

/* The node that an element of `next` or `depends_on` names, or NULL. */
static const char *named(const json_t *element, const char *key)
{
    return json_is_string(element) ? json_string_value(element) : tdh_json_str(element, key, NULL);
}

/* Marks both ends of what a list, or one edge, says. */
static void mark_edges(struct marks *marks, const char *id, const json_t *list, const char *key,
                       unsigned own, unsigned others)
{
    size_t count = json_is_array(list) ? json_array_size(list) : list != NULL;

    for (size_t i = 0; i < count; i++) {
        const char *other = named(json_is_array(list) ? json_array_get(list, i) : list, key);

        mark(marks, id, own);
        mark(marks, other, others);
    }
}

static void mark_node(struct marks *marks, const json_t *node)
{
    const char *id = tdh_json_str(node, "id", NULL);

    mark_edges(marks, id, json_object_get(node, "next"), "to", LEADS, IS_LED_TO);
    mark_edges(marks, id, json_object_get(node, "depends_on"), "node", IS_LED_TO, LEADS);
    mark(marks, tdh_json_str(json_object_get(node, "on_error"), "goto", NULL), IS_LED_TO);
}

/* The node of that type, when there is exactly one; borrowed. */
static json_t *only(const json_t *nodes, const char *type)
{
    json_t *node, *found = NULL;
    size_t i;

    json_array_foreach ((json_t *)nodes, i, node)
        if (strcmp(tdh_json_str(node, "type", ""), type) == 0) {
            if (found != NULL)
                return NULL;
            found = node;
        }
    return found;
}

/* Adds edges to all nodes without the mark, but for `from` and `except`. */
static int add(const json_t *nodes, const struct marks *marks, unsigned bit, json_t *from,
               const char *key, const json_t *except)
{
    json_t *list = json_array(), *node;
    int rc = list != NULL ? 0 : -1;
    size_t i;

    json_array_foreach ((json_t *)nodes, i, node) {
        json_t *id = json_object_get(node, "id");

        if (rc == 0 && node != from && node != except &&
            (get(marks, json_string_value(id)) & bit) == 0)
            rc = json_array_append(list, id);
    }
    if (json_array_size(list) == 0 && except != NULL && rc == 0)
        rc = json_array_append(list, json_object_get(except, "id")); /* nothing but start and end */
    if (rc == 0)
        return json_object_set_new(from, key, list);
    json_decref(list);
    return -1;
}

static bool lacks(const struct marks *marks, const json_t *node, unsigned bit, const char *key)
{
    return node != NULL && json_object_get(node, key) == NULL &&
           (get(marks, tdh_json_str(node, "id", NULL)) & bit) == 0;
}

static int imply(const json_t *nodes, struct marks *marks)
{
    json_t *start = only(nodes, "start"), *end = only(nodes, "end");
    bool start_lacks, end_lacks;
    size_t i;
    json_t *node;

    json_array_foreach ((json_t *)nodes, i, node)
        mark_node(marks, node);
    start_lacks = lacks(marks, start, LEADS, "next");
    end_lacks = lacks(marks, end, IS_LED_TO, "depends_on");
    if (marks->failed)
        return -1;
    if (start_lacks && add(nodes, marks, IS_LED_TO, start, "next", end_lacks ? end : NULL) != 0)
        return -1;
    if (!end_lacks || (start_lacks && json_array_size(nodes) == 2))
        return 0; /* nothing but start and end: the start leads to it by now */
    return add(nodes, marks, LEADS, end, "depends_on", start_lacks ? start : NULL);
}

int tdh_dsl_imply(json_t *workflow, struct td_err *err)
{
    struct marks marks = { 0 };
    int rc = imply(json_object_get(workflow, "nodes"), &marks);

    tdh_map_free(&marks.map, NULL);
    return rc == 0 ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the edges of a workflow");
}
