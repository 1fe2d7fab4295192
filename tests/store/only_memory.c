/* SPDX-License-Identifier: Apache-2.0 */
/*
 * only_memory: its bound.
 */
#include "suite.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT = 1 << 20, VALUE = 100 * 1000 };

static int open_small(struct suite *suite)
{
    const struct fake_option options[] = { { "limit", NULL, LIMIT }, { NULL, NULL, 0 } };

    return fake_open(&suite->store, "memory", options, &suite->err);
}

/* Puts values until one is refused; returns how many fitted. */
static int fill(struct suite *suite, enum td_op_kind kind, const char *data)
{
    int count = 0;

    for (;; count++) {
        char key[2] = { (char)('a' + count), 0 };
        uint64_t head = 0;
        struct td_op op = OP(kind, .space = "s", .key = key, .value = { data, VALUE }, .run = 1,
                             .version = TD_VERSION_ANY, .head = &head);

        if (suite_commit(suite, &op, 1) != 0) {
            assert_int_equal(head, 0);
            return count;
        }
    }
}

static void a_full_store_refuses_and_keeps_what_it_has(void **state)
{
    static const enum td_op_kind kinds[] = { TD_OP_PUT, TD_OP_APPEND, TD_OP_PUSH, TD_OP_PUBLISH };
    struct suite *suite = *state;
    char *data = calloc(1, LIMIT);

    assert_non_null(data);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        suite_ok(suite, open_small(suite));
        assert_int_equal(fill(suite, kinds[i], data), 10);
        suite_fails(suite, -1, TD_E_LIMIT, NULL);
        assert_string_equal(suite->err.hint,
                            "raise the option \"limit\" of the memory store, or use "
                            "a store on disk");
        assert_int_equal(suite->failed, 0);
        suite_fails(
            suite, BLOB(suite)->put(CTX(suite), "b", (struct td_bytes){ data, VALUE }, &suite->err),
            TD_E_LIMIT, NULL);
        suite_close(suite);
    }
    free(data);
}

/* Nothing of it lasts: there is nothing to be backed up. */
static void it_offers_no_backup(void **state)
{
    const struct suite *suite = *state;

    assert_null(suite->store.table->backup);
    assert_null(suite->store.table->restore);
}

static void what_is_deleted_makes_room(void **state)
{
    struct suite *suite = *state;
    char *data = calloc(1, LIMIT);
    struct td_op remove = OP(TD_OP_DELETE, .space = "s", .key = "c", .version = TD_VERSION_ANY);

    assert_non_null(data);
    suite_ok(suite, open_small(suite));
    assert_int_equal(fill(suite, TD_OP_PUT, data), 10);
    for (int i = 0; i < 20; i++) {
        struct td_op put = OP(TD_OP_PUT, .space = "s", .key = "c", .value = { data, VALUE },
                              .version = TD_VERSION_ANY);

        suite_ok(suite, suite_commit(suite, &remove, 1));
        suite_ok(suite, suite_commit(suite, &put, 1));
    }
    free(data);
}

int only_memory(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_offers_no_backup, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_full_store_refuses_and_keeps_what_it_has,
                                        suite_setup_closed, suite_teardown),
        cmocka_unit_test_setup_teardown(what_is_deleted_makes_room, suite_setup_closed,
                                        suite_teardown),
    };

    return cmocka_run_group_tests_name("only memory", tests, NULL, NULL);
}
