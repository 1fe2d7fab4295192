/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_store: a storage backend for tests, made without a plugin folder.
 *
 * What is committed lives in a disk that the test owns, so it outlasts the store: closing a store
 * in the middle and opening another on the same disk is a crash, since nothing that was not
 * committed is there. The disk counts commits, can refuse them from the n-th on, and tells the test
 * of each.
 */
#ifndef TESTS_FAKE_STORE_H
#define TESTS_FAKE_STORE_H

#include <pthread.h>

#include "store/store.h"

struct fake_record {
    char *space, *key, *value;
    size_t length;
    uint64_t version;
};

struct fake_row {
    uint64_t seq, run, before; /* run 0: it was pruned */
    uint32_t type;
    char *value;
    size_t length;
};

/* Zeroed but for the lock; made by fake_disk_new. */
struct fake_disk {
    pthread_mutex_t lock;
    struct fake_record *records; /* in byte order of space and key */
    size_t record_count, record_room;
    struct fake_row *rows;
    size_t row_count, row_room;
    struct fake_record *index; /* of the log: run in version, seq in length */
    size_t index_count, index_room;
    struct fake_row *topic; /* what was published, of one topic */
    size_t topic_count, topic_room;
    _Atomic unsigned commits; /* that succeeded */
    _Atomic unsigned tried;   /* also those that did not */
    _Atomic unsigned allowed; /* commits until the disk is gone; 0: for ever */
    size_t ops_largest;       /* of one commit */
    _Atomic bool is_full;     /* every commit fails, the rest works */
    bool is_slow;             /* commits take a while */
    const char *damaged;      /* a space whose records cannot be read; NULL: none */
    enum td_durability durability;
    /* after each that succeeded; may be NULL */
    void (*on_commit)(void *arg, struct td_op *const *ops, size_t count);
    void *arg;
};

struct fake_disk *fake_disk_new(void);
void fake_disk_free(struct fake_disk *disk);
/** True when the disk has refused a commit because it is gone: the process counts as dead. */
bool fake_disk_is_gone(const struct fake_disk *disk);
/** Opens a store on a disk. new; tdh_store_close(). */
struct tdh_store *fake_store_open(struct tdh_runtime *runtime, struct fake_disk *disk,
                                  bool is_blocking);

#endif
