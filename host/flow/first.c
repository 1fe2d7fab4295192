/* SPDX-License-Identifier: Apache-2.0 */
/*
 * first: a node with `join: first` begins with the first that comes, and lets go of its rivals: of
 * all that can only lead to it. What is under way there is taken back, what has not begun dies.
 *
 * A node is a rival of the nearest such join that all ways from it come to, its goal, and on the
 * list of that one alone. A join may be the rival of another, so they make a tree.
 */
#include "flow/state.h"

/* --- while it is being read --- */

static uint32_t goal_of(const struct tdh_graph *graph, const struct tdh_node *node)
{
    uint32_t goal = 0;

    for (size_t e = 0; e < node->edge_count; e++) {
        const struct tdh_node *to = &graph->nodes[node->edges[e].to];
        uint32_t ahead = to->is_first ? to->index + 1 : to->goal;

        if (ahead == 0 || (goal != 0 && goal != ahead))
            return 0;
        goal = ahead;
    }
    return goal;
}

void tdh_first_find(struct tdh_graph *graph, const uint32_t *order)
{
    for (uint32_t i = graph->count; i-- > 0;) {
        struct tdh_node *node = &graph->nodes[order[i]], *goal;

        node->goal = goal_of(graph, node);
        if (node->goal == 0)
            continue;
        goal = &graph->nodes[node->goal - 1];
        node->next_rival = goal->rival;
        goal->rival = node->index + 1;
    }
}

/* --- in a run --- */

/* It is to begin in this fold: who begins it finds it dead, and goes on from there. */
static bool is_ready(const struct tdh_frame *frame, const struct tdh_node *node)
{
    for (uint32_t i = frame->ready_head; i < frame->ready_tail; i++)
        if (frame->ready[i] == node->index)
            return true;
    return false;
}

static int give_up(struct tdh_flow_state *state, struct tdh_frame *frame,
                   const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    bool is_active = cell->status == CELL_ACTIVE, is_left = is_active && is_ready(frame, node);

    if (is_active) {
        if (tdh_node_take_back(state, frame, node, err) != 0)
            return -1;
        tdh_misfit_forget(state, frame, node);
        if (node->scope != NULL)
            tdh_vars_end(frame, node);
        json_decref(cell->over);
        json_decref(cell->results);
        cell->over = cell->results = NULL;
        cell->active = 0;
        cell->is_held = cell->is_paused = false;
        frame->active--;
    }
    cell->status = CELL_DEAD;
    tdh_order_let(state, frame->after, node->index);
    if (!is_left)
        tdh_frame_leave_dead(state, frame, node);
    return 0;
}

/* The next one in the tree of what stands before `join`: joins have their rivals below them. One
 * that is done let go of its own when it began. */
static const struct tdh_node *next_rival(const struct tdh_frame *frame, const struct tdh_node *join,
                                         const struct tdh_node *at)
{
    const struct tdh_node *nodes = frame->graph->nodes;

    if (at->rival != 0 && frame->cells[at->index].status != CELL_DONE)
        return &nodes[at->rival - 1];
    while (at != join && at->next_rival == 0)
        at = &nodes[at->goal - 1];
    return at != join ? &nodes[at->next_rival - 1] : NULL;
}

int tdh_first_let_go(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, struct td_err *err)
{
    const struct tdh_node *at = node;

    while ((at = next_rival(frame, node, at)) != NULL) {
        enum tdh_cell_status status = frame->cells[at->index].status;

        if ((status == CELL_IDLE || status == CELL_ACTIVE) && give_up(state, frame, at, err) != 0)
            return -1;
    }
    return 0;
}
