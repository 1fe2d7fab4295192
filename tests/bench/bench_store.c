/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_store: what a storage backend costs. One line per figure: name, value, unit.
 *
 * Durability: "full" is fsync before the commit returns, "memory" is none. The raw figures are the
 * same rows in the same batches, inserted with the SQLite library alone, under the same pragmas.
 * Best of ROUNDS, as the machine is shared.
 */
#include "fake.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 1000, ROUNDS = 3, BATCH_MAX = 1000, DATA_BYTES = 48, RECORDS = 20000 };
static const int64_t BEGIN_US = 1790000000000000;

static char folder[] = "/var/tmp/tdev-bench-XXXXXX";
static char file[64];
static char data[DATA_BYTES];
static double worst; /* seconds of the longest commit of the last measure */

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void fail(const char *text)
{
    fprintf(stderr, "bench_store: %s\n", text);
    exit(1);
}

static void note_commit(double seconds)
{
    if (seconds > worst)
        worst = seconds;
}

static void remove_file(void)
{
    static const char *const ends[] = { "", "-wal", "-shm" };
    char path[80];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", file, ends[i]);
        unlink(path);
    }
}

static void open_store(struct fake *fake, const char *name)
{
    const struct fake_option options[] = { { "path", file, 0 }, { NULL, NULL, 0 } };
    struct td_err err;

    remove_file();
    if (fake_open(fake, name, options, &err) != 0)
        fail(err.text);
}

static void commit_batch(struct fake *fake, struct td_op *const *ops, size_t count)
{
    double begin = now();
    struct td_err err;
    size_t failed;

    if (fake->table->commit(&fake->ctx, ops, count, &failed, &err) != 0)
        fail(err.text);
    note_commit(now() - begin);
}

static uint64_t run_number(size_t row)
{
    return (row % RUNS + 1) * 0x9E3779B97F4A7U;
}

/* Returns rows per second. */
static double append(const char *name, size_t batch, size_t rows)
{
    static struct td_op ops[BATCH_MAX], *places[BATCH_MAX];
    static uint64_t heads[RUNS];
    struct fake fake;
    double begin, end;

    open_store(&fake, name);
    memset(heads, 0, sizeof(heads));
    begin = now();
    for (size_t done = 0; done < rows; done += batch) {
        for (size_t i = 0; i < batch; i++) {
            ops[i] = (struct td_op){ TD_SIZE(struct td_op),
                                     .kind = TD_OP_APPEND,
                                     .space = "journal",
                                     .run = run_number(done + i),
                                     .type = 7,
                                     .node = "node-1",
                                     .time_us = BEGIN_US + (int64_t)(done + i),
                                     .value = { data, DATA_BYTES },
                                     .head = &heads[(done + i) % RUNS] };
            places[i] = &ops[i];
        }
        commit_batch(&fake, places, batch);
    }
    end = now();
    fake_close(&fake);
    return (double)rows / (end - begin);
}

static void execute(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
}

static void insert_raw(sqlite3_stmt *stmt, size_t row)
{
    sqlite3_bind_int64(stmt, 1, 1);
    sqlite3_bind_int64(stmt, 2, (int64_t)run_number(row));
    sqlite3_bind_int64(stmt, 3, 7);
    sqlite3_bind_text(stmt, 4, "node-1", 6, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, BEGIN_US + (int64_t)row);
    sqlite3_bind_int64(stmt, 6, row > RUNS ? (int64_t)(row - RUNS) : 0);
    sqlite3_bind_blob(stmt, 7, data, DATA_BYTES, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_DONE)
        fail("could not insert a raw row");
    sqlite3_reset(stmt);
}

