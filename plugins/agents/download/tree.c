/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree: every open is relative to the folder's descriptor and follows no link, so nobody can lead
 * it elsewhere meanwhile.
 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"

#define OPEN_FILES 16 /* descriptors that a walk through a tree may hold */
#define PATH_BYTES 4096
#define WAITERS 24 /* threads that wait for the disk */
#define WAITER_STACK 65536U

static int fail_in(const struct tree *tree, const char *path, const char *what, struct td_err *err)
{
    td_fail_sys(err, "could not %s \"%s/%s\"", what, tree->path, path);
    return disk_judge(err);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st, (void)walk;
    return type == FTW_DP || type == FTW_DNR ? rmdir(path) : unlink(path);
}

int tree_remove(const char *path, struct td_err *err)
{
    if (nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return 0;
    return disk_fail(err, "remove", path);
}

/* The folders above the last part of a path; those that are there are fine. */
static int make_above(struct tree *tree, struct td_err *err)
{
    const char *path = tree->path;
    char part[PATH_BYTES];
    size_t length = strlen(path);

    if (length == 0 || length >= sizeof(part))
        return td_fail(err, TD_E_INVAL, "the folder's path has %zu bytes, must be 1 to %d", length,
                       PATH_BYTES - 1);
    for (size_t i = 1; i < length; i++) {
        if (path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) == 0)
            tree->above = tree->above > 0 ? tree->above : i;
        else if (errno != EEXIST)
            return disk_fail(err, "make the folder", part);
    }
    return 0;
}

/* Folders that were made for nothing; one that somebody uses by now is not empty and stays. */
static void remove_above(const struct tree *tree)
{
    char part[PATH_BYTES];

    for (size_t i = strlen(tree->path); tree->above > 0 && i >= tree->above; i--) {
        if (tree->path[i] != '/')
            continue;
        memcpy(part, tree->path, i);
        part[i] = '\0';
        rmdir(part);
    }
}

/* Something is there: ours from before, or empty, or a reason to stop. */
static int clear(const char *path, struct td_err *err)
{
    char mark[8];

    if (tree_mark(path, mark, sizeof(mark)))
        return tree_remove(path, err);
    if (rmdir(path) == 0)
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
        return disk_fail(err, "replace", path);
    td_fail(
        err, TD_E_EXISTS,
        "could not write into \"%s\": it is there already and is not from a build that was cut off",
        path);
    return td_hint(err, "remove it, or choose another folder");
}

static int make_folder(struct tree *tree, struct td_err *err)
{
    const char *path = tree->path;

    if (make_above(tree, err) != 0)
        return -1;
    if (mkdir(path, 0777) != 0) {
        if (errno != EEXIST)
            return disk_fail(err, "make the folder", path);
        if (clear(path, err) != 0)
            return -1;
        if (mkdir(path, 0777) != 0)
            return disk_fail(err, "make the folder", path);
    }
    tree->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (tree->fd >= 0)
        return 0;
    disk_fail(err, "open the folder", path);
    rmdir(path);
    return -1;
}

int tree_begin(struct tree *tree, const char *path, struct td_err *err)
{
    *tree = (struct tree){ .fd = -1, .path = path };
    if (make_folder(tree, err) != 0) {
        remove_above(tree);
        return -1;
    }
    return tree_put(tree, TREE_MARK, "", 0, err);
}

/* What is made is put on the disk at the end. */
static int note(struct tree *tree, const char *path, struct td_err *err)
{
    char **made = tree->made;

    if ((tree->count & (tree->count + 1)) == 0) /* full at 0, 1, 3, 7, ... */
        made = realloc(made, (2 * tree->count + 1) * sizeof(*made));
    if (made != NULL) {
        tree->made = made;
        made[tree->count] = strdup(path);
    }
    if (made == NULL || made[tree->count] == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the path \"%s\"", path);
    tree->count++;
    return 0;
}

static int make_folders(struct tree *tree, const char *path, struct td_err *err)
{
    char part[PATH_BYTES];
    size_t length = strlen(path);

    if (length >= sizeof(part))
        return td_fail(err, TD_E_INVAL, "the path \"%.100s...\" is too long", path);
    for (size_t i = 1; i < length; i++) {
        if (path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdirat(tree->fd, part, 0777) != 0) {
            if (errno != EEXIST)
                return fail_in(tree, part, "make the folder", err);
        } else if (note(tree, part, err) != 0)
            return -1;
    }
    return 0;
}

int tree_create(struct tree *tree, const char *path, struct td_err *err)
{
    int fd;

    if (make_folders(tree, path, err) != 0 || note(tree, path, err) != 0)
        return -1;
    fd = openat(tree->fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    return fd >= 0 ? fd : fail_in(tree, path, "make the file", err);
}

int tree_write(const struct tree *tree, int fd, const char *path, const void *bytes, size_t length,
               struct td_err *err)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t written = write(fd, at, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_in(tree, path, "write", err);
        at += written;
        length -= (size_t)written;
    }
    return 0;
}

/* A closing may be the first to tell that the bytes did not arrive. */
static int close_file(const struct tree *tree, int fd, const char *path, struct td_err *err)
{
    return close(fd) == 0 ? 0 : fail_in(tree, path, "write", err);
}

