/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule: what a graph keeps to: one start, an end, no cycle, nothing out of reach, conditions that
 * can be decided.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "flow/plan.h"

/* Kahn's order. Nodes of a cycle, and what comes after one, are left out. Returns how many there
 * are. */
static uint32_t sort_nodes(const struct tdh_graph *graph, uint32_t *order, uint32_t *waiting)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->count; i++) {
        waiting[i] = graph->nodes[i].in_count;
        if (waiting[i] == 0)
            order[count++] = i;
    }
    for (uint32_t at = 0; at < count; at++) {
        const struct tdh_node *node = &graph->nodes[order[at]];

        for (size_t e = 0; e < node->edge_count; e++)
            if (--waiting[node->edges[e].to] == 0)
                order[count++] = node->edges[e].to;
    }
    return count;
}

/*
 * The first node of a circle. From a node that was left out a way back along such nodes ends in
 * one, after at most as many steps as there are nodes.
 */
static uint32_t find_cycle(const struct tdh_graph *graph, const uint32_t *waiting, uint32_t *before)
{
    uint32_t at = 0, first;

    for (uint32_t i = 0; i < graph->count; i++)
        for (size_t e = 0; waiting[i] > 0 && e < graph->nodes[i].edge_count; e++)
            before[graph->nodes[i].edges[e].to] = i;
    while (waiting[at] == 0)
        at++;
    for (uint32_t i = 0; i < graph->count; i++)
        at = before[at];
    first = at;
    for (uint32_t i = before[at]; i != at; i = before[i])
        first = i < first ? i : first;
    return first;
}

static int check_ends(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                      struct td_err *err)
{
    const struct tdh_node *start = NULL, *end = NULL;

    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        if (node->type == NODE_START && start != NULL)
            return tdh_flow_fail(reader, node->pointer, err,
                                 "there are two nodes of type \"start\": \"%s\" and \"%s\"",
                                 start->id, node->id);
        start = node->type == NODE_START ? node : start;
        end = node->type == NODE_END ? node : end;
    }
    if (start == NULL || end == NULL)
        return tdh_flow_fail(reader, "/nodes", err, "a workflow needs a node of type \"%s\"",
                             start == NULL ? "start" : "end");
    return 0;
}

static int check_reach(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                       struct td_err *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        if (node->type != NODE_START && node->in_count == 0) {
            tdh_flow_fail(reader, node->pointer, err,
                          "node \"%s\" cannot be reached: nothing leads to it", node->id);
            return td_hint(err, "name it in \"next\" of the node before it");
        }
        if (node->type == NODE_START && node->in_count > 0)
            return tdh_flow_fail(reader, node->pointer, err, "nothing may lead to the start");
        for (size_t e = 0; node->type == NODE_END && e < node->edge_count; e++)
            return tdh_flow_fail(reader, node->pointer, err,
                                 "end \"%s\" leads to \"%s\": nothing follows an end", node->id,
                                 graph->nodes[node->edges[e].to].id);
    }
    return 0;
}

/* A decision takes one edge, so what stands behind an edge for all the rest is never taken. */
static int check_decision(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                          const struct tdh_node *node, struct td_err *err)
{
    size_t count = node->edge_count, plain = count, otherwise = count;

    for (size_t e = count; e > 0; e--)
        if (node->edges[e - 1].is_otherwise)
            otherwise = e - 1;
        else if (node->edges[e - 1].when == NULL)
            plain = e - 1;
    for (size_t e = 0; e < count; e++) {
        size_t rest =
            plain < count && (plain < e || node->edges[e].is_otherwise) ? plain : otherwise;

        if (rest < count && rest != e &&
            (rest == plain || (node->edges[e].is_otherwise && otherwise < e)))
            return tdh_flow_fail(
                reader, node->pointer, err,
                "decision \"%s\" never leads to \"%s\": the edge to \"%s\" takes all the rest",
                node->id, graph->nodes[node->edges[e].to].id,
                graph->nodes[node->edges[rest].to].id);
    }
    return 0;
}

