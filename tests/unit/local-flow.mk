# SPDX-License-Identifier: Apache-2.0
# Unit tests of host/flow and host/message.
if HAVE_CMOCKA

FLOW_CASE_SOURCES = tests/unit/flow_case.c tests/unit/flow_case.h tests/unit/flow_world.c

check_PROGRAMS += tests/unit/test_flow_template
TESTS += tests/unit/test_flow_template
tests_unit_test_flow_template_SOURCES = tests/unit/test_flow_template.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_template_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_template_LDADD = $(UNIT_LDADD)

FLOW_REFUSAL_SOURCES = tests/unit/flow_refusal.c tests/unit/flow_refusal.h \
    $(FLOW_CASE_SOURCES)

check_PROGRAMS += tests/unit/test_flow_read
TESTS += tests/unit/test_flow_read
tests_unit_test_flow_read_SOURCES = tests/unit/test_flow_read.c $(FLOW_REFUSAL_SOURCES)
tests_unit_test_flow_read_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_read_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_check
TESTS += tests/unit/test_flow_check
tests_unit_test_flow_check_SOURCES = tests/unit/test_flow_check.c $(FLOW_REFUSAL_SOURCES)
tests_unit_test_flow_check_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_check_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_dsl
TESTS += tests/unit/test_dsl
tests_unit_test_dsl_SOURCES = tests/unit/test_dsl.c $(FLOW_CASE_SOURCES)
tests_unit_test_dsl_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_dsl_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_convert
TESTS += tests/unit/test_convert
tests_unit_test_convert_SOURCES = tests/unit/test_convert.c $(FLOW_CASE_SOURCES)
tests_unit_test_convert_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_convert_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_chain
TESTS += tests/unit/test_chain
tests_unit_test_chain_SOURCES = tests/unit/test_chain.c $(FLOW_REFUSAL_SOURCES)
tests_unit_test_chain_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_chain_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_chain_tune
TESTS += tests/unit/test_chain_tune
tests_unit_test_chain_tune_SOURCES = tests/unit/test_chain_tune.c $(FLOW_CASE_SOURCES)
tests_unit_test_chain_tune_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_chain_tune_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_chain_guard
TESTS += tests/unit/test_chain_guard
tests_unit_test_chain_guard_SOURCES = tests/unit/test_chain_guard.c $(FLOW_CASE_SOURCES)
tests_unit_test_chain_guard_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_chain_guard_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_reduce
TESTS += tests/unit/test_flow_reduce
tests_unit_test_flow_reduce_SOURCES = tests/unit/test_flow_reduce.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_reduce_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_reduce_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_fail
TESTS += tests/unit/test_flow_fail
tests_unit_test_flow_fail_SOURCES = tests/unit/test_flow_fail.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_fail_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_fail_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_vars
TESTS += tests/unit/test_flow_vars
tests_unit_test_flow_vars_SOURCES = tests/unit/test_flow_vars.c $(FLOW_REFUSAL_SOURCES)
tests_unit_test_flow_vars_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_vars_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_state
TESTS += tests/unit/test_flow_state
tests_unit_test_flow_state_SOURCES = tests/unit/test_flow_state.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_state_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_state_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_random
TESTS += tests/unit/test_flow_random
tests_unit_test_flow_random_SOURCES = tests/unit/test_flow_random.c tests/unit/random_flow.c tests/unit/random_flow.h \
    tests/unit/random_model.c tests/unit/random_text.c tests/unit/random_host.c tests/unit/random_host.h $(FLOW_CASE_SOURCES)
tests_unit_test_flow_random_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_random_LDADD = $(UNIT_LDADD)

EXTRA_DIST += tests/data/broken-workflows.txt
check_PROGRAMS += tests/unit/test_flow_broken
TESTS += tests/unit/test_flow_broken
tests_unit_test_flow_broken_SOURCES = tests/unit/test_flow_broken.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_broken_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_broken_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_hostile
TESTS += tests/unit/test_flow_hostile
tests_unit_test_flow_hostile_SOURCES = tests/unit/test_flow_hostile.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_hostile_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_hostile_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_critical
TESTS += tests/unit/test_flow_critical
tests_unit_test_flow_critical_SOURCES = tests/unit/test_flow_critical.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_critical_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_critical_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_draw
TESTS += tests/unit/test_flow_draw
tests_unit_test_flow_draw_SOURCES = tests/unit/test_flow_draw.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_draw_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_draw_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flow_schema
TESTS += tests/unit/test_flow_schema
tests_unit_test_flow_schema_SOURCES = tests/unit/test_flow_schema.c $(FLOW_CASE_SOURCES)
tests_unit_test_flow_schema_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_schema_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_event_name
TESTS += tests/unit/test_event_name
tests_unit_test_event_name_SOURCES = tests/unit/test_event_name.c
tests_unit_test_event_name_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_event_name_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_trigger_read
TESTS += tests/unit/test_trigger_read
tests_unit_test_trigger_read_SOURCES = tests/unit/test_trigger_read.c $(FLOW_CASE_SOURCES)
tests_unit_test_trigger_read_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trigger_read_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_pace
TESTS += tests/unit/test_pace
tests_unit_test_pace_SOURCES = tests/unit/test_pace.c
tests_unit_test_pace_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pace_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_cron
TESTS += tests/unit/test_cron
tests_unit_test_cron_SOURCES = tests/unit/test_cron.c
tests_unit_test_cron_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cron_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_flows
TESTS += tests/unit/test_flows
tests_unit_test_flows_SOURCES = tests/unit/test_flows.c $(FLOW_CASE_SOURCES)
tests_unit_test_flows_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flows_LDADD = $(UNIT_LDADD)

# UNIT_ALLOC_LDFLAGS stands in local-base.mk.
check_PROGRAMS += tests/unit/test_flow_memory
TESTS += tests/unit/test_flow_memory
tests_unit_test_flow_memory_SOURCES = tests/unit/test_flow_memory.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_flow_memory_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_flow_memory_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_flow_memory_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_dsl_memory
TESTS += tests/unit/test_dsl_memory
tests_unit_test_dsl_memory_SOURCES = tests/unit/test_dsl_memory.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_dsl_memory_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_dsl_memory_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_dsl_memory_LDADD = $(UNIT_LDADD)

endif

# FUZZ_CPPFLAGS and FUZZ_SEEDS stand in tests/fuzz/local.mk.
EXTRA_DIST += tests/fuzz/seeds/flow

check_PROGRAMS += tests/fuzz/replay_flow
TESTS += tests/fuzz/replay_flow
tests_fuzz_replay_flow_SOURCES = tests/fuzz/fuzz_flow.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_flow_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/flow"'
tests_fuzz_replay_flow_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

EXTRA_DIST += tests/fuzz/seeds/dsl

check_PROGRAMS += tests/fuzz/replay_dsl
TESTS += tests/fuzz/replay_dsl
tests_fuzz_replay_dsl_SOURCES = tests/fuzz/fuzz_dsl.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_dsl_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/dsl"'
tests_fuzz_replay_dsl_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)

EXTRA_DIST += tests/fuzz/seeds/cron

check_PROGRAMS += tests/fuzz/replay_cron
TESTS += tests/fuzz/replay_cron
tests_fuzz_replay_cron_SOURCES = tests/fuzz/fuzz_cron.c tests/fuzz/driver.c tests/fuzz/fuzz.h
tests_fuzz_replay_cron_CPPFLAGS = $(FUZZ_CPPFLAGS) -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/cron"'
tests_fuzz_replay_cron_LDADD = libtdevhost.la libtdsdk.la $(FUZZ_LIBS)
