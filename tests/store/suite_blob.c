/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_blob: written whole, read in parts.
 */
#include "suite.h"

#include <stdlib.h>

enum { BIG = 1000 * 1000 }; /* not a multiple of any part */

static char *make_data(void)
{
    char *data = malloc(BIG);

    assert_non_null(data);
    for (size_t i = 0; i < BIG; i++)
        data[i] = (char)(i * 7 + i / 251);
    return data;
}

static int get(struct suite *suite, uint64_t offset, size_t length, const char *want,
               size_t want_length, uint64_t want_total)
{
    uint64_t total;
    size_t got;
    void *value;

    if (BLOB(suite)->get(CTX(suite), "b", offset, length, &value, &got, &total, &suite->err) != 0)
        return -1;
    assert_int_equal(got, want_length);
    assert_int_equal(total, want_total);
    if (got != 0)
        assert_memory_equal(value, want, got);
    assert_int_equal(((char *)value)[got], 0);
    free(value);
    return 0;
}

static void parts_are_read_wherever_they_begin(void **state)
{
    static const struct {
        uint64_t offset;
        size_t length, want;
    } cases[] = {
        { 0, BIG, BIG },
        { 0, SIZE_MAX, BIG },
        { 0, 0, 0 },
        { 0, 1, 1 },
        { 262143, 2, 2 },
        { 262144, 262144, 262144 },
        { 1, 999998, 999998 },
        { BIG - 1, 5, 1 },
        { BIG, 5, 0 },
        { BIG + 1, 5, 0 },
        { UINT64_MAX, SIZE_MAX, 0 },
    };
    struct suite *suite = *state;
    char *data = make_data();

    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", (struct td_bytes){ data, BIG }, &suite->err));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        suite_ok(suite,
                 get(suite, cases[i].offset, cases[i].length,
                     data + (cases[i].offset < BIG ? cases[i].offset : 0), cases[i].want, BIG));
    free(data);
}

static void a_blob_is_replaced_whole(void **state)
{
    struct suite *suite = *state;
    char *data = make_data();

    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", (struct td_bytes){ data, BIG }, &suite->err));
    suite_ok(suite, BLOB(suite)->put(CTX(suite), "c", (struct td_bytes){ data, 9 }, &suite->err));
    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", suite_bytes("small"), &suite->err));
    suite_ok(suite, get(suite, 0, BIG, "small", 5, 5));
    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", suite_bytes(""), &suite->err));
    suite_ok(suite, get(suite, 0, BIG, "", 0, 0));
    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", (struct td_bytes){ data, BIG }, &suite->err));
    suite_ok(suite, get(suite, 0, BIG, data, BIG, BIG));
    free(data);
}

static void a_removed_blob_is_not_found(void **state)
{
    struct suite *suite = *state;

    suite_fails(suite, get(suite, 0, 1, "", 0, 0), TD_E_NOTFOUND, "blob \"b\" is not there");
    suite_ok(suite, BLOB(suite)->put(CTX(suite), "b", suite_bytes("x"), &suite->err));
    suite_ok(suite, BLOB(suite)->remove(CTX(suite), "b", &suite->err));
    suite_fails(suite, get(suite, 0, 1, "", 0, 0), TD_E_NOTFOUND, NULL);
    suite_ok(suite, BLOB(suite)->remove(CTX(suite), "b", &suite->err));
}

int suite_blob(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parts_are_read_wherever_they_begin, suite_setup,
                                        suite_teardown),
        cmocka_unit_test_setup_teardown(a_blob_is_replaced_whole, suite_setup, suite_teardown),
        cmocka_unit_test_setup_teardown(a_removed_blob_is_not_found, suite_setup, suite_teardown),
    };

    return cmocka_run_group_tests_name("blob", tests, NULL, NULL);
}
