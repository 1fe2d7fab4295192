# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/cel. The allocations of test_cel_memory can be made to fail.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_cel
TESTS += tests/unit/test_cel
tests_unit_test_cel_SOURCES = tests/unit/test_cel.c
tests_unit_test_cel_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cel_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_cel_check
TESTS += tests/unit/test_cel_check
tests_unit_test_cel_check_SOURCES = tests/unit/test_cel_check.c
tests_unit_test_cel_check_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cel_check_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_cel_facts
TESTS += tests/unit/test_cel_facts
tests_unit_test_cel_facts_SOURCES = tests/unit/test_cel_facts.c
tests_unit_test_cel_facts_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cel_facts_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_cel_bounds
TESTS += tests/unit/test_cel_bounds
tests_unit_test_cel_bounds_SOURCES = tests/unit/test_cel_bounds.c
tests_unit_test_cel_bounds_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cel_bounds_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_cel_memory
TESTS += tests/unit/test_cel_memory
tests_unit_test_cel_memory_SOURCES = tests/unit/test_cel_memory.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_cel_memory_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cel_memory_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_cel_memory_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_cel_conformance
TESTS += tests/unit/test_cel_conformance
tests_unit_test_cel_conformance_SOURCES = tests/unit/test_cel_conformance.c
tests_unit_test_cel_conformance_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cel_conformance_LDADD = $(UNIT_LDADD)

endif
EXTRA_DIST += tests/unit/cel-exceptions.txt

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/cel

check_PROGRAMS += tests/fuzz/replay_cel
TESTS += tests/fuzz/replay_cel
tests_fuzz_replay_cel_SOURCES = tests/fuzz/fuzz_cel.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_cel_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/cel"'
tests_fuzz_replay_cel_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)
