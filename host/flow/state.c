/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: makes and ends frames, and turns the whole into JSON and back.
 */
#include "flow/state.h"

#include <stdlib.h>
#include <string.h>

int tdh_flow_set(json_t **object, const char *key, json_t *value, struct td_err *err)
{
    if ((*object)->refcount > 1) {
        json_t *copy = json_copy(*object);

        if (copy == NULL) {
            json_decref(value);
            return td_fail(err, TD_E_NOMEM, "could not copy the variables");
        }
        json_decref(*object);
        *object = copy;
    }
    if (json_object_set_new_nocheck(*object, key, value) != 0)
        return td_fail(err, TD_E_NOMEM, "could not set \"%s\"", key);
    return 0;
}

static int find_slot(struct tdh_flow_state *state, uint32_t *ret_slot)
{
    uint32_t slot = state->first_free, room = state->frame_room > 0 ? state->frame_room * 2 : 4;
    struct tdh_frame **frames;

    while (slot < state->frame_room && state->frames[slot] != NULL)
        slot++;
    *ret_slot = slot;
    state->first_free = slot;
    if (slot < state->frame_room)
        return 0;
    frames = realloc(state->frames, room * sizeof(struct tdh_frame *));
    if (frames == NULL)
        return -1;
    memset(frames + state->frame_room, 0, (room - state->frame_room) * sizeof(struct tdh_frame *));
    state->frames = frames;
    state->frame_room = room;
    return 0;
}

static char *make_prefix(const struct tdh_frame *outer, uint32_t owner, uint32_t round)
{
    char *prefix = NULL;

    if (outer == NULL)
        return strdup("");
    return asprintf(&prefix, "%s%s[%u].", outer->prefix, outer->graph->nodes[owner].id, round) < 0 ? NULL : prefix;
}

struct tdh_frame *tdh_frame_new(struct tdh_flow_state *state, const struct tdh_graph *graph, struct tdh_frame *outer, uint32_t owner,
                                uint32_t round, json_t *item, struct td_err *err)
{
    struct tdh_frame *frame = calloc(1, sizeof(*frame) + graph->count * (sizeof(struct tdh_cell) + sizeof(uint32_t)));

    if (frame == NULL || find_slot(state, &frame->slot) != 0) {
        free(frame);
        td_fail(err, TD_E_NOMEM, "could not allocate a frame of %u nodes", graph->count);
        return NULL;
    }
    frame->graph = graph;
    frame->outer = outer;
    frame->owner = owner;
    frame->round = round;
    frame->item = item != NULL ? json_incref(item) : NULL;
    frame->ready = (uint32_t *)(frame->cells + graph->count);
    frame->prefix = make_prefix(outer, owner, round);
    frame->index = outer != NULL ? json_integer(round) : NULL;
    if (state->plan->reads & (1U << ROOT_NODES))
        frame->nodes = outer != NULL ? json_incref(outer->nodes) : json_object();
    state->frames[frame->slot] = frame;
    if (frame->prefix == NULL) {
        tdh_frame_free(state, frame);
        td_fail(err, TD_E_NOMEM, "could not allocate a frame");
        return NULL;
    }
    return frame;
}

void tdh_frame_free(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    if (frame == NULL)
        return;
    for (uint32_t i = 0; i < frame->graph->count; i++) {
        json_decref(frame->cells[i].over);
        json_decref(frame->cells[i].results);
    }
    state->frames[frame->slot] = NULL;
    if (frame->slot < state->first_free)
        state->first_free = frame->slot;
    json_decref(frame->item);
    json_decref(frame->index);
    json_decref(frame->nodes);
    json_decref(frame->last);
    free(frame->prefix);
    free(frame);
}

void tdh_flow_drop(void *arg, const void *plan)
{
    struct tdh_flow_state *state = arg;

    (void)plan;
    for (uint32_t i = 0; i < state->frame_room; i++)
        tdh_frame_free(state, state->frames[i]);
    free(state->frames);
    json_decref(state->input);
    json_decref(state->vars);
    json_decref(state->output);
    json_decref(state->run);
    json_decref(state->now);
    tdh_arena_free(&state->arena);
}

/* --- JSON: {input, vars, output, frames: [null | {node, outer, round, item, nodes, last, active, cells: [...]}]} --- */

static json_t *or_null(json_t *value)
{
    return value != NULL ? json_incref(value) : json_null();
}

/* Idle cells that nothing has touched are 0. */
static json_t *save_cell(const struct tdh_cell *cell)
{
    if (cell->status == CELL_IDLE && cell->live == 0 && cell->dead == 0)
        return json_integer(0);
    if (cell->over == NULL && cell->results == NULL && cell->next == 0)
        return json_pack("[i, i, i]", (int)cell->status, (int)cell->live, (int)cell->dead);
    return json_pack("[i, i, i, i, i, o, o]", (int)cell->status, (int)cell->live, (int)cell->dead, (int)cell->next, (int)cell->active,
                     or_null(cell->over), or_null(cell->results));
}

static json_t *save_frame(const struct tdh_frame *frame)
{
    json_t *cells = json_array();

    if (frame == NULL) {
        json_decref(cells);
        return json_null();
    }
    for (uint32_t i = 0; i < frame->graph->count; i++)
        json_array_append_new(cells, save_cell(&frame->cells[i]));
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:o}", "outer", frame->outer != NULL ? (json_int_t)frame->outer->slot : -1,
                     "owner", (json_int_t)frame->owner, "round", (json_int_t)frame->round, "item", or_null(frame->item), "nodes",
                     frame->nodes != NULL ? json_copy(frame->nodes) : json_null(), "last", or_null(frame->last), "active",
                     (json_int_t)frame->active, "cells", cells);
}

