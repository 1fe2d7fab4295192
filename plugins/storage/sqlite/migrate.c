/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate: the tables, as the steps that lead from one version to the next and back. A new store
 * runs all of them, so the steps are the only place that says what the tables are.
 *
 * Each step is one transaction, with the new version in the file's header and a row in the table
 * `migration`. A step down gives up what the older version has no place for, and nothing else.
 */
#include "store.h"

#include <stdio.h>

static const struct {
    const char *up, *down;
} steps[STORE_NEWEST] = {
    /* 1: the tables */
    { "CREATE TABLE migration (at TEXT NOT NULL, version INTEGER NOT NULL) STRICT;"
      "CREATE TABLE counter (what TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "INSERT INTO counter (what, value) VALUES ('log', 0), ('lease', 0);"
      "CREATE TABLE name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
      "CREATE TABLE kv (space INTEGER NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,"
      " expires INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, key)) STRICT, WITHOUT "
      "ROWID;"
      "CREATE TABLE log (seq INTEGER PRIMARY KEY, log INTEGER NOT NULL, run INTEGER NOT NULL,"
      " type INTEGER NOT NULL, node TEXT, time INTEGER NOT NULL, before INTEGER NOT NULL,"
      " data BLOB NOT NULL) STRICT;"
      "CREATE TABLE log_index (log INTEGER NOT NULL, run INTEGER NOT NULL, seq INTEGER NOT NULL,"
      " PRIMARY KEY (log, run)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE queue (item INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL,"
      " priority INTEGER NOT NULL, waits INTEGER NOT NULL, ready INTEGER NOT NULL,"
      " claim INTEGER NOT NULL DEFAULT 0, value BLOB NOT NULL) STRICT;"
      "CREATE TABLE topic (topic INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;"
      "CREATE TABLE message (topic INTEGER NOT NULL, number INTEGER NOT NULL, time INTEGER NOT "
      "NULL,"
      " value BLOB NOT NULL, PRIMARY KEY (topic, number)) STRICT, WITHOUT ROWID;"
      "CREATE TABLE lease (name TEXT PRIMARY KEY, token INTEGER NOT NULL, until INTEGER NOT NULL,"
      " holder TEXT NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE TABLE blob (name TEXT PRIMARY KEY, size INTEGER NOT NULL, first INTEGER NOT NULL,"
      " parts INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
      "CREATE TABLE blob_part (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;",
      NULL },
    /* 2: finding what is due */
    { "CREATE INDEX kv_expires ON kv (expires) WHERE expires > 0;"
      "CREATE INDEX queue_ready ON queue (queue, priority DESC, item) WHERE waits = 0;"
      "CREATE INDEX queue_waiting ON queue (queue, ready) WHERE waits = 1;",
      "DROP INDEX queue_waiting; DROP INDEX queue_ready; DROP INDEX kv_expires;" },
    /* 3: how often an item was claimed */
    { "ALTER TABLE queue ADD COLUMN claims INTEGER NOT NULL DEFAULT 0;",
      "ALTER TABLE queue DROP COLUMN claims;" },
    /* 4: a checksum for each row that holds what was given to us; see sum.h */
    { "ALTER TABLE log ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE kv ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE queue ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE message ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE blob ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE blob_part ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;"
      "UPDATE log SET checksum = row_sum(seq, log, run, type, node, time, before, data);"
      "UPDATE kv SET checksum = row_sum(space, key, version, expires, value);"
      "UPDATE queue SET checksum = row_sum(item, queue, priority, value);"
      "UPDATE message SET checksum = row_sum(topic, number, time, value);"
      "UPDATE blob SET checksum = row_sum(name, size, first, parts);"
      "UPDATE blob_part SET checksum = row_sum(id, data);",
      "ALTER TABLE blob_part DROP COLUMN checksum; ALTER TABLE blob DROP COLUMN checksum;"
      "ALTER TABLE message DROP COLUMN checksum; ALTER TABLE queue DROP COLUMN checksum;"
      "ALTER TABLE kv DROP COLUMN checksum; ALTER TABLE log DROP COLUMN checksum;" },
    /* 5: a number of its own in the header; see mark.c */
    { "", "" },
};

int store_read_version(struct conn *conn, uint32_t *ret_version, struct td_err *err)
{
    return mark_read(conn, ret_version, &conn->store->mark, err);
}

/* In the transaction of the step: one towards `to`, from whatever version is there now. */
static int step(struct conn *conn, uint32_t to, uint32_t *ret_now, struct td_err *err)
{
    uint32_t now, next;
    const char *sql;
    uint32_t mark;
    char note[160];

    if (store_read_version(conn, &now, err) != 0)
        return -1;
    *ret_now = now;
    if (now == to)
        return 0;
    if (now > STORE_NEWEST)
        return td_fail(err, TD_E_CONFIG,
                       "store \"%s\" has tables of version %u, this build knows up "
                       "to %d",
                       conn->store->file, now, STORE_NEWEST);
    next = now < to ? now + 1 : now - 1;
    sql = now < to ? steps[now].up : steps[next].down;
    /* a new store has its mark before its tables */
    mark = now < to || next >= MARK_VERSION ? conn->store->mark : 0;
    if (mark == 0 && next >= MARK_VERSION)
        mark = mark_new();
    snprintf(note, sizeof(note),
             "INSERT INTO migration (at, version) VALUES "
             "(strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', 'now'), %u)",
             next);
    if (conn_exec(conn, "migrate the tables", sql, err) != 0 ||
        conn_exec(conn, "note the migration", note, err) != 0 ||
        mark_write(conn, next, mark, err) != 0)
        return -1;
    *ret_now = next;
    return 0;
}

int store_migrate(struct td_ctx *ctx, uint32_t version, struct td_err *err)
{
    struct store *store = td_self(ctx);
    uint32_t now = 0;

    if (version < 1 || version > STORE_NEWEST)
        return td_fail(err, TD_E_INVAL,
                       "store \"%s\" cannot have tables of version %u, must be 1 to %d",
                       store->file, version, STORE_NEWEST);
    do {
        struct conn *conn = txn_begin_any(store, err);

        if (conn == NULL || txn_end(ctx, step(conn, version, &now, err), err) != 0)
            return td_context(err, "migration to version %u", version);
        atomic_store(&store->version, now);
    } while (now != version);
    return 0;
}
