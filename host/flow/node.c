/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node: reads one node by its type's keys.
 */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "flow/plan.h"

#define ON(type) (1U << (type))
#define BODIES (ON(NODE_LOOP) | ON(NODE_MAP))

static const struct {
    const char *name;
    const char *needs[2]; /* keys it cannot be without */
} types[NODE_TYPES] = {
    [NODE_START] = { "start", { NULL } },
    [NODE_END] = { "end", { NULL } },
    [NODE_TASK] = { "task", { "agent", "action" } },
    [NODE_DECISION] = { "decision", { NULL } },
    [NODE_PARALLEL] = { "parallel", { NULL } },
    [NODE_LOOP] = { "loop", { "body", NULL } },
    [NODE_MAP] = { "map", { "over", "body" } },
    [NODE_SUBWORKFLOW] = { "subworkflow", { NULL } },
    [NODE_PATTERN] = { "pattern", { "pattern", NULL } },
    [NODE_SLEEP] = { "sleep", { NULL } },
    [NODE_WAIT] = { "wait", { NULL } },
    [NODE_EMIT] = { "emit", { "event", NULL } },
    [NODE_SET] = { "set", { NULL } },
    [NODE_UNDO] = { "compensate", { "agent", "action" } },
};

const char *tdh_node_type_name(enum tdh_node_type type)
{
    return types[type].name;
}

int tdh_node_type_parse(const char *name, enum tdh_node_type *ret_type, const char **ret_near)
{
    const char *names[NODE_UNDO];

    for (unsigned i = 0; i < NODE_UNDO; i++) {
        names[i] = types[i].name;
        if (strcmp(name, types[i].name) == 0) {
            *ret_type = (enum tdh_node_type)i;
            return 0;
        }
    }
    *ret_near = tdh_near(name, names, NODE_UNDO);
    return -1;
}

static int check_subworkflow(struct tdh_flow_reader *reader, const struct tdh_node *node,
                             const json_t *text, struct td_err *err)
{
    if (node->type != NODE_SUBWORKFLOW || (json_object_get(text, "workflow") != NULL) !=
                                              (json_object_get(text, "definition") != NULL))
        return 0;
    return tdh_flow_fail(reader, node->pointer, err,
                         "a node of type \"subworkflow\" needs \"workflow\", or else "
                         "\"definition\"");
}

int tdh_node_check_keys(struct tdh_flow_reader *reader, const struct tdh_node *node,
                        const json_t *text, struct td_err *err)
{
    const char *type = types[node->type].name, *key;
    json_t *value;

    json_object_foreach ((json_t *)text, key, value) {
        if (!tdh_key_is(key, node->type))
            return tdh_flow_fail_near(reader, node->pointer, key, tdh_key_near(key, node->type),
                                      err, "unrecognized key \"%.100s\" of a node of type \"%s\"",
                                      key, type);
    }
    for (size_t i = 0; i < 2 && types[node->type].needs[i] != NULL; i++)
        if (json_object_get(text, types[node->type].needs[i]) == NULL)
            return tdh_flow_fail(reader, node->pointer, err, "a node of type \"%s\" needs \"%s\"",
                                 type, types[node->type].needs[i]);
    return check_subworkflow(reader, node, text, err);
}

/* Comes before the other keys of a loop or map: some of them see the body. */
static int read_body(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                     struct td_err *err)
{
    bool has_item = node->type == NODE_MAP || json_object_get(text, "for_each") != NULL;
    unsigned own = ROOT_BIT(ROOT_INDEX) | (has_item ? ROOT_BIT(ROOT_ITEM) : 0);
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/body", node->pointer);
    node->is_in_order = json_is_true(json_object_get(text, "in_order"));
    if (tdh_declare_body(reader, node, text, node->type == NODE_MAP ? own : 0, err) != 0 ||
        tdh_scope_show_vars(reader, node->scope, err) != 0)
        return -1;
    node->body = tdh_graph_read(reader, json_object_get(text, "body"), at, node,
                                reader->graph->sees | own, err);
    tdh_scope_hide_vars(reader, node->scope);
    if (node->body != NULL && node->scope != NULL)
        node->body->reads |= node->scope->reads;
    return node->body != NULL ? 0 : -1;
}

static int read_keys(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                     struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)text, key, value) {
        char at[TDH_POINTER_MAX];

        snprintf(at, sizeof(at), "%s/%s", node->pointer, key);
        if (tdh_key_read(reader, node, key, value, at, err) != 0)
            return -1;
    }
    return 0;
}

/* What nobody waits for has nothing to wait for, and nothing to undo. */
static int check_async(struct tdh_flow_reader *reader, const struct tdh_node *node,
                       struct td_err *err)
{
    if (!json_is_true(json_object_get(node->config, "async")) || node->type != NODE_SUBWORKFLOW)
        return 0;
    return node->timeout_ms == 0 && node->undo == NULL
               ? 0
               : tdh_flow_fail(reader, node->pointer, err,
                               "an \"async\" subworkflow is not waited for: it has neither "
                               "\"timeout\" nor \"compensate\"");
}

