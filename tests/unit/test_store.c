/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: what is submitted in one turn is one commit, a guard that fails takes only its own write
 * with it, and order is kept.
 */
#include "fake_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/json.h"

struct bed {
    struct fake_disk *disk;
    struct tdh_runtime *runtime;
    struct tdh_store *store;
    bool is_blocking;
    tdh_co_fn *fn;
    atomic_uint done, failed, writers;
    unsigned begun; /* on worker 0 */
    struct tdh_co *waiter;
};

static void open_and_run(void *arg)
{
    struct bed *bed = arg;

    bed->store = fake_store_open(bed->runtime, bed->disk, bed->is_blocking);
    bed->fn(bed);
}

static void run(struct bed *bed, unsigned workers, bool is_blocking, tdh_co_fn *fn)
{
    struct tdh_runtime_options options = { .workers = workers, .blocking_threads = 2 };
    struct td_err err;

    bed->is_blocking = is_blocking;
    bed->fn = fn;
    atomic_store(&bed->done, 0);
    bed->runtime = tdh_runtime_new(&options, &err);
    assert_int_equal(tdh_runtime_run(bed->runtime, open_and_run, bed, &err), 0);
    tdh_store_close(bed->store);
    tdh_runtime_free(bed->runtime);
}

static int make_disk(void **state)
{
    static struct bed bed;

    bed = (struct bed){ .disk = fake_disk_new() };
    *state = &bed;
    return 0;
}

static int free_disk(void **state)
{
    fake_disk_free(((struct bed *)*state)->disk);
    return 0;
}

/* --- group commit --- */

enum { WRITES = 40 };
static struct cell {
    struct tdh_write write;
    struct td_op op, *ops[1];
    char key[24];
    struct bed *bed;
} cells[WRITES];

static void count_done(struct tdh_write *write)
{
    struct bed *bed = ((struct cell *)write->arg)->bed;

    atomic_fetch_add(&bed->done, 1);
    if (write->rc != 0)
        atomic_fetch_add(&bed->failed, 1);
    tdh_co_wake(bed->waiter);
}

static void submit_all(struct bed *bed, uint64_t wrong_version_at)
{
    bed->waiter = tdh_co_self();
    for (unsigned i = 0; i < WRITES; i++) {
        struct cell *cell = &cells[i];

        *cell = (struct cell){ .bed = bed };
        snprintf(cell->key, sizeof(cell->key), "k%02u", i);
        cell->op = (struct td_op){
            TD_SIZE(struct td_op), .kind = TD_OP_PUT,
            .space = "s",          .key = cell->key,
            .value = { "1", 1 },   .version = i == wrong_version_at ? 7 : TD_VERSION_ANY
        };
        cell->ops[0] = &cell->op;
        cell->write = (struct tdh_write){ .worker = tdh_worker_self(),
                                          .ops = cell->ops,
                                          .count = 1,
                                          .done = count_done,
                                          .arg = cell };
        tdh_store_submit(bed->store, &cell->write);
    }
    while (atomic_load(&bed->done) < WRITES)
        tdh_co_park();
}

static void submit_good(void *arg)
{
    submit_all(arg, UINT64_MAX);
}

static void submit_one_wrong(void *arg)
{
    submit_all(arg, 17);
}

static void writes_of_one_turn_are_one_commit(void **state)
{
    struct bed *bed = *state;

    run(bed, 1, false, submit_good);
    assert_int_equal(bed->disk->commits, 1);
    assert_int_equal(bed->disk->ops_largest, WRITES);
    run(bed, 1, true, submit_good);
    /* the thread may begin before the last was submitted */
    assert_in_range(bed->disk->commits, 2, 1 + WRITES);
    assert_int_equal(atomic_load(&bed->failed), 0);
}

static void a_guard_that_fails_takes_only_its_own_write_with_it(void **state)
{
    struct bed *bed = *state;

    for (int is_blocking = 0; is_blocking < 2; is_blocking++) {
        atomic_store(&bed->failed, 0);
        run(bed, 1, is_blocking, submit_one_wrong);
        assert_int_equal(atomic_load(&bed->failed), 1);
        assert_int_equal(cells[17].write.rc, -1);
        assert_int_equal(cells[17].write.err.code, TD_E_CONFLICT);
        assert_int_equal(cells[17].write.failed, 0);
        assert_string_equal(cells[17].write.err.text, "record \"s/k17\" is of another version");
    }
    assert_int_equal(bed->disk->record_count, WRITES - 1);
}

static void a_backend_that_fails_fails_all_with_its_words(void **state)
{
    struct bed *bed = *state;

    bed->disk->is_full = true;
    run(bed, 1, false, submit_good);
    assert_int_equal(atomic_load(&bed->failed), WRITES);
    for (unsigned i = 0; i < WRITES; i++)
        assert_string_equal(cells[i].write.err.text, "the disk is full");
    assert_int_equal(bed->disk->record_count, 0);
}

