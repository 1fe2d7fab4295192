/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open: from the option `path` to a writer on a file that is known to be a store of ours.
 *
 * What is in the way is refused before SQLite may write to it: a link, a folder, a file that is no
 * store. SQLite reads names that begin with "file:" as URIs; a resolved path begins with a slash.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES = 100, HEADER_VERSION = 60, HEADER_APPLICATION = 68 };
enum { TAIL_ROWS = 256, TAIL_BYTES = 1024 * 1024 }; /* of the log, checked at each opening */

int store_refuse(const struct store *store, const char *why, struct td_err *err)
{
    td_fail(err, TD_E_CONFIG, "\"%s\" cannot be a store: %s", store->file, why);
    return td_hint(err,
                   "name a file of tdev, or one that is not there yet, in the option \"path\"; if "
                   "it was a store, " STORE_BACKUP);
}

int store_resolve(struct store *store, struct td_err *err)
{
    char *folder_copy = strdup(store->path), *name_copy = strdup(store->path);
    char *folder = NULL;
    int rc = -1;

    if (folder_copy == NULL || name_copy == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a path");
        goto out;
    }
    folder = realpath(dirname(folder_copy), NULL);
    if (folder == NULL) {
        td_fail_sys(err, "could not find the folder of store \"%s\"", store->path);
        td_hint(err, "make the folder, or name another file in the option \"path\"");
        goto out;
    }
    if (asprintf(&store->file, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder,
                 basename(name_copy)) < 0) {
        store->file = NULL;
        td_fail(err, TD_E_NOMEM, "could not allocate a path");
        goto out;
    }
    rc = 0;
out:
    free(folder);
    free(name_copy);
    free(folder_copy);
    return rc;
}

/* Only this user may read what agents remember. SQLite gives its other two files the mode of this
 * one. */
int store_create_file(const struct store *store, struct td_err *err)
{
    int fd = open(store->file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd >= 0) {
        close(fd); /* nobody has locks on a file that was not there */
        return 0;
    }
    if (errno == EEXIST)
        return 0;
    td_fail_sys(err, "could not make store \"%s\"", store->file);
    return td_hint(
        err, "let this user write to the folder, or name another file in the option \"path\"");
}

static int check_file(struct td_ctx *ctx, const struct store *store, struct td_err *err)
{
    struct stat found;

    if (lstat(store->file, &found) != 0)
        return td_fail_sys(err, "could not look at store \"%s\"", store->file);
    if (S_ISLNK(found.st_mode))
        return store_refuse(store, "it is a symbolic link", err);
    if (!S_ISREG(found.st_mode))
        return store_refuse(store, "it is no regular file", err);
    if (found.st_size == 1) /* SQLite says that this one is empty */
        return store_refuse(store, "its content is something else", err);
    if ((found.st_mode & 077) != 0)
        td_log(ctx, TD_WARNING, "store \"%s\" has mode %04o, others may read it", store->file,
               found.st_mode & 07777);
    return 0;
}

