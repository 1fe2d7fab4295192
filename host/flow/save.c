/* SPDX-License-Identifier: Apache-2.0 */
/*
 * save: a run's state as JSON, and back:
 *
 *   {input, vars, output, frames: [[slot, outer, owner, round, outputs, last, cells] ...]}
 *
 * Frames stand behind those around them; outer is a slot, -1 for the workflow's own. A cell is a
 * number: its status, live and dead edges in bits; a loop or map under way is [number, next,
 * paused, over, results]. What follows from the rest is not saved: items, counts of what is under
 * way. Of rounds that are over nothing is left, so the size does not grow with them.
 */
#include "flow/state.h"

enum { STATUS_BITS = 2, COUNT_BITS = 20, SLOTS_PER_WORD = 64 };

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the state of a workflow");
}

/* --- saving --- */

static json_t *or_null(json_t *value)
{
    return value != NULL ? json_incref(value) : json_null();
}

static json_t *save_cell(const struct tdh_cell *cell, const struct tdh_node *node)
{
    json_int_t code = (json_int_t)cell->status | (json_int_t)cell->live << STATUS_BITS |
                      (json_int_t)cell->dead << (STATUS_BITS + COUNT_BITS);

    if (node->body == NULL || cell->status != CELL_ACTIVE)
        return json_integer(code);
    return json_pack("[I, I, b, o, o]", code, (json_int_t)cell->next, (int)cell->is_paused,
                     or_null(cell->over), or_null(cell->results));
}

static json_t *save_frame(const struct tdh_frame *frame)
{
    json_t *cells = json_array();

    for (uint32_t i = 0; i < frame->graph->count; i++)
        if (json_array_append_new(cells, save_cell(&frame->cells[i], &frame->graph->nodes[i])) !=
            0) {
            json_decref(cells);
            return NULL;
        }
    return json_pack("[I, I, I, I, o, o, o]", (json_int_t)frame->slot,
                     frame->outer != NULL ? (json_int_t)frame->outer->slot : -1,
                     (json_int_t)frame->owner, (json_int_t)frame->round, or_null(frame->outputs),
                     or_null(frame->last), cells);
}

/* NULL: without memory. */
static json_t *save_frames(const struct tdh_flow_state *state)
{
    json_t *frames = json_array();

    for (unsigned depth = 0; depth <= TDH_FLOW_DEPTH; depth++)
        for (uint32_t slot = 0; slot < state->frame_room * SLOTS_PER_WORD; slot++) {
            const struct tdh_frame *frame = state->frames[slot];

            if (frame != NULL && frame->graph->depth == depth &&
                json_array_append_new(frames, save_frame(frame)) != 0) {
                json_decref(frames);
                return NULL;
            }
        }
    return frames;
}

json_t *tdh_flow_save(const void *arg, const void *plan, struct td_err *err)
{
    const struct tdh_flow_state *state = arg;
    json_t *frames = save_frames(state), *saved = NULL;

    (void)plan;
    if (frames != NULL)
        saved = json_pack("{s:o, s:o, s:o, s:o}", "input", or_null(state->input), "vars",
                          or_null(state->vars), "output", or_null(state->output), "frames", frames);
    if (saved == NULL)
        no_memory(err);
    return saved;
}

/* --- loading --- */

static int misfit(struct td_err *err)
{
    return td_fail(err, TD_E_CORRUPT,
                   "the saved state of the workflow does not fit its definition");
}

static json_t *value_at(const json_t *array, size_t place)
{
    json_t *value = json_array_get(array, place);

    return value == NULL || json_is_null(value) ? NULL : json_incref(value);
}

/* A number at that place, or one past every limit. */
static uint32_t number_at(const json_t *array, size_t place)
{
    const json_t *value = json_array_get(array, place);
    json_int_t number = json_integer_value(value);

    return json_is_integer(value) && number >= 0 && number < UINT32_MAX ? (uint32_t)number
                                                                        : UINT32_MAX;
}

static int load_code(struct tdh_cell *cell, const struct tdh_node *node, const json_t *value,
                     struct td_err *err)
{
    json_int_t code = json_integer_value(value);

    if (!json_is_integer(value) || code < 0)
        return misfit(err);
    cell->status = (enum tdh_cell_status)(code & ((1 << STATUS_BITS) - 1));
    cell->live = (uint32_t)(code >> STATUS_BITS) & ((1U << COUNT_BITS) - 1);
    cell->dead = (uint32_t)(code >> (STATUS_BITS + COUNT_BITS)) & ((1U << COUNT_BITS) - 1);
    return cell->live + cell->dead <= node->in_count ? 0 : misfit(err);
}

