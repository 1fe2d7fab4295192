/* SPDX-License-Identifier: Apache-2.0 */
/*
 * execute: asks become calls, timers and child runs.
 *
 * Calls that need not wait for the disk (hold.c) wait in the hub's queue for an executor: a
 * coroutine that runs one after another, so a chain of steps that never wait costs no switch. One
 * spare executor stands by while there is a queue; it gets its turn when the other waits.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err_json.h"
#include "run/recover.h"

enum { CALLS_PER_TURN = 64, AGAIN_NS = 10 * 1000 * 1000 };

/* --- what happens when a call comes back --- */

/* Nobody knows whether the effect happened: a person is asked. */
static void ask_person(struct tdh_ask_entry *ask)
{
    struct tdh_run *run = ask->run;

    ask->state = TDH_ASK_DOUBT;
    run->status = TDH_RUN_IN_DOUBT;
    td_fail(&run->why, TD_E_DOUBT,
            "run %s: step \"%s\" (%s.%s) was under way when its process ended, and may have taken "
            "effect",
            run->id, ask->path, tdh_ask_acting(ask)->name, ask->target->action);
    td_hint(&run->why, "look, then: tdev runs resume %s --retry, --done JSON or --fail", run->id);
    run->tries = 0; /* it came as far as it can by itself */
    run->is_record_due = true;
    tdh_journal_touch(run);
    tdh_run_wake(run);
}

/* --- executors --- */

static int emit_chunk(void *arg, const json_t *chunk, struct td_err *err)
{
    struct tdh_ask_entry *ask = arg;

    (void)err;
    if (ask->state != TDH_ASK_GONE)
        tdh_run_tell(ask->run, "chunk", ask->path, chunk, NULL);
    return 0;
}

/* True when nobody wants the outcome any more, or there is none, as the process is about to end:
 * the ask stays open then. */
static bool is_over(struct tdh_ask_entry *ask, int rc)
{
    bool is_ending = ask->run->engine->is_stopping && rc != 0 && tdh_co_is_cancelled(tdh_co_self());

    if (ask->state == TDH_ASK_GONE) {
        tdh_budget_late(ask);
        tdh_ask_remove(ask);
        return true;
    }
    ask->state = TDH_ASK_OPEN;
    ask->co = NULL;
    if (ask->timer.place != 0)
        tdh_timer_stop(&ask->timer);
    if (!ask->run->is_broken && !is_ending)
        return false;
    ask->used = NULL;
    return true;
}

/* What a person said, and it cannot be taken: the person is asked again. */
static void ask_again(struct tdh_ask_entry *ask, const struct td_err *why)
{
    ask_person(ask);
    ask->run->why.code = TD_E_INVAL;
    td_context(&ask->run->why, "%s", why->text);
}

static void decide(struct tdh_ask_entry *ask)
{
    struct td_err err;

    switch (ask->decision) {
    case TDH_DECIDE_RETRY:
        tdh_execute(ask);
        break;
    case TDH_DECIDE_DONE:
        if (tdh_call_check_output(ask->target, ask->decided, &err) != 0)
            ask_again(ask, &err);
        else
            tdh_answer_late(ask, ask->decided, NULL);
        break;
    case TDH_DECIDE_FAIL:
        td_fail(&err, TD_E_DOUBT,
                "step \"%s\" was under way when its process ended, and may have taken effect",
                ask->path);
        tdh_answer_late(ask, NULL, &err);
        break;
    case TDH_DECIDE_NONE:
        ask_person(ask);
        break;
    }
}

static void go_on_unknown(struct tdh_ask_entry *ask, bool is_not_done)
{
    tdh_budget_aside(ask);
    if (is_not_done)
        tdh_execute(ask);
    else
        decide(ask);
}

static void reconcile(struct tdh_ask_entry *ask, struct tdh_call *call)
{
    enum td_reconciled answer = TD_UNKNOWN;
    struct td_err err;
    int rc = call->target->reconcile(call, &answer, &err);

    ask->run->hub->is_looping = true;
    if (is_over(ask, rc))
        return;
    ask->is_reconciling = false;
    if (rc == 0 && answer == TD_DONE && call->output != NULL &&
        tdh_call_check_output(ask->target, call->output, &err) == 0)
        tdh_fold_done(ask, call->output);
    else
        go_on_unknown(ask, rc == 0 && answer == TD_NOT_DONE);
}

