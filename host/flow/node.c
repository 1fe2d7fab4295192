/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node: reads one node: which keys its type has is a table, and so is what is done with each key.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/near.h"
#include "call/call.h"
#include "flow/plan.h"

/* Which types have a key: bits by enum tdh_node_type. */
#define ON(type) (1U << (type))
#define CALLS (ON(NODE_TASK) | ON(NODE_SUBWORKFLOW) | ON(NODE_PATTERN))
#define BODIES (ON(NODE_LOOP) | ON(NODE_MAP))
#define ANY ((1U << NODE_TYPES) - 1)

enum { COUNT_MAX = 1000000000, PARALLEL_MAX = 1000000 };

typedef int key_fn(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                   const char *pointer, struct td_err *err);

static char *copy_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0 ? strdup(json_string_value(value))
                                                                  : NULL;
}

static int read_name(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                     const char *pointer, struct td_err *err)
{
    node->name = copy_text(value);
    return node->name != NULL ? 0 : tdh_flow_fail(reader, pointer, err, "must be a name");
}

static int read_action(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    node->action = copy_text(value);
    return node->action != NULL
               ? 0
               : tdh_flow_fail(reader, pointer, err, "must be the name of an action");
}

static int read_description(struct tdh_flow_reader *reader, struct tdh_node *node,
                            const json_t *value, const char *pointer, struct td_err *err)
{
    (void)node;
    return json_is_string(value)
               ? 0
               : tdh_flow_fail(reader, pointer, err, "\"description\" must be a text");
}

static int read_inputs(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    reader->want = node->input_schema;
    node->inputs = tdh_flow_template(reader, value, pointer, 0, err);
    reader->want = NULL;
    return node->inputs != NULL ? 0 : -1;
}

/* That of a loop or map is evaluated in its body, and sees what the body sees. */
static int read_output(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    struct tdh_graph *graph = reader->graph;

    reader->graph = node->body != NULL ? node->body : graph;
    node->output = tdh_flow_template(reader, value, pointer,
                                     node->body != NULL ? ROOT_BIT(ROOT_RESULT) : 0, err);
    reader->graph = graph;
    return node->output != NULL ? 0 : -1;
}

static int read_over(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                     const char *pointer, struct td_err *err)
{
    json_t *list = json_pack("{s:s}", "type", "array");

    reader->want = list;
    node->over = tdh_flow_template(reader, value, pointer, 0, err);
    reader->want = NULL;
    json_decref(list);
    if (node->over != NULL && tdh_template_const(node->over) != NULL &&
        !json_is_array(tdh_template_const(node->over)))
        return tdh_flow_fail(
            reader, pointer, err,
            "must be a list, or an expression that gives one such as \"${input.orders}\"");
    return node->over != NULL ? 0 : -1;
}

static int read_config(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    if (!json_is_object(value))
        return tdh_flow_fail(reader, pointer, err,
                             "must be a map: the configuration of the pattern");
    node->config = json_incref((json_t *)value);
    return 0;
}

