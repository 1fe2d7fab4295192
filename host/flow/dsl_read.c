/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_read: says statements as the document that YAML would give, each value with its place.
 *
 * Nothing is checked here that read.c checks of YAML: which types, keys and values there are is
 * said once, there.
 */
#include <string.h>

#include "base/near.h"
#include "flow/dsl_out.h"
#include "flow/flow.h"

/* What a node's first key says of its type. */
static const struct {
    const char *key, *type;
} called[] = { { "agent", "task" }, { "workflow", "subworkflow" }, { "pattern", "pattern" } };
enum { CALLED = sizeof(called) / sizeof(called[0]) };

/* The keys that stand in lines of their own. */
static int out_keys(struct tdh_dsl_reading *reading, size_t begin, size_t end, struct td_err *err)
{
    const struct tdh_dsl_line *lines = reading->dsl->lines;
    int rc = 0;

    for (size_t i = begin; rc == 0 && i < end; i = lines[i].after) {
        struct tdh_dsl_cursor cursor = lines[i].text;

        if (lines[i].kind == TDH_DSL_KEYS)
            rc = tdh_yaml_make_members(reading->out, cursor.at, (size_t)(cursor.end - cursor.at),
                                       cursor.place, err);
        else if (lines[i].kind == TDH_DSL_EXPR)
            rc = tdh_dsl_out_items(reading, &cursor, err);
    }
    return rc;
}

/* --- triggers --- */

/* NAME(VALUE), the cursor behind the name; without a value it is true. */
static int out_occasion(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor *cursor,
                        struct td_err *err)
{
    enum tdh_dsl_value kind;
    struct tdh_dsl_span value = { "true", 4, cursor->place };

    if (!tdh_dsl_take(cursor, "("))
        return tdh_dsl_expected(cursor, "\"(\" as in event(\"order.created\")", NULL, err);
    tdh_dsl_skip_space(cursor);
    if (tdh_dsl_take(cursor, ")"))
        return tdh_dsl_out_text(reading, &value, true, err);
    if (tdh_dsl_is_over(cursor))
        return tdh_dsl_expected(cursor, "a value and \")\"", NULL, err);
    if (tdh_dsl_value(cursor, ')', &kind, &value, err) != 0)
        return -1;
    tdh_dsl_skip_space(cursor);
    if (!tdh_dsl_take(cursor, ")"))
        return tdh_dsl_expected(cursor, "\")\"", NULL, err);
    return tdh_dsl_out_value(reading, kind, &value, err);
}

static int out_trigger(struct tdh_dsl_reading *reading, size_t place, struct td_err *err)
{
    const struct tdh_dsl_line *line = &reading->dsl->lines[place];
    struct tdh_dsl_cursor cursor = line->text;
    struct tdh_dsl_span name;

    tdh_dsl_word(&cursor);
    tdh_dsl_skip_space(&cursor);
    tdh_dsl_take(&cursor, ":");
    if (tdh_dsl_is_over(&cursor) || (name = tdh_dsl_word(&cursor)).length == 0)
        return tdh_dsl_expected(&cursor, "a trigger such as event(\"order.created\")", NULL, err);
    if (tdh_yaml_make_map(reading->out, name.place, err) != 0 ||
        tdh_dsl_out_text(reading, &name, false, err) != 0 ||
        out_occasion(reading, &cursor, err) != 0 || tdh_dsl_out_items(reading, &cursor, err) != 0 ||
        out_keys(reading, place + 1, line->after, err) != 0)
        return -1;
    return tdh_yaml_make_end(reading->out, err);
}

/* Begins a list that holds the statements of a kind. */
static int begin_list(struct tdh_dsl_reading *reading, const char *key, struct tdh_place place,
                      struct td_err *err)
{
    return tdh_yaml_make_text(reading->out, key, place, err) == 0
               ? tdh_yaml_make_list(reading->out, place, err)
               : -1;
}

