/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_tune_flow: plain workflows. Where nodes without effects stand in a straight row, those that
 * do not read each other need not wait for each other, and those that nobody reads need not run.
 *
 * A row is of tasks that write no variables and say nothing of failures, each with one edge to the
 * next. Its first node keeps the edges that lead to it, its last one those that leave it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "flow/chain_tune.h"
#include "flow/plan.h"

/* What nodes of the whole workflow do to the world. */
struct effects {
    uint32_t *before; /* of a node with one predecessor: that */
    bool *is_one;     /* by node: it has effects, or may have */
    uint32_t count;
    bool has_undo;
};

struct row {
    const struct tdh_graph *graph;
    uint32_t *nodes; /* their indexes */
    size_t count;
    const struct tdh_node *from,
        *to; /* what others of the first and last level may hang on; NULL */
    struct tdh_tune tune;
    size_t levels;
};

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the nodes of a workflow");
}

/* --- finding rows --- */

static bool is_plain(const struct tdh_edge *edge)
{
    return edge->when == NULL && !edge->is_otherwise && edge->is_done && !edge->is_error &&
           !edge->is_soft;
}

static bool is_pure_task(const struct tdh_chain_facts *facts, const struct tdh_node *node)
{
    const struct tdh_tune tune = { .facts = facts };
    json_t *call = node->type == NODE_TASK
                       ? json_pack("{s:s, s:s}", "agent", node->name, "action", node->action)
                       : NULL;
    int64_t ignored;
    bool is_pure = call != NULL && tdh_tune_is_pure(&tune, call, &ignored);

    json_decref(call);
    return is_pure;
}

static bool is_movable(const struct tdh_chain_facts *facts, const struct tdh_node *node)
{
    return is_pure_task(facts, node) && node->assign_count == 0 && node->undo == NULL &&
           node->join == 0 &&
           (node->on_error == ON_ERROR_COMPENSATE || node->on_error == ON_ERROR_FAIL);
}

/* The node that follows in the same row; NULL: the row ends here. */
static const struct tdh_node *follower(const struct tdh_graph *graph,
                                       const struct tdh_chain_facts *facts,
                                       const struct tdh_node *node)
{
    const struct tdh_node *next = node->edge_count == 1 ? &graph->nodes[node->edges[0].to] : NULL;

    return next != NULL && is_plain(&node->edges[0]) && next->in_count == 1 &&
                   next->on_error == node->on_error && is_movable(facts, next)
               ? next
               : NULL;
}

/* The one node with a plain edge to this one; NULL: there are several, or a choice. */
static const struct tdh_node *leader(const struct tdh_graph *graph, const struct tdh_node *node)
{
    for (uint32_t i = 0; node->in_count == 1 && i < graph->count; i++)
        for (size_t e = 0; e < graph->nodes[i].edge_count; e++)
            if (graph->nodes[i].edges[e].to == node->index)
                return is_plain(&graph->nodes[i].edges[e]) && graph->nodes[i].type != NODE_DECISION
                           ? &graph->nodes[i]
                           : NULL;
    return NULL;
}

static void find_row(struct row *row, const struct tdh_chain_facts *facts,
                     const struct tdh_node *node)
{
    const struct tdh_node *last = node, *end;

    row->from = leader(row->graph, node);
    for (row->count = 0; node != NULL; node = follower(row->graph, facts, node)) {
        row->nodes[row->count++] = node->index;
        last = node;
    }
    end = last->edge_count == 1 && is_plain(&last->edges[0]) ? &row->graph->nodes[last->edges[0].to]
                                                             : NULL;
    row->to = end != NULL && end->join == 0 ? end : NULL;
}

static bool begins_row(const struct tdh_graph *graph, const struct tdh_chain_facts *facts,
                       const struct tdh_node *node)
{
    const struct tdh_node *before = leader(graph, node);

    return is_movable(facts, node) && follower(graph, facts, node) != NULL &&
           (before == NULL || !is_movable(facts, before) || follower(graph, facts, before) != node);
}

/* --- effects that a row guards --- */

static bool has_effects(const struct tdh_chain_facts *facts, const struct tdh_node *node)
{
    switch (node->type) {
    case NODE_START:
    case NODE_END:
    case NODE_DECISION:
    case NODE_PARALLEL:
    case NODE_SET:
    case NODE_SLEEP:
        return false;
    default:
        return !is_pure_task(facts, node);
    }
}

