/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: opens a backend and asks it where it may block. Writing is writer.c, records as JSON are
 * records.c.
 */
#include "store/store.h"

#include <stdlib.h>

#include "store/internal.h"

static int make_state(struct tdh_store *store, const struct tdh_store_options *options,
                      struct td_err *err)
{
    const struct td_plugin *descriptor = &store->plugin->descriptor;

    store->state = calloc(1, descriptor->state_size > 0 ? descriptor->state_size : 1);
    if (store->state == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the store");
    if (tdh_plugin_bind(store->plugin, options->options, "store", store->state, &store->block,
                        err) != 0)
        return -1;
    tdh_ctx_begin(&store->ctx, options->services, store->plugin, store->plugin->manifest->name,
                  store->state, NULL);
    store->is_begun = true;
    return descriptor->init != NULL ? descriptor->init(&store->ctx.pub, err) : 0;
}

struct tdh_store *tdh_store_open(const struct tdh_store_options *options, struct td_err *err)
{
    struct tdh_store *store = calloc(1, sizeof(*store));

    if (store == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the store");
        return NULL;
    }
    store->runtime = options->runtime;
    store->plugin = tdh_plugin_hold(options->plugin);
    store->table = options->plugin->descriptor.storage;
    store->is_blocking = options->plugin->manifest->is_blocking;
    if (make_state(store, options, err) != 0) {
        td_context(err, "store \"%s\"", options->plugin->manifest->name);
        tdh_store_close(store);
        return NULL;
    }
    if (store->table->durability != NULL)
        store->durability = store->table->durability(&store->ctx.pub);
    return store;
}

void tdh_store_close(struct tdh_store *store)
{
    if (store == NULL)
        return;
    if (store->is_begun && store->plugin->descriptor.drop != NULL)
        store->plugin->descriptor.drop(&store->ctx.pub);
    if (store->is_begun)
        tdh_ctx_end(&store->ctx);
    free(store->state);
    free(store->block);
    free(store->ops);
    tdh_plugin_release(store->plugin);
    free(store);
}

enum td_durability tdh_store_durability(const struct tdh_store *store)
{
    return store->durability;
}

const struct td_storage *tdh_store_table(const struct tdh_store *store)
{
    return store->table;
}

struct ask {
    struct tdh_store *store;
    tdh_store_fn *fn;
    void *arg;
};

static int run_ask(void *arg, struct td_err *err)
{
    struct ask *ask = arg;

    return ask->fn(&ask->store->ctx.pub, ask->store->table, ask->arg, err);
}

int tdh_store_ask(struct tdh_store *store, tdh_store_fn *fn, void *arg, struct td_err *err)
{
    struct ask ask = { store, fn, arg };

    return store->is_blocking ? tdh_blocking(store->runtime, run_ask, &ask, err)
                              : run_ask(&ask, err);
}
