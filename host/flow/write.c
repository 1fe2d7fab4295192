/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write: no variable is written by two nodes that can run at the same time.
 *
 * Two nodes cannot when one waits for the other, or when a fork sends a run to one of them or to
 * the other. The fork is the nearest node that every way to both goes through (their common
 * ancestor in the dominator tree); its edges to the one and to the other must exclude each other.
 * What a body writes its loop writes, but for the body's own variables.
 *
 * Items of a map are in its body at the same time. They write what is their own. With `in_order`,
 * where a node has one item at a time, one node of the body may write a variable from around it.
 */
#include <stdlib.h>
#include <string.h>

#include "flow/plan.h"

enum { EDGE_PLAIN = 1, EDGE_WHEN = 2, EDGE_OTHERWISE = 4, EDGE_ERROR = 8 };
static const uint32_t none = UINT32_MAX;
static const uint64_t steps_max =
    200000000; /* of one check; a workflow people can read needs far less than a thousandth */

/* One node writes one variable. */
struct row {
    const char *variable;
    uint32_t node;
    bool is_outer; /* declared around the graph */
};

struct check {
    const struct tdh_graph *graph;
    const uint32_t *order;
    struct row *rows;
    size_t row_count, row_room;
    uint32_t *columns; /* of the nodes that share a variable with others; none: does not */
    uint32_t column_count;
    size_t words;            /* of a row of bits */
    uint64_t *waits, *leads; /* by node: the columns surely over before it begins; those it leads
                                to, itself too */
    uint32_t *parents,
        *depths; /* the dominator tree; its root is the number behind the last node */
    uint64_t steps;
};

/* --- who writes what --- */

static int add_row(struct check *check, const struct tdh_assign *assign, uint32_t node)
{
    if (check->row_count == check->row_room) {
        size_t room = check->row_room > 0 ? check->row_room * 2 : 16;
        struct row *rows = realloc(check->rows, room * sizeof(*rows));

        if (rows == NULL)
            return -1;
        check->rows = rows;
        check->row_room = room;
    }
    check->rows[check->row_count++] =
        (struct row){ assign->variable, node, assign->scope->depth < check->graph->depth };
    return 0;
}

/* Bodies nest TDH_FLOW_DEPTH deep at most; their own variables are not there for the graph. */
static int add_rows(struct check *check, const struct tdh_node *node, uint32_t as)
{
    for (size_t i = 0; i < node->assign_count; i++)
        if (node->assigns[i].scope->depth <= check->graph->depth &&
            add_row(check, &node->assigns[i], as) != 0)
            return -1;
    for (uint32_t i = 0; node->body != NULL && i < node->body->count; i++)
        if (add_rows(check, &node->body->nodes[i], as) != 0)
            return -1;
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->variable, y->variable);

    return order != 0 ? order : (x->node > y->node) - (x->node < y->node);
}

/* Collects them by variable, each pair once. */
static int collect(struct check *check)
{
    size_t kept = 0;

    for (uint32_t i = 0; i < check->graph->count; i++)
        if (add_rows(check, &check->graph->nodes[i], i) != 0)
            return -1;
    if (check->row_count > 0)
        qsort(check->rows, check->row_count, sizeof(*check->rows), compare_rows);
    for (size_t i = 0; i < check->row_count; i++)
        if (kept == 0 || compare_rows(&check->rows[kept - 1], &check->rows[i]) != 0)
            check->rows[kept++] = check->rows[i];
    check->row_count = kept;
    return 0;
}

static size_t group_end(const struct check *check, size_t begin)
{
    size_t end = begin + 1;

    while (end < check->row_count &&
           strcmp(check->rows[end].variable, check->rows[begin].variable) == 0)
        end++;
    return end;
}

static void give_columns(struct check *check)
{
    for (uint32_t i = 0; i < check->graph->count; i++)
        check->columns[i] = none;
    for (size_t begin = 0, end; begin < check->row_count; begin = end) {
        end = group_end(check, begin);
        for (size_t i = begin; end - begin > 1 && i < end; i++)
            if (check->columns[check->rows[i].node] == none)
                check->columns[check->rows[i].node] = check->column_count++;
    }
    check->words = (check->column_count + 63) / 64;
}

/* --- bits --- */

static void set_own(const struct check *check, uint64_t *bits, uint32_t node)
{
    if (check->columns[node] != none)
        bits[check->columns[node] / 64] |= (uint64_t)1 << check->columns[node] % 64;
}

static bool has(const struct check *check, const uint64_t *table, uint32_t row, uint32_t node)
{
    return (table[row * check->words + check->columns[node] / 64] >> check->columns[node] % 64 &
            1) != 0;
}

/* A node waits for what all its predecessors waited for; with a join of some, only for what each of
 * them did. */
