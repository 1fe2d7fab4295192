/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_sqlite_processes: two processes on one file, and one that is killed in the middle.
 */
#include "child.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCHES = 100, ROWS = 20, ROUNDS = 20 };

/* Appends one batch of rows that all hold its number. */
static int append_batch(struct suite *suite, uint64_t run, uint64_t number)
{
    struct td_op ops[ROWS], *places[ROWS];
    uint64_t head = 0;

    for (int i = 0; i < ROWS; i++) {
        ops[i] = OP(TD_OP_APPEND, .space = "j", .run = run, .head = &head,
                    .value = { &number, sizeof(number) });
        places[i] = &ops[i];
    }
    return suite->store.table->commit(CTX(suite), places, ROWS, &suite->failed, &suite->err);
}

static int append_many(const struct suite *parent, int from, int to)
{
    struct suite suite = *parent;

    (void)from;
    (void)to;
    if (suite_open(&suite) != 0)
        return 1;
    for (uint64_t i = 0; i < BATCHES; i++)
        if (append_batch(&suite, (uint64_t)getpid(), i) != 0)
            return 2;
    suite_close(&suite);
    return 0;
}

struct tally {
    uint64_t last_seq, rows;
    uint64_t per_batch[1 << 16];
};

static int tally_row(void *arg, const struct td_row *row)
{
    struct tally *tally = arg;
    uint64_t number;

    assert_int_equal(row->value.length, sizeof(number));
    memcpy(&number, row->value.data, sizeof(number));
    assert_true(row->seq > tally->last_seq);
    assert_true(number < 1 << 16);
    tally->last_seq = row->seq;
    tally->per_batch[number]++;
    tally->rows++;
    return 0;
}

static void count_rows(struct suite *suite, struct tally *tally)
{
    memset(tally, 0, sizeof(*tally));
    suite_ok(suite, LOG(suite)->scan(CTX(suite), "j", 0, 0, tally_row, tally, &suite->err));
}

/* Also the making of the store is a race of the two. */
static void two_processes_commit_at_once(void **state)
{
    static struct tally tally;
    struct suite *suite = *state;
    struct child children[2];

    for (int i = 0; i < 2; i++)
        child_start(&children[i], suite, append_many);
    for (int i = 0; i < 2; i++)
        assert_int_equal(child_end(&children[i]), 0);
    suite_ok(suite, suite_open(suite));
    count_rows(suite, &tally);
    assert_int_equal(tally.rows, 2 * BATCHES * ROWS);
    suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
}

