/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting: what was set of a named agent besides its file: a record of the store with what holds
 * now and how it came to that. The user's file is never written.
 *
 *   {set: {"options.limit": 5}, number: 7, forgotten: 0,
 *    history: [{number, time, source, changes: [{path, old, new}], set: as it was then}]}
 *
 *   setting.c  reading, and laying it over the file's text
 *   set.c      changing: checked as a whole, then written if nobody else was faster
 */
#ifndef TDH_AGENT_SETTING_H
#define TDH_AGENT_SETTING_H

#include "agent/internal.h"

#define TDH_SETTING_SPACE "agent-set"
#define TDH_SETTING_HIDDEN "(secret)"
enum {
    TDH_SETTING_PATHS = 64,         /* of one agent */
    TDH_SETTING_HISTORY = 20,       /* changes that are kept */
    TDH_SETTING_BYTES = 256 * 1024, /* of a record, as JSON: older changes go first */
    TDH_SETTING_AGENTS = 10000      /* that may have one */
};

/* Of one agent, as far as it counts here. */
struct tdh_setting {
    uint64_t version; /* of the record */
    json_t *set;
};

/** May that be set? err TD_E_INVAL with the nearest name */
int tdh_setting_check_path(const char *path, struct td_err *err);
/** The file's text (NULL: none) with that laid over it. new; NULL: no memory */
json_t *tdh_setting_lay(const json_t *text, const json_t *set);
/** What is at the path; borrowed; NULL: nothing. */
const json_t *tdh_setting_get(const json_t *text, const char *path);
/** What holds for an agent; NULL: nothing. Borrowed. With the agents' lock. */
const struct tdh_setting *tdh_setting_of(const struct tdh_agents *agents, const char *name);
/** Another one holds from now on; take. set NULL: none. err TD_E_NOMEM */
int tdh_setting_put(struct tdh_agents *agents, const char *name, uint64_t version, json_t *set,
                    struct td_err *err);
void tdh_setting_free(void *setting);

#endif
