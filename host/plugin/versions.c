/* SPDX-License-Identifier: Apache-2.0 */
/*
 * versions: all folders of one name: NAME, and NAME@VERSION beside it, in every root.
 *
 * For NAME its path is enough. What stands behind "@" is not known, so the folder around it is
 * read; what was found is kept until that has another time. A folder that was changed just now may
 * change again within the same tick of its clock, so it is read again.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugin/internal.h"

enum { SETTLED_S = 2, VERSIONS_MAX = 256 };

static const enum td_kind kinds[] = { (enum td_kind)0, TD_KIND_AGENT, TD_KIND_STORAGE,
                                      TD_KIND_PATTERN, TD_KIND_PROVIDER };

/* What a folder holds that has a "@" in its name. */
struct listing {
    struct timespec changed;
    ino_t inode;
    bool is_settled;
    char **names; /* sorted */
    size_t count;
};

size_t tdh_folder_name(const char *folder)
{
    return strcspn(folder, "@");
}

bool tdh_folder_is_valid(const char *folder)
{
    char name[TDH_PLUGIN_NAME_MAX + 1];
    size_t length = tdh_folder_name(folder);

    if (length > TDH_PLUGIN_NAME_MAX || (folder[length] == '@' && folder[length + 1] == '\0'))
        return false;
    memcpy(name, folder, length);
    name[length] = '\0';
    return tdh_plugin_name_is_valid(name);
}

/* --- folders around them --- */

static void free_names(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->names[i]);
    free(listing->names);
    listing->names = NULL;
    listing->count = 0;
}

static void free_listing(void *value)
{
    free_names(value);
    free(value);
}

void tdh_folders_free(struct tdh_plugins *plugins)
{
    tdh_map_free(&plugins->listings, free_listing);
}

static int is_version(const struct dirent *entry)
{
    return strchr(entry->d_name, '@') != NULL && tdh_folder_is_valid(entry->d_name);
}

static int fail_nomem(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the versions of a plugin");
}

/* One that cannot be read has none. */
static int read_names(struct listing *listing, const char *parent, struct td_err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(parent, &entries, is_version, alphasort);
    bool is_short = count < 0 && errno == ENOMEM;

    free_names(listing);
    if (count > 0) {
        listing->names = calloc((size_t)count, sizeof(char *));
        is_short = listing->names == NULL;
    }
    for (int i = 0; i < count; i++) {
        if (!is_short && (listing->names[listing->count] = strdup(entries[i]->d_name)) != NULL)
            listing->count++;
        else
            is_short = true;
        free(entries[i]);
    }
    free(entries);
    return is_short ? fail_nomem(err) : 0;
}

static struct listing *listing_of(struct tdh_plugins *plugins, const char *parent,
                                  struct td_err *err)
{
    struct listing *listing = tdh_map_get(&plugins->listings, parent);

    if (listing != NULL)
        return listing;
    listing = calloc(1, sizeof(*listing));
    if (listing != NULL && tdh_map_set(&plugins->listings, parent, listing, NULL) == 0)
        return listing;
    free(listing);
    fail_nomem(err);
    return NULL;
}

/* The listing of that folder as it is now; *ret_listing is NULL when it is not there. */
static int list(struct tdh_plugins *plugins, const char *parent, const struct listing **ret_listing,
                struct td_err *err)
{
    struct listing *listing;
    struct stat status;

    *ret_listing = NULL;
    if (stat(parent, &status) != 0)
        return 0;
    listing = listing_of(plugins, parent, err);
    if (listing == NULL)
        return -1;
    *ret_listing = listing;
    if (listing->is_settled && listing->inode == status.st_ino &&
        listing->changed.tv_sec == status.st_mtim.tv_sec &&
        listing->changed.tv_nsec == status.st_mtim.tv_nsec)
        return 0;
    listing->is_settled = false;
    if (read_names(listing, parent, err) != 0)
        return -1;
    listing->inode = status.st_ino;
    listing->changed = status.st_mtim;
    listing->is_settled = time(NULL) - status.st_mtim.tv_sec >= SETTLED_S;
    return 0;
}

/* --- one name --- */

