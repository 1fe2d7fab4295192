/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node: reads one node: which keys its type has is a table, and so is what is done with each key.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "flow/plan.h"

/* Which types have a key: bits by enum tdh_node_type. */
#define ON(type) (1U << (type))
#define CALLS (ON(NODE_TASK) | ON(NODE_SUBWORKFLOW) | ON(NODE_PATTERN))
#define BODIES (ON(NODE_LOOP) | ON(NODE_MAP))
#define ANY ((1U << NODE_TYPES) - 1)

typedef int key_fn(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err);

static char *copy_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0 ? strdup(json_string_value(value)) : NULL;
}

static int read_name(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    node->name = copy_text(value);
    return node->name != NULL ? 0 : tdh_flow_fail(reader, pointer, false, err, "must be a name");
}

static int read_action(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    node->action = copy_text(value);
    return node->action != NULL ? 0 : tdh_flow_fail(reader, pointer, false, err, "must be the name of an action");
}

static int read_inputs(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    node->inputs = tdh_flow_template(reader, value, pointer, err);
    return node->inputs != NULL ? 0 : -1;
}

static int read_output(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    if (node->body != NULL)
        return 0; /* read with the body, whose names it may use */
    node->output = tdh_flow_template(reader, value, pointer, err);
    return node->output != NULL ? 0 : -1;
}

static int read_over(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    node->over = tdh_flow_template(reader, value, pointer, err);
    return node->over != NULL ? 0 : -1;
}

static int read_config(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    if (!json_is_object(value))
        return tdh_flow_fail(reader, pointer, false, err, "must be a map: the configuration of the pattern");
    node->config = json_incref((json_t *)value);
    return 0;
}

static int add_assign(struct tdh_flow_reader *reader, struct tdh_node *node, const char *name, const json_t *value, const char *pointer,
                      struct td_err *err)
{
    struct tdh_assign *assigns = realloc(node->assigns, (node->assign_count + 1) * sizeof(*assigns));
    struct tdh_assign *assign;

    if (assigns == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the outputs of a node");
    node->assigns = assigns;
    assign = &assigns[node->assign_count++];
    assign->variable = strdup(name);
    assign->value = tdh_flow_template(reader, value, pointer, err);
    return assign->variable != NULL && assign->value != NULL ? 0 : -1;
}

static int read_assigns(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    const char *name;
    json_t *text;

    if (!json_is_object(value))
        return tdh_flow_fail(reader, pointer, false, err, "must be a map of variables and values, such as {status: \"${result.status}\"}");
    json_object_foreach((json_t *)value, name, text)
    {
        char at[1024];

        snprintf(at, sizeof(at), "%s/%s", pointer, name);
        if (json_object_get(reader->plan->variables, name) == NULL)
            return tdh_flow_fail(reader, at, true, err, "there is no variable \"%s\": add it to \"variables\"", name);
        if (add_assign(reader, node, name, text, at, err) != 0)
            return -1;
    }
    return 0;
}

static int read_while(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    node->loop_while = tdh_flow_cel(reader, value, pointer, true, err);
    return node->loop_while != NULL ? 0 : -1;
}

static int read_count(struct tdh_flow_reader *reader, const json_t *value, const char *pointer, int64_t min, int64_t max, int64_t *ret,
                      struct td_err *err)
{
    *ret = json_integer_value(value);
    if (!json_is_integer(value) || *ret < min || *ret > max)
        return tdh_flow_fail(reader, pointer, false, err, "must be a whole number from %lld to %lld", (long long)min, (long long)max);
    return 0;
}

static int read_times(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    return read_count(reader, value, pointer, 0, 1000000000, &node->loop_times, err);
}

static int read_max(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    return read_count(reader, value, pointer, 1, 1000000000, &node->loop_max, err);
}

static int read_max_parallel(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer,
                             struct td_err *err)
{
    int64_t count;

