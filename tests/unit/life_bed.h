/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_bed: a fixture for tests of the life of named agents: the plugin "moody", with services that
 * wait and call, and callers in coroutines of their own.
 */
#ifndef TDEV_TESTS_LIFE_BED_H
#define TDEV_TESTS_LIFE_BED_H

#include "plugin_home.h" /* before cmocka, whose fail() is a macro */

#include "agent/agent.h"

struct bed {
    struct plugin_home *home;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct tdh_agents *agents;
    struct td_err err;
    void (*fn)(struct bed *bed);
    char told[4096]; /* names of events, "agent.lifecycle." left out */
};

/* A call in a coroutine. */
struct caller {
    struct bed *bed;
    const char *agent, *action;
    const char *asks; /* whom the action "ask" calls; NULL: itself */
    const char *code; /* that the action "spoil" fails with */
    const char *gate; /* a pipe: the action "sulk" waits until somebody writes to it */
    json_t *input, *output;
    unsigned timeout_ms;
    struct td_err err;
    int rc;
    bool is_over;
    struct tdh_co *waiter;
};

/** Runs fn in a coroutine of the first of two workers. library: moody or gloomy */
void bed_run(void **state, const char *library, void (*fn)(struct bed *bed));
/** Writes the file of agent NAME; "~" is the home folder. The words go to HOME/words. */
void bed_agent(struct bed *bed, const char *name, const char *fmt, ...) TD_PRINTF(3, 4);
/** What was written into HOME/words since the last call. Good until the next one. */
const char *bed_words(struct bed *bed);
/** Calls and waits. Returns the output, new, or NULL with bed->err. */
json_t *bed_call(struct bed *bed, const char *agent, const char *action, int ms);
/** Begins a call; it runs when this returns, unless it has to wait. */
void bed_begin(struct bed *bed, struct caller *caller, const char *agent, const char *action,
               int ms);
/** Waits for its end. Returns its rc; the input and the output are ended. */
int bed_end(struct caller *caller);
/** Waits until the member of the agent's status is that number; of its pool: "pool.NAME". */
void bed_until(struct bed *bed, const char *agent, const char *member, json_int_t number);
json_int_t bed_number(struct bed *bed, const char *agent, const char *member);
/** The agent's state; good until the next call. */
const char *bed_state(struct bed *bed, const char *agent);
/** Has it done. Returns 0, or -1 with bed->err. stopped may be NULL */
int bed_act(struct bed *bed, const char *agent, enum tdh_agent_act what,
            struct tdh_agent_stopped *stopped);

#endif
