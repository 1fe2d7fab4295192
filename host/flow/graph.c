/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph: the nodes of a workflow or a body, their edges, and the rules a graph keeps: one start, an end, no cycle, nothing out of
 * reach, no variable that two branches could write at the same time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "flow/plan.h"

struct tdh_node *tdh_graph_node(struct tdh_graph *graph, const char *id)
{
    for (uint32_t i = 0; i < graph->count; i++)
        if (strcmp(graph->nodes[i].id, id) == 0)
            return &graph->nodes[i];
    return NULL;
}

bool tdh_flow_is_id(const char *id)
{
    size_t length = strlen(id);

    return length > 0 && length <= 64 && strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

/* --- nodes --- */

static bool is_known_outside(const struct tdh_graph *graph, const char *id)
{
    for (struct tdh_graph *outer = graph->outer; outer != NULL; outer = outer->outer)
        if (tdh_graph_node(outer, id) != NULL)
            return true;
    return false;
}

static int read_id(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *text, struct td_err *err)
{
    const char *id = tdh_json_str(text, "id", "");

    if (!json_is_object(text))
        return tdh_flow_fail(reader, node->pointer, false, err, "a node is a map with \"id\" and \"type\"");
    if (!tdh_flow_is_id(id))
        return tdh_flow_fail(reader, node->pointer, false, err, "a node needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"");
    if (tdh_graph_node(graph, id) != NULL || is_known_outside(graph, id))
        return tdh_flow_fail(reader, node->pointer, false, err, "there are two nodes \"%s\"", id);
    node->id = strdup(id);
    return node->id != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a node");
}

static int read_type(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *text, struct td_err *err)
{
    const char *type = tdh_json_str(text, "type", ""), *near = NULL;
    char at[1024];

    snprintf(at, sizeof(at), "%s/type", node->pointer);
    if (tdh_node_type_parse(type, &node->type, &near) != 0)
        return tdh_flow_fail(reader, at, false, err, "there is no node type \"%s\"%s%s%s", type, near ? ", did you mean \"" : "",
                             near ? near : "", near ? "\"" : "");
    if (graph->owner != NULL && (node->type == NODE_START || node->type == NODE_END))
        return tdh_flow_fail(reader, at, false, err, "a body has no \"%s\": it begins with the nodes that nothing leads to", type);
    return tdh_node_check_keys(reader, node->type, text, node->pointer, err);
}

static int read_heads(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes, const char *pointer, struct td_err *err)
{
    for (uint32_t i = 0, count = (uint32_t)json_array_size(nodes); i < count; i++) {
        struct tdh_node *node = &graph->nodes[i];

        node->index = i;
        if (asprintf(&node->pointer, "%s/%u", pointer, i) < 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate a node");
        if (read_id(reader, graph, node, json_array_get(nodes, i), err) != 0)
            return -1;
        graph->count = i + 1;
        if (read_type(reader, graph, node, json_array_get(nodes, i), err) != 0)
            return -1;
    }
    return 0;
}

static int read_nodes(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes, const char *pointer, struct td_err *err)
{
    if (read_heads(reader, graph, nodes, pointer, err) != 0 || tdh_scope_nodes(reader, graph, nodes, err) != 0)
        return -1;
    for (uint32_t i = 0; i < graph->count; i++)
        if (tdh_node_read(reader, graph, &graph->nodes[i], json_array_get(nodes, i), err) != 0)
            return -1;
    if (tdh_graph_link(reader, graph, nodes, err) != 0)
        return -1;
    return tdh_graph_check(reader, graph, err);
}

struct tdh_graph *tdh_graph_read(struct tdh_flow_reader *reader, const json_t *nodes, const char *pointer, struct tdh_graph *outer,
                                 struct tdh_node *owner, struct td_err *err)
{
    struct tdh_graph *graph;
    size_t count = json_array_size(nodes);

    if (count == 0 || count > TDH_FLOW_NODES) {
        tdh_flow_fail(reader, pointer, false, err, count == 0 ? "must be a list of nodes" : "has more than %d nodes", TDH_FLOW_NODES);
        return NULL;
    }
    graph = calloc(1, sizeof(*graph));
    if (graph != NULL)
        graph->nodes = calloc(count, sizeof(*graph->nodes));
    if (graph == NULL || graph->nodes == NULL) {
        free(graph);
        td_fail(err, TD_E_NOMEM, "could not allocate %zu nodes", count);
        return NULL;
    }
    graph->outer = outer;
    graph->owner = owner;
    graph->depth = outer != NULL ? outer->depth + 1 : 0;
    if (read_nodes(reader, graph, nodes, pointer, err) != 0) {
        graph->count = (uint32_t)count;
        tdh_graph_free(graph);
        return NULL;
    }
    return graph;
}

void tdh_graph_free(struct tdh_graph *graph)
{
    if (graph == NULL)
        return;
    for (uint32_t i = 0; i < graph->count; i++)
        tdh_node_end(&graph->nodes[i]);
    free(graph->nodes);
    free(graph);
}

/* --- edges --- */

struct edge_text {
    const char *to;
    const json_t *when;
    bool is_otherwise;
};

static int read_edge_text(struct tdh_flow_reader *reader, const json_t *text, const char *pointer, const char *key, struct edge_text *ret,
                          struct td_err *err)
{
    const char *name;
    json_t *value;

    *ret = (struct edge_text){ json_string_value(text), NULL, false };
    if (json_is_string(text))
        return 0;
    json_object_foreach((json_t *)text, name, value)
    {
        if (strcmp(name, key) == 0)
            ret->to = json_string_value(value);
        else if (strcmp(name, "when") == 0)
            ret->when = value;
        else if (strcmp(name, "otherwise") == 0)
            ret->is_otherwise = json_is_true(value);
        else
            return tdh_flow_fail(reader, pointer, false, err, "unrecognized key \"%s\": an edge has \"%s\", \"when\", \"otherwise\"", name, key);
    }
    if (ret->to == NULL)
        return tdh_flow_fail(reader, pointer, false, err, "must be a node's id, or a map such as {%s: pay, when: \"vars.ok\"}", key);
    return 0;
}

static struct tdh_node *need_node(struct tdh_flow_reader *reader, struct tdh_graph *graph, const char *id, const char *pointer,
                                  struct td_err *err)
{
    struct tdh_node *node = tdh_graph_node(graph, id);
    const char **ids, *near = NULL;

    if (node != NULL)
        return node;
    ids = calloc(graph->count, sizeof(*ids));
    for (uint32_t i = 0; ids != NULL && i < graph->count; i++)
        ids[i] = graph->nodes[i].id;
    if (ids != NULL)
        near = tdh_near(id, ids, graph->count);
    tdh_flow_fail(reader, pointer, false, err, "there is no node \"%s\"%s%s%s", id, near ? ", did you mean \"" : "", near ? near : "",
                  near ? "\"" : "");
    free(ids);
    return NULL;
}

static struct tdh_edge *edge_between(struct tdh_node *from, const struct tdh_node *to, struct td_err *err)
{
    struct tdh_edge *edges;

    for (size_t i = 0; i < from->edge_count; i++)
        if (from->edges[i].to == to->index)
            return &from->edges[i];
    edges = realloc(from->edges, (from->edge_count + 1) * sizeof(*edges));
    if (edges == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate an edge");
        return NULL;
    }
    from->edges = edges;
    edges[from->edge_count] = (struct tdh_edge){ .to = to->index };
    return &edges[from->edge_count++];
}

/* The same pair named twice is one edge, and its condition wins. */
static int add_edge(struct tdh_flow_reader *reader, struct tdh_node *from, const struct tdh_node *to, const struct edge_text *text,
                    const char *pointer, struct td_err *err)
{
    struct tdh_edge *edge = edge_between(from, to, err);
    char at[1100];

    if (edge == NULL)
        return -1;
    edge->is_otherwise = edge->is_otherwise || text->is_otherwise;
    if (text->when == NULL)
        return 0;
    if (edge->when != NULL)
        return tdh_flow_fail(reader, pointer, false, err, "the edge from \"%s\" to \"%s\" has two conditions", from->id, to->id);
    snprintf(at, sizeof(at), "%s/when", pointer);
    edge->when = tdh_flow_cel(reader, text->when, at, true, err);
    return edge->when != NULL ? 0 : -1;
}

static int link_list(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *list, const char *key,
                     bool is_next, struct td_err *err)
{
    size_t count = json_is_array(list) ? json_array_size(list) : 1;

    for (size_t i = 0; list != NULL && i < count; i++) {
        struct edge_text text;
        struct tdh_node *other;
        char at[1024];

        if (json_is_array(list))
            snprintf(at, sizeof(at), "%s/%s/%zu", node->pointer, is_next ? "next" : "depends_on", i);
        else
            snprintf(at, sizeof(at), "%s/%s", node->pointer, is_next ? "next" : "depends_on");
        if (read_edge_text(reader, json_is_array(list) ? json_array_get(list, i) : list, at, key, &text, err) != 0)
            return -1;
        other = need_node(reader, graph, text.to, at, err);
        if (other == NULL || add_edge(reader, is_next ? node : other, is_next ? other : node, &text, at, err) != 0)
            return -1;
    }
    return 0;
}

int tdh_graph_link(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes, struct td_err *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        const json_t *text = json_array_get(nodes, i);

        if (link_list(reader, graph, &graph->nodes[i], json_object_get(text, "next"), "to", true, err) != 0 ||
            link_list(reader, graph, &graph->nodes[i], json_object_get(text, "depends_on"), "node", false, err) != 0)
            return -1;
    }
    for (uint32_t i = 0; i < graph->count; i++)
        for (size_t e = 0; e < graph->nodes[i].edge_count; e++)
            graph->nodes[graph->nodes[i].edges[e].to].in_count++;
    return 0;
}

/* --- rules --- */

struct order {
    uint32_t *list, *waiting;
    uint32_t count;
};

/* Kahn's order; nodes of a cycle are left out. */
static void sort_nodes(const struct tdh_graph *graph, struct order *order)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        order->waiting[i] = graph->nodes[i].in_count;
        if (order->waiting[i] == 0)
            order->list[order->count++] = i;
    }
    for (uint32_t at = 0; at < order->count; at++) {
        const struct tdh_node *node = &graph->nodes[order->list[at]];

        for (size_t e = 0; e < node->edge_count; e++)
            if (--order->waiting[node->edges[e].to] == 0)
                order->list[order->count++] = node->edges[e].to;
    }
}

