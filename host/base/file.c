/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: whole files in and out of memory, and folders with their parents.
 */
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"

enum { READ_MIN = 4096, NAME_TRIES = 8 };

/* A pipe that the shell has opened for us, as with <(COMMAND). One that lies in a folder would be
 * waited for until somebody writes to it. */
static bool is_given(const char *path)
{
    return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
}

static int open_to_read(const char *path, struct td_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;

    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode) || is_given(path))) {
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
        return fd;
    }
    if (fd >= 0) {
        close(fd);
        return td_fail(err, TD_E_INVAL, "\"%s\" is a pipe, not a file", path);
    }
    if (errno == ENOENT)
        return td_fail(err, TD_E_NOTFOUND, "could not open \"%s\": %s", path, strerror(errno));
    return td_fail_sys(err, "could not open \"%s\"", path);
}

/* Reads until `size` bytes are there or the end has come. Returns the bytes, or -1. */
static ssize_t read_up_to(int fd, char *bytes, size_t size)
{
    size_t length = 0;

    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);

        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        if (got > 0)
            length += (size_t)got;
    }
    return (ssize_t)length;
}

/* A first guess of the room needed. A pipe or a file of /proc has size 0 and still has content. */
static size_t guess_size(int fd, size_t limit_bytes)
{
    struct stat status;
    size_t size = READ_MIN;

    if (fstat(fd, &status) == 0 && status.st_size > 0)
        size = (size_t)status.st_size;
    return size < limit_bytes ? size : limit_bytes;
}

/* One byte more than there is room for is asked for each time: it tells a full buffer from the end
 * of the file. */
static char *read_all(int fd, const char *path, size_t limit_bytes, size_t *ret_length,
                      struct td_err *err)
{
    size_t size = guess_size(fd, limit_bytes), length = 0;
    char *bytes = NULL;

    for (;;) {
        char *more = realloc(bytes, size + 2);
        ssize_t got;

        if (more == NULL) {
            td_fail(err, TD_E_NOMEM, "could not allocate %zu bytes for \"%s\"", size, path);
            break;
        }
        bytes = more;
        got = read_up_to(fd, bytes + length, size + 1 - length);
        if (got < 0) {
            td_fail_sys(err, "could not read \"%s\"", path);
            break;
        }
        length += (size_t)got;
        if (length <= size) {
            bytes[length] = '\0';
            *ret_length = length;
            return bytes;
        }
        if (size == limit_bytes) {
            td_fail(err, TD_E_LIMIT, "\"%s\" is larger than %zu bytes", path, limit_bytes);
            break;
        }
        size = size < limit_bytes / 2 ? size * 2 : limit_bytes;
    }
    free(bytes);
    return NULL;
}

char *tdh_file_read(const char *path, size_t limit_bytes, size_t *ret_length, struct td_err *err)
{
    int fd = open_to_read(path, err);
    char *bytes;

    if (fd < 0)
        return NULL;
    bytes = read_all(fd, path, limit_bytes, ret_length, err);
    close(fd);
    return bytes;
}

/* Length of the folder part of a path, without its last slash; 0: there is none. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return 0;
    return slash == path ? 1 : (size_t)(slash - path);
}

/* Opens a new file beside `path` and writes its name. The name does not grow with that of `path`.
 */
static int open_temporary(const char *path, unsigned mode, char name[static PATH_MAX],
                          struct td_err *err)
{
    size_t folder = folder_length(path);
    int fd = -1;

    for (int i = 0; i < NAME_TRIES && fd < 0; i++) {
        int length = snprintf(name, PATH_MAX, "%.*s%s.tdev-%016llx.tmp", (int)folder, path,
                              folder > 1 ? "/" : "", (unsigned long long)tdh_id_random());

        if (length < 0 || length >= PATH_MAX) {
            errno = ENAMETOOLONG;
            break;
        }
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        return td_fail_sys(err, "could not make a temporary file beside \"%s\"", path);
    return fd;
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(fd, bytes, length);

        if (done < 0 && errno != EINTR)
            return -1;
        if (done > 0) {
            bytes += done;
            length -= (size_t)done;
        }
    }
    return 0;
}

/* Writes and closes. The file is on the disk when this returns 0. */
static int fill(int fd, const void *bytes, size_t length)
{
    int rc = write_all(fd, bytes, length) == 0 && fsync(fd) == 0 ? 0 : -1;
    int sys = errno;

    if (close(fd) != 0 && rc == 0)
        return -1;
    errno = sys;
    return rc;
}

/* Makes a rename last. Some file systems cannot sync a folder and say EINVAL; nothing more can be
 * done there. */
int tdh_file_sync_folder(const char *path, struct td_err *err)
{
    size_t length = folder_length(path);
    char folder[PATH_MAX] = ".";
    int fd, rc;

    if (length != 0)
        snprintf(folder, sizeof(folder), "%.*s", (int)length, path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    rc = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL) ? 0 : -1;
    if (rc != 0)
        td_fail_sys(err, "could not sync folder \"%s\" of \"%s\"", folder, path);
    if (fd >= 0)
        close(fd);
    return rc;
}

int tdh_file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                   struct td_err *err)
{
    char name[PATH_MAX];
    int fd = open_temporary(path, mode, name, err);

    if (fd < 0)
        return -1;
    if (fill(fd, bytes, length) != 0)
        td_fail_sys(err, "could not write \"%s\"", path);
    else if (rename(name, path) != 0)
        td_fail_sys(err, "could not replace \"%s\"", path);
    else
        return tdh_file_sync_folder(path, err);
    unlink(name);
    return -1;
}

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int make_folder(const char *path, unsigned mode, struct td_err *err)
{
    int sys;

    if (mkdir(path, mode) == 0)
        return 0;
    sys = errno;
    if (is_folder(path)) /* not only after EEXIST: a read-only file system may say EROFS first */
        return 0;
    errno = sys == EEXIST ? ENOTDIR : sys;
    return td_fail_sys(err, "could not make folder \"%s\"", path);
}

int tdh_file_mkdirs(const char *path, unsigned mode, struct td_err *err)
{
    char part[PATH_MAX];
    size_t length = strlen(path);

    if (length == 0 || length >= sizeof(part)) {
        errno = length == 0 ? ENOENT : ENAMETOOLONG;
        return td_fail_sys(err, "could not make folder \"%s\"", path);
    }
    memcpy(part, path, length + 1);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (make_folder(part, mode | S_IRWXU, err) !=
            0) /* else the next one could not be made in it */
            return -1;
        *slash = '/';
    }
    return make_folder(part, mode, err);
}
