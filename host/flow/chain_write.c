/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_write: a chain written out: its hooks, its steps one behind another, and what it gives.
 */
#include "flow/chain_write.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/plan.h"

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate a chain");
}

/* --- nodes --- */

int tdh_chain_set_value(struct tdh_chain_writer *writer, struct td_err *err, const char *fmt, ...)
{
    char *value = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&value, fmt, ap) < 0)
        value = NULL;
    va_end(ap);
    if (value == NULL)
        return no_memory(err);
    free(writer->value);
    writer->value = value;
    return 0;
}

int tdh_chain_place(struct tdh_chain_writer *writer, const char *member, const char *from,
                    struct td_err *err)
{
    char at[TDH_POINTER_MAX];

    snprintf(at, sizeof(at), "%s/%zu%s", writer->base, json_array_size(writer->nodes) - 1, member);
    return tdh_yaml_derived_from(writer->made, at, from, err);
}

json_t *tdh_chain_add(struct tdh_chain_writer *writer, const char *id, const char *type,
                      const char *from, struct td_err *err)
{
    json_t *node = json_pack("{s:s, s:s}", "id", id, "type", type);

    if (node != NULL && json_array_size(writer->tail) > 0 &&
        json_object_set(node, "depends_on", writer->tail) != 0) {
        json_decref(node);
        node = NULL;
    }
    json_decref(writer->tail);
    writer->tail = json_pack("[s]", id);
    snprintf(writer->last, sizeof(writer->last), "%s", id);
    if (writer->tail == NULL) {
        json_decref(node);
        node = NULL;
    }
    if (node == NULL || json_array_append_new(writer->nodes, node) != 0) {
        no_memory(err);
        return NULL;
    }
    return tdh_chain_place(writer, "", from, err) == 0 ? node : NULL;
}

int tdh_chain_add_set(struct tdh_chain_writer *writer, const char *id, json_t *output,
                      const char *from, const char *output_from, struct td_err *err)
{
    json_t *node = tdh_chain_add(writer, id, "set", from, err);

    if (node == NULL || json_object_set_new(node, "output", output) != 0) {
        if (node == NULL)
            json_decref(output);
        return node == NULL ? -1 : no_memory(err);
    }
    if (output_from != NULL && tdh_chain_place(writer, "/output", output_from, err) != 0)
        return -1;
    return tdh_chain_set_value(writer, err, "nodes.%s.output", id);
}

/* What goes into a node as it is, when it is there. */
static const char *const copied[] = { "agent", "action",  "workflow", "pattern",    "config",
                                      "retry", "timeout", "in_doubt", "description" };

static int fill_inputs(json_t *node, const json_t *text, const char *from, const char *fallback,
                       const struct tdh_chain_scope *scope, struct td_err *err)
{
    const json_t *inputs = json_object_get(text, "inputs");
    char at[TDH_POINTER_MAX];
    json_t *filled;

    snprintf(at, sizeof(at), "%s/inputs", from);
    filled = inputs != NULL     ? tdh_chain_fill(scope, inputs, at, err)
             : fallback != NULL ? json_sprintf("${%s}", fallback)
                                : json_object();
    if (filled == NULL)
        return inputs != NULL ? -1 : no_memory(err);
    return json_object_set_new(node, "inputs", filled) == 0 ? 0 : no_memory(err);
}

static int fill_undo(json_t *node, const json_t *text, const char *from,
                     const struct tdh_chain_scope *scope, struct td_err *err)
{
    const json_t *undo = json_object_get(text, "compensate");
    char at[TDH_POINTER_MAX];
    json_t *copy;

    if (undo == NULL)
        return 0;
    copy = json_object();
    if (copy == NULL || json_object_update(copy, (json_t *)undo) != 0) {
        json_decref(copy);
        copy = NULL;
    }
    if (copy == NULL || json_object_set_new(node, "compensate", copy) != 0)
        return no_memory(err);
    snprintf(at, sizeof(at), "%s/compensate", from);
    return json_object_get(undo, "inputs") != NULL ? fill_inputs(copy, undo, at, NULL, scope, err)
                                                   : 0;
}

json_t *tdh_chain_add_call(struct tdh_chain_writer *writer, const char *id, const json_t *text,
                           const char *from, const struct tdh_chain_scope *scope,
                           struct td_err *err)
{
    const char *type = json_object_get(text, "agent") != NULL      ? "task"
                       : json_object_get(text, "workflow") != NULL ? "subworkflow"
                                                                   : "pattern";
    json_t *node = tdh_chain_add(writer, id, type, from, err);

