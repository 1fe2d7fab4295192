/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_kv: records, versions, expiry, scans.
 */
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static void a_record_is_read_as_it_was_written(void **state)
{
    static const size_t lengths[] = { 0, 1, 255, 4096, 1 << 20 };
    struct suite *suite = *state;
    char *data = malloc(1 << 20);

    assert_non_null(data);
    for (size_t i = 0; i < 1 << 20; i++)
        data[i] = (char)(i * 31);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct td_op op = OP(TD_OP_PUT, .space = "s", .key = "k", .value = { data, lengths[i] },
                             .version = TD_VERSION_ANY);
        uint64_t version;
        size_t length;
        void *value;

        suite_ok(suite, suite_commit(suite, &op, 1));
        suite_ok(suite,
                 KV(suite)->get(CTX(suite), "s", "k", NOW, &value, &length, &version, &suite->err));
        assert_int_equal(length, lengths[i]);
        assert_int_equal(version, i + 1);
        assert_memory_equal(value, data, length);
        assert_int_equal(((char *)value)[length], 0);
        free(value);
    }
    free(data);
}

static void a_record_that_is_not_there_is_not_found(void **state)
{
    struct suite *suite = *state;
    uint64_t version;
    size_t length;
    void *value;

    suite_fails(suite,
                KV(suite)->get(CTX(suite), "s", "k", NOW, &value, &length, &version, &suite->err),
                TD_E_NOTFOUND, "record \"k\" of space \"s\" is not there");
    suite_put(suite, "other", "k", "x");
    assert_null(suite_get(suite, "s", "k", NOW));
}

static void versions_count_from_one_and_begin_anew_after_delete(void **state)
{
    struct suite *suite = *state;
    struct td_op remove = OP(TD_OP_DELETE, .space = "s", .key = "k", .version = TD_VERSION_ANY);

    assert_int_equal(suite_put(suite, "s", "k", "a"), 1);
    assert_int_equal(suite_put(suite, "s", "k", "b"), 2);
    suite_ok(suite, suite_commit(suite, &remove, 1));
    assert_null(suite_get(suite, "s", "k", NOW));
    suite_ok(suite, suite_commit(suite, &remove, 1));
    assert_int_equal(suite_put(suite, "s", "k", "c"), 1);
}

static void versions_guard(void **state)
{
    static const struct {
        enum td_op_kind kind;
        const char *key; /* "there" has version 2, "absent" is not there */
        uint64_t version;
        const char *words; /* NULL: holds */
    } cases[] = {
        { TD_OP_GUARD_KV, "there", 2, NULL },
        { TD_OP_GUARD_KV, "there", 1, "record \"there\" of space \"s\" has version 2, expected 1" },
        { TD_OP_GUARD_KV, "there", 0, "record \"there\" of space \"s\" has version 2, expected 0" },
        { TD_OP_GUARD_KV, "absent", 0, NULL },
        { TD_OP_GUARD_KV, "absent", 3,
          "record \"absent\" of space \"s\" is not there, expected version 3" },
        { TD_OP_PUT, "there", 1, "record \"there\" of space \"s\" has version 2, expected 1" },
        { TD_OP_PUT, "there", 0, "record \"there\" of space \"s\" has version 2, expected 0" },
        { TD_OP_PUT, "absent", 1,
          "record \"absent\" of space \"s\" is not there, expected version 1" },
        { TD_OP_DELETE, "there", 3, "record \"there\" of space \"s\" has version 2, expected 3" },
        { TD_OP_DELETE, "absent", 0, NULL },
        { TD_OP_PUT, "there", 2, NULL },
        { TD_OP_PUT, "absent", 0, NULL },
    };
    struct suite *suite = *state;

    suite_put(suite, "s", "there", "a");
    suite_put(suite, "s", "there", "b");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct td_op op = OP(cases[i].kind, .space = "s", .key = cases[i].key,
                             .version = cases[i].version, .value = suite_bytes("c"));
        int rc = suite_commit(suite, &op, 1);

        if (cases[i].words == NULL)
            suite_ok(suite, rc);
        else
            suite_fails(suite, rc, TD_E_CONFLICT, cases[i].words);
    }
}

