/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_bed: hosts on one disk, with an agent whose state is kept. Its plugin "tally" counts, and
 * has a build for each version of its state.
 */
#ifndef TDEV_TESTS_STATE_BED_H
#define TDEV_TESTS_STATE_BED_H

#include "fake_store.h" /* before cmocka, whose fail() is a macro */
#include "plugin_home.h"

#include "agent/agent.h"
#include "runtime/runtime.h"

struct state_bed {
    struct plugin_home *home;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct fake_disk *disk;
    struct tdh_store *store;
    const char *folders[2];
    struct tdh_agents *agents;
    void (*fn)(struct state_bed *bed);
    unsigned left, failed; /* of callers, as the test likes */
    struct td_err err;
};

/** Runs fn with that build in place. state: of PLUGIN_HOME_TEST. */
void state_bed_run(void **state, unsigned build, bool is_isolated,
                   void (*fn)(struct state_bed *bed));
/** Another host on the same disk. */
struct tdh_agents *state_bed_open(struct state_bed *bed);
/** Ends the host as a kill does, and begins another. */
void state_bed_restart(struct state_bed *bed);
/** Puts a build in the place of what is there. */
void state_bed_plug(const struct state_bed *bed, unsigned build, bool is_isolated);
/** Writes the agent's file. */
void state_bed_say(const struct state_bed *bed, const char *text);
/** Has changed plugins exchanged; returns how many were. */
unsigned state_bed_look(const struct state_bed *bed);
/** Calls an action; by < 0: it waits in between. */
int state_bed_call(struct state_bed *bed, struct tdh_agents *agents, const char *action, int by,
                   struct tdh_call *parent, json_t **ret_output, struct td_err *err);
/** What the count is after the action; -1: bed->err. */
int state_bed_ask(struct state_bed *bed, struct tdh_agents *agents, const char *action, int by);
/** Which build answers. */
int state_bed_build(struct state_bed *bed);
size_t state_bed_count(struct state_bed *bed, bool is_aside);
/** Whose agent calls itself, in `twice`. */
extern struct tdh_agents *state_bed_nested;

#endif
