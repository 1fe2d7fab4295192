/* SPDX-License-Identifier: Apache-2.0 */
/*
 * room: a locked folder of one known name. The system lets go of the lock when its process ends,
 * however it ends, so what is left in a folder that can be locked is of nobody.
 */
#include "cli/room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define NAME                                                                                       \
    "store.db" /* all names in the folder begin so: a backend may keep more files beside           \
                */
enum { TRIES = 16 };

/* Is the folder that is open still the one of that name? */
static bool is_here(const struct tdh_room *room)
{
    struct stat held, named;

    return fstat(room->fd, &held) == 0 && lstat(room->path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static void empty(const struct tdh_room *room)
{
    int fd = dup(room->fd);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    rewinddir(dir);
    while ((entry = readdir(dir)) != NULL)
        if (strncmp(entry->d_name, NAME, strlen(NAME)) == 0)
            unlinkat(room->fd, entry->d_name, 0);
    closedir(dir);
}

/* 0: locked; 1: somebody took it away meanwhile; -1: failed. */
static int try_lock(struct tdh_room *room, struct td_err *err)
{
    if (mkdir(room->path, 0700) != 0 && errno != EEXIST)
        return td_fail_sys(err, "could not make folder \"%s\"", room->path);
    room->fd = open(room->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (room->fd < 0)
        return errno == ENOENT ? 1 : td_fail_sys(err, "could not open folder \"%s\"", room->path);
    if (flock(room->fd, LOCK_EX | LOCK_NB) == 0 && is_here(room))
        return 0;
    if (errno == EWOULDBLOCK && is_here(room)) {
        td_fail(err, TD_E_UNAVAILABLE, "another process is at work in \"%s\"", room->path);
        td_hint(err, "wait until it is done");
        close(room->fd);
        room->fd = -1;
        return -1;
    }
    close(room->fd);
    room->fd = -1;
    return 1;
}

static int make_file(struct tdh_room *room, struct td_err *err)
{
    int fd = openat(room->fd, NAME, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return td_fail_sys(err, "could not make a file in \"%s\"", room->path);
    close(fd);
    return 0;
}

int tdh_room_open(struct tdh_room *room, const char *beside, const char *suffix, struct td_err *err)
{
    int length = snprintf(room->path, sizeof(room->path), "%s%s", beside, suffix), rc = 1;

    room->fd = -1;
    if (length + 64 >= PATH_MAX)
        return td_fail(err, TD_E_LIMIT, "the path \"%.100s...\" is too long", beside);
    snprintf(room->file, sizeof(room->file), "%.*s/" NAME, length, room->path);
    for (int i = 0; rc == 1 && i < TRIES; i++)
        rc = try_lock(room, err);
    if (rc == 1)
        return td_fail(err, TD_E_UNAVAILABLE, "could not keep folder \"%s\": each was removed",
                       room->path);
    if (rc != 0)
        return -1;
    empty(room);
    if (make_file(room, err) == 0)
        return 0;
    tdh_room_close(room);
    return -1;
}

void tdh_room_close(struct tdh_room *room)
{
    if (room->fd < 0)
        return;
    empty(room);
    rmdir(room->path);
    close(room->fd);
    room->fd = -1;
}

/* RFC 3339 without what some systems and tools do not take in a name. */
const char *tdh_room_now(char text[static 40])
{
    char *to = text;

    tdh_clock_print(tdh_clock_us(), text, 40);
    for (const char *at = text; *at != '\0'; at++)
        if (*at != '-' && *at != ':')
            *to++ = *at;
    *to = '\0';
    return text;
}