static void what_has_expired_is_not_there(void **state)
{
    struct suite *suite = *state;
    struct suite_seen seen = { 0 };
    struct td_op put = OP(TD_OP_PUT, .space = "s", .key = "k", .value = suite_bytes("a"),
                          .version = TD_VERSION_ANY, .expires_us = NOW + SECOND);
    struct td_op guard = OP(TD_OP_GUARD_KV, .space = "s", .key = "k", .version = 2, .time_us = NOW);

    suite_ok(suite, suite_commit(suite, &put, 1));
    suite_ok(suite, suite_commit(suite, &put, 1));
    assert_string_equal(suite_get(suite, "s", "k", NOW + SECOND - 1), "a");
    assert_null(suite_get(suite, "s", "k", NOW + SECOND));
    suite_ok(suite, KV(suite)->scan(CTX(suite), "s", "", NULL, 0, 0, NOW + SECOND, suite_see_key,
                                    &seen, &suite->err));
    assert_string_equal(seen.text, "");

    suite_ok(suite, suite_commit(suite, &guard, 1));
    guard.time_us = NOW + SECOND;
    suite_fails(suite, suite_commit(suite, &guard, 1), TD_E_CONFLICT, NULL);
    guard.version = 0;
    suite_ok(suite, suite_commit(suite, &guard, 1));
    guard.version = 2;
    guard.time_us = 0; /* no time given: nothing has expired */
    suite_ok(suite, suite_commit(suite, &guard, 1));

    put.time_us = NOW + SECOND;
    put.expires_us = 0;
    suite_ok(suite, suite_commit(suite, &put, 1));
    assert_int_equal(put.ret_version, 1);
    assert_string_equal(suite_get(suite, "s", "k", INT64_MAX), "a");
}

static void expire_takes_away_what_is_due_up_to_its_limit(void **state)
{
    struct suite *suite = *state;
    uint32_t count;

    for (int i = 0; i < 5; i++) {
        char key[2] = { (char)('a' + i), 0 };
        struct td_op put = OP(TD_OP_PUT, .space = "s", .key = key, .version = TD_VERSION_ANY,
                              .expires_us = NOW + i * SECOND);

        suite_ok(suite, suite_commit(suite, &put, 1));
    }
    suite_put(suite, "s", "for ever", "x");
    suite_ok(suite, KV(suite)->expire(CTX(suite), NOW + 3 * SECOND, 3, &count, &suite->err));
    assert_int_equal(count, 3);
    suite_ok(suite, KV(suite)->expire(CTX(suite), NOW + 3 * SECOND, 0, &count, &suite->err));
    assert_int_equal(count, 1);
    suite_ok(suite, KV(suite)->expire(CTX(suite), NOW + 3 * SECOND, 0, &count, &suite->err));
    assert_int_equal(count, 0);
    assert_non_null(suite_get(suite, "s", "e", NOW));
    assert_null(suite_get(suite, "s", "d", NOW));
    assert_non_null(suite_get(suite, "s", "for ever", NOW));
}

static void scans_go_in_byte_order_both_ways(void **state)
{
    static const char *const keys[] = { "b/2", "a", "b/1", "b", "c", "b/10", "b/\xed\x95\x9c" };
    static const struct {
        const char *prefix, *after;
        uint32_t limit, flags;
        const char *want;
    } cases[] = {
        { "", NULL, 0, 0, "a b b/1 b/10 b/2 b/\xed\x95\x9c c" },
        { NULL, NULL, 0, 0, "a b b/1 b/10 b/2 b/\xed\x95\x9c c" },
        { "", NULL, 0, TD_SCAN_DOWN, "c b/\xed\x95\x9c b/2 b/10 b/1 b a" },
        { "b/", NULL, 0, 0, "b/1 b/10 b/2 b/\xed\x95\x9c" },
        { "b/", NULL, 0, TD_SCAN_DOWN, "b/\xed\x95\x9c b/2 b/10 b/1" },
        { "b/1", NULL, 0, TD_SCAN_DOWN, "b/10 b/1" },
        { "", NULL, 2, 0, "a b" },
        { "", "b", 2, 0, "b/1 b/10" },
        { "", "b/10", 2, 0, "b/2 b/\xed\x95\x9c" },
        { "", "b/\xed\x95\x9c", 2, 0, "c" },
        { "", "c", 2, 0, "" },
        { "b/", "a", 2, 0, "b/1 b/10" },
        { "b/", "b/1", 0, 0, "b/10 b/2 b/\xed\x95\x9c" },
        { "b/", "c", 0, 0, "" },
        { "", "b/2", 2, TD_SCAN_DOWN, "b/10 b/1" },
        { "b/", "b/2", 0, TD_SCAN_DOWN, "b/10 b/1" },
        { "b/", "zzz", 1, TD_SCAN_DOWN, "b/\xed\x95\x9c" },
        { "b/", "a", 0, TD_SCAN_DOWN, "" },
        { "none", NULL, 0, 0, "" },
    };
    struct suite *suite = *state;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        suite_put(suite, "s", keys[i], "x");
    suite_put(suite, "t", "b/11", "of another space");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct suite_seen seen = { 0 };

        suite_ok(suite,
                 KV(suite)->scan(CTX(suite), "s", cases[i].prefix, cases[i].after, cases[i].limit,
                                 cases[i].flags, NOW, suite_see_key, &seen, &suite->err));
        assert_string_equal(seen.text, cases[i].want);
    }
}

