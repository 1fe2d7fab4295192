# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/schema.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_schema
TESTS += tests/unit/test_schema
tests_unit_test_schema_SOURCES = tests/unit/test_schema.c tests/unit/schema_case.c tests/unit/schema_case.h
tests_unit_test_schema_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_schema_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_schema_rules
TESTS += tests/unit/test_schema_rules
tests_unit_test_schema_rules_SOURCES = tests/unit/test_schema_rules.c \
    tests/unit/schema_case.c tests/unit/schema_case.h
tests_unit_test_schema_rules_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_schema_rules_LDADD = $(UNIT_LDADD)

# UNIT_ALLOC_LDFLAGS stands in local-base.mk.
check_PROGRAMS += tests/unit/test_schema_limits
TESTS += tests/unit/test_schema_limits
tests_unit_test_schema_limits_SOURCES = tests/unit/test_schema_limits.c \
    tests/unit/schema_case.c tests/unit/schema_case.h tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_schema_limits_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_schema_limits_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_schema_limits_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_schema_suite
TESTS += tests/unit/test_schema_suite
tests_unit_test_schema_suite_SOURCES = tests/unit/test_schema_suite.c
tests_unit_test_schema_suite_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_schema_suite_LDADD = $(UNIT_LDADD)

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/schema

check_PROGRAMS += tests/fuzz/replay_schema
TESTS += tests/fuzz/replay_schema
tests_fuzz_replay_schema_SOURCES = tests/fuzz/fuzz_schema.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_schema_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/schema"'
tests_fuzz_replay_schema_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

check_PROGRAMS += tests/unit/test_within
TESTS += tests/unit/test_within
tests_unit_test_within_SOURCES = tests/unit/test_within.c
tests_unit_test_within_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_within_LDADD = $(UNIT_LDADD)
