/* SPDX-License-Identifier: Apache-2.0 */
/*
 * txn: one write: the lock, BEGIN IMMEDIATE, COMMIT or ROLLBACK, and keeping the write-ahead log
 * short.
 *
 * The write-ahead log is copied into the file ("checkpoint") every CHECKPOINT_BYTES, by the commit
 * that finds it that long: small enough to take milliseconds. Readers are not waited for, so a long
 * scan lets it grow; beyond the option wal_limit a commit waits for them, at most FORCE_WAIT_US.
 */
#include "store.h"

enum { CHECKPOINT_BYTES = 4000 * 1024, FORCE_WAIT_US = 1000000 };

static struct conn *begin_locked(struct store *store, struct td_err *err)
{
    struct conn *conn = &store->writer;
    struct query query;

    store->next_seq = 0;
    if (query_begin(&query, conn, SQL_BEGIN, err) != 0 || query_run(&query, err) != 0)
        return NULL;
    return conn;
}

struct conn *txn_begin_any(struct store *store, struct td_err *err)
{
    struct conn *conn;

    pthread_mutex_lock(&store->write_lock);
    conn = begin_locked(store, err);
    if (conn == NULL)
        pthread_mutex_unlock(&store->write_lock);
    return conn;
}

/* Some failures have rolled back already. A failure to roll back has no better end than the next
 * BEGIN's words. */
static void roll_back(struct conn *conn)
{
    struct td_err ignored;
    struct query query;

    name_forget(conn->store);
    if (sqlite3_get_autocommit(conn->db) == 0 &&
        query_begin(&query, conn, SQL_ROLLBACK, &ignored) == 0)
        query_run(&query, &ignored);
}

/* The log is longer than the option allows: cut it, waiting a bounded time for those who read it.
 */
static int force(struct conn *conn)
{
    struct store *store = conn->store;
    int64_t busy_max_us = conn->busy_max_us;
    int limit = (int)(store->wal_limit / store->page_bytes), rc;

    conn->busy_max_us = FORCE_WAIT_US;
    rc = sqlite3_wal_checkpoint_v2(conn->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    conn->busy_max_us = busy_max_us;
    store->force_pages = rc == SQLITE_OK ? limit : store->wal_pages + limit / 4;
    return rc;
}

/* What was committed is safe in the log whether this works or not: a failure is only logged. */
static void checkpoint(struct td_ctx *ctx, struct conn *conn)
{
    struct store *store = conn->store;
    int rc;

    if (store->wal_pages * store->page_bytes < CHECKPOINT_BYTES)
        return;
    if (store->wal_pages >= store->force_pages)
        rc = force(conn);
    else
        rc = sqlite3_wal_checkpoint_v2(conn->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    store->is_mark_due = true;
    if (rc != SQLITE_OK && rc != SQLITE_BUSY && rc != SQLITE_LOCKED)
        td_log(ctx, TD_WARNING, "could not copy the write-ahead log into store \"%s\": %s",
               store->file, sqlite3_errmsg(conn->db));
    store->wal_pages = 0; /* until the next commit tells */
}

/* Another process may have migrated the tables since: what this build would write does not fit them
 * then. */
static int check_still(struct conn *conn, struct td_err *err)
{
    struct store *store = conn->store;
    uint32_t version;

    if (store_read_version(conn, &version, err) != 0)
        return -1;
    atomic_store(&store->version, version);
    if (check_version(store, err) != 0)
        return -1;
    return store->is_mark_due ? mark_write(conn, version, store->mark, err) : 0;
}

struct conn *txn_begin(struct store *store, struct td_err *err)
{
    struct conn *conn = txn_begin_any(store, err);

    if (conn == NULL || check_still(conn, err) == 0)
        return conn;
    roll_back(conn);
    pthread_mutex_unlock(&store->write_lock);
    return NULL;
}

static int commit(struct td_ctx *ctx, struct conn *conn, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_COMMIT, err) != 0 || query_run(&query, err) != 0) {
        roll_back(conn);
        return -1;
    }
    conn->store->is_mark_due = false;
    checkpoint(ctx, conn);
    return 0;
}

int txn_end(struct td_ctx *ctx, int rc, struct td_err *err)
{
    struct store *store = td_self(ctx);

    if (rc != 0)
        roll_back(&store->writer);
    else
        rc = commit(ctx, &store->writer, err);
    pthread_mutex_unlock(&store->write_lock);
    return rc;
}
