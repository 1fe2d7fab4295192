/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warn: what is no fault of a workflow, but may be meant otherwise.
 */
#include "base/json.h"
#include "flow/plan.h"

static int add(struct tdh_flow_reader *reader, const struct td_err *warning, struct td_err *err)
{
    struct tdh_plan *plan = reader->plan;

    if (plan->warnings == NULL)
        plan->warnings = json_array();
    if (json_array_size(plan->warnings) == TDH_FLOW_WARNINGS)
        return 0;
    return json_array_append_new(plan->warnings, json_string(warning->text)) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate the warnings of a workflow");
}

int tdh_warn_reconcile(struct tdh_flow_reader *reader, const struct tdh_node *node,
                       const char *pointer, struct td_err *err)
{
    struct td_err warning;

    if (reader->yaml == NULL)
        return 0;
    tdh_flow_fail(
        reader, pointer, &warning,
        "node \"%s\" asks its action what became of a call that is in doubt: of an action "
        "that has no function for that, a person is asked",
        node->id);
    return add(reader, &warning, err);
}

/* One of its edges is taken, whatever holds. */
static bool is_sure(const struct tdh_node *node)
{
    for (size_t e = 0; e < node->edge_count; e++)
        if (node->edges[e].is_otherwise || (node->edges[e].is_done && node->edges[e].when == NULL))
            return true;
    return false;
}

/* In a body that is a way to leave the rest of a round out. */
int tdh_graph_warn(struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                   struct td_err *err)
{
    struct td_err warning;

    if (graph->owner != NULL || reader->yaml == NULL)
        return 0;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        if (node->type != NODE_DECISION || is_sure(node))
            continue;
        tdh_flow_fail(
            reader, node->pointer, &warning,
            "decision \"%s\" has no edge with \"otherwise\": where none of its conditions "
            "holds, its way ends without an end",
            node->id);
        if (add(reader, &warning, err) != 0)
            return -1;
    }
    return 0;
}