static int read_effects(struct effects *effects, const struct tdh_graph *graph,
                        const struct tdh_chain_facts *facts, struct td_err *err)
{
    effects->before = calloc(graph->count, sizeof(*effects->before));
    effects->is_one = calloc(graph->count, sizeof(*effects->is_one));
    if (effects->before == NULL || effects->is_one == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        effects->has_undo = effects->has_undo || node->undo != NULL;
        effects->is_one[i] = has_effects(facts, node);
        effects->count += effects->is_one[i];
        for (size_t e = 0; e < node->edge_count; e++)
            effects->before[node->edges[e].to] = i;
    }
    return 0;
}

/* Only what stands in a straight line before the row is sure to be over when it begins: all other
 * effects may be behind it, or beside it, and not happen when it fails. */
static bool guards_effects(const struct row *row, const struct effects *effects)
{
    const struct tdh_node *node = &row->graph->nodes[row->nodes[0]];
    uint32_t rest = effects->count;

    while (node->in_count == 1) {
        node = &row->graph->nodes[effects->before[node->index]];
        rest -= effects->is_one[node->index];
    }
    return effects->has_undo || rest > 0;
}

/* --- one row --- */

/* The nodes that are not in the row, whose expressions may read it. */
static json_t *others_of(const struct row *row, const json_t *nodes)
{
    json_t *others = json_array();

    for (uint32_t i = 0; i < row->graph->count; i++) {
        bool is_own = false;

        for (size_t r = 0; r < row->count; r++)
            is_own = is_own || row->nodes[r] == i;
        if (!is_own && json_array_append(others, json_array_get(nodes, i)) != 0) {
            json_decref(others);
            return NULL;
        }
    }
    return others;
}

static int read_row(struct row *row, const json_t *nodes, struct td_err *err)
{
    struct tdh_tune *tune = &row->tune;

    tune->count = row->count;
    tune->items = calloc(row->count, sizeof(*tune->items));
    tune->output = others_of(row, nodes);
    if (tune->items == NULL || tune->output == NULL)
        return no_memory(err);
    for (size_t i = 0; i < row->count; i++) {
        const struct tdh_node *node = &row->graph->nodes[row->nodes[i]];
        struct tdh_tune_item *item = &tune->items[i];
        int64_t estimate_ms;

        snprintf(item->id, sizeof(item->id), "%s", node->id);
        item->text = json_object();
        if (item->text == NULL ||
            json_object_update(item->text, json_array_get(nodes, node->index)) != 0)
            return no_memory(err);
        item->is_movable = i > 0 && tdh_tune_is_pure(tune, item->text, &estimate_ms);
        tdh_tune_is_pure(tune, item->text, &estimate_ms);
        item->ms = tdh_tune_time(tune, item->id, estimate_ms);
    }
    tdh_tune_fill_times(tune);
    return 0;
}

/* Ids of one level. new. */
static json_t *level_ids(const struct row *row, size_t level)
{
    json_t *ids = json_array();
    int rc = 0;

    for (size_t i = 0; i < row->count; i++)
        if (!row->tune.items[i].is_gone && row->tune.items[i].level == level)
            rc |= json_array_append_new(ids, json_string(row->tune.items[i].id));
    if (rc == 0)
        return ids;
    json_decref(ids);
    return NULL;
}

/* Takes value. */
static int put(json_t *node, const char *key, json_t *value)
{
    return json_object_set_new(node, key, value);
}

static int link_item(const struct row *row, size_t place)
{
    const struct tdh_tune_item *item = &row->tune.items[place];
    bool is_first = place == 0, is_last = place + 1 == row->count;
    int rc = 0;

    if (!is_last)
        json_object_del(item->text, "next");
    if (!is_first)
        json_object_del(item->text, "depends_on");
    if (!is_first && item->level == 0)
        rc = put(item->text, "depends_on", json_pack("[s]", row->from->id));
    else if (!is_first)
        rc = put(item->text, "depends_on", level_ids(row, item->level - 1));
    if (rc == 0 && !is_last && item->level + 1 == row->levels)
        rc = put(item->text, "next", json_pack("[s]", row->to->id));
    return rc;
}

