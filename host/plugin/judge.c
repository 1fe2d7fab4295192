/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge: holds plugins that are known against the compatibility matrix, also when it has changed.
 */
#include <string.h>

#include "base/log.h"
#include "plugin/pair.h"

void tdh_entry_deprecate(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                         const struct tdh_compat_rule *rule)
{
    entry->is_deprecated = true;
    tdh_compat_tell(rule, entry->manifest->version_text, tdh_terms_here(&plugins->gate).day,
                    &entry->why);
    td_context(&entry->why, "plugin \"%s\"", entry->name);
}

static void set_blocked(struct tdh_plugin *plugin, bool is_blocked)
{
    if (plugin != NULL)
        __atomic_store_n(&plugin->is_blocked, is_blocked, __ATOMIC_RELAXED);
}

/* Nobody begins anything with what is blocked. It stays loaded: it may be in the middle of
 * something, and a store is what everything else rests on. */
static void block(struct tdh_plugin_entry *entry, struct td_err *why)
{
    td_context(why, "plugin \"%s\"", entry->name);
    if (entry->plugin != NULL && entry->state != TDH_PLUGIN_REFUSED) {
        struct td_err told = *why;

        td_hint(&told, "it is loaded: what is under way with it goes on, nothing else begins; a "
                       "store stays in use until tdev is restarted");
        tdh_log_err(TDH_LOG_WARNING, "plugin", &told);
    }
    set_blocked(entry->plugin, true);
    tdh_entry_refuse(entry, why);
}

static void allow(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                  const struct tdh_compat_rule *rule)
{
    bool was_deprecated = entry->is_deprecated;

    if (entry->state == TDH_PLUGIN_REFUSED)
        entry->state = TDH_PLUGIN_READY;
    entry->is_deprecated = false;
    set_blocked(entry->plugin, false);
    if (rule == NULL || rule->verdict != TDH_DEPRECATED)
        return;
    tdh_entry_deprecate(plugins, entry, rule);
    if (entry->plugin != NULL && !was_deprecated)
        tdh_log_err(TDH_LOG_WARNING, "plugin", &entry->why);
}

/* Of two that are loaded, and may not be used together any more, the one that the rule names first
 * is blocked; when it may be either, that whose name comes later. */
static bool is_blocked_for(const struct tdh_compat_rule *rule, const struct tdh_manifest *manifest,
                           const struct tdh_manifest *other)
{
    const struct tdh_plugin_name own = tdh_name_of(manifest), its = tdh_name_of(other);
    bool may_be_second, its_may_be_second, is_first, its_is_first;

    is_first = tdh_compat_is_first(rule, &own, &may_be_second);
    its_is_first = tdh_compat_is_first(rule, &its, &its_may_be_second);
    if (is_first && its_may_be_second && may_be_second && its_is_first)
        return strcmp(own.name, its.name) > 0;
    return is_first && its_may_be_second;
}

static int judge_pairs(const struct tdh_plugins *plugins, const struct tdh_plugin_entry *entry,
                       struct td_err *err)
{
    const struct tdh_map_slot *slot;
    const struct tdh_compat_rule *ignored;
    const struct tdh_terms here = tdh_terms_here(&plugins->gate);
    size_t at = 0;

    while (entry->plugin != NULL && tdh_compat_has_pairs(plugins->compat) &&
           (slot = tdh_map_next(&plugins->folders, &at)) != NULL) {
        const struct tdh_plugin_entry *other = slot->value;
        struct tdh_plugin_name a = tdh_name_of(entry->manifest), b;

        if (other == entry || other->plugin == NULL || strcmp(other->name, entry->name) == 0 ||
            tdh_check_pair(&plugins->gate, entry->manifest, other->manifest, &ignored, err) == 0)
            continue;
        b = tdh_name_of(other->manifest);
        if (is_blocked_for(tdh_compat_pair(plugins->compat, &a, &b, &here), entry->manifest,
                           other->manifest))
            return -1;
    }
    return 0;
}

/* One that was refused and is not loaded is looked at anew when somebody asks for it. */
static void judge(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    const struct tdh_terms here = tdh_terms_here(&plugins->gate);
    const struct tdh_compat_rule *rule;
    struct td_err why;

    if (entry->manifest == NULL || (entry->state == TDH_PLUGIN_REFUSED && entry->plugin == NULL))
        return;
    if (tdh_check_rules(plugins->compat, entry->manifest, &here, &rule, &why) != 0 ||
        judge_pairs(plugins, entry, &why) != 0)
        block(entry, &why);
    else
        allow(plugins, entry, rule);
}

/* What runs go on with that began with it; what serves in its place is judged by itself. */
static void judge_former(const struct tdh_plugins *plugins, struct tdh_plugin *plugin)
{
    const struct tdh_terms here = tdh_terms_here(&plugins->gate);
    const struct tdh_compat_rule *rule;
    struct td_err why;
    bool is_blocked = tdh_check_rules(plugins->compat, plugin->manifest, &here, &rule, &why) != 0;

    if (is_blocked && !tdh_plugin_is_blocked(plugin)) {
        td_context(&why, "plugin \"%s\"", plugin->manifest->name);
        tdh_log_err(TDH_LOG_WARNING, "plugin", &why);
    }
    set_blocked(plugin, is_blocked);
}

int tdh_plugins_reread(struct tdh_plugins *plugins, struct td_err *err)
{
    struct tdh_compat *compat =
        tdh_compat_read(plugins->compat_path, plugins->is_compat_needed, err);
    const struct tdh_map_slot *slot;
    size_t at = 0;

    if (compat == NULL)
        return td_hint(err, "the compatibility matrix stays as it was read before");
    tdh_plugins_lock(plugins);
    tdh_compat_free(plugins->compat);
    plugins->gate.compat = plugins->compat = compat;
    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL)
        judge(plugins, slot->value);
    for (size_t i = 0; i < plugins->former_count; i++)
        if (plugins->former[i].plugin != NULL)
            judge_former(plugins, plugins->former[i].plugin);
    tdh_plugins_unlock(plugins);
    return 0;
}
