/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: enters nodes, applies their rules in order, and keeps marks for those who ask.
 */
#include "schema/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema/pattern.h"
#include "schema/where.h"

/* Puts the place in front of an error that ends the run. */
static void add_place(struct tdh_js_run *run)
{
    size_t parent_length;
    char *place = run->at != NULL ? tdh_js_where_step(run->at, &parent_length) : NULL;

    if (place != NULL)
        td_context(run->err, "%.200s", place);
    free(place);
    run->is_stuck = true;
    run->steps_left = 0;
}

bool tdh_js_run_stuck(struct tdh_js_run *run, enum td_code code, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    if (run->is_stuck)
        return false;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    td_fail(run->err, code, "%s", text);
    add_place(run);
    return false;
}

static bool out_of_steps(struct tdh_js_run *run)
{
    return tdh_js_run_stuck(run, TD_E_LIMIT, "the check takes more than %d steps",
                            TDH_SCHEMA_STEPS);
}

bool tdh_js_run_spend(struct tdh_js_run *run, size_t steps)
{
    if (run->steps_left <= steps)
        return out_of_steps(run);
    run->steps_left -= (unsigned)steps;
    return true;
}

bool tdh_js_run_match(struct tdh_js_run *run, struct tdh_js_pattern *pattern, const char *text,
                      size_t length)
{
    int rc;

    if (!tdh_js_run_spend(run, 10 + length / 8))
        return false;
    rc = tdh_js_pattern_match(pattern, text, length, run->err);
    if (rc < 0)
        add_place(run);
    return rc > 0;
}

static size_t size_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return json_object_size(value);
    case JSON_ARRAY:
        return json_array_size(value);
    case JSON_STRING:
        return json_string_length(value) / 16;
    default:
        return 0;
    }
}

static int begin_marks(struct tdh_js_run *run, struct tdh_js_marks *marks, const json_t *value)
{
    *marks = (struct tdh_js_marks){ .count = json_is_string(value) ? 0 : size_of(value) };
    if (marks->count <= 64)
        return 0;
    marks->many = calloc(marks->count / 64 + 1, sizeof(*marks->many));
    if (marks->many != NULL)
        return 0;
    tdh_js_run_stuck(run, TD_E_NOMEM, "could not allocate marks for %zu members", marks->count);
    return -1;
}

static void add_marks(struct tdh_js_marks *to, const struct tdh_js_marks *from)
{
    to->is_all |= from->is_all;
    to->few |= from->few;
    for (size_t i = 0; to->many != NULL && i <= to->count / 64; i++)
        to->many[i] |= from->many[i];
}

static bool check_rules(struct tdh_js_run *run, const struct tdh_js_node *node, const json_t *value)
{
    const struct tdh_js_rule *rule = node->rules, *end = rule + node->rule_count;
    uint8_t type = tdh_js_type_of(value);
    unsigned failed = 0; /* vocabularies */

    for (; rule < end; rule++) {
        if ((rule->types & type) == 0)
            continue;
        /* what a failed neighbour left without a mark is not wrong for that */
        if ((failed & (TDH_VOCAB_APPLICATOR | TDH_VOCAB_CORE)) != 0 &&
            rule->keyword->vocabulary == TDH_VOCAB_UNEVALUATED)
            break;
        if (rule->check(run, rule, value))
            continue;
        failed |= rule->keyword->vocabulary;
        if (!tdh_js_run_goes_on(run))
            break;
    }
    return failed == 0;
}

/* With marks of its own, which are handed on when the value is valid. */
static bool
check_marked(struct tdh_js_run *run, const struct tdh_js_node *node, const json_t *value,
             bool (*check)(struct tdh_js_run *, const struct tdh_js_node *, const json_t *))
{
    struct tdh_js_marks marks, *outer = run->marks;
    bool is_valid;

    if (begin_marks(run, &marks, value) != 0)
        return false;
    run->marks = &marks;
    run->nest++; /* a frame more on the stack */
    is_valid = check(run, node, value);
    run->nest--;
    run->marks = outer;
    if (is_valid && outer != NULL)
        add_marks(outer, &marks);
    free(marks.many);
    return is_valid;
}

/* Many schemas for one and the same value can only be a schema that comes back to itself. */
static bool too_deep(struct tdh_js_run *run, const struct tdh_js_node *node)
{
    unsigned here = run->nest - (run->at != NULL ? run->at->nest : 0);
    char *where = tdh_js_where_keyword(node, run->schema->root, NULL);

    tdh_js_run_stuck(run, TD_E_LIMIT, "the schema %s%s%s",
                     here > TDH_SCHEMA_DEPTH ? "refers to itself without end"
                                             : "nests too deep for this value",
                     where != NULL && where[0] != '\0' ? " at " : "", where != NULL ? where : "");
    free(where);
    return false;
}

bool tdh_js_node_check(struct tdh_js_run *run, const struct tdh_js_node *node, const json_t *value)
{
    struct tdh_js_scope scope = { .outer = run->scope, .resource = node->resource };
    bool is_valid;

    if (node->rule_count == 0)
        return true;
    if (!tdh_js_run_spend(run, 1 + size_of(value)))
        return false;
    if (run->nest >= TDH_SCHEMA_NEST)
        return too_deep(run, node);
    if (run->schema->is_dynamic && (run->scope == NULL || run->scope->resource != node->resource))
        run->scope = &scope;
    run->nest++;
    is_valid = node->is_unevaluated ? check_marked(run, node, value, check_rules)
                                    : check_rules(run, node, value);
    run->nest--;
    run->scope = scope.outer;
    return is_valid;
}

bool tdh_js_node_check_in(struct tdh_js_run *run, const struct tdh_js_node *node,
                          const json_t *value, const char *key, size_t index)
{
    struct tdh_js_step step = { .up = run->at, .key = key, .index = index, .nest = run->nest };
    struct tdh_js_marks *marks = run->marks;
    bool is_valid;

    if (node->rule_count == 0)
        return true;
    run->at = &step;
    run->marks = NULL;
    is_valid = tdh_js_node_check(run, node, value);
    run->at = step.up;
    run->marks = marks;
    return is_valid;
}

bool tdh_js_node_try(struct tdh_js_run *run, const struct tdh_js_node *node, const json_t *value)
{
    bool is_valid;

    run->quiet++;
    is_valid = run->marks != NULL ? check_marked(run, node, value, tdh_js_node_check)
                                  : tdh_js_node_check(run, node, value);
    run->quiet--;
    return is_valid;
}
