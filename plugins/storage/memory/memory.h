/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory: the state of one store, and what its parts offer each other.
 *
 * One lock guards everything: functions that change take it for writing, those that read for
 * reading, also while they call back. A batch is applied operation by operation; each leaves what
 * is needed to undo it without memory (struct change).
 */
#ifndef MEMORY_MEMORY_H
#define MEMORY_MEMORY_H

#include "map.h"
#include "pool.h"
#include "stream.h"

#include <pthread.h>
#include <stdbool.h>
#include <tdev/storage.h>

struct memory {
    int64_t limit; /* option */
    bool is_open;
    pthread_rwlock_t lock;
    struct pool pool;
    struct map spaces;                              /* by name: struct map of struct record */
    struct map expiry;                              /* by time, space and key: struct record */
    struct map logs, queues, topics, leases, blobs; /* by name */
    uint64_t last_seq, last_item, last_token;
};

/*
 * One operation of a batch while the batch is not decided. `made` is what it put in, `taken` what
 * it took out: apply fills them, then either undo puts `taken` back and frees `made`, or settle
 * frees `taken`.
 */
struct change {
    struct memory *memory;
    struct td_op *op;
    void *place; /* the space, log, queue or topic */
    void *made, *taken;
    uint64_t head; /* what *op->head was */
};

typedef int change_apply_fn(struct change *change, struct td_err *err);
typedef void change_end_fn(struct change *change);

/** err TD_E_INVAL unless `name` has 1 to TD_NAME_MAX bytes; `what` is the word for it. */
int memory_check_name(const char *what, const char *name, struct td_err *err);
int memory_check_value(struct td_bytes value, struct td_err *err);
/** The thing of that name in a map; NULL when there is none. */
void *memory_find(const struct map *map, const char *name);
/** The thing of that name, made of zeros when there is none. err TD_E_LIMIT, TD_E_NOMEM */
void *memory_place(struct memory *memory, struct map *map, const char *name, size_t size,
                   struct td_err *err);
/** new: malloc'ed copy with a NUL behind it, for the caller of the store. err TD_E_NOMEM */
void *memory_copy(const void *data, size_t length, struct td_err *err);

int kv_guard(struct change *change, struct td_err *err);
int kv_put(struct change *change, struct td_err *err);
int kv_delete(struct change *change, struct td_err *err);
void kv_undo(struct change *change);
void kv_settle(struct change *change);
void kv_drop(struct memory *memory);

int lease_guard(struct change *change, struct td_err *err);
void lease_drop(struct memory *memory);

int log_append(struct change *change, struct td_err *err);
void log_undo(struct change *change);
void log_settle(struct change *change);
void log_drop(struct memory *memory);

int queue_push(struct change *change, struct td_err *err);
int queue_ack(struct change *change, struct td_err *err);
void queue_undo(struct change *change);
void queue_settle(struct change *change);
void queue_drop(struct memory *memory);

int topic_publish(struct change *change, struct td_err *err);
void topic_undo(struct change *change);
void topic_drop(struct memory *memory);

void blob_drop(struct memory *memory);

/** The one of struct td_storage. */
int memory_commit(struct td_ctx *ctx, struct td_op *const *ops, size_t count, size_t *ret_failed,
                  struct td_err *err);

extern const struct td_kv memory_kv;
extern const struct td_log_table memory_log;
extern const struct td_queue memory_queue;
extern const struct td_topic memory_topic;
extern const struct td_lease memory_lease;
extern const struct td_blob memory_blob;

#endif