static void fill_waits(struct check *check, uint64_t *row)
{
    for (uint32_t at = 0; at < check->graph->count; at++) {
        const struct tdh_node *from = &check->graph->nodes[check->order[at]];

        memcpy(row, &check->waits[from->index * check->words], check->words * sizeof(*row));
        set_own(check, row, from->index);
        for (size_t e = 0; e < from->edge_count; e++) {
            const struct tdh_node *to = &check->graph->nodes[from->edges[e].to];
            uint64_t *waits = &check->waits[to->index * check->words];
            bool is_first = check->parents[to->index] == none;

            check->parents[to->index] = 0; /* borrowed as a mark until the tree is made */
            for (size_t i = 0; i < check->words; i++)
                waits[i] = to->join == 0 || is_first ? waits[i] | row[i] : waits[i] & row[i];
        }
    }
}

static void fill_leads(struct check *check)
{
    for (uint32_t at = check->graph->count; at > 0; at--) {
        const struct tdh_node *from = &check->graph->nodes[check->order[at - 1]];
        uint64_t *leads = &check->leads[from->index * check->words];

        set_own(check, leads, from->index);
        for (size_t e = 0; e < from->edge_count; e++)
            for (size_t i = 0; i < check->words; i++)
                leads[i] |= check->leads[from->edges[e].to * check->words + i];
    }
}

/* --- the dominator tree --- */

/* Where the ways up from a and b meet. *a and *b become the last nodes before, where they are below
 * it. */
static uint32_t climb(struct check *check, uint32_t *a, uint32_t *b)
{
    uint32_t at_a = *a, at_b = *b;

    for (; at_a != at_b; check->steps++)
        if (check->depths[at_a] >= check->depths[at_b]) {
            *a = at_a;
            at_a = check->parents[at_a];
        } else {
            *b = at_b;
            at_b = check->parents[at_b];
        }
    return at_a;
}

static void fill_tree(struct check *check)
{
    uint32_t root = check->graph->count;

    for (uint32_t i = 0; i <= root; i++)
        check->parents[i] = none;
    for (uint32_t at = 0; at < root && check->steps <= steps_max; at++) {
        const struct tdh_node *from = &check->graph->nodes[check->order[at]];

        if (from->in_count == 0)
            check->parents[from->index] = root;
        check->depths[from->index] = check->depths[check->parents[from->index]] + 1;
        for (size_t e = 0; e < from->edge_count; e++) {
            uint32_t *parent = &check->parents[from->edges[e].to], a = *parent, b = from->index;

            *parent = a == none ? b : climb(check, &a, &b);
        }
    }
}

/* --- pairs --- */

static unsigned edge_kind(const struct tdh_edge *edge)
{
    unsigned done = edge->is_otherwise ? EDGE_OTHERWISE : edge->when ? EDGE_WHEN : EDGE_PLAIN;

    return (edge->is_done ? done : 0) | (edge->is_error ? EDGE_ERROR : 0);
}

/* A fork's edges to both; where a branch begins with a node that nothing else leads to, its edge
 * need not be looked for. */
static bool are_exclusive(struct check *check, uint32_t x, uint32_t y)
{
    uint32_t to_x = x, to_y = y, at = climb(check, &to_x, &to_y);
    unsigned kinds_x = 0, kinds_y = 0;
    const struct tdh_node *fork;

    if (at == check->graph->count)
        return false;
    fork = &check->graph->nodes[at];
    if (fork->type == NODE_DECISION && check->graph->nodes[to_x].in_count == 1 &&
        check->graph->nodes[to_y].in_count == 1)
        return true;
    for (size_t e = 0; e < fork->edge_count; e++, check->steps++) {
        bool is_to_x = has(check, check->leads, fork->edges[e].to, x),
             is_to_y = has(check, check->leads, fork->edges[e].to, y);

        if (is_to_x && is_to_y)
            return false;
        kinds_x |= is_to_x ? edge_kind(&fork->edges[e]) : 0;
        kinds_y |= is_to_y ? edge_kind(&fork->edges[e]) : 0;
    }
    return fork->type == NODE_DECISION || (kinds_x == EDGE_OTHERWISE && kinds_y == EDGE_WHEN) ||
           (kinds_x == EDGE_WHEN && kinds_y == EDGE_OTHERWISE) ||
           (kinds_x == EDGE_ERROR && (kinds_y & EDGE_ERROR) == 0) ||
           (kinds_y == EDGE_ERROR && (kinds_x & EDGE_ERROR) == 0);
}

