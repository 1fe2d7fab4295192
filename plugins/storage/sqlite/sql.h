/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql: every statement the store uses, in one table.
 */
#ifndef SQLITE_SQL_H
#define SQLITE_SQL_H

enum sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_VERSION,
    SQL_PAGE_BYTES,
    SQL_NAME_FIND,
    SQL_NAME_ADD,
    SQL_KV_VERSION,
    SQL_KV_PUT,
    SQL_KV_DELETE,
    SQL_KV_GET,
    SQL_KV_SCAN_UP,
    SQL_KV_SCAN_DOWN,
    SQL_KV_EXPIRE,
    SQL_LOG_NEXT,
    SQL_LOG_APPEND,
    SQL_LOG_SCAN,
    SQL_LOG_SCAN_RUN,
    SQL_LOG_READ,
    SQL_LOG_CHAIN,
    SQL_LOG_NEWEST,
    SQL_LOG_FLOOR,
    SQL_LOG_REMOVE,
    SQL_INDEX_PUT,
    SQL_INDEX_REMOVE,
    SQL_INDEX_REMOVE_ROW,
    SQL_INDEX_ALL,
    SQL_INDEX_RUN,
    SQL_QUEUE_NUMBER,
    SQL_QUEUE_PUSH,
    SQL_QUEUE_HOLDS,
    SQL_QUEUE_REMOVE,
    SQL_QUEUE_PEEK,
    SQL_QUEUE_PROMOTE,
    SQL_QUEUE_NEXT,
    SQL_QUEUE_CLAIM,
    SQL_QUEUE_MOVE,
    SQL_QUEUE_COUNT,
    SQL_TOPIC_NEXT,
    SQL_TOPIC_ADD,
    SQL_TOPIC_READ,
    SQL_TOPIC_LAST,
    SQL_TOPIC_TRIM,
    SQL_LEASE_GET,
    SQL_LEASE_TOKEN,
    SQL_LEASE_PUT,
    SQL_LEASE_EXTEND,
    SQL_LEASE_REMOVE,
    SQL_BLOB_FIND,
    SQL_BLOB_NEXT,
    SQL_BLOB_PUT,
    SQL_BLOB_PUT_PART,
    SQL_BLOB_GET,
    SQL_BLOB_REMOVE,
    SQL_BLOB_REMOVE_PARTS,
    SQL_LOG_ALL,
    SQL_KV_ALL,
    SQL_QUEUE_ALL,
    SQL_TOPIC_ALL,
    SQL_BLOB_ALL,
    SQL_BLOB_PART_ALL,
    SQL_COUNT_
};

/*
 * A table whose rows have a checksum, over all their columns that never change, in one order. A
 * statement that reads such rows gives these columns first, the sum behind them; one that writes a
 * row is bound in the same way. A row whose first column is null is none: a LEFT JOIN found
 * nothing.
 */
struct sql_table {
    const char *name;
    int keys;    /* of the columns: what tells the row from others */
    int columns; /* that the sum is over */
};

struct sql_row {
    const char *what; /* behind "could not" */
    const char *text;
};
extern const struct sql_row sql_rows[SQL_COUNT_];
/** The table whose rows a statement reads or writes; NULL: they have no checksum, or are not read.
 */
extern const struct sql_table *const sql_tables[SQL_COUNT_];

#endif
