/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock: a lock of the open file, which the system lets go of with the process.
 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail_held(int fd, const char *path, struct td_err *err)
{
    char text[32] = "";
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    long pid = length > 0 ? strtol(text, NULL, 10) : 0;

    if (pid > 0)
        return td_fail(err, TD_E_CONFLICT, "\"%s\" is locked by process %ld", path, pid);
    return td_fail(err, TD_E_CONFLICT, "\"%s\" is locked by another process", path);
}

static int write_pid(int fd, const char *path, struct td_err *err)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)length, 0) == length)
        return 0;
    return td_fail_sys(err, "could not write \"%s\"", path);
}

int tdh_lock_take(const char *path, int *ret_fd, struct td_err *err)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int rc;

    if (fd < 0)
        return td_fail_sys(err, "could not open \"%s\"", path);
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        rc = write_pid(fd, path, err);
    else if (errno == EAGAIN || errno == EACCES)
        rc = fail_held(fd, path, err);
    else
        rc = td_fail_sys(err, "could not lock \"%s\"", path);
    if (rc == 0)
        *ret_fd = fd;
    else
        close(fd);
    return rc;
}

bool tdh_lock_is_held(const char *path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    return is_held;
}
