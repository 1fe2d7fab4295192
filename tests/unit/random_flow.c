/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_flow: makes workflow graphs by chance. What the reader refuses is not made: cycles, nodes
 * out of reach, conditions that never count, a variable with two writers.
 */
#include "random_flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 2, ROUNDS = 4, EDGES_IN = 3, MANY = 40 };

uint64_t flow_random(struct flow *flow, uint64_t below)
{
    uint64_t z = flow->state += 0x9E3779B97F4A7C15U; /* splitmix64 */

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return (z ^ z >> 31) % below;
}

bool flow_is_lucky(struct flow *flow, unsigned percent)
{
    return flow_random(flow, 100) < percent;
}

static unsigned random_set(struct flow *flow)
{
    return (unsigned)flow_random(flow, 256);
}

/* --- edges --- */

static bool has_edge(const struct node *from, unsigned to)
{
    for (unsigned e = 0; e < from->edge_count; e++)
        if (from->edges[e].to == to)
            return true;
    return false;
}

static struct edge *add_edge(struct graph *graph, unsigned from, unsigned to)
{
    struct node *node = &graph->nodes[from];
    struct edge *edge = &node->edges[node->edge_count++];

    *edge = (struct edge){ .to = to, .is_done = true };
    graph->nodes[to].in++;
    return edge;
}

static bool may_lead(const struct graph *graph, unsigned from, unsigned to)
{
    return graph->nodes[from].kind != END && graph->nodes[to].kind != START &&
           graph->nodes[from].edge_count < NODE_EDGES && !has_edge(&graph->nodes[from], to);
}

/* Some that lead to each node; of a body not to each, in the workflow to all but the start. */
static void add_edges(struct flow *flow, struct graph *graph, bool is_body)
{
    for (unsigned to = 1; to < graph->count; to++) {
        unsigned count = (unsigned)flow_random(flow, EDGES_IN) + 1;

        if (is_body && flow_is_lucky(flow, 25))
            continue;
        for (unsigned i = 0; i < count; i++) {
            unsigned from = (unsigned)flow_random(flow, to);

            if (may_lead(graph, from, to))
                add_edge(graph, from, to);
        }
        for (unsigned from = to; graph->nodes[to].in == 0 && !is_body; from--)
            if (may_lead(graph, from - 1, to))
                add_edge(graph, from - 1, to);
    }
}

static enum condition random_condition(struct flow *flow, bool is_body)
{
    static const enum condition conditions[] = { WHEN_RESULT, WHEN_INPUT, WHEN_INDEX };

    return conditions[flow_random(flow, is_body ? 3 : 2)];
}

/* A decision's edges all say when, but for one that takes the rest: the last without, or one with
 * `otherwise` anywhere. */
static void decide_decision(struct flow *flow, struct node *node, bool is_body)
{
    unsigned last = node->edge_count - 1, chance = (unsigned)flow_random(flow, 3);

    for (unsigned e = 0; e <= last; e++) {
        node->edges[e].condition = random_condition(flow, is_body);
        node->edges[e].set = random_set(flow);
    }
    if (chance == 0)
        node->edges[last].condition = ALWAYS;
    else if (chance == 1 && last > 0)
        node->edges[flow_random(flow, last + 1)].condition = OTHERWISE;
}

static void decide_others(struct flow *flow, struct node *node, bool is_body)
{
    bool has_when = false;

    for (unsigned e = 0; e < node->edge_count; e++)
        if (flow_is_lucky(flow, 30)) {
            node->edges[e].condition = random_condition(flow, is_body);
            node->edges[e].set = random_set(flow);
            has_when = true;
        }
    for (unsigned e = 0; e < node->edge_count && has_when; e++)
        if (node->edges[e].condition == ALWAYS && flow_is_lucky(flow, 30))
            node->edges[e].condition = OTHERWISE;
}

