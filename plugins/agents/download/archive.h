/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive: writes the project as zip and tar.gz whose bytes depend on nothing but the files.
 *
 * Entries stand in the order given, below one folder, with mode 0644, no owner, and 1980-01-01 as
 * their time (the earliest a zip can hold), or 0 where a time zone would show.
 */
#ifndef DOWNLOAD_ARCHIVE_H
#define DOWNLOAD_ARCHIVE_H

#include <jansson.h>
#include <stdint.h>
#include <tdev/err.h>

#include "kit/sha256.h"
#include "tree.h"

enum archive_kind { ARCHIVE_ZIP, ARCHIVE_TAR_GZ };

struct archive_result {
    char sha256[KIT_SHA256_TEXT];
    uint64_t bytes;
};

/** Writes `path` in the tree from {path, text} files. err: TD_E_IO names the archive; TD_E_EXEC:
 * what libarchive says. */
int archive_pack(struct tree *tree, const char *path, enum archive_kind kind, const char *folder,
                 const json_t *files, struct archive_result *ret_result, struct td_err *err);

#endif
