/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eval: expressions of a frame: what each root is there, made only when it is read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/state.h"

/* --- the root `nodes` --- */

int tdh_frame_note_output(struct tdh_frame *frame, const struct tdh_node *node, json_t *output,
                          json_t *error, struct td_err *err)
{
    json_t *entry;

    if (frame->outputs == NULL)
        return 0;
    entry = json_object();
    if (json_object_set_nocheck(entry, "output", output) != 0 ||
        (error != NULL && json_object_set_nocheck(entry, "error", error) != 0)) {
        json_decref(entry);
        return td_fail(err, TD_E_NOMEM, "could not keep the output of a node");
    }
    frame->output_count++;
    if (frame->view != NULL && tdh_flow_set(&frame->view, node->id, json_incref(entry), err) != 0) {
        json_decref(entry);
        return -1;
    }
    return tdh_flow_set(&frame->outputs, node->id, entry, err);
}

static uint64_t count_around(const struct tdh_frame *frame)
{
    uint64_t count = 0;

    for (frame = frame->outer; frame != NULL; frame = frame->outer)
        count += frame->output_count;
    return count;
}

/* Outputs of the frame's own nodes and of those around it; as many levels as bodies nest. NULL:
 * without memory. */
static json_t *view_nodes(struct tdh_frame *frame)
{
    uint64_t count = count_around(frame);
    json_t *outer;

    if (frame->outer == NULL)
        return frame->outputs;
    if (frame->view != NULL && frame->view_count == count)
        return frame->view;
    json_decref(frame->view);
    frame->view = NULL;
    outer = view_nodes(frame->outer);
    if (outer == NULL || json_object_size(frame->outputs) == 0)
        frame->view = json_incref(outer);
    else if ((frame->view = json_copy(outer)) != NULL &&
             json_object_update(frame->view, frame->outputs) != 0)
        return NULL;
    frame->view_count = count;
    return frame->view;
}

/* --- all roots --- */

struct scope {
    const json_t *roots[ROOT_COUNT];
    struct tdh_cel_env env;
};

static int make_roots(struct tdh_flow_state *state, uint64_t reads)
{
    char text[40];

    if ((reads & ROOT_BIT(ROOT_NOW)) != 0 && state->now == NULL &&
        (state->now = json_string(tdh_clock_print(state->now_us, text, sizeof(text)))) == NULL)
        return -1;
    if ((reads & ROOT_BIT(ROOT_RUN)) != 0 && state->run == NULL &&
        (state->run = json_pack("{s:s}", "id", td_ask_run_id(state->asks))) == NULL)
        return -1;
    return 0;
}

static int enter_scope(struct tdh_flow_state *state, struct tdh_frame *frame, const json_t *result,
                       uint64_t reads, struct scope *scope, struct td_err *err)
{
    json_t *nodes = (reads & ROOT_BIT(ROOT_NODES)) != 0 ? view_nodes(frame) : NULL,
           *vars =
               (reads & ROOT_BIT(ROOT_VARS)) != 0 ? tdh_vars_view(state, frame->vars) : state->vars;

    if (make_roots(state, reads) != 0 || vars == NULL ||
        ((reads & ROOT_BIT(ROOT_NODES)) != 0 && nodes == NULL))
        return td_fail(err, TD_E_NOMEM, "could not allocate what an expression reads");
    scope->roots[ROOT_INPUT] = state->input;
    scope->roots[ROOT_VARS] = vars;
    scope->roots[ROOT_NODES] = nodes;
    scope->roots[ROOT_RESULT] = result;
    scope->roots[ROOT_ITEM] = frame->item;
    scope->roots[ROOT_INDEX] = frame->index;
    scope->roots[ROOT_RUN] = state->run;
    scope->roots[ROOT_NOW] = state->now;
    scope->env = (struct tdh_cel_env){ scope->roots, ROOT_COUNT };
    return 0;
}

json_t *tdh_frame_eval(struct tdh_flow_state *state, struct tdh_frame *frame, const json_t *result,
                       const struct tdh_template *template, struct td_err *err)
{
    const json_t *constant = tdh_template_const(template);
    struct scope scope;
    json_t *value;

    if (constant != NULL)
        return json_incref((json_t *)constant);
    if (enter_scope(state, frame, result, tdh_template_reads(template), &scope, err) != 0)
        return NULL;
    value = tdh_template_eval(template, &scope.env, &state->arena, err);
    tdh_arena_reset(&state->arena);
    return value;
}

int tdh_frame_eval_bool(struct tdh_flow_state *state, struct tdh_frame *frame, const json_t *result,
                        const struct tdh_cel *cel, bool *ret_value, struct td_err *err)
{
    struct scope scope;
    int rc;

    if (enter_scope(state, frame, result, tdh_cel_reads(cel), &scope, err) != 0)
        return -1;
    rc = tdh_cel_eval_bool(cel, &scope.env, &state->arena, ret_value, err);
    tdh_arena_reset(&state->arena);
    return rc == 0 ? 0 : td_context(err, "\"%.120s\"", tdh_cel_text(cel));
}

/* --- where it is --- */

const char *tdh_frame_path(const struct tdh_frame *frame, const struct tdh_node *node,
                           char path[static TDH_PATH_MAX])
{
    const struct tdh_frame *around[TDH_FLOW_DEPTH + 1];
    unsigned count = 0;
    char *at = path;

    if (frame->outer == NULL)
        return node->id;
    for (; frame->outer != NULL; frame = frame->outer)
        around[count++] = frame;
    while (count-- > 0)
        at += sprintf(at, "%s[%u].", around[count]->outer->graph->nodes[around[count]->owner].id,
                      around[count]->round);
    strcpy(at, node->id);
    return path;
}

int tdh_frame_context(const struct tdh_frame *frame, const struct tdh_node *node,
                      struct td_err *err)
{
    char path[TDH_PATH_MAX];

    return td_context(err, "node \"%s\"", tdh_frame_path(frame, node, path));
}

const char *tdh_round_path(const struct tdh_frame *frame, char path[static TDH_PATH_MAX])
{
    const struct tdh_node *owner = &frame->outer->graph->nodes[frame->owner];
    char around[TDH_PATH_MAX];

    snprintf(path, TDH_PATH_MAX, "%.*s[%u]", TDH_PATH_MAX - 16,
             tdh_frame_path(frame->outer, owner, around), frame->round);
    return path;
}

int tdh_round_context(const struct tdh_frame *frame, struct td_err *err)
{
    char path[TDH_PATH_MAX];

    return td_context(err, "node \"%s\"", tdh_round_path(frame, path));
}
