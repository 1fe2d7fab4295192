/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow: starts or resumes a run and stays with it to its end, showing each step with its time.
 */
#ifndef TDH_CLI_FOLLOW_H
#define TDH_CLI_FOLLOW_H

#include "cli/cli.h"

enum { TDH_FOLLOW_STEPS = 1000 };

struct tdh_follow {
    const struct tdh_args *args;
    bool is_quiet;
    /* pairs: path, what people read; NULL ends; may be NULL: every step by its path */
    const char *const *labels;
    struct tdh_definition *definition;
    json_t *input;
    json_t *tags;                    /* of a new run; may be NULL */
    const char *priority;            /* of a new run; NULL: its definition's */
    const struct tdh_meters *budget; /* of a new run; NULL: its definition's */
    char id[TDH_ID_SIZE]; /* of the run, once it has begun; before, the one it shall have, or "" */
    enum tdh_run_status status;
    json_t *output; /* new, when done */
    json_t *past;   /* new, when tdh_follow_past was there; NULL: nothing is known */
    uint64_t elapsed_ms;
    struct tdh_follow_step *steps; /* under way */
    unsigned lines;                /* of steps that went well */
};

/** Runs follow->definition with follow->input to its end.
 * A tdh_host_fn with the follow as arg; fails unless the run is done. */
int tdh_follow_run(struct tdh_host *host, void *follow, struct td_err *err);
/** Stays with a run that has begun; takes the run. */
int tdh_follow_wait(struct tdh_follow *follow, struct tdh_run *run, struct td_err *err);
/** The watcher, for a run that is resumed. */
void tdh_follow_watch(void *follow, struct tdh_run *run, const char *name, const char *path,
                      const json_t *data, const struct td_err *error);
/** Of a run that was begun and is not done: puts into follow->past its id, its status, and how each
 * step ended that did, oldest first, the newest TDH_FOLLOW_STEPS of them. Without memory: nothing.
 */
void tdh_follow_past(struct tdh_host *host, struct tdh_follow *follow);
/** Prints the outcome of a run as the verbs run, pattern run and runs resume do;
 * takes output. Returns the exit code. */
int tdh_follow_print(const struct tdh_follow *follow);

#endif
