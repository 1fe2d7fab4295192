/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_write: a workflow in the text notation.
 *
 * Whatever has no form of its own there is written as a key with a YAML value, so every workflow
 * can be written. Nodes come first, then the edges between them (dsl_write_edge.c). What cannot be
 * a node at all, without an id, is told with its place.
 */
#include <string.h>

#include "base/json.h"
#include "base/semver.h"
#include "base/yaml_write.h"
#include "flow/dsl.h"
#include "flow/dsl_write.h"
#include "flow/flow.h"
#include "flow/plan.h"

enum { INDENT = 2, COLUMNS = 90 /* of a line that could be shorter */ };

/* A node or trigger whose line is being written. */
struct line {
    struct tdh_buf *buf;
    size_t begin;         /* of the line in the buffer */
    const char *exprs[2]; /* its keys that take expressions; NULL: none */
    json_t *rest;         /* members that go beneath; owned */
};

/* --- words --- */

void tdh_dsl_write_indent(struct tdh_buf *buf, unsigned indent)
{
    for (unsigned i = 0; i < indent; i++)
        tdh_buf_char(buf, ' ');
}

static bool is_raw_text(const char *text, size_t length)
{
    const char *end = text + length, *quoted_end = NULL;

    if (length == 0 || !tdh_yaml_is_printable(text, length) || strchr(" #|>", text[0]) != NULL ||
        strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return false;
    if (text[0] == '"' || text[0] == '\'')
        quoted_end = tdh_dsl_quoted_end(text, end);
    if (quoted_end != NULL && tdh_dsl_expression_end(quoted_end, end) == quoted_end)
        return false;
    return tdh_dsl_expression_end(text, end) == end;
}

void tdh_dsl_write_expression(struct tdh_buf *buf, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);

    if (text == NULL)
        tdh_buf_text(buf, json_is_true(value) ? "true" : "false");
    else if (is_raw_text(text, length))
        tdh_buf_text(buf, text);
    else
        tdh_yaml_write_quoted(buf, text, length);
}

static bool is_expression(const json_t *value)
{
    return json_is_string(value) || json_is_boolean(value);
}

/* A value that is no list or map, as it stands in the line. */
static void write_scalar(struct tdh_buf *buf, const json_t *value, bool is_quoted)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);

    if (text == NULL)
        tdh_buf_json(buf, value, 0);
    else if (!is_quoted && tdh_yaml_is_plain(text, length) && strpbrk(text, " ,") == NULL)
        tdh_buf_text(buf, text);
    else
        tdh_yaml_write_quoted(buf, text, length);
}

/* --- keys --- */

static bool is_word(const char *key)
{
    return tdh_flow_is_id(key);
}

/* new: the same members; NULL without memory, of which json_copy() says nothing for a member. */
static json_t *copy_members(const json_t *object)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)object);

    if (copy != NULL && json_object_size(copy) == json_object_size(object))
        return copy;
    json_decref(copy);
    return NULL;
}

static bool takes_expression(const struct line *line, const char *key)
{
    for (size_t i = 0; i < 2; i++)
        if (line->exprs[i] != NULL && strcmp(line->exprs[i], key) == 0)
            return true;
    return false;
}

/* Takes what was appended since `before` back when the line is too long by it. */
static bool keep(struct line *line, size_t before)
{
    if (line->buf->failed || line->buf->length - line->begin <= COLUMNS)
        return true;
    tdh_buf_end(line->buf, line->buf->data + before);
    return false;
}

static bool write_item(struct line *line, const char *key, const json_t *value)
{
    static const char *const keys[] = { "description", "when", "while", "until" };
    const char *text = json_string_value(value);
    size_t before = line->buf->length;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(key, keys[i]) == 0)
            return false;
    if (json_is_array(value) || json_is_object(value) || !is_word(key) ||
        (text != NULL && memchr(text, '\n', json_string_length(value)) != NULL))
        return false;
    tdh_buf_printf(line->buf, " %s:", key);
    write_scalar(line->buf, value, false);
    return keep(line, before);
}

/* One expression may end the line. */
static bool write_last(struct line *line, const char *key, const json_t *value)
{
    size_t before = line->buf->length;

    if (!takes_expression(line, key) || !is_expression(value))
        return false;
    tdh_buf_printf(line->buf, " %s: ", key);
    tdh_dsl_write_expression(line->buf, value);
    return keep(line, before);
}

