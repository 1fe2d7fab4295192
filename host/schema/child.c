/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child: compiles keywords whose value is a schema or several, and keywords that are notes.
 */
#include <stdio.h>

#include "base/json.h"
#include "schema/compile.h"
#include "schema/keyword.h"

/* The value must be of a type: every keyword's first line. */
static int must_be(struct tdh_js_compiler *c, const struct tdh_js_rule *rule, bool is_right,
                   const char *what, const json_t *value)
{
    return is_right ? 1
                    : tdh_js_compile_fail(c, rule, TD_E_INVAL, "must be %s, is of type %s", what,
                                          tdh_json_type_name(value));
}

int tdh_js_compile_string(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                          const json_t *object)
{
    (void)object;
    return must_be(c, rule, json_is_string(value), "a string", value);
}

int tdh_js_compile_boolean(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                           const json_t *object)
{
    (void)object;
    return must_be(c, rule, json_is_boolean(value), "true or false", value);
}

int tdh_js_compile_array(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                         const json_t *object)
{
    (void)object;
    return must_be(c, rule, json_is_array(value), "an array", value);
}

int tdh_js_compile_one(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                       const json_t *object)
{
    (void)object;
    rule->as.schema = tdh_js_compile_child(c, rule, value, NULL);
    return rule->as.schema != NULL ? 0 : -1;
}

int tdh_js_compile_list(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                        const json_t *object)
{
    const struct tdh_js_node **nodes;
    size_t count = json_array_size(value);
    char token[24];

    (void)object;
    if (must_be(c, rule, json_is_array(value), "an array of schemas", value) < 0)
        return -1;
    if (count == 0)
        return tdh_js_compile_fail(c, rule, TD_E_INVAL, "must hold at least one schema");
    nodes = tdh_js_compile_alloc(c, count * sizeof(*nodes));
    for (size_t i = 0; nodes != NULL && i < count; i++) {
        snprintf(token, sizeof(token), "%zu", i);
        nodes[i] = tdh_js_compile_child(c, rule, json_array_get(value, i), token);
        if (nodes[i] == NULL)
            return -1;
    }
    rule->as.schemas = (struct tdh_js_nodes){ nodes, count };
    return nodes != NULL ? 0 : -1;
}

int tdh_js_compile_map(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                       const json_t *object)
{
    (void)object;
    if (must_be(c, rule, json_is_object(value), "an object of schemas", value) < 0)
        return -1;
    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL; tdh_js_member_next(&m))
        if (tdh_js_compile_child(c, rule, m.value, m.key) == NULL)
            return -1;
    return 1;
}
