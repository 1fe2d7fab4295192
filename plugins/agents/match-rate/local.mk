# SPDX-License-Identifier: Apache-2.0
tdev_agent_match_ratedir = $(pkglibdir)/plugins/agents/match-rate
tdev_agent_match_rate_LTLIBRARIES = plugins/agents/match-rate/match-rate.la
dist_tdev_agent_match_rate_DATA = plugins/agents/match-rate/plugin.yaml \
    plugins/agents/match-rate/conform.yaml plugins/agents/match-rate/README.md
plugins_agents_match_rate_match_rate_la_SOURCES = \
    plugins/agents/match-rate/match_rate.c \
    plugins/agents/match-rate/score.c \
    plugins/agents/match-rate/score.h
plugins_agents_match_rate_match_rate_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents
plugins_agents_match_rate_match_rate_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_match_rate_match_rate_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_match_rate_match_rate_la_LIBADD = libkit.la $(TD_PLUGIN_LIBADD) -lm
