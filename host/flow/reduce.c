/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reduce: the reducer of workflows: walks the graph as events come.
 *
 * A fold completes one node and then settles: frames that have something to begin are looked at until none has. Nothing here calls itself
 * along the graph, so neither a long chain nor a loop of many rounds needs stack.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "flow/state.h"

/* --- expressions --- */

struct scope {
    const json_t *roots[ROOT_COUNT];
    struct tdh_cel_env env;
};

static void enter_scope(struct tdh_flow_state *state, const struct tdh_frame *frame, json_t *result, struct scope *scope)
{
    char text[40];

    if ((state->plan->reads & (1U << ROOT_NOW)) && state->now == NULL)
        state->now = json_string(tdh_clock_print(state->now_us, text, sizeof(text)));
    *scope = (struct scope){ .roots = { [ROOT_INPUT] = state->input, [ROOT_VARS] = state->vars, [ROOT_NODES] = frame->nodes,
                                        [ROOT_RESULT] = result, [ROOT_ITEM] = frame->item, [ROOT_INDEX] = frame->index,
                                        [ROOT_RUN] = state->run, [ROOT_NOW] = state->now } };
    scope->env = (struct tdh_cel_env){ scope->roots, ROOT_COUNT };
}

static int node_context(const struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    return td_context(err, "node \"%s%s\"", frame->prefix, node->id);
}

static json_t *eval(struct tdh_flow_state *state, const struct tdh_frame *frame, json_t *result, const struct tdh_template *template,
                    struct td_err *err)
{
    const json_t *constant = tdh_template_const(template);
    struct scope scope;
    json_t *value;

    if (constant != NULL)
        return json_incref((json_t *)constant);
    enter_scope(state, frame, result, &scope);
    value = tdh_template_eval(template, &scope.env, &state->arena, err);
    tdh_arena_reset(&state->arena);
    return value;
}

static int eval_bool(struct tdh_flow_state *state, const struct tdh_frame *frame, json_t *result, const struct tdh_cel *cel,
                     bool *ret_value, struct td_err *err)
{
    struct scope scope;
    int rc;

    enter_scope(state, frame, result, &scope);
    rc = tdh_cel_eval_bool(cel, &scope.env, &state->arena, ret_value, err);
    tdh_arena_reset(&state->arena);
    return rc == 0 ? 0 : td_context(err, "\"%.120s\"", tdh_cel_text(cel));
}

/* --- frames to look at --- */

static void mark_dirty(struct tdh_flow_state *state, struct tdh_frame *frame)
{
    if (frame->is_dirty)
        return;
    frame->is_dirty = true;
    frame->dirty_next = state->dirty;
    state->dirty = frame;
}

static void push_ready(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t node)
{
    frame->ready[frame->ready_tail++] = node;
    mark_dirty(state, frame);
}

/* --- edges --- */

/* An edge into a node is decided: the node begins, dies, or waits for its other edges. */
static void arrive(struct tdh_flow_state *state, struct tdh_frame *frame, uint32_t to, bool is_live)
{
    const struct tdh_node *node = &frame->graph->nodes[to];
    struct tdh_cell *cell = &frame->cells[to];
    uint32_t need = node->join > 0 ? (uint32_t)node->join : 1;

    *(is_live ? &cell->live : &cell->dead) += 1;
    if (cell->status != CELL_IDLE)
        return;
    if (cell->live >= need && (node->join > 0 || cell->live + cell->dead == node->in_count)) {
        cell->status = CELL_ACTIVE;
        frame->active++;
        push_ready(state, frame, to);
    } else if (cell->live + cell->dead == node->in_count) {
        cell->status = CELL_DEAD;
        push_ready(state, frame, to);
    }
}

static void leave_dead(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node)
{
    for (size_t i = 0; i < node->edge_count; i++)
        arrive(state, frame, node->edges[i].to, false);
}

