/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: the life of a run in memory: made, begun, waited for, cancelled, ended, freed.
 *
 * Held by: who started it, who waits, a write under way, a call under way, its open children; and
 * by itself until its end is durable.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "run/snapshot.h"

static const char *const status_names[] = { "running", "done",     "failed",   "cancelled",
                                            "parked",  "in_doubt", "orphaned", "paused" };

const char *tdh_run_status_name(enum tdh_run_status status)
{
    return status_names[status];
}

bool tdh_run_is_end(const char *status_name)
{
    static const enum tdh_run_status ends[] = { TDH_RUN_DONE, TDH_RUN_FAILED, TDH_RUN_CANCELLED };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(status_names[ends[i]], status_name) == 0)
            return true;
    return false;
}

const char *tdh_run_id(const struct tdh_run *run)
{
    return run->id;
}

static void enter_hub(struct tdh_run *run)
{
    struct tdh_hub *hub = run->hub;

    run->next = hub->runs;
    if (hub->runs != NULL)
        hub->runs->before = run;
    hub->runs = run;
    tdh_mail_watch(hub);
}

static void leave_hub(struct tdh_run *run)
{
    *(run->before != NULL ? &run->before->next : &run->hub->runs) = run->next;
    if (run->next != NULL)
        run->next->before = run->before;
}

struct tdh_held tdh_run_enter(const struct tdh_run *run)
{
    const struct tdh_plugin *plugin = run->definition->plugin;
    struct tdh_charge charge = { NULL, NULL };

    if (plugin != NULL && plugin->line != NULL)
        charge = (struct tdh_charge){ &plugin->line->cpu_ns,
                                      (_Atomic uint64_t *)(uintptr_t)&run->cpu_ns };
    return tdh_hold_for(plugin != NULL ? plugin->manifest->name : NULL, &charge, NULL);
}

/* What it may use, as its definition says. */
static int open_purse(const struct tdh_definition *definition, struct tdh_purse *ret_purse)
{
    *ret_purse = (struct tdh_purse){ .calls = { .name = TDH_METER_CALLS, .limit = TDH_NO_LIMIT } };
    return tdh_purse_follow(ret_purse, definition->limits) ? 0 : -1;
}

static struct tdh_run *allocate(const struct tdh_definition *definition)
{
    size_t state_size = definition->reducer->state_size;
    struct tdh_run *run = calloc(1, sizeof(*run));

    if (run == NULL)
        return NULL;
    run->state = calloc(1, state_size > 0 ? state_size : 1);
    run->signals = json_array();
    if (run->state != NULL && run->signals != NULL && open_purse(definition, &run->purse) == 0)
        return run;
    tdh_purse_free(&run->purse);
    json_decref(run->signals);
    free(run->state);
    free(run);
    return NULL;
}

struct tdh_run *tdh_run_new(struct tdh_engine *engine, struct tdh_definition *definition,
                            const char *id, struct td_err *err)
{
    struct tdh_run *run = allocate(definition);

    if (run == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a run");
        return NULL;
    }
    run->asks.ops = &tdh_ask_ops;
    run->engine = engine;
    run->hub = &engine->hubs[tdh_worker_index(tdh_worker_self())];
    run->definition = tdh_definition_hold(definition);
    run->priority = definition->priority;
    if (tdh_json_str(definition->text, "tenant", NULL) != NULL) /* its kind has checked it */
        tdh_tenant_set(run, tdh_json_str(definition->text, "tenant", NULL), err);
    run->key = tdh_id_random() >> 1; /* stores keep signed numbers */
    run->is_journalled = engine->options.store != NULL &&
                         tdh_store_durability(engine->options.store) != TD_DURABLE_MEMORY;
    run->notices = run->is_journalled ? tdh_notices_of(engine, definition) : 0;
    run->holds = 1;
    if (id != NULL)
        snprintf(run->id, sizeof(run->id), "%s", id);
    else
        tdh_id_new(run->id);
    enter_hub(run);
    return run;
}

