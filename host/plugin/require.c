/* SPDX-License-Identifier: Apache-2.0 */
/*
 * require: loads a plugin after everything it requires, refuses circles and conflicts, and checks
 * folders without keeping anything loaded.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "plugin/internal.h"

/* Who is being loaded for whom: a chain on the stack. */
struct chain {
    const struct chain *up;
    struct tdh_plugin_entry *entry;
};

static int fail_circle(const struct chain *chain, const struct tdh_plugin_entry *again,
                       struct td_err *err)
{
    const char *names[TDH_NEEDS_DEPTH_MAX];
    struct tdh_buf text = { 0 };
    size_t count = 0;

    for (const struct chain *at = chain; at != NULL; at = at->up) {
        names[count++] = at->entry->name;
        if (at->entry == again)
            break;
    }
    while (count > 0)
        tdh_buf_printf(&text, "%s -> ", names[--count]);
    td_fail(err, TD_E_DEPENDENCY, "plugin \"%s\": requires itself: %s%s", again->name,
            text.failed ? "" : text.data, again->name);
    tdh_buf_free(&text);
    return -1;
}

static bool is_loading(const struct chain *chain, const struct tdh_plugin_entry *entry)
{
    for (; chain != NULL; chain = chain->up)
        if (chain->entry == entry)
            return true;
    return false;
}

/* The first row that names the other plugin in the version it has, or NULL. */
static const struct tdh_need *find_conflict(const struct tdh_manifest *manifest,
                                            const struct tdh_manifest *other)
{
    for (size_t i = 0; i < manifest->conflict_count; i++)
        if (strcmp(manifest->conflicts[i].plugin, other->name) == 0 &&
            tdh_range_has(&manifest->conflicts[i].range, &other->version))
            return &manifest->conflicts[i];
    return NULL;
}

/* A conflict said by either side refuses the one that comes second. */
static int check_conflicts(const struct tdh_plugins *plugins, const struct tdh_manifest *manifest,
                           struct td_err *err)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL) {
        const struct tdh_plugin_entry *entry = slot->value;

        if (entry->plugin == NULL || entry->manifest == manifest)
            continue;
        if (find_conflict(manifest, entry->manifest) != NULL)
            return td_fail(err, TD_E_DEPENDENCY,
                           "plugin \"%s\": conflicts with \"%s\" %s, which is loaded",
                           manifest->name, entry->name, entry->manifest->version_text);
        if (find_conflict(entry->manifest, manifest) != NULL)
            return td_fail(
                err, TD_E_DEPENDENCY,
                "plugin \"%s\": \"%s\", which is loaded, conflicts with version %s of it",
                manifest->name, entry->name, manifest->version_text);
    }
    return 0;
}

/* The entry of what a plugin requires, in a version that fits. */
static struct tdh_plugin_entry *find_need(struct tdh_plugins *plugins,
                                          const struct tdh_manifest *manifest,
                                          const struct tdh_need *need, struct td_err *err)
{
    struct tdh_plugin_entry *entry = tdh_entry_find(plugins, (enum td_kind)0, need->plugin, err);

    if (entry == NULL) {
        if (err->code != TD_E_NOMEM)
            err->code = TD_E_DEPENDENCY;
        td_context(err, "plugin \"%s\": requires \"%s\"", manifest->name, need->plugin);
        return NULL;
    }
    if (tdh_range_has(&need->range, &entry->manifest->version))
        return entry;
    td_fail(err, TD_E_DEPENDENCY, "plugin \"%s\": requires \"%s\" %s, which is %s", manifest->name,
            need->plugin, need->range_text, entry->manifest->version_text);
    return NULL;
}

static int load(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, const struct chain *up,
                struct td_err *err);

/* Loads what a plugin requires; held[i] gets a hold for each row. */
static int load_needs(struct tdh_plugins *plugins, const struct chain *chain,
                      struct tdh_plugin **held, struct td_err *err)
{
    const struct tdh_manifest *manifest = chain->entry->manifest;

    for (size_t i = 0; i < manifest->need_count; i++) {
        struct tdh_plugin_entry *entry = find_need(plugins, manifest, &manifest->needs[i], err);

        if (entry == NULL)
            return -1;
        if (is_loading(chain, entry))
            return fail_circle(chain, entry, err);
        if (load(plugins, entry, chain, err) != 0) {
            if (err->code != TD_E_DEPENDENCY)
                td_context(err, "plugin \"%s\": requires \"%s\"", manifest->name, entry->name);
            err->code = err->code == TD_E_NOMEM ? TD_E_NOMEM : TD_E_DEPENDENCY;
            return -1;
        }
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

static int open_entry(struct tdh_plugins *plugins, const struct chain *chain, struct td_err *err)
{
    struct tdh_plugin_entry *entry = chain->entry;
    struct tdh_plugin **held = calloc(entry->manifest->need_count + 1, sizeof(*held));
    struct tdh_plugin *plugin = NULL;

    if (held == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what plugin \"%s\" requires",
                       entry->name);
    if (load_needs(plugins, chain, held, err) == 0 &&
        check_conflicts(plugins, entry->manifest, err) == 0) {
        plugin = tdh_plugin_open(&plugins->gate, entry->manifest, entry->is_bundled, err);
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
    if (entry->is_deprecated)
        tdh_log_err(TDH_LOG_WARNING, "plugin", &entry->why);
    return 0;
}

static int load(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, const struct chain *up,
                struct td_err *err)
{
    struct chain chain = { up, entry };
    size_t depth = 0;

    if (entry->plugin != NULL)
        return 0;
    for (const struct chain *at = up; at != NULL; at = at->up)
        depth++;
    if (depth >= TDH_NEEDS_DEPTH_MAX)
        return td_fail(err, TD_E_DEPENDENCY,
                       "plugin \"%s\": is required by a chain of %d plugins, the most is %d",
                       entry->name, TDH_NEEDS_DEPTH_MAX + 1, TDH_NEEDS_DEPTH_MAX);
    if (open_entry(plugins, &chain, err) == 0)
        return 0;
    tdh_entry_refuse(entry, err);
    return -1;
}

struct tdh_plugin *tdh_plugins_load(struct tdh_plugins *plugins, enum td_kind kind,
                                    const char *name, struct td_err *err)
{
    struct tdh_plugin_entry *entry = tdh_entry_find(plugins, kind, name, err);

    if (entry == NULL || load(plugins, entry, NULL, err) != 0)
        return NULL;
    return entry->plugin;
}

static int check_opened(struct tdh_plugins *plugins, struct tdh_manifest *manifest,
                        struct td_err *err)
{
    const struct tdh_compat_rule *rule;
    struct tdh_plugin *plugin;
    bool is_bundled;

    if (tdh_check_manifest(&plugins->gate, manifest, &rule, &is_bundled, err) != 0)
        return -1;
    for (size_t i = 0; i < manifest->need_count; i++)
        if (find_need(plugins, manifest, &manifest->needs[i], err) == NULL)
            return -1;
    plugin = tdh_plugin_open(&plugins->gate, manifest, is_bundled, err);
    if (plugin == NULL)
        return td_context(err, "plugin \"%s\"", manifest->name);
    plugin->manifest = NULL;
    tdh_plugin_release(plugin);
    return 0;
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