static void add_conditions(struct flow *flow, struct graph *graph, bool is_body)
{
    for (unsigned i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];

        if ((node->kind == DECISION || node->kind == PARALLEL) && node->edge_count == 0)
            node->kind = TASK; /* those need one */
        if (node->kind == DECISION)
            decide_decision(flow, node, is_body);
        else
            decide_others(flow, node, is_body);
    }
}

/* --- failures --- */

static bool may_fail(const struct node *node)
{
    return node->kind == TASK || node->kind == WAIT || node->kind == CHILD || node->body != NULL;
}

/* To a later node: one that it leads to as well, or another. */
static void add_goto(struct flow *flow, struct graph *graph, unsigned from)
{
    struct node *node = &graph->nodes[from];
    unsigned to = from + 1 + (unsigned)flow_random(flow, graph->count - from - 1);

    if (!has_edge(node, to) && !may_lead(graph, from, to))
        return;
    node->on_error = GOTO;
    if (!has_edge(node, to))
        add_edge(graph, from, to)->is_done = false;
    for (unsigned e = 0; e < node->edge_count; e++)
        node->edges[e].is_error = node->edges[e].to == to;
}

/* A node with one counts as left when it failed, unless it is skipped. */
static void add_soft(struct flow *flow, struct node *node)
{
    for (unsigned e = 0; e < node->edge_count; e++) {
        struct edge *edge = &node->edges[e];

        edge->is_soft = edge->is_done && edge->condition != OTHERWISE && flow_is_lucky(flow, 15);
        if (edge->is_soft && node->on_error == LOSE)
            node->on_error = GOTO;
    }
}

static void add_failures(struct flow *flow, struct graph *graph)
{
    for (unsigned i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];

        if (!may_fail(node))
            continue;
        node->has_timeout = node->kind != TASK && flow_is_lucky(flow, 20);
        if (flow_is_lucky(flow, 35))
            node->on_error = SKIP;
        else if (flow_is_lucky(flow, 40) && i + 1 < graph->count)
            add_goto(flow, graph, i);
        add_soft(flow, node);
    }
}

static void add_joins(struct flow *flow, struct graph *graph)
{
    for (unsigned i = 0; i < graph->count; i++)
        if (graph->nodes[i].in > 0 && flow_is_lucky(flow, 40))
            graph->nodes[i].join = 1 + (unsigned)flow_random(flow, graph->nodes[i].in);
}

/* --- loops and maps --- */

static struct graph *make_graph(struct flow *flow, unsigned depth, bool is_in_map);

/* A task that a new variable of the body, or of one around it, may have as its only writer: items
 * of a map would write it together. NULL: there is none, or there are enough variables. */
static struct node *find_writer(const struct flow *flow, const struct graph *body)
{
    for (unsigned i = 0; i < body->count && flow->variable_count < FLOW_VARS; i++) {
        struct node *node = (struct node *)&body->nodes[i];

        if (node->kind == LOOP)
            node = find_writer(flow, node->body);
        if (node != NULL && node->kind == TASK && node->writes < 0)
            return node;
    }
    return NULL;
}

/* At the top there is no index around a loop. */
static void add_own(struct flow *flow, struct node *node, unsigned depth)
{
    node->own = (int)(flow->variable_count - 1);
    flow->is_of_body[node->own] = true;
    flow->bodies++;
    node->is_typed = flow_is_lucky(flow, 50);
    node->gives_own = flow_is_lucky(flow, 50);
    node->first = (enum first)flow_random(flow, node->kind == MAP || depth > 0 ? 3 : 2);
}

/* A loop may go round while a variable that a task of its body writes is in a set. It is the body's
 * own, or the workflow's. */
static void add_while(struct flow *flow, struct node *loop, unsigned depth, bool is_in_map)
{
    struct node *writer = find_writer(flow, loop->body);

    if (writer == NULL)
        return;
    loop->while_variable = writer->writes = (int)flow->variable_count++;
    loop->while_set = random_set(flow) | 1U; /* it mostly begins as 0 */
    if (is_in_map || flow_is_lucky(flow, 50))
        add_own(flow, loop, depth);
}