/* What stands in must give what was asked for. */
static int check_stand_in(const struct tdh_ask_entry *ask, const struct tdh_call *call,
                          struct td_err *err)
{
    if (ask->stand_in == NULL || tdh_call_check_output(ask->target, call->output, err) == 0)
        return 0;
    err->code = TD_E_EXEC;
    err->is_retryable = false;
    return td_context(err, "what stands in for it is \"%s\"", ask->stand_in->name);
}

static void attempt(struct tdh_ask_entry *ask, struct tdh_call *call)
{
    struct tdh_recovery next = { 0 };
    struct td_err err;
    int rc;

    call->attempt = ++ask->attempt;
    if (call->attempt > 1 && call->target->line != NULL)
        tdh_ledger_add(&call->target->line->retries, 1);
    if (call->attempt > 1 && call->tenant != NULL)
        tdh_ledger_add(&call->tenant->retries, 1);
    tdh_run_tell(ask->run, "started", ask->path, NULL, NULL);
    rc = tdh_call_run(call, &err);
    if (rc == 0)
        rc = check_stand_in(ask, call, &err);
    if (rc != 0 && ask->state != TDH_ASK_GONE)
        tdh_recover_look(ask, &next, &err);
    ask->run->hub->is_looping = true;
    if (is_over(ask, rc))
        return;
    if (rc == 0)
        tdh_fold_done(ask, call->output);
    else
        tdh_recover_act(ask, &next, &err);
}

static void run_call(struct tdh_ask_entry *ask)
{
    struct tdh_run *run = ask->run;
    struct tdh_call call = { .target = tdh_ask_acting(ask),
                             .is_stand_in = ask->stand_in != NULL,
                             .input = ask->input,
                             .policy = &ask->policy,
                             .is_single = true,
                             .hops = run->hops,
                             .tenant = run->account,
                             .emit = emit_chunk,
                             .emit_arg = ask };
    char key[TDH_ID_SIZE + 4096];
    struct tdh_meters used;
    _Atomic uint64_t cpu_ns = 0;
    uint64_t begun_ns = run->account != NULL ? tdh_clock_mono_ns() : 0;

    used.count = 0;
    call.used = &used;
    call.cpu_ns = &cpu_ns;
    ask->used = &used;
    snprintf(key, sizeof(key), "%s/%s/%u", run->id, ask->path, ask->number);
    call.key = ask->key != NULL ? ask->key : key;
    run->holds++;
    run->calls++;
    tdh_edition_hold(call.target->edition);
    run->hub->is_looping = false;
    json_incref(ask->input);
    ask->state = TDH_ASK_RUNNING;
    ask->may_have_begun = ask->is_reconciling && ask->may_have_begun;
    ask->co = tdh_co_self();
    tdh_stop_arm(ask);
    if (ask->is_reconciling)
        reconcile(ask, &call);
    else
        attempt(ask, &call);
    json_decref((json_t *)call.input);
    json_decref(call.output);
    tdh_edition_release(call.target->edition);
    tdh_ledger_add(&run->cpu_ns, atomic_load(&cpu_ns));
    tdh_tenant_charge(run);
    if (run->account != NULL)
        tdh_ledger_add(&run->account->wall_ns, tdh_clock_mono_ns() - begun_ns);
    tdh_crowd_leave(run);
    tdh_run_release(run);
}

/* When it fits into the budget. */
static void begin_call(struct tdh_ask_entry *ask)
{
    struct tdh_run *run = ask->run;

    run->holds++;
    run->hub->is_looping = true;
    if (ask->is_reconciling || tdh_budget_take(ask))
        run_call(ask);
    else
        tdh_crowd_next(run);
    tdh_run_release(run);
}

/* What may have taken effect is found out first. */
static bool can_stop(const struct tdh_ask_entry *ask)
{
    return ask->is_stopped && !ask->may_have_begun;
}

/* Nothing of it is under way, and nothing more is wanted. */
static void answer_stopped(struct tdh_ask_entry *ask)
{
    struct td_err err;

    ask->state = TDH_ASK_OPEN;
    td_fail(&err, TD_E_CANCELLED, "it was stopped before it began");
    tdh_answer_late(ask, NULL, &err);
}