/* --- how much one commit takes --- */

enum { BATCH_OPS = 16384, BATCH_WRITES = 4 }; /* the first as in writer.c */

static const struct {
    size_t counts[BATCH_WRITES]; /* operations of each write; 0: an empty one */
    unsigned commits;
    size_t largest;
} batches[] = {
    { { BATCH_OPS / 2, BATCH_OPS / 2, 0, 0 }, 1, BATCH_OPS },
    { { BATCH_OPS / 2, BATCH_OPS / 2, 1, 0 }, 2, BATCH_OPS },
    { { 5000, 5000, 5000, 5000 }, 2, 15000 },
    { { 1, BATCH_OPS, 1, 1 }, 3, BATCH_OPS },
    { { 1, BATCH_OPS + 1, 1, 1 }, 3, BATCH_OPS + 1 }, /* a write is not divided */
};
static size_t batch;

static void submit_large(void *arg)
{
    static struct td_op *ops[BATCH_OPS + 1];
    struct bed *bed = arg;
    struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_PUT,        .space = "s", .key = "k",
                        .value = { "1", 1 },   .version = TD_VERSION_ANY };

    bed->waiter = tdh_co_self();
    for (size_t i = 0; i <= BATCH_OPS; i++)
        ops[i] = &op;
    for (size_t i = 0; i < BATCH_WRITES; i++) {
        cells[i].bed = bed;
        cells[i].write = (struct tdh_write){ .worker = tdh_worker_self(),
                                             .ops = ops,
                                             .count = batches[batch].counts[i],
                                             .done = count_done,
                                             .arg = &cells[i] };
        tdh_store_submit(bed->store, &cells[i].write);
    }
    while (atomic_load(&bed->done) < BATCH_WRITES)
        tdh_co_park();
}

static void a_commit_takes_so_many_operations(void **state)
{
    for (batch = 0; batch < sizeof(batches) / sizeof(batches[0]); batch++) {
        struct bed *bed;

        make_disk(state);
        bed = *state;
        run(bed, 1, false, submit_large);
        assert_int_equal(atomic_load(&bed->failed), 0);
        assert_int_equal(bed->disk->commits, batches[batch].commits);
        assert_int_equal(bed->disk->ops_largest, batches[batch].largest);
        free_disk(state);
    }
}

/* --- order, many workers --- */

enum { WRITERS = 12, ROUNDS = 60 };

static void write_rounds(void *arg)
{
    struct bed *bed = arg;
    unsigned mine = atomic_fetch_add(&bed->writers, 1);
    uint64_t head = 0;
    struct td_err err;
    char text[16];

    for (int round = 0; round < ROUNDS; round++) {
        struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_APPEND, .space = "l",
                            .run = mine + 1, .head = &head };
        struct td_op *ops[] = { &op };

        snprintf(text, sizeof(text), "%d", round);
        op.value = (struct td_bytes){ text, strlen(text) };
        if (tdh_store_commit(bed->store, ops, 1, NULL, &err) != 0 || op.ret_version != head)
            atomic_fetch_add(&bed->failed, 1);
    }
}

static void write_there(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    tdh_hop(tdh_runtime_worker(bed->runtime, bed->begun++ % 3), write_rounds, bed, &err);
    atomic_fetch_add(&bed->done, 1);
    tdh_co_wake(bed->waiter);
}

static void write_everywhere(void *arg)
{
    struct bed *bed = arg;
    struct td_err err;

    bed->waiter = tdh_co_self();
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(tdh_co_spawn(write_there, bed, NULL, &err), 0);
    while (atomic_load(&bed->done) < WRITERS)
        tdh_co_park();
}

static void writes_of_three_workers_keep_their_order(void **state)
{
    struct bed *bed = *state;
    int next[2 * WRITERS + 1] = { 0 };

    run(bed, 3, true, write_everywhere);
    assert_int_equal(atomic_load(&bed->failed), 0);
    assert_int_equal(bed->disk->row_count, WRITERS * ROUNDS);
    for (size_t i = 0; i < bed->disk->row_count; i++) {
        char text[16];

        snprintf(text, sizeof(text), "%d", next[bed->disk->rows[i].run]++);
        assert_string_equal(bed->disk->rows[i].value, text);
    }
    assert_in_range(bed->disk->commits, ROUNDS, WRITERS * ROUNDS);
    run(bed, 3, false, write_everywhere);
    assert_int_equal(bed->disk->row_count, 2 * WRITERS * ROUNDS);
}

static void wake_writer(void *arg)
{
    tdh_co_wake(((struct bed *)arg)->waiter);
}

