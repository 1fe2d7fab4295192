/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold: events go into a run's reducer, asks come out; both are written as one event of the
 * journal.
 *
 * The same code serves a rebuild: then the event comes from the journal, and what the reducer asks
 * for is held against what the journal says it asked for. A difference parks the run: its
 * definition or plugin is not the one it began with.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/said.h"
#include "run/internal.h"

/* --- writing events --- */

static void write_asks(struct tdh_run *run)
{
    struct tdh_buf *buf = &run->events;

    tdh_buf_char(buf, '[');
    for (const struct tdh_ask_entry *ask = run->fresh; ask != NULL; ask = ask->queue_next) {
        tdh_buf_text(buf, ask == run->fresh ? "[" : ",[");
        tdh_buf_int(buf, ask->number);
        tdh_buf_text(buf, ",\"");
        tdh_buf_text(buf, tdh_ask_letters[ask->kind]);
        tdh_buf_text(buf, "\",");
        tdh_buf_json_string(buf, ask->path, strlen(ask->path));
        if (ask->kind == TDH_ASK_RUN) {
            tdh_buf_char(buf, ',');
            tdh_buf_json_string(buf, ask->child_id, strlen(ask->child_id));
        } else if (ask->target != NULL && tdh_pin_write(run, ask->target)) {
            tdh_buf_printf(buf, ",\"%s\"", ask->target->edition->id);
        }
        tdh_buf_char(buf, ']');
    }
    tdh_buf_text(buf, "]]");
}

/* The event that is about to be opened tells how an effect ended, or what was used. */
static void note_effect(struct tdh_run *run, const struct tdh_ask_entry *ask)
{
    if ((ask->target != NULL && ask->target->effects != TDH_EFFECTS_NONE) || tdh_budget_counts(ask))
        run->effect_marks = run->marks + 1;
}

/* ["L",time  */
static void open_event(struct tdh_run *run, char letter)
{
    if (!run->is_replaying)
        run->now_us = tdh_clock_us();
    if (!run->is_journalled || run->is_replaying)
        return;
    tdh_journal_begin(run);
    tdh_buf_text(&run->events, "[\"");
    tdh_buf_char(&run->events, letter);
    tdh_buf_text(&run->events, "\",");
    tdh_buf_int(&run->events, run->now_us);
    tdh_buf_char(&run->events, ',');
}

static void add_number(struct tdh_run *run, int64_t number)
{
    if (!run->is_journalled || run->is_replaying)
        return;
    tdh_buf_int(&run->events, number);
    tdh_buf_char(&run->events, ',');
}

static void add_value(struct tdh_run *run, json_t *value)
{
    size_t before = run->events.length;

    if (!run->is_journalled || run->is_replaying)
        return;
    tdh_buf_json(&run->events, value, 0);
    tdh_journal_result(run, value, run->events.length - before);
    tdh_buf_char(&run->events, ',');
}

static void add_error(struct tdh_run *run, const struct td_err *error)
{
    if (!run->is_journalled || run->is_replaying)
        return;
    tdh_event_error(&run->events, error);
    tdh_buf_char(&run->events, ',');
}

static void add_meters(struct tdh_run *run, const struct tdh_meters *meters)
{
    if (!run->is_journalled || run->is_replaying || meters == NULL)
        return;
    tdh_purse_write(meters, &run->events);
    tdh_buf_char(&run->events, ',');
}

/* Replaces the comma behind the last member by the end of the event. */
static void close_event(struct tdh_run *run)
{
    if (!run->is_journalled || run->is_replaying)
        return;
    if (!run->events.failed)
        run->events.data[run->events.length - 1] = ']';
    tdh_journal_end(run);
}

static void begin_ask(struct tdh_run *run, struct tdh_ask_entry *ask)
{
    tdh_notice_ask(run, ask);
    tdh_execute(ask);
}

