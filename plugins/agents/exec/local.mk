# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/agents/exec/exec.la
nobase_dist_plugin_DATA += plugins/agents/exec/plugin.yaml plugins/agents/exec/conform.yaml \
    plugins/agents/exec/README.md
plugins_agents_exec_exec_la_SOURCES = plugins/agents/exec/exec.c
plugins_agents_exec_exec_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
plugins_agents_exec_exec_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_exec_exec_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_exec_exec_la_LIBADD = $(TD_PLUGIN_LIBADD)
