/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declare: the variables of a workflow and those of bodies, as `variables` and `types` say.
 *
 * A name is that of one variable at any place, so a body cannot have one that is around it. The
 * first values of a body's are worked out when they are made: a map's in each round, which sees its
 * item and index; a loop's once, before its first round, where its `while` is looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/plan.h"

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the variables");
}

/* --- telling --- */

static const struct tdh_scope *find_scope(const struct tdh_scope *scope, const char *name)
{
    while (scope != NULL && json_object_get(scope->first, name) == NULL)
        scope = scope->outer;
    return scope;
}

const struct tdh_scope *tdh_declare_find(const struct tdh_flow_reader *reader, const char *name)
{
    return find_scope(reader->graph->scope, name);
}

/* The node whose body, or a body within that, has the variable; NULL: none. Bodies nest as deep as
 * the text, which is bounded. */
static const json_t *find_owner(const json_t *nodes, const char *name)
{
    const json_t *owner = NULL;

    for (size_t i = 0; owner == NULL && i < json_array_size(nodes); i++) {
        const json_t *node = json_array_get(nodes, i);

        owner = json_object_get(json_object_get(node, "variables"), name) != NULL
                    ? node
                    : find_owner(json_object_get(node, "body"), name);
    }
    return owner;
}

static bool hint_at_owner(const struct tdh_flow_reader *reader, const char *name,
                          struct td_err *err)
{
    const json_t *owner = find_owner(json_object_get(reader->plan->text, "nodes"), name);

    if (owner == NULL)
        return false;
    td_hint(err, "\"%.64s\" is a variable of the body of %.16s \"%.64s\", and is there only", name,
            tdh_json_str(owner, "type", "node"), tdh_json_str(owner, "id", ""));
    return true;
}

static const char *near_name(const struct tdh_flow_reader *reader, const char *name)
{
    return tdh_flow_near(name, json_object_get(reader->root_schemas[ROOT_VARS], "properties"));
}

int tdh_declare_unknown(const struct tdh_flow_reader *reader, const char *pointer, const char *name,
                        struct td_err *err)
{
    const char *near = near_name(reader, name);

    tdh_flow_fail_near(reader, pointer, name, near, err, "there is no variable \"%.100s\"", name);
    if (!hint_at_owner(reader, name, err) && near == NULL)
        td_hint(err, "add it to \"variables\" of the workflow");
    return -1;
}

/* A variable is read through its root. */
static void hint_at_root(const struct tdh_flow_reader *reader, struct td_err *err)
{
    json_t *names = json_object_get(reader->root_schemas[ROOT_VARS], "properties"), *shape;
    const char *name;

    json_object_foreach (names, name, shape) {
        bool is_workflows = json_object_get(reader->plan->scope.first, name) != NULL;
        char words[96];

        snprintf(words, sizeof(words), "variable \"%.64s\" is not known", name);
        if (strstr(err->text, words) != NULL)
            td_hint(err, "a variable of %s is read as vars.%.64s",
                    is_workflows ? "the workflow" : "the body", name);
    }
}

void tdh_declare_hint(const struct tdh_flow_reader *reader, struct td_err *err)
{
    static const char begin[] = "field \"", end[] = "\" is not known";
    const char *at = strstr(err->text, begin), *behind = at != NULL ? strstr(at, end) : NULL;
    char name[TDH_FLOW_ID + 1], words[TDH_FLOW_ID + 16];

    hint_at_root(reader, err);
    if (behind == NULL || behind - at - (ptrdiff_t)strlen(begin) > TDH_FLOW_ID)
        return;
    at += strlen(begin);
    snprintf(name, sizeof(name), "%.*s", (int)(behind - at), at);
    snprintf(words, sizeof(words), "vars.%s", name);
    if (strstr(err->text, words) != NULL)
        hint_at_owner(reader, name, err);
}

/* --- both --- */

static int read_first(const struct tdh_flow_reader *reader, struct tdh_scope *scope,
                      const json_t *text, const char *pointer, struct td_err *err)
{
    json_t *variables = json_object_get(text, "variables");
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/variables", pointer);
    if (variables != NULL && !json_is_object(variables))
        return tdh_flow_fail(reader, at, err,
                             "\"variables\" must be a map of names and first values");
    scope->first = variables != NULL ? json_incref(variables) : json_object();
    return scope->first != NULL ? 0 : no_memory(err);
}

static void free_type(void *type)
{
    tdh_schema_free(type);
}

void tdh_scope_end(struct tdh_scope *scope)
{
    for (size_t i = 0; i < scope->begin_count; i++) {
        free(scope->begins[i].variable);
        tdh_template_free(scope->begins[i].value);
    }
    free(scope->begins);
    tdh_map_free(&scope->type_checks, free_type);
    json_decref(scope->types);
    json_decref(scope->first);
}

/* --- of a workflow --- */

