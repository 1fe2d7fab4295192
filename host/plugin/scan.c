/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: walks the roots: for the list of all plugins and what keeps them from being used, and for
 * the name that was meant when one is not found.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/near.h"
#include "plugin/internal.h"

enum { NAMES_MAX = 1000 };
static const enum td_kind kinds[] = { TD_KIND_AGENT, TD_KIND_STORAGE, TD_KIND_PATTERN,
                                      TD_KIND_PROVIDER };

/* Gets the folder of one plugin. */
typedef int folder_fn(void *arg, const char *folder, const char *name, struct td_err *err);

static int is_plugin_name(const struct dirent *entry)
{
    return tdh_folder_is_valid(entry->d_name);
}

static int visit(const char *parent, const char *name, folder_fn *fn, void *arg, struct td_err *err)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/%s/plugin.yaml", parent, name);

    if (length < 0 || length >= PATH_MAX || access(path, F_OK) != 0)
        return 0;
    path[length - (int)strlen("/plugin.yaml")] = '\0';
    return fn(arg, path, name, err);
}

/* All plugin folders in `parent`, by name. A parent that is not there, or cannot be read, has none.
 */
static int walk_folder(const char *parent, folder_fn *fn, void *arg, struct td_err *err)
{
    struct dirent **entries;
    int count = scandir(parent, &entries, is_plugin_name, alphasort), rc = 0;

    if (count < 0)
        return errno == ENOMEM ? td_fail_sys(err, "could not read folder \"%s\"", parent) : 0;
    for (int i = 0; i < count; i++) {
        if (rc == 0)
            rc = visit(parent, entries[i]->d_name, fn, arg, err);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

/* All plugin folders of all roots, those that may hold the kind (0: any). */
static int walk(const struct tdh_plugins *plugins, enum td_kind kind, folder_fn *fn, void *arg,
                struct td_err *err)
{
    for (char **root = plugins->roots; *root != NULL; root++) {
        if (walk_folder(*root, fn, arg, err) != 0)
            return -1;
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            char folder[PATH_MAX];

            if (kind != 0 && kind != kinds[i])
                continue;
            if (snprintf(folder, sizeof(folder), "%s/%s", *root, tdh_kind_folder(kinds[i])) <
                    PATH_MAX &&
                walk_folder(folder, fn, arg, err) != 0)
                return -1;
        }
    }
    return 0;
}

static int take_entry(void *arg, const char *folder, const char *name, struct td_err *err)
{
    (void)name;
    return tdh_entry_of(arg, folder, err) != NULL ? 0 : -1;
}

struct names {
    char *names[NAMES_MAX];
    size_t count;
};

static int take_name(void *arg, const char *folder, const char *name, struct td_err *err)
{
    struct names *names = arg;

    (void)folder, (void)err;
    if (names->count < NAMES_MAX &&
        (names->names[names->count] = strndup(name, tdh_folder_name(name))) != NULL)
        names->count++;
    return 0;
}

int tdh_scan_fail(const struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                  struct td_err *err)
{
    struct names names = { .count = 0 };
    struct tdh_buf roots = { 0 };
    const char *near;

    for (char **root = plugins->roots; *root != NULL; root++)
        tdh_buf_printf(&roots, "%s\"%s\"", root != plugins->roots ? ", " : "", *root);
    walk(plugins, kind, take_name, &names, err);
    near = tdh_near(name, (const char *const *)names.names, names.count);
    td_fail(err, TD_E_NOTFOUND, "%s \"%.64s\" is not there%s%s%s",
            kind != 0 ? tdh_kind_name(kind) : "plugin", name,
            near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
            near != NULL ? "\"" : "");
    td_hint(err, "looked for a folder of that name in %s",
            roots.data != NULL && !roots.failed ? roots.data : "no folder");
    for (size_t i = 0; i < names.count; i++)
        free(names.names[i]);
    tdh_buf_free(&roots);
    return -1;
}

static int compare(const void *a, const void *b)
{
    const struct tdh_plugin_entry *left = *(const struct tdh_plugin_entry *const *)a;
    const struct tdh_plugin_entry *right = *(const struct tdh_plugin_entry *const *)b;
    int order = strcmp(left->name, right->name);

    return order != 0 ? order : strcmp(left->folder, right->folder);
}

const struct tdh_plugin_entry **tdh_plugins_list(struct tdh_plugins *plugins, struct td_err *err)
{
    const struct tdh_plugin_entry **list;
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;

    tdh_plugins_lock(plugins);
    list = calloc(plugins->folders.count + 1, sizeof(*list));
    while (list != NULL && (slot = tdh_map_next(&plugins->folders, &at)) != NULL)
        if (!tdh_entry_is_covered(plugins, slot->value))
            list[count++] = slot->value;
    tdh_plugins_unlock(plugins);
    if (list == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the list of plugins");
    else
        qsort(list, count, sizeof(*list), compare);
    return list;
}

/* Of each name the version that is meant. To find it may bring in more entries, so those there are
 * are listed before. */
static int name_all(struct tdh_plugins *plugins, struct td_err *err)
{
    struct tdh_plugin_entry **all = calloc(plugins->folders.count + 1, sizeof(*all));
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;
    int rc = 0;

    if (all == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the list of plugins");
    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL)
        all[count++] = slot->value;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct tdh_plugin_entry *meant;

        if (all[i]->kind != 0 && tdh_entry_is_covered(plugins, all[i]))
            rc = tdh_entry_meant(plugins, all[i]->kind, all[i]->name, &meant, err);
    }
    free(all);
    return rc;
}

/* Refuses what cannot be used, now that all are known. Fails only without memory. */
static int resolve_all(struct tdh_plugins *plugins, struct td_err *err)
{
    const struct tdh_plugin_entry **list = tdh_plugins_list(plugins, err);
    int rc = list != NULL ? 0 : -1;

    for (const struct tdh_plugin_entry **at = list; rc == 0 && *at != NULL; at++) {
        struct tdh_plugin_entry *entry = tdh_map_get(&plugins->folders, (*at)->folder);
        struct td_err why;

        if (entry->state == TDH_PLUGIN_DISCOVERED &&
            tdh_resolve(plugins, entry, tdh_plugin_probe, &why) != 0 && why.code == TD_E_NOMEM) {
            *err = why;
            rc = -1;
        }
    }
    free(list);
    return rc;
}

int tdh_plugins_scan(struct tdh_plugins *plugins, struct td_err *err)
{
    int rc;

    tdh_plugins_lock(plugins);
    rc = walk(plugins, (enum td_kind)0, take_entry, plugins, err);
    plugins->is_fresh = rc == 0;
    if (rc == 0)
        rc = name_all(plugins, err);
    if (rc == 0)
        rc = resolve_all(plugins, err);
    plugins->is_fresh = false;
    tdh_plugins_unlock(plugins);
    return rc;
}
