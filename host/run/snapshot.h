/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: what stands in one and where, taking, writing and reading it. For the files of this
 * folder.
 */
#ifndef TDH_RUN_SNAPSHOT_H
#define TDH_RUN_SNAPSHOT_H

#include "run/internal.h"

/* results.c: of `room` places, a power of two; NULL: not there. */
struct tdh_result *tdh_results_find(struct tdh_result *results, size_t room, const json_t *value);
/* The results of the events being gathered are being written; then they have a row. */
void tdh_results_fly(struct tdh_run *run);
void tdh_results_settle(struct tdh_run *run, uint64_t seq);
void tdh_results_free(struct tdh_run *run);
/* Lets go of results that nothing but the table holds. */
void tdh_results_sweep(struct tdh_run *run);

/* capture.c: what stands in an ask's row of a snapshot */
enum { TDH_FLAG_BACKOFF = 1, TDH_FLAG_STOPPED = 2, TDH_FLAG_PAUSED = 4, TDH_FLAG_RUNNING = 8 };
enum {
    TDH_ASK_TEXT_PATH,
    TDH_ASK_TEXT_NAME,
    TDH_ASK_TEXT_ACTION,
    TDH_ASK_TEXT_CHILD,
    TDH_ASK_TEXT_KEY,
    TDH_ASK_TEXT_STAND_IN,
    TDH_ASK_TEXT_RULE,
    TDH_ASK_TEXTS
};
/* A run as it is now; results without a row are those of the write that it goes with. On the run's
 * worker, as tdh_capture_free(). new */
struct tdh_capture *tdh_capture_new(const struct tdh_run *run, struct td_err *err);
void tdh_capture_free(struct tdh_capture *capture);
/* Is its JSON written in no time? */
bool tdh_capture_is_small(const struct tdh_capture *capture);
/* Its JSON, in any thread; buf->failed says that it cannot be written. */
void tdh_capture_write(const struct tdh_capture *capture, struct tdh_buf *buf);
/* A run as it is now, as the row that its journal begins with, or begins anew with. */
int tdh_capture_base(const struct tdh_run *run, struct tdh_buf *buf, struct td_err *err);
/* Fills in the row that it stands behind; until then it is 0. */
void tdh_capture_say_after(struct tdh_buf *buf, uint64_t after);

/* snapshot.c: a snapshot is begun with the events that are being written, when it is time */
void tdh_snapshot_take(struct tdh_run *run);
/* The text of one that can be written now, until it is settled; NULL: none. */
const struct tdh_buf *tdh_snapshot_fly(struct tdh_run *run);
/* A write of the run was durable, with its events in that row. */
void tdh_snapshot_settle(struct tdh_run *run, uint64_t seq);
/* The one on its way is not wanted any more, as the run follows another definition. */
void tdh_snapshot_void(struct tdh_run *run);
void tdh_snapshot_drop(struct tdh_run *run);

/* reload.c */
int tdh_snapshot_load(struct tdh_run *run, json_t *snapshot, struct td_err *err);

/* tail.c */
/* The row that a snapshot stands behind; 0: that is none. text: ends with NUL. */
uint64_t tdh_snapshot_after(const char *text);

#endif
