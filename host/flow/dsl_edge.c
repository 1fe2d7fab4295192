/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_edge: edges, each put to the node it leaves: A => B => C, A => B, C, A, B => C, and behind a
 * single arrow `soft`, `when: EXPRESSION` or `otherwise`.
 *
 * That the node an edge leads to is there, edge.c checks: it has the place of the word.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/near.h"
#include "flow/dsl.h"
#include "flow/plan.h"

enum { NAMES_MAX = 1000 }; /* on one side of an arrow */

/* The nodes that stand side by side, and one of their edge lines. */
struct block {
    struct tdh_dsl *dsl;
    size_t begin, end;  /* statements */
    struct tdh_map ids; /* id -> struct tdh_dsl_line */
};

/* One side of an arrow. */
struct names {
    struct tdh_dsl_span list[NAMES_MAX];
    size_t count;
};

struct sides {
    struct names from, to;
};

struct tdh_dsl_span tdh_dsl_id(const struct tdh_dsl_line *line)
{
    struct tdh_dsl_cursor cursor = line->text;

    return tdh_dsl_word(&cursor);
}

static int read_names(struct tdh_dsl_cursor *cursor, struct names *names, struct td_err *err)
{
    names->count = 0;
    do {
        struct tdh_dsl_span word;

        tdh_dsl_skip_space(cursor);
        word = tdh_dsl_word(cursor);
        if (word.length == 0)
            return tdh_dsl_expected(cursor, "a node's id", NULL, err);
        if (names->count == NAMES_MAX)
            return tdh_dsl_fail(cursor, word.place, err, "more than %d nodes on one side of \"=>\"",
                                NAMES_MAX);
        names->list[names->count++] = word;
        tdh_dsl_skip_space(cursor);
    } while (tdh_dsl_take(cursor, ","));
    return 0;
}

/* The word at the cursor when it is short enough to be one of ours, else "". */
static struct tdh_dsl_span read_word(struct tdh_dsl_cursor *cursor, char text[static 16])
{
    struct tdh_dsl_span word = tdh_dsl_word(cursor);

    snprintf(text, 16, "%.*s", word.length < 16 ? (int)word.length : 0, word.text);
    tdh_dsl_skip_space(cursor);
    return word;
}

/* [soft] [otherwise | when: EXPRESSION] */
static int read_words(struct tdh_dsl_cursor *cursor, struct tdh_dsl_edge *edge, struct td_err *err)
{
    static const char *const words[] = { "when", "otherwise", "soft" };
    struct tdh_dsl_cursor begin = *cursor;
    char text[16];

    edge->key = read_word(cursor, text);
    if (strcmp(text, "soft") == 0) {
        edge->soft = edge->key;
        if (tdh_dsl_is_over(cursor))
            return 0;
        begin = *cursor;
        edge->key = read_word(cursor, text);
    }
    if (strcmp(text, "otherwise") == 0) {
        edge->kind = TDH_DSL_OTHERWISE;
        return tdh_dsl_need_end(cursor, err);
    }
    edge->kind = TDH_DSL_WHEN;
    if (strcmp(text, "when") != 0)
        return tdh_dsl_expected(&begin,
                                "\"=>\", \"when:\", \"otherwise\", \"soft\" or the end of the line",
                                tdh_near(text, words, 3), err);
    if (!tdh_dsl_take(cursor, ":"))
        return tdh_dsl_expected(cursor, "\":\" behind \"when\"", NULL, err);
    edge->when = *cursor;
    return 0;
}

/* What stands behind the last node. */
static int read_condition(struct tdh_dsl_cursor *cursor, bool is_chain, struct tdh_dsl_edge *edge,
                          struct td_err *err)
{
    if (tdh_dsl_is_over(cursor))
        return 0;
    if (*cursor->at == ':')
        return tdh_dsl_fail(cursor, cursor->place, err,
                            "a node is written with \"->\", such as pay -> agent:bank "
                            "action:\"charge\"");
    if (is_chain)
        return tdh_dsl_expected(cursor,
                                "\"=>\" or the end of the line: only a single \"=>\" has a "
                                "condition",
                                NULL, err);
    return read_words(cursor, edge, err);
}

