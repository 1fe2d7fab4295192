/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_link: the nodes of one link:
 *
 *   ID__if       its condition
 *   ID__before_N hooks
 *   ID           the call
 *   ID__value    `outputs`
 *   ID__handled  what stands in for it when it fails; ID__done: that, or its own value
 *   ID__after_N  hooks
 *   ID__then     its value, or that from before when it is passed over
 *
 * Only those that the link needs are there. What is not reached is dead and holds nothing up.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "flow/chain_write.h"
#include "flow/plan.h"

/* What becomes of a failure. */
enum on_error { PLAIN, SKIP, HANDLED };

static enum on_error on_error_of(const struct tdh_chain *chain, const struct tdh_chain_link *link)
{
    const json_t *own = json_object_get(link->text, "on_error");

    if (json_is_object(own))
        return HANDLED;
    return strcmp(
               tdh_json_str(link->text, "on_error", chain->recovery == RECOVERY_SKIP ? "skip" : ""),
               "skip") == 0
               ? SKIP
               : PLAIN;
}

bool tdh_chain_is_skipped(const struct tdh_chain *chain, const struct tdh_chain_link *link)
{
    return on_error_of(chain, link) == SKIP;
}

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a link");
}

/* --- hooks --- */

/* `outputs` of a call: what it gives is worked out from its result. */
static int add_outputs(struct tdh_chain_writer *writer, const char *id, const json_t *text,
                       const char *from, struct tdh_chain_scope scope, struct td_err *err)
{
    const json_t *outputs = json_object_get(text, "outputs");
    char at[TDH_POINTER_MAX], node[TDH_CHAIN_NODE], result[TDH_CHAIN_NODE + 16];
    json_t *output;

    if (outputs == NULL)
        return 0;
    snprintf(at, sizeof(at), "%s/outputs", from);
    snprintf(node, sizeof(node), "%s__value", id);
    snprintf(result, sizeof(result), "nodes.%s.output", id);
    scope.result = result;
    output = tdh_chain_fill(&scope, outputs, at, err);
    return output != NULL ? tdh_chain_add_set(writer, node, output, from, at, err) : -1;
}

static int add_value_hook(struct tdh_chain_writer *writer, const char *id, const json_t *hook,
                          const char *from, const struct tdh_chain_scope *scope, struct td_err *err)
{
    const json_t *value = json_is_string(hook) ? hook : json_object_get(hook, "value");
    char at[TDH_POINTER_MAX];
    json_t *output;

    snprintf(at, sizeof(at), "%s%s", from, json_is_string(hook) ? "" : "/value");
    output = tdh_chain_fill(scope, value, at, err);
    return output != NULL ? tdh_chain_add_set(writer, id, output, from, at, err) : -1;
}

/* Without `outputs` a call only looks on: the value stays. */
static int add_call_hook(struct tdh_chain_writer *writer, const char *id, const json_t *hook,
                         const char *from, const struct tdh_chain_scope *scope, struct td_err *err)
{
    char *value = strdup(writer->value);
    json_t *node = value != NULL ? tdh_chain_add_call(writer, id, hook, from, scope, err) : NULL;
    int rc = node != NULL ? 0 : -1;

    if (value == NULL)
        no_memory(err);
    if (rc == 0 && json_object_get(hook, "on_error") != NULL)
        json_object_set(node, "on_error", json_object_get(hook, "on_error"));
    if (rc == 0)
        rc = json_object_get(hook, "outputs") != NULL
                 ? add_outputs(writer, id, hook, from, *scope, err)
                 : tdh_chain_set_value(writer, err, "%s", value);
    free(value);
    return rc;
}

static int add_hook(struct tdh_chain_writer *writer, const char *id, const json_t *hook,
                    const char *from, const struct tdh_chain_link *link, struct td_err *err)
{
    struct tdh_chain_scope scope = { .chain = writer->chain, .link = link };
    static const struct tdh_chain_link whole = { .id = "" };
    char *value = strdup(writer->value);
    int rc;

    scope.value = value;
    scope.link = link != NULL ? link : &whole;
    if (value == NULL)
        return no_memory(err);
    rc = (json_object_get(hook, "agent") != NULL ? add_call_hook : add_value_hook)(
        writer, id, hook, from, &scope, err);
    free(value);
    return rc;
}

int tdh_chain_add_hooks(struct tdh_chain_writer *writer, enum tdh_chain_hook which,
                        const struct tdh_chain_link *link, struct td_err *err)
{
    static const char *const sides[] = { "before", "before", "after", "after" };
    const json_t *list = json_object_get(writer->chain->text, "middleware");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *hook = json_object_get(json_array_get(list, i), tdh_chain_hooks[which]);
        char id[TDH_CHAIN_NODE], from[TDH_CHAIN_POINTER];

        if (hook == NULL)
            continue;
        snprintf(id, sizeof(id), "%s__%s_%zu", link != NULL ? link->id : "chain", sides[which],
                 i + 1);
        snprintf(from, sizeof(from), "/middleware/%zu/%s", i, tdh_chain_hooks[which]);
        if (add_hook(writer, id, hook, from, link, err) != 0)
            return -1;
    }
    return 0;
}

