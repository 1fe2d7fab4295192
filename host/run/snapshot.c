/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: a run's state in one record of the store, so that a rebuild reads only what its journal
 * has behind it. A run has one; each takes the place of the one before, in one commit.
 *
 * It is captured with the events of a write, when the tail has grown enough, written as JSON beside
 * the worker when it is large, and goes into a later write of the run: its row, the newest it
 * knows of, is durable by then. Events that come meanwhile stand behind that row. A crash on the
 * way leaves the snapshot before, and a longer tail.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metric.h"
#include "run/snapshot.h"

enum { ASK_BYTES = 80 }; /* of a row with the shortest texts */

static struct tdh_metric snapshots_written =
    TDH_COUNTER("tdev_run_snapshots_total", "Snapshots of runs written to the journal");

/* Of the run, from when it is captured until it is durable. */
struct tdh_snapshot {
    struct tdh_job job; /* first */
    struct tdh_run *run;
    struct tdh_capture *capture; /* NULL: it is written */
    struct tdh_buf text;
    uint64_t after;    /* the row it stands behind; 0: not durable yet */
    size_t tail_bytes; /* of the run, when it was captured */
    bool is_flying;
    bool is_void; /* to be dropped when its job is done */
};

void tdh_snapshot_drop(struct tdh_run *run)
{
    if (run->snapshot == NULL)
        return;
    tdh_capture_free(run->snapshot->capture);
    tdh_buf_free(&run->snapshot->text);
    free(run->snapshot);
    run->snapshot = NULL;
}

void tdh_snapshot_void(struct tdh_run *run)
{
    if (run->snapshot != NULL && run->snapshot->capture != NULL)
        run->snapshot->is_void = true;
    else
        tdh_snapshot_drop(run);
}

/* The journal alone is enough: a later write tries again. */
static void give_up(struct tdh_run *run, const struct td_err *why)
{
    tdh_log_err(TDH_LOG_WARNING, "run", why);
    tdh_snapshot_drop(run);
}

static bool is_ready(const struct tdh_snapshot *snapshot)
{
    return snapshot != NULL && snapshot->capture == NULL && snapshot->after != 0 &&
           !snapshot->is_flying && !snapshot->is_void;
}

static bool has_call_under_way(const struct tdh_run *run)
{
    const struct tdh_ask_entry *ask = run->first;

    while (ask != NULL && ask->kind != TDH_ASK_CALL)
        ask = ask->next;
    return ask != NULL;
}

/* It goes with the events of a call that is under way, so that it costs no commit of its own. */
static void hurry(struct tdh_run *run)
{
    if (is_ready(run->snapshot) && !has_call_under_way(run))
        tdh_journal_touch(run);
}

static void write_text(struct tdh_job *job)
{
    struct tdh_snapshot *snapshot = (struct tdh_snapshot *)job;

    tdh_capture_write(snapshot->capture, &snapshot->text);
}

/* On the worker: what was captured is shared with the run's state. */
static void text_written(struct tdh_run *run)
{
    struct tdh_snapshot *snapshot = run->snapshot;
    struct td_err err;

    tdh_capture_free(snapshot->capture);
    snapshot->capture = NULL;
    if (snapshot->text.failed) {
        td_fail(&err, TD_E_NOMEM,
                "run %s: its snapshot cannot be written: there is no memory, or a value nests too "
                "deep",
                run->id);
        give_up(run, &err);
    } else if (snapshot->is_void) {
        tdh_snapshot_drop(run);
    }
}

static void job_done(struct tdh_job *job)
{
    struct tdh_run *run = ((struct tdh_snapshot *)job)->run;

    text_written(run);
    hurry(run);
    tdh_run_release(run);
}

/* When the tail is longer than the last one, and than the next will be: it is not shorter than its
 * asks. So a snapshot costs no more than the rows it saves. */
static bool is_due(const struct tdh_run *run)
{
    size_t least = run->engine->options.snapshot_bytes, asks = run->ask_count * ASK_BYTES;

    least = run->snapshot_bytes > least ? run->snapshot_bytes : least;
    return run->snapshot == NULL && run->moved == NULL && !run->is_ended && !run->is_broken &&
           run->tail_bytes > (asks > least ? asks : least);
}

/* A reducer may be older than the flag. */
static bool is_shared(const struct td_reducer *reducer)
{
    return reducer->size >= offsetof(struct td_reducer, reserved) &&
           (reducer->flags & TD_REDUCER_SHARES) != 0;
}

static struct tdh_snapshot *capture(struct tdh_run *run, struct td_err *err)
{
    struct tdh_snapshot *snapshot = calloc(1, sizeof(*snapshot));

    if (snapshot == NULL) {
        td_fail(err, TD_E_NOMEM, "run %s: could not allocate its snapshot", run->id);
        return NULL;
    }
    snapshot->run = run;
    snapshot->tail_bytes = run->tail_bytes;
    snapshot->capture = tdh_capture_new(run, err);
    if (snapshot->capture != NULL)
        return snapshot;
    free(snapshot);
    return NULL;
}

void tdh_snapshot_take(struct tdh_run *run)
{
    struct tdh_snapshot *snapshot;
    struct td_err err;

    if (!is_due(run))
        return;
    run->snapshot = snapshot = capture(run, &err);
    if (snapshot == NULL) {
        tdh_log_err(TDH_LOG_WARNING, "run", &err);
        return;
    }
    if (!is_shared(run->definition->reducer) || tdh_capture_is_small(snapshot->capture)) {
        tdh_capture_write(snapshot->capture, &snapshot->text);
        text_written(run);
        return;
    }
    run->holds++; /* until the job is done */
    snapshot->job.worker = run->hub->worker;
    snapshot->job.run = write_text;
    snapshot->job.done = job_done;
    tdh_blocking_submit(run->engine->options.runtime, &snapshot->job);
}

const struct tdh_buf *tdh_snapshot_fly(struct tdh_run *run)
{
    struct tdh_snapshot *snapshot = run->snapshot;

    if (!is_ready(snapshot) || run->is_ended || run->moved != NULL)
        return NULL;
    tdh_capture_say_after(&snapshot->text, snapshot->after);
    snapshot->is_flying = true;
    run->has_snapshot = true;
    tdh_metric_add(&snapshots_written, 1);
    return &snapshot->text;
}

void tdh_snapshot_settle(struct tdh_run *run, uint64_t seq)
{
    struct tdh_snapshot *snapshot = run->snapshot;

    if (snapshot != NULL && snapshot->is_flying) {
        run->snapshot_bytes = snapshot->text.length;
        run->tail_bytes -= snapshot->tail_bytes;
        tdh_snapshot_drop(run);
        tdh_results_sweep(run);
    } else if (snapshot != NULL && snapshot->after == 0) {
        snapshot->after = seq;
        hurry(run);
    }
}
