/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow: starts or resumes a run and stays with it to its end, showing each step with its time.
 */
#ifndef TDH_CLI_FOLLOW_H
#define TDH_CLI_FOLLOW_H

#include "base/map.h"
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
    const char *tenant;              /* of a new run; NULL: its definition's */
    const struct tdh_meters *budget; /* of a new run; NULL: its definition's */
    char id[TDH_ID_SIZE]; /* of the run, once it has begun; before, the one it shall have, or "" */
    enum tdh_run_status status;
    json_t *output;    /* new, when done */
    json_t *past;      /* new, when tdh_follow_past was there; NULL: nothing is known */
    uint64_t begun_ns; /* of a run that was started here; 0: the wait counts from its own begin */
    uint64_t elapsed_ms;
    bool is_one_of_many;  /* who follows them says what is said of all */
    bool has_begun;       /* so there is a run, id and status are its own */
    bool is_kept;         /* the run can be found by other processes */
    struct tdh_map steps; /* under way; not with is_quiet */
    unsigned lines;       /* of steps that went well */
};

/** Runs follow->definition with follow->input to its end.
 * A tdh_host_fn with the follow as arg; fails unless the run is done. */
int tdh_follow_run(struct tdh_host *host, void *follow, struct td_err *err);
/** Stays with a run that has begun; takes the run. A signal that ends the process meanwhile says
 * how the run goes on, and in the end those are named that it began to go on by themselves. */
TD_YIELDS int tdh_follow_wait(struct tdh_host *host, struct tdh_follow *follow, struct tdh_run *run,
                              struct td_err *err);
/** As tdh_run_resume, for a run that is then stayed with: its steps are shown. how: borrow. */
TD_YIELDS int tdh_follow_resume(struct tdh_host *host, struct tdh_follow *follow, const char *id,
                                const struct tdh_resume *how, struct tdh_run **ret_run,
                                struct td_err *err);
/** Of a run that was begun and is not done: puts into follow->past its id, its status, and how each
 * step ended that did, oldest first, the newest TDH_FOLLOW_STEPS of them. Without memory: nothing.
 */
void tdh_follow_past(struct tdh_host *host, struct tdh_follow *follow);
/** Prints the outcome of a run as the verbs run, pattern run and runs resume do;
 * takes output. Returns the exit code. */
int tdh_follow_print(const struct tdh_follow *follow);
/** Tells a failure as tdh_cli_fail does, and of which run it is, when there is one: with --json
 * {"run", "status", "error"}. Returns the exit code. */
int tdh_follow_fail(const struct tdh_follow *follow, const struct td_err *err);

#endif