/* --- the link --- */

static int add_condition(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                         const struct tdh_chain_scope *scope, char at[static TDH_POINTER_MAX],
                         struct td_err *err)
{
    char id[TDH_CHAIN_NODE];
    json_t *when;

    snprintf(at, TDH_POINTER_MAX, "%s/when", link->pointer);
    snprintf(id, sizeof(id), "%s__if", link->id);
    when = tdh_chain_fill_bare(scope, json_object_get(link->text, "when"), at, err);
    if (when == NULL)
        return -1;
    if (tdh_chain_add(writer, id, "decision", link->pointer, err) == NULL) {
        json_decref(when);
        return -1;
    }
    json_decref(writer->tail);
    writer->tail = json_pack("[{s:s, s:o}]", "node", id, "when", when);
    return writer->tail != NULL ? 0 : no_memory(err);
}

static int add_retry(const struct tdh_chain *chain, const struct tdh_chain_link *link, json_t *node)
{
    json_t *retry = json_object_get(json_object_get(chain->text, "recovery"), "retry");

    if (chain->recovery != RECOVERY_RETRY || json_object_get(link->text, "retry") != NULL ||
        json_object_get(link->text, "agent") == NULL)
        return 0;
    return retry != NULL
               ? json_object_set(node, "retry", retry)
               : json_object_set_new(node, "retry", json_pack("{s:i}", "max_attempts", 3));
}

/* The call of each item of a list: the body of a map. new; NULL: err. */
static json_t *write_body(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                          const struct tdh_chain_scope *scope, struct td_err *err)
{
    struct tdh_chain_writer body = *writer;
    char id[TDH_CHAIN_NODE], base[TDH_POINTER_MAX];
    json_t *node = NULL;

    snprintf(id, sizeof(id), "%s__item", link->id);
    snprintf(base, sizeof(base), "%s/%zu/body", writer->base, json_array_size(writer->nodes) - 1);
    body.base = base;
    body.nodes = json_array();
    body.tail = json_array();
    body.value = strdup("item");
    if (body.nodes == NULL || body.tail == NULL || body.value == NULL)
        no_memory(err);
    else if ((node = tdh_chain_add_call(&body, id, link->text, link->pointer, scope, err)) !=
                 NULL &&
             add_retry(writer->chain, link, node) != 0) {
        no_memory(err);
        node = NULL;
    }
    json_decref(body.tail);
    free(body.value);
    if (node != NULL)
        return body.nodes;
    json_decref(body.nodes);
    return NULL;
}

static json_t *add_map(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                       const struct tdh_chain_scope *scope, struct td_err *err)
{
    json_t *most = json_object_get(link->text, "max_parallel"), *node, *over, *body;
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/over", link->pointer);
    over = tdh_chain_fill(scope, json_object_get(link->text, "over"), at, err);
    if (over == NULL)
        return NULL;
    node = tdh_chain_add(writer, link->id, "map", link->pointer, err);
    if (node == NULL || (body = write_body(writer, link, scope, err)) == NULL) {
        json_decref(over);
        return NULL;
    }
    if ((json_object_set_new(node, "over", over) | json_object_set_new(node, "body", body)) != 0 ||
        (most != NULL && json_object_set(node, "max_parallel", most) != 0)) {
        no_memory(err);
        return NULL;
    }
    return tdh_chain_set_value(writer, err, "nodes.%s.output", link->id) == 0 ? node : NULL;
}

static int add_call(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                    const struct tdh_chain_scope *scope, struct td_err *err)
{
    bool is_list = json_object_get(link->text, "over") != NULL;
    json_t *node =
        is_list ? add_map(writer, link, scope, err)
                : tdh_chain_add_call(writer, link->id, link->text, link->pointer, scope, err);
    json_t *own = json_object_get(link->text, "on_error");
    enum on_error on_error = on_error_of(writer->chain, link);
    char id[TDH_CHAIN_NODE];
    int rc;

    if (node == NULL)
        return -1;
    snprintf(id, sizeof(id), "%s__%s", link->id, on_error == SKIP ? "then" : "handled");
    rc = on_error != PLAIN ? json_object_set_new(node, "on_error", json_pack("{s:s}", "goto", id))
         : own != NULL     ? json_object_set(node, "on_error", own)
                           : 0;
    if (rc != 0 || (!is_list && add_retry(writer->chain, link, node) != 0))
        return no_memory(err);
    return 0;
}

