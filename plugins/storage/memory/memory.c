/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory: a storage backend that keeps everything in this process, bounded by the option `limit`.
 * Fast, and gone with the process.
 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

enum { FORM = 1 }; /* version of the stored form: there is but one */

int memory_check_name(const char *what, const char *name, struct td_err *err)
{
    size_t length = name != NULL ? strlen(name) : 0;

    if (length >= 1 && length <= TD_NAME_MAX)
        return 0;
    return td_fail(err, TD_E_INVAL, "%s of %zu bytes, must be 1 to %d", what, length, TD_NAME_MAX);
}

int memory_check_value(struct td_bytes value, struct td_err *err)
{
    if (value.length <= TD_VALUE_MAX)
        return 0;
    return td_fail(err, TD_E_INVAL, "value of %zu bytes, at most %u are allowed", value.length,
                   TD_VALUE_MAX);
}

void *memory_find(const struct map *map, const char *name)
{
    struct map_node *node = map_find(map, name, strlen(name));

    return node != NULL ? node->value : NULL;
}

void *memory_place(struct memory *memory, struct map *map, const char *name, size_t size,
                   struct td_err *err)
{
    void *place = memory_find(map, name);
    struct map_node *node;

    if (place != NULL)
        return place;
    place = pool_alloc(&memory->pool, size, err);
    if (place == NULL)
        return NULL;
    node = map_node_new(&memory->pool, name, strlen(name), place, err);
    if (node == NULL) {
        pool_free(&memory->pool, place);
        return NULL;
    }
    map_attach(map, node);
    return place;
}

void *memory_copy(const void *data, size_t length, struct td_err *err)
{
    char *copy = malloc(length + 1);

    if (copy == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a value of %zu bytes", length);
        return NULL;
    }
    memcpy(copy, data, length);
    copy[length] = '\0';
    return copy;
}

/* Writers first, where the system can: a commit is not to wait for an endless row of readers. */
static int make_lock(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attr;
    int sys = pthread_rwlockattr_init(&attr);

    if (sys != 0)
        return sys;
#ifdef PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    sys = pthread_rwlock_init(lock, &attr);
    pthread_rwlockattr_destroy(&attr);
    return sys;
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    int sys = make_lock(&memory->lock);

    if (sys != 0)
        return td_fail(err, TD_E_NOMEM, "could not make a lock: %s", strerror(sys));
    memory->is_open = true;
    memory->pool.limit_bytes = (size_t)memory->limit;
    return 0;
}

static void drop(struct td_ctx *ctx)
{
    struct memory *memory = td_self(ctx);

    if (!memory->is_open)
        return;
    kv_drop(memory);
    log_drop(memory);
    queue_drop(memory);
    topic_drop(memory);
    lease_drop(memory);
    blob_drop(memory);
    pthread_rwlock_destroy(&memory->lock);
    memory->is_open = false;
}

static enum td_durability durability(struct td_ctx *ctx)
{
    (void)ctx;
    return TD_DURABLE_MEMORY;
}

static int version(struct td_ctx *ctx, uint32_t *ret_version, uint32_t *ret_newest,
                   struct td_err *err)
{
    (void)ctx;
    (void)err;
    *ret_version = FORM;
    *ret_newest = FORM;
    return 0;
}

static int migrate(struct td_ctx *ctx, uint32_t to, struct td_err *err)
{
    (void)ctx;
    if (to == FORM)
        return 0;
    return td_fail(err, TD_E_INVAL, "the memory store has only version %d, not %u", FORM, to);
}

static const struct td_storage storage = {
    TD_SIZE(struct td_storage), .kv = &memory_kv,        .log = &memory_log,
    .queue = &memory_queue,     .topic = &memory_topic,  .lease = &memory_lease,
    .blob = &memory_blob,       .commit = memory_commit, .durability = durability,
    .version = version,         .migrate = migrate,
};

static const struct td_binding *const bindings[] = {
    TD_BIND_BYTES(struct memory, limit),
    NULL,
};

static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .name = "memory",
    .version = "1.0.0",
    .kind = TD_KIND_STORAGE,
    .storage = &storage,
    .bindings = bindings,
    .state_size = sizeof(struct memory),
    .init = init,
    .drop = drop,
};
TD_PLUGIN(plugin);
