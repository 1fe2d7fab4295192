/* SPDX-License-Identifier: Apache-2.0 */
/*
 * require: loads a plugin after everything it requires, and checks folders without keeping anything
 * loaded.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "plugin/pair.h"
#include "plugin/runner.h"

static bool is_same(const struct tdh_manifest *a, const struct tdh_manifest *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

/* What a loaded plugin requires of one by that name, in which version. */
static int check_needs(const struct tdh_plugin_entry *loaded, const struct tdh_manifest *manifest,
                       struct td_err *err)
{
    const struct tdh_manifest *owner = loaded->manifest;

    for (size_t i = 0; i < owner->need_count; i++)
        if (loaded->plugin->needs[i] != NULL &&
            strcmp(owner->needs[i].plugin, manifest->name) == 0 &&
            (owner->needs[i].kind == 0 || owner->needs[i].kind == manifest->kind) &&
            !tdh_range_has(&owner->needs[i].range, &manifest->version))
            return td_fail(err, TD_E_DEPENDENCY,
                           "plugin \"%s\": \"%s\", which is loaded, requires version %s of it, "
                           "this is %s",
                           manifest->name, owner->name, owner->needs[i].range_text,
                           manifest->version_text);
    return 0;
}

/* What the matrix says of it and one that is loaded. */
static int check_pair(const struct tdh_plugins *plugins, const struct tdh_manifest *manifest,
                      const struct tdh_manifest *loaded, struct td_err *err)
{
    const struct tdh_plugin_name first = tdh_name_of(manifest), second = tdh_name_of(loaded);
    const struct tdh_compat_rule *rule;
    struct td_err warning;

    if (tdh_check_pair(&plugins->gate, manifest, loaded, &rule, err) != 0)
        return td_context(err, "plugin \"%s\"", manifest->name);
    if (rule != NULL) {
        tdh_compat_tell_pair(rule, &first, &second, tdh_terms_here(&plugins->gate).day, &warning);
        tdh_log_err(TDH_LOG_WARNING, "plugin", &warning);
    }
    return 0;
}

/* A conflict said by either side, or by the matrix, refuses the one that comes second. */
static int check_conflicts(const struct tdh_plugins *plugins, const struct tdh_manifest *manifest,
                           struct td_err *err)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL) {
        const struct tdh_plugin_entry *entry = slot->value;

        if (entry->plugin == NULL || is_same(entry->manifest, manifest))
            continue; /* that is what it is to be exchanged for */
        if (tdh_conflicts_with(manifest, entry->manifest))
            return td_fail(err, TD_E_DEPENDENCY,
                           "plugin \"%s\": conflicts with \"%s\" %s, which is loaded",
                           manifest->name, entry->name, entry->manifest->version_text);
        if (tdh_conflicts_with(entry->manifest, manifest))
            return td_fail(
                err, TD_E_DEPENDENCY,
                "plugin \"%s\": \"%s\", which is loaded, conflicts with version %s of it",
                manifest->name, entry->name, manifest->version_text);
        if (check_needs(entry, manifest, err) != 0 ||
            check_pair(plugins, manifest, entry->manifest, err) != 0)
            return -1;
    }
    return 0;
}

/* Was what is optional left out? What is loaded later is not held: it may hold this one. */
static bool is_left_out(const struct tdh_need *need, const struct tdh_plugin_entry *entry)
{
    return need->is_optional && (entry == NULL || entry->plugin == NULL ||
                                 !tdh_range_has(&need->range, &entry->manifest->version));
}

/* Holds what a plugin requires, all of it loaded; held[i] gets a hold for each row, NULL for what
 * is left out. */
static int hold_needs(struct tdh_plugins *plugins, const struct tdh_manifest *manifest,
                      struct tdh_plugin **held, struct td_err *err)
{
    for (size_t i = 0; i < manifest->need_count; i++) {
        const struct tdh_need *need = &manifest->needs[i];
        struct td_err why;
        const struct tdh_plugin_entry *entry =
            tdh_entry_find(plugins, need->kind, need->plugin, &why);

        if (is_left_out(need, entry))
            continue;
        if (entry == NULL) {
            *err = why;
            return -1;
        }
        if (entry->plugin == NULL) /* another one, put in its place just now */
            return td_fail(err, TD_E_DEPENDENCY,
                           "plugin \"%s\": requires \"%s\", which was exchanged meanwhile",
                           manifest->name, entry->name);
        held[i] = tdh_plugin_hold(entry->plugin);
    }
    return 0;
}

static void release_all(struct tdh_plugin **held, size_t count)
{
    for (size_t i = 0; held != NULL && i < count; i++)
        tdh_plugin_release(held[i]);
    free(held);
}