/* Puts into the line what fits and ends it; the rest goes beneath. */
static void write_items(struct line *line, unsigned indent)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(line->rest, next, key, value) if (write_item(line, key, value))
        json_object_del(line->rest, key);
    json_object_foreach_safe(line->rest, next, key, value) if (write_last(line, key, value))
    {
        json_object_del(line->rest, key);
        break;
    }
    tdh_buf_char(line->buf, '\n');
    json_object_foreach (line->rest, key, value)
        if (takes_expression(line, key) && is_expression(value)) {
            tdh_dsl_write_indent(line->buf, indent);
            tdh_buf_printf(line->buf, "%s: ", key);
            tdh_dsl_write_expression(line->buf, value);
            tdh_buf_char(line->buf, '\n');
        } else {
            tdh_yaml_write_member(line->buf, key, value, indent,
                                  !is_word(key) || takes_expression(line, key));
        }
}

/* --- nodes --- */

static int fail_node(const struct tdh_dsl_writing *writing, const char *pointer, struct td_err *err)
{
    return tdh_yaml_fail(writing->yaml, pointer, err, TD_E_CONFIG,
                         "a node needs an \"id\" and a \"type\" of at most 64 letters, digits, "
                         "\"_\" or \"-\"");
}

/* ID -> TYPE, or what is called. Takes what it writes out of the rest. */
static void write_type(struct line *line, const char *id, const char *type)
{
    static const char *const called[][2] = { { "task", "agent" },
                                             { "subworkflow", "workflow" },
                                             { "pattern", "pattern" } };
    const json_t *name = NULL, *action = json_object_get(line->rest, "action");
    const char *key = NULL;

    for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++)
        if (strcmp(called[i][0], type) == 0)
            name = json_object_get(line->rest, key = called[i][1]);
    if (!json_is_string(name)) {
        tdh_buf_printf(line->buf, "%s -> %s", id, type);
        return;
    }
    tdh_buf_printf(line->buf, "%s -> %s:", id, key);
    write_scalar(line->buf, name, false);
    json_object_del(line->rest, key);
    if (strcmp(type, "task") != 0 || !json_is_string(action))
        return;
    tdh_buf_text(line->buf, " action:");
    write_scalar(line->buf, action, true);
    json_object_del(line->rest, "action");
}

static int write_nodes(const struct tdh_dsl_writing *writing, const json_t *nodes,
                       const char *pointer, unsigned indent, struct td_err *err);

