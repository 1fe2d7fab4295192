/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: follows what a plugin requires, and says whether all of it can be had at once. Opens
 * nothing.
 */
#include <string.h>

#include "base/buf.h"
#include "plugin/internal.h"

enum { CLOSURE_MAX = 256 }; /* plugins that one plugin may rest on, itself counted */

/* What a plugin rests on, as far as it was found. */
struct closure {
    struct tdh_plugins *plugins;
    struct tdh_plugin_entry *asked;
    struct tdh_plugin_entry *entries[CLOSURE_MAX];
    size_t count;
};

/* --- chains --- */

/* Not the address: a folder that is checked may be in the registry, too. */
static bool is_same(const struct tdh_plugin_entry *a, const struct tdh_plugin_entry *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

static int fail_circle(const struct tdh_chain *chain, const struct tdh_plugin_entry *again,
                       struct td_err *err)
{
    const char *names[TDH_NEEDS_DEPTH_MAX];
    struct tdh_buf text = { 0 };
    size_t count = 0;

    for (const struct tdh_chain *at = chain; at != NULL; at = at->up) {
        names[count++] = at->entry->name;
        if (is_same(at->entry, again))
            break;
    }
    while (count > 0)
        tdh_buf_printf(&text, "%s -> ", names[--count]);
    td_fail(err, TD_E_DEPENDENCY, "plugin \"%s\": requires itself: %s%s", again->name,
            text.failed ? "" : text.data, again->name);
    tdh_buf_free(&text);
    return -1;
}

int tdh_chain_check(const struct tdh_chain *chain, const struct tdh_plugin_entry *entry,
                    struct td_err *err)
{
    size_t depth = 0;

    for (const struct tdh_chain *at = chain; at != NULL; at = at->up, depth++)
        if (is_same(at->entry, entry))
            return fail_circle(chain, entry, err);
    if (depth < TDH_NEEDS_DEPTH_MAX)
        return 0;
    return td_fail(err, TD_E_DEPENDENCY,
                   "plugin \"%s\": is required by a chain of %d plugins, the most is %d",
                   entry->name, TDH_NEEDS_DEPTH_MAX + 1, TDH_NEEDS_DEPTH_MAX);
}

/* --- rows --- */

const struct tdh_need *tdh_conflict_find(const struct tdh_manifest *manifest,
                                         const struct tdh_manifest *other)
{
    for (size_t i = 0; i < manifest->conflict_count; i++)
        if (strcmp(manifest->conflicts[i].plugin, other->name) == 0 &&
            tdh_range_has(&manifest->conflicts[i].range, &other->version))
            return &manifest->conflicts[i];
    return NULL;
}

int tdh_need_fail(const struct tdh_manifest *manifest, const struct tdh_need *need,
                  struct td_err *err)
{
    if (err->code == TD_E_NOMEM || err->code == TD_E_DEPENDENCY)
        return -1;
    err->code = TD_E_DEPENDENCY;
    return td_context(err, "plugin \"%s\": requires \"%s\"", manifest->name, need->plugin);
}

static int check_version(const struct tdh_manifest *manifest, const struct tdh_need *need,
                         const struct tdh_plugin_entry *entry, struct td_err *err)
{
    if (tdh_range_has(&need->range, &entry->manifest->version))
        return 0;
    return td_fail(err, TD_E_DEPENDENCY, "plugin \"%s\": requires \"%s\" %s, which is %s",
                   manifest->name, need->plugin, need->range_text, entry->manifest->version_text);
}

struct tdh_plugin_entry *tdh_need_find(struct tdh_plugins *plugins,
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
    return check_version(manifest, need, entry, err) == 0 ? entry : NULL;
}

/* --- the closure --- */

static bool has_entry(const struct closure *closure, const struct tdh_plugin_entry *entry)
{
    for (size_t i = 0; i < closure->count; i++)
        if (closure->entries[i] == entry)
            return true;
    return false;
}

/* All of a closure will be loaded together. */
static int add_entry(struct closure *closure, struct tdh_plugin_entry *entry, struct td_err *err)
{
    for (size_t i = 0; i < closure->count; i++) {
        const struct tdh_plugin_entry *other = closure->entries[i];
        bool is_ours = tdh_conflict_find(entry->manifest, other->manifest) != NULL;

        if (is_ours || tdh_conflict_find(other->manifest, entry->manifest) != NULL)
            return td_fail(err, TD_E_DEPENDENCY,
                           "plugin \"%s\": rests on \"%s\" %s and on \"%s\" %s, which exclude "
                           "each other",
                           closure->asked->name, other->name, other->manifest->version_text,
                           entry->name, entry->manifest->version_text);
    }
    if (closure->count == CLOSURE_MAX)
        return td_fail(err, TD_E_DEPENDENCY, "plugin \"%s\": rests on more than %d plugins",
                       closure->asked->name, CLOSURE_MAX);
    closure->entries[closure->count++] = entry;
    return 0;
}

/* The plugin that is asked for counts as there, also when its folder is in no root. */
static struct tdh_plugin_entry *find_need(const struct closure *closure,
                                          const struct tdh_manifest *manifest,
                                          const struct tdh_need *need, struct td_err *err)
{
    struct tdh_plugin_entry *asked = closure->asked;
    struct td_err ignored;

    if (strcmp(need->plugin, asked->name) == 0 &&
        tdh_entry_find(closure->plugins, (enum td_kind)0, need->plugin, &ignored) == NULL)
        return check_version(manifest, need, asked, err) == 0 ? asked : NULL;
    return tdh_need_find(closure->plugins, manifest, need, err);
}

static int visit(struct closure *closure, struct tdh_plugin_entry *entry,
                 const struct tdh_chain *up, struct td_err *err);

static int visit_needs(struct closure *closure, const struct tdh_chain *chain, struct td_err *err)
{
    const struct tdh_manifest *manifest = chain->entry->manifest;

    for (size_t i = 0; i < manifest->need_count; i++) {
        const struct tdh_need *need = &manifest->needs[i];
        struct tdh_plugin_entry *entry = find_need(closure, manifest, need, err);

        if (entry == NULL)
            return -1;
        if (visit(closure, entry, chain, err) != 0)
            return tdh_need_fail(manifest, need, err);
    }
    return 0;
}

static int probe(const struct closure *closure, const struct tdh_plugin_entry *entry,
                 struct td_err *err)
{
    if (tdh_plugin_probe(&closure->plugins->gate, entry->manifest, entry->is_bundled, err) == 0)
        return 0;
    return td_context(err, "plugin \"%s\"", entry->name);
}

static int visit(struct closure *closure, struct tdh_plugin_entry *entry,
                 const struct tdh_chain *up, struct td_err *err)
{
    const struct tdh_chain chain = { up, entry };

    if (tdh_chain_check(up, entry, err) != 0)
        return -1;
    if (has_entry(closure, entry))
        return 0;
    if (add_entry(closure, entry, err) != 0)
        return -1;
    if (entry->plugin != NULL ||
        (visit_needs(closure, &chain, err) == 0 && probe(closure, entry, err) == 0))
        return 0;
    tdh_entry_refuse(entry, err);
    return -1;
}

int tdh_resolve(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry, struct td_err *err)
{
    struct closure closure = { .plugins = plugins, .asked = entry };

    return visit(&closure, entry, NULL, err);
}
