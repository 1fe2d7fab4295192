/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout: how a new build of a plugin comes to serve: which share of the calls it gets, for how
 * long it is watched, and when it is taken, or taken back. docs/rollouts.md tells it to users.
 *
 * What is so stands in a file for each plugin, DIR/NAME.json, which only tdevd writes, and which
 * any host reads that loads the plugin: what is on trial, or was taken back, serves nowhere else.
 * Who wants something of tdevd writes DIR/NAME.wish or DIR/NAME.plan, which it takes away.
 */
#ifndef TDH_AGENT_ROLLOUT_H
#define TDH_AGENT_ROLLOUT_H

#include "agent/trial.h"

enum { TDH_ROLLOUT_FILE = 256 * 1024, TDH_ROLLOUT_STEPS = 50 /* of its story that are kept */ };

enum tdh_wish { TDH_WISH_NOTHING, TDH_WISH_PROMOTE, TDH_WISH_PROMOTE_NOW, TDH_WISH_ROLLBACK };

/* One that is on. */
struct tdh_rollout {
    struct tdh_rollouts *all;
    char *name; /* of the plugin */
    struct tdh_rollout_plan plan;
    struct tdh_trial *trial; /* the agents' */
    size_t phase;
    uint64_t since_ns;  /* the phase */
    uint64_t next_look; /* calls of what is tried, at which the tests are made again */
    unsigned looks;
    json_t *record; /* as in its file */
    json_t *written;
};

struct tdh_rollouts {
    struct tdh_agents *agents;
    const struct tdh_policies *policies;
    char *dir;
    struct tdh_map on; /* plugin -> struct tdh_rollout, owned */
};

/* rollout_plan.c */
/** Reads one, its shape as conf/schema/policy.json has it. err TD_E_CONFIG with
 * FILE:LINE:COLUMN */
int tdh_rollout_plan_read(const struct tdh_yaml *yaml, const char *pointer, const json_t *text,
                          struct tdh_rollout_plan *ret_plan, struct td_err *err);
/** Reads all of the policies. err as that */
int tdh_rollout_plans_check(const struct tdh_policies *policies, struct td_err *err);
/** The first of the policies that is for the plugin, as it is written, new; NULL: none. */
json_t *tdh_rollout_plan_find(const struct tdh_policies *policies, const char *plugin,
                              struct tdh_rollout_plan *ret_plan);
/** Does it serve at once, with nothing to be watched? */
bool tdh_rollout_is_plain(const struct tdh_rollout_plan *plan);
/* rollout_file.c */
/** new; NULL: there is none that can be read */
json_t *tdh_rollout_record(const char *dir, const char *plugin);
int tdh_rollout_write(const char *dir, const char *plugin, const json_t *record,
                      struct td_err *err);
/** Takes what somebody has wished of it, who waits until it is done. */
enum tdh_wish tdh_rollout_take_wish(const char *dir, const char *plugin);
void tdh_rollout_wish_done(const char *dir, const char *plugin);
/** Takes what was said of that version alone, as it is written, new; NULL: nothing was. */
json_t *tdh_rollout_take_plan(const char *dir, const char *plugin, const char *version,
                              struct tdh_rollout_plan *ret_plan);
/** The plan in the record, the same. */
json_t *tdh_rollout_recorded_plan(const char *dir, const char *plugin,
                                  struct tdh_rollout_plan *ret_plan);
/** Plugins that somebody has wished something of; a list that ends with NULL, new, as of
 * tdh_agent_names. */
char **tdh_rollout_wished(const char *dir);
/** As tdh_instead_fn; arg: the folder. */
tdh_instead_fn tdh_rollout_instead;
/* rollout_step.c */
/** What there is to do for one; it may be over, and free, behind that. */
TD_YIELDS void tdh_rollout_step(struct tdh_rollout *rollout, uint64_t now_ns);
/** A step of its story, in its record, in the log, and as an event. */
void tdh_rollout_tell(struct tdh_rollout *rollout, const char *what, const char *why);
/** Writes the record with what was counted so far, if it is another. */
void tdh_rollout_keep(struct tdh_rollout *rollout);
void tdh_rollout_enter(struct tdh_rollout *rollout, size_t phase, uint64_t now_ns);
/** When there is something to do for it next, ms. */
unsigned tdh_rollout_next_ms(const struct tdh_rollout *rollout, uint64_t now_ns);
/* rollout_wish.c */
/** What is wished of a plugin of which no rollout is on. */
TD_YIELDS void tdh_rollout_heed(struct tdh_rollouts *rollouts, const char *plugin);
/* rollout.c */
void tdh_rollout_end(struct tdh_rollout *rollout);

#endif
