/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_sqlite_tables: keeping, migrating, verifying.
 */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int migrate(struct suite *suite, uint32_t version)
{
    return suite->store.table->migrate(CTX(suite), version, &suite->err);
}

static void an_old_store_is_brought_up_and_down_and_keeps_everything(void **state)
{
    struct suite *suite = *state;

    golden_make(suite);
    suite_ok(suite, suite_open(suite));
    golden_check(suite);
    suite_ok(suite, migrate(suite, 1));
    suite_close(suite);
    assert_int_equal(suite_ask(suite->path, "PRAGMA user_version"), 1);
    assert_int_equal(suite_ask(suite->path,
                               "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%claims%' "
                               "OR sql LIKE '%checksum%' OR (type = 'index' AND sql IS NOT NULL)"),
                     0);
    assert_int_equal(suite_ask(suite->path, "SELECT sum(priority) FROM queue WHERE claim < 2"), 6);
    suite_ok(suite, suite_open(suite));
    golden_check(suite);
    suite_close(suite);
    /* 1, then up 2 3 4 5, down 4 3 2 1, up 2 3 4 5: each step with its time */
    assert_int_equal(
        suite_ask(suite->path, "SELECT count(*) FROM migration WHERE at LIKE '20__-__-__T%Z'"), 13);
}

/* Numbers go on where the old store was. */
static void an_old_store_goes_on_counting(void **state)
{
    struct suite *suite = *state;
    uint64_t head = 4, token;

    golden_make(suite);
    suite_ok(suite, suite_open(suite));
    suite_append(suite, "j", 7, &head, "c", 0);
    assert_int_equal(head, 6);
    assert_int_equal(suite_push(suite, "q", 0, 0, "x"), 7);
    suite_ok(suite, LEASE(suite)->acquire(CTX(suite), "l", "bob", NOW + SECOND, NOW + 2 * SECOND,
                                          &token, &suite->err));
    assert_int_equal(token, 5);
}

static void an_older_version_is_only_migrated(void **state)
{
    struct suite *suite = *state;
    struct fake_option options[] = { { "path", suite->path, 0 },
                                     { "upgrade", NULL, 0 },
                                     { NULL, NULL, 0 } };
    struct td_op op = OP(TD_OP_PUT, .space = "s", .key = "k", .version = TD_VERSION_ANY);
    uint32_t now, newest;
    char words[256];
    uint64_t number;

    golden_make(suite);
    suite_ok(suite, fake_open(&suite->store, "sqlite", options, &suite->err));
    suite_ok(suite, suite->store.table->version(CTX(suite), &now, &newest, &suite->err));
    assert_int_equal(now, 1);
    assert_int_equal(newest, 5);
    snprintf(words, sizeof(words), "store \"%s\" has tables of version 1, this build works with 5",
             suite->path);
    suite_fails(suite, suite_commit(suite, &op, 1), TD_E_CONFIG, words);
    suite_fails(suite, QUEUE(suite)->count(CTX(suite), "q", &number, &suite->err), TD_E_CONFIG,
                words);
    assert_string_equal(suite->err.hint, "run: tdev store migrate --to 5");
    suite_ok(suite, migrate(suite, 2));
    suite_fails(suite, suite_commit(suite, &op, 1), TD_E_CONFIG, NULL);
    suite_ok(suite, migrate(suite, 5));
    suite_ok(suite, suite_commit(suite, &op, 1));
}

/* Somebody migrates the tables while we have them open. */
static void tables_that_change_under_us_are_not_written(void **state)
{
    struct suite *suite = *state;
    struct suite other = *suite;
    struct td_op op = OP(TD_OP_PUT, .space = "s", .key = "k", .version = TD_VERSION_ANY);

    memset(&other.store, 0, sizeof(other.store));
    suite_ok(&other, suite_open(&other));
    suite_ok(suite, migrate(suite, 2));
    suite_fails(&other, suite_commit(&other, &op, 1), TD_E_CONFIG, NULL);
    suite_ok(suite, migrate(suite, 5));
    suite_close(&other);
}

static void reopening_keeps_everything(void **state)
{
    struct suite *suite = *state;
    struct suite_seen seen = { 0 };
    uint64_t one = 0, token, number, total;
    size_t length;
    void *value;

    suite_put(suite, "s", "k", "v");
    suite_append(suite, "j", 1, &one, "a", TD_APPEND_INDEX);
    suite_append(suite, "j", 1, &one, "b", 0);
    suite_push(suite, "q", 0, 0, "item");
    suite_publish(suite, "t", "m");
    suite_ok(suite, TOPIC(suite)->trim(CTX(suite), "t", 1, &suite->err));
    suite_ok(suite,
             LEASE(suite)->acquire(CTX(suite), "l", "ann", NOW, NOW + 1, &token, &suite->err));
    suite_ok(suite, LEASE(suite)->release(CTX(suite), "l", token, &suite->err));
    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", suite_bytes("blob"), &suite->err));
    suite_reopen(suite);
    assert_string_equal(suite_get(suite, "s", "k", NOW), "v");
    suite_ok(suite, LOG(suite)->scan(CTX(suite), "j", 0, 0, suite_see_row, &seen, &suite->err));
    suite_ok(suite, LOG(suite)->index(CTX(suite), "j", 0, suite_see_entry, &seen, &suite->err));
    assert_string_equal(seen.text, "1:1:0=a 2:1:1=b 1@1");
    suite_ok(suite, QUEUE(suite)->count(CTX(suite), "q", &number, &suite->err));
    assert_int_equal(number, 1);
    suite_ok(suite, TOPIC(suite)->last(CTX(suite), "t", &number, &suite->err));
    assert_int_equal(number, 1);
    suite_ok(suite,
             LEASE(suite)->acquire(CTX(suite), "l", "bob", NOW, NOW + 1, &number, &suite->err));
    assert_true(number > token);
    suite_ok(suite, BLOB(suite)->get(CTX(suite), "b", 0, 9, &value, &length, &total, &suite->err));
    assert_string_equal(value, "blob");
    free(value);
}

