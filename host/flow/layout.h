/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout: where the boxes of a drawing stand: nodes in layers from top to bottom, each below what
 * leads to it, with few crossings.
 */
#ifndef TDH_FLOW_LAYOUT_H
#define TDH_FLOW_LAYOUT_H

#include "flow/plan.h"

struct tdh_layout;

/* A node, or a bend of an edge that goes past a layer or has a label there.
 * Its place is that of its top left corner. */
struct tdh_box {
    const struct tdh_node *node; /* NULL: a bend, as high as its layer */
    struct tdh_layout *body;     /* drawn inside, at TDH_BODY_SIDE, TDH_BODY_TOP; NULL: none */
    double x, y, width, height;
    uint32_t layer, rank; /* rank: in its layer */
    double sum;           /* of the places of its neighbours, while they are weighed */
    uint32_t count;
};

/* An edge's line goes from box `from` through bends to box `to`. */
struct tdh_line {
    const struct tdh_edge *edge;
    uint32_t from, to, first_bend, bend_count;
    bool is_labelled; /* the first bend is as large as the label */
};

struct tdh_layout {
    struct tdh_box *boxes; /* nodes as in the graph, then bends */
    uint32_t box_count;
    struct tdh_line *lines;
    uint32_t line_count;
    double width, height;
};

enum { TDH_BODY_SIDE = 16, TDH_BODY_TOP = 52 };

/* Width of a text, as a browser's usual font has it. */
double tdh_text_width(const char *text, double size);
/* How large things are drawn. A node with a body is at least that wide. */
struct tdh_measure {
    const void *arg;
    void (*node)(const void *arg, const struct tdh_node *node, struct tdh_box *box);
    /* width 0: it has none */
    void (*label)(const void *arg, const struct tdh_edge *edge, struct tdh_box *box);
};
/* Lays a graph out. new. NULL: without memory. */
struct tdh_layout *tdh_layout_new(const struct tdh_graph *graph, const struct tdh_measure *measure);
void tdh_layout_free(struct tdh_layout *layout);

#endif
