/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: a node that completes decides the edges that leave it; an edge that is decided lets the
 * node at its end begin, die or wait on.
 *
 * Nothing here begins a node: it is put into its frame's list, and the frame into the state's. So
 * nothing calls itself along the graph, and neither a long chain nor a loop of many rounds needs
 * stack.
 */
#include "flow/state.h"

static void mark_dirty(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    if (frame->is_dirty)
        return;
    frame->is_dirty = true;
    frame->dirty_next = NULL;
    *(state->dirty_last != NULL ? &state->dirty_last->dirty_next : &state->dirty) = frame;
    state->dirty_last = frame;
}

void tdh_frame_unmark(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    struct tdh_frame *before = NULL;

    for (struct tdh_frame *at = state->dirty; at != NULL; before = at, at = at->dirty_next) {
        if (at != frame)
            continue;
        *(before != NULL ? &before->dirty_next : &state->dirty) = at->dirty_next;
        if (state->dirty_last == frame)
            state->dirty_last = before;
        return;
    }
}

void tdh_frame_enter(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t node)
{
    frame->ready[frame->ready_tail++] = node;
    mark_dirty(state, frame);
}

static void push_ready(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t node,
                       enum tdh_cell_status status)
{
    frame->cells[node].status = status;
    frame->active += status == CELL_ACTIVE;
    if (status == CELL_ACTIVE && tdh_order_holds(frame, node)) {
        frame->cells[node].is_held = true;
        return;
    }
    tdh_frame_enter(state, frame, node);
    if (status == CELL_DEAD)
        tdh_order_let(state, frame->after, node);
}

void tdh_frame_begin_entries(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    for (uint32_t i = 0; i < frame->graph->count; i++)
        if (frame->graph->nodes[i].in_count == 0)
            push_ready(state, frame, i, CELL_ACTIVE);
}

/* --- edges --- */

/* A node dies as soon as fewer can come than it joins: what waits for it need not wait for them. */
static void arrive(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t to, bool is_live)
{
    const struct tdh_node *node = &frame->graph->nodes[to];
    struct tdh_cell *cell = &frame->cells[to];
    uint32_t least = node->join > 0 ? node->join : 1;

    *(is_live ? &cell->live : &cell->dead) += 1;
    if (cell->status != CELL_IDLE)
        return;
    if (node->in_count - cell->dead < least)
        push_ready(state, frame, to, CELL_DEAD);
    else if (node->join > 0 ? cell->live >= least : cell->live + cell->dead == node->in_count)
        push_ready(state, frame, to, CELL_ACTIVE);
}

void tdh_frame_leave_dead(struct tdh_flow_state *state, struct tdh_frame *frame,
                          const struct tdh_node *node)
{
    for (size_t i = 0; i < node->edge_count; i++)
        arrive(state, frame, node->edges[i].to, false);
}

static int is_taken(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_edge *edge, const json_t *output, bool *ret_taken,
                    struct td_err *err)
{
    *ret_taken = true;
    if (edge->when == NULL ||
        tdh_frame_eval_bool(state, frame, output, edge->when, ret_taken, err) == 0)
        return 0;
    return td_context(err, "edge to \"%s\"", frame->graph->nodes[edge->to].id);
}

/* A decision takes the first edge that holds, other nodes all that hold; `otherwise` is taken when
 * none with a condition is. */
static int leave(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node,
                 const json_t *output, struct td_err *err)
{
    bool is_condition_met = false, is_over = false;

    for (size_t i = 0; i < node->edge_count; i++) {
        const struct tdh_edge *edge = &node->edges[i];
        bool is_live = false;

        if (edge->is_otherwise)
            continue;
        if (!is_over && edge->is_done && is_taken(state, frame, edge, output, &is_live, err) != 0)
            return -1;
        is_condition_met = is_condition_met || (is_live && edge->when != NULL);
        is_over = is_over || (is_live && node->type == NODE_DECISION);
        arrive(state, frame, edge->to, is_live);
    }
    for (size_t i = 0; i < node->edge_count; i++)
        if (node->edges[i].is_otherwise)
            arrive(state, frame, node->edges[i].to, !is_condition_met);
    return 0;
}

/* --- completing --- */

