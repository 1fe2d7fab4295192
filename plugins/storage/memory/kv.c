/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kv: a put makes a new record and takes the old one out whole, so undoing is putting the old one
 * back.
 */
#include "memory.h"

#include <string.h>

struct record {
    struct map *space;
    struct map_node *node;   /* in its space */
    struct map_node *expiry; /* in the store's order of expiry; NULL: never expires */
    uint64_t version;
    int64_t expires_us;
    size_t length;
    char data[];
};

static bool is_live(const struct record *record, int64_t now_us)
{
    return record->expires_us <= 0 || now_us == 0 || record->expires_us > now_us;
}

static struct record *find(const struct map *space, const char *key)
{
    struct map_node *node = space != NULL ? map_find(space, key, strlen(key)) : NULL;

    return node != NULL ? node->value : NULL;
}

static void attach(struct memory *memory, struct record *record)
{
    map_attach(record->space, record->node);
    if (record->expiry != NULL)
        map_attach(&memory->expiry, record->expiry);
}

static void detach(struct memory *memory, struct record *record)
{
    map_detach(record->space, record->node);
    if (record->expiry != NULL)
        map_detach(&memory->expiry, record->expiry);
}

static void record_free(struct memory *memory, struct record *record)
{
    if (record == NULL)
        return;
    map_node_free(&memory->pool, record->expiry);
    map_node_free(&memory->pool, record->node);
    pool_free(&memory->pool, record);
}

/* Its key is the time, and its own address: two may expire at once. */
static struct map_node *expiry_new(struct memory *memory, struct record *record, struct td_err *err)
{
    char key[16];

    map_key_put(key, (uint64_t)record->expires_us);
    map_key_put(key + 8, (uint64_t)(uintptr_t)record);
    return map_node_new(&memory->pool, key, sizeof(key), record, err);
}

static struct record *record_new(struct memory *memory, const struct td_op *op, struct td_err *err)
{
    struct record *record = pool_alloc(&memory->pool, sizeof(*record) + op->value.length, err);

    if (record == NULL)
        return NULL;
    record->expires_us = op->expires_us;
    record->length = op->value.length;
    if (record->length != 0)
        memcpy(record->data, op->value.data, record->length);
    record->node = map_node_new(&memory->pool, op->key, strlen(op->key), record, err);
    if (record->node == NULL)
        goto fail;
    if (record->expires_us > 0) {
        record->expiry = expiry_new(memory, record, err);
        if (record->expiry == NULL)
            goto fail;
    }
    return record;
fail:
    record_free(memory, record);
    return NULL;
}

static int check_version(const struct td_op *op, uint64_t version, struct td_err *err)
{
    if (op->version == TD_VERSION_ANY || op->version == version)
        return 0;
    if (version == TD_VERSION_ABSENT)
        return td_fail(err, TD_E_CONFLICT,
                       "record \"%s\" of space \"%s\" is not there, expected "
                       "version %llu",
                       op->key, op->space, (unsigned long long)op->version);
    return td_fail(err, TD_E_CONFLICT,
                   "record \"%s\" of space \"%s\" has version %llu, expected %llu", op->key,
                   op->space, (unsigned long long)version, (unsigned long long)op->version);
}

/* Finds the record an operation is about, live or not, and checks its version. */
static int look_up(struct change *change, struct record **ret_record, uint64_t *ret_version,
                   struct td_err *err)
{
    const struct td_op *op = change->op;
    struct record *record;
    uint64_t version;

    if (memory_check_name("space", op->space, err) != 0 ||
        memory_check_name("key", op->key, err) != 0)
        return -1;
    record = find(memory_find(&change->memory->spaces, op->space), op->key);
    version = record != NULL && is_live(record, op->time_us) ? record->version : TD_VERSION_ABSENT;
    if (check_version(op, version, err) != 0)
        return -1;
    *ret_record = record;
    *ret_version = version;
    return 0;
}

int kv_guard(struct change *change, struct td_err *err)
{
    struct record *record;
    uint64_t version;

    return look_up(change, &record, &version, err);
}

int kv_put(struct change *change, struct td_err *err)
{
    struct memory *memory = change->memory;
    struct td_op *op = change->op;
    struct record *old, *record;
    struct map *space;
    uint64_t version;

    if (memory_check_value(op->value, err) != 0 || look_up(change, &old, &version, err) != 0)
        return -1;
    space = memory_place(memory, &memory->spaces, op->space, sizeof(*space), err);
    record = space != NULL ? record_new(memory, op, err) : NULL;
    if (record == NULL)
        return -1;
    record->space = space;
    record->version = version + 1;
    if (old != NULL)
        detach(memory, old);
    attach(memory, record);
    op->ret_version = record->version;
    change->made = record;
    change->taken = old;
    return 0;
}

int kv_delete(struct change *change, struct td_err *err)
{
    struct record *record;
    uint64_t version;

    if (look_up(change, &record, &version, err) != 0)
        return -1;
    if (record != NULL)
        detach(change->memory, record);
    change->taken = record;
    return 0;
}

