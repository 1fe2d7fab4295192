/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: all logs are rows of one table that only grows at its end. A run's rows are a chain by their
 * column `before`; the one index, from run to row, is a table that is touched only when a row asks
 * for it.
 *
 * Numbers are given within the transaction: one more than the largest there, or than the largest
 * that was ever pruned (counter 'log'), so none is given twice.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

enum { PRUNE_ROWS = 1000 }; /* per transaction */

static int check(const struct td_op *op, struct td_err *err)
{
    const uint32_t both = TD_APPEND_INDEX | TD_APPEND_FORGET;

    if (check_name("log", op->space, err) != 0 || check_value(op->value, err) != 0)
        return -1;
    if (op->node != NULL && strlen(op->node) > TD_NAME_MAX)
        return td_fail(err, TD_E_INVAL, "node of %zu bytes, at most %d are allowed",
                       strlen(op->node), TD_NAME_MAX);
    if (op->run == 0)
        return td_fail(err, TD_E_INVAL, "row of log \"%s\" has no run", op->space);
    if ((op->flags & both) == both)
        return td_fail(err, TD_E_INVAL, "row of log \"%s\" is to be both indexed and forgotten",
                       op->space);
    return 0;
}

static int next_seq(struct conn *conn, uint64_t *ret_seq, struct td_err *err)
{
    struct store *store = conn->store;
    int64_t next;

    if (store->next_seq == 0) {
        if (query_single(conn, SQL_LOG_NEXT, &next, err) != 0)
            return -1;
        store->next_seq = (uint64_t)next;
    }
    *ret_seq = store->next_seq++;
    return 0;
}

static int remove_entry(struct conn *conn, int64_t log, uint64_t run, struct td_err *err)
{
    struct query query;

    if (query_begin(&query, conn, SQL_INDEX_REMOVE, err) != 0)
        return -1;
    query_int(&query, log);
    query_number(&query, run);
    return query_run(&query, err);
}

static int change_index(struct conn *conn, int64_t log, const struct td_op *op, uint64_t seq,
                        struct td_err *err)
{
    struct query query;

    if ((op->flags & TD_APPEND_FORGET) != 0)
        return remove_entry(conn, log, op->run, err);
    if ((op->flags & TD_APPEND_INDEX) == 0)
        return 0;
    if (query_begin(&query, conn, SQL_INDEX_PUT, err) != 0)
        return -1;
    query_int(&query, log);
    query_number(&query, op->run);
    query_number(&query, seq);
    return query_run(&query, err);
}

int log_append(struct conn *conn, struct td_op *op, struct td_err *err)
{
    struct query query;
    uint64_t seq;
    int64_t log;

    if (check(op, err) != 0 || name_id(conn, op->space, &log, err) != 0 ||
        next_seq(conn, &seq, err) != 0 || query_begin(&query, conn, SQL_LOG_APPEND, err) != 0)
        return -1;
    query_number(&query, seq);
    query_int(&query, log);
    query_number(&query, op->run);
    query_int(&query, op->type);
    query_text(&query, op->node);
    query_int(&query, op->time_us);
    query_number(&query, op->head != NULL ? *op->head : 0);
    query_bytes(&query, op->value);
    query_sum(&query);
    if (query_run(&query, err) != 0 || change_index(conn, log, op, seq, err) != 0)
        return -1;
    op->ret_version = seq;
    if (op->head != NULL)
        *op->head = seq;
    return 0;
}

static int tell(const struct query *query, td_row_fn *fn, void *arg)
{
    const struct td_row row = {
        TD_SIZE(struct td_row),
        .seq = query_get_number(query, 0),
        .run = query_get_number(query, 2),
        .type = (uint32_t)query_get_int(query, 3),
        .node = (const char *)sqlite3_column_text(query->stmt, 4),
        .time_us = query_get_int(query, 5),
        .before = query_get_number(query, 6),
        .value = query_get_bytes(query, 7),
    };

    return fn(arg, &row);
}

static int scan_with(struct conn *conn, const char *log, uint64_t from, uint64_t run, td_row_fn *fn,
                     void *arg, struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, run != 0 ? SQL_LOG_SCAN_RUN : SQL_LOG_SCAN, err) != 0)
        return -1;
    query_text(&query, log);
    query_number(&query, from <= INT64_MAX ? from : INT64_MAX);
    if (run != 0)
        query_number(&query, run);
    while ((rc = query_step(&query, err)) > 0)
        if (tell(&query, fn, arg) != 0)
            break;
    if (rc > 0)
        query_end(&query);
    return rc < 0 ? -1 : 0;
}

