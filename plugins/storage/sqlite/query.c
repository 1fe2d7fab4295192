/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query: one use of a prepared statement. A failure to bind is kept and told by the step, so that
 * binding is one line each.
 */
#include "store.h"

int query_begin(struct query *query, struct conn *conn, enum sql id, struct td_err *err)
{
    sqlite3_stmt **stmt = &conn->stmts[id];

    if (*stmt == NULL && sqlite3_prepare_v3(conn->db, sql_rows[id].text, -1,
                                            SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK)
        return store_fail(conn, sql_rows[id].what, err);
    *query = (struct query){ .conn = conn, .stmt = *stmt, .id = id };
    return 0;
}

void query_int(struct query *query, int64_t value)
{
    if (query->rc == SQLITE_OK)
        query->rc = sqlite3_bind_int64(query->stmt, ++query->count, value);
}

void query_number(struct query *query, uint64_t value)
{
    query_int(query, (int64_t)value);
}

void query_text(struct query *query, const char *text)
{
    if (query->rc == SQLITE_OK)
        query->rc = sqlite3_bind_text(query->stmt, ++query->count, text, -1, SQLITE_STATIC);
}

void query_bytes(struct query *query, struct td_bytes value)
{
    const void *data = value.length != 0 ? value.data : ""; /* NULL would be stored as null */

    if (query->rc == SQLITE_OK)
        query->rc =
            sqlite3_bind_blob64(query->stmt, ++query->count, data, value.length, SQLITE_STATIC);
}

void query_end(struct query *query)
{
    sqlite3_reset(query->stmt);
}

int query_step(struct query *query, struct td_err *err)
{
    int rc = query->rc != SQLITE_OK ? query->rc : sqlite3_step(query->stmt);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
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