static int check_pair(struct check *check, const struct tdh_flow_reader *reader,
                      const struct row *x, const struct row *y, struct td_err *err)
{
    const struct tdh_node *a = &check->graph->nodes[x->node], *b = &check->graph->nodes[y->node];

    if (++check->steps > steps_max)
        return tdh_flow_fail(
            reader, b->pointer, err,
            "too many nodes write variable \"%s\" to tell that no two do so at the same time",
            x->variable);
    if (has(check, check->waits, x->node, y->node) || has(check, check->waits, y->node, x->node) ||
        are_exclusive(check, x->node, y->node))
        return 0;
    return tdh_flow_fail(
        reader, b->pointer, err,
        "nodes \"%s\" and \"%s\" can run at the same time and both write variable \"%s\"", a->id,
        b->id, x->variable);
}

static int check_pairs(struct check *check, const struct tdh_flow_reader *reader,
                       struct td_err *err)
{
    for (size_t begin = 0, end; begin < check->row_count; begin = end) {
        end = group_end(check, begin);
        for (size_t i = begin; i < end; i++)
            for (size_t j = i + 1; j < end; j++)
                if (check_pair(check, reader, &check->rows[i], &check->rows[j], err) != 0)
                    return -1;
    }
    return 0;
}

/* --- ways --- */

static int fill(struct check *check, const struct tdh_flow_reader *reader, struct td_err *err)
{
    size_t count = check->graph->count;
    uint64_t *row;

    check->waits = calloc(count * check->words, sizeof(*check->waits));
    check->leads = calloc(count * check->words, sizeof(*check->leads));
    check->parents = malloc((count + 1) * sizeof(*check->parents));
    check->depths = calloc(count + 1, sizeof(*check->depths));
    row = calloc(check->words, sizeof(*row));
    if (check->waits == NULL || check->leads == NULL || check->parents == NULL ||
        check->depths == NULL || row == NULL) {
        free(row);
        return td_fail(err, TD_E_NOMEM, "could not allocate the ways between %zu nodes", count);
    }
    memset(check->parents, 0xff, (count + 1) * sizeof(*check->parents));
    fill_waits(check, row);
    free(row);
    fill_leads(check);
    fill_tree(check);
    return check_pairs(check, reader, err);
}

/* --- maps --- */

/* The map around the graph, within the variable's scope, whose items would write it together. */
static const struct tdh_node *find_map(const struct tdh_graph *graph,
                                       const struct tdh_assign *assign)
{
    for (; graph->depth > assign->scope->depth; graph = graph->outer)
        if (graph->owner->type == NODE_MAP && !graph->owner->is_in_order)
            return graph->owner;
    return NULL;
}

static int check_items(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                       const struct tdh_node *node, struct td_err *err)
{
    for (size_t i = 0; i < node->assign_count; i++) {
        const struct tdh_node *map = find_map(graph, &node->assigns[i]);

        if (map == NULL)
            continue;
        tdh_flow_fail(reader, node->pointer, err,
                      "node \"%s\" writes variable \"%s\" in the body of map \"%s\", whose items "
                      "run at the same time",
                      node->id, node->assigns[i].variable, map->id);
        return td_hint(err, "take the result of the map with \"outputs\", or give its body "
                            "\"variables\" of its own");
    }
    return 0;
}

static int check_maps(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                      struct td_err *err)
{
    for (uint32_t i = 0; i < graph->count; i++)
        if (check_items(reader, graph, &graph->nodes[i], err) != 0)
            return -1;
    return 0;
}

/* While one node has an item, another has the next. Rows are sorted. */
static int check_in_order(const struct check *check, const struct tdh_flow_reader *reader,
                          struct td_err *err)
{
    const struct tdh_graph *graph = check->graph;

    if (graph->owner == NULL || !graph->owner->is_in_order)
        return 0;
    for (size_t i = 1; i < check->row_count; i++) {
        const struct row *x = &check->rows[i - 1], *y = &check->rows[i];

        if (y->is_outer && strcmp(x->variable, y->variable) == 0)
            return tdh_flow_fail(
                reader, graph->nodes[y->node].pointer, err,
                "nodes \"%s\" and \"%s\" both write variable \"%s\" in the body of "
                "map \"%s\", where they can have different items at the same time",
                graph->nodes[x->node].id, graph->nodes[y->node].id, y->variable, graph->owner->id);
    }
    return 0;
}

/* --- the whole --- */

int tdh_graph_check_writers(struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                            const uint32_t *order, struct td_err *err)
{
    struct check check = { .graph = graph, .order = order };
    int rc = 0;

    if (check_maps(reader, graph, err) != 0)
        return -1;
    check.columns = calloc(graph->count, sizeof(*check.columns));
    if (check.columns == NULL || collect(&check) != 0) {
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the writers of variables");
    } else {
        give_columns(&check);
        rc = check_in_order(&check, reader, err);
        if (rc == 0 && check.column_count > 0)
            rc = fill(&check, reader, err);
    }
    free(check.rows);
    free(check.columns);
    free(check.waits);
    free(check.leads);
    free(check.parents);
    free(check.depths);
    return rc;
}
