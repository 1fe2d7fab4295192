/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states_shared: what states.c, states_write.c and sync.c share: where versions stand, and how they
 * are numbered.
 */
#ifndef TDH_AGENT_STATES_SHARED_H
#define TDH_AGENT_STATES_SHARED_H

#include "agent/agent.h"

/* Where the states are, by agent and number. */
#define TDH_STATES_SAVED "agent.state.saved"

enum { TDH_STATE_KEY = 64 + TDH_STATE_ID + 1 };

/** The number of a version; "" of NULL. Borrowed. */
const char *tdh_state_id(const json_t *note);
/** The note with that number in a list; NULL: it is not kept. Borrowed. */
const json_t *tdh_states_by_id(const json_t *list, const char *id);
/** The number that a note has to have. -1: no memory */
int tdh_state_print_id(const char *agent, const json_t *note, char id[static TDH_STATE_ID]);
void tdh_state_print_key(const char *agent, const char *id, char key[static TDH_STATE_KEY]);

/** A note of a version that is to be, of now. new; err TD_E_LIMIT, TD_E_NOMEM */
json_t *tdh_states_note(const char *agent, const struct tdh_state_new *version, struct td_err *err);
/**
 * Puts another list in the place of what was read, less what is too old or too many, with the
 * states of the versions in it that are new.
 *
 * list    borrow
 * states  borrow; {id: state} of those that are new; those that would go at once are not written
 * err     as tdh_states_add
 */
TD_YIELDS int tdh_states_replace(struct tdh_store *store, struct tdh_states *versions,
                                 const json_t *list, const json_t *states, unsigned keep,
                                 int64_t ttl_ms, struct td_err *err);

#endif
