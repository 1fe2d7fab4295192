# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += tests/store/golden-v1.sql
if HAVE_CMOCKA
check_PROGRAMS += tests/store/test_store
TESTS += tests/store/test_store
tests_store_test_store_SOURCES = \
    tests/store/suite.h tests/store/suite.c \
    tests/store/fake.h tests/store/fake.c \
    tests/store/child.h tests/store/child.c \
    tests/store/suite_kv.c \
    tests/store/suite_log.c \
    tests/store/suite_queue.c \
    tests/store/suite_topic.c \
    tests/store/suite_lease.c \
    tests/store/suite_blob.c \
    tests/store/suite_batch.c \
    tests/store/suite_threads.c \
    tests/store/only_memory.c \
    tests/store/only_sqlite_file.c \
    tests/store/golden.h tests/store/golden.c \
    tests/store/only_sqlite_tables.c \
    tests/store/only_sqlite_damage.c \
    tests/store/only_sqlite_backup.c \
    tests/store/only_sqlite_processes.c \
    tests/store/only_sqlite_full.c \
    tests/store/fault.h tests/store/fault.c \
    tests/store/only_sqlite_fault.c \
    tests/store/property.c \
    tests/store/test_store.c
tests_store_test_store_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_store_test_store_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_store_test_store_LDADD = $(UNIT_LDADD) $(SQLITE_LIBS) $(JANSSON_LIBS) -lpthread -ldl
EXTRA_tests_store_test_store_DEPENDENCIES = \
    plugins/storage/memory/memory.la plugins/storage/sqlite/sqlite.la
endif

# Figures of the backends, beside the raw library: make check-unit builds it, then run tests/bench/bench_store
check_PROGRAMS += tests/bench/bench_store
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c tests/store/fake.c tests/store/fake.h
tests_bench_bench_store_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/tests/store
tests_bench_bench_store_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_bench_bench_store_LDADD = libtdsdk.la $(SQLITE_LIBS) $(JANSSON_LIBS) -ldl
EXTRA_tests_bench_bench_store_DEPENDENCIES = \
    plugins/storage/memory/memory.la plugins/storage/sqlite/sqlite.la
