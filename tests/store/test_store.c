/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_store: the suite against every backend, then what is particular to one.
 */
#include "suite.h"

#include <stdio.h>

static const char *const backends[] = { "memory", "sqlite" };

static int run_suite(const char *backend)
{
    suite_backend = backend;
    printf("# backend %s\n", backend);
    return suite_kv() + suite_log() + suite_queue() + suite_topic() + suite_lease() + suite_blob() +
           suite_batch() + suite_threads();
}

int main(void)
{
    int failed = 0;

    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
        failed += run_suite(backends[i]);
    suite_backend = "memory";
    failed += only_memory();
    suite_backend = "sqlite";
    failed += only_sqlite_file() + only_sqlite_tables() + only_sqlite_damage() +
              only_sqlite_backup() + only_sqlite_processes() + only_sqlite_full() +
              only_sqlite_fault();
    failed += property();
    return failed != 0;
}
