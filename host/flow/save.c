/* SPDX-License-Identifier: Apache-2.0 */
/*
 * save: a run's state as JSON, and back:
 *
 *   {input, vars, output, frames: [[slot, outer, owner, round, outputs, last, cells] ...],
 *    body_vars: {path: {name: value}}, undos, failing: [phase, why, undo_errors, undo_count]}
 *
 * Frames stand behind those around them; outer is a slot, -1 for the workflow's own. A cell is a
 * number: its status, live and dead edges in bits; one under way is [number, ask, timer], one that
 * is held by its order [number], of a loop or map [number, ask, timer, next, paused, over, results,
 * failed], of an approval [number, ask, timer, question, votes]. What follows from the rest is not
 * saved: items, counts of what is under way. Of rounds that are over nothing is left, so the size
 * does not grow with them. body_vars is there when bodies under way have variables of their own: of
 * loops by their paths, of rounds of maps by theirs. Version 2 had none.
 */
#include "flow/state.h"

#include <string.h>

#include "base/json.h"

enum {
    STATUS_BITS = 2,
    COUNT_BITS = 20,
    SLOTS_PER_WORD = 64,
    CELLS_PLACE = 6,   /* in a frame */
    FAILING_ERRORS = 2 /* in failing */
};

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

    if (cell->status != CELL_ACTIVE)
        return json_integer(code);
    if (cell->is_held)
        return json_pack("[I]", code);
    if (node->approval != NULL)
        return json_pack("[I, I, I, o, o]", code, (json_int_t)cell->ask, (json_int_t)cell->timer,
                         or_null(cell->over), or_null(cell->results));
    if (node->body == NULL)
        return json_pack("[I, I, I]", code, (json_int_t)cell->ask, (json_int_t)cell->timer);
    return json_pack("[I, I, I, I, b, o, o, I]", code, (json_int_t)cell->ask,
                     (json_int_t)cell->timer, (json_int_t)cell->next, (int)cell->is_paused,
                     or_null(cell->over), or_null(cell->results), (json_int_t)cell->failed);
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

static int save_vars(const struct tdh_frame *frame, json_t **all)
{
    char path[TDH_PATH_MAX];

    for (const struct tdh_vars *vars = frame->held; vars != NULL; vars = vars->next) {
        const struct tdh_node *owner = vars->scope->owner;
        const char *key =
            vars == frame->vars ? tdh_round_path(frame, path) : tdh_frame_path(frame, owner, path);

        if (*all == NULL)
            *all = json_object();
        if (json_object_set(*all, key, vars->own) != 0)
            return -1;
    }
    return 0;
}

/* *ret_all: NULL: there are none. */
static int save_body_vars(const struct tdh_flow_state *state, json_t **ret_all)
{
    *ret_all = NULL;
    for (uint32_t slot = 0; slot < tdh_flow_slots(state); slot++)
        if (state->frames[slot] != NULL && save_vars(state->frames[slot], ret_all) != 0) {
            json_decref(*ret_all);
            return -1;
        }
    return 0;
}

static json_t *save_failing(const struct tdh_flow_state *state)
{
    if (state->phase == PHASE_RUNNING)
        return json_null();
    return json_pack("[i, o, o, I]", (int)state->phase, or_null(state->why),
                     or_null(state->undo_errors), (json_int_t)state->undo_count);
}

json_t *tdh_flow_save(const void *arg, const void *plan, struct td_err *err)
{
    const struct tdh_flow_state *state = arg;
    json_t *frames = save_frames(state), *saved = NULL, *body_vars = NULL;

    (void)plan;
    if (frames != NULL && save_body_vars(state, &body_vars) == 0)
        saved = json_pack("{s:o, s:o, s:o*, s:o, s:o, s:o, s:o}", "input", or_null(state->input),
                          "vars", or_null(state->vars), "body_vars", body_vars, "output",
                          or_null(state->output), "frames", frames, "undos", or_null(state->undos),
                          "failing", save_failing(state));
    else
        json_decref(frames);
    if (saved == NULL)
        no_memory(err);
    return saved;
}