/* The node's own lines; what is written otherwise is no key beneath it. */
static int write_node(const struct tdh_dsl_writing *writing, const json_t *node,
                      const char *pointer, unsigned indent, struct td_err *err)
{
    const char *id = tdh_json_str(node, "id", ""), *type = tdh_json_str(node, "type", "");
    struct line line = { .buf = writing->buf, .exprs = { "while", "until" } };
    const json_t *body = json_object_get(node, "body");
    char at[TDH_POINTER_MAX];
    int rc = 0;

    if (!json_is_object(node) || !tdh_flow_is_id(id) || !tdh_flow_is_id(type))
        return fail_node(writing, pointer, err);
    line.rest = copy_members(node);
    if (line.rest == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the keys of a node");
    json_object_del(line.rest, "id");
    json_object_del(line.rest, "type");
    json_object_del(line.rest, "body");
    if (tdh_dsl_is_edges(json_object_get(node, "next")))
        json_object_del(line.rest, "next");
    tdh_dsl_write_indent(writing->buf, indent);
    line.begin = writing->buf->length - indent;
    write_type(&line, id, type);
    write_items(&line, indent + INDENT);
    snprintf(at, sizeof(at), "%.400s/body", pointer); /* far more than there can be */
    if (body != NULL && json_object_size(line.rest) > 0)
        tdh_buf_char(writing->buf, '\n');
    if (body != NULL)
        rc = write_nodes(writing, body, at, indent + INDENT, err);
    json_decref(line.rest);
    return rc;
}

static bool is_several_lines(const struct tdh_buf *buf, size_t begin)
{
    const char *newline = buf->failed ? NULL : memchr(buf->data + begin, '\n', buf->length - begin);

    return newline != NULL && newline + 1 < buf->data + buf->length;
}

static void insert_newline(struct tdh_buf *buf, size_t at)
{
    if (tdh_buf_room(buf, 1) == NULL)
        return;
    memmove(buf->data + at + 1, buf->data + at, buf->length - at);
    buf->data[at] = '\n';
    tdh_buf_end(buf, buf->data + buf->length + 1);
}

/* An empty line stands around a node of several lines. Calls itself for bodies. */
static int write_nodes(const struct tdh_dsl_writing *writing, const json_t *nodes,
                       const char *pointer, unsigned indent, struct td_err *err)
{
    bool was_several = false;
    json_t *node;
    size_t i;

    if (json_array_size(nodes) == 0)
        return tdh_yaml_fail(writing->yaml, pointer, err, TD_E_CONFIG, "must be a list of nodes");
    if (indent > INDENT * (TDH_DSL_LEVELS - 1))
        return tdh_yaml_fail(writing->yaml, pointer, err, TD_E_CONFIG,
                             "bodies nest more than %d deep", TDH_FLOW_DEPTH);
    json_array_foreach ((json_t *)nodes, i, node) {
        size_t begin = writing->buf->length;
        char at[TDH_POINTER_MAX];
        bool is_several;

        snprintf(at, sizeof(at), "%s/%zu", pointer, i);
        if (write_node(writing, node, at, indent, err) != 0)
            return -1;
        is_several = is_several_lines(writing->buf, begin);
        if (i > 0 && (is_several || was_several))
            insert_newline(writing->buf, begin);
        was_several = is_several;
    }
    return tdh_dsl_write_edges(writing, nodes, indent, err);
}

/* --- triggers --- */

/* The key a trigger is named by: one that is known, else its first. */
static const char *trigger_name(const json_t *trigger)
{
    static const char *const known[] = { "event", "cron", "interval", "file", "manual" };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (json_object_get(trigger, known[i]) != NULL)
            return known[i];
    return json_object_iter_key(json_object_iter((json_t *)trigger));
}

static bool is_trigger(const json_t *trigger)
{
    const json_t *value;

    if (json_object_size(trigger) == 0 || !is_word(trigger_name(trigger)))
        return false;
    value = json_object_get(trigger, trigger_name(trigger));
    return !json_is_array(value) && !json_is_object(value);
}

static bool are_triggers(const json_t *triggers)
{
    json_t *trigger;
    size_t i;

    json_array_foreach ((json_t *)triggers, i, trigger)
        if (!is_trigger(trigger))
            return false;
    return json_array_size(triggers) > 0;
}

static void write_trigger(struct tdh_buf *buf, const json_t *trigger)
{
    const char *name = trigger_name(trigger);
    struct line line = { .buf = buf, .begin = buf->length, .exprs = { "when" } };

    line.rest = copy_members(trigger);
    if (line.rest == NULL) {
        buf->failed = true;
        return;
    }
    tdh_buf_printf(buf, "%*strigger: %s(", INDENT, "", name);
    if (!json_is_true(json_object_get(trigger, name)))
        write_scalar(buf, json_object_get(trigger, name), true);
    tdh_buf_char(buf, ')');
    json_object_del(line.rest, name);
    write_items(&line, 2 * INDENT);
    json_decref(line.rest);
}

/* --- the whole --- */

/* A version that the first line can have. */
static const char *head_version(const json_t *workflow)
{
    const char *version = tdh_json_str(workflow, "version", NULL);
    struct tdh_semver parsed;
    struct td_err ignored;

    if (version == NULL || tdh_semver_parse(version, &parsed, &ignored) != 0 ||
        strpbrk(version, " :\t") != NULL || version[0] < '0' || version[0] > '9')
        return NULL;
    return version;
}

static int write_workflow(const struct tdh_dsl_writing *writing, const json_t *workflow,
                          struct td_err *err)
{
    const char *id = tdh_json_str(workflow, "id", ""), *version = head_version(workflow), *key;
    struct tdh_buf *buf = writing->buf;
    json_t *value, *trigger;
    size_t i;

    if (!json_is_object(workflow) || !tdh_flow_is_id(id))
        return tdh_yaml_fail(
            writing->yaml, "/id", err, TD_E_CONFIG,
            "a workflow needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"");
    tdh_buf_printf(buf, "workflow \"%s\"%s%s:\n", id, version ? " v" : "", version ? version : "");
    json_object_foreach ((json_t *)workflow, key, value) {
        if (strcmp(key, "id") == 0 || strcmp(key, "nodes") == 0 ||
            (strcmp(key, "version") == 0 && version != NULL))
            continue;
        if (strcmp(key, "triggers") == 0 && are_triggers(value))
            json_array_foreach (value, i, trigger)
                write_trigger(buf, trigger);
        else
            tdh_yaml_write_member(buf, key, value, INDENT, !is_word(key));
    }
    tdh_buf_char(buf, '\n');
    return write_nodes(writing, json_object_get(workflow, "nodes"), "/nodes", INDENT, err);
}

char *tdh_dsl_write(const struct tdh_yaml *yaml, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    const struct tdh_dsl_writing writing = { .buf = &buf, .yaml = yaml };
    char *text = NULL;

    if (write_workflow(&writing, yaml->root, err) == 0) {
        text = tdh_buf_steal(&buf);
        if (text == NULL)
            td_fail(err, TD_E_NOMEM, "%s: could not allocate its text", yaml->name);
    }
    tdh_buf_free(&buf);
    return text;
}
