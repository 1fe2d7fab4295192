/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob: one block per value, replaced whole.
 */
#include "memory.h"

#include <string.h>

struct blob {
    size_t length;
    char data[];
};

static void forget(struct memory *memory, const char *name)
{
    struct map_node *node = map_find(&memory->blobs, name, strlen(name));

    if (node == NULL)
        return;
    map_detach(&memory->blobs, node);
    pool_free(&memory->pool, node->value);
    map_node_free(&memory->pool, node);
}

static int put_locked(struct memory *memory, const char *name, struct td_bytes value,
                      struct td_err *err)
{
    struct blob *blob = pool_alloc(&memory->pool, sizeof(*blob) + value.length, err);
    struct map_node *node;

    if (blob == NULL)
        return -1;
    node = map_node_new(&memory->pool, name, strlen(name), blob, err);
    if (node == NULL) {
        pool_free(&memory->pool, blob);
        return -1;
    }
    blob->length = value.length;
    if (value.length != 0)
        memcpy(blob->data, value.data, value.length);
    forget(memory, name);
    map_attach(&memory->blobs, node);
    return 0;
}

static int put(struct td_ctx *ctx, const char *name, struct td_bytes value, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    int rc;

    if (memory_check_name("blob", name, err) != 0 || memory_check_value(value, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    rc = put_locked(memory, name, value, err);
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

static int get_locked(const struct memory *memory, const char *name, uint64_t offset, size_t length,
                      void **ret_value, size_t *ret_length, uint64_t *ret_total, struct td_err *err)
{
    const struct blob *blob = memory_find(&memory->blobs, name);
    size_t from, left;
    void *value;

    if (blob == NULL)
        return td_fail(err, TD_E_NOTFOUND, "blob \"%s\" is not there", name);
    from = offset < blob->length ? (size_t)offset : blob->length;
    left = blob->length - from;
    if (length > left)
        length = left;
    value = memory_copy(blob->data + from, length, err);
    if (value == NULL)
        return -1;
    *ret_value = value;
    *ret_length = length;
    *ret_total = blob->length;
    return 0;
}

static int get(struct td_ctx *ctx, const char *name, uint64_t offset, size_t length,
               void **ret_value, size_t *ret_length, uint64_t *ret_total, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    int rc;

    if (memory_check_name("blob", name, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    rc = get_locked(memory, name, offset, length, ret_value, ret_length, ret_total, err);
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

static int remove_blob(struct td_ctx *ctx, const char *name, struct td_err *err)
{
    struct memory *memory = td_self(ctx);

    if (memory_check_name("blob", name, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    forget(memory, name);
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

void blob_drop(struct memory *memory)
{
    struct map_node *next;

    for (struct map_node *node = memory->blobs.first[0]; node != NULL; node = next) {
        next = node->next[0];
        pool_free(&memory->pool, node->value);
        map_node_free(&memory->pool, node);
    }
}

const struct td_blob memory_blob = {
    TD_SIZE(struct td_blob),
    .put = put,
    .get = get,
    .remove = remove_blob,
};