static int check_cycle(struct tdh_flow_reader *reader, const struct tdh_graph *graph, const struct order *order, struct td_err *err)
{
    if (order->count == graph->count)
        return 0;
    for (uint32_t i = 0; i < graph->count; i++)
        if (order->waiting[i] > 0)
            return tdh_flow_fail(reader, graph->nodes[i].pointer, false, err,
                                 "node \"%s\" is in a cycle: repetition is a node of type \"loop\" with a body", graph->nodes[i].id);
    return 0;
}

static int check_ends(struct tdh_flow_reader *reader, const struct tdh_graph *graph, struct td_err *err)
{
    uint32_t starts = 0, ends = 0;

    if (graph->owner != NULL)
        return 0;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        starts += node->type == NODE_START;
        ends += node->type == NODE_END;
        if (starts > 1 && node->type == NODE_START)
            return tdh_flow_fail(reader, node->pointer, false, err, "a workflow has one node of type \"start\", \"%s\" is another", node->id);
        if (node->type != NODE_START && node->in_count == 0)
            return tdh_flow_fail(reader, node->pointer, false, err, "node \"%s\" cannot be reached: nothing leads to it", node->id);
        if (node->type == NODE_START && node->in_count > 0)
            return tdh_flow_fail(reader, node->pointer, false, err, "nothing may lead to the start");
    }
    if (starts == 0 || ends == 0)
        return tdh_flow_fail(reader, "/nodes", false, err, "a workflow needs a node of type \"%s\"", starts == 0 ? "start" : "end");
    return 0;
}

