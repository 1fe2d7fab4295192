/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key: the keys of nodes: which types have one is a table, and so is what is done with it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/near.h"
#include "base/semver.h"
#include "flow/plan.h"

/* Which types have a key: bits by enum tdh_node_type. */
#define ON(type) (1U << (type))
#define CALLS (ON(NODE_TASK) | ON(NODE_SUBWORKFLOW) | ON(NODE_PATTERN))
#define BODIES (ON(NODE_LOOP) | ON(NODE_MAP))
#define ANY (((1U << NODE_TYPES) - 1) & ~ON(NODE_UNDO))
#define TRIED (ON(NODE_TASK) | ON(NODE_EMIT))                    /* with attempts */
#define FAILING (CALLS | BODIES | ON(NODE_WAIT) | ON(NODE_EMIT)) /* while the run goes on */
#define UNDONE (CALLS | ON(NODE_EMIT))

enum { COUNT_MAX = 1000000000, PARALLEL_MAX = 1000000 };

typedef int key_fn(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                   const char *pointer, struct td_err *err);

/* call.c has seen that names are texts. */
static int copy_name(const json_t *value, char **ret_name, struct td_err *err)
{
    *ret_name = strdup(json_string_value(value));
    return *ret_name != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a name");
}

static int read_name(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                     const char *pointer, struct td_err *err)
{
    (void)reader;
    (void)pointer;
    return copy_name(value, &node->name, err);
}

static int read_action(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    (void)reader;
    (void)pointer;
    return copy_name(value, &node->action, err);
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
    node->inputs = tdh_flow_template(reader, value, pointer,
                                     node->type == NODE_UNDO ? ROOT_BIT(ROOT_RESULT) : 0, err);
    reader->want = NULL;
    return node->inputs != NULL ? 0 : -1;
}

/* What is evaluated in a body sees what the body sees. */
static int enter_body(struct tdh_flow_reader *reader, const struct tdh_node *node,
                      struct td_err *err)
{
    if (node->body == NULL)
        return 0;
    reader->graph = node->body;
    return tdh_scope_show(node->body, err) == 0 ? tdh_scope_show_vars(reader, node->scope, err)
                                                : -1;
}

static void leave_body(struct tdh_flow_reader *reader, const struct tdh_node *node)
{
    if (node->body == NULL)
        return;
    tdh_scope_hide(node->body);
    tdh_scope_hide_vars(reader, node->scope);
    reader->graph = node->body->outer;
}

