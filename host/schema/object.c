/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object: rules about the members of an object.
 */
#include <string.h>

#include "base/json.h"
#include "schema/compile.h"
#include "schema/keyword.h"
#include "schema/names.h"
#include "schema/pattern.h"
#include "schema/run.h"

/* An array of strings, no two equal, that can be keys. */
static struct tdh_js_names *read_keys(struct tdh_js_compiler *c, const struct tdh_js_rule *rule,
                                      const json_t *value)
{
    struct tdh_js_names *names;

    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *one = json_array_get(value, i);

        if (!json_is_string(one) || strlen(json_string_value(one)) != json_string_length(one))
            value = NULL;
    }
    if (!json_is_array(value)) {
        tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be an array of keys, strings without NUL");
        return NULL;
    }
    names = tdh_js_compile_names(c, value);
    if (names == NULL || names->count == json_array_size(value))
        return names;
    tdh_js_compile_fail(c, rule, TD_E_INVAL, "names a key twice");
    return NULL;
}

int tdh_js_compile_required(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                            const json_t *value, const json_t *object)
{
    (void)object;
    rule->as.names = read_keys(c, rule, value);
    if (rule->as.names == NULL)
        return -1;
    return rule->as.names->count > 0 ? 0 : 1;
}

bool tdh_js_check_required(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                           const json_t *value)
{
    const struct tdh_js_names *names = rule->as.names;
    bool is_valid = true;

    for (size_t i = 0; i < names->count; i++) {
        if (json_object_get(value, names->keys[i]) != NULL)
            continue;
        is_valid = tdh_js_run_fail(run, rule, "the key \"%s\" is missing", names->keys[i]);
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

/* dependentRequired: a key, and those it wants beside it. */
struct needs {
    size_t count;
    struct need {
        const char *key;
        const struct tdh_js_names *names;
    } at[];
};

int tdh_js_compile_dependent_required(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                                      const json_t *value, const json_t *object)
{
    size_t count = json_object_size(value);
    struct needs *needs;

    (void)object;
    if (!json_is_object(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL,
                                   "must be an object of arrays, is of type %s",
                                   tdh_json_type_name(value));
    needs = tdh_js_compile_alloc(c, sizeof(*needs) + count * sizeof(needs->at[0]));
    if (needs == NULL)
        return -1;
    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        struct need *need = &needs->at[needs->count++];

        need->key = tdh_js_compile_copy(c, m.key);
        need->names = need->key != NULL ? read_keys(c, rule, m.value) : NULL;
        if (need->names == NULL)
            return -1;
    }
    rule->as.data = needs;
    return count > 0 ? 0 : 1;
}

static bool check_need(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                       const struct need *need, const json_t *value)
{
    bool is_valid = true;

    for (size_t i = 0; i < need->names->count; i++) {
        if (json_object_get(value, need->names->keys[i]) != NULL)
            continue;
        is_valid = tdh_js_run_fail(run, rule, "the key \"%s\" is missing, \"%s\" needs it",
                                   need->names->keys[i], need->key);
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

bool tdh_js_check_dependent_required(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                                     const json_t *value)
{
    const struct needs *needs = rule->as.data;
    bool is_valid = tdh_js_run_spend(run, needs->count);

    for (size_t i = 0; i < needs->count && (is_valid || tdh_js_run_goes_on(run)); i++)
        if (json_object_get(value, needs->at[i].key) != NULL)
            is_valid &= check_need(run, rule, &needs->at[i], value);
    return is_valid;
}

/* properties, and dependentSchemas: a schema for each key. */
int tdh_js_compile_properties(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                              const json_t *value, const json_t *object)
{
    (void)object;
    if (!json_is_object(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL,
                                   "must be an object of schemas, is of type %s",
                                   tdh_json_type_name(value));
    rule->as.names = tdh_js_names_new(&c->schema->arena, json_object_size(value));
    if (rule->as.names == NULL)
        return tdh_js_compile_no_memory(c);
    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        const struct tdh_js_node *node = tdh_js_compile_child(c, rule, m.value, m.key);
        const char *key = node != NULL ? tdh_js_compile_copy(c, m.key) : NULL;

        if (key == NULL)
            return -1;
        tdh_js_names_add(rule->as.names, key, node);
    }
    return rule->as.names->count > 0 ? 0 : 1;
}

bool tdh_js_check_properties(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                             const json_t *value)
{
    bool is_valid = true;

    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        const struct tdh_js_name *name = tdh_js_names_get(rule->as.names, m.key);

        if (name == NULL)
            continue;
        tdh_js_marks_set(run->marks, m.index);
        if (tdh_js_node_check_in(run, name->node, m.value, m.key, 0))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

bool tdh_js_check_dependent_schemas(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                                    const json_t *value)
{
    bool is_valid = true;

    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        const struct tdh_js_name *name = tdh_js_names_get(rule->as.names, m.key);

        if (name == NULL || tdh_js_node_check(run, name->node, value))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

/* patternProperties */
struct patterns {
    size_t count;
    struct {
        struct tdh_js_pattern *pattern;
        const struct tdh_js_node *node;
    } at[];
};

int tdh_js_compile_patterns(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                            const json_t *value, const json_t *object)
{
    struct patterns *patterns;

    (void)object;
    if (!json_is_object(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL,
                                   "must be an object of schemas, is of type %s",
                                   tdh_json_type_name(value));
    patterns = tdh_js_compile_alloc(c, sizeof(*patterns) +
                                           json_object_size(value) * sizeof(patterns->at[0]));
    if (patterns == NULL)
        return -1;
    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        size_t i = patterns->count++;

        patterns->at[i].pattern = tdh_js_compile_pattern(c, rule, m.key, strlen(m.key));
        if (patterns->at[i].pattern == NULL)
            return -1;
        patterns->at[i].node = tdh_js_compile_child(c, rule, m.value, m.key);
        if (patterns->at[i].node == NULL)
            return -1;
    }
    rule->as.data = patterns;
    return patterns->count > 0 ? 0 : 1;
}

static bool check_patterns_of(struct tdh_js_run *run, const struct patterns *patterns,
                              const struct tdh_js_member *m)
{
    bool is_valid = true;

    for (size_t i = 0; i < patterns->count; i++) {
        if (!tdh_js_run_match(run, patterns->at[i].pattern, m->key, strlen(m->key)))
            continue;
        tdh_js_marks_set(run->marks, m->index);
        if (tdh_js_node_check_in(run, patterns->at[i].node, m->value, m->key, 0))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

bool tdh_js_check_patterns(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                           const json_t *value)
{
    bool is_valid = true;

    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        is_valid &= check_patterns_of(run, rule->as.data, &m);
        if (!is_valid && !tdh_js_run_goes_on(run))
            break;
    }
    return is_valid && !run->is_stuck;
}

/* additionalProperties, with the neighbours that say which members are not additional */
struct extra {
    const struct tdh_js_node *node;
    const struct tdh_js_names *names; /* NULL: none */
    const struct patterns *patterns;  /* NULL: none */
};

int tdh_js_compile_additional(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                              const json_t *value, const json_t *object)
{
    const struct tdh_js_rule *properties = tdh_js_node_rule(rule->node, "properties");
    const struct tdh_js_rule *patterns = tdh_js_node_rule(rule->node, "patternProperties");
    struct extra *extra = tdh_js_compile_alloc(c, sizeof(*extra));

    (void)object;
    if (extra == NULL)
        return -1;
    extra->node = tdh_js_compile_child(c, rule, value, NULL);
    extra->names = properties != NULL ? properties->as.names : NULL;
    extra->patterns = patterns != NULL ? patterns->as.data : NULL;
    rule->as.data = extra;
    return extra->node != NULL ? 0 : -1;
}

static bool is_additional(struct tdh_js_run *run, const struct extra *extra, const char *key)
{
    if (extra->names != NULL && tdh_js_names_get(extra->names, key) != NULL)
        return false;
    for (size_t i = 0; extra->patterns != NULL && i < extra->patterns->count; i++)
        if (tdh_js_run_match(run, extra->patterns->at[i].pattern, key, strlen(key)))
            return false;
    return true;
}

/* A member no neighbour knows. `false` has its own words: the key is wrong, not its value. */
static bool check_extra(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                        const struct tdh_js_node *node, const struct tdh_js_member *m,
                        const struct tdh_js_names *known)
{
    if (tdh_js_node_is_false(node))
        return tdh_js_run_refuse_key(run, rule, m->key, known);
    return tdh_js_node_check_in(run, node, m->value, m->key, 0);
}

bool tdh_js_check_additional(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                             const json_t *value)
{
    const struct extra *extra = rule->as.data;
    bool is_valid = true;

    if (extra->node->rule_count == 0 && run->marks == NULL)
        return true;
    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        if (!is_additional(run, extra, m.key))
            continue;
        tdh_js_marks_set(run->marks, m.index);
        if (check_extra(run, rule, extra->node, &m, extra->names))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

bool tdh_js_check_unevaluated_properties(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                                         const json_t *value)
{
    const struct tdh_js_rule *properties = tdh_js_node_rule(rule->node, "properties");
    bool is_valid = true;

    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        if (tdh_js_marks_has(run->marks, m.index) ||
            check_extra(run, rule, rule->as.schema, &m,
                        properties != NULL ? properties->as.names : NULL))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    tdh_js_marks_set_all(run->marks);
    return is_valid;
}

/* The key as a value; it lives for the check of one node. */
static bool check_name(struct tdh_js_run *run, const struct tdh_js_node *node, const char *key)
{
    json_t *name = json_string(key);
    bool is_valid;

    if (name == NULL)
        return tdh_js_run_stuck(run, TD_E_NOMEM, "could not allocate a key");
    run->named = key;
    is_valid = tdh_js_node_check_in(run, node, name, key, 0);
    run->named = NULL;
    json_decref(name);
    return is_valid;
}

bool tdh_js_check_property_names(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                                 const json_t *value)
{
    bool is_valid = true;

    if (rule->as.schema->rule_count == 0)
        return true;
    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        if (check_name(run, rule->as.schema, m.key))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}
