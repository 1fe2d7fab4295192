# SPDX-License-Identifier: Apache-2.0
tdev_agent_nl_inputdir = $(pkglibdir)/plugins/agents/nl-input
tdev_agent_nl_input_LTLIBRARIES = plugins/agents/nl-input/nl-input.la
dist_tdev_agent_nl_input_DATA = plugins/agents/nl-input/plugin.yaml plugins/agents/nl-input/conform.yaml \
    plugins/agents/nl-input/README.md
tdev_agent_nl_inputdatadir = $(pkglibdir)/plugins/agents/nl-input/data
dist_tdev_agent_nl_inputdata_DATA = plugins/agents/nl-input/data/constraints.json $(lang_words)
# All but the plugin itself, for the tests.
understand_sources = \
    plugins/agents/nl-input/check.c \
    plugins/agents/nl-input/constraint.c \
    plugins/agents/nl-input/internal.h \
    plugins/agents/nl-input/language.c \
    plugins/agents/nl-input/rules.c \
    plugins/agents/nl-input/title.c \
    plugins/agents/nl-input/title.h \
    plugins/agents/nl-input/title_place.c \
    plugins/agents/nl-input/title_text.c \
    plugins/agents/nl-input/understand.c \
    plugins/agents/nl-input/understand.h
plugins_agents_nl_input_nl_input_la_SOURCES = plugins/agents/nl-input/nl_input.c $(understand_sources)
plugins_agents_nl_input_nl_input_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents/lang
plugins_agents_nl_input_nl_input_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(UTF8PROC_CFLAGS)
plugins_agents_nl_input_nl_input_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_nl_input_nl_input_la_LIBADD = liblang.la $(TD_PLUGIN_LIBADD) $(UTF8PROC_LIBS)
