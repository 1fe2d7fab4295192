# SPDX-License-Identifier: Apache-2.0
# Unit tests of the agents that read requests: each links its plugin's sources. BUILD_AGENT_* stand in
# local-build-agents.mk.
if HAVE_CMOCKA

LANG_AGENT_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS) -I$(top_srcdir)/plugins/agents/lang

check_PROGRAMS += tests/unit/test_nl_input
TESTS += tests/unit/test_nl_input
tests_unit_test_nl_input_SOURCES = tests/unit/test_nl_input.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_nl_input_nl_input_la_SOURCES)
tests_unit_test_nl_input_CPPFLAGS = $(LANG_AGENT_CPPFLAGS)
tests_unit_test_nl_input_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_nl_input_LDADD = liblang.la $(BUILD_AGENT_LDADD) $(UTF8PROC_LIBS)

check_PROGRAMS += tests/unit/test_parser
TESTS += tests/unit/test_parser
tests_unit_test_parser_SOURCES = tests/unit/test_parser.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_parser_parser_la_SOURCES) \
    $(understand_sources)
tests_unit_test_parser_CPPFLAGS = $(LANG_AGENT_CPPFLAGS)
tests_unit_test_parser_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_parser_LDADD = liblang.la $(BUILD_AGENT_LDADD) $(UTF8PROC_LIBS)

check_PROGRAMS += tests/unit/test_ui_select
TESTS += tests/unit/test_ui_select
tests_unit_test_ui_select_SOURCES = tests/unit/test_ui_select.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_ui_select_ui_select_la_SOURCES)
tests_unit_test_ui_select_CPPFLAGS = $(LANG_AGENT_CPPFLAGS)
tests_unit_test_ui_select_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_ui_select_LDADD = liblang.la $(BUILD_AGENT_LDADD) $(UTF8PROC_LIBS)

endif

check_PROGRAMS += tests/fuzz/replay_parser
TESTS += tests/fuzz/replay_parser
tests_fuzz_replay_parser_SOURCES = tests/fuzz/fuzz_parser.c tests/fuzz/driver.c tests/fuzz/fuzz.h \
    $(understand_sources) $(parse_sources)
tests_fuzz_replay_parser_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/plugins/agents \
    -I$(top_srcdir)/plugins/agents/lang -DTEST_SRCDIR='"$(abs_top_srcdir)"' -DFUZZ_SEEDS='"$(FUZZ_SEEDS)/parser"'
tests_fuzz_replay_parser_LDADD = liblang.la libtdevhost.la libtdsdk.la $(JANSSON_LIBS) $(UTF8PROC_LIBS) -lm $(FUZZ_LIBS)
EXTRA_DIST += tests/fuzz/seeds/parser tests/data/requests-fields.json tests/data/requests-parse.json \
    tests/data/requests-people.json tests/data/requests-ugly.json
