/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: puts a backup in the place of a store that nobody has open, in one step.
 *
 * The file stays the same file: SQLite writes the backup's pages over it in one transaction, under
 * a lock that lets nobody in. Another file under the same name would be worse, as a process that
 * is just opening the old one would take the new one's write-ahead log for its own. Only what
 * SQLite does not take for a database is replaced by name: nobody gets further with it than its
 * header.
 *
 * What was there is copied aside before, byte for byte: it may be damaged.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_US = 1000000, COPY_BYTES = 1 << 20, LOCK_BYTES = 512 };
#define LOCK_FIRST 0x40000000 /* of SQLite's locks on a file; part of its file format */

struct restore {
    struct store *store;
    const char *image, *aside;
    struct conn conn; /* to the store */
    uint32_t mark;    /* of the store, on the disk */
    int fd; /* of the store's file, to be copied; closed when no lock is needed any more */
};

/* --- aside --- */

static int copy_bytes(int from, int to)
{
    char *buffer = malloc(COPY_BYTES);
    ssize_t got = -1;

    while (buffer != NULL && (got = read(from, buffer, COPY_BYTES)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        for (ssize_t at = 0, done; at < got; at += done) {
            done = write(to, buffer + at, (size_t)(got - at));
            if (done < 0 && errno != EINTR) {
                free(buffer);
                return -1;
            }
            done = done < 0 ? 0 : done;
        }
    }
    free(buffer);
    return got == 0 ? 0 : -1;
}

/* Its name says that it is whole. */
static int keep_copy(int from, const char *name, struct td_err *err)
{
    char part[4096];
    int to, rc;

    if ((size_t)snprintf(part, sizeof(part), "%s.part", name) >= sizeof(part))
        return td_fail(err, TD_E_LIMIT, "the path \"%.100s...\" is too long", name);
    to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    rc = to >= 0 && copy_bytes(from, to) == 0 && fsync(to) == 0 ? 0 : -1;
    if (to >= 0)
        close(to);
    if (rc == 0)
        rc = rename(part, name);
    if (rc == 0)
        return store_sync_folder(name, err);
    td_fail_sys(err, "could not keep what is there in \"%s\"", name);
    td_hint(err, "make room beside the store: what is there is kept");
    if (to >= 0)
        unlink(part);
    return -1;
}

/* The file as it is. Its descriptor stays: closing one would drop SQLite's locks on the file. */
static int keep_file(struct restore *restore, struct td_err *err)
{
    const char *file = restore->store->file;

    restore->fd = open(file, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (restore->fd < 0)
        return td_fail_sys(err, "could not read store \"%s\"", file);
    return keep_copy(restore->fd, restore->aside, err);
}

/* --- by SQLite --- */

static int fail_used(const struct conn *conn, struct td_err *err)
{
    char holder[160];

    holder_tell(conn->store->file, holder, sizeof(holder));
    td_fail(err, TD_E_UNAVAILABLE, "cannot replace store \"%s\" while it is in use: %s has it open",
            conn->store->file, holder);
    return td_hint(err, "end what uses it, and restore then");
}

/* 1: SQLite says that this is no database, or has no sound beginning. */
static int fail_step(const struct conn *conn, const char *what, struct td_err *err)
{
    int code = sqlite3_errcode(conn->db) & 0xff;

    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
        return 1;
    if (code == SQLITE_BUSY)
        return fail_used(conn, err);
    return store_fail(conn, what, err);
}

/* Lets nobody else in until the connection is closed; the write-ahead log goes into the file, if it
 * is its own. */
static int lock_out(struct conn *conn, uint32_t mark, struct td_err *err)
{
    conn->busy_max_us = WAIT_US;
    if (sqlite3_exec(conn->db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT", NULL,
                     NULL, NULL) != SQLITE_OK)
        return fail_step(conn, "take hold", err);
    if (mark_check(conn, mark, err) != 0)
        return err->code == TD_E_CORRUPT ? 1 : -1;
    if (sqlite3_wal_checkpoint_v2(conn->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
        SQLITE_OK)
        return fail_step(conn, "take hold", err);
    return 0;
}

/* The store stays the one it is: until the log is in the file, both are there. */
static int keep_mark(struct conn *image, uint32_t mark, struct td_err *err)
{
    uint32_t version, own;

    if (mark_read(image, &version, &own, err) != 0)
        return -1;
    return mark != 0 && version >= MARK_VERSION ? mark_write(image, version, mark, err) : 0;
}

/* Pages can be copied among files with pages of one size only. The image is ours alone. */
static int fit_pages(struct conn *image, struct conn *to, struct td_err *err)
{
    int64_t has, wanted;
    char sql[96];

    if (query_single(image, SQL_PAGE_BYTES, &has, err) != 0 ||
        query_single(to, SQL_PAGE_BYTES, &wanted, err) != 0)
        return -1;
    if (has == wanted)
        return 0;
    snprintf(sql, sizeof(sql), "PRAGMA journal_mode = DELETE; PRAGMA page_size = %lld; VACUUM",
             (long long)wanted);
    return conn_exec(image, "lay the backup out anew", sql, err);
}

/* One transaction: of a process that is killed in it nothing stays. */
static int write_pages(struct conn *conn, const char *image, uint32_t mark, bool is_new,
                       struct td_err *err)
{
    struct store source = { .file = (char *)image, .busy_timeout = conn->store->busy_timeout };
    struct conn from = { 0 };
    sqlite3_backup *backup;
    int rc = -1;

    if (conn_open(&source, &from, 0, err) != 0 || keep_mark(&from, mark, err) != 0 ||
        (!is_new && fit_pages(&from, conn, err) != 0))
        goto out;
    backup = sqlite3_backup_init(conn->db, "main", from.db, "main");
    if (backup != NULL && sqlite3_backup_step(backup, -1) == SQLITE_DONE)
        rc = 0;
    if (backup != NULL && sqlite3_backup_finish(backup) != SQLITE_OK)
        rc = -1;
    if (rc != 0)
        store_fail(conn, "write the backup's pages", err);
out:
    conn_close(&from);
    return rc;
}

static int restore_by_pages(struct restore *restore, bool is_new, struct td_err *err)
{
    int rc = lock_out(&restore->conn, restore->mark, err);

    if (rc == 0 && !is_new)
        rc = keep_file(restore, err);
    if (rc == 0)
        rc = sqlite3_exec(restore->conn.db, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == 0
                 ? write_pages(&restore->conn, restore->image, restore->mark, is_new, err)
                 : store_fail(&restore->conn, "set up the writer", err);
    return rc;
}

/* --- by name --- */

/* Nobody has it open from a time when it was sound. */
static int lock_file(const struct restore *restore, struct td_err *err)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_FIRST, .l_len = LOCK_BYTES
    };

    if (fcntl(restore->fd, F_SETLK, &lock) == 0)
        return 0;
    if (errno == EACCES || errno == EAGAIN)
        return fail_used(&restore->conn, err);
    return td_fail_sys(err, "could not lock store \"%s\"", restore->store->file);
}

/* The two files beside it would damage the new one. */
static int clear_beside(const struct restore *restore, struct td_err *err)
{
    char path[4096], kept[4096];
    int fd, rc = 0;

    snprintf(path, sizeof(path), "%s-wal", restore->store->file);
    snprintf(kept, sizeof(kept), "%s-wal", restore->aside);
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        rc = keep_copy(fd, kept, err);
        close(fd);
    }
    if (rc != 0)
        return -1;
    if (unlink(path) != 0 && errno != ENOENT)
        return td_fail_sys(err, "could not remove \"%s\"", path);
    snprintf(path, sizeof(path), "%s-shm", restore->store->file);
    if (unlink(path) != 0 && errno != ENOENT)
        return td_fail_sys(err, "could not remove \"%s\"", path);
    return store_sync_folder(restore->store->file, err);
}

static int restore_by_name(struct restore *restore, struct td_err *err)
{
    conn_close(&restore->conn);
    restore->conn.store = restore->store;
    if (restore->fd >= 0)
        close(restore->fd);
    if (keep_file(restore, err) != 0 || lock_file(restore, err) != 0 ||
        clear_beside(restore, err) != 0)
        return -1;
    if (rename(restore->image, restore->store->file) != 0)
        return td_fail_sys(err, "could not replace store \"%s\"", restore->store->file);
    return store_sync_folder(restore->store->file, err);
}

/* --- which --- */

static int check_place(const struct store *store, struct td_err *err)
{
    struct stat found;

    if (lstat(store->file, &found) != 0)
        return td_fail_sys(err, "could not look at store \"%s\"", store->file);
    return S_ISREG(found.st_mode) ? 0 : store_refuse(store, "it is no regular file", err);
}

static int replace(struct restore *restore, struct td_err *err)
{
    struct store *store = restore->store;
    enum header header;
    int rc;

    if (store_create_file(store, err) != 0 || check_place(store, err) != 0 ||
        conn_open(store, &restore->conn, 0, err) != 0 ||
        store_read_header(&restore->conn, &header, &restore->mark, err) != 0)
        return -1;
    if (header == HEADER_FOREIGN)
        return store_refuse(store, STORE_FOREIGN, err);
    rc = header == HEADER_ELSE ? 1 : restore_by_pages(restore, header == HEADER_NONE, err);
    return rc == 1 ? restore_by_name(restore, err) : rc;
}

int store_restore(struct td_ctx *ctx, const char *image, const char *aside, struct td_err *err)
{
    struct restore restore = { .store = td_self(ctx), .image = image, .aside = aside, .fd = -1 };
    int rc = store_resolve(restore.store, err);

    if (rc == 0)
        rc = replace(&restore, err);
    conn_close(&restore.conn);
    if (restore.fd >= 0)
        close(restore.fd);
    free(restore.store->file);
    restore.store->file = NULL;
    return rc;
}
