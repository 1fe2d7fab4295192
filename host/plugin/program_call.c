/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program_call: calls to a program. A coroutine waits for the end of its own; what comes meanwhile
 * is handed to it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plugin/process.h"

struct tdh_program_ask *tdh_program_ask_of(const struct tdh_program *program, uint64_t id)
{
    struct tdh_program_ask *ask = program->asks[id & (TDH_PROGRAM_CALLS - 1)];

    return ask != NULL && ask->id == id ? ask : NULL;
}

static void free_ask(struct tdh_program_ask *ask)
{
    struct tdh_program *program = ask->program;

    if (tdh_worker_self() != NULL)
        tdh_timer_stop(&ask->timer);
    program->asks[ask->id & (TDH_PROGRAM_CALLS - 1)] = NULL;
    program->ask_count--;
    json_decref(ask->chunks);
    json_decref(ask->output);
    free(ask);
}

static struct tdh_program_ask *new_ask(struct tdh_program *program, struct tdh_program_call *call,
                                       struct td_err *err)
{
    struct tdh_program_ask *ask;

    if (program->ask_count >= TDH_PROGRAM_CALLS) {
        td_fail(err, TD_E_LIMIT, "program of \"%s\": %d calls are under way already", program->name,
                TDH_PROGRAM_CALLS);
        return NULL;
    }
    ask = calloc(1, sizeof(*ask));
    if (ask == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a call");
        return NULL;
    }
    do
        program->next_id++;
    while (program->asks[program->next_id & (TDH_PROGRAM_CALLS - 1)] != NULL);
    *ask = (struct tdh_program_ask){
        .id = program->next_id, .program = program, .call = call, .co = tdh_co_self()
    };
    program->asks[ask->id & (TDH_PROGRAM_CALLS - 1)] = ask;
    program->ask_count++;
    return ask;
}

void tdh_program_finish(struct tdh_program_ask *ask)
{
    ask->is_done = true;
    if (ask->call != NULL)
        tdh_co_wake(ask->co);
    else
        free_ask(ask);
}

void tdh_program_end_asks(struct tdh_program *program)
{
    for (size_t i = 0; i < TDH_PROGRAM_CALLS; i++) {
        struct tdh_program_ask *ask = program->asks[i];

        if (ask == NULL || ask->is_done)
            continue;
        ask->why = program->why;
        if (ask->call != NULL && ask->call->is_external && program->written > ask->begins) {
            ask->why.code = TD_E_DOUBT;
            ask->why.is_retryable = false;
            td_hint(&ask->why, "look whether action \"%s\" was done before it is tried again",
                    ask->call->action);
        }
        tdh_program_finish(ask);
    }
}

/* --- what is sent --- */

static int send_line(struct tdh_program *program, const struct tdh_buf *line, struct td_err *err)
{
    if (line->failed)
        return td_fail(err, TD_E_NOMEM, "could not allocate a call");
    if (program->to.length - program->to_done + line->length > TDH_PROGRAM_WAITING)
        return td_fail(err, TD_E_LIMIT, "program of \"%s\": %d MiB wait to be read by it",
                       program->name, TDH_PROGRAM_WAITING >> 20);
    tdh_buf_add(&program->to, line->data, line->length);
    if (program->to.failed) {
        tdh_program_kill(program, "the host has no memory");
        return td_fail(err, TD_E_NOMEM, "could not allocate a call");
    }
    tdh_program_flush(program);
    return 0;
}

static int send_call(struct tdh_program_ask *ask, struct td_err *err)
{
    const struct tdh_program_call *call = ask->call;
    struct tdh_program *program = ask->program;
    struct tdh_buf line = { 0 };
    int rc;

    tdh_buf_printf(&line, "{\"id\": %llu, \"action\": ", (unsigned long long)ask->id);
    tdh_buf_json_string(&line, call->action, strlen(call->action));
    tdh_buf_text(&line, ", \"input\": ");
    tdh_buf_json(&line, call->input, 0);
    if (call->key != NULL) {
        tdh_buf_text(&line, ", \"key\": ");
        tdh_buf_json_string(&line, call->key, strlen(call->key));
    }
    tdh_buf_text(&line, "}\n");
    ask->begins = program->written + (program->to.length - program->to_done);
    rc = send_line(program, &line, err);
    tdh_buf_free(&line);
    return rc;
}

/* --- the end of a call --- */