static uint32_t number_at(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/*
 * Reads the header as it lies on the disk, through SQLite's own handle: a file opened and closed
 * here would drop the locks of another connection of this process. An empty file will be one.
 */
int store_read_header(const struct conn *conn, enum header *ret_header, uint32_t *ret_mark,
                      struct td_err *err)
{
    unsigned char header[HEADER_BYTES] = { 0 };
    sqlite3_int64 size = 0;
    sqlite3_file *file = NULL;
    sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (file == NULL || file->pMethods == NULL ||
        file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return td_fail(err, TD_E_IO, "could not read the size of store \"%s\"", conn->store->file);
    if (size == 0)
        *ret_header = HEADER_NONE;
    else if (size < HEADER_BYTES ||
             file->pMethods->xRead(file, header, sizeof(header), 0) != SQLITE_OK ||
             memcmp(header, "SQLite format 3", 16) != 0)
        *ret_header = HEADER_ELSE;
    else if (number_at(header + HEADER_APPLICATION) != STORE_APPLICATION_ID)
        *ret_header = HEADER_FOREIGN;
    else
        *ret_header = HEADER_OURS;
    *ret_mark = *ret_header == HEADER_OURS ? mark_of(number_at(header + HEADER_VERSION)) : 0;
    return 0;
}

static int check_header(const struct store *store, uint32_t *ret_mark, struct td_err *err)
{
    enum header header;

    if (store_read_header(&store->writer, &header, ret_mark, err) != 0)
        return -1;
    if (header == HEADER_ELSE)
        return store_refuse(store, "its content is something else", err);
    if (header == HEADER_FOREIGN)
        return store_refuse(store, STORE_FOREIGN, err);
    return 0;
}

/*
 * Is there nothing in it? To tell, SQLite takes back what a process had begun that was ended, and a
 * header that was being written goes with it.
 */
static int check_empty(struct store *store, bool *ret_is_new, struct td_err *err)
{
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v2(store->writer.db, "PRAGMA page_count", -1, &stmt, NULL) != SQLITE_OK)
        return store_fail(&store->writer, "read the header", err);
    if (sqlite3_step(stmt) != SQLITE_ROW) {
        store_fail(&store->writer, "read the header", err);
        sqlite3_finalize(stmt);
        return -1;
    }
    *ret_is_new = sqlite3_column_int64(stmt, 0) == 0;
    sqlite3_finalize(stmt);
    return 0;
}

static int check_writable(const struct store *store, struct td_err *err)
{
    if (sqlite3_db_readonly(store->writer.db, "main") == 0)
        return 0;
    td_fail(err, TD_E_PERM, "store \"%s\" is read-only", store->file);
    return td_hint(err, "let this user write to the store's file");
}

/* In a transaction. Another process may have come first, and have made its tables, too. */
static int write_header_once(struct store *store, struct td_err *err)
{
    uint32_t version, mark;
    char sql[64];

    if (mark_read(&store->writer, &version, &mark, err) != 0)
        return -1;
    if (version != 0 || mark != 0)
        return 0;
    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", STORE_APPLICATION_ID);
    return conn_exec(&store->writer, "write the header", sql, err) == 0
               ? mark_write(&store->writer, 0, mark_new(), err)
               : -1;
}

/* A new file gets its header before it becomes a WAL file, so that the header is on the disk, not
 * in the log. */
static int write_header(struct store *store, struct td_err *err)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA page_size = %d", STORE_PAGE_BYTES);
    if (conn_exec(&store->writer, "write the header", sql, err) != 0 ||
        conn_exec(&store->writer, "write the header", "BEGIN IMMEDIATE", err) != 0)
        return -1;
    if (write_header_once(store, err) == 0)
        return conn_exec(&store->writer, "write the header", "COMMIT", err);
    sqlite3_exec(store->writer.db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

/* Switching a new file may find another process in the same act; SQLite does not wait there by
 * itself. */
static int use_wal(struct store *store, struct td_err *err)
{
    const char *mode;
    sqlite3_stmt *stmt;
    int rc, tries = 0;

    if (sqlite3_prepare_v2(store->writer.db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL) != 0)
        return store_fail(&store->writer, "read the header", err);
    while ((rc = sqlite3_step(stmt)) == SQLITE_BUSY && conn_wait(&store->writer, tries++) != 0)
        sqlite3_reset(stmt);
    if (rc != SQLITE_ROW) {
        store_fail(&store->writer, "read the header", err);
        sqlite3_finalize(stmt);
        return -1;
    }
    mode = (const char *)sqlite3_column_text(stmt, 0);
    rc = mode != NULL && strcmp(mode, "wal") == 0 ? 0 : -1;
    sqlite3_finalize(stmt);
    if (rc == 0)
        return 0;
    td_fail(err, TD_E_UNSUPPORTED, "store \"%s\" is where no write-ahead log can be kept",
            store->file);
    return td_hint(err, "use a local file system for the option \"path\"");
}

static int set_up(struct store *store, struct td_err *err)
{
    char sql[256];

    snprintf(
        sql, sizeof(sql),
        "PRAGMA synchronous = %s; PRAGMA cache_size = -%lld; PRAGMA journal_size_limit = %lld; "
        "PRAGMA secure_delete = FAST; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON",
        store->synchronous, (long long)(store->cache / 1024), (long long)store->wal_limit);
    return conn_exec(&store->writer, "set up the writer", sql, err);
}

static int note_wal_size(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct store *store = arg;

    (void)db;
    (void)name;
    store->wal_pages = pages;
    return SQLITE_OK;
}

/*
 * The newest rows against their checksums. A damaged one costs its run alone: it is told, and the
 * store opens. Tables of an older version have no checksums and are only migrated.
 */
static int check_tail(struct td_ctx *ctx, struct conn *conn, struct td_err *err)
{
    struct td_err damage;
    struct query query;
    size_t bytes = 0;
    int rc;

    if (atomic_load(&conn->store->version) != STORE_NEWEST)
        return 0;
    if (query_begin(&query, conn, SQL_LOG_NEWEST, err) != 0)
        return -1;
    query_int(&query, TAIL_ROWS);
    query_pass_damage(&query, &damage);
    while ((rc = query_step(&query, err)) > 0 && bytes < TAIL_BYTES)
        bytes += query_get_bytes(&query, 7).length;
    if (rc > 0)
        query_end(&query);
    warn_damage(ctx, &damage);
    return rc < 0 ? -1 : 0;
}

/* The tables: of a version we know, and, unless the user forbids it, of the newest. */
static int check_tables(struct td_ctx *ctx, struct store *store, bool is_new, struct td_err *err)
{
    uint32_t version;

    if (store_read_version(&store->writer, &version, err) != 0)
        return -1;
    if (version > STORE_NEWEST) {
        td_fail(err, TD_E_CONFIG,
                "store \"%s\" has tables of version %u, this build knows up to %d", store->file,
                version, STORE_NEWEST);
        return td_hint(err, "use the newer tdev that wrote it, and its: tdev store migrate --to %d",
                       STORE_NEWEST);
    }
    atomic_store(&store->version, version);
    if (version < STORE_NEWEST && (is_new || version == 0 || store->upgrade) &&
        store_migrate(ctx, STORE_NEWEST, err) != 0)
        return -1;
    return check_tail(ctx, &store->writer, err);
}

int store_open(struct td_ctx *ctx, struct td_err *err)
{
    struct store *store = td_self(ctx);
    bool is_new = false;
    uint32_t mark = 0;

    if (store_resolve(store, err) != 0 || store_create_file(store, err) != 0 ||
        check_file(ctx, store, err) != 0 || store_check_beside(ctx, store, err) != 0 ||
        conn_open(store, &store->writer, 0, err) != 0 || check_header(store, &mark, err) != 0 ||
        check_writable(store, err) != 0 || check_empty(store, &is_new, err) != 0)
        return -1;
    if (is_new && write_header(store, err) != 0)
        return -1;
    if (use_wal(store, err) != 0 || set_up(store, err) != 0 ||
        query_single(&store->writer, SQL_PAGE_BYTES, &store->page_bytes, err) != 0 ||
        mark_check(&store->writer, mark, err) != 0)
        return -1;
    store->is_mark_due = true;
    store->force_pages = (int)(store->wal_limit / store->page_bytes);
    sqlite3_wal_hook(store->writer.db, note_wal_size,
                     store); /* instead of SQLite's own checkpoints */
    return check_tables(ctx, store, is_new, err);
}
