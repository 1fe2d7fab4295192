# SPDX-License-Identifier: Apache-2.0
tdev_agent_component_decisiondir = $(pkglibdir)/plugins/agents/component-decision
tdev_agent_component_decision_LTLIBRARIES = plugins/agents/component-decision/component-decision.la
dist_tdev_agent_component_decision_DATA = plugins/agents/component-decision/plugin.yaml \
    plugins/agents/component-decision/conform.yaml plugins/agents/component-decision/README.md \
    plugins/agents/component-decision/rules.json
plugins_agents_component_decision_component_decision_la_SOURCES = \
    plugins/agents/component-decision/decide.c \
    plugins/agents/component-decision/facts.c \
    plugins/agents/component-decision/facts.h \
    plugins/agents/component-decision/rules.c \
    plugins/agents/component-decision/rules.h
plugins_agents_component_decision_component_decision_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents
plugins_agents_component_decision_component_decision_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_component_decision_component_decision_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_component_decision_component_decision_la_LIBADD = libkit.la $(TD_PLUGIN_LIBADD)
