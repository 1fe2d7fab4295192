/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_text: a random workflow as YAML, in a spelling made by chance.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "random_flow.h"

static void write_set(struct tdh_buf *buf, const char *what, unsigned set)
{
    const char *comma = "";

    tdh_buf_printf(buf, "%s in [", what);
    for (unsigned i = 0; i < 8; i++)
        if ((set >> i & 1) != 0) {
            tdh_buf_printf(buf, "%s%u", comma, i);
            comma = ", ";
        }
    tdh_buf_char(buf, ']');
}

static void write_edge(struct tdh_buf *buf, const char *key, const char *id,
                       const struct edge *edge, bool is_plain)
{
    static const char *const abouts[] = {
        [WHEN_RESULT] = "result", [WHEN_INPUT] = "input.n", [WHEN_INDEX] = "index"
    };

    tdh_buf_printf(buf, "{%s: %s", key, id);
    if (edge->condition == OTHERWISE && !is_plain) {
        tdh_buf_text(buf, ", otherwise: true");
    } else if (edge->condition != ALWAYS && !is_plain) {
        tdh_buf_text(buf, ", when: '");
        write_set(buf, abouts[edge->condition], edge->set);
        tdh_buf_char(buf, '\'');
    }
    if (edge->is_soft && !is_plain)
        tdh_buf_text(buf, ", soft: true");
    tdh_buf_text(buf, "}, ");
}

/* How each edge is spelled: bits. */
enum { IN_NEXT = 1, IN_DEPENDS = 2, SAYS_IN_DEPENDS = 4 };

static unsigned spelling(struct flow *flow, const struct node *from)
{
    unsigned chance = (unsigned)flow_random(flow, 6);

    if (from->kind == DECISION) /* the order of its edges stands in `next` */
        return chance > 2 ? IN_NEXT : IN_NEXT | IN_DEPENDS;
    return (unsigned[]){ IN_NEXT,
                         IN_NEXT,
                         IN_NEXT | IN_DEPENDS,
                         IN_NEXT | IN_DEPENDS | SAYS_IN_DEPENDS,
                         IN_DEPENDS | SAYS_IN_DEPENDS,
                         IN_DEPENDS | SAYS_IN_DEPENDS }[chance];
}

struct spellings {
    unsigned char of[GRAPH_NODES][NODE_EDGES];
};

static void write_edges(struct tdh_buf *buf, const struct graph *graph, unsigned node,
                        const struct spellings *how)
{
    const struct node *from = &graph->nodes[node];

    tdh_buf_text(buf, from->kind == END ? "" : ", next: [");
    for (unsigned e = 0; e < from->edge_count; e++)
        if (from->edges[e].is_done && (how->of[node][e] & IN_NEXT) != 0)
            write_edge(buf, "to", graph->nodes[from->edges[e].to].id, &from->edges[e],
                       (how->of[node][e] & SAYS_IN_DEPENDS) != 0);
    tdh_buf_text(buf, from->kind == END ? "" : "]");
    tdh_buf_text(buf, from->kind == START ? "" : ", depends_on: [");
    for (unsigned i = 0; i < graph->count; i++)
        for (unsigned e = 0; e < graph->nodes[i].edge_count; e++)
            if (graph->nodes[i].edges[e].to == node && graph->nodes[i].edges[e].is_done &&
                (how->of[i][e] & IN_DEPENDS) != 0)
                write_edge(buf, "node", graph->nodes[i].id, &graph->nodes[i].edges[e],
                           (how->of[i][e] & SAYS_IN_DEPENDS) == 0);
    tdh_buf_text(buf, from->kind == START ? "" : "]");
}

static void write_nodes(struct flow *flow, struct tdh_buf *buf, const struct graph *graph);

static void write_variables(struct tdh_buf *buf, const struct node *node)
{
    static const char *const firsts[] = { "0", "'${input.n}'", "'${index}'" };

    tdh_buf_printf(buf, ", variables: {v%d: %s}", node->own, firsts[node->first]);
    if (node->is_typed)
        tdh_buf_printf(buf, ", types: {v%d: integer}", node->own);
}

