/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_sqlite_fault: the n-th write, flush or allocation fails, for n = 1, 2, ... until the work
 * ends untouched. Whatever fails is told with the right code and leaves nothing; whatever was
 * acknowledged is there, also after reopening.
 */
#include "fault.h"
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 4, ROWS = 3, ROUNDS_MAX = 20000 };
enum { NEWEST = 5, SUMMED = 4, SUMMED_TABLES = 6 };
#define HAS_SUMS "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%checksum%'"

static const struct {
    const char *name;
    enum td_code code;
    const char *words;
} kinds[FAULT_KINDS] = {
    [FAULT_WRITE] = { "write", TD_E_IO, "disk I/O error" },
    [FAULT_FULL] = { "full disk", TD_E_IO, "database or disk is full: No space left on device" },
    [FAULT_SYNC] = { "flush", TD_E_IO, "disk I/O error" },
    [FAULT_MEMORY] = { "allocation", TD_E_NOMEM, "could not" },
};

/* What the caller was told: how many batches were acknowledged, and which numbers. */
struct told {
    uint64_t head;
    int batches;
    bool has_blob;
};

static void check_failure(const struct suite *suite, enum fault_kind kind)
{
    assert_true(fault_has_struck());
    assert_string_equal(td_code_info(suite->err.code)->name, td_code_info(kinds[kind].code)->name);
    if (strstr(suite->err.text, kinds[kind].words) == NULL)
        fail_msg("%s: %s", kinds[kind].name, suite->err.text);
}

static void write_batch(struct suite *suite, enum fault_kind kind, struct told *told)
{
    uint64_t before = told->head;
    struct td_op ops[ROWS + 1];
    char text[16];

    snprintf(text, sizeof(text), "%d", told->batches + 1);
    for (int i = 0; i < ROWS; i++)
        ops[i] = OP(TD_OP_APPEND, .space = "j", .run = 1, .head = &told->head,
                    .flags = TD_APPEND_INDEX, .value = suite_bytes("row"));
    ops[ROWS] = OP(TD_OP_PUT, .space = "s", .key = "count", .version = TD_VERSION_ANY,
                   .value = suite_bytes(text));
    if (suite_commit(suite, ops, ROWS + 1) == 0) {
        told->batches++;
        return;
    }
    check_failure(suite, kind);
    assert_int_equal(suite->failed, ROWS + 1);
    assert_true(told->head == before);
}

static void write_blob(struct suite *suite, enum fault_kind kind, struct told *told)
{
    static char data[300000];

    if (BLOB(suite)->put(CTX(suite), "b", (struct td_bytes){ data, sizeof(data) }, &suite->err) ==
        0)
        told->has_blob = true;
    else
        check_failure(suite, kind);
}

static int count_row(void *arg, const struct td_row *row)
{
    (void)row;
    ++*(int *)arg;
    return 0;
}

static void check_kept(struct suite *suite, const struct told *told)
{
    const char *count = suite_get(suite, "s", "count", NOW);
    uint64_t total;
    size_t length;
    void *value;
    int rows = 0;

    suite_ok(suite, LOG(suite)->scan(CTX(suite), "j", 0, 1, count_row, &rows, &suite->err));
    assert_int_equal(rows, told->batches * ROWS);
    assert_int_equal(count != NULL ? atoi(count) : 0, told->batches);
    if (BLOB(suite)->get(CTX(suite), "b", 299999, 9, &value, &length, &total, &suite->err) == 0)
        free(value);
    else
        assert_int_equal(suite->err.code, TD_E_NOTFOUND);
    assert_int_equal(suite->err.code == TD_E_NOTFOUND, !told->has_blob);
    suite->err.code = TD_OK;
}

/* One round; false when nothing failed any more. */
static bool work(struct suite *suite, enum fault_kind kind, int n)
{
    struct told told = { 0 };
    bool has_struck;

    suite->err.code = TD_OK;
    if (kind == FAULT_MEMORY)
        fault_arm(kind, n); /* opening allocates, too */
    if (suite_open(suite) != 0) {
        check_failure(suite, kind);
        fault_arm(kind, 0);
        suite_ok(suite, suite_open(suite));
        fault_arm(kind, INT32_MAX);
        has_struck = true;
    } else {
        has_struck = false;
        if (kind != FAULT_MEMORY)
            fault_arm(kind, n);
    }
    for (int i = 0; i < BATCHES; i++)
        write_batch(suite, kind, &told);
    write_blob(suite, kind, &told);
    has_struck = has_struck || fault_has_struck();
    fault_arm(kind, 0);
    check_kept(suite, &told);
    write_batch(suite, kind, &told); /* it works again */
    suite_reopen(suite);
    check_kept(suite, &told);
    suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
    suite_close(suite);
    return has_struck;
}

static void remove_store(const struct suite *suite)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
    char path[128];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", suite->path, ends[i]);
        remove(path);
    }
}

/* Allocations are many and alike: every 31st is enough. */
static void no_fault_loses_what_was_acknowledged(void **state)
{
    struct suite *suite = *state;

    fault_install();
    for (enum fault_kind kind = 0; kind < FAULT_KINDS; kind++) {
        int n = 1, step = kind == FAULT_MEMORY ? 31 : 1;

        while (n < ROUNDS_MAX && work(suite, kind, n)) {
            remove_store(suite);
            n += step;
        }
        remove_store(suite);
        assert_true(n > 1 && n < ROUNDS_MAX);
        print_message("%s: %d places\n", kinds[kind].name, n - 1);
    }
}

/* One round; false when nothing failed any more. */
static bool upgrade(struct suite *suite, enum fault_kind kind, int n)
{
    int64_t version;
    bool has_struck;

    golden_make(suite);
    fault_arm(kind, n);
    if (suite_open(suite) != 0)
        check_failure(suite, kind);
    has_struck = fault_has_struck();
    fault_arm(kind, 0);
    suite_close(suite);
    version = suite_ask(suite->path, "PRAGMA user_version") & 0xff;
    assert_in_range(version, 1, NEWEST);
    assert_int_equal(suite_ask(suite->path, "SELECT max(version) FROM migration"), version);
    assert_int_equal(suite_ask(suite->path, HAS_SUMS), version >= SUMMED ? SUMMED_TABLES : 0);
    suite_ok(suite, suite_open(suite));
    golden_check(suite);
    suite_close(suite);
    return has_struck;
}

static void a_migration_that_fails_leaves_a_whole_version(void **state)
{
    struct suite *suite = *state;

    fault_install();
    for (enum fault_kind kind = 0; kind < FAULT_MEMORY; kind++) {
        int n = 1;

        while (n < ROUNDS_MAX && upgrade(suite, kind, n)) {
            remove_store(suite);
            n++;
        }
        remove_store(suite);
        assert_true(n > NEWEST && n < ROUNDS_MAX);
        print_message("%s: %d places\n", kinds[kind].name, n - 1);
    }
}

int only_sqlite_fault(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_migration_that_fails_leaves_a_whole_version,
                                        suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(no_fault_loses_what_was_acknowledged, suite_setup_closed,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("sqlite: faults", tests, NULL, NULL);
}
