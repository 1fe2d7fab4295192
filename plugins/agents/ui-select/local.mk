# SPDX-License-Identifier: Apache-2.0
tdev_agent_ui_selectdir = $(pkglibdir)/plugins/agents/ui-select
tdev_agent_ui_select_LTLIBRARIES = plugins/agents/ui-select/ui-select.la
dist_tdev_agent_ui_select_DATA = plugins/agents/ui-select/plugin.yaml plugins/agents/ui-select/conform.yaml \
    plugins/agents/ui-select/README.md
tdev_agent_ui_selectdatadir = $(pkglibdir)/plugins/agents/ui-select/data
dist_tdev_agent_ui_selectdata_DATA = plugins/agents/ui-select/data/choices.json
plugins_agents_ui_select_ui_select_la_SOURCES = \
    plugins/agents/ui-select/choices.c \
    plugins/agents/ui-select/select.c \
    plugins/agents/ui-select/select.h \
    plugins/agents/ui-select/ui_select.c
plugins_agents_ui_select_ui_select_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS) -I$(top_srcdir)/plugins/agents/lang
plugins_agents_ui_select_ui_select_la_CFLAGS = $(TD_PLUGIN_CFLAGS) $(UTF8PROC_CFLAGS)
plugins_agents_ui_select_ui_select_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_ui_select_ui_select_la_LIBADD = liblang.la $(TD_PLUGIN_LIBADD) $(UTF8PROC_LIBS)
