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

check_PROGRAMS += tests/unit/test_trial
TESTS += tests/unit/test_trial
tests_unit_test_trial_SOURCES = tests/unit/test_trial.c
tests_unit_test_trial_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trial_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_state_path
TESTS += tests/unit/test_state_path
tests_unit_test_state_path_SOURCES = tests/unit/test_state_path.c
tests_unit_test_state_path_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_state_path_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_states
TESTS += tests/unit/test_states
tests_unit_test_states_SOURCES = tests/unit/test_states.c tests/unit/fake_store.c tests/unit/fake_store.h
tests_unit_test_states_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_states_LDADD = $(UNIT_LDADD)

sync_bed = tests/unit/sync_bed.c tests/unit/sync_bed.h tests/unit/fake_store.c tests/unit/fake_store.h

check_PROGRAMS += tests/unit/test_sync
TESTS += tests/unit/test_sync
tests_unit_test_sync_SOURCES = tests/unit/test_sync.c $(sync_bed)
tests_unit_test_sync_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_sync_random
TESTS += tests/unit/test_sync_random
tests_unit_test_sync_random_SOURCES = tests/unit/test_sync_random.c $(sync_bed)
tests_unit_test_sync_random_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sync_random_LDADD = $(UNIT_LDADD)

STATE_BED_SOURCES = tests/unit/state_bed.c tests/unit/state_bed.h $(PLUGIN_HOME_SOURCES) tests/unit/fake_store.c tests/unit/fake_store.h \
    tests/unit/held.c tests/unit/held.h

check_PROGRAMS += tests/unit/test_agent_handover
TESTS += tests/unit/test_agent_handover
tests_unit_test_agent_handover_SOURCES = tests/unit/test_agent_handover.c $(STATE_BED_SOURCES)
tests_unit_test_agent_handover_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_agent_handover_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_agent_state
TESTS += tests/unit/test_agent_state
tests_unit_test_agent_state_SOURCES = tests/unit/test_agent_state.c $(STATE_BED_SOURCES)
tests_unit_test_agent_state_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_agent_state_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_state_table
TESTS += tests/unit/test_state_table
tests_unit_test_state_table_SOURCES = tests/unit/test_state_table.c
tests_unit_test_state_table_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_state_table_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_fake_state
TESTS += tests/unit/test_fake_state
tests_unit_test_fake_state_SOURCES = tests/unit/test_fake_state.c
tests_unit_test_fake_state_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fake_state_LDADD = libtdtest.a libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS) -lm

endif