static int fail_unknown(const struct block *block, const struct tdh_dsl_cursor *cursor,
                        const struct tdh_dsl_span *id, struct td_err *err)
{
    const char **ids = calloc(block->ids.count + 1, sizeof(*ids)), *near = NULL;
    char *text = strndup(id->text, id->length);
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;

    while (ids != NULL && (slot = tdh_map_next(&block->ids, &at)) != NULL)
        ids[count++] = slot->key;
    if (text != NULL && ids != NULL)
        near = tdh_near(text, ids, count);
    tdh_dsl_fail(cursor, id->place, err, "there is no node \"%.*s\" beside this edge%s%s%s",
                 (int)(id->length < 100 ? id->length : 100), id->text,
                 near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    free(text);
    free(ids);
    return -1;
}

/* As many as a document may have values. */
static int add_edge(struct tdh_dsl *dsl, struct tdh_dsl_line *from, const struct tdh_dsl_edge *edge,
                    struct td_err *err)
{
    if (dsl->edge_count == TDH_YAML_VALUES)
        return tdh_dsl_fail(&from->text, edge->to.place, err, "more than %u edges",
                            TDH_YAML_VALUES);
    if (dsl->edge_count == dsl->edge_room) {
        size_t room = dsl->edge_room > 0 ? dsl->edge_room * 2 : 32;
        struct tdh_dsl_edge *edges = realloc(dsl->edges, room * sizeof(*edges));

        if (edges == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the edges");
        dsl->edges = edges;
        dsl->edge_room = room;
    }
    dsl->edges[dsl->edge_count] = *edge;
    if (from->first_edge == TDH_DSL_NONE)
        from->first_edge = dsl->edge_count;
    else
        dsl->edges[from->last_edge].next = dsl->edge_count;
    from->last_edge = dsl->edge_count++;
    return 0;
}

/* One arrow: from each node on its left to each on its right. */
static int add_edges(const struct block *block, const struct tdh_dsl_cursor *cursor,
                     const struct sides *sides, struct tdh_dsl_edge edge, struct td_err *err)
{
    for (size_t i = 0; i < sides->from.count; i++) {
        const struct tdh_dsl_span *id = &sides->from.list[i];
        struct tdh_dsl_line *from = tdh_map_get_n(&block->ids, id->text, id->length);

        if (from == NULL)
            return fail_unknown(block, cursor, id, err);
        for (size_t j = 0; j < sides->to.count; j++) {
            edge.to = sides->to.list[j];
            if (add_edge(block->dsl, from, &edge, err) != 0)
                return -1;
        }
    }
    return 0;
}

static int read_edge(const struct block *block, const struct tdh_dsl_line *line,
                     struct sides *sides, struct td_err *err)
{
    struct tdh_dsl_edge edge = { .kind = TDH_DSL_ALWAYS, .next = TDH_DSL_NONE };
    struct tdh_dsl_cursor cursor = line->text;
    bool is_chain = false;

    if (read_names(&cursor, &sides->from, err) != 0)
        return -1;
    if (!tdh_dsl_take(&cursor, "=>"))
        return tdh_dsl_expected(&cursor, "\"=>\" or \",\"", NULL, err);
    for (;;) {
        if (read_names(&cursor, &sides->to, err) != 0)
            return -1;
        if (!tdh_dsl_take(&cursor, "=>"))
            break;
        if (add_edges(block, &cursor, sides, edge, err) != 0)
            return -1;
        sides->from = sides->to;
        is_chain = true;
    }
    if (read_condition(&cursor, is_chain, &edge, err) != 0)
        return -1;
    return add_edges(block, &cursor, sides, edge, err);
}

static int read_block(struct tdh_dsl *dsl, size_t begin, size_t end, struct sides *sides,
                      struct td_err *err);

/* A type that is none, and a node, is the end of an edge with the wrong arrow. */
static int check_arrow(const struct block *block, const struct tdh_dsl_line *line,
                       struct td_err *err)
{
    struct tdh_dsl_cursor cursor = line->text;
    enum tdh_node_type type;
    struct tdh_dsl_span word;
    const char *near;
    char text[TDH_FLOW_ID + 1];

    tdh_dsl_word(&cursor);
    tdh_dsl_skip_space(&cursor);
    tdh_dsl_take(&cursor, "->");
    tdh_dsl_skip_space(&cursor);
    word = tdh_dsl_word(&cursor);
    if (word.length == 0 || word.length > TDH_FLOW_ID || tdh_dsl_take(&cursor, ":"))
        return 0;
    snprintf(text, sizeof(text), "%.*s", (int)word.length, word.text);
    if (tdh_map_get(&block->ids, text) == NULL || tdh_node_type_parse(text, &type, &near) == 0)
        return 0;
    return tdh_dsl_fail(&cursor, word.place, err,
                        "\"%s\" is a node: an edge is written with \"=>\"", text);
}

/* The nodes' ids, and the edges of their bodies. */
static int read_nodes(struct block *block, struct sides *sides, struct td_err *err)
{
    struct tdh_dsl_line *lines = block->dsl->lines;

    for (size_t i = block->begin; i < block->end; i = lines[i].after) {
        struct tdh_dsl_span id = tdh_dsl_id(&lines[i]);

        if (lines[i].kind != TDH_DSL_NODE)
            continue;
        if (tdh_map_set_n(&block->ids, id.text, id.length, &lines[i], NULL) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the nodes");
        if (read_block(block->dsl, i + 1, lines[i].after, sides, err) != 0)
            return -1;
    }
    for (size_t i = block->begin; i < block->end; i = lines[i].after)
        if (lines[i].kind == TDH_DSL_NODE && check_arrow(block, &lines[i], err) != 0)
            return -1;
    return 0;
}

/* Calls itself for bodies, which nest TDH_DSL_LEVELS deep at most. */
static int read_block(struct tdh_dsl *dsl, size_t begin, size_t end, struct sides *sides,
                      struct td_err *err)
{
    struct block block = { .dsl = dsl, .begin = begin, .end = end };
    int rc = read_nodes(&block, sides, err);

    for (size_t i = begin; rc == 0 && i < end; i = dsl->lines[i].after)
        if (dsl->lines[i].kind == TDH_DSL_EDGE)
            rc = read_edge(&block, &dsl->lines[i], sides, err);
    tdh_map_free(&block.ids, NULL);
    return rc;
}

int tdh_dsl_edges(struct tdh_dsl *dsl, struct td_err *err)
{
    struct sides *sides = malloc(sizeof(*sides));
    int rc;

    if (sides == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the edges");
    rc = read_block(dsl, 0, dsl->count, sides, err);
    free(sides);
    return rc;
}
