/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lease: one record per lease that is or was held; tokens come from one counter for all, so they
 * grow across release, too.
 */
#include "memory.h"

#include <string.h>

struct lease {
    uint64_t token;
    int64_t until_us;
    char holder[];
};

static struct lease *find_held(const struct memory *memory, const char *name, int64_t now_us)
{
    struct lease *lease = memory_find(&memory->leases, name);

    return lease != NULL && lease->until_us > now_us ? lease : NULL;
}

/* Refuses a token that does not hold the lease now, and says who does. */
static int check_token(const char *name, const struct lease *held, uint64_t token,
                       struct td_err *err)
{
    if (held != NULL && held->token == token)
        return 0;
    if (held == NULL)
        return td_fail(err, TD_E_CONFLICT, "lease \"%s\" is no longer held by token %llu", name,
                       (unsigned long long)token);
    return td_fail(err, TD_E_CONFLICT, "lease \"%s\" is held by \"%s\" with token %llu, not %llu",
                   name, held->holder, (unsigned long long)held->token, (unsigned long long)token);
}

int lease_guard(struct change *change, struct td_err *err)
{
    const struct td_op *op = change->op;

    if (memory_check_name("lease", op->key, err) != 0)
        return -1;
    return check_token(op->key, find_held(change->memory, op->key, op->time_us), op->token, err);
}

static void forget(struct memory *memory, const char *name)
{
    struct map_node *node = map_find(&memory->leases, name, strlen(name));

    if (node == NULL)
        return;
    map_detach(&memory->leases, node);
    pool_free(&memory->pool, node->value);
    map_node_free(&memory->pool, node);
}

static int take(struct memory *memory, const char *name, const char *holder, int64_t until_us,
                struct td_err *err)
{
    struct lease *lease = pool_alloc(&memory->pool, sizeof(*lease) + strlen(holder) + 1, err);
    struct map_node *node;

    if (lease == NULL)
        return -1;
    node = map_node_new(&memory->pool, name, strlen(name), lease, err);
    if (node == NULL) {
        pool_free(&memory->pool, lease);
        return -1;
    }
    forget(memory, name);
    lease->token = ++memory->last_token;
    lease->until_us = until_us;
    strcpy(lease->holder, holder);
    map_attach(&memory->leases, node);
    return 0;
}

static int acquire_locked(struct memory *memory, const char *name, const char *holder,
                          int64_t now_us, int64_t until_us, uint64_t *ret_token, struct td_err *err)
{
    struct lease *held = find_held(memory, name, now_us);

    if (held != NULL && strcmp(held->holder, holder) != 0)
        return td_fail(err, TD_E_CONFLICT, "lease \"%s\" is held by \"%s\"", name, held->holder);
    if (held != NULL) {
        held->until_us = until_us;
        *ret_token = held->token;
        return 0;
    }
    if (take(memory, name, holder, until_us, err) != 0)
        return -1;
    *ret_token = memory->last_token;
    return 0;
}

static int check_times(const char *name, int64_t now_us, int64_t until_us, struct td_err *err)
{
    if (memory_check_name("lease", name, err) != 0)
        return -1;
    if (until_us <= now_us)
        return td_fail(err, TD_E_INVAL, "lease \"%s\" would end before it begins", name);
    return 0;
}

static int acquire(struct td_ctx *ctx, const char *name, const char *holder, int64_t now_us,
                   int64_t until_us, uint64_t *ret_token, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    int rc;

    if (check_times(name, now_us, until_us, err) != 0 ||
        memory_check_name("holder", holder, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    rc = acquire_locked(memory, name, holder, now_us, until_us, ret_token, err);
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

static int renew(struct td_ctx *ctx, const char *name, uint64_t token, int64_t now_us,
                 int64_t until_us, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    struct lease *held;
    int rc;

    if (check_times(name, now_us, until_us, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    held = find_held(memory, name, now_us);
    rc = check_token(name, held, token, err);
    if (rc == 0)
        held->until_us = until_us;
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

static int release(struct td_ctx *ctx, const char *name, uint64_t token, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    int rc;

    if (memory_check_name("lease", name, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    rc = check_token(name, memory_find(&memory->leases, name), token, err);
    if (rc == 0)
        forget(memory, name);
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

void lease_drop(struct memory *memory)
{
    struct map_node *next;

    for (struct map_node *node = memory->leases.first[0]; node != NULL; node = next) {
        next = node->next[0];
        pool_free(&memory->pool, node->value);
        map_node_free(&memory->pool, node);
    }
}

const struct td_lease memory_lease = {
    TD_SIZE(struct td_lease),
    .acquire = acquire,
    .renew = renew,
    .release = release,
};
