/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit: a batch is one transaction. Each kind of operation is a function of its capability's
 * file.
 */
#include "store.h"

#include <stdlib.h>

static op_fn *const kinds[] = {
    [TD_OP_GUARD_KV] = kv_guard, [TD_OP_GUARD_LEASE] = lease_guard, [TD_OP_PUT] = kv_put,
    [TD_OP_DELETE] = kv_delete,  [TD_OP_APPEND] = log_append,       [TD_OP_PUSH] = queue_push,
    [TD_OP_ACK] = queue_ack,     [TD_OP_PUBLISH] = topic_publish,
};

static int apply(struct conn *conn, struct td_op *op, struct td_err *err)
{
    size_t kind = (size_t)op->kind;

    if (op->size < sizeof(*op))
        return td_fail(err, TD_E_INVAL, "operation has %u bytes, must have %zu", op->size,
                       sizeof(*op));
    if (kind >= sizeof(kinds) / sizeof(kinds[0]) || kinds[kind] == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "operation of kind %zu is not known here", kind);
    return kinds[kind](conn, op, err);
}

/* A failure that is the store's, not the operation's: a full disk names no place in the batch. */
static bool is_store_fault(enum td_code code)
{
    return code != TD_E_CONFLICT && code != TD_E_INVAL && code != TD_E_UNSUPPORTED &&
           code != TD_E_LIMIT;
}

/* *ret_done: how many were applied, also on failure. `heads` keeps what each row's head was. */
static int apply_all(struct conn *conn, struct td_op *const *ops, size_t count, uint64_t *heads,
                     size_t *ret_done, struct td_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (ops[i]->kind == TD_OP_APPEND && ops[i]->head != NULL)
            heads[i] = *ops[i]->head;
        *ret_done = i;
        if (apply(conn, ops[i], err) != 0)
            return -1;
    }
    *ret_done = count;
    return 0;
}

static void put_heads_back(struct td_op *const *ops, size_t count, const uint64_t *heads)
{
    for (size_t i = count; i-- > 0;)
        if (ops[i]->kind == TD_OP_APPEND && ops[i]->head != NULL)
            *ops[i]->head = heads[i];
}

int store_commit(struct td_ctx *ctx, struct td_op *const *ops, size_t count, size_t *ret_failed,
                 struct td_err *err)
{
    uint64_t *heads = malloc((count != 0 ? count : 1) * sizeof(*heads));
    struct conn *conn;
    size_t done = 0;
    int rc;

    *ret_failed = count;
    if (heads == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a batch of %zu operations", count);
    conn = txn_begin(td_self(ctx), err);
    if (conn == NULL) {
        free(heads);
        return -1;
    }
    rc = txn_end(ctx, apply_all(conn, ops, count, heads, &done, err), err);
    if (rc != 0) {
        put_heads_back(ops, done, heads);
        *ret_failed = is_store_fault(err->code) ? count : done;
    }
    free(heads);
    return rc;
}
