/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope: the schemas of the roots that expressions may read, so that a name that does not exist is
 * found when the workflow is read.
 */
#include "base/json.h"
#include "flow/plan.h"

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the names of a workflow");
}

/* An object with exactly these members. Takes properties. */
static json_t *closed_object(json_t *properties)
{
    return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                     "additionalProperties", 0);
}

int tdh_scope_show_vars(struct tdh_flow_reader *reader, const struct tdh_scope *scope,
                        struct td_err *err)
{
    json_t *properties = json_object_get(reader->root_schemas[ROOT_VARS], "properties"), *value;
    const char *name;

    if (scope == NULL)
        return 0;
    json_object_foreach (scope->first, name, value)
        if (json_object_set_new(properties, name, tdh_types_shape(scope, name)) != 0)
            return no_memory(err);
    return 0;
}

void tdh_scope_hide_vars(struct tdh_flow_reader *reader, const struct tdh_scope *scope)
{
    json_t *properties = json_object_get(reader->root_schemas[ROOT_VARS], "properties"), *value;
    const char *name;

    if (scope == NULL)
        return;
    json_object_foreach (scope->first, name, value)
        json_object_del(properties, name);
}

int tdh_scope_enter(struct tdh_flow_reader *reader, const json_t *workflow, struct td_err *err)
{
    json_t *inputs = json_object_get(workflow, "inputs");

    reader->root_schemas[ROOT_VARS] = closed_object(json_object());
    reader->root_schemas[ROOT_INPUT] = inputs != NULL ? json_incref(inputs) : NULL;
    reader->root_schemas[ROOT_INDEX] = json_pack("{s:s}", "type", "integer");
    reader->root_schemas[ROOT_RUN] = closed_object(json_pack("{s:{s:s}}", "id", "type", "string"));
    reader->root_schemas[ROOT_NOW] = json_pack("{s:s}", "type", "string");
    if (reader->root_schemas[ROOT_VARS] == NULL || reader->root_schemas[ROOT_INDEX] == NULL ||
        reader->root_schemas[ROOT_RUN] == NULL || reader->root_schemas[ROOT_NOW] == NULL)
        return no_memory(err);
    return tdh_scope_show_vars(reader, &reader->plan->scope, err);
}

/* What a node's output looks like, as far as its type and its action's manifest tell. New. */
static json_t *output_schema(const struct tdh_flow_reader *reader, const struct tdh_node *node)
{
    if (node->type == NODE_START && reader->root_schemas[ROOT_INPUT] != NULL)
        return json_incref(reader->root_schemas[ROOT_INPUT]);
    if (node->type == NODE_MAP)
        return json_pack("{s:s}", "type", "array");
    if (node->type == NODE_SUBWORKFLOW && json_is_true(json_object_get(node->config, "async")))
        return closed_object(json_pack("{s:{s:s}}", "run", "type", "string"));
    if (node->approval != NULL)
        return closed_object(json_pack("{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}", "approved", "type",
                                       "boolean", "by", "type", "string", "comment", "type",
                                       "string", "votes", "type", "array"));
    return node->output_schema != NULL ? json_incref(node->output_schema) : json_object();
}

int tdh_scope_show(struct tdh_graph *graph, struct td_err *err)
{
    return json_object_update(json_object_get(graph->names, "properties"), graph->own_names) == 0
               ? 0
               : no_memory(err);
}

void tdh_scope_hide(struct tdh_graph *graph)
{
    json_t *properties = json_object_get(graph->names, "properties"), *value;
    const char *id;

    json_object_foreach (graph->own_names, id, value)
        json_object_del(properties, id);
}

int tdh_scope_nodes(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct td_err *err)
{
    graph->own_names = json_object();
    graph->names =
        graph->outer != NULL ? json_incref(graph->outer->names) : closed_object(json_object());
    for (uint32_t i = 0; i < graph->count; i++) {
        json_t *output =
            json_pack("{s:o, s:{s:s}}", "output", output_schema(reader, &graph->nodes[i]), "error",
                      "type", "object");

        if (json_object_set_new(graph->own_names, graph->nodes[i].id, closed_object(output)) != 0)
            return no_memory(err);
    }
    return tdh_scope_show(graph, err);
}

void tdh_scope_result(struct tdh_flow_reader *reader, const struct tdh_node *node)
{
    json_decref(reader->root_schemas[ROOT_RESULT]);
    reader->root_schemas[ROOT_RESULT] = node != NULL ? output_schema(reader, node) : NULL;
}

void tdh_scope_leave(struct tdh_flow_reader *reader)
{
    for (unsigned i = 0; i < ROOT_COUNT; i++)
        json_decref(reader->root_schemas[i]);
}