/* Which edges are taken: a decision takes the first that holds, other nodes all that hold; `otherwise` when none with a condition does. */
static int leave(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, json_t *output, struct td_err *err)
{
    bool is_one_held = false, is_taken = false;

    for (size_t i = 0; i < node->edge_count; i++) {
        const struct tdh_edge *edge = &node->edges[i];
        bool is_live = !edge->is_otherwise;

        if (node->type == NODE_DECISION && is_taken)
            is_live = false;
        else if (edge->when != NULL && eval_bool(state, frame, output, edge->when, &is_live, err) != 0)
            return td_context(err, "edge to \"%s\"", frame->graph->nodes[edge->to].id);
        is_one_held = is_one_held || (edge->when != NULL && is_live);
        is_taken = is_taken || is_live;
        if (!edge->is_otherwise)
            arrive(state, frame, edge->to, is_live);
    }
    for (size_t i = 0; i < node->edge_count; i++)
        if (node->edges[i].is_otherwise)
            arrive(state, frame, node->edges[i].to, node->type == NODE_DECISION ? !is_taken : !is_one_held);
    return 0;
}

/* --- completing a node --- */

static int note_output(struct tdh_frame *frame, const struct tdh_node *node, json_t *output, struct td_err *err)
{
    json_decref(frame->last);
    frame->last = json_incref(output);
    if (frame->nodes == NULL)
        return 0;
    return tdh_flow_set(&frame->nodes, node->id, json_pack("{s:O}", "output", output), err);
}

static int assign(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, json_t *output, struct td_err *err)
{
    for (size_t i = 0; i < node->assign_count; i++) {
        json_t *value = eval(state, frame, output, node->assigns[i].value, err);

        if (value == NULL)
            return td_context(err, "output \"%s\"", node->assigns[i].variable);
        if (tdh_flow_set(&state->vars, node->assigns[i].variable, value, err) != 0)
            return -1;
    }
    return 0;
}

static int complete(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, json_t *output, struct td_err *err)
{
    frame->cells[node->index].status = CELL_DONE;
    frame->active--;
    mark_dirty(state, frame);
    if (note_output(frame, node, output, err) != 0 || assign(state, frame, node, output, err) != 0 ||
        leave(state, frame, node, output, err) != 0)
        return node_context(frame, node, err);
    return 0;
}

/* --- bodies --- */

static int begin_round(struct tdh_flow_state *state, struct tdh_frame *outer, const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &outer->cells[node->index];
    json_t *item = cell->over != NULL ? json_array_get(cell->over, cell->next) : NULL;
    struct tdh_frame *frame = tdh_frame_new(state, node->body, outer, node->index, cell->next, item, err);

    if (frame == NULL)
        return -1;
    cell->next++;
    cell->active++;
    for (uint32_t i = 0; i < node->body->count; i++)
        if (node->body->nodes[i].in_count == 0) {
            frame->cells[i].status = CELL_ACTIVE;
            frame->active++;
            push_ready(state, frame, i);
        }
    return 0;
}

/* Decides whether a loop goes round once more. */
static int wants_round(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, bool *ret_wants,
                       struct td_err *err)
{
    const struct tdh_cell *cell = &frame->cells[node->index];

    *ret_wants = false;
    if ((node->loop_times >= 0 && cell->next >= (uint64_t)node->loop_times) || (node->loop_max > 0 && cell->next >= (uint64_t)node->loop_max) ||
        (cell->over != NULL && cell->next >= json_array_size(cell->over)))
        return 0;
    if (node->loop_max == 0 && node->loop_times < 0 && cell->over == NULL && cell->next >= TDH_FLOW_ROUNDS) {
        td_fail(err, TD_E_LIMIT, "loop \"%s\" has gone round %d times", node->id, TDH_FLOW_ROUNDS);
        return td_hint(err, "give it \"max: N\" if that is meant");
    }
    *ret_wants = true;
    return node->loop_while != NULL ? eval_bool(state, frame, NULL, node->loop_while, ret_wants, err) : 0;
}

static int go_round(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    bool wants;
    json_t *output;
    int rc;

    if (wants_round(state, frame, node, &wants, err) != 0)
        return node_context(frame, node, err);
    if (wants)
        return begin_round(state, frame, node, err);
    output = cell->results != NULL ? cell->results : json_null();
    cell->results = NULL;
    rc = complete(state, frame, node, output, err);
    json_decref(output);
    return rc;
}

static int fill_map(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];
    size_t count = json_array_size(cell->over);
    json_t *output;
    int rc;

    while (cell->next < count && (node->max_parallel == 0 || cell->active < node->max_parallel))
        if (begin_round(state, frame, node, err) != 0)
            return -1;
    if (cell->active > 0)
        return 0;
    output = cell->results;
    cell->results = NULL;
    rc = complete(state, frame, node, output, err);
    json_decref(output);
    return rc;
}