/* *ret_fits: false when the value is none for its variable, which err tells. */
static int assign(struct tdh_flow_state *state, struct tdh_frame *frame,
                  const struct tdh_node *node, const json_t *output, bool *ret_fits,
                  struct td_err *err)
{
    for (size_t i = 0; i < node->assign_count; i++) {
        json_t *value = tdh_frame_eval(state, frame, output, node->assigns[i].value, err);

        if (value == NULL)
            return td_context(err, "output \"%s\"", node->assigns[i].variable);
        if (tdh_types_check(&node->assigns[i], value, err) != 0) {
            json_decref(value);
            *ret_fits = err->code == TD_E_NOMEM;
            return -1;
        }
        if (tdh_vars_set(state, frame, &node->assigns[i], value, err) != 0)
            return -1;
    }
    return 0;
}

/* All or none: when a value does not fit, what was written before it is taken back. */
static int assign_typed(struct tdh_flow_state *state, struct tdh_frame *frame,
                        const struct tdh_node *node, const json_t *output, bool *ret_fits,
                        struct td_err *err)
{
    struct tdh_vars_kept before;
    int rc;

    if (node->assign_count == 1)
        return assign(state, frame, node, output, ret_fits, err);
    tdh_vars_keep(state, frame, &before);
    rc = assign(state, frame, node, output, ret_fits, err);
    tdh_vars_let(state, frame, &before, !*ret_fits);
    return rc;
}

/* Of a node that failed: its edge for that is taken, or, as it is skipped, the others. */
static int leave_failed(struct tdh_flow_state *state, struct tdh_frame *frame,
                        const struct tdh_node *node, struct td_err *err)
{
    if (node->on_error == ON_ERROR_SKIP)
        return leave(state, frame, node, json_null(), err);
    for (size_t i = 0; i < node->edge_count; i++) {
        const struct tdh_edge *edge = &node->edges[i];
        bool is_live = false;

        if (!edge->is_soft)
            is_live = edge->is_error;
        else if (is_taken(state, frame, edge, json_null(), &is_live, err) != 0)
            return -1;
        arrive(state, frame, edge->to, is_live);
    }
    return 0;
}

/* A loop or map lets go of what it went through. */
static void close_cell(struct tdh_frame *frame, const struct tdh_node *node)
{
    struct tdh_cell *cell = &frame->cells[node->index];

    if (node->scope != NULL)
        tdh_vars_end(frame, node);
    cell->status = CELL_DONE;
    json_decref(cell->over);
    json_decref(cell->results);
    cell->over = cell->results = NULL;
    cell->ask = cell->timer = 0;
}

/* The node is over: it is none of those under way any more. */
static int close_node(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, json_t *output, struct td_err *err)
{
    uint32_t timer = frame->cells[node->index].timer;

    close_cell(frame, node);
    frame->active--;
    mark_dirty(state, frame);
    tdh_order_let(state, frame->after, node->index);
    if (frame->outer != NULL) {
        json_decref(frame->last);
        frame->last = json_incref(output);
    }
    return timer != 0 ? td_ask_cancel(state->asks, timer, err) : 0;
}

static int misfit(struct tdh_flow_state *state, struct tdh_frame *frame,
                  const struct tdh_node *node, struct td_err *err)
{
    struct td_err why = *err;

    return tdh_misfit_note(state, frame, node, &why, err);
}

int tdh_frame_complete(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, json_t *output, struct td_err *err)
{
    struct td_err ignored; /* it fails for err */
    bool fits = true;

    if (tdh_frame_note_output(frame, node, output, NULL, err) != 0)
        return tdh_frame_context(frame, node, err);
    if (tdh_undo_note(state, frame, node, output, err) != 0) {
        tdh_undo_fail(state, frame, node, err, &ignored);
        return -1;
    }
    if ((node->is_typed ? assign_typed : assign)(state, frame, node, output, &fits, err) != 0)
        return fits ? tdh_frame_context(frame, node, err) : misfit(state, frame, node, err);
    if (close_node(state, frame, node, output, err) != 0 ||
        leave(state, frame, node, output, err) != 0)
        return tdh_frame_context(frame, node, err);
    return 0;
}

int tdh_frame_settle(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, json_t *error, struct td_err *err)
{
    int rc;

    rc = close_node(state, frame, node, json_null(), err) == 0 &&
                 tdh_frame_note_output(frame, node, json_null(), error, err) == 0 &&
                 leave_failed(state, frame, node, err) == 0
             ? 0
             : tdh_frame_context(frame, node, err);
    json_decref(error);
    return rc;
}
