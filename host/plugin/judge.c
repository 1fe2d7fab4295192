/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge: holds plugins that are known against the compatibility matrix, also when it has changed.
 */
#include "base/log.h"
#include "plugin/internal.h"

void tdh_entry_deprecate(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                         const struct tdh_compat_rule *rule)
{
    entry->is_deprecated = true;
    tdh_compat_tell(rule, entry->manifest->version_text, tdh_terms_here(&plugins->gate).day,
                    &entry->why);
    td_context(&entry->why, "plugin \"%s\"", entry->name);
}

/* Nobody else gets what is blocked. Who has it keeps it: it may be in the middle of something. */
static void block(struct tdh_plugin_entry *entry, struct td_err *why)
{
    td_context(why, "plugin \"%s\"", entry->name);
    if (entry->plugin != NULL && entry->state != TDH_PLUGIN_REFUSED) {
        struct td_err told = *why;

        td_hint(&told, "it is loaded, and stays so for what uses it until tdev is restarted");
        tdh_log_err(TDH_LOG_WARNING, "plugin", &told);
    }
    tdh_entry_refuse(entry, why);
}

static void allow(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                  const struct tdh_compat_rule *rule)
{
    bool was_deprecated = entry->is_deprecated;

    if (entry->state == TDH_PLUGIN_REFUSED)
        entry->state = TDH_PLUGIN_READY;
    entry->is_deprecated = false;
    if (rule == NULL || rule->verdict != TDH_DEPRECATED)
        return;
    tdh_entry_deprecate(plugins, entry, rule);
    if (entry->plugin != NULL && !was_deprecated)
        tdh_log_err(TDH_LOG_WARNING, "plugin", &entry->why);
}

/* One that was refused and is not loaded is looked at anew when somebody asks for it. */
static void judge(const struct tdh_plugins *plugins, struct tdh_plugin_entry *entry)
{
    const struct tdh_terms here = tdh_terms_here(&plugins->gate);
    const struct tdh_compat_rule *rule;
    struct td_err why;

    if (entry->state == TDH_PLUGIN_REFUSED && entry->plugin == NULL)
        return;
    if (tdh_check_rules(plugins->compat, entry->manifest, &here, &rule, &why) != 0)
        block(entry, &why);
    else
        allow(plugins, entry, rule);
}

int tdh_plugins_reread(struct tdh_plugins *plugins, struct td_err *err)
{
    struct tdh_compat *compat =
        tdh_compat_read(plugins->compat_path, plugins->is_compat_needed, err);
    const struct tdh_map_slot *slot;
    size_t at = 0;

    if (compat == NULL)
        return td_hint(err, "the compatibility matrix stays as it was read before");
    tdh_compat_free(plugins->compat);
    plugins->gate.compat = plugins->compat = compat;
    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL)
        judge(plugins, slot->value);
    return 0;
}