static int begin_list(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];

    if (node->over == NULL)
        return 0;
    cell->over = eval(state, frame, NULL, node->over, err);
    if (cell->over == NULL)
        return node_context(frame, node, err);
    if (json_is_array(cell->over))
        return 0;
    td_fail(err, TD_E_INVAL, "\"%s\" gave a value of type %s, not a list", node->type == NODE_MAP ? "over" : "for_each",
            tdh_json_type_name(cell->over));
    return node_context(frame, node, err);
}

static int begin_map(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];

    if (begin_list(state, frame, node, err) != 0)
        return -1;
    cell->results = json_array();
    for (size_t i = 0; i < json_array_size(cell->over); i++)
        if (json_array_append_new(cell->results, json_null()) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the results of map \"%s\"", node->id);
    return fill_map(state, frame, node, err);
}

static int begin_loop(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    if (begin_list(state, frame, node, err) != 0)
        return -1;
    return go_round(state, frame, node, err);
}

/* A round has nothing under way any more: its result goes to the loop or map. */
static int end_round(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err)
{
    struct tdh_frame *outer = frame->outer;
    const struct tdh_node *node = &outer->graph->nodes[frame->owner];
    struct tdh_cell *cell = &outer->cells[frame->owner];
    json_t *result = node->output != NULL ? eval(state, frame, frame->last, node->output, err)
                                          : json_incref(frame->last != NULL ? frame->last : json_null());
    bool is_over = false;

    if (result == NULL || (node->loop_until != NULL && eval_bool(state, frame, result, node->loop_until, &is_over, err) != 0)) {
        json_decref(result);
        return node_context(outer, node, err);
    }
    cell->active--;
    if (node->type == NODE_MAP) {
        json_array_set_new(cell->results, frame->round, result);
        tdh_frame_free(state, frame);
        return fill_map(state, outer, node, err);
    }
    json_decref(cell->results);
    cell->results = is_over ? NULL : result;
    tdh_frame_free(state, frame);
    if (is_over) {
        int rc = complete(state, outer, node, result, err);

        json_decref(result);
        return rc;
    }
    return go_round(state, outer, node, err);
}

/* --- beginning a node --- */

static int begin_end(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    json_t *output = node->output != NULL ? eval(state, frame, NULL, node->output, err) : json_incref(state->vars);
    int rc;

    if (output == NULL)
        return node_context(frame, node, err);
    json_decref(state->output);
    state->output = output;
    json_incref(output);
    rc = complete(state, frame, node, output, err);
    json_decref(output);
    return rc;
}

