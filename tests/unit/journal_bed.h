/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_bed: journals of a run of a workflow, made by really running it, and lives that resume
 * what was done to their rows since.
 */
#ifndef TESTS_JOURNAL_BED_H
#define TESTS_JOURNAL_BED_H

#include "run_bed.h"

enum journal_kind {
    JOURNAL_EVENTS,    /* tasks, retries, rounds, a child and signals; it waits for one */
    JOURNAL_SNAPSHOTS, /* the same, with snapshots on the way */
    JOURNAL_UNDOING,   /* it was cancelled, and died while it undid a step */
    JOURNAL_KINDS
};

/** Makes a world with that journal. What it did is that of run_bed.h; world_end(). */
void journal_make(enum journal_kind kind, struct world *world, char id[static TDH_ID_SIZE]);
/** A copy with a disk of its own; world_end(). */
void journal_copy(const struct world *from, struct world *world);
/** Where the rows that are read when the run is resumed begin, among those of the disk; they are
 * those of one run. With a snapshot: the row that it stands behind. *ret_run: its number. */
size_t journal_first(const struct world *world, const char *id, uint64_t *ret_run);
/** Takes value: the row's new text. */
void journal_set(struct world *world, size_t row, char *value);
/** The same of its snapshot, whose text is NULL when there is none. */
const char *journal_snapshot(const struct world *world, const char *id);
void journal_set_snapshot(struct world *world, const char *id, char *value);

/* What became of it. */
struct resumed {
    bool is_refused; /* it was not resumed; err says why */
    bool is_parked;  /* its record says so */
    bool is_idle;    /* it goes on, with nothing under way and no end: it must not */
    struct td_err err;
};
/** A life that resumes the run, signals and cancels it. */
void journal_resume(struct world *world, const char *id, struct resumed *ret_resumed);

#endif
