/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_sqlite_backup: a backup is one moment of the store, whole, however busy it is; a restore
 * puts it back, keeps what was there, and lets nobody be in the way. That neither is ever done in
 * part is tests/fault/copy.sh.
 */
#include "child.h"
#include "golden.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKUPS = 12 };

struct paths {
    char copy[96], aside[96];
};

static struct paths paths_of(const struct suite *suite)
{
    struct paths paths;

    snprintf(paths.copy, sizeof(paths.copy), "%s/copy.db", suite->folder);
    snprintf(paths.aside, sizeof(paths.aside), "%s/aside.db", suite->folder);
    return paths;
}

static void make_empty(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    close(fd);
}

static void back_up(struct suite *suite, const char *path)
{
    make_empty(path);
    suite_ok(suite, suite->store.table->backup(CTX(suite), path, &suite->err));
}

static int restore(struct suite *suite, const struct paths *paths)
{
    const struct fake_option options[] = { { "path", suite->path, 0 },
                                           { "busy_timeout", NULL, 50 },
                                           { NULL, NULL, 0 } };

    return fake_restore("sqlite", options, paths->copy, paths->aside, &suite->err);
}

/* Closes the store, and opens what is at that path instead. */
static void turn_to(struct suite *suite, const char *path)
{
    suite_close(suite);
    snprintf(suite->path, sizeof(suite->path), "%s", path);
    suite_ok(suite, suite_open(suite));
}

static void a_backup_holds_all_of_every_capability(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);
    struct stat found;

    golden_make(suite);
    suite_ok(suite, suite_open(suite));
    back_up(suite, paths.copy);
    suite_put(suite, "s", "k", "later");
    assert_int_equal(stat(paths.copy, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0600);
    turn_to(suite, paths.copy);
    golden_check(suite);
}

struct writer {
    struct suite *suite;
    atomic_bool is_over;
    atomic_uint count;
};

/* Two records in one batch, always of the same content. */
static void *write_pairs(void *arg)
{
    struct writer *writer = arg;
    struct td_err err;

    while (!atomic_load(&writer->is_over)) {
        char text[16];
        struct td_op ops[2];
        struct td_op *pointers[] = { &ops[0], &ops[1] };
        size_t failed;

        snprintf(text, sizeof(text), "%u", atomic_load(&writer->count));
        for (int i = 0; i < 2; i++)
            ops[i] = OP(TD_OP_PUT, .space = "s", .key = i == 0 ? "a" : "b",
                        .version = TD_VERSION_ANY, .value = suite_bytes(text));
        if (writer->suite->store.table->commit(CTX(writer->suite), pointers, 2, &failed, &err) != 0)
            break;
        atomic_fetch_add(&writer->count, 1);
    }
    return NULL;
}

static void a_backup_is_one_moment_of_a_store_that_is_written(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);
    struct writer writer = { .suite = suite };
    unsigned before = 0;
    pthread_t thread;

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "a", "");
    suite_put(suite, "s", "b", "");
    assert_int_equal(pthread_create(&thread, NULL, write_pairs, &writer), 0);
    for (int i = 0; i < BACKUPS; i++) {
        char a[64];
        struct suite copy = *suite;

        while (atomic_load(&writer.count) == before)
            ; /* it goes on: each backup meets a writer at work */
        before = atomic_load(&writer.count);
        back_up(suite, paths.copy);
        snprintf(copy.path, sizeof(copy.path), "%s", paths.copy);
        suite_ok(&copy, suite_open(&copy));
        snprintf(a, sizeof(a), "%s", suite_get(&copy, "s", "a", NOW));
        assert_string_equal(suite_get(&copy, "s", "b", NOW), a);
        suite_close(&copy);
    }
    atomic_store(&writer.is_over, true);
    pthread_join(thread, NULL);
    assert_true(writer.count > BACKUPS);
}

static void a_damaged_row_is_in_no_backup_without_a_word(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "x");
    suite_execute(suite->path, "UPDATE kv SET value = x'7A'");
    make_empty(paths.copy);
    suite_fails(suite, suite->store.table->backup(CTX(suite), paths.copy, &suite->err),
                TD_E_CORRUPT, NULL);
    assert_non_null(strstr(suite->err.text, "row 1, 'k' of table \"kv\" is damaged"));
}

static void a_restore_brings_back_what_was_backed_up_and_keeps_what_was_there(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "then");
    back_up(suite, paths.copy);
    suite_put(suite, "s", "k", "now");
    for (int i = 0; i < 100; i++)
        suite_append(suite, "j", 1, NULL, "a row of some length, so that there are pages", 0);
    suite_close(suite);
    suite_ok(suite, restore(suite, &paths));
    suite_ok(suite, suite_open(suite));
    assert_string_equal(suite_get(suite, "s", "k", NOW), "then");
    suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
    suite_put(suite, "s", "k", "goes on");
    turn_to(suite, paths.aside);
    assert_string_equal(suite_get(suite, "s", "k", NOW), "now");
}

