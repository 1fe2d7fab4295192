/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally: what is known of a trigger from one life of the process to the next: a record of the
 * store.
 */
#ifndef TDH_FLOW_TALLY_H
#define TDH_FLOW_TALLY_H

#include <jansson.h>

#include "base/id.h"
#include "flow/pace.h"

#define TDH_TALLY_SPACE "trigger" /* by WORKFLOW/TRIGGER */

struct tdh_tally {
    char hash[13];    /* of what the trigger reacted to: with another, nothing was missed */
    int64_t since_us; /* when the trigger was first seen */
    int64_t seen_us;  /* times up to then are accounted for */
    bool is_listed;   /* the files that there are are known */
    int64_t last_us;  /* of the newest start */
    char last_run[TDH_ID_SIZE];
    uint64_t count, refused;
    json_t *refusal; /* the newest: {time, text}; NULL: none */
    struct tdh_pace_log log;
    json_t *waiting; /* an event that waits until it is quiet; NULL: none */
    int64_t waiting_us;
};

/** new: json. NULL: without memory. */
json_t *tdh_tally_json(const struct tdh_tally *tally);
/** Over a zeroed one. What is not there is zero. err TD_E_NOMEM */
int tdh_tally_read(struct tdh_tally *tally, const json_t *record, struct td_err *err);
void tdh_tally_end(struct tdh_tally *tally);
/** Notes why something was not started. */
void tdh_tally_refuse(struct tdh_tally *tally, int64_t now_us, const char *text);

#endif
