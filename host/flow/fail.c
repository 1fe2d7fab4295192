/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fail: what becomes of a failure.
 *
 * A node that fails is dealt with by its own `on_error`, else its round is lost, which a map may
 * put up with, else the loop or map around it fails. What nobody deals with fails the run: nothing
 * new begins, what is under way and can be undone, or is a run of its own, is waited for, and then
 * all that was done and says how it is undone is undone, the newest first.
 */
#include "flow/state.h"

#include <string.h>

#include "base/err_json.h"
#include "base/json.h"

enum {
    NOT_UNDONE_NAMED = 5, /* steps in a run's error */
    NOT_UNDONE_MORE = 32  /* bytes kept for how many more there are */
};

/* --- taking back --- */

static int take_back(struct tdh_flow_state *state, struct tdh_cell *cell, struct td_err *err)
{
    uint32_t ask = cell->ask, timer = cell->timer;

    cell->ask = cell->timer = 0;
    if (ask != 0 && td_ask_cancel(state->asks, ask, err) != 0)
        return -1;
    return timer != 0 ? td_ask_cancel(state->asks, timer, err) : 0;
}

/* A round that is given up: what is under way in it, and in rounds within. */
static int drop_round(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err);

/* Only bodies have rounds, so most nodes need no look at all frames. */
static int drop_rounds(struct tdh_flow_state *state, const struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err)
{
    if (node->body == NULL)
        return 0;
    for (uint32_t slot = 0; slot < tdh_flow_slots(state); slot++) {
        struct tdh_frame *round = state->frames[slot];

        if (round != NULL && round->outer == frame && round->owner == node->index &&
            drop_round(state, round, err) != 0)
            return -1;
    }
    return 0;
}

static int drop_round(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err)
{
    for (uint32_t i = 0; i < frame->graph->count; i++)
        if (frame->cells[i].status == CELL_ACTIVE &&
            (drop_rounds(state, frame, &frame->graph->nodes[i], err) != 0 ||
             take_back(state, &frame->cells[i], err) != 0))
            return -1;
    if (frame->is_dirty)
        tdh_frame_unmark(state, frame);
    tdh_frame_free(state, frame);
    return 0;
}

int tdh_node_take_back(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err)
{
    return drop_rounds(state, frame, node, err) == 0
               ? take_back(state, &frame->cells[node->index], err)
               : -1;
}

/* --- undoing --- */

int tdh_undo_note(struct tdh_flow_state *state, struct tdh_frame *frame,
                  const struct tdh_node *node, const json_t *output, struct td_err *err)
{
    char path[TDH_PATH_MAX];
    json_t *input;

    if (node->undo == NULL)
        return 0;
    if (json_array_size(state->undos) >= TDH_FLOW_UNDOS)
        return td_fail(err, TD_E_LIMIT, "a run keeps at most %d steps that it could undo",
                       TDH_FLOW_UNDOS);
    input = node->undo->inputs != NULL
                ? tdh_frame_eval(state, frame, output, node->undo->inputs, err)
                : json_object();
    if (input == NULL)
        return td_context(err, "compensate");
    return tdh_flow_push(&state->undos,
                         json_pack("[I, s, o]", (json_int_t)node->undo_number,
                                   tdh_frame_path(frame, node, path), input),
                         err);
}

int tdh_undo_fail(struct tdh_flow_state *state, struct tdh_frame *frame,
                  const struct tdh_node *node, struct td_err *why, struct td_err *err)
{
    char path[TDH_PATH_MAX];
    json_t *error;

    tdh_frame_context(frame, node, why);
    error = tdh_err_json(why);
    if (error != NULL &&
        json_object_set_new(error, "step", json_string(tdh_frame_path(frame, node, path))) != 0) {
        json_decref(error);
        error = NULL;
    }
    return tdh_flow_push(&state->undo_errors, error, err);
}

/* All of them, as far as there is room; each as its step ended stands in the journal. */
static void name_not_undone(const struct tdh_flow_state *state, struct td_err *why)
{
    size_t count = json_array_size(state->undo_errors), used = strlen(why->text);
    size_t room = sizeof(why->text) - NOT_UNDONE_MORE, told;

    used += (size_t)snprintf(why->text + used, sizeof(why->text) - used,
                             "; %zu of %u could not be undone: ", count, state->undo_count);
    for (told = 0; told < count && told < NOT_UNDONE_NAMED; told++) {
        const char *text = tdh_json_str(json_array_get(state->undo_errors, told), "text", "");

        if (told > 0 && (used >= room || strlen(text) + 2 > room - used))
            break;
        if (used < sizeof(why->text))
            used += (size_t)snprintf(why->text + used, sizeof(why->text) - used, "%s%s",
                                     told > 0 ? "; " : "", text);
    }
    if (told < count && used < sizeof(why->text))
        snprintf(why->text + used, sizeof(why->text) - used, "; and %zu more", count - told);
}

