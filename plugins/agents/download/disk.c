/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk: the refusals that stay are rows.
 */
#include "disk.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    int sys;
    const char *hint;
} lasting[] = {
    { EACCES, "choose a folder that you may write to" },
    { EPERM, "choose a folder that you may write to" },
    { EROFS, "choose a folder on a disk that can be written to" },
    { EBUSY, "something is mounted there: choose a folder in it" },
    { ENOSPC, "make room on the disk, or choose a folder on another one" },
    { EDQUOT, "your share of the disk is used up: make room, or choose a folder on another disk" },
    { EFBIG, "choose a folder on a disk that takes files of this size" },
    { ENOTDIR, "a part of the path is a file: choose another folder" },
    { ELOOP, "the links in the path lead in a circle: choose another folder" },
    { ENAMETOOLONG, "choose a folder with a shorter name" },
    { EXDEV, "both folders must be on one file system" },
};

int disk_judge(struct td_err *err)
{
    for (size_t i = 0; err->code == TD_E_IO && i < sizeof(lasting) / sizeof(lasting[0]); i++) {
        if (lasting[i].sys != err->sys)
            continue;
        err->is_retryable = false;
        td_hint(err, "%s", lasting[i].hint);
    }
    return -1;
}

int disk_fail(struct td_err *err, const char *what, const char *path)
{
    td_fail_sys(err, "could not %s \"%s\"", what, path);
    return disk_judge(err);
}