static int scan(struct td_ctx *ctx, const char *log, uint64_t from, uint64_t run, td_row_fn *fn,
                void *arg, struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("log", log, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = scan_with(conn, log, from, run, fn, arg, err);
    reader_give(store, conn);
    return rc;
}

static int read_with(struct conn *conn, const char *log, uint64_t seq, td_row_fn *fn, void *arg,
                     struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, SQL_LOG_READ, err) != 0)
        return -1;
    query_text(&query, log);
    query_number(&query, seq);
    rc = query_step(&query, err);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return td_fail(err, TD_E_NOTFOUND, "row %llu of log \"%s\" is not there",
                       (unsigned long long)seq, log);
    tell(&query, fn, arg);
    query_end(&query);
    return 0;
}

static int read_row(struct td_ctx *ctx, const char *log, uint64_t seq, td_row_fn *fn, void *arg,
                    struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("log", log, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = read_with(conn, log, seq, fn, arg, err);
    reader_give(store, conn);
    return rc;
}

static int index_with(struct conn *conn, const char *log, uint64_t run, td_index_fn *fn, void *arg,
                      struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, run != 0 ? SQL_INDEX_RUN : SQL_INDEX_ALL, err) != 0)
        return -1;
    query_text(&query, log);
    if (run != 0)
        query_number(&query, run);
    while ((rc = query_step(&query, err)) > 0)
        if (fn(arg, query_get_number(&query, 0), query_get_number(&query, 1)) != 0)
            break;
    if (rc > 0)
        query_end(&query);
    return rc < 0 ? -1 : 0;
}

static int read_index(struct td_ctx *ctx, const char *log, uint64_t run, td_index_fn *fn, void *arg,
                      struct td_err *err)
{
    struct store *store = td_self(ctx);
    struct conn *conn;
    int rc;

    if (check_name("log", log, err) != 0)
        return -1;
    conn = reader_take(store, err);
    if (conn == NULL)
        return -1;
    rc = index_with(conn, log, run, fn, arg, err);
    reader_give(store, conn);
    return rc;
}

/* The rows a prune takes away, newest first. */
struct chain {
    const char *log;
    uint64_t run;
    uint64_t keep_from;
    uint64_t entry; /* the row of the run's index entry; 0: none */
    bool has_entry; /* that row is one of these */
    uint64_t *seqs;
    size_t count, room;
};

