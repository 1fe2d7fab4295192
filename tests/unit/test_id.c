/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id: names that sort by time and never repeat, and hashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { THREADS = 4, PER_THREAD = 5000 };

static char made[THREADS][PER_THREAD][TDH_ID_SIZE];

static void a_name_has_the_form_of_version_7(void **state)
{
    char id[TDH_ID_SIZE];

    (void)state;
    for (int i = 0; i < 100; i++) {
        tdh_id_new(id);
        assert_true(tdh_id_is_valid(id));
        assert_int_equal(id[14], '7');
        assert_non_null(strchr("89ab", id[19]));
    }
}

static void a_name_begins_with_the_time_in_milliseconds(void **state)
{
    int64_t before = tdh_clock_us() / 1000, at;
    char id[TDH_ID_SIZE], digits[13] = "";

    (void)state;
    tdh_id_new(id);
    memcpy(digits, id, 8);
    memcpy(digits + 8, id + 9, 4);
    at = strtoll(digits, NULL, 16);
    assert_in_range(at, before, before + 1000);
}

static void names_sort_after_one_that_is_told_whatever_the_clock(void **state)
{
    static const char *const told[] = { "06000000-0000-7123-8000-000000000000",
                                        "06000000-0000-7FFF-bfff-ffffffffffff" };
    static const char *const passed_over[] = {
        "07000000-0000-4000-8000-000000000000", /* no time in it */
        "ffffffff-ffff-7fff-8000-000000000000", /* no room above */
        "05000000-0000-7000-8000-000000000000", /* earlier */
        "07000000-0000-7000-8000",
        "",
    };
    char before[TDH_ID_SIZE], id[TDH_ID_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(told); i++) {
        tdh_id_after(told[i]);
        tdh_id_new(id);
        assert_true(strncasecmp(id, told[i], 18) > 0);
        assert_int_equal(id[14], '7');
        assert_true(tdh_id_is_valid(id));
    }
    for (size_t i = 0; i < COUNT(passed_over); i++) {
        strcpy(before, id);
        tdh_id_after(passed_over[i]);
        tdh_id_new(id);
        assert_true(strcmp(id, before) > 0);
        assert_memory_equal(id, "06000000-0001-7", 15);
    }
}

static void *make_many(void *arg)
{
    char(*ids)[TDH_ID_SIZE] = arg;

    for (int i = 0; i < PER_THREAD; i++)
        tdh_id_new(ids[i]);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void names_of_all_threads_differ_and_each_threads_sort(void **state)
{
    const char *sorted = (const char *)made;
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, made[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (int k = 1; k < PER_THREAD; k++)
            assert_true(strcmp(made[i][k - 1], made[i][k]) < 0);
    qsort(made, THREADS * PER_THREAD, TDH_ID_SIZE, compare);
    for (int i = 1; i < THREADS * PER_THREAD; i++, sorted += TDH_ID_SIZE)
        assert_true(memcmp(sorted, sorted + TDH_ID_SIZE, 18) < 0); /* by their stamps alone */
}

static void a_child_of_fork_draws_other_numbers(void **state)
{
    uint64_t of_child = 0, of_parent;
    int fds[2], status;
    pid_t child;

    (void)state;
    tdh_id_random();
    assert_int_equal(pipe(fds), 0);
    child = fork();
    if (child == 0) {
        of_child = tdh_id_random();
        _exit(write(fds[1], &of_child, sizeof(of_child)) == sizeof(of_child) ? 0 : 1);
    }
    of_parent = tdh_id_random();
    assert_int_equal(read(fds[0], &of_child, sizeof(of_child)), sizeof(of_child));
    waitpid(child, &status, 0);
    assert_true(of_child != of_parent);
    close(fds[0]);
    close(fds[1]);
}

static void only_the_text_of_a_uuid_is_valid(void **state)
{
    static const struct {
        const char *text;
        int want;
    } cases[] = {
        { "01890a5d-ac96-774b-bcce-b302099a8057", 1 },
        { "01890A5D-AC96-774B-BCCE-B302099A8057", 1 },
        { "00000000-0000-0000-0000-000000000000", 1 },
        { "", 0 },
        { "01890a5d-ac96-774b-bcce-b302099a805", 0 },
        { "01890a5d-ac96-774b-bcce-b302099a80577", 0 },
        { "01890a5dxac96-774b-bcce-b302099a8057", 0 },
        { "01890a5d-ac96-774b-bcce-b302099a805g", 0 },
        { "{1890a5d-ac96-774b-bcce-b302099a8057", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(tdh_id_is_valid(cases[i].text), cases[i].want);
}

/* The examples of FIPS 180, and a length on each side of a block. */
static void sha256_gives_the_known_digests(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    char hex[TDH_SHA256_HEX];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        tdh_sha256_hex(cases[i].text, strlen(cases[i].text), hex);
        assert_string_equal(hex, cases[i].want);
    }
    tdh_sha256_hex(NULL, 0, hex);
    assert_string_equal(hex, cases[0].want);
}

static void every_byte_and_the_length_count_in_a_hash(void **state)
{
    unsigned char bytes[40] = { 0 };
    uint64_t whole, hashes[COUNT(bytes) + 1];

    (void)state;
    for (size_t length = 0; length <= COUNT(bytes); length++) {
        hashes[length] = whole = tdh_hash(bytes, length);
        assert_true(tdh_hash(bytes, length) == whole);
        for (size_t i = 0; i < length; i++) {
            bytes[i] ^= 0x80;
            assert_true(tdh_hash(bytes, length) != whole);
            bytes[i] ^= 0x80;
        }
        for (size_t i = 0; i < length; i++)
            assert_true(hashes[i] != whole);
    }
}

/* 4096 numbered keys in 4096 slots: a good hash leaves about 1/e of them empty. */
static void low_bits_of_a_hash_spread_numbered_keys(void **state)
{
    static unsigned char used[4096];
    unsigned empty = 0;

    (void)state;
    for (uint32_t i = 0; i < 4096; i++)
        used[tdh_hash(&i, sizeof(i)) % 4096] = 1;
    for (int i = 0; i < 4096; i++)
        empty += used[i] == 0;
    assert_in_range(empty, 1300, 1720);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_the_form_of_version_7),
        cmocka_unit_test(a_name_begins_with_the_time_in_milliseconds),
        cmocka_unit_test(names_of_all_threads_differ_and_each_threads_sort),
        cmocka_unit_test(a_child_of_fork_draws_other_numbers),
        cmocka_unit_test(only_the_text_of_a_uuid_is_valid),
        cmocka_unit_test(sha256_gives_the_known_digests),
        cmocka_unit_test(every_byte_and_the_length_count_in_a_hash),
        cmocka_unit_test(low_bits_of_a_hash_spread_numbered_keys),
        cmocka_unit_test(names_sort_after_one_that_is_told_whatever_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