/* Puts the row's new nodes into the list; null where one is gone. */
static int write_row(const struct row *row, json_t *nodes, struct td_err *err)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct tdh_tune_item *item = &row->tune.items[i];

        if (!item->is_gone && link_item(row, i) != 0)
            return no_memory(err);
        if (json_array_set_new(nodes, row->nodes[i],
                               item->is_gone ? json_null() : json_incref(item->text)) != 0)
            return no_memory(err);
    }
    return 0;
}

struct sums {
    json_t *proposals, *nodes;
    double before_ms, after_ms;
    const char *basis;
};

static int tune_row(struct row *row, const struct effects *effects, struct sums *sums,
                    struct td_err *err)
{
    struct tdh_tune *tune = &row->tune;
    double after_ms = 0;
    int rc;

    tune->proposals = json_incref(sums->proposals);
    rc = read_row(row, sums->nodes, err);
    for (size_t i = 0; rc == 0 && i < row->count; i++)
        sums->before_ms += tune->items[i].ms;
    tune->guarded = guards_effects(row, effects) ? row->count : 0;
    if (rc == 0 && tdh_tune_remove(tune, err) == 0)
        rc = tdh_tune_level(tune, row->from == NULL, row->to == NULL, &row->levels, &after_ms, err);
    sums->after_ms += after_ms;
    sums->basis = tdh_tune_basis(tune);
    if (rc == 0 && tune->is_changed)
        rc = write_row(row, sums->nodes, err);
    tdh_tune_end(tune);
    return rc;
}

/* --- the whole --- */

static int tune_rows(const struct tdh_plan *plan, const struct tdh_chain_facts *facts,
                     struct sums *sums, struct td_err *err)
{
    uint32_t *nodes = calloc(plan->graph->count, sizeof(*nodes));
    struct effects effects = { 0 };
    int rc = nodes != NULL ? read_effects(&effects, plan->graph, facts, err) : no_memory(err);

    for (uint32_t i = 0; rc == 0 && i < plan->graph->count; i++) {
        struct row row = { .graph = plan->graph, .nodes = nodes, .tune = { .facts = facts } };

        if (!begins_row(plan->graph, facts, &plan->graph->nodes[i]))
            continue;
        find_row(&row, facts, &plan->graph->nodes[i]);
        rc = tune_row(&row, &effects, sums, err);
    }
    free(nodes);
    free(effects.before);
    free(effects.is_one);
    return rc;
}

/* The workflow with its new nodes, those that are gone left out. new. */
static json_t *new_text(const json_t *old, json_t *nodes)
{
    json_t *text = json_object();

    for (size_t i = json_array_size(nodes); i-- > 0;)
        if (json_is_null(json_array_get(nodes, i)))
            json_array_remove(nodes, i);
    if (text == NULL || json_object_update(text, (json_t *)old) != 0 ||
        json_object_set(text, "nodes", nodes) != 0) {
        json_decref(text);
        return NULL;
    }
    return text;
}

int tdh_tune_flow(const struct tdh_yaml *yaml, const struct tdh_chain_facts *facts,
                  json_t **ret_result, struct td_err *err)
{
    struct tdh_plan *plan = tdh_plan_new(yaml->root, yaml, NULL, err);
    struct sums sums = { json_array(), json_array(), 0, 0, "no nodes in a row" };
    json_t *result = NULL;
    int rc = -1;

    if (plan == NULL)
        goto out;
    if (sums.proposals == NULL || sums.nodes == NULL ||
        json_array_extend(sums.nodes, json_object_get(yaml->root, "nodes")) != 0) {
        no_memory(err);
        goto out;
    }
    if (tune_rows(plan, facts, &sums, err) != 0)
        goto out;
    result =
        json_pack("{s:O, s:f, s:f, s:f, s:s}", "proposals", sums.proposals, "before_ms",
                  sums.before_ms, "after_ms", sums.after_ms, "speedup",
                  sums.after_ms > 0 ? sums.before_ms / sums.after_ms : 1.0, "basis", sums.basis);
    if (result != NULL &&
        json_object_set_new(result, "text", new_text(yaml->root, sums.nodes)) == 0)
        rc = 0;
    else
        no_memory(err);
    if (rc == 0)
        *ret_result = json_incref(result);
out:
    json_decref(result);
    json_decref(sums.proposals);
    json_decref(sums.nodes);
    tdh_plan_free(plan);
    return rc;
}
