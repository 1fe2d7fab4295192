# SPDX-License-Identifier: Apache-2.0
tdev_agent_assemblydir = $(pkglibdir)/plugins/agents/assembly
tdev_agent_assembly_LTLIBRARIES = plugins/agents/assembly/assembly.la
dist_tdev_agent_assembly_DATA = plugins/agents/assembly/plugin.yaml plugins/agents/assembly/conform.yaml \
    plugins/agents/assembly/README.md
plugins_agents_assembly_assembly_la_SOURCES = \
    plugins/agents/assembly/assembly.c \
    plugins/agents/assembly/check.c \
    plugins/agents/assembly/check.h \
    plugins/agents/assembly/css.c \
    plugins/agents/assembly/gather.c \
    plugins/agents/assembly/gather.h \
    plugins/agents/assembly/html.c \
    plugins/agents/assembly/javascript.c \
    plugins/agents/assembly/source.c \
    plugins/agents/assembly/source.h
plugins_agents_assembly_assembly_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents
plugins_agents_assembly_assembly_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_assembly_assembly_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_assembly_assembly_la_LIBADD = libkit.la $(TD_PLUGIN_LIBADD)