static int begin_call(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    static const enum td_target targets[NODE_TYPES] = { [NODE_TASK] = TD_TARGET_AGENT, [NODE_SUBWORKFLOW] = TD_TARGET_WORKFLOW,
                                                        [NODE_PATTERN] = TD_TARGET_PATTERN };
    size_t length = strlen(frame->prefix);
    char inline_path[256], *path = inline_path;
    struct td_ask ask = { TD_SIZE(struct td_ask), .target = targets[node->type], .name = node->name, .action = node->action,
                          .tag = (uint64_t)frame->slot << 32 | node->index, .config = node->config, .policy = &node->policy };
    int rc;

    ask.input = node->inputs != NULL ? eval(state, frame, NULL, node->inputs, err) : json_object();
    if (ask.input == NULL)
        return node_context(frame, node, err);
    if (length + strlen(node->id) >= sizeof(inline_path))
        path = tdh_arena_alloc(&state->arena, length + strlen(node->id) + 1);
    if (path == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    memcpy(path, frame->prefix, length);
    strcpy(path + length, node->id);
    ask.path = path;
    rc = td_ask_call(state->asks, &ask, NULL, err);
    return rc;
}

static int begin_node(struct tdh_flow_state *state, struct tdh_frame *frame, const struct tdh_node *node, struct td_err *err)
{
    switch (node->type) {
    case NODE_START:
        return complete(state, frame, node, state->input, err);
    case NODE_DECISION:
    case NODE_PARALLEL:
        return complete(state, frame, node, json_null(), err);
    case NODE_END:
        return begin_end(state, frame, node, err);
    case NODE_LOOP:
        return begin_loop(state, frame, node, err);
    case NODE_MAP:
        return begin_map(state, frame, node, err);
    default:
        return begin_call(state, frame, node, err);
    }
}

static int run_frame(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err)
{
    while (frame->ready_head < frame->ready_tail) {
        const struct tdh_node *node = &frame->graph->nodes[frame->ready[frame->ready_head++]];

        if (frame->cells[node->index].status == CELL_DEAD)
            leave_dead(state, frame, node);
        else if (begin_node(state, frame, node, err) != 0)
            return -1;
    }
    if (frame->active > 0 || frame->outer == NULL)
        return 0;
    frame->is_dirty = true; /* it is being ended: nobody marks it again */
    return end_round(state, frame, err);
}

/* Goes on until no frame has anything to begin; finishes the run when the workflow's own frame has nothing under way. */
static int settle(struct tdh_flow_state *state, struct td_err *err)
{
    struct tdh_frame *frame;

    while ((frame = state->dirty) != NULL) {
        state->dirty = frame->dirty_next;
        frame->is_dirty = false;
        if (run_frame(state, frame, err) != 0)
            return -1;
    }
    frame = state->frames[0];
    if (frame->active > 0)
        return 0;
    return td_ask_finish(state->asks, json_incref(state->output != NULL ? state->output : json_null()), err);
}

/* --- the reducer --- */

static int flow_prepare(const json_t *config, void **ret_plan, struct td_err *err)
{
    if (config == NULL)
        return 0;
    *ret_plan = tdh_plan_new(config, NULL, NULL, err);
    return *ret_plan != NULL ? 0 : -1;
}

static void flow_release(void *plan)
{
    tdh_plan_free(plan);
}

static void enter_fold(struct tdh_flow_state *state, struct td_asks *asks, int64_t now_us)
{
    state->asks = asks;
    state->now_us = now_us;
    state->dirty = NULL;
    json_decref(state->now);
    state->now = NULL;
}

static int flow_start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks, struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    const struct tdh_plan *plan = plan_arg;
    struct tdh_frame *frame;

    enter_fold(state, asks, 0);
    state->plan = plan;
    state->input = json_incref((json_t *)input);
    state->vars = json_copy(plan->variables);
    state->run = json_pack("{s:s}", "id", td_ask_run_id(asks));
    if (state->vars == NULL || state->run == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the variables");
    if (tdh_plan_check_input(plan, input, err) != 0)
        return -1;
    frame = tdh_frame_new(state, plan->graph, NULL, 0, 0, NULL, err);
    if (frame == NULL)
        return -1;
    for (uint32_t i = 0; i < plan->graph->count; i++)
        if (plan->graph->nodes[i].type == NODE_START) {
            frame->cells[i].status = CELL_ACTIVE;
            frame->active++;
            push_ready(state, frame, i);
        }
    return settle(state, err);
}

static int flow_fold(void *arg, const void *plan, const struct td_event *event, struct td_asks *asks, struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    uint32_t slot = (uint32_t)(event->tag >> 32), place = (uint32_t)event->tag;
    struct tdh_frame *frame;
    const struct tdh_node *node;

    (void)plan;
    enter_fold(state, asks, event->time_us);
    if (event->kind == TD_EVENT_CANCEL)
        return td_fail(err, TD_E_CANCELLED, "the run was cancelled");
    frame = slot < state->frame_room ? state->frames[slot] : NULL;
    if (frame == NULL || place >= frame->graph->count)
        return td_fail(err, TD_E_CORRUPT, "an event came for a node that is not there");
    node = &frame->graph->nodes[place];
    if (event->kind == TD_EVENT_FAILED) {
        *err = *event->error;
        return node_context(frame, node, err);
    }
    if (complete(state, frame, node, event->output, err) != 0)
        return -1;
    return settle(state, err);
}

const struct td_reducer tdh_flow_reducer = {
    TD_SIZE(struct td_reducer),
    .state_version = 1,
    .state_size = sizeof(struct tdh_flow_state),
    .prepare = flow_prepare,
    .release = flow_release,
    .start = flow_start,
    .fold = flow_fold,
    .save = tdh_flow_save,
    .load = tdh_flow_load,
    .drop = tdh_flow_drop,
};
