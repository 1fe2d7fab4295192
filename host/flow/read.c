/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read: a workflow's text into a plan: head, variables, inputs, then its graph.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "flow/plan.h"

static const char *const roots[ROOT_COUNT] = { "input", "vars", "nodes", "result", "error", "item", "index", "run", "now" };

static const char *const head_keys[] = { "apiVersion", "kind", "id", "version", "description", "inputs", "variables", "nodes", "tags" };

/* --- telling --- */

int tdh_flow_at(const struct tdh_flow_reader *reader, const char *pointer, struct td_err *err)
{
    struct tdh_place place;

    err->code = TD_E_CONFIG;
    err->is_retryable = false;
    if (reader->yaml == NULL)
        return td_context(err, "workflow \"%s\", %s", tdh_json_str(reader->plan->text, "id", "?"), pointer);
    place = tdh_yaml_place(reader->yaml, pointer);
    return td_context(err, "%s:%u:%u", reader->yaml->name, place.line, place.column);
}

int tdh_flow_fail(const struct tdh_flow_reader *reader, const char *pointer, bool is_key, struct td_err *err, const char *fmt, ...)
{
    char text[TD_ERR_TEXT];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    td_fail(err, TD_E_CONFIG, "%s", text);
    if (is_key && reader->yaml != NULL) {
        struct tdh_place place = tdh_yaml_key_place(reader->yaml, pointer);

        return td_context(err, "%s:%u:%u", reader->yaml->name, place.line, place.column);
    }
    return tdh_flow_at(reader, pointer, err);
}

static int at_place(void *arg, const char *pointer, struct td_err *err)
{
    return tdh_flow_at(arg, pointer, err);
}

/* --- expressions --- */

static void fill_options(const struct tdh_flow_reader *reader, struct tdh_cel_root cel_roots[ROOT_COUNT], struct tdh_cel_options *options)
{
    for (unsigned i = 0; i < ROOT_COUNT; i++)
        cel_roots[i] = (struct tdh_cel_root){ roots[i], reader->root_schemas[i] };
    *options = (struct tdh_cel_options){ .roots = cel_roots, .root_count = ROOT_COUNT, .want = reader->want };
}

struct tdh_cel *tdh_flow_cel(struct tdh_flow_reader *reader, const json_t *text, const char *pointer, bool is_condition, struct td_err *err)
{
    struct tdh_cel_root cel_roots[ROOT_COUNT];
    struct tdh_cel_options options;
    struct tdh_cel *cel;
    json_t *boolean = is_condition ? json_pack("{s:s}", "type", "boolean") : NULL;
    const char *source = json_is_boolean(text) ? (json_is_true(text) ? "true" : "false") : json_string_value(text);

    fill_options(reader, cel_roots, &options);
    options.want = boolean;
    if (source == NULL) {
        json_decref(boolean);
        tdh_flow_fail(reader, pointer, false, err, "must be an expression such as \"vars.status == 'valid'\"");
        return NULL;
    }
    cel = tdh_cel_compile(source, &options, err);
    if (cel == NULL) {
        td_context(err, "\"%.120s\"", source);
        tdh_flow_at(reader, pointer, err);
    } else {
        reader->plan->reads |= tdh_cel_reads(cel);
    }
    json_decref(boolean);
    return cel;
}

struct tdh_template *tdh_flow_template(struct tdh_flow_reader *reader, const json_t *value, const char *pointer, struct td_err *err)
{
    struct tdh_cel_root cel_roots[ROOT_COUNT];
    struct tdh_cel_options options;
    struct tdh_template *template;

    fill_options(reader, cel_roots, &options);
    template = tdh_template_new(value, &options, pointer, at_place, reader, err);
    if (template != NULL)
        reader->plan->reads |= tdh_template_reads(template);
    return template;
}

/* --- the whole --- */