int tdh_declare_workflow(struct tdh_flow_reader *reader, const json_t *text, struct td_err *err)
{
    struct tdh_scope *scope = &reader->plan->scope;
    const char *name;
    json_t *type;

    if (read_first(reader, scope, text, "", err) != 0 ||
        tdh_types_read(reader, scope, text, "", err) != 0)
        return -1;
    json_object_foreach (scope->types, name, type) {
        if (tdh_schema_check(tdh_map_get(&scope->type_checks, name),
                             json_object_get(scope->first, name), err) == 0)
            continue;
        td_context(err, "variable \"%.100s\"", name);
        return tdh_flow_at_member(reader, "/variables", name, err);
    }
    return 0;
}

/* --- of a body --- */

/* The variable of that name around it, and where that is. */
static int check_new(const struct tdh_flow_reader *reader, const char *pointer, const char *name,
                     struct td_err *err)
{
    const struct tdh_scope *other = tdh_declare_find(reader, name);
    struct tdh_buf at = { 0 };
    struct tdh_place place;
    char where[320] = "";

    if (other == NULL)
        return 0;
    tdh_buf_printf(&at, "%s/variables", other->owner != NULL ? other->owner->pointer : "");
    tdh_buf_pointer(&at, name, strlen(name));
    if (reader->yaml != NULL && !at.failed) {
        place = tdh_yaml_key_place(reader->yaml, at.data);
        snprintf(where, sizeof(where), ", at %.250s:%u:%u", reader->yaml->name, place.line,
                 place.column);
    }
    tdh_buf_free(&at);
    if (other->owner == NULL)
        tdh_flow_fail_near(reader, pointer, name, NULL, err,
                           "variable \"%.100s\" is one of the workflow already%s", name, where);
    else
        tdh_flow_fail_near(reader, pointer, name, NULL, err,
                           "variable \"%.100s\" is one of %s \"%s\" around it already%s", name,
                           tdh_node_type_name(other->owner->type), other->owner->id, where);
    return td_hint(err, "give the one of the body another name");
}

/* What is there only later: of a loop's rounds, and what stands beside it. */
static void hint_at_later(const struct tdh_scope *scope, struct td_err *err)
{
    static const char *const roots[] = { "item", "index" };
    char words[96];
    const char *name;
    json_t *value;

    for (size_t i = 0; scope->owner->type == NODE_LOOP && i < 2; i++) {
        snprintf(words, sizeof(words), "variable \"%s\" is not known", roots[i]);
        if (strstr(err->text, words) != NULL)
            td_hint(err,
                    "variables of a loop are made before its first round: there is no \"%s\" yet",
                    roots[i]);
    }
    json_object_foreach (scope->first, name, value) {
        snprintf(words, sizeof(words), "field \"%.64s\" is not known", name);
        if (strstr(err->text, words) != NULL && strstr(err->text, "vars.") != NULL)
            td_hint(err, "first values do not see each other");
    }
}

static int read_begin(struct tdh_flow_reader *reader, struct tdh_scope *scope, const char *name,
                      const json_t *value, const char *pointer, unsigned sees, struct td_err *err)
{
    struct tdh_assign *begin = &scope->begins[scope->begin_count++];

    begin->scope = scope;
    begin->variable = strdup(name);
    if (begin->variable == NULL)
        return no_memory(err);
    reader->want = json_object_get(scope->types, name);
    begin->value = tdh_flow_template(reader, value, pointer, sees, err);
    reader->want = NULL;
    if (begin->value == NULL) {
        hint_at_later(scope, err);
        return -1;
    }
    scope->reads |= tdh_template_reads(begin->value);
    return tdh_types_assign(reader, begin, pointer, err);
}

static int read_begins(struct tdh_flow_reader *reader, struct tdh_scope *scope, unsigned sees,
                       struct td_err *err)
{
    char pointer[TDH_POINTER_MAX];
    const char *name;
    json_t *value;

    snprintf(pointer, sizeof(pointer), "%s/variables", scope->owner->pointer);
    json_object_foreach (scope->first, name, value) {
        struct tdh_buf at = { 0 };
        int rc = check_new(reader, pointer, name, err);

        tdh_buf_text(&at, pointer);
        tdh_buf_pointer(&at, name, strlen(name));
        if (rc == 0)
            rc = read_begin(reader, scope, name, value, at.failed ? pointer : at.data, sees, err);
        tdh_buf_free(&at);
        if (rc != 0)
            return -1;
    }
    return 0;
}

int tdh_declare_body(struct tdh_flow_reader *reader, struct tdh_node *owner, const json_t *text,
                     unsigned sees, struct td_err *err)
{
    struct tdh_scope *scope;

    if (json_object_get(text, "variables") == NULL && json_object_get(text, "types") == NULL)
        return 0;
    scope = owner->scope = calloc(1, sizeof(*scope));
    if (scope == NULL)
        return no_memory(err);
    scope->outer = reader->graph->scope;
    scope->owner = owner;
    scope->depth = reader->graph->depth + 1;
    if (read_first(reader, scope, text, owner->pointer, err) != 0 ||
        tdh_types_read(reader, scope, text, owner->pointer, err) != 0)
        return -1;
    scope->is_plain = tdh_template_is_plain(scope->first);
    scope->begins = calloc(json_object_size(scope->first) + 1, sizeof(*scope->begins));
    return scope->begins != NULL ? read_begins(reader, scope, sees, err) : no_memory(err);
}