static void commit_while_woken(void *arg)
{
    struct bed *bed = arg;
    uint64_t head = 0;
    struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_APPEND, .space = "l", .run = 1,
                        .head = &head,         .value = { "x", 1 } };
    struct td_op *ops[] = { &op };
    struct td_err err;

    bed->waiter = tdh_co_self();
    bed->disk->is_slow = true;
    assert_int_equal(tdh_co_spawn(wake_writer, bed, NULL, &err), 0);
    assert_int_equal(tdh_store_commit(bed->store, ops, 1, NULL, &err), 0);
    assert_int_equal(bed->disk->row_count, 1);
}

static void a_commit_is_waited_for_whoever_wakes_the_writer(void **state)
{
    run(*state, 1, true, commit_while_woken);
}

/* --- records --- */

static void use_records(void *arg)
{
    struct bed *bed = arg;
    json_t *value = json_pack("{s:[i, s]}", "a", 1, "b"), *read;
    uint64_t version;
    struct td_err err;

    assert_int_equal(tdh_store_put(bed->store, "s", "k", value, TD_VERSION_ABSENT, &version, &err),
                     0);
    assert_int_equal(version, 1);
    assert_int_equal(tdh_store_put(bed->store, "s", "k", value, TD_VERSION_ABSENT, NULL, &err), -1);
    assert_int_equal(err.code, TD_E_CONFLICT);
    assert_int_equal(tdh_store_put(bed->store, "s", "k", value, 1, &version, &err), 0);
    assert_int_equal(version, 2);
    assert_int_equal(tdh_store_get(bed->store, "s", "k", &read, &version, &err), 0);
    assert_true(json_equal(read, value));
    assert_int_equal(version, 2);
    json_decref(read);
    assert_int_equal(tdh_store_delete(bed->store, "s", "k", 1, &err), -1);
    assert_int_equal(tdh_store_delete(bed->store, "s", "k", 2, &err), 0);
    assert_int_equal(tdh_store_get(bed->store, "s", "k", &read, NULL, &err), -1);
    assert_int_equal(err.code, TD_E_NOTFOUND);
    assert_int_equal(tdh_store_delete(bed->store, "s", "k", TD_VERSION_ANY, &err), 0);
    json_decref(value);
}

static void records_are_json_with_versions(void **state)
{
    run(*state, 1, true, use_records);
    run(*state, 1, false, use_records);
}

static void page(struct bed *bed, uint32_t flags, const char *want)
{
    char after[16] = "", got[64] = "";
    json_t *list;
    size_t count;
    struct td_err err;

    do {
        assert_int_equal(
            tdh_store_list(bed->store, "s", "a", after[0] ? after : NULL, 2, flags, &list, &err),
            0);
        count = json_array_size(list);
        for (size_t i = 0; i < count; i++) {
            snprintf(after, sizeof(after), "%s", tdh_json_str(json_array_get(list, i), "key", ""));
            strcat(got, after);
            strcat(got, " ");
        }
        json_decref(list);
    } while (count == 2);
    assert_string_equal(got, want);
}

static void list_records(void *arg)
{
    static const char *const keys[] = { "a3", "b1", "a1", "a2", "a5", "a4" };
    struct bed *bed = arg;
    json_t *list;
    struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_PUT,   .space = "s",
                        .key = "ax",           .value = { "{", 1 }, .version = TD_VERSION_ANY };
    struct td_op *ops[] = { &op };
    struct td_err err;

    for (size_t i = 0; i < 6; i++)
        assert_int_equal(
            tdh_store_put(bed->store, "s", keys[i], json_true(), TD_VERSION_ANY, NULL, &err), 0);
    page(bed, 0, "a1 a2 a3 a4 a5 ");
    page(bed, TD_SCAN_DOWN, "a5 a4 a3 a2 a1 ");
    assert_int_equal(tdh_store_commit(bed->store, ops, 1, NULL, &err), 0);
    assert_int_equal(tdh_store_get(bed->store, "s", "ax", &list, NULL, &err), -1);
    assert_int_equal(err.code, TD_E_CORRUPT);
    assert_int_equal(tdh_store_list(bed->store, "s", "a", NULL, 0, 0, &list, &err), -1);
    assert_int_equal(err.code, TD_E_CORRUPT);
    assert_non_null(strstr(err.text, "record \"s/ax\" of the store"));
}

static void lists_come_in_pages_and_name_what_is_corrupt(void **state)
{
    run(*state, 1, true, list_records);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_disk, free_disk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_of_one_turn_are_one_commit),
        TEST(a_commit_is_waited_for_whoever_wakes_the_writer),
        TEST(a_guard_that_fails_takes_only_its_own_write_with_it),
        TEST(a_backend_that_fails_fails_all_with_its_words),
        cmocka_unit_test(a_commit_takes_so_many_operations),
        TEST(writes_of_three_workers_keep_their_order),
        TEST(records_are_json_with_versions),
        TEST(lists_come_in_pages_and_name_what_is_corrupt),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
