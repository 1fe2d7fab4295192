/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit: applies a batch one operation after the other, and takes it all back when one fails.
 */
#include "memory.h"

#include <stdlib.h>

static void nothing(struct change *change)
{
    (void)change;
}

static const struct {
    change_apply_fn *apply;
    change_end_fn *undo, *settle;
} kinds[] = {
    [TD_OP_GUARD_KV] = { kv_guard, nothing, nothing },
    [TD_OP_GUARD_LEASE] = { lease_guard, nothing, nothing },
    [TD_OP_PUT] = { kv_put, kv_undo, kv_settle },
    [TD_OP_DELETE] = { kv_delete, kv_undo, kv_settle },
    [TD_OP_APPEND] = { log_append, log_undo, log_settle },
    [TD_OP_PUSH] = { queue_push, queue_undo, queue_settle },
    [TD_OP_ACK] = { queue_ack, queue_undo, queue_settle },
    [TD_OP_PUBLISH] = { topic_publish, topic_undo, nothing },
};

static int check_kind(const struct td_op *op, struct td_err *err)
{
    size_t kind = (size_t)op->kind;

    if (op->size < sizeof(*op))
        return td_fail(err, TD_E_INVAL, "operation has %u bytes, must have %zu", op->size,
                       sizeof(*op));
    if (kind >= sizeof(kinds) / sizeof(kinds[0]) || kinds[kind].apply == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "operation of kind %zu is not known here", kind);
    return 0;
}

/* Returns how many operations were applied: `count` when all are. */
static size_t apply(struct memory *memory, struct change *changes, struct td_op *const *ops,
                    size_t count, struct td_err *err)
{
    for (size_t i = 0; i < count; i++) {
        changes[i].memory = memory;
        changes[i].op = ops[i];
        if (check_kind(ops[i], err) != 0 || kinds[ops[i]->kind].apply(&changes[i], err) != 0)
            return i;
    }
    return count;
}

int memory_commit(struct td_ctx *ctx, struct td_op *const *ops, size_t count, size_t *ret_failed,
                  struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    struct change *changes = calloc(count != 0 ? count : 1, sizeof(*changes));
    size_t done;

    *ret_failed = count;
    if (changes == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a batch of %zu operations", count);
    pthread_rwlock_wrlock(&memory->lock);
    done = apply(memory, changes, ops, count, err);
    if (done == count)
        for (size_t i = 0; i < count; i++)
            kinds[ops[i]->kind].settle(&changes[i]);
    else
        for (size_t i = done; i-- > 0;)
            kinds[ops[i]->kind].undo(&changes[i]);
    pthread_rwlock_unlock(&memory->lock);
    free(changes);
    *ret_failed = done;
    return done == count ? 0 : -1;
}
