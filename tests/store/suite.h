/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite: what every backend must do, as tests that know nothing of the backend but its name. A
 * fixture is one open, empty store in a folder of its own. Time is given, never waited for.
 */
#ifndef TESTS_STORE_SUITE_H
#define TESTS_STORE_SUITE_H

#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after those four */
#include <cmocka.h>

#define NOW INT64_C(1790000000000000)
#define SECOND INT64_C(1000000)

struct suite {
    char folder[64], path[96];
    struct fake store;
    struct td_err err; /* of the last call */
    size_t failed;     /* of the last commit */
};

#define OP(of, ...) ((struct td_op){ TD_SIZE(struct td_op), .kind = (of), __VA_ARGS__ })
#define CTX(suite) (&(suite)->store.ctx)
#define KV(suite) ((suite)->store.table->kv)
#define LOG(suite) ((suite)->store.table->log)
#define QUEUE(suite) ((suite)->store.table->queue)
#define TOPIC(suite) ((suite)->store.table->topic)
#define LEASE(suite) ((suite)->store.table->lease)
#define BLOB(suite) ((suite)->store.table->blob)

/** The backend whose turn it is; set by main. */
extern const char *suite_backend;

/** Makes the folder; the store is opened by suite_setup, not by suite_setup_closed. */
int suite_setup(void **state);
int suite_setup_closed(void **state);
int suite_teardown(void **state);
/** Opens with default options; -1 with suite->err. */
int suite_open(struct suite *suite);
void suite_close(struct suite *suite);
/** Closes and opens. */
void suite_reopen(struct suite *suite);

/** A call must have succeeded, or the test fails with its words. */
void suite_ok(const struct suite *suite, int rc);
/** A call must have failed with this code and, unless NULL, exactly these words. */
void suite_fails(const struct suite *suite, int rc, enum td_code code, const char *words);

struct td_bytes suite_bytes(const char *text);
/** Commits operations in one batch. */
int suite_commit(struct suite *suite, struct td_op *ops, size_t count);
/** Each commits one operation; they must succeed. */
uint64_t suite_put(struct suite *suite, const char *space, const char *key, const char *text);
void suite_append(struct suite *suite, const char *log, uint64_t run, uint64_t *head,
                  const char *text, uint32_t flags);
uint64_t suite_push(struct suite *suite, const char *queue, int32_t priority, int64_t time_us,
                    const char *text);
void suite_publish(struct suite *suite, const char *topic, const char *text);
/** Reads a record as text; NULL when it is not there. Valid until the next call. */
const char *suite_get(struct suite *suite, const char *space, const char *key, int64_t now_us);

/** Runs SQL on a file with the library alone: what is to be found there. */
void suite_execute(const char *path, const char *sql);
/** The number that SQL gives. */
int64_t suite_ask(const char *path, const char *sql);

/* Callbacks that collect what they see as text, separated by blanks. */
struct suite_seen {
    char text[4096];
    int left; /* so many more, then stop; 0: no end */
};
int suite_see_key(void *arg, const char *key, struct td_bytes value, uint64_t version);
/** seq:run:before=value */
int suite_see_row(void *arg, const struct td_row *row);
/** value only */
int suite_see_value(void *arg, const struct td_row *row);
int suite_see_item(void *arg, uint64_t seq, struct td_bytes value, int64_t time_us);
int suite_see_entry(void *arg, uint64_t run, uint64_t seq);

/* The tests of each capability: run under `suite_backend`, return the number that failed. */
int suite_kv(void);
int suite_log(void);
int suite_queue(void);
int suite_topic(void);
int suite_lease(void);
int suite_blob(void);
int suite_batch(void);
int suite_threads(void);

/* Tests of one backend, or of two against each other. */
int only_memory(void);
int only_sqlite_file(void);
int only_sqlite_tables(void);
int only_sqlite_damage(void);
int only_sqlite_backup(void);
int only_sqlite_processes(void);
int only_sqlite_full(void);
int only_sqlite_fault(void);
int property(void);

#endif
