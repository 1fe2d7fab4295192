/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy: private copies of libraries, named by their hash. Only a copy is ever opened: a library
 * that is written over while it is mapped would kill the host, and the same path opened again would
 * give the old image.
 *
 * PRIVATE/HASH.so is written aside, synced and renamed, so a name with its hash has the whole
 * content, unless the disk lost it; when a copy is not a library any more, it is made anew. Beside
 * it stands, per library, a memory of what was hashed: PRIVATE/SHA256-OF-PATH.seen, a symbolic link
 * that leads nowhere; its target is the text "HASH DEVICE INODE SIZE MTIME CTIME". A link is read
 * with one call and replaced in one step. It is a cache: when it is not there or says something
 * else, the library is hashed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "plugin/internal.h"

/* A file changed so lately may change again without a new time: the clock of files ticks every 1 to
 * 10 ms. */
#define FRESH_NS INT64_C(20000000)

enum { SEEN_MAX = 256 };

/* What is known of a library besides its content. */
struct facts {
    struct stat status;
    char seen_path[PATH_MAX];
    char text[SEEN_MAX]; /* of the link's target, behind the hash */
};

static int64_t ns_of(struct timespec time)
{
    return (int64_t)time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int read_facts(const char *private_dir, int fd, const char *path, struct facts *facts,
                      struct td_err *err)
{
    char name[TDH_SHA256_HEX];

    if (fstat(fd, &facts->status) != 0)
        return td_fail_sys(err, "could not look at library \"%s\"", path);
    if (facts->status.st_size > TDH_LIBRARY_BYTES_MAX)
        return td_fail(err, TD_E_LIMIT, "library \"%s\" is %lld bytes, the most is %d", path,
                       (long long)facts->status.st_size, TDH_LIBRARY_BYTES_MAX);
    tdh_sha256_hex(path, strlen(path), name);
    if (snprintf(facts->seen_path, sizeof(facts->seen_path), "%s/%s.seen", private_dir, name) >=
        PATH_MAX)
        return td_fail(err, TD_E_LIMIT, "the path of folder \"%s\" is too long", private_dir);
    snprintf(facts->text, sizeof(facts->text), " %llu %llu %lld %lld %lld",
             (unsigned long long)facts->status.st_dev, (unsigned long long)facts->status.st_ino,
             (long long)facts->status.st_size, (long long)ns_of(facts->status.st_mtim),
             (long long)ns_of(facts->status.st_ctim));
    return 0;
}

/* The hash from an earlier time, when the library is still the same file. */
static bool recall(const struct facts *facts, char ret_hash[static TDH_SHA256_HEX])
{
    char target[SEEN_MAX + TDH_SHA256_HEX];
    ssize_t length = readlink(facts->seen_path, target, sizeof(target) - 1);

    if (length < TDH_SHA256_HEX)
        return false;
    target[length] = '\0';
    if (strspn(target, "0123456789abcdef") != TDH_SHA256_HEX - 1 ||
        strcmp(target + TDH_SHA256_HEX - 1, facts->text) != 0)
        return false;
    memcpy(ret_hash, target, TDH_SHA256_HEX - 1);
    ret_hash[TDH_SHA256_HEX - 1] = '\0';
    return true;
}

/* Failing is no fault: the library is hashed again next time. */
static void remember(const struct facts *facts, const char *hash)
{
    char target[SEEN_MAX + TDH_SHA256_HEX], aside[PATH_MAX + 32];
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (ns_of(now) - ns_of(facts->status.st_mtim) < FRESH_NS ||
        ns_of(now) - ns_of(facts->status.st_ctim) < FRESH_NS)
        return;
    snprintf(target, sizeof(target), "%s%s", hash, facts->text);
    snprintf(aside, sizeof(aside), "%s.%016llx", facts->seen_path,
             (unsigned long long)tdh_id_random());
    if (symlink(target, aside) == 0 && rename(aside, facts->seen_path) != 0)
        unlink(aside);
}

/* All bytes of the library, new. It must not change its size meanwhile. */
static char *read_all(int fd, size_t size, const char *path, struct td_err *err)
{
    char *bytes = malloc(size + 1);
    size_t length = 0;

    if (bytes == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate %zu bytes for library \"%s\"", size, path);
        return NULL;
    }
    while (length <= size) {
        ssize_t got = read(fd, bytes + length, size + 1 - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            if (got == 0 && length == size)
                return bytes;
            break;
        }
        length += (size_t)got;
    }
    if (length == size)
        td_fail_sys(err, "could not read library \"%s\"", path);
    else
        td_fail(err, TD_E_IO, "library \"%s\" was being written while it was read", path);
    free(bytes);
    return NULL;
}