    if (read_count(reader, value, pointer, 1, 1000000, &count, err) != 0)
        return -1;
    node->max_parallel = (uint32_t)count;
    return 0;
}

static int read_join(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    int64_t count;

    if (json_is_string(value) && strcmp(json_string_value(value), "all") == 0)
        return 0;
    if (json_is_string(value) && strcmp(json_string_value(value), "any") == 0) {
        node->join = 1;
        return 0;
    }
    if (!json_is_integer(value))
        return tdh_flow_fail(reader, pointer, false, err, "must be \"all\", \"any\" or a number of predecessors");
    if (read_count(reader, value, pointer, 1, TDH_FLOW_NODES, &count, err) != 0)
        return -1;
    node->join = (int)count;
    return 0;
}

/* Read elsewhere: with the graph, the policy, the body. */
static int skip(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value, const char *pointer, struct td_err *err)
{
    (void)reader;
    (void)node;
    (void)value;
    (void)pointer;
    (void)err;
    return 0;
}

static const struct key_row {
    const char *name;
    unsigned types;
    key_fn *read;
} keys[] = {
    { "id", ANY, skip },
    { "type", ANY, skip },
    { "description", ANY, skip },
    { "next", ANY & ~ON(NODE_END), skip },
    { "depends_on", ANY & ~ON(NODE_START), skip },
    { "join", ANY & ~ON(NODE_START), read_join },
    { "agent", ON(NODE_TASK), read_name },
    { "action", ON(NODE_TASK), read_action },
    { "workflow", ON(NODE_SUBWORKFLOW), read_name },
    { "pattern", ON(NODE_PATTERN), read_name },
    { "config", ON(NODE_PATTERN), read_config },
    { "inputs", CALLS, read_inputs },
    { "outputs", CALLS | BODIES, read_assigns },
    { "output", ON(NODE_END) | BODIES, read_output },
    { "retry", ON(NODE_TASK), skip },
    { "timeout", ON(NODE_TASK), skip },
    { "in_doubt", ON(NODE_TASK), skip },
    { "over", ON(NODE_MAP), read_over },
    { "for_each", ON(NODE_LOOP), read_over },
    { "max_parallel", ON(NODE_MAP), read_max_parallel },
    { "while", ON(NODE_LOOP), read_while },
    { "until", ON(NODE_LOOP), skip },
    { "times", ON(NODE_LOOP), read_times },
    { "max", ON(NODE_LOOP), read_max },
    { "body", BODIES, skip },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static const struct {
    const char *name;
    const char *needs; /* a key it cannot be without, or NULL */
} types[NODE_TYPES] = {
    [NODE_START] = { "start", NULL },       [NODE_END] = { "end", NULL },
    [NODE_TASK] = { "task", "agent" },      [NODE_DECISION] = { "decision", "next" },
    [NODE_PARALLEL] = { "parallel", "next" }, [NODE_LOOP] = { "loop", "body" },
    [NODE_MAP] = { "map", "body" },         [NODE_SUBWORKFLOW] = { "subworkflow", "workflow" },
    [NODE_PATTERN] = { "pattern", "pattern" },
};

const char *tdh_node_type_name(enum tdh_node_type type)
{
    return types[type].name;
}

int tdh_node_type_parse(const char *name, enum tdh_node_type *ret_type, const char **ret_near)
{
    const char *names[NODE_TYPES];

    for (unsigned i = 0; i < NODE_TYPES; i++) {
        names[i] = types[i].name;
        if (strcmp(name, types[i].name) == 0) {
            *ret_type = (enum tdh_node_type)i;
            return 0;
        }
    }
    *ret_near = tdh_near(name, names, NODE_TYPES);
    return -1;
}

static const struct key_row *find_key(const char *name, enum tdh_node_type type)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(keys[i].name, name) == 0 && (keys[i].types & ON(type)) != 0)
            return &keys[i];
    return NULL;
}

static const char *near_key(const char *name, enum tdh_node_type type)
{
    const char *names[KEYS];
    size_t count = 0;

    for (size_t i = 0; i < KEYS; i++)
        if ((keys[i].types & ON(type)) != 0)
            names[count++] = keys[i].name;
    return tdh_near(name, names, count);
}

