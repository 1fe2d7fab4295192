/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history: a run's whole journal, to be folded again from its beginning. Used by what looks at a
 * run as it was, makes another out of it, or lets it follow another definition.
 */
#ifndef TDH_RUN_HISTORY_H
#define TDH_RUN_HISTORY_H

#include "run/internal.h"

/* From where its events can be folded: a snapshot that stands for all before it. */
struct tdh_base {
    uint32_t at;            /* so many events stand before it */
    const json_t *snapshot; /* NULL: the run's start */
    const json_t *nodes; /* what was told when it went over to this definition; NULL: the first */
};

struct tdh_history {
    json_t *record, *rows;
    json_t *events; /* of rows, in order */
    json_t *asks;   /* number of an ask -> [number, kind, path], for all that were ever made */
    struct tdh_base *bases; /* by `at`; there is one at least */
    size_t base_count;
    struct tdh_run *run; /* while it is folded; NULL: not yet */
};

/* Zeroed before; tdh_history_end() whatever comes of it. */
TD_YIELDS int tdh_history_read(struct tdh_engine *engine, const char *id, struct tdh_history *past,
                               struct td_err *err);
void tdh_history_end(struct tdh_history *past);

/* Of the ask that an event is of; NULL: of none. */
const char *tdh_history_path(const struct tdh_history *past, const json_t *event);
bool tdh_history_is_end(const json_t *event);
/* When that event came; of 0: when a run that was made from another was. */
int64_t tdh_history_time(const struct tdh_history *past, uint32_t at);
/* The newest base with no more than so many events before it. */
const struct tdh_base *tdh_history_base(const struct tdh_history *past, uint32_t at);

/* The run as it was after so many events, folded from the base before them. */
TD_YIELDS int tdh_history_fold(struct tdh_engine *engine, struct tdh_history *past, uint32_t at,
                               struct td_err *err);
/* Reads it, and folds that far. err TD_E_INVAL: there is nothing at that place. */
TD_YIELDS int tdh_history_at(struct tdh_engine *engine, const char *id, uint32_t at,
                             struct tdh_history *past, struct td_err *err);

#endif
