/* SPDX-License-Identifier: Apache-2.0 */
/*
 * round: loops and maps: a round is a frame of the body; a loop has one at a time, a map as many as
 * it may.
 *
 * A fold begins TDH_FLOW_STEPS nodes and rounds at most. A loop or map that has more to do asks for
 * a timer of 0 ms and goes on when that comes, so that a worker is never held up and what was done
 * so far is in the journal.
 */
#include "base/json.h"
#include "flow/state.h"

/* Variables whose first values do not fit their types are no fault of the workflow: the round, or
 * the loop, has failed. node: of a loop; NULL: of the frame's round. */
static int begin_vars(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, bool *ret_fits, struct td_err *err)
{
    const struct tdh_node *owner = node != NULL ? node : &frame->outer->graph->nodes[frame->owner];
    struct tdh_vars *vars = tdh_vars_begin(state, frame, owner, ret_fits, err);
    struct td_err why;

    if (!*ret_fits) {
        why = *err;
        return tdh_misfit_note(state, frame, node, &why, err);
    }
    if (vars == NULL)
        return node != NULL ? tdh_frame_context(frame, node, err) : tdh_round_context(frame, err);
    if (node == NULL)
        frame->vars = vars;
    return 0;
}

static int begin_round(struct tdh_flow_state *state, struct tdh_frame *outer,
                       const struct tdh_node *node, struct td_err *err)
{
    bool fits = true;
    struct tdh_cell *cell = &outer->cells[node->index];
    struct tdh_frame *frame = tdh_frame_new(state, node->body, outer, node->index, cell->next, err);

    if (frame == NULL)
        return tdh_frame_context(outer, node, err);
    state->steps++;
    cell->next++;
    cell->active++;
    tdh_order_link(state, frame);
    if (node->scope != NULL && node->type == NODE_MAP &&
        begin_vars(state, frame, NULL, &fits, err) != 0)
        return -1;
    if (fits)
        tdh_frame_begin_entries(state, frame);
    return 0;
}

static int pause_rounds(struct tdh_flow_state *state, struct tdh_frame *frame,
                        const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    char path[TDH_PATH_MAX];

    if (cell->is_paused)
        return 0;
    cell->is_paused = true;
    return td_ask_timer(state->asks, tdh_frame_path(frame, node, path), tdh_frame_tag(frame, node),
                        0, &cell->ask, err);
}

/* --- loops --- */

static int check_bound(const struct tdh_node *node, const struct tdh_cell *cell, struct td_err *err)
{
    if (node->loop_max > 0 || node->loop_times >= 0 || cell->over != NULL ||
        cell->next < TDH_FLOW_ROUNDS)
        return 0;
    td_fail(err, TD_E_LIMIT, "the loop has gone round %d times", TDH_FLOW_ROUNDS);
    return td_hint(err, "give it \"max\" if that is meant");
}

static bool is_at_bound(const struct tdh_node *node, const struct tdh_cell *cell)
{
    return (node->loop_times >= 0 && cell->next >= node->loop_times) ||
           (node->loop_max > 0 && cell->next >= node->loop_max) ||
           (cell->over != NULL && cell->next >= json_array_size(cell->over));
}

/* The loop's own variables are there. */
static int check_while(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, bool *ret_wants, struct td_err *err)
{
    struct tdh_vars *around = frame->vars;
    int rc;

    if (node->scope != NULL)
        frame->vars = tdh_vars_of(frame, node);
    rc = tdh_frame_eval_bool(state, frame, NULL, node->loop_while, ret_wants, err);
    frame->vars = around;
    return rc == 0 ? 0 : tdh_frame_context(frame, node, err);
}

static int wants_round(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, bool *ret_wants, struct td_err *err)
{
    const struct tdh_cell *cell = &frame->cells[node->index];

    *ret_wants = !is_at_bound(node, cell);
    if (*ret_wants && node->loop_while != NULL &&
        check_while(state, frame, node, ret_wants, err) != 0)
        return -1;
    if (*ret_wants && check_bound(node, cell, err) != 0)
        return tdh_frame_context(frame, node, err);
    return 0;
}

