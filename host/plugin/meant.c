/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meant: which installed version a name means, what others ask for beside.
 */
#include <stdlib.h>
#include <string.h>

#include "plugin/choose.h"

/* --- one name --- */

/* When nothing goes together: what would be taken if nobody said anything; it is refused, unless it
 * serves. */
static struct tdh_plugin_entry *give_up(const struct tdh_choice *choice, enum td_kind kind,
                                        const char *name, struct td_err *why)
{
    struct tdh_plugin_entry *best = NULL;

    for (size_t i = 0; i < choice->count; i++) {
        struct tdh_plugin_entry *entry = choice->entries[i];

        if (strcmp(entry->name, name) != 0 ||
            (kind != 0 && entry->kind != 0 && entry->kind != kind))
            continue;
        if (entry->plugin != NULL && !tdh_entry_is_covered(choice->plugins, entry))
            return entry;
        if (best == NULL ||
            (best->state == TDH_PLUGIN_REFUSED && entry->state != TDH_PLUGIN_REFUSED))
            best = entry;
    }
    if (best != NULL && best->state != TDH_PLUGIN_REFUSED) {
        td_context(why, "plugin \"%s\"", name);
        tdh_entry_refuse(best, why);
    }
    return best;
}

int tdh_choose(struct tdh_plugins *plugins, enum td_kind kind, const char *name, bool is_anew,
               struct tdh_plugin_entry **ret_entry, struct td_err *err)
{
    struct tdh_choice choice = { .plugins = plugins, .anew = is_anew ? name : NULL };
    const struct tdh_plugin_wish wish = { "what is asked for", kind, name, NULL, NULL };
    struct td_err why;
    int rc = tdh_choice_name(&choice, &wish, 1, &why);

    if (rc == 0) {
        *ret_entry = tdh_choice_entry(&choice, kind, name);
    } else if (why.code != TD_E_NOMEM) {
        *ret_entry = give_up(&choice, kind, name, &why);
        rc = 0;
    } else {
        *err = why;
    }
    tdh_choice_end(&choice);
    return rc;
}

/* --- what others ask for --- */

void tdh_plugins_ranges(struct tdh_plugins *plugins, tdh_ranges_fn *fn, void *arg)
{
    plugins->ranges = fn;
    plugins->ranges_arg = arg;
}

/* All wishes are met, or nothing has changed. */
static int choose_all(struct tdh_plugins *plugins, const struct tdh_plugin_wish *wishes,
                      size_t count, struct td_err *err)
{
    struct tdh_choice choice = { .plugins = plugins };
    int rc = tdh_choice_name(&choice, wishes, count, err);

    if (rc == 0 && !choice.is_plain)
        rc = tdh_choice_serve(&choice, err);
    tdh_choice_end(&choice);
    return rc;
}

static bool is_in(const struct tdh_plugin_wish *wish, const struct tdh_plugin_entry *entry)
{
    return wish->range == NULL || tdh_range_has(wish->range, &entry->manifest->version);
}

static const struct tdh_plugin_entry *
find_in(struct tdh_plugins *plugins, const struct tdh_plugin_wish *wish, struct td_err *err)
{
    const struct tdh_plugin_entry *entry = tdh_entry_find(plugins, wish->kind, wish->plugin, err);

    if (entry == NULL || is_in(wish, entry))
        return entry;
    if (choose_all(plugins, wish, 1, err) != 0)
        return NULL;
    entry = tdh_entry_find(plugins, wish->kind, wish->plugin, err);
    if (entry == NULL || is_in(wish, entry))
        return entry;
    td_fail(err, TD_E_DEPENDENCY, "%s wants plugin \"%s\" %s, which is %s", wish->who, wish->plugin,
            wish->range_text, entry->manifest->version_text);
    td_hint(err, "install such a version in a folder %s@VERSION, or widen the range", wish->plugin);
    return NULL;
}

const struct tdh_plugin_entry *tdh_plugins_find_in(struct tdh_plugins *plugins,
                                                   const struct tdh_plugin_wish *wish,
                                                   struct td_err *err)
{
    const struct tdh_plugin_entry *entry;

    tdh_plugins_lock(plugins);
    entry = find_in(plugins, wish, err);
    tdh_plugins_unlock(plugins);
    return entry;
}

int tdh_plugins_settle(struct tdh_plugins *plugins, const struct tdh_plugin_wish *wishes,
                       size_t count, struct td_err *err)
{
    int rc;

    tdh_plugins_lock(plugins);
    rc = choose_all(plugins, wishes, count, err);
    tdh_plugins_unlock(plugins);
    return rc;
}