/* Code is opened from this folder, so nobody else may write to it. */
static int check_private(const char *private_dir, struct td_err *err)
{
    struct stat status;

    if (stat(private_dir, &status) != 0 && tdh_file_mkdirs(private_dir, S_IRWXU, err) != 0) {
        td_context(err, "copies of plugins go to \"%s\"", private_dir);
        return td_hint(err, "set state.dir (TDEV_STATE_DIR) to a folder that you may write to");
    }
    if (stat(private_dir, &status) != 0)
        return td_fail_sys(err, "could not look at folder \"%s\"", private_dir);
    if (status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return 0;
    td_fail(err, TD_E_PERM, "cannot keep libraries in folder \"%s\": others can write to it",
            private_dir);
    return td_hint(err, "set plugins.private_dir to a folder of the user's own, with mode 0700");
}

static bool has_size(const char *path, off_t size)
{
    struct stat status;

    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size != size)
        return false;
    tdh_copy_use(path, &status);
    return true;
}

int tdh_check_integrity(const struct tdh_manifest *manifest, const char *hash, struct td_err *err)
{
    if (manifest->signed_library[0] != '\0' && strcmp(manifest->signed_library, hash) != 0)
        return td_fail(err, TD_E_PERM, "library \"%s\" was changed after it was signed",
                       manifest->library);
    if (manifest->sha256 == NULL || strcmp(manifest->sha256, hash) == 0)
        return 0;
    td_fail(err, TD_E_PERM,
            "library \"%s\" has SHA-256 %.12s..., the manifest vouches for %.12s...",
            manifest->library, hash, manifest->sha256);
    return td_hint(err,
                   "install the plugin again; if you built the library yourself, set "
                   "integrity.sha256 in its plugin.yaml to %s",
                   hash);
}

/* Hashes the library and copies it unless its copy is there. */
static int make(const char *private_dir, const struct tdh_manifest *manifest, int fd,
                const char *path, const struct facts *facts, char hash[static TDH_SHA256_HEX],
                char *copy, struct td_err *err)
{
    size_t size = (size_t)facts->status.st_size;
    char *bytes = read_all(fd, size, path, err);
    int rc = -1;

    if (bytes == NULL)
        return -1;
    tdh_sha256_hex(bytes, size, hash);
    snprintf(copy, PATH_MAX, "%s/%s.so", private_dir, hash);
    if (tdh_check_integrity(manifest, hash, err) == 0) {
        rc = has_size(copy, facts->status.st_size)
                 ? 0
                 : tdh_file_write(copy, bytes, size, S_IRUSR | S_IXUSR, err);
        if (rc == 0)
            remember(facts, hash);
    }
    free(bytes);
    return rc;
}

char *tdh_copy_make(const char *private_dir, const struct tdh_manifest *manifest, int fd,
                    const char *path, char ret_hash[static TDH_SHA256_HEX], struct td_err *err)
{
    char copy[PATH_MAX], *result;
    struct facts facts;
    bool is_known;

    if (check_private(private_dir, err) != 0 || read_facts(private_dir, fd, path, &facts, err) != 0)
        return NULL;
    is_known = recall(&facts, ret_hash);
    if (is_known && tdh_check_integrity(manifest, ret_hash, err) != 0)
        return NULL;
    if (is_known)
        snprintf(copy, sizeof(copy), "%s/%s.so", private_dir, ret_hash);
    if (!(is_known && has_size(copy, facts.status.st_size)) &&
        make(private_dir, manifest, fd, path, &facts, ret_hash, copy, err) != 0)
        return NULL;
    result = strdup(copy);
    if (result == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the path of a library");
    return result;
}

bool tdh_copy_is_whole(const char *copy, const char *hash)
{
    char found[TDH_SHA256_HEX] = "";
    struct td_err ignored; /* what cannot be read is not whole */
    size_t length;
    char *bytes = tdh_file_read(copy, TDH_LIBRARY_BYTES_MAX, &length, &ignored);

    if (bytes != NULL)
        tdh_sha256_hex(bytes, length, found);
    free(bytes);
    return strcmp(found, hash) == 0;
}
