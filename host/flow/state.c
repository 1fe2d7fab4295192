/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: makes and ends frames. A frame keeps its slot as long as it lives; a new one gets the
 * lowest that is free, so that the same frames stand in the same slots after a save and a load.
 */
#include "flow/state.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_PER_WORD = 64 };

/* --- values --- */

int tdh_flow_set(json_t **object, const char *key, json_t *value, struct td_err *err)
{
    if (*object == NULL || (*object)->refcount > 1) {
        json_t *copy = *object != NULL ? json_copy(*object) : json_object();

        if (copy == NULL) {
            json_decref(value);
            return td_fail(err, TD_E_NOMEM, "could not copy the values of a workflow");
        }
        json_decref(*object);
        *object = copy;
    }
    if (json_object_set_new_nocheck(*object, key, value) != 0)
        return td_fail(err, TD_E_NOMEM, "could not set \"%s\"", key);
    return 0;
}

int tdh_flow_set_at(json_t **array, size_t place, json_t *value, struct td_err *err)
{
    if ((*array)->refcount > 1) {
        json_t *copy = json_copy(*array);

        if (copy == NULL) {
            json_decref(value);
            return td_fail(err, TD_E_NOMEM, "could not copy the results of a map");
        }
        json_decref(*array);
        *array = copy;
    }
    if (json_array_set_new(*array, place, value) != 0)
        return td_fail(err, TD_E_NOMEM, "could not set result %zu", place);
    return 0;
}

