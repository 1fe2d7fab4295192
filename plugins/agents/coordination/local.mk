# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/agents/coordination/coordination.la
nobase_dist_plugin_DATA += plugins/agents/coordination/plugin.yaml plugins/agents/coordination/conform.yaml \
    plugins/agents/coordination/README.md
plugins_agents_coordination_coordination_la_SOURCES = \
    plugins/agents/coordination/barrier.c \
    plugins/agents/coordination/coordination.c \
    plugins/agents/coordination/coordination.h \
    plugins/agents/coordination/elect.c \
    plugins/agents/coordination/lock.c \
    plugins/agents/coordination/record.c \
    plugins/agents/coordination/record.h \
    plugins/agents/coordination/vote.c
plugins_agents_coordination_coordination_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
plugins_agents_coordination_coordination_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_coordination_coordination_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_coordination_coordination_la_LIBADD = $(TD_PLUGIN_LIBADD)