int tdh_node_check_keys(struct tdh_flow_reader *reader, enum tdh_node_type type, const json_t *text, const char *pointer, struct td_err *err)
{
    const char *key, *near;
    json_t *value;

    json_object_foreach((json_t *)text, key, value)
    {
        char at[1024];

        if (find_key(key, type) != NULL)
            continue;
        snprintf(at, sizeof(at), "%s/%s", pointer, key);
        near = near_key(key, type);
        return tdh_flow_fail(reader, at, true, err, "unrecognized key \"%s\" of a node of type \"%s\"%s%s%s", key, types[type].name,
                             near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    }
    if (types[type].needs != NULL && json_object_get(text, types[type].needs) == NULL)
        return tdh_flow_fail(reader, pointer, false, err, "a node of type \"%s\" needs \"%s\"", types[type].name, types[type].needs);
    return 0;
}

static int read_policy(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text, struct td_err *err)
{
    if (tdh_policy_read(text, "node", &node->policy, err) != 0)
        return tdh_flow_at(reader, node->pointer, err);
    return 0;
}

/* The agent and the action are there, and what goes in fits the action's schema as far as it is known now. */
static int check_call(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text, struct td_err *err)
{
    const struct tdh_flow_world *world = reader->world;
    const json_t *input_schema = NULL, *output_schema = NULL;
    char at[1024];

    snprintf(at, sizeof(at), "%s/%s", node->pointer, node->type == NODE_TASK ? "agent" : types[node->type].needs);
    if (node->type == NODE_TASK && json_object_get(text, "action") == NULL)
        return tdh_flow_fail(reader, node->pointer, false, err, "a node of type \"task\" needs \"action\"");
    if (world == NULL)
        return 0;
    if (node->type == NODE_TASK && world->action != NULL &&
        world->action(world->arg, tdh_json_str(text, "agent", ""), tdh_json_str(text, "action", ""), &input_schema, &output_schema, err) != 0)
        return tdh_flow_at(reader, at, err);
    if (node->type == NODE_PATTERN && world->pattern != NULL && world->pattern(world->arg, tdh_json_str(text, "pattern", ""), err) != 0)
        return tdh_flow_at(reader, at, err);
    if (node->type == NODE_SUBWORKFLOW && world->workflow != NULL &&
        world->workflow(world->arg, tdh_json_str(text, "workflow", ""), err) != 0)
        return tdh_flow_at(reader, at, err);
    reader->want = input_schema;
    json_decref(reader->root_schemas[ROOT_RESULT]);
    reader->root_schemas[ROOT_RESULT] = output_schema != NULL ? json_incref((json_t *)output_schema) : NULL;
    return 0;
}

static int check_input_keys(struct tdh_flow_reader *reader, const struct tdh_node *node, const json_t *text, const json_t *schema,
                            struct td_err *err)
{
    const json_t *inputs = json_object_get(text, "inputs"), *properties = json_object_get(schema, "properties");
    json_t *required = json_object_get(schema, "required"), *name, *value;
    const char *key;
    size_t i;
    char at[1024];

    json_array_foreach(required, i, name)
        if (json_object_get(inputs, json_string_value(name)) == NULL)
            return tdh_flow_fail(reader, node->pointer, false, err, "\"inputs\" lacks \"%s\", which action \"%s\" of \"%s\" needs",
                                 json_string_value(name), node->action, node->name);
    if (!json_is_false(json_object_get(schema, "additionalProperties")))
        return 0;
    json_object_foreach((json_t *)inputs, key, value)
        if (json_object_get(properties, key) == NULL) {
            snprintf(at, sizeof(at), "%s/inputs/%s", node->pointer, key);
            return tdh_flow_fail(reader, at, true, err, "action \"%s\" of \"%s\" has no input \"%s\"", node->action, node->name, key);
        }
    return 0;
}

static int check_inputs(struct tdh_flow_reader *reader, const struct tdh_node *node, const json_t *text, const json_t *schema,
                        struct td_err *err)
{
    const json_t *inputs = json_object_get(text, "inputs");

    if (schema == NULL || node->type != NODE_TASK || (inputs != NULL && !json_is_object(inputs)))
        return 0;
    return check_input_keys(reader, node, text, schema, err);
}

static int read_body(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *text, struct td_err *err)
{
    char at[1024];
    json_t *until = json_object_get(text, "until"), *output = json_object_get(text, "output"), *outer_nodes;
    int rc = -1;

    if (graph->depth + 1 > TDH_FLOW_DEPTH)
        return tdh_flow_fail(reader, node->pointer, false, err, "bodies nest more than %d deep", TDH_FLOW_DEPTH);
    outer_nodes = json_incref(reader->root_schemas[ROOT_NODES]);
    snprintf(at, sizeof(at), "%s/body", node->pointer);
    node->body = tdh_graph_read(reader, json_object_get(text, "body"), at, graph, node, err);
    if (node->body != NULL)
        rc = 0;
    if (rc == 0 && until != NULL) {
        snprintf(at, sizeof(at), "%s/until", node->pointer);
        node->loop_until = tdh_flow_cel(reader, until, at, true, err);
        rc = node->loop_until != NULL ? 0 : -1;
    }
    if (rc == 0 && output != NULL) {
        snprintf(at, sizeof(at), "%s/output", node->pointer);
        node->output = tdh_flow_template(reader, output, at, err);
        rc = node->output != NULL ? 0 : -1;
    }
    json_decref(reader->root_schemas[ROOT_NODES]);
    reader->root_schemas[ROOT_NODES] = outer_nodes;
    return rc;
}

static int read_keys(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text, const json_t *want, struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)text, key, value)
    {
        char at[1024];
        int rc;

        snprintf(at, sizeof(at), "%s/%s", node->pointer, key);
        reader->want = strcmp(key, "inputs") == 0 ? want : NULL;
        rc = find_key(key, node->type)->read(reader, node, value, at, err);
        reader->want = NULL;
        if (rc != 0)
            return -1;
    }
    return 0;
}

