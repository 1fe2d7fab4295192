/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena: what is given is aligned, does not overlap, and stays inside the bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_fail.h"
#include "base/arena.h"

static void each_piece_is_aligned_and_its_own(void **state)
{
    struct tdh_arena arena = { 0 };
    unsigned char *pieces[300];

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        pieces[i] = tdh_arena_alloc_raw(&arena, i * 7);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i & 0xFF), i * 7);
    }
    for (size_t i = 0; i < 300; i++)
        for (size_t k = 0; k < i * 7; k++)
            assert_int_equal(pieces[i][k], i & 0xFF);
    tdh_arena_free(&arena);
    assert_int_equal(arena.total_bytes, 0);
}

static void memory_used_before_is_zeroed_again(void **state)
{
    struct tdh_arena arena = { 0 };
    char *piece = tdh_arena_alloc_raw(&arena, 100);

    (void)state;
    memset(piece, 1, 100);
    tdh_arena_reset(&arena);
    piece = tdh_arena_alloc(&arena, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(piece[i], 0);
    tdh_arena_free(&arena);
}

static void texts_are_copied_and_printed(void **state)
{
    struct tdh_arena arena = { 0 };
    char *long_text;

    (void)state;
    assert_string_equal(tdh_arena_strdup(&arena, "word"), "word");
    assert_string_equal(tdh_arena_copy(&arena, "words", 4), "word");
    assert_string_equal(tdh_arena_copy(&arena, NULL, 0), "");
    assert_string_equal(tdh_arena_printf(&arena, "%s-%d", "a", 7), "a-7");
    long_text = tdh_arena_printf(&arena, "%05000d", 1);
    assert_int_equal(strlen(long_text), 5000);
    tdh_arena_free(&arena);
}

static void a_reset_arena_serves_the_same_work_without_growing(void **state)
{
    struct tdh_arena arena = { 0 };
    size_t after_first = 0;

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 10; i++)
            assert_non_null(tdh_arena_alloc(&arena, 64));
        if (round == 0)
            after_first = arena.total_bytes;
        assert_int_equal(arena.total_bytes, after_first);
        tdh_arena_reset(&arena);
    }
    tdh_arena_free(&arena);
}

static void a_reset_gives_large_chunks_back(void **state)
{
    struct tdh_arena arena = { 0 };
    size_t small;

    (void)state;
    assert_non_null(tdh_arena_alloc_raw(&arena, 10));
    small = arena.total_bytes;
    assert_non_null(tdh_arena_alloc_raw(&arena, 1000000));
    assert_true(arena.total_bytes > 1000000);
    tdh_arena_reset(&arena);
    assert_int_equal(arena.total_bytes, small);
    tdh_arena_free(&arena);
    tdh_arena_reset(&arena);
    assert_non_null(tdh_arena_alloc(&arena, 0));
    tdh_arena_free(&arena);
}

static void the_bound_is_never_passed_and_can_be_reached(void **state)
{
    struct tdh_arena arena = { .max_bytes = 10000 };
    size_t given = 0;

    (void)state;
    assert_null(tdh_arena_alloc(&arena, 10001));
    while (tdh_arena_alloc(&arena, 160) != NULL)
        given += 160;
    assert_true(arena.total_bytes <= 10000);
    assert_true(given >= 9000);
    assert_null(tdh_arena_alloc(&arena, 160));
    tdh_arena_reset(&arena);
    assert_non_null(tdh_arena_alloc(&arena, 160));
    tdh_arena_free(&arena);
}

static void sizes_near_the_end_of_numbers_are_refused(void **state)
{
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 16, SIZE_MAX - 40,
                                    SIZE_MAX / 2 };
    struct tdh_arena arena = { 0 }, bounded = { .max_bytes = SIZE_MAX };

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_null(tdh_arena_alloc(&arena, sizes[i]));
        assert_non_null(tdh_arena_alloc(&arena, 1));
        assert_null(tdh_arena_alloc(&bounded, sizes[i]));
    }
    assert_null(tdh_arena_copy(&arena, "", SIZE_MAX));
    tdh_arena_free(&arena);
    tdh_arena_free(&bounded);
}

static void a_failed_allocation_leaves_the_arena_usable(void **state)
{
    bool has_failed = true;

    (void)state;
    for (unsigned n = 1; has_failed; n++) {
        struct tdh_arena arena = { 0 };
        unsigned refused = 0;

        alloc_fail_at(n);
        for (int i = 0; i < 50; i++)
            refused += tdh_arena_printf(&arena, "%0100d", i) == NULL;
        has_failed = alloc_fail_end();
        assert_int_equal(refused, has_failed ? 1 : 0);
        tdh_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_piece_is_aligned_and_its_own),
        cmocka_unit_test(memory_used_before_is_zeroed_again),
        cmocka_unit_test(texts_are_copied_and_printed),
        cmocka_unit_test(a_reset_arena_serves_the_same_work_without_growing),
        cmocka_unit_test(a_reset_gives_large_chunks_back),
        cmocka_unit_test(the_bound_is_never_passed_and_can_be_reached),
        cmocka_unit_test(sizes_near_the_end_of_numbers_are_refused),
        cmocka_unit_test(a_failed_allocation_leaves_the_arena_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
