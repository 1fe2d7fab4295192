/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_log: rows, chains, the index, pruning.
 */
#include "suite.h"

#include <stdio.h>
#include <string.h>

static int check_row(void *arg, const struct td_row *row)
{
    int *count = arg;

    assert_true(row->run == UINT64_MAX - 1);
    assert_int_equal(row->type, UINT32_MAX);
    assert_true(row->time_us == NOW);
    assert_int_equal(row->value.length, 3);
    assert_memory_equal(row->value.data, "a\0b", 3);
    if (*count == 0)
        assert_string_equal(row->node, "n[0]/x");
    else
        assert_null(row->node);
    ++*count;
    return 0;
}

static void a_row_is_read_as_it_was_written(void **state)
{
    struct suite *suite = *state;
    uint64_t head = 0;
    int count = 0;
    struct td_op ops[] = {
        OP(TD_OP_APPEND, .space = "j", .run = UINT64_MAX - 1, .type = UINT32_MAX, .node = "n[0]/x",
           .time_us = NOW, .value = { "a\0b", 3 }, .head = &head),
        OP(TD_OP_APPEND, .space = "j", .run = UINT64_MAX - 1, .type = UINT32_MAX, .time_us = NOW,
           .value = { "a\0b", 3 }),
    };

    suite_ok(suite, suite_commit(suite, ops, 2));
    suite_ok(suite,
             LOG(suite)->scan(CTX(suite), "j", 0, UINT64_MAX - 1, check_row, &count, &suite->err));
    assert_int_equal(count, 2);
    count = 0;
    suite_ok(suite, LOG(suite)->read(CTX(suite), "j", head, check_row, &count, &suite->err));
    assert_int_equal(count, 1);
}

static const char *scan(struct suite *suite, const char *log, uint64_t from, uint64_t run)
{
    static struct suite_seen seen;

    seen = (struct suite_seen){ 0 };
    suite_ok(suite,
             LOG(suite)->scan(CTX(suite), log, from, run, suite_see_row, &seen, &suite->err));
    return seen.text;
}

static void rows_of_a_run_form_a_chain(void **state)
{
    struct suite *suite = *state;
    uint64_t one = 0, two = 0;
    struct td_op ops[] = {
        OP(TD_OP_APPEND, .space = "j", .run = 1, .head = &one, .value = suite_bytes("c")),
        OP(TD_OP_APPEND, .space = "j", .run = 2, .head = &two, .value = suite_bytes("d")),
        OP(TD_OP_APPEND, .space = "j", .run = 1, .head = &one, .value = suite_bytes("e")),
    };

    suite_append(suite, "j", 1, &one, "a", 0);
    suite_append(suite, "j", 2, &two, "b", 0);
    suite_ok(suite, suite_commit(suite, ops, 3));
    assert_int_equal(one, 5);
    assert_int_equal(two, 4);
    assert_string_equal(scan(suite, "j", 0, 0), "1:1:0=a 2:2:0=b 3:1:1=c 4:2:2=d 5:1:3=e");
    assert_string_equal(scan(suite, "j", 0, 1), "1:1:0=a 3:1:1=c 5:1:3=e");
    assert_string_equal(scan(suite, "j", 4, 0), "4:2:2=d 5:1:3=e");
    assert_string_equal(scan(suite, "j", 6, 0), "");
    assert_string_equal(scan(suite, "j", UINT64_MAX, 0), "");
    assert_string_equal(scan(suite, "other", 0, 0), "");
}

static void heads_are_put_back_when_a_commit_fails(void **state)
{
    struct suite *suite = *state;
    uint64_t one = 0, two = 0;
    struct td_op ops[] = {
        OP(TD_OP_APPEND, .space = "j", .run = 1, .head = &one, .flags = TD_APPEND_INDEX),
        OP(TD_OP_APPEND, .space = "j", .run = 2, .head = &two),
        OP(TD_OP_APPEND, .space = "j", .run = 1, .head = &one, .flags = TD_APPEND_FORGET),
        OP(TD_OP_GUARD_KV, .space = "s", .key = "k", .version = 9),
    };
    struct suite_seen seen = { 0 };

    suite_append(suite, "j", 1, &one, "a", TD_APPEND_INDEX);
    suite_fails(suite, suite_commit(suite, ops, 4), TD_E_CONFLICT, NULL);
    assert_int_equal(suite->failed, 3);
    assert_int_equal(one, 1);
    assert_int_equal(two, 0);
    assert_string_equal(scan(suite, "j", 0, 0), "1:1:0=a");
    suite_ok(suite, LOG(suite)->index(CTX(suite), "j", 0, suite_see_entry, &seen, &suite->err));
    assert_string_equal(seen.text, "1@1");
}

