/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wish: what a reducer asks for during a fold becomes the event's fresh asks.
 */
#include <string.h>

#include "base/clock.h"
#include "base/err_json.h"
#include "base/json.h"
#include "run/internal.h"

const char *const tdh_ask_letters[] = { "c", "t", "w", "r" };

static struct tdh_run *run_of(struct td_asks *asks)
{
    return (struct tdh_run *)asks;
}

/* While rebuilding: the ask the journal has at this place must be this one. */
static int expect(struct tdh_run *run, const struct tdh_ask_entry *ask, const json_t **ret_row,
                  struct td_err *err)
{
    const json_t *row = json_array_get(run->expected, run->expected_at++);
    const char *kind = json_string_value(json_array_get(row, 1)),
               *path = json_string_value(json_array_get(row, 2));

    if (row == NULL)
        return td_fail(err, TD_E_CORRUPT,
                       "the definition now asks for \"%s\", where the journal has nothing more",
                       ask->path);
    if (json_integer_value(json_array_get(row, 0)) != ask->number || kind == NULL || path == NULL ||
        strcmp(kind, tdh_ask_letters[ask->kind]) != 0 || strcmp(path, ask->path) != 0)
        return td_fail(err, TD_E_CORRUPT,
                       "the journal has ask \"%s\", the definition now asks for \"%s\"",
                       path != NULL ? path : "?", ask->path);
    if (ask->kind == TDH_ASK_RUN && (json_string_value(json_array_get(row, 3)) == NULL ||
                                     !tdh_id_is_valid(json_string_value(json_array_get(row, 3)))))
        return td_fail(err, TD_E_CORRUPT, "the journal does not have the run of ask \"%s\"", path);
    *ret_row = row;
    return 0;
}

static int enter_fresh(struct tdh_run *run, struct tdh_ask_entry *ask, uint32_t *ret_ask,
                       struct td_err *err)
{
    const json_t *row = NULL;

    if (run->is_replaying && !run->is_loose && expect(run, ask, &row, err) != 0) {
        run->is_broken = true;
        run->why = *err;
        return -1;
    }
    if (ask->kind == TDH_ASK_RUN && row == NULL)
        tdh_id_new(ask->child_id);
    else if (ask->kind == TDH_ASK_RUN)
        snprintf(ask->child_id, sizeof(ask->child_id), "%s",
                 json_string_value(json_array_get(row, 3)));
    ask->queue_next = NULL;
    *(run->fresh_last != NULL ? &run->fresh_last->queue_next : &run->fresh) = ask;
    run->fresh_last = ask;
    if (ret_ask != NULL)
        *ret_ask = ask->number;
    return 0;
}

static int need(const void *value, const char *what, struct td_err *err)
{
    return value != NULL ? 0 : td_fail(err, TD_E_INVAL, "a reducer's ask needs \"%s\"", what);
}

/* The edition that the journal has for the ask that comes next; NULL: none. */
static const char *journalled_edition(const struct tdh_run *run)
{
    return run->is_replaying && !run->is_loose && !run->is_unpinned
               ? json_string_value(
                     json_array_get(json_array_get(run->expected, run->expected_at), 3))
               : NULL;
}

static int check_wish(const struct td_ask *wish, struct td_err *err)
{
    if (need(wish->name, "name", err) != 0 || need(wish->path, "path", err) != 0 ||
        need(wish->input, "input", err) != 0)
        return -1;
    return wish->target == TD_TARGET_AGENT ? need(wish->action, "action", err) : 0;
}

static int ask_call(struct td_asks *asks, const struct td_ask *wish, uint32_t *ret_ask,
                    struct td_err *err)
{
    struct tdh_run *run = run_of(asks);
    bool is_agent = wish->target == TD_TARGET_AGENT;
    struct tdh_ask_entry *ask = NULL;

