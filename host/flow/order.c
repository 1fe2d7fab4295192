/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order: a map with `in_order`: each node of its body takes the items one after another. A node of
 * a round is held until the same node of the round before is done or dead, so that items go through
 * the body as through the stages of a pipeline.
 *
 * Rounds under way are linked by their number. What is held has nothing asked for and counts as
 * under way.
 */
#include <stdlib.h>

#include "flow/state.h"

static bool is_ordered(const struct tdh_frame *frame)
{
    return frame->outer != NULL && frame->outer->graph->nodes[frame->owner].is_in_order;
}

/* A dead node is passed when the one before it is. */
bool tdh_order_holds(const struct tdh_frame *frame, uint32_t node)
{
    enum tdh_cell_status status = CELL_DEAD;

    for (frame = frame->before; frame != NULL && status == CELL_DEAD; frame = frame->before)
        status = frame->cells[node].status;
    return status == CELL_IDLE || status == CELL_ACTIVE;
}

void tdh_order_let(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t node)
{
    while (frame != NULL && frame->cells[node].status == CELL_DEAD)
        frame = frame->after;
    if (frame == NULL || !frame->cells[node].is_held || tdh_order_holds(frame, node))
        return;
    frame->cells[node].is_held = false;
    tdh_frame_enter(state, frame, node);
}

void tdh_order_let_all(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    for (uint32_t i = 0; frame != NULL && i < frame->graph->count; i++)
        tdh_order_let(state, frame, i);
}

static void link_frames(struct tdh_frame *before, struct tdh_frame *after)
{
    before->after = after;
    after->before = before;
}

/* The newest round may be over, and its slot another frame's by now. */
void tdh_order_link(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    struct tdh_cell *cell = &frame->outer->cells[frame->owner];
    struct tdh_frame *newest = tdh_frame_at(state, cell->newest);

    if (!is_ordered(frame))
        return;
    if (newest != NULL && newest->outer == frame->outer && newest->owner == frame->owner &&
        newest->round < frame->round)
        link_frames(newest, frame);
    cell->newest = frame->slot;
}

void tdh_order_unlink(struct tdh_frame *frame)
{
    if (frame->before != NULL)
        frame->before->after = frame->after;
    if (frame->after != NULL)
        frame->after->before = frame->before;
}

/* --- loading --- */

static int compare(const void *a, const void *b)
{
    const struct tdh_frame *x = *(struct tdh_frame *const *)a, *y = *(struct tdh_frame *const *)b;

    if (x->outer != y->outer)
        return (x->outer->slot > y->outer->slot) - (x->outer->slot < y->outer->slot);
    if (x->owner != y->owner)
        return (x->owner > y->owner) - (x->owner < y->owner);
    return (x->round > y->round) - (x->round < y->round);
}

/* Does nothing wait for what will not come? */
static bool fits(const struct tdh_frame *frame)
{
    for (uint32_t i = 0; i < frame->graph->count; i++)
        if (frame->cells[i].is_held && !tdh_order_holds(frame, i))
            return false;
    return true;
}

int tdh_order_load(struct tdh_flow_state *state, bool *ret_fits, struct td_err *err)
{
    uint32_t slots = tdh_flow_slots(state), count = 0;
    struct tdh_frame **frames = calloc(slots + 1, sizeof(struct tdh_frame *));

    if (frames == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the order of %u rounds", slots);
    *ret_fits = true;
    for (uint32_t slot = 0; slot < slots; slot++)
        if (state->frames[slot] != NULL && is_ordered(state->frames[slot]))
            frames[count++] = state->frames[slot];
    if (count > 0)
        qsort(frames, count, sizeof(struct tdh_frame *), compare);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && frames[i]->outer == frames[i - 1]->outer &&
            frames[i]->owner == frames[i - 1]->owner)
            link_frames(frames[i - 1], frames[i]);
        frames[i]->outer->cells[frames[i]->owner].newest = frames[i]->slot;
    }
    for (uint32_t slot = 0; slot < slots; slot++)
        *ret_fits = *ret_fits && (state->frames[slot] == NULL || fits(state->frames[slot]));
    free(frames);
    return 0;
}