/* The node for a failure; reached by the link's `goto` alone. */
static int add_handler(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                       struct tdh_chain_scope scope, struct td_err *err)
{
    const json_t *own = json_object_get(link->text, "on_error");
    char id[TDH_CHAIN_NODE], from[TDH_CHAIN_POINTER * 2], at[TDH_POINTER_MAX],
        error[TDH_CHAIN_NODE + 16];
    json_t *output;

    snprintf(id, sizeof(id), "%s__handled", link->id);
    snprintf(from, sizeof(from), "%s/on_error", link->pointer);
    snprintf(error, sizeof(error), "nodes.%s.error", link->id);
    scope.error = error;
    if (json_object_get(own, "agent") != NULL)
        return tdh_chain_add_call(writer, id, own, from, &scope, err) != NULL
                   ? add_outputs(writer, id, own, from, scope, err)
                   : -1;
    snprintf(at, sizeof(at), "%s/value", from);
    output = tdh_chain_fill(&scope, json_object_get(own, "value"), at, err);
    return output != NULL ? tdh_chain_add_set(writer, id, output, from, at, err) : -1;
}

/* The value is that of the link, or what stands in for it. */
static int add_handled(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                       const struct tdh_chain_scope *scope, struct td_err *err)
{
    json_t *tail = writer->tail;
    char *value = writer->value, id[TDH_CHAIN_NODE];
    json_t *output;
    int rc = -1;

    snprintf(id, sizeof(id), "%s__done", link->id);
    writer->tail = json_array();
    writer->value = strdup(scope->value);
    if (writer->tail == NULL || writer->value == NULL)
        no_memory(err);
    else if (add_handler(writer, link, *scope, err) == 0 &&
             json_array_extend(writer->tail, tail) == 0) {
        output = json_sprintf("${has(nodes.%s.error) ? %s : %s}", link->id, writer->value, value);
        rc = tdh_chain_add_set(writer, id, output, link->pointer, NULL, err);
    }
    json_decref(tail);
    free(value);
    return rc;
}

/* Where the run goes on whether the link gave something or was passed over. */
static int add_then(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                    const char *fallback, struct td_err *err)
{
    bool is_bare = strcmp(writer->last, link->id) == 0;
    char id[TDH_CHAIN_NODE], decision[TDH_CHAIN_NODE];
    json_t *output;

    snprintf(id, sizeof(id), "%s__then", link->id);
    snprintf(decision, sizeof(decision), "%s__if", link->id);
    output = json_sprintf("${has(nodes.%s)%s%s%s ? %s : %s}", writer->last,
                          is_bare ? " && !has(nodes." : "", is_bare ? link->id : "",
                          is_bare ? ".error)" : "", writer->value, fallback);
    if (json_object_get(link->text, "when") != NULL &&
        json_array_append_new(writer->tail,
                              json_pack("{s:s, s:b}", "node", decision, "otherwise", 1)) != 0) {
        json_decref(output);
        return no_memory(err);
    }
    return tdh_chain_add_set(writer, id, output, link->pointer, NULL, err);
}

static int add_nodes(struct tdh_chain_writer *writer, const struct tdh_chain_link *link,
                     struct tdh_chain_scope *scope, const char *fallback, struct td_err *err)
{
    bool has_condition = json_object_get(link->text, "when") != NULL;
    enum on_error on_error = on_error_of(writer->chain, link);
    char at[TDH_POINTER_MAX], first[TDH_POINTER_MAX];
    size_t place;
    char *value;
    int rc;

    if (has_condition && add_condition(writer, link, scope, at, err) != 0)
        return -1;
    place = json_array_size(writer->nodes);
    snprintf(first, sizeof(first), "%s/%zu/depends_on/0/when", writer->base, place);
    if (has_condition && tdh_yaml_derived_from(writer->made, first, at, err) != 0)
        return -1;
    if (tdh_chain_add_hooks(writer, HOOK_BEFORE_LINK, link, err) != 0)
        return -1;
    value = strdup(writer->value);
    if (value == NULL)
        return no_memory(err);
    scope->value = value;
    rc = add_call(writer, link, scope, err) == 0 &&
                 add_outputs(writer, link->id, link->text, link->pointer, *scope, err) == 0 &&
                 (on_error != HANDLED || add_handled(writer, link, scope, err) == 0)
             ? tdh_chain_add_hooks(writer, HOOK_AFTER_LINK, link, err)
             : -1;
    free(value);
    if (rc != 0 || (!has_condition && on_error != SKIP))
        return rc;
    return add_then(writer, link, fallback, err);
}

int tdh_chain_add_link(struct tdh_chain_writer *writer, struct tdh_chain_link *link,
                       const char *fallback, struct td_err *err)
{
    char *before = strdup(writer->value);
    struct tdh_chain_scope scope = { .chain = writer->chain, .value = before };
    int rc = before != NULL
                 ? add_nodes(writer, link, &scope, fallback != NULL ? fallback : before, err)
                 : no_memory(err);

    free(before);
    return rc;
}
