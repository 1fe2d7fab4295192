/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn: connections to the file: how they wait for a lock, and the pool of those that read.
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * SQLite's own waiting grows to 100 ms, which lets a busy neighbour win for seconds; a commit here
 * takes about one. Waits are of 0.1 to 2 ms.
 */
int conn_wait(void *arg, int tries)
{
    struct conn *conn = arg;
    struct timespec pause = { .tv_nsec = tries < 19 ? 100000 * (tries + 1) : 2000000 };

    if (tries == 0)
        conn->busy_since_us = now_us();
    if (now_us() - conn->busy_since_us >= conn->busy_max_us)
        return 0;
    nanosleep(&pause, NULL);
    return 1;
}

int conn_open(struct store *store, struct conn *conn, int flags, struct td_err *err)
{
    const int always = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

    conn->store = store;
    conn->busy_max_us = store->busy_timeout * 1000;
    if (sqlite3_open_v2(store->file, &conn->db, flags | always, NULL) != SQLITE_OK) {
        if (conn->db == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a connection to store \"%s\"",
                           store->file);
        return store_fail(conn, "open the file", err);
    }
    if (sum_register(conn->db) != SQLITE_OK)
        return store_fail(conn, "open the file", err);
    sqlite3_extended_result_codes(conn->db, 1);
    sqlite3_busy_handler(conn->db, conn_wait, conn);
    return 0;
}

void conn_close(struct conn *conn)
{
    for (size_t i = 0; i < SQL_COUNT_; i++)
        sqlite3_finalize(conn->stmts[i]);
    sqlite3_close(conn->db);
    memset(conn, 0, sizeof(*conn));
}

int conn_exec(struct conn *conn, const char *what, const char *sql, struct td_err *err)
{
    if (sqlite3_exec(conn->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_fail(conn, what, err);
    return 0;
}

int check_version(const struct store *store, struct td_err *err)
{
    unsigned version = atomic_load(&store->version);

    if (version == STORE_NEWEST)
        return 0;
    td_fail(err, TD_E_CONFIG, "store \"%s\" has tables of version %u, this build works with %d",
            store->file, version, STORE_NEWEST);
    return td_hint(err, "run: tdev store migrate --to %d", STORE_NEWEST);
}

int pool_open(struct store *store, struct td_err *err)
{
    store->pool = calloc((size_t)store->readers, sizeof(*store->pool));
    if (store->pool == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate %lld readers",
                       (long long)store->readers);
    for (int64_t i = 0; i < store->readers; i++) {
        store->pool[i].next = store->idle;
        store->idle = &store->pool[i];
    }
    return 0;
}

void pool_close(struct store *store)
{
    for (int64_t i = 0; store->pool != NULL && i < store->readers; i++)
        conn_close(&store->pool[i]);
    free(store->pool);
    store->pool = NULL;
    store->idle = NULL;
}

/* A reader's cache is a quarter of the writer's. */
static int open_reader(struct store *store, struct conn *conn, struct td_err *err)
{
    char sql[128];

    snprintf(sql, sizeof(sql),
             "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; "
             "PRAGMA cache_size = -%lld",
             (long long)(store->cache / 4 / 1024));
    if (conn_open(store, conn, 0, err) == 0 && conn_exec(conn, "open a reader", sql, err) == 0)
        return 0;
    sqlite3_close(conn->db);
    conn->db = NULL;
    return -1;
}

static struct conn *take_idle(struct store *store)
{
    struct conn *conn;

    pthread_mutex_lock(&store->pool_lock);
    while (store->idle == NULL)
        pthread_cond_wait(&store->pool_free, &store->pool_lock);
    conn = store->idle;
    store->idle = conn->next;
    pthread_mutex_unlock(&store->pool_lock);
    return conn;
}

struct conn *reader_take(struct store *store, struct td_err *err)
{
    struct conn *conn;

    if (check_version(store, err) != 0)
        return NULL;
    conn = take_idle(store);
    if (conn->db != NULL || open_reader(store, conn, err) == 0)
        return conn;
    reader_give(store, conn);
    return NULL;
}

void reader_give(struct store *store, struct conn *conn)
{
    pthread_mutex_lock(&store->pool_lock);
    conn->next = store->idle;
    store->idle = conn;
    pthread_cond_signal(&store->pool_free);
    pthread_mutex_unlock(&store->pool_lock);
}
