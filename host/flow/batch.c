/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch: what becomes one commit. Without memory it fails when it is committed, as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "flow/clerk.h"

static struct td_op *add_op(struct tdh_batch *batch, enum td_op_kind kind, const char *space,
                            const char *key)
{
    char *copy = strdup(key);
    struct td_op *op;

    if (batch->count == batch->room) {
        size_t room = batch->room > 0 ? batch->room * 2 : 16;
        struct td_op *ops = realloc(batch->ops, room * sizeof(*ops));

        if (ops != NULL) {
            batch->ops = ops;
            batch->room = room;
        }
    }
    if (copy == NULL || batch->count == batch->room) {
        free(copy);
        batch->has_failed = true;
        return NULL;
    }
    op = &batch->ops[batch->count++];
    *op = (struct td_op){ TD_SIZE(struct td_op),
                          .kind = kind,
                          .space = space,
                          .key = copy,
                          .version = TD_VERSION_ANY,
                          .time_us = tdh_clock_us() };
    return op;
}

void tdh_batch_put(struct tdh_batch *batch, const char *space, const char *key, json_t *value,
                   uint64_t version, int64_t expires_us)
{
    char *text = value != NULL ? tdh_json_text(value, 0) : NULL;
    struct td_op *op = text != NULL ? add_op(batch, TD_OP_PUT, space, key) : NULL;

    json_decref(value);
    if (op == NULL) {
        free(text);
        batch->has_failed = true;
        return;
    }
    op->value = (struct td_bytes){ text, strlen(text) };
    op->version = version;
    op->expires_us = expires_us;
}

void tdh_batch_delete(struct tdh_batch *batch, const char *space, const char *key)
{
    add_op(batch, TD_OP_DELETE, space, key);
}

void tdh_batch_clear(struct tdh_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        free((char *)(uintptr_t)batch->ops[i].key);
        free((void *)(uintptr_t)batch->ops[i].value.data);
    }
    free(batch->ops);
    *batch = (struct tdh_batch){ 0 };
}

int tdh_batch_commit(struct tdh_batch *batch, struct tdh_store *store,
                     void (*done)(void *arg, const struct td_op *op), void *arg, struct td_err *err)
{
    struct td_op **ops = calloc(batch->count + 1, sizeof(*ops));
    int rc = -1;

    for (size_t i = 0; ops != NULL && i < batch->count; i++)
        ops[i] = &batch->ops[i];
    if (ops == NULL || batch->has_failed)
        td_fail(err, TD_E_NOMEM, "could not write what triggers have come to");
    else
        rc = batch->count > 0 ? tdh_store_commit(store, ops, batch->count, NULL, err) : 0;
    for (size_t i = 0; rc == 0 && i < batch->count; i++)
        done(arg, ops[i]);
    free(ops);
    tdh_batch_clear(batch);
    return rc;
}
