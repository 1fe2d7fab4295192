/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: takes one plugin through the gates from its library on, and counts who uses it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "plugin/internal.h"
#include "plugin/runner.h"
#include "runtime/runtime.h"

static int copy_library(const struct tdh_gate *gate, struct tdh_plugin *plugin, bool is_bundled,
                        struct td_err *err)
{
    char path[PATH_MAX];
    int fd = tdh_library_open(plugin->manifest, is_bundled, path, err);

    if (fd < 0)
        return -1;
    plugin->copy = tdh_copy_make(gate->private_dir, plugin->manifest, fd, path, plugin->hash, err);
    close(fd);
    return plugin->copy != NULL ? 0 : -1;
}

/* The copy, not the file in the plugin's folder: that one may change any time. */
static int check_copy(struct tdh_plugin *plugin, struct td_err *err)
{
    int fd = open(plugin->copy, O_RDONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return td_fail_sys(err, "could not open the copy \"%s\"", plugin->copy);
    rc = tdh_elf_check(fd, plugin->manifest->library, &plugin->note, err);
    close(fd);
    return rc;
}

static int check_note(const struct td_note *note, struct td_err *err)
{
    return note->size != 0 ? tdh_stamp_check(&note->stamp, err) : 0;
}

/* A copy that was damaged since is made anew; when it is whole, the library itself is at fault. */
static int ready_copy(const struct tdh_gate *gate, struct tdh_plugin *plugin, bool is_bundled,
                      struct td_err *err)
{
    struct td_err why;

    if (copy_library(gate, plugin, is_bundled, err) != 0)
        return -1;
    if (check_copy(plugin, &why) == 0)
        return 0;
    if (tdh_copy_is_whole(plugin->copy, plugin->hash)) {
        *err = why;
        return -1;
    }
    tdh_log(TDH_LOG_WARNING, "plugin", TDH_FACTS(TDH_S("why", why.text)),
            "the copy \"%s\" is damaged and is made anew", plugin->copy);
    if (unlink(plugin->copy) != 0 && errno != ENOENT)
        return td_fail_sys(err, "could not remove the damaged copy \"%s\"", plugin->copy);
    free(plugin->copy);
    plugin->copy = NULL;
    return copy_library(gate, plugin, is_bundled, err) == 0 ? check_copy(plugin, err) : -1;
}

static int open_library(struct tdh_plugin *plugin, struct td_err *err)
{
    const struct td_entry *entry;
    const char *before = tdh_hold(plugin->manifest->name);

    plugin->handle = tdh_loader_open(plugin->copy, err);
    tdh_hold(before);
    if (plugin->handle == NULL)
        return -1;
    entry = tdh_loader_find(plugin->handle, "td_entry");
    if (entry == NULL)
        return td_fail(err, TD_E_ABI, "not a tdev plugin: no symbol \"td_entry\"");
    if (tdh_stamp_check(&entry->stamp, err) != 0 ||
        (plugin->note.size != 0 && tdh_stamp_compare(&plugin->note.stamp, &entry->stamp, err) != 0))
        return -1;
    return tdh_descriptor_read(plugin, entry->plugin, err);
}

/* Its library, without opening it. */
static int probe_library(const struct tdh_gate *gate, const struct tdh_manifest *manifest,
                         bool is_bundled, struct td_err *err)
{
    char path[PATH_MAX], hash[TDH_SHA256_HEX], *copy = NULL;
    struct td_note note;
    int fd = tdh_library_open(manifest, is_bundled, path, err), rc;

    if (fd < 0)
        return -1;
    rc = tdh_elf_check(fd, manifest->library, &note, err);
    if (rc == 0)
        rc = check_note(&note, err);
    if (rc == 0 && manifest->sha256 != NULL) {
        copy = tdh_copy_make(gate->private_dir, manifest, fd, path, hash, err);
        rc = copy != NULL ? 0 : -1;
    }
    free(copy);
    close(fd);
    return rc;
}

int tdh_plugin_probe(struct tdh_plugins *plugins, struct tdh_plugin_entry *entry,
                     struct td_err *err)
{
    if (tdh_manifest_compile(entry->manifest, err) == 0 &&
        probe_library(&plugins->gate, entry->manifest, entry->is_bundled, err) == 0)
        return 0;
    return td_context(err, "plugin \"%s\"", entry->name);
}

/* Ends everything but the manifest. */
static void free_plugin(struct tdh_plugin *plugin)
{
    size_t count = plugin->needs != NULL ? plugin->manifest->need_count : 0;
    const char *name = plugin->manifest != NULL ? plugin->manifest->name : NULL; /* else lent */
    const char *before = tdh_hold(name);

    tdh_runner_free(plugin->runner);
    tdh_proxy_free(plugin);
    tdh_loader_close(plugin->handle);
    tdh_hold(before);
    tdh_holder_forget(name);
    for (size_t i = 0; i < count; i++)
        tdh_plugin_release(plugin->needs[i]);
    free(plugin->needs);
    free(plugin->actions);
    free(plugin->bindings);
    free(plugin->copy);
    free(plugin);
}

static struct tdh_plugin *new_plugin(struct tdh_manifest *manifest, struct td_err *err)
{
    struct tdh_plugin *plugin = calloc(1, sizeof(*plugin));

    if (plugin == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a plugin");
        return NULL;
    }
    plugin->manifest = manifest;
    plugin->line = tdh_ledger_line(TDH_LEDGER_PLUGIN, manifest->name, manifest->name);
    plugin->holds = 1;
    return plugin;
}

/* In a process of its own the library is opened with the first call. */
static int set_up_runner(const struct tdh_gate *gate, struct tdh_plugin *plugin, struct td_err *err)
{
    plugin->runner = tdh_runner_new(gate, plugin, err);
    return plugin->runner != NULL ? tdh_proxy_fill(plugin, err) : -1;
}

struct tdh_plugin *tdh_plugin_open(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                                   bool is_bundled, enum tdh_isolation isolation,
                                   struct td_err *err)
{
    struct tdh_plugin *plugin = new_plugin(manifest, err);
    int lock, rc = -1;

    if (plugin == NULL)
        return NULL;
    lock = tdh_copies_lock(gate->private_dir, LOCK_SH);
    if (tdh_manifest_compile(manifest, err) == 0 &&
        ready_copy(gate, plugin, is_bundled, err) == 0 && check_note(&plugin->note, err) == 0)
        rc =
            isolation == TDH_PROCESS ? set_up_runner(gate, plugin, err) : open_library(plugin, err);
    if (rc == 0 && (rc = tdh_edition_fill(plugin, err)) == 0 && !gate->is_check)
        rc = tdh_edition_keep(gate->private_dir, plugin, err);
    tdh_copies_unlock(lock);
    if (rc == 0)
        return plugin;
    free_plugin(plugin);
    return NULL;
}

static int ready_kept(const struct tdh_gate *gate, struct tdh_plugin *plugin, struct td_err *err)
{
    struct stat status;

    if (asprintf(&plugin->copy, "%s/%s.so", gate->private_dir, plugin->hash) < 0) {
        plugin->copy = NULL;
        return td_fail(err, TD_E_NOMEM, "could not allocate the path of a library");
    }
    if (lstat(plugin->copy, &status) != 0)
        return td_fail(err, TD_E_NOTFOUND, "its library is not kept any more");
    tdh_copy_use(plugin->copy, &status);
    if (!tdh_copy_is_whole(plugin->copy, plugin->hash))
        return td_fail(err, TD_E_CORRUPT, "its library, \"%s\", is damaged", plugin->copy);
    return check_copy(plugin, err) == 0 ? check_note(&plugin->note, err) : -1;
}

struct tdh_plugin *tdh_plugin_open_kept(const struct tdh_gate *gate, struct tdh_manifest *manifest,
                                        const char *hash, enum tdh_isolation isolation,
                                        struct td_err *err)
{
    struct tdh_plugin *plugin = new_plugin(manifest, err);
    int lock, rc = -1;

    if (plugin == NULL)
        return NULL;
    snprintf(plugin->hash, sizeof(plugin->hash), "%s", hash);
    lock = tdh_copies_lock(gate->private_dir, LOCK_SH);
    if (tdh_manifest_compile(manifest, err) == 0 && ready_kept(gate, plugin, err) == 0)
        rc =
            isolation == TDH_PROCESS ? set_up_runner(gate, plugin, err) : open_library(plugin, err);
    tdh_copies_unlock(lock);
    if (rc == 0 && (rc = tdh_edition_fill(plugin, err)) == 0)
        return plugin;
    free_plugin(plugin);
    return NULL;
}

struct tdh_plugin *tdh_plugin_open_copy(struct tdh_manifest *manifest, const char *copy,
                                        const char *hash, struct td_err *err)
{
    struct tdh_plugin *plugin = new_plugin(manifest, err);

    if (plugin == NULL)
        return NULL;
    snprintf(plugin->hash, sizeof(plugin->hash), "%s", hash);
    plugin->copy = strdup(copy);
    if (plugin->copy == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a plugin");
    else if (check_copy(plugin, err) == 0 && check_note(&plugin->note, err) == 0 &&
             open_library(plugin, err) == 0)
        return plugin;
    free_plugin(plugin);
    return NULL;
}

struct tdh_plugin *tdh_plugin_hold(struct tdh_plugin *plugin)
{
    __atomic_add_fetch(&plugin->holds, 1, __ATOMIC_RELAXED);
    return plugin;
}

void tdh_plugin_release(struct tdh_plugin *plugin)
{
    struct tdh_manifest *manifest;

    if (plugin == NULL || __atomic_sub_fetch(&plugin->holds, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    manifest = plugin->manifest;
    free_plugin(plugin);
    tdh_manifest_free(manifest);
}
