/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library: finds the file of a plugin's library and opens it to be read. It is a plain file of the
 * plugin's own folder; no link may lead out of it, but for bundled plugins, whose tree may be made
 * of links while tdev is being developed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin/internal.h"

/* Where a library may lie in the plugin's folder: in it, or where libtool puts what it has built.
 */
static const char *const places[] = { "", ".libs/" };

/* Opens without following a link; a link of a bundled plugin is followed. Returns -1 with errno. */
static int open_file(const char *path, bool is_bundled)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = open(path, flags | O_NOFOLLOW);

    return fd < 0 && errno == ELOOP && is_bundled ? open(path, flags) : fd;
}

static int check_file(const struct tdh_manifest *manifest, int fd, bool is_bundled,
                      const char *path, struct td_err *err)
{
    const char *who;
    struct stat status;

    if (fstat(fd, &status) != 0)
        return td_fail_sys(err, "could not look at library \"%s\"", path);
    if (!S_ISREG(status.st_mode))
        return td_fail(err, TD_E_CONFIG, "library \"%s\" is not a file", manifest->library);
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return td_fail(err, TD_E_PERM, "library \"%s\" belongs neither to root nor to the user",
                       path);
    who = is_bundled ? NULL : tdh_others_write(&status);
    if (who == NULL)
        return 0;
    td_fail(err, TD_E_PERM, "%s can write to library \"%s\"", who, path);
    return td_hint(err, "chmod go-w \"%s\"", path);
}

static int fail_open(const struct tdh_manifest *manifest, const char *path, struct td_err *err)
{
    if (errno == ELOOP)
        return td_fail(err, TD_E_CONFIG,
                       "library \"%s\" is a link, must be a file inside the plugin's folder",
                       manifest->library);
    if (errno == ENOENT || errno == ENOTDIR)
        return td_fail(err, TD_E_NOTFOUND, "library \"%s\" is not in folder \"%s\"",
                       manifest->library, manifest->folder);
    return td_fail_sys(err, "could not open library \"%s\"", path);
}

int tdh_library_open(const struct tdh_manifest *manifest, bool is_bundled,
                     char path[static PATH_MAX], struct td_err *err)
{
    int fd = -1;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (snprintf(path, PATH_MAX, "%s/%s%s", manifest->folder, places[i], manifest->library) >=
            PATH_MAX)
            return td_fail(err, TD_E_LIMIT, "the path of library \"%s\" is too long",
                           manifest->library);
        fd = open_file(path, is_bundled);
        if (fd >= 0 || errno != ENOENT)
            break;
    }
    if (fd < 0)
        return fail_open(manifest, path, err);
    if (check_file(manifest, fd, is_bundled, path, err) == 0)
        return fd;
    close(fd);
    return -1;
}
