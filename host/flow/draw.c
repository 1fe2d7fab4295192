/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draw: a workflow's graph as SVG, for people, and as Graphviz DOT, for other tools.
 *
 * The SVG stands by itself, has no script, follows the reader's light or dark scheme, and holds
 * every text escaped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "flow/critical.h"
#include "flow/layout.h"

enum {
    LABEL_MAX = 34,
    DETAIL_MAX = 44,
    MARGIN = 20,
    HEAD = 46,
    ID_SIZE = 13,
    DETAIL_SIZE = 11,
    BOX_HEIGHT = 44,
    BOX_WIDTH = 96,
    PAD = 14,
    LABEL_HEIGHT = 14
};

/* --- words --- */

/* What a node goes by: the first of its keys that is there. */
static void add_bound(struct tdh_buf *buf, const json_t *text)
{
    static const char *const keys[] = { "over",  "for_each", "times",  "while",
                                        "until", "duration", "signal", "event" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const json_t *value = json_object_get(text, keys[i]);

        if (value == NULL)
            continue;
        tdh_buf_printf(buf, " %s ", keys[i]);
        if (json_is_string(value))
            tdh_buf_text(buf, json_string_value(value));
        else
            tdh_buf_json(buf, value, 0);
        return;
    }
}

/* The second line of a box. Empty: its type says all. */
static void add_detail(struct tdh_buf *buf, const struct tdh_plan *plan,
                       const struct tdh_node *node)
{
    switch (node->type) {
    case NODE_TASK:
        tdh_buf_printf(buf, "%s.%s", node->name, node->action);
        if (node->undo != NULL)
            tdh_buf_printf(buf, " / %s.%s", node->undo->name, node->undo->action);
        break;
    case NODE_SUBWORKFLOW:
    case NODE_PATTERN:
        tdh_buf_printf(buf, "%s %s", tdh_node_type_name(node->type), node->name);
        break;
    case NODE_LOOP:
    case NODE_MAP:
    case NODE_SLEEP:
    case NODE_WAIT:
    case NODE_EMIT:
        tdh_buf_text(buf, tdh_node_type_name(node->type));
        add_bound(buf, tdh_json_at(plan->text, node->pointer));
        break;
    default:
        tdh_buf_text(buf, tdh_node_type_name(node->type));
        break;
    }
}

static const char *edge_label(const struct tdh_edge *edge)
{
    if (!edge->is_done)
        return "on error";
    if (edge->when != NULL)
        return tdh_cel_text(edge->when);
    return edge->is_otherwise ? "otherwise" : edge->is_soft ? "soft" : NULL;
}

/* Ends a text behind that many characters, at a border of UTF-8. */
static void shorten(struct tdh_buf *buf, size_t characters)
{
    size_t at = 0;

    for (size_t count = 0; at < buf->length; at++)
        if ((buf->data[at] & 0xC0) != 0x80 && ++count > characters)
            break;
    if (at >= buf->length)
        return;
    buf->length = at;
    tdh_buf_text(buf, "\xE2\x80\xA6");
}

/* --- DOT --- */

/* A quoted string of DOT knows \" and \\ as JSON does; a line break would be kept as it is. */
static void add_quoted(struct tdh_buf *buf, const char *text)
{
    tdh_buf_json_string(buf, text, strlen(text));
}

static void add_dot_node(struct tdh_buf *buf, const struct tdh_plan *plan,
                         const struct tdh_node *node, const char *prefix, bool is_bold)
{
    struct tdh_buf label = { 0 };

    tdh_buf_printf(&label, "%s\n", node->id);
    add_detail(&label, plan, node);
    tdh_buf_printf(buf, "  \"%s%s\" [label=", prefix, node->id);
    add_quoted(buf, label.failed ? node->id : label.data);
    tdh_buf_printf(buf, ", shape=%s%s];\n",
                   node->type == NODE_DECISION ? "diamond"
                   : node->body != NULL        ? "folder"
                                               : "box",
                   is_bold ? ", penwidth=3" : "");
    tdh_buf_free(&label);
}

/* A body is a cluster of its own, entered by a dotted line from its loop or map. Names are those of
 * paths: a body may repeat another's. */
static void add_dot_edge(struct tdh_buf *buf, const struct tdh_graph *graph,
                         const struct tdh_node *node, const struct tdh_edge *edge,
                         const char *prefix, bool is_bold)
{
    const char *label = edge_label(edge);

    tdh_buf_printf(buf, "  \"%s%s\" -> \"%s%s\"", prefix, node->id, prefix,
                   graph->nodes[edge->to].id);
    if (label != NULL) {
        tdh_buf_text(buf, " [label=");
        add_quoted(buf, label);
        tdh_buf_char(buf, ']');
    }
    tdh_buf_text(buf, is_bold ? " [penwidth=3];\n" : ";\n");
}

