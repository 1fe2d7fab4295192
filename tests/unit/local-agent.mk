# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/agent: the registry and routes. Instances are in local-plugin.mk, UNIT_ALLOC_LDFLAGS in local-base.mk.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_registry
TESTS += tests/unit/test_registry
tests_unit_test_registry_SOURCES = tests/unit/test_registry.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_registry_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_registry_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_registry_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_registry_random
TESTS += tests/unit/test_registry_random
tests_unit_test_registry_random_SOURCES = tests/unit/test_registry_random.c
tests_unit_test_registry_random_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_registry_random_LDADD = $(UNIT_LDADD)

endif