static void executor(void *arg);

static void ensure_spare(struct tdh_hub *hub);

static void look_again(struct tdh_timer *timer)
{
    ensure_spare((struct tdh_hub *)((char *)timer - offsetof(struct tdh_hub, again)));
}

/* Those that run go on with the queue; when there is none, it is tried again soon. */
static void do_without_spare(struct tdh_hub *hub)
{
    struct td_err err;

    if (hub->executors == 0)
        tdh_timer_set(&hub->again, tdh_clock_mono_ns() + AGAIN_NS, look_again, &err);
}

static void ensure_spare(struct tdh_hub *hub)
{
    struct td_err err;

    if (hub->queue_count == 0 || hub->has_spare || hub->engine->is_stopping ||
        hub->executors >= hub->engine->options.calls_max)
        return;
    if (tdh_co_spawn(executor, hub, NULL, &err) != 0) {
        do_without_spare(hub);
        return;
    }
    hub->has_spare = true;
    hub->executors++;
}

static void executor(void *arg)
{
    struct tdh_hub *hub = arg;
    struct tdh_ask_entry *ask;
    unsigned count = 0;

    hub->has_spare = false;
    while (!hub->engine->is_stopping && (ask = tdh_queue_take(hub)) != NULL) {
        ensure_spare(hub);
        if (ask->state == TDH_ASK_GONE)
            tdh_ask_remove(ask);
        else if (ask->run->is_broken)
            ask->state = TDH_ASK_OPEN; /* no longer of the queue: it goes with its run */
        else if (can_stop(ask) && !ask->is_reconciling)
            answer_stopped(ask);
        else if (ask->run->is_paused && !ask->is_reconciling)
            ask->state = TDH_ASK_PAUSED;
        else if (tdh_crowd_is_full(ask->run))
            tdh_crowd_wait(ask);
        else
            begin_call(ask);
        if (tdh_co_is_cancelled(tdh_co_self()))
            break; /* it served a call that was cancelled: a fresh one goes on */
        if (++count % CALLS_PER_TURN == 0) {
            hub->is_looping = false;
            tdh_co_yield();
        }
    }
    hub->is_looping = false;
    hub->executors--;
    ensure_spare(hub);
}

static void enqueue(struct tdh_ask_entry *ask)
{
    struct tdh_hub *hub = ask->run->hub;

    ask->state = TDH_ASK_QUEUED;
    tdh_queue_put(hub, ask);
    if (!hub->is_looping)
        ensure_spare(hub);
}

/* --- asks to work --- */

void tdh_execute(struct tdh_ask_entry *ask)
{
    struct td_err err;

    if (ask->run->is_broken)
        return;
    if (can_stop(ask)) {
        answer_stopped(ask);
        return;
    }
    if (ask->run->is_paused && tdh_ask_is_work(ask)) {
        ask->state = TDH_ASK_PAUSED;
        return;
    }
    switch (ask->kind) {
    case TDH_ASK_TIMER:
        tdh_run_tell(ask->run, "started", ask->path, NULL, NULL);
        tdh_due_arm(ask);
        break;
    case TDH_ASK_WAIT:
        tdh_ask_tell_wait(ask);
        if (ask->name != NULL && tdh_signal_kept(ask->run, ask->name) != NULL)
            tdh_answer_signal(ask);
        break;
    case TDH_ASK_RUN:
        tdh_run_tell(ask->run, "started", ask->path, NULL, NULL);
        tdh_child_begin(ask);
        break;
    case TDH_ASK_CALL:
        if (ask->target == NULL) {
            if (ask->decided != NULL)
                tdh_err_from_json(ask->decided, &err);
            else
                td_fail(&err, TD_E_NOTFOUND, "%s", ask->name != NULL ? ask->name : "no such agent");
            tdh_answer_late(ask, NULL, &err);
        } else if (tdh_ask_must_wait(ask)) {
            tdh_ask_hold(ask);
        } else {
            enqueue(ask);
        }
        break;
    }
}

void tdh_execute_paused(struct tdh_run *run)
{
    struct tdh_ask_entry *next;

    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = next) {
        next = ask->next;
        if (ask->state == TDH_ASK_BACKOFF && ask->timer.place == 0) {
            tdh_due_arm(ask);
        } else if (ask->state == TDH_ASK_PAUSED) {
            ask->state = TDH_ASK_OPEN;
            tdh_execute(ask);
        }
    }
}