/* The first statement of a kind that stands side by side with others; end: there is none. */
static size_t find_kind(const struct tdh_dsl_reading *reading, size_t begin, size_t end,
                        enum tdh_dsl_kind kind)
{
    while (begin < end && reading->dsl->lines[begin].kind != kind)
        begin = reading->dsl->lines[begin].after;
    return begin;
}

static int out_triggers(struct tdh_dsl_reading *reading, struct td_err *err)
{
    const struct tdh_dsl *dsl = reading->dsl;
    size_t i = find_kind(reading, 0, dsl->count, TDH_DSL_TRIGGER);

    if (i == dsl->count)
        return 0;
    if (begin_list(reading, "triggers", dsl->lines[i].text.place, err) != 0)
        return -1;
    for (; i < dsl->count; i = find_kind(reading, dsl->lines[i].after, dsl->count, TDH_DSL_TRIGGER))
        if (out_trigger(reading, i, err) != 0)
            return -1;
    return tdh_yaml_make_end(reading->out, err);
}

/* --- nodes --- */

static int out_flag(struct tdh_dsl_reading *reading, const struct tdh_dsl_span *key,
                    struct td_err *err)
{
    return tdh_dsl_out_text(reading, key, false, err) == 0
               ? tdh_yaml_make_word(reading->out, "true", key->place, err)
               : -1;
}

static int out_edge(struct tdh_dsl_reading *reading, const struct tdh_dsl_edge *edge,
                    struct td_err *err)
{
    bool is_soft = edge->soft.length > 0;

    if (edge->kind == TDH_DSL_ALWAYS && !is_soft)
        return tdh_dsl_out_text(reading, &edge->to, false, err);
    if (tdh_yaml_make_map(reading->out, edge->to.place, err) != 0 ||
        tdh_dsl_out_member(reading, "to", &edge->to, err) != 0 ||
        (is_soft && out_flag(reading, &edge->soft, err) != 0) ||
        (edge->kind == TDH_DSL_OTHERWISE && out_flag(reading, &edge->key, err) != 0))
        return -1;
    if (edge->kind == TDH_DSL_WHEN && (tdh_dsl_out_text(reading, &edge->key, false, err) != 0 ||
                                       tdh_dsl_out_expression(reading, edge->when, err) != 0))
        return -1;
    return tdh_yaml_make_end(reading->out, err);
}

static int out_next(struct tdh_dsl_reading *reading, const struct tdh_dsl_line *line,
                    struct td_err *err)
{
    const struct tdh_dsl_edge *edges = reading->dsl->edges;

    if (line->first_edge == TDH_DSL_NONE)
        return 0;
    if (begin_list(reading, "next", edges[line->first_edge].to.place, err) != 0)
        return -1;
    for (size_t i = line->first_edge; i != TDH_DSL_NONE; i = edges[i].next)
        if (out_edge(reading, &edges[i], err) != 0)
            return -1;
    return tdh_yaml_make_end(reading->out, err);
}

static int fail_type(const struct tdh_dsl_cursor *cursor, const struct tdh_dsl_span *word,
                     struct td_err *err)
{
    const char *keys[CALLED], *near;
    char text[32];

    for (size_t i = 0; i < CALLED; i++)
        keys[i] = called[i].key;
    snprintf(text, sizeof(text), "%.*s", word->length < sizeof(text) ? (int)word->length : 0,
             word->text);
    near = tdh_near(text, keys, CALLED);
    return tdh_dsl_expected(
        cursor, "a type such as wait, or agent:NAME, workflow:NAME or pattern:NAME", near, err);
}

/* What stands first behind "->": a type, or what is called. */
static int out_type(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor *cursor,
                    struct td_err *err)
{
    struct tdh_dsl_cursor begin;
    struct tdh_dsl_span word;