    if (check_wish(wish, err) == 0)
        ask = tdh_ask_add(run, is_agent ? TDH_ASK_CALL : TDH_ASK_RUN, wish->path, wish->tag, err);
    if (ask == NULL) {
        json_decref(wish->input);
        return -1;
    }
    ask->input = wish->input;
    ask->config = wish->config != NULL ? json_incref((json_t *)wish->config) : NULL;
    ask->policy = wish->policy != NULL ? *wish->policy : (struct td_policy){ 0 };
    ask->run_target = wish->target;
    if (is_agent) {
        struct td_err why;

        if (tdh_pin_find(run, wish->name, wish->action, journalled_edition(run), &ask->target,
                         &why) != 0) {
            ask->name = strdup(why.text);
            ask->decided =
                tdh_err_json(&why); /* told as the ask's failure: the reducer decides */
        }
    } else {
        ask->name = strdup(wish->name);
    }
    return enter_fresh(run, ask, ret_ask, err);
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    struct tdh_run *run = run_of(asks);
    struct tdh_ask_entry *ask =
        need(path, "path", err) == 0 ? tdh_ask_add(run, TDH_ASK_TIMER, path, tag, err) : NULL;

    if (ask == NULL)
        return -1;
    ask->delay_us = (int64_t)(delay_ms * 1000);
    ask->due_us = run->now_us + ask->delay_us;
    if (!run->is_replaying)
        ask->due_ns = tdh_clock_mono_ns() + delay_ms * 1000000;
    return enter_fresh(run, ask, ret_ask, err);
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    struct tdh_ask_entry *ask = NULL;

    if (need(path, "path", err) == 0 && need(signal, "signal", err) == 0)
        ask = tdh_ask_add(run_of(asks), TDH_ASK_WAIT, path, tag, err);
    if (ask == NULL)
        return -1;
    ask->name = strdup(signal);
    return enter_fresh(run_of(asks), ask, ret_ask, err);
}

static int ask_question(struct td_asks *asks, const char *path, uint64_t tag, const json_t *about,
                        uint32_t *ret_ask, struct td_err *err)
{
    struct tdh_ask_entry *ask = NULL;

    if (need(path, "path", err) == 0 && need(about, "about", err) == 0)
        ask = tdh_ask_add(run_of(asks), TDH_ASK_WAIT, path, tag, err);
    if (ask == NULL)
        return -1;
    ask->config = json_incref((json_t *)about);
    return enter_fresh(run_of(asks), ask, ret_ask, err);
}

static bool is_fresh(const struct tdh_run *run, const struct tdh_ask_entry *ask)
{
    const struct tdh_ask_entry *at = run->fresh;

    while (at != NULL && at != ask)
        at = at->queue_next;
    return at != NULL;
}

/* One that was made by this very fold stays in the list of the event, as it was asked for, and is
 * let go with it. */
static int ask_cancel(struct td_asks *asks, uint32_t number, struct td_err *err)
{
    struct tdh_ask_entry *ask = tdh_ask_find(run_of(asks), number);

    (void)err;
    if (ask == NULL)
        return 0;
    if (is_fresh(run_of(asks), ask))
        ask->state = TDH_ASK_HELD;
    tdh_ask_drop(ask);
    return 0;
}

static int ask_stop(struct td_asks *asks, uint32_t number, struct td_err *err)
{
    struct tdh_ask_entry *ask = tdh_ask_find(run_of(asks), number);

    (void)err;
    if (ask == NULL)
        return 0;
    ask->is_stopped = true;
    if (!run_of(asks)->is_replaying && !is_fresh(run_of(asks), ask))
        tdh_execute_stop(ask);
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    struct tdh_run *run = run_of(asks);

    (void)err;
    json_decref(run->output);
    run->output = output != NULL ? output : json_null();
    run->is_finish_asked = true;
    run->finish_status = run->is_cancel_asked ? TDH_RUN_CANCELLED : TDH_RUN_DONE;
    return 0;
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    struct tdh_run *run = run_of(asks);

    if (need(error, "error", err) != 0)
        return -1;
    run->why = *error;
    run->is_finish_asked = true;
    run->finish_status = run->is_cancel_asked ? TDH_RUN_CANCELLED : TDH_RUN_FAILED;
    return 0;
}

static const char *ask_run_id(struct td_asks *asks)
{
    return run_of(asks)->id;
}

const struct td_asks_ops tdh_ask_ops = {
    TD_SIZE(struct td_asks_ops),
    .call = ask_call,
    .timer = ask_timer,
    .wait = ask_wait,
    .cancel = ask_cancel,
    .finish = ask_finish,
    .fail = ask_fail,
    .run_id = ask_run_id,
    .stop = ask_stop,
    .question = ask_question,
};