/* Holds the write lock until told. */
static int hold_lock(const struct suite *suite, int from, int to)
{
    sqlite3 *db;
    char byte;

    if (sqlite3_open(suite->path, &db) != SQLITE_OK ||
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return 1;
    if (write(to, "h", 1) != 1)
        return 2;
    while (read(from, &byte, 1) > 0)
        continue;
    sqlite3_close(db);
    return 0;
}

static void who_holds_the_store_is_named(void **state)
{
    struct suite *suite = *state;
    const struct fake_option options[] = { { "path", suite->path, 0 },
                                           { "busy_timeout", NULL, 1 },
                                           { NULL, NULL, 0 } };
    struct td_op op = OP(TD_OP_PUT, .space = "s", .key = "k", .version = TD_VERSION_ANY);
    struct child child;
    char words[256];

    suite_ok(suite, suite_open(suite)); /* makes it */
    suite_close(suite);
    child_start(&child, suite, hold_lock);
    assert_int_equal(child_wait(&child), 'h');
    suite_ok(suite, fake_open(&suite->store, "sqlite", options, &suite->err));
    suite_fails(suite, suite_commit(suite, &op, 1), TD_E_UNAVAILABLE, NULL);
    assert_int_equal(suite->failed, 1);
    assert_true(suite->err.is_retryable);
    snprintf(words, sizeof(words), "could not begin a write of store \"%s\": process %d (\"",
             suite->path, (int)child.process);
    if (strstr(suite->err.text, "another process") == NULL) /* where the system tells no locks */
        assert_memory_equal(suite->err.text, words, strlen(words));
    assert_non_null(strstr(suite->err.text, "has held it for more than 1 ms"));
    assert_string_equal(suite->err.hint,
                        "end what holds the store, or raise its option \"busy_timeout\"");
    assert_null(suite_get(suite, "s", "k", NOW)); /* reading goes on */
    assert_int_equal(child_end(&child), 0);
    suite_ok(suite, suite_commit(suite, &op, 1));
}

/* A writer waits for another process that lets go in time. */
static void a_short_hold_is_waited_for(void **state)
{
    struct suite *suite = *state;
    struct td_op op = OP(TD_OP_PUT, .space = "s", .key = "k", .version = TD_VERSION_ANY);
    struct child child;

    suite_close(suite);
    child_start(&child, suite, hold_lock);
    assert_int_equal(child_wait(&child), 'h');
    suite_ok(suite, suite_open(suite));
    close(child.to);
    child.to = -1;
    suite_ok(suite, suite_commit(suite, &op, 1));
    assert_int_equal(child_end(&child), 0);
}

/* Commits numbered batches and tells each number once it is acknowledged. */
static int append_and_tell(const struct suite *parent, int from, int to)
{
    struct suite suite = *parent;
    uint64_t first;

    if (read(from, &first, sizeof(first)) != sizeof(first) || suite_open(&suite) != 0)
        return 1;
    for (uint64_t i = first;; i++)
        if (append_batch(&suite, 1, i) != 0 || write(to, &i, sizeof(i)) != sizeof(i))
            return 2;
}

/* Kills the child after some acknowledged batches; returns the number behind the last acknowledged
 * one. */
static uint64_t kill_in_the_middle(struct suite *suite, uint64_t first, unsigned *seed)
{
    uint64_t next = first, number;
    struct child child;
    int status;

    child_start(&child, suite, append_and_tell);
    assert_int_equal(write(child.to, &first, sizeof(first)), sizeof(first));
    for (int left = rand_r(seed) % 60 + 1; left > 0; left--) {
        assert_int_equal(read(child.from, &number, sizeof(number)), sizeof(number));
        next = number + 1;
    }
    for (volatile int spin = rand_r(seed) % 200000; spin > 0; spin--)
        continue;
    kill(child.process, SIGKILL);
    assert_int_equal(waitpid(child.process, &status, 0), child.process);
    while (read(child.from, &number, sizeof(number)) == sizeof(number))
        next = number + 1; /* told before the kill */
    close(child.from);
    close(child.to);
    return next;
}

static void a_kill_loses_no_acknowledged_batch_and_leaves_none_in_part(void **state)
{
    static struct tally tally;
    struct suite *suite = *state;
    unsigned seed = (unsigned)getpid();
    uint64_t next = 0;

    print_message("seed %u\n", seed);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t acknowledged = kill_in_the_middle(suite, next, &seed);

        suite_ok(suite, suite_open(suite));
        count_rows(suite, &tally);
        for (uint64_t i = 0; i < acknowledged; i++)
            assert_int_equal(tally.per_batch[i], ROWS);
        /* the batch that was under way is there whole, or not at all */
        assert_true(tally.per_batch[acknowledged] == 0 || tally.per_batch[acknowledged] == ROWS);
        assert_int_equal(tally.per_batch[acknowledged + 1], 0);
        next = tally.rows / ROWS;
        suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
        suite_close(suite);
    }
}

int only_sqlite_processes(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_processes_commit_at_once, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(who_holds_the_store_is_named, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_short_hold_is_waited_for, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_kill_loses_no_acknowledged_batch_and_leaves_none_in_part,
                                        suite_setup_closed, suite_teardown),
    };

    return cmocka_run_group_tests_name("sqlite: processes", tests, NULL, NULL);
}
