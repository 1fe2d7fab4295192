/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange: plugins that become others while they are in use.
 */
#ifndef TDH_PLUGIN_EXCHANGE_H
#define TDH_PLUGIN_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <tdev/plugin.h>

struct tdh_plugins;
struct tdh_plugin;
struct tdh_plugin_entry;

enum { TDH_EDITION_ID = 17 };

enum { TDH_ON_TRIAL = 1 };
/**
 * A plugin is to be exchanged by another, which is open, and starts if it is isolated; or it is
 * gone. Whoever uses it goes over to that one, or says why that cannot be; or tries it beside the
 * one that serves: returns TDH_ON_TRIAL, and tdh_plugins_adopt or tdh_plugins_reject ends that.
 *
 * after  NULL: it is gone, which cannot be refused; the plugin that serves: what was tried is not
 *        there any more
 */
TD_YIELDS typedef int tdh_exchange_fn(void *arg, const struct tdh_plugin_entry *entry,
                                      struct tdh_plugin *after, struct td_err *err);
struct tdh_exchanged {
    unsigned exchanged, refused, gone;
    unsigned unsettled; /* changed since the last look: look again in TDH_LOOK_MS */
};
enum { TDH_LOOK_MS = 200 };
/**
 * Looks at the folders of all plugins that were asked for, and has those exchanged whose manifest
 * or library is another now, and was so at the look before: one that is being written waits. A
 * folder that is not there for a while counts as gone. One that does not pass the gates, or that
 * `fn` refuses, leaves the one before as it was; the entry says why, and so does the log. In a
 * coroutine, one at a time.
 */
TD_YIELDS void tdh_plugins_exchange(struct tdh_plugins *plugins, tdh_exchange_fn *fn, void *arg,
                                    struct tdh_exchanged *ret_exchanged);
/** What is tried serves from now on. err TD_E_NOTFOUND: nothing is. */
int tdh_plugins_adopt(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                      struct td_err *err);
/** What is tried is not tried any more, nor again until the folder has another build. */
void tdh_plugins_reject(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                        const struct td_err *why);
/** What was rejected is looked at once more with the next look. */
void tdh_plugins_look_again(struct tdh_plugins *plugins, enum td_kind kind, const char *name);
/**
 * One that was kept serves in the place of what is in the folder, until that is another.
 *
 * fn   as of tdh_plugins_exchange
 * why  as it is told
 * err  TD_E_NOTFOUND: it is not kept any more; what fn says
 */
TD_YIELDS int tdh_plugins_go_back(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                                  const char *edition, tdh_exchange_fn *fn, void *arg,
                                  const struct td_err *why, struct td_err *err);

struct tdh_instead {
    char edition[TDH_EDITION_ID]; /* that is to serve */
    bool is_tried;                /* the one in the folder is on trial, and was not refused */
    char why[TD_ERR_TEXT];        /* it was */
};
/** Which edition is to serve in the place of that which a folder has? False: none, that does. */
typedef bool tdh_instead_fn(void *arg, enum td_kind kind, const char *name, const char *edition,
                            struct tdh_instead *ret_instead);
/** Asked of each plugin that is loaded from now on. At start-up. */
void tdh_plugins_ask_instead(struct tdh_plugins *plugins, tdh_instead_fn *fn, void *arg);
/** The plugin as it was with that edition, from what was kept of it; the one that serves, when that
 * is it. new hold. err: TD_E_NOTFOUND, and as tdh_plugins_load. */
struct tdh_plugin *tdh_plugins_edition(struct tdh_plugins *plugins, enum td_kind kind,
                                       const char *name, const char *edition, struct td_err *err);
/** Unloads those that were exchanged and that nobody uses any more. Returns how many are left. */
unsigned tdh_plugins_sweep(struct tdh_plugins *plugins);

#endif
