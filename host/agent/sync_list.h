/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_list: what sync.c asks of the lists of versions of two stores, and how it changes them.
 * Nothing here waits, and nothing but the list is changed.
 */
#ifndef TDH_AGENT_SYNC_LIST_H
#define TDH_AGENT_SYNC_LIST_H

#include "agent/agent.h"

enum tdh_sync_relation {
    TDH_SYNC_NONE, /* neither has a state */
    TDH_SYNC_SAME,
    TDH_SYNC_AHEAD,  /* this one knows the newest of the other */
    TDH_SYNC_BEHIND, /* the other way round */
    TDH_SYNC_CONFLICT
};

const char *tdh_sync_relation_name(enum tdh_sync_relation relation);
enum tdh_sync_relation tdh_sync_compare(const json_t *here, const json_t *there);
/** The note of the latest version that both newest come from, of here; NULL: none is kept. */
const json_t *tdh_sync_common(const json_t *here, const json_t *there);
/** The notes that `to` lacks of what the newest of `from` comes from, oldest first. new; NULL
 * without memory. */
json_t *tdh_sync_missing(const json_t *from, const json_t *to);

/** Puts a version into the list, or what is known of it in the place of what was. -1: no memory */
int tdh_sync_put(json_t *list, const json_t *note);
/** The same, as one that lost: it is aside, and what is newer knows it. */
int tdh_sync_put_aside(json_t *list, const json_t *note);
/** Gives the list a name among lists, when it has none. ret_is_new: it had none. -1: no memory */
int tdh_sync_name(json_t *list, bool *ret_is_new);
/** Notes that the list of that name has `id` in common with this one. ret_is_new: it is another
 * than was noted. -1: no memory */
int tdh_sync_mark(json_t *list, const char *name, const char *id, bool *ret_is_new);

#endif