static void write_body(struct flow *flow, struct tdh_buf *buf, const struct node *node)
{
    const struct graph *body = node->body;
    const char *output = body->nodes[body->output].id;
    bool is_share = flow_is_lucky(flow, 50);

    tdh_buf_text(buf, ", body: [");
    write_nodes(flow, buf, body);
    tdh_buf_char(buf, ']');
    if (node->own >= 0)
        write_variables(buf, node);
    if (node->gives_own)
        tdh_buf_printf(buf, ", output: '${vars.v%d}'", node->own);
    else if (body->count > 1 || flow_is_lucky(flow, 50))
        tdh_buf_printf(buf, ", output: '${has(nodes.%s) ? nodes.%s.output : null}'", output,
                       output);
    if (node->kind == MAP || flow_is_lucky(flow, 30)) {
        tdh_buf_text(buf, node->kind == MAP ? ", over: [" : ", for_each: [");
        for (unsigned i = 0; i < node->rounds; i++)
            tdh_buf_printf(buf, "'i%u', ", i);
        tdh_buf_char(buf, ']');
    } else if (node->rounds > 0 && (node->has_until || node->while_variable >= 0)) {
        tdh_buf_printf(buf, ", max: %u", node->rounds);
    } else {
        tdh_buf_printf(buf, ", times: %u", node->rounds);
    }
    if (node->max_parallel > 0)
        tdh_buf_printf(buf, ", max_parallel: %u", node->max_parallel);
    if (node->max_failures > 0)
        tdh_buf_printf(buf, ", max_failures: %u%s",
                       is_share ? node->max_failures : node->max_failures * node->rounds / 100,
                       is_share ? "%" : "");
    if (node->while_variable >= 0) {
        tdh_buf_printf(buf, ", while: 'vars.v%d", node->while_variable);
        write_set(buf, "", node->while_set);
        tdh_buf_char(buf, '\'');
    }
    if (node->has_until) {
        tdh_buf_text(buf, ", until: '");
        write_set(buf, "result", node->until_set);
        tdh_buf_char(buf, '\'');
    }
}

/* What the workflow's own nodes have given when the end is reached. */
static void write_output(struct tdh_buf *buf, const struct graph *graph, const char *end)
{
    tdh_buf_printf(buf, ", output: {end: %s", end);
    for (unsigned i = 1; i < graph->count; i++)
        if (graph->nodes[i].kind != END)
            tdh_buf_printf(buf, ", %s: '${has(nodes.%s) ? nodes.%s.output : -1}'",
                           graph->nodes[i].id, graph->nodes[i].id, graph->nodes[i].id);
    tdh_buf_char(buf, '}');
}

static void write_node(struct flow *flow, struct tdh_buf *buf, const struct graph *graph,
                       unsigned place, const struct spellings *how)
{
    static const char *const types[] = { "task, agent: any, action: do",
                                         "wait, signal: go",
                                         "sleep, duration: 1s",
                                         "subworkflow, workflow: other",
                                         "start",
                                         "end",
                                         "decision",
                                         "parallel",
                                         "loop",
                                         "map" };
    const struct node *node = &graph->nodes[place];

    tdh_buf_printf(buf, "{id: %s, type: %s", node->id, types[node->kind]);
    write_edges(buf, graph, place, how);
    if (node->join == 1 && flow_is_lucky(flow, 50))
        tdh_buf_text(buf, ", join: any");
    else if (node->join > 0)
        tdh_buf_printf(buf, ", join: %u", node->join);
    if (node->on_error == SKIP)
        tdh_buf_text(buf, ", on_error: skip");
    for (unsigned e = 0; e < node->edge_count; e++)
        if (node->edges[e].is_error)
            tdh_buf_printf(buf, ", on_error: {goto: %s}", graph->nodes[node->edges[e].to].id);
    if (node->has_timeout)
        tdh_buf_text(buf, ", timeout: 1h");
    if (node->writes >= 0)
        tdh_buf_printf(buf, ", outputs: {v%d: '${result}'}", node->writes);
    if (graph != flow->graph && node->kind == TASK)
        tdh_buf_text(buf, ", inputs: {i: '${index}', v: '${vars}'}");
    if (node->body != NULL)
        write_body(flow, buf, node);
    if (node->kind == END)
        write_output(buf, graph, node->id);
    tdh_buf_text(buf, graph == flow->graph ? "}" : "}, ");
}

/* In any order: it means nothing. */
static void write_nodes(struct flow *flow, struct tdh_buf *buf, const struct graph *graph)
{
    struct spellings how;
    unsigned order[GRAPH_NODES];

    for (unsigned i = 0; i < graph->count; i++) {
        unsigned j = (unsigned)flow_random(flow, i + 1);

        for (unsigned e = 0; e < graph->nodes[i].edge_count; e++)
            how.of[i][e] = (unsigned char)spelling(flow, &graph->nodes[i]);
        order[i] = order[j];
        order[j] = i;
    }
    for (unsigned i = 0; i < graph->count; i++) {
        tdh_buf_text(buf, graph == flow->graph ? "- " : "");
        write_node(flow, buf, graph, order[i], &how);
        tdh_buf_text(buf, graph == flow->graph ? "\n" : "");
    }
}

char *flow_text(struct flow *flow)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_text(&buf, "id: t\nvariables: {");
    for (unsigned i = 0; i < flow->variable_count; i++)
        if (!flow->is_of_body[i])
            tdh_buf_printf(&buf, "v%u: 0, ", i);
    tdh_buf_text(&buf, "}\nnodes:\n");
    write_nodes(flow, &buf, flow->graph);
    return tdh_buf_steal(&buf);
}