static int add_assign(struct tdh_flow_reader *reader, struct tdh_node *node, const char *name,
                      const json_t *value, const char *pointer, struct td_err *err)
{
    struct tdh_assign *assigns =
        realloc(node->assigns, (node->assign_count + 1) * sizeof(*assigns));
    struct tdh_assign *assign;

    if (assigns == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the outputs of a node");
    node->assigns = assigns;
    assign = &assigns[node->assign_count++];
    assign->variable = strdup(name);
    assign->value = tdh_flow_template(reader, value, pointer, ROOT_BIT(ROOT_RESULT), err);
    if (assign->variable == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the outputs of a node");
    return assign->value != NULL ? 0 : -1;
}

static int unknown_variable(const struct tdh_flow_reader *reader, const char *pointer,
                            const char *name, struct td_err *err)
{
    const char *near = tdh_flow_near(name, reader->plan->variables);

    tdh_flow_fail_near(reader, pointer, name, near, err, "there is no variable \"%.100s\"", name);
    return near != NULL ? -1 : td_hint(err, "add it to \"variables\" of the workflow");
}

static int read_assigns(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                        const char *pointer, struct td_err *err)
{
    const char *name;
    json_t *text;
    int rc = 0;

    if (!json_is_object(value))
        return tdh_flow_fail(
            reader, pointer, err,
            "must be a map of variables and values, such as {status: \"${result.status}\"}");
    tdh_scope_result(reader, node);
    json_object_foreach ((json_t *)value, name, text) {
        struct tdh_buf at = { 0 };

        if (json_object_get(reader->plan->variables, name) == NULL)
            return unknown_variable(reader, pointer, name, err);
        tdh_buf_text(&at, pointer);
        tdh_buf_pointer(&at, name, strlen(name));
        rc = add_assign(reader, node, name, text, at.failed ? pointer : at.data, err);
        tdh_buf_free(&at);
        if (rc != 0)
            break;
    }
    tdh_scope_result(reader, NULL);
    return rc;
}

static int read_while(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                      const char *pointer, struct td_err *err)
{
    node->loop_while = tdh_flow_condition(reader, value, pointer, 0, err);
    return node->loop_while != NULL ? 0 : -1;
}

static int read_until(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                      const char *pointer, struct td_err *err)
{
    struct tdh_graph *graph = reader->graph;

    reader->graph = node->body;
    node->loop_until = tdh_flow_condition(reader, value, pointer, ROOT_BIT(ROOT_RESULT), err);
    reader->graph = graph;
    return node->loop_until != NULL ? 0 : -1;
}

static int read_count(struct tdh_flow_reader *reader, const json_t *value, const char *pointer,
                      int64_t min, int64_t max, int64_t *ret, struct td_err *err)
{
    *ret = json_integer_value(value);
    if (!json_is_integer(value) || *ret < min || *ret > max)
        return tdh_flow_fail(reader, pointer, err, "must be a whole number from %lld to %lld",
                             (long long)min, (long long)max);
    return 0;
}

static int read_times(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                      const char *pointer, struct td_err *err)
{
    return read_count(reader, value, pointer, 0, COUNT_MAX, &node->loop_times, err);
}

static int read_max(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                    const char *pointer, struct td_err *err)
{
    return read_count(reader, value, pointer, 1, COUNT_MAX, &node->loop_max, err);
}

static int read_max_parallel(struct tdh_flow_reader *reader, struct tdh_node *node,
                             const json_t *value, const char *pointer, struct td_err *err)
{
    int64_t count;

    if (read_count(reader, value, pointer, 1, PARALLEL_MAX, &count, err) != 0)
        return -1;
    node->max_parallel = (uint32_t)count;
    return 0;
}

static int read_join(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                     const char *pointer, struct td_err *err)
{
    int64_t count = 0;

    if (json_is_string(value) && strcmp(json_string_value(value), "any") == 0)
        count = 1;
    else if (json_is_integer(value) &&
             read_count(reader, value, pointer, 1, TDH_FLOW_NODES, &count, err) != 0)
        return -1;
    else if (count == 0 && (!json_is_string(value) || strcmp(json_string_value(value), "all") != 0))
        return tdh_flow_fail(reader, pointer, err,
                             "must be \"all\", \"any\" or a number of predecessors");
    node->join = (uint32_t)count;
    return 0;
}

/* One key of the policy at a time, so that an error has the place of its key. */
static int read_policy(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    json_t *text = json_pack("{s:O}", strrchr(pointer, '/') + 1, value);
    struct td_policy policy;
    int rc;

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the policy of a node");
    rc = tdh_policy_read(text, "policy", &policy, err);
    json_decref(text);
    if (rc != 0)
        return tdh_flow_at(reader, pointer, err);
    node->policy = tdh_policy_merge(&policy, &node->policy);
    return 0;
}

/* Comes before the other keys of a loop or map: some of them see the body. */
static int read_body(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                     struct td_err *err)
{
    bool has_item = node->type == NODE_MAP || json_object_get(text, "for_each") != NULL;
    unsigned sees =
        reader->graph->sees | ROOT_BIT(ROOT_INDEX) | (has_item ? ROOT_BIT(ROOT_ITEM) : 0);
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/body", node->pointer);
    node->body = tdh_graph_read(reader, json_object_get(text, "body"), at, node, sees, err);
    return node->body != NULL ? 0 : -1;
}

/* Read elsewhere: with the graph, or before the other keys. */
static int skip(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                const char *pointer, struct td_err *err)
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
    { "description", ANY, read_description },
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
    { "retry", ON(NODE_TASK), read_policy },
    { "timeout", ON(NODE_TASK), read_policy },
    { "in_doubt", ON(NODE_TASK), read_policy },
    { "over", ON(NODE_MAP), read_over },
    { "for_each", ON(NODE_LOOP), read_over },
    { "max_parallel", ON(NODE_MAP), read_max_parallel },
    { "while", ON(NODE_LOOP), read_while },
    { "until", ON(NODE_LOOP), read_until },
    { "times", ON(NODE_LOOP), read_times },
    { "max", ON(NODE_LOOP), read_max },
    { "body", BODIES, skip },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

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
    [NODE_SUBWORKFLOW] = { "subworkflow", { "workflow", NULL } },
    [NODE_PATTERN] = { "pattern", { "pattern", NULL } },
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

int tdh_node_check_keys(struct tdh_flow_reader *reader, const struct tdh_node *node,
                        const json_t *text, struct td_err *err)
{
    const char *type = types[node->type].name, *key;
    json_t *value;

    json_object_foreach ((json_t *)text, key, value) {
        if (find_key(key, node->type) == NULL)
            return tdh_flow_fail_near(reader, node->pointer, key, near_key(key, node->type), err,
                                      "unrecognized key \"%.100s\" of a node of type \"%s\"", key,
                                      type);
    }
    for (size_t i = 0; i < 2 && types[node->type].needs[i] != NULL; i++)
        if (json_object_get(text, types[node->type].needs[i]) == NULL)
            return tdh_flow_fail(reader, node->pointer, err, "a node of type \"%s\" needs \"%s\"",
                                 type, types[node->type].needs[i]);
    return 0;
}

static int read_keys(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                     struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)text, key, value) {
        char at[TDH_POINTER_MAX];

        snprintf(at, sizeof(at), "%s/%s", node->pointer, key);
        if (find_key(key, node->type)->read(reader, node, value, at, err) != 0)
            return -1;
    }
    return 0;
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
        tdh_call_config(reader, node, err) == 0)
        rc = tdh_call_inputs(reader, node, text, err);
    if (node->body != NULL)
        tdh_graph_forget(node->body);
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
    json_decref(node->input_schema);
    json_decref(node->output_schema);
    free(node->edges);
    free(node->assigns);
    free(node->id);
    free(node->pointer);
    free(node->name);
    free(node->action);
}
