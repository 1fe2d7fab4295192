/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_write_edge: `next` of nodes as lines of edges. Where one simply follows another they are a
 * chain, A => B => C; those without a condition that one node has in a row share a line, A => B, C.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "flow/dsl_write.h"
#include "flow/plan.h"

enum { COLUMNS = 90 };

struct edges {
    struct tdh_buf *buf;
    const json_t *nodes;
    struct tdh_map ids; /* id -> json_t: its node */
    bool *is_written;   /* by place in `nodes` */
    unsigned indent;
    bool is_begun;
};

/* {to: ID} with `when`, or `otherwise: true`, and `soft: true`: one of them at least. */
static bool is_conditional(const json_t *edge)
{
    const json_t *when = json_object_get(edge, "when");
    bool is_when = json_is_string(when) || json_is_boolean(when),
         is_otherwise = json_is_true(json_object_get(edge, "otherwise")),
         is_soft = json_is_true(json_object_get(edge, "soft"));
    size_t count = (size_t)is_when + is_otherwise + is_soft;

    return count > 0 && !(is_when && is_otherwise) && json_object_size(edge) == count + 1 &&
           tdh_flow_is_id(tdh_json_str(edge, "to", ""));
}

static bool is_plain(const json_t *edge)
{
    return json_is_string(edge) && tdh_flow_is_id(json_string_value(edge));
}

bool tdh_dsl_is_edges(const json_t *next)
{
    json_t *edge;
    size_t i;

    json_array_foreach ((json_t *)next, i, edge)
        if (!is_plain(edge) && !is_conditional(edge))
            return false;
    return json_array_size(next) > 0;
}

/* The only node that follows, without a condition; or NULL. */
static const char *only_next(const json_t *node)
{
    const json_t *next = json_object_get(node, "next");

    return json_array_size(next) == 1 && is_plain(json_array_get(next, 0))
               ? json_string_value(json_array_get(next, 0))
               : NULL;
}

static void begin_line(struct edges *edges, const char *id)
{
    if (!edges->is_begun)
        tdh_buf_char(edges->buf, '\n');
    edges->is_begun = true;
    tdh_dsl_write_indent(edges->buf, edges->indent);
    tdh_buf_printf(edges->buf, "%s => ", id);
}

/* ids -> place + 1 */
static size_t place_of(const struct edges *edges, const char *id)
{
    return (size_t)(uintptr_t)tdh_map_get(&edges->ids, id);
}

static void write_chain(struct edges *edges, size_t place)
{
    const json_t *node = json_array_get(edges->nodes, place);
    const char *next = only_next(node);
    size_t begin = edges->buf->length;

    begin_line(edges, tdh_json_str(node, "id", ""));
    tdh_buf_text(edges->buf, next);
    edges->is_written[place] = true;
    for (;;) {
        place = place_of(edges, next);
        if (place == 0 || edges->is_written[place - 1])
            break;
        next = only_next(json_array_get(edges->nodes, place - 1));
        if (next == NULL || edges->buf->length - begin + strlen(next) > COLUMNS)
            break;
        edges->is_written[place - 1] = true;
        tdh_buf_printf(edges->buf, " => %s", next);
    }
    tdh_buf_char(edges->buf, '\n');
}

static void write_conditional(struct edges *edges, const char *id, const json_t *edge)
{
    const json_t *when = json_object_get(edge, "when");

    begin_line(edges, id);
    tdh_buf_text(edges->buf, tdh_json_str(edge, "to", ""));
    tdh_buf_text(edges->buf, json_object_get(edge, "soft") != NULL ? " soft" : "");
    tdh_buf_text(edges->buf, json_object_get(edge, "otherwise") != NULL ? " otherwise" : "");
    if (when != NULL) {
        tdh_buf_text(edges->buf, " when: ");
        tdh_dsl_write_expression(edges->buf, when);
    }
    tdh_buf_char(edges->buf, '\n');
}

/* The edges of one node, in their order. */
static void write_all(struct edges *edges, const json_t *node)
{
    const json_t *next = json_object_get(node, "next");
    const char *id = tdh_json_str(node, "id", "");
    size_t count = json_array_size(next), line = 0;

    for (size_t i = 0; i < count; i++) {
        const json_t *edge = json_array_get(next, i);

        if (!is_plain(edge)) {
            write_conditional(edges, id, edge);
            continue;
        }
        if (i == 0 || !is_plain(json_array_get(next, i - 1)) ||
            edges->buf->length - line > COLUMNS) {
            if (i > 0 && is_plain(json_array_get(next, i - 1)))
                tdh_buf_char(edges->buf, '\n');
            line = edges->buf->length;
            begin_line(edges, id);
        } else {
            tdh_buf_text(edges->buf, ", ");
        }
        tdh_buf_text(edges->buf, json_string_value(edge));
        if (i + 1 == count || !is_plain(json_array_get(next, i + 1)))
            tdh_buf_char(edges->buf, '\n');
    }
}

int tdh_dsl_write_edges(const struct tdh_dsl_writing *writing, const json_t *nodes, unsigned indent,
                        struct td_err *err)
{
    size_t count = json_array_size(nodes);
    struct edges edges = { .buf = writing->buf, .nodes = nodes, .indent = indent };
    bool failed;

    edges.is_written = calloc(count + 1, sizeof(bool));
    failed = edges.is_written == NULL;
    for (size_t i = 0; i < count && !failed; i++)
        failed = tdh_map_set(&edges.ids, tdh_json_str(json_array_get(nodes, i), "id", ""),
                             (void *)(uintptr_t)(i + 1), NULL) != 0;
    for (size_t i = 0; i < count && !failed; i++) {
        const json_t *node = json_array_get(nodes, i);

        if (only_next(node) != NULL && !edges.is_written[i])
            write_chain(&edges, i);
        else if (only_next(node) == NULL && tdh_dsl_is_edges(json_object_get(node, "next")))
            write_all(&edges, node);
    }
    tdh_map_free(&edges.ids, NULL);
    free(edges.is_written);
    return failed ? td_fail(err, TD_E_NOMEM, "could not allocate the edges of nodes") : 0;
}
