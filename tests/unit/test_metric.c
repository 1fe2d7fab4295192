/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metric: cells enter the list once, and no add is lost between threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "base/metric.h"

enum { THREADS = 4, ADDS = 20000, CELLS = 8 };

static struct tdh_metric calls = TDH_COUNTER("test_calls_total", "Calls begun");
static struct tdh_metric open_calls = TDH_GAUGE("test_calls_open", "Calls open now");
static struct tdh_metric cells[CELLS];

static unsigned count_listed(const struct tdh_metric *wanted)
{
    unsigned count = 0;

    for (const struct tdh_metric *metric = tdh_metric_first(); metric != NULL;
         metric = metric->next)
        count += metric == wanted;
    return count;
}

static void a_cell_is_listed_by_its_first_use_and_once(void **state)
{
    (void)state;
    assert_int_equal(count_listed(&calls), 0);
    tdh_metric_add(&calls, 2);
    tdh_metric_add(&calls, 3);
    assert_int_equal(count_listed(&calls), 1);
    assert_int_equal(calls.value, 5);
    tdh_metric_set(&open_calls, 9);
    tdh_metric_add(&open_calls, -4);
    assert_int_equal(open_calls.value, 5);
    assert_true(open_calls.is_gauge);
    assert_ptr_equal(tdh_metric_first(), &open_calls);
    tdh_metric_list(&open_calls);
    assert_int_equal(count_listed(&open_calls), 1);
}

static void *add_to_all(void *arg)
{
    (void)arg;
    for (int i = 0; i < ADDS; i++)
        tdh_metric_add(&cells[i % CELLS], 1);
    return NULL;
}

static void threads_lose_neither_cells_nor_counts(void **state)
{
    pthread_t threads[THREADS];
    int64_t sum = 0;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_to_all, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < CELLS; i++) {
        assert_int_equal(count_listed(&cells[i]), 1);
        sum += cells[i].value;
    }
    assert_int_equal(sum, THREADS * ADDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_listed_by_its_first_use_and_once),
        cmocka_unit_test(threads_lose_neither_cells_nor_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
