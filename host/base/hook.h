/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook: base's way up. Folders below `observe` and `message` tell what happens here; who wants to
 * know registers.
 *
 * Hooks are set while one thread runs (start-up) and read without a lock afterwards. A hook must
 * not block or fail.
 */
#ifndef TDH_BASE_HOOK_H
#define TDH_BASE_HOOK_H

#include <jansson.h>
#include <stdbool.h>

#define TDH_HOOKS 8

typedef void tdh_event_fn(void *arg, const char *name, const json_t *data);

/** Adds a listener for all events. Returns -1 when TDH_HOOKS are there already. */
int tdh_hook_add(tdh_event_fn *fn, void *arg);
/** Takes that listener away; one that is not there is fine. Like adding: while nobody tells. */
void tdh_hook_remove(tdh_event_fn *fn, void *arg);
/** Takes all listeners away: for tests, and at the end of main. */
void tdh_hook_clear(void);
/** True when anyone listens: so that `data` is made only then. */
bool tdh_hook_is_wanted(void);
/** Tells an event, named like "plugin.loaded"; data is borrowed and may be NULL. */
void tdh_hook_event(const char *name, const json_t *data);

#endif
