/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suite_threads: one commits, others read and claim: each sees the state before or after a batch,
 * never a part of it.
 *
 * cmocka's assertions belong to the main thread, so the others count what is wrong.
 */
#include "suite.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 150, ROWS = 8, READERS = 3, LOOKS = 50 };

struct watch {
    struct suite *suite;
    atomic_bool is_over;
    atomic_int wrong, rounds;
};

struct pair {
    char first[16];
    int seen;
    int wrong;
};

static int compare_pair(void *arg, const char *key, struct td_bytes value, uint64_t version)
{
    struct pair *pair = arg;

    (void)key;
    (void)version;
    if (pair->seen++ == 0)
        snprintf(pair->first, sizeof(pair->first), "%.*s", (int)value.length,
                 (const char *)value.data);
    else if (strlen(pair->first) != value.length ||
             memcmp(pair->first, value.data, value.length) != 0)
        pair->wrong++;
    return 0;
}

static int count_row(void *arg, const struct td_row *row)
{
    (void)row;
    ++*(int *)arg;
    return 0;
}

static void *watch_records(void *arg)
{
    struct watch *watch = arg;
    struct suite *suite = watch->suite;
    struct td_err err;

    while (!atomic_load(&watch->is_over)) {
        struct pair pair = { .seen = 0 };
        int rows = 0;

        if (KV(suite)->scan(CTX(suite), "s", "", NULL, 0, 0, NOW, compare_pair, &pair, &err) != 0 ||
            (pair.seen != 0 && pair.seen != 2) || pair.wrong != 0)
            atomic_fetch_add(&watch->wrong, 1);
        if (LOG(suite)->scan(CTX(suite), "j", 0, 0, count_row, &rows, &err) != 0 ||
            rows % ROWS != 0)
            atomic_fetch_add(&watch->wrong, 1);
        atomic_fetch_add(&watch->rounds, 1);
    }
    return NULL;
}

/* Claims and gives back, beside the commits. */
static void *watch_queue(void *arg)
{
    struct watch *watch = arg;
    struct suite *suite = watch->suite;
    struct td_err err;

    while (!atomic_load(&watch->is_over)) {
        uint64_t item, claim;
        uint32_t claims;
        size_t length;
        void *value;
        int rc = QUEUE(suite)->claim(CTX(suite), "q", NOW, NOW + SECOND, &item, &claim, &claims,
                                     &value, &length, &err);

        if (rc != 0 && err.code != TD_E_NOTFOUND)
            atomic_fetch_add(&watch->wrong, 1);
        if (rc == 0) {
            free(value);
            if (QUEUE(suite)->release(CTX(suite), "q", item, claim, NOW, &err) != 0)
                atomic_fetch_add(&watch->wrong, 1);
        }
        atomic_fetch_add(&watch->rounds, 1);
    }
    return NULL;
}

/* As many as told, and more until the others have come to look. */
static void commit_batches(struct suite *suite, const struct watch *watch)
{
    for (int i = 0; i < BATCHES || atomic_load(&watch->rounds) < LOOKS; i++) {
        struct td_op ops[2 + ROWS + 1];
        char text[16];

        snprintf(text, sizeof(text), "%d", i);
        ops[0] = OP(TD_OP_PUT, .space = "s", .key = "a", .value = suite_bytes(text),
                    .version = TD_VERSION_ANY);
        for (int row = 0; row < ROWS; row++)
            ops[1 + row] = OP(TD_OP_APPEND, .space = "j", .run = 1, .value = suite_bytes(text));
        ops[1 + ROWS] = OP(TD_OP_PUT, .space = "s", .key = "b", .value = suite_bytes(text),
                           .version = TD_VERSION_ANY);
        ops[2 + ROWS] = OP(TD_OP_PUSH, .space = "q", .value = suite_bytes(text));
        suite_ok(suite, suite_commit(suite, ops, 2 + ROWS + 1));
        sched_yield();
    }
}

static void readers_see_whole_batches(void **state)
{
    struct watch watch = { .suite = *state };
    pthread_t threads[READERS + 1];

    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, watch_records, &watch), 0);
    assert_int_equal(pthread_create(&threads[READERS], NULL, watch_queue, &watch), 0);
    commit_batches(*state, &watch);
    atomic_store(&watch.is_over, true);
    for (int i = 0; i < READERS + 1; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&watch.wrong), 0);
}

int suite_threads(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(readers_see_whole_batches, suite_setup, suite_teardown),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
