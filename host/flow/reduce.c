/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reduce: the reducer of workflows: walks the graph as events come.
 *
 * A fold completes one node and then settles: frames that have something to begin are looked at, in
 * the order in which they got it, until none has. Nothing here calls itself along the graph.
 */
#include "flow/state.h"

/* --- beginning a node --- */

/* A start has no event, and so no time: where some expression reads it, the time comes with a
 * timer. */
static int begin_start(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err)
{
    uint32_t ask;

    if ((frame->graph->reads & ROOT_BIT(ROOT_NOW)) == 0)
        return tdh_frame_complete(state, frame, node, state->input, err);
    return td_ask_timer(state->asks, node->id, tdh_frame_tag(frame, node), 0, &ask, err);
}

static int begin_end(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, struct td_err *err)
{
    json_t *output = node->output != NULL ? tdh_frame_eval(state, frame, NULL, node->output, err)
                                          : json_incref(state->vars);

    if (output == NULL)
        return tdh_frame_context(frame, node, err);
    json_decref(state->output);
    state->output = output;
    return tdh_frame_complete(state, frame, node, output, err);
}

static int begin_call(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, struct td_err *err)
{
    static const enum td_target targets[NODE_TYPES] = { [NODE_TASK] = TD_TARGET_AGENT,
                                                        [NODE_SUBWORKFLOW] = TD_TARGET_WORKFLOW,
                                                        [NODE_PATTERN] = TD_TARGET_PATTERN };
    char path[TDH_PATH_MAX];
    struct td_ask ask = { TD_SIZE(struct td_ask), .target = targets[node->type],
                          .name = node->name,     .action = node->action,
                          .config = node->config, .policy = &node->policy };
    uint32_t number;

    ask.input = node->inputs != NULL ? tdh_frame_eval(state, frame, NULL, node->inputs, err)
                                     : json_object();
    if (ask.input == NULL && node->inputs == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate an input");
    if (ask.input == NULL)
        return tdh_frame_context(frame, node, err);
    ask.path = tdh_frame_path(frame, node, path);
    ask.tag = tdh_frame_tag(frame, node);
    return td_ask_call(state->asks, &ask, &number, err);
}

static int begin_node(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, struct td_err *err)
{
    state->steps++;
    switch (node->type) {
    case NODE_START:
        return begin_start(state, frame, node, err);
    case NODE_DECISION:
    case NODE_PARALLEL:
        return tdh_frame_complete(state, frame, node, json_null(), err);
    case NODE_END:
        return begin_end(state, frame, node, err);
    case NODE_LOOP:
    case NODE_MAP:
        return tdh_round_begin(state, frame, node, err);
    default:
        return begin_call(state, frame, node, err);
    }
}

/* --- settling --- */

/* The frame stays marked while it is looked at, so that it does not enter the list again: it may be
 * freed at the end. */
static int run_frame(struct tdh_flow_state *state, struct tdh_frame *frame, struct td_err *err)
{
    while (frame->ready_head < frame->ready_tail) {
        const struct tdh_node *node = &frame->graph->nodes[frame->ready[frame->ready_head++]];

        if (frame->cells[node->index].status == CELL_DEAD)
            tdh_frame_leave_dead(state, frame, node);
        else if (begin_node(state, frame, node, err) != 0)
            return -1;
    }
    if (frame->active == 0 && frame->outer != NULL)
        return tdh_round_end(state, frame, err);
    frame->is_dirty = false;
    return 0;
}

/* Goes on until no frame has anything to begin; finishes the run when the workflow's own frame has
 * nothing under way. */
static int settle(struct tdh_flow_state *state, struct td_err *err)
{
    struct tdh_frame *frame;

    while ((frame = state->dirty) != NULL) {
        state->dirty = frame->dirty_next;
        if (state->dirty == NULL)
            state->dirty_last = NULL;
        if (run_frame(state, frame, err) != 0)
            return -1;
    }
    if (state->frames[0]->active > 0)
        return 0;
    return td_ask_finish(state->asks,
                         state->output != NULL ? json_incref(state->output) : json_null(), err);
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
    state->steps = 0;
    json_decref(state->now);
    state->now = NULL;
}

static int flow_start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                      struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    const struct tdh_plan *plan = plan_arg;
    struct tdh_frame *frame;

    if (tdh_plan_check_input(plan, input, err) != 0)
        return -1;
    enter_fold(state, asks, 0);
    state->plan = plan;
    state->input = input != NULL ? json_incref((json_t *)input) : json_null();
    state->vars = json_incref(plan->variables);
    frame = tdh_frame_new(state, plan->graph, NULL, 0, 0, err);
    if (frame == NULL)
        return -1;
    tdh_frame_begin_entries(state, frame);
    return settle(state, err);
}

static int complete(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, const struct td_event *event, struct td_err *err)
{
    if (node->body != NULL)
        return tdh_round_resume(state, frame, node, err);
    if (node->type == NODE_START)
        return tdh_frame_complete(state, frame, node, state->input, err);
    return tdh_frame_complete(state, frame, node,
                              event->output != NULL ? event->output : json_null(), err);
}

static int flow_fold(void *arg, const void *plan, const struct td_event *event,
                     struct td_asks *asks, struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    uint32_t place = (uint32_t)event->tag;
    struct tdh_frame *frame;
    const struct tdh_node *node;
    struct td_err why;

    (void)plan;
    enter_fold(state, asks, event->time_us);
    if (event->kind == TD_EVENT_CANCEL) {
        td_fail(&why, TD_E_CANCELLED, "the run was cancelled");
        return td_ask_fail(asks, &why, err);
    }
    frame = tdh_frame_at(state, (uint32_t)(event->tag >> 32));
    if (frame == NULL || place >= frame->graph->count || frame->cells[place].status != CELL_ACTIVE)
        return td_fail(err, TD_E_CORRUPT, "an event came for a node that is not under way");
    node = &frame->graph->nodes[place];
    if (event->kind == TD_EVENT_FAILED) {
        *err = *event->error;
        return tdh_frame_context(frame, node, err);
    }
    return complete(state, frame, node, event, err) == 0 ? settle(state, err) : -1;
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
