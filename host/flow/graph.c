/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph: the nodes of a workflow or of a body.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/plan.h"

bool tdh_flow_is_id(const char *id)
{
    size_t length = strlen(id);

    return length > 0 && length <= TDH_FLOW_ID &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

/* --- heads: what must be known of every node before any is read --- */

static bool is_taken(const struct tdh_graph *graph, const char *id)
{
    for (; graph != NULL; graph = graph->outer)
        if (tdh_map_get(&graph->ids, id) != NULL)
            return true;
    return false;
}

static int read_id(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node,
                   const json_t *text, struct td_err *err)
{
    const char *id = tdh_json_str(text, "id", "");
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/id", node->pointer); /* the node, where it has none */
    if (!json_is_object(text))
        return tdh_flow_fail(reader, node->pointer, err,
                             "a node is a map with \"id\" and \"type\"");
    if (!tdh_flow_is_id(id))
        return tdh_flow_fail(
            reader, at, err,
            "a node needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"");
    if (is_taken(graph, id))
        return tdh_flow_fail(reader, at, err, "there are two nodes \"%s\"", id);
    node->id = strdup(id);
    if (node->id == NULL || tdh_map_set(&graph->ids, id, node, NULL) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a node");
    return 0;
}

static int hint_at_types(struct td_err *err)
{
    struct tdh_buf types = { 0 };

    for (unsigned i = 0; i < NODE_UNDO; i++)
        tdh_buf_printf(&types, "%s%s", i > 0 ? " " : "", tdh_node_type_name(i));
    td_hint(err, "types are: %s", types.failed ? "" : types.data);
    tdh_buf_free(&types);
    return -1;
}

static int read_type(struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                     struct tdh_node *node, const json_t *text, struct td_err *err)
{
    const char *type = tdh_json_str(text, "type", NULL), *near = NULL;
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/type", node->pointer);
    if (type == NULL) {
        tdh_flow_fail(reader, at, err, "node \"%s\" needs a \"type\", a text", node->id);
        return hint_at_types(err);
    }
    if (tdh_node_type_parse(type, &node->type, &near) != 0) {
        tdh_flow_fail_near(reader, at, NULL, near, err, "there is no node type \"%.100s\"", type);
        return near == NULL ? hint_at_types(err) : -1;
    }
    if (graph->owner != NULL && (node->type == NODE_START || node->type == NODE_END))
        return tdh_flow_fail(reader, at, err,
                             "a body has no \"%s\": it begins with the nodes that nothing leads to",
                             type);
    return tdh_node_check_keys(reader, node, text, err);
}

static int read_head(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node,
                     const json_t *text, struct td_err *err)
{
    if (read_id(reader, graph, node, text, err) != 0 ||
        read_type(reader, graph, node, text, err) != 0)
        return -1;
    return tdh_call_look(reader, node, text, err);
}

static int read_heads(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes,
                      const char *pointer, struct td_err *err)
{
    int rc = 0;

    for (uint32_t i = 0; i < graph->count; i++) {
        struct tdh_node *node = &graph->nodes[i];

        node->index = i;
        if (asprintf(&node->pointer, "%s/%u", pointer, i) < 0) {
            node->pointer = NULL;
            return td_fail(err, TD_E_NOMEM, "could not allocate a node");
        }
        if (read_head(reader, graph, node, json_array_get(nodes, i), err) != 0) {
            rc = -1;
            if (!tdh_fault_note(reader, err))
                return -1;
        }
    }
    return rc;
}

/* --- the whole --- */

static int read_nodes(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes,
                      const char *pointer, struct td_err *err)
{
    int rc = 0;

    if (read_heads(reader, graph, nodes, pointer, err) != 0 ||
        tdh_scope_nodes(reader, graph, err) != 0)
        return -1;
    for (uint32_t i = 0; i < graph->count; i++)
        if (tdh_node_read(reader, &graph->nodes[i], json_array_get(nodes, i), err) != 0) {
            rc = -1;
            if (!tdh_fault_note(reader, err))
                return -1;
        }
    if (tdh_graph_link(reader, graph, nodes, err) != 0 || rc != 0)
        return -1;
    return tdh_graph_check(reader, graph, err);
}

static struct tdh_graph *new_graph(struct tdh_flow_reader *reader, uint32_t count,
                                   struct tdh_node *owner, struct td_err *err)
{
    struct tdh_graph *graph = calloc(1, sizeof(*graph));

    if (graph != NULL)
        graph->nodes = calloc(count, sizeof(*graph->nodes));
    if (graph == NULL || graph->nodes == NULL) {
        free(graph);
        td_fail(err, TD_E_NOMEM, "could not allocate %u nodes", count);
        return NULL;
    }
    graph->count = count;
    graph->outer = reader->graph;
    graph->depth = graph->outer != NULL ? graph->outer->depth + 1 : 0;
    graph->owner = owner;
    graph->scope = owner != NULL && owner->scope != NULL ? owner->scope
                   : graph->outer != NULL                ? graph->outer->scope
                                                         : &reader->plan->scope;
    return graph;
}

static int check_size(struct tdh_flow_reader *reader, const json_t *nodes, const char *pointer,
                      struct td_err *err)
{
    size_t count = json_array_size(nodes);

    if (count == 0)
        return tdh_flow_fail(reader, pointer, err, "must be a list of nodes, with one at least");
    if (count + reader->plan->node_count > TDH_FLOW_NODES)
        return tdh_flow_fail(reader, pointer, err, "the workflow has more than %d nodes",
                             TDH_FLOW_NODES);
    if (reader->graph != NULL && reader->graph->depth == TDH_FLOW_DEPTH)
        return tdh_flow_fail(reader, pointer, err, "bodies nest more than %d deep", TDH_FLOW_DEPTH);
    reader->plan->node_count += (uint32_t)count;
    return 0;
}

struct tdh_graph *tdh_graph_read(struct tdh_flow_reader *reader, const json_t *nodes,
                                 const char *pointer, struct tdh_node *owner, unsigned sees,
                                 struct td_err *err)
{
    struct tdh_graph *graph;
    int rc;

    if (check_size(reader, nodes, pointer, err) != 0)
        return NULL;
    graph = new_graph(reader, (uint32_t)json_array_size(nodes), owner, err);
    if (graph == NULL)
        return NULL;
    graph->sees = sees;
    reader->graph = graph;
    rc = read_nodes(reader, graph, nodes, pointer, err);
    if (owner != NULL)
        tdh_scope_hide(graph);
    reader->graph = graph->outer;
    if (rc != 0) {
        tdh_graph_free(graph);
        return NULL;
    }
    return graph;
}

void tdh_graph_forget(struct tdh_graph *graph)
{
    if (graph->outer != NULL)
        graph->outer->reads |= graph->reads;
    tdh_map_free(&graph->ids, NULL);
    graph->ids = (struct tdh_map){ 0 };
    tdh_map_free(&graph->pairs, NULL);
    graph->pairs = (struct tdh_map){ 0 };
    json_decref(graph->names);
    json_decref(graph->own_names);
    graph->names = graph->own_names = NULL;
    for (uint32_t i = 0; i < graph->count; i++) {
        json_decref(graph->nodes[i].input_schema);
        json_decref(graph->nodes[i].output_schema);
        graph->nodes[i].input_schema = graph->nodes[i].output_schema = NULL;
        graph->nodes[i].config_schema = NULL;
    }
}

void tdh_graph_free(struct tdh_graph *graph)
{
    if (graph == NULL)
        return;
    for (uint32_t i = 0; i < graph->count; i++)
        tdh_node_end(&graph->nodes[i]);
    tdh_map_free(&graph->ids, NULL);
    tdh_map_free(&graph->pairs, NULL);
    json_decref(graph->names);
    json_decref(graph->own_names);
    free(graph->nodes);
    free(graph);
}
