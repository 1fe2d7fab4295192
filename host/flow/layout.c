/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout: layers by the longest way from a beginning; order within a layer by the mean place of
 * neighbours, swept down and up; then places, pulled towards the neighbours without changing the
 * order.
 */
#include "flow/layout.h"

#include <stdlib.h>
#include <string.h>

enum { SWEEPS = 6, BENDS_MAX = 50000, GAP_X = 28, GAP_Y = 38, BEND_WIDTH = 8 };

/* A piece of an edge between two layers that touch. */
struct piece {
    uint32_t upper, lower;
};

struct work {
    struct tdh_layout *layout;
    struct piece *pieces; /* by the layer of the upper box */
    uint32_t piece_count;
    uint32_t *piece_start; /* by layer; one more at the end */
    uint32_t *ranked;      /* boxes by layer and rank */
    uint32_t *layer_start; /* by layer; one more at the end */
    uint32_t layer_count;
};

double tdh_text_width(const char *text, double size)
{
    double width = 0;

    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if ((*at & 0xC0) != 0x80)
            width += *at >= 0xE1
                         ? size
                         : size * 0.58; /* scripts from U+1000 on are wide, nearly all of them */
    return width;
}

/* --- layers --- */

/* An edge with a label leaves a layer free for it. */
static uint32_t least_span(const struct tdh_edge *edge)
{
    return edge->when != NULL || edge->is_otherwise || !edge->is_done ? 2 : 1;
}

static int fill_layers(const struct tdh_graph *graph, struct tdh_layout *layout)
{
    uint32_t *waiting = calloc(graph->count, sizeof(*waiting)),
             *order = calloc(graph->count, sizeof(*order)), count = 0;

    if (waiting == NULL || order == NULL) {
        free(waiting);
        free(order);
        return -1;
    }
    for (uint32_t i = 0; i < graph->count; i++)
        if ((waiting[i] = graph->nodes[i].in_count) == 0)
            order[count++] = i;
    for (uint32_t at = 0; at < count; at++) {
        const struct tdh_node *node = &graph->nodes[order[at]];

        for (size_t e = 0; e < node->edge_count; e++) {
            struct tdh_box *to = &layout->boxes[node->edges[e].to];
            uint32_t layer = layout->boxes[order[at]].layer + least_span(&node->edges[e]);

            to->layer = to->layer < layer ? layer : to->layer;
            if (--waiting[node->edges[e].to] == 0)
                order[count++] = node->edges[e].to;
        }
    }
    free(waiting);
    free(order);
    return 0;
}

/* --- edges --- */

static uint32_t span(const struct tdh_layout *layout, uint32_t from, uint32_t to)
{
    return layout->boxes[to].layer - layout->boxes[from].layer;
}

/* Very many bends make no better drawing: then lines go straight. */
static int count_bends(const struct tdh_graph *graph, struct tdh_layout *layout)
{
    uint64_t bends = 0;
    struct tdh_box *boxes;

    for (uint32_t i = 0; i < graph->count; i++)
        for (size_t e = 0; e < graph->nodes[i].edge_count; e++) {
            bends += span(layout, i, graph->nodes[i].edges[e].to) - 1;
            layout->line_count++;
        }
    bends = bends > BENDS_MAX ? 0 : bends;
    layout->lines = calloc(layout->line_count + 1, sizeof(*layout->lines));
    boxes = layout->lines != NULL ? realloc(layout->boxes, (graph->count + bends) * sizeof(*boxes))
                                  : NULL;
    if (boxes == NULL)
        return -1;
    memset(boxes + graph->count, 0, bends * sizeof(*boxes));
    layout->boxes = boxes;
    layout->box_count = graph->count + (uint32_t)bends;
    return 0;
}

static void fill_lines(const struct tdh_graph *graph, struct tdh_layout *layout,
                       const struct tdh_measure *measure)
{
    uint32_t line = 0, bend = graph->count;
    bool has_bends = layout->box_count > graph->count;

    for (uint32_t i = 0; i < graph->count; i++)
        for (size_t e = 0; e < graph->nodes[i].edge_count; e++) {
            const struct tdh_edge *edge = &graph->nodes[i].edges[e];
            uint32_t count = has_bends ? span(layout, i, edge->to) - 1 : 0;

            layout->lines[line] = (struct tdh_line){
                edge, i, edge->to, bend, count, count > 0 && least_span(edge) > 1
            };
            if (layout->lines[line++].is_labelled)
                measure->label(measure->arg, edge, &layout->boxes[bend]);
            for (uint32_t b = 0; b < count; b++, bend++) {
                layout->boxes[bend].layer = layout->boxes[i].layer + 1 + b;
                if (layout->boxes[bend].width < BEND_WIDTH)
                    layout->boxes[bend].width = BEND_WIDTH;
            }
        }
}

static int compare_pieces(const void *a, const void *b, void *arg)
{
    const struct tdh_box *boxes = arg;
    uint32_t x = boxes[((const struct piece *)a)->upper].layer,
             y = boxes[((const struct piece *)b)->upper].layer;

    return (x > y) - (x < y);
}