static int check_edges(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                       const struct tdh_node *node, struct td_err *err)
{
    bool has_done = false, has_condition = false, has_otherwise = false;
    char at[TDH_POINTER_MAX];

    for (size_t e = 0; e < node->edge_count; e++) {
        has_done = has_done || node->edges[e].is_done;
        has_condition = has_condition || node->edges[e].when != NULL;
        has_otherwise = has_otherwise || node->edges[e].is_otherwise;
    }
    if ((node->type == NODE_DECISION || node->type == NODE_PARALLEL) && !has_done)
        return tdh_flow_fail(reader, node->pointer, err, "a node of type \"%s\" needs \"next\"",
                             tdh_node_type_name(node->type));
    if (has_otherwise && !has_condition)
        return tdh_flow_fail(reader, node->pointer, err,
                             "node \"%s\" has \"otherwise\", but no edge with \"when\"", node->id);
    if (node->join > node->in_count) {
        snprintf(at, sizeof(at), "%s/join", node->pointer);
        return tdh_flow_fail(reader, at, err, "node \"%s\" joins %u, but only %u can come to it",
                             node->id, node->join, node->in_count);
    }
    return node->type == NODE_DECISION ? check_decision(reader, graph, node, err) : 0;
}

static int check_nodes(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                       struct td_err *err)
{
    if (graph->owner == NULL &&
        (check_ends(reader, graph, err) != 0 || check_reach(reader, graph, err) != 0))
        return -1;
    for (uint32_t i = 0; i < graph->count; i++)
        if (check_edges(reader, graph, &graph->nodes[i], err) != 0)
            return -1;
    return 0;
}

static bool is_same_file(const char *one, const char *other)
{
    struct stat a, b;

    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* Of a range of versions another one may be meant. */
static bool calls_itself(const struct tdh_flow_reader *reader, const struct tdh_node *node)
{
    if (node->type != NODE_SUBWORKFLOW || node->name == NULL || reader->is_within ||
        json_object_get(node->config, "version") != NULL)
        return false;
    return tdh_flow_is_path(node->name)
               ? reader->yaml != NULL && is_same_file(node->name, reader->yaml->name)
               : strcmp(node->name, reader->plan->name) == 0;
}

/* As long as the run does not fail. */
static bool is_always_taken(const struct tdh_node *node, const struct tdh_edge *edge)
{
    return edge->is_done && edge->when == NULL && !edge->is_otherwise &&
           node->on_error != ON_ERROR_GOTO;
}

/* What every run comes to must not begin the workflow again. Nodes that an edge which is always
 * taken leads to are such nodes, but for those that a `join: first` may let go of. */
static int check_recursion(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                           uint32_t *order, struct td_err *err)
{
    bool *is_sure = graph->owner == NULL ? calloc(graph->count, sizeof(*is_sure)) : NULL;
    int rc = 0;

    if (graph->owner != NULL)
        return 0;
    if (is_sure == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the order of %u nodes", graph->count);
    for (uint32_t i = 0; rc == 0 && i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[order[i]];

        is_sure[order[i]] = is_sure[order[i]] || node->type == NODE_START;
        for (size_t e = 0; is_sure[order[i]] && e < node->edge_count; e++)
            if (is_always_taken(node, &node->edges[e]))
                is_sure[node->edges[e].to] = true;
        if (is_sure[order[i]] && node->goal == 0 && calls_itself(reader, node))
            rc = tdh_flow_fail(reader, node->pointer, err,
                               "node \"%s\" runs its own workflow, \"%s\", each time: that would "
                               "never end",
                               node->id, reader->plan->name);
    }
    free(is_sure);
    return rc;
}

int tdh_graph_check(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct td_err *err)
{
    uint32_t *order = calloc(graph->count, sizeof(*order)),
             *waiting = calloc(graph->count, sizeof(*waiting));
    int rc = -1;

    if (order == NULL || waiting == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the order of %u nodes", graph->count);
    } else if (sort_nodes(graph, order, waiting) < graph->count) {
        const struct tdh_node *node = &graph->nodes[find_cycle(graph, waiting, order)];

        tdh_flow_fail(
            reader, node->pointer, err,
            "node \"%s\" is in a cycle: repetition is a node of type \"loop\" with a body",
            node->id);
    } else if (check_nodes(reader, graph, err) == 0) {
        tdh_first_find(graph, order);
        rc = check_recursion(reader, graph, order, err);
        if (rc == 0)
            rc = tdh_graph_check_writers(reader, graph, order, err);
        if (rc == 0)
            rc = tdh_graph_warn(reader, graph, err);
    }
    free(order);
    free(waiting);
    return rc;
}
