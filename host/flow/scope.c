/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope: the schemas of the roots that expressions may read, so that a name that does not exist is found when the workflow is read.
 */
#include <string.h>

#include "base/json.h"
#include "flow/plan.h"

/* An object with exactly these members. Takes properties. */
static json_t *closed_object(json_t *properties)
{
    return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
}

int tdh_scope_enter(struct tdh_flow_reader *reader, const json_t *workflow, struct td_err *err)
{
    json_t *properties = json_object(), *inputs = json_object_get(workflow, "inputs"), *value;
    json_t *error = json_pack("{s:{}, s:{}, s:{}}", "code", "text", "hint");
    const char *name;

    json_object_foreach(json_object_get(workflow, "variables"), name, value)
        json_object_set_new(properties, name, json_object());
    reader->root_schemas[ROOT_VARS] = closed_object(properties);
    reader->root_schemas[ROOT_INPUT] = inputs != NULL ? json_incref(inputs) : NULL;
    reader->root_schemas[ROOT_ERROR] = closed_object(error);
    reader->root_schemas[ROOT_INDEX] = json_pack("{s:s}", "type", "integer");
    reader->root_schemas[ROOT_RUN] = closed_object(json_pack("{s:{s:s}}", "id", "type", "string"));
    reader->root_schemas[ROOT_NOW] = json_pack("{s:s}", "type", "string");
    return reader->root_schemas[ROOT_VARS] != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the names of a workflow");
}

/* What a node's output looks like, as far as its action's manifest tells. */
static json_t *output_schema(const struct tdh_flow_reader *reader, const struct tdh_node *node, const json_t *text)
{
    const struct tdh_flow_world *world = reader->world;
    const json_t *input = NULL, *output = NULL;
    struct td_err err;

    if (node->type == NODE_MAP)
        return json_pack("{s:s}", "type", "array");
    if (node->type == NODE_TASK && world != NULL && world->action != NULL)
        world->action(world->arg, tdh_json_str(text, "agent", ""), tdh_json_str(text, "action", ""), &input, &output, &err);
    return output != NULL ? json_incref((json_t *)output) : json_object();
}

int tdh_scope_nodes(struct tdh_flow_reader *reader, const struct tdh_graph *graph, const json_t *nodes, struct td_err *err)
{
    json_t *outer = json_object_get(reader->root_schemas[ROOT_NODES], "properties");
    json_t *properties = outer != NULL ? json_copy(outer) : json_object();

    for (uint32_t i = 0; i < graph->count; i++) {
        json_t *output = output_schema(reader, &graph->nodes[i], json_array_get(nodes, i));

        json_object_set_new(properties, graph->nodes[i].id, closed_object(json_pack("{s:o}", "output", output)));
    }
    json_decref(reader->root_schemas[ROOT_NODES]);
    reader->root_schemas[ROOT_NODES] = closed_object(properties);
    return reader->root_schemas[ROOT_NODES] != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the names of a workflow");
}

void tdh_scope_leave(struct tdh_flow_reader *reader)
{
    for (unsigned i = 0; i < ROOT_COUNT; i++)
        json_decref(reader->root_schemas[i]);
}