static int check_head(const struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)text, key, value)
    {
        size_t i = 0, count = sizeof(head_keys) / sizeof(head_keys[0]);
        const char *near;
        char pointer[300];

        while (i < count && strcmp(head_keys[i], key) != 0)
            i++;
        if (i < count)
            continue;
        near = tdh_near(key, head_keys, count);
        snprintf(pointer, sizeof(pointer), "/%.200s", key);
        return tdh_flow_fail(reader, pointer, true, err, "unrecognized key \"%s\"%s%s%s", key, near ? ", did you mean \"" : "",
                             near ? near : "", near ? "\"" : "");
    }
    if (!json_is_string(json_object_get(text, "id")) || json_string_length(json_object_get(text, "id")) == 0)
        return tdh_flow_fail(reader, "", false, err, "a workflow needs an \"id\"");
    if (json_object_get(text, "version") != NULL) {
        struct tdh_semver version;

        if (!json_is_string(json_object_get(text, "version")) ||
            tdh_semver_parse(json_string_value(json_object_get(text, "version")), &version, err) != 0)
            return tdh_flow_fail(reader, "/version", false, err, "\"version\" must be a text such as \"1.0.0\"");
    }
    return 0;
}

static int read_inputs(struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    const json_t *inputs = json_object_get(text, "inputs");

    if (inputs == NULL)
        return 0;
    reader->plan->inputs = tdh_schema_compile(inputs, NULL, err);
    return reader->plan->inputs != NULL ? 0 : tdh_flow_at(reader, "/inputs", err);
}

static int number_nodes(struct tdh_plan *plan, struct tdh_graph *graph, struct td_err *err)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct tdh_node *node = &graph->nodes[i];

        if ((plan->node_count & (plan->node_count - 1)) == 0) {
            size_t room = plan->node_count > 0 ? plan->node_count * 2 : 1;
            struct tdh_node **list = realloc(plan->by_number, room * sizeof(struct tdh_node *));

            if (list == NULL)
                return td_fail(err, TD_E_NOMEM, "could not allocate %zu nodes", room);
            plan->by_number = list;
        }
        node->number = plan->node_count;
        plan->by_number[plan->node_count++] = node;
        if (node->body != NULL && number_nodes(plan, node->body, err) != 0)
            return -1;
    }
    return 0;
}

static int read_plan(struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    struct tdh_plan *plan = reader->plan;
    json_t *variables = json_object_get(text, "variables");

    if (!json_is_object(text))
        return tdh_flow_fail(reader, "", false, err, "a workflow is a map with \"id\" and \"nodes\"");
    if (check_head(reader, text, err) != 0 || read_inputs(reader, text, err) != 0)
        return -1;
    if (variables != NULL && !json_is_object(variables))
        return tdh_flow_fail(reader, "/variables", false, err, "\"variables\" must be a map of names and first values");
    plan->variables = variables != NULL ? json_incref(variables) : json_object();
    if (tdh_scope_enter(reader, text, err) != 0)
        return -1;
    plan->graph = tdh_graph_read(reader, json_object_get(text, "nodes"), "/nodes", NULL, NULL, err);
    if (plan->graph == NULL)
        return -1;
    return number_nodes(plan, plan->graph, err);
}

struct tdh_plan *tdh_plan_new(const json_t *text, const struct tdh_yaml *yaml, const struct tdh_flow_world *world, struct td_err *err)
{
    struct tdh_plan *plan = calloc(1, sizeof(*plan));
    struct tdh_flow_reader reader = { .yaml = yaml, .world = world, .plan = plan };
    int rc;

    if (plan == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a workflow");
        return NULL;
    }
    plan->text = json_incref((json_t *)text);
    rc = read_plan(&reader, text, err);
    tdh_scope_leave(&reader);
    if (rc != 0) {
        tdh_plan_free(plan);
        return NULL;
    }
    return plan;
}

void tdh_plan_free(struct tdh_plan *plan)
{
    if (plan == NULL)
        return;
    tdh_graph_free(plan->graph);
    tdh_schema_free(plan->inputs);
    json_decref(plan->variables);
    json_decref(plan->text);
    free(plan->by_number);
    free(plan);
}

int tdh_plan_check_input(const struct tdh_plan *plan, const json_t *input, struct td_err *err)
{
    if (plan->inputs == NULL || tdh_schema_check(plan->inputs, input, err) == 0)
        return 0;
    return td_context(err, "input of workflow \"%s\"", tdh_json_str(plan->text, "id", ""));
}
