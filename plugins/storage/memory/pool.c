/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: each block carries its size in front, so that giving it back needs no second book.
 */
#include "pool.h"

#include <stdint.h>
#include <stdlib.h>

struct block {
    size_t size; /* with this header */
    _Alignas(max_align_t) char data[];
};

void *pool_alloc(struct pool *pool, size_t size, struct td_err *err)
{
    struct block *block;

    if (size > SIZE_MAX - sizeof(*block))
        size = SIZE_MAX - sizeof(*block); /* no limit is that large */
    size += sizeof(*block);
    if (pool->used_bytes > pool->limit_bytes || size > pool->limit_bytes - pool->used_bytes) {
        td_fail(err, TD_E_LIMIT, "could not keep %zu more bytes, %zu of %zu are used", size,
                pool->used_bytes, pool->limit_bytes);
        td_hint(err, "raise the option \"limit\" of the memory store, or use a store on disk");
        return NULL;
    }
    block = calloc(1, size);
    if (block == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate %zu bytes", size);
        return NULL;
    }
    block->size = size;
    pool->used_bytes += size;
    return block->data;
}

void pool_free(struct pool *pool, void *memory)
{
    struct block *block;

    if (memory == NULL)
        return;
    block = (struct block *)((char *)memory - offsetof(struct block, data));
    pool->used_bytes -= block->size;
    free(block);
}
