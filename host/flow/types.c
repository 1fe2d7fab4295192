/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types: what variables may hold: `types` beside `variables` names a JSON Schema for each that is
 * to have one.
 *
 * First values, and what is written out, are held against it when the workflow is read, expressions
 * as far as their type is known; what nodes give, when it is written. A node whose value does not
 * fit has failed, after its call was made: it writes no variable, and is undone with the others.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/near.h"
#include "flow/state.h"

static const char *const names[] = { "null",   "boolean", "integer", "number",
                                     "string", "array",   "object" };
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the types of variables");
}

/* --- reading --- */

/* The schema that is meant, new; NULL: the text is neither one nor a name. */
static json_t *schema_of(const json_t *text)
{
    for (size_t i = 0; json_is_string(text) && i < NAMES; i++)
        if (strcmp(json_string_value(text), names[i]) == 0)
            return json_pack("{s:s}", "type", names[i]);
    return json_is_object(text) || json_is_boolean(text) ? json_incref((json_t *)text) : NULL;
}

static int unknown_type(const struct tdh_flow_reader *reader, const char *pointer,
                        const json_t *text, struct td_err *err)
{
    const char *name = json_string_value(text);

    if (name == NULL)
        return tdh_flow_fail(reader, pointer, err,
                             "must be a type such as \"integer\", or a JSON Schema");
    return tdh_flow_fail_near(reader, pointer, NULL, tdh_near(name, names, NAMES), err,
                              "there is no type \"%.100s\"", name);
}

static int keep_type(const struct tdh_flow_reader *reader, struct tdh_scope *scope,
                     const char *name, json_t *schema, const char *pointer, struct td_err *err)
{
    struct tdh_schema *compiled = tdh_schema_compile(schema, NULL, err);

    if (compiled == NULL)
        return tdh_flow_at(reader, pointer, err);
    if (tdh_map_set(&scope->type_checks, name, compiled, NULL) != 0) {
        tdh_schema_free(compiled);
        return no_memory(err);
    }
    return json_object_set(scope->types, name, schema) == 0 ? 0 : no_memory(err);
}

static int read_type(const struct tdh_flow_reader *reader, struct tdh_scope *scope,
                     const char *name, const json_t *text, const char *pointer, struct td_err *err)
{
    json_t *schema = schema_of(text);
    int rc = schema != NULL ? keep_type(reader, scope, name, schema, pointer, err)
                            : unknown_type(reader, pointer, text, err);

    json_decref(schema);
    return rc;
}

/* pointer: of all types. */
static int read_member(const struct tdh_flow_reader *reader, struct tdh_scope *scope,
                       const char *name, const json_t *text, const char *pointer,
                       struct td_err *err)
{
    const char *near = tdh_flow_near(name, scope->first);
    struct tdh_buf at = { 0 };
    int rc;

    if (json_object_get(scope->first, name) == NULL) {
        tdh_flow_fail_near(reader, pointer, name, near, err, "there is no variable \"%.100s\"",
                           name);
        return near != NULL ? -1 : td_hint(err, "give it a first value in \"variables\"");
    }
    tdh_buf_text(&at, pointer);
    tdh_buf_pointer(&at, name, strlen(name));
    rc = read_type(reader, scope, name, text, at.failed ? pointer : at.data, err);
    tdh_buf_free(&at);
    return rc;
}

int tdh_types_read(struct tdh_flow_reader *reader, struct tdh_scope *scope, const json_t *text,
                   const char *pointer, struct td_err *err)
{
    json_t *types = json_object_get(text, "types"), *type;
    char at[TDH_POINTER_MAX];
    const char *name;

    snprintf(at, sizeof(at), "%s/types", pointer);
    scope->types = json_object();
    if (scope->types == NULL)
        return no_memory(err);
    if (types != NULL && !json_is_object(types))
        return tdh_flow_fail(reader, at, err,
                             "\"types\" must be a map of variables and "
                             "their types, such as {total: integer}");
    json_object_foreach (types, name, type)
        if (read_member(reader, scope, name, type, at, err) != 0)
            return -1;
    return 0;
}

