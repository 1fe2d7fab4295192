/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error: what SQLite says, as one of our codes with a sentence that names the file and the way out;
 * and the checks of what a caller gives.
 */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Rows of an extended code stand above those of the code it extends. */
static const struct fault {
    int code;
    enum td_code td;
    int sys;
    const char *hint;
} faults[] = {
    { SQLITE_FULL, TD_E_IO, ENOSPC,
      "make room on the disk of the store; nothing that was acknowledged is lost" },
    { SQLITE_IOERR_NOMEM, TD_E_NOMEM, 0, NULL },
    { SQLITE_IOERR_CORRUPTFS, TD_E_CORRUPT, 0,
      "check the file system, then run: tdev store verify" },
    { SQLITE_IOERR, TD_E_IO, EIO, "check the disk of the store, then run: tdev store verify" },
    { SQLITE_BUSY_SNAPSHOT, TD_E_UNAVAILABLE, 0, NULL },
    { SQLITE_BUSY, TD_E_UNAVAILABLE, 0,
      "end what holds the store, or raise its option \"busy_timeout\"" },
    { SQLITE_LOCKED, TD_E_UNAVAILABLE, 0, NULL },
    { SQLITE_CORRUPT, TD_E_CORRUPT, 0, STORE_BACKUP },
    { SQLITE_NOTADB, TD_E_CORRUPT, 0,
      STORE_BACKUP "; or name another file in the option \"path\"" },
    { SQLITE_READONLY_DIRECTORY, TD_E_PERM, 0,
      "let this user write to the store's folder: the store keeps two more files beside it" },
    { SQLITE_READONLY_CANTINIT, TD_E_PERM, 0,
      "let this user write to the store's folder: the store keeps two more files beside it" },
    { SQLITE_READONLY, TD_E_PERM, 0, "let this user write to the store's file" },
    { SQLITE_CANTOPEN_SYMLINK, TD_E_CONFIG, 0,
      "name the file itself in the option \"path\", not a link to it" },
    { SQLITE_CANTOPEN, TD_E_IO, ENOENT,
      "let this user read and write the store's file and folder: it keeps two more files beside "
      "it" },
    { SQLITE_PERM, TD_E_PERM, 0, "let this user read and write the store's file and folder" },
    { SQLITE_AUTH, TD_E_PERM, 0, NULL },
    { SQLITE_NOMEM, TD_E_NOMEM, 0, NULL },
    { SQLITE_TOOBIG, TD_E_LIMIT, 0, NULL },
    { SQLITE_INTERRUPT, TD_E_CANCELLED, 0, NULL },
};

static const struct fault *find_fault(int code)
{
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (faults[i].code == code || faults[i].code == (code & 0xff))
            return &faults[i];
    return NULL;
}

/* What the system said at the last failure: kept by the connection, else by the write-ahead log or
 * the file itself. */
static int system_errno(sqlite3 *db)
{
    static const int files[] = { SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER };
    int sys = sqlite3_system_errno(db);

    for (size_t i = 0; sys == 0 && i < sizeof(files) / sizeof(files[0]); i++) {
        sqlite3_file *file = NULL;

        sqlite3_file_control(db, "main", files[i], &file);
        if (file != NULL && file->pMethods != NULL)
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &sys);
    }
    return sys;
}

/* A file that may not grow (quota, ulimit) is a full disk to whoever must make room; one that may
 * not be opened is a permission. */
static const struct fault *find_fault_of(int code, int sys)
{
    bool is_io = (code & 0xff) == SQLITE_IOERR, is_open = (code & 0xff) == SQLITE_CANTOPEN;

    if (is_io && (sys == ENOSPC || sys == EDQUOT || sys == EFBIG))
        return find_fault(SQLITE_FULL);
    if (is_open && code != SQLITE_CANTOPEN_SYMLINK &&
        (sys == EACCES || sys == EPERM || sys == EROFS))
        return find_fault(SQLITE_PERM);
    return find_fault(code);
}

static int fail_busy(const struct conn *conn, const char *what, struct td_err *err)
{
    char holder[160];

    holder_tell(conn->store->file, holder, sizeof(holder));
    td_fail(err, TD_E_UNAVAILABLE,
            "could not %s of store \"%s\": %s has held it for more than %lld ms", what,
            conn->store->file, holder, (long long)(conn->busy_max_us / 1000));
    err->retry_after_ms = 100;
    return td_hint(err, "%s", find_fault(SQLITE_BUSY)->hint);
}

int store_fail(const struct conn *conn, const char *what, struct td_err *err)
{
    int code = sqlite3_extended_errcode(conn->db), sys = system_errno(conn->db);
    const struct fault *fault = find_fault_of(code, sys);
    const char *words = sqlite3_errmsg(conn->db);

    if ((code & 0xff) == SQLITE_BUSY)
        return fail_busy(conn, what, err);
    if (fault == NULL)
        return td_fail(err, TD_E_INTERNAL, "could not %s of store \"%s\": %s (code %d)", what,
                       conn->store->file, words, code);
    if (sys == 0)
        sys = fault->sys;
    td_fail(err, fault->td, "could not %s of store \"%s\": %s%s%s", what, conn->store->file, words,
            fault->td == TD_E_IO ? ": " : "", fault->td == TD_E_IO ? strerror(sys) : "");
    err->sys = fault->td == TD_E_IO ? sys : 0;
    if (fault->hint != NULL)
        td_hint(err, "%s", fault->hint);
    return -1;
}

int fail_damaged(const struct conn *conn, const char *table, const char *row, struct td_err *err)
{
    td_fail(err, TD_E_CORRUPT,
            "store \"%s\": row %s of table \"%s\" is damaged: its checksum does not fit",
            conn->store->file, row, table);
    return td_hint(err, "all else can be used; tdev store verify looks at every row, and a backup "
                        "has this one");
}

void warn_damage(struct td_ctx *ctx, const struct td_err *damage)
{
    if (damage->code != TD_OK)
        td_log(ctx, TD_WARNING, "%s", damage->text);
}

int check_name(const char *what, const char *name, struct td_err *err)
{
    size_t length = name != NULL ? strlen(name) : 0;

    if (length >= 1 && length <= TD_NAME_MAX)
        return 0;
    return td_fail(err, TD_E_INVAL, "%s of %zu bytes, must be 1 to %d", what, length, TD_NAME_MAX);
}

int check_value(struct td_bytes value, struct td_err *err)
{
    if (value.length <= TD_VALUE_MAX)
        return 0;
    return td_fail(err, TD_E_INVAL, "value of %zu bytes, at most %u are allowed", value.length,
                   TD_VALUE_MAX);
}

void *copy_value(const void *data, size_t length, struct td_err *err)
{
    char *copy = malloc(length + 1);

    if (copy == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a value of %zu bytes", length);
        return NULL;
    }
    if (length != 0)
        memcpy(copy, data, length);
    copy[length] = '\0';
    return copy;
}
