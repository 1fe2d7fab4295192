/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sum: the checksum of a row, part of the file's format and the same on every machine.
 *
 * It is made of words of 64 bits, one after the other: from a sum s, the word w makes x ^ x >> 32
 * with x = (s ^ w) * SUM_FACTOR. The values of a row come in an agreed order. A number is a word;
 * null is the word of -1; text and blobs are the word length * 8 + kind (3 text, 4 blob), then
 * their bytes, eight a word, lowest first, the last word filled with zeros. A row keeps the low
 * half as a signed number.
 *
 * A step can be undone, so no change is lost on the way to the last sum. A CRC-32 by zlib was twice
 * as slow: it made appending a row a third dearer.
 */
#ifndef SQLITE_SUM_H
#define SQLITE_SUM_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#define SUM_START UINT64_C(0xCBF29CE484222325)
#define SUM_FACTOR UINT64_C(0x9E3779B97F4A7C15)

/** The sum with one more word: a number. */
static inline uint64_t sum_int(uint64_t sum, int64_t value)
{
    uint64_t x = (sum ^ (uint64_t)value) * SUM_FACTOR;

    return x ^ x >> 32;
}

static inline uint64_t sum_null(uint64_t sum)
{
    return sum_int(sum, -1);
}

/** kind: SQLITE_TEXT or SQLITE_BLOB */
uint64_t sum_data(uint64_t sum, int kind, const void *data, size_t length);
/** A value of any kind: an argument, or a column of a statement that only this thread uses. */
uint64_t sum_value(uint64_t sum, sqlite3_value *value);

/** What a row keeps. */
static inline int32_t sum_kept(uint64_t sum)
{
    return (int32_t)(uint32_t)sum;
}

/** Gives a connection the function row_sum(VALUE...), for statements that read rows and write their
 * sums. Returns a code of SQLite. */
int sum_register(sqlite3 *db);

#endif
