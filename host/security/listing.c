/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing: the files of a folder with their hashes, whatever order the system has them in.
 *
 * Each file is opened below its open folder and without following links, and what was opened is
 * what is hashed: nobody can put another in its place between a look and the reading.
 */
/* As in base/id.c: the low-level SHA-256 calls work on the stack and cannot fail. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "security/security.h"

enum { CHUNK_BYTES = 16 << 10 /* on the stack of a coroutine */, ROOM_MIN = 16 };

/* One walk through a folder. */
struct walk {
    const char *folder;
    struct stat avoid; /* st_ino is 0 when nothing is to be avoided */
    struct tdh_listing listing;
    int64_t bytes;
};

int tdh_listing_add(struct tdh_listing *listing, const char *path,
                    const char hash[static TDH_SHA256_HEX], struct td_err *err)
{
    struct tdh_listed *files = listing->files, *row;

    if (listing->count == TDH_LISTING_FILES)
        return td_fail(err, TD_E_LIMIT, "there are more than %d files", TDH_LISTING_FILES);
    if (listing->count == listing->room) {
        size_t room = listing->room > 0 ? 2 * listing->room : ROOM_MIN;

        files = realloc(files, room * sizeof(*files));
        if (files == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a list of %zu files", room);
        listing->files = files;
        listing->room = room;
    }
    row = &files[listing->count];
    memcpy(row->hash, hash, TDH_SHA256_HEX);
    row->path = strdup(path);
    if (row->path == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the path of a file");
    listing->count++;
    return 0;
}

void tdh_listing_free(struct tdh_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->files[i].path);
    free(listing->files);
    *listing = (struct tdh_listing){ 0 };
}

/* --- one file --- */

static void print_hash(const unsigned char digest[static SHA256_DIGEST_LENGTH],
                       char hash[static TDH_SHA256_HEX])
{
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(hash + 2 * i, 3, "%02x", digest[i]);
}

static int hash_file(struct walk *walk, int fd, const char *path, char hash[static TDH_SHA256_HEX],
                     struct td_err *err)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char chunk[CHUNK_BYTES];
    SHA256_CTX context;
    ssize_t got;

    SHA256_Init(&context);
    while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return td_fail_sys(err, "could not read \"%s/%s\"", walk->folder, path);
        walk->bytes += got;
        if (walk->bytes > TDH_LISTING_BYTES)
            return td_fail(err, TD_E_LIMIT, "the files of folder \"%s\" are more than %lld bytes",
                           walk->folder, (long long)TDH_LISTING_BYTES);
        SHA256_Update(&context, chunk, (size_t)got);
    }
    SHA256_Final(digest, &context);
    print_hash(digest, hash);
    return 0;
}

static int add_file(struct walk *walk, int fd, const struct stat *status, const char *path,
                    struct td_err *err)
{
    char hash[TDH_SHA256_HEX];

    if (walk->avoid.st_ino != 0 && status->st_ino == walk->avoid.st_ino &&
        status->st_dev == walk->avoid.st_dev) {
        td_fail(err, TD_E_PERM, "the private key is a file of the folder that is signed: \"%s\"",
                path);
        return td_hint(err, "keep it where no plugin is, or everybody gets it with this one");
    }
    if (hash_file(walk, fd, path, hash, err) != 0)
        return -1;
    return tdh_listing_add(&walk->listing, path, hash, err) == 0
               ? 0
               : td_context(err, "folder \"%s\"", walk->folder);
}

/* --- the folder --- */

static int walk_folder(struct walk *walk, int fd, const char *before, int depth,
                       struct td_err *err);

/* What is no file and no folder is told without being opened for long: a pipe is not waited for. */
static int visit(struct walk *walk, int folder_fd, const char *path, const char *name, int depth,
                 struct td_err *err)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    int rc;

    if (fd < 0 && errno != ELOOP && errno != ENXIO)
        return td_fail_sys(err, "could not open \"%s/%s\"", walk->folder, path);
    if (fd >= 0 && fstat(fd, &status) != 0)
        rc = td_fail_sys(err, "could not look at \"%s/%s\"", walk->folder, path);
    else if (fd >= 0 && S_ISDIR(status.st_mode))
        return walk_folder(walk, fd, path, depth + 1, err); /* takes fd */
    else if (fd >= 0 && S_ISREG(status.st_mode))
        rc = add_file(walk, fd, &status, path, err);
    else
        rc = td_fail(err, TD_E_INVAL, "\"%s/%s\" is %s: only files and folders can be signed",
                     walk->folder, path, fd < 0 && errno == ELOOP ? "a link" : "no file");
    if (fd >= 0)
        close(fd);
    return rc;
}

