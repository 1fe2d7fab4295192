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

check_PROGRAMS += tests/unit/test_words
TESTS += tests/unit/test_words
tests_unit_test_words_SOURCES = tests/unit/test_words.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_words_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_words_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_words_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_router
TESTS += tests/unit/test_router
tests_unit_test_router_SOURCES = tests/unit/test_router.c
tests_unit_test_router_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_router_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_life
TESTS += tests/unit/test_life
tests_unit_test_life_SOURCES = tests/unit/test_life.c tests/unit/life_bed.c tests/unit/life_bed.h $(PLUGIN_HOME_SOURCES)
tests_unit_test_life_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_life_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_pool
TESTS += tests/unit/test_pool
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c tests/unit/life_bed.c tests/unit/life_bed.h $(PLUGIN_HOME_SOURCES)
tests_unit_test_pool_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pool_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_set
TESTS += tests/unit/test_set
tests_unit_test_set_SOURCES = tests/unit/test_set.c tests/unit/life_bed.c tests/unit/life_bed.h tests/unit/fake_store.c tests/unit/fake_store.h $(PLUGIN_HOME_SOURCES)
tests_unit_test_set_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_set_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_route
TESTS += tests/unit/test_route
tests_unit_test_route_SOURCES = tests/unit/test_route.c $(PLUGIN_HOME_SOURCES)
tests_unit_test_route_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_route_LDADD = $(UNIT_LDADD)

endif
