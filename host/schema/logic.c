/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logic: rules that apply other schemas to the same value.
 */
#include <string.h>

#include "base/json.h"
#include "schema/compile.h"
#include "schema/keyword.h"
#include "schema/names.h"
#include "schema/run.h"

bool tdh_js_check_false(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    (void)value;
    return tdh_js_run_fail(run, rule, "must not be here");
}

int tdh_js_compile_ref(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                       const json_t *object)
{
    struct tdh_js_reference *ref = tdh_js_compile_alloc(c, sizeof(*ref));

    if (ref == NULL || tdh_js_compile_string(c, rule, value, object) < 0)
        return -1;
    ref->rule = rule;
    ref->text = tdh_js_compile_copy(c, json_string_value(value));
    ref->next = c->waiting;
    c->waiting = ref;
    if (strcmp(rule->keyword->name, "$dynamicRef") == 0)
        c->schema->is_dynamic = true;
    return ref->text != NULL ? 0 : -1;
}

/* The outermost resource entered that has the anchor decides; the one the reference names is the
 * fallback. */
static const struct tdh_js_node *find_dynamic(struct tdh_js_run *run, const struct tdh_js_ref *ref)
{
    const struct tdh_js_node *node = ref->node;
    size_t steps = 0;

    for (const struct tdh_js_scope *scope = run->scope; scope != NULL; scope = scope->outer)
        for (const struct tdh_js_dynamic *at = scope->resource->dynamics; at != NULL;
             at = at->next) {
            steps++;
            if (strcmp(at->name, ref->anchor) == 0)
                node = at->node;
        }
    tdh_js_run_spend(run, steps);
    return node;
}

bool tdh_js_check_ref(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    const struct tdh_js_ref *ref = &rule->as.ref;

    return tdh_js_node_check(run, ref->anchor == NULL ? ref->node : find_dynamic(run, ref), value);
}

bool tdh_js_check_all_of(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                         const json_t *value)
{
    bool is_valid = true;

    for (size_t i = 0; i < rule->as.schemas.count; i++) {
        if (tdh_js_node_check(run, rule->as.schemas.at[i], value))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

/* Whether the members that are to be one of a few known words are so: what tells `{kind: a}` from
 * `{kind: b}`. */
static bool admits_words(struct tdh_js_run *run, const struct tdh_js_node *node,
                         const json_t *value)
{
    const struct tdh_js_rule *properties = tdh_js_node_rule(node, "properties");

    if (properties == NULL || !json_is_object(value))
        return true;
    for (struct tdh_js_member m = tdh_js_member_first(value); m.key != NULL;
         tdh_js_member_next(&m)) {
        const struct tdh_js_name *name = tdh_js_names_get(properties->as.names, m.key);
        const struct tdh_js_rule *rule =
            name != NULL ? tdh_js_node_rule(name->node, "const") : NULL;

        if (name != NULL && rule == NULL)
            rule = tdh_js_node_rule(name->node, "enum");
        if (rule != NULL && !rule->check(run, rule, m.value))
            return false;
    }
    return true;
}

/* Whether a value is of the kind a node is for, by its type and words, and by those of what it
 * refers to. */
static bool is_meant(struct tdh_js_run *run, const struct tdh_js_node *node, const json_t *value)
{
    for (unsigned hops = 0; hops < 8 && node != NULL; hops++) {
        const struct tdh_js_rule *type = tdh_js_node_rule(node, "type"),
                                 *ref = tdh_js_node_rule(node, "$ref");

        if (type != NULL && !type->check(run, type, value))
            return false;
        if (tdh_js_node_is_false(node) || !admits_words(run, node, value))
            return false;
        node = ref != NULL ? ref->as.ref.node : NULL;
    }
    return true;
}

static const struct tdh_js_node *find_meant(struct tdh_js_run *run,
                                            const struct tdh_js_nodes *schemas, const json_t *value)
{
    const struct tdh_js_node *meant = NULL;
    size_t count = 0;

    run->quiet++;
    for (size_t i = 0; i < schemas->count; i++)
        if (is_meant(run, schemas->at[i], value)) {
            meant = schemas->at[i];
            count++;
        }
    run->quiet--;
    return count == 1 ? meant : NULL;
}

/* When only one alternative is for values of this kind, its reason is the reason. */
static bool explain(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    const struct tdh_js_node *meant;

    if (run->quiet > 0)
        return false;
    meant = find_meant(run, &rule->as.schemas, value);
    if (meant != NULL)
        return tdh_js_node_check(run, meant, value);
    if (rule->as.schemas.count == 1)
        return tdh_js_run_fail(run, rule, "does not fit the one alternative");
    return tdh_js_run_fail(run, rule, "fits none of the %zu alternatives", rule->as.schemas.count);
}

/* anyOf and oneOf. Without marks to gather, the first that fits is enough for anyOf, the second for
 * oneOf. */
bool tdh_js_check_alternatives(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                               const json_t *value)
{
    const struct tdh_js_nodes *schemas = &rule->as.schemas;
    size_t first = schemas->count;

    for (size_t i = 0; i < schemas->count; i++) {
        if (!tdh_js_node_try(run, schemas->at[i], value))
            continue;
        if (first != schemas->count && rule->keyword->arg == TDH_ONE_OF)
            return tdh_js_run_fail(run, rule, "fits the alternatives %zu and %zu, must fit one",
                                   first, i);
        first = i;
        if (run->marks == NULL && rule->keyword->arg == TDH_SOME_OF)
            break;
    }
    return first != schemas->count || explain(run, rule, value);
}

bool tdh_js_check_not(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    struct tdh_js_marks *marks = run->marks;
    bool fits;

    run->marks = NULL; /* what evaluates under "not" counts for nothing */
    fits = tdh_js_node_try(run, rule->as.schema, value);
    run->marks = marks;
    return !fits || tdh_js_run_fail(run, rule, "must not be as under \"not\"");
}

struct choice {
    const struct tdh_js_node *test, *yes, *no; /* yes and no may be NULL */
};

/* "then" or "else"; the row of that keyword compiled it before. */
static int compile_branch(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *object,
                          const char *keyword, const struct tdh_js_node **ret_node)
{
    const json_t *value = json_object_get(object, keyword);

    *ret_node = NULL;
    if (value == NULL)
        return 0;
    *ret_node = tdh_js_compile_schema(c, value, rule->node->resource, rule->node,
                                      strcmp(keyword, "then") == 0 ? "/then" : "/else");
    return *ret_node != NULL ? 0 : -1;
}

int tdh_js_compile_if(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                      const json_t *object)
{
    struct choice *choice = tdh_js_compile_alloc(c, sizeof(*choice));

    if (choice == NULL)
        return -1;
    choice->test = tdh_js_compile_child(c, rule, value, NULL);
    rule->as.data = choice;
    if (choice->test == NULL || compile_branch(c, rule, object, "then", &choice->yes) != 0)
        return -1;
    return compile_branch(c, rule, object, "else", &choice->no);
}

bool tdh_js_check_if(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    const struct choice *choice = rule->as.data;
    const struct tdh_js_node *branch;

    if (choice->yes == NULL && choice->no == NULL && run->marks == NULL)
        return true;
    branch = tdh_js_node_try(run, choice->test, value) ? choice->yes : choice->no;
    return branch == NULL || tdh_js_node_check(run, branch, value);
}