static int go_round(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    json_t *output;
    bool wants;
    int rc;

    if (state->steps >= TDH_FLOW_STEPS)
        return pause_rounds(state, frame, node, err);
    if (wants_round(state, frame, node, &wants, err) != 0)
        return -1;
    if (wants)
        return begin_round(state, frame, node, err);
    output = cell->results != NULL ? json_incref(cell->results) : json_null();
    rc = tdh_frame_complete(state, frame, node, output, err);
    json_decref(output);
    return rc;
}

static int end_loop_round(struct tdh_flow_state *state, struct tdh_frame *frame,
                          const struct tdh_node *node, json_t *result, bool is_over,
                          struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];

    if (is_over)
        return tdh_frame_complete(state, frame, node, result, err);
    json_decref(cell->results);
    cell->results = json_incref(result);
    return go_round(state, frame, node, err);
}

/* --- maps --- */

static int fill_map(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    json_t *output;
    int rc;

    while (cell->next < json_array_size(cell->over) &&
           (node->max_parallel == 0 || cell->active < node->max_parallel)) {
        if (state->steps >= TDH_FLOW_STEPS)
            return pause_rounds(state, frame, node, err);
        if (begin_round(state, frame, node, err) != 0)
            return -1;
    }
    if (cell->active > 0 || cell->is_paused)
        return 0;
    output = json_incref(cell->results);
    rc = tdh_frame_complete(state, frame, node, output, err);
    json_decref(output);
    return rc;
}

static int make_results(struct tdh_cell *cell, struct td_err *err)
{
    cell->results = json_array();
    for (size_t i = 0; i < json_array_size(cell->over); i++)
        if (json_array_append_new(cell->results, json_null()) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate %zu results",
                           json_array_size(cell->over));
    return cell->results != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the results");
}

/* --- both --- */

static int begin_list(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];

    if (node->over == NULL)
        return 0;
    cell->over = tdh_frame_eval(state, frame, NULL, node->over, err);
    if (cell->over == NULL)
        return -1;
    if (!json_is_array(cell->over))
        return td_fail(err, TD_E_INVAL, "\"%s\" gave a value of type %s, not a list",
                       node->type == NODE_MAP ? "over" : "for_each",
                       tdh_json_type_name(cell->over));
    return node->type == NODE_MAP ? make_results(cell, err) : 0;
}

static int go_on(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node,
                 struct td_err *err)
{
    return (node->type == NODE_MAP ? fill_map : go_round)(state, frame, node, err);
}

int tdh_round_begin(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, struct td_err *err)
{
    bool fits = true;

    if (begin_list(state, frame, node, err) != 0)
        return tdh_frame_context(frame, node, err);
    if (node->scope != NULL && node->type == NODE_LOOP &&
        begin_vars(state, frame, node, &fits, err) != 0)
        return -1;
    return fits ? go_on(state, frame, node, err) : 0;
}

int tdh_round_resume(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, struct td_err *err)
{
    return go_on(state, frame, node, err);
}

/* What the round gives, and whether the loop is over with it. result: new. */
static int result_of(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, json_t **ret_result, bool *ret_over,
                     struct td_err *err)
{
    json_t *last = frame->last != NULL ? frame->last : json_null();
    json_t *result = node->output != NULL ? tdh_frame_eval(state, frame, last, node->output, err)
                                          : json_incref(last);

    *ret_over = false;
    if (result == NULL)
        return td_context(err, "output of the body");
    if (node->loop_until != NULL &&
        tdh_frame_eval_bool(state, frame, result, node->loop_until, ret_over, err) != 0) {
        json_decref(result);
        return -1;
    }
    *ret_result = result;
    return 0;
}

int tdh_round_end(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err)
{
    struct tdh_frame *outer = frame->outer;
    const struct tdh_node *node = &outer->graph->nodes[frame->owner];
    struct tdh_cell *cell = &outer->cells[frame->owner];
    uint32_t round = frame->round;
    json_t *result = NULL;
    bool is_over;
    int rc;

    if (result_of(state, frame, node, &result, &is_over, err) != 0)
        return tdh_frame_context(outer, node, err);
    cell->active--;
    tdh_frame_free(state, frame);
    if (node->type == NODE_MAP) {
        if (tdh_flow_set_at(&cell->results, round, result, err) != 0)
            return tdh_frame_context(outer, node, err);
        return fill_map(state, outer, node, err);
    }
    rc = end_loop_round(state, outer, node, result, is_over, err);
    json_decref(result);
    return rc;
}
