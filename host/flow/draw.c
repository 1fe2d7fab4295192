/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draw: a workflow's graph as Graphviz DOT.
 */
#include <string.h>

#include "base/buf.h"
#include "flow/plan.h"

/* A quoted string of DOT: the escapes of JSON are understood. */
static void add_quoted(struct tdh_buf *buf, const char *text)
{
    tdh_buf_json_string(buf, text, strlen(text));
}

static void add_graph(struct tdh_buf *buf, const struct tdh_graph *graph)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];

        add_quoted(buf, node->id);
        tdh_buf_text(buf, ";\n");
        if (node->body != NULL)
            add_graph(buf, node->body);
    }
}

char *tdh_flow_dot(const struct tdh_definition *definition, struct td_err *err)
{
    const struct tdh_plan *plan = definition->plan;
    struct tdh_buf buf = { 0 };
    char *text;

    tdh_buf_text(&buf, "digraph {\n");
    add_graph(&buf, plan->graph);
    tdh_buf_text(&buf, "}\n");
    text = tdh_buf_steal(&buf);
    if (text == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a drawing");
    return text;
}

char *tdh_flow_svg(const struct tdh_definition *definition, struct td_err *err)
{
    return tdh_flow_dot(definition, err);
}
