/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile: makes nodes and their rules, and the small things keyword functions need for theirs.
 */
#include "schema/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "schema/names.h"
#include "schema/pattern.h"
#include "schema/where.h"

int tdh_js_compile_no_memory(struct tdh_js_compiler *c)
{
    return td_fail(c->err, TD_E_NOMEM, "could not allocate a schema");
}

static int fail_at(struct tdh_js_compiler *c, const struct tdh_js_node *node, const char *keyword,
                   enum td_code code, const char *fmt, va_list ap)
    __attribute__((format(printf, 5, 0)));
static int fail_at(struct tdh_js_compiler *c, const struct tdh_js_node *node, const char *keyword,
                   enum td_code code, const char *fmt, va_list ap)
{
    char text[TD_ERR_TEXT];
    char *where = tdh_js_where_keyword(node, c->schema->root, keyword);

    if (where == NULL)
        return tdh_js_compile_no_memory(c);
    vsnprintf(text, sizeof(text), fmt, ap);
    td_fail(c->err, code, "%s%s%s", where, where[0] != '\0' ? ": " : "", text);
    free(where);
    return -1;
}

int tdh_js_compile_fail_at(struct tdh_js_compiler *c, const struct tdh_js_node *node,
                           const char *keyword, enum td_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fail_at(c, node, keyword, code, fmt, ap);
    va_end(ap);
    return -1;
}

int tdh_js_compile_fail(struct tdh_js_compiler *c, const struct tdh_js_rule *rule,
                        enum td_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fail_at(c, rule->node, rule->keyword->name, code, fmt, ap);
    va_end(ap);
    return -1;
}

void *tdh_js_compile_alloc(struct tdh_js_compiler *c, size_t size)
{
    void *memory = tdh_arena_alloc(&c->schema->arena, size);

    if (memory == NULL)
        tdh_js_compile_no_memory(c);
    return memory;
}

char *tdh_js_compile_copy(struct tdh_js_compiler *c, const char *text)
{
    char *copy = tdh_arena_strdup(&c->schema->arena, text);

    if (copy == NULL)
        tdh_js_compile_no_memory(c);
    return copy;
}

char *tdh_js_compile_step(struct tdh_js_compiler *c, const char *token)
{
    char *step = tdh_js_compile_alloc(c, tdh_js_where_escape(NULL, token) + 1);

    if (step != NULL)
        tdh_js_where_escape(step, token);
    return step;
}

static struct tdh_js_names *fill_names(struct tdh_js_compiler *c, struct tdh_js_names *names,
                                       const json_t *words)
{
    struct tdh_js_member m = { .key = NULL };
    size_t count = json_is_object(words) ? json_object_size(words) : json_array_size(words);

    if (json_is_object(words))
        m = tdh_js_member_first(words);
    for (size_t i = 0; i < count; i++) {
        const char *key = m.key != NULL ? m.key : json_string_value(json_array_get(words, i));

        key = tdh_js_compile_copy(c, key);
        if (key == NULL)
            return NULL;
        tdh_js_names_add(names, key, NULL);
        if (m.key != NULL)
            tdh_js_member_next(&m);
    }
    return names;
}

struct tdh_js_names *tdh_js_compile_names(struct tdh_js_compiler *c, const json_t *words)
{
    size_t count = json_is_object(words) ? json_object_size(words) : json_array_size(words);
    struct tdh_js_names *names = tdh_js_names_new(&c->schema->arena, count);

    if (names == NULL) {
        tdh_js_compile_no_memory(c);
        return NULL;
    }
    return fill_names(c, names, words);
}

struct tdh_js_pattern *tdh_js_compile_pattern(struct tdh_js_compiler *c,
                                              const struct tdh_js_rule *rule, const char *text,
                                              size_t length)
{
    struct td_err why;
    struct tdh_js_pattern *pattern = tdh_js_pattern_new(text, length, &why);

    if (pattern == NULL) {
        tdh_js_compile_fail(c, rule, why.code, "%s", why.text);
        return NULL;
    }
    tdh_js_pattern_push(pattern, &c->schema->patterns);
    return pattern;
}

/* The same value in the same resource is the same schema, wherever it is met: YAML aliases are
 * compiled once. */
static void node_key(char key[40], const json_t *value, const struct tdh_js_resource *resource)
{
    snprintf(key, 40, "%p %p", (const void *)value, (const void *)resource);
}

static struct tdh_js_node *make_node(struct tdh_js_compiler *c, struct tdh_js_resource *resource,
                                     const struct tdh_js_node *up, const char *path)
{
    struct tdh_js_node *node = tdh_js_compile_alloc(c, sizeof(*node));

    if (node == NULL)
        return NULL;
    node->resource = resource;
    node->up = up;
    node->path = path;
    if (c->schema->root == NULL)
        c->schema->root = node;
    return node;
}