/* --- what expressions see --- */

/* Does it refer to itself? Such a reference leads elsewhere once the schema is part of another. */
static bool has_reference(const json_t *schema)
{
    const char *key;
    json_t *member;

    for (size_t i = 0; i < json_array_size(schema); i++)
        if (has_reference(json_array_get(schema, i)))
            return true;
    json_object_foreach ((json_t *)schema, key, member)
        if (strcmp(key, "$ref") == 0 || has_reference(member))
            return true;
    return false;
}

json_t *tdh_types_shape(const struct tdh_scope *scope, const char *variable)
{
    json_t *schema = json_object_get(scope->types, variable), *type;

    if (schema == NULL || !has_reference(schema))
        return schema != NULL ? json_incref(schema) : json_object();
    type = json_object_get(schema, "type");
    return type != NULL ? json_pack("{s:O}", "type", type) : json_object();
}

/* --- writing --- */

int tdh_types_assign(const struct tdh_flow_reader *reader, struct tdh_assign *assign,
                     const char *pointer, struct td_err *err)
{
    const json_t *constant = tdh_template_const(assign->value);

    assign->type = tdh_map_get(&assign->scope->type_checks, assign->variable);
    if (assign->type == NULL || constant == NULL ||
        tdh_schema_check(assign->type, constant, err) == 0)
        return 0;
    td_context(err, "variable \"%.100s\"", assign->variable);
    return tdh_flow_at(reader, pointer, err);
}

/* The value as it would be written, cut off where it is long. */
static void print_value(const json_t *value, char *out, size_t size)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    int length = snprintf(out, size, "%s", text != NULL ? text : "a value");

    if (length >= (int)size) {
        size_t at = size - 4; /* room for the dots, at a border of UTF-8 */

        while (at > 0 && ((unsigned char)out[at] & 0xC0) == 0x80)
            at--;
        strcpy(out + at, "...");
    }
    free(text);
}

int tdh_types_check(const struct tdh_assign *assign, const json_t *value, struct td_err *err)
{
    char shown[120];

    if (assign->type == NULL || tdh_schema_check(assign->type, value, err) == 0)
        return 0;
    print_value(value, shown, sizeof(shown));
    return td_context(err, "variable \"%.100s\" cannot take %s", assign->variable, shown);
}

/* --- nodes whose value does not fit ---
 *
 * Such a node fails when its fold has worked all frames off: its failure may end rounds that are
 * still to be looked at. Until then it is under way. */

struct tdh_misfit {
    struct tdh_misfit *next;
    struct tdh_frame *frame;
    const struct tdh_node *node; /* NULL: the round, whose variables could not be made */
    struct td_err why;
};

int tdh_misfit_note(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, const struct td_err *why, struct td_err *err)
{
    struct tdh_misfit *misfit = calloc(1, sizeof(*misfit)), **last = &state->misfits;

    if (misfit == NULL)
        return td_fail(err, TD_E_NOMEM, "could not keep the error of a node");
    misfit->frame = frame;
    misfit->node = node;
    misfit->why = *why;
    while (*last != NULL)
        last = &(*last)->next;
    *last = misfit;
    return 0;
}

int tdh_misfit_fail(struct tdh_flow_state *state, struct td_err *err)
{
    struct tdh_misfit *misfit = state->misfits;
    int rc;

    state->misfits = misfit->next;
    rc = misfit->node != NULL
             ? tdh_node_failed(state, misfit->frame, misfit->node, &misfit->why, err)
             : tdh_round_failed(state, misfit->frame, &misfit->why, err);
    free(misfit);
    return rc;
}

void tdh_misfit_forget(struct tdh_flow_state *state, const struct tdh_frame *frame,
                       const struct tdh_node *node)
{
    for (struct tdh_misfit **at = &state->misfits; *at != NULL;) {
        struct tdh_misfit *misfit = *at;

        if ((frame != NULL && misfit->frame != frame) || (node != NULL && misfit->node != node)) {
            at = &misfit->next;
            continue;
        }
        *at = misfit->next;
        free(misfit);
    }
}
