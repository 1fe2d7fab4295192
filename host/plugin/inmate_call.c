/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inmate_call: the requests of the host: each a coroutine, in which the plugin's code runs as it
 * would inline.
 *
 * The host says what is made before what uses it, and waits for the answer in between, so a number
 * that is not known is a mistake of the host; it is told like any other failure.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/said.h"
#include "plugin/inmate.h"

/* --- what a request does --- */

/* An action, or its reconcile, on its way. */
struct action {
    struct tdh_served *served;
    struct tdh_inmate_instance *instance;
    const struct td_action *action;
    json_t *input, *output;
    enum td_reconciled answer;
};

static int run_action(void *arg, struct td_err *err)
{
    struct action *action = arg;
    struct tdh_ctx ctx;
    int rc;

    tdh_inmate_enter(&ctx, action->instance->template, action->instance->state, action->served);
    ctx.action = action->action;
    ctx.action_name = action->action->name;
    tdh_unsaid(err);
    if (action->served->frame->head.kind == TDH_FRAME_CALL)
        rc = action->action->run(&ctx.pub, action->input, &action->output, err);
    else if (action->action->reconcile != NULL)
        rc = action->action->reconcile(&ctx.pub, action->input, &action->answer, &action->output,
                                       err);
    else
        rc = 0; /* it has none: nobody knows */
    tdh_ctx_end(&ctx);
    return rc;
}

static int read_call(struct action *action, struct td_err *err)
{
    const struct tdh_frame *frame = action->served->frame;
    size_t at = 0;
    const char *key = tdh_frame_text(frame, &at);

    action->instance = tdh_inmate_instance(frame->head.subject);
    if (action->instance == NULL || key == NULL ||
        frame->head.place >= tdh_inmate.plugin->manifest->capability_count)
        return td_fail(err, TD_E_INTERNAL, "a call of an instance that is not there");
    action->action = tdh_inmate.plugin->actions[frame->head.place];
    action->served->key = key[0] != '\0' ? key : NULL;
    action->served->is_call = true;
    action->input = tdh_frame_json(frame, at, err);
    return action->input != NULL ? 0 : -1;
}

/* The output as JSON; one that is none is as with an inline plugin, told by the host's path. */
static int put_output(const struct action *action, struct tdh_buf *payload, struct td_err *err)
{
    const char *fault = action->output != NULL ? tdh_json_fault(action->output) : NULL;

    if (fault != NULL)
        return td_fail(err, TD_E_EXEC, "\"%s\" action \"%s\": its output %s",
                       action->instance->template->name, action->action->name, fault);
    if (action->output == NULL && action->served->frame->head.kind == TDH_FRAME_CALL)
        return td_fail(err, TD_E_EXEC, "\"%s\" action \"%s\" succeeded without an output",
                       action->instance->template->name, action->action->name);
    if (action->output != NULL)
        tdh_buf_json(payload, action->output, 0);
    if (payload->length > TDH_FRAME_MAX)
        return td_fail(err, TD_E_LIMIT, "its output of %zu bytes is too long, the most is %d",
                       payload->length, TDH_FRAME_MAX);
    return payload->failed ? td_fail(err, TD_E_NOMEM, "could not allocate its output") : 0;
}

static int do_call(struct tdh_served *served, struct tdh_frame_head *done, struct tdh_buf *payload,
                   struct td_err *err)
{
    struct action action = { .served = served, .answer = TD_UNKNOWN };
    int rc = -1;

    if (read_call(&action, err) == 0) {
        action.instance->uses++;
        rc = tdh_inmate_in_place(run_action, &action, served->deadline_ns, err);
        if (rc == 0)
            rc = put_output(&action, payload, err);
        action.instance->uses--;
        done->number = action.answer;
    }
    if (action.instance != NULL && action.instance->is_dropped)
        tdh_inmate_drop(action.instance, served);
    json_decref(action.input);
    json_decref(action.output);
    return rc;
}

/* --- a request --- */

static void say_done(const struct tdh_served *served, struct tdh_frame_head *done, int rc,
                     struct tdh_buf *payload, struct td_err *why)
{
    struct td_err err;

    if (rc != 0) {
        tdh_buf_clear(payload);
        if (why->code == TD_OK)
            tdh_unsaid(why);
        tdh_frame_put_err(payload, why);
    }
    done->kind = TDH_FRAME_DONE;
    done->call = served->frame->head.call;
    done->rc = rc;
    if (tdh_link_send(&tdh_inmate.link, done, payload->data, payload->length, &err) != 0)
        _exit(1); /* the host could never know */
}

