/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive: libarchive writes through a sink of ours, which hashes what passes.
 */
#include "archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "kit/json.h"
#include "kit/path.h"

#define EPOCH_1980 315532800 /* 1980-01-01T00:00:00Z */

/* Where the bytes go. Lives during one archive_pack. */
struct sink {
    const struct tree *tree;
    const char *path;
    int fd;
    EVP_MD_CTX *hash;
    uint64_t bytes;
    bool has_failed; /* err is told */
    struct td_err *err;
};

static la_ssize_t sink_write(struct archive *archive, void *arg, const void *bytes, size_t length)
{
    struct sink *sink = arg;

    if (tree_write(sink->tree, sink->fd, sink->path, bytes, length, sink->err) != 0 ||
        EVP_DigestUpdate(sink->hash, bytes, length) != 1) {
        sink->has_failed = true;
        archive_set_error(archive, sink->err->sys, "the archive could not be written");
        return -1;
    }
    sink->bytes += length;
    return (la_ssize_t)length;
}

static int fail_archive(struct sink *sink, struct archive *archive)
{
    const char *why = archive_error_string(archive);

    if (sink->has_failed)
        return -1;
    return td_fail(sink->err, TD_E_EXEC, "could not write the archive \"%s/%s\": %s",
                   sink->tree->path, sink->path, why != NULL ? why : "no reason is known");
}

/* The zip writer turns a time into local time; without one it writes 1980-01-01 whatever the zone.
 */
static int set_format(struct archive *archive, enum archive_kind kind)
{
    if (kind == ARCHIVE_ZIP)
        return archive_write_set_format_zip(archive) == ARCHIVE_OK &&
                       archive_write_set_options(
                           archive, "zip:compression=deflate,zip:!experimental") == ARCHIVE_OK
                   ? 0
                   : -1;
    return archive_write_set_format_ustar(archive) == ARCHIVE_OK &&
                   archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
                   archive_write_set_options(archive, "gzip:!timestamp") == ARCHIVE_OK
               ? 0
               : -1;
}

static int add_entry(struct sink *sink, struct archive *archive, enum archive_kind kind,
                     const char *folder, const json_t *file)
{
    const json_t *text = json_object_get(file, "text");
    struct archive_entry *entry = archive_entry_new();
    char path[2 * KIT_PATH_LENGTH];
    size_t length = json_string_length(text);
    int rc = -1;

    if (entry == NULL)
        return td_fail(sink->err, TD_E_NOMEM, "could not allocate an entry of \"%s\"", sink->path);
    snprintf(path, sizeof(path), "%s/%s", folder, kit_str(file, "path", ""));
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)length);
    if (kind != ARCHIVE_ZIP)
        archive_entry_set_mtime(entry, EPOCH_1980, 0);
    if (archive_write_header(archive, entry) == ARCHIVE_OK &&
        archive_write_data(archive, json_string_value(text), length) == (la_ssize_t)length)
        rc = 0;
    archive_entry_free(entry);
    return rc == 0 ? 0 : fail_archive(sink, archive);
}

static int write_archive(struct sink *sink, struct archive *archive, enum archive_kind kind,
                         const char *folder, const json_t *files)
{
    const json_t *file;
    size_t i;

    archive_write_set_bytes_in_last_block(archive, 1); /* no padding behind the end */
    if (set_format(archive, kind) != 0 ||
        archive_write_open(archive, sink, NULL, sink_write, NULL) != ARCHIVE_OK)
        return fail_archive(sink, archive);
    json_array_foreach ((json_t *)files, i, file)
        if (add_entry(sink, archive, kind, folder, file) != 0)
            return -1;
    return archive_write_close(archive) == ARCHIVE_OK ? 0 : fail_archive(sink, archive);
}

static int end_hash(struct sink *sink, struct archive_result *ret_result)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (EVP_DigestFinal_ex(sink->hash, digest, &length) != 1 || length != 32)
        return td_fail(sink->err, TD_E_INTERNAL, "could not hash the archive \"%s\"", sink->path);
    kit_hex(digest, length, ret_result->sha256);
    ret_result->bytes = sink->bytes;
    return 0;
}

int archive_pack(struct tree *tree, const char *path, enum archive_kind kind, const char *folder,
                 const json_t *files, struct archive_result *ret_result, struct td_err *err)
{
    struct sink sink = {
        .tree = tree, .path = path, .fd = -1, .hash = EVP_MD_CTX_new(), .err = err
    };
    struct archive *archive = archive_write_new();
    int rc = -1;

    if (archive == NULL || sink.hash == NULL ||
        EVP_DigestInit_ex(sink.hash, EVP_sha256(), NULL) != 1)
        td_fail(err, TD_E_NOMEM, "could not allocate the archive \"%s\"", path);
    else if ((sink.fd = tree_create(tree, path, err)) >= 0 &&
             write_archive(&sink, archive, kind, folder, files) == 0)
        rc = end_hash(&sink, ret_result);
    if (rc != 0 && archive != NULL)
        archive_write_fail(archive); /* else freeing it would write on */
    archive_write_free(archive);
    EVP_MD_CTX_free(sink.hash);
    if (sink.fd >= 0 && close(sink.fd) != 0 && rc == 0) {
        td_fail_sys(err, "could not write \"%s/%s\"", tree->path, path);
        rc = disk_judge(err);
    }
    return rc;
}
