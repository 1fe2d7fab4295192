/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob: a value is cut into parts of PART_BYTES with numbers in a row, so that reading from the
 * middle does not walk through what is before it.
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART_BYTES = 256 * 1024 };

static int remove_parts(struct conn *conn, int64_t first, int64_t parts, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_BLOB_REMOVE_PARTS, err) != 0)
        return -1;
    query_int(&query, first);
    query_int(&query, parts);
    return query_run(&query, err);
}

/* Removes the parts of a blob, if it is there; its row stays. */
static int empty(struct conn *conn, const char *name, struct td_err *err)
{
    struct query query;
    int64_t first, parts;
    int rc;

    if (query_begin(&query, conn, SQL_BLOB_FIND, err) != 0)
        return -1;
    query_text(&query, name);
    rc = query_step(&query, err);
    if (rc <= 0)
        return rc;
    first = query_get_int(&query, 2);
    parts = query_get_int(&query, 3);
    query_end(&query);
    return remove_parts(conn, first, parts, err);
}

static int put_part(struct conn *conn, int64_t id, struct td_bytes part, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_BLOB_PUT_PART, err) != 0)
        return -1;
    query_int(&query, id);
    query_bytes(&query, part);
    query_sum(&query);
    return query_run(&query, err);
}

static int put_row(struct conn *conn, const char *name, size_t size, int64_t first, int64_t parts,
                   struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_BLOB_PUT, err) != 0)
        return -1;
    query_text(&query, name);
    query_number(&query, size);
    query_int(&query, first);
    query_int(&query, parts);
    query_sum(&query);
    return query_run(&query, err);
}

static int put_with(struct conn *conn, const char *name, struct td_bytes value, struct td_err *err)
{
    int64_t first, parts = 0;

    if (empty(conn, name, err) != 0 || query_single(conn, SQL_BLOB_NEXT, &first, err) != 0)
        return -1;
    for (size_t at = 0; at < value.length; at += PART_BYTES, parts++) {
        size_t left = value.length - at;
        struct td_bytes part = { (const char *)value.data + at,
                                 left < PART_BYTES ? left : PART_BYTES };

        if (put_part(conn, first + parts, part, err) != 0)
            return -1;
    }
    return put_row(conn, name, value.length, first, parts, err);
}

static int put(struct td_ctx *ctx, const char *name, struct td_bytes value, struct td_err *err)
{
    struct conn *conn;

    if (check_name("blob", name, err) != 0 || check_value(value, err) != 0)
        return -1;
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL)
        return -1;
    return txn_end(ctx, put_with(conn, name, value, err), err);
}

/* What is asked for, cut to what there is, and the copy while it fills. */
struct piece {
    uint64_t from, total;
    size_t length, filled;
    char *data;
};

static int begin_piece(struct piece *piece, uint64_t total, struct td_err *err)
{
    if (piece->from > total)
        piece->from = total;
    if (piece->length > total - piece->from)
        piece->length = (size_t)(total - piece->from);
    piece->total = total;
    piece->data = malloc(piece->length + 1);
    if (piece->data == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a value of %zu bytes", piece->length);
    piece->data[piece->length] = '\0';
    return 0;
}

/* Copies what the piece wants of part `number`; the parts come in their order. */
static void add_part(struct piece *piece, uint64_t number, struct td_bytes part)
{
    uint64_t at = piece->from + piece->filled, begin = number * PART_BYTES;
    size_t want = piece->length - piece->filled, skip;

    if (at < begin || at - begin >= part.length)
        return;
    skip = (size_t)(at - begin);
    if (want > part.length - skip)
        want = part.length - skip;
    memcpy(piece->data + piece->filled, (const char *)part.data + skip, want);
    piece->filled += want;
}

/* The first row of a blob: its size, when the blob's own row is as it was written. */
static int begin_parts(const struct query *query, const char *name, struct piece *piece,
                       struct td_err *err)
{
    char row[TD_NAME_MAX + 3];

    snprintf(row, sizeof(row), "'%s'", name);
    if (query_get_int(query, 5) == 0)
        return fail_damaged(query->conn, "blob", row, err);
    return begin_piece(piece, query_get_number(query, 4), err);
}

/* Each row is one part, or none, then what the blob's row says. */
static int read_parts(struct query *query, const char *name, struct piece *piece,
                      struct td_err *err)
{
    int rc;

    while ((rc = query_step(query, err)) > 0) {
        if (piece->data == NULL && begin_parts(query, name, piece, err) != 0) {
            query_end(query);
            return -1;
        }
        if (sqlite3_column_type(query->stmt, 0) != SQLITE_NULL)
            add_part(piece, query_get_number(query, 3), query_get_bytes(query, 1));
    }
    if (rc < 0)
        return -1;
    if (piece->data == NULL)
        return td_fail(err, TD_E_NOTFOUND, "blob \"%s\" is not there", name);
    if (piece->filled != piece->length)
        return td_fail(err, TD_E_CORRUPT,
                       "blob \"%s\" of store \"%s\" has %zu bytes where %zu should "
                       "be",
                       name, query->conn->store->file, piece->filled, piece->length);
    return 0;
}

static int get_with(struct conn *conn, const char *name, struct piece *piece, struct td_err *err)
{
    uint64_t last = piece->length != 0 ? piece->from + piece->length - 1 : piece->from;
    struct query query;

    if (last < piece->from || last > TD_VALUE_MAX)
        last = TD_VALUE_MAX;
    if (query_begin(&query, conn, SQL_BLOB_GET, err) != 0)
        return -1;
    query_text(&query, name);
    query_number(&query, piece->from <= TD_VALUE_MAX ? piece->from / PART_BYTES : TD_VALUE_MAX);
    query_number(&query, last / PART_BYTES);
    return read_parts(&query, name, piece, err);
}

static int get(struct td_ctx *ctx, const char *name, uint64_t offset, size_t length,
               void **ret_value, size_t *ret_length, uint64_t *ret_total, struct td_err *err)
{
    struct piece piece = { .from = offset, .length = length };
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("blob", name, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = get_with(conn, name, &piece, err);
    reader_give(store, conn);
    if (rc != 0) {
        free(piece.data);
        return -1;
    }
    *ret_value = piece.data;
    *ret_length = piece.length;
    *ret_total = piece.total;
    return 0;
}

static int remove_with(struct conn *conn, const char *name, struct td_err *err)
{
    struct query query;

    if (empty(conn, name, err) != 0 || query_begin(&query, conn, SQL_BLOB_REMOVE, err) != 0)
        return -1;
    query_text(&query, name);
    return query_run(&query, err);
}

static int remove_blob(struct td_ctx *ctx, const char *name, struct td_err *err)
{
    struct conn *conn;

    if (check_name("blob", name, err) != 0)
        return -1;
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL)
        return -1;
    return txn_end(ctx, remove_with(conn, name, err), err);
}

const struct td_blob store_blob = {
    TD_SIZE(struct td_blob),
    .put = put,
    .get = get,
    .remove = remove_blob,
};
