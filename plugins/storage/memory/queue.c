/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue: an item is in the map of all, and in one of two orders: `ready` by priority and number, or
 * `waiting` by the time it becomes ready. A claim moves what has become due over first, so each
 * item moves once per wait. The place in the order is one node whose key is rewritten, so moving
 * needs no memory.
 */
#include "memory.h"

#include <string.h>

struct queue {
    struct map items; /* by number */
    struct map ready, waiting;
};

struct item {
    struct map_node *node;
    struct map_node *order;
    struct map *in; /* ready or waiting */
    uint64_t number;
    uint64_t claim; /* grows with every claim and release */
    uint32_t claims;
    int32_t priority;
    int64_t ready_us;
    size_t length;
    char data[];
};

static void put_key(struct item *item, bool is_ready)
{
    uint64_t rank = is_ready ? (uint64_t)((int64_t)INT32_MAX - item->priority)
                             : (uint64_t)item->ready_us ^ (UINT64_C(1) << 63);

    map_key_put(item->order->key, rank);
    map_key_put(item->order->key + 8, item->number);
}

static void enter(struct queue *queue, struct item *item, bool is_ready)
{
    put_key(item, is_ready);
    item->in = is_ready ? &queue->ready : &queue->waiting;
    map_attach(item->in, item->order);
}

/* Moves an item that is in an order: it is ready at `until_us`. */
static void wait_until(struct queue *queue, struct item *item, int64_t until_us)
{
    map_detach(item->in, item->order);
    item->ready_us = until_us;
    enter(queue, item, false);
}

static struct item *find_item(const struct queue *queue, uint64_t number)
{
    struct map_node *node;
    char key[8];

    map_key_put(key, number);
    node = queue != NULL ? map_find(&queue->items, key, sizeof(key)) : NULL;
    return node != NULL ? node->value : NULL;
}

static void item_free(struct memory *memory, struct item *item)
{
    if (item == NULL)
        return;
    map_node_free(&memory->pool, item->order);
    map_node_free(&memory->pool, item->node);
    pool_free(&memory->pool, item);
}

static struct item *item_new(struct memory *memory, const struct td_op *op, struct td_err *err)
{
    struct item *item = pool_alloc(&memory->pool, sizeof(*item) + op->value.length, err);
    char key[16] = { 0 };

    if (item == NULL)
        return NULL;
    item->number = memory->last_item + 1;
    item->priority = op->priority;
    item->ready_us = op->time_us;
    item->length = op->value.length;
    if (item->length != 0)
        memcpy(item->data, op->value.data, item->length);
    map_key_put(key, item->number);
    item->node = map_node_new(&memory->pool, key, 8, item, err);
    map_key_put(key + 8, item->number); /* gives the order's node a height of its own */
    item->order = item->node != NULL ? map_node_new(&memory->pool, key, 16, item, err) : NULL;
    if (item->order == NULL) {
        item_free(memory, item);
        return NULL;
    }
    return item;
}

int queue_push(struct change *change, struct td_err *err)
{
    struct memory *memory = change->memory;
    struct td_op *op = change->op;
    struct queue *queue;
    struct item *item;

    if (memory_check_name("queue", op->space, err) != 0 || memory_check_value(op->value, err) != 0)
        return -1;
    queue = memory_place(memory, &memory->queues, op->space, sizeof(*queue), err);
    item = queue != NULL ? item_new(memory, op, err) : NULL;
    if (item == NULL)
        return -1;
    memory->last_item++;
    map_attach(&queue->items, item->node);
    enter(queue, item, item->ready_us <= 0);
    op->ret_version = item->number;
    change->place = queue;
    change->made = item;
    return 0;
}

/* The item, if this claim still has it; else NULL with TD_E_CONFLICT. */
static struct item *find_claimed(const struct queue *queue, const char *name, uint64_t number,
                                 uint64_t claim, struct td_err *err)
{
    struct item *item = find_item(queue, number);

    if (item != NULL && claim != 0 && item->claim == claim)
        return item;
    td_fail(err, TD_E_CONFLICT, "item %llu of queue \"%s\" is not held by claim %llu",
            (unsigned long long)number, name, (unsigned long long)claim);
    return NULL;
}

int queue_ack(struct change *change, struct td_err *err)
{
    struct memory *memory = change->memory;
    const struct td_op *op = change->op;
    struct queue *queue;
    struct item *item;

    if (memory_check_name("queue", op->space, err) != 0)
        return -1;
    queue = memory_find(&memory->queues, op->space);
    item = find_claimed(queue, op->space, op->token, op->version, err);
    if (item == NULL)
        return -1;
    map_detach(&queue->items, item->node);
    map_detach(item->in, item->order);
    change->place = queue;
    change->taken = item;
    return 0;
}