static int read_output(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    if (enter_body(reader, node, err) == 0)
        node->output = tdh_flow_template(reader, value, pointer,
                                         node->body != NULL ? ROOT_BIT(ROOT_RESULT) : 0, err);
    leave_body(reader, node);
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

static int read_version(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                        const char *pointer, struct td_err *err)
{
    struct tdh_range range;

    if (!json_is_string(value))
        return tdh_flow_fail(reader, pointer, err, "must be a range of versions such as \"^1.2\"");
    if (tdh_range_parse(json_string_value(value), &range, err) != 0)
        return tdh_flow_at(reader, pointer, err);
    return tdh_call_set(node, "version", value, err);
}

static int read_async(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                      const char *pointer, struct td_err *err)
{
    if (!json_is_boolean(value))
        return tdh_flow_fail(reader, pointer, err, "must be true or false");
    return tdh_call_set(node, "async", value, err);
}

static int add_assign(struct tdh_flow_reader *reader, struct tdh_node *node,
                      const struct tdh_scope *scope, const char *name, const json_t *value,
                      const char *pointer, struct td_err *err)
{
    struct tdh_assign *assigns =
        realloc(node->assigns, (node->assign_count + 1) * sizeof(*assigns));
    struct tdh_assign *assign;

    if (assigns == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the outputs of a node");
    node->assigns = assigns;
    assign = &assigns[node->assign_count++];
    assign->variable = strdup(name);
    assign->scope = scope;
    reader->want = json_object_get(scope->types, name);
    assign->value = tdh_flow_template(reader, value, pointer, ROOT_BIT(ROOT_RESULT), err);
    reader->want = NULL;
    if (assign->variable == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the outputs of a node");
    if (assign->value == NULL || tdh_types_assign(reader, assign, pointer, err) != 0)
        return -1;
    node->is_typed = node->is_typed || assign->type != NULL;
    return 0;
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
        const struct tdh_scope *scope = tdh_declare_find(reader, name);
        struct tdh_buf at = { 0 };

        if (scope == NULL)
            return tdh_declare_unknown(reader, pointer, name, err);
        tdh_buf_text(&at, pointer);
        tdh_buf_pointer(&at, name, strlen(name));
        rc = add_assign(reader, node, scope, name, text, at.failed ? pointer : at.data, err);
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
    if (tdh_scope_show_vars(reader, node->scope, err) == 0)
        node->loop_while = tdh_flow_condition(reader, value, pointer, 0, err);
    tdh_scope_hide_vars(reader, node->scope);
    return node->loop_while != NULL ? 0 : -1;
}

static int read_until(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                      const char *pointer, struct td_err *err)
{
    if (enter_body(reader, node, err) == 0)
        node->loop_until = tdh_flow_condition(reader, value, pointer, ROOT_BIT(ROOT_RESULT), err);
    leave_body(reader, node);
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
    const char *word = json_is_string(value) ? json_string_value(value) : "";
    int64_t count = 0;

    node->is_first = strcmp(word, "first") == 0;
    if (node->is_first || strcmp(word, "any") == 0)
        count = 1;
    else if (json_is_integer(value) &&
             read_count(reader, value, pointer, 1, TDH_FLOW_NODES, &count, err) != 0)
        return -1;
    else if (count == 0 && strcmp(word, "all") != 0)
        return tdh_flow_fail(reader, pointer, err,
                             "must be \"all\", \"any\", \"first\" or a number of predecessors");
    node->join = (uint32_t)count;
    return 0;
}

/* Of one attempt; 0 would leave it to the manifest. */
static int read_call_timeout(struct tdh_flow_reader *reader, struct tdh_node *node,
                             const json_t *value, const char *pointer, struct td_err *err)
{
    return tdh_flow_duration(reader, value, pointer, &node->policy.timeout_ms, err);
}

/* --- time, signals --- */

static int read_timeout(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                        const char *pointer, struct td_err *err)
{
    return tdh_flow_duration(reader, value, pointer, &node->timeout_ms, err);
}

static int read_duration(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                         const char *pointer, struct td_err *err)
{
    int64_t ms = json_integer_value(value);

    if (json_is_string(value) && tdh_template_is_plain(value) &&
        tdh_duration_parse(json_string_value(value), &ms, err) != 0)
        return tdh_flow_at(reader, pointer, err);
    if ((!json_is_string(value) && !json_is_integer(value)) || ms < 0 || ms > TDH_FLOW_SLEEP_MS)
        return tdh_flow_fail(reader, pointer, err,
                             "must be a duration of at most 10 years, such as \"5s\"");
    node->duration = tdh_flow_template(reader, value, pointer, 0, err);
    return node->duration != NULL ? 0 : -1;
}

/* How long that is only the present tells. */
static int read_sleep_until(struct tdh_flow_reader *reader, struct tdh_node *node,
                            const json_t *value, const char *pointer, struct td_err *err)
{
    int64_t time_us;

    if (tdh_template_is_plain(value) &&
        (!json_is_string(value) || tdh_clock_parse(json_string_value(value), &time_us, err) != 0))
        return tdh_flow_fail(reader, pointer, err,
                             "must be a time such as \"2026-12-24T18:00:00+09:00\"");
    reader->graph->reads |= ROOT_BIT(ROOT_NOW);
    node->until = tdh_flow_template(reader, value, pointer, 0, err);
    return node->until != NULL ? 0 : -1;
}

static int read_signal(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    if (!json_is_string(value) || json_string_length(value) == 0)
        return tdh_flow_fail(reader, pointer, err, "must be the name of a signal");
    node->signal = tdh_flow_template(reader, value, pointer, 0, err);
    return node->signal != NULL ? 0 : -1;
}

/* --- failures --- */

static int read_max_failures(struct tdh_flow_reader *reader, struct tdh_node *node,
                             const json_t *value, const char *pointer, struct td_err *err)
{
    const char *text = json_string_value(value);
    char *end = NULL;
    double share = text != NULL ? strtod(text, &end) : -1;
    int64_t count;

    if (text == NULL) {
        if (read_count(reader, value, pointer, 0, PARALLEL_MAX, &count, err) != 0)
            return -1;
        node->max_failures = (double)count;
        return 0;
    }
    if (end == text || strcmp(end, "%") != 0 || !(share >= 0 && share < 100))
        return tdh_flow_fail(reader, pointer, err,
                             "must be a number of rounds, or a share below 100%% such as \"10%%\"");
    node->max_failures = share / 100;
    return 0;
}

static int read_in_order(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                         const char *pointer, struct td_err *err)
{
    node->is_in_order = json_is_true(value);
    return json_is_boolean(value) ? 0
                                  : tdh_flow_fail(reader, pointer, err, "must be true or false");
}

static int read_strict(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                       const char *pointer, struct td_err *err)
{
    node->is_strict = json_is_true(value);
    return json_is_boolean(value) ? 0
                                  : tdh_flow_fail(reader, pointer, err, "must be true or false");
}

static int read_on_error(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                         const char *pointer, struct td_err *err)
{
    static const char *const names[] = { "compensate", "fail", "skip" };
    const char *text = json_string_value(value);

    if (json_is_object(value) && json_object_size(value) == 1 &&
        json_is_string(json_object_get(value, "goto"))) {
        node->on_error = ON_ERROR_GOTO;
        return 0;
    }
    for (unsigned i = 0; text != NULL && i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            node->on_error = (enum tdh_on_error)i;
            return 0;
        }
    return tdh_flow_fail_near(reader, pointer, NULL, text != NULL ? tdh_near(text, names, 3) : NULL,
                              err, "must be compensate, fail, skip or {goto: NODE}");
}

static int read_undo(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                     const char *pointer, struct td_err *err)
{
    struct tdh_plan *plan = reader->plan;
    const struct tdh_node **undos =
        realloc(plan->undos, (plan->undo_count + 1) * sizeof(*plan->undos));

    if (undos == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a node");
    plan->undos = undos;
    node->undo = tdh_undo_read(reader, node, value, pointer, err);
    if (node->undo == NULL)
        return -1;
    node->undo_number = plan->undo_count;
    undos[plan->undo_count++] = node;
    return 0;
}

/* Read elsewhere: with the graph, before the other keys, or all at once. */
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
    { "agent", ON(NODE_TASK) | ON(NODE_UNDO), read_name },
    { "action", ON(NODE_TASK) | ON(NODE_UNDO), read_action },
    { "workflow", ON(NODE_SUBWORKFLOW), read_name },
    { "version", ON(NODE_SUBWORKFLOW), read_version },
    { "async", ON(NODE_SUBWORKFLOW), read_async },
    { "definition", ON(NODE_SUBWORKFLOW), tdh_call_definition },
    { "pattern", ON(NODE_PATTERN), read_name },
    { "config", ON(NODE_PATTERN), read_config },
    { "strict", ON(NODE_PATTERN), read_strict },
    { "inputs", CALLS | ON(NODE_UNDO), read_inputs },
    { "outputs", CALLS | BODIES | ON(NODE_WAIT) | ON(NODE_EMIT) | ON(NODE_SET), read_assigns },
    { "output", ON(NODE_END) | ON(NODE_SET) | BODIES, read_output },
    { "event", ON(NODE_EMIT), skip },
    { "payload", ON(NODE_EMIT), skip },
    { "correlation", ON(NODE_EMIT), skip },
    { "retry", TRIED | ON(NODE_UNDO), tdh_call_policy },
    { "timeout", TRIED | ON(NODE_UNDO), read_call_timeout },
    { "timeout", FAILING & ~TRIED, read_timeout },
    { "in_doubt", ON(NODE_TASK) | ON(NODE_UNDO), tdh_call_policy },
    { "on_error", FAILING, read_on_error },
    { "compensate", UNDONE, read_undo },
    { "signal", ON(NODE_WAIT), read_signal },
    { "approval", ON(NODE_WAIT), tdh_approval_read },
    { "duration", ON(NODE_SLEEP), read_duration },
    { "until", ON(NODE_SLEEP), read_sleep_until },
    { "over", ON(NODE_MAP), read_over },
    { "for_each", ON(NODE_LOOP), read_over },
    { "max_parallel", ON(NODE_MAP), read_max_parallel },
    { "in_order", ON(NODE_MAP), read_in_order },
    { "max_failures", ON(NODE_MAP), read_max_failures },
    { "while", ON(NODE_LOOP), read_while },
    { "until", ON(NODE_LOOP), read_until },
    { "times", ON(NODE_LOOP), read_times },
    { "max", ON(NODE_LOOP), read_max },
    { "variables", BODIES, skip },
    { "types", BODIES, skip },
    { "body", BODIES, skip },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static const struct key_row *find_key(const char *name, enum tdh_node_type type)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strcmp(keys[i].name, name) == 0 && (keys[i].types & ON(type)) != 0)
            return &keys[i];
    return NULL;
}

bool tdh_key_is(const char *name, enum tdh_node_type type)
{
    return find_key(name, type) != NULL;
}

int tdh_key_read(struct tdh_flow_reader *reader, struct tdh_node *node, const char *name,
                 const json_t *value, const char *pointer, struct td_err *err)
{
    return find_key(name, node->type)->read(reader, node, value, pointer, err);
}

const char *tdh_key_near(const char *name, enum tdh_node_type type)
{
    const char *names[KEYS];
    size_t count = 0;

    for (size_t i = 0; i < KEYS; i++)
        if ((keys[i].types & ON(type)) != 0)
            names[count++] = keys[i].name;
    return tdh_near(name, names, count);
}