/* The cells of the workflow's own frame stand in the order of its nodes. */
bool tdh_flow_is_end_reached(const json_t *text, const json_t *state)
{
    const json_t *frame = json_array_get(json_object_get(state, "frames"), 0),
                 *cells = json_array_get(frame, CELLS_PLACE);
    json_t *node;
    size_t i;

    json_array_foreach (json_object_get(text, "nodes"), i, node) {
        json_int_t code = json_integer_value(json_array_get(cells, i));

        if (strcmp(tdh_json_str(node, "type", ""), "end") == 0 &&
            (code & ((1 << STATUS_BITS) - 1)) == CELL_DONE)
            return true;
    }
    return false;
}

const json_t *tdh_flow_not_undone(const json_t *state)
{
    return json_array_get(json_object_get(state, "failing"), FAILING_ERRORS);
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

static int load_body(struct tdh_cell *cell, const struct tdh_node *node, const json_t *saved,
                     struct td_err *err)
{
    cell->next = number_at(saved, 3);
    cell->is_paused = json_is_true(json_array_get(saved, 4));
    cell->over = value_at(saved, 5);
    cell->results = value_at(saved, 6);
    cell->failed = number_at(saved, 7);
    if (cell->next == UINT32_MAX || cell->failed == UINT32_MAX ||
        (node->over != NULL) != json_is_array(cell->over) ||
        (node->type == NODE_MAP && json_array_size(cell->results) != json_array_size(cell->over)))
        return misfit(err);
    return 0;
}

static int load_cell(struct tdh_cell *cell, const struct tdh_node *node, const json_t *saved,
                     struct td_err *err)
{
    bool is_active = json_is_array(saved);

    if (load_code(cell, node, is_active ? json_array_get(saved, 0) : saved, err) != 0)
        return -1;
    if ((cell->status == CELL_ACTIVE) != is_active)
        return misfit(err);
    if (!is_active)
        return 0;
    cell->is_held = json_array_size(saved) == 1;
    if (cell->is_held)
        return 0;
    cell->ask = number_at(saved, 1);
    cell->timer = number_at(saved, 2);
    if (node->approval != NULL) {
        cell->over = value_at(saved, 3);
        cell->results = value_at(saved, 4);
        return json_is_object(cell->over) && json_is_array(cell->results) ? 0 : misfit(err);
    }
    return node->body != NULL ? load_body(cell, node, saved, err) : 0;
}

/* Where they are, and nothing else: those of a run that is stopping may never have been made. */
static int load_vars(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, json_t *own, struct td_err *err)
{
    json_t *value;
    const char *name;

    if (own == NULL)
        return state->phase != PHASE_RUNNING ? 0 : misfit(err);
    if (!json_is_object(own) || json_object_size(own) != node->scope->begin_count)
        return misfit(err);
    json_object_foreach (node->scope->first, name, value)
        if (json_object_get(own, name) == NULL)
            return misfit(err);
    return tdh_vars_new(frame, node, json_incref(own), err) != NULL ? 0 : -1;
}

static int load_loop_vars(struct tdh_flow_state *state, struct tdh_frame *frame,
                          const struct tdh_node *node, const json_t *all, struct td_err *err)
{
    const struct tdh_cell *cell = &frame->cells[node->index];
    char path[TDH_PATH_MAX];

    if (node->scope == NULL || node->type != NODE_LOOP || cell->status != CELL_ACTIVE ||
        cell->is_held)
        return 0;
    return load_vars(state, frame, node, json_object_get(all, tdh_frame_path(frame, node, path)),
                     err);
}

static int load_round_vars(struct tdh_flow_state *state, struct tdh_frame *frame, const json_t *all,
                           struct td_err *err)
{
    const struct tdh_node *owner = frame->graph->owner;
    char path[TDH_PATH_MAX];

    if (owner == NULL || owner->scope == NULL)
        return 0;
    if (owner->type == NODE_LOOP)
        return frame->vars != NULL ? 0 : misfit(err);
    if (load_vars(state, frame, owner, json_object_get(all, tdh_round_path(frame, path)), err) != 0)
        return -1;
    frame->vars = frame->held != NULL ? frame->held : frame->vars;
    return 0;
}

/* All that were saved have been found. */
static bool are_all_vars(const struct tdh_flow_state *state, const json_t *all)
{
    size_t count = 0;

    for (uint32_t slot = 0; slot < tdh_flow_slots(state); slot++)
        for (const struct tdh_vars *vars = state->frames[slot] != NULL ? state->frames[slot]->held
                                                                       : NULL;
             vars != NULL; vars = vars->next)
            count++;
    return count == json_object_size(all);
}

static int load_cells(struct tdh_flow_state *state, struct tdh_frame *frame, const json_t *saved,
                      const json_t *all_vars, struct td_err *err)
{
    if (json_array_size(saved) != frame->graph->count)
        return misfit(err);
    for (uint32_t i = 0; i < frame->graph->count; i++) {
        struct tdh_cell *cell = &frame->cells[i];

        if (load_cell(cell, &frame->graph->nodes[i], json_array_get(saved, i), err) != 0 ||
            load_loop_vars(state, frame, &frame->graph->nodes[i], all_vars, err) != 0)
            return -1;
        frame->active += cell->status == CELL_ACTIVE;
        state->waited += state->phase == PHASE_STOPPING && cell->ask != 0;
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

static int load_frame(struct tdh_flow_state *state, const json_t *saved, const json_t *all_vars,
                      struct td_err *err)
{
    uint32_t slot = number_at(saved, 0), owner = number_at(saved, 2), round = number_at(saved, 3);
    struct tdh_frame *outer, *frame;
    const struct tdh_graph *graph = find_graph(state, saved, &outer);

    if (graph == NULL || slot >= TDH_FLOW_FRAMES || tdh_frame_at(state, slot) != NULL)
        return misfit(err);
    if (outer != NULL && round >= outer->cells[owner].next)
        return misfit(err);
    frame = tdh_frame_new_at(state, graph, outer, outer != NULL ? owner : 0, round, slot, err);
    if (frame == NULL || load_round_vars(state, frame, all_vars, err) != 0)
        return -1;
    if (outer != NULL)
        outer->cells[owner].active++;
    if (frame->outputs != NULL && json_is_object(json_array_get(saved, 4))) {
        json_decref(frame->outputs);
        frame->outputs = value_at(saved, 4);
        frame->output_count = json_object_size(frame->outputs);
    }
    frame->last = value_at(saved, 5);
    return load_cells(state, frame, json_array_get(saved, 6), all_vars, err);
}

static json_t *load_value(const json_t *saved, const char *key)
{
    json_t *value = json_object_get(saved, key);

    return value == NULL || json_is_null(value) ? NULL : json_incref(value);
}

static int load_undos(struct tdh_flow_state *state, const json_t *saved, struct td_err *err)
{
    json_t *row;
    size_t i;

    state->undos = load_value(saved, "undos");
    json_array_foreach (state->undos, i, row)
        if (number_at(row, 0) >= state->plan->undo_count ||
            !json_is_string(json_array_get(row, 1)) || json_array_get(row, 2) == NULL)
            return misfit(err);
    return 0;
}

static int load_failing(struct tdh_flow_state *state, const json_t *saved, struct td_err *err)
{
    const json_t *failing = json_object_get(saved, "failing");
    uint32_t phase = number_at(failing, 0);

    if (!json_is_array(failing))
        return 0;
    if (phase != PHASE_STOPPING && phase != PHASE_UNDOING)
        return misfit(err);
    state->phase = (enum tdh_flow_phase)phase;
    state->why = value_at(failing, 1);
    state->undo_errors = value_at(failing, FAILING_ERRORS);
    state->undo_count = number_at(failing, 3);
    return 0;
}

int tdh_flow_load(void *arg, const void *plan, const json_t *saved, uint32_t version,
                  struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    json_t *frames = json_object_get(saved, "frames"), *frame,
           *all_vars = json_object_get(saved, "body_vars");
    bool fits;
    size_t i;

    if (version != 2 && version != 3)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "workflow states of version %u are not known to this host", version);
    state->plan = plan;
    state->input = load_value(saved, "input");
    state->vars = load_value(saved, "vars");
    state->output = load_value(saved, "output");
    if (load_undos(state, saved, err) != 0 || load_failing(state, saved, err) != 0)
        return -1;
    json_array_foreach (frames, i, frame)
        if (load_frame(state, frame, all_vars, err) != 0)
            return -1;
    if (tdh_order_load(state, &fits, err) != 0)
        return -1;
    fits = fits && are_all_vars(state, all_vars);
    return fits && json_is_object(state->vars) && tdh_frame_at(state, 0) != NULL ? 0 : misfit(err);
}