static int own_array(json_t **array, struct td_err *err)
{
    json_t *copy;

    if (*array != NULL && (*array)->refcount == 1)
        return 0;
    copy = *array != NULL ? json_copy(*array) : json_array();
    if (copy == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of a workflow");
    json_decref(*array);
    *array = copy;
    return 0;
}

int tdh_flow_push(json_t **array, json_t *value, struct td_err *err)
{
    if (own_array(array, err) != 0) {
        json_decref(value);
        return -1;
    }
    return json_array_append_new(*array, value) == 0
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a list of a workflow");
}

int tdh_flow_pop(json_t **array, struct td_err *err)
{
    if (own_array(array, err) != 0)
        return -1;
    json_array_remove(*array, json_array_size(*array) - 1);
    return 0;
}

/* --- slots --- */

uint32_t tdh_flow_slots(const struct tdh_flow_state *state)
{
    return state->frame_room * SLOTS_PER_WORD;
}

static int grow_slots(struct tdh_flow_state *state, uint32_t words)
{
    struct tdh_frame **frames;
    uint64_t *used;

    if (words <= state->frame_room)
        return 0;
    words = words < 2 * state->frame_room ? 2 * state->frame_room : words;
    frames = realloc(state->frames, words * SLOTS_PER_WORD * sizeof(struct tdh_frame *));
    if (frames == NULL)
        return -1;
    state->frames = frames;
    used = realloc(state->used, words * sizeof(*used));
    if (used == NULL)
        return -1;
    state->used = used;
    memset(frames + state->frame_room * SLOTS_PER_WORD, 0,
           (words - state->frame_room) * SLOTS_PER_WORD * sizeof(struct tdh_frame *));
    memset(used + state->frame_room, 0, (words - state->frame_room) * sizeof(*used));
    state->frame_room = words;
    return 0;
}

static uint32_t lowest_free(struct tdh_flow_state *state)
{
    while (state->first_free < state->frame_room && state->used[state->first_free] == UINT64_MAX)
        state->first_free++;
    if (state->first_free == state->frame_room)
        return state->frame_room * SLOTS_PER_WORD;
    return state->first_free * SLOTS_PER_WORD +
           (uint32_t)__builtin_ctzll(~state->used[state->first_free]);
}

struct tdh_frame *tdh_frame_at(const struct tdh_flow_state *state, uint32_t slot)
{
    return slot / SLOTS_PER_WORD < state->frame_room ? state->frames[slot] : NULL;
}

/* --- frames --- */

/* A round of a map gets its own when it begins. */
static struct tdh_vars *vars_around(const struct tdh_frame *outer, uint32_t owner)
{
    const struct tdh_node *node = outer != NULL ? &outer->graph->nodes[owner] : NULL;

    if (node == NULL)
        return NULL;
    return node->scope != NULL && node->type == NODE_LOOP ? tdh_vars_of(outer, node) : outer->vars;
}

/* What expressions of the frame see, as far as some reads it. */
static int fill_roots(struct tdh_frame *frame)
{
    const struct tdh_frame *outer = frame->outer;
    json_t *over = outer != NULL ? outer->cells[frame->owner].over : NULL;
    json_t *item = over != NULL    ? json_array_get(over, frame->round)
                   : outer != NULL ? outer->item
                                   : NULL;

    frame->item = item != NULL ? json_incref(item) : NULL;
    frame->vars = vars_around(outer, frame->owner);
    if (outer != NULL && (frame->graph->reads & ROOT_BIT(ROOT_INDEX)) != 0 &&
        (frame->index = json_integer(frame->round)) == NULL)
        return -1;
    if ((frame->graph->reads & ROOT_BIT(ROOT_NODES)) != 0 &&
        (frame->outputs = json_object()) == NULL)
        return -1;
    return 0;
}

struct tdh_frame *tdh_frame_new_at(struct tdh_flow_state *state, const struct tdh_graph *graph,
                                   struct tdh_frame *outer, uint32_t owner, uint32_t round,
                                   uint32_t slot, struct td_err *err)
{
    struct tdh_frame *frame;

    if (slot >= TDH_FLOW_FRAMES) {
        td_fail(err, TD_E_LIMIT, "more than %u rounds are under way at once", TDH_FLOW_FRAMES);
        return NULL;
    }
    frame = calloc(1, sizeof(*frame) + graph->count * (sizeof(struct tdh_cell) + sizeof(uint32_t)));
    if (frame == NULL || grow_slots(state, slot / SLOTS_PER_WORD + 1) != 0) {
        free(frame);
        td_fail(err, TD_E_NOMEM, "could not allocate a frame of %u nodes", graph->count);
        return NULL;
    }
    frame->graph = graph;
    frame->outer = outer;
    frame->owner = owner;
    frame->round = round;
    frame->slot = slot;
    frame->ready = (uint32_t *)(frame->cells + graph->count);
    state->frames[slot] = frame;
    state->used[slot / SLOTS_PER_WORD] |= (uint64_t)1 << slot % SLOTS_PER_WORD;
    if (fill_roots(frame) != 0) {
        tdh_frame_free(state, frame);
        td_fail(err, TD_E_NOMEM, "could not allocate a frame of %u nodes", graph->count);
        return NULL;
    }
    return frame;
}

struct tdh_frame *tdh_frame_new(struct tdh_flow_state *state, const struct tdh_graph *graph,
                                struct tdh_frame *outer, uint32_t owner, uint32_t round,
                                struct td_err *err)
{
    return tdh_frame_new_at(state, graph, outer, owner, round, lowest_free(state), err);
}

void tdh_frame_free(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    uint32_t word;

    if (frame == NULL)
        return;
    tdh_order_unlink(frame);
    if (state->misfits != NULL)
        tdh_misfit_forget(state, frame, NULL);
    word = frame->slot / SLOTS_PER_WORD;
    state->frames[frame->slot] = NULL;
    state->used[word] &= ~((uint64_t)1 << frame->slot % SLOTS_PER_WORD);
    state->first_free = word < state->first_free ? word : state->first_free;
    for (uint32_t i = 0; i < frame->graph->count; i++) {
        json_decref(frame->cells[i].over);
        json_decref(frame->cells[i].results);
    }
    tdh_vars_free(frame);
    json_decref(frame->item);
    json_decref(frame->index);
    json_decref(frame->outputs);
    json_decref(frame->view);
    json_decref(frame->last);
    free(frame);
}

void tdh_flow_drop(void *arg, const void *plan)
{
    struct tdh_flow_state *state = arg;

    (void)plan;
    tdh_misfit_forget(state, NULL, NULL);
    for (uint32_t slot = 0; slot < state->frame_room * SLOTS_PER_WORD; slot++)
        tdh_frame_free(state, state->frames[slot]);
    free(state->frames);
    free(state->used);
    json_decref(state->input);
    json_decref(state->vars);
    json_decref(state->output);
    json_decref(state->why);
    json_decref(state->undos);
    json_decref(state->undo_errors);
    json_decref(state->run);
    json_decref(state->now);
    tdh_arena_free(&state->arena);
}