/* What the killed process had committed is in the write-ahead log alone. */
static int commit_and_die(const struct suite *parent, int from, int to)
{
    struct suite suite = *parent;

    (void)from;
    (void)to;
    if (suite_open(&suite) != 0)
        return 1;
    suite_put(&suite, "s", "k", "now");
    _exit(0);
}

static void what_is_kept_has_what_was_only_in_the_write_ahead_log(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);
    struct child child;

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "then");
    back_up(suite, paths.copy);
    suite_close(suite);
    child_start(&child, suite, commit_and_die);
    assert_int_equal(child_end(&child), 0);
    suite_ok(suite, restore(suite, &paths));
    suite_ok(suite, suite_open(suite));
    assert_string_equal(suite_get(suite, "s", "k", NOW), "then");
    turn_to(suite, paths.aside);
    assert_string_equal(suite_get(suite, "s", "k", NOW), "now");
}

static void a_restore_makes_a_store_where_none_was(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "then");
    back_up(suite, paths.copy);
    suite_close(suite);
    assert_int_equal(remove(suite->path), 0);
    suite_ok(suite, restore(suite, &paths));
    assert_int_equal(access(paths.aside, F_OK), -1);
    suite_ok(suite, suite_open(suite));
    assert_string_equal(suite_get(suite, "s", "k", NOW), "then");
}

static int hold_open(const struct suite *parent, int from, int to)
{
    struct suite suite = *parent;
    char word;
    int rc = 1;

    if (suite_open(&suite) == 0 && write(to, "x", 1) == 1)
        rc = read(from, &word, 1) == 1 ? 0 : 2;
    suite_close(&suite);
    return rc;
}

static void a_store_that_somebody_has_open_is_left_alone(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);
    struct child child;
    char words[256], name[16];

    suite_ok(suite, suite_open(suite));
    suite_put(suite, "s", "k", "then");
    back_up(suite, paths.copy);
    suite_put(suite, "s", "k", "now");
    suite_close(suite);
    child_start(&child, suite, hold_open);
    child_wait(&child);
    prctl(PR_GET_NAME, name); /* "test_store"; another one under valgrind */
    snprintf(words, sizeof(words),
             "cannot replace store \"%s\" while it is in use: process %ld (\"%s\") has it open",
             suite->path, (long)child.process, name);
    suite_fails(suite, restore(suite, &paths), TD_E_UNAVAILABLE, words);
    assert_int_equal(access(paths.aside, F_OK), -1);
    assert_int_equal(write(child.to, "x", 1), 1);
    assert_int_equal(child_end(&child), 0);
    suite_ok(suite, suite_open(suite));
    assert_string_equal(suite_get(suite, "s", "k", NOW), "now");
}

static void a_database_of_another_program_is_not_replaced(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);

    make_empty(paths.copy);
    suite_execute(suite->path, "CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES (7)");
    suite_fails(suite, restore(suite, &paths), TD_E_CONFIG, NULL);
    assert_non_null(strstr(suite->err.text, "it is a database of another program"));
    assert_int_equal(suite_ask(suite->path, "SELECT url FROM bookmark"), 7);
}

/* Stores of tdev 0.1.0 have pages of 4096 bytes. */
static const struct {
    int copy, store;
} sizes[] = { { 4096, 8192 }, { 8192, 4096 } };

static void set_page_bytes(const char *path, int bytes)
{
    char sql[96];

    snprintf(sql, sizeof(sql), "PRAGMA journal_mode = DELETE; PRAGMA page_size = %d; VACUUM",
             bytes);
    suite_execute(path, sql);
    assert_int_equal(suite_ask(path, "PRAGMA page_size"), bytes);
}

static void a_backup_with_pages_of_another_size_is_restored(void **state)
{
    struct suite *suite = *state;
    struct paths paths = paths_of(suite);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        suite_ok(suite, suite_open(suite));
        suite_put(suite, "s", "k", "then");
        back_up(suite, paths.copy);
        suite_put(suite, "s", "k", "now");
        suite_close(suite);
        set_page_bytes(paths.copy, sizes[i].copy);
        set_page_bytes(suite->path, sizes[i].store);
        suite_ok(suite, restore(suite, &paths));
        suite_ok(suite, suite_open(suite));
        assert_string_equal(suite_get(suite, "s", "k", NOW), "then");
        suite_put(suite, "s", "k", "goes on");
        suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
        suite_close(suite);
        assert_int_equal(remove(paths.aside), 0);
    }
}

int only_sqlite_backup(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, suite_setup_closed, suite_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_backup_holds_all_of_every_capability),
        CASE(a_backup_is_one_moment_of_a_store_that_is_written),
        CASE(a_damaged_row_is_in_no_backup_without_a_word),
        CASE(a_restore_brings_back_what_was_backed_up_and_keeps_what_was_there),
        CASE(what_is_kept_has_what_was_only_in_the_write_ahead_log),
        CASE(a_restore_makes_a_store_where_none_was),
        CASE(a_store_that_somebody_has_open_is_left_alone),
        CASE(a_backup_with_pages_of_another_size_is_restored),
        CASE(a_database_of_another_program_is_not_replaced),
    };

    return cmocka_run_group_tests_name("sqlite: backup", tests, NULL, NULL);
}
