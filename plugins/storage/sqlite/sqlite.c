/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite: a storage backend in one file, durable, that several processes may share. This unit is
 * the plugin's table.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

static int make_locks(struct store *store, struct td_err *err)
{
    int sys = pthread_mutex_init(&store->write_lock, NULL);

    if (sys != 0)
        return td_fail(err, TD_E_NOMEM, "could not make a lock: %s", strerror(sys));
    sys = pthread_mutex_init(&store->pool_lock, NULL);
    if (sys != 0) {
        pthread_mutex_destroy(&store->write_lock);
        return td_fail(err, TD_E_NOMEM, "could not make a lock: %s", strerror(sys));
    }
    sys = pthread_cond_init(&store->pool_free, NULL);
    if (sys != 0) {
        pthread_mutex_destroy(&store->pool_lock);
        pthread_mutex_destroy(&store->write_lock);
        return td_fail(err, TD_E_NOMEM, "could not make a lock: %s", strerror(sys));
    }
    store->is_open = true;
    return 0;
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct store *store = td_self(ctx);

    if (sqlite3_threadsafe() == 0)
        return td_fail(err, TD_E_DEPENDENCY, "this system's sqlite was built without threads");
    if (store->path == NULL || *store->path == '\0')
        return td_fail(err, TD_E_INVAL, "option \"path\" is empty");
    if (make_locks(store, err) != 0 || store_open(ctx, err) != 0)
        return -1;
    return pool_open(store, err);
}

/* Also after an init that failed: closes what there is. The last to close a file copies its
 * write-ahead log into it. */
static void drop(struct td_ctx *ctx)
{
    struct store *store = td_self(ctx);

    if (!store->is_open)
        return;
    pool_close(store);
    conn_close(&store->writer);
    pthread_cond_destroy(&store->pool_free);
    pthread_mutex_destroy(&store->pool_lock);
    pthread_mutex_destroy(&store->write_lock);
    free(store->file);
    store->file = NULL;
    store->is_open = false;
}

static enum td_durability durability(struct td_ctx *ctx)
{
    const struct store *store = td_self(ctx);

    return strcmp(store->synchronous, "full") == 0 ? TD_DURABLE_FULL : TD_DURABLE_NORMAL;
}

static int version(struct td_ctx *ctx, uint32_t *ret_version, uint32_t *ret_newest,
                   struct td_err *err)
{
    const struct store *store = td_self(ctx);

    (void)err;
    *ret_version = atomic_load(&store->version);
    *ret_newest = STORE_NEWEST;
    return 0;
}

static const struct td_storage storage = {
    TD_SIZE(struct td_storage), .kv = &store_kv,          .log = &store_log,
    .queue = &store_queue,      .topic = &store_topic,    .lease = &store_lease,
    .blob = &store_blob,        .commit = store_commit,   .durability = durability,
    .version = version,         .migrate = store_migrate, .verify = store_verify,
    .backup = store_backup,     .restore = store_restore,
};

static const struct td_binding *const bindings[] = {
    TD_BIND_STR(struct store, path),
    TD_BIND_STR(struct store, synchronous),
    TD_BIND_DURATION(struct store, busy_timeout),
    TD_BIND_BYTES(struct store, cache),
    TD_BIND_BYTES(struct store, wal_limit),
    TD_BIND_INT(struct store, readers),
    TD_BIND_BOOL(struct store, upgrade),
    NULL,
};

static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .name = "sqlite",
    .version = "1.0.0",
    .kind = TD_KIND_STORAGE,
    .storage = &storage,
    .bindings = bindings,
    .state_size = sizeof(struct store),
    .init = init,
    .drop = drop,
};
TD_PLUGIN(plugin);