/* Rows of bits: from[i] holds every node that can come after node i. */
static bool *reach_table(const struct tdh_graph *graph, const struct order *order)
{
    size_t count = graph->count;
    bool *reach = calloc(count * count, sizeof(*reach));

    for (uint32_t at = order->count; reach != NULL && at > 0; at--) {
        uint32_t from = order->list[at - 1];

        reach[from * count + from] = true;
        for (size_t e = 0; e < graph->nodes[from].edge_count; e++) {
            uint32_t to = graph->nodes[from].edges[e].to;

            for (size_t i = 0; i < count; i++)
                reach[from * count + i] |= reach[to * count + i];
        }
    }
    return reach;
}

static bool are_exclusive_edges(const struct tdh_node *fork, const struct tdh_edge *a, const struct tdh_edge *b)
{
    return fork->type == NODE_DECISION || (a->is_otherwise && b->when != NULL) || (b->is_otherwise && a->when != NULL);
}

/* True when a fork sends a run to one of the two or the other, never to both. */
static bool are_exclusive(const struct tdh_graph *graph, const bool *reach, uint32_t x, uint32_t y)
{
    size_t count = graph->count;

    for (uint32_t f = 0; f < count; f++)
        for (size_t i = 0; i < graph->nodes[f].edge_count; i++)
            for (size_t j = 0; j < graph->nodes[f].edge_count; j++) {
                const struct tdh_edge *a = &graph->nodes[f].edges[i], *b = &graph->nodes[f].edges[j];

                if (i != j && are_exclusive_edges(&graph->nodes[f], a, b) && reach[a->to * count + x] && !reach[b->to * count + x] &&
                    reach[b->to * count + y] && !reach[a->to * count + y])
                    return true;
            }
    return false;
}