static void a_scan_stops_when_told(void **state)
{
    struct suite *suite = *state;
    struct suite_seen seen = { .left = 2 };

    for (int i = 0; i < 4; i++)
        suite_append(suite, "j", 1, NULL, "x", 0);
    suite_ok(suite, LOG(suite)->scan(CTX(suite), "j", 2, 0, suite_see_row, &seen, &suite->err));
    assert_string_equal(seen.text, "2:1:0=x 3:1:0=x");
}

static void a_row_that_is_not_there_is_not_found(void **state)
{
    struct suite *suite = *state;
    struct suite_seen seen = { 0 };

    suite_append(suite, "j", 1, NULL, "x", 0);
    suite_fails(suite, LOG(suite)->read(CTX(suite), "j", 2, suite_see_row, &seen, &suite->err),
                TD_E_NOTFOUND, "row 2 of log \"j\" is not there");
    suite_fails(suite, LOG(suite)->read(CTX(suite), "k", 1, suite_see_row, &seen, &suite->err),
                TD_E_NOTFOUND, "row 1 of log \"k\" is not there");
}

static const char *index_of(struct suite *suite, uint64_t run)
{
    static struct suite_seen seen;

    seen = (struct suite_seen){ 0 };
    suite_ok(suite, LOG(suite)->index(CTX(suite), "j", run, suite_see_entry, &seen, &suite->err));
    return seen.text;
}

static void the_index_has_one_entry_per_run(void **state)
{
    struct suite *suite = *state;
    uint64_t one = 0, two = 0;

    assert_string_equal(index_of(suite, 0), "");
    suite_append(suite, "j", 1, &one, "a", TD_APPEND_INDEX);
    suite_append(suite, "j", 2, &two, "b", TD_APPEND_INDEX);
    suite_append(suite, "j", 1, &one, "c", 0);
    assert_string_equal(index_of(suite, 1), "1@1");
    suite_append(suite, "j", 1, &one, "d", TD_APPEND_INDEX);
    assert_string_equal(index_of(suite, 1), "1@4");
    assert_string_equal(index_of(suite, 0), "1@4 2@2");
    suite_append(suite, "j", 1, &one, "e", TD_APPEND_FORGET);
    assert_string_equal(index_of(suite, 1), "");
    assert_string_equal(index_of(suite, 0), "2@2");
    suite_append(suite, "j", 9, NULL, "f", TD_APPEND_FORGET);
}

static int prune(struct suite *suite, uint64_t run, uint64_t head, uint64_t keep_from)
{
    return LOG(suite)->prune(CTX(suite), "j", run, head, keep_from, &suite->err);
}

static void pruning_follows_the_chain(void **state)
{
    struct suite *suite = *state;
    uint64_t one = 0, two = 0;

    for (int i = 0; i < 4; i++) {
        suite_append(suite, "j", 1, &one, "x", TD_APPEND_INDEX); /* 1 3 5 7 */
        suite_append(suite, "j", 2, &two, "y", TD_APPEND_INDEX); /* 2 4 6 8 */
    }
    suite_ok(suite, prune(suite, 1, 5, 1));
    assert_string_equal(scan(suite, "j", 0, 1), "1:1:0=x 7:1:5=x");
    assert_string_equal(index_of(suite, 1), "1@7");
    suite_ok(suite, prune(suite, 1, 5, 1)); /* nothing left there */
    suite_fails(suite, prune(suite, 1, 8, 0), TD_E_INVAL,
                "row 8 of log \"j\" belongs to another run");
    suite_ok(suite, prune(suite, 1, one, 0));
    assert_string_equal(scan(suite, "j", 0, 1), "1:1:0=x"); /* the chain is cut above it */
    assert_string_equal(index_of(suite, 0), "2@8");
    suite_ok(suite, prune(suite, 2, two, 0));
    assert_string_equal(scan(suite, "j", 0, 2), "");
    assert_string_equal(index_of(suite, 0), "");
    suite_ok(suite, LOG(suite)->prune(CTX(suite), "none", 1, 1, 0, &suite->err));
}

static void an_index_entry_goes_with_its_row(void **state)
{
    struct suite *suite = *state;
    uint64_t head = 0;

    for (int i = 0; i < 3; i++)
        suite_append(suite, "j", 1, &head, "x", i == 1 ? TD_APPEND_INDEX : 0);
    suite_ok(suite, prune(suite, 1, 3, 2));
    assert_string_equal(index_of(suite, 1), "1@2");
    suite_ok(suite, prune(suite, 1, 2, 1));
    assert_string_equal(index_of(suite, 1), "");
    assert_string_equal(scan(suite, "j", 0, 1), "1:1:0=x");
}

