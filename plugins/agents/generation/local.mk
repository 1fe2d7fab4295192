# SPDX-License-Identifier: Apache-2.0
tdev_agent_generationdir = $(pkglibdir)/plugins/agents/generation
tdev_agent_generation_LTLIBRARIES = plugins/agents/generation/generation.la
dist_tdev_agent_generation_DATA = plugins/agents/generation/plugin.yaml \
    plugins/agents/generation/conform.yaml plugins/agents/generation/README.md
plugins_agents_generation_generation_la_SOURCES = \
    plugins/agents/generation/app.h \
    plugins/agents/generation/data.c \
    plugins/agents/generation/escape.c \
    plugins/agents/generation/escape.h \
    plugins/agents/generation/generation.c \
    plugins/agents/generation/info.c \
    plugins/agents/generation/stack.c \
    plugins/agents/generation/stack.h \
    plugins/agents/generation/template.c \
    plugins/agents/generation/template.h
plugins_agents_generation_generation_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents
plugins_agents_generation_generation_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_generation_generation_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_generation_generation_la_LIBADD = libkit.la $(TD_PLUGIN_LIBADD)
