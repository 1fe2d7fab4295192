/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wish: plugins that are asked for in a range of versions, and which version serves.
 *
 * A plugin may be there several times: in folders NAME and NAME@VERSION, of all roots. One of them
 * serves: the newest release, of equal versions that of the first root, unless others want less.
 */
#ifndef TDH_PLUGIN_WISH_H
#define TDH_PLUGIN_WISH_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/plugin.h>

#include "base/semver.h"

struct tdh_plugins;
struct tdh_plugin_entry;

/* A plugin that is asked for. All is borrowed. */
struct tdh_plugin_wish {
    const char *who;   /* for messages: `agent "box"` */
    enum td_kind kind; /* 0: any */
    const char *plugin;
    const struct tdh_range *range; /* NULL: any version */
    const char *range_text;        /* NULL with range */
};

/**
 * Who wants which versions of an agent plugin, besides other plugins: [{who, range} ...] in the
 * order in which they count, new. Asked under the lock of the registry, for plugins that there are
 * several versions of.
 */
typedef json_t *tdh_ranges_fn(void *arg, const char *plugin);
void tdh_plugins_ranges(struct tdh_plugins *plugins, tdh_ranges_fn *fn, void *arg);
/** As tdh_plugins_find, in the wish's range. err: TD_E_DEPENDENCY: the version that serves is not
 * in it; who wants that one is told. */
const struct tdh_plugin_entry *tdh_plugins_find_in(struct tdh_plugins *plugins,
                                                   const struct tdh_plugin_wish *wish,
                                                   struct td_err *err);
/**
 * Chooses versions of all that is asked for, and of what it requires, together; those serve from
 * now on. Nothing is loaded.
 *
 * err  TD_E_DEPENDENCY: they do not go together; nothing has changed then
 */
int tdh_plugins_settle(struct tdh_plugins *plugins, const struct tdh_plugin_wish *wishes,
                       size_t count, struct td_err *err);

/**
 * What rests on what: {plugins: [{name, kind, version, folder, group, ms, error, requires:
 * [{plugin, range, kind, optional, met}], uses: [{name, action, agent, optional}], others:
 * [{version, folder, why}]} ...] in the order they are loaded, groups: [[names] ...] of what can be
 * loaded at the same time, critical: {ms, plugins}, apart: why not all can be used together}. new
 *
 * name         what it rests on; NULL: all plugins there are
 * is_measured  loads them, and tells the times; else nothing is opened
 */
json_t *tdh_plugins_deps(struct tdh_plugins *plugins, const char *name, bool is_measured,
                         struct td_err *err);

#endif
