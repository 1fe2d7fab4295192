/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tidy: takes away private copies of libraries that nobody opens any more: those of plugins that
 * were built anew or taken out. Whoever opens a copy gives it the time of that day; a process that
 * stays does so for its own each time it tidies. What is taken away too early is only made again.
 *
 * Between the look at a copy and its opening a process holds PRIVATE/lock, shared with others;
 * tidying holds it alone. The system lets go of it, however a process ends. A library that is open
 * outlives its name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugin/internal.h"

enum { DAY_S = 86400, KEEP_S = 30 * DAY_S, LOOKED_AT_MAX = 10000, HEX = TDH_SHA256_HEX - 1 };

int tdh_copies_lock(const char *private_dir, int how)
{
    char path[PATH_MAX];
    int fd;

    if (snprintf(path, sizeof(path), "%s/lock", private_dir) >= PATH_MAX)
        return -1;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, how) == 0)
        return fd;
    close(fd);
    return -1;
}

void tdh_copies_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

void tdh_copy_use(const char *copy, const struct stat *status)
{
    if (time(NULL) - status->st_mtime > DAY_S)
        utimensat(AT_FDCWD, copy, NULL, AT_SYMLINK_NOFOLLOW);
}

static void use(const struct tdh_plugin *plugin)
{
    struct stat status;

    if (plugin != NULL && plugin->copy != NULL && lstat(plugin->copy, &status) == 0)
        tdh_copy_use(plugin->copy, &status);
}

static void use_own(const struct tdh_plugins *plugins)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while ((slot = tdh_map_next(&plugins->folders, &at)) != NULL)
        use(((const struct tdh_plugin_entry *)slot->value)->plugin);
    for (size_t i = 0; i < plugins->former_count; i++)
        use(plugins->former[i].plugin);
}

static bool has_form(const char *name, const char *ending)
{
    return strspn(name, "0123456789abcdef") == HEX && strcmp(name + HEX, ending) == 0;
}

/* A memory of what was hashed whose copy is gone. */
static bool leads_nowhere(int dir, const char *name)
{
    char target[HEX + sizeof(".so")];
    struct stat status;

    if (readlinkat(dir, name, target, HEX) != HEX)
        return true;
    memcpy(target + HEX, ".so", sizeof(".so"));
    return fstatat(dir, target, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

static void look_at(int dir, const char *name, struct tdh_plugin_copies *copies)
{
    struct stat status;
    int64_t age_s;

    if (tdh_edition_tidy(dir, name) || fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    age_s = time(NULL) - status.st_mtime;
    if (has_form(name, ".so")) {
        if (age_s > KEEP_S && unlinkat(dir, name, 0) == 0) {
            copies->removed++;
            return;
        }
        copies->count++;
        copies->bytes += (uint64_t)status.st_size;
    } else if ((age_s > DAY_S && strspn(name, "0123456789abcdef") == HEX &&
                !has_form(name, ".seen")) ||
               (has_form(name, ".seen") && leads_nowhere(dir, name))) {
        unlinkat(dir, name, 0); /* what a process left that ended while it wrote; a memory */
    }
}

int tdh_plugins_tidy(struct tdh_plugins *plugins, struct tdh_plugin_copies *ret_copies,
                     struct td_err *err)
{
    const struct dirent *file;
    int lock;
    DIR *dir;

    *ret_copies = (struct tdh_plugin_copies){ 0 };
    tdh_plugins_lock(plugins);
    use_own(plugins);
    tdh_plugins_unlock(plugins);
    dir = opendir(plugins->private_dir);
    if (dir == NULL)
        return errno == ENOENT
                   ? 0
                   : td_fail_sys(err, "could not look into folder \"%s\"", plugins->private_dir);
    lock = tdh_copies_lock(plugins->private_dir, LOCK_EX | LOCK_NB);
    for (unsigned i = 0; lock >= 0 && i < LOOKED_AT_MAX && (file = readdir(dir)) != NULL; i++)
        look_at(dirfd(dir), file->d_name, ret_copies);
    tdh_copies_unlock(lock);
    closedir(dir);
    return 0;
}
