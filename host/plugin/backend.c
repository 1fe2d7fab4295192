/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backend: one instance of a storage plugin, as the store uses it.
 */
#include <stddef.h>
#include <stdlib.h>

#include "base/said.h"
#include "plugin/plugin.h"
#include "runtime/runtime.h"

/* The context is shared by all threads: a backend uses it to find its state, not to allocate. */
struct backend {
    struct tdh_plugin *plugin;
    struct tdh_ctx ctx;
    void *state, *block;
    bool is_begun;
};

static void close_backend(void *arg)
{
    struct backend *backend = arg;

    if (backend->is_begun && backend->plugin->descriptor.drop != NULL)
        backend->plugin->descriptor.drop(&backend->ctx.pub);
    if (backend->is_begun)
        tdh_ctx_end(&backend->ctx);
    free(backend->state);
    free(backend->block);
    tdh_plugin_release(backend->plugin);
    free(backend);
}

/* An instance with its options, not opened yet. */
static int make_state(struct backend *backend, const json_t *options,
                      const struct td_services *services, struct td_err *err)
{
    const struct td_plugin *descriptor = &backend->plugin->descriptor;

    backend->state = calloc(1, descriptor->state_size > 0 ? descriptor->state_size : 1);
    if (backend->state == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the state");
    if (tdh_plugin_bind(backend->plugin, options, "store", backend->state, &backend->block, err) !=
        0)
        return -1;
    tdh_ctx_begin(&backend->ctx, services, backend->plugin, backend->plugin->manifest->name,
                  backend->state, NULL);
    backend->is_begun = true;
    return 0;
}

static int open_state(struct backend *backend, const json_t *options,
                      const struct td_services *services, struct td_err *err)
{
    const struct td_plugin *descriptor = &backend->plugin->descriptor;
    const char *before;
    int rc;

    if (make_state(backend, options, services, err) != 0)
        return -1;
    if (descriptor->init == NULL)
        return 0;
    tdh_unsaid(err);
    before = tdh_hold(backend->plugin->manifest->name);
    rc = descriptor->init(&backend->ctx.pub, err);
    tdh_hold(before);
    return tdh_said(rc, backend->plugin->manifest->name, "init", err);
}

int tdh_plugin_backend(struct tdh_plugin *plugin, const json_t *options,
                       const struct td_services *services, struct tdh_store_backend *ret_backend,
                       struct td_err *err)
{
    struct backend *backend = calloc(1, sizeof(*backend));

    if (backend == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the store's backend");
    backend->plugin = tdh_plugin_hold(plugin);
    if (open_state(backend, options, services, err) != 0) {
        td_context(err, "store \"%s\"", plugin->manifest->name);
        close_backend(backend);
        return -1;
    }
    *ret_backend = (struct tdh_store_backend){
        .table = plugin->descriptor.storage,
        .ctx = &backend->ctx.pub,
        .is_blocking = plugin->manifest->is_blocking,
        .close = close_backend,
        .arg = backend,
    };
    return 0;
}

static int restore(struct backend *backend, const char *image, const char *aside,
                   struct td_err *err)
{
    const struct td_storage *table = backend->plugin->descriptor.storage;
    const char *before = tdh_hold(backend->plugin->manifest->name);
    int rc;

    tdh_unsaid(err);
    rc = table->restore(&backend->ctx.pub, image, aside, err);
    tdh_hold(before);
    return tdh_said(rc, backend->plugin->manifest->name, "restore", err);
}

int tdh_plugin_restore(struct tdh_plugin *plugin, const json_t *options,
                       const struct td_services *services, const char *image, const char *aside,
                       struct td_err *err)
{
    const struct td_storage *table = plugin->descriptor.storage;
    struct backend *backend;
    int rc;

    if (table->size < offsetof(struct td_storage, restore) + sizeof(table->restore) ||
        table->restore == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "a store of backend \"%s\" cannot be restored",
                       plugin->manifest->name);
    backend = calloc(1, sizeof(*backend));
    if (backend == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the store's backend");
    backend->plugin = tdh_plugin_hold(plugin);
    rc = make_state(backend, options, services, err);
    if (rc == 0)
        rc = restore(backend, image, aside, err);
    close_backend(backend);
    return rc;
}