static int finish_failed(struct tdh_flow_state *state, struct td_err *err)
{
    struct td_err why;

    tdh_err_from_json(state->why, &why);
    if (json_array_size(state->undo_errors) > 0)
        name_not_undone(state, &why);
    return td_ask_fail(state->asks, &why, err);
}

/* The newest step that is not undone yet. */
static int undo_next(struct tdh_flow_state *state, struct td_err *err)
{
    size_t count = json_array_size(state->undos);
    const json_t *last = json_array_get(state->undos, count - 1);
    json_int_t number = json_integer_value(json_array_get(last, 0));
    const struct tdh_node *undo;
    char path[TDH_PATH_MAX];
    struct td_ask ask = { TD_SIZE(struct td_ask), .target = TD_TARGET_AGENT, .tag = TDH_TAG_UNDO,
                          .path = path };
    uint32_t ignored;

    if (count == 0)
        return finish_failed(state, err);
    undo = state->plan->undos[number]->undo;
    snprintf(path, sizeof(path), "%s.compensate", json_string_value(json_array_get(last, 1)));
    ask.name = undo->name;
    ask.action = undo->action;
    ask.policy = &undo->policy;
    ask.input = json_incref(json_array_get(last, 2));
    return td_ask_call(state->asks, &ask, &ignored, err);
}

int tdh_undo_answer(struct tdh_flow_state *state, const struct td_event *event, struct td_err *err)
{
    size_t count = json_array_size(state->undos);
    struct td_err why;

    if (state->phase != PHASE_UNDOING || count == 0)
        return td_fail(err, TD_E_CORRUPT, "a step was undone that nobody asked to undo");
    if (event->kind == TD_EVENT_FAILED) {
        why = *event->error;
        td_context(&why, "node \"%s\"",
                   json_string_value(json_array_get(json_array_get(state->undos, count - 1), 1)));
        if (tdh_flow_push(&state->undo_errors, tdh_err_json(&why), err) != 0)
            return -1;
    }
    if (tdh_flow_pop(&state->undos, err) != 0)
        return -1;
    return undo_next(state, err);
}

static int begin_undoing(struct tdh_flow_state *state, struct td_err *err)
{
    state->phase = PHASE_UNDOING;
    state->undo_count =
        (uint32_t)(json_array_size(state->undos) + json_array_size(state->undo_errors));
    return undo_next(state, err);
}

/* --- stopping --- */

/* Waited for: what could be undone when it is done, and runs, which undo what they did. */
static bool is_waited_for(const struct tdh_node *node)
{
    return node->undo != NULL || node->type == NODE_SUBWORKFLOW || node->type == NODE_PATTERN;
}

static int stop_cell(struct tdh_flow_state *state, struct tdh_cell *cell,
                     const struct tdh_node *node, struct td_err *err)
{
    if (cell->ask == 0 || !is_waited_for(node))
        return take_back(state, cell, err);
    if (cell->timer != 0 && td_ask_cancel(state->asks, cell->timer, err) != 0)
        return -1;
    cell->timer = 0;
    state->waited++;
    return td_ask_stop(state->asks, cell->ask, err);
}

static bool is_any_waited_for(const struct tdh_flow_state *state)
{
    for (uint32_t slot = 0; slot < tdh_flow_slots(state); slot++) {
        const struct tdh_frame *frame = state->frames[slot];

        for (uint32_t i = 0; frame != NULL && i < frame->graph->count; i++)
            if (frame->cells[i].ask != 0 && is_waited_for(&frame->graph->nodes[i]))
                return true;
    }
    return false;
}

/* Cells of loops and maps stay as they are: what is waited for may be within. */
static int stop_all(struct tdh_flow_state *state, struct td_err *err)
{
    for (uint32_t slot = 0; slot < tdh_flow_slots(state); slot++) {
        struct tdh_frame *frame = state->frames[slot];

        for (uint32_t i = 0; frame != NULL && i < frame->graph->count; i++)
            if (frame->cells[i].status == CELL_ACTIVE &&
                stop_cell(state, &frame->cells[i], &frame->graph->nodes[i], err) != 0)
                return -1;
    }
    return 0;
}

int tdh_flow_stop(struct tdh_flow_state *state, const struct td_err *why, struct td_err *err)
{
    if (state->phase != PHASE_RUNNING)
        return 0;
    state->phase = PHASE_STOPPING;
    state->dirty = state->dirty_last = NULL;
    if (json_array_size(state->undos) == 0 && json_array_size(state->undo_errors) == 0 &&
        !is_any_waited_for(state))
        return td_ask_fail(state->asks, why, err); /* which takes back all that is open */
    state->why = tdh_err_json(why);
    if (state->why == NULL)
        return td_fail(err, TD_E_NOMEM, "could not keep why the run fails");
    if (stop_all(state, err) != 0)
        return -1;
    return state->waited > 0 ? 0 : begin_undoing(state, err);
}