static void add_dot_graph(struct tdh_buf *buf, const struct tdh_plan *plan,
                          const struct tdh_graph *graph, const struct tdh_critical *critical,
                          const char *prefix)
{
    for (uint32_t i = 0; i < graph->count; i++)
        add_dot_node(buf, plan, &graph->nodes[i], prefix, tdh_critical_has(critical, i));
    for (uint32_t i = 0; i < graph->count; i++)
        for (size_t e = 0; e < graph->nodes[i].edge_count; e++)
            add_dot_edge(buf, graph, &graph->nodes[i], &graph->nodes[i].edges[e], prefix,
                         tdh_critical_has_edge(critical, i, graph->nodes[i].edges[e].to));
}

static void add_dot(struct tdh_buf *buf, const struct tdh_plan *plan, const struct tdh_graph *graph,
                    const struct tdh_critical *critical, const char *prefix)
{
    add_dot_graph(buf, plan, graph, critical, prefix);
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct tdh_node *node = &graph->nodes[i];
        struct tdh_buf inner = { 0 };

        if (node->body == NULL)
            continue;
        tdh_buf_printf(&inner, "%s%s.", prefix, node->id);
        if (inner.failed) {
            buf->failed = true;
            return;
        }
        tdh_buf_printf(buf, "  subgraph \"cluster_%s\" {\n", inner.data);
        add_dot(buf, plan, node->body, tdh_critical_body(critical, i), inner.data);
        tdh_buf_text(buf, "  }\n");
        for (uint32_t b = 0; b < node->body->count; b++)
            if (node->body->nodes[b].in_count == 0)
                tdh_buf_printf(buf, "  \"%s%s\" -> \"%s%s\" [style=dotted];\n", prefix, node->id,
                               inner.data, node->body->nodes[b].id);
        tdh_buf_free(&inner);
    }
}

