/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: what an instance has its host keep, as its plugin saves, loads and migrates it. A part of
 * plugin.h, which includes it.
 *
 * The plugin may be inline or isolated; nothing here knows a store. All of it is entered as an
 * action is: in the instance's thread, with a context of it.
 */
#ifndef TDH_PLUGIN_STATE_H
#define TDH_PLUGIN_STATE_H

#include <jansson.h>
#include <stdint.h>
#include <tdev/ctx.h>

struct td_agent_state;
struct tdh_ctx;

/**
 * An isolated plugin has made the instance of the context (anew) in its process, with init; now its
 * state is to be given to it, with tdh_state_load. The instance is not used before. In a coroutine
 * of the plugin's home worker. A failure is that of the call, and the next one tries again.
 */
TD_YIELDS typedef int tdh_fresh_fn(struct tdh_ctx *ctx, struct td_err *err);

/**
 * What the instance wants kept.
 *
 * ret_saved  new; NULL: of an isolated plugin, whose process has no such instance now, so there is
 *            nothing that was not saved
 * err        what save says; TD_E_LIMIT; TD_E_EXEC: it gave what is no JSON
 */
TD_YIELDS int tdh_state_save(struct tdh_ctx *ctx, json_t **ret_saved, struct td_err *err);
/** Gives an instance that was just made what is of its plugin's own version. err: what load says */
TD_YIELDS int tdh_state_load(struct tdh_ctx *ctx, const json_t *saved, struct td_err *err);
/**
 * Brings what was saved from one version to another, along the shortest path of migrations. From a
 * version to itself is a path without steps.
 *
 * ret_saved  new
 * ret_path   new: the versions on the way, both ends included
 * err        TD_E_UNSUPPORTED: there is no path, and these are the steps there are; what a
 *            migration says, with its step in front
 */
TD_YIELDS int tdh_state_migrate(struct tdh_ctx *ctx, uint32_t from, uint32_t to,
                                const json_t *saved, json_t **ret_saved, json_t **ret_path,
                                struct td_err *err);
/** Has an isolated plugin make the instance now, if it is not there, with what fresh does. */
TD_YIELDS int tdh_state_wake(struct tdh_ctx *ctx, struct td_err *err);

#endif