static void on_overdue(struct tdh_timer *timer)
{
    struct tdh_program_ask *ask =
        (struct tdh_program_ask *)((char *)timer - offsetof(struct tdh_program_ask, timer));

    tdh_program_kill(ask->program, "it did not end a call within %d s of its cancel",
                     TDH_PROGRAM_STOP_MS / 1000);
}

/* Nobody waits any more. The program is told; when it does not end the call, it is ended. */
static int leave(struct tdh_program_ask *ask, enum tdh_woken woken, struct td_err *err)
{
    const struct tdh_program_call *call = ask->call;
    struct tdh_program *program = ask->program;
    struct tdh_buf line = { 0 };
    struct td_err ignored;
    uint64_t id = ask->id;

    if (woken == TDH_WAIT_CANCELLED)
        td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    else
        td_fail(err, TD_E_TIMEOUT, "the call's time ran out: action \"%s\"", call->action);
    ask->call = NULL;
    json_decref(ask->chunks);
    ask->chunks = NULL;
    if (program->is_held) {
        program->is_held = false;
        tdh_program_read(program);
    }
    if (tdh_program_ask_of(program, id) == NULL) /* that was its end */
        return -1;
    tdh_buf_printf(&line, "{\"cancel\": %llu}\n", (unsigned long long)id);
    if (send_line(program, &line, &ignored) != 0 ||
        tdh_timer_set(&ask->timer, tdh_clock_mono_ns() + TDH_PROGRAM_STOP_MS * UINT64_C(1000000),
                      on_overdue, &ignored) != 0)
        tdh_program_kill(program, "a call could not be cancelled");
    tdh_buf_free(&line);
    return -1;
}

/* Hands the pieces that have come to whoever watches. */
static int pass_chunks(struct tdh_program_ask *ask, struct td_err *err)
{
    const struct tdh_program_call *call = ask->call;
    int rc = 0;

    while (rc == 0 && json_array_size(ask->chunks) > 0) {
        json_t *chunks = ask->chunks;

        ask->chunks = NULL;
        for (size_t i = 0; rc == 0 && i < json_array_size(chunks); i++)
            rc = call->emit(call->emit_arg, json_array_get(chunks, i), err);
        json_decref(chunks);
    }
    if (ask->program->is_held) {
        ask->program->is_held = false;
        tdh_program_read(ask->program);
    }
    return rc;
}

static int finish(struct tdh_program_ask *ask, struct td_err *err)
{
    bool is_ok = ask->is_ok;

    if (is_ok) {
        ask->call->output = ask->output;
        ask->output = NULL;
    } else {
        *err = ask->why;
    }
    free_ask(ask);
    return is_ok ? 0 : -1;
}

static int await(struct tdh_program_ask *ask, uint64_t until_ns, struct td_err *err)
{
    for (;;) {
        enum tdh_woken woken;

        if (pass_chunks(ask, err) != 0) {
            struct td_err ignored;

            if (ask->is_done)
                free_ask(ask);
            else
                leave(ask, TDH_WAIT_CANCELLED, &ignored);
            return -1;
        }
        if (ask->is_done && json_array_size(ask->chunks) == 0)
            return finish(ask, err);
        woken = tdh_co_wait(until_ns);
        if (woken != TDH_WOKEN && !ask->is_done)
            return leave(ask, woken, err);
    }
}

/* --- a call --- */

struct asking {
    struct tdh_program *program;
    struct tdh_program_call *call;
    struct td_err *err;
    int rc;
};

static void ask_at_home(void *arg)
{
    struct asking *asking = arg;
    struct tdh_program_call *call = asking->call;
    uint64_t until_ns = call->deadline_ns != 0 ? call->deadline_ns : TDH_NEVER;
    struct tdh_program_ask *ask;

    asking->rc = -1;
    if (tdh_program_up(asking->program, until_ns, asking->err) != 0)
        return;
    ask = new_ask(asking->program, call, asking->err);
    if (ask == NULL)
        return;
    asking->rc = send_call(ask, asking->err);
    if (asking->rc != 0)
        free_ask(ask);
    else
        asking->rc = await(ask, until_ns, asking->err);
}

int tdh_program_call(struct tdh_program *program, struct tdh_program_call *call, struct td_err *err)
{
    struct asking asking = { program, call, err, -1 };

    if (program->home == NULL)
        program->home = tdh_worker_self();
    if (program->home == tdh_worker_self())
        ask_at_home(&asking);
    else if (tdh_hop(program->home, ask_at_home, &asking, err) != 0)
        return -1;
    return asking.rc;
}