void kv_undo(struct change *change)
{
    if (change->made != NULL)
        detach(change->memory, change->made);
    record_free(change->memory, change->made);
    if (change->taken != NULL)
        attach(change->memory, change->taken);
}

void kv_settle(struct change *change)
{
    record_free(change->memory, change->taken);
}

static int get_locked(struct memory *memory, const char *space, const char *key, int64_t now_us,
                      void **ret_value, size_t *ret_length, uint64_t *ret_version,
                      struct td_err *err)
{
    const struct record *record = find(memory_find(&memory->spaces, space), key);
    void *value;

    if (record == NULL || !is_live(record, now_us))
        return td_fail(err, TD_E_NOTFOUND, "record \"%s\" of space \"%s\" is not there", key,
                       space);
    value = memory_copy(record->data, record->length, err);
    if (value == NULL)
        return -1;
    *ret_value = value;
    *ret_length = record->length;
    *ret_version = record->version;
    return 0;
}

static int get(struct td_ctx *ctx, const char *space, const char *key, int64_t now_us,
               void **ret_value, size_t *ret_length, uint64_t *ret_version, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    int rc;

    if (memory_check_name("space", space, err) != 0 || memory_check_name("key", key, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    rc = get_locked(memory, space, key, now_us, ret_value, ret_length, ret_version, err);
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

/* The last node with the prefix: the one before the first text that is greater than all of them. */
static struct map_node *last_with(const struct map *space, const char *prefix)
{
    size_t length = strlen(prefix);
    char end[TD_NAME_MAX];

    memcpy(end, prefix, length);
    while (length > 0 && (unsigned char)end[length - 1] == 0xFFU)
        length--;
    if (length == 0)
        return space->last;
    end[length - 1]++;
    return map_below(space, end, length);
}

static struct map_node *first_of(const struct map *space, const char *prefix, const char *after,
                                 bool is_down)
{
    struct map_node *node;

    if (is_down) {
        node = last_with(space, prefix);
        if (after == NULL || (node != NULL && strcmp(node->key, after) < 0))
            return node;
        return map_below(space, after, strlen(after));
    }
    if (after == NULL || strcmp(after, prefix) < 0)
        return map_at_least(space, prefix, strlen(prefix));
    node = map_at_least(space, after, strlen(after));
    return node != NULL && strcmp(node->key, after) == 0 ? node->next[0] : node;
}

static void scan_locked(const struct map *space, const char *prefix, const char *after,
                        uint32_t limit, bool is_down, int64_t now_us, td_kv_fn *fn, void *arg)
{
    struct map_node *node = first_of(space, prefix, after, is_down);
    uint32_t left = limit != 0 ? limit : UINT32_MAX;

    for (; node != NULL && left > 0; node = is_down ? node->before : node->next[0]) {
        const struct record *record = node->value;

        if (strncmp(node->key, prefix, strlen(prefix)) != 0)
            return;
        if (!is_live(record, now_us))
            continue;
        left--;
        if (fn(arg, node->key, (struct td_bytes){ record->data, record->length },
               record->version) != 0)
            return;
    }
}

static int scan(struct td_ctx *ctx, const char *space, const char *prefix, const char *after,
                uint32_t limit, uint32_t flags, int64_t now_us, td_kv_fn *fn, void *arg,
                struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct map *records;

    if (prefix == NULL)
        prefix = "";
    if (memory_check_name("space", space, err) != 0 ||
        (*prefix != '\0' && memory_check_name("prefix", prefix, err) != 0))
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    records = memory_find(&memory->spaces, space);
    if (records != NULL)
        scan_locked(records, prefix, after, limit, (flags & TD_SCAN_DOWN) != 0, now_us, fn, arg);
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

static int expire(struct td_ctx *ctx, int64_t now_us, uint32_t limit, uint32_t *ret_count,
                  struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    uint32_t count = 0;

    (void)err;
    pthread_rwlock_wrlock(&memory->lock);
    while (memory->expiry.first[0] != NULL && (limit == 0 || count < limit)) {
        struct record *record = memory->expiry.first[0]->value;

        if (is_live(record, now_us))
            break;
        detach(memory, record);
        record_free(memory, record);
        count++;
    }
    pthread_rwlock_unlock(&memory->lock);
    *ret_count = count;
    return 0;
}

static void drop_space(struct memory *memory, struct map *space)
{
    struct map_node *next;

    for (struct map_node *node = space->first[0]; node != NULL; node = next) {
        struct record *record = node->value;

        next = node->next[0];
        record_free(memory, record);
    }
    pool_free(&memory->pool, space);
}

void kv_drop(struct memory *memory)
{
    struct map_node *next;

    for (struct map_node *node = memory->spaces.first[0]; node != NULL; node = next) {
        next = node->next[0];
        drop_space(memory, node->value);
        map_node_free(&memory->pool, node);
    }
}

const struct td_kv memory_kv = {
    TD_SIZE(struct td_kv),
    .get = get,
    .scan = scan,
    .expire = expire,
};
