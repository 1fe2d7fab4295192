/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: rows in a stream by number, and a map from run to its entry in the index.
 */
#include "memory.h"

#include <string.h>

struct log {
    struct stream rows;
    struct map index; /* by run: the row's number */
};

struct row {
    uint32_t type;
    uint64_t seq, run, before;
    int64_t time_us;
    const char *node; /* in data, behind the value; or NULL */
    size_t length;
    char data[];
};

struct entry {
    struct map_node *node;
    uint64_t seq;
};

static struct entry *find_entry(const struct log *log, uint64_t run)
{
    struct map_node *node;
    char key[8];

    map_key_put(key, run);
    node = map_find(&log->index, key, sizeof(key));
    return node != NULL ? node->value : NULL;
}

static void entry_free(struct memory *memory, struct entry *entry)
{
    if (entry == NULL)
        return;
    map_node_free(&memory->pool, entry->node);
    pool_free(&memory->pool, entry);
}

static struct entry *entry_new(struct memory *memory, uint64_t run, uint64_t seq,
                               struct td_err *err)
{
    struct entry *entry = pool_alloc(&memory->pool, sizeof(*entry), err);
    char key[8];

    if (entry == NULL)
        return NULL;
    map_key_put(key, run);
    entry->seq = seq;
    entry->node = map_node_new(&memory->pool, key, sizeof(key), entry, err);
    if (entry->node == NULL) {
        pool_free(&memory->pool, entry);
        return NULL;
    }
    return entry;
}

static struct row *row_new(struct memory *memory, const struct td_op *op, struct td_err *err)
{
    size_t node_size = op->node != NULL ? strlen(op->node) + 1 : 0;
    struct row *row = pool_alloc(&memory->pool, sizeof(*row) + op->value.length + node_size, err);

    if (row == NULL)
        return NULL;
    row->type = op->type;
    row->run = op->run;
    row->before = op->head != NULL ? *op->head : 0;
    row->time_us = op->time_us;
    row->length = op->value.length;
    if (row->length != 0)
        memcpy(row->data, op->value.data, row->length);
    if (op->node != NULL)
        row->node = memcpy(row->data + row->length, op->node, node_size);
    return row;
}

static int check(const struct td_op *op, struct td_err *err)
{
    const uint32_t both = TD_APPEND_INDEX | TD_APPEND_FORGET;

    if (memory_check_name("log", op->space, err) != 0 || memory_check_value(op->value, err) != 0)
        return -1;
    if (op->node != NULL && strlen(op->node) > TD_NAME_MAX)
        return td_fail(err, TD_E_INVAL, "node of %zu bytes, at most %d are allowed",
                       strlen(op->node), TD_NAME_MAX);
    if (op->run == 0)
        return td_fail(err, TD_E_INVAL, "row of log \"%s\" has no run", op->space);
    if ((op->flags & both) == both)
        return td_fail(err, TD_E_INVAL, "row of log \"%s\" is to be both indexed and forgotten",
                       op->space);
    return 0;
}

/* Changes the index as the flags say: the old entry is taken out, a new one made. */
static int change_index(struct change *change, uint64_t seq, struct td_err *err)
{
    const struct td_op *op = change->op;
    struct log *log = change->place;
    struct entry *old, *made = NULL;

    if ((op->flags & (TD_APPEND_INDEX | TD_APPEND_FORGET)) == 0)
        return 0;
    if ((op->flags & TD_APPEND_INDEX) != 0) {
        made = entry_new(change->memory, op->run, seq, err);
        if (made == NULL)
            return -1;
    }
    old = find_entry(log, op->run);
    if (old != NULL)
        map_detach(&log->index, old->node);
    if (made != NULL)
        map_attach(&log->index, made->node);
    change->made = made;
    change->taken = old;
    return 0;
}

int log_append(struct change *change, struct td_err *err)
{
    struct memory *memory = change->memory;
    struct td_op *op = change->op;
    struct row *row;
    struct log *log;

    if (check(op, err) != 0)
        return -1;
    log = memory_place(memory, &memory->logs, op->space, sizeof(*log), err);
    row = log != NULL ? row_new(memory, op, err) : NULL;
    if (row == NULL)
        return -1;
    row->seq = memory->last_seq + 1;
    change->place = log;
    change->head = row->before;
    if (stream_push(&log->rows, &memory->pool, row->seq, row, err) != 0) {
        pool_free(&memory->pool, row);
        return -1;
    }
    if (change_index(change, row->seq, err) != 0) {
        pool_free(&memory->pool, stream_take(&log->rows, &memory->pool, row->seq));
        return -1;
    }
    memory->last_seq++;
    op->ret_version = row->seq;
    if (op->head != NULL)
        *op->head = row->seq;
    return 0;
}

void log_undo(struct change *change)
{
    struct memory *memory = change->memory;
    struct log *log = change->place;
    struct entry *made = change->made, *taken = change->taken;

    if (made != NULL)
        map_detach(&log->index, made->node);
    entry_free(memory, made);
    if (taken != NULL)
        map_attach(&log->index, taken->node);
    pool_free(&memory->pool, stream_take(&log->rows, &memory->pool, memory->last_seq));
    memory->last_seq--;
    if (change->op->head != NULL)
        *change->op->head = change->head;
}

void log_settle(struct change *change)
{
    entry_free(change->memory, change->taken);
}

