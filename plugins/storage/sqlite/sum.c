/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum: values are gathered in a buffer, as zlib is quick with a long piece and slow with a word.
 * Each is a word, lowest byte first; text and blobs are their length and kind as a word, then their
 * bytes. The end is filled with zeros to whole pieces of 40 bytes: what is left over beside them
 * costs zlib as much as all the rest.
 */
#include "sum.h"

#include <string.h>
#include <zlib.h>

enum { WORD_BYTES = 8, KIND_BITS = 3, PIECE_BYTES = 40 };

void sum_begin(struct sum *sum)
{
    sum->crc = 0;
    sum->used = 0;
}

static void flush(struct sum *sum)
{
    sum->crc = (uint32_t)crc32(sum->crc, sum->room, (uInt)sum->used);
    sum->used = 0;
}

static void add_word(struct sum *sum, uint64_t word)
{
    if (sum->used > SUM_ROOM - WORD_BYTES)
        flush(sum);
    for (int i = 0; i < WORD_BYTES; i++)
        sum->room[sum->used + (size_t)i] = (unsigned char)(word >> 8 * i);
    sum->used += WORD_BYTES;
}

void sum_int(struct sum *sum, int64_t value)
{
    add_word(sum, (uint64_t)value);
}

void sum_null(struct sum *sum)
{
    add_word(sum, UINT64_MAX);
}

void sum_data(struct sum *sum, int kind, const void *data, size_t length)
{
    add_word(sum, (uint64_t)length << KIND_BITS | (uint64_t)kind);
    if (length > SUM_ROOM - sum->used)
        flush(sum);
    if (length > SUM_ROOM) {
        sum->crc = (uint32_t)crc32(sum->crc, data, (uInt)length); /* below TD_VALUE_MAX */
    } else if (length > 0) {
        memcpy(sum->room + sum->used, data, length);
        sum->used += length;
    }
}

void sum_column(struct sum *sum, sqlite3_stmt *stmt, int column)
{
    int kind = sqlite3_column_type(stmt, column);
    const void *data;

    if (kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) {
        sum_int(sum, sqlite3_column_int64(stmt, column));
    } else if (kind == SQLITE_NULL) {
        sum_null(sum);
    } else {
        data = sqlite3_column_blob(stmt, column);
        sum_data(sum, kind, data, (size_t)sqlite3_column_bytes(stmt, column));
    }
}

static void sum_value(struct sum *sum, sqlite3_value *value)
{
    int kind = sqlite3_value_type(value);
    const void *data;

    if (kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) {
        sum_int(sum, sqlite3_value_int64(value));
    } else if (kind == SQLITE_NULL) {
        sum_null(sum);
    } else {
        data = sqlite3_value_blob(value);
        sum_data(sum, kind, data, (size_t)sqlite3_value_bytes(value));
    }
}

int32_t sum_end(struct sum *sum)
{
    size_t end = (sum->used + PIECE_BYTES - 1) / PIECE_BYTES * PIECE_BYTES; /* within the room */

    memset(sum->room + sum->used, 0, end - sum->used);
    sum->used = end;
    flush(sum);
    return (int32_t)sum->crc;
}

static void row_sum(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct sum sum;

    sum_begin(&sum);
    for (int i = 0; i < count; i++)
        sum_value(&sum, values[i]);
    sqlite3_result_int64(context, sum_end(&sum));
}

int sum_register(sqlite3 *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

    return sqlite3_create_function_v2(db, "row_sum", -1, flags, NULL, row_sum, NULL, NULL, NULL);
}
