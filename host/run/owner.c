/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner: a process owns runs as long as it holds the lock of its file. The system lets go of the
 * lock when the process ends, however it ends, so no clock and no heartbeat decides who is alive.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/json.h"
#include "run/internal.h"

static void owner_path(const struct tdh_engine *engine, const char *owner, char *path, size_t size)
{
    snprintf(path, size, "%s/%s.lock", engine->owners_dir, owner);
}

int tdh_owner_take(struct tdh_engine *engine, struct td_err *err)
{
    char path[4096];

    engine->owner_fd = -1;
    tdh_id_new(engine->owner);
    if (engine->options.state_dir == NULL)
        return 0;
    if (asprintf(&engine->owners_dir, "%s/owners", engine->options.state_dir) < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    if (tdh_file_mkdirs(engine->owners_dir, 0700, err) != 0)
        return -1;
    owner_path(engine, engine->owner, path, sizeof(path));
    engine->owner_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (engine->owner_fd < 0)
        return td_fail_sys(err, "could not make the owner's lock \"%s\"", path);
    if (flock(engine->owner_fd, LOCK_EX | LOCK_NB) != 0)
        return td_fail_sys(err, "could not lock \"%s\"", path);
    return 0;
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
