/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum: bytes as words, SQLite's values, and the function for statements.
 */
#include "sum.h"

#include <endian.h>
#include <string.h>

enum { WORD_BYTES = 8, KINDS = 8 };

/* Up to eight bytes, lowest first. */
static int64_t word_of(const unsigned char *bytes, size_t count)
{
    uint64_t word = 0;

    memcpy(&word, bytes, count);
    return (int64_t)le64toh(word);
}

uint64_t sum_data(uint64_t sum, int kind, const void *data, size_t length)
{
    const unsigned char *at = data;

    sum = sum_int(sum, (int64_t)length * KINDS + kind);
    for (; length >= WORD_BYTES; length -= WORD_BYTES, at += WORD_BYTES)
        sum = sum_int(sum, word_of(at, WORD_BYTES));
    return length > 0 ? sum_int(sum, word_of(at, length)) : sum;
}

uint64_t sum_value(uint64_t sum, sqlite3_value *value)
{
    int kind = sqlite3_value_type(value);
    const void *data;

    if (kind == SQLITE_NULL)
        return sum_null(sum);
    if (kind != SQLITE_TEXT && kind != SQLITE_BLOB)
        return sum_int(sum, sqlite3_value_int64(value));
    data = sqlite3_value_blob(value); /* before its length is asked for */
    return sum_data(sum, kind, data, (size_t)sqlite3_value_bytes(value));
}

static void row_sum(sqlite3_context *context, int count, sqlite3_value **values)
{
    uint64_t sum = SUM_START;

    for (int i = 0; i < count; i++)
        sum = sum_value(sum, values[i]);
    sqlite3_result_int64(context, sum_kept(sum));
}

int sum_register(sqlite3 *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

    return sqlite3_create_function_v2(db, "row_sum", -1, flags, NULL, row_sum, NULL, NULL, NULL);
}
