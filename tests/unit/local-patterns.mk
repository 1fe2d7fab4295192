# SPDX-License-Identifier: Apache-2.0
# Unit tests of the patterns and what they stand beside: each links its plugin, which knows nothing but the SDK, and a host of paper.
if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_pipeline
TESTS += tests/unit/test_pipeline
tests_unit_test_pipeline_SOURCES = tests/unit/test_pipeline.c tests/unit/paper.c tests/unit/paper.h \
    plugins/patterns/pipeline/pipeline.c
tests_unit_test_pipeline_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/patterns
tests_unit_test_pipeline_LDADD = libpattern.la libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_scatter_gather
TESTS += tests/unit/test_scatter_gather
tests_unit_test_scatter_gather_SOURCES = tests/unit/test_scatter_gather.c tests/unit/paper.c tests/unit/paper.h \
    plugins/patterns/scatter-gather/scatter-gather.c
tests_unit_test_scatter_gather_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/patterns
tests_unit_test_scatter_gather_LDADD = libpattern.la libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pattern_kit
TESTS += tests/unit/test_pattern_kit
tests_unit_test_pattern_kit_SOURCES = tests/unit/test_pattern_kit.c
tests_unit_test_pattern_kit_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/patterns
tests_unit_test_pattern_kit_LDADD = libpattern.la libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pattern_memory
TESTS += tests/unit/test_pattern_memory
tests_unit_test_pattern_memory_SOURCES = tests/unit/test_pattern_memory.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h
tests_unit_test_pattern_memory_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pattern_memory_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_pattern_memory_LDADD = $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_coordination
TESTS += tests/unit/test_coordination
tests_unit_test_coordination_SOURCES = tests/unit/test_coordination.c tests/unit/alloc_fail.c tests/unit/alloc_fail.h \
    plugins/agents/coordination/barrier.c plugins/agents/coordination/elect.c plugins/agents/coordination/lock.c \
    plugins/agents/coordination/record.c plugins/agents/coordination/vote.c
tests_unit_test_coordination_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/agents
tests_unit_test_coordination_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_coordination_LDADD = libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_retry
TESTS += tests/unit/test_retry
tests_unit_test_retry_SOURCES = tests/unit/test_retry.c plugins/patterns/retry/retry.c
tests_unit_test_retry_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/patterns
tests_unit_test_retry_LDADD = libpattern.la libtdsdk.la $(JANSSON_LIBS) $(CMOCKA_LIBS)

endif
