/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kv: records in one table, in the order of their keys within a space.
 */
#include "store.h"

#include <string.h>

static bool is_live(int64_t expires_us, int64_t now_us)
{
    return expires_us <= 0 || now_us == 0 || expires_us > now_us;
}

/* *ret_version: TD_VERSION_ABSENT when there is none, or it has expired by now_us. */
static int read_version(struct conn *conn, int64_t space, const struct td_op *op,
                        uint64_t *ret_version, struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, SQL_KV_VERSION, err) != 0)
        return -1;
    query_int(&query, space);
    query_text(&query, op->key);
    rc = query_step(&query, err);
    if (rc < 0)
        return -1;
    *ret_version = TD_VERSION_ABSENT;
    if (rc == 0)
        return 0;
    if (is_live(query_get_int(&query, 1), op->time_us))
        *ret_version = query_get_number(&query, 0);
    query_end(&query);
    return 0;
}

static int check_expected(const struct td_op *op, uint64_t version, struct td_err *err)
{
    if (op->version == TD_VERSION_ANY || op->version == version)
        return 0;
    if (version == TD_VERSION_ABSENT)
        return td_fail(err, TD_E_CONFLICT,
                       "record \"%s\" of space \"%s\" is not there, expected "
                       "version %llu",
                       op->key, op->space, (unsigned long long)op->version);
    return td_fail(err, TD_E_CONFLICT,
                   "record \"%s\" of space \"%s\" has version %llu, expected %llu", op->key,
                   op->space, (unsigned long long)version, (unsigned long long)op->version);
}

/* Finds the space and the record's version, and checks it. */
static int look_up(struct conn *conn, const struct td_op *op, int64_t *ret_space,
                   uint64_t *ret_version, struct td_err *err)
{
    if (check_name("space", op->space, err) != 0 || check_name("key", op->key, err) != 0 ||
        name_id(conn, op->space, ret_space, err) != 0 ||
        read_version(conn, *ret_space, op, ret_version, err) != 0)
        return -1;
    return check_expected(op, *ret_version, err);
}

int kv_guard(struct conn *conn, struct td_op *op, struct td_err *err)
{
    uint64_t version;
    int64_t space;

    return look_up(conn, op, &space, &version, err);
}

int kv_put(struct conn *conn, struct td_op *op, struct td_err *err)
{
    struct query query;
    uint64_t version;
    int64_t space;

    if (check_value(op->value, err) != 0 || look_up(conn, op, &space, &version, err) != 0 ||
        query_begin(&query, conn, SQL_KV_PUT, err) != 0)
        return -1;
    query_int(&query, space);
    query_text(&query, op->key);
    query_number(&query, version + 1);
    query_int(&query, op->expires_us > 0 ? op->expires_us : 0);
    query_bytes(&query, op->value);
    query_sum(&query);
    if (query_run(&query, err) != 0)
        return -1;
    op->ret_version = version + 1;
    return 0;
}

int kv_delete(struct conn *conn, struct td_op *op, struct td_err *err)
{
    struct query query;
    uint64_t version;
    int64_t space;

    if (look_up(conn, op, &space, &version, err) != 0 ||
        query_begin(&query, conn, SQL_KV_DELETE, err) != 0)
        return -1;
    query_int(&query, space);
    query_text(&query, op->key);
    return query_run(&query, err);
}

static int get_with(struct conn *conn, const char *space, const char *key, int64_t now_us,
                    void **ret_value, size_t *ret_length, uint64_t *ret_version, struct td_err *err)
{
    struct query query;
    struct td_bytes value;
    void *copy;
    int rc;

    if (query_begin(&query, conn, SQL_KV_GET, err) != 0)
        return -1;
    query_text(&query, space);
    query_text(&query, key);
    rc = query_step(&query, err);
    if (rc < 0)
        return -1;
    if (rc == 0 || !is_live(query_get_int(&query, 3), now_us)) {
        query_end(&query);
        return td_fail(err, TD_E_NOTFOUND, "record \"%s\" of space \"%s\" is not there", key,
                       space);
    }
    value = query_get_bytes(&query, 4);
    copy = copy_value(value.data, value.length, err);
    if (copy != NULL) {
        *ret_value = copy;
        *ret_length = value.length;
        *ret_version = query_get_number(&query, 2);
    }
    query_end(&query);
    return copy != NULL ? 0 : -1;
}

