/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal: gathers the events of all runs of a worker and writes them in one commit per turn.
 *
 * One write of a worker is under way at a time; what comes meanwhile goes into the next. Parent and
 * child runs that changed in one turn are in one write, so they never disagree on disk. When a
 * write fails, its runs stop where the disk stands: they are parked in memory and can be resumed
 * from the journal.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "run/ended.h"
#include "run/snapshot.h"
#include "run/text.h"

/* Two rows, a snapshot, a message, two records, a place in the list, two definitions. */
enum { OPS_PER_RUN = 9 };

static struct tdh_metric events_written =
    TDH_COUNTER("tdev_run_events_total", "Events of runs written to the journal");

static void flush_task(struct tdh_task *task);

static void schedule(struct tdh_hub *hub)
{
    if (hub->is_flush_due || hub->is_writing)
        return;
    hub->is_flush_due = true;
    hub->flush.run = flush_task;
    tdh_worker_defer(&hub->flush);
}

void tdh_journal_touch(struct tdh_run *run)
{
    struct tdh_hub *hub = run->hub;

    if (!run->is_journalled || run->is_broken)
        return;
    if (!run->is_dirty) {
        run->is_dirty = true;
        run->holds++; /* until its write has ended */
        run->dirty_next = NULL;
        *(hub->dirty_last != NULL ? &hub->dirty_last->dirty_next : &hub->dirty) = run;
        hub->dirty_last = run;
    }
    schedule(hub);
}

void tdh_journal_begin(struct tdh_run *run)
{
    tdh_buf_char(&run->events, run->event_count == 0 ? '[' : ',');
}

void tdh_journal_end(struct tdh_run *run)
{
    run->event_count++;
    run->marks++;
    run->is_further = true;
    if (run->events.failed)
        tdh_run_break(
            run, "its events cannot be written: there is no memory, or a value nests too deep");
    else
        tdh_journal_touch(run);
}

/* --- one write --- */

static struct td_op *append_op(struct tdh_hub *hub, struct tdh_run *run, uint32_t type,
                               const struct tdh_buf *buf, uint32_t flags)
{
    struct td_op *op = tdh_write_op(hub, TD_OP_APPEND, TDH_RUN_LOG);

    op->run = run->key;
    op->type = type;
    op->flags = flags;
    op->time_us = run->now_us;
    op->head = &run->head;
    op->value = (struct td_bytes){ buf->data, buf->length };
    return op;
}

static void put_op(struct tdh_hub *hub, const char *space, const char *key,
                   const struct tdh_buf *buf)
{
    struct td_op *op = tdh_write_op(hub, TD_OP_PUT, space);

    op->key = key;
    op->version = TD_VERSION_ANY;
    op->value = (struct td_bytes){ buf->data, buf->length };
}

static void delete_op(struct tdh_hub *hub, const char *space, const char *key)
{
    struct td_op *op = tdh_write_op(hub, TD_OP_DELETE, space);

    op->key = key;
    op->version = TD_VERSION_ANY;
}

/* From those that have not ended to those that have. */
static int add_end(struct tdh_hub *hub, struct tdh_run *run)
{
    struct td_op *op;

    delete_op(hub, TDH_LIVE_SPACE, run->id);
    if (run->has_snapshot)
        delete_op(hub, TDH_SNAP_SPACE, run->id);
    tdh_ended_write(run);
    if (run->live.failed)
        return -1;
    op = tdh_write_op(hub, TD_OP_PUT, TDH_ENDED_SPACE);
    op->key = run->live.data;
    op->version = TD_VERSION_ANY;
    op->value =
        (struct td_bytes){ run->live.data + TDH_ENDED_KEY, run->live.length - TDH_ENDED_KEY };
    /* it may have begun, or gone over, in this write, too */
    return tdh_write_was(hub, run) == 0 ? tdh_write_definition(hub, run) : -1;
}

static int add_records(struct tdh_hub *hub, struct tdh_run *run)
{
    if (!run->is_record_due)
        return 0;
    run->is_record_due = false;
    tdh_facts_record(run);
    if (run->record.failed)
        return -1;
    put_op(hub, TDH_RUN_SPACE, run->id, &run->record);
    if (run->is_ended)
        return add_end(hub, run);
    tdh_facts_live(run, run->engine->owner);
    if (run->live.failed)
        return -1;
    put_op(hub, TDH_LIVE_SPACE, run->id, &run->live);
    return tdh_write_was(hub, run) == 0 ? tdh_write_definition(hub, run) : -1;
}

