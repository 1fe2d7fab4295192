/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph: the nodes of a workflow or of a body.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "flow/plan.h"

bool tdh_flow_is_id(const char *id)
{
    size_t length = strlen(id);

    return length > 0 && length <= 64 && strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

/* --- heads: what must be known of every node before any is read --- */

static bool is_taken(const struct tdh_graph *graph, const char *id)
{
    for (; graph != NULL; graph = graph->outer)
        if (tdh_map_get(&graph->ids, id) != NULL)
            return true;
    return false;
}

static int read_id(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *text, struct td_err *err)
{
    const char *id = tdh_json_str(text, "id", "");

    if (!json_is_object(text))
        return tdh_flow_fail(reader, node->pointer, err, "a node is a map with \"id\" and \"type\"");
    if (!tdh_flow_is_id(id))
        return tdh_flow_fail(reader, node->pointer, err, "a node needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"");
    if (is_taken(graph, id))
        return tdh_flow_fail(reader, node->pointer, err, "there are two nodes \"%s\"", id);
    node->id = strdup(id);
    if (node->id == NULL || tdh_map_set(&graph->ids, id, node, NULL) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a node");
    return 0;
}

static int read_type(struct tdh_flow_reader *reader, const struct tdh_graph *graph, struct tdh_node *node, const json_t *text,
                     struct td_err *err)
{
    const char *type = tdh_json_str(text, "type", NULL), *near = NULL;
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/type", node->pointer);
    if (type == NULL)
        return tdh_flow_fail(reader, at, err, "node \"%s\" needs a \"type\"", node->id);
    if (tdh_node_type_parse(type, &node->type, &near) != 0)
        return tdh_flow_fail_near(reader, at, NULL, near, err, "there is no node type \"%.100s\"", type);
    if (graph->owner != NULL && (node->type == NODE_START || node->type == NODE_END))
        return tdh_flow_fail(reader, at, err, "a body has no \"%s\": it begins with the nodes that nothing leads to", type);
    return tdh_node_check_keys(reader, node, text, err);
}

static int read_head(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *text,
                     struct td_err *err)
{
    if (read_id(reader, graph, node, text, err) != 0 || read_type(reader, graph, node, text, err) != 0)
        return -1;
    return tdh_call_look(reader, node, text, err);
}

static int read_heads(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes, const char *pointer, struct td_err *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct tdh_node *node = &graph->nodes[i];

        node->index = i;
        if (asprintf(&node->pointer, "%s/%u", pointer, i) < 0) {
            node->pointer = NULL;
            return td_fail(err, TD_E_NOMEM, "could not allocate a node");
        }
        if (read_head(reader, graph, node, json_array_get(nodes, i), err) != 0)
            return -1;
    }
    return 0;
}

/* --- the whole --- */

static int read_nodes(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes, const char *pointer, struct td_err *err)
{
    if (read_heads(reader, graph, nodes, pointer, err) != 0 || tdh_scope_nodes(reader, graph, err) != 0)
        return -1;
    for (uint32_t i = 0; i < graph->count; i++)
        if (tdh_node_read(reader, &graph->nodes[i], json_array_get(nodes, i), err) != 0)
            return -1;
    if (tdh_graph_link(reader, graph, nodes, err) != 0)
        return -1;
    return tdh_graph_check(reader, graph, err);
}

/* An item is there in the body of a list, and in what is within. */
static unsigned roots_seen(const struct tdh_graph *outer, const json_t *owner_text)
{
    if (outer == NULL)
        return ROOTS_ALWAYS;
    return outer->sees | ROOT_BIT(ROOT_INDEX) | (owner_text != NULL ? ROOT_BIT(ROOT_ITEM) : 0);
}
