/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_store: arrays in memory. The guards of a batch are all looked at first, then nothing can
 * fail.
 */
#include "fake_store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct fake_ctx {
    struct td_ctx ctx;
    struct fake_disk *disk;
};

static struct fake_disk *disk_of(struct td_ctx *ctx)
{
    return ((struct fake_ctx *)ctx)->disk;
}

struct fake_disk *fake_disk_new(void)
{
    struct fake_disk *disk = calloc(1, sizeof(*disk));

    pthread_mutex_init(&disk->lock, NULL);
    disk->durability = TD_DURABLE_FULL;
    return disk;
}

static void free_record(struct fake_record *record)
{
    free(record->space);
    free(record->key);
    free(record->value);
}

void fake_disk_free(struct fake_disk *disk)
{
    for (size_t i = 0; i < disk->record_count; i++)
        free_record(&disk->records[i]);
    for (size_t i = 0; i < disk->row_count; i++)
        free(disk->rows[i].value);
    free(disk->records);
    for (size_t i = 0; i < disk->topic_count; i++)
        free(disk->topic[i].value);
    free(disk->topic);
    free(disk->rows);
    free(disk->index);
    pthread_mutex_destroy(&disk->lock);
    free(disk);
}

bool fake_disk_is_gone(const struct fake_disk *disk)
{
    return disk->allowed != 0 && disk->tried > disk->allowed;
}

/* Room for one more at `place` of a sorted array. */
static void *make_room(void *list, size_t *count, size_t *room, size_t size, size_t place)
{
    char *bytes = list;

    if (*count == *room) {
        *room = *room > 0 ? *room * 2 : 16;
        bytes = realloc(bytes, *room * size);
    }
    memmove(bytes + (place + 1) * size, bytes + place * size, (*count - place) * size);
    memset(bytes + place * size, 0, size);
    (*count)++;
    return bytes;
}

static char *copy(const void *data, size_t length)
{
    char *bytes = malloc(length + 1);

    if (length > 0)
        memcpy(bytes, data, length);
    bytes[length] = '\0';
    return bytes;
}

/* --- records --- */

static int compare(const struct fake_record *record, const char *space, const char *key)
{
    int order = strcmp(record->space, space);

    return order != 0 ? order : strcmp(record->key, key);
}

