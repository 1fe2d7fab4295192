/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper: what a pass of retention knows of each definition that runs have ended with: a shelf.
 */
#ifndef TDH_RUN_KEEPER_H
#define TDH_RUN_KEEPER_H

#include "run/ended.h"

struct tdh_shelf {
    char hash[TDH_ENDED_HASH + 1];
    char *name; /* of the workflow or pattern; NULL: not looked at yet */
    struct tdh_retention own;
    int64_t oldest_us[TDH_ENDED_LETTERS]; /* -1: there is none */
    uint32_t removed;                     /* in this pass */
};

struct tdh_shelves {
    struct tdh_shelf *list; /* by hash */
    size_t count, room;
};

/* shelf.c. Looks anew which there are; what is known of a definition stays known. */
TD_YIELDS int tdh_shelves_read(struct tdh_shelves *shelves, struct tdh_store *store,
                               struct td_err *err);
void tdh_shelves_free(struct tdh_shelves *shelves);
/* Reads its definition, unless that is known. One that is gone has no name and says nothing. */
TD_YIELDS int tdh_shelf_know(struct tdh_shelf *shelf, struct tdh_store *store, struct td_err *err);
/* When the keep-th newest run of that name ended; INT64_MIN: there are not so many. All shelves
 * must be known. */
TD_YIELDS int tdh_shelves_floor(struct tdh_shelves *shelves, const char *name, uint32_t keep,
                                struct tdh_store *store, int64_t *ret_floor_us, struct td_err *err);
/* "HASH/L/" */
void tdh_shelf_class(const struct tdh_shelf *shelf, unsigned letter,
                     char ret_class[static TDH_ENDED_CLASS + 1]);

#endif
