/*
 * @NAME@: records in a sorted list in memory.
 *
 * A record is never changed: a commit copies the list of pointers, works on the copy, and puts it
 * in the place of the old one when every operation held. So a reader sees the state before or after
 * a batch, and a failure has nothing to take back.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

struct record {
    char *space, *key;
    void *data; /* with a NUL behind it */
    size_t length;
    uint64_t version;
    int64_t expires_us; /* 0: never */
};

struct list {
    struct record **rows; /* by space, then key, in byte order */
    size_t count, room;
};

struct @IDENT@_state {
    int64_t records; /* option */
    pthread_mutex_t lock;
    struct list list; /* under the lock */
    int is_begun;
};

static const struct td_binding *const bindings[] = { TD_BIND_INT(struct @IDENT@_state, records),
                                                     NULL };

/* --- records --- */

static void record_free(struct record *record)
{
    if (record == NULL)
        return;
    free(record->space);
    free(record->key);
    free(record->data);
    free(record);
}

/* A copy of `length` bytes and a NUL. */
static void *copy_bytes(const void *data, size_t length)
{
    char *copy = malloc(length + 1);

    if (copy == NULL)
        return NULL;
    if (length > 0)
        memcpy(copy, data, length);
    copy[length] = '\0';
    return copy;
}

static struct record *record_new(const struct td_op *op, uint64_t version)
{
    struct record *record = calloc(1, sizeof(*record));

    if (record == NULL)
        return NULL;
    record->space = strdup(op->space);
    record->key = strdup(op->key);
    record->data = copy_bytes(op->value.data, op->value.length);
    record->length = op->value.length;
    record->version = version;
    record->expires_us = op->expires_us;
    if (record->space != NULL && record->key != NULL && record->data != NULL)
        return record;
    record_free(record);
    return NULL;
}

static int is_there(const struct record *record, int64_t now_us)
{
    return record->expires_us == 0 || now_us < record->expires_us;
}

/* The place of a record, or where it would go; *ret_found says which. */
static size_t find(const struct list *list, const char *space, const char *key, int *ret_found)
{
    size_t low = 0, high = list->count;

    *ret_found = 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(list->rows[middle]->space, space);

        if (order == 0)
            order = strcmp(list->rows[middle]->key, key);
        if (order == 0)
            *ret_found = 1;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* --- reading --- */

static int kv_get(struct td_ctx *ctx, const char *space, const char *key, int64_t now_us,
                  void **ret_value, size_t *ret_length, uint64_t *ret_version, struct td_err *err)
{
    struct @IDENT@_state *self = td_self(ctx);
    int is_found, rc = 0;
    size_t place;

    pthread_mutex_lock(&self->lock);
    place = find(&self->list, space, key, &is_found);
    if (is_found && is_there(self->list.rows[place], now_us)) {
        const struct record *record = self->list.rows[place];
        void *value = copy_bytes(record->data, record->length);

        if (value == NULL) {
            rc =
                td_fail(err, TD_E_NOMEM, "could not allocate a value of %zu bytes", record->length);
        } else {
            *ret_value = value;
            *ret_length = record->length;
            *ret_version = record->version;
        }
    } else {
        rc = td_fail(err, TD_E_NOTFOUND, "record \"%s\" of space \"%s\" is not there", key, space);
    }
    pthread_mutex_unlock(&self->lock);
    return rc;
}

/* Whether a scan shows a record. */
static int is_shown(const struct record *record, const char *space, const char *prefix,
                    const char *after, uint32_t flags, int64_t now_us)
{
    int order = after != NULL ? strcmp(record->key, after) : 0;

    if (strcmp(record->space, space) != 0 || !is_there(record, now_us))
        return 0;
    if (prefix != NULL && strncmp(record->key, prefix, strlen(prefix)) != 0)
        return 0;
    return after == NULL || (flags & TD_SCAN_DOWN ? order < 0 : order > 0);
}

static int kv_scan(struct td_ctx *ctx, const char *space, const char *prefix, const char *after,
                   uint32_t limit, uint32_t flags, int64_t now_us, td_kv_fn *fn, void *arg,
                   struct td_err *err)
{
    struct @IDENT@_state *self = td_self(ctx);
    uint32_t shown = 0;

    (void)err;
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->list.count && (limit == 0 || shown < limit); i++) {
        const struct record *record =
            self->list.rows[flags & TD_SCAN_DOWN ? self->list.count - 1 - i : i];

        if (!is_shown(record, space, prefix, after, flags, now_us))
            continue;
        shown++;
        if (fn(arg, record->key, (struct td_bytes){ record->data, record->length },
               record->version) != 0)
            break;
    }
    pthread_mutex_unlock(&self->lock);
    return 0;
}

static int kv_expire(struct td_ctx *ctx, int64_t now_us, uint32_t limit, uint32_t *ret_count,
                     struct td_err *err)
{
    struct @IDENT@_state *self = td_self(ctx);
    struct list *list = &self->list;
    size_t kept = 0;
    uint32_t count = 0;

    (void)err;
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < list->count; i++) {
        if (!is_there(list->rows[i], now_us) && (limit == 0 || count < limit)) {
            record_free(list->rows[i]);
            count++;
        } else {
            list->rows[kept++] = list->rows[i];
        }
    }
    list->count = kept;
    pthread_mutex_unlock(&self->lock);
    *ret_count = count;
    return 0;
}

/* --- commit --- */

/* A batch on its way: the copy it works on, and what is to be freed when it holds or fails. */
struct batch {
    struct list list;
    struct record **made, **replaced;
    size_t made_count, replaced_count;
    size_t most; /* records */
};