static int load_body_cell(struct tdh_cell *cell, const struct tdh_node *node, const json_t *saved,
                          struct td_err *err)
{
    if (load_code(cell, node, json_array_get(saved, 0), err) != 0)
        return -1;
    cell->next = number_at(saved, 1);
    cell->is_paused = json_is_true(json_array_get(saved, 2));
    cell->over = value_at(saved, 3);
    cell->results = value_at(saved, 4);
    if (cell->status != CELL_ACTIVE || cell->next == UINT32_MAX ||
        (node->over != NULL) != json_is_array(cell->over) ||
        (node->type == NODE_MAP && json_array_size(cell->results) != json_array_size(cell->over)))
        return misfit(err);
    return 0;
}

static int load_cells(struct tdh_frame *frame, const json_t *saved, struct td_err *err)
{
    if (json_array_size(saved) != frame->graph->count)
        return misfit(err);
    for (uint32_t i = 0; i < frame->graph->count; i++) {
        const struct tdh_node *node = &frame->graph->nodes[i];
        const json_t *cell = json_array_get(saved, i);
        bool is_body = json_is_array(cell) && node->body != NULL;

        if ((is_body ? load_body_cell : load_code)(&frame->cells[i], node, cell, err) != 0)
            return -1;
        if (!is_body && node->body != NULL && frame->cells[i].status == CELL_ACTIVE)
            return misfit(err);
        frame->active += frame->cells[i].status == CELL_ACTIVE;
    }
    return 0;
}

/* The graph of a frame whose outer frame is there already. NULL: it does not fit. */
static const struct tdh_graph *find_graph(const struct tdh_flow_state *state, const json_t *saved,
                                          struct tdh_frame **ret_outer)
{
    uint32_t owner = number_at(saved, 2);
    const struct tdh_node *node;

    *ret_outer = NULL;
    if (json_integer_value(json_array_get(saved, 1)) == -1)
        return number_at(saved, 0) == 0 ? state->plan->graph : NULL;
    *ret_outer = tdh_frame_at(state, number_at(saved, 1));
    if (*ret_outer == NULL || owner >= (*ret_outer)->graph->count)
        return NULL;
    node = &(*ret_outer)->graph->nodes[owner];
    return (*ret_outer)->cells[owner].status == CELL_ACTIVE ? node->body : NULL;
}

static int load_frame(struct tdh_flow_state *state, const json_t *saved, struct td_err *err)
{
    uint32_t slot = number_at(saved, 0), owner = number_at(saved, 2), round = number_at(saved, 3);
    struct tdh_frame *outer, *frame;
    const struct tdh_graph *graph = find_graph(state, saved, &outer);

    if (graph == NULL || slot >= TDH_FLOW_FRAMES || tdh_frame_at(state, slot) != NULL)
        return misfit(err);
    if (outer != NULL && round >= outer->cells[owner].next)
        return misfit(err);
    frame = tdh_frame_new_at(state, graph, outer, outer != NULL ? owner : 0, round, slot, err);
    if (frame == NULL)
        return -1;
    if (outer != NULL)
        outer->cells[owner].active++;
    if (frame->outputs != NULL && json_is_object(json_array_get(saved, 4))) {
        json_decref(frame->outputs);
        frame->outputs = value_at(saved, 4);
        frame->output_count = json_object_size(frame->outputs);
    }
    frame->last = value_at(saved, 5);
    return load_cells(frame, json_array_get(saved, 6), err);
}

static json_t *load_value(const json_t *saved, const char *key)
{
    json_t *value = json_object_get(saved, key);

    return value == NULL || json_is_null(value) ? NULL : json_incref(value);
}

int tdh_flow_load(void *arg, const void *plan, const json_t *saved, uint32_t version,
                  struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    json_t *frames = json_object_get(saved, "frames"), *frame;
    size_t i;

    if (version != 1)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "workflow states of version %u are not known to this host", version);
    state->plan = plan;
    state->input = load_value(saved, "input");
    state->vars = load_value(saved, "vars");
    state->output = load_value(saved, "output");
    json_array_foreach (frames, i, frame)
        if (load_frame(state, frame, err) != 0)
            return -1;
    return json_is_object(state->vars) && tdh_frame_at(state, 0) != NULL ? 0 : misfit(err);
}
