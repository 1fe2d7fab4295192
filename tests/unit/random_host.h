/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_host: a host of one run of a workflow: what is under way, and a text of all that was asked
 * for.
 */
#ifndef TDEV_TESTS_RANDOM_HOST_H
#define TDEV_TESTS_RANDOM_HOST_H

#include "base/buf.h"
#include "base/map.h"
#include "flow/flow.h"
#include "random_flow.h"

struct asked {
    char path[PATH_SIZE];
    uint64_t tag;
    uint32_t number;
    bool is_wait, is_timer, is_run;
};

struct host {
    struct td_asks asks; /* first: what the reducer gets */
    const void *plan;
    void *state;
    struct asked open[OPEN_MAX];
    unsigned open_count;
    uint32_t number;
    struct tdh_map paths; /* ever asked for */
    struct tdh_buf trace;
    bool is_over, asked_twice;
    char *output; /* of the run; NULL: it failed */
    char error[TD_ERR_TEXT];
};

/** Starts a run with {n: input}; host is zeroed. */
void host_begin(struct host *host, const void *plan, unsigned input);
void host_end(struct host *host);
/** Saves the state as text and loads it into a new struct. */
void host_reload(struct host *host);
/** Answers the open ask of that place, or cancels the run. */
void host_tell(struct host *host, unsigned place, struct td_event *event);

#endif
