/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reduce: the reducer of workflows: walks the graph as events come.
 *
 * A fold completes one node and then settles: frames that have something to begin are looked at, in
 * the order in which they got it, until none has. Nothing here calls itself along the graph.
 */
#include "flow/state.h"

#include "base/clock.h"
#include "base/json.h"

/* --- beginning a node --- */

/* A start has no event, and so no time: where some expression reads it, the time comes with a
 * timer. */
static int begin_start(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err)
{
    if ((frame->graph->reads & ROOT_BIT(ROOT_NOW)) == 0)
        return tdh_frame_complete(state, frame, node, state->input, err);
    return td_ask_timer(state->asks, node->id, tdh_frame_tag(frame, node), 0,
                        &frame->cells[node->index].ask, err);
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

static int begin_set(struct tdh_flow_state *state, struct tdh_frame *frame,
                     const struct tdh_node *node, struct td_err *err)
{
    json_t *output =
        node->output != NULL ? tdh_frame_eval(state, frame, NULL, node->output, err) : json_null();
    int rc;

    if (output == NULL)
        return tdh_frame_context(frame, node, err);
    rc = tdh_frame_complete(state, frame, node, output, err);
    json_decref(output);
    return rc;
}

static int begin_call(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, struct td_err *err)
{
    static const enum td_target targets[NODE_TYPES] = { [NODE_TASK] = TD_TARGET_AGENT,
                                                        [NODE_SUBWORKFLOW] = TD_TARGET_WORKFLOW,
                                                        [NODE_PATTERN] = TD_TARGET_PATTERN,
                                                        [NODE_EMIT] = TD_TARGET_AGENT };
    struct tdh_cell *cell = &frame->cells[node->index];
    char path[TDH_PATH_MAX];
    struct td_ask ask = { TD_SIZE(struct td_ask), .target = targets[node->type],
                          .name = node->name,     .action = node->action,
                          .config = node->config, .policy = &node->policy };

    ask.input = node->inputs != NULL ? tdh_frame_eval(state, frame, NULL, node->inputs, err)
                                     : json_object();
    if (ask.input == NULL && node->inputs == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate an input");
    if (ask.input == NULL)
        return tdh_frame_context(frame, node, err);
    ask.path = tdh_frame_path(frame, node, path);
    ask.tag = tdh_frame_tag(frame, node);
    return td_ask_call(state->asks, &ask, &cell->ask, err);
}

/* --- time and signals --- */

/* A text from a template. NULL: err. */
static json_t *eval_text(struct tdh_flow_state *state, struct tdh_frame *frame,
                         const struct tdh_template *template, const char *what, struct td_err *err)
{
    json_t *value = tdh_frame_eval(state, frame, NULL, template, err);

    if (value == NULL || json_is_string(value))
        return value;
    td_fail(err, TD_E_INVAL, "\"%s\" gave a value of type %s, not a text", what,
            tdh_json_type_name(value));
    json_decref(value);
    return NULL;
}

static int until_ms(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, int64_t *ret_ms, struct td_err *err)
{
    json_t *text = eval_text(state, frame, node->until, "until", err);
    int64_t time_us;
    int rc;

    if (text == NULL)
        return -1;
    rc = tdh_clock_parse(json_string_value(text), &time_us, err);
    *ret_ms = rc == 0 && time_us > state->now_us ? (time_us - state->now_us + 999) / 1000 : 0;
    json_decref(text);
    if (rc == 0 && *ret_ms > TDH_FLOW_SLEEP_MS)
        return td_fail(err, TD_E_INVAL, "\"until\" is more than 10 years away");
    return rc;
}

static int duration_ms(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, int64_t *ret_ms, struct td_err *err)
{
    json_t *value = tdh_frame_eval(state, frame, NULL, node->duration, err);
    int rc = 0;

    *ret_ms = json_integer_value(value);
    if (value == NULL)
        return -1;
    if (json_is_string(value))
        rc = tdh_duration_parse(json_string_value(value), ret_ms, err);
    else if (!json_is_integer(value))
        rc = td_fail(err, TD_E_INVAL, "\"duration\" gave a value of type %s, not a text",
                     tdh_json_type_name(value));
    if (rc == 0 && (*ret_ms < 0 || *ret_ms > TDH_FLOW_SLEEP_MS))
        rc = td_fail(err, TD_E_INVAL, "\"duration\" gave %lld ms, must be 0 to 10 years",
                     (long long)*ret_ms);
    json_decref(value);
    return rc;
}

static int begin_sleep(struct tdh_flow_state *state, struct tdh_frame *frame,
                       const struct tdh_node *node, struct td_err *err)
{
    char path[TDH_PATH_MAX];
    int64_t ms = 0;

    if ((node->until != NULL ? until_ms : duration_ms)(state, frame, node, &ms, err) != 0)
        return tdh_frame_context(frame, node, err);
    return td_ask_timer(state->asks, tdh_frame_path(frame, node, path), tdh_frame_tag(frame, node),
                        (uint64_t)ms, &frame->cells[node->index].ask, err);
}

static int begin_wait(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, struct td_err *err)
{
    char path[TDH_PATH_MAX];
    json_t *signal;
    int rc;

    if (node->approval != NULL)
        return tdh_approval_begin(state, frame, node, err);
    signal = eval_text(state, frame, node->signal, "signal", err);

    if (signal == NULL)
        return tdh_frame_context(frame, node, err);
    rc = td_ask_wait(state->asks, tdh_frame_path(frame, node, path), tdh_frame_tag(frame, node),
                     json_string_value(signal), &frame->cells[node->index].ask, err);
    json_decref(signal);
    return rc;
}

static int begin_timeout(struct tdh_flow_state *state, struct tdh_frame *frame,
                         const struct tdh_node *node, struct td_err *err)
{
    char path[TDH_PATH_MAX], whole[TDH_PATH_MAX + 16];

    if (node->timeout_ms == 0)
        return 0;
    snprintf(whole, sizeof(whole), "%s.timeout", tdh_frame_path(frame, node, path));
    return td_ask_timer(state->asks, whole, tdh_frame_tag(frame, node) | TDH_TAG_TIMER,
                        node->timeout_ms, &frame->cells[node->index].timer, err);
}

static int begin_node(struct tdh_flow_state *state, struct tdh_frame *frame,
                      const struct tdh_node *node, struct td_err *err)
{
    state->steps++;
    if (node->is_first && tdh_first_let_go(state, frame, node, err) != 0)
        return -1;
    if (begin_timeout(state, frame, node, err) != 0)
        return -1;
    switch (node->type) {
    case NODE_START:
        return begin_start(state, frame, node, err);
    case NODE_DECISION:
    case NODE_PARALLEL:
        return tdh_frame_complete(state, frame, node, json_null(), err);
    case NODE_END:
        return begin_end(state, frame, node, err);
    case NODE_SET:
        return begin_set(state, frame, node, err);
    case NODE_LOOP:
    case NODE_MAP:
        return tdh_round_begin(state, frame, node, err);
    case NODE_SLEEP:
        return begin_sleep(state, frame, node, err);
    case NODE_WAIT:
        return begin_wait(state, frame, node, err);
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

static int run_frames(struct tdh_flow_state *state, struct td_err *err)
{
    struct tdh_frame *frame;

    while ((frame = state->dirty) != NULL) {
        state->dirty = frame->dirty_next;
        if (state->dirty == NULL)
            state->dirty_last = NULL;
        if (run_frame(state, frame, err) != 0)
            return -1;
    }
    return 0;
}

/* Goes on until no frame has anything to begin; finishes the run when the workflow's own frame has
 * nothing under way. */
static int settle(struct tdh_flow_state *state, struct td_err *err)
{
    if (run_frames(state, err) != 0)
        return -1;
    while (state->misfits != NULL && state->phase == PHASE_RUNNING)
        if (tdh_misfit_fail(state, err) != 0 || run_frames(state, err) != 0)
            return -1;
    if (state->phase != PHASE_RUNNING || state->frames[0]->active > 0)
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
    tdh_misfit_forget(state, NULL, NULL);
    json_decref(state->now);
    state->now = NULL;
}

static int flow_start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                      struct td_err *err)
{
    struct tdh_flow_state *state = arg;
    const struct tdh_plan *plan = plan_arg;
    struct tdh_frame *frame;
    uint32_t ignored;

    if (tdh_plan_check_input(plan, input, err) != 0)
        return -1;
    enter_fold(state, asks, 0);
    state->plan = plan;
    state->input = input != NULL ? json_incref((json_t *)input) : json_null();
    state->vars = json_incref(plan->scope.first);
    frame = tdh_frame_new(state, plan->graph, NULL, 0, 0, err);
    if (frame == NULL)
        return -1;
    tdh_frame_begin_entries(state, frame);
    if (plan->timeout_ms > 0 &&
        td_ask_timer(asks, "run.timeout", TDH_TAG_TIMEOUT, plan->timeout_ms, &ignored, err) != 0)
        return -1;
    return settle(state, err);
}

/* The node's ask is answered, so its timeout is of no use any more. */
static int complete(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, const struct td_event *event, struct td_err *err)
{
    struct tdh_cell *cell = &frame->cells[node->index];

    cell->ask = 0;
    if (node->body != NULL) {
        cell->is_paused = false;
        return tdh_round_resume(state, frame, node, err);
    }
    if (event->kind == TD_EVENT_FAILED)
        return tdh_node_failed(state, frame, node, event->error, err);
    if (node->type == NODE_START)
        return tdh_frame_complete(state, frame, node, state->input, err);
    if (node->approval != NULL)
        return tdh_approval_answer(state, frame, node, event->output, err);
    return tdh_frame_complete(state, frame, node,
                              event->output != NULL ? event->output : json_null(), err);
}

static int time_out(struct tdh_flow_state *state, struct tdh_frame *frame,
                    const struct tdh_node *node, struct td_err *err)
{
    struct td_err why;

    frame->cells[node->index].timer = 0;
    td_fail(&why, TD_E_TIMEOUT, "it took longer than its timeout of %u ms", node->timeout_ms);
    return tdh_node_failed(state, frame, node, &why, err);
}

/* What is no node's. */
static int fold_own(struct tdh_flow_state *state, const struct td_event *event, struct td_err *err)
{
    struct td_err why;

    if (event->kind != TD_EVENT_CANCEL && event->tag == TDH_TAG_UNDO)
        return tdh_undo_answer(state, event, err);
    if (event->kind == TD_EVENT_CANCEL)
        td_fail(&why, TD_E_CANCELLED, "the run was cancelled");
    else
        td_fail(&why, TD_E_TIMEOUT, "the run took longer than its timeout of %u ms",
                state->plan->timeout_ms);
    return tdh_flow_stop(state, &why, err);
}

/* A pattern may be done without success; a strict node takes that for a failure. The words are
 * those of a strict member of a pattern. */
static const struct td_event *hold_strictly(const struct td_event *event,
                                            struct td_event *ret_failed, struct td_err *ret_why)
{
    const char *outcome = tdh_json_str(event->output, "outcome", "was not successful");

    if (!json_is_false(json_object_get(event->output, "success")))
        return event;
    td_fail(ret_why, TD_E_EXEC, "%s", tdh_json_str(event->output, "error", outcome));
    *ret_failed = *event;
    ret_failed->kind = TD_EVENT_FAILED;
    ret_failed->error = ret_why;
    ret_failed->output = NULL;
    return ret_failed;
}

/* An expression that fails on the way fails the run. */
static int fold_node(struct tdh_flow_state *state, const struct td_event *event, struct td_err *err)
{
    bool is_timer = (event->tag & TDH_TAG_TIMER) != 0;
    uint32_t place = (uint32_t)(event->tag & ~TDH_TAG_TIMER);
    struct tdh_frame *frame = tdh_frame_at(state, (uint32_t)(event->tag >> 32));
    const struct tdh_node *node;
    struct td_event failed;
    struct td_err why, strict;
    int rc;

    if (frame == NULL || place >= frame->graph->count || frame->cells[place].status != CELL_ACTIVE)
        return td_fail(err, TD_E_CORRUPT, "an event came for a node that is not under way");
    node = &frame->graph->nodes[place];
    if (node->is_strict && event->kind == TD_EVENT_DONE && !is_timer)
        event = hold_strictly(event, &failed, &strict);
    if (state->phase != PHASE_RUNNING)
        return tdh_flow_stopped(state, frame, node, event, err);
    rc = is_timer ? time_out(state, frame, node, &why) : complete(state, frame, node, event, &why);
    if (rc == 0 && state->phase == PHASE_RUNNING)
        rc = settle(state, &why);
    if (rc == 0 || (why.code != TD_E_NOMEM && why.code != TD_E_CORRUPT))
        return rc == 0 ? 0 : tdh_flow_stop(state, &why, err);
    *err = why;
    return -1;
}

static int flow_fold(void *arg, const void *plan, const struct td_event *event,
                     struct td_asks *asks, struct td_err *err)
{
    struct tdh_flow_state *state = arg;

    (void)plan;
    enter_fold(state, asks, event->time_us);
    if (event->kind == TD_EVENT_CANCEL || event->tag == TDH_TAG_TIMEOUT ||
        event->tag == TDH_TAG_UNDO)
        return fold_own(state, event, err);
    return fold_node(state, event, err);
}

const struct td_reducer tdh_flow_reducer = {
    TD_SIZE(struct td_reducer),
    .state_version = 3,
    .state_size = sizeof(struct tdh_flow_state),
    .prepare = flow_prepare,
    .release = flow_release,
    .start = flow_start,
    .fold = flow_fold,
    .save = tdh_flow_save,
    .load = tdh_flow_load,
    .drop = tdh_flow_drop,
    .flags = TD_REDUCER_SHARES,
};
