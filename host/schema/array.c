/* SPDX-License-Identifier: Apache-2.0 */
/*
 * array: rules about the items of an array.
 */
#include <stdlib.h>
#include <string.h>

#include "schema/compile.h"
#include "schema/keyword.h"
#include "schema/run.h"
#include "schema/value.h"

bool tdh_js_check_prefix_items(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                               const json_t *value)
{
    const struct tdh_js_nodes *schemas = &rule->as.schemas;
    size_t size = json_array_size(value);
    bool is_valid = true;

    for (size_t i = 0; i < size && i < schemas->count; i++) {
        tdh_js_marks_set(run->marks, i);
        if (tdh_js_node_check_in(run, schemas->at[i], json_array_get(value, i), NULL, i))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

/* items: for those behind what prefixItems has */
struct rest {
    const struct tdh_js_node *node;
    size_t start;
};

int tdh_js_compile_items(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                         const json_t *object)
{
    const struct tdh_js_rule *prefix = tdh_js_node_rule(rule->node, "prefixItems");
    struct rest *rest = tdh_js_compile_alloc(c, sizeof(*rest));

    (void)object;
    if (json_is_array(value))
        return tdh_js_compile_fail(c, rule, TD_E_INVAL,
                                   "must be one schema; an array of them is called prefixItems");
    if (rest == NULL)
        return -1;
    rest->node = tdh_js_compile_child(c, rule, value, NULL);
    rest->start = prefix != NULL ? prefix->as.schemas.count : 0;
    rule->as.data = rest;
    return rest->node != NULL ? 0 : -1;
}

bool tdh_js_check_items(struct tdh_js_run *run, const struct tdh_js_rule *rule, const json_t *value)
{
    const struct rest *rest = rule->as.data;
    size_t size = json_array_size(value);
    bool is_valid = true;

    tdh_js_marks_set_all(run->marks);
    if (rest->node->rule_count == 0)
        return true;
    for (size_t i = rest->start; i < size; i++) {
        if (tdh_js_node_check_in(run, rest->node, json_array_get(value, i), NULL, i))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return is_valid;
}

bool tdh_js_check_unevaluated_items(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                                    const json_t *value)
{
    size_t size = json_array_size(value);
    bool is_valid = true;

    for (size_t i = 0; i < size; i++) {
        if (tdh_js_marks_has(run->marks, i) ||
            tdh_js_node_check_in(run, rule->as.schema, json_array_get(value, i), NULL, i))
            continue;
        is_valid = false;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    tdh_js_marks_set_all(run->marks);
    return is_valid;
}

struct contains {
    const struct tdh_js_node *node;
    size_t least, most;
};

/* A neighbour that is a count; it was checked as a keyword of its own before. */
static size_t count_at(const struct tdh_js_rule *rule, const json_t *object, const char *key,
                       size_t fallback)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL || (rule->node->resource->vocabularies & TDH_VOCAB_VALIDATION) == 0)
        return fallback;
    return json_number_value(value) < 9e18 ? (size_t)json_number_value(value) : SIZE_MAX;
}

int tdh_js_compile_contains(struct tdh_js_compiler *c, struct tdh_js_rule *rule,
                            const json_t *value, const json_t *object)
{
    struct contains *contains = tdh_js_compile_alloc(c, sizeof(*contains));

    if (contains == NULL)
        return -1;
    contains->node = tdh_js_compile_child(c, rule, value, NULL);
    contains->least = count_at(rule, object, "minContains", 1);
    contains->most = count_at(rule, object, "maxContains", SIZE_MAX);
    rule->as.data = contains;
    return contains->node != NULL ? 0 : -1;
}

bool tdh_js_check_contains(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                           const json_t *value)
{
    const struct contains *contains = rule->as.data;
    size_t size = json_array_size(value), count = 0;

    for (size_t i = 0; i < size; i++) {
        bool fits;

        if (run->marks == NULL && contains->most == SIZE_MAX && count >= contains->least)
            return true;
        run->quiet++;
        fits = tdh_js_node_check_in(run, contains->node, json_array_get(value, i), NULL, i);
        run->quiet--;
        count += fits;
        if (fits)
            tdh_js_marks_set(run->marks, i);
    }
    if (count < contains->least)
        return tdh_js_run_fail(run, rule,
                               "must have at least %zu item%s as under \"contains\", has %zu",
                               contains->least, contains->least == 1 ? "" : "s", count);
    return count <= contains->most ||
           tdh_js_run_fail(run, rule, "must have at most %zu item%s as under \"contains\", has %zu",
                           contains->most, contains->most == 1 ? "" : "s", count);
}

int tdh_js_compile_unique(struct tdh_js_compiler *c, struct tdh_js_rule *rule, const json_t *value,
                          const json_t *object)
{
    int rc = tdh_js_compile_boolean(c, rule, value, object);

    return rc < 0 ? -1 : json_is_true(value) ? 0 : 1;
}

enum { PAIRED = 8 }; /* up to here scalars are compared each with each */

struct pair {
    size_t first, second;
};

static bool are_scalars(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (json_is_array(json_array_get(array, i)) || json_is_object(json_array_get(array, i)))
            return false;
    return true;
}

static bool find_pair(const json_t *array, struct pair *ret_pair, size_t *visits)
{
    for (size_t i = 1; i < json_array_size(array); i++)
        for (size_t k = 0; k < i; k++)
            if (tdh_js_value_equal(json_array_get(array, k), json_array_get(array, i), visits)) {
                *ret_pair = (struct pair){ k, i };
                return true;
            }
    return false;
}

/* Open addressing over hashes; index 0 is an empty slot, item i has index i + 1. */
struct seen {
    uint64_t hash;
    size_t index;
};

static bool find_pair_hashed(const json_t *array, struct seen *seen, size_t mask,
                             struct pair *ret_pair, size_t *visits)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        uint64_t hash = tdh_js_value_hash(item, visits);
        size_t at = hash & mask;

        for (; seen[at].index != 0; at = (at + 1) & mask) {
            size_t other = seen[at].index - 1;

            if (seen[at].hash == hash &&
                tdh_js_value_equal(json_array_get(array, other), item, visits)) {
                *ret_pair = (struct pair){ other, i };
                return true;
            }
        }
        seen[at] = (struct seen){ hash, i + 1 };
    }
    return false;
}

static bool find_pair_among_many(struct tdh_js_run *run, const json_t *array, struct pair *ret_pair,
                                 size_t *visits)
{
    size_t size = 16;
    struct seen *seen;
    bool is_found;

    while (size < 2 * json_array_size(array))
        size *= 2;
    seen = calloc(size, sizeof(*seen));
    if (seen == NULL) {
        tdh_js_run_stuck(run, TD_E_NOMEM, "could not allocate a table of %zu items",
                         json_array_size(array));
        return false;
    }
    is_found = find_pair_hashed(array, seen, size - 1, ret_pair, visits);
    free(seen);
    return is_found;
}

bool tdh_js_check_unique(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                         const json_t *value)
{
    size_t size = json_array_size(value), visits = 0;
    struct pair pair;
    bool is_found;

    if (size < 2)
        return true;
    if (size <= PAIRED && are_scalars(value))
        is_found = find_pair(value, &pair, &visits);
    else
        is_found = find_pair_among_many(run, value, &pair, &visits);
    if (!tdh_js_run_spend(run, visits))
        return false;
    return !is_found || tdh_js_run_fail(run, rule, "items must differ, %zu and %zu are equal",
                                        pair.first, pair.second);
}
