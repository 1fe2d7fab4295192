/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum: the checksum of a row: CRC-32 over its values in an agreed order, each with its kind. It is
 * part of the file's format, the same on every machine.
 */
#ifndef SQLITE_SUM_H
#define SQLITE_SUM_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum { SUM_ROOM = 200 }; /* holds a usual row, which costs one call of zlib then */

/* Lives on the stack: sum_begin, a value each, sum_end. */
struct sum {
    uint32_t crc;
    size_t used;
    unsigned char room[SUM_ROOM];
};

void sum_begin(struct sum *sum);
void sum_int(struct sum *sum, int64_t value);
void sum_null(struct sum *sum);
/** kind: SQLITE_TEXT or SQLITE_BLOB */
void sum_data(struct sum *sum, int kind, const void *data, size_t length);
/** Column `column` of the row that the statement stands on. */
void sum_column(struct sum *sum, sqlite3_stmt *stmt, int column);
/** Signed, as it takes four bytes in a row then. */
int32_t sum_end(struct sum *sum);

/** Gives a connection the function row_sum(VALUE...), for statements that read rows and write their
 * sums. Returns a code of SQLite. */
int sum_register(sqlite3 *db);

#endif