static uint32_t row_type(const struct tdh_run *run)
{
    if (run->head == 0)
        return TDH_ROW_START;
    return run->is_ended ? TDH_ROW_END : TDH_ROW_EVENTS;
}

static void swap_events(struct tdh_run *run)
{
    struct tdh_buf events = run->events;

    tdh_results_fly(run);
    tdh_buf_char(&events, ']');
    run->events = run->flying;
    tdh_buf_clear(&run->events);
    run->flying = events;
    run->event_count = 0;
    run->is_further_flying = run->is_further;
    run->is_further = false;
}

static void add_snapshot(struct tdh_hub *hub, struct tdh_run *run)
{
    const struct tdh_buf *text = tdh_snapshot_fly(run);

    if (text != NULL)
        put_op(hub, TDH_SNAP_SPACE, run->id, text);
}

/* When another definition is followed from now on, the events before are no way to its state. */
static int add_base(struct tdh_hub *hub, struct tdh_run *run)
{
    struct td_err err;

    if (run->moved == NULL || run->is_ended || run->is_broken)
        return 0;
    tdh_buf_clear(&run->base);
    if (tdh_capture_base(run, &run->base, &err) != 0) {
        tdh_log_err(TDH_LOG_WARNING, "run", &err);
        return -1;
    }
    tdh_snapshot_void(run);
    append_op(hub, run, TDH_ROW_SNAPSHOT, &run->base, TD_APPEND_INDEX);
    return 0;
}

static void remove_mail(struct tdh_hub *hub, struct tdh_run *run)
{
    run->is_mail_flying = run->mail[0] != '\0';
    if (!run->is_mail_flying)
        return;
    delete_op(hub, run->mail_space, run->mail);
}

static void add_notes(struct tdh_hub *hub, struct tdh_run *run)
{
    for (const struct tdh_note *note = tdh_notes_fly(run); note != NULL; note = note->next) {
        *tdh_write_op(hub, TD_OP_PUBLISH, NULL) = tdh_note_op(run, note);
        hub->note_count++;
    }
}

/* Without memory nothing of the run is in the write. */
static int add_run(struct tdh_hub *hub, struct tdh_run *run)
{
    run->events_op = NULL;
    run->flying_marks = run->marks;
    add_snapshot(hub, run);
    if (run->event_count > 0) {
        uint32_t type = row_type(run);

        tdh_metric_add(&events_written, run->event_count);
        swap_events(run);
        run->events_op =
            append_op(hub, run, type, &run->flying, type != TDH_ROW_EVENTS ? TD_APPEND_INDEX : 0);
        run->tail_bytes += run->flying.length;
        if (run->flying.failed || add_base(hub, run) != 0)
            return -1;
        add_notes(hub, run);
        tdh_snapshot_take(run);
    }
    remove_mail(hub, run);
    return add_records(hub, run);
}

static int reserve(struct tdh_hub *hub, size_t runs, size_t notes)
{
    size_t ops = runs * OPS_PER_RUN + notes;
    void *memory;

    if (runs > hub->flying_room) {
        memory = realloc(hub->flying, runs * sizeof(struct tdh_run *));
        if (memory == NULL)
            return -1;
        hub->flying = memory;
        hub->flying_room = runs;
    }
    if (ops <= hub->op_room)
        return 0;
    memory = realloc(hub->op_cells, ops * sizeof(struct td_op));
    if (memory == NULL)
        return -1;
    hub->op_cells = memory;
    memory = realloc(hub->ops, ops * sizeof(struct td_op *));
    if (memory == NULL)
        return -1;
    hub->ops = memory;
    hub->op_room = ops;
    return 0;
}

/* --- its outcome --- */

static void break_family(struct tdh_run *run, const char *why)
{
    struct tdh_run *parent = run->parent_ask != NULL ? run->parent : NULL;

    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next) {
        tdh_timer_stop(&ask->timer);
        if (ask->child != NULL)
            tdh_run_break(ask->child, why);
    }
    if (parent != NULL)
        tdh_run_break(parent, why);
}

void tdh_run_break(struct tdh_run *run, const char *why)
{
    if (run->is_broken || run->is_end_durable)
        return;
    td_fail(&run->why, TD_E_IO, "run %s stopped: %s", run->id, why);
    if (run->durable_marks > 0 || run->tries > 0)
        td_hint(&run->why,
                "nothing that was told is lost; when that is mended: tdev runs resume %s", run->id);
    else
        td_hint(&run->why, "nothing of it has happened; start it again when that is mended");
    run->is_broken = true;
    run->status = TDH_RUN_PARKED;
    break_family(run, why);
    tdh_run_wake(run);
}