/* Ends the event with its asks, and sets the asks to work. */
static void close_with_asks(struct tdh_run *run)
{
    struct tdh_ask_entry *ask = run->fresh;

    if (run->is_journalled && !run->is_replaying) {
        write_asks(run);
        tdh_journal_end(run);
    }
    run->fresh = run->fresh_last = NULL;
    while (ask != NULL) {
        struct tdh_ask_entry *next = ask->queue_next;

        ask->queue_next = NULL;
        ask->mark = run->marks;
        if (ask->state == TDH_ASK_GONE)
            tdh_ask_remove(ask);
        else if (run->is_replaying && run->is_paused && tdh_ask_is_work(ask))
            ask->state = TDH_ASK_PAUSED;
        else if (!run->is_replaying && !run->is_finish_asked && !run->is_broken)
            begin_ask(run, ask);
        ask = next;
    }
}

/* For its parent, when that is rebuilt. */
static void add_used_of_child(struct tdh_run *run)
{
    struct tdh_meters total;

    if (run->parent_id[0] == '\0')
        return;
    tdh_purse_total(&run->purse, false, &total);
    add_meters(run, total.count > 0 ? &total : NULL);
}

void tdh_fold_end(struct tdh_run *run, enum tdh_run_status status, json_t *output,
                  const struct td_err *error)
{
    if (run->is_ended)
        return;
    while (run->last != NULL)
        tdh_ask_drop(run->last);
    tdh_budget_flush(run);
    open_event(run, 'e');
    if (run->is_journalled && !run->is_replaying) {
        tdh_buf_json_string(&run->events, tdh_run_status_name(status),
                            strlen(tdh_run_status_name(status)));
        tdh_buf_char(&run->events, ',');
    }
    if (status == TDH_RUN_DONE || (status == TDH_RUN_CANCELLED && output != NULL))
        add_value(run, output);
    else
        add_error(run, error);
    add_used_of_child(run);
    close_event(run);
    run->status = status;
    run->is_ended = true;
    tdh_tenant_charge(run);
    run->is_record_due = true;
    tdh_notice_end(run, output, error);
    tdh_run_tell(run, "ended", NULL, output, status == TDH_RUN_DONE ? NULL : error);
    if (run->is_journalled)
        tdh_journal_touch(run);
    else
        run->is_end_durable = true;
    tdh_run_finished(run);
}

/* After a fold: what did the reducer say? */
static void after_fold(struct tdh_run *run, int rc, const struct td_err *err)
{
    if (run->is_broken)
        return;
    if (rc != 0) {
        run->why = *err;
        run->is_finish_asked = true;
        run->finish_status = run->is_cancel_asked ? TDH_RUN_CANCELLED : TDH_RUN_FAILED;
    }
    close_with_asks(run);
    tdh_budget_flush(run);
    if (run->first == NULL && !run->is_finish_asked && !run->is_replaying && !run->is_broken) {
        td_fail(&run->why, TD_E_EXEC,
                "\"%s\" asks for nothing and does not finish: the run would wait for ever",
                run->definition->name);
        run->is_finish_asked = true;
        run->finish_status = run->is_cancel_asked ? TDH_RUN_CANCELLED : TDH_RUN_FAILED;
    }
    if (run->is_finish_asked && !run->is_replaying && !run->is_broken)
        tdh_fold_end(run, run->finish_status, run->output, &run->why);
}

static int fold(struct tdh_run *run, const struct td_event *event, struct td_err *err)
{
    const struct tdh_definition *definition = run->definition;
    struct tdh_held before = tdh_run_enter(run);
    int rc;

    run->is_folding = true;
    tdh_unsaid(err);
    rc = definition->reducer->fold(run->state, definition->plan, event, &run->asks, err);
    run->is_folding = false;
    tdh_hold_again(&before, NULL);
    return tdh_said(rc, definition->name, "fold", err);
}

static void fold_and_follow(struct tdh_run *run, struct td_event *event)
{
    struct td_err err;

    event->size = sizeof(*event);
    event->time_us = run->now_us;
    after_fold(run, fold(run, event, &err), &err);
}

void tdh_fold_done(struct tdh_ask_entry *ask, json_t *output)
{
    struct tdh_run *run = ask->run;
    struct td_event event = { .kind = TD_EVENT_DONE,
                              .ask = ask->number,
                              .attempts = ask->attempt,
                              .tag = ask->tag,
                              .output = output };

    note_effect(run, ask);
    open_event(run, 'd');
    add_number(run, ask->number);
    add_number(run, ask->attempt);
    add_value(run, output);
    add_meters(run, tdh_budget_settle(ask));
    tdh_run_tell(run, "done", ask->path, output, NULL);
    tdh_ask_remove(ask);
    fold_and_follow(run, &event);
}

