/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ended: the list of runs that have ended, which is written with the end of each and is all that
 * retention reads: what is due is found without looking at what is not.
 *
 * A record of the space "ended" is one run. Its key is HASH/LETTER/TIME/ID: the first digits of
 * the hash of its definition, how it ended, when, and its id; so one definition's runs that ended
 * alike stand together, the oldest first. Its value is ["KEY", "PARENT", 1]: the run's number in
 * the journal, the run that asked for it or "", and that it has gone over from one definition to
 * another; what is left out behind is not so.
 *
 * A record of the space "was" is a definition that a run followed before: HASH/ID. It is written
 * with the run's going over, and goes with the run.
 *
 * A run is taken away in three steps: its record, its journal, its place in this list. So one that
 * is half gone does not show any more, and the next pass finds it here.
 */
#ifndef TDH_RUN_ENDED_H
#define TDH_RUN_ENDED_H

#include "run/internal.h"

#define TDH_ENDED_SPACE "ended"
#define TDH_WAS_SPACE "was"
#define TDH_CARE_SPACE "care" /* how far the care for all this has come; see list.c, garbage.c */

enum {
    TDH_ENDED_HASH = 16,                  /* digits */
    TDH_ENDED_CLASS = TDH_ENDED_HASH + 3, /* with the letter, and a / behind each */
    TDH_ENDED_KEY = TDH_ENDED_CLASS + 17 + TDH_ID_SIZE,
    TDH_ENDED_LETTERS = 4,  /* done, failed, cancelled; and those that are kept, however they did */
    TDH_ENDED_PORTION = 200 /* runs that are taken away at once */
};
extern const char tdh_ended_letters[TDH_ENDED_LETTERS + 1];

struct tdh_ended {
    char key[TDH_ENDED_KEY];
    uint64_t run;
    char parent[TDH_ID_SIZE]; /* "": nobody asked for it */
    bool has_moved;
};

static inline const char *tdh_ended_id(const struct tdh_ended *ended)
{
    return ended->key + TDH_ENDED_CLASS + 17;
}
int64_t tdh_ended_us(const char *key);

/* Key and value of a run that is ending, one behind the other in run->live: it has no live record
 * any more. */
void tdh_ended_write(struct tdh_run *run);
enum { TDH_WAS_KEY = TDH_SHA256_HEX + TDH_ID_SIZE };
void tdh_was_key(char key[static TDH_WAS_KEY], const char *hash, const char *id);
/* From a run's record; false: it has not ended. */
bool tdh_ended_of_record(const char *id, const json_t *record, struct tdh_ended *ret_ended);
void tdh_ended_value(const struct tdh_ended *ended, struct tdh_buf *buf);
/* Those whose key begins with `prefix`, after the key `after` (may be ""), at most `limit`. */
TD_YIELDS int tdh_ended_page(struct tdh_store *store, const char *prefix, const char *after,
                             uint32_t limit, struct tdh_ended *list, size_t *ret_count,
                             struct td_err *err);
/* One portion of a store that was written before there was this list: what of it is missing. */
TD_YIELDS int tdh_ended_complete(struct tdh_engine *engine, bool *ret_more, struct td_err *err);

/* remove.c: takes runs away, at most TDH_ENDED_PORTION. is_listed: they come from the list. */
TD_YIELDS int tdh_runs_remove(struct tdh_engine *engine, const struct tdh_ended *list, size_t count,
                              bool is_listed, struct td_err *err);

/* retain.c. What a definition says itself: -1 and UINT32_MAX where it says nothing. */
void tdh_retention_read(const json_t *text, struct tdh_retention *ret_own);
struct tdh_retention tdh_retention_with(const struct tdh_retention *all,
                                        const struct tdh_retention *own);
/* The newest end that is due, of a letter's; INT64_MIN: none is. floor_us: that end and newer ones
 * are among the newest that stay; INT64_MAX: none need to. */
int64_t tdh_retention_due(const struct tdh_retention *retention, unsigned letter, int64_t floor_us,
                          int64_t now_us);

/* garbage.c: takes away definitions that no run refers to: all, or the one whose hash begins so. */
TD_YIELDS int tdh_definitions_tidy(struct tdh_engine *engine, const char *hash, uint32_t *ret_count,
                                   struct td_err *err);

#endif
