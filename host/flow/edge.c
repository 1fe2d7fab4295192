/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge: what leads from one node to another. `next` and `depends_on` are two spellings: the same
 * pair named twice is one edge, and what one of them says of it counts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "flow/plan.h"

/* One end of a graph's edges as it is spelled in a node. */
struct spelling {
    const char *list; /* the key of the node */
    const char *name; /* the key of an edge that names the other node */
    bool is_next;
};
static const struct spelling spellings[] = { { "next", "to", true },
                                             { "depends_on", "node", false } };

struct edge_text {
    const char *other;
    const json_t *when;
    bool is_otherwise, is_soft;
};

/* --- the text of one edge --- */

static int read_member(const struct tdh_flow_reader *reader, const char *pointer,
                       const struct spelling *spelling, const char *key, const json_t *value,
                       struct edge_text *text, struct td_err *err)
{
    const char *const known[] = { spelling->name, "when", "otherwise", "soft" }, *near;
    bool *flag = strcmp(key, "soft") == 0 ? &text->is_soft : &text->is_otherwise;
    char at[TDH_POINTER_MAX];

    if (strcmp(key, spelling->name) == 0) {
        text->other = json_string_value(value);
    } else if (strcmp(key, "when") == 0) {
        text->when = value;
    } else if (strcmp(key, "otherwise") == 0 || strcmp(key, "soft") == 0) {
        snprintf(at, sizeof(at), "%s/%s", pointer, key);
        if (!json_is_boolean(value))
            return tdh_flow_fail(reader, at, err, "\"%s\" must be true or false", key);
        *flag = json_is_true(value);
    } else {
        near = strcmp(key, "to") == 0 || strcmp(key, "node") == 0 ? spelling->name
                                                                  : tdh_near(key, known, 4);
        return tdh_flow_fail_near(reader, pointer, key, near, err,
                                  "unrecognized key \"%.100s\" of an edge", key);
    }
    return 0;
}

static int read_text(const struct tdh_flow_reader *reader, const json_t *value, const char *pointer,
                     const struct spelling *spelling, struct edge_text *text, struct td_err *err)
{
    const char *key;
    json_t *member;

    *text = (struct edge_text){ .other = json_string_value(value) };
    json_object_foreach ((json_t *)value, key, member)
        if (read_member(reader, pointer, spelling, key, member, text, err) != 0)
            return -1;
    if (text->other == NULL)
        return tdh_flow_fail(reader, pointer, err,
                             "must be a node's id, or a map such as {%s: pay, when: \"vars.ok\"}",
                             spelling->name);
    if (text->when != NULL && text->is_otherwise)
        return tdh_flow_fail(reader, pointer, err,
                             "an edge has \"when\" or \"otherwise\", not both");
    if (text->is_soft && text->is_otherwise)
        return tdh_flow_fail(reader, pointer, err,
                             "an edge has \"soft\" or \"otherwise\", not both");
    return 0;
}

/* --- the edge --- */

static struct tdh_node *need_node(const struct tdh_flow_reader *reader, struct tdh_graph *graph,
                                  const char *id, const char *pointer, struct td_err *err)
{
    struct tdh_node *node = tdh_map_get(&graph->ids, id);
    const char **ids, *near = NULL;

    if (node != NULL)
        return node;
    ids = calloc(graph->count, sizeof(*ids));
    for (uint32_t i = 0; ids != NULL && i < graph->count; i++)
        ids[i] = graph->nodes[i].id;
    if (ids != NULL)
        near = tdh_near(id, ids, graph->count);
    tdh_flow_fail_near(reader, pointer, NULL, near, err, "there is no node \"%.100s\"%s", id,
                       graph->owner != NULL ? " in this body" : "");
    free(ids);
    return NULL;
}

/* The pair's place among its edges, plus one; 0: it has none. */
static size_t find_pair(const struct tdh_graph *graph, const uint32_t pair[static 2])
{
    return (size_t)(uintptr_t)tdh_map_get_n(&graph->pairs, (const char *)pair, 2 * sizeof(*pair));
}

/* Grows by doubling at powers of two. Returns -1 without memory. */
static int add_pair(struct tdh_graph *graph, struct tdh_node *from, const uint32_t pair[static 2])
{
    size_t count = from->edge_count;

    if ((count & (count - 1)) == 0) {
        struct tdh_edge *edges = realloc(from->edges, (count > 0 ? count * 2 : 1) * sizeof(*edges));

        if (edges == NULL)
            return -1;
        from->edges = edges;
    }
    if (tdh_map_set_n(&graph->pairs, (const char *)pair, 2 * sizeof(*pair),
                      (void *)(uintptr_t)(count + 1), NULL) != 0)
        return -1;
    from->edges[from->edge_count++] = (struct tdh_edge){ .to = pair[1] };
    graph->nodes[pair[1]].in_count++;
    return 0;
}

/* The edge of that pair, made when there is none. */
static struct tdh_edge *edge_between(struct tdh_graph *graph, struct tdh_node *from,
                                     const struct tdh_node *to, struct td_err *err)
{
    const uint32_t pair[2] = { from->index, to->index };
    size_t place = find_pair(graph, pair);

    if (place > 0)
        return &from->edges[place - 1];
    if (add_pair(graph, from, pair) == 0)
        return &from->edges[from->edge_count - 1];
    td_fail(err, TD_E_NOMEM, "could not allocate an edge");
    return NULL;
}

