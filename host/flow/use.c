/* SPDX-License-Identifier: Apache-2.0 */
/*
 * use: what a workflow calls can be used by one run: no plugin excludes another, and what they
 * require is there. What workflows below it call is their own.
 */
#include <stdlib.h>

#include "flow/plan.h"

/* Agents and patterns, each once, with the first node that calls it. */
struct uses {
    struct tdh_flow_use *uses;
    const struct tdh_node **nodes;
    size_t count, room;
    struct tdh_map names;
};

static int make_room(struct uses *uses)
{
    size_t room = uses->room > 0 ? uses->room * 2 : 16;
    struct tdh_flow_use *list = realloc(uses->uses, room * sizeof(*list));
    const struct tdh_node **nodes;

    if (list == NULL)
        return -1;
    uses->uses = list;
    nodes = realloc(uses->nodes, room * sizeof(const struct tdh_node *));
    if (nodes == NULL)
        return -1;
    uses->nodes = nodes;
    uses->room = room;
    return 0;
}

static int add_node(struct uses *uses, const struct tdh_node *node)
{
    char key[TDH_POINTER_MAX];

    snprintf(key, sizeof(key), "%s/%s", tdh_node_type_name(node->type), node->name);
    if (tdh_map_get(&uses->names, key) != NULL)
        return 0;
    if ((uses->count == uses->room && make_room(uses) != 0) ||
        tdh_map_set(&uses->names, key, (void *)node, NULL) != 0)
        return -1;
    uses->uses[uses->count] = (struct tdh_flow_use){
        .target = node->type == NODE_PATTERN ? TD_TARGET_PATTERN : TD_TARGET_AGENT,
        .name = node->name,
    };
    uses->nodes[uses->count++] = node;
    return 0;
}

static int add_graph(struct uses *uses, const struct tdh_graph *graph)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        if ((node->type == NODE_TASK || node->type == NODE_PATTERN) && add_node(uses, node) != 0)
            return -1;
        if (node->undo != NULL && add_node(uses, node->undo) != 0)
            return -1;
        if (node->body != NULL && add_graph(uses, node->body) != 0)
            return -1;
    }
    return 0;
}

static int fail_at(const struct tdh_flow_reader *reader, const struct tdh_node *first,
                   const struct tdh_node *second, struct td_err *err)
{
    if (err->code == TD_E_NOMEM)
        return -1;
    if (first != second)
        td_context(err, "nodes \"%s\" and \"%s\" use plugins that exclude each other", first->id,
                   second->id);
    return tdh_flow_at_member(reader, second->pointer,
                              second->type == NODE_PATTERN ? "pattern" : "agent", err);
}

int tdh_uses_check(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                   struct td_err *err)
{
    const struct tdh_flow_world *world = reader->world;
    struct uses uses = { 0 };
    size_t places[2];
    int rc = 0;

    if (world == NULL || world->together == NULL)
        return 0;
    if (add_graph(&uses, graph) != 0)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate what a workflow uses");
    else if (world->together(world->arg, uses.uses, uses.count, places, err) != 0)
        rc = fail_at(reader, uses.nodes[places[0]], uses.nodes[places[1]], err);
    tdh_map_free(&uses.names, NULL);
    free(uses.uses);
    free(uses.nodes);
    return rc;
}
