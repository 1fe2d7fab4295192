/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: what a node calls is there, and gets what it takes, as far as that is known before the
 * workflow runs.
 *
 * Inputs are held against the action's schema twice: here, by key and for what is written out, and
 * in full when the call is made.
 */
#include <string.h>

#include "base/json.h"
#include "call/call.h"
#include "flow/plan.h"

static int look_at_action(const struct tdh_flow_reader *reader, struct tdh_node *node,
                          const json_t *text, struct td_err *err)
{
    const struct tdh_flow_world *world = reader->world;
    const json_t *input = NULL, *output = NULL;

    if (world->action(world->arg, tdh_json_str(text, "agent", ""), tdh_json_str(text, "action", ""),
                      &input, &output, err) != 0)
        return -1;
    node->input_schema = input != NULL ? json_incref((json_t *)input) : NULL;
    node->output_schema = output != NULL ? json_incref((json_t *)output) : NULL;
    return 0;
}

/* The world speaks of the agent or of its action: that is the one to point at. */
static int fail_look(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                     const json_t *text, struct td_err *err)
{
    char words[TD_ERR_TEXT];

    snprintf(words, sizeof(words), "has no action \"%s\"", tdh_json_str(text, "action", ""));
    return tdh_flow_at_member(reader, node->pointer,
                              strstr(err->text, words) != NULL ? "action" : "agent", err);
}

/* What names something is a text that does; that it is there has been checked. */
static int check_names(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                       const json_t *text, struct td_err *err)
{
    static const char *const keys[] = { "agent", "action", "workflow", "pattern" };
    char at[TDH_POINTER_MAX];

    for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const json_t *value = json_object_get(text, keys[i]);

        snprintf(at, sizeof(at), "%s/%s", node->pointer, keys[i]);
        if (value != NULL && json_string_length(value) == 0)
            return tdh_flow_fail(reader, at, err, "\"%s\" must be a name", keys[i]);
    }
    return 0;
}

int tdh_call_look(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                  struct td_err *err)
{
    const struct tdh_flow_world *world = reader->world;

    if (node->type == NODE_EMIT)
        return tdh_emit_look(node, err);
    if (check_names(reader, node, text, err) != 0)
        return -1;
    if (world == NULL)
        return 0;
    if ((node->type == NODE_TASK || node->type == NODE_UNDO) && world->action != NULL &&
        look_at_action(reader, node, text, err) != 0)
        return fail_look(reader, node, text, err);
    if (node->type == NODE_PATTERN && world->pattern != NULL &&
        world->pattern(world->arg, tdh_json_str(text, "pattern", ""), &node->config_schema, err) !=
            0)
        return tdh_flow_at_member(reader, node->pointer, "pattern", err);
    if (node->type == NODE_SUBWORKFLOW && world->workflow != NULL &&
        json_object_get(text, "definition") == NULL &&
        world->workflow(world->arg, tdh_json_str(text, "workflow", ""), err) != 0)
        return tdh_flow_at_member(reader, node->pointer, "workflow", err);
    return 0;
}

/* --- the configuration of a pattern --- */