/* What runs, or waits in a queue, hears of it there. */
void tdh_execute_stop(struct tdh_ask_entry *ask)
{
    tdh_stop_arm(ask);
    if (ask->kind == TDH_ASK_RUN) {
        if (ask->child != NULL && ask->run->has_stop_ms)
            tdh_stop_within(ask->child, ask->run->stop_ms);
        if (ask->child != NULL)
            tdh_run_cancel(ask->child);
    } else if (can_stop(ask) && (ask->state == TDH_ASK_OPEN || ask->state == TDH_ASK_BACKOFF ||
                                 ask->state == TDH_ASK_PAUSED)) {
        if (ask->timer.place != 0)
            tdh_timer_stop(&ask->timer);
        answer_stopped(ask);
    }
}

static enum td_in_doubt doubt_policy(const struct tdh_ask_entry *ask)
{
    const struct tdh_target *target = tdh_ask_acting(ask); /* the others are known to have failed */
    struct td_policy policy = tdh_policy_merge(&ask->policy, &target->policy);

    if (target->effects == TDH_EFFECTS_NONE)
        return TD_DOUBT_RETRY;
    if (policy.in_doubt != TD_DOUBT_DEFAULT)
        return policy.in_doubt;
    if (target->effects == TDH_EFFECTS_IDEMPOTENT)
        return TD_DOUBT_RETRY;
    return target->has_reconcile ? TD_DOUBT_RECONCILE : TD_DOUBT_ASK;
}

bool tdh_doubt_is_asked(const struct tdh_ask_entry *ask, const struct tdh_resume *resume)
{
    enum td_in_doubt policy = doubt_policy(ask);

    return resume->decision == TDH_DECIDE_NONE &&
           (policy == TD_DOUBT_ASK ||
            (policy == TD_DOUBT_RECONCILE && !tdh_ask_acting(ask)->has_reconcile));
}

static void resume_call(struct tdh_ask_entry *ask, const struct tdh_resume *resume)
{
    enum td_in_doubt policy = doubt_policy(ask);

    ask->decision = resume->decision;
    ask->may_have_begun = ask->target->effects != TDH_EFFECTS_NONE;
    if (ask->decision == TDH_DECIDE_NONE && policy == TD_DOUBT_FAIL)
        ask->decision = TDH_DECIDE_FAIL;
    if (ask->decision == TDH_DECIDE_DONE)
        ask->decided = json_incref(resume->output != NULL ? resume->output : json_null());
    if (policy == TD_DOUBT_RECONCILE && tdh_ask_acting(ask)->has_reconcile) {
        ask->is_reconciling = true;
        enqueue(ask);
    } else if (policy == TD_DOUBT_RETRY) {
        tdh_execute(ask);
    } else {
        decide(ask);
    }
}

/* A child run: one that has ended is known by how; one that never began, begins. Those that live go
 * on by themselves. */
static void resume_run(struct tdh_ask_entry *ask)
{
    struct td_err err;

    if (ask->decision == TDH_DECIDE_NONE) {
        tdh_execute(ask);
    } else if (ask->decision == TDH_DECIDE_DONE) {
        tdh_answer_late(ask, ask->decided, NULL);
    } else {
        tdh_err_from_json(ask->decided, &err);
        tdh_answer_late(ask, NULL, &err);
    }
}

/* After a rebuild: an ask that was open when the run's last owner ended. Nothing is folded before
 * this returns. */
void tdh_execute_resumed(struct tdh_ask_entry *ask, const struct tdh_resume *resume)
{
    if (ask->kind == TDH_ASK_CALL && ask->state == TDH_ASK_BACKOFF) {
        if (ask->is_stopped)
            answer_stopped(ask);
        else
            tdh_due_arm(ask);
    } else if (ask->state == TDH_ASK_PAUSED) { /* it never began */
        ask->state = TDH_ASK_OPEN;
        tdh_execute(ask);
    } else if (ask->kind == TDH_ASK_CALL && ask->target != NULL) {
        resume_call(ask, resume);
    } else if (ask->kind == TDH_ASK_RUN) {
        resume_run(ask);
    } else {
        tdh_execute(ask);
    }
}