int tree_put(struct tree *tree, const char *path, const void *bytes, size_t length,
             struct td_err *err)
{
    int fd = tree_create(tree, path, err);

    if (fd < 0)
        return -1;
    if (tree_write(tree, fd, path, bytes, length, err) != 0) {
        close(fd);
        return -1;
    }
    return close_file(tree, fd, path, err);
}

/*
 * Waiting for the disk. One wait after the other takes a few milliseconds each; waits at the same
 * time are one wait, since the file system and the disk join them. So the paths are shared out to
 * threads that do nothing but wait.
 */
struct waiting {
    const struct tree *tree;
    atomic_size_t next;
    atomic_flag has_failed; /* whoever sets it fills what follows */
    int sys;
    size_t failed;
};

static int sync_at(int folder, const char *path)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int rc = fd >= 0 ? fsync(fd) : -1;
    int sys = errno;

    if (fd >= 0)
        close(fd);
    errno = sys;
    return rc;
}

static void *wait_some(void *arg)
{
    struct waiting *waiting = arg;
    const struct tree *tree = waiting->tree;
    size_t at;

    while ((at = atomic_fetch_add(&waiting->next, 1)) < tree->count)
        if (sync_at(tree->fd, tree->made[at]) != 0 &&
            !atomic_flag_test_and_set(&waiting->has_failed)) {
            waiting->sys = errno;
            waiting->failed = at;
        }
    return NULL;
}

/* A thread that cannot be had is not needed: the caller waits for what is left. */
static size_t start_threads(struct waiting *waiting, pthread_t *threads)
{
    size_t want = waiting->tree->count < WAITERS ? waiting->tree->count : WAITERS;
    size_t count = 0;
    pthread_attr_t attr;

    if (pthread_attr_init(&attr) != 0)
        return 0;
    pthread_attr_setstacksize(&attr, WAITER_STACK);
    while (count < want && pthread_create(&threads[count], &attr, wait_some, waiting) == 0)
        count++;
    pthread_attr_destroy(&attr);
    return count;
}

static int sync_all(const struct tree *tree, struct td_err *err)
{
    struct waiting waiting = { .tree = tree, .has_failed = ATOMIC_FLAG_INIT, .failed = SIZE_MAX };
    pthread_t threads[WAITERS];
    size_t count = start_threads(&waiting, threads);

    wait_some(&waiting);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    if (waiting.failed != SIZE_MAX) {
        errno = waiting.sys;
        return fail_in(tree, tree->made[waiting.failed], "put on the disk", err);
    }
    return fsync(tree->fd) == 0 ? 0 : disk_fail(err, "put on the disk", tree->path);
}

static int write_mark(const struct tree *tree, const char *mark, struct td_err *err)
{
    int fd = openat(tree->fd, TREE_MARK, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
    int rc;

    if (fd < 0)
        return fail_in(tree, TREE_MARK, "write", err);
    rc = tree_write(tree, fd, TREE_MARK, mark, strlen(mark), err);
    if (rc == 0 && fsync(fd) != 0)
        rc = fail_in(tree, TREE_MARK, "write", err);
    close(fd);
    return rc;
}

static void close_tree(struct tree *tree)
{
    if (tree->fd >= 0)
        close(tree->fd);
    tree->fd = -1;
    for (size_t i = 0; i < tree->count; i++)
        free(tree->made[i]);
    free(tree->made);
    tree->made = NULL;
    tree->count = 0;
}

int tree_end(struct tree *tree, const char *mark, struct td_err *err)
{
    if (sync_all(tree, err) != 0 || write_mark(tree, mark, err) != 0 ||
        tree_sync_above(tree->path, err) != 0) {
        tree_cancel(tree);
        return -1;
    }
    close_tree(tree);
    return 0;
}

void tree_cancel(struct tree *tree)
{
    struct td_err ignored; /* the failure that led here is the one to tell */

    if (tree->fd < 0)
        return;
    close_tree(tree);
    tree_remove(tree->path, &ignored);
    remove_above(tree);
}

bool tree_mark(const char *path, char *ret_mark, size_t size)
{
    char name[PATH_BYTES];
    ssize_t length;
    int fd;

    if (snprintf(name, sizeof(name), "%s/%s", path, TREE_MARK) >= (int)sizeof(name))
        return false;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    length = read(fd, ret_mark, size - 1);
    ret_mark[length > 0 ? length : 0] = '\0';
    close(fd);
    return true;
}

int tree_unmark(const char *path, struct td_err *err)
{
    char name[PATH_BYTES];

    if (snprintf(name, sizeof(name), "%s/%s", path, TREE_MARK) >= (int)sizeof(name))
        return td_fail(err, TD_E_INVAL, "the folder's path \"%.100s...\" is too long", path);
    if (unlink(name) != 0 && errno != ENOENT)
        return disk_fail(err, "remove", name);
    return 0;
}

int tree_sync_above(const char *path, struct td_err *err)
{
    char folder[PATH_BYTES] = ".";
    const char *end = path + strlen(path);

    while (end > path && end[-1] == '/')
        end--;
    while (end > path && end[-1] != '/')
        end--;
    if (end > path)
        snprintf(folder, sizeof(folder), "%.*s", (int)(end - path), path);
    return sync_at(AT_FDCWD, folder) == 0 ? 0 : disk_fail(err, "put on the disk", folder);
}
