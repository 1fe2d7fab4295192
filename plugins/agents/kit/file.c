/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file: blocking reads; who uses them runs in the blocking pool.
 */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_open(const char *path, struct td_err *err)
{
    bool is_absent = errno == ENOENT || errno == ENOTDIR;

    td_fail_sys(err, "could not read \"%s\"", path);
    if (is_absent)
        err->code = TD_E_NOTFOUND;
    return -1;
}

static char *read_all(int fd, const char *path, size_t size, size_t *ret_length, struct td_err *err)
{
    char *bytes = malloc(size + 1);
    size_t length = 0;

    if (bytes == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate %zu bytes for \"%s\"", size, path);
        return NULL;
    }
    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            td_fail_sys(err, "could not read \"%s\"", path);
            free(bytes);
            return NULL;
        }
        if (got == 0)
            break; /* it shrank meanwhile */
        length += (size_t)got;
    }
    bytes[length] = '\0';
    *ret_length = length;
    return bytes;
}

char *kit_file_read(const char *path, size_t limit_bytes, size_t *ret_length, struct td_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO in the way must not hang us */
    struct stat st;
    char *bytes = NULL;

    if (fd < 0) {
        fail_open(path, err);
        return NULL;
    }
    if (fstat(fd, &st) != 0)
        td_fail_sys(err, "could not read \"%s\"", path);
    else if (!S_ISREG(st.st_mode))
        td_fail(err, TD_E_INVAL, "\"%s\" is not a regular file", path);
    else if ((unsigned long long)st.st_size > limit_bytes)
        td_fail(err, TD_E_LIMIT, "\"%s\" has %lld bytes, the limit is %zu", path,
                (long long)st.st_size, limit_bytes);
    else
        bytes = read_all(fd, path, (size_t)st.st_size, ret_length, err);
    close(fd);
    return bytes;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct kit_names *names, const char *name, struct td_err *err)
{
    char **items = names->items;

    if ((names->count & (names->count + 1)) == 0) /* full at 0, 1, 3, 7, ... */
        items = realloc(names->items, (2 * names->count + 1) * sizeof(*items));
    if (items == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of names");
    names->items = items;
    items[names->count] = strdup(name);
    if (items[names->count] == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a name");
    names->count++;
    return 0;
}

static int collect(DIR *dir, const char *folder, size_t limit, struct kit_names *names,
                   struct td_err *err)
{
    for (;;) {
        struct dirent *entry;

        errno = 0;
        entry = readdir(dir);
        if (entry == NULL)
            return errno != 0 ? td_fail_sys(err, "could not read folder \"%s\"", folder) : 0;
        if (entry->d_name[0] == '.')
            continue;
        if (names->count == limit)
            return td_fail(err, TD_E_LIMIT, "folder \"%s\" has more than %zu names", folder, limit);
        if (add_name(names, entry->d_name, err) != 0)
            return -1;
    }
}

int kit_names_read(const char *folder, size_t limit, struct kit_names *ret_names,
                   struct td_err *err)
{
    struct kit_names names = { 0 };
    DIR *dir = opendir(folder);
    int rc;

    if (dir == NULL)
        return fail_open(folder, err);
    rc = collect(dir, folder, limit, &names, err);
    closedir(dir);
    if (rc != 0) {
        kit_names_free(&names);
        return -1;
    }
    if (names.count > 0)
        qsort(names.items, names.count, sizeof(*names.items), compare_names);
    *ret_names = names;
    return 0;
}

void kit_names_free(struct kit_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct kit_names){ 0 };
}

bool kit_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *kit_path_join(const char *folder, const char *name, struct td_err *err)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        td_fail(err, TD_E_NOMEM, "could not allocate a path in \"%s\"", folder);
        return NULL;
    }
    return path;
}

char *kit_data_path(const char *option, const char *data_dir, const char *name, struct td_err *err)
{
    char *path;

    if (option == NULL)
        return kit_path_join(data_dir, name, err);
    path = strdup(option);
    if (path == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the path \"%s\"", option);
    return path;
}