static int tell(const struct row *row, td_row_fn *fn, void *arg)
{
    const struct td_row out = {
        TD_SIZE(struct td_row), .type = row->type,
        .seq = row->seq,        .run = row->run,
        .before = row->before,  .time_us = row->time_us,
        .node = row->node,      .value = { row->data, row->length },
    };

    return fn(arg, &out);
}

static int scan(struct td_ctx *ctx, const char *name, uint64_t from, uint64_t run, td_row_fn *fn,
                void *arg, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    struct stream_cursor cursor;
    const struct row *row;
    const struct log *log;

    if (memory_check_name("log", name, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    log = memory_find(&memory->logs, name);
    if (log != NULL) {
        cursor = stream_seek(&log->rows, from);
        while ((row = stream_next(&log->rows, &cursor)) != NULL)
            if ((run == 0 || row->run == run) && tell(row, fn, arg) != 0)
                break;
    }
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

static int read_row(struct td_ctx *ctx, const char *name, uint64_t seq, td_row_fn *fn, void *arg,
                    struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct row *row = NULL;
    const struct log *log;

    if (memory_check_name("log", name, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    log = memory_find(&memory->logs, name);
    if (log != NULL)
        row = stream_find(&log->rows, seq);
    if (row != NULL)
        tell(row, fn, arg);
    pthread_rwlock_unlock(&memory->lock);
    return row != NULL ? 0
                       : td_fail(err, TD_E_NOTFOUND, "row %llu of log \"%s\" is not there",
                                 (unsigned long long)seq, name);
}

static void index_locked(const struct log *log, uint64_t run, td_index_fn *fn, void *arg)
{
    const struct entry *entry = run != 0 ? find_entry(log, run) : NULL;

    if (entry != NULL)
        fn(arg, run, entry->seq);
    if (run != 0)
        return;
    for (const struct map_node *node = log->index.first[0]; node != NULL; node = node->next[0]) {
        uint64_t number = 0;

        entry = node->value;
        for (int i = 0; i < 8; i++)
            number = number << 8 | (unsigned char)node->key[i];
        if (fn(arg, number, entry->seq) != 0)
            return;
    }
}

static int read_index(struct td_ctx *ctx, const char *name, uint64_t run, td_index_fn *fn,
                      void *arg, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct log *log;

    if (memory_check_name("log", name, err) != 0)
        return -1;
    pthread_rwlock_rdlock(&memory->lock);
    log = memory_find(&memory->logs, name);
    if (log != NULL)
        index_locked(log, run, fn, arg);
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

static void remove_entry(struct memory *memory, struct log *log, struct entry *entry)
{
    if (entry != NULL)
        map_detach(&log->index, entry->node);
    entry_free(memory, entry);
}

static void prune_locked(struct memory *memory, struct log *log, uint64_t run, uint64_t head,
                         uint64_t keep_from)
{
    struct entry *entry = find_entry(log, run);
    bool with_entry = keep_from == 0;
    struct row *row;

    while (head > keep_from && (row = stream_find(&log->rows, head)) != NULL && row->run == run) {
        with_entry = with_entry || (entry != NULL && entry->seq == head);
        stream_take(&log->rows, &memory->pool, head);
        head = row->before;
        pool_free(&memory->pool, row);
    }
    if (with_entry)
        remove_entry(memory, log, entry);
}

static int prune(struct td_ctx *ctx, const char *name, uint64_t run, uint64_t head,
                 uint64_t keep_from, struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct row *row;
    struct log *log;
    int rc = 0;

    if (memory_check_name("log", name, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    log = memory_find(&memory->logs, name);
    row = log != NULL ? stream_find(&log->rows, head) : NULL;
    if (row != NULL && row->run != run)
        rc = td_fail(err, TD_E_INVAL, "row %llu of log \"%s\" belongs to another run",
                     (unsigned long long)head, name);
    else if (log != NULL)
        prune_locked(memory, log, run, head, keep_from);
    pthread_rwlock_unlock(&memory->lock);
    return rc;
}

static int prune_runs(struct td_ctx *ctx, const char *name, const uint64_t *runs, size_t count,
                      struct td_err *err)
{
    struct memory *memory = td_self(ctx);
    const struct entry *entry;
    struct log *log;

    if (memory_check_name("log", name, err) != 0)
        return -1;
    pthread_rwlock_wrlock(&memory->lock);
    log = memory_find(&memory->logs, name);
    for (size_t i = 0; log != NULL && i < count; i++)
        if ((entry = find_entry(log, runs[i])) != NULL)
            prune_locked(memory, log, runs[i], entry->seq, 0);
    pthread_rwlock_unlock(&memory->lock);
    return 0;
}

static void drop_log(struct memory *memory, struct log *log)
{
    struct stream_cursor cursor = { 0 };
    struct map_node *next;
    void *row;

    while ((row = stream_next(&log->rows, &cursor)) != NULL)
        pool_free(&memory->pool, row);
    stream_free(&log->rows, &memory->pool);
    for (struct map_node *node = log->index.first[0]; node != NULL; node = next) {
        next = node->next[0];
        entry_free(memory, node->value);
    }
    pool_free(&memory->pool, log);
}

void log_drop(struct memory *memory)
{
    struct map_node *next;

    for (struct map_node *node = memory->logs.first[0]; node != NULL; node = next) {
        next = node->next[0];
        drop_log(memory, node->value);
        map_node_free(&memory->pool, node);
    }
}

const struct td_log_table memory_log = {
    TD_SIZE(struct td_log_table), .scan = scan,   .read = read_row,
    .index = read_index,          .prune = prune, .prune_runs = prune_runs,
};