/* `true` and `false`. jansson has one value for each, so these are never found again. */
static struct tdh_js_node *make_boolean(struct tdh_js_compiler *c, struct tdh_js_node *node,
                                        bool is_true)
{
    if (is_true)
        return node;
    node->rules = tdh_js_compile_alloc(c, sizeof(*node->rules));
    if (node->rules == NULL)
        return NULL;
    node->rules[0] = (struct tdh_js_rule){ .check = tdh_js_keyword_false.check,
                                           .types = tdh_js_keyword_false.types,
                                           .keyword = &tdh_js_keyword_false,
                                           .node = node };
    node->rule_count = 1;
    return node;
}

static int make_rule(struct tdh_js_compiler *c, struct tdh_js_node *node,
                     const struct tdh_js_keyword *keyword, const json_t *value,
                     const json_t *object)
{
    struct tdh_js_rule *rule = &node->rules[node->rule_count];
    int rc;

    *rule = (struct tdh_js_rule){
        .check = keyword->check, .types = keyword->types, .keyword = keyword, .node = node
    };
    rc = keyword->compile(c, rule, value, object);
    if (rc == 0 && keyword->check != NULL)
        node->rule_count++;
    if (rc == 0 && keyword->vocabulary == TDH_VOCAB_UNEVALUATED)
        node->is_unevaluated = true;
    return rc < 0 ? -1 : 0;
}

static int make_rules(struct tdh_js_compiler *c, struct tdh_js_node *node, const json_t *object)
{
    const struct tdh_js_keyword *keyword;

    node->rules = tdh_js_compile_alloc(c, (json_object_size(object) + 1) * sizeof(*node->rules));
    if (node->rules == NULL)
        return -1;
    for (size_t i = 0; (keyword = tdh_js_keyword_at(i)) != NULL; i++) {
        const json_t *value = json_object_get(object, keyword->name);

        if (value == NULL || (keyword->vocabulary & node->resource->vocabularies) == 0)
            continue;
        if (make_rule(c, node, keyword, value, object) != 0)
            return -1;
    }
    return 0;
}

static struct tdh_js_node *make_object(struct tdh_js_compiler *c, struct tdh_js_node *node,
                                       const json_t *object)
{
    char key[40];

    node_key(key, object, node->resource);
    if (tdh_map_set(&c->nodes, key, node, NULL) != 0) {
        tdh_js_compile_no_memory(c);
        return NULL;
    }
    if (tdh_js_resource_identify(c, node, object) != 0)
        return NULL;
    if (c->depth == TDH_SCHEMA_DEPTH) {
        tdh_js_compile_fail_at(c, node, NULL, TD_E_LIMIT, "more than %d schemas inside each other",
                               TDH_SCHEMA_DEPTH);
        return NULL;
    }
    c->depth++;
    if (make_rules(c, node, object) != 0)
        return NULL;
    c->depth--;
    return node;
}

struct tdh_js_node *tdh_js_compile_known(struct tdh_js_compiler *c, const json_t *value,
                                         const struct tdh_js_resource *resource)
{
    char key[40];

    if (!json_is_object(value))
        return NULL;
    node_key(key, value, resource);
    return tdh_map_get(&c->nodes, key);
}

struct tdh_js_node *tdh_js_compile_schema(struct tdh_js_compiler *c, const json_t *value,
                                          struct tdh_js_resource *resource,
                                          const struct tdh_js_node *up, const char *path)
{
    struct tdh_js_node *node = tdh_js_compile_known(c, value, resource);

    if (node != NULL)
        return node;
    node = make_node(c, resource, up, path);
    if (node == NULL || json_is_boolean(value))
        return node != NULL ? make_boolean(c, node, json_is_true(value)) : NULL;
    if (json_is_object(value))
        return make_object(c, node, value);
    tdh_js_compile_fail_at(c, node, NULL, TD_E_INVAL,
                           "a schema must be an object or a boolean, is of type %s",
                           tdh_json_type_name(value));
    return NULL;
}

const struct tdh_js_node *tdh_js_compile_child(struct tdh_js_compiler *c,
                                               const struct tdh_js_rule *rule, const json_t *value,
                                               const char *token)
{
    const char *step = token != NULL ? tdh_js_compile_step(c, token) : "";
    char *path;

    if (step == NULL)
        return NULL;
    path = tdh_arena_printf(&c->schema->arena, "/%s%s", rule->keyword->name, step);
    if (path == NULL) {
        tdh_js_compile_no_memory(c);
        return NULL;
    }
    return tdh_js_compile_schema(c, value, rule->node->resource, rule->node, path);
}