    for (size_t i = 0; node != NULL && i < sizeof(copied) / sizeof(copied[0]); i++) {
        json_t *value = json_object_get(text, copied[i]);

        if (value != NULL && json_object_set(node, copied[i], value) != 0) {
            no_memory(err);
            return NULL;
        }
    }
    if (node == NULL || fill_inputs(node, text, from, writer->value, scope, err) != 0 ||
        fill_undo(node, text, from, scope, err) != 0 ||
        tdh_chain_set_value(writer, err, "nodes.%s.output", id) != 0)
        return NULL;
    return node;
}

/* --- the steps --- */

static int add_steps(struct tdh_chain_writer *writer, struct td_err *err)
{
    struct tdh_chain *chain = writer->chain;

    for (size_t i = 0; i < chain->step_count; i++) {
        struct tdh_chain_step *step = &chain->steps[i];
        struct tdh_chain_link *link = &chain->links[step->first];

        if (step->is_group) {
            if (tdh_chain_add_group(writer, step, err) != 0)
                return -1;
        } else if (tdh_chain_add_link(writer, link, NULL, err) != 0) {
            return -1;
        } else if ((link->value = strdup(writer->value)) == NULL) {
            return no_memory(err);
        }
    }
    return 0;
}

/* --- pipelines --- */

/* What one item gives: its value, and what became of it in each link. */
static json_t *item_output(const struct tdh_chain_writer *writer)
{
    char *success = tdh_chain_success(writer->chain);
    json_t *output = success != NULL ? json_object() : NULL;

    if (output != NULL &&
        (json_object_set_new(output, "value", json_sprintf("${%s}", writer->value)) != 0 ||
         json_object_set_new(output, "links", tdh_chain_report(writer->chain)) != 0 ||
         json_object_set_new(output, "success", json_sprintf("${%s}", success)) != 0)) {
        json_decref(output);
        output = NULL;
    }
    free(success);
    return output;
}

/* All links are the body of one map: an item is in one link while the next is in the one before. */
static int add_body(struct tdh_chain_writer *writer, json_t *map, struct td_err *err)
{
    struct tdh_chain_writer body = *writer;
    char at[TDH_POINTER_MAX];
    json_t *output;
    int rc = -1;

    snprintf(at, sizeof(at), "%s/%zu/body", writer->base, json_array_size(writer->nodes) - 1);
    body.base = at;
    body.nodes = json_array();
    body.tail = json_array();
    body.value = strdup("item");
    if (json_object_set_new(map, "body", body.nodes) != 0 || body.tail == NULL ||
        body.value == NULL)
        no_memory(err);
    else if (add_steps(&body, err) == 0) {
        output = item_output(&body);
        rc = json_object_set_new(map, "output", output) == 0 ? 0 : no_memory(err);
    }
    json_decref(body.tail);
    free(body.value);
    return rc;
}

static int add_stream(struct tdh_chain_writer *writer, struct td_err *err)
{
    const struct tdh_chain *chain = writer->chain;
    const json_t *buffer = json_object_get(chain->text, "buffer");
    json_int_t waiting = buffer != NULL ? json_integer_value(buffer) : TDH_CHAIN_BUFFER;
    json_t *over = json_sprintf("${%s}", writer->value);
    json_t *map = tdh_chain_add(writer, "chain__stream", "map", "", err);

    if (map == NULL)
        json_decref(over);
    if (map == NULL || json_object_set_new(map, "over", over) != 0 ||
        json_object_set_new(map, "in_order", json_true()) != 0 ||
        json_object_set_new(map, "max_parallel",
                            json_integer((json_int_t)chain->step_count + waiting)) != 0)
        return map == NULL ? -1 : no_memory(err);
    if (tdh_chain_place(writer, "/over", "/over", err) != 0 || add_body(writer, map, err) != 0)
        return -1;
    return tdh_chain_add_set(writer, "chain__values",
                             json_string("${nodes.chain__stream.output.map(i, i.value)}"), "", NULL,
                             err);
}

static int add_source(struct tdh_chain_writer *writer, struct td_err *err)
{
    struct tdh_chain_scope scope = { .chain = writer->chain, .value = writer->value };
    json_t *over =
        tdh_chain_fill(&scope, json_object_get(writer->chain->text, "over"), "/over", err);

    return over != NULL ? tdh_chain_add_set(writer, "chain__over", over, "", "/over", err) : -1;
}