/* The first record not before space and key. */
static size_t place_of(const struct fake_disk *disk, const char *space, const char *key)
{
    size_t low = 0, high = disk->record_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (compare(&disk->records[middle], space, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct fake_record *find(struct fake_disk *disk, const char *space, const char *key)
{
    size_t place = place_of(disk, space, key);

    return place < disk->record_count && compare(&disk->records[place], space, key) == 0
               ? &disk->records[place]
               : NULL;
}

static void put(struct fake_disk *disk, struct td_op *op)
{
    struct fake_record *record = find(disk, op->space, op->key);

    if (record == NULL) {
        size_t place = place_of(disk, op->space, op->key);

        disk->records = make_room(disk->records, &disk->record_count, &disk->record_room,
                                  sizeof(*record), place);
        record = &disk->records[place];
        record->space = strdup(op->space);
        record->key = strdup(op->key);
    }
    free(record->value);
    record->value = copy(op->value.data, op->value.length);
    record->length = op->value.length;
    op->ret_version = ++record->version;
}

static void take_out(struct fake_disk *disk, const struct td_op *op)
{
    struct fake_record *record = find(disk, op->space, op->key);

    if (record == NULL)
        return;
    free_record(record);
    disk->record_count--;
    memmove(record, record + 1,
            (size_t)(disk->records + disk->record_count - record) * sizeof(*record));
}

/* --- log --- */

static void note_index(struct fake_disk *disk, uint64_t run, uint64_t seq)
{
    size_t i = 0;

    while (i < disk->index_count && disk->index[i].version != run)
        i++;
    if (i == disk->index_count)
        disk->index =
            make_room(disk->index, &disk->index_count, &disk->index_room, sizeof(*disk->index), i);
    disk->index[i].version = run;
    disk->index[i].length = seq;
}

static void append(struct fake_disk *disk, struct td_op *op)
{
    struct fake_row row = { .seq = disk->row_count + 1,
                            .run = op->run,
                            .before = *op->head,
                            .type = op->type,
                            .value = copy(op->value.data, op->value.length),
                            .length = op->value.length };

    disk->rows =
        make_room(disk->rows, &disk->row_count, &disk->row_room, sizeof(row), disk->row_count);
    disk->rows[disk->row_count - 1] = row;
    *op->head = op->ret_version = row.seq;
    if (op->flags & TD_APPEND_INDEX)
        note_index(disk, op->run, row.seq);
}

static void publish(struct fake_disk *disk, const struct td_op *op)
{
    size_t place = disk->topic_count;

    disk->topic =
        make_room(disk->topic, &disk->topic_count, &disk->topic_room, sizeof(*disk->topic), place);
    disk->topic[place].value = copy(op->value.data, op->value.length);
    disk->topic[place].length = op->value.length;
}

/* --- commit --- */

static bool holds(struct fake_disk *disk, const struct td_op *op)
{
    const struct fake_record *record;

    if (op->kind == TD_OP_APPEND || op->kind == TD_OP_PUBLISH || op->version == TD_VERSION_ANY)
        return true;
    record = find(disk, op->space, op->key);
    return (record != NULL ? record->version : 0) == op->version;
}

/* Writes of several are one commit: has one before it changed the record that it guards? */
static bool is_late(struct td_op *const *ops, size_t place)
{
    const struct td_op *op = ops[place];

    if (op->kind != TD_OP_PUT || op->version == TD_VERSION_ANY)
        return false;
    for (size_t i = 0; i < place; i++)
        if (ops[i]->kind == TD_OP_PUT && strcmp(ops[i]->key, op->key) == 0 &&
            strcmp(ops[i]->space, op->space) == 0)
            return true;
    return false;
}

static void apply(struct fake_disk *disk, struct td_op *op)
{
    if (op->kind == TD_OP_PUT)
        put(disk, op);
    else if (op->kind == TD_OP_DELETE)
        take_out(disk, op);
    else if (op->kind == TD_OP_APPEND)
        append(disk, op);
    else if (op->kind == TD_OP_PUBLISH)
        publish(disk, op);
}

static int commit_locked(struct fake_disk *disk, struct td_op *const *ops, size_t count,
                         size_t *ret_failed, struct td_err *err)
{
    *ret_failed = count;
    if (disk->is_full || (disk->allowed != 0 && disk->commits >= disk->allowed))
        return td_fail(err, TD_E_IO, "the disk is %s", disk->is_full ? "full" : "gone");
    for (size_t i = 0; i < count; i++)
        if (!holds(disk, ops[i]) || is_late(ops, i)) {
            *ret_failed = i;
            return td_fail(err, TD_E_CONFLICT, "record \"%s/%s\" is of another version",
                           ops[i]->space, ops[i]->key);
        }
    for (size_t i = 0; i < count; i++)
        apply(disk, ops[i]);
    disk->commits++;
    if (count > disk->ops_largest)
        disk->ops_largest = count;
    return 0;
}

static int commit(struct td_ctx *ctx, struct td_op *const *ops, size_t count, size_t *ret_failed,
                  struct td_err *err)
{
    struct fake_disk *disk = disk_of(ctx);
    int rc;

    if (disk->is_slow)
        nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
    pthread_mutex_lock(&disk->lock);
    disk->tried++;
    rc = commit_locked(disk, ops, count, ret_failed, err);
    if (rc == 0 && disk->on_commit != NULL)
        disk->on_commit(disk->arg, ops, count);
    pthread_mutex_unlock(&disk->lock);
    return rc;
}

/* --- reading --- */

static int kv_get(struct td_ctx *ctx, const char *space, const char *key, int64_t now_us,
                  void **ret_value, size_t *ret_length, uint64_t *ret_version, struct td_err *err)
{
    struct fake_disk *disk = disk_of(ctx);
    const struct fake_record *record;

    (void)now_us;
    if (disk->damaged != NULL && strcmp(disk->damaged, space) == 0)
        return td_fail(err, TD_E_CORRUPT, "record \"%s/%s\" is damaged", space, key);
    pthread_mutex_lock(&disk->lock);
    record = find(disk, space, key);
    if (record != NULL) {
        *ret_value = copy(record->value, record->length);
        *ret_length = record->length;
        *ret_version = record->version;
    }
    pthread_mutex_unlock(&disk->lock);
    return record != NULL ? 0
                          : td_fail(err, TD_E_NOTFOUND, "there is no record \"%s/%s\"", space, key);
}

static int kv_scan(struct td_ctx *ctx, const char *space, const char *prefix, const char *after,
                   uint32_t limit, uint32_t flags, int64_t now_us, td_kv_fn *fn, void *arg,
                   struct td_err *err)
{
    struct fake_disk *disk = disk_of(ctx);
    bool is_down = (flags & TD_SCAN_DOWN) != 0;
    uint32_t count = 0;

    (void)now_us;
    (void)err;
    pthread_mutex_lock(&disk->lock);
    for (size_t at = 0; at < disk->record_count && (limit == 0 || count < limit); at++) {
        const struct fake_record *record =
            &disk->records[is_down ? disk->record_count - 1 - at : at];
        int order = after != NULL ? strcmp(record->key, after) : 0;

        if (strcmp(record->space, space) != 0 ||
            (prefix != NULL && strncmp(record->key, prefix, strlen(prefix)) != 0))
            continue;
        if (after != NULL && (is_down ? order >= 0 : order <= 0))
            continue;
        count++;
        if (fn(arg, record->key, (struct td_bytes){ record->value, record->length },
               record->version) != 0)
            break;
    }
    pthread_mutex_unlock(&disk->lock);
    return 0;
}

static int tell_row(const struct fake_row *row, td_row_fn *fn, void *arg)
{
    const struct td_row out = { .size = sizeof(out),
                                .type = row->type,
                                .seq = row->seq,
                                .run = row->run,
                                .before = row->before,
                                .value = { row->value, row->length } };

    return fn(arg, &out);
}

static int log_scan(struct td_ctx *ctx, const char *log, uint64_t from, uint64_t run, td_row_fn *fn,
                    void *arg, struct td_err *err)
{
    struct fake_disk *disk = disk_of(ctx);

    (void)log;
    (void)err;
    pthread_mutex_lock(&disk->lock);
    for (size_t i = from > 0 ? from - 1 : 0; i < disk->row_count; i++)
        if (disk->rows[i].run != 0 && (run == 0 || disk->rows[i].run == run) &&
            tell_row(&disk->rows[i], fn, arg) != 0)
            break;
    pthread_mutex_unlock(&disk->lock);
    return 0;
}

static int log_read(struct td_ctx *ctx, const char *log, uint64_t seq, td_row_fn *fn, void *arg,
                    struct td_err *err)
{
    struct fake_disk *disk = disk_of(ctx);
    bool is_there;

    pthread_mutex_lock(&disk->lock);
    is_there = seq > 0 && seq <= disk->row_count && disk->rows[seq - 1].run != 0;
    if (is_there)
        tell_row(&disk->rows[seq - 1], fn, arg);
    pthread_mutex_unlock(&disk->lock);
    return is_there ? 0
                    : td_fail(err, TD_E_NOTFOUND, "row %llu of log \"%s\" is not there",
                              (unsigned long long)seq, log);
}

static int log_index(struct td_ctx *ctx, const char *log, uint64_t run, td_index_fn *fn, void *arg,
                     struct td_err *err)
{
    struct fake_disk *disk = disk_of(ctx);

    (void)log;
    (void)err;
    pthread_mutex_lock(&disk->lock);
    for (size_t i = 0; i < disk->index_count; i++)
        if (disk->index[i].version != 0 && (run == 0 || disk->index[i].version == run) &&
            fn(arg, disk->index[i].version, disk->index[i].length) != 0)
            break;
    pthread_mutex_unlock(&disk->lock);
    return 0;
}

/* Rows keep their places: one that is gone is of no run. One by one, as an old backend does it; as
 * durable as a commit, and counted as one. */
static int log_prune(struct td_ctx *ctx, const char *log, uint64_t run, uint64_t head,
                     uint64_t keep_from, struct td_err *err)
{
    struct fake_disk *disk = disk_of(ctx);
    int rc = 0;

    (void)log;
    pthread_mutex_lock(&disk->lock);
    disk->tried++;
    if (disk->is_full || (disk->allowed != 0 && disk->commits >= disk->allowed))
        rc = td_fail(err, TD_E_IO, "the disk is %s", disk->is_full ? "full" : "gone");
    for (uint64_t at = head; rc == 0 && at > keep_from && disk->rows[at - 1].run == run;) {
        disk->rows[at - 1].run = 0;
        at = disk->rows[at - 1].before;
    }
    for (size_t i = 0; rc == 0 && keep_from == 0 && i < disk->index_count; i++)
        if (disk->index[i].version == run)
            disk->index[i].version = 0;
    disk->commits += rc == 0;
    pthread_mutex_unlock(&disk->lock);
    return rc;
}

static enum td_durability durability(struct td_ctx *ctx)
{
    return disk_of(ctx)->durability;
}

static const struct td_kv kv = { TD_SIZE(struct td_kv), .get = kv_get, .scan = kv_scan };
static const struct td_log_table rows = { TD_SIZE(struct td_log_table), .scan = log_scan,
                                          .read = log_read, .index = log_index,
                                          .prune = log_prune };
static const struct td_storage storage = { TD_SIZE(struct td_storage), .kv = &kv, .log = &rows,
                                           .commit = commit, .durability = durability };

struct tdh_store *fake_store_open(struct tdh_runtime *runtime, struct fake_disk *disk,
                                  bool is_blocking)
{
    struct fake_ctx *fake = calloc(1, sizeof(*fake));
    struct tdh_store_backend backend = {
        .table = &storage, .is_blocking = is_blocking, .close = free, .arg = fake
    };
    struct td_err err;

    fake->disk = disk;
    backend.ctx = &fake->ctx;
    return tdh_store_new(runtime, &backend, &err);
}