static bool writes(const struct tdh_node *node, const char *variable)
{
    for (size_t i = 0; i < node->assign_count; i++)
        if (strcmp(node->assigns[i].variable, variable) == 0)
            return true;
    for (uint32_t i = 0; node->body != NULL && i < node->body->count; i++)
        if (writes(&node->body->nodes[i], variable))
            return true;
    return false;
}

static const char *common_variable(const struct tdh_plan *plan, const struct tdh_node *x, const struct tdh_node *y)
{
    const char *name;
    json_t *value;

    json_object_foreach(plan->variables, name, value)
        if (writes(x, name) && writes(y, name))
            return name;
    return NULL;
}

static int check_writers(struct tdh_flow_reader *reader, const struct tdh_graph *graph, const bool *reach, struct td_err *err)
{
    size_t count = graph->count;

    for (uint32_t x = 0; x < count; x++)
        for (uint32_t y = x + 1; y < count; y++) {
            const char *name;

            if (reach[x * count + y] || reach[y * count + x])
                continue;
            name = common_variable(reader->plan, &graph->nodes[x], &graph->nodes[y]);
            if (name != NULL && !are_exclusive(graph, reach, x, y))
                return tdh_flow_fail(reader, graph->nodes[y].pointer, false, err,
                                     "nodes \"%s\" and \"%s\" can run at the same time and both write variable \"%s\"", graph->nodes[x].id,
                                     graph->nodes[y].id, name);
        }
    return 0;
}

/* The iterations of a map run at the same time: what its body writes they would write together. */
static int check_map(struct tdh_flow_reader *reader, const struct tdh_graph *graph, struct td_err *err)
{
    const char *name;
    json_t *value;

    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        for (uint32_t b = 0; node->type == NODE_MAP && b < node->body->count; b++)
            json_object_foreach(reader->plan->variables, name, value)
                if (writes(&node->body->nodes[b], name))
                    return tdh_flow_fail(reader, node->body->nodes[b].pointer, false, err,
                                         "the body of map \"%s\" writes variable \"%s\": its items run at the same time", node->id, name);
    }
    return 0;
}

int tdh_graph_check(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct td_err *err)
{
    struct order order = { calloc(graph->count, sizeof(uint32_t)), calloc(graph->count, sizeof(uint32_t)), 0 };
    bool *reach = NULL;
    int rc = -1;

    if (order.list == NULL || order.waiting == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the order of %u nodes", graph->count);
        goto out;
    }
    sort_nodes(graph, &order);
    if (check_cycle(reader, graph, &order, err) != 0 || check_ends(reader, graph, err) != 0 || check_map(reader, graph, err) != 0)
        goto out;
    if (json_object_size(reader->plan->variables) > 0) {
        reach = reach_table(graph, &order);
        if (reach == NULL)
            td_fail(err, TD_E_NOMEM, "could not allocate the reach of %u nodes", graph->count);
        if (reach == NULL || check_writers(reader, graph, reach, err) != 0)
            goto out;
    }
    rc = 0;
out:
    free(reach);
    free(order.list);
    free(order.waiting);
    return rc;
}