static void numbers_are_not_given_twice(void **state)
{
    struct suite *suite = *state;
    uint64_t head = 0, again = 0;

    for (int i = 0; i < 3; i++)
        suite_append(suite, "j", 1, &head, "x", 0);
    suite_ok(suite, prune(suite, 1, head, 0));
    suite_append(suite, "j", 1, &again, "y", 0);
    assert_true(again > head);
    suite_ok(suite, prune(suite, 1, again, 0));
    head = again;
    again = 0;
    suite_append(suite, "k", 1, &again, "z", 0);
    assert_true(again > head);
}

static void long_chains_are_pruned_whole(void **state)
{
    enum { ROWS = 2560, BATCH = 64 };
    struct suite *suite = *state;
    uint64_t head = 0, other = 0;
    struct td_op ops[BATCH];

    for (int done = 0; done < ROWS; done += BATCH) {
        for (int i = 0; i < BATCH; i++)
            ops[i] = OP(TD_OP_APPEND, .space = "j", .run = 1, .head = &head);
        ops[7] = OP(TD_OP_APPEND, .space = "j", .run = 2, .head = &other);
        suite_ok(suite, suite_commit(suite, ops, BATCH));
    }
    suite_ok(suite, prune(suite, 1, head, 0));
    assert_string_equal(scan(suite, "j", 0, 1), "");
    suite_ok(suite, prune(suite, 2, other, 8));
    assert_string_equal(scan(suite, "j", 0, 2), "8:2:0=");
}

static int prune_runs(struct suite *suite, const uint64_t *runs, size_t count)
{
    return LOG(suite)->prune_runs(CTX(suite), "j", runs, count, &suite->err);
}

/* Of short and of long ones, and of some that are not there; what is over is begun with a commit of
 * its own. */
static void several_runs_are_pruned_together(void **state)
{
    enum { RUNS = 8, LONG = 1500 };
    static const uint64_t some[] = { 2, 99, 4, 5, 2 }, rest[] = { 1, 3, 6, 7, 8 };
    struct suite *suite = *state;
    uint64_t heads[RUNS + 1] = { 0 };

    for (uint64_t run = 1; run <= RUNS; run++)
        for (int i = 0; i < (run == 4 ? LONG : 3); i++)
            suite_append(suite, "j", run, &heads[run], "x", i == 0 ? 0 : TD_APPEND_INDEX);
    suite_ok(suite, prune_runs(suite, some, 0));
    suite_ok(suite, prune_runs(suite, some, 5));
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(scan(suite, "j", 0, some[i]), "");
        assert_string_equal(index_of(suite, some[i]), "");
    }
    assert_string_equal(scan(suite, "j", 0, 1), "1:1:0=x 2:1:1=x 3:1:2=x");
    suite_ok(suite, prune_runs(suite, rest, 5));
    assert_string_equal(scan(suite, "j", 0, 0), "");
    assert_string_equal(index_of(suite, 0), "");
    suite_ok(suite, LOG(suite)->prune_runs(CTX(suite), "none", rest, 5, &suite->err));
}

static void what_makes_no_sense_is_refused(void **state)
{
    static char node[TD_NAME_MAX + 2];
    const struct {
        struct td_op op;
        const char *words;
    } cases[] = {
        { OP(TD_OP_APPEND, .space = "j"), "row of log \"j\" has no run" },
        { OP(TD_OP_APPEND, .run = 1), "log of 0 bytes, must be 1 to 512" },
        { OP(TD_OP_APPEND, .space = "j", .run = 1, .node = node),
          "node of 513 bytes, at most 512 are allowed" },
        { OP(TD_OP_APPEND, .space = "j", .run = 1, .flags = TD_APPEND_INDEX | TD_APPEND_FORGET),
          "row of log \"j\" is to be both indexed and forgotten" },
    };
    struct suite *suite = *state;

    memset(node, 'n', TD_NAME_MAX + 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct td_op op = cases[i].op;

        suite_fails(suite, suite_commit(suite, &op, 1), TD_E_INVAL, cases[i].words);
        assert_int_equal(suite->failed, 0);
    }
}

int suite_log(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_row_is_read_as_it_was_written, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(rows_of_a_run_form_a_chain, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(heads_are_put_back_when_a_commit_fails, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_scan_stops_when_told, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_row_that_is_not_there_is_not_found, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(the_index_has_one_entry_per_run, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(pruning_follows_the_chain, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(an_index_entry_goes_with_its_row, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(numbers_are_not_given_twice, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(long_chains_are_pruned_whole, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(several_runs_are_pruned_together, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, suite_setup,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