static void settle_base(struct tdh_run *run)
{
    run->snapshot_bytes = run->base.length;
    run->tail_bytes = 0;
    tdh_buf_free(&run->base);
    json_decref(run->moved);
    run->moved = NULL;
    tdh_results_sweep(run);
}

static void settle_run(struct tdh_run *run)
{
    if (run->durable_marks == 0)
        tdh_run_wake(run); /* who waits for its start */
    run->durable_marks = run->flying_marks;
    tdh_notes_free(run->flying_notes);
    run->flying_notes = NULL;
    if (run->is_mail_flying) {
        run->mail[0] = '\0';
        tdh_mail_next(run->hub);
    }
    run->has_row |= run->events_op != NULL;
    tdh_buf_clear(&run->flying);
    if (run->events_op != NULL)
        tdh_results_settle(run, run->events_op->ret_version);
    tdh_snapshot_settle(run, run->events_op != NULL ? run->events_op->ret_version : 0);
    if (run->events_op != NULL && run->is_further_flying && run->tries > 0 && !run->is_ended) {
        run->tries = 0; /* it has come further than its last owner */
        run->is_record_due = true;
        tdh_journal_touch(run);
    }
    if (run->base.length > 0)
        settle_base(run);
    if (run->is_ended && run->events_op != NULL && run->marks == run->durable_marks) {
        run->is_end_durable = true;
        atomic_fetch_sub(&run->engine->open_runs, 1);
        tdh_run_wake(run);
    } else {
        tdh_execute_held(run);
    }
}

static void write_done(struct tdh_write *write)
{
    struct tdh_hub *hub = write->arg;

    hub->is_writing = false;
    tdh_texts_settle(hub, write->rc == 0);
    if (write->rc != 0)
        tdh_log_err(TDH_LOG_ERROR, "run", &write->err);
    for (size_t i = 0; i < hub->flying_count; i++) {
        if (write->rc != 0)
            tdh_run_break(hub->flying[i], write->err.text);
        else if (!hub->flying[i]->is_broken)
            settle_run(hub->flying[i]);
        tdh_run_release(hub->flying[i]);
    }
    hub->flying_count = 0;
    if (write->rc == 0 && hub->note_count > 0)
        hub->engine->port.told(hub->engine->port.arg, hub->note_count);
    if (hub->dirty != NULL)
        schedule(hub);
}

static size_t count_dirty(const struct tdh_hub *hub, size_t *ret_notes)
{
    size_t count = 0;

    *ret_notes = 0;
    for (const struct tdh_run *run = hub->dirty; run != NULL; run = run->dirty_next) {
        *ret_notes += run->note_count;
        count++;
    }
    return count;
}

static void take_run(struct tdh_hub *hub, struct tdh_run *run)
{
    size_t op_count = hub->op_count;

    if (add_run(hub, run) == 0) {
        hub->flying[hub->flying_count++] = run;
        return;
    }
    hub->op_count = op_count;
    tdh_run_break(run, "no memory to write its events");
    tdh_run_release(run);
}

static void take_dirty(struct tdh_hub *hub)
{
    struct tdh_run *run = hub->dirty;

    hub->dirty = hub->dirty_last = NULL;
    while (run != NULL) {
        struct tdh_run *next = run->dirty_next;

        run->is_dirty = false;
        if (run->is_broken)
            tdh_run_release(run);
        else
            take_run(hub, run);
        run = next;
    }
}

static void flush_task(struct tdh_task *task)
{
    struct tdh_hub *hub = (struct tdh_hub *)((char *)task - offsetof(struct tdh_hub, flush));
    size_t runs, notes;

    hub->is_flush_due = false;
    if (hub->is_writing || hub->dirty == NULL)
        return;
    runs = count_dirty(hub, &notes);
    if (reserve(hub, runs, notes) != 0) {
        schedule(hub); /* no memory now: the events wait, and with them every effect */
        return;
    }
    pthread_mutex_lock(&hub->building);
    hub->op_count = 0;
    hub->note_count = 0;
    take_dirty(hub);
    hub->is_writing = true;
    hub->write = (struct tdh_write){ .worker = hub->worker,
                                     .ops = hub->ops,
                                     .count = hub->op_count,
                                     .done = write_done,
                                     .arg = hub };
    tdh_store_submit(hub->engine->options.store, &hub->write);
    pthread_mutex_unlock(&hub->building);
}