static int fill_pieces(struct work *work)
{
    const struct tdh_layout *layout = work->layout;
    uint32_t count = 0;

    work->pieces = calloc(layout->box_count + layout->line_count + 1, sizeof(*work->pieces));
    work->piece_start = calloc(work->layer_count + 1, sizeof(*work->piece_start));
    if (work->pieces == NULL || work->piece_start == NULL)
        return -1;
    for (uint32_t i = 0; i < layout->line_count; i++) {
        const struct tdh_line *line = &layout->lines[i];
        uint32_t upper = line->from;

        for (uint32_t b = 0; b < line->bend_count; b++) {
            work->pieces[count++] = (struct piece){ upper, line->first_bend + b };
            upper = line->first_bend + b;
        }
        if (span(layout, upper, line->to) == 1)
            work->pieces[count++] = (struct piece){ upper, line->to };
    }
    work->piece_count = count;
    qsort_r(work->pieces, count, sizeof(*work->pieces), compare_pieces, layout->boxes);
    for (uint32_t i = 0; i < count; i++)
        work->piece_start[layout->boxes[work->pieces[i].upper].layer + 1] = i + 1;
    for (uint32_t l = 1; l <= work->layer_count; l++)
        if (work->piece_start[l] < work->piece_start[l - 1])
            work->piece_start[l] = work->piece_start[l - 1];
    return 0;
}

/* --- order --- */

static int fill_ranks(struct work *work)
{
    struct tdh_layout *layout = work->layout;
    uint32_t *filled;

    for (uint32_t i = 0; i < layout->box_count; i++)
        if (layout->boxes[i].layer >= work->layer_count)
            work->layer_count = layout->boxes[i].layer + 1;
    work->ranked = calloc(layout->box_count, sizeof(*work->ranked));
    work->layer_start = calloc(work->layer_count + 1, sizeof(*work->layer_start));
    filled = calloc(work->layer_count, sizeof(*filled));
    if (work->ranked == NULL || work->layer_start == NULL || filled == NULL) {
        free(filled);
        return -1;
    }
    for (uint32_t i = 0; i < layout->box_count; i++)
        work->layer_start[layout->boxes[i].layer + 1]++;
    for (uint32_t l = 0; l < work->layer_count; l++)
        work->layer_start[l + 1] += work->layer_start[l];
    for (uint32_t i = 0; i < layout->box_count; i++) {
        struct tdh_box *box = &layout->boxes[i];

        box->rank = filled[box->layer]++;
        work->ranked[work->layer_start[box->layer] + box->rank] = i;
    }
    free(filled);
    return 0;
}

/* Sums up what the neighbours in the layer above (or below) say of each box of a layer. */
static void weigh(struct work *work, uint32_t layer, bool is_down, bool is_rank)
{
    struct tdh_box *boxes = work->layout->boxes;
    uint32_t pieces = is_down ? layer - 1 : layer;

    for (uint32_t i = work->layer_start[layer]; i < work->layer_start[layer + 1]; i++) {
        boxes[work->ranked[i]].sum = 0;
        boxes[work->ranked[i]].count = 0;
    }
    for (uint32_t i = work->piece_start[pieces]; i < work->piece_start[pieces + 1]; i++) {
        const struct piece *piece = &work->pieces[i];
        struct tdh_box *box = &boxes[is_down ? piece->lower : piece->upper];
        const struct tdh_box *neighbour = &boxes[is_down ? piece->upper : piece->lower];

        box->sum += is_rank ? neighbour->rank : neighbour->x + neighbour->width / 2;
        box->count++;
    }
}

static int compare_means(const void *a, const void *b, void *arg)
{
    const struct tdh_box *boxes = arg, *x = &boxes[*(const uint32_t *)a],
                         *y = &boxes[*(const uint32_t *)b];
    double mean_x = x->count > 0 ? x->sum / x->count : x->rank,
           mean_y = y->count > 0 ? y->sum / y->count : y->rank;

    return mean_x != mean_y ? (mean_x > mean_y) - (mean_x < mean_y)
                            : (x->rank > y->rank) - (x->rank < y->rank);
}

static void order_layer(struct work *work, uint32_t layer, bool is_down)
{
    uint32_t *ranked = work->ranked + work->layer_start[layer],
             count = work->layer_start[layer + 1] - work->layer_start[layer];

    weigh(work, layer, is_down, true);
    qsort_r(ranked, count, sizeof(*ranked), compare_means, work->layout->boxes);
    for (uint32_t i = 0; i < count; i++)
        work->layout->boxes[ranked[i]].rank = i;
}

/* --- places --- */