/* Without one the pattern gets an empty one. */
static int check_none(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                      struct td_err *err)
{
    json_t *none = json_object();
    int rc = 0;

    if (none == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a configuration");
    if (tdh_schema_check(node->config_schema, none, err) != 0) {
        td_context(err, "pattern \"%s\" needs a \"config\"", node->name);
        rc = tdh_flow_at(reader, node->pointer, err);
    }
    json_decref(none);
    return rc;
}

int tdh_call_config(struct tdh_flow_reader *reader, const struct tdh_node *node, struct td_err *err)
{
    char pointer[TDH_POINTER_MAX];

    if (node->config_schema == NULL || reader->yaml == NULL)
        return 0;
    if (node->config == NULL)
        return check_none(reader, node, err);
    snprintf(pointer, sizeof(pointer), "%s/config", node->pointer);
    if (tdh_schema_check_part(node->config_schema, reader->yaml, pointer, node->config, err) == 0)
        return 0;
    if (err->code == TD_E_INVAL)
        err->code = TD_E_CONFIG;
    return -1;
}

/* --- how it is tried --- */

/* One key at a time, so that an error has the place of its key. */
static int read_policy_key(const char *key, const json_t *value, struct td_policy *ret_policy,
                           struct td_err *err)
{
    json_t *text = json_pack("{s:O}", key, value);
    int rc;

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the policy of a node");
    rc = tdh_policy_read(text, NULL, ret_policy, err);
    json_decref(text);
    return rc;
}

/* A key of "retry" that is refused by itself is the one that the error is about. */
static int fail_retry(const struct tdh_flow_reader *reader, const json_t *retry,
                      const char *pointer, struct td_err *err)
{
    struct td_policy ignored;
    const char *key;
    json_t *value;

    json_object_foreach ((json_t *)retry, key, value) {
        json_t *one = json_pack("{s:O}", key, value);
        int rc = one != NULL ? read_policy_key("retry", one, &ignored, err) : -1;

        json_decref(one);
        if (rc != 0)
            return strncmp(err->text, "unrecognized", strlen("unrecognized")) == 0
                       ? tdh_flow_at_key(reader, pointer, key, err)
                       : tdh_flow_at_member(reader, pointer, key, err);
    }
    return tdh_flow_at(reader, pointer, err);
}

int tdh_call_policy(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                    const char *pointer, struct td_err *err)
{
    struct td_policy policy;

    if (read_policy_key(strrchr(pointer, '/') + 1, value, &policy, err) != 0)
        return err->code == TD_E_NOMEM ? -1 : fail_retry(reader, value, pointer, err);
    node->policy = tdh_policy_merge(&policy, &node->policy);
    return policy.in_doubt == TD_DOUBT_RECONCILE ? tdh_warn_reconcile(reader, node, pointer, err)
                                                 : 0;
}

/* --- inputs --- */

/* The schema of one input, which may refer to definitions beside it. New; NULL: it cannot be told.
 */
static struct tdh_schema *input_schema(const json_t *schema, const char *key)
{
    const json_t *property = json_object_get(json_object_get(schema, "properties"), key);
    json_t *definitions = json_object_get(schema, "$defs"), *document = NULL;
    struct tdh_schema *compiled = NULL;
    struct td_err ignored;

    if (property != NULL)
        document = definitions != NULL && json_is_object(property)
                       ? json_copy((json_t *)property)
                       : json_incref((json_t *)property);
    if (document != NULL && (definitions == NULL || !json_is_object(document) ||
                             json_object_set(document, "$defs", definitions) == 0))
        compiled = tdh_schema_compile(document, NULL, &ignored);
    json_decref(document);
    return compiled;
}

/* What is written out without expressions is checked now. */
static int check_value(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                       const char *pointer, const char *key, const json_t *value,
                       struct td_err *err)
{
    struct tdh_schema *schema =
        tdh_template_is_plain(value) ? input_schema(node->input_schema, key) : NULL;
    int rc = 0;

    if (schema != NULL && tdh_schema_check(schema, value, err) != 0) {
        td_context(err, "input \"%.100s\" of action \"%s\"", key, node->action);
        rc = tdh_flow_at_member(reader, pointer, key, err);
    }
    tdh_schema_free(schema);
    return rc;
}

static int check_key(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                     const char *pointer, const char *key, struct td_err *err)
{
    const json_t *schema = node->input_schema, *properties = json_object_get(schema, "properties");

    if (json_object_get(properties, key) != NULL ||
        !json_is_false(json_object_get(schema, "additionalProperties")) ||
        json_object_get(schema, "patternProperties") != NULL)
        return 0;
    return tdh_flow_fail_near(reader, pointer, key, tdh_flow_near(key, properties), err,
                              "action \"%s\" of \"%s\" has no input \"%.100s\"", node->action,
                              node->name, key);
}

static int check_required(const struct tdh_flow_reader *reader, const struct tdh_node *node,
                          const json_t *inputs, struct td_err *err)
{
    json_t *required = json_object_get(node->input_schema, "required"), *name;
    size_t i;

    json_array_foreach (required, i, name)
        if (json_is_string(name) && json_object_get(inputs, json_string_value(name)) == NULL)
            return tdh_flow_fail(reader, node->pointer, err,
                                 "action \"%s\" of \"%s\" needs the input \"%s\"", node->action,
                                 node->name, json_string_value(name));
    return 0;
}

int tdh_call_inputs(struct tdh_flow_reader *reader, const struct tdh_node *node, const json_t *text,
                    struct td_err *err)
{
    json_t *inputs = json_object_get(text, "inputs"), *value;
    const char *key;
    char pointer[TDH_POINTER_MAX];

    if (node->input_schema == NULL || (inputs != NULL && !json_is_object(inputs)))
        return 0;
    snprintf(pointer, sizeof(pointer), "%s/inputs", node->pointer);
    json_object_foreach (inputs, key, value)
        if (check_key(reader, node, pointer, key, err) != 0 ||
            check_value(reader, node, pointer, key, value, err) != 0)
            return -1;
    return check_required(reader, node, inputs, err);
}

/* --- workflows --- */

/* What a workflow is asked for with. */
int tdh_call_set(struct tdh_node *node, const char *key, const json_t *value, struct td_err *err)
{
    if (node->config == NULL)
        node->config = json_object();
    return node->config != NULL && json_object_set(node->config, key, (json_t *)value) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a node");
}

/* A workflow within: it is checked as one, and what is wrong in it has its place here. */
static int check_definition(struct tdh_flow_reader *reader, json_t *text, const char *pointer,
                            struct td_err *err)
{
    struct tdh_yaml *made =
        reader->yaml != NULL ? tdh_yaml_derive(json_incref(text), reader->yaml, err) : NULL;
    struct tdh_plan *plan = NULL;

    if (made != NULL && tdh_yaml_derived_from(made, "", pointer, err) == 0)
        plan = tdh_plan_new_within(text, made, reader->world, err);
    tdh_yaml_free(made);
    tdh_plan_free(plan);
    return plan != NULL ? 0 : -1;
}

int tdh_call_definition(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                        const char *pointer, struct td_err *err)
{
    if (reader->is_within)
        return tdh_flow_fail(reader, pointer, err,
                             "a definition within another is too deep: give it a file of its own");
    if (reader->yaml != NULL && check_definition(reader, (json_t *)value, pointer, err) != 0)
        return -1;
    node->name = strdup(tdh_json_str(value, "id", ""));
    if (node->name == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a node");
    return tdh_call_set(node, "definition", value, err);
}