/* The asks go with the run, but what they stand for does not: children are not told, timers of a
 * worker that has ended are gone. */
static void forget_asks(struct tdh_run *run)
{
    while (run->last != NULL) {
        struct tdh_ask_entry *ask = run->last;

        if (ask->child != NULL)
            ask->child->parent_ask = NULL;
        ask->child = NULL;
        if (tdh_worker_self() == NULL)
            ask->timer.place = 0;
        tdh_ask_drop(ask);
    }
}

void tdh_run_free(struct tdh_run *run)
{
    const struct tdh_definition *definition = run->definition;
    struct tdh_ask_entry *held;

    leave_hub(run);
    if (run->parent_ask != NULL)
        run->parent_ask->child = NULL;
    forget_asks(run);
    while ((held = run->held) != NULL) {
        run->held = held->queue_next;
        tdh_ask_remove(held);
    }
    tdh_crowd_free(run);
    if (run->is_started && definition->reducer->drop != NULL)
        definition->reducer->drop(run->state, definition->plan);
    tdh_results_free(run);
    tdh_notes_free(run->notes);
    tdh_notes_free(run->flying_notes);
    tdh_buf_free(&run->events);
    tdh_buf_free(&run->flying);
    tdh_snapshot_drop(run);
    tdh_buf_free(&run->base);
    tdh_buf_free(&run->record);
    tdh_buf_free(&run->live);
    json_decref(run->output);
    json_decref(run->signals);
    json_decref(run->tags);
    free(run->tenant);
    json_decref(run->was);
    json_decref(run->moved);
    free(run->buckets);
    free(run->lost);
    tdh_purse_free(&run->purse);
    tdh_pins_free(&run->pins);
    free(run->state);
    tdh_definition_release(run->definition);
    free(run);
}

void tdh_run_release(struct tdh_run *run)
{
    if (run != NULL && --run->holds == 0)
        tdh_run_free(run);
}

void tdh_run_tell(struct tdh_run *run, const char *name, const char *path, const json_t *data,
                  const struct td_err *error)
{
    if (run->watch == NULL || run->is_replaying)
        return;
    tdh_co_forbid(); /* it is called in the middle of a fold */
    run->watch(run->watch_arg, run, name, path, data, error);
    tdh_co_allow();
}

void tdh_run_wake(struct tdh_run *run)
{
    for (struct tdh_waiter *waiter = run->waiters; waiter != NULL; waiter = waiter->next)
        tdh_co_wake(waiter->co);
}

void tdh_run_say_why(const struct tdh_run *run, struct td_err *ret_err)
{
    if (run->why.code != TD_OK)
        *ret_err = run->why;
    else if (run->is_ended)
        td_fail(ret_err, TD_E_CANCELLED, "run %s was cancelled", run->id);
    else
        td_fail(ret_err, TD_E_CANCELLED, "run %s goes on when it is resumed: this process ends",
                run->id);
}

void tdh_run_finished(struct tdh_run *run)
{
    struct tdh_ask_entry *ask = run->parent_ask;
    struct td_err why;

    tdh_run_wake(run);
    if (ask != NULL) {
        run->parent_ask = NULL;
        ask->child = NULL;
        ask->attempt = 1;
        tdh_budget_child(ask, run);
        tdh_run_say_why(run, &why);
        tdh_answer_late(ask, run->status == TDH_RUN_DONE ? run->output : NULL, &why);
    }
    tdh_run_release(run); /* its own hold */
}

void tdh_run_count(struct tdh_run *run)
{
    if (run->is_journalled)
        atomic_fetch_add(&run->engine->open_runs, 1);
}

/* The run holds itself until it has ended. */
void tdh_run_begin(struct tdh_run *run, json_t *input)
{
    run->holds++;
    run->is_record_due = true;
    tdh_run_count(run);
    tdh_fold_start(run, input);
}