static char *finish(struct tdh_buf *buf, struct td_err *err)
{
    char *text = tdh_buf_steal(buf);

    if (text == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a drawing");
    tdh_buf_free(buf);
    return text;
}

char *tdh_flow_dot(const struct tdh_definition *definition, const struct tdh_critical *critical,
                   struct td_err *err)
{
    const struct tdh_plan *plan = definition->plan;
    struct tdh_buf buf = { 0 };

    tdh_buf_printf(&buf, "digraph \"%s\" {\n", plan->name);
    add_dot(&buf, plan, plan->graph, critical, "");
    tdh_buf_text(&buf, "}\n");
    return finish(&buf, err);
}

/* --- SVG --- */

/* A shortened text, and the whole one to be seen when pointed at. */
static void add_text(struct tdh_buf *buf, double x, double y, const char *class, const char *text,
                     size_t characters)
{
    struct tdh_buf shown = { 0 };

    tdh_buf_text(&shown, text);
    shorten(&shown, characters);
    tdh_buf_printf(buf, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    if (shown.data != NULL && strcmp(shown.data, text) != 0) {
        tdh_buf_text(buf, "<title>");
        tdh_buf_xml(buf, text);
        tdh_buf_text(buf, "</title>");
    }
    tdh_buf_xml(buf, shown.failed || shown.data == NULL ? "" : shown.data);
    tdh_buf_text(buf, "</text>\n");
    tdh_buf_free(&shown);
}

static void measure_node(const void *arg, const struct tdh_node *node, struct tdh_box *box)
{
    struct tdh_buf detail = { 0 };
    double wanted = tdh_text_width(node->id, ID_SIZE), other;

    add_detail(&detail, arg, node);
    shorten(&detail, DETAIL_MAX);
    other = detail.data != NULL ? tdh_text_width(detail.data, DETAIL_SIZE) : 0;
    wanted = (wanted > other ? wanted : other) + 2 * PAD +
             (node->type == NODE_DECISION ? BOX_HEIGHT / 2 : 0);
    box->width = wanted > BOX_WIDTH ? wanted : BOX_WIDTH;
    box->height = BOX_HEIGHT;
    tdh_buf_free(&detail);
}

static void measure_label(const void *arg, const struct tdh_edge *edge, struct tdh_box *box)
{
    struct tdh_buf label = { 0 };

    (void)arg;
    tdh_buf_text(&label, edge_label(edge));
    shorten(&label, LABEL_MAX);
    box->width = label.data != NULL ? tdh_text_width(label.data, DETAIL_SIZE) : 0;
    box->height = LABEL_HEIGHT;
    tdh_buf_free(&label);
}

static void add_shape(struct tdh_buf *buf, const struct tdh_box *box, double x, double y)
{
    double right = x + box->width, middle = y + box->height / 2, cut = box->height / 3;
    bool is_pill = box->node->type == NODE_START || box->node->type == NODE_END;

    if (box->node->type == NODE_DECISION)
        tdh_buf_printf(buf, "<path d=\"M%.1f %.1fL%.1f %.1fH%.1fL%.1f %.1fL%.1f %.1fH%.1fZ\"/>\n",
                       x, middle, x + cut, y, right - cut, right, middle, right - cut,
                       y + box->height, x + cut);
    else
        tdh_buf_printf(buf,
                       "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"/>\n",
                       x, y, box->width, box->height, is_pill ? box->height / 2 : 8);
}

static void add_layout(struct tdh_buf *buf, const struct tdh_plan *plan,
                       const struct tdh_layout *layout, const struct tdh_critical *critical,
                       double x, double y);

static void add_box(struct tdh_buf *buf, const struct tdh_plan *plan, const struct tdh_box *box,
                    const struct tdh_critical *critical, double x, double y)
{
    struct tdh_buf detail = { 0 };
    double middle = x + box->width / 2;

    add_detail(&detail, plan, box->node);
    tdh_buf_printf(buf, "<g class=\"%s%s\" id=\"%s\">\n", tdh_node_type_name(box->node->type),
                   tdh_critical_has(critical, box->node->index) ? " critical" : "",
                   box->node->pointer + 1);
    add_shape(buf, box, x, y);
    add_text(buf, middle, y + 19, "id", box->node->id, 64);
    add_text(buf, middle, y + 35, "detail", detail.data != NULL ? detail.data : "", DETAIL_MAX);
    if (box->body != NULL)
        add_layout(buf, plan, box->body, tdh_critical_body(critical, box->node->index),
                   x + (box->width - box->body->width) / 2, y + TDH_BODY_TOP);
    tdh_buf_text(buf, "</g>\n");
    tdh_buf_free(&detail);
}

static void add_curve(struct tdh_buf *buf, double x0, double y0, double x1, double y1)
{
    double bend = (y1 - y0) / 2;

    if (x1 - x0 < 0.5 && x0 - x1 < 0.5)
        tdh_buf_printf(buf, "L%.1f %.1f", x1, y1);
    else
        tdh_buf_printf(buf, "C%.1f %.1f %.1f %.1f %.1f %.1f", x0, y0 + bend, x1, y1 - bend, x1, y1);
}

static double middle_of(const struct tdh_box *box)
{
    return box->x + box->width / 2;
}

/* The line leaves a label free, which stands in its first bend. */
static void add_bends(struct tdh_buf *buf, const struct tdh_layout *layout,
                      const struct tdh_line *line, double left, double top)
{
    const struct tdh_box *from = &layout->boxes[line->from], *to = &layout->boxes[line->to];
    double x = left + middle_of(from), y = top + from->y + from->height;

    tdh_buf_printf(buf, "M%.1f %.1f", x, y);
    for (uint32_t i = 0; i < line->bend_count; i++) {
        const struct tdh_box *bend = &layout->boxes[line->first_bend + i];
        bool is_label = i == 0 && line->is_labelled;

        add_curve(buf, x, y, left + middle_of(bend), top + bend->y);
        x = left + middle_of(bend);
        y = top + bend->y + bend->height;
        if (is_label)
            tdh_buf_printf(buf, "M%.1f %.1f", x, y);
        else
            tdh_buf_printf(buf, "V%.1f", y);
    }
    add_curve(buf, x, y, left + middle_of(to), top + to->y - 2);
}

static void add_line(struct tdh_buf *buf, const struct tdh_layout *layout,
                     const struct tdh_line *line, bool is_bold, double left, double top)
{
    const struct tdh_box *from = &layout->boxes[line->from], *to = &layout->boxes[line->to];
    const struct tdh_box *bend = &layout->boxes[line->first_bend];
    const char *label = edge_label(line->edge);

    tdh_buf_printf(buf, "<path class=\"edge%s%s\" d=\"", label != NULL ? " maybe" : "",
                   is_bold ? " critical" : "");
    add_bends(buf, layout, line, left, top);
    tdh_buf_text(buf, "\"/>\n");
    if (label != NULL && line->is_labelled)
        add_text(buf, left + middle_of(bend), top + bend->y + bend->height / 2 + 4, "label", label,
                 LABEL_MAX);
    else if (label != NULL)
        add_text(buf, left + (middle_of(from) + middle_of(to)) / 2,
                 top + (from->y + from->height + to->y) / 2, "label", label, LABEL_MAX);
}

static void add_layout(struct tdh_buf *buf, const struct tdh_plan *plan,
                       const struct tdh_layout *layout, const struct tdh_critical *critical,
                       double x, double y)
{
    for (uint32_t i = 0; i < layout->box_count; i++)
        if (layout->boxes[i].node != NULL)
            add_box(buf, plan, &layout->boxes[i], critical, x + layout->boxes[i].x,
                    y + layout->boxes[i].y);
    for (uint32_t i = 0; i < layout->line_count; i++)
        add_line(buf, layout, &layout->lines[i],
                 tdh_critical_has_edge(critical, layout->lines[i].from, layout->lines[i].to), x, y);
}

static const char style[] =
    "<style>\n"
    "svg{background:#fff;font-family:system-ui,sans-serif}\n"
    "text{text-anchor:middle;fill:#1f2328}\n"
    ".title{font-size:15px;font-weight:600;text-anchor:start}.id{font-size:13px;font-weight:600}\n"
    ".detail{font-size:11px;fill:#59636e}.label{font-size:11px;fill:#59636e;paint-order:stroke;"
    "stroke:#fff;stroke-width:4px}\n"
    "rect,g>path{fill:#f6f8fa;stroke:#8c959f;stroke-width:1.2}\n"
    ".start>rect,.end>rect{fill:#dafbe1;stroke:#1a7f37}.task>rect{fill:#ddf4ff;stroke:#0969da}\n"
    ".decision>path{fill:#fff8c5;stroke:#9a6700}.subworkflow>rect,.pattern>rect{fill:#fbefff;"
    "stroke:#8250df}\n"
    ".loop>rect,.map>rect{fill:none;stroke:#8c959f;stroke-dasharray:5 4}\n"
    "path.edge{fill:none;stroke:#59636e;stroke-width:1.4;marker-end:url(#arrow)}path.maybe{stroke-"
    "dasharray:4 3}#arrow path{fill:#59636e;"
    "stroke:none}\n"
    ".critical>rect,g.critical>path:not(.edge),path.edge.critical{stroke-width:3}\n"
    "@media "
    "(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#e6edf3}.detail{fill:#9198a1}\n"
    ".label{fill:#9198a1;stroke:#0d1117}rect,g>path{fill:#161b22;stroke:#656c76}.start>rect,.end>"
    "rect{fill:#12261e;stroke:#3fb950}\n"
    ".task>rect{fill:#121d2f;stroke:#4493f8}.decision>path{fill:#272115;stroke:#d29922}\n"
    ".subworkflow>rect,.pattern>rect{fill:#211830;stroke:#ab7df8}.loop>rect,.map>rect{fill:none;"
    "stroke:#656c76}\n"
    "path.edge{stroke:#9198a1}#arrow path{fill:#9198a1}}\n"
    "</style>\n"
    "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
    "markerHeight=\"7\" orient=\"auto\">"
    "<path d=\"M0 0L8 4L0 8Z\"/></marker></defs>\n";

static void add_svg(struct tdh_buf *buf, const struct tdh_definition *definition,
                    const struct tdh_layout *layout, const struct tdh_critical *critical)
{
    const struct tdh_plan *plan = definition->plan;
    const char *description = tdh_flow_description(definition);
    double title = tdh_text_width(plan->name, 15) + 2 * MARGIN;
    double width = layout->width + 2 * MARGIN > title ? layout->width + 2 * MARGIN : title;
    double height = layout->height + HEAD + MARGIN;

    tdh_buf_printf(buf,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                   "viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n",
                   width, height, width, height);
    tdh_buf_printf(buf, "<title>%s</title>\n", plan->name);
    if (description[0] != '\0') {
        tdh_buf_text(buf, "<desc>");
        tdh_buf_xml(buf, description);
        tdh_buf_text(buf, "</desc>\n");
    }
    tdh_buf_text(buf, style);
    tdh_buf_printf(buf, "<text class=\"title\" x=\"%d\" y=\"28\">%s</text>\n", MARGIN, plan->name);
    add_layout(buf, plan, layout, critical, (width - layout->width) / 2, HEAD);
    tdh_buf_text(buf, "</svg>\n");
}

char *tdh_flow_svg(const struct tdh_definition *definition, const struct tdh_critical *critical,
                   struct td_err *err)
{
    const struct tdh_plan *plan = definition->plan;
    const struct tdh_measure measure = { plan, measure_node, measure_label };
    struct tdh_layout *layout = tdh_layout_new(plan->graph, &measure);
    struct tdh_buf buf = { 0 };

    if (layout == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a drawing");
        return NULL;
    }
    add_svg(&buf, definition, layout, critical);
    tdh_layout_free(layout);
    return finish(&buf, err);
}