/* One of the two, and not both. */
static int check_either(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                        bool has_one, bool has_other, const char *names, struct td_err *err)
{
    if (has_one != has_other)
        return 0;
    return tdh_flow_fail(reader, node->pointer, err, "a node of type \"%s\" %s %s%s",
                         tdh_node_type_name(node->type), has_one ? "has" : "needs", names,
                         has_one ? ", not both" : "");
}

static int check_pause(struct tdh_flow_reader *reader, const struct tdh_node *node,
                       struct td_err *err)
{
    if (node->type == NODE_SLEEP)
        return check_either(reader, node, node->duration != NULL, node->until != NULL,
                            "\"duration\" or \"until\"", err);
    if (node->type == NODE_WAIT)
        return check_either(reader, node, node->signal != NULL, node->approval != NULL,
                            "\"signal\" or \"approval\"", err);
    return 0;
}

static int check_set(struct tdh_flow_reader *reader, const struct tdh_node *node,
                     struct td_err *err)
{
    if (node->type != NODE_SET || node->output != NULL || node->assign_count > 0)
        return 0;
    return tdh_flow_fail(reader, node->pointer, err,
                         "a node of type \"set\" needs \"output\" or \"outputs\"");
}

static int check_loop(struct tdh_flow_reader *reader, const struct tdh_node *node,
                      struct td_err *err)
{
    if (node->type != NODE_LOOP || node->loop_while != NULL || node->loop_until != NULL ||
        node->loop_times >= 0 || node->over != NULL)
        return 0;
    return tdh_flow_fail(
        reader, node->pointer, err,
        "a node of type \"loop\" needs \"while\", \"until\", \"times\" or \"for_each\"");
}

int tdh_node_read(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                  struct td_err *err)
{
    int rc = -1;

    node->loop_times = -1;
    node->policy.size = sizeof(node->policy);
    if (((ON(node->type) & BODIES) == 0 || read_body(reader, node, text, err) == 0) &&
        read_keys(reader, node, text, err) == 0 && check_loop(reader, node, err) == 0 &&
        check_pause(reader, node, err) == 0 && check_async(reader, node, err) == 0 &&
        tdh_emit_read(reader, node, text, err) == 0 && check_set(reader, node, err) == 0 &&
        tdh_call_config(reader, node, err) == 0)
        rc = tdh_call_inputs(reader, node, text, err);
    if (node->body != NULL)
        tdh_graph_forget(node->body);
    return rc;
}

struct tdh_node *tdh_undo_read(struct tdh_flow_reader *reader, const struct tdh_node *node,
                               const json_t *text, const char *pointer, struct td_err *err)
{
    struct tdh_node *undo = calloc(1, sizeof(*undo));
    int rc = -1;

    if (undo == NULL || (undo->pointer = strdup(pointer)) == NULL ||
        (undo->id = strdup(node->id)) == NULL) {
        free(undo != NULL ? undo->pointer : NULL);
        free(undo);
        td_fail(err, TD_E_NOMEM, "could not allocate a node");
        return NULL;
    }
    undo->type = NODE_UNDO;
    tdh_scope_result(reader, node);
    if (!json_is_object(text))
        tdh_flow_fail(reader, pointer, err,
                      "must be a map such as {agent: bank, action: refund, inputs: {}}");
    else if (tdh_node_check_keys(reader, undo, text, err) == 0 &&
             tdh_call_look(reader, undo, text, err) == 0)
        rc = tdh_node_read(reader, undo, text, err);
    tdh_scope_result(reader, NULL);
    json_decref(undo->input_schema);
    json_decref(undo->output_schema);
    undo->input_schema = undo->output_schema = NULL;
    if (rc == 0)
        return undo;
    tdh_node_end(undo);
    free(undo);
    return NULL;
}

void tdh_node_end(struct tdh_node *node)
{
    for (size_t i = 0; i < node->edge_count; i++)
        tdh_cel_free(node->edges[i].when);
    for (size_t i = 0; i < node->assign_count; i++) {
        free(node->assigns[i].variable);
        tdh_template_free(node->assigns[i].value);
    }
    tdh_template_free(node->inputs);
    tdh_template_free(node->output);
    tdh_template_free(node->over);
    tdh_template_free(node->signal);
    tdh_template_free(node->approval);
    tdh_template_free(node->duration);
    tdh_template_free(node->until);
    tdh_cel_free(node->loop_while);
    tdh_cel_free(node->loop_until);
    tdh_graph_free(node->body);
    if (node->scope != NULL)
        tdh_scope_end(node->scope);
    free(node->scope);
    if (node->undo != NULL)
        tdh_node_end(node->undo);
    free(node->undo);
    json_decref(node->config);
    json_decref(node->input_schema);
    json_decref(node->output_schema);
    free(node->edges);
    free(node->assigns);
    free(node->id);
    free(node->pointer);
    free(node->name);
    free(node->action);
}