static int do_request(struct tdh_served *served, struct tdh_frame_head *done,
                      struct tdh_buf *payload, struct td_err *err)
{
    switch (served->frame->head.kind) {
    case TDH_FRAME_PREPARE:
        return tdh_inmate_prepare(served, err);
    case TDH_FRAME_INIT:
        return tdh_inmate_init(served, err);
    case TDH_FRAME_SAVE:
    case TDH_FRAME_LOAD:
    case TDH_FRAME_MIGRATE:
        return tdh_inmate_state(served, payload, err);
    default:
        return do_call(served, done, payload, err);
    }
}

static void end_served(struct tdh_served *served)
{
    free(served->answer);
    free(served->frame);
    free(served);
}

static void run_request(void *arg)
{
    struct tdh_served *served = arg;
    struct tdh_frame_head done = { 0 };
    struct tdh_buf payload = { 0 };
    struct td_err err = { 0 };
    int rc = do_request(served, &done, &payload, &err);

    say_done(served, &done, rc, &payload, &err);
    tdh_inmate.served[served->frame->head.call % TDH_RUNNER_CALLS] = NULL;
    tdh_buf_free(&payload);
    end_served(served);
}

/* Nobody waits for the answer to this. */
static void run_drop(void *arg)
{
    struct tdh_served *served = arg;
    struct tdh_inmate_instance *instance = tdh_inmate_instance(served->frame->head.subject);

    if (instance != NULL && !instance->is_dropped)
        tdh_inmate_drop(instance, served);
    end_served(served);
}

/* --- frames --- */

static void spawn(struct tdh_frame *frame, tdh_co_fn *fn, bool is_answered)
{
    struct tdh_served *served = calloc(1, sizeof(*served));
    struct td_err err;

    if (served == NULL)
        _exit(1);
    served->frame = frame;
    served->deadline_ns = TDH_NEVER;
    if (frame->head.kind == TDH_FRAME_CALL || frame->head.kind == TDH_FRAME_RECONCILE)
        served->deadline_ns = frame->head.number;
    if (tdh_co_spawn(fn, served, &served->co, &err) != 0)
        _exit(1);
    served->is_answered = is_answered;
    if (is_answered)
        tdh_inmate.served[frame->head.call % TDH_RUNNER_CALLS] = served;
}

static struct tdh_served *served_of(const struct tdh_frame *frame)
{
    struct tdh_served *served = tdh_inmate.served[frame->head.call % TDH_RUNNER_CALLS];

    return served != NULL && served->frame->head.call == frame->head.call ? served : NULL;
}

static void take_cancel(const struct tdh_frame *frame)
{
    struct tdh_served *served = served_of(frame);

    if (served == NULL)
        return; /* it was done meanwhile */
    atomic_store(&served->is_cancelled, true);
    tdh_co_cancel(served->co);
    if (served->inner != NULL)
        tdh_co_cancel(served->inner);
}

/* Returns whether the frame is kept. */
static bool take_answer(struct tdh_frame *frame)
{
    struct tdh_served *served = served_of(frame);

    if (served == NULL || served->asker == NULL || served->answer != NULL)
        return false;
    served->answer = frame;
    tdh_co_wake(served->asker);
    return true;
}

void tdh_inmate_take(struct tdh_frame *frame)
{
    bool is_kept = true;

    switch (frame->head.kind) {
    case TDH_FRAME_PREPARE:
    case TDH_FRAME_INIT:
    case TDH_FRAME_CALL:
    case TDH_FRAME_RECONCILE:
    case TDH_FRAME_SAVE:
    case TDH_FRAME_LOAD:
    case TDH_FRAME_MIGRATE:
        spawn(frame, run_request, true);
        break;
    case TDH_FRAME_DROP:
        spawn(frame, run_drop, false);
        break;
    case TDH_FRAME_RELEASE:
        tdh_inmate_release(frame->head.subject);
        is_kept = false;
        break;
    case TDH_FRAME_ANSWER:
        is_kept = take_answer(frame);
        break;
    case TDH_FRAME_CANCEL:
        take_cancel(frame);
        is_kept = false;
        break;
    case TDH_FRAME_END:
        tdh_inmate.is_over = true;
        tdh_co_wake(tdh_inmate.main);
        is_kept = false;
        break;
    default:
        is_kept = false;
        break;
    }
    if (!is_kept)
        free(frame);
}