static int check_loop(struct tdh_flow_reader *reader, const struct tdh_node *node, const json_t *text, struct td_err *err)
{
    int forms = (node->loop_while != NULL || json_object_get(text, "until") != NULL) + (node->loop_times >= 0) + (node->over != NULL);

    if (node->type == NODE_MAP && node->over == NULL)
        return tdh_flow_fail(reader, node->pointer, false, err, "a node of type \"map\" needs \"over\": the list");
    if (node->type == NODE_LOOP && forms == 0)
        return tdh_flow_fail(reader, node->pointer, false, err, "a loop needs \"while\", \"until\", \"times\" or \"for_each\"");
    return 0;
}

int tdh_node_read(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *text, struct td_err *err)
{
    const json_t *want;
    int rc = -1;

    node->loop_times = -1;
    reader->want = NULL;
    if (check_call(reader, node, text, err) == 0) {
        want = reader->want;
        reader->want = NULL;
        if (read_policy(reader, node, text, err) == 0 && (node->type != NODE_LOOP && node->type != NODE_MAP ? true : read_body(reader, graph, node, text, err) == 0) &&
            read_keys(reader, node, text, want, err) == 0 && check_inputs(reader, node, text, want, err) == 0 &&
            check_loop(reader, node, text, err) == 0)
            rc = 0;
    }
    json_decref(reader->root_schemas[ROOT_RESULT]);
    reader->root_schemas[ROOT_RESULT] = NULL;
    return rc;
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
    tdh_cel_free(node->loop_while);
    tdh_cel_free(node->loop_until);
    tdh_graph_free(node->body);
    json_decref(node->config);
    free(node->edges);
    free(node->assigns);
    free(node->id);
    free(node->pointer);
    free(node->name);
    free(node->action);
}
