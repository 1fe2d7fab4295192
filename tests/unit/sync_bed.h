/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_bed: three stores in memory, which save states of one agent and are synchronised.
 */
#ifndef TDEV_TESTS_SYNC_BED_H
#define TDEV_TESTS_SYNC_BED_H

#include "fake_store.h" /* before cmocka, whose fail() is a macro */

#include <stdbool.h>

#include "agent/agent.h"

enum { STORES = 3, HERE = 0, THERE = 1 };

struct sync_bed {
    struct tdh_runtime *runtime;
    struct fake_disk *disks[STORES];
    struct tdh_store *stores[STORES];
    void (*fn)(struct sync_bed *bed);
    json_t *report;
    struct td_err err;
};

/** Runs fn in a coroutine, with stores that hold nothing. */
void sync_bed_run(void (*fn)(struct sync_bed *bed));
/** Forgets all that the stores hold. */
void sync_bed_begin_anew(struct sync_bed *bed);
/** Saves a state of agent "a" behind the newest. */
void sync_bed_save(struct sync_bed *bed, int at, const json_t *state, unsigned keep);
void sync_bed_save_text(struct sync_bed *bed, int at, const char *text);
/** The newest state, and its number. new; NULL: there is none. */
json_t *sync_bed_newest(struct sync_bed *bed, int at, char id[static TDH_STATE_ID]);
void sync_bed_assert_newest(struct sync_bed *bed, int at, const char *want);
/** Is there a version with that number, which can be read? */
bool sync_bed_holds(struct sync_bed *bed, int at, const char *id);
/** The report is in bed->report. */
int sync_bed_sync_of(struct sync_bed *bed, int here, int there, const struct tdh_sync *sync);
int sync_bed_sync_plain(struct sync_bed *bed, int here, int there, enum tdh_sync_choice choice);
/** A text of the report; "-": there is none. */
const char *sync_bed_told(const struct sync_bed *bed, const char *key);

#endif