static void a_scan_stops_when_told_and_a_space_that_is_not_there_is_empty(void **state)
{
    struct suite *suite = *state;
    struct suite_seen seen = { .left = 1 };

    suite_put(suite, "s", "a", "x");
    suite_put(suite, "s", "b", "x");
    suite_ok(suite, KV(suite)->scan(CTX(suite), "s", "", NULL, 0, 0, NOW, suite_see_key, &seen,
                                    &suite->err));
    assert_string_equal(seen.text, "a");
    suite_ok(suite, KV(suite)->scan(CTX(suite), "none", "", NULL, 0, 0, NOW, suite_see_key, &seen,
                                    &suite->err));
    assert_string_equal(seen.text, "a");
}

static void names_and_values_have_limits(void **state)
{
    struct suite *suite = *state;
    char longest[TD_NAME_MAX + 1], longer[TD_NAME_MAX + 2];
    uint64_t version;
    size_t length;
    void *value;
    struct td_op too_large = OP(TD_OP_PUT, .space = "s", .key = "k", .version = TD_VERSION_ANY,
                                .value = { "", (size_t)TD_VALUE_MAX + 1 });

    memset(longest, 'n', TD_NAME_MAX);
    longest[TD_NAME_MAX] = '\0';
    memset(longer, 'n', TD_NAME_MAX + 1);
    longer[TD_NAME_MAX + 1] = '\0';
    suite_put(suite, longest, longest, "x");
    assert_string_equal(suite_get(suite, longest, longest, NOW), "x");
    suite_fails(
        suite, KV(suite)->get(CTX(suite), longer, "k", NOW, &value, &length, &version, &suite->err),
        TD_E_INVAL, "space of 513 bytes, must be 1 to 512");
    suite_fails(suite,
                KV(suite)->get(CTX(suite), "s", "", NOW, &value, &length, &version, &suite->err),
                TD_E_INVAL, "key of 0 bytes, must be 1 to 512");
    suite_fails(suite, suite_commit(suite, &too_large, 1), TD_E_INVAL,
                "value of 268435457 bytes, at most 268435456 are allowed");
    too_large = OP(TD_OP_PUT, .space = "s", .key = longer, .version = TD_VERSION_ANY);
    suite_fails(suite, suite_commit(suite, &too_large, 1), TD_E_INVAL,
                "key of 513 bytes, must be 1 to 512");
}

int suite_kv(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_is_read_as_it_was_written, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_record_that_is_not_there_is_not_found, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(versions_count_from_one_and_begin_anew_after_delete,
                                        suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(versions_guard, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(what_has_expired_is_not_there, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(expire_takes_away_what_is_due_up_to_its_limit, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(scans_go_in_byte_order_both_ways, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(
            a_scan_stops_when_told_and_a_space_that_is_not_there_is_empty, suite_setup,
            suite_teardown),
        cmocka_unit_test_setup_teardown(names_and_values_have_limits, suite_setup, suite_teardown),
    };

    return cmocka_run_group_tests_name("kv", tests, NULL, NULL);
}
