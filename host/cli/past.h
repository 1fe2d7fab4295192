/* SPDX-License-Identifier: Apache-2.0 */
/*
 * past: how long the steps of runs took, from their events.
 */
#ifndef TDH_CLI_PAST_H
#define TDH_CLI_PAST_H

#include "base/map.h"
#include "run/run.h"

#define TDH_PAST_RUNS 20 /* most runs that are read */

/* Of one step in all these runs. */
struct tdh_past_step {
    int64_t sum_us;
    unsigned count;
};

/* Zero-initialised is valid and empty; ended by tdh_past_end. */
struct tdh_past {
    struct tdh_map steps; /* path -> struct tdh_past_step */
    int64_t sum_us;       /* of whole runs, together */
    unsigned runs, step_count;
};

/** A time that is a member of an object, in microseconds; 0: there is none. */
int64_t tdh_past_time(const json_t *object, const char *key);
/**
 * The steps of a run as tdh_runs_show gives it: {path: {step, status, begun_us, ended_us, wall_us,
 * retries, used: {METER: number}}}; of a path that comes again, the last. `used` is what its
 * attempts said they used, when they did. new.
 *
 * errors  an array: gets {step, time, error} of each failure
 */
json_t *tdh_past_steps(const json_t *run, json_t *errors);
/**
 * Reads the newest runs of a definition that are done. Those that cannot be read are left out.
 *
 * name     of the workflow or pattern
 * def      the hash of the definition
 * except   the id of a run that does not count; NULL: all do
 * by_node  paths are those of nodes: all rounds of "each[3].pay" are "each.pay"
 * past     is added to
 */
TD_YIELDS int tdh_past_read(struct tdh_engine *engine, const char *name, const char *def,
                            const char *except, bool by_node, struct tdh_past *past,
                            struct td_err *err);
void tdh_past_end(struct tdh_past *past);

#endif