int tdh_flow_stopped(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, const struct td_event *event, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    struct td_err why;

    if (cell->ask != event->ask)
        return 0;
    cell->ask = 0;
    state->waited--;
    if (event->kind == TD_EVENT_FAILED && event->error->code == TD_E_DOUBT) {
        why = *event->error;
        if (tdh_undo_fail(state, frame, node, &why, err) != 0)
            return -1;
    }
    if (event->kind != TD_EVENT_FAILED &&
        tdh_undo_note(state, frame, node, event->output != NULL ? event->output : json_null(),
                      &why) != 0 &&
        tdh_undo_fail(state, frame, node, &why, err) != 0)
        return -1;
    return state->waited > 0 ? 0 : begin_undoing(state, err);
}

/* --- dealing with a failure --- */

static bool puts_up_with(const struct tdh_node *node, const struct tdh_cell *cell)
{
    double most = node->max_failures < 1 ? node->max_failures * (double)json_array_size(cell->over)
                                         : node->max_failures;

    return node->type == NODE_MAP && cell->failed < most && cell->failed + 1 <= most;
}

/* A map puts up with it; what was held behind this round goes on. */
static int lose_round(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err)
{
    struct tdh_cell *owner = &frame->outer->cells[frame->owner];
    struct tdh_frame *after = frame->after;

    owner->failed++;
    owner->active--;
    if (frame->before != NULL && owner->newest == frame->slot)
        owner->newest = frame->before->slot;
    if (drop_round(state, frame, err) != 0)
        return -1;
    tdh_order_let_all(state, after);
    return 0;
}

static int note_error(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, const struct td_err *why, struct td_err *err)
{
    json_t *error = tdh_err_json(why);

    if (error == NULL)
        return td_fail(err, TD_E_NOMEM, "could not keep the error of a node");
    return tdh_frame_settle(state, frame, node, error, err);
}

/* Does its map put up with a round that failed? Then it has gone on without it. */
static int deal_with_round(struct tdh_flow_state *state, struct tdh_frame *frame,
                           bool *ret_is_dealt, struct td_err *err)
{
    struct tdh_frame *outer = frame->outer;
    const struct tdh_node *owner = &outer->graph->nodes[frame->owner];

    *ret_is_dealt = puts_up_with(owner, &outer->cells[frame->owner]);
    if (!*ret_is_dealt)
        return 0;
    return lose_round(state, frame, err) == 0 ? tdh_round_resume(state, outer, owner, err) : -1;
}

/* Runs that nest too deep fail one after the other, for one reason, which says where. */
static bool has_been_placed(const struct tdh_node *node, const struct td_err *error)
{
    return node->type == NODE_SUBWORKFLOW && error->code == TD_E_LIMIT &&
           strncmp(error->text, TDH_RUN_TOO_DEEP, strlen(TDH_RUN_TOO_DEEP)) != 0 &&
           strstr(error->text, TDH_RUN_TOO_DEEP) != NULL;
}

/* Out of the rounds around it, until something deals with it. */
static int fail_node(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, const struct td_err *why, struct td_err *err)
{
    bool is_dealt = false;

    for (;;) {
        if (tdh_node_take_back(state, frame, node, err) != 0)
            return -1;
        if (node->on_error == ON_ERROR_SKIP || node->on_error == ON_ERROR_GOTO)
            return note_error(state, frame, node, why, err);
        if (node->on_error == ON_ERROR_FAIL) {
            state->phase = PHASE_UNDOING;
            return td_ask_fail(state->asks, why, err);
        }
        if (frame->outer == NULL)
            return tdh_flow_stop(state, why, err);
        node = &frame->outer->graph->nodes[frame->owner];
        if (deal_with_round(state, frame, &is_dealt, err) != 0)
            return -1;
        if (is_dealt)
            return 0;
        frame = frame->outer;
    }
}

int tdh_node_failed(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, const struct td_err *error, struct td_err *err)
{
    struct td_err why = *error;

    if (!has_been_placed(node, error))
        tdh_frame_context(frame, node, &why);
    return fail_node(state, frame, node, &why, err);
}

int tdh_round_failed(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct td_err *error, struct td_err *err)
{
    struct tdh_frame *outer = frame->outer;
    const struct tdh_node *owner = &outer->graph->nodes[frame->owner];
    struct td_err why = *error;
    bool is_dealt;

    tdh_round_context(frame, &why);
    if (deal_with_round(state, frame, &is_dealt, err) != 0)
        return -1;
    return is_dealt ? 0 : fail_node(state, outer, owner, &why, err);
}
