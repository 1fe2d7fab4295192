/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query: one use of a prepared statement. A failure to bind is kept and told by the step, so that
 * binding is one line each.
 */
#include "store.h"

#include <stdio.h>
#include <string.h>

int query_begin(struct query *query, struct conn *conn, enum sql id, struct td_err *err)
{
    sqlite3_stmt **stmt = &conn->stmts[id];

    if (*stmt == NULL && sqlite3_prepare_v3(conn->db, sql_rows[id].text, -1,
                                            SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK)
        return store_fail(conn, sql_rows[id].what, err);
    query->conn = conn;
    query->stmt = *stmt;
    query->id = id;
    query->count = 0;
    query->rc = SQLITE_OK;
    query->ret_damage = NULL;
    query->sum = SUM_START;
    return 0;
}

void query_int(struct query *query, int64_t value)
{
    query->sum = sum_int(query->sum, value);
    if (query->rc == SQLITE_OK)
        query->rc = sqlite3_bind_int64(query->stmt, ++query->count, value);
}

void query_number(struct query *query, uint64_t value)
{
    query_int(query, (int64_t)value);
}

void query_text(struct query *query, const char *text)
{
    int length = text != NULL ? (int)strlen(text) : 0; /* a name's at most: check_name */

    query->sum = text != NULL ? sum_data(query->sum, SQLITE_TEXT, text, (size_t)length)
                              : sum_null(query->sum);
    if (query->rc == SQLITE_OK)
        query->rc = sqlite3_bind_text(query->stmt, ++query->count, text, length, SQLITE_STATIC);
}

void query_bytes(struct query *query, struct td_bytes value)
{
    const void *data = value.length != 0 ? value.data : ""; /* NULL would be stored as null */

    query->sum = sum_data(query->sum, SQLITE_BLOB, data, value.length);
    if (query->rc == SQLITE_OK)
        query->rc =
            sqlite3_bind_blob64(query->stmt, ++query->count, data, value.length, SQLITE_STATIC);
}

void query_sum(struct query *query)
{
    query_int(query, sum_kept(query->sum));
}

void query_pass_damage(struct query *query, struct td_err *ret_damage)
{
    ret_damage->code = TD_OK;
    query->ret_damage = ret_damage;
}

void query_end(struct query *query)
{
    sqlite3_reset(query->stmt);
}

int64_t query_get_int(const struct query *query, int column)
{
    return sqlite3_column_int64(query->stmt, column);
}

uint64_t query_get_number(const struct query *query, int column)
{
    return (uint64_t)sqlite3_column_int64(query->stmt, column);
}

struct td_bytes query_get_bytes(const struct query *query, int column)
{
    const void *data = sqlite3_column_blob(query->stmt, column);
    size_t length = (size_t)sqlite3_column_bytes(query->stmt, column);

    return (struct td_bytes){ data != NULL ? data : "", length };
}

/* The columns that tell the row from others, as text of printable signs: they may be damaged, too.
 */
static void write_keys(const struct query *query, const struct sql_table *table, char *text,
                       size_t size)
{
    size_t used = 0;

    for (int i = 0; i < table->keys && used < size; i++) {
        const char *key = (const char *)sqlite3_column_text(query->stmt, i);
        bool is_text = sqlite3_column_type(query->stmt, i) == SQLITE_TEXT;

        used +=
            (size_t)snprintf(text + used, size - used, "%s%s%s%s", i > 0 ? ", " : "",
                             is_text ? "'" : "", key != NULL ? key : "null", is_text ? "'" : "");
    }
    for (char *at = text; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
}

/* 0 when the row is as it was written. */
static int check_row(const struct query *query, const struct sql_table *table, struct td_err *err)
{
    char keys[TD_NAME_MAX + 32];
    uint64_t sum = SUM_START;

    if (sqlite3_column_type(query->stmt, 0) == SQLITE_NULL)
        return 0;
    for (int i = 0; i < table->columns; i++)
        sum = sum_value(sum, sqlite3_column_value(query->stmt, i));
    if (sum_kept(sum) == query_get_int(query, table->columns))
        return 0;
    write_keys(query, table, keys, sizeof(keys));
    return fail_damaged(query->conn, table->name, keys, err);
}

int query_step(struct query *query, struct td_err *err)
{
    const struct sql_table *table = sql_tables[query->id];
    int rc = query->rc != SQLITE_OK ? query->rc : sqlite3_step(query->stmt);

    while (rc == SQLITE_ROW) {
        if (table == NULL || check_row(query, table, err) == 0)
            return 1;
        if (query->ret_damage == NULL)
            break;
        if (query->ret_damage->code == TD_OK)
            *query->ret_damage = *err;
        rc = sqlite3_step(query->stmt);
    }
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        store_fail(query->conn, sql_rows[query->id].what, err);
    query_end(query);
    return rc == SQLITE_DONE ? 0 : -1;
}

int query_run(struct query *query, struct td_err *err)
{
    int rc = query_step(query, err);

    if (rc > 0)
        query_end(query);
    return rc < 0 ? -1 : 0;
}

int query_single(struct conn *conn, enum sql id, int64_t *ret_value, struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, id, err) != 0)
        return -1;
    rc = query_step(&query, err);
    if (rc < 0)
        return -1;
    *ret_value = rc > 0 ? query_get_int(&query, 0) : 0;
    if (rc > 0)
        query_end(&query);
    return 0;
}
