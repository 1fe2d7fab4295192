/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: asks the backend where it may block. Writing is writer.c, records as JSON are
 * records.c.
 */
#include "store/store.h"

#include <stdlib.h>

#include "store/internal.h"

/* A table is as large as the backend's SDK made it. */
#define END_OF(member)                                                                             \
    (offsetof(struct td_storage, member) + sizeof(((struct td_storage *)NULL)->member))

struct tdh_store *tdh_store_new(struct tdh_runtime *runtime,
                                const struct tdh_store_backend *backend, struct td_err *err)
{
    struct tdh_store *store = calloc(1, sizeof(*store));

    if (store == NULL) {
        backend->close(backend->arg);
        td_fail(err, TD_E_NOMEM, "could not allocate the store");
        return NULL;
    }
    store->runtime = runtime;
    store->backend = *backend;
    if (backend->table->durability != NULL)
        store->durability = backend->table->durability(backend->ctx);
    return store;
}

void tdh_store_close(struct tdh_store *store)
{
    if (store == NULL)
        return;
    tdh_writer_end(store);
    store->backend.close(store->backend.arg);
    free(store->ops);
    free(store);
}

enum td_durability tdh_store_durability(const struct tdh_store *store)
{
    return store->durability;
}

struct ask {
    struct tdh_store *store;
    tdh_store_fn *fn;
    void *arg;
};

static int run_ask(void *arg, struct td_err *err)
{
    struct ask *ask = arg;

    return ask->fn(ask->store->backend.ctx, ask->store->backend.table, ask->arg, err);
}

int tdh_store_ask(struct tdh_store *store, tdh_store_fn *fn, void *arg, struct td_err *err)
{
    struct ask ask = { store, fn, arg };

    return store->backend.is_blocking ? tdh_blocking(store->runtime, run_ask, &ask, err)
                                      : run_ask(&ask, err);
}

static int ask_backup(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                      struct td_err *err)
{
    if (table->size < END_OF(backup) || table->backup == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "this store's backend cannot be backed up");
    return table->backup(ctx, arg, err);
}

int tdh_store_backup(struct tdh_store *store, const char *path, struct td_err *err)
{
    return tdh_store_ask(store, ask_backup, (void *)path, err);
}

static int ask_verify(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                      struct td_err *err)
{
    (void)arg;
    if (table->verify == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "this store's backend cannot check itself");
    return table->verify(ctx, err);
}

int tdh_store_verify(struct tdh_store *store, struct td_err *err)
{
    return tdh_store_ask(store, ask_verify, NULL, err);
}