static void add_variable(struct flow *flow, struct node *node, unsigned depth)
{
    struct node *writer = find_writer(flow, node->body);

    if (writer == NULL)
        return;
    writer->writes = (int)flow->variable_count++;
    add_own(flow, node, depth);
}

static void make_body(struct flow *flow, struct node *node, unsigned depth, bool is_in_map)
{
    node->body = make_graph(flow, depth + 1, is_in_map || node->kind == MAP);
    node->rounds = (unsigned)flow_random(flow, ROUNDS + 1);
    if (flow_is_lucky(flow, 25))
        add_variable(flow, node, depth);
    if (node->kind == MAP) {
        node->max_parallel = (unsigned)flow_random(flow, 3);
        node->max_failures = flow_is_lucky(flow, 50) ? (unsigned)flow_random(flow, 100) : 0;
        return;
    }
    node->rounds += node->rounds == 0 && flow_is_lucky(flow, 70);
    node->has_until = flow_is_lucky(flow, 30);
    node->until_set = random_set(flow);
    if (node->own < 0 && flow_is_lucky(flow, 40))
        add_while(flow, node, depth, is_in_map);
}

/* --- the whole --- */

static enum kind random_kind(struct flow *flow, unsigned depth)
{
    static const enum kind kinds[] = { TASK, TASK, TASK,     WAIT,     SLEEP, CHILD,
                                       TASK, TASK, DECISION, PARALLEL, LOOP,  MAP };

    return kinds[flow_random(flow, depth < DEPTH && flow->node_count < MANY ? 12 : 10)];
}

static void make_nodes(struct flow *flow, struct graph *graph, unsigned depth, bool is_in_map)
{
    unsigned ends = depth == 0 ? 1 + (unsigned)flow_random(flow, 3) : 0;

    for (unsigned i = 0; i < graph->count; i++) {
        struct node *node = &graph->nodes[i];

        node->while_variable = node->writes = node->own = -1;
        node->kind = random_kind(flow, depth);
        if (depth == 0 && i == 0)
            node->kind = START;
        else if (i + ends >= graph->count)
            node->kind = END;
        snprintf(node->id, sizeof(node->id), "%c%u", node->kind == END ? 'e' : 'n',
                 flow->node_count++);
        if (node->kind == LOOP || node->kind == MAP)
            make_body(flow, node, depth, is_in_map);
    }
}

static struct graph *make_graph(struct flow *flow, unsigned depth, bool is_in_map)
{
    struct graph *graph = calloc(1, sizeof(*graph));
    bool is_body = depth > 0;

    if (graph == NULL)
        abort();
    flow->graphs[flow->graph_count++] = graph;
    graph->count = is_body ? 1 + (unsigned)flow_random(flow, 5 - depth)
                           : 5 + (unsigned)flow_random(flow, GRAPH_NODES - 4);
    make_nodes(flow, graph, depth, is_in_map);
    graph->output = is_body ? (int)flow_random(flow, graph->count) : -1;
    add_edges(flow, graph, is_body);
    add_conditions(flow, graph, is_body);
    add_failures(flow, graph);
    add_joins(flow, graph);
    return graph;
}

struct flow *flow_new(uint64_t seed)
{
    struct flow *flow = calloc(1, sizeof(*flow));

    if (flow == NULL)
        abort();
    flow->state = seed * 0xD1342543DE82EF95U + 1;
    flow->input = (unsigned)flow_random(flow, 8);
    flow->failures = (unsigned[]){ 0, 5, 20, 50 }[flow_random(flow, 4)];
    flow->graph = make_graph(flow, 0, false);
    return flow;
}

void flow_free(struct flow *flow)
{
    for (unsigned i = 0; i < flow->graph_count; i++)
        free(flow->graphs[i]);
    free(flow);
}
