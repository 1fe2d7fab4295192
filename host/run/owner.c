/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner: a process owns runs as long as it holds the lock of its file. The system lets go of the
 * lock when the process ends, however it ends, so no clock and no heartbeat decides who is alive.
 *
 * A file without a lock is of a process that has ended, and whoever meets it removes it. It may
 * also be of one that has just made it and not locked it yet: that one sees it, and makes another.
 * No name is used twice, so a removal never meets a younger file.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "run/internal.h"

enum { TRIES = 100, SWEPT_MAX = 256 };

static void owner_path(const struct tdh_engine *engine, const char *owner, char *path, size_t size)
{
    snprintf(path, size, "%s/%s.lock", engine->owners_dir, owner);
}

/* Is the file that is open still the one of that name? */
static bool is_at(int fd, const char *path)
{
    struct stat held, named;

    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

/* A lock of a new name. 0: taken; 1: it was removed before it was locked; -1: failed. */
static int try_take(struct tdh_engine *engine, struct td_err *err)
{
    char path[4096];
    int rc;

    tdh_id_new(engine->owner);
    owner_path(engine, engine->owner, path, sizeof(path));
    engine->owner_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (engine->owner_fd < 0)
        return td_fail_sys(err, "could not make the owner's lock \"%s\"", path);
    rc = flock(engine->owner_fd, LOCK_EX | LOCK_NB);
    if (rc == 0 && is_at(engine->owner_fd, path))
        return 0;
    if (rc != 0 && errno != EWOULDBLOCK)
        rc = td_fail_sys(err, "could not lock \"%s\"", path);
    else
        rc = 1;
    unlink(path);
    close(engine->owner_fd);
    engine->owner_fd = -1;
    return rc;
}

/* Whose lock has that name; false: it is none. */
static bool owner_of(const char *name, char owner[static TDH_ID_SIZE])
{
    if (strlen(name) != TDH_ID_SIZE - 1 + strlen(".lock") ||
        strcmp(name + TDH_ID_SIZE - 1, ".lock") != 0)
        return false;
    snprintf(owner, TDH_ID_SIZE, "%.*s", TDH_ID_SIZE - 1, name);
    return tdh_id_is_valid(owner);
}

/* Removes what dead owners left, not more than some at a time. */
static void sweep(struct tdh_engine *engine)
{
    DIR *dir = opendir(engine->owners_dir);
    const struct dirent *file;
    unsigned swept = 0;

    while (dir != NULL && swept < SWEPT_MAX && (file = readdir(dir)) != NULL) {
        char owner[TDH_ID_SIZE];

        if (owner_of(file->d_name, owner) && !tdh_owner_is_alive(engine, owner))
            swept++;
    }
    if (dir != NULL)
        closedir(dir);
}

int tdh_owner_take(struct tdh_engine *engine, struct td_err *err)
{
    int rc = 1;

    engine->owner_fd = -1;
    tdh_id_new(engine->owner);
    if (engine->options.state_dir == NULL)
        return 0;
    if (asprintf(&engine->owners_dir, "%s/owners", engine->options.state_dir) < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    if (tdh_file_mkdirs(engine->owners_dir, 0700, err) != 0)
        return -1;
    for (int i = 0; rc == 1 && i < TRIES; i++)
        rc = try_take(engine, err);
    if (rc == 1)
        return td_fail(err, TD_E_IO, "could not keep an owner's lock in \"%s\": each was removed",
                       engine->owners_dir);
    if (rc == 0)
        sweep(engine);
    return rc;
}

void tdh_owner_leave(struct tdh_engine *engine)
{
    char path[4096];

    if (engine->owner_fd >= 0) {
        owner_path(engine, engine->owner, path, sizeof(path));
        unlink(path);
        close(engine->owner_fd);
    }
    free(engine->owners_dir);
}

bool tdh_owner_is_alive(struct tdh_engine *engine, const char *owner)
{
    char path[4096];
    bool is_alive;
    int fd;

    if (strcmp(owner, engine->owner) == 0)
        return true;
    if (engine->owners_dir == NULL || !tdh_id_is_valid(owner))
        return false;
    owner_path(engine, owner, path, sizeof(path));
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno != ENOENT; /* not readable: better taken for alive than run twice */
    is_alive = flock(fd, LOCK_EX | LOCK_NB) != 0;
    if (!is_alive)
        unlink(path);
    close(fd);
    return is_alive;
}

bool tdh_owner_is_alone(struct tdh_engine *engine)
{
    DIR *dir = engine->owners_dir != NULL ? opendir(engine->owners_dir) : NULL;
    bool is_alone = dir != NULL;
    const struct dirent *file;

    while (is_alone && (file = readdir(dir)) != NULL) {
        char owner[TDH_ID_SIZE];

        if (owner_of(file->d_name, owner) && strcmp(owner, engine->owner) != 0)
            is_alone = !tdh_owner_is_alive(engine, owner);
    }
    if (dir != NULL)
        closedir(dir);
    return is_alone;
}