int tdh_entry_open(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, struct td_err *err)
{
    struct tdh_plugin **held = calloc(entry->manifest->need_count + 1, sizeof(*held));
    struct tdh_plugin *plugin = NULL;
    uint64_t begin_ns = tdh_clock_mono_ns();

    if (held == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what plugin \"%s\" requires",
                       entry->name);
    if (hold_needs(plugins, entry->manifest, held, err) == 0 &&
        check_conflicts(plugins, entry->manifest, err) == 0) {
        plugin = tdh_plugin_open(&plugins->gate, entry->manifest, entry->is_bundled,
                                 entry->isolation, err);
        if (plugin == NULL)
            td_context(err, "plugin \"%s\"", entry->name);
    }
    if (plugin == NULL) {
        release_all(held, entry->manifest->need_count);
        return -1;
    }
    plugin->needs = held;
    entry->plugin = plugin;
    entry->state = TDH_PLUGIN_READY;
    entry->load_ns = tdh_clock_mono_ns() - begin_ns;
    if (entry->is_deprecated)
        tdh_log_err(TDH_LOG_WARNING, "plugin", &entry->why);
    return 0;
}

static struct tdh_plugin *load_found(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                                     struct td_err *err)
{
    if (entry->plugin == NULL) {
        if (tdh_resolve(plugins, entry, tdh_entry_open, err) != 0)
            return NULL;
        tdh_entry_instead(plugins, entry);
    }
    return entry->plugin;
}

/* One that cannot be opened is out; there may be another version. What is said is of the first. */
static struct tdh_plugin *load_other(struct tdh_plugins *plugins, enum td_kind kind,
                                     const char *name, const struct tdh_plugin_entry *first,
                                     const struct td_err *why, struct td_err *err)
{
    bool was_fresh = plugins->is_fresh;
    struct tdh_plugin *plugin = NULL;
    struct tdh_plugin_entry *entry;
    struct td_err own = *why;

    plugins->is_fresh = true;
    while (plugin == NULL && own.code != TD_E_NOMEM &&
           tdh_entry_meant(plugins, kind, name, &entry, &own) == 0 && entry != NULL &&
           entry != first && entry->state != TDH_PLUGIN_REFUSED)
        plugin = load_found(plugins, entry, &own);
    plugins->is_fresh = was_fresh;
    if (plugin == NULL) {
        *err = own.code == TD_E_NOMEM ? own : *why;
        return NULL;
    }
    tdh_log_err(TDH_LOG_WARNING, "plugin", why);
    tdh_log(TDH_LOG_WARNING, "plugin", TDH_FACTS(TDH_S("plugin", name)),
            "version %s is used in its place", plugin->manifest->version_text);
    return plugin;
}

struct tdh_plugin *tdh_plugins_load(struct tdh_plugins *plugins, enum td_kind kind,
                                    const char *name, struct td_err *err)
{
    struct tdh_plugin_entry *entry;
    struct tdh_plugin *plugin = NULL;
    struct td_err why;

    tdh_plugins_lock(plugins);
    entry = tdh_entry_find(plugins, kind, name, err);
    if (entry != NULL) {
        plugin = load_found(plugins, entry, &why);
        if (plugin == NULL)
            plugin = load_other(plugins, kind, name, entry, &why, err);
    }
    tdh_plugins_unlock(plugins);
    return plugin;
}

static int check_opened(struct tdh_plugins *plugins, struct tdh_manifest *manifest,
                        struct td_err *err)
{
    struct tdh_gate gate = plugins->gate;
    struct tdh_admission admission;
    struct tdh_plugin_entry entry = { .folder = manifest->folder,
                                      .name = manifest->name,
                                      .kind = manifest->kind,
                                      .manifest = manifest };
    struct tdh_plugin *plugin;
    int rc = 0;

    if (tdh_check_manifest(&plugins->gate, manifest, &admission, err) != 0)
        return -1;
    entry.is_bundled = admission.is_bundled;
    if (tdh_resolve(plugins, &entry, tdh_plugin_probe, err) != 0)
        return -1;
    gate.is_check = true;
    plugin = tdh_plugin_open(&gate, manifest, entry.is_bundled, admission.isolation, err);
    if (plugin == NULL)
        return td_context(err, "plugin \"%s\"", manifest->name);
    if (plugin->runner != NULL)
        rc = tdh_runner_try(plugin->runner, err);
    plugin->manifest = NULL;
    tdh_plugin_release(plugin);
    return rc;
}

int tdh_plugins_check(struct tdh_plugins *plugins, const char *folder, struct td_err *err)
{
    char *real = realpath(folder, NULL);
    struct tdh_manifest *manifest = NULL;
    int rc;

    if (real == NULL)
        return td_fail_sys(err, "could not resolve folder \"%s\"", folder);
    manifest = tdh_manifest_read(real, err);
    free(real);
    rc = manifest != NULL ? check_opened(plugins, manifest, err) : -1;
    tdh_manifest_free(manifest);
    return rc;
}