static int check_input(const struct tdh_engine *engine, const json_t *input, struct td_err *err)
{
    size_t limit = engine->options.input_bytes, bytes;

    if (limit == 0)
        return 0;
    bytes = json_dumpb(input, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
    if (bytes <= limit)
        return 0;
    td_fail(err, TD_E_INVAL, "the input of the run has %zu bytes as JSON, at most %zu are allowed",
            bytes, limit);
    return td_hint(err, "give a smaller one, or raise limits.input_bytes");
}

/* A run may be given less than its definition allows. */
static int check_budget(struct tdh_run *run, const struct tdh_meters *budget, struct td_err *err)
{
    char want[TDH_AMOUNT_TEXT], limit[TDH_AMOUNT_TEXT];

    for (unsigned i = 0; i < budget->count; i++) {
        const struct tdh_meter *meter = &budget->list[i];
        const struct tdh_purse_row *row = tdh_purse_find(&run->purse, meter->name);

        if (row == NULL || row->limit < 0 || meter->amount <= row->limit)
            continue;
        td_fail(err, TD_E_INVAL, "budget \"%s\" of a run cannot be %s: \"%s\" allows %s",
                meter->name, tdh_amount_print(meter->amount, want), run->definition->name,
                tdh_amount_print(row->limit, limit));
        return td_hint(err, "raise \"budget\" there, or give the run no more than that");
    }
    return tdh_budget_set(run, budget, err);
}

static int set_tenant(struct tdh_run *run, const struct tdh_run_start *start, struct td_err *err)
{
    return start->tenant != NULL ? tdh_tenant_set(run, start->tenant, err) : 0;
}

int tdh_run_start(struct tdh_engine *engine, const struct tdh_run_start *start,
                  struct tdh_run **ret_run, struct td_err *err)
{
    struct tdh_run *run;

    if (check_input(engine, start->input, err) != 0)
        return -1;
    run = tdh_run_new(engine, start->definition, start->id, err);
    if (run == NULL)
        return -1;
    if (start->priority != NULL)
        tdh_priority_parse(start->priority, &run->priority);
    run->hops = start->hops;
    if (tdh_facts_tag(run, json_object_get(start->definition->text, "tags"), err) != 0 ||
        tdh_facts_tag(run, start->tags, err) != 0 || set_tenant(run, start, err) != 0 ||
        (start->budget != NULL && check_budget(run, start->budget, err) != 0)) {
        tdh_run_release(run);
        return -1;
    }
    run->watch = start->watch;
    run->watch_arg = start->watch_arg;
    if (start->cause_space != NULL && run->is_journalled) {
        run->mail_space = start->cause_space;
        snprintf(run->mail, sizeof(run->mail), "%s", start->cause);
    }
    tdh_run_begin(run, start->input);
    *ret_run = run;
    return 0;
}

static bool is_settled(const struct tdh_run *run)
{
    return run->is_end_durable || run->is_broken || run->status == TDH_RUN_PARKED ||
           run->status == TDH_RUN_IN_DOUBT;
}

struct tdh_run *tdh_run_here(struct tdh_engine *engine, const char *id)
{
    struct tdh_run *run = engine->hubs[tdh_worker_index(tdh_worker_self())].runs;

    while (run != NULL && (run->is_broken || run->is_end_durable || strcmp(run->id, id) != 0))
        run = run->next;
    return run;
}

static bool goes_on_alone(const struct tdh_run *run, const char *except)
{
    return run->status == TDH_RUN_RUNNING && !run->is_broken && run->parent_id[0] == '\0' &&
           (except == NULL || strcmp(run->id, except) != 0);
}

size_t tdh_runs_here(const struct tdh_engine *engine, const char *except, char (*ids)[TDH_ID_SIZE],
                     size_t room)
{
    const struct tdh_run *run = engine->hubs[tdh_worker_index(tdh_worker_self())].runs;
    size_t count = 0;

    for (; run != NULL; run = run->next)
        if (goes_on_alone(run, except) && count++ < room)
            memcpy(ids[count - 1], run->id, TDH_ID_SIZE);
    return count;
}

static void leave_waiters(struct tdh_run *run, struct tdh_waiter *waiter)
{
    struct tdh_waiter **link = &run->waiters;

    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
}

int tdh_run_wait_begun(struct tdh_run *run, struct td_err *err)
{
    struct tdh_waiter waiter = { run->waiters, tdh_co_self() };

    run->waiters = &waiter;
    while (run->is_journalled && run->durable_marks == 0 && !run->is_broken)
        tdh_co_park();
    leave_waiters(run, &waiter);
    if (run->is_broken)
        *err = run->why;
    return run->is_broken ? -1 : 0;
}

enum tdh_run_status tdh_run_wait(struct tdh_run *run, json_t **ret_output, struct td_err *err)
{
    struct tdh_waiter waiter = { run->waiters, tdh_co_self() };
    bool is_told = false;

    run->waiters = &waiter;
    while (!is_settled(run) &&
           !(run->engine->is_stopping && (is_told || tdh_co_is_cancelled(waiter.co)))) {
        if (is_told) {
            tdh_co_park();
        } else if (tdh_co_wait(TDH_NEVER) == TDH_WAIT_CANCELLED && !run->engine->is_stopping) {
            is_told = true;
            tdh_run_cancel(run);
        }
    }
    leave_waiters(run, &waiter);
    *ret_output = run->status == TDH_RUN_DONE ? json_incref(run->output) : NULL;
    if (run->status != TDH_RUN_DONE)
        tdh_run_say_why(run, err);
    return run->status;
}

/* What is undone is work, too. */
void tdh_run_cancel(struct tdh_run *run)
{
    if (run->is_ended || run->is_cancel_asked || run->is_broken)
        return;
    tdh_run_go_on(run);
    tdh_fold_cancel(run);
}

static bool can_change_pause(const struct tdh_run *run, bool is_paused)
{
    return !run->is_ended && !run->is_broken && run->is_paused != is_paused &&
           run->status != TDH_RUN_IN_DOUBT;
}

void tdh_run_pause(struct tdh_run *run)
{
    if (can_change_pause(run, true) && !run->is_cancel_asked)
        tdh_fold_pause(run, true);
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        if (ask->child != NULL)
            tdh_run_pause(ask->child);
}

void tdh_run_go_on(struct tdh_run *run)
{
    struct tdh_ask_entry *next;

    if (can_change_pause(run, false)) {
        tdh_fold_pause(run, false);
        tdh_execute_paused(run);
    }
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = next) {
        next = ask->next;
        if (ask->child != NULL)
            tdh_run_go_on(ask->child);
    }
}

void tdh_run_answer(struct tdh_run *run, uint32_t number, json_t *payload)
{
    struct tdh_ask_entry *ask = tdh_ask_find(run, number);

    if (!run->is_ended && !run->is_broken && ask != NULL && ask->kind == TDH_ASK_WAIT &&
        ask->name == NULL)
        tdh_fold_signal(run, ask, NULL, payload);
}

int tdh_run_signal(struct tdh_run *run, const char *signal, json_t *payload, struct td_err *err)
{
    struct tdh_ask_entry *ask = tdh_signal_kept(run, signal) == NULL
                                    ? run->first
                                    : NULL; /* who came first is taken first */

    if (run->is_ended || run->is_broken)
        return td_fail(err, TD_E_NOTFOUND, "run %s has ended and takes no signal", run->id);
    while (ask != NULL &&
           (ask->kind != TDH_ASK_WAIT || ask->name == NULL || strcmp(ask->name, signal) != 0))
        ask = ask->next;
    tdh_fold_signal(run, ask, signal, payload != NULL ? payload : json_null());
    return 0;
}