    tdh_dsl_skip_space(cursor);
    begin = *cursor;
    word = tdh_dsl_word(cursor);
    if (word.length == 0)
        return fail_type(&begin, &word, err);
    if (!tdh_dsl_take(cursor, ":"))
        return tdh_dsl_out_member(reading, "type", &word, err);
    for (size_t i = 0; i < CALLED; i++) {
        const struct tdh_dsl_span type = { called[i].type, strlen(called[i].type), word.place };

        if (tdh_dsl_is(&word, called[i].key))
            return tdh_dsl_out_member(reading, "type", &type, err) == 0
                       ? tdh_dsl_out_item(reading, cursor, &word, err)
                       : -1;
    }
    return fail_type(&begin, &word, err);
}

static int out_nodes(struct tdh_dsl_reading *reading, size_t begin, size_t end, struct td_err *err);

static int out_body(struct tdh_dsl_reading *reading, size_t begin, size_t end, struct td_err *err)
{
    size_t first = find_kind(reading, begin, end, TDH_DSL_NODE);

    if (first == end)
        return 0;
    if (begin_list(reading, "body", reading->dsl->lines[first].text.place, err) != 0 ||
        out_nodes(reading, begin, end, err) != 0)
        return -1;
    return tdh_yaml_make_end(reading->out, err);
}

static int out_node(struct tdh_dsl_reading *reading, size_t place, struct td_err *err)
{
    const struct tdh_dsl_line *line = &reading->dsl->lines[place];
    struct tdh_dsl_cursor cursor = line->text;
    struct tdh_dsl_span id = tdh_dsl_word(&cursor);

    tdh_dsl_skip_space(&cursor);
    tdh_dsl_take(&cursor, "->");
    if (tdh_yaml_make_map(reading->out, id.place, err) != 0 ||
        tdh_dsl_out_member(reading, "id", &id, err) != 0 || out_type(reading, &cursor, err) != 0 ||
        tdh_dsl_out_items(reading, &cursor, err) != 0 ||
        out_keys(reading, place + 1, line->after, err) != 0 ||
        out_body(reading, place + 1, line->after, err) != 0 || out_next(reading, line, err) != 0)
        return -1;
    return tdh_yaml_make_end(reading->out, err);
}

static int out_nodes(struct tdh_dsl_reading *reading, size_t begin, size_t end, struct td_err *err)
{
    for (size_t i = find_kind(reading, begin, end, TDH_DSL_NODE); i < end;
         i = find_kind(reading, reading->dsl->lines[i].after, end, TDH_DSL_NODE))
        if (out_node(reading, i, err) != 0)
            return -1;
    return 0;
}

/* --- the workflow --- */

/* Is there a node of that type, written as `ID -> TYPE`? */
static bool has_type(const struct tdh_dsl_reading *reading, const char *type)
{
    const struct tdh_dsl *dsl = reading->dsl;

    for (size_t i = find_kind(reading, 0, dsl->count, TDH_DSL_NODE); i < dsl->count;
         i = find_kind(reading, dsl->lines[i].after, dsl->count, TDH_DSL_NODE)) {
        struct tdh_dsl_cursor cursor = dsl->lines[i].text;
        struct tdh_dsl_span word;

        tdh_dsl_word(&cursor);
        tdh_dsl_skip_space(&cursor);
        tdh_dsl_take(&cursor, "->");
        tdh_dsl_skip_space(&cursor);
        word = tdh_dsl_word(&cursor);
        if (tdh_dsl_is(&word, type))
            return true;
    }
    return false;
}

/* A start or end that was left out is called what it is. */
static int out_implied(struct tdh_dsl_reading *reading, const char *type, struct td_err *err)
{
    const struct tdh_dsl *dsl = reading->dsl;
    const struct tdh_dsl_span word = { type, strlen(type), dsl->place };

    if (has_type(reading, type))
        return 0;
    for (size_t i = find_kind(reading, 0, dsl->count, TDH_DSL_NODE); i < dsl->count;
         i = find_kind(reading, dsl->lines[i].after, dsl->count, TDH_DSL_NODE)) {
        struct tdh_dsl_span id = tdh_dsl_id(&dsl->lines[i]);

        if (tdh_dsl_is(&id, type))
            return tdh_dsl_fail(&dsl->lines[i].text, id.place, err,
                                "node \"%s\" is of another type: call it otherwise, or write the "
                                "node of type \"%s\" that is left out, such as begin -> %s",
                                type, type, type);
    }
    if (tdh_yaml_make_map(reading->out, dsl->place, err) != 0 ||
        tdh_dsl_out_member(reading, "id", &word, err) != 0 ||
        tdh_dsl_out_member(reading, "type", &word, err) != 0)
        return -1;
    return tdh_yaml_make_end(reading->out, err);
}