/* --- the whole --- */

static json_t *success_of(const char *success)
{
    return strcmp(success, "true") == 0 ? json_true() : json_sprintf("${%s}", success);
}

static json_t *whole_report(const struct tdh_chain_writer *writer)
{
    bool is_stream = writer->chain->strategy == CHAIN_PIPELINE;
    char *success = is_stream ? strdup("nodes.chain__stream.output.all(i, i.success)")
                              : tdh_chain_success(writer->chain);
    json_t *report = success != NULL ? json_object() : NULL;

    if (report != NULL &&
        (json_object_set_new(report, "success", success_of(success)) != 0 ||
         json_object_set_new(report, "output", json_sprintf("${%s}", writer->value)) != 0 ||
         json_object_set_new(report, "links",
                             is_stream
                                 ? json_string("${nodes.chain__stream.output.map(i, i.links)}")
                                 : tdh_chain_report(writer->chain)) != 0)) {
        json_decref(report);
        report = NULL;
    }
    free(success);
    return report;
}

static int add_end(struct tdh_chain_writer *writer, struct td_err *err)
{
    struct tdh_chain_scope scope = { .chain = writer->chain, .value = writer->value };
    const json_t *own = json_object_get(writer->chain->text, "output");
    json_t *output =
        own != NULL ? tdh_chain_fill(&scope, own, "/output", err) : whole_report(writer);
    json_t *node;

    if (output == NULL)
        return own != NULL ? -1 : no_memory(err);
    node = tdh_chain_add(writer, "chain__end", "end", "", err);
    if (node == NULL)
        json_decref(output);
    if (node == NULL || json_object_set_new(node, "output", output) != 0)
        return node == NULL ? -1 : no_memory(err);
    return tdh_chain_place(writer, "/output", "/output", err);
}

static int add_all(struct tdh_chain_writer *writer, struct td_err *err)
{
    bool is_stream = writer->chain->strategy == CHAIN_PIPELINE;

    if (tdh_chain_add(writer, "chain__begin", "start", "", err) == NULL ||
        (is_stream && add_source(writer, err) != 0) ||
        tdh_chain_add_hooks(writer, HOOK_BEFORE_CHAIN, NULL, err) != 0 ||
        (is_stream ? add_stream : add_steps)(writer, err) != 0 ||
        tdh_chain_add_hooks(writer, HOOK_AFTER_CHAIN, NULL, err) != 0)
        return -1;
    return add_end(writer, err);
}

/* --- restarts --- */

/* The chain itself, as the definition of a node within `base`. new. */
static json_t *write_attempt(struct tdh_chain_writer *writer, const char *base, struct td_err *err)
{
    json_t *definition =
        json_pack("{s:O, s:[]}", "id", json_object_get(writer->chain->text, "id"), "nodes");
    json_t *nodes = json_object_get(definition, "nodes");
    struct tdh_chain_writer within = { .chain = writer->chain,
                                       .made = writer->made,
                                       .nodes = nodes,
                                       .base = base,
                                       .tail = json_array(),
                                       .value = strdup("input") };
    int rc = -1;

    if (definition == NULL || within.tail == NULL || within.value == NULL)
        no_memory(err);
    else
        rc = add_all(&within, err);
    json_decref(within.tail);
    free(within.value);
    if (rc == 0)
        return definition;
    json_decref(definition);
    return NULL;
}

/* The last attempt fails as the chain does; the ones before have undone what they did.
 * Takes last: its members. */
static int add_last(struct tdh_chain_writer *writer, json_t *last, struct td_err *err)
{
    json_t *tail = json_pack("[{s:s, s:s}]", "node", "chain__if", "when",
                             "!nodes.chain__attempts.output.done");
    json_t *node, *end;
    int rc = -1;

    if (last == NULL || tail == NULL ||
        tdh_chain_add(writer, "chain__if", "decision", "", err) == NULL)
        goto out;
    json_decref(writer->tail);
    writer->tail = json_incref(tail);
    node = tdh_chain_add(writer, "chain__last", "subworkflow", "", err);
    if (node == NULL || json_object_update(node, last) != 0 ||
        json_array_append_new(writer->tail,
                              json_pack("{s:s, s:b}", "node", "chain__if", "otherwise", 1)) != 0)
        goto out;
    end = tdh_chain_add(writer, "chain__end", "end", "", err);
    if (end != NULL &&
        json_object_set_new(end, "output",
                            json_string("${has(nodes.chain__last) ? nodes.chain__last.output : "
                                        "nodes.chain__attempts.output.output}")) == 0)
        rc = 0;
out:
    json_decref(tail);
    json_decref(last);
    return rc == 0 ? 0 : no_memory(err);
}

