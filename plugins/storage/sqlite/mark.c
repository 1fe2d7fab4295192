/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mark: tells a store's write-ahead log from that of another store.
 *
 * Nothing in a write-ahead log says which file it belongs to: SQLite takes the pages of whatever
 * lies beside the file under its name, and a backup put under an old log, or the log of another
 * store, gives a store that is in order and somebody else's. So each store has a number of its own
 * in its header, behind the version of the tables, and the first page, which holds the header, goes
 * into every log early: with the first commit of a process, and with the next after the log may
 * have been begun anew. The number in the file as it lies on the disk is then compared with the one
 * that SQLite sees through the log.
 */
#include "store.h"

#include <stdio.h>

enum { VERSION_BITS = 8, VERSION_MASK = 0xff, MARK_MAX = 0x7fffff };

uint32_t mark_of(uint32_t user_version)
{
    return user_version >> VERSION_BITS;
}

uint32_t mark_new(void)
{
    uint32_t mark;

    sqlite3_randomness(sizeof(mark), &mark);
    return mark % MARK_MAX + 1;
}

int mark_read(struct conn *conn, uint32_t *ret_version, uint32_t *ret_mark, struct td_err *err)
{
    int64_t number;

    if (query_single(conn, SQL_VERSION, &number, err) != 0)
        return -1;
    *ret_version = (uint32_t)number & VERSION_MASK;
    *ret_mark = mark_of((uint32_t)number);
    return 0;
}

int mark_write(struct conn *conn, uint32_t version, uint32_t mark, struct td_err *err)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA user_version = %u", mark << VERSION_BITS | version);
    return conn_exec(conn, "write the header", sql, err);
}

int mark_check(struct conn *conn, uint32_t on_disk, struct td_err *err)
{
    uint32_t version, mark;

    if (mark_read(conn, &version, &mark, err) != 0)
        return -1;
    if (on_disk == 0 || version < MARK_VERSION || mark == on_disk)
        return 0;
    /* what is closed last copies the log into the file */
    sqlite3_db_config(conn->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    td_fail(err, TD_E_CORRUPT, "the write-ahead log beside store \"%s\" is that of another store",
            conn->store->file);
    return td_hint(err, "put its own \"-wal\" there; if it has none, take the one that is there "
                        "away; or " STORE_BACKUP);
}