static int check_version(const struct td_op *op, uint64_t now, struct td_err *err)
{
    if (op->version == TD_VERSION_ANY || op->version == now)
        return 0;
    return td_fail(err, TD_E_CONFLICT,
                   "record \"%s\" of space \"%s\" has version %llu, expected %llu", op->key,
                   op->space, (unsigned long long)now, (unsigned long long)op->version);
}

static void take_out(struct batch *batch, size_t place)
{
    struct list *list = &batch->list;

    batch->replaced[batch->replaced_count++] = list->rows[place];
    list->count--;
    memmove(&list->rows[place], &list->rows[place + 1],
            (list->count - place) * sizeof(*list->rows));
}

static int put_in(struct batch *batch, size_t place, const struct td_op *op, uint64_t version,
                  struct td_err *err)
{
    struct list *list = &batch->list;
    struct record *record;

    if (list->count >= batch->most)
        return td_fail(err, TD_E_LIMIT,
                       "there are %zu records already, the most that option \"records\" allows",
                       list->count);
    record = record_new(op, version);
    if (record == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate record \"%s\"", op->key);
    batch->made[batch->made_count++] = record;
    memmove(&list->rows[place + 1], &list->rows[place],
            (list->count - place) * sizeof(*list->rows));
    list->rows[place] = record;
    list->count++;
    return 0;
}

static int apply(struct batch *batch, struct td_op *op, struct td_err *err)
{
    int is_found;
    size_t place;
    uint64_t now;

    if (op->kind != TD_OP_GUARD_KV && op->kind != TD_OP_PUT && op->kind != TD_OP_DELETE)
        return td_fail(err, TD_E_UNSUPPORTED,
                       "operations of kind %d are not offered by this backend", (int)op->kind);
    place = find(&batch->list, op->space, op->key, &is_found);
    now = is_found && is_there(batch->list.rows[place], op->time_us)
              ? batch->list.rows[place]->version
              : TD_VERSION_ABSENT;
    if (check_version(op, now, err) != 0)
        return -1;
    if (op->kind == TD_OP_GUARD_KV)
        return 0;
    if (is_found)
        take_out(batch, place);
    if (op->kind == TD_OP_DELETE)
        return 0;
    op->ret_version = now + 1;
    return put_in(batch, place, op, now + 1, err);
}

static int batch_begin(struct batch *batch, const struct list *list, size_t count, int64_t most,
                       struct td_err *err)
{
    size_t room = list->count + count + 1;

    *batch = (struct batch){ .most = (size_t)most };
    batch->list = (struct list){ calloc(room, sizeof(struct record *)), list->count, room };
    batch->made = calloc(count + 1, sizeof(struct record *));
    batch->replaced = calloc(count + 1, sizeof(struct record *));
    if (batch->list.rows == NULL || batch->made == NULL || batch->replaced == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a batch of %zu operations", count);
    if (list->count > 0)
        memcpy(batch->list.rows, list->rows, list->count * sizeof(*list->rows));
    return 0;
}

/* What was replaced is old or was made by this very batch; what was made and is not kept goes as
 * well. */
static void batch_end(struct batch *batch, struct list *list, int is_good)
{
    struct record **gone = is_good ? batch->replaced : batch->made;
    size_t count = is_good ? batch->replaced_count : batch->made_count;

    for (size_t i = 0; i < count; i++)
        record_free(gone[i]);
    if (is_good) {
        free(list->rows);
        *list = batch->list;
    } else {
        free(batch->list.rows);
    }
    free(batch->made);
    free(batch->replaced);
}

static int commit(struct td_ctx *ctx, struct td_op *const *ops, size_t count, size_t *ret_failed,
                  struct td_err *err)
{
    struct @IDENT@_state *self = td_self(ctx);
    struct batch batch;
    size_t at = 0;
    int rc;

    pthread_mutex_lock(&self->lock);
    rc = batch_begin(&batch, &self->list, count, self->records, err);
    *ret_failed = count;
    while (rc == 0 && at < count) {
        rc = apply(&batch, ops[at], err);
        if (rc != 0)
            *ret_failed = at;
        at++;
    }
    batch_end(&batch, &self->list, rc == 0);
    pthread_mutex_unlock(&self->lock);
    return rc;
}

/* --- life --- */

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
    *ret_version = *ret_newest = 1;
    return 0;
}

static int migrate(struct td_ctx *ctx, uint32_t wanted, struct td_err *err)
{
    (void)ctx;
    return wanted == 1 ? 0
                       : td_fail(err, TD_E_UNSUPPORTED,
                                 "there is no version %u of what is kept in memory", wanted);
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct @IDENT@_state *self = td_self(ctx);

    if (pthread_mutex_init(&self->lock, NULL) != 0)
        return td_fail(err, TD_E_NOMEM, "could not make a lock");
    self->is_begun = 1;
    return 0;
}

static void drop(struct td_ctx *ctx)
{
    struct @IDENT@_state *self = td_self(ctx);

    for (size_t i = 0; i < self->list.count; i++)
        record_free(self->list.rows[i]);
    free(self->list.rows);
    if (self->is_begun)
        pthread_mutex_destroy(&self->lock);
}

static const struct td_kv kv = { TD_SIZE(struct td_kv), .get = kv_get, .scan = kv_scan,
                                 .expire = kv_expire };
static const struct td_storage storage = {
    TD_SIZE(struct td_storage), .kv = &kv,          .commit = commit,
    .durability = durability,   .version = version, .migrate = migrate,
};
static const struct td_plugin @IDENT@_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_STORAGE,
    .name = "@NAME@",
    .version = "0.1.0",
    .state_size = sizeof(struct @IDENT@_state),
    .bindings = bindings,
    .init = init,
    .drop = drop,
    .storage = &storage,
};
TD_PLUGIN(@IDENT@_plugin);