/* A member of a node that may not be lost. Takes value. */
static int put(json_t *node, const char *key, json_t *value, struct td_err *err)
{
    return json_object_set_new(node, key, value) == 0 ? 0 : no_memory(err);
}

static int add_body_of(json_t *loop, json_t *definition, struct td_err *err)
{
    json_t *body = json_array(), *node = json_object();
    int rc = put(loop, "body", body, err);

    if (rc == 0 && json_array_append_new(body, node) != 0)
        return no_memory(err);
    if (rc != 0) {
        json_decref(node);
        return -1;
    }
    return put(node, "id", json_string("chain__attempt"), err) == 0 &&
                   put(node, "type", json_string("subworkflow"), err) == 0 &&
                   put(node, "inputs", json_string("${input}"), err) == 0 &&
                   put(node, "on_error", json_string("skip"), err) == 0
               ? put(node, "definition", json_incref(definition), err)
               : -1;
}

static int add_attempts(struct tdh_chain_writer *writer, struct td_err *err)
{
    static const char output[] =
        "${has(nodes.chain__attempt.error) ? {\"done\": false} : {\"done\": "
        "true, \"output\": nodes.chain__attempt.output}}";
    json_t *loop = tdh_chain_add(writer, "chain__attempts", "loop", "", err), *definition;
    json_t *last = json_object();
    char base[TDH_POINTER_MAX];
    int rc = -1;

    snprintf(base, sizeof(base), "%s/%zu/body/0/definition/nodes", writer->base,
             json_array_size(writer->nodes) - 1);
    definition = loop != NULL ? write_attempt(writer, base, err) : NULL;
    if (definition != NULL &&
        put(loop, "times", json_integer((json_int_t)writer->chain->restarts), err) == 0 &&
        put(loop, "until", json_string("!has(nodes.chain__attempt.error)"), err) == 0 &&
        put(loop, "output", json_string(output), err) == 0 &&
        add_body_of(loop, definition, err) == 0 &&
        put(last, "inputs", json_string("${input}"), err) == 0 &&
        put(last, "definition", json_incref(definition), err) == 0)
        rc = add_last(writer, json_incref(last), err);
    json_decref(last);
    json_decref(definition);
    return rc;
}

static json_t *new_root(const json_t *text)
{
    static const char *const keys[] = { "apiVersion", "id",     "version",  "description", "tags",
                                        "timeout",    "inputs", "announce", "retention" };
    json_t *root = json_object();
    int rc = root != NULL ? json_object_set_new(root, "nodes", json_array()) : -1;

    for (size_t i = 0; rc == 0 && i < sizeof(keys) / sizeof(keys[0]); i++)
        if (json_object_get(text, keys[i]) != NULL)
            rc = json_object_set(root, keys[i], json_object_get(text, keys[i]));
    if (rc == 0)
        return root;
    json_decref(root);
    return NULL;
}

struct tdh_yaml *tdh_chain_lower(const struct tdh_yaml *yaml, struct td_err *err)
{
    struct tdh_chain_writer writer = { .base = "/nodes" };
    struct tdh_chain chain;
    int rc = -1;

    if (tdh_chain_parse(yaml, &chain, err) != 0)
        return NULL;
    writer.chain = &chain;
    writer.made = tdh_yaml_derive(new_root(yaml->root), yaml, err);
    writer.tail = json_array();
    writer.value = strdup("input");
    if (writer.made != NULL && writer.tail != NULL && writer.value != NULL) {
        writer.nodes = json_object_get(writer.made->root, "nodes");
        rc = chain.recovery == RECOVERY_RESTART
                 ? tdh_chain_add(&writer, "chain__begin", "start", "", err) != NULL
                       ? add_attempts(&writer, err)
                       : -1
                 : add_all(&writer, err);
    } else if (writer.made != NULL) {
        no_memory(err);
    }
    json_decref(writer.tail);
    free(writer.value);
    tdh_chain_end(&chain);
    if (rc == 0)
        return writer.made;
    tdh_yaml_free(writer.made);
    return NULL;
}