static int get(struct td_ctx *ctx, const char *space, const char *key, int64_t now_us,
               void **ret_value, size_t *ret_length, uint64_t *ret_version, struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("space", space, err) != 0 || check_name("key", key, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = get_with(conn, space, key, now_us, ret_value, ret_length, ret_version, err);
    reader_give(store, conn);
    return rc;
}

/* The keys of a scan: low <= key < high. No high end: any text is less than any blob. */
struct range {
    char low[TD_NAME_MAX + 2], high[TD_NAME_MAX + 2];
    bool has_high;
};

/* The first text that is greater than all with this prefix: its last byte is one more. */
static void set_end(struct range *range, const char *prefix)
{
    size_t length = strlen(prefix);

    strcpy(range->high, prefix);
    while (length > 0 && (unsigned char)range->high[length - 1] == 0xFFU)
        length--;
    range->high[length] = '\0';
    range->has_high = length > 0;
    if (length > 0)
        range->high[length - 1]++;
}

static void set_range(struct range *range, const char *prefix, const char *after, bool is_down)
{
    strcpy(range->low, prefix);
    set_end(range, prefix);
    if (after == NULL)
        return;
    if (is_down && (!range->has_high || strcmp(after, range->high) < 0)) {
        strcpy(range->high, after);
        range->has_high = true;
    }
    if (!is_down && strcmp(after, prefix) >= 0) {
        strcpy(range->low, after);
        strcat(range->low, "\x01"); /* the next text: keys hold no NUL */
    }
}

static int scan_with(struct query *query, const char *space, const struct range *range,
                     uint32_t limit, int64_t now_us, td_kv_fn *fn, void *arg, struct td_err *err)
{
    uint32_t left = limit != 0 ? limit : UINT32_MAX;
    int rc = 0;

    query_text(query, space);
    query_text(query, range->low);
    if (range->has_high)
        query_text(query, range->high);
    else
        query_bytes(query, (struct td_bytes){ NULL, 0 });
    while (left > 0 && (rc = query_step(query, err)) > 0) {
        const char *key = (const char *)sqlite3_column_text(query->stmt, 1);

        if (!is_live(query_get_int(query, 3), now_us))
            continue;
        left--;
        if (fn(arg, key, query_get_bytes(query, 4), query_get_number(query, 2)) != 0)
            break;
    }
    query_end(query);
    return rc < 0 ? -1 : 0;
}

static int scan(struct td_ctx *ctx, const char *space, const char *prefix, const char *after,
                uint32_t limit, uint32_t flags, int64_t now_us, td_kv_fn *fn, void *arg,
                struct td_err *err)
{
    struct store *store = td_self(ctx);
    bool is_down = (flags & TD_SCAN_DOWN) != 0;
    struct td_err damage = { 0 };
    struct range range;
    struct query query;
    struct conn *conn;
    int rc;

    if (check_name("space", space, err) != 0 ||
        (prefix != NULL && *prefix != '\0' && check_name("prefix", prefix, err) != 0) ||
        (after != NULL && *after != '\0' && check_name("key", after, err) != 0))
        return -1;
    set_range(&range, prefix != NULL ? prefix : "", after, is_down);
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = query_begin(&query, conn, is_down ? SQL_KV_SCAN_DOWN : SQL_KV_SCAN_UP, err);
    if (rc == 0 && (flags & TD_SCAN_SOUND) != 0)
        query_pass_damage(&query, &damage);
    if (rc == 0)
        rc = scan_with(&query, space, &range, limit, now_us, fn, arg, err);
    reader_give(store, conn);
    warn_damage(ctx, &damage);
    return rc;
}

static int expire_with(struct conn *conn, int64_t now_us, uint32_t limit, uint32_t *ret_count,
                       struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_KV_EXPIRE, err) != 0)
        return -1;
    query_int(&query, now_us);
    query_int(&query, limit != 0 ? (int64_t)limit : -1);
    if (query_run(&query, err) != 0)
        return -1;
    *ret_count = (uint32_t)sqlite3_changes(conn->db);
    return 0;
}

static int expire(struct td_ctx *ctx, int64_t now_us, uint32_t limit, uint32_t *ret_count,
                  struct td_err *err)
{
    struct conn *conn = txn_begin(td_self(ctx), err);
    uint32_t count = 0;

    if (conn == NULL || txn_end(ctx, expire_with(conn, now_us, limit, &count, err), err) != 0)
        return -1;
    *ret_count = count;
    return 0;
}

const struct td_kv store_kv = {
    TD_SIZE(struct td_kv),
    .get = get,
    .scan = scan,
    .expire = expire,
};
