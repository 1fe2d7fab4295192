/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edition: a plugin as it was at one time, by what it was built of: its manifest and its library.
 *
 * What a run began with is what it goes on with, also in another process and after the plugin's
 * folder has changed. So beside the private copies of libraries stands, for each edition that was
 * ever opened, a file PRIVATE/ID.edition with the manifest and the hash of the copy. It goes when
 * the copy goes. Files beside the library are not kept: an old edition finds those of today.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "plugin/internal.h"

enum { ID = TDH_EDITION_ID - 1, FILE_MAX = TDH_YAML_BYTES * 2 };
static const char suffix[] = ".edition";

int tdh_edition_fill(struct tdh_plugin *plugin, struct td_err *err)
{
    char *text = tdh_json_text(plugin->manifest->yaml->root, TDH_JSON_SORTED), *whole = NULL;
    char hex[TDH_SHA256_HEX];
    int length = text != NULL ? asprintf(&whole, "%s%s", plugin->hash, text) : -1;

    free(text);
    if (length < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the manifest of plugin \"%s\"",
                       plugin->manifest->name);
    tdh_sha256_hex(whole, (size_t)length, hex);
    memcpy(plugin->edition, hex, ID);
    plugin->edition[ID] = '\0';
    free(whole);
    return 0;
}

static bool is_id(const char *text)
{
    return strspn(text, "0123456789abcdef") == ID;
}

static bool print_path(const char *private_dir, const char *id, char path[static PATH_MAX])
{
    return snprintf(path, PATH_MAX, "%s/%s%s", private_dir, id, suffix) < PATH_MAX;
}

/* Is it kept with what is known of its signature? What was found once is not taken back by a host
 * that does not look. */
static bool is_kept(const char *path, const struct tdh_manifest *manifest)
{
    struct td_err ignored; /* then it is written anew */
    json_t *kept;
    bool is_same;

    if (access(path, F_OK) != 0)
        return false;
    if (manifest->signer[0] == '\0')
        return true;
    kept = tdh_json_read(path, FILE_MAX, &ignored);
    is_same = strcmp(tdh_json_str(kept, "signer", ""), manifest->signer) == 0;
    json_decref(kept);
    return is_same;
}

int tdh_edition_keep(const char *private_dir, const struct tdh_plugin *plugin, struct td_err *err)
{
    char path[PATH_MAX], *text;
    json_t *kept;
    int rc;

    if (!print_path(private_dir, plugin->edition, path))
        return td_fail(err, TD_E_LIMIT, "the path of folder \"%s\" is too long", private_dir);
    if (is_kept(path, plugin->manifest))
        return 0;
    kept =
        json_pack("{s:s, s:s, s:O, s:s}", "hash", plugin->hash, "folder", plugin->manifest->folder,
                  "manifest", plugin->manifest->yaml->root, "signer", plugin->manifest->signer);
    text = kept != NULL ? tdh_json_text(kept, 0) : NULL;
    json_decref(kept);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the manifest of plugin \"%s\"",
                       plugin->manifest->name);
    rc = tdh_file_write(path, text, strlen(text), S_IRUSR | S_IWUSR, err);
    free(text);
    return rc;
}