json_t *tdh_flow_save(const void *arg, const void *plan, struct td_err *err)
{
    const struct tdh_flow_state *state = arg;
    json_t *frames = json_array(), *saved;

    (void)plan;
    for (uint32_t i = 0; i < state->frame_room; i++)
        json_array_append_new(frames, save_frame(state->frames[i]));
    saved = json_pack("{s:o, s:o, s:o, s:o, s:o}", "input", or_null(state->input), "vars", json_copy(state->vars), "output",
                      or_null(state->output), "run", or_null(state->run), "frames", frames);
    if (saved == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the state of a workflow");
    return saved;
}

static json_t *load_value(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    return value == NULL || json_is_null(value) ? NULL : json_incref(value);
}

static json_t *load_at(const json_t *array, size_t place)
{
    json_t *value = json_array_get(array, place);

    return value == NULL || json_is_null(value) ? NULL : json_incref(value);
}

static uint32_t number_at(const json_t *array, size_t place)
{
    return (uint32_t)json_integer_value(json_array_get(array, place));
}

static void load_cell(struct tdh_cell *cell, const json_t *saved)
{
    if (!json_is_array(saved))
        return;
    cell->status = (enum tdh_cell_status)number_at(saved, 0);
    cell->live = number_at(saved, 1);
    cell->dead = number_at(saved, 2);
    cell->next = number_at(saved, 3);
    cell->active = number_at(saved, 4);
    cell->over = load_at(saved, 5);
    cell->results = load_at(saved, 6);
}

/* Outer frames may stand behind inner ones in the table, so a frame loads its outer first. */
static struct tdh_frame *load_frame(struct tdh_flow_state *state, const json_t *frames, uint32_t slot, unsigned depth, struct td_err *err);

static const struct tdh_graph *find_graph(struct tdh_flow_state *state, const json_t *frames, const json_t *saved, unsigned depth,
                                          struct tdh_frame **ret_outer, struct td_err *err)
{
    json_int_t outer = json_integer_value(json_object_get(saved, "outer"));
    uint32_t owner = (uint32_t)json_integer_value(json_object_get(saved, "owner"));

    *ret_outer = NULL;
    if (outer < 0)
        return state->plan->graph;
    *ret_outer = load_frame(state, frames, (uint32_t)outer, depth + 1, err);
    if (*ret_outer == NULL)
        return NULL;
    if (owner < (*ret_outer)->graph->count && (*ret_outer)->graph->nodes[owner].body != NULL)
        return (*ret_outer)->graph->nodes[owner].body;
    td_fail(err, TD_E_CORRUPT, "the saved state of the workflow does not fit its definition");
    return NULL;
}

static struct tdh_frame *load_frame(struct tdh_flow_state *state, const json_t *frames, uint32_t slot, unsigned depth, struct td_err *err)
{
    const json_t *saved = json_array_get(frames, slot), *cells = json_object_get(saved, "cells");
    const struct tdh_graph *graph;
    struct tdh_frame *frame, *outer;

    if (slot < state->frame_room && state->frames[slot] != NULL)
        return state->frames[slot];
    if (depth > TDH_FLOW_DEPTH || !json_is_object(saved)) {
        td_fail(err, TD_E_CORRUPT, "the saved state of the workflow is not of a known shape");
        return NULL;
    }
    graph = find_graph(state, frames, saved, depth, &outer, err);
    if (graph == NULL)
        return NULL;
    frame = tdh_frame_new(state, graph, outer, (uint32_t)json_integer_value(json_object_get(saved, "owner")),
                          (uint32_t)json_integer_value(json_object_get(saved, "round")), NULL, err);
    if (frame == NULL)
        return NULL;
    state->frames[frame->slot] = NULL; /* every frame goes back to the slot its asks name */
    state->first_free = 0;
    frame->slot = slot;
    state->frames[slot] = frame;
    frame->item = load_value(saved, "item");
    frame->last = load_value(saved, "last");
    frame->active = (uint32_t)json_integer_value(json_object_get(saved, "active"));
    json_decref(frame->nodes);
    frame->nodes = load_value(saved, "nodes");
    for (uint32_t i = 0; i < graph->count; i++)
        load_cell(&frame->cells[i], json_array_get(cells, i));
    return frame;
}

int tdh_flow_load(void *arg, const void *plan, const json_t *saved, uint32_t version, struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    const json_t *frames = json_object_get(saved, "frames");
    size_t count = json_array_size(frames);

    if (version != 1)
        return td_fail(err, TD_E_UNSUPPORTED, "workflow states of version %u are not known to this host", version);
    state->plan = plan;
    state->input = load_value(saved, "input");
    state->vars = load_value(saved, "vars");
    state->output = load_value(saved, "output");
    state->run = load_value(saved, "run");
    state->frames = calloc(count > 0 ? count : 1, sizeof(struct tdh_frame *));
    state->frame_room = (uint32_t)count;
    if (state->frames == NULL || state->vars == NULL)
        return td_fail(err, TD_E_CORRUPT, "the saved state of the workflow is not of a known shape");
    for (uint32_t i = 0; i < count; i++)
        if (json_is_object(json_array_get(frames, i)) && load_frame(state, frames, i, 0, err) == NULL)
            return -1;
    return 0;
}