static bool is_plain(const char *name)
{
    for (; *name != '\0'; name++)
        if ((unsigned char)*name < ' ' || *name == 0x7F)
            return false;
    return true;
}

static int visit_entry(struct walk *walk, int fd, const char *before, const char *name, int depth,
                       struct td_err *err)
{
    char path[TDH_LISTING_PATH + 1];
    int length = snprintf(path, sizeof(path), "%s%s%s", before, before[0] != '\0' ? "/" : "", name);

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        (before[0] == '\0' && strcmp(name, TDH_SIGNATURE_FILE) == 0))
        return 0;
    if (length < 0 || (size_t)length >= sizeof(path))
        return td_fail(err, TD_E_LIMIT, "a path in folder \"%s\" is longer than %d bytes",
                       walk->folder, TDH_LISTING_PATH);
    if (!is_plain(name))
        return td_fail(err, TD_E_INVAL, "a name in folder \"%s\" has control characters",
                       walk->folder);
    return visit(walk, fd, path, name, depth, err);
}

/* fd: take. */
static int walk_folder(struct walk *walk, int fd, const char *before, int depth, struct td_err *err)
{
    const struct dirent *entry;
    DIR *dir;
    int rc = 0;

    if (depth > TDH_LISTING_DEPTH) {
        close(fd);
        return td_fail(err, TD_E_LIMIT, "folder \"%s\" is more than %d folders deep", walk->folder,
                       TDH_LISTING_DEPTH);
    }
    dir = fdopendir(fd);
    if (dir == NULL) {
        td_fail_sys(err, "could not read folder \"%s/%s\"", walk->folder, before);
        close(fd);
        return -1;
    }
    while (rc == 0 && (errno = 0, entry = readdir(dir)) != NULL)
        rc = visit_entry(walk, dirfd(dir), before, entry->d_name, depth, err);
    if (rc == 0 && errno != 0)
        rc = td_fail_sys(err, "could not read folder \"%s/%s\"", walk->folder, before);
    closedir(dir);
    return rc;
}

static int compare_paths(const void *a, const void *b)
{
    const struct tdh_listed *left = a, *right = b;

    return strcmp(left->path, right->path);
}

int tdh_listing_read(const char *folder, const char *avoid, struct tdh_listing *ret_listing,
                     struct td_err *err)
{
    struct walk walk = { .folder = folder };
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return td_fail_sys(err, "could not open folder \"%s\"", folder);
    if (avoid != NULL && stat(avoid, &walk.avoid) != 0)
        walk.avoid.st_ino = 0;
    if (walk_folder(&walk, fd, "", 1, err) != 0) {
        tdh_listing_free(&walk.listing);
        return -1;
    }
    if (walk.listing.count > 0)
        qsort(walk.listing.files, walk.listing.count, sizeof(*walk.listing.files), compare_paths);
    *ret_listing = walk.listing;
    return 0;
}

/* --- two of them --- */

const char *tdh_listing_find(const struct tdh_listing *listing, const char *path)
{
    const struct tdh_listed want = { .path = (char *)(uintptr_t)path };
    const struct tdh_listed *found =
        listing->count > 0
            ? bsearch(&want, listing->files, listing->count, sizeof(*listing->files), compare_paths)
            : NULL;

    return found != NULL ? found->hash : NULL;
}

int tdh_listing_compare(const struct tdh_listing *is_signed, const struct tdh_listing *found,
                        struct td_err *err)
{
    size_t i = 0, k = 0;

    while (i < is_signed->count || k < found->count) {
        const struct tdh_listed *one = &is_signed->files[i], *other = &found->files[k];
        int order = i == is_signed->count ? 1
                    : k == found->count   ? -1
                                          : strcmp(one->path, other->path);

        if (order < 0)
            return td_fail(err, TD_E_PERM, "file \"%s\" was taken away after it was signed",
                           one->path);
        if (order > 0)
            return td_fail(err, TD_E_PERM, "file \"%s\" was added after it was signed",
                           other->path);
        if (strcmp(one->hash, other->hash) != 0)
            return td_fail(err, TD_E_PERM, "file \"%s\" was changed after it was signed",
                           one->path);
        i++;
        k++;
    }
    return 0;
}