void tdh_fold_failed(struct tdh_ask_entry *ask, const struct td_err *error)
{
    struct tdh_run *run = ask->run;
    struct td_event event = { .kind = TD_EVENT_FAILED,
                              .ask = ask->number,
                              .attempts = ask->attempt,
                              .tag = ask->tag,
                              .error = error };

    note_effect(run, ask);
    open_event(run, 'f');
    add_number(run, ask->number);
    add_number(run, ask->attempt);
    add_error(run, error);
    add_meters(run, tdh_budget_settle(ask));
    tdh_run_tell(run, "failed", ask->path, NULL, error);
    tdh_ask_remove(ask);
    fold_and_follow(run, &event);
}

static void add_text(struct tdh_run *run, const char *text)
{
    if (!run->is_journalled || run->is_replaying)
        return;
    tdh_buf_json_string(&run->events, text, strlen(text));
    tdh_buf_char(&run->events, ',');
}

void tdh_fold_attempt(struct tdh_ask_entry *ask, const struct td_err *error)
{
    struct tdh_run *run = ask->run;

    note_effect(run, ask);
    open_event(run, 'a');
    add_number(run, ask->number);
    add_number(run, ask->attempt);
    add_error(run, error);
    add_meters(run, tdh_budget_settle(ask));
    if (ask->stand_in != NULL && ask->before_stand_in == ask->attempt) { /* since now */
        add_text(run, ask->stand_in->name);
        add_text(run, tdh_pin_write(run, ask->stand_in) ? ask->stand_in->edition->id : "");
        add_text(run, ask->rule);
    }
    ask->due_us = run->now_us + ask->delay_us;
    add_number(run, ask->due_us);
    close_event(run);
    ask->mark = run->marks;
    tdh_run_tell(run, "retry", ask->path, NULL, error);
}

/* An attempt after a back-off is about to begin. */
void tdh_fold_begin(struct tdh_ask_entry *ask)
{
    struct tdh_run *run = ask->run;

    open_event(run, 'b');
    add_number(run, ask->number);
    add_number(run, ask->attempt);
    close_event(run);
    ask->mark = run->marks;
}

static size_t kept_place(const struct tdh_run *run, const char *signal)
{
    size_t place = 0;

    while (place < json_array_size(run->signals) &&
           strcmp(json_string_value(json_array_get(json_array_get(run->signals, place), 0)),
                  signal) != 0)
        place++;
    return place;
}

json_t *tdh_signal_kept(const struct tdh_run *run, const char *signal)
{
    return json_array_get(json_array_get(run->signals, kept_place(run, signal)), 1);
}

/* One that was kept is always taken before one that has just come, so the journal need not say
 * which of them it was. */
void tdh_fold_signal(struct tdh_run *run, struct tdh_ask_entry *ask, const char *signal,
                     json_t *payload)
{
    struct td_event event = { .kind = TD_EVENT_SIGNAL, .output = payload };

    open_event(run, 'g');
    add_number(run, ask != NULL ? ask->number : 0);
    if (run->is_journalled && !run->is_replaying) {
        signal = signal != NULL ? signal : ""; /* of a question */
        tdh_buf_json_string(&run->events, signal, strlen(signal));
        tdh_buf_char(&run->events, ',');
    }
    add_value(run, payload);
    if (ask == NULL) {
        json_array_append_new(run->signals, json_pack("[s, O]", signal, payload));
        close_event(run);
        return;
    }
    event.ask = ask->number;
    event.tag = ask->tag;
    json_incref(payload);
    if (ask->name != NULL)
        json_array_remove(run->signals, kept_place(run, ask->name));
    tdh_ask_remove(ask);
    fold_and_follow(run, &event);
    json_decref(payload);
}

void tdh_fold_cancel(struct tdh_run *run)
{
    struct td_event event = { .kind = TD_EVENT_CANCEL };

    run->is_cancel_asked = true;
    open_event(run, 'c');
    fold_and_follow(run, &event);
}

static bool has_not_begun(const struct tdh_ask_entry *ask)
{
    return tdh_ask_is_work(ask) && !ask->is_reconciling && !ask->may_have_begun &&
           (ask->state == TDH_ASK_PAUSED || ask->state == TDH_ASK_QUEUED ||
            ask->state == TDH_ASK_HELD);
}

