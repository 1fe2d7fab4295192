# SPDX-License-Identifier: Apache-2.0
tdev_agent_searchdir = $(pkglibdir)/plugins/agents/search
tdev_agent_search_LTLIBRARIES = plugins/agents/search/search.la
dist_tdev_agent_search_DATA = plugins/agents/search/plugin.yaml plugins/agents/search/conform.yaml \
    plugins/agents/search/README.md
plugins_agents_search_search_la_SOURCES = \
    plugins/agents/search/index.c \
    plugins/agents/search/index.h \
    plugins/agents/search/search.c \
    plugins/agents/search/terms.c \
    plugins/agents/search/terms.h
plugins_agents_search_search_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents
plugins_agents_search_search_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(SQLITE_CFLAGS)
plugins_agents_search_search_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_search_search_la_LIBADD = libkit.la $(TD_PLUGIN_LIBADD) $(SQLITE_LIBS) -lm