bool tdh_edition_tidy(int dir, const char *name)
{
    char target[TDH_SHA256_HEX + 16];
    char bytes[TDH_SHA256_HEX + 16] = "";
    static const char start[] = "{\"hash\":\"";
    struct stat status;
    int fd;

    if (!is_id(name) || strcmp(name + ID, suffix) != 0)
        return false;
    fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return true;
    if (read(fd, bytes, sizeof(bytes) - 1) > 0 && strncmp(bytes, start, sizeof(start) - 1) == 0) {
        snprintf(target, sizeof(target), "%.*s.so", TDH_SHA256_HEX - 1, bytes + sizeof(start) - 1);
        if (fstatat(dir, target, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
            unlinkat(dir, name, 0);
    }
    close(fd);
    return true;
}

/* --- one that was kept --- */

/* The manifest of what was kept, new. */
static struct tdh_manifest *read_manifest(const json_t *kept, struct td_err *err)
{
    char *text = tdh_json_text(json_object_get(kept, "manifest"), 0);
    struct tdh_manifest *manifest = NULL;

    if (text == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a manifest");
    else
        manifest = tdh_manifest_parse(text, strlen(text), tdh_json_str(kept, "folder", ""), err);
    free(text);
    if (manifest != NULL) {
        manifest->is_kept = true;
        snprintf(manifest->signer, sizeof(manifest->signer), "%s",
                 tdh_json_str(kept, "signer", ""));
    }
    return manifest;
}

static struct tdh_plugin *open_manifest(struct tdh_plugins *plugins, struct tdh_manifest *manifest,
                                        const char *hash, struct td_err *err)
{
    struct tdh_admission admission;

    if (tdh_check_manifest(&plugins->gate, manifest, &admission, err) != 0)
        return NULL;
    return tdh_plugin_open_kept(&plugins->gate, manifest, hash, admission.isolation, err);
}

/* The edition is the hash of what was kept, so it tells whether that is what was kept. */
static struct tdh_plugin *check_kept(struct tdh_plugin *plugin, const char *edition,
                                     const char *path, struct td_err *err)
{
    if (strcmp(plugin->edition, edition) == 0)
        return plugin;
    td_fail(err, TD_E_CORRUPT, "\"%s\" is damaged", path);
    tdh_plugin_release(plugin);
    return NULL;
}

static struct tdh_plugin *open_edition(struct tdh_plugins *plugins, enum td_kind kind,
                                       const char *name, const char *edition, struct td_err *err)
{
    char path[PATH_MAX];
    struct tdh_plugin *plugin = NULL;
    struct tdh_manifest *manifest;
    json_t *kept;
    const char *hash;

    if (!is_id(edition) || edition[ID] != '\0' ||
        !print_path(plugins->private_dir, edition, path) || access(path, F_OK) != 0) {
        td_fail(err, TD_E_NOTFOUND, "it is not kept any more");
        return NULL;
    }
    kept = tdh_json_read(path, FILE_MAX, err);
    hash = tdh_json_str(kept, "hash", "");
    manifest = kept != NULL ? read_manifest(kept, err) : NULL;
    if (manifest != NULL && (manifest->kind != kind || strcmp(manifest->name, name) != 0 ||
                             strspn(hash, "0123456789abcdef") != TDH_SHA256_HEX - 1))
        td_fail(err, TD_E_CORRUPT, "\"%s\" is of another plugin", path);
    else if (manifest != NULL)
        plugin = open_manifest(plugins, manifest, hash, err);
    if (plugin == NULL)
        tdh_manifest_free(manifest);
    json_decref(kept);
    return plugin != NULL ? check_kept(plugin, edition, path, err) : NULL;
}

static bool is_it(const struct tdh_plugin *plugin, enum td_kind kind, const char *name,
                  const char *edition)
{
    return plugin->manifest->kind == kind && strcmp(plugin->manifest->name, name) == 0 &&
           strcmp(plugin->edition, edition) == 0;
}

static struct tdh_plugin *find_former(const struct tdh_plugins *plugins, enum td_kind kind,
                                      const char *name, const char *edition)
{
    for (size_t i = 0; i < plugins->former_count; i++)
        if (plugins->former[i].plugin != NULL &&
            is_it(plugins->former[i].plugin, kind, name, edition))
            return plugins->former[i].plugin;
    return NULL;
}

int tdh_former_add(struct tdh_plugins *plugins, struct tdh_plugin *plugin,
                   struct tdh_plugin_entry *entry, struct td_err *err)
{
    if (plugins->former_count == plugins->former_room) {
        size_t room = plugins->former_room > 0 ? plugins->former_room * 2 : 8;
        struct tdh_former *former = realloc(plugins->former, room * sizeof(*former));

        if (former == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a list of plugins");
        plugins->former = former;
        plugins->former_room = room;
    }
    plugins->former[plugins->former_count++] =
        (struct tdh_former){ plugin, entry, tdh_clock_mono_ns() };
    return 0;
}

void tdh_former_free(struct tdh_former *former)
{
    tdh_plugin_release(former->plugin);
    tdh_entry_free(former->entry);
}

struct tdh_plugin *tdh_edition_find(struct tdh_plugins *plugins, enum td_kind kind,
                                    const char *name, const char *edition, struct td_err *err)
{
    struct td_err ignored; /* then it is not the one that serves */
    struct tdh_plugin *plugin = tdh_plugins_load(plugins, kind, name, &ignored);

    if (plugin != NULL && strcmp(plugin->edition, edition) == 0)
        return tdh_plugin_hold(plugin);
    plugin = find_former(plugins, kind, name, edition);
    if (plugin != NULL)
        return tdh_plugin_hold(plugin);
    plugin = open_edition(plugins, kind, name, edition, err);
    if (plugin == NULL) {
        td_context(err, "plugin \"%s\": edition %s", name, edition);
        return NULL;
    }
    if (tdh_former_add(plugins, plugin, NULL, err) == 0)
        return tdh_plugin_hold(plugin);
    tdh_plugin_release(plugin);
    return NULL;
}

struct tdh_plugin *tdh_plugins_edition(struct tdh_plugins *plugins, enum td_kind kind,
                                       const char *name, const char *edition, struct td_err *err)
{
    struct tdh_plugin *plugin;

    tdh_plugins_lock(plugins);
    plugin = tdh_edition_find(plugins, kind, name, edition, err);
    tdh_plugins_unlock(plugins);
    return plugin;
}

static bool is_used(const struct tdh_plugins *plugins, const struct tdh_former *former,
                    uint64_t now_ns)
{
    return now_ns - former->since_ns < plugins->grace_ms * UINT64_C(1000000) ||
           (former->plugin != NULL &&
            __atomic_load_n(&former->plugin->holds, __ATOMIC_ACQUIRE) > 1);
}

static bool take_unused(struct tdh_plugins *plugins, struct tdh_former *ret_former)
{
    uint64_t now_ns = tdh_clock_mono_ns();

    for (size_t i = 0; i < plugins->former_count; i++)
        if (!is_used(plugins, &plugins->former[i], now_ns)) {
            *ret_former = plugins->former[i];
            plugins->former[i] = plugins->former[--plugins->former_count];
            return true;
        }
    return false;
}

/* Unloading runs code of the plugin, so the lock is given up for that. */
unsigned tdh_plugins_sweep(struct tdh_plugins *plugins)
{
    struct tdh_former former;
    unsigned left;

    tdh_plugins_lock(plugins);
    while (take_unused(plugins, &former)) {
        unsigned depth = tdh_plugins_pause(plugins);

        tdh_former_free(&former);
        tdh_plugins_resume(plugins, depth);
    }
    left = (unsigned)plugins->former_count;
    tdh_plugins_unlock(plugins);
    return left;
}
