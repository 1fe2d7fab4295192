/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify: reads the whole file. First SQLite's own check of pages and indexes, then what only we
 * know: chains, the index of runs, numbers, parts of blobs, each a statement that finds the first
 * fault, if any; then every row against its checksum, which tells changed data that still makes
 * sense.
 */
#include "store.h"

static const struct check {
    const char *sql;   /* one row of one or two numbers or a text: the fault */
    const char *fault; /* with the columns as text */
} checks[] = {
    { "SELECT seq, before FROM log WHERE before >= seq LIMIT 1",
      "row %s of the log follows the later row %s" },
    { "SELECT seq, type FROM log WHERE run = 0 OR log NOT IN (SELECT id FROM name) LIMIT 1",
      "row %s of the log, of type %s, belongs to no run or no log" },
    { "SELECT a.seq, b.seq FROM log a JOIN log b ON b.seq = a.before "
      "WHERE a.run <> b.run OR a.log <> b.log LIMIT 1",
      "row %s of the log follows row %s, which is of another run" },
    { "SELECT i.run, i.seq FROM log_index i LEFT JOIN log l ON l.seq = i.seq "
      "WHERE l.seq IS NULL OR l.run <> i.run OR l.log <> i.log LIMIT 1",
      "the log's index sends run %s to row %s, which is not there or of another run" },
    { "SELECT number, last FROM message LEFT JOIN topic USING (topic) "
      "WHERE last IS NULL OR number > last LIMIT 1",
      "message %s of a topic is beyond the topic's last, %s" },
    { "SELECT name, token FROM lease WHERE token > (SELECT value FROM counter WHERE what = "
      "'lease') "
      "LIMIT 1",
      "lease \"%s\" has token %s, which was never given" },
    { "SELECT name, size FROM blob b WHERE size <> (SELECT coalesce(sum(length(data)), 0) "
      "FROM blob_part WHERE id >= b.first AND id < b.first + b.parts) LIMIT 1",
      "blob \"%s\" does not have its %s bytes" },
    { "SELECT space, count(*) FROM kv WHERE space NOT IN (SELECT id FROM name) GROUP BY space "
      "LIMIT 1",
      "space %s with %s records has no name" },
};

static const enum sql summed[] = {
    SQL_LOG_ALL, SQL_KV_ALL, SQL_QUEUE_ALL, SQL_TOPIC_ALL, SQL_BLOB_ALL, SQL_BLOB_PART_ALL,
};

static int fail_corrupt(const struct conn *conn, const char *fault, struct td_err *err)
{
    td_fail(err, TD_E_CORRUPT, "store \"%s\": %s", conn->store->file, fault);
    return td_hint(err, STORE_BACKUP);
}

static const char *text_of(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    return text != NULL ? text : "none";
}

static int run_check(struct conn *conn, const struct check *check, struct td_err *err)
{
    char *fault = NULL;
    sqlite3_stmt *stmt;
    int rc;

    if (sqlite3_prepare_v2(conn->db, check->sql, -1, &stmt, NULL) != SQLITE_OK)
        return store_fail(conn, "verify the tables", err);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        fault = sqlite3_mprintf(check->fault, text_of(stmt, 0), text_of(stmt, 1));
        fail_corrupt(conn, fault != NULL ? fault : "it is damaged", err);
    } else if (rc != SQLITE_DONE) {
        store_fail(conn, "verify the tables", err);
    }
    sqlite3_free(fault);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? 0 : -1;
}

static int check_integrity(struct conn *conn, struct td_err *err)
{
    sqlite3_stmt *stmt;
    int rc = -1;

    if (sqlite3_prepare_v2(conn->db, "PRAGMA integrity_check(1)", -1, &stmt, NULL) != SQLITE_OK)
        return store_fail(conn, "verify the file", err);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        store_fail(conn, "verify the file", err);
    else if (sqlite3_stricmp(text_of(stmt, 0), "ok") != 0)
        fail_corrupt(conn, text_of(stmt, 0), err);
    else
        rc = 0;
    sqlite3_finalize(stmt);
    return rc;
}

static int check_sums(struct conn *conn, enum sql id, struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, id, err) != 0)
        return -1;
    while ((rc = query_step(&query, err)) > 0)
        ; /* the step compares */
    return rc;
}

int store_verify_with(struct conn *conn, struct td_err *err)
{
    if (check_integrity(conn, err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        if (run_check(conn, &checks[i], err) != 0)
            return -1;
    for (size_t i = 0; i < sizeof(summed) / sizeof(summed[0]); i++)
        if (check_sums(conn, summed[i], err) != 0)
            return -1;
    return 0;
}

int store_verify(struct td_ctx *ctx, struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn = reader_take(store, err);
    int rc;

    if (conn == NULL)
        return -1;
    /* one snapshot for all checks: writers go on meanwhile */
    rc = conn_exec(conn, "begin to verify", "BEGIN", err);
    if (rc == 0) {
        rc = store_verify_with(conn, err);
        sqlite3_exec(conn->db, "COMMIT", NULL, NULL, NULL);
    }
    reader_give(store, conn);
    return rc;
}
