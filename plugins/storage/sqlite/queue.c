/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue: an item waits (until `ready`) or is ready; each state has an index in the order it is
 * asked for. A claim makes what has become due ready first, so an item is moved once per wait and a
 * claim costs the same however many wait.
 */
#include "store.h"

#include <stdlib.h>

int queue_push(struct conn *conn, struct td_op *op, struct td_err *err)
{
    struct query query;
    int64_t queue, item;

    if (check_name("queue", op->space, err) != 0 || check_value(op->value, err) != 0 ||
        name_id(conn, op->space, &queue, err) != 0 ||
        query_single(conn, SQL_QUEUE_NUMBER, &item, err) != 0 ||
        query_begin(&query, conn, SQL_QUEUE_PUSH, err) != 0)
        return -1;
    query_int(&query, item);
    query_int(&query, queue);
    query_int(&query, op->priority);
    query_bytes(&query, op->value);
    query_sum(&query);
    query_int(&query, op->time_us > 0);
    query_int(&query, op->time_us);
    if (query_run(&query, err) != 0)
        return -1;
    op->ret_version = (uint64_t)item;
    return 0;
}

/* Does this claim still have the item? err TD_E_CONFLICT */
static int check_claim(struct conn *conn, const char *name, uint64_t item, uint64_t claim,
                       struct td_err *err)
{
    struct query query;
    int64_t queue;
    int rc = 0;

    if (name_id(conn, name, &queue, err) != 0)
        return -1;
    if (claim != 0) {
        if (query_begin(&query, conn, SQL_QUEUE_HOLDS, err) != 0)
            return -1;
        query_number(&query, item);
        query_int(&query, queue);
        query_number(&query, claim);
        rc = query_step(&query, err);
    }
    if (rc > 0)
        query_end(&query);
    if (rc == 0)
        td_fail(err, TD_E_CONFLICT, "item %llu of queue \"%s\" is not held by claim %llu",
                (unsigned long long)item, name, (unsigned long long)claim);
    return rc > 0 ? 0 : -1;
}

int queue_ack(struct conn *conn, struct td_op *op, struct td_err *err)
{
    struct query query;

    if (check_name("queue", op->space, err) != 0 ||
        check_claim(conn, op->space, op->token, op->version, err) != 0 ||
        query_begin(&query, conn, SQL_QUEUE_REMOVE, err) != 0)
        return -1;
    query_number(&query, op->token);
    return query_run(&query, err);
}

/* Looks with a reader, so that asking an idle queue takes no lock. 1: something may be ready. */
static int peek(struct store *store, const char *name, int64_t now_us, struct td_err *err)
{
    struct conn *conn = reader_take(store, err);
    struct query query;
    int rc = -1;

    if (conn == NULL)
        return -1;
    if (query_begin(&query, conn, SQL_QUEUE_PEEK, err) == 0) {
        query_text(&query, name);
        query_int(&query, now_us);
        rc = query_step(&query, err);
        if (rc > 0) {
            rc = (int)query_get_int(&query, 0);
            query_end(&query);
        }
    }
    reader_give(store, conn);
    return rc;
}

static int promote(struct conn *conn, int64_t queue, int64_t now_us, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_QUEUE_PROMOTE, err) != 0)
        return -1;
    query_int(&query, queue);
    query_int(&query, now_us);
    return query_run(&query, err);
}

struct claimed {
    uint64_t item, claim;
    uint32_t claims;
    void *value;
    size_t length;
};

static int read_next(struct conn *conn, int64_t queue, const char *name,
                     struct claimed *ret_claimed, struct td_err *err)
{
    struct query query;
    struct td_bytes value;
    int rc;

    if (query_begin(&query, conn, SQL_QUEUE_NEXT, err) != 0)
        return -1;
    query_int(&query, queue);
    rc = query_step(&query, err);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return td_fail(err, TD_E_NOTFOUND, "nothing is ready in queue \"%s\"", name);
    value = query_get_bytes(&query, 3);
    *ret_claimed = (struct claimed){
        .item = query_get_number(&query, 0),
        .claim = query_get_number(&query, 5),
        .claims = (uint32_t)query_get_int(&query, 6),
        .value = copy_value(value.data, value.length, err),
        .length = value.length,
    };
    query_end(&query);
    return ret_claimed->value != NULL ? 0 : -1;
}

