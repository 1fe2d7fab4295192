/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states: what was saved of an agent's state: a tree of versions in the store. A part of agent.h,
 * which includes it.
 *
 * A version never changes. Its number is taken from a SHA-256 of what it is, so it is the same in
 * every store, and what is read is held against it. Of an agent there is one list of versions,
 * which names the newest, and a record for each of them; a new version is one commit, guarded by
 * the list, so of two hosts that add one at a time one is told (TD_E_CONFLICT) and changes nothing.
 *
 * A version is called what is here called a note of it:
 *
 *   {id, parent, from, why, by, note, time_us, version, plugin, plugin_version, edition, size,
 *    sha256, keys, aside}
 *
 * parent: the one that it came after, null of the first. why: saved, migrated, rolled back,
 * imported, merged. from: of what it was made, if that is not the parent. version: of the form of
 * the state. sha256 and size: of the state as JSON with sorted keys. keys: its first members.
 * aside: it did not become the newest, as another was that already.
 */
#ifndef TDH_AGENT_STATES_H
#define TDH_AGENT_STATES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "store/store.h"

/* Where the lists are, by agent. */
#define TDH_STATES_SPACE "agent.state"

enum {
    TDH_STATE_ID = 17,    /* text of a number with its NUL */
    TDH_STATES_KEEP = 10, /* that are kept, when nothing else is said */
    TDH_STATES_KEEP_MAX = 100,
    TDH_STATE_NOTE = 200 /* bytes of a person's note */
};

/* The list of an agent's versions as it was read. End: tdh_states_end. */
struct tdh_states {
    const char *agent; /* borrowed */
    json_t *list;      /* {newest: id or null, versions: [note ...]}, oldest first */
    uint64_t guard;    /* of its record; 0: there is none */
};

/* A version to be. All is borrowed. */
struct tdh_state_new {
    const json_t *state;
    uint32_t version;
    const char *plugin, *plugin_version, *edition; /* edition: may be NULL */
    const char *why;
    const char *parent, *from, *note; /* NULL: none */
    bool is_aside;
    const char *replaces; /* one aside that goes with it; NULL: none */
    unsigned keep;        /* how many may be kept, and as many that are aside */
    int64_t ttl_ms;       /* older ones go, but the newest; 0: none */
};

/** agent: borrow, as long as the list. err as tdh_store_get; that there are none is no failure. */
TD_YIELDS int tdh_states_read(struct tdh_store *store, const char *agent,
                              struct tdh_states *ret_versions, struct td_err *err);
void tdh_states_end(struct tdh_states *versions);
/** The note of the newest; borrowed. NULL: there is none. */
const json_t *tdh_states_newest(const struct tdh_states *versions);
/** The note of "newest", or of a number or the beginning of one (4 digits or more); borrowed.
 * err TD_E_NOTFOUND, TD_E_INVAL: several begin so. */
const json_t *tdh_states_find(const struct tdh_states *versions, const char *word,
                              struct td_err *err);
/** The state of a version, held against its note. new. err TD_E_CORRUPT: it is not what was saved,
 * or is not there; the hint names the one before it. */
TD_YIELDS int tdh_states_get(struct tdh_store *store, const struct tdh_states *versions,
                             const json_t *note, json_t **ret_state, struct td_err *err);
/**
 * Adds a version, and takes away what is too old or too many; never the newest.
 *
 * ret_note  borrowed of the list, which is the new one then; may be NULL
 * err       TD_E_CONFLICT: the list is another by now; TD_E_LIMIT; as tdh_store_commit. Nothing has
 *           changed
 */
TD_YIELDS int tdh_states_add(struct tdh_store *store, struct tdh_states *versions,
                             const struct tdh_state_new *version, const json_t **ret_note,
                             struct td_err *err);
/** Takes away what is too old or too many. ret_gone: new, [note ...] of those. is_dry: nothing is
 * taken away. err TD_E_CONFLICT */
TD_YIELDS int tdh_states_prune(struct tdh_store *store, struct tdh_states *versions, unsigned keep,
                               int64_t ttl_ms, bool is_dry, json_t **ret_gone, struct td_err *err);

/** The state as JSON with sorted keys, and its SHA-256. new; free(). NULL without memory. */
char *tdh_state_text(const json_t *state, char sha256[static TDH_SHA256_HEX]);
/**
 * What makes one state another: [{path, from, to} ...] by JSON Pointer, the first 1000; `from` or
 * `to` is missing of what is on one side only. new; NULL without memory.
 */
json_t *tdh_state_diff(const json_t *from, const json_t *to);

#endif
