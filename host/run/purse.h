/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purse: what a run may use, has used, and has reserved, meter by meter.
 *
 * `spent` is the sum of what stands in the run's own journal. What its children spend stands in
 * theirs, and counts as `live` until they have ended: then the event that tells of it has their
 * sum. So a rebuild counts nothing twice. `reserved` is of the attempts that are under way, here
 * and in the children; it is in memory only.
 */
#ifndef TDH_RUN_PURSE_H
#define TDH_RUN_PURSE_H

#include <tdev/err.h>

#include "base/buf.h"
#include "base/meter.h"

struct tdh_run;
struct tdh_ask_entry;
struct tdh_resume;

enum { TDH_NO_LIMIT = -1 };

struct tdh_purse_row {
    char name[TDH_METER_NAME];
    int64_t limit, spent, live, reserved;
};

struct tdh_purse {
    struct tdh_purse_row calls;
    struct tdh_purse_row *rows; /* TDH_METERS_MAX, once there is one */
    unsigned count;
    bool is_limited;
    bool is_own;  /* its limits are not just those of the definition */
    bool is_full; /* a meter came that there was no room for: told once */
};

/* The run around this one that waits for it; NULL: none. */
struct tdh_run *tdh_purse_above(const struct tdh_run *run);
/* The row of that name, or NULL. */
struct tdh_purse_row *tdh_purse_find(struct tdh_purse *purse, const char *name);
/* Sets limits. False: without memory, or they are too many. */
bool tdh_purse_limit(struct tdh_purse *purse, const struct tdh_meters *limits);
/* Takes limits of another definition in place of those of the one before. */
bool tdh_purse_follow(struct tdh_purse *purse, const struct tdh_meters *limits);
void tdh_purse_free(struct tdh_purse *purse);

/* Counts as spent in the run, and as live in all runs around it. */
void tdh_purse_spend(struct tdh_run *run, const char *name, int64_t amount);
/* Reserved in the run and in all around it; a negative amount ends that. */
void tdh_purse_reserve(struct tdh_run *run, const char *name, int64_t amount);
/* Counts as live in the run and in all around it, or, negative, no more. */
void tdh_purse_live(struct tdh_run *run, const struct tdh_meters *meters, int sign);
/* All that the run and its children spent; with all that is reserved. */
void tdh_purse_total(const struct tdh_purse *purse, bool with_reserved,
                     struct tdh_meters *ret_meters);
static inline int64_t tdh_purse_used(const struct tdh_purse_row *row)
{
    return row->spent + row->live;
}

/* `,"budget":{...},"spent":{...}` as journals have them, each when there is something to say. */
void tdh_purse_write_limits(const struct tdh_purse *purse, struct tdh_buf *buf);
void tdh_purse_write_spent(const struct tdh_purse *purse, struct tdh_buf *buf);
/* The same for people, in decimal numbers, with what children spend; when there is a limit, or a
 * meter of its own was used. */
void tdh_purse_show(const struct tdh_purse *purse, struct tdh_buf *buf);
/* {"tokens": 812000000} */
void tdh_purse_write(const struct tdh_meters *meters, struct tdh_buf *buf);

/* budget.c. _take: the attempt may begin, and what it may use is reserved. False: it is told that
 * it failed, or its run is paused. */
bool tdh_budget_take(struct tdh_ask_entry *ask);
/* Does its attempt count towards a budget, as far as is known before? Then what it may use stands
 * on the disk before it begins, and how it ended before the next does. */
bool tdh_budget_counts(const struct tdh_ask_entry *ask);
/* An attempt, or a child run, has ended: what is to stand in its event; NULL: nothing. The ask's
 * own until it is removed. */
const struct tdh_meters *tdh_budget_settle(struct tdh_ask_entry *ask);
/* Nobody waits for it any more; what it had reserved counts, with the next flush. */
void tdh_budget_cut(struct tdh_ask_entry *ask);
/* It has ended all the same, and used more. */
void tdh_budget_late(struct tdh_ask_entry *ask);
/* It used something and there is no event of its own for that. */
void tdh_budget_aside(struct tdh_ask_entry *ask);
/* The child run has ended: what it used is kept for the event that tells of it. */
void tdh_budget_child(struct tdh_ask_entry *ask, const struct tdh_run *child);
/* So much was used by one that had ended before this process took its parent over. */
void tdh_budget_known(struct tdh_ask_entry *ask, const struct tdh_meters *used);
/* Writes what was cut off, if any; not in the middle of a fold. */
void tdh_budget_flush(struct tdh_run *run);
/* That event, folded. */
void tdh_budget_lost(struct tdh_run *run, const struct tdh_meters *lost);
/* After a rebuild, before anything of it begins: attempts that were under way count. */
void tdh_budget_resume(struct tdh_run *run, const struct tdh_resume *resume);
bool tdh_ask_is_undo(const struct tdh_ask_entry *ask);
/* Sets limits; err TD_E_LIMIT: too many meters. */
int tdh_budget_set(struct tdh_run *run, const struct tdh_meters *limits, struct td_err *err);

/* fold.c and replay.c: events. */
/* What was cut off used so much. */
void tdh_fold_lost(struct tdh_run *run, const struct tdh_meters *lost);
void tdh_fold_limits(struct tdh_run *run, const struct tdh_meters *limits);
/* What a "d", "f" or "a" says was used, in `room`; NULL: nothing. */
const struct tdh_meters *tdh_event_used(const json_t *event, struct tdh_meters *room);
/* Does it tell of an agent that stands in from then on? Borrowed. */
bool tdh_event_stand_in(const json_t *event, const char **ret_agent, const char **ret_edition,
                        const char **ret_rule);

#endif