static double append_raw(const char *name, size_t batch, size_t rows)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    double begin, end;

    (void)name;
    remove_file();
    if (sqlite3_open(file, &db) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
    execute(db,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
            "CREATE TABLE log (seq INTEGER PRIMARY KEY, log INTEGER NOT NULL, run INTEGER NOT NULL,"
            " type INTEGER NOT NULL, node TEXT, time INTEGER NOT NULL, before INTEGER NOT NULL,"
            " data BLOB NOT NULL)");
    if (sqlite3_prepare_v2(db,
                           "INSERT INTO log (log, run, type, node, time, before, data) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?)",
                           -1, &stmt, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
    begin = now();
    for (size_t done = 0; done < rows; done += batch) {
        double start = now();

        execute(db, "BEGIN IMMEDIATE");
        for (size_t i = 0; i < batch; i++)
            insert_raw(stmt, done + i);
        execute(db, "COMMIT");
        note_commit(now() - start);
    }
    end = now();
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return (double)rows / (end - begin);
}

/* Returns puts per second, in batches. */
static double put(const char *name, size_t batch, size_t rows)
{
    static struct td_op ops[BATCH_MAX], *places[BATCH_MAX];
    static char keys[BATCH_MAX][24];
    struct fake fake;
    double begin, end;

    open_store(&fake, name);
    begin = now();
    for (size_t done = 0; done < rows; done += batch) {
        for (size_t i = 0; i < batch; i++) {
            snprintf(keys[i], sizeof(keys[i]), "key-%zu", (done + i) * 7919 % RECORDS);
            ops[i] = (struct td_op){ TD_SIZE(struct td_op),
                                     .kind = TD_OP_PUT,
                                     .space = "bench",
                                     .key = keys[i],
                                     .value = { data, DATA_BYTES },
                                     .version = TD_VERSION_ANY };
            places[i] = &ops[i];
        }
        commit_batch(&fake, places, batch);
    }
    end = now();
    fake_close(&fake);
    return (double)rows / (end - begin);
}

static void fill(struct fake *fake)
{
    char key[24];
    struct td_op op = {
        TD_SIZE(struct td_op),         .kind = TD_OP_PUT,        .space = "bench", .key = key,
        .value = { data, DATA_BYTES }, .version = TD_VERSION_ANY
    };
    struct td_op *places[BATCH_MAX];

    places[0] = &op;
    for (size_t i = 0; i < RECORDS; i++) {
        snprintf(key, sizeof(key), "key-%zu", i);
        commit_batch(fake, places, 1);
    }
}

static double get(const char *name, size_t batch, size_t rows)
{
    struct fake fake;
    struct td_err err;
    double begin, end;

    (void)batch;
    open_store(&fake, name);
    fill(&fake);
    begin = now();
    for (size_t i = 0; i < rows; i++) {
        char key[24];
        uint64_t version;
        size_t length;
        void *value;

        snprintf(key, sizeof(key), "key-%zu", i * 7919 % RECORDS);
        if (fake.table->kv->get(&fake.ctx, "bench", key, BEGIN_US, &value, &length, &version,
                                &err) != 0)
            fail(err.text);
        free(value);
    }
    end = now();
    fake_close(&fake);
    return (double)rows / (end - begin);
}

static const struct {
    const char *name;
    double (*measure)(const char *backend, size_t batch, size_t rows);
    const char *backend;
    size_t batch, rows;
} figures[] = {
    { "sqlite_full_append_1", append, "sqlite", 1, 5000 },
    { "raw_sqlite_full_append_1", append_raw, "", 1, 5000 },
    { "sqlite_full_append_16", append, "sqlite", 16, 64000 },
    { "raw_sqlite_full_append_16", append_raw, "", 16, 64000 },
    { "sqlite_full_append_1000", append, "sqlite", 1000, 1000000 },
    { "raw_sqlite_full_append_1000", append_raw, "", 1000, 1000000 },
    { "memory_append_1", append, "memory", 1, 200000 },
    { "memory_append_1000", append, "memory", 1000, 1000000 },
    { "sqlite_full_kv_put_1", put, "sqlite", 1, 5000 },
    { "sqlite_full_kv_put_1000", put, "sqlite", 1000, 100000 },
    { "memory_kv_put_1", put, "memory", 1, 200000 },
    { "sqlite_kv_get", get, "sqlite", 1, 100000 },
    { "memory_kv_get", get, "memory", 1, 500000 },
};

enum { FIGURES = sizeof(figures) / sizeof(figures[0]) };

static void measure(size_t i, double best[FIGURES], double worst_of_best[FIGURES])
{
    double rate;

    worst = 0;
    rate = figures[i].measure(figures[i].backend, figures[i].batch, figures[i].rows);
    if (rate <= best[i])
        return;
    best[i] = rate;
    worst_of_best[i] = worst;
}

int main(void)
{
    static double best[FIGURES], worst_of_best[FIGURES];

    if (mkdtemp(folder) == NULL)
        fail("could not make a folder in /var/tmp");
    snprintf(file, sizeof(file), "%s/store.db", folder);
    memset(data, 'd', sizeof(data));
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < FIGURES; i++)
            measure(i, best, worst_of_best);
    remove_file();
    rmdir(folder);
    for (size_t i = 0; i < FIGURES; i++) {
        printf("%s %.0f per_second\n", figures[i].name, best[i]);
        if (strstr(figures[i].name, "append") != NULL)
            printf("%s_worst %.2f ms\n", figures[i].name, worst_of_best[i] * 1e3);
    }
    return 0;
}
