# SPDX-License-Identifier: Apache-2.0
# Unit tests of the agents that build an app, from component decision to download: each links its plugin's sources.
EXTRA_DIST += \
    tests/data/catalogue/static/base/base.css \
    tests/data/catalogue/static/base/base.js \
    tests/data/catalogue/static/base/base.test.js \
    tests/data/catalogue/static/base/component.yaml \
    tests/data/catalogue/static/list/component.yaml \
    tests/data/catalogue/static/list/list.js \
    tests/data/catalogue/static/marks/component.yaml \
    tests/data/catalogue/static/marks/marks.js \
    tests/data/catalogue/static/text/component.yaml \
    tests/data/catalogue/static/text/text.js \
    tests/data/templates/static/README.en.md.tpl \
    tests/data/templates/static/README.ko.md.tpl \
    tests/data/templates/static/index.html.tpl \
    tests/data/templates/static/looks.yaml \
    tests/data/templates/static/model.js.tpl \
    tests/data/templates/static/stars.js.tpl \
    tests/data/templates/static/templates.yaml

if HAVE_CMOCKA

# UNIT_ALLOC_LDFLAGS stands in local-base.mk.
BUILD_AGENT_SOURCES = tests/unit/build_agent.c tests/unit/build_agent.h \
    tests/unit/alloc_fail.c tests/unit/alloc_fail.h
BUILD_AGENT_CPPFLAGS = $(UNIT_CPPFLAGS) -I$(top_srcdir)/plugins/agents
BUILD_AGENT_LDADD = libkit.la $(UNIT_LDADD)

check_PROGRAMS += tests/unit/test_catalogue
TESTS += tests/unit/test_catalogue
tests_unit_test_catalogue_SOURCES = tests/unit/test_catalogue.c $(BUILD_AGENT_SOURCES)
tests_unit_test_catalogue_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_catalogue_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_catalogue_LDADD = $(BUILD_AGENT_LDADD)

check_PROGRAMS += tests/unit/test_template
TESTS += tests/unit/test_template
tests_unit_test_template_SOURCES = tests/unit/test_template.c $(BUILD_AGENT_SOURCES) \
    plugins/agents/generation/template.c plugins/agents/generation/escape.c
tests_unit_test_template_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_template_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_template_LDADD = $(BUILD_AGENT_LDADD)

check_PROGRAMS += tests/unit/test_component_decision
TESTS += tests/unit/test_component_decision
tests_unit_test_component_decision_SOURCES = tests/unit/test_component_decision.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_component_decision_component_decision_la_SOURCES)
tests_unit_test_component_decision_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_component_decision_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_component_decision_LDADD = $(BUILD_AGENT_LDADD)

check_PROGRAMS += tests/unit/test_match_rate
TESTS += tests/unit/test_match_rate
tests_unit_test_match_rate_SOURCES = tests/unit/test_match_rate.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_match_rate_match_rate_la_SOURCES)
tests_unit_test_match_rate_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_match_rate_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_match_rate_LDADD = $(BUILD_AGENT_LDADD) -lm

check_PROGRAMS += tests/unit/test_search
TESTS += tests/unit/test_search
tests_unit_test_search_SOURCES = tests/unit/test_search.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_search_search_la_SOURCES)
tests_unit_test_search_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_search_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_search_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_search_LDADD = $(BUILD_AGENT_LDADD) $(SQLITE_LIBS) -lm

check_PROGRAMS += tests/unit/test_generation
TESTS += tests/unit/test_generation
tests_unit_test_generation_SOURCES = tests/unit/test_generation.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_generation_generation_la_SOURCES)
tests_unit_test_generation_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_generation_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_generation_LDADD = $(BUILD_AGENT_LDADD)

check_PROGRAMS += tests/unit/test_assembly
TESTS += tests/unit/test_assembly
tests_unit_test_assembly_SOURCES = tests/unit/test_assembly.c $(BUILD_AGENT_SOURCES) \
    $(plugins_agents_assembly_assembly_la_SOURCES)
tests_unit_test_assembly_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_assembly_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_assembly_LDADD = $(BUILD_AGENT_LDADD)

check_PROGRAMS += tests/unit/test_download
TESTS += tests/unit/test_download
tests_unit_test_download_SOURCES = tests/unit/test_download.c $(BUILD_AGENT_SOURCES) \
    tests/unit/download_case.c tests/unit/download_case.h \
    $(plugins_agents_download_download_la_SOURCES)
tests_unit_test_download_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_download_CFLAGS = $(AM_CFLAGS) $(ARCHIVE_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_download_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_download_LDADD = $(BUILD_AGENT_LDADD) $(ARCHIVE_LIBS) $(CRYPTO_LIBS) -lpthread

check_PROGRAMS += tests/unit/test_publish
TESTS += tests/unit/test_publish
tests_unit_test_publish_SOURCES = tests/unit/test_publish.c $(BUILD_AGENT_SOURCES) \
    tests/unit/download_case.c tests/unit/download_case.h \
    $(plugins_agents_download_download_la_SOURCES)
tests_unit_test_publish_CPPFLAGS = $(BUILD_AGENT_CPPFLAGS)
tests_unit_test_publish_CFLAGS = $(AM_CFLAGS) $(ARCHIVE_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_publish_LDFLAGS = $(UNIT_ALLOC_LDFLAGS)
tests_unit_test_publish_LDADD = $(BUILD_AGENT_LDADD) $(ARCHIVE_LIBS) $(CRYPTO_LIBS) -lpthread

endif
