/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: memory with a bound. Everything the store keeps is taken from here, so the option `limit`
 * holds for all of it.
 *
 * Not safe by itself from several threads: the store's write lock is held around every call.
 */
#ifndef MEMORY_POOL_H
#define MEMORY_POOL_H

#include <stddef.h>
#include <tdev/err.h>

struct pool {
    size_t limit_bytes;
    size_t used_bytes; /* of all blocks, with their headers */
};

/** new: zeroed, end it with pool_free(). err TD_E_LIMIT, TD_E_NOMEM */
void *pool_alloc(struct pool *pool, size_t size, struct td_err *err);
void pool_free(struct pool *pool, void *memory);

#endif