/* Why, and which calls and runs have not begun, though they were asked for. */
static void add_pause(struct tdh_run *run)
{
    struct tdh_buf *buf = &run->events;
    const struct tdh_ask_entry *ask = run->first;
    char before = '[';

    while (ask != NULL && !has_not_begun(ask))
        ask = ask->next;
    if (!run->is_journalled || run->is_replaying || (ask == NULL && run->why.code == TD_OK))
        return;
    if (run->why.code != TD_OK)
        tdh_event_error(buf, &run->why);
    else
        tdh_buf_text(buf, "{}");
    tdh_buf_char(buf, ',');
    for (; ask != NULL; ask = ask->next) {
        if (!has_not_begun(ask))
            continue;
        tdh_buf_char(buf, before);
        tdh_buf_int(buf, ask->number);
        before = ',';
    }
    tdh_buf_text(buf, before == '[' ? "[]," : "],");
}

/* No reducer hears of it. */
void tdh_fold_pause(struct tdh_run *run, bool is_paused)
{
    open_event(run, 'p');
    add_number(run, is_paused);
    if (is_paused)
        add_pause(run);
    else
        run->why = (struct td_err){ 0 };
    close_event(run);
    run->is_paused = is_paused;
    run->status = is_paused ? TDH_RUN_PAUSED : TDH_RUN_RUNNING;
    run->is_record_due = true;
    for (struct tdh_ask_entry *ask = run->first; ask != NULL && !is_paused; ask = ask->next)
        if (run->is_replaying && ask->state == TDH_ASK_PAUSED)
            ask->state = TDH_ASK_OPEN;
    tdh_run_tell(run, is_paused ? "paused" : "goes on", NULL, NULL,
                 run->why.code != TD_OK ? &run->why : NULL);
}

void tdh_fold_lost(struct tdh_run *run, const struct tdh_meters *lost)
{
    bool is_further = run->is_further;

    open_event(run, 'u');
    add_meters(run, lost);
    tdh_budget_lost(run, lost);
    close_event(run);
    run->is_further = is_further; /* it has come no further by that */
    run->effect_marks = run->marks;
}

void tdh_fold_limits(struct tdh_run *run, const struct tdh_meters *limits)
{
    struct td_err err;

    if (tdh_budget_set(run, limits, &err) != 0) {
        tdh_log_err(TDH_LOG_WARNING, "run", &err);
        return;
    }
    open_event(run, 'l');
    add_meters(run, limits);
    close_event(run);
    run->is_record_due = true;
}

/* Its reducer, plan and state are others from now on. */
void tdh_fold_moved(struct tdh_run *run, const char *from, const json_t *nodes)
{
    open_event(run, 'm');
    if (run->is_journalled) {
        tdh_buf_json_string(&run->events, from, strlen(from));
        tdh_buf_char(&run->events, ',');
        tdh_buf_json(&run->events, nodes, 0);
        tdh_buf_char(&run->events, ',');
    }
    close_event(run);
    tdh_run_tell(run, "moved", NULL, nodes, NULL);
}

/* The first event: the reducer starts. */
void tdh_fold_start(struct tdh_run *run, json_t *input)
{
    const struct tdh_definition *definition = run->definition;
    struct tdh_held before;
    struct td_err err;
    int rc;

    open_event(run, 's');
    run->created_us = run->now_us;
    if (run->is_journalled && !run->is_replaying) {
        tdh_buf_char(&run->events, '{');
        tdh_facts_write(run, &run->events);
        tdh_edition_show(run, &run->events);
        tdh_buf_text(&run->events, ",\"input\":");
        tdh_buf_json(&run->events, input, 0);
        tdh_buf_text(&run->events, "},");
    }
    if (tdh_notice_is_wanted(run, TDH_NOTICE_STARTED))
        tdh_notice_start(run);
    run->is_started = true;
    before = tdh_run_enter(run);
    run->is_folding = true;
    tdh_unsaid(&err);
    rc = definition->reducer->start(run->state, definition->plan, input, &run->asks, &err);
    run->is_folding = false;
    tdh_hold_again(&before, NULL);
    after_fold(run, tdh_said(rc, definition->name, "start", &err), &err);
}