static int add_entry(struct tdh_folders *versions, struct tdh_plugin_entry *entry,
                     struct td_err *err)
{
    if (versions->count == versions->room) {
        size_t room = versions->room > 0 ? versions->room * 2 : 8;
        struct tdh_plugin_entry **entries =
            realloc(versions->entries, room * sizeof(struct tdh_plugin_entry *));

        if (entries == NULL)
            return fail_nomem(err);
        versions->entries = entries;
        versions->room = room;
    }
    versions->entries[versions->count++] = entry;
    return 0;
}

static bool has_version(const struct tdh_plugin_entry *entry)
{
    return strchr(strrchr(entry->folder, '/'), '@') != NULL;
}

/* A version counts once, in the first root that has it. A folder NAME whose version is not known
 * hides those of later roots: it was put there in their place. */
static bool is_hidden(const struct tdh_folders *versions, const struct tdh_plugin_entry *entry)
{
    for (size_t i = 0; i < versions->count; i++) {
        const struct tdh_plugin_entry *before = versions->entries[i];

        if (before->manifest == NULL && !has_version(before) && !has_version(entry))
            return true;
        if (before->manifest != NULL && entry->manifest != NULL && before->kind == entry->kind &&
            tdh_semver_compare(&before->manifest->version, &entry->manifest->version) == 0)
            return true;
    }
    return false;
}

static int add_folder(struct tdh_plugins *plugins, const char *parent, const char *folder,
                      enum td_kind kind, struct tdh_folders *versions, struct td_err *err)
{
    struct tdh_plugin_entry *entry;
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/%s/plugin.yaml", parent, folder);

    if (length >= PATH_MAX || versions->count == VERSIONS_MAX || access(path, F_OK) != 0)
        return 0;
    path[length - (int)strlen("/plugin.yaml")] = '\0';
    entry = tdh_entry_of(plugins, path, err);
    if (entry == NULL)
        return -1;
    if ((kind != 0 && entry->kind != 0 && entry->kind != kind) || is_hidden(versions, entry))
        return 0;
    return add_entry(versions, entry, err);
}

static int add_parent(struct tdh_plugins *plugins, const char *parent, enum td_kind kind,
                      const char *name, struct tdh_folders *versions, struct td_err *err)
{
    const struct listing *listing;
    size_t length = strlen(name);

    if (list(plugins, parent, &listing, err) != 0)
        return -1;
    if (listing == NULL)
        return 0;
    if (add_folder(plugins, parent, name, kind, versions, err) != 0)
        return -1;
    for (size_t i = 0; i < listing->count; i++)
        if (strncmp(listing->names[i], name, length) == 0 && listing->names[i][length] == '@' &&
            add_folder(plugins, parent, listing->names[i], kind, versions, err) != 0)
            return -1;
    return 0;
}

/* One that is not in use and was changed since it was read is read anew. */
static void read_changed(struct tdh_plugins *plugins, const struct tdh_folders *versions)
{
    for (size_t i = 0; versions->count > 1 && i < versions->count; i++)
        if (versions->entries[i]->plugin == NULL && !plugins->is_fresh)
            tdh_entry_renew(plugins, versions->entries[i]);
}

int tdh_folders_of(struct tdh_plugins *plugins, enum td_kind kind, const char *name,
                   struct tdh_folders *ret_versions, struct td_err *err)
{
    struct tdh_folders versions = { 0 };
    int rc = 0;

    for (char **root = plugins->roots; rc == 0 && *root != NULL; root++)
        for (size_t i = 0; rc == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            const char *sub = kinds[i] != 0 ? tdh_kind_folder(kinds[i]) : NULL;
            char parent[PATH_MAX];

            if ((kind != 0 && kinds[i] != 0 && kinds[i] != kind) ||
                snprintf(parent, sizeof(parent), "%s%s%s", *root, sub != NULL ? "/" : "",
                         sub != NULL ? sub : "") >= PATH_MAX)
                continue;
            rc = add_parent(plugins, parent, kind, name, &versions, err);
        }
    if (rc != 0) {
        free(versions.entries);
        return -1;
    }
    read_changed(plugins, &versions);
    *ret_versions = versions;
    return 0;
}