static int chain_add(struct chain *chain, uint64_t seq, struct td_err *err)
{
    size_t room = chain->room != 0 ? chain->room * 2 : 256;
    uint64_t *seqs;

    if (chain->count == chain->room) {
        seqs = realloc(chain->seqs, room * sizeof(*seqs));
        if (seqs == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a list of %zu rows", room);
        chain->seqs = seqs;
        chain->room = room;
    }
    chain->seqs[chain->count++] = seq;
    return 0;
}

/* 1: the row is of this run, *ret_before is the next; 0: it is not there. */
static int follow(struct conn *conn, const struct chain *chain, uint64_t seq, uint64_t *ret_before,
                  struct td_err *err)
{
    struct query query;
    int rc;

    if (query_begin(&query, conn, SQL_LOG_CHAIN, err) != 0)
        return -1;
    query_text(&query, chain->log);
    query_number(&query, seq);
    rc = query_step(&query, err);
    if (rc <= 0)
        return rc;
    *ret_before = query_get_number(&query, 0);
    if (query_get_number(&query, 1) != chain->run)
        rc = td_fail(err, TD_E_INVAL, "row %llu of log \"%s\" belongs to another run",
                     (unsigned long long)seq, chain->log);
    query_end(&query);
    return rc;
}

static int note_entry(void *arg, uint64_t run, uint64_t seq)
{
    struct chain *chain = arg;

    (void)run;
    chain->entry = seq;
    return 1;
}

/* head 0: from the row the index leads to. */
static int walk(struct conn *conn, struct chain *chain, uint64_t head, struct td_err *err)
{
    uint64_t before = 0;
    int rc = 1;

    if (index_with(conn, chain->log, chain->run, note_entry, chain, err) != 0)
        return -1;
    if (head == 0)
        head = chain->entry;
    for (; head > chain->keep_from; head = before) {
        rc = follow(conn, chain, head, &before, err);
        if (rc <= 0)
            return rc;
        if (chain_add(chain, head, err) != 0)
            return -1;
        chain->has_entry = chain->has_entry || head == chain->entry;
    }
    return 0;
}

/* Reads the chain with a reader: rows never change, so this needs no lock. */
static int read_chain(struct store *store, struct chain *chain, uint64_t head, struct td_err *err)
{
    struct conn *conn = reader_take(store, err);
    int rc;

    if (conn == NULL)
        return -1;
    rc = walk(conn, chain, head, err);
    reader_give(store, conn);
    return rc;
}

/* Pruning all forgets the run whatever its entry says; else the entry goes only if it still names a
 * row that goes. */
static int remove_chain_entry(struct conn *conn, int64_t log, const struct chain *chain,
                              struct td_err *err)
{
    struct query query;

    if (chain->keep_from == 0)
        return remove_entry(conn, log, chain->run, err);
    if (query_begin(&query, conn, SQL_INDEX_REMOVE_ROW, err) != 0)
        return -1;
    query_int(&query, log);
    query_number(&query, chain->run);
    query_number(&query, chain->entry);
    return query_run(&query, err);
}

/* Takes the `count` oldest rows of the chain away. */
static int remove_rows(struct conn *conn, const struct chain *chain, size_t count,
                       struct td_err *err)
{
    struct query query;

    for (size_t i = 1; i <= count; i++) {
        if (query_begin(&query, conn, SQL_LOG_REMOVE, err) != 0)
            return -1;
        query_number(&query, chain->seqs[chain->count - i]);
        if (query_run(&query, err) != 0)
            return -1;
    }
    return 0;
}

/* Before rows go: no later row gets the number of one that is gone. */
static int set_floor(struct conn *conn, struct td_err *err)
{
    struct query query;

    return query_begin(&query, conn, SQL_LOG_FLOOR, err) == 0 ? query_run(&query, err) : -1;
}

/* One transaction's part of a prune. The index entry goes with the last, as it leads to the rest
 * when the process ends in between. */
static int prune_some(struct conn *conn, const struct chain *chain, size_t count, bool with_entry,
                      struct td_err *err)
{
    int64_t log;

    if (name_id(conn, chain->log, &log, err) != 0 ||
        (with_entry && remove_chain_entry(conn, log, chain, err) != 0))
        return -1;
    return remove_rows(conn, chain, count, err);
}

static int prune_all(struct td_ctx *ctx, struct chain *chain, struct td_err *err)
{
    bool with_entry = chain->keep_from == 0 || chain->has_entry;

    while (chain->count > 0 || with_entry) {
        size_t count = chain->count < PRUNE_ROWS ? chain->count : PRUNE_ROWS;
        bool is_last = count == chain->count;
        struct conn *conn = txn_begin(td_self(ctx), err);

        if (conn == NULL)
            return -1;
        if (txn_end(ctx,
                    set_floor(conn, err) == 0
                        ? prune_some(conn, chain, count, with_entry && is_last, err)
                        : -1,
                    err) != 0)
            return -1;
        with_entry = with_entry && !is_last;
        chain->count -= count;
    }
    return 0;
}

static int prune(struct td_ctx *ctx, const char *log, uint64_t run, uint64_t head,
                 uint64_t keep_from, struct td_err *err)
{
    struct chain chain = { .log = log, .run = run, .keep_from = keep_from };
    int rc = -1;

    if (check_name("log", log, err) == 0 && read_chain(td_self(ctx), &chain, head, err) == 0)
        rc = prune_all(ctx, &chain, err);
    free(chain.seqs);
    return rc;
}

static int read_chains(struct store *store, struct chain *chains, size_t count, struct td_err *err)
{
    struct conn *conn = reader_take(store, err);
    int rc = conn != NULL ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = walk(conn, &chains[i], 0, err);
    if (conn != NULL)
        reader_give(store, conn);
    return rc;
}

/* One transaction's part of several: from chain *at on, which is where the next goes on. */
static int prune_next(struct conn *conn, struct chain *chains, size_t count, size_t *at,
                      struct td_err *err)
{
    size_t left = PRUNE_ROWS;

    if (set_floor(conn, err) != 0)
        return -1;
    while (*at < count && left > 0) {
        struct chain *chain = &chains[*at];
        size_t rows = chain->count < left ? chain->count : left;
        bool is_last = rows == chain->count;

        if (prune_some(conn, chain, rows, is_last, err) != 0)
            return -1;
        chain->count -= rows;
        left -= is_last && rows < left ? rows + 1 : rows; /* the entry counts as well */
        *at += is_last;
    }
    return 0;
}

static int prune_chains(struct td_ctx *ctx, struct chain *chains, size_t count, struct td_err *err)
{
    for (size_t at = 0; at < count;) {
        struct conn *conn = txn_begin(td_self(ctx), err);

        if (conn == NULL || txn_end(ctx, prune_next(conn, chains, count, &at, err), err) != 0)
            return -1;
    }
    return 0;
}

static int prune_runs(struct td_ctx *ctx, const char *log, const uint64_t *runs, size_t count,
                      struct td_err *err)
{
    struct chain *chains;
    int rc = -1;

    if (check_name("log", log, err) != 0)
        return -1;
    chains = calloc(count + 1, sizeof(*chains));
    if (chains == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of %zu runs", count);
    for (size_t i = 0; i < count; i++)
        chains[i] = (struct chain){ .log = log, .run = runs[i] };
    if (read_chains(td_self(ctx), chains, count, err) == 0)
        rc = prune_chains(ctx, chains, count, err);
    for (size_t i = 0; i < count; i++)
        free(chains[i].seqs);
    free(chains);
    return rc;
}

const struct td_log_table store_log = {
    TD_SIZE(struct td_log_table), .scan = scan,   .read = read_row,
    .index = read_index,          .prune = prune, .prune_runs = prune_runs,
};