static int claim_with(struct conn *conn, const char *name, int64_t now_us, int64_t until_us,
                      struct claimed *ret_claimed, struct td_err *err)
{
    struct query query;
    int64_t queue;

    if (name_id(conn, name, &queue, err) != 0 || promote(conn, queue, now_us, err) != 0 ||
        read_next(conn, queue, name, ret_claimed, err) != 0 ||
        query_begin(&query, conn, SQL_QUEUE_CLAIM, err) != 0)
        return -1;
    query_number(&query, ret_claimed->item);
    query_int(&query, until_us);
    return query_run(&query, err);
}

static int claim(struct td_ctx *ctx, const char *name, int64_t now_us, int64_t until_us,
                 uint64_t *ret_item, uint64_t *ret_claim, uint32_t *ret_claims, void **ret_value,
                 size_t *ret_length, struct td_err *err)
{
    struct claimed claimed = { 0 };
    struct conn *conn;
    int rc;

    if (check_name("queue", name, err) != 0)
        return -1;
    if (until_us <= now_us)
        return td_fail(err, TD_E_INVAL, "claim in queue \"%s\" ends before it begins", name);
    rc = peek(td_self(ctx), name, now_us, err);
    if (rc == 0)
        return td_fail(err, TD_E_NOTFOUND, "nothing is ready in queue \"%s\"", name);
    conn = rc > 0 ? txn_begin(td_self(ctx), err) : NULL;
    if (conn == NULL)
        return -1;
    if (txn_end(ctx, claim_with(conn, name, now_us, until_us, &claimed, err), err) != 0) {
        free(claimed.value);
        return -1;
    }
    *ret_item = claimed.item;
    *ret_claim = claimed.claim;
    *ret_claims = claimed.claims;
    *ret_value = claimed.value;
    *ret_length = claimed.length;
    return 0;
}

static int move_with(struct conn *conn, const char *name, uint64_t item, uint64_t claim_number,
                     int64_t until_us, bool is_release, struct td_err *err)
{
    struct query query;

    if (check_claim(conn, name, item, claim_number, err) != 0 ||
        query_begin(&query, conn, SQL_QUEUE_MOVE, err) != 0)
        return -1;
    query_number(&query, item);
    query_int(&query, until_us);
    query_int(&query, is_release);
    return query_run(&query, err);
}

/* Release is an extension that also ends the claim. */
static int move(struct td_ctx *ctx, const char *name, uint64_t item, uint64_t claim_number,
                int64_t until_us, bool is_release, struct td_err *err)
{
    struct conn *conn;

    if (check_name("queue", name, err) != 0)
        return -1;
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL)
        return -1;
    return txn_end(ctx, move_with(conn, name, item, claim_number, until_us, is_release, err), err);
}

static int release(struct td_ctx *ctx, const char *name, uint64_t item, uint64_t claim_number,
                   int64_t until_us, struct td_err *err)
{
    return move(ctx, name, item, claim_number, until_us, true, err);
}

static int extend(struct td_ctx *ctx, const char *name, uint64_t item, uint64_t claim_number,
                  int64_t until_us, struct td_err *err)
{
    return move(ctx, name, item, claim_number, until_us, false, err);
}

static int count_with(struct conn *conn, const char *name, uint64_t *ret_count, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_QUEUE_COUNT, err) != 0)
        return -1;
    query_text(&query, name);
    if (query_step(&query, err) < 0)
        return -1;
    *ret_count = query_get_number(&query, 0);
    query_end(&query);
    return 0;
}

static int count_items(struct td_ctx *ctx, const char *name, uint64_t *ret_count,
                       struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("queue", name, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = count_with(conn, name, ret_count, err);
    reader_give(store, conn);
    return rc;
}

const struct td_queue store_queue = {
    TD_SIZE(struct td_queue), .claim = claim,       .release = release,
    .extend = extend,         .count = count_items,
};