/* v1.0 is 1.0.0 */
static int out_version(struct tdh_dsl_reading *reading, struct td_err *err)
{
    const struct tdh_dsl_span *version = &reading->dsl->version;
    struct tdh_dsl_span full = *version;
    size_t core = 0, dots = 0;
    char *text;

    if (version->length == 0)
        return 0;
    for (; core < version->length && strchr("-+", version->text[core]) == NULL; core++)
        dots += version->text[core] == '.';
    text = tdh_arena_printf(&reading->dsl->arena, "%.*s%s%.*s", (int)core, version->text,
                            dots == 0   ? ".0.0"
                            : dots == 1 ? ".0"
                                        : "",
                            (int)(version->length - core), version->text + core);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "%s: could not allocate the version", reading->name);
    full.text = text;
    full.length = strlen(text);
    return tdh_dsl_out_member(reading, "version", &full, err);
}

static int out_workflow(struct tdh_dsl_reading *reading, struct td_err *err)
{
    const struct tdh_dsl *dsl = reading->dsl;
    size_t first = find_kind(reading, 0, dsl->count, TDH_DSL_NODE);
    struct tdh_dsl_cursor begin = { .name = reading->name };

    if (first == dsl->count)
        return tdh_dsl_fail(&begin, dsl->place, err,
                            "the workflow has no node, expected one such as greet -> agent:echo "
                            "action:\"echo\"");
    if (tdh_yaml_make_map(reading->out, dsl->place, err) != 0 ||
        tdh_dsl_out_member(reading, "id", &dsl->id, err) != 0 || out_version(reading, err) != 0 ||
        out_keys(reading, 0, dsl->count, err) != 0 || out_triggers(reading, err) != 0 ||
        begin_list(reading, "nodes", dsl->lines[first].text.place, err) != 0 ||
        out_implied(reading, "start", err) != 0 || out_nodes(reading, 0, dsl->count, err) != 0 ||
        out_implied(reading, "end", err) != 0 || tdh_yaml_make_end(reading->out, err) != 0)
        return -1;
    return tdh_yaml_make_end(reading->out, err);
}

/* A line that was taken for a part of a value is missed by edges: what is wrong with the value
 * comes first. */
static int read_edges(struct tdh_dsl_reading *reading, struct td_err *err)
{
    size_t count = reading->dsl->count;
    struct td_err first;

    if (tdh_dsl_edges(reading->dsl, err) == 0)
        return 0;
    if (err->code != TD_E_NOMEM && find_kind(reading, 0, count, TDH_DSL_NODE) < count &&
        out_workflow(reading, &first) != 0)
        *err = first;
    return -1;
}

struct tdh_yaml *tdh_flow_parse(const char *text, size_t length, const char *name,
                                struct td_err *err)
{
    struct tdh_dsl dsl = { 0 };
    struct tdh_dsl_reading reading = { .dsl = &dsl, .name = name };
    struct tdh_yaml *yaml = NULL;

    if (tdh_dsl_lines(&dsl, name, text, length, err) == 0)
        reading.out = tdh_yaml_make_new(name, err);
    if (reading.out != NULL && read_edges(&reading, err) == 0 && out_workflow(&reading, err) == 0) {
        yaml = tdh_yaml_make_done(reading.out);
        reading.out = NULL;
    }
    if (yaml != NULL && tdh_dsl_imply(yaml->root, err) != 0) {
        tdh_yaml_free(yaml);
        yaml = NULL;
    }
    tdh_yaml_make_free(reading.out);
    tdh_dsl_free(&dsl);
    return yaml;
}
