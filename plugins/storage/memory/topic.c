/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topic: a stream of messages, and the last number, which trimming does not take back.
 */
#include "memory.h"

#include <string.h>

struct topic {
    struct stream messages;
    uint64_t last;
};

struct message {
    uint64_t number;
    int64_t time_us;
    size_t length;
    char data[];
};

int topic_publish(struct change *change, struct td_err *err)
{
    struct memory *memory = change->memory;
    struct td_op *op = change->op;
    struct message *message;
    struct topic *topic;

    if (memory_check_name("topic", op->space, err) != 0 || memory_check_value(op->value, err) != 0)
        return -1;
    topic = memory_place(memory, &memory->topics, op->space, sizeof(*topic), err);
    if (topic == NULL)
        return -1;
    message = pool_alloc(&memory->pool, sizeof(*message) + op->value.length, err);
    if (message == NULL)
        return -1;
    message->number = topic->last + 1;
    message->time_us = op->time_us;
    message->length = op->value.length;
    if (message->length != 0)
        memcpy(message->data, op->value.data, message->length);
    if (stream_push(&topic->messages, &memory->pool, message->number, message, err) != 0) {
        pool_free(&memory->pool, message);
        return -1;
    }
    topic->last++;
    change->place = topic;
    return 0;
}

void topic_undo(struct change *change)
{
    struct pool *pool = &change->memory->pool;
    struct topic *topic = change->place;

    pool_free(pool, stream_take(&topic->messages, pool, topic->last));
    topic->last--;
}

static void read_locked(const struct topic *topic, uint64_t after, uint32_t limit, td_item_fn *fn,
                        void *arg)
{
    struct stream_cursor cursor = stream_seek(&topic->messages, after + 1);
    uint32_t left = limit != 0 ? limit : UINT32_MAX;
    const struct message *message;

    while (left-- > 0 && (message = stream_next(&topic->messages, &cursor)) != NULL) {
        struct td_bytes value = { message->data, message->length };

        if (fn(arg, message->number, value, message->time_us) != 0)
            return;
    }
}

static int read_topic(struct td_ctx *ctx, const char *name, uint64_t after, uint32_t limit,
                      td_item_fn *fn, void *arg, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct topic *topic;

    if (memory_check_name("topic", name, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    topic = memory_find(&memory->topics, name);
    if (topic != NULL && after < topic->last)
        read_locked(topic, after, limit, fn, arg);
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

static int last(struct td_ctx *ctx, const char *name, uint64_t *ret_seq, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct topic *topic;

    if (memory_check_name("topic", name, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    topic = memory_find(&memory->topics, name);
    *ret_seq = topic != NULL ? topic->last : 0;
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

static void trim_locked(struct memory *memory, struct topic *topic, uint64_t up_to)
{
    struct stream_cursor cursor = { 0 };
    struct message *message;

    while ((message = stream_next(&topic->messages, &cursor)) != NULL && message->number <= up_to) {
        stream_take(&topic->messages, &memory->pool, message->number);
        pool_free(&memory->pool, message);
        cursor = (struct stream_cursor){ 0 }; /* taking may have given the piece back */
    }
}

static int trim(struct td_ctx *ctx, const char *name, uint64_t up_to, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    struct topic *topic;

    if (memory_check_name("topic", name, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    topic = memory_find(&memory->topics, name);
    if (topic != NULL)
        trim_locked(memory, topic, up_to);
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

void topic_drop(struct memory *memory)
{
    struct map_node *next;

    for (struct map_node *node = memory->topics.first[0]; node != NULL; node = next) {
        struct topic *topic = node->value;
        struct stream_cursor cursor = { 0 };
        void *message;

        next = node->next[0];
        while ((message = stream_next(&topic->messages, &cursor)) != NULL)
            pool_free(&memory->pool, message);
        stream_free(&topic->messages, &memory->pool);
        pool_free(&memory->pool, topic);
        map_node_free(&memory->pool, node);
    }
}

const struct td_topic memory_topic = {
    TD_SIZE(struct td_topic),
    .read = read_topic,
    .last = last,
    .trim = trim,
};