static void place_heights(struct work *work)
{
    struct tdh_layout *layout = work->layout;
    double y = 0;

    for (uint32_t l = 0; l < work->layer_count; l++) {
        double height = 0;

        for (uint32_t i = work->layer_start[l]; i < work->layer_start[l + 1]; i++)
            height = layout->boxes[work->ranked[i]].height > height
                         ? layout->boxes[work->ranked[i]].height
                         : height;
        for (uint32_t i = work->layer_start[l]; i < work->layer_start[l + 1]; i++) {
            struct tdh_box *box = &layout->boxes[work->ranked[i]];

            box->height = box->node == NULL ? height : box->height;
            box->y = y + (height - box->height) / 2;
        }
        y += height + GAP_Y;
    }
    layout->height = y - GAP_Y;
}

/* Each box as near to the mean of its neighbours as those to its left let it; then all by what they
 * miss together. */
static void place_layer(struct work *work, uint32_t layer, bool is_first, bool is_down)
{
    struct tdh_box *boxes = work->layout->boxes;
    double x = 0, missed = 0;
    uint32_t count = 0;

    if (!is_first)
        weigh(work, layer, is_down, false);
    for (uint32_t i = work->layer_start[layer]; i < work->layer_start[layer + 1]; i++) {
        struct tdh_box *box = &boxes[work->ranked[i]];
        double wish = !is_first && box->count > 0 ? box->sum / box->count - box->width / 2 : box->x;

        box->x = i > work->layer_start[layer] && wish < x ? x : wish;
        x = box->x + box->width + GAP_X;
        missed += !is_first && box->count > 0 ? wish - box->x : 0;
        count += !is_first && box->count > 0;
    }
    for (uint32_t i = work->layer_start[layer]; count > 0 && i < work->layer_start[layer + 1]; i++)
        boxes[work->ranked[i]].x += missed / count;
}

static void place_widths(struct work *work)
{
    struct tdh_layout *layout = work->layout;
    double left = 0, right = 0;

    for (uint32_t l = 0; l < work->layer_count; l++)
        place_layer(work, l, true, true);
    for (unsigned sweep = 0; sweep < SWEEPS; sweep++) {
        for (uint32_t l = 1; l < work->layer_count; l++)
            place_layer(work, l, false, true);
        for (uint32_t l = work->layer_count - 1; l > 0; l--)
            place_layer(work, l - 1, false, false);
    }
    for (uint32_t i = 0; i < layout->box_count; i++)
        left = i == 0 || layout->boxes[i].x < left ? layout->boxes[i].x : left;
    for (uint32_t i = 0; i < layout->box_count; i++) {
        layout->boxes[i].x -= left;
        right = layout->boxes[i].x + layout->boxes[i].width > right
                    ? layout->boxes[i].x + layout->boxes[i].width
                    : right;
    }
    layout->width = right;
}

/* --- the whole --- */

static int arrange(struct work *work)
{
    if (fill_ranks(work) != 0 || fill_pieces(work) != 0)
        return -1;
    for (unsigned sweep = 0; sweep < SWEEPS; sweep++) {
        for (uint32_t l = 1; l < work->layer_count; l++)
            order_layer(work, l, true);
        for (uint32_t l = work->layer_count - 1; l > 0; l--)
            order_layer(work, l - 1, false);
    }
    place_heights(work);
    place_widths(work);
    return 0;
}

static int measure_boxes(const struct tdh_graph *graph, struct tdh_layout *layout,
                         const struct tdh_measure *measure)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct tdh_box *box = &layout->boxes[i];

        box->node = &graph->nodes[i];
        measure->node(measure->arg, box->node, box);
        if (box->node->body == NULL)
            continue;
        box->body = tdh_layout_new(box->node->body, measure);
        if (box->body == NULL)
            return -1;
        box->width = box->body->width + 2 * TDH_BODY_SIDE > box->width
                         ? box->body->width + 2 * TDH_BODY_SIDE
                         : box->width;
        box->height = box->body->height + TDH_BODY_TOP + TDH_BODY_SIDE;
    }
    return 0;
}

struct tdh_layout *tdh_layout_new(const struct tdh_graph *graph, const struct tdh_measure *measure)
{
    struct tdh_layout *layout = calloc(1, sizeof(*layout));
    struct work work = { .layout = layout };
    int rc = -1;

    if (layout == NULL)
        return NULL;
    layout->boxes = calloc(graph->count, sizeof(*layout->boxes));
    layout->box_count = layout->boxes != NULL ? graph->count : 0;
    if (layout->boxes != NULL && measure_boxes(graph, layout, measure) == 0 &&
        fill_layers(graph, layout) == 0 && count_bends(graph, layout) == 0) {
        fill_lines(graph, layout, measure);
        rc = arrange(&work);
    }
    free(work.pieces);
    free(work.piece_start);
    free(work.ranked);
    free(work.layer_start);
    if (rc == 0)
        return layout;
    tdh_layout_free(layout);
    return NULL;
}

void tdh_layout_free(struct tdh_layout *layout)
{
    if (layout == NULL)
        return;
    for (uint32_t i = 0; i < layout->box_count; i++)
        tdh_layout_free(layout->boxes[i].body);
    free(layout->boxes);
    free(layout->lines);
    free(layout);
}
