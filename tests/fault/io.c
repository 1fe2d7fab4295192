/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io: preloaded, it counts what a process does to files (writes, flushes, renames, removals, new
 * lengths), and ends it with SIGKILL at the one that IO_KILL_AT names, from 1: before it is done,
 * or with IO_TORN in the middle of a write. With IO_FULL it lives, but from there on the disk is
 * full for files below the folder that IO_FULL names. IO_COUNT_FILE gets the count at the end of a
 * process that lived.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_ulong done;
static unsigned long kill_at;
static bool is_torn;
static const char *full; /* NULL: it kills */

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("IO_KILL_AT");

    kill_at = at != NULL ? strtoul(at, NULL, 10) : 0;
    is_torn = getenv("IO_TORN") != NULL;
    full = getenv("IO_FULL");
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("IO_COUNT_FILE");
    FILE *file = path != NULL ? fopen(path, "we") : NULL;

    if (file == NULL)
        return;
    fprintf(file, "%lu\n", atomic_load(&done));
    fclose(file);
}

static void *next(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    if (symbol == NULL)
        abort();
    return symbol;
}

static bool is_file(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* True when this is the one to die at. */
static bool count(void)
{
    return atomic_fetch_add(&done, 1) + 1 == kill_at && full == NULL;
}

/* True when there is no room for this file. */
static bool is_full(int fd)
{
    char link[64], path[4096];
    ssize_t length;

    if (full == NULL || atomic_load(&done) < kill_at)
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof(path) - 1);
    if (length < (ssize_t)strlen(full) || strncmp(path, full, strlen(full)) != 0)
        return false;
    errno = ENOSPC;
    return true;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void count_or_die(void)
{
    if (count())
        die();
}

ssize_t write(int fd, const void *data, size_t length)
{
    static ssize_t (*real)(int, const void *, size_t);

    if (real == NULL)
        *(void **)&real = next("write");
    if (is_file(fd) && count()) {
        if (is_torn && real(fd, data, length / 2) < 0)
            die();
        die();
    }
    return is_full(fd) ? -1 : real(fd, data, length);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);

    if (real == NULL)
        *(void **)&real = next("pwrite64");
    if (is_file(fd) && count()) {
        if (is_torn && real(fd, data, length / 2, offset) < 0)
            die();
        die();
    }
    return is_full(fd) ? -1 : real(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return pwrite64(fd, data, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int parts_count)
{
    static ssize_t (*real)(int, const struct iovec *, int);

    if (real == NULL)
        *(void **)&real = next("writev");
    if (is_file(fd))
        count_or_die();
    return real(fd, parts, parts_count);
}

int fsync(int fd)
{
    static int (*real)(int);

    if (real == NULL)
        *(void **)&real = next("fsync");
    count_or_die();
    return real(fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);

    if (real == NULL)
        *(void **)&real = next("fdatasync");
    count_or_die();
    return real(fd);
}

int ftruncate64(int fd, off64_t length)
{
    static int (*real)(int, off64_t);

    if (real == NULL)
        *(void **)&real = next("ftruncate64");
    count_or_die();
    return real(fd, length);
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

int rename(const char *from, const char *to)
{
    static int (*real)(const char *, const char *);

    if (real == NULL)
        *(void **)&real = next("rename");
    count_or_die();
    return real(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    static int (*real)(int, const char *, int, const char *);

    if (real == NULL)
        *(void **)&real = next("renameat");
    count_or_die();
    return real(from_dir, from, to_dir, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    static int (*real)(int, const char *, int, const char *, unsigned);

    if (real == NULL)
        *(void **)&real = next("renameat2");
    count_or_die();
    return real(from_dir, from, to_dir, to, flags);
}

int unlink(const char *path)
{
    static int (*real)(const char *);

    if (real == NULL)
        *(void **)&real = next("unlink");
    count_or_die();
    return real(path);
}

int unlinkat(int dir, const char *path, int flags)
{
    static int (*real)(int, const char *, int);

    if (real == NULL)
        *(void **)&real = next("unlinkat");
    count_or_die();
    return real(dir, path, flags);
}
