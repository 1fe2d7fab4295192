/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: what is set is got, what is removed is gone, whatever the order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "alloc_fail.h"
#include "base/map.h"

static int values[2000];
static unsigned freed;

static const char *name(int i, char text[static 32])
{
    snprintf(text, 32, "key-%d", i);
    return text;
}

static void an_empty_map_has_nothing(void **state)
{
    struct tdh_map map = { 0 };
    size_t at = 0;

    (void)state;
    assert_null(tdh_map_get(&map, "x"));
    assert_null(tdh_map_remove(&map, "x"));
    assert_null(tdh_map_next(&map, &at));
    tdh_map_free(&map, NULL);
}

static void a_later_value_takes_the_place_of_an_earlier(void **state)
{
    struct tdh_map map = { 0 };
    void *old = &map;

    (void)state;
    assert_int_equal(tdh_map_set(&map, "k", &values[0], &old), 0);
    assert_null(old);
    assert_int_equal(tdh_map_set(&map, "k", &values[1], &old), 0);
    assert_ptr_equal(old, &values[0]);
    assert_ptr_equal(tdh_map_get(&map, "k"), &values[1]);
    assert_int_equal(map.count, 1);
    tdh_map_free(&map, NULL);
}

static void keys_are_bytes_with_a_length(void **state)
{
    struct tdh_map map = { 0 };

    (void)state;
    tdh_map_set(&map, "", &values[0], NULL);
    tdh_map_set(&map, "ab", &values[1], NULL);
    tdh_map_set_n(&map, "a\0b", 3, &values[2], NULL);
    assert_null(tdh_map_remove(&map, "b"));
    assert_ptr_equal(tdh_map_get(&map, ""), &values[0]);
    assert_ptr_equal(tdh_map_get_n(&map, "abc", 2), &values[1]);
    assert_ptr_equal(tdh_map_get_n(&map, "a\0b", 3), &values[2]);
    assert_null(tdh_map_get(&map, "a"));
    tdh_map_free(&map, NULL);
}

/* Sets 2000 keys, takes every third out, and finds exactly the rest; then by walking, too. */
static void keys_survive_growth_and_removals(void **state)
{
    struct tdh_map map = { 0 };
    const struct tdh_map_slot *slot;
    unsigned walked = 0;
    size_t at = 0;
    char text[32];

    (void)state;
    for (int i = 0; i < 2000; i++)
        assert_int_equal(tdh_map_set(&map, name(i, text), &values[i], NULL), 0);
    for (int i = 0; i < 2000; i += 3)
        assert_ptr_equal(tdh_map_remove(&map, name(i, text)), &values[i]);
    for (int i = 0; i < 2000; i++)
        assert_ptr_equal(tdh_map_get(&map, name(i, text)), i % 3 == 0 ? NULL : &values[i]);
    while ((slot = tdh_map_next(&map, &at)) != NULL) {
        assert_string_equal(slot->key, name((int)((int *)slot->value - values), text));
        walked++;
    }
    assert_int_equal(walked, 1333);
    assert_int_equal(map.count, 1333);
    tdh_map_free(&map, NULL);
}

/* A table that is filled and emptied again and again neither grows nor slows down. */
static void churn_leaves_no_trace(void **state)
{
    struct tdh_map map = { 0 };
    char text[32];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        tdh_map_set(&map, name(i, text), &values[0], NULL);
        if (i >= 5)
            assert_non_null(tdh_map_remove(&map, name(i - 5, text)));
    }
    assert_int_equal(map.count, 5);
    assert_int_equal(map.capacity, 8);
    tdh_map_free(&map, NULL);
}

static void count_free(void *value)
{
    (void)value;
    freed++;
}

static void freeing_visits_each_value_once(void **state)
{
    struct tdh_map map = { 0 };
    char text[32];

    (void)state;
    for (int i = 0; i < 100; i++)
        tdh_map_set(&map, name(i, text), &values[i], NULL);
    freed = 0;
    tdh_map_free(&map, count_free);
    assert_int_equal(freed, 100);
    assert_int_equal(map.capacity, 0);
}

static void a_set_without_memory_changes_nothing(void **state)
{
    bool has_failed = true;
    char text[32];

    (void)state;
    for (unsigned n = 1; has_failed; n++) {
        struct tdh_map map = { 0 };
        int done = 0, rc = 0;

        alloc_fail_at(n);
        while (done < 20 && (rc = tdh_map_set(&map, name(done, text), &values[done], NULL)) == 0)
            done++;
        has_failed = alloc_fail_end();
        assert_true(has_failed == (rc != 0));
        assert_int_equal(map.count, done);
        for (int i = 0; i < 20; i++)
            assert_ptr_equal(tdh_map_get(&map, name(i, text)), i < done ? &values[i] : NULL);
        tdh_map_free(&map, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(a_later_value_takes_the_place_of_an_earlier),
        cmocka_unit_test(keys_are_bytes_with_a_length),
        cmocka_unit_test(keys_survive_growth_and_removals),
        cmocka_unit_test(churn_leaves_no_trace),
        cmocka_unit_test(freeing_visits_each_value_once),
        cmocka_unit_test(a_set_without_memory_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
