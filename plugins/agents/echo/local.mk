# SPDX-License-Identifier: Apache-2.0
nobase_plugin_LTLIBRARIES += plugins/agents/echo/echo.la
nobase_dist_plugin_DATA += plugins/agents/echo/plugin.yaml plugins/agents/echo/conform.yaml \
    plugins/agents/echo/README.md
plugins_agents_echo_echo_la_SOURCES = plugins/agents/echo/echo.c
plugins_agents_echo_echo_la_CPPFLAGS = $(TD_PLUGIN_CPPFLAGS)
plugins_agents_echo_echo_la_CFLAGS = $(TD_PLUGIN_CFLAGS)
plugins_agents_echo_echo_la_LDFLAGS = $(TD_PLUGIN_LDFLAGS)
plugins_agents_echo_echo_la_LIBADD = $(TD_PLUGIN_LIBADD)
