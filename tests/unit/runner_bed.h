/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_bed: a host with the plugin "wild" of tests/plugins in a folder of its own, its manifest
 * changed as a test wants it, and calls of it.
 */
#ifndef RUNNER_BED_H
#define RUNNER_BED_H

#include "main/main.h"

struct runner_bed {
    char dir[96];
    struct tdh_host *host;
    struct td_err err;      /* of the last call; text "" when it was done */
    json_t *chunks;         /* of the last call */
    struct tdh_co *watcher; /* woken by each chunk; may be NULL */
    void (*fn)(struct runner_bed *bed);
};

int runner_bed_setup(void **state);
int runner_bed_teardown(void **state);
/** A path in the bed's folder. Static, of the last two calls. */
const char *runner_bed_path(const struct runner_bed *bed, const char *name);
/** Lays out the plugin. `change` stands in the place of the manifest's line "isolation: process",
 * "permissions: {...}" in that of its permissions; NULL: as they are. */
void runner_bed_plugin(const struct runner_bed *bed, const char *change, const char *permissions);
/** The line of the manifest that begins with `key` becomes another one. */
void runner_bed_change(const struct runner_bed *bed, const char *key, const char *line);
/** Runs fn in a host with a store in memory. */
void runner_bed_run(struct runner_bed *bed, void (*fn)(struct runner_bed *bed));
/** Calls the agent with the input, a JSON text in which ' stands for ". Its output, new, or NULL:
 * bed->err. timeout_ms 0: none. One attempt. */
TD_YIELDS json_t *runner_bed_call(struct runner_bed *bed, const char *agent, const char *action,
                                  unsigned timeout_ms, const char *input_fmt, ...) TD_PRINTF(5, 6);
/** Processes that this one has begun and that have not ended. */
unsigned runner_bed_children(void);

#endif
