/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup: all that a store holds at one moment, in one file, while it is in use.
 *
 * SQLite writes the copy row by row in one reading transaction, so neither writers nor the pages of
 * what was taken away matter, and pages that are damaged are told. The copy is then read as a whole
 * before anybody is told that it is one. A connection of its own: the readers of the pool are few.
 */
#include "store.h"

#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

static int sync_path(const char *path, int flags, struct td_err *err)
{
    int fd = open(path, flags | O_CLOEXEC), rc;

    rc = fd >= 0 ? fsync(fd) : -1;
    if (rc != 0)
        td_fail_sys(err, "could not write \"%s\" to the disk", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

int store_sync(const char *path, struct td_err *err)
{
    return sync_path(path, O_RDWR, err);
}

int store_sync_folder(const char *path, struct td_err *err)
{
    char copy[4096];

    if (strlen(path) >= sizeof(copy))
        return td_fail(err, TD_E_LIMIT, "the path \"%.100s...\" is too long", path);
    strcpy(copy, path);
    return sync_path(dirname(copy), O_RDONLY | O_DIRECTORY, err);
}

static int fail_copy(const struct conn *conn, const char *path, struct td_err *err)
{
    store_fail(conn, "write a backup", err);
    if (err->code == TD_E_IO || err->code == TD_E_PERM)
        td_hint(err, "see to it that \"%.150s\" can be written, and has room", path);
    return -1;
}

static int write_copy(struct conn *conn, const char *path, struct td_err *err)
{
    sqlite3_stmt *stmt;
    int rc;

    if (sqlite3_prepare_v2(conn->db, "VACUUM INTO ?1", -1, &stmt, NULL) != SQLITE_OK)
        return fail_copy(conn, path, err);
    sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
    rc = sqlite3_step(stmt) == SQLITE_DONE ? 0 : fail_copy(conn, path, err);
    sqlite3_finalize(stmt);
    return rc;
}

/* It is a store of its own, with its own mark. Older tables have no checksums: their pages alone
 * can be checked, and that was done by writing them. */
static int check_copy(const struct store *store, const char *path, struct td_err *err)
{
    struct store copy = { .file = (char *)path, .busy_timeout = store->busy_timeout };
    struct conn conn = { 0 };
    uint32_t version = 0;
    int rc = conn_open(&copy, &conn, 0, err);

    if (rc == 0)
        rc = store_read_version(&conn, &version, err);
    if (rc == 0 && version >= MARK_VERSION)
        rc = mark_write(&conn, version, mark_new(), err);
    if (rc == 0 && version == STORE_NEWEST)
        rc = store_verify_with(&conn, err);
    conn_close(&conn);
    return rc == 0 ? 0 : td_context(err, "the backup, read again");
}

int store_backup(struct td_ctx *ctx, const char *path, struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn conn = { 0 };
    int rc = conn_open(store, &conn, 0, err);

    if (rc == 0)
        rc = write_copy(&conn, path, err);
    conn_close(&conn);
    return rc == 0 && check_copy(store, path, err) == 0 ? store_sync(path, err) : -1;
}