static void pruned_numbers_are_not_given_again_after_reopening(void **state)
{
    struct suite *suite = *state;
    uint64_t head = 0, again = 0;

    suite_append(suite, "j", 1, &head, "a", 0);
    suite_append(suite, "j", 1, &head, "b", 0);
    suite_ok(suite, LOG(suite)->prune(CTX(suite), "j", 1, head, 0, &suite->err));
    suite_reopen(suite);
    suite_append(suite, "j", 1, &again, "c", 0);
    assert_int_equal(again, 3);
}

static const struct {
    const char *damage, *words;
} faults[] = {
    { "UPDATE log SET before = 3 WHERE seq = 3", "row 3 of the log follows the later row 3" },
    { "UPDATE log SET before = 1 WHERE seq = 3",
      "row 3 of the log follows row 1, which is of another run" },
    { "UPDATE log_index SET seq = 3",
      "the log's index sends run 1 to row 3, which is not there or of "
      "another run" },
    { "UPDATE log SET log = 99 WHERE seq = 2",
      "row 2 of the log, of type 0, belongs to no run or no log" },
    { "UPDATE topic SET last = 0", "message 1 of a topic is beyond the topic's last, 0" },
    { "UPDATE blob_part SET data = x'00'", "blob \"b\" does not have its 4 bytes" },
    { "UPDATE counter SET value = 0 WHERE what = 'lease'",
      "lease \"l\" has token 1, which was never given" },
    { "DELETE FROM name WHERE name = 's'", "space 1 with 1 records has no name" },
};

static void verify_names_the_first_fault(void **state)
{
    struct suite *suite = *state;

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        uint64_t one = 0, token;
        char words[512];

        suite_ok(suite, suite_open(suite));
        suite_put(suite, "s", "k", "v");
        suite_append(suite, "j", 1, &one, "a", TD_APPEND_INDEX);
        suite_append(suite, "j", 1, &one, "b", 0);
        suite_append(suite, "j", 2, NULL, "c", 0);
        suite_publish(suite, "t", "m");
        suite_ok(suite,
                 LEASE(suite)->acquire(CTX(suite), "l", "ann", NOW, NOW + 1, &token, &suite->err));
        suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", suite_bytes("blob"), &suite->err));
        suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
        suite_execute(suite->path, faults[i].damage);
        snprintf(words, sizeof(words), "store \"%s\": %s", suite->path, faults[i].words);
        suite_fails(suite, suite->store.table->verify(CTX(suite), &suite->err), TD_E_CORRUPT,
                    words);
        suite_close(suite);
        remove(suite->path);
    }
}

static void the_write_ahead_log_stays_short(void **state)
{
    static char data[32 * 1024];
    struct suite *suite = *state;
    struct td_op op = OP(TD_OP_PUT, .space = "s", .key = "k", .version = TD_VERSION_ANY,
                         .value = { data, sizeof(data) });
    char path[128];
    FILE *wal;

    for (int i = 0; i < 600; i++) /* 20 MB through a log that is copied every 4 MB */
        suite_ok(suite, suite_commit(suite, &op, 1));
    snprintf(path, sizeof(path), "%s-wal", suite->path);
    wal = fopen(path, "re");
    assert_non_null(wal);
    fseek(wal, 0, SEEK_END);
    assert_true(ftell(wal) < 6 << 20);
    fclose(wal);
}

static int64_t file_bytes(const struct suite *suite)
{
    return suite_ask(suite->path, "SELECT page_count * page_size "
                                  "FROM pragma_page_count(), pragma_page_size()");
}

/* The result of a step that is of 1 KB makes such a row. */
static void rows_of_a_kilobyte_leave_little_of_a_page_empty(void **state)
{
    enum { ROWS = 350, BYTES = 1110 };
    struct suite *suite = *state;
    char text[BYTES + 1] = { 0 };
    int64_t before = file_bytes(suite);
    uint64_t head = 0;

    memset(text, 'x', BYTES);
    for (int i = 0; i < ROWS; i++)
        suite_append(suite, "j", 1, &head, text, 0);
    assert_in_range(file_bytes(suite) - before, ROWS * BYTES, ROWS * BYTES * 11 / 10);
}

int only_sqlite_tables(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_old_store_is_brought_up_and_down_and_keeps_everything,
                                        suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(an_old_store_goes_on_counting, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(an_older_version_is_only_migrated, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(tables_that_change_under_us_are_not_written, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(reopening_keeps_everything, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(pruned_numbers_are_not_given_again_after_reopening,
                                        suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(verify_names_the_first_fault, suite_setup_closed,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(the_write_ahead_log_stays_short, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(rows_of_a_kilobyte_leave_little_of_a_page_empty,
                                        suite_setup, suite_teardown),
    };

    return cmocka_run_group_tests_name("sqlite: tables", tests, NULL, NULL);
}