void queue_undo(struct change *change)
{
    struct queue *queue = change->place;
    struct item *made = change->made, *taken = change->taken;

    if (made != NULL) {
        map_detach(&queue->items, made->node);
        map_detach(made->in, made->order);
        change->memory->last_item--;
    }
    item_free(change->memory, made);
    if (taken != NULL) {
        map_attach(&queue->items, taken->node);
        map_attach(taken->in, taken->order);
    }
}

void queue_settle(struct change *change)
{
    item_free(change->memory, change->taken);
}

static void promote(struct queue *queue, int64_t now_us)
{
    struct map_node *node;

    while ((node = queue->waiting.first[0]) != NULL) {
        struct item *item = node->value;

        if (item->ready_us > now_us)
            return;
        map_detach(item->in, item->order);
        enter(queue, item, true);
    }
}

static struct item *next_ready(struct queue *queue, int64_t now_us)
{
    if (queue == NULL)
        return NULL;
    promote(queue, now_us);
    return queue->ready.first[0] != NULL ? queue->ready.first[0]->value : NULL;
}

static int claim_locked(struct memory *memory, const char *name, int64_t now_us, int64_t until_us,
                        struct item **ret_item, void **ret_value, struct td_err *err)
{
    struct queue *queue = memory_find(&memory->queues, name);
    struct item *item = next_ready(queue, now_us);
    void *value;

    if (item == NULL)
        return td_fail(err, TD_E_NOTFOUND, "nothing is ready in queue \"%s\"", name);
    value = memory_copy(item->data, item->length, err);
    if (value == NULL)
        return -1;
    wait_until(queue, item, until_us);
    item->claim++;
    item->claims++;
    *ret_item = item;
    *ret_value = value;
    return 0;
}

static int claim(struct td_ctx *ctx, const char *name, int64_t now_us, int64_t until_us,
                 uint64_t *ret_item, uint64_t *ret_claim, uint32_t *ret_claims, void **ret_value,
                 size_t *ret_length, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    struct item *item = NULL;
    int rc;

    if (memory_check_name("queue", name, err) != 0)
        return -1;
    if (until_us <= now_us)
        return td_fail(err, TD_E_INVAL, "claim in queue \"%s\" ends before it begins", name);
    pthread_rwlock_wrlock(&memory->lock);
    rc = claim_locked(memory, name, now_us, until_us, &item, ret_value, err);
    if (rc == 0) {
        *ret_item = item->number;
        *ret_claim = item->claim;
        *ret_claims = item->claims;
        *ret_length = item->length;
    }
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

/* Release is an extension that also ends the claim. */
static int move(struct td_ctx *ctx, const char *name, uint64_t number, uint64_t claim_number,
                int64_t until_us, bool is_release, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    struct queue *queue;
    struct item *item;

    if (memory_check_name("queue", name, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    queue = memory_find(&memory->queues, name);
    item = find_claimed(queue, name, number, claim_number, err);
    if (item != NULL) {
        wait_until(queue, item, until_us);
        item->claim += is_release;
    }
    pthread_rwlock_unlock(&memory->lock);
    return item != NULL ? 0 : -1;
}

static int release(struct td_ctx *ctx, const char *name, uint64_t item, uint64_t claim_number,
                   int64_t until_us, struct td_err *err)
{
    return move(ctx, name, item, claim_number, until_us, true, err);
}

static int extend(struct td_ctx *ctx, const char *name, uint64_t item, uint64_t claim_number,
                  int64_t until_us, struct td_err *err)
{
    return move(ctx, name, item, claim_number, until_us, false, err);
}

static int count_items(struct td_ctx *ctx, const char *name, uint64_t *ret_count,
                       struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct queue *queue;

    if (memory_check_name("queue", name, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    queue = memory_find(&memory->queues, name);
    *ret_count = queue != NULL ? queue->items.count : 0;
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

static void drop_queue(struct memory *memory, struct queue *queue)
{
    struct map_node *next;

    for (struct map_node *node = queue->items.first[0]; node != NULL; node = next) {
        struct item *item = node->value;

        next = node->next[0];
        item_free(memory, item);
    }
    pool_free(&memory->pool, queue);
}

void queue_drop(struct memory *memory)
{
    struct map_node *next;

    for (struct map_node *node = memory->queues.first[0]; node != NULL; node = next) {
        next = node->next[0];
        drop_queue(memory, node->value);
        map_node_free(&memory->pool, node);
    }
}

const struct td_queue memory_queue = {
    TD_SIZE(struct td_queue), .claim = claim,       .release = release,
    .extend = extend,         .count = count_items,
};
