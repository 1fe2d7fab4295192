/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topic: messages by topic and number. The last number is kept by itself, so that trimming does not
 * take it back.
 */
#include "store.h"

static int next_number(struct conn *conn, int64_t topic, uint64_t *ret_number, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_TOPIC_NEXT, err) != 0)
        return -1;
    query_int(&query, topic);
    if (query_step(&query, err) < 0)
        return -1;
    *ret_number = query_get_number(&query, 0);
    query_end(&query);
    return 0;
}

int topic_publish(struct conn *conn, struct td_op *op, struct td_err *err)
{
    struct query query;
    uint64_t number;
    int64_t topic;

    if (check_name("topic", op->space, err) != 0 || check_value(op->value, err) != 0 ||
        name_id(conn, op->space, &topic, err) != 0 || next_number(conn, topic, &number, err) != 0 ||
        query_begin(&query, conn, SQL_TOPIC_ADD, err) != 0)
        return -1;
    query_int(&query, topic);
    query_number(&query, number);
    query_int(&query, op->time_us);
    query_bytes(&query, op->value);
    query_sum(&query);
    return query_run(&query, err);
}

static int read_with(struct conn *conn, const char *name, uint64_t after, uint32_t limit,
                     td_item_fn *fn, void *arg, struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, SQL_TOPIC_READ, err) != 0)
        return -1;
    query_text(&query, name);
    query_number(&query, after <= INT64_MAX ? after : INT64_MAX);
    query_int(&query, limit != 0 ? (int64_t)limit : -1);
    while ((rc = query_step(&query, err)) > 0)
        if (fn(arg, query_get_number(&query, 1), query_get_bytes(&query, 3),
               query_get_int(&query, 2)) != 0)
            break;
    if (rc > 0)
        query_end(&query);
    return rc < 0 ? -1 : 0;
}

static int read_topic(struct td_ctx *ctx, const char *name, uint64_t after, uint32_t limit,
                      td_item_fn *fn, void *arg, struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("topic", name, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = read_with(conn, name, after, limit, fn, arg, err);
    reader_give(store, conn);
    return rc;
}

static int last_with(struct conn *conn, const char *name, uint64_t *ret_seq, struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, SQL_TOPIC_LAST, err) != 0)
        return -1;
    query_text(&query, name);
    rc = query_step(&query, err);
    if (rc < 0)
        return -1;
    *ret_seq = rc > 0 ? query_get_number(&query, 0) : 0;
    if (rc > 0)
        query_end(&query);
    return 0;
}

static int last(struct td_ctx *ctx, const char *name, uint64_t *ret_seq, struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("topic", name, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = last_with(conn, name, ret_seq, err);
    reader_give(store, conn);
    return rc;
}

static int trim_with(struct conn *conn, const char *name, uint64_t up_to, struct td_err *err)
{
    struct query query;
    int64_t topic;

    if (name_id(conn, name, &topic, err) != 0 ||
        query_begin(&query, conn, SQL_TOPIC_TRIM, err) != 0)
        return -1;
    query_int(&query, topic);
    query_number(&query, up_to <= INT64_MAX ? up_to : INT64_MAX);
    return query_run(&query, err);
}

static int trim(struct td_ctx *ctx, const char *name, uint64_t up_to, struct td_err *err)
{
    struct conn *conn;

    if (check_name("topic", name, err) != 0)
        return -1;
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL)
        return -1;
    return txn_end(ctx, trim_with(conn, name, up_to, err), err);
}

const struct td_topic store_topic = {
    TD_SIZE(struct td_topic),
    .read = read_topic,
    .last = last,
    .trim = trim,
};