static int add_condition(struct tdh_flow_reader *reader, struct tdh_edge *edge,
                         const struct tdh_node *from, const struct edge_text *text,
                         const char *pointer, struct td_err *err)
{
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/when", pointer);
    tdh_scope_result(reader, from);
    edge->when = tdh_flow_condition(reader, text->when, at, ROOT_BIT(ROOT_RESULT), err);
    tdh_scope_result(reader, NULL);
    return edge->when != NULL ? 0 : -1;
}

/* Taken also when the node failed, which then is no failure of the run. */
static int soften(const struct tdh_flow_reader *reader, struct tdh_node *from,
                  struct tdh_edge *edge, const char *pointer, struct td_err *err)
{
    if (from->on_error == ON_ERROR_FAIL)
        return tdh_flow_fail(reader, pointer, err,
                             "the edge is \"soft\", but node \"%s\" says \"on_error: fail\"",
                             from->id);
    if (from->on_error == ON_ERROR_COMPENSATE)
        from->on_error = ON_ERROR_GOTO;
    edge->is_error = edge->is_soft = true;
    return 0;
}

static int add_edge(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *from,
                    const struct tdh_node *to, const struct edge_text *text, const char *pointer,
                    struct td_err *err)
{
    struct tdh_edge *edge = edge_between(graph, from, to, err);

    if (edge == NULL)
        return -1;
    if ((text->when != NULL || text->is_otherwise) && (edge->when != NULL || edge->is_otherwise))
        return tdh_flow_fail(reader, pointer, err,
                             "the edge from \"%s\" to \"%s\" has two conditions", from->id, to->id);
    if (text->is_soft && soften(reader, from, edge, pointer, err) != 0)
        return -1;
    edge->is_done = true;
    edge->is_otherwise = edge->is_otherwise || text->is_otherwise;
    return text->when != NULL ? add_condition(reader, edge, from, text, pointer, err) : 0;
}

/* --- all of a graph --- */

static int link_one(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node,
                    const json_t *value, const char *pointer, const struct spelling *spelling,
                    struct td_err *err)
{
    struct edge_text text;
    struct tdh_node *other;

    if (read_text(reader, value, pointer, spelling, &text, err) != 0)
        return -1;
    other = need_node(reader, graph, text.other, pointer, err);
    if (other == NULL)
        return -1;
    if (other == node)
        return tdh_flow_fail(reader, pointer, err,
                             "node \"%s\" leads to itself: repetition is a node of type \"loop\"",
                             node->id);
    return spelling->is_next ? add_edge(reader, graph, node, other, &text, pointer, err)
                             : add_edge(reader, graph, other, node, &text, pointer, err);
}

static int link_list(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node,
                     const json_t *list, const struct spelling *spelling, struct td_err *err)
{
    char at[TDH_POINTER_MAX];
    int rc = 0;

    if (!json_is_array(list)) {
        snprintf(at, sizeof(at), "%s/%s", node->pointer, spelling->list);
        return link_one(reader, graph, node, list, at, spelling, err);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        snprintf(at, sizeof(at), "%s/%s/%zu", node->pointer, spelling->list, i);
        if (link_one(reader, graph, node, json_array_get(list, i), at, spelling, err) != 0) {
            rc = -1;
            if (!tdh_fault_note(reader, err))
                return -1;
        }
    }
    return rc;
}

/* "on_error: {goto: ID}" is an edge as well. */
static int link_error(struct tdh_flow_reader *reader, struct tdh_graph *graph,
                      struct tdh_node *node, const json_t *text, struct td_err *err)
{
    char at[TDH_POINTER_MAX];
    struct tdh_node *other;
    struct tdh_edge *edge;

    if (node->on_error != ON_ERROR_GOTO)
        return 0;
    snprintf(at, sizeof(at), "%s/on_error/goto", node->pointer);
    other = need_node(reader, graph,
                      json_string_value(json_object_get(json_object_get(text, "on_error"), "goto")),
                      at, err);
    if (other == NULL)
        return -1;
    if (other == node)
        return tdh_flow_fail(reader, at, err, "node \"%s\" leads to itself: see \"retry\"",
                             node->id);
    edge = edge_between(graph, node, other, err);
    if (edge == NULL)
        return -1;
    edge->is_error = true;
    return 0;
}

/* All of one spelling before the other: a decision looks at its edges in the order of its `next`,
 * wherever the nodes stand that name it in `depends_on` as well. */
int tdh_graph_link(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes,
                   struct td_err *err)
{
    int rc = 0;

    for (uint32_t i = 0; i < graph->count; i++)
        if (link_error(reader, graph, &graph->nodes[i], json_array_get(nodes, i), err) != 0) {
            rc = -1;
            if (!tdh_fault_note(reader, err))
                return -1;
        }
    for (size_t s = 0; s < sizeof(spellings) / sizeof(spellings[0]); s++)
        for (uint32_t i = 0; i < graph->count; i++) {
            const json_t *list = json_object_get(json_array_get(nodes, i), spellings[s].list);

            if (list != NULL &&
                link_list(reader, graph, &graph->nodes[i], list, &spellings[s], err) != 0) {
                rc = -1;
                if (!tdh_fault_note(reader, err))
                    return -1;
            }
        }
    return rc;
}
