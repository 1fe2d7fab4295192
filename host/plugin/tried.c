/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tried: builds that are tried beside the one that serves, those that were refused after that, and
 * kept ones that serve in the place of what is in the folder.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "plugin/internal.h"

/* --- on trial --- */

static void put_away(struct tdh_plugins *plugins, struct tdh_plugin_entry *candidate)
{
    struct td_err ignored;

    if (candidate != NULL && tdh_former_add(plugins, NULL, candidate, &ignored) != 0)
        tdh_entry_free(candidate);
}

void tdh_entry_try(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                   struct tdh_plugin_entry *candidate)
{
    put_away(plugins, entry->next);
    entry->next = candidate;
}

void tdh_entry_untry(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    put_away(plugins, entry->next);
    entry->next = NULL;
}

static struct tdh_plugin_entry *find_tried(struct tdh_plugins *plugins, enum td_kind kind,
                                           const char *name, struct td_err *err)
{
    struct tdh_plugin_entry *entry = tdh_entry_find(plugins, kind, name, err);

    if (entry != NULL && entry->next == NULL) {
        td_fail(err, TD_E_NOTFOUND, "plugin \"%s\": no other build is tried", name);
        return NULL;
    }
    return entry;
}

int tdh_plugins_adopt(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                      struct td_err *err)
{
    struct tdh_plugin_entry *entry, *candidate, *meant;
    int rc = -1;

    tdh_plugins_lock(plugins);
    entry = find_tried(plugins, kind, name, err);
    if (entry != NULL) {
        candidate = entry->next;
        entry->next = NULL;
        meant = tdh_map_get(&plugins->folders, candidate->folder);
        rc = tdh_entry_serve(plugins, entry, meant != NULL ? meant : entry, candidate, err);
        tdh_entry_free(candidate);
    }
    tdh_plugins_unlock(plugins);
    return rc;
}

void tdh_plugins_reject(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                        const struct td_err *why)
{
    struct tdh_plugin_entry *entry;
    struct td_err ignored;

    tdh_plugins_lock(plugins);
    entry = find_tried(plugins, kind, name, &ignored);
    if (entry != NULL) {
        tdh_entry_refuse_next(plugins, entry, why);
        entry->is_rejected = true;
        tdh_entry_untry(plugins, entry);
    }
    tdh_plugins_unlock(plugins);
}

void tdh_plugins_look_again(struct tdh_plugins *plugins, enum td_kind kind, const char *name)
{
    struct tdh_plugin_entry *entry;
    struct td_err ignored;

    tdh_plugins_lock(plugins);
    entry = tdh_entry_find(plugins, kind, name, &ignored);
    if (entry != NULL)
        entry->is_rejected = false;
    tdh_plugins_unlock(plugins);
}

/* --- one that was kept, instead --- */

void tdh_plugins_ask_instead(struct tdh_plugins *plugins, tdh_instead_fn *fn, void *arg)
{
    plugins->instead = fn;
    plugins->instead_arg = arg;
}

/* Takes the hold. What is in the folder stays known as what was looked at. */
static int put(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
               struct tdh_plugin *plugin, struct td_err *err)
{
    if (tdh_former_add(plugins, entry->plugin, NULL, err) != 0) {
        tdh_plugin_release(plugin);
        return -1;
    }
    entry->plugin = plugin;
    entry->manifest = plugin->manifest;
    return 0;
}

void tdh_entry_instead(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    struct tdh_instead instead = { .edition = "" };
    struct tdh_plugin *plugin;
    struct td_err err, why;

    if (plugins->instead == NULL ||
        !plugins->instead(plugins->instead_arg, entry->kind, entry->name, entry->plugin->edition,
                          &instead))
        return;
    plugin = tdh_edition_find(plugins, entry->kind, entry->name, instead.edition, &err);
    if (plugin == NULL || put(plugins, entry, plugin, &err) != 0) {
        tdh_log_err(TDH_LOG_WARNING, "plugin", &err);
        tdh_log(TDH_LOG_WARNING, "plugin", TDH_FACTS(TDH_S("plugin", entry->name)),
                "version %s serves, as the one before cannot", entry->manifest->version_text);
        return;
    }
    if (instead.is_tried) { /* to be found changed by the next look, and so tried */
        entry->print = (struct tdh_plugin_print){ { 0 } };
        return;
    }
    td_fail(&why, TD_E_CONFLICT, "%s", instead.why);
    tdh_entry_refuse_next(plugins, entry, &why);
    entry->is_rejected = true;
}

static int go_back(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, const char *edition,
                   tdh_exchange_fn *fn, void *arg, const struct td_err *why, struct td_err *err)
{
    struct tdh_plugin *plugin = tdh_edition_find(plugins, entry->kind, entry->name, edition, err);
    unsigned depth;
    int rc;

    if (plugin == NULL)
        return -1;
    depth = tdh_plugins_pause(plugins);
    rc = fn(arg, entry, plugin, err);
    tdh_plugins_resume(plugins, depth);
    if (rc != 0) {
        tdh_plugin_release(plugin);
        return -1;
    }
    if (put(plugins, entry, plugin, err) != 0)
        return -1;
    tdh_entry_refuse_next(plugins, entry, why);
    entry->is_rejected = true;
    return 0;
}

int tdh_plugins_go_back(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                        const char *edition, tdh_exchange_fn *fn, void *arg,
                        const struct td_err *why, struct td_err *err)
{
    struct tdh_plugin_entry *entry;
    int rc = -1;

    tdh_plugins_lock(plugins);
    entry = tdh_entry_find(plugins, kind, name, err);
    if (entry != NULL && entry->plugin == NULL)
        td_fail(err, TD_E_NOTFOUND, "plugin \"%s\" does not serve here", name);
    else if (entry != NULL)
        rc = go_back(plugins, entry, edition, fn, arg, why, err);
    tdh_plugins_unlock(plugins);
    return rc;
}
