/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden: tests/store/golden-v1.sql, and what it holds.
 */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void golden_make(const struct suite *suite)
{
    char *sql = calloc(1, 1 << 16);
    FILE *file = fopen(TEST_SRCDIR "/tests/store/golden-v1.sql", "re");

    assert_non_null(sql);
    assert_non_null(file);
    assert_true(fread(sql, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    suite_execute(suite->path, sql);
    free(sql);
}

void golden_check(struct suite *suite)
{
    struct suite_seen seen = { 0 };
    uint64_t number, version;
    size_t length;
    void *value;

    suite_ok(suite,
             KV(suite)->get(CTX(suite), "s", "k", NOW, &value, &length, &version, &suite->err));
    assert_int_equal(version, 3);
    assert_int_equal(length, 3);
    assert_memory_equal(value, "a\0\xff", 3);
    free(value);
    assert_non_null(suite_get(suite, "s", "short", NOW));
    assert_null(suite_get(suite, "s", "short", NOW + SECOND));
    suite_ok(suite, LOG(suite)->scan(CTX(suite), "j", 0, 7, suite_see_row, &seen, &suite->err));
    suite_ok(suite, LOG(suite)->index(CTX(suite), "j", 0, suite_see_entry, &seen, &suite->err));
    suite_ok(suite, TOPIC(suite)->read(CTX(suite), "t", 0, 0, suite_see_item, &seen, &suite->err));
    assert_string_equal(seen.text, "2:7:0=a 4:7:2=b 7@4 9=e");
    suite_ok(suite, QUEUE(suite)->count(CTX(suite), "q", &number, &suite->err));
    assert_int_equal(number, 2);
    assert_int_equal(
        LEASE(suite)->acquire(CTX(suite), "l", "bob", NOW, NOW + 1, &number, &suite->err), -1);
    assert_string_equal(suite->err.text, "lease \"l\" is held by \"ann\"");
    suite_ok(suite, BLOB(suite)->get(CTX(suite), "b", 1, 3, &value, &length, &number, &suite->err));
    assert_string_equal(value, "ell");
    free(value);
    suite_ok(suite, suite->store.table->verify(CTX(suite), &suite->err));
}
