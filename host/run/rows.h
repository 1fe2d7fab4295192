/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows: the rows of a run's journal, parsed. For the files of this folder.
 */
#ifndef TDH_RUN_ROWS_H
#define TDH_RUN_ROWS_H

#include <jansson.h>

#include "run/run.h"
#include "store/store.h"

/* tail.c. Zeroed and with `run` and `id` set before use. */
struct tdh_row {
    uint64_t seq;
    uint32_t type;
    json_t *value;
    size_t bytes;
};

struct tdh_rows {
    struct tdh_row *list;
    size_t count, room;
    uint64_t run, index;
    const char *id;   /* of the run, borrowed; when its snapshot is wanted */
    json_t *snapshot; /* NULL: none, or an older one is the first row */
    uint64_t after;   /* the row it stands behind, which is in no list */
    bool is_behind;   /* that row was there */
    size_t snapshot_bytes;
    bool has_snapshot; /* there is a record of one, even if it is of no use */
    bool is_chain;     /* each follows the one before */
    struct td_err *err;
    int rc;
};
/* The snapshot, and all rows after the one it stands behind; or, without one, the row the index
 * leads to, and all after it. */
TD_YIELDS int tdh_rows_tail(struct tdh_store *store, struct tdh_rows *rows, struct td_err *err);
/* Takes one row, parsed; a td_row_fn. */
int tdh_rows_add(void *rows, const struct td_row *row);
/* Takes a snapshot, parsed, and whose rows come next. */
int tdh_rows_snapshot(struct tdh_rows *rows, const char *text, size_t length, struct td_err *err);
#endif
