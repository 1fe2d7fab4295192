/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vars: the values of the variables of bodies: of a loop from its begin to its end, of a map in
 * each of its rounds.
 *
 * Expressions see all variables around them as one object. It is made when one is read, written
 * along with its own values, and made anew after variables further out have been written.
 */
#include <stdlib.h>
#include <string.h>

#include "flow/state.h"

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the variables of a body");
}

/* --- their life --- */

static void free_vars(struct tdh_vars *vars)
{
    json_decref(vars->own);
    json_decref(vars->view);
    free(vars);
}

struct tdh_vars *tdh_vars_new(struct tdh_frame *frame, const struct tdh_node *node, json_t *own,
                              struct td_err *err)
{
    struct tdh_vars *vars = own != NULL ? calloc(1, sizeof(*vars)) : NULL, **last = &frame->held;

    if (vars == NULL) {
        json_decref(own);
        no_memory(err);
        return NULL;
    }
    vars->scope = node->scope;
    vars->outer = frame->vars;
    vars->own = own;
    while (*last != NULL)
        last = &(*last)->next;
    *last = vars;
    return vars;
}

struct tdh_vars *tdh_vars_of(const struct tdh_frame *frame, const struct tdh_node *node)
{
    struct tdh_vars *vars = frame->held;

    while (vars != NULL && vars->scope != node->scope)
        vars = vars->next;
    return vars;
}

void tdh_vars_end(struct tdh_frame *frame, const struct tdh_node *node)
{
    struct tdh_vars **at = &frame->held, *vars;

    while (*at != NULL && (*at)->scope != node->scope)
        at = &(*at)->next;
    vars = *at;
    if (vars == NULL)
        return;
    *at = vars->next;
    free_vars(vars);
}

void tdh_vars_free(struct tdh_frame *frame)
{
    while (frame->held != NULL) {
        struct tdh_vars *vars = frame->held;

        frame->held = vars->next;
        free_vars(vars);
    }
}

/* *ret_fits: false when a value is none for its variable, which err tells. */
static json_t *first_values(struct tdh_flow_state *state, struct tdh_frame *frame,
                            const struct tdh_scope *scope, bool *ret_fits, struct td_err *err)
{
    json_t *own = json_object();

    if (own == NULL)
        no_memory(err);
    for (size_t i = 0; own != NULL && i < scope->begin_count; i++) {
        const struct tdh_assign *begin = &scope->begins[i];
        json_t *value = tdh_frame_eval(state, frame, NULL, begin->value, err);
        int rc = -1;

        if (value == NULL)
            td_context(err, "variable \"%.100s\"", begin->variable);
        else if (tdh_types_check(begin, value, err) != 0)
            *ret_fits = err->code == TD_E_NOMEM;
        else if (json_object_set(own, begin->variable, value) != 0)
            no_memory(err);
        else
            rc = 0;
        json_decref(value);
        if (rc != 0) {
            json_decref(own);
            own = NULL;
        }
    }
    return own;
}

struct tdh_vars *tdh_vars_begin(struct tdh_flow_state *state, struct tdh_frame *frame,
                                const struct tdh_node *node, bool *ret_fits, struct td_err *err)
{
    json_t *own = node->scope->is_plain ? json_incref(node->scope->first)
                                        : first_values(state, frame, node->scope, ret_fits, err);

    return own != NULL ? tdh_vars_new(frame, node, own, err) : NULL;
}

/* --- reading --- */

static uint64_t writes_around(const struct tdh_flow_state *state, const struct tdh_vars *vars)
{
    uint64_t writes = state->writes;

    for (vars = vars->outer; vars != NULL; vars = vars->outer)
        writes += vars->writes;
    return writes;
}

json_t *tdh_vars_view(const struct tdh_flow_state *state, struct tdh_vars *vars)
{
    uint64_t writes;
    json_t *outer;

    if (vars == NULL)
        return state->vars;
    writes = writes_around(state, vars);
    if (vars->view != NULL && vars->seen == writes)
        return vars->view;
    json_decref(vars->view);
    outer = tdh_vars_view(state, vars->outer); /* as many levels as bodies nest */
    vars->view = outer != NULL ? json_copy(outer) : NULL;
    if (vars->view != NULL && json_object_update(vars->view, vars->own) != 0) {
        json_decref(vars->view);
        vars->view = NULL;
    }
    vars->seen = writes;
    return vars->view;
}

/* --- writing --- */

int tdh_vars_set(struct tdh_flow_state *state, struct tdh_frame *frame,
                 const struct tdh_assign *assign, json_t *value, struct td_err *err)
{
    struct tdh_vars *vars = frame->vars;

    while (vars != NULL && vars->scope != assign->scope)
        vars = vars->outer;
    if (vars == NULL) {
        state->writes++;
        return tdh_flow_set(&state->vars, assign->variable, value, err);
    }
    vars->writes++;
    if (vars->view != NULL &&
        tdh_flow_set(&vars->view, assign->variable, json_incref(value), err) != 0) {
        json_decref(value);
        return -1;
    }
    return tdh_flow_set(&vars->own, assign->variable, value, err);
}

void tdh_vars_keep(const struct tdh_flow_state *state, const struct tdh_frame *frame,
                   struct tdh_vars_kept *kept)
{
    unsigned at = 0;

    kept->own[at++] = json_incref(state->vars);
    for (const struct tdh_vars *vars = frame->vars; vars != NULL; vars = vars->outer)
        kept->own[at++] = json_incref(vars->own);
}

/* Returns whether the values are others again. */
static bool give_back(json_t **own, json_t *before, bool is_back)
{
    json_t *old = is_back ? *own : before;

    if (is_back)
        *own = before;
    json_decref(old);
    return is_back;
}

void tdh_vars_let(struct tdh_flow_state *state, const struct tdh_frame *frame,
                  const struct tdh_vars_kept *kept, bool is_back)
{
    unsigned at = 0;

    state->writes += give_back(&state->vars, kept->own[at++], is_back);
    for (struct tdh_vars *vars = frame->vars; vars != NULL; vars = vars->outer) {
        if (!give_back(&vars->own, kept->own[at++], is_back))
            continue;
        vars->writes++;
        json_decref(vars->view);
        vars->view = NULL;
    }
}
