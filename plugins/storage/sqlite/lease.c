/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease: one row per lease that is held or ran out. Tokens come from one counter for all leases, so
 * they grow across release, too, and a released lease needs no row.
 */
#include "store.h"

#include <string.h>

struct held {
    uint64_t token; /* 0: nobody holds it */
    char holder[TD_NAME_MAX + 1];
};

/* Who holds the lease at now_us; INT64_MIN: at any time, also if it ran out. */
static int read_held(struct conn *conn, const char *name, int64_t now_us, struct held *ret_held,
                     struct td_err *err)
{
    struct query query;
    int rc;

    ret_held->token = 0;
    ret_held->holder[0] = '\0';
    if (query_begin(&query, conn, SQL_LEASE_GET, err) != 0)
        return -1;
    query_text(&query, name);
    rc = query_step(&query, err);
    if (rc <= 0)
        return rc;
    if (query_get_int(&query, 1) > now_us) {
        ret_held->token = query_get_number(&query, 0);
        strncat(ret_held->holder, (const char *)sqlite3_column_text(query.stmt, 2), TD_NAME_MAX);
    }
    query_end(&query);
    return 0;
}

/* Refuses a token that does not hold the lease, and says who does. */
static int check_token(struct conn *conn, const char *name, uint64_t token, int64_t now_us,
                       struct td_err *err)
{
    struct held held;

    if (read_held(conn, name, now_us, &held, err) != 0)
        return -1;
    if (held.token == 0)
        return td_fail(err, TD_E_CONFLICT, "lease \"%s\" is no longer held by token %llu", name,
                       (unsigned long long)token);
    if (held.token != token)
        return td_fail(err, TD_E_CONFLICT,
                       "lease \"%s\" is held by \"%s\" with token %llu, not %llu", name,
                       held.holder, (unsigned long long)held.token, (unsigned long long)token);
    return 0;
}

int lease_guard(struct conn *conn, struct td_op *op, struct td_err *err)
{
    if (check_name("lease", op->key, err) != 0)
        return -1;
    return check_token(conn, op->key, op->token, op->time_us, err);
}

static int extend(struct conn *conn, const char *name, int64_t until_us, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_LEASE_EXTEND, err) != 0)
        return -1;
    query_text(&query, name);
    query_int(&query, until_us);
    return query_run(&query, err);
}

static int take(struct conn *conn, const char *name, const char *holder, int64_t until_us,
                uint64_t *ret_token, struct td_err *err)
{
    struct query query;
    int64_t token;

    if (query_single(conn, SQL_LEASE_TOKEN, &token, err) != 0 ||
        query_begin(&query, conn, SQL_LEASE_PUT, err) != 0)
        return -1;
    query_text(&query, name);
    query_int(&query, token);
    query_int(&query, until_us);
    query_text(&query, holder);
    if (query_run(&query, err) != 0)
        return -1;
    *ret_token = (uint64_t)token;
    return 0;
}

static int acquire_with(struct conn *conn, const char *name, const char *holder, int64_t now_us,
                        int64_t until_us, uint64_t *ret_token, struct td_err *err)
{
    struct held held;

    if (read_held(conn, name, now_us, &held, err) != 0)
        return -1;
    if (held.token == 0)
        return take(conn, name, holder, until_us, ret_token, err);
    if (strcmp(held.holder, holder) != 0)
        return td_fail(err, TD_E_CONFLICT, "lease \"%s\" is held by \"%s\"", name, held.holder);
    *ret_token = held.token;
    return extend(conn, name, until_us, err);
}

static int check_times(const char *name, int64_t now_us, int64_t until_us, struct td_err *err)
{
    if (check_name("lease", name, err) != 0)
        return -1;
    if (until_us <= now_us)
        return td_fail(err, TD_E_INVAL, "lease \"%s\" would end before it begins", name);
    return 0;
}

static int acquire(struct td_ctx *ctx, const char *name, const char *holder, int64_t now_us,
                   int64_t until_us, uint64_t *ret_token, struct td_err *err)
{
    struct conn *conn;
    uint64_t token;

    if (check_times(name, now_us, until_us, err) != 0 || check_name("holder", holder, err) != 0)
        return -1;
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL ||
        txn_end(ctx, acquire_with(conn, name, holder, now_us, until_us, &token, err), err) != 0)
        return -1;
    *ret_token = token;
    return 0;
}

static int renew(struct td_ctx *ctx, const char *name, uint64_t token, int64_t now_us,
                 int64_t until_us, struct td_err *err)
{
    struct conn *conn;
    int rc;

    if (check_times(name, now_us, until_us, err) != 0)
        return -1;
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL)
        return -1;
    rc = check_token(conn, name, token, now_us, err);
    if (rc == 0)
        rc = extend(conn, name, until_us, err);
    return txn_end(ctx, rc, err);
}

static int remove_lease(struct conn *conn, const char *name, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_LEASE_REMOVE, err) != 0)
        return -1;
    query_text(&query, name);
    return query_run(&query, err);
}

static int release(struct td_ctx *ctx, const char *name, uint64_t token, struct td_err *err)
{
    struct conn *conn;
    int rc;

    if (check_name("lease", name, err) != 0)
        return -1;
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL)
        return -1;
    rc = check_token(conn, name, token, INT64_MIN, err);
    if (rc == 0)
        rc = remove_lease(conn, name, err);
    return txn_end(ctx, rc, err);
}

const struct td_lease store_lease = {
    TD_SIZE(struct td_lease),
    .acquire = acquire,
    .renew = renew,
    .release = release,
};
